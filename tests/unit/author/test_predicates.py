"""A filter's function and its SQL say the same of every row: with values, with None, with keys that aren't there."""

from __future__ import annotations

import ast
import re
from itertools import product
from typing import Any

import duckdb
import pytest

from generator.author.studio.conditions import from_codegen, from_function
from generator.author.studio.predicates import Field, FieldFacts, UntranslatableError, fields
from generator.author.studio.python_sql import as_sql
from generator.author.studio.values import UNKNOWN

ABSENT = object()
VALUES: dict[str, list[Any]] = {"n": [-1, 0, 1, 7], "m": [0, 1], "text": ["", "a", "abc", "it's", "b\\d"]}
TYPES = {"n": "bigint", "m": "bigint", "text": "string", "flag": "boolean"}

LAMBDAS = [
    'lambda row: (not(row["n"] == 0))',
    'lambda row: row["n"] != 0 and row["m"] == 1',
    'lambda row: row["n"] != 0 or row["m"] == 1',
    'lambda row: row["n"] == 0 or row["m"] == 1 or row["text"] == "a"',
    'lambda row: row["n"] > 0 or row["m"] == 1',
    'lambda row: row["m"] == 1 or row["n"] > 0',
    'lambda row: not (row["n"] > 0 or row["m"] >= 1)',
    'lambda row: not (row["n"] == 0 and row["m"] == 1)',
    'lambda row: (row["n"] == 1 or row["n"] == 7) and not(row["m"] == 0)',
    'lambda row: not ((row["n"] == 1 or row["text"] == "a") and row["m"] != 0)',
    'lambda row: 0 <= row["n"] <= 1',
    'lambda row: not (0 <= row["n"] <= 1)',
    'lambda row: row["text"] in ["a", "it\'s"]',
    'lambda row: row["text"] not in ("a", "abc")',
    'lambda row: row["n"] not in (0, 1) or row["m"] > 0',
    'lambda row: row["n"] * 2 - 1 > row["m"] + -1',
    'lambda row: row["n"] == row["m"]',
    'lambda row: row["n"] != row["m"]',
    'lambda row: not (row["n"] == row["m"]) or row["text"] == "a"',
    'lambda row: row["text"] is not None and row["n"] is None',
    'lambda row: row["text"] == None or row["n"] == 1',
    'lambda row: row["n"] == 1 or row["text"] == None',
    'lambda row: row["n"] != None and row["n"] != 0',
    'lambda row: None != row["n"]',
    'lambda row: bool(re.match("a", row["text"]))',
    'lambda row: not (bool(re.match("^a.c", row["text"])))',
    'lambda row: re.match("a|x", row["text"]) or row["n"] == 0',
    'lambda row: not row["text"].startswith("b\\\\") and row["m"] == 0',
]


def rows(*null: Any) -> list[dict[str, Any]]:
    """All rows, with each value in turn, and with what a null is."""
    columns = [[*values, *null] for values in VALUES.values()]
    made = [dict(zip(VALUES, values, strict=True)) for values in product(*columns)]
    return [{key: value for key, value in row.items() if value is not ABSENT} for row in made]


def passes(function: Any, row: dict[str, Any]) -> bool:
    """What Glue's Filter does: a function that raises one of these drops the row."""
    try:
        return bool(function(row))
    except (KeyError, ValueError, TypeError, AttributeError):
        return False


def translated(text: str, *, absent: bool) -> str:
    predicate = from_function(ast.parse(text, mode="eval").body, constant)  # type: ignore[arg-type]
    return as_sql(predicate, lambda field: FieldFacts(field.path[0], TYPES[field.path[0]], absent))


