"""The narrowest type that holds every value of a column, by the rules of landing data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from generator.author.landing.looks import Look
from generator.author.landing.profile import ColumnProfile
from generator.author.landing.records import Field
from generator.author.names import tokens
from generator.plan.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    MAX_NAME,
    STRING,
    TIMESTAMP,
    Type,
    array,
    decimal,
    map_of,
    struct,
)
from generator.runtime.spelling import USUAL, Spelling
from generator.runtime.words import plural

FIELD = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{MAX_NAME - 1}}}")
_MONEY = frozenset("amount price total subtotal cost fee fees tax revenue balance salary discount money paid".split())
_GROWING = frozenset("id ids key no number num count counter seq sequence offset".split())
_MAP_KEYS = 40
_MISTAKES = 0.01
_MANY = 10
_FEW = 0.1
_OF_LOOKS = {Look.NUMBER: "numbers", Look.DATE: "dates", Look.TIMESTAMP: "timestamps"}


@dataclass(frozen=True, slots=True)
class Inferred:
    """A column's type.

    Attributes:
        type: None when no type can hold the values.
        misfits: values that the type doesn't hold; their lines go to quarantine.
        remarks: what to know about it.
        spelling: of its values, where that isn't as usual.
    """

    type: Type | None
    misfits: int = 0
    remarks: tuple[str, ...] = ()
    spelling: Spelling = USUAL


def infer(column: ColumnProfile) -> Inferred:
    """The type of a column; of mixed values the type that most have."""
    if column.given is not None:
        return Inferred(column.given)
    if not column.values:
        return Inferred(STRING, remarks=("always null so far: the type is a guess",))
    groups = {
        "text": column.kinds["string"],
        "field": column.kinds["field"],
        "number": column.kinds["int"] + column.kinds["number"],
        "boolean": column.kinds["boolean"],
        "object": column.kinds["object"],
        "array": column.kinds["array"],
    }
    group = max(groups, key=lambda name: groups[name])
    misfits = column.values - groups[group]
    found = _INFER[group](column)
    mixed = (f"{misfits:,} of {plural(column.values, 'value')} are of another kind",) if misfits else ()
    return Inferred(found.type, found.misfits + misfits, (*mixed, *found.remarks), found.spelling)


def _text(column: ColumnProfile) -> Inferred:
    texts = column.looks.total()
    for wanted, kind in ((Look.DATE, DATE), (Look.TIMESTAMP, TIMESTAMP)):
        if column.looking(wanted) == texts:
            return Inferred(kind)
    return _spelled(column, times_only=True)


def _field(column: ColumnProfile) -> Inferred:
    fields = column.looks.total()
    if column.looking(Look.BOOLEAN) == fields:
        return Inferred(BOOLEAN)
    if column.looking(Look.NUMBER) == fields:
        return _number(column)
    for wanted, kind in ((Look.DATE, DATE), (Look.TIMESTAMP, TIMESTAMP)):
        if column.looking(wanted) == fields:
            return Inferred(kind)
    return _spelled(column, times_only=False)


def _spelled(column: ColumnProfile, *, times_only: bool) -> Inferred:
    """The type of texts that are spelled in a way of their own; if there is none, they are texts."""
    found, doubt = column.texts.best(times_only=times_only)
    remarks = (doubt,) if doubt else ()
    if found is None:
        null = () if times_only else column.texts.words_for_null
        return Inferred(STRING, 0, remarks or _nearly(column, times_only=times_only), Spelling(null=null))
    if found.misfits:
        remarks = (f"{found.misfits:,} of {plural(column.values, 'value')} are spelled in another way",)
    if found.kind is not DOUBLE:
        return Inferred(found.kind, found.misfits, remarks, found.whole)
    numbers = ColumnProfile(column.key)
    for number in found.numbers.values():
        numbers.add(Field(number))
    return Inferred(_number(numbers).type, found.misfits, remarks, found.whole)


def _nearly(column: ColumnProfile, *, times_only: bool) -> tuple[str, ...]:
    """A remark on texts that would be something else but for a few, such as the last line's `Total`."""
    texts = column.looks.total()
    for wanted, word in _OF_LOOKS.items():
        others = texts - column.looking(wanted)
        if others <= texts * _FEW and not (times_only and wanted is Look.NUMBER):
            return (f"all but {others:,} of {plural(texts, 'value')} are {word}",)
    return ()


