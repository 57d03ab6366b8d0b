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

Where texts and numbers are all that lines have, the pattern of the first key and the texts will do. The line is JSON
and ends with a brace, so it is an object. Each `"key":"` of the pattern is a key of the line with its text, for the
reasons above, and has four quotes or more. Each number was decoded, which finds it under its exact key in the line's
own object, or its key is there with `null` behind it; that has two quotes or more, and is none of the others. A line
that has no more quotes than these together has exactly those: no other key, none of them twice, no number in quotes.
And each key has a text, a number or a null, so none has an object or an array. The numbers may then stand in any
order. Of a `_` in the key of a text the `%` might find the end of another key: such lines need the whole pattern.

Keys that may be missing, or whose values may be texts or nulls, aren't in the pattern, or their values aren't. Each
that is found, with the comma before it, is a key of the line for the same reason, and each text right after its colon
is its value; these have their own quotes. A line has no more quotes than the pattern and they together; so, again, it
has no other keys and none of them twice.

Values are tested one by one, or, where they are many, as lists of one kind: DuckDB plans an expression a column for
longer than it reads a thousand lines. A list can't look for the nulls of each key, so it counts them: as many as there
are in the line, where no text could hold one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from generator.plan.types import STRING, Type
from generator.run.landing.forms import Form, Key, forms
from generator.run.landing.sql import literal, name
from generator.runtime.literals import EXACT_IN_DOUBLE, INTEGER_BITS
from generator.runtime.rules import LandingColumn
from generator.runtime.shapes import Member, Shape
from generator.runtime.time_patterns import Epoch

Kind = Type | Epoch
"""What numbers and texts are to become."""
_PLAIN_KEY = re.compile(r'"[A-Za-z](?:[A-Za-z0-9_]*[A-Za-z0-9])?"')
_QUOTE = '"'
_MARK = "*"
"""A character that is in no plain key."""
_FEW = 40
"""Keys with `_` that are compared with all others; of more it costs less to mark them."""
_MOST_FORMS = 8
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
            whole; what counts time as text; undeclared keys are there as far as the condition needs them.
        further: columns that the condition is on, too: SQL on `line` and `value` by their names.
        parts: the condition in two, if it can be told apart: what needs no `value`, and the rest.
    """

    condition: str
    types: dict[str, str]
    further: dict[str, str]
    parts: tuple[str, str] | None = None


def proof(columns: Sequence[LandingColumn], shapes: Sequence[Shape], most: int) -> Proof | None:
    """The proof for lines of those of the shapes that can be proven this way; None if there are none.

    Args:
        most: forms that are proven; those of the most keys come first.
    """
    kinds = {f'"{column.key}"': column.epoch or column.type for column in columns}
    if not all(column.epoch or (column.spelling.is_usual and _is_simple(column.type)) for column in columns):
        return None
    found = {_normal(shape, kinds) for shape in shapes}
    fit = (shape for shape in found if _is_provable(shape, kinds))
    provable = list(islice(forms(fit, _MANY), min(most, _MOST_FORMS)))
    types = _decoded_types(kinds, [key for form in provable for key in form])
    if not provable or len({key.lower() for key in types}) < len(types):
        return None
    further: dict[str, str] = {}
    tests = [_tests(form, kinds, further) for form in provable]
    parts = _parts(tests[0]) if len(tests) == 1 and not further else None
    return Proof(_any_of(tests), types, {column: sql for sql, column in further.items()}, parts)


def _is_simple(kind: Type) -> bool:
    return kind.is_integer or kind.kind in ("string", "double")


def _parts(tests: Sequence[str]) -> tuple[str, str]:
    of_value = [test for test in tests if "value." in test]
    of_line = [test for test in tests if test not in of_value]
    return " AND ".join(of_line), " AND ".join(of_value) or "true"


def _any_of(alternatives: Sequence[Sequence[str]]) -> str:
    """That all tests of one of the alternatives hold; tests common to all are made once."""
    if len(alternatives) == 1:
        return " AND ".join(alternatives[0])
    common = [test for test in alternatives[0] if all(test in others for others in alternatives)]
    rest = (" AND ".join(test for test in one if test not in common) for one in alternatives)
    return " AND ".join([f"(({') OR ('.join(rest)}))", *common])


def _decoded_types(kinds: Mapping[str, Kind], keys: Sequence[Key]) -> dict[str, str]:
    types = {key: "DOUBLE" if isinstance(kind, Type) and kind.is_numeric else "VARCHAR" for key, kind in kinds.items()}
    for one in keys:
        if one.value == "number":
            types.setdefault(one.key, "DOUBLE")
    for one in keys:
        if one.value == "string" and "_" in one.key:
            types.setdefault(one.key, "VARCHAR")
    return {key[1:-1]: kind for key, kind in types.items()}


def _normal(shape: Shape, kinds: Mapping[str, Kind]) -> Shape:
    """The shape with null counted as the number that it stands for."""
    return tuple(
        Member(member.before, member.key, member.colon, "number")
        if member.value == "null" and kinds.get(member.key, STRING) != STRING
        else member
        for member in shape
    )


def _is_provable(shape: Shape, kinds: Mapping[str, Kind]) -> bool:
    """Whether its keys are plain, and its values numbers, nulls, and texts that aren't to count time."""
    keys = [member.key for member in shape]
    return (
        len(set(keys)) == len(keys)
        and all(_PLAIN_KEY.fullmatch(key) for key in keys)
        and all(member.value in ("string", "number", "null") for member in shape)
        and not any(member.value == "string" and isinstance(kinds.get(member.key), Epoch) for member in shape)
    )


