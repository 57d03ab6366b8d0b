"""Lines that DuckDB proves by LIKE: keys with underscores, keys that may be missing or null, texts and numbers."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pytest

from generator.plan.types import BIGINT, DOUBLE, STRING, Type
from generator.run.landing import flat, forms
from generator.runtime.json_lines import JsonLines
from generator.runtime.rules import LandingColumn
from generator.runtime.shapes import Member, shapes_of

COLUMNS = (LandingColumn("col_1", "col_1", BIGINT), LandingColumn("col_11", "col_11", STRING))


S, N, D = STRING, BIGINT, DOUBLE


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connected:
        yield connected


def holds(proof: flat.Proof, connection: duckdb.DuckDBPyConnection, line: str) -> bool:
    types = "{" + ", ".join(f'"{key}": "{kind}"' for key, kind in proof.types.items()) + "}"
    further = "".join(f", {sql} AS {column}" for column, sql in proof.further.items())
    query = f"SELECT *{further} FROM (SELECT $1 AS line, json_transform($1, '{types}') AS value)"
    return bool(connection.execute(f"SELECT {proof.condition} FROM ({query})", [line]).fetchall()[0][0])


def test_keys_with_underscores_are_told_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """`col_1` in a pattern of wildcards would be `col_11`, too."""
    members = (Member("{", '"col_1"', ":", "number"), Member(",", '"col_11"', ":", "string"))
    found = flat.proof(COLUMNS, [members], 1)
    assert found is not None

    def proven(line: str) -> bool:
        return holds(found, connection, line)

    assert proven('{"col_1":5,"col_11":"a_b*c"}')
    assert proven('{"col_1":null,"col_11":"x"}')
    assert not proven('{"col*1":5,"col_11":"x"}')
    assert not proven('{"col_11":5,"col_1":"7"}')
    assert not proven('{"colx1":5,"col_11":"x"}')


USUAL = (
    '{"a":"x","n":1,"b":"y","c":2,"d":3}',
    '{"a":"x","b":null,"d":3}',
    '{"a":"x","n":1,"d":3}',
    '{"a":"x","n":1,"b":"y","d":3,"e":"z"}',
    '{"a":null,"c":2,"d":3}',
)
ODD = (
    '{"a":"x","n":"1","b":"y","c":2,"d":3}',
    '{"a":"x","n":1,"n":2,"d":3}',
    '{"a":"x","b":null,"b":"y","d":3}',
    '{"a":"x","b":7,"d":3}',
    '{"a":"x","b":"y","c":{"d":3}}',
    '{"a":"x","c":[{"n":1}],"d":3}',
    '{"a":7,"d":3}',
    '{"a":"x","d":3,}',
    '{"a":"x","d":true}',
    '{"a":"x","d":3,"e":5}',
    '{"a":"x","d":3,"f":5}',
    '{"a":"x\\"","d":3}',
    '{"a":"x","n": 1,"d":"3"}',
    '{"n":1,"d":3}',
)


def test_keys_may_be_missing_and_texts_null(connection: duckdb.DuckDBPyConnection) -> None:
    """Lines of one form are proven together: no others that have as many quotes."""
    columns = [LandingColumn(key, key, kind) for key, kind in zip("andbce", (S, N, N, S, N, S), strict=True)]
    shapes = list(shapes_of([line.encode() for line in USUAL], JsonLines(columns)))
    assert len(list(forms.forms(shapes, 100))) == 1
    found = flat.proof(columns, shapes, 1)
    assert found is not None
    assert [line for line in (*USUAL, *ODD) if holds(found, connection, line)] == list(USUAL)
    proven_apart = flat.proof(columns, shapes[:1], 1)
    assert proven_apart is not None and [line for line in USUAL if holds(proven_apart, connection, line)] == [USUAL[0]]


def test_lines_in_another_order_or_spacing_are_of_another_form() -> None:
    columns = [LandingColumn(key, key, N) for key in "abc"]
    texts = ('{"a":1,"b":2}', '{"b":1,"a":2}', '{"a":1,"c":3}', '{"a": 1, "b": 2}')
    found = list(forms.forms(shapes_of([text.encode() for text in texts], JsonLines(columns)), 100))
    assert [[(key.key, key.always) for key in form] for form in found] == [
        [('"a"', True), ('"b"', True)],
        [('"a"', True), ('"c"', False), ('"b"', False)],
        [('"b"', True), ('"a"', True)],
    ]


def test_a_form_has_no_more_keys_than_are_tested_one_by_one() -> None:
    columns = [LandingColumn(f"k{n}", f"k{n}", N) for n in range(40)]
    texts = ['{"k0":1' + f',"k{n}":1' + "}" for n in range(1, 40)]
    found = list(forms.forms(shapes_of([text.encode() for text in texts], JsonLines(columns)), 25))
    assert [len(form) for form in found] == [25, 16]


FORMS = (
    ((("user", S), ("at", N), ("x", D), ("y", D)), '{"user":"a@b","at":5,"x":1.5,"y":-2}'),
    ((("at", N), ("serial", S), ("n", N)), '{"at":5,"serial":"a","n":7}'),
    ((("n", N), ("a", S)), '{"n": 5, "a": "x"}'),
    ((("a", S), ("b", S), ("n", N)), '{"a":"x","b":"y","n":1}'),
    ((("col_1", N), ("col_11", N), ("a", S)), '{"col_1":1,"col_11":2,"a":"x"}'),
    ((("a", N), ("b", D)), '{"a":1,"b":2}'),
    ((("at", N), ("a", S), ("b", S)), '{"at":1,"a":"x","b":"y"}'),
    ((("x_b", S), ("q_b", N)), '{"x_b":"a","q_b":1}'),
    ((("col_1", N), ("col_11", S)), '{"col_1":1,"col_11":"a"}'),
)
"""Columns, and a line of theirs."""


@pytest.mark.parametrize(("fields", "line"), FORMS, ids=[line for _, line in FORMS])
def test_what_is_proven_has_each_key_once_with_a_value_of_its_kind(
    connection: duckdb.DuckDBPyConnection, fields: tuple[tuple[str, Type], ...], line: str
) -> None:
    """Of thousands of lines that are nearly right; what they hold is found by Python's reader of JSON."""
    columns = [LandingColumn(key, key, kind) for key, kind in fields]
    found = flat.proof(columns, list(shapes_of([line.encode()], JsonLines(columns))), 1)
    assert found is not None
    lines = sorted({line, *_nearly(line, [key for key, _ in fields])})
    types = json.dumps(found.types)
    answers = connection.execute(
        f"SELECT line, {found.condition} FROM (SELECT line, json_transform(line, '{types}') AS value"
        " FROM (SELECT unnest($1) AS line) WHERE json_valid(line))",
        [lines],
    ).fetchall()
    kinds = dict(fields)
    right = {one for one, _ in answers if _is_as_declared(one, kinds)}
    proven = {one for one, is_proven in answers if is_proven}
    assert proven - right == set()
    assert line in proven and len(proven) > 10 and len(answers) - len(right) > 1_000


