"""A filter's lambda and its SQL say the same of every row without nulls; with nulls, SQL drops what Python may keep."""

from __future__ import annotations

import ast
import re
from typing import Any

import duckdb
import pytest

from generator.author.studio.predicates import UntranslatableError, from_codegen, from_lambda

ROWS: list[dict[str, Any]] = [
    {"n": n, "m": m, "text": text} for n in (-1, 0, 1, 7) for m in (0, 1) for text in ("", "a", "abc", "it's", "b\\d")
]

LAMBDAS = [
    'lambda row: (not(row["n"] == 0))',
    'lambda row: row["n"] != 0 and row["m"] == 1',
    'lambda row: not (row["n"] > 0 or row["m"] >= 1)',
    'lambda row: (row["n"] == 1 or row["n"] == 7) and not(row["m"] == 0)',
    'lambda row: 0 <= row["n"] <= 1',
    'lambda row: not (0 <= row["n"] <= 1)',
    'lambda row: row["text"] in ["a", "it\'s"]',
    'lambda row: row["text"] not in ("a", "abc")',
    'lambda row: row["n"] * 2 - 1 > row["m"] + -1',
    'lambda row: row["n"] == row["m"]',
    'lambda row: row["text"] is not None and row["n"] is None',
    'lambda row: bool(re.match("a", row["text"]))',
    'lambda row: not (bool(re.match("^a.c", row["text"])))',
]


@pytest.mark.parametrize("text", LAMBDAS)
def test_python_and_sql_agree_on_rows_without_nulls(text: str) -> None:
    wanted = [bool(eval(text, {"re": re})(row)) for row in ROWS]
    condition = from_lambda(ast.parse(text, mode="eval").body).condition
    condition = re.sub(r"(\w+) rlike ('[^']*')", r"regexp_matches(\1, \2)", condition).replace("\\'", "''")
    with duckdb.connect() as connection:
        for row, expected in zip(ROWS, wanted, strict=True):
            query = f"SELECT coalesce({condition}, false) FROM (SELECT ? AS n, ? AS m, ? AS text)"
            ((found,),) = connection.execute(query, list(row.values())).fetchall()
            assert found is expected, (condition, row)


@pytest.mark.parametrize(
    ("text", "condition", "passing"),
    [
        ('lambda row: (not(row["shareWithResearchAsOfDate"] == 0))', "sharewithresearchasofdate <> 0", True),
        ('lambda row: row["a"] != "x"', "a <> 'x'", True),
        ('lambda row: row["a"] not in (1, 2)', "a not in (1, 2)", True),
        ('lambda row: row["a"] is not None', "a is not null", False),
        ('lambda row: row["a"] == 1', "a = 1", False),
        ('lambda r: not (r["a"] != 1)', "a = 1", False),
        ('lambda row: row["a"]["B"] > 1', "a.b > 1", False),
    ],
)
def test_filters_that_let_nulls_pass_are_known(text: str, condition: str, passing: bool) -> None:
    found = from_lambda(ast.parse(text, mode="eval").body)
    assert found.condition == condition
    assert bool(found.passes_null) is passing


@pytest.mark.parametrize(
    "text",
    [
        'lambda row: len(row["a"]) > 1',
        'lambda row: row["a"].startswith("x")',
        "check",
        'lambda row: row.get("a")',
        "lambda a, b: a",
    ],
)
def test_what_sql_can_not_say_is_refused(text: str) -> None:
    with pytest.raises(UntranslatableError):
        from_lambda(ast.parse(text, mode="eval").body)


def test_codegen_filters() -> None:
    column = {"Type": "COLUMNEXTRACTED", "Value": ["shareWithResearchAsOfDate"]}
    constant = {"Type": "CONSTANT", "Value": ["0"]}
    mail = {"Type": "COLUMNEXTRACTED", "Value": ["e-mail"]}
    found = from_codegen(
        [
            {"Operation": "EQ", "Negated": True, "Values": [column, constant]},
            {"Operation": "REGEX", "Negated": False, "Values": [mail, {"Type": "CONSTANT", "Value": ["it's"]}]},
            {"Operation": "ISNULL", "Negated": True, "Values": [mail]},
        ],
        "AND",
    )
    assert found.condition == "sharewithresearchasofdate <> 0 and e_mail rlike 'it\\'s' and e_mail is not null"
    assert found.passes_null == ("sharewithresearchasofdate",)
    with pytest.raises(UntranslatableError):
        from_codegen([{"Operation": "SOUNDS_LIKE", "Values": []}], "AND")