def _is_marked(form: Form) -> bool:
    """Whether `_` in keys has to be told from other text."""
    keys = [one.key for one in form if one.always]
    parted = [key for key in keys if "_" in key]
    if any(one.is_varied for one in form):
        return bool(parted)
    return len(parted) > _FEW or any(_may_match(key, other) for key in parted for other in keys if other != key)


def _may_match(key: str, other: str) -> bool:
    """Whether `other` might stand where the pattern of `key` is, with `%` for `_`."""
    first, *_, last = key.split("_")
    return other.startswith(first) and other.endswith(last)


def _tests(form: Form, kinds: Mapping[str, Kind], further: dict[str, str]) -> list[str]:
    """Conditions that together prove a line of this form, the most telling first; adds the columns that they are on."""
    marked = _is_marked(form)
    pattern = re.sub("%+", "%", "".join(_segment(one, _MARK if marked else "%") for one in form) + "}")
    varied = {one.key: _Varied.of(one, further) for one in form if one.is_varied}
    pairs = [column for one in varied.values() for column in one.columns]
    if of_texts := _pattern_of_texts(form):
        looks_so, begin = f"line LIKE {literal(of_texts)}", _begin(of_texts)
    elif marked:  # the line itself doesn't begin with the marks that the pattern may begin with
        looks_so, begin = f"replace(line, '_', '{_MARK}') LIKE {literal(pattern)}", ""
    else:
        looks_so, begin = f"line LIKE {literal(pattern)}", _begin(pattern)
    tests = [looks_so, _nothing_else(pattern, form, pairs, begin)]
    if any(one.value == "number" for one in form):
        tests += ["NOT contains(line, 'true')", "NOT contains(line, 'false')"]
    if varied:
        tests.append(f"({_NO_TRAILING_COMMA} OR substr(line, -2, 1) = '\"')")
    elif form[-1].value == "number":
        tests.append(_NO_TRAILING_COMMA)
    if len(form) > _MANY:
        return tests + _list_tests(form, kinds, further)
    for one in form:
        test = _value_test(one, kinds.get(one.key))
        test = varied[one.key].test(test) if one.is_varied else test
        tests += [test] if test else []
    return tests


@dataclass(frozen=True, slots=True)
class _Varied:
    """How lines tell whether they have a key, and whether it is a text: columns, empty where that is known.

    Attributes:
        null: SQL of whether its value is a null.
    """

    is_there: str
    is_text: str
    null: str

    @classmethod
    def of(cls, key: Key, further: dict[str, str]) -> _Varied:
        is_there = "" if key.always else _column(f"contains(line, {literal(key.text)})", further)
        is_text = _column(f"contains(line, {literal(key.text + _QUOTE)})", further) if "string" in key.values else ""
        return cls(is_there, is_text, _is_null(key))

    @property
    def columns(self) -> list[str]:
        """Each stands for a pair of quotes that the pattern doesn't have: those of the key, and of its text."""
        return [column for column in (self.is_there, self.is_text) if column]

    def test(self, number: str | None) -> str:
        """That its value is a text, or null, or a number that passes a test; or that it is missing."""
        value = number or (f"({self.is_text} OR {self.null})" if self.is_text else self.null)
        return f"(NOT {self.is_there} OR {value})" if self.is_there else value


def _pattern_of_texts(form: Form) -> str | None:
    """The pattern of the first key and the texts alone, where it proves as much as that of all keys; None elsewhere.

    Nulls and keys that may be missing aren't counted as it needs them, nor are numbers that are tested as lists found
    key by key. Without a text any object would look like it, also much that isn't JSON.
    """
    numbers = [one for one in form if one.value == "number"]
    texts = [one for one in form if one.value == "string"]
    if (
        not numbers
        or not texts
        or len(numbers) + len(texts) < len(form)
        or any(one.is_varied for one in form)
        or any("_" in one.key for one in texts)
        or len(form) > _MANY
    ):
        return None
    first, last = form[0], form[-1]
    begin = "" if first in texts else f"{first.before if '_' in first.key else first.text}%"
    end = _QUOTE if last in texts else ""
    return f"{begin}{'%'.join(one.text + _QUOTE for one in texts)}%{end}}}"