def _number(column: ColumnProfile) -> Inferred:
    integers = column.kinds["int"] + column.looking(Look.INTEGER)
    others = column.kinds["int"] + column.kinds["number"] + column.looking(Look.NUMBER) - integers
    if others > column.unusual or others >= integers:
        return Inferred(_fraction(column))
    if column.beyond > integers / 2 or (column.beyond > integers * _MISTAKES and column.beyond >= _MANY):
        return Inferred(decimal(38, 0), remarks=("integers beyond 64 bits",))
    small = max(-column.low, column.high) < 2**30
    kind = INT if small and not set(tokens(column.key)) & _GROWING else BIGINT
    remarks = (f"{plural(column.beyond, 'integer')} beyond 64 bits",) if column.beyond else ()
    return Inferred(kind, column.beyond, remarks)


def _fraction(column: ColumnProfile) -> Type:
    """Money is exact; everything else with a fraction is a double."""
    digits = max(column.whole, len(str(max(-column.low, column.high))))
    if set(tokens(column.key)) & _MONEY and column.scale <= 4 and digits <= 14:
        return decimal(18, max(column.scale, 2))
    return DOUBLE


def _part(column: ColumnProfile) -> Inferred:
    """The type of a part of a nested value. Only columns say how their values are spelled: parts stay texts."""
    found = infer(column)
    return found if found.spelling.is_usual else Inferred(STRING, column.values - column.kinds["string"])


def _array(column: ColumnProfile) -> Inferred:
    element = _part(column.element) if column.element is not None else Inferred(STRING)
    if element.type is None:
        return Inferred(None, 0, element.remarks)
    return Inferred(array(element.type), element.misfits, element.remarks)


def _object(column: ColumnProfile) -> Inferred:
    """A struct; a map where the keys are data themselves, or can't all be names of fields."""
    parts = {key: _part(part) for key, part in column.fields.items()}
    if not parts:
        return Inferred(map_of(STRING, STRING), remarks=("always empty so far: the type is a guess",))
    named = {key: part for key, part in parts.items() if FIELD.fullmatch(key) and part.type is not None}
    lower = Counter(key.lower() for key in parts)
    usually = {key.lower(): key for key in sorted(named, key=lambda key: column.fields[key].values)}
    fields = {key: part for key, part in named.items() if usually[key.lower()] == key}
    clash = sum(column.fields[key].values for key in parts if key not in fields and key.lower() in usually)
    usual = sum(part.values for part in column.fields.values()) / (len(parts) * column.kinds["object"])
    keys_are_data = not fields or clash or len(lower) < len(parts) or (len(parts) >= _MAP_KEYS and usual < 0.5)
    kinds = {part.type for key, part in parts.items() if column.fields[key].values} or {STRING}
    if keys_are_data and len(kinds) == 1 and None not in kinds:
        (kind,) = (kind for kind in kinds if kind is not None)
        return Inferred(map_of(STRING, kind), sum(part.misfits for part in parts.values()))
    if not fields:
        return Inferred(None, remarks=("an object whose keys are no plain names, as fields of a struct have to be",))
    return _struct(fields, len(parts) - len(fields), clash)


def _struct(fields: Mapping[str, Inferred], left_out: int, clash: int) -> Inferred:
    """`clash` counts values under keys that differ from a field only in case; their lines go to quarantine."""
    keys = f"{left_out} of its {plural(len(fields) + left_out, 'key')}"
    shown = f"{keys} {'is' if left_out == 1 else 'are'} left out: no plain name, or one that differs in case alone"
    inner = (remark for part in fields.values() for remark in part.remarks if "so far" not in remark)
    kind = struct(*((key, part.type) for key, part in fields.items() if part.type is not None))
    misfits = clash + sum(part.misfits for part in fields.values())
    return Inferred(kind, misfits, (*((shown,) if left_out else ()), *list(inner)[:1]))


_INFER = {"text": _text, "field": _field, "number": _number, "boolean": lambda _: Inferred(BOOLEAN),
          "object": _object, "array": _array}  # fmt: skip
