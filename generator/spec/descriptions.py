"""What the spec's models say of themselves: the docstrings under their fields, for the schema and the reference."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache

from generator.spec import model as spec_model


@cache
def descriptions() -> Mapping[str, Mapping[str, str]]:
    """For each model its fields' descriptions by key, and its own under an empty key; in the order of the file."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(spec_model)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields = found[node.name] = {"": ast.get_docstring(node) or ""}
        for field, after in zip(node.body, node.body[1:], strict=False):
            text = _text(after)
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and text:
                fields[field.target.id.rstrip("_")] = text
    return found


def _text(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return None
