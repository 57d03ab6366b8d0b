"""Fills the values of variables into a spec, before it is read: none is ever left undefined without a word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from generator.diagnostics import Diagnostic, SourceText, closest, suggestion
from generator.spec.nodes import Document, Path, load_yaml
from generator.spec.variables import TYPES, Variable, fill, inferred, parsed

_ELSEWHERE = re.compile(r"\$([A-Za-z_]\w*)|\{\{\s*(\w*).*?\}\}|%(\w+)%")
"""How other tools mention variables: in a path that is never meant as it stands."""
_OF_TABLES = ("filter", "add", "qualify", "aggregate", "select", "sql")


def fill_variables(document: Document) -> tuple[dict[str, Variable], list[Diagnostic]]:
    """Puts values into the document's texts; returns the variables, and what has no value."""
    values, problems = _values(document)
    problems += [*_mentioned_elsewhere(document, values), *fill_texts(document, values)]
    return {name: variable for name, variable in values.items() if variable is not None}, problems


def fill_texts(document: Document, values: Mapping[str, Variable | None]) -> list[Diagnostic]:
    """Puts the values of variables into the document's texts; returns what names none."""
    if "${" not in document.source.whole:
        return []
    filling = _Filling(document, values)
    for section, data in document.data.items():
        if section not in ("variables", "include"):
            document.data[section] = filling.filled(data, (section,))
    return filling.problems


def declared_variables(source: SourceText) -> Collection[str]:
    """The names of a spec's variables; none where that can't be read."""
    document, _ = load_yaml(source)
    declared = document.data.get("variables") if document is not None else None
    return declared if isinstance(declared, dict) else ()


def is_expression(path: Path) -> bool:
    """Whether the text at a path is Spark SQL."""
    match tuple(path):
        case ("subjects", _, "keys", *_) | ("consent", _, "when"):
            return True
        case ("tables", _, key, *_) if key in _OF_TABLES:
            return True
        case ("tables", _, "join", int(), "on") | ("tables", _, "expect", int(), "sql"):
            return True
        case ("tables", _, "unnest", *rest):
            return not rest or rest[-1] == "column" or isinstance(rest[-1], int)
    return False


class _Filling:
    def __init__(self, document: Document, values: Mapping[str, Variable | None]) -> None:
        self.document = document
        self.values = values
        self.known = {name: variable for name, variable in values.items() if variable is not None}
        self.problems: list[Diagnostic] = []

    def filled(self, data: Any, path: tuple[str | int, ...]) -> Any:
        """The data at a path with values in its texts."""
        if isinstance(data, dict):
            return {key: self.filled(value, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.filled(value, (*path, number)) for number, value in enumerate(data)]
        if not isinstance(data, str):
            return data
        return self._text(data, path) if "${" in data else data

    def _text(self, text: str, path: tuple[str | int, ...]) -> Any:
        expression = is_expression(path)
        found = fill(text, self.known, expression)
        for name, start, end in found.unknown:
            if name not in self.values:
                self.problems.append(self._undefined(name, path, start, end))
        alone = re.fullmatch(r"\$\{\s*(\w+)\s*\}", text)
        if alone and not expression and alone[1] in self.known:
            return self.known[alone[1]].value
        self.document.fill(path, found.origins)
        return found.text

    def _undefined(self, name: str, path: Path, start: int, end: int) -> Diagnostic:
        span = self.document.span_in(path, start, end)
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            help = "write `${name}`, or `$${` where the text itself is meant"
            return Diagnostic("S010", "this names no variable", span, help=(help,))
        near = suggestion(name, self.values) if self.values else ()
        declare = f"declare it: `variables: {{{name}: …}}`; or write `$${{` where the text itself is meant"
        return Diagnostic("S010", f"there is no variable `{name}`", span, "not defined", help=(*near, declare))


def _mentioned_elsewhere(document: Document, known: Collection[str]) -> Iterator[Diagnostic]:
    """What other tools fill into paths, and nobody does here."""
    sources = document.data.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        given = source.get("path") if isinstance(source, dict) else None
        at = ("sources", name, "path")
        paths = {(*at, number): one for number, one in enumerate(given)} if isinstance(given, list) else {at: given}
        for path, text in paths.items():
            for found in _ELSEWHERE.finditer(text) if isinstance(text, str) else ():
                yield _mentioned(document, path, found, known)


def _mentioned(document: Document, path: Path, found: re.Match[str], known: Collection[str]) -> Diagnostic:
    name = found[1] or found[2] or found[3] or "name"
    near = closest(name, known)
    help = f"write `${{{near}}}`" if near else f"declare `variables: {{{name}: …}}`, and write `${{{name}}}`"
    span = document.span_in(path, found.start(), found.end())
    return Diagnostic("S010", f"nothing is filled in for `{found[0]}`", span, "not defined", help=(help,))


def _values(document: Document) -> tuple[dict[str, Variable | None], list[Diagnostic]]:
    """The variables by name, None for those without a value; and what is wrong with their values."""
    declared = document.data.get("variables")
    names = declared if isinstance(declared, dict) else {}
    given = dict(document.source.variables)
    problems = [_no_such(document, name, names) for name in given if name not in names]
    values: dict[str, Variable | None] = {}
    for name, said in names.items():
        found = _value(document, name, said, given.get(name))
        values[name] = found if isinstance(found, Variable) else None
        if isinstance(found, Diagnostic):
            problems.append(found)
    return values, problems


def _no_such(document: Document, name: str, names: Mapping[str, Any]) -> Diagnostic:
    span = document.key_span(("variables",)) if document.has(("variables",)) else None
    help = suggestion(name, names) or ("the spec declares none: `variables:`",)
    return Diagnostic("S011", f"--var {name}: there is no such variable", span, help=help)


def _value(document: Document, name: str, said: Any, given: str | None) -> Variable | Diagnostic | None:
    """The value of a variable; None where its declaration is wrong in a way that the models tell."""
    is_short = not isinstance(said, dict)
    default = said if is_short else said.get("default")
    type = None if is_short else said.get("type")
    if isinstance(default, (dict, list)) or (is_short and default is None):
        return None
    if type is None:
        if default is None and given is None:
            return _without_value(document, name)
        type = inferred(default) if default is not None else "string"
    if type not in TYPES:
        return None
    value = default if given is None else given
    if value is None:
        return _without_value(document, name)
    try:
        return Variable(name, type, parsed(type, value))
    except ValueError as error:
        path = ("variables", name) if is_short else ("variables", name, "default")
        place = document.span(path) if given is None else document.key_span(("variables", name))
        shown = f"`{value}`" if given is None else f"--var {name}: `{value}`"
        return Diagnostic("S011", f"{shown} is no {type}", place, f"needs {error}")


def _without_value(document: Document, name: str) -> Diagnostic:
    help = (f"give it with `--var {name}=…`, or write a `default`",)
    return Diagnostic("S011", f"the variable `{name}` has no value", document.key_span(("variables", name)), help=help)
