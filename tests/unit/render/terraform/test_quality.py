"""Expectations in DQDL mean what they mean in the spec."""

from __future__ import annotations

import re

import pytest

from generator.render.quality import render_rulesets
from tests.unit.render.terraform.module_folder import SPECS, compiled

HEAD = """
version: 1
lake: quality
zones: {landing: {}}
sources:
  raw: {path: raw/, subject: none, columns: {id: bigint, word: string, day: date, amount: "decimal(10,2)", ok: boolean}}
  other: {path: other/, subject: none, columns: {id: bigint, word: string}}
tables:
  t:
    zone: landing
    source: raw
    expect:
"""


def rules(*expectations: str) -> list[str]:
    text = render_rulesets(compiled(HEAD + "".join(f"      - {one}\n" for one in expectations)))["t"]
    assert text.startswith("Rules = [\n") and text.endswith("\n]\n")
    return [line.strip() for line in text.splitlines()[1:-1]]


def test_own_rule_types_where_they_mean_the_same() -> None:
    assert rules("not_null: [id, word]", "unique: [id]", "rows: {min: 1, max: 9}") == [
        "# not_null: id, word",
        'IsComplete "id",',
        'IsComplete "word",',
        "# unique: id",
        'IsUnique "id",',
        "# rows: 1..9",
        "RowCount >= 1,",
        "RowCount <= 9",
    ]
    assert rules("rows: 5")[-1] == "RowCount = 5"


def test_sql_where_nulls_and_bounds_would_be_taken_otherwise() -> None:
    assert rules("between: {amount: [0, 9.5]}", "values: {word: [a, b]}", "unique: [id, word]")[1::2] == [
        'CustomSql "select count(*) from primary where `amount` < 0" = 0,',
        "# values: word [a, b]",
        "# unique: id, word",
    ]
    assert "CustomSql \"select count(*) from primary where `word` not in ('a', 'b')\" = 0" in rules(
        "values: {word: [a, b]}"
    )
    assert "`day` < date '2026-01-01'" in rules('between: {day: {min: "2026-01-01"}}')[1]
    assert "not (`word` rlike '^(?:[a-z]+)$')" in rules("matches: {word: '[a-z]+'}")[1]


def test_references_of_numbers_and_of_texts() -> None:
    found = rules("references: {id: other.id}", "references: {word: other.word}")
    assert found[1] == 'ReferentialIntegrity "id" "other.id" = 1.0,'
    assert found[3].startswith(
        'CustomSql "select count(*) from primary where `word` is not null and `word` not in (select'
    )


def test_what_dqdl_cannot_hold_is_said_and_left_out() -> None:
    found = rules(r"matches: {word: '\d+'}", "unique: [id]", "severity: warn\n        values: {word: ['say \"x\"']}")
    assert [line for line in found if not line.startswith("#")] == ['IsUnique "id"']
    assert len([line for line in found if line.startswith("# not told here")]) == 2
    assert any(line.endswith("(a warning)") for line in found)


@pytest.mark.parametrize("value", [r"a\nb", r"a\rb", r"a\tb", r"a\u2028b", r"e\u0301"])
def test_a_rule_holds_a_value_exactly_or_not_at_all(value: str) -> None:
    found = rules("unique: [id]", f'values: {{word: ["{value}"]}}')
    assert found[-1].startswith("# not told here")
    assert [line for line in found if not line.startswith("#")] == ['IsUnique "id"']


def test_nothing_expected_makes_no_ruleset() -> None:
    assert "customer_trusted" not in render_rulesets(compiled(SPECS["stedi"]))


def test_every_rule_is_of_the_grammar() -> None:
    text = r'"[^"\\]*"'
    rule = re.compile(
        rf"(IsComplete {text}|IsUnique {text}|RowCount (=|>=|<=) \d+|ReferentialIntegrity {text} {text} = 1\.0|"
        rf"CustomSql {text} = 0),?"
    )
    for spec in SPECS.values():
        for ruleset in render_rulesets(compiled(spec)).values():
            lines = [line.strip() for line in ruleset.splitlines()[1:-1]]
            told = [line for line in lines if not line.startswith("#")]
            assert all(rule.fullmatch(line) for line in told)
            assert all(line.endswith(",") for line in told[:-1]) and not told[-1].endswith(",")