def _begin(pattern: str) -> str:
    """How lines of a pattern begin."""
    return pattern.partition("%")[0]


def _nothing_else(pattern: str, form: Form, pairs: Sequence[str], begin: str) -> str:
    """That a line has no other quotes than the pattern's; or no other colons, which are fewer and so found sooner.

    Args:
        pairs: columns that are true where there is one more pair of quotes.
        begin: how the line is known to begin.
    """
    if pairs:
        more, least = " + ".join(f"{column}::INT" for column in pairs), pattern.count(_QUOTE)
        cases = (f"WHEN {n} THEN {_at_most(_QUOTE, least + 2 * n, begin)}" for n in range(len(pairs) + 1))
        return f"CASE {more} {' '.join(cases)} END"
    colons, quotes = (_at_most(mark, pattern.count(mark), begin) for mark in (":", _QUOTE))
    only_quotes = any("_" in one.key or one.value == "number" for one in form)
    return quotes if only_quotes else f"({colons} OR {quotes})"


def _at_most(mark: str, number: int, begin: str = "") -> str:
    """That a line, known to begin so, has a character no more often."""
    more = number + 1 - begin.count(mark)
    return f"line NOT LIKE {literal(begin + '%' + f'{mark}%' * more)}"


def _segment(key: Key, mark: str) -> str:
    if not key.always:
        return "%"
    value = {"string": '"%"', "number": "%", "null": "null", "": "%"}[key.value]
    return key.before + key.key.replace("_", mark) + key.colon + value


def _is_null(key: Key) -> str:
    return f"contains(line, {literal(key.key + key.colon + 'null')})"


def _value_test(key: Key, kind: Kind | None) -> str | None:
    value = f"value.{name(key.key[1:-1])}"
    if key.value != "number":
        found = _is_null(key) if key.value == "null" else f"{value} IS NOT NULL"
        return found if "_" in key.key and not key.is_varied else None
    return f"coalesce({_number_test(value, kind)}, {_is_null(key)})"


def _list_tests(form: Form, kinds: Mapping[str, Kind], further: dict[str, str]) -> list[str]:
    """The values' tests, of all those of one kind together."""
    numbers: dict[str, list[str]] = {}
    texts: list[str] = []
    tests: list[str] = []
    for one in form:
        value = f"value.{name(one.key[1:-1])}"
        if one.value == "number":
            numbers.setdefault(_number_test("v", kinds.get(one.key)), []).append(value)
        elif one.value == "string" and "_" in one.key:
            texts.append(value)
        elif test := _value_test(one, None):
            tests.append(test)
    known = {test: _list(values, further) for test, values in numbers.items()}
    for test, values in known.items():
        tests.append(f"list_bool_and(list_transform({values}, lambda v: v IS NULL OR ({test})))")
    if texts:
        tests.append(f"{_nulls(_list(texts, further))} = 0")
    if known:
        tests.append(_nulls_are_told(form, " + ".join(map(_nulls, known.values()))))
    return tests


def _nulls_are_told(form: Form, missing: str) -> str:
    """That numbers that weren't decoded are null in the line: none of them, or as many as the line has."""
    colons = {one.colon for one in form}
    if len(colons) > 1:
        return f"{missing} = 0"
    null = f"{colons.pop()}null"
    written = f"(strlen(line) - strlen(replace(line, {literal(null)}, ''))) // {len(null)}"
    pattern = "".join(_segment(one, "%") for one in form)
    fixed = sum(one.value == "null" for one in form)
    return f"({missing} = 0 OR ({_at_most(':', pattern.count(':'))} AND {missing} = {written} - {fixed}))"


def _list(values: Sequence[str], further: dict[str, str]) -> str:
    """The column with a list of the values."""
    return _column(f"[{', '.join(values)}]", further)


def _column(sql: str, further: dict[str, str]) -> str:
    """The column with the value of some SQL."""
    return further.setdefault(sql, name(f"landing.further {len(further)}"))


def _nulls(values: str) -> str:
    return f"(len({values}) - list_aggregate({values}, 'count'))"


def _number_test(value: str, kind: Kind | None) -> str:
    if isinstance(kind, Epoch):  # a text, which tells what is spelled with a fraction or an exponent
        return f"regexp_full_match({value}, {literal(kind.whole)})"
    if kind is None or not kind.is_integer:
        return f"isfinite({value})"
    bound = min(2 ** (INTEGER_BITS[kind.kind] - 1), EXACT_IN_DOUBLE)
    return f"{value} > {-bound - 1}::DOUBLE AND {value} < {bound}::DOUBLE AND trunc({value}) = {value}"
