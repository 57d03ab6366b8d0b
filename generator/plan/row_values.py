"""Rows that stand in YAML: from its values to Python's of a column's type, exactly, as landing data is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import yaml

from generator.diagnostics import suggestion
from generator.plan.types import Type
from generator.runtime.literals import field_decoder, number_decoder, text_decoder
from generator.runtime.rules import Rejected
from generator.spec.nodes import Document

Value = Any
"""None, bool, int, float, Decimal, str, bytes, date, datetime (in UTC, without a zone), a list, or a dict: of a map by
its keys, of a struct by all of its fields."""
Path = tuple[str | int, ...]

_SPECIAL = {"nan": float("nan"), "infinity": float("inf"), "inf": float("inf")}
"""What doubles are besides numbers; with YAML's dot or without."""


@dataclass(frozen=True, slots=True)
class WrongValue:
    """A value that its column can't hold.

    Attributes:
        code: of the finding.
        path: where it stands.
        at_key: whether the key is meant, not the value.
    """

    code: str
    message: str
    path: Path
    help: tuple[str, ...] = ()
    at_key: bool = False


class Reader:
    """Reads values of one document.

    Attributes:
        wrong: what can't be read, in order.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.wrong: list[WrongValue] = []

    def value(self, data: Any, kind: Type, path: Path, name: str) -> Value:
        """The value at a path for the column `name`; None too where it is wrong."""
        if data is None:
            return None
        if kind.kind == "array":
            return self._array(data, kind, path, name)
        if kind.kind == "map":
            return self._map(data, kind, path, name)
        if kind.kind == "struct":
            return self._struct(data, kind, path, name)
        try:
            return _scalar(data, kind)
        except (Rejected, ValueError, OverflowError) as error:
            self._wrong(data, kind, path, name, error)
            return None

    def _array(self, data: Any, kind: Type, path: Path, name: str) -> Value:
        if not isinstance(data, list):
            return self._wrong(data, kind, path, name)
        return [self.value(one, kind.element, (*path, number), name) for number, one in enumerate(data)]

    def _map(self, data: Any, kind: Type, path: Path, name: str) -> Value:
        if not isinstance(data, dict):
            return self._wrong(data, kind, path, name)
        of_key = kind.fields[0][1]
        found = {}
        for key, one in data.items():
            try:
                read = _parsed(field_decoder(of_key)(key), of_key)
            except (Rejected, KeyError) as error:
                message = f"the key `{key}` is no {of_key}, as those of `{name}` are"
                help = (error.detail,) if isinstance(error, Rejected) else ()
                self.wrong.append(WrongValue("V001", message, (*path, key), help, at_key=True))
                continue
            found[read] = self.value(one, kind.element, (*path, key), name)
        return found

    def _struct(self, data: Any, kind: Type, path: Path, name: str) -> Value:
        if not isinstance(data, dict):
            return self._wrong(data, kind, path, name)
        known = {field.lower(): (field, of) for field, of in kind.fields}
        found: dict[str, Value] = dict.fromkeys(field for field, _ in kind.fields)
        for key, one in data.items():
            if key.lower() not in known:
                help = suggestion(key, (field for field, _ in kind.fields))
                message = f"unknown field `{key}` in `{name}`"
                self.wrong.append(WrongValue("C005", message, (*path, key), help, at_key=True))
                continue
            field, of = known[key.lower()]
            found[field] = self.value(one, of, (*path, key), name)
        return found

    def _wrong(self, data: Any, kind: Type, path: Path, name: str, error: Exception | None = None) -> None:
        nested = "a mapping" if isinstance(data, dict) else "a list" if isinstance(data, list) else ""
        shown = nested or f"`{self._written(data, path)}`"
        help = [*_help(data, kind, shown)] or ([error.detail] if isinstance(error, Rejected) else [])
        self.wrong.append(WrongValue("V001", f"{shown} is no {kind}, as `{name}` is", path, tuple(help)))

    def _written(self, data: Any, path: Path) -> str:
        node = self.document.node(path)
        text = str(node.value if isinstance(node, yaml.ScalarNode) else data)
        return text if len(text) <= 40 else text[:40] + "…"


def _help(data: Any, kind: Type, shown: str) -> Iterator[str]:
    if kind.kind == "string" and not isinstance(data, (dict, list)):
        yield f"text that YAML takes for something else stands in quotes: '{shown.strip('`')}'"
    elif kind.kind in ("date", "timestamp"):
        yield f"write {'2026-01-31' if kind.kind == 'date' else '2026-01-31 05:00:00'}"
    elif kind.kind == "array":
        yield "write [a, b]"
    elif kind.kind in ("struct", "map"):
        yield "write {key: value}"
    elif kind.kind == "boolean":
        yield "write true or false"
    elif kind.is_numeric and isinstance(data, str) and _is_number(data):
        yield f"write it without quotes: {data}"


def _is_number(text: str) -> bool:
    try:
        field_decoder(Type("decimal", 38, 18))(text)
    except Rejected:
        return False
    return True


def _scalar(data: Any, kind: Type) -> Value:
    """A value of YAML as one of a type that isn't nested.

    Raises:
        Rejected, ValueError, OverflowError: it is none.
    """
    if isinstance(data, (dict, list)):
        raise ValueError
    if kind.kind == "boolean":
        return _of(bool, data)
    if kind.is_numeric:
        if isinstance(data, str) and kind.kind in ("double", "float"):
            return _special(data)
        if isinstance(data, bool) or not isinstance(data, (int, Decimal)):
            raise ValueError
        return _parsed(number_decoder(kind)(format(data, "f") if isinstance(data, Decimal) else str(data)), kind)
    text = _of(str, data)
    if kind.kind in ("date", "timestamp"):
        return moment(text) if kind.kind == "timestamp" else date.fromisoformat(text)
    return _parsed(text_decoder(kind)(text), kind)


def _special(text: str) -> float:
    found = _SPECIAL.get(text.lower().lstrip("+-").removeprefix("."))
    if found is None:
        raise ValueError
    return -found if text.startswith("-") else found


def _of(wanted: type, data: Any) -> Any:
    if not isinstance(data, wanted) or (wanted is int and isinstance(data, bool)):
        raise ValueError
    return data


def moment(text: str) -> datetime:
    """A date or timestamp in ISO 8601 as a moment in UTC.

    Raises:
        ValueError, OverflowError: it is none.
    """
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo is not None else found


def of_text(text: str, kind: Type) -> Value:
    """The value of a type that isn't nested that a text is, by the rules of landing data.

    Raises:
        Rejected, ValueError, OverflowError: it is none.
    """
    if kind.kind in ("double", "float") and text.lower().lstrip("+-").removeprefix(".") in _SPECIAL:
        return _special(text)
    if kind.kind == "timestamp":
        return moment(text)
    return date.fromisoformat(text) if kind.kind == "date" else _parsed(field_decoder(kind)(text), kind)


def _parsed(text: str, kind: Type) -> Value:
    """A value from the exact text that the rules of landing data give."""
    if kind.kind == "boolean":
        return text == "true"
    if kind.is_integer:
        return int(text)
    if kind.kind in ("double", "float"):
        return float(text)
    if kind.kind == "decimal":
        return Decimal(text)
    if kind.kind == "date":
        return date.fromisoformat(text)
    if kind.kind == "timestamp":
        return datetime.fromisoformat(text)
    return bytes.fromhex(text.replace("\\x", "")) if kind.kind == "binary" else text
