"""One line of JSON: a row, or the reason why not. These are the rules; SQL only goes faster."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

from .literals import Number, field_decoder, number_decoder, shown, text_decoder
from .rules import MAX_RECORD, LandingColumn, Reason, Rejected
from .spelled_values import null_decoder, spelled_decoder
from .types import Type

MAX_DEPTH = 100
MOST_EXTRA_KEYS = 10_000
"""So many undeclared keys are remembered: data that uses names as values has any number of them."""
WHITE_SPACE = " \t\r\n\v\f"

Canonical: TypeAlias = "str | list[Canonical] | dict[str, Canonical] | None"
T = TypeVar("T")


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it stands, duplicate keys included."""


def _refuse_constant(text: str) -> None:
    raise Rejected(Reason.BROKEN_JSON, f"{text} is not JSON")


_SCANNER = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class JsonLines:
    """Decodes lines for a source's columns.

    Attributes:
        extra_keys: keys that no column declares, of all lines decoded so far; nested ones as `a.b`. Not all where there
            are very many.
    """

    def __init__(self, columns: Sequence[LandingColumn], *, refuses_new: bool = False) -> None:
        """Sets up the rules; `refuses_new` rejects lines with undeclared keys, wherever they stand."""
        self.extra_keys: set[str] = set()
        met = _Refusing() if refuses_new else self.extra_keys
        decoders = [(one.name, one.key, _column(one, met)) for one in columns]
        self._decode = _object(decoders, "", met)

    def decode(self, line: bytes) -> dict[str, Canonical]:
        """Values by column name, each as text that casts to its type without loss.

        Raises:
            Rejected: with the first reason found: text, syntax, keys as they come, values by column.
        """
        return self._decode(parse(utf8(line if len(line) <= MAX_RECORD else line.strip())))


class _Refusing(set[str]):
    """In place of the undeclared keys: lets none in."""

    def add(self, key: str) -> None:
        raise Rejected(Reason.NEW_KEY, f"key `{key}` is not declared")


def utf8(line: bytes) -> str:
    """The text of a line.

    Raises:
        Rejected: it isn't UTF-8, or too long.
    """
    if len(line) > MAX_RECORD:
        raise Rejected(Reason.TOO_LONG, f"more than {MAX_RECORD:,} bytes")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        detail = f"byte {line[error.start]:#04x} at position {error.start + 1} is not UTF-8"
        raise Rejected(Reason.INVALID_UTF8, detail) from None


def parse(text: str) -> Pairs:
    """The object on a line, by RFC 8259 to the letter.

    Raises:
        Rejected: for anything else.
    """
    text = text.strip(WHITE_SPACE)
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Rejected(Reason.BROKEN_JSON, f"nested deeper than {MAX_DEPTH} levels")
    try:
        value, end = _SCANNER.raw_decode(text)
    except json.JSONDecodeError:
        raise Rejected(Reason.BROKEN_JSON, "not valid JSON") from None
    if rest := text[end:].strip(WHITE_SPACE):
        raise Rejected(Reason.TEXT_AFTER_VALUE, f"{shown(rest)} follows the first value")
    if "\\u" in text:
        _refuse_lone_surrogates(value)
    if type(value) is not Pairs:
        raise Rejected(Reason.NOT_AN_OBJECT, f"{described(value)} where an object belongs")
    return value


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _refuse_lone_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Rejected(Reason.BROKEN_JSON, "half of a surrogate pair is no character") from None


def described(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, Number):
        return f"the number {shown(value)}"
    if isinstance(value, str):
        return f"the string {shown(value)}"
    if isinstance(value, bool):
        return f"the boolean `{str(value).lower()}`"
    return "an object" if isinstance(value, Pairs) else "an array"


