"""Conditions and joins as people write them, with keys and in `sql:`: what shows a consent, and what nearly does."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText

LAKE = """version: 1
lake: t
subjects:
  customer: {registry: people, keys: [email, card]}
consent:
  bool: {subject: customer, when: consent}
  plan: {subject: customer, when: "plan in ('a','b')"}
  level: {subject: customer, when: level >= 5}
  day: {subject: customer, when: day is not null}
  both: {subject: customer, when: consent and level > 1}
  above: {subject: customer, when: level > 5 and day > date'2020-01-01'}
  range: {subject: customer, when: level between 2 and 8}
  ne: {subject: customer, when: plan <> 'x'}
zones:
  raw: {}
  bool: {require: bool}
  plan: {require: plan}
  level: {require: level}
  above: {require: above}
  day: {require: day}
  both: {require: both}
  range: {require: range}
  ne: {require: ne}
sources:
  people:
    path: p/
    columns:
      email: {type: string, pii: true}
      card: bigint
      consent: boolean
      plan: string
      level: bigint
      day: date
      amount: "decimal(9,2)"
      at: timestamp
      city: string
  readings:
    path: r/
    columns: {user: {type: string, pii: true, identifies: customer.email}, v: bigint, ts: bigint}
  optout: {path: o/, columns: {email: {type: string, pii: true, identifies: customer.email}}}
  devices: {path: d/, columns: {owner: {type: bigint, identifies: customer.card}, device: string}}
tables:
  ok: {view: true, source: people, filter: consent}
  part: {view: true, source: people, filter: level > 1}
"""


def forms(heading: str) -> list[str]:
    """The tables below a heading of the list."""
    text = Path(__file__).with_name("natural_forms.txt").read_text(encoding="utf-8")
    return text.split(f"# {heading}", 1)[1].split("\n\n", 1)[0].splitlines()[1:]


PROVEN, UNPROVEN = forms("What shows a consent"), forms("What nearly does")


def codes(table: str) -> list[str]:
    return [one.code for one in check_spec(SourceText("pipeline.yaml", f"{LAKE}  t: {table}\n")).diagnostics]


@pytest.mark.parametrize("table", PROVEN)
def test_what_shows_a_consent_is_proven(table: str) -> None:
    assert codes(table) == []


@pytest.mark.parametrize("table", UNPROVEN)
def test_what_nearly_does_is_not(table: str) -> None:
    assert "G001" in codes(table)


def wrong() -> list[str]:
    """The cases above that are wrongly taken for proofs, for rules that are broken on purpose."""
    return [table for table in UNPROVEN if "G001" not in codes(table)]


@pytest.mark.parametrize("word", ["or", "and"])
def test_long_conditions_cost_little_and_break_nothing(word: str) -> None:
    long = f" {word} ".join(f"plan <> 'v{number}'" for number in range(300))
    assert codes(f'{{zone: bool, source: people, filter: "consent and not ({long})"}}') == []
    assert codes(f'{{zone: bool, source: people, filter: "consent and ({long})"}}') == []
    assert "G001" in codes(f'{{zone: bool, source: people, filter: "consent or {long}"}}')