def constant(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def in_duckdb(condition: str) -> str:
    literals = r"'((?:[^'\\]|\\.)*)'"
    condition = re.sub(rf"(\w+) rlike ({literals})", r"regexp_matches(\1, \2)", condition)
    condition = re.sub(
        literals, lambda found: "'" + re.sub(r"\\(.)", r"\1", found[1]).replace("'", "''") + "'", condition
    )
    return re.sub(r"(\w+) <=> (\w+)", r"(\1 is not distinct from \2)", condition)


@pytest.mark.parametrize("text", LAMBDAS)
@pytest.mark.parametrize("null", [None, ABSENT], ids=["None", "absent"])
def test_python_and_sql_agree_on_every_row(text: str, null: Any) -> None:
    function = eval(text, {"re": re})
    condition = translated(text, absent=null is ABSENT)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows (n BIGINT, m BIGINT, text VARCHAR)")
        data = rows(null)
        connection.executemany(
            "INSERT INTO rows VALUES (?, ?, ?)", [[row.get(name) for name in VALUES] for row in data]
        )
        query = f"SELECT coalesce({in_duckdb(condition)}, false) FROM rows ORDER BY rowid"
        found = [one for (one,) in connection.execute(query).fetchall()]
    wanted = [passes(function, row) for row in data]
    wrong = [row for row, is_there, expected in zip(data, found, wanted, strict=True) if is_there is not expected]
    assert not wrong, (condition, wrong[:3])


@pytest.mark.parametrize(
    ("text", "absent", "explicit"),
    [
        ('lambda row: row["n"] != 0', "n <> 0", "n <> 0 or n is null"),
        ('lambda row: row["n"] is None', "false", "n is null"),
        ('lambda row: row["n"] is not None and row["n"] != 0', "n is not null and n <> 0", "n is not null and n <> 0"),
        ('lambda row: row["n"] > 0', "n > 0", "n > 0"),
        ('lambda row: row["n"] == 0 or row["m"] == 1', "n = 0 or n is not null and m = 1", "n = 0 or m = 1"),
    ],
)
def test_what_a_null_is_decides(text: str, absent: str, explicit: str) -> None:
    assert translated(text, absent=True) == absent
    assert translated(text, absent=False) == explicit


@pytest.mark.parametrize(
    "text",
    [
        'lambda row: len(row["text"]) > 1',
        'lambda row: row["n"]',
        'lambda row: row["text"] > 5',
        'lambda row: row["n"] == "5"',
        'lambda row: row["text"] + "x" == "ax"',
        'lambda row: row["n"] in (1, None)',
        'lambda row: row["n"] == unknown',
        'lambda row: row.get("n")',
        'lambda row: row["n"] % 2 == 0',
        'lambda row: re.match("(?i)a", row["text"])',
        "lambda a, b: a",
    ],
)
def test_what_sql_can_not_say_is_refused(text: str) -> None:
    with pytest.raises(UntranslatableError):
        translated(text, absent=True)


def test_codegen_filters() -> None:
    column = {"Type": "COLUMNEXTRACTED", "Value": ["n"]}
    flag = {"Type": "COLUMNEXTRACTED", "Value": ["flag"]}
    mail = {"Type": "COLUMNEXTRACTED", "Value": ["text"]}

    def value(text: str) -> dict[str, Any]:
        return {"Type": "CONSTANT", "Value": [text]}

    found = from_codegen(
        [
            {"Operation": "EQ", "Negated": True, "Values": [column, value("0")]},
            {"Operation": "REGEX", "Negated": False, "Values": [value("^it's"), mail]},
            {"Operation": "ISNULL", "Negated": True, "Values": [mail]},
            {"Operation": "EQ", "Values": [mail, value("7")]},
            {"Operation": "EQ", "Values": [flag, value("true")]},
        ],
        "AND",
    )
    assert [one.path for one in fields(found)] == [("n",), ("text",), ("flag",)]
    text = as_sql(found, lambda field: FieldFacts(field.path[0], TYPES[field.path[0]], True))
    assert text == "n <> 0 and text rlike '^it\\'s' and text is not null and text = '7' and flag = true"
    with pytest.raises(UntranslatableError):
        from_codegen([{"Operation": "SOUNDS_LIKE", "Values": []}], "AND")
    assert fields(from_codegen([{"Operation": "EQ", "Values": [column, value("1")]}], "OR")) == [Field(("n",))]