def _column(column: LandingColumn, extra_keys: set[str]) -> Callable[[Any], Canonical]:
    """Decoder of a column's values that aren't null: strings in its own spelling, all else as usual."""
    kind, spelling = column.type, column.spelling
    usual = _value(kind, column.key, extra_keys)
    if spelling.is_usual:
        return usual
    read = _located(spelled_decoder(kind, spelling), column.key)
    is_null, reads_text, counts_time = null_decoder(spelling), spelling.reads_text(kind), spelling.counts_time

    def decode(value: object) -> Canonical:
        if type(value) is str:
            return read(value) if reads_text else None if is_null(value) else usual(value)
        return read(value) if counts_time and type(value) is Number else usual(value)

    return decode


def _value(kind: Type, path: str, extra_keys: set[str]) -> Callable[[Any], Canonical]:
    """Decoder of a value that isn't null; `path` names it in messages."""
    if kind.kind == "array":
        return _array(kind, path, extra_keys)
    if kind.kind == "struct":
        decoders = [(name, name, _value(part, f"{path}.{name}", extra_keys)) for name, part in kind.fields]
        return _of_python_type(Pairs, _object(decoders, f"{path}.", extra_keys), kind, path)
    if kind.kind == "map":
        return _map(kind, path, extra_keys)
    return _scalar(kind, path)


def _scalar(kind: Type, path: str) -> Callable[[Any], str]:
    if kind.kind == "boolean":
        return _of_python_type(bool, lambda value: "true" if value else "false", kind, path)
    expected, convert = (Number, number_decoder(kind)) if kind.is_numeric else (str, text_decoder(kind))
    return _of_python_type(expected, _located(convert, path), kind, path)


def _located(convert: Callable[[str], T], path: str) -> Callable[[str], T]:
    def decode(text: str) -> T:
        try:
            return convert(text)
        except Rejected as rejected:
            raise Rejected(rejected.reason, f"`{path}`: {rejected.detail}") from None

    return decode


def _of_python_type(expected: type, convert: Callable[[Any], T], kind: Type, path: str) -> Callable[[Any], T]:
    def decode(value: object) -> T:
        if type(value) is not expected:
            detail = f"`{path}`: {described(value)} where {kind.kind} belongs"
            raise Rejected(Reason.WRONG_TYPE, detail)
        return convert(value)

    return decode


def _array(kind: Type, path: str, extra_keys: set[str]) -> Callable[[Any], Canonical]:
    element = _value(kind.element, f"{path}[]", extra_keys)

    def decode(values: Iterable[object]) -> list[Canonical]:
        return [None if value is None else element(value) for value in values]

    return _of_python_type(list, decode, kind, path)


def _map(kind: Type, path: str, extra_keys: set[str]) -> Callable[[Any], Canonical]:
    key_of = _located(field_decoder(kind.fields[0][1]), path)
    element = _value(kind.element, f"{path}[]", extra_keys)

    def decode(pairs: Pairs) -> dict[str, Canonical]:
        found: dict[str, Canonical] = {}
        for text, value in pairs:
            key = key_of(text)
            if key in found:
                raise Rejected(Reason.DUPLICATE_KEY, f"`{path}` has the key {shown(text)} twice")
            found[key] = None if value is None else element(value)
        return found

    return _of_python_type(Pairs, decode, kind, path)


def _object(
    decoders: Sequence[tuple[str, str, Callable[[Any], Canonical]]], prefix: str, extra_keys: set[str]
) -> Callable[[Pairs], dict[str, Canonical]]:
    """Decoder of an object by name, key and decoder of each field; keys have to be spelled as declared."""
    declared = {key for _, key, _ in decoders}
    by_lower = {key.lower(): key for key in declared}

    def sort_out(key: str) -> None:
        if meant := by_lower.get(key.lower()):
            raise Rejected(Reason.WRONG_CASE, f"key `{prefix}{key}` where `{prefix}{meant}` is declared")
        if len(extra_keys) < MOST_EXTRA_KEYS:
            extra_keys.add(prefix + key)

    def decode(pairs: Pairs) -> dict[str, Canonical]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key not in declared:
                sort_out(key)
            elif key in found:
                raise Rejected(Reason.DUPLICATE_KEY, f"key `{prefix}{key}` appears twice")
            else:
                found[key] = value
        return {name: None if (value := found.get(key)) is None else convert(value) for name, key, convert in decoders}

    return decode
