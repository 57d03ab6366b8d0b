"""A proof by LIKE that a line is regular: cheaper than the expression, for flat lines of known shape.

It rests on DuckDB's reader, which has parsed the line as JSON, and on counting quotes or colons. A pattern such as
`{"user":"%","timestamp":%}` has n quotes. If it matches, and the line doesn't have more than n, then each
quote of the line is the one in the pattern. None of them is escaped: only a quote after a `%` could be, and
that one closes a string; so the string would end at the next key's first quote instead, and a key's first
letter can't follow a string in JSON. Hence the line's keys are the pattern's keys, each once; values in
quotes are strings; the others hold no quote, and their decoded value tells numbers from anything else.

Counting colons does as well where all values are texts or nulls. The first quote of each of the pattern's keys can't
close a string, since a letter follows, and isn't escaped, since a comma or white space stands before it; so each is a
key of the line, and with no other colon there is no other key, at any depth, and no string with a colon. Of a number
it doesn't do: DuckDB decodes `"7"` as it does 7.

`_` is LIKE's wildcard for one character, and escaping it costs the speed; so it is written as `%` within a
key, and finding the value under the exact key makes up for it. Where a key might stand for another one then, as
`col_1` for `col_11`, both line and pattern have `*` for `_`.

Values are tested one by one, or, where they are many, as lists of one kind: DuckDB plans an expression a column for
longer than it reads a thousand lines. A list can't look for the nulls of each key, so it counts them: as many as there
are in the line, where no text could hold one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.plan.types import Type
from generator.run.landing.sql import literal, name
from generator.runtime.literals import EXACT_IN_DOUBLE, INTEGER_BITS
from generator.runtime.rules import LandingColumn
from generator.runtime.shapes import Member, Shape

_PLAIN_KEY = re.compile(r'"[A-Za-z](?:[A-Za-z0-9_]*[A-Za-z0-9])?"')
_MARK = "*"
"""A character that is in no plain key."""
_FEW = 40
"""Keys with `_` that are compared with all others; of more it costs less to mark them."""
_MANY = 100
"""Members of which values are tested as lists."""
# The character before the last brace sorts after white space and comma, as digits and letters do.
_NO_TRAILING_COMMA = "substr(line, -2, 1) > ','"


@dataclass(frozen=True, slots=True)
class Proof:
    """How lines are proven.

    Attributes:
        condition: on `line`, and on `value`, the struct it decodes to.
        types: DuckDB types of that struct, by key: integers are read as doubles, which shows whether they are
            whole; undeclared keys are there as far as the condition needs them.
        lists: further columns that the condition is on, SQL on `value` by their names.
    """

    condition: str
    types: dict[str, str]
    lists: dict[str, str]


def proof(columns: Sequence[LandingColumn], shapes: Sequence[Shape]) -> Proof | None:
    """The proof for lines of those of the shapes that can be proven this way; None if there are none."""
    kinds = {f'"{column.key}"': column.type for column in columns}
    if not all(column.spelling.is_usual for column in columns) or any(
        not (kind.is_integer or kind.kind in ("string", "double")) for kind in kinds.values()
    ):
        return None
    found = {_normal(shape, kinds) for shape in shapes}
    provable = sorted((shape for shape in found if _is_provable(shape, kinds)), key=_size)
    types = _decoded_types(kinds, [member for shape in provable for member in shape])
    if not provable or len({key.lower() for key in types}) < len(types):
        return None
    lists: dict[str, str] = {}
    condition = _any_of([_tests(shape, kinds, lists) for shape in provable])
    return Proof(condition, types, {column: values for values, column in lists.items()})


def _any_of(alternatives: Sequence[Sequence[str]]) -> str:
    """That all tests of one of the alternatives hold; tests common to all are made once."""
    if len(alternatives) == 1:
        return " AND ".join(alternatives[0])
    common = [test for test in alternatives[0] if all(test in others for others in alternatives)]
    rest = (" AND ".join(test for test in one if test not in common) for one in alternatives)
    return " AND ".join([f"(({') OR ('.join(rest)}))", *common])


def _decoded_types(kinds: Mapping[str, Type], members: Sequence[Member]) -> dict[str, str]:
    types = {key: "VARCHAR" if kind.kind == "string" else "DOUBLE" for key, kind in kinds.items()}
    for member in members:
        if member.value == "number":
            types.setdefault(member.key, "DOUBLE")
    for member in members:
        if member.value == "string" and "_" in member.key:
            types.setdefault(member.key, "VARCHAR")
    return {key[1:-1]: kind for key, kind in types.items()}


def _size(shape: Shape) -> tuple[int, str]:
    return -len(shape), str(shape)


def _normal(shape: Shape, kinds: Mapping[str, Type]) -> Shape:
    """The shape with null counted as the number that it stands for."""
    return tuple(
        Member(member.before, member.key, member.colon, "number")
        if member.value == "null" and member.key in kinds and kinds[member.key].kind != "string"
        else member
        for member in shape
    )


def _is_provable(shape: Shape, kinds: Mapping[str, Type]) -> bool:
    keys = [member.key for member in shape]
    return (
        len(set(keys)) == len(keys)
        and all(_PLAIN_KEY.fullmatch(key) for key in keys)
        and all(member.value in ("string", "number", "null") for member in shape)
    )


def _is_marked(shape: Shape) -> bool:
    """Whether `_` in keys has to be told from other text."""
    keys = [member.key for member in shape]
    parted = [key for key in keys if "_" in key]
    return len(parted) > _FEW or any(_may_match(key, other) for key in parted for other in keys if other != key)


def _may_match(key: str, other: str) -> bool:
    """Whether `other` might stand where the pattern of `key` is, with `%` for `_`."""
    first, *_, last = key.split("_")
    return other.startswith(first) and other.endswith(last)


def _tests(shape: Shape, kinds: Mapping[str, Type], lists: dict[str, str]) -> list[str]:
    """Conditions that together prove a line of this shape, the most telling first; adds the lists that they are on."""
    marked = _is_marked(shape)
    pattern = "".join(_segment(member, _MARK if marked else "%") for member in shape) + "}"
    line = f"replace(line, '_', '{_MARK}')" if marked else "line"
    tests = [f"{line} LIKE {literal(pattern)}", _nothing_else(pattern, shape)]
    if any(member.value == "number" for member in shape):
        tests += ["NOT contains(line, 'true')", "NOT contains(line, 'false')"]
    if shape[-1].value == "number":
        tests.append(_NO_TRAILING_COMMA)
    if len(shape) > _MANY:
        return tests + _list_tests(shape, kinds, lists)
    return tests + [test for member in shape if (test := _value_test(member, kinds.get(member.key)))]


def _nothing_else(pattern: str, shape: Shape) -> str:
    """That a line has no other quotes than the pattern's; or no other colons, which are fewer and so found sooner."""
    colons, quotes = _at_most(pattern, ":"), _at_most(pattern, '"')
    only_quotes = any("_" in member.key or member.value == "number" for member in shape)
    return quotes if only_quotes else f"({colons} OR {quotes})"


