"""From the text of a `pipeline.yaml` to the typed spec, or to diagnostics that say what is wrong where."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generator.diagnostics import Diagnostic, SourceText, Span, closest, shown_names
from generator.spec.filling import fill_variables
from generator.spec.foreign_keys import foreign_key_help, foreign_shape_help
from generator.spec.included import include_problems
from generator.spec.model import Spec
from generator.spec.nodes import Document, Path, load_yaml
from generator.spec.variables import Variable


@dataclass(frozen=True, slots=True)
class LoadedSpec:
    """A spec and the document it came from, which knows where everything stands; and the values in it."""

    spec: Spec
    document: Document
    variables: Mapping[str, Variable] = field(default_factory=dict)


def load_spec(source: SourceText) -> tuple[LoadedSpec | None, list[Diagnostic]]:
    """Parses and validates a spec. All findings are returned; the spec is None when any of them is an error."""
    document, problems = load_yaml(source)
    if document is None:
        return None, problems
    problems = [*include_problems(document), *problems]
    variables, unfilled = fill_variables(document)
    if any(problem.code == "S011" for problem in unfilled):
        return None, [*problems, *unfilled]
    problems += unfilled
    try:
        spec = Spec.model_validate(document.data)
    except ValidationError as error:
        return None, problems + findings(document, error, problems)
    return (None if problems else LoadedSpec(spec, document, variables)), problems


def findings(document: Document, error: ValidationError, problems: list[Diagnostic]) -> list[Diagnostic]:
    """What doesn't fit the model, besides the problems of YAML that are known already."""
    found = [_diagnostic(document, details) for details in error.errors(include_url=False)]
    return _without_echoes(document.source, problems, found)


def _without_echoes(source: SourceText, problems: list[Diagnostic], found: list[Diagnostic]) -> list[Diagnostic]:
    """Drops what only follows from a YAML problem of the same line, and what a union of types says twice."""

    def line(span: Span) -> tuple[str, int]:
        file, offset = source.file_at(span.start)
        return file.path, file.line_column(offset)[0]

    lines = {line(problem.span) for problem in problems if problem.span}
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for one in found:
        if one.span is None or line(one.span) not in lines:
            kept.setdefault((one.code, one.span, one.message if one.code == "S003" else ""), one)
    return list(kept.values())


def _diagnostic(document: Document, details: ErrorDetails) -> Diagnostic:
    path = _real_path(document, details["loc"])
    if path and path[-1] == "max_bad_rows":
        message = f"`{_shown(details['input'])}` is neither a count nor a share"
        return Diagnostic("S001", message, document.span(path), help=("write `100` or `1%`",))
    make = _BY_TYPE.get(details["type"], _wrong_value)
    return make(document, path, details)


def _real_path(document: Document, location: tuple[int | str, ...]) -> list[str | int]:
    """Pydantic's location without its own marks, such as the members of a union."""
    path: list[str | int] = []
    data: Any = document.data
    for part in location:
        if (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int)):
            path.append(part)
            inside = isinstance(data, dict) or int(part) < len(data)
            data = data[part] if inside else None  # type: ignore[index, unused-ignore]
    return path


def _unknown_key(document: Document, path: Path, details: ErrorDetails) -> Diagnostic:
    name = str(path[-1])
    known = _keys_allowed(path[:-1])
    near = _ALIEN_KEYS.get(name)
    help: tuple[str, ...] = (f"write `{near}`",) if near in known else ()
    help = help or foreign_key_help(name, known, document.data, path) or _known_keys(name, known)
    return Diagnostic("S002", f"unknown key `{name}`", document.key_span(path), help=help)


def _known_keys(name: str, known: list[str]) -> tuple[str, ...]:
    """The nearest key, or all that there are: nobody knows them by heart."""
    near = closest(name, known)
    return (f"did you mean `{near}`?",) if near is not None else (f"known: {shown_names(sorted(known))}",)


_ALIEN_KEYS = {"from": "source", "where": "filter", "having": "filter", "table": "source", "tests": "expect",
               "columns": "select", "schema": "columns", "location": "path"}  # fmt: skip


def _missing_key(document: Document, path: Path, details: ErrorDetails) -> Diagnostic:
    name = str(details["loc"][-1])
    where = f" in `{path[-1]}`" if path else ""
    return Diagnostic("S003", f"missing key `{name}`{where}", document.key_span(path), f"needs `{name}`")


