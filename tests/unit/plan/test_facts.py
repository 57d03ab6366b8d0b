"""What steps do to keys, people and labels, on lakes small enough to see it."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledTable, Join

BASE = """
version: 1
lake: test
subjects:
  customer: {registry: customers, keys: [id]}
zones: {trusted: {}}
sources:
  customers:
    path: c/
    columns: {id: bigint, email: {type: string, pii: true}, city: string}
  orders:
    path: o/
    unique: [order_id]
    columns: {order_id: bigint, customer_id: {type: bigint, identifies: customer.id}, day: date, amount: double}
tables:
  t:
    zone: trusted
"""


def table(body: str) -> CompiledTable:
    indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
    analysis = check_spec(SourceText("pipeline.yaml", BASE + indented))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake.tables["t"]


def keys(body: str) -> set[frozenset[str]]:
    return {frozenset(column.name for column in key) for key in table(body).relation.keys}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("source: orders", [{"order_id"}]),
        ("source: customers", [{"id"}]),
        ("source: orders\nfilter: amount > 1", [{"order_id"}]),
        ("source: orders\nfilter: order_id = 7", [set()]),
        ("source: orders\ndrop: [order_id]", []),
        ("source: orders\nrename: {order_id: number}", [{"number"}]),
        ("source: orders\nselect: [order_id, {again: order_id}]", [{"again"}]),
        ("source: orders\nadd: {order_id: order_id + 1}", []),
        (
            "source: orders\ndedupe: {by: [customer_id, day], order_by: order_id}",
            [{"order_id"}, {"customer_id", "day"}],
        ),
        ("source: orders\ngroup_by: [day]\naggregate: {n: count(*)}", [{"day"}]),
        ("source: orders\naggregate: {n: count(*)}", [set()]),
        ("union: [orders, orders]", []),
        ("sql: select distinct day, customer_id from orders", [{"day", "customer_id"}]),
        ("sql: select order_id from orders union select order_id from orders", [{"order_id"}]),
        ("source: orders\njoin:\n  - inner: customers\n    on: customer_id = id", [{"order_id"}]),
        ("source: orders\njoin:\n  - left: customers\n    on: customer_id = id", [{"order_id"}]),
        ("source: customers\njoin:\n  - inner: orders\n    on: customer_id = id", [{"order_id"}]),
        ("source: customers\njoin:\n  - left: orders\n    on: customer_id = id", [{"order_id", "id"}]),
        ("source: orders\njoin:\n  - inner: customers\n    on: customer_id < id", [{"order_id", "id"}]),
        ("source: orders\njoin:\n  - semi: customers\n    on: customer_id = id", [{"order_id"}]),
    ],
)
def test_unique_keys(body: str, expected: list[set[str]]) -> None:
    if expected == [{"again"}]:  # either name of the same column will do
        assert keys(body) in ({frozenset({"again"})}, {frozenset({"order_id"})})
    else:
        assert keys(body) == {frozenset(key) for key in expected}


def test_a_join_on_the_subject_key_makes_one_person_of_two() -> None:
    body = "source: orders\njoin:\n  - inner: customers\n    on: {}"
    assert len(table(body.format("customer_id = id")).relation.persons) == 1
    assert len(table(body.format("customer_id = id + 0")).relation.persons) == 2
    assert len(table(body.format("order_id = id")).relation.persons) == 2


def test_grouping_without_the_person_sums_people_up() -> None:
    (person,) = table("source: orders\ngroup_by: [day]\naggregate: {n: count(*)}").relation.persons.values()
    assert person.aggregated
    (person,) = table("source: orders\ngroup_by: [customer_id]\naggregate: {n: count(*)}").relation.persons.values()
    assert not person.aggregated


def test_labels_follow_values_and_conditions() -> None:
    found = table(
        "source: customers\n"
        "select:\n"
        "  - {plain: city}\n"
        "  - {copied: upper(email)}\n"
        "  - {asked: \"case when email like '%x' then 1 else 2 end\"}\n"
        '  - {hashed: "sha2(email, 256)"}\n'
        "  - {known: email is not null}\n"
    )
    labels = {
        column.name: {(label.column, label.pseudonymous) for label in column.personal} for column in found.columns
    }
    assert labels == {
        "plain": set(),
        "copied": {("email", False)},
        "asked": {("email", False)},
        "hashed": {("email", True)},
        "known": set(),
    }


def test_lineage_names_the_columns_of_the_inputs() -> None:
    found = table(
        'source: orders\njoin:\n  - inner: customers\n    on: customer_id = id\nadd: {who: "concat(email, city)"}\n'
        "select: [who, {twice: amount * 2}]"
    )
    assert {name: {(o.table, o.column) for o in origins} for name, origins in found.lineage.items()} == {
        "who": {("customers", "email"), ("customers", "city")},
        "twice": {("orders", "amount")},
    }


def test_joins_know_which_side_is_unique() -> None:
    body = "source: orders\njoin:\n  - inner: customers\n    on: customer_id = id"
    (join,) = [step for step in table(body).query.steps if isinstance(step, Join)]
    assert (join.left_unique, join.right_unique, join.exact) == (False, True, True)