def test_the_end_of_another_key_is_not_taken_for_the_key_of_a_text(connection: duckdb.DuckDBPyConnection) -> None:
    columns = [LandingColumn(key, key, kind) for key, kind in (("x_b", S), ("q_b", N), ("z", N))]
    found = flat.proof(columns, list(shapes_of([b'{"x_b":"a","q_b":5,"z":1}'], JsonLines(columns))), 1)
    assert found is not None and holds(found, connection, '{"x_b":"a","q_b":5,"z":1}')
    assert not holds(found, connection, '{"x_b":5,"q_b":"5","z":1}')


def test_a_null_that_nothing_is_declared_of_is_a_key_of_the_line(connection: duckdb.DuckDBPyConnection) -> None:
    columns = [LandingColumn("a", "a", S), LandingColumn("n", "n", N)]
    found = flat.proof(columns, list(shapes_of([b'{"a":"x","z":null,"n":1}'], JsonLines(columns))), 1)
    assert found is not None and holds(found, connection, '{"a":"x","z":null,"n":1}')
    assert not holds(found, connection, '{"a":"x","n":1,"n":2}')


def test_what_is_no_json_does_not_look_like_a_line_of_numbers() -> None:
    """`json_transform` fails at it, which costs the scan of plain lines another reading of the file."""
    columns = [LandingColumn("c_1", "c_1", N)]
    found = flat.proof(columns, list(shapes_of([b'{"c_1":1}'], JsonLines(columns))), 1)
    assert found is not None and found.parts is not None
    for line, looks_so in (('{"c_1":1}', True), ("{'c_1':1}", False), ("{c_1:1}", False)):
        assert duckdb.execute(f"SELECT {found.parts[0]} FROM (SELECT $1 AS line)", [line]).fetchall() == [(looks_so,)]


def _nearly(line: str, keys: Sequence[str]) -> Iterator[str]:
    """A line with its members changed, left out, repeated or swapped; and with other text in up to three places."""
    members = line[1:-1].split(",")
    named = [f'"{key}":' for key in (*keys, *(f"x_{key}" for key in keys), r"\"" + keys[-1], r"\u0061")]
    values = ("5", "1.5", "1e3", "NaN", '"z"', '"5"', '"', "true", "false", "null", "{}", "[1]", '"x\\"y"', '"a,b:c"')
    pieces = (*'":,{}[] \\15b', '":"', '","', ",}", "true", *named)
    draw = random.Random(0)
    for _ in range(15_000):
        some = draw.sample(members, draw.randint(len(members) - 1, len(members)))
        if draw.random() < 0.6:
            some = members.copy()
        for _ in range(draw.randint(0, 2)):
            at = draw.randrange(len(some) + 1)
            some[at : at + draw.randint(0, 1)] = [draw.choice(named) + draw.choice(values)]
        text = "{" + draw.choice((",", ",", ",", ", ")).join(some) + draw.choice(("}", "}", "}", "} ", ",}", " }"))
        for _ in range(draw.choice((0, 0, 1, 3))):
            at = draw.randint(0, len(text))
            text = text[:at] + draw.choice(pieces) + text[at + draw.choice((0, 0, 1, 3)) :]
        yield text


def _is_as_declared(line: str, kinds: Mapping[str, Type]) -> bool:
    try:
        pairs = json.loads(line, object_pairs_hook=list, parse_constant=lambda _: ())
    except ValueError:
        return False
    if not line.strip().startswith("{") or sorted(key for key, _ in pairs) != sorted(kinds):
        return False
    return all(
        isinstance(value, str)
        if kinds[key] == S
        else value is None
        or (type(value) in (int, float) and math.isfinite(value) and (kinds[key] == D or value % 1 == 0))
        for key, value in pairs
    )
