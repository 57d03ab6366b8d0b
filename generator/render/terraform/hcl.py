"""Values as HCL expressions, laid out as `terraform fmt` leaves them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 110
_PLAIN_KEY = re.compile(r"(?!(?:for|true|false|null)$)[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(32), 127)}
_ESCAPES |= {ord(char): escape for char, escape in zip('\\"\n\r\t', ("\\\\", '\\"', "\\n", "\\r", "\\t"), strict=True)}


def to_hcl(value: Any, level: int = 0) -> str:
    """The text of a value whose first line stands in a line that is indented by `level` steps.

    Mappings become objects with an attribute a line; objects in sequences stand in one line each. A string is one
    quoted literal, whatever is in it: a heredoc would end at a line of the text itself.
    """
    if isinstance(value, Mapping):
        return _object(value, level)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _tuple(value, level)
    return _inline(value)


def quoted(text: str) -> str:
    """A string literal that Terraform reads as exactly this text."""
    return f'"{_without_templates(text.translate(_ESCAPES))}"'


def _without_templates(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _object(value: Mapping[str, Any], level: int) -> str:
    if not value:
        return "{}"
    pad = "  " * (level + 1)
    items = [(_key(key), to_hcl(item, level + 1)) for key, item in value.items()]
    lines = (f"{pad}{key:<{width}} = {text}\n" for (key, text), width in zip(items, _widths(items), strict=True))
    return "{\n" + "".join(lines) + "  " * level + "}"


def _widths(items: Sequence[tuple[str, str]]) -> list[int]:
    """How wide each key is set: `=` stand below each other in neighbouring lines; a value of several ends the group."""
    widths: list[int] = []
    group = 0
    for key, text in items:
        if "\n" in text:
            widths.append(len(key))
            group = len(widths)
            continue
        widest = max([len(key), *widths[group:]])
        widths[group:] = [widest] * (len(widths) - group + 1)
    return widths


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else quoted(key)


def _tuple(value: Sequence[Any], level: int) -> str:
    parts = [_inline(item) for item in value]
    line = f"[{', '.join(parts)}]"
    if not any(isinstance(item, Mapping) for item in value) and len(line) <= WIDTH:
        return line
    pad = "  " * (level + 1)
    return "[\n" + "".join(f"{pad}{part},\n" for part in parts) + "  " * level + "]"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    return f"[{', '.join(map(_inline, value))}]"
