"""Checks of a table against what comes after it: which table looks at them, and what is said of those that none can."""

from __future__ import annotations

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.jobs.expectation_rules import checked_by, expectation_rules
from generator.jobs.plan import plan_steps
from generator.plan.lake import CompiledLake

HEAD = """\
version: 1
lake: shop
zones: {z: {}}
sources:
  people: {path: people/, columns: {id: bigint, last: bigint, name: string}}
  sales: {path: sales/, columns: {id: bigint, who: bigint, name: string}}
tables:
"""


def found(tables: str) -> tuple[CompiledLake | None, list[tuple[str, str]]]:
    source = SourceText("pipeline.yaml", HEAD + tables)
    analysis = check_spec(source)
    told = [(source.text[one.span.start : one.span.end], one.message) for one in analysis.diagnostics if one.span]
    return analysis.lake, told


def lake_of(tables: str) -> CompiledLake:
    lake, told = found(tables)
    assert lake is not None, told
    return lake


def asked(lake: CompiledLake) -> dict[str, list[str]]:
    """The names of the rules that each job looks at, where it has any."""
    rules = {name: [rule.name for rule in expectation_rules(lake, table)] for name, table in lake.tables.items()}
    return {name: names for name, names in rules.items() if names}


DOWNSTREAM = """\
  clients: {zone: z, source: people, expect: [{references: {last: orders.id, name: sales.name}, name: known}]}
  orders: {zone: z, source: sales, join: [{semi: clients, on: sales.who = clients.id}]}
"""


def test_what_comes_after_checks_both_and_names_the_edge() -> None:
    lake = lake_of(DOWNSTREAM)
    assert asked(lake) == {"clients": ["known"], "orders": ["known: clients.last → orders.id"]}
    (own,), (late,) = (expectation_rules(lake, lake.tables[name]) for name in ("clients", "orders"))
    assert [one.column for one in own.references] == ["name"]  # type: ignore[attr-defined]
    assert [one.column for one in late.rule.references] == ["last"]  # type: ignore[attr-defined]
    assert checked_by(lake, lake.tables["clients"], lake.tables["clients"].expectations[0]) == ("clients", "orders")
    assert plan_steps(lake)["clients"].after == ("people", "sales")


def test_two_tables_that_refer_to_each_other() -> None:
    lake = lake_of(
        "  orders: {zone: z, source: sales, expect: [{references: {who: clients.id}}]}\n"
        "  clients: {zone: z, source: people, expect: [{references: {last: orders.id}}]}\n"
    )
    assert list(lake.tables) == ["clients", "orders"]
    assert asked(lake) == {"orders": ["references: who clients.id", "clients.last → orders.id"]}
    jobs = plan_steps(lake)
    assert (jobs["orders"].asked, jobs["clients"].asked) == (("clients",), ())


def test_a_circle_of_three_is_cut_once() -> None:
    names = ("a", "b", "c")
    body = "  {}: {{zone: z, source: sales, expect: [{{references: {{id: {}.id}}}}]}}\n"
    lake = lake_of("".join(body.format(one, other) for one, other in zip(names, ("b", "c", "a"), strict=True)))
    assert list(lake.tables) == ["c", "b", "a"]
    assert asked(lake) == {"b": ["references: id c.id"], "a": ["references: id b.id", "c.id → a.id"]}


def test_a_view_is_checked_by_every_table_that_reads_it() -> None:
    lake = lake_of(
        "  named: {view: true, source: sales, filter: name is not null, expect: [{unique: id}, {rows: {max: 9}}]}\n"
        "  big: {view: true, source: named, filter: id > 9}\n"
        "  one: {zone: z, source: named}\n"
        "  two: {zone: z, source: people, join: [{semi: big, on: people.last = big.id}]}\n"
        "  three: {zone: z, source: one, expect: [{references: {id: named.id}}]}\n"
    )
    checks = ["named: unique: id", "named: rows: ..9"]
    assert asked(lake) == {"one": checks, "two": checks, "three": ["references: id named.id"]}
    (first, _) = lake.tables["named"].expectations
    assert checked_by(lake, lake.tables["named"], first) == ("one", "two")
    assert lake.tables["named"].relation.keys == lake.tables["one"].relation.keys != frozenset()


def test_a_view_against_what_is_made_of_it() -> None:
    lake = lake_of(
        "  seen: {view: true, source: sales, expect: [{references: {who: after.id}}, {not_null: id}]}\n"
        "  after: {zone: z, source: people, join: [{semi: seen, on: people.last = seen.id}]}\n"
        "  other: {zone: z, source: seen}\n"
    )
    assert asked(lake) == {
        "after": ["seen: not_null: id", "seen.who → after.id"],
        "other": ["seen: not_null: id"],
    }


def test_a_table_against_a_view_of_itself_is_checked_by_who_reads_that() -> None:
    lake = lake_of(
        "  clients: {zone: z, source: people, expect: [{references: {last: chosen.id}}]}\n"
        "  chosen: {view: true, source: clients, filter: name = 'a'}\n"
        "  reader: {zone: z, source: chosen}\n"
    )
    assert asked(lake) == {"reader": ["clients.last → chosen.id"]}
    job = plan_steps(lake)["reader"]
    assert (job.views, job.inputs, job.asked) == (("chosen",), ("clients",), ())


def test_what_is_wrong_with_a_later_check_is_told_at_its_place() -> None:
    def of(reference: str) -> list[tuple[str, str]]:
        return found(DOWNSTREAM.replace("orders.id, name: sales.name", reference))[1]

    assert of("orders.ids") == [("orders.ids", "unknown column `ids` in `orders`")]
    assert of("orders.name") == [("orders.name", "cannot compare bigint with string")]


def test_rows_in_a_circle_are_refused_as_before() -> None:
    lake, told = found(
        "  a: {zone: z, source: b, expect: [{references: {id: c.id}}]}\n  b: {zone: z, source: a}\n"
        "  c: {zone: z, source: a}\n"
    )
    assert lake is None
    assert [message for _, message in told] == ["tables depend on each other in a cycle"]


def test_a_view_that_no_table_reads_is_told() -> None:
    lake, told = found("  named: {view: true, source: sales, expect: [{unique: id}]}\n")
    assert lake is not None
    assert told == [("id", "nothing checks what is expected of the view `named`: no table reads it")]