def _shape(document: Document, path: Path, details: ErrorDetails) -> Diagnostic:
    span = document.span(path) if isinstance(details["input"], str) else document.key_span(path)
    return Diagnostic("S004", details["msg"].removeprefix("Value error, "), span)


def _bad_name(document: Document, path: Path, details: ErrorDetails) -> Diagnostic:
    is_key = details["loc"][-1] == "[key]"
    value = str(details["input"])
    span = document.key_span(path) if is_key else document.span(path)
    if "identifies" in path or "references" in path:
        return Diagnostic("S005", f"`{value}` is not of the form `table.column`", span)
    if "order_by" in path:
        help: tuple[str, ...] = ("write a column and `asc` or `desc`, such as `updated_at desc`",)
        return Diagnostic("S005", f"`{value}` is not an order", span, help=help)
    if path[:1] == ["variables"]:
        return Diagnostic("S005", f"`{value}` is not a name", span, help=("letters, digits and underscores",))
    if "tags" in path[2:]:
        return Diagnostic(
            "S005", f"`{value}` is not a tag", span, help=("letters, digits and any of `_.:/@-`, no spaces",)
        )
    return Diagnostic(
        "S005", f"`{value}` is not a name that Glue and Athena can store", span, help=_name_help(path, value)
    )


def _name_help(path: Path, value: str) -> tuple[str, ...]:
    lower = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in value.lower())
    lower = f"_{lower}" if lower[:1].isdigit() else lower
    if "columns" in path:
        return (f"write `{lower}: {{type: …, key: {value}}}`: `key` keeps the raw spelling",)
    return (f"lower-case letters, digits and underscores: `{lower}`",)


def _bad_choice(document: Document, path: Path, details: ErrorDetails) -> Diagnostic:
    choices = [
        part.strip(" '") for part in str(details.get("ctx", {}).get("expected", "")).replace(" or ", ",").split(",")
    ]
    near = closest(str(details["input"]), choices)
    help = (f"did you mean `{near}`?",) if near else (f"one of {', '.join(f'`{choice}`' for choice in choices)}",)
    return Diagnostic("S006", f"`{path[-1]}` can't be `{_shown(details['input'])}`", document.span(path), help=help)


def _wrong_value(document: Document, path: Path, details: ErrorDetails) -> Diagnostic:
    wanted = _WANTED.get(details["type"])
    where = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
    if path and path[-1] == "source" and isinstance(details["input"], list):
        names = ", ".join(map(str, details["input"]))
        help = (f"write `union: [{names}]`: their rows put together",)
        return Diagnostic("S001", "`source` is one table", document.span(path), help=help)
    if wanted is None:
        message = f"{where}: {details['msg'][:1].lower()}{details['msg'][1:]}"
    else:
        message = f"{where} must be {wanted}, found {_kind(details['input'])}"
    return Diagnostic("S001", message, document.span(path), help=foreign_shape_help(path, details["input"]))


_WANTED = {"string_type": "text", "int_type": "a whole number", "int_parsing": "a whole number",
           "int_from_float": "a whole number", "bool_type": "true or false", "bool_parsing": "true or false",
           "dict_type": "a mapping of keys to values", "model_type": "a mapping of keys to values",
           "model_attributes_type": "a mapping of keys to values",
    "too_short": "at least one", "list_type": "a list"}  # fmt: skip

_BY_TYPE = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "value_error": _shape,
    "string_pattern_mismatch": _bad_name,
    "string_too_long": _bad_name,
    "literal_error": _bad_choice,
}


def _shown(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{_shown(value)}`"


def _keys_allowed(path: Path) -> list[str]:
    """The keys that the model at a path knows."""
    annotation: Any = Spec
    for part in path:
        model = _model_in(annotation)
        if model is not None and isinstance(part, str):
            fields: Mapping[str, Any] = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
            annotation = fields.get(part)
        else:
            annotation = _item_of(annotation)
    model = _model_in(annotation)
    return [f.alias or name for name, f in model.model_fields.items()] if model else []


def _unwrapped(annotation: Any) -> list[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _unwrapped(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(annotation) for one in _unwrapped(part)]
    return [annotation]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    models = (a for a in _unwrapped(annotation) if isinstance(a, type) and issubclass(a, BaseModel))
    return next(models, None)


def _item_of(annotation: Any) -> Any:
    for part in _unwrapped(annotation):
        if typing.get_origin(part) in (list, dict):
            return typing.get_args(part)[-1]
    return None
