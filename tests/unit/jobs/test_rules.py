"""What is checked of a table: its own joins, and those of the views behind it."""

from __future__ import annotations

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.jobs.plan import plan_steps
from generator.jobs.proof_rules import proof_rules
from generator.jobs.rules import MixingRule, UniqueBeforeRule, UniqueRule, plain_time
from generator.plan.lake import CompiledLake
from generator.plan.types import DATE, TIMESTAMP

SPEC = """
version: 1
lake: l
subjects:
  person: {registry: people, keys: [id, phone]}
zones: {z: {}}
sources:
  people: {path: people/, columns: {id: int, phone: string}}
  a: {path: a/, columns: {k: int, id: {type: int, identifies: person.id}}}
  b: {path: b/, columns: {k: int, phone: {type: string, identifies: person.phone}}}
tables:
  joined: {view: true, source: a, join: [{inner: b, using: k, cardinality: one_to_one}]}
  more: {view: true, source: joined, filter: k > 0}
  t: {zone: z, source: more}
  u: {zone: z, source: t}
"""


def lake() -> CompiledLake:
    found = check_spec(SourceText("pipeline.yaml", SPEC)).lake
    assert found is not None
    return found


def test_what_a_view_assumes_is_checked_by_the_tables_that_read_it() -> None:
    found = lake()
    rules = {type(rule): rule for rule in proof_rules(found, found.tables["t"])}
    assert set(rules) == {UniqueRule, UniqueBeforeRule, MixingRule}
    assert isinstance(rules[UniqueRule], UniqueRule)
    assert rules[UniqueRule].of == "b" and rules[UniqueRule].relation == "t"
    assert plan_steps(found)["t"].asked == ("people",), "the mixed rows are counted by the registry's keys"


def test_a_view_has_no_checks_and_no_reader_of_its_table_repeats_them() -> None:
    found = lake()
    assert proof_rules(found, found.tables["joined"]) == ()
    assert proof_rules(found, found.tables["u"]) == ()


def test_times_are_read_in_utc_whatever_their_form() -> None:
    assert plain_time("2024-01-01T12:00:00+02:00", TIMESTAMP) == "2024-01-01 10:00:00"
    assert plain_time("2024-01-01", TIMESTAMP) == "2024-01-01 00:00:00"
    assert plain_time("20240131", DATE) == "2024-01-31"
