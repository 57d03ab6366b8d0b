"""What people write first, coming from elsewhere: the message says what is ours for it, at its place."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.jobs.plan import plan_steps
from generator.render.jobs import render_jobs
from generator.render.quality.ruleset import render_rulesets
from generator.render.terraform import render_terraform
from generator.run.build_program import build_program

BASE = """\
version: 1
lake: test
zones: {trusted: {}}
sources:
  orders: {path: o/, columns: {id: bigint, who: string, at: timestamp}}
  people: {path: p/, columns: {who: string, name: string}}
tables:
"""
TABLE = "  t:\n    zone: trusted\n"


def text_of(body: str) -> str:
    return BASE + TABLE + "".join(f"    {line}\n" for line in body.splitlines())


def told(text: str) -> list[tuple[str, str, str]]:
    """Of each diagnostic: what it points at, its message, its help."""
    found = check_spec(SourceText("pipeline.yaml", text)).diagnostics
    return [(text[one.span.start : one.span.end] if one.span else "", one.message, " ".join(one.help)) for one in found]


@pytest.mark.parametrize(
    ("body", "at", "help"),
    [
        ("source: orders\nadd: {x: cast(at as datetime)}", "datetime", "write `timestamp`"),
        ("source: orders\nfilter: id > 1 && who = 'a'", "&&", "write `and`"),
        ("source: orders\nfilter: who = 'a and id > 1", "'a and id > 1", "write a quote inside a string"),
        ("source: orders\njoin: [{inner: people, on: who}]", "who", "write `using: who`"),
        ("source: [orders, orders]", "source", "write `union: [orders, orders]`"),
        ("source: orders\npartitioned_by: [at]", "partitioned_by", "write `partition_by: [day(at)]`"),
        ("source: orders\nincremental: true", "incremental", "`refresh: incremental`"),
        ("source: orders\nmaterialized: view", "materialized", "`view: true`"),
        ("source: orders\nunique_key: id", "unique_key", "`expect: [{unique: …}]`"),
        ("source: orders\nmeta: {x: y}", "meta", "`tags` and `owner` whose it is"),
        ("source: orders\nlimit: 3", "limit", "there is none"),
        ("source: orders\norder_by: id", "order_by", "a table has no order"),
        ("source: orders\nfilter: n > 1\nadd: {n: id + 1}", "n", "`add` makes it, after `filter`"),
        ("source: orders\nadd: {a: b + 1, b: id + 1}", "b", "`b` is made below"),
        ("source: orders\nadd: {m: n + 1}\ngroup_by: [who]\naggregate: {n: count(*)}", "n", "`aggregate` makes it"),
        ("source: orders\nzzzz: 1", "zzzz", "`unnest`, `values`, `view`, `workers`, `zone`"),
        ("sql: select explode(array(1)) as x from orders", "explode", "`lateral view explode(…) t as x`"),
    ],
)
def test_a_first_guess_is_answered(body: str, at: str, help: str) -> None:
    (found,) = told(text_of(body))
    assert found[0] == at
    assert help in found[2], found


def test_a_type_of_others_in_a_source() -> None:
    (found,) = told(text_of("source: orders").replace("at: timestamp", "at: datetime"))
    assert found == ("datetime", "unknown type `datetime`", "write `timestamp`")


def test_a_join_as_other_tools_write_it() -> None:
    found = told(text_of("source: orders\njoin:\n  - table: people\n    type: left\n    on: orders.who = people.who"))
    assert [(at, help) for at, _, help in found] == [
        ("table", "write `left: people`"),
        ("type", "write `left: people`"),
    ]


def test_a_boolean_column_alone_is_a_condition() -> None:
    text = text_of("source: orders\njoin: [{semi: people, on: ok}]").replace(
        "name: string}", "name: string, ok: boolean}"
    )
    assert told(text) == []


EARLY = """\
  early:
    zone: trusted
    source: orders
    expect:
      - references: {id: after.id}
  between: {view: true, source: early}
  after: {view: true, source: between}
"""


def test_a_check_against_a_view_that_no_table_reads_afterwards_names_the_edge() -> None:
    ((at, message, help),) = told(BASE + EARLY)
    assert (at, message) == ("after.id", "`early` is checked against `after`, which is made of it")
    assert "read `after` in" in help


VIEWED = """\
  known: {view: true, source: people, filter: name is not null}
  checked:
    zone: trusted
    source: orders
    expect: [{references: {who: known.who}, severity: warn}]
"""


def test_references_to_a_view_work_in_every_engine() -> None:
    lake = check_spec(SourceText("pipeline.yaml", BASE + VIEWED)).lake
    assert lake is not None
    job = plan_steps(lake)["checked"]
    assert (job.views, set(job.after)) == (("known",), {"orders", "people"})
    script = render_jobs(lake)["checked.py"]
    assert 'known.createOrReplaceTempView("known")' in script and "LEFT ANTI JOIN known AS r" in script
    assert render_rulesets(lake) == {}  # a view is in no catalog
    (table,) = [one for one in build_program(lake).tables if one.name == "checked"]
    assert [check.name for check in table.checks] == ["references: who known.who"]
    assert render_terraform(lake)