def _at_most(pattern: str, mark: str) -> str:
    """That a line has no more of a character than its pattern."""
    return f"line NOT LIKE {literal('%' + f'{mark}%' * (pattern.count(mark) + 1))}"


def _segment(member: Member, mark: str) -> str:
    value = {"string": '"%"', "number": "%", "null": "null"}[member.value]
    return member.before + member.key.replace("_", mark) + member.colon + value


def _value_test(member: Member, kind: Type | None) -> str | None:
    value = f"value.{name(member.key[1:-1])}"
    null = f"contains(line, {literal(member.key + member.colon + 'null')})"
    if member.value != "number":
        found = null if member.value == "null" else f"{value} IS NOT NULL"
        return found if "_" in member.key else None
    return f"coalesce({_number_test(value, kind)}, {null})"


def _list_tests(shape: Shape, kinds: Mapping[str, Type], lists: dict[str, str]) -> list[str]:
    """The values' tests, of all those of one kind together."""
    numbers: dict[str, list[str]] = {}
    texts: list[str] = []
    tests: list[str] = []
    for member in shape:
        value = f"value.{name(member.key[1:-1])}"
        if member.value == "number":
            numbers.setdefault(_number_test("v", kinds.get(member.key)), []).append(value)
        elif member.value == "string" and "_" in member.key:
            texts.append(value)
        elif test := _value_test(member, None):
            tests.append(test)
    known = {test: _list(values, lists) for test, values in numbers.items()}
    for test, values in known.items():
        tests.append(f"list_bool_and(list_transform({values}, lambda v: v IS NULL OR ({test})))")
    if texts:
        tests.append(f"{_nulls(_list(texts, lists))} = 0")
    if known:
        tests.append(_nulls_are_told(shape, " + ".join(map(_nulls, known.values()))))
    return tests


def _nulls_are_told(shape: Shape, missing: str) -> str:
    """That numbers that weren't decoded are null in the line: none of them, or as many as the line has."""
    colons = {member.colon for member in shape}
    if len(colons) > 1:
        return f"{missing} = 0"
    null = f"{colons.pop()}null"
    written = f"(strlen(line) - strlen(replace(line, {literal(null)}, ''))) // {len(null)}"
    pattern = "".join(_segment(member, "%") for member in shape)
    fixed = sum(member.value == "null" for member in shape)
    return f"({missing} = 0 OR ({_at_most(pattern, ':')} AND {missing} = {written} - {fixed}))"


def _list(values: Sequence[str], lists: dict[str, str]) -> str:
    """The column with a list of the values."""
    return lists.setdefault(f"[{', '.join(values)}]", name(f"landing.list {len(lists)}"))


def _nulls(values: str) -> str:
    return f"(len({values}) - list_aggregate({values}, 'count'))"


def _number_test(value: str, kind: Type | None) -> str:
    if kind is None or not kind.is_integer:
        return f"isfinite({value})"
    bound = min(2 ** (INTEGER_BITS[kind.kind] - 1), EXACT_IN_DOUBLE)
    return f"{value} > {-bound - 1}::DOUBLE AND {value} < {bound}::DOUBLE AND trunc({value}) = {value}"
