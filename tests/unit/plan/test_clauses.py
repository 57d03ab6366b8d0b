"""Tables written by keys: the steps that they become, and what is wrong with them, where."""

from __future__ import annotations

from typing import TypeVar

import pytest

from generator.checks import check_spec
from generator.diagnostics import Diagnostic, Severity, SourceText
from generator.plan.lake import CompiledTable, Dedupe, Extend, Join, Step, Union

BASE = """\
version: 1
lake: test
zones: {trusted: {}}
sources:
  orders:
    path: o/
    unique: [[order_id]]
    columns: {order_id: bigint, customer_id: bigint, day: date, amount: double, note: string}
  customers:
    path: c/
    unique: [[id]]
    columns: {id: bigint, city: string, note: string}
  visits:
    path: v/
    columns: {id: bigint, city: string, note: string, tags: "map<string,int>"}
  returns:
    path: r/
    columns: {note: string, amount: double, day: date, customer_id: bigint, order_id: bigint}
tables:
"""


S = TypeVar("S", bound=Step)


def text_of(body: str) -> str:
    return f"{BASE}  t:\n    zone: trusted\n" + "".join(f"    {line}\n" for line in body.splitlines())


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    return check_spec(SourceText("pipeline.yaml", text)).diagnostics


def shown(text: str) -> list[tuple[str, str]]:
    """Codes, and the text that each diagnostic points at."""
    return [(one.code, text[one.span.start : one.span.end] if one.span else "") for one in diagnostics(text)]


def table(body: str, name: str = "t") -> CompiledTable:
    analysis = check_spec(SourceText("pipeline.yaml", text_of(body)))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake.tables[name]


def names(body: str) -> list[str]:
    return [column.name for column in table(body).columns]


def step(body: str, kind: type[S]) -> S:
    (found,) = [one for one in table(body).query.steps if isinstance(one, kind)]
    return found


# What becomes of the keys ------------------------------------------------------------------------------------


def test_keys_apply_in_their_fixed_order() -> None:
    body = (
        "select: [city, total]\naggregate: {total: sum(paid)}\ngroup_by: city\ndedupe: {by: order_id}\n"
        "add: {paid: amount * 2}\nfilter: amount > 1\njoin: [{inner: customers, on: customer_id = id}]\nsource: orders"
    )
    kinds = [type(one).__name__ for one in table(body).query.steps]
    assert kinds == ["Scan", "Join", "Filter", "Extend", "Dedupe", "Aggregate", "Select"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("source: orders", "order_id customer_id day amount note"),
        ("source: orders\nselect: [day, {twice: amount * 2}, order_id]", "day twice order_id"),
        ("source: orders\ndrop: [orders.day, note]", "order_id customer_id amount"),
        ("source: orders\nrename: {note: day, day: note}", "order_id customer_id note amount day"),
        ("source: orders\nadd: {n: 1}\nselect: [n, day]", "n day"),
        ("source: orders\ngroup_by: [day, note]\naggregate: {b: count(*), a: sum(amount)}", "day note b a"),
        ("union: [returns, orders]", "note amount day customer_id order_id"),
        ("source: customers\njoin: [{inner: visits, using: [id, city, note]}]", "id city note tags"),
        ("source: customers\njoin: [{left: visits, using: [id, city], }]\nrename: {visits.note: n}",
         "id city note n tags"),
        ("source: customers\njoin: [{semi: visits, on: customers.id = visits.id}]", "id city note"),
        ("source: customers\njoin: [{anti: visits, using: id}]", "id city note"),
        ("source: visits\njoin: [{semi: visits, as: v, using: id}, {inner: orders, as: v, on: visits.id = v.order_id}]"
         "\nselect: [v.day]", "day"),
    ],
)  # fmt: skip
def test_columns_that_come_out(body: str, expected: str) -> None:
    assert names(body) == expected.split()


def test_computed_columns_see_those_above_them() -> None:
    body = "source: orders\nadd: {twice: amount * 2, again: twice * 2, amount: again}\nselect: [amount]"
    (column,) = table(body).columns
    assert {(origin.table, origin.column) for origin in column.origins} == {("orders", "amount")}
    assert len([one for one in table(body).query.steps if isinstance(one, Extend)]) == 3


def test_dedupe_breaks_ties_by_all_other_columns() -> None:
    """Otherwise which row stays would depend on the order in which an engine meets them."""
    found = step("source: visits\ndedupe: {by: id, order_by: [note desc]}", Dedupe)
    assert [(term.column.name, term.descending) for term in found.order] == [("note", True)]
    assert [term.column.name for term in found.ties] == ["city", "tags"]
    assert [column.name for column in found.by] == ["id"]


def test_dedupe_without_columns_takes_all() -> None:
    found = step("source: customers\ndedupe: {}", Dedupe)
    assert [column.name for column in found.by] == ["id", "city", "note"]


@pytest.mark.parametrize(
    ("join", "left", "right", "exact", "pairs"),
    [
        ("{inner: customers, on: customer_id = id}", False, True, True, 1),
        ("{inner: customers, on: id = customer_id and city = 'x'}", False, True, False, 1),
        ("{inner: customers, on: order_id = id}", True, True, True, 1),
        ("{inner: customers, on: order_id = id or city = 'x'}", False, False, False, 0),
        ("{inner: customers, on: order_id <=> id}", False, False, False, 0),
        ("{inner: customers, on: order_id < id}", False, False, False, 0),
        ("{inner: customers, on: order_id + 0 = id}", False, True, False, 0),
        ("{inner: visits, on: order_id = id}", True, False, True, 1),
        ("{inner: visits, on: customer_id = id and orders.note = visits.note}", False, False, True, 2),
        ("{inner: customers, on: customer_id = order_id}", False, False, False, 0),
    ],
)
def test_what_a_join_knows_of_its_sides(join: str, left: bool, right: bool, exact: bool, pairs: int) -> None:
    found = step(f"source: orders\njoin: [{join}]\nselect: [order_id]", Join)
    assert (found.left_unique, found.right_unique, found.exact, len(found.pairs)) == (left, right, exact, pairs)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("source: customers\nfilter: id = 7", [set()]),
        ("source: customers\nfilter: id < 7", [{"id"}]),
        ("source: customers\nfilter: id = 7 or city = 'x'", [{"id"}]),
        ("source: customers\nfilter: id + 0 = 7", [{"id"}]),
        ("source: customers\nfilter: not (id = 7)", [{"id"}]),
        ("source: customers\njoin: [{left: orders, on: id = order_id}]\nselect: [id, order_id]", [{"id"}]),
        ("source: customers\njoin: [{left: orders, on: id = customer_id}]\nselect: [id, order_id]",
         [{"id", "order_id"}]),
        ("source: customers\njoin: [{left: orders, on: id = customer_id}]\nselect: [id]", []),
        ("source: customers\njoin: [{inner: orders, on: id = customer_id}]\nselect: [id, order_id]", [{"order_id"}]),
        ("source: customers\njoin: [{inner: orders, on: id = order_id or id = customer_id}]\nselect: [id, order_id]",
         [{"id", "order_id"}]),
        ("source: customers\nselect: [id, {again: id}]\n", [{"again"}]),
        ("source: customers\nselect: [city, {n: id + 1}]", []),
        ("union: [customers, customers]", []),
    ],
)  # fmt: skip
def test_keys_that_hold_for_all_data(body: str, keys: list[set[str]]) -> None:
    found = [{column.name for column in key} for key in table(body).relation.keys]
    assert found == keys


def test_the_columns_of_a_union_go_by_the_name_of_the_table() -> None:
    assert step("union: [orders, returns]\nfilter: t.amount > 1", Union).alias == "t"
    assert step("union: [orders, returns]\nas: all\nfilter: all.amount > 1", Union).alias == "all"


@pytest.mark.parametrize(("severity", "keys"), [("error", {"id"}), ("warn", None)])
def test_what_is_expected_to_be_unique_is_known_to_be(severity: str, keys: set[str] | None) -> None:
    found = table(f"source: visits\nexpect: [{{unique: id, severity: {severity}}}]").relation.keys
    assert [{column.name for column in key} for key in found] == ([keys] if keys else [])


# What is wrong -----------------------------------------------------------------------------------------------

JOINED = "source: orders\njoin: [{inner: customers, on: customer_id = id}]\n"


@pytest.mark.parametrize(
    ("body", "code", "at"),
    [
        # joins
        ("source: orders\njoin: [{inner: orders, on: order_id = 1}]", "N005", "orders"),
        ("source: orders\njoin: [{inner: visits, as: orders, on: order_id = 1}]", "N005", "orders"),
        ("source: visits\njoin: [{inner: orders, using: [note, id]}]", "C001", "id"),
        ("source: visits\njoin: [{inner: customers, using: tags}]", "C001", "tags"),
        ("source: visits\njoin: [{inner: customers, on: visits.id}]", "T002", "visits.id"),
        ("source: visits\njoin: [{inner: customers, on: id = 1}]", "C002", "id"),
        # filter, add
        ("source: orders\nfilter: amount", "T002", "amount"),
        ("source: orders\nfilter: amount > 1 and days > 2", "C001", "days"),
        ("source: orders\nadd: {n: amount, m: n + o}", "C001", "o"),
        ("source: orders\nadd: {n: m, m: amount}", "C001", "m"),
        ("source: orders\nadd: {n: sum(amount)}", "A001", "sum"),
        ("source: orders\nadd: {n: 'null'}", "T011", "t"),
        ("source: orders\nselect: [day, {n: 'null'}]", "T011", "t"),
        # dedupe, group_by
        ("source: orders\ndedupe: {by: [days]}", "C001", "days"),
        ("source: orders\ndedupe: {by: day, order_by: [ammount desc]}", "C001", "ammount"),
        ("source: orders\ngroup_by: [days]\naggregate: {n: count(*)}", "C001", "days"),
        ("source: orders\ngroup_by: [day]\naggregate: {n: amount}", "A003", "amount"),
        ("source: orders\ngroup_by: [day]\naggregate: {n: amount + count(*)}", "A003", "amount + count(*)"),
        ("source: orders\naggregate: {n: '1'}", "A003", "1"),
        ("source: orders\ngroup_by: [day]\naggregate: {day: max(day)}", "C003", "day"),
        (JOINED + "group_by: [orders.note, customers.note]\naggregate: {n: count(*)}", "C003", "customers.note"),
        # select, drop, rename
        ("source: orders\nselect: [day, {n: amount}, {day: note}]", "C003", "day"),
        ("source: orders\nselect: [day, {n: ammount}]", "C001", "ammount"),
        ("source: orders\nselect: {day: day, n: ammount}", "C001", "ammount"),
        ("source: orders\ndrop: [day, days]", "C001", "days"),
        ("source: orders\ndrop: customers.day", "C006", "customers"),
        ("source: orders\nrename: {days: d}", "C001", "days"),
        ("source: orders\nrename: {day: note}", "C003", "t"),
        (JOINED, "C003", "t"),
        (JOINED + "drop: note", "C002", "note"),
        ("source: customers\ndrop: [id, city, note]", "C004", "drop"),
        # union
        ("union: [orders, customers]", "U001", "customers"),
        ("union: [customers, visits]", "U001", "visits"),
        ("union: [orders, returns, visits]", "U001", "visits"),
        # expect
        ("source: orders\nexpect: [{not_null: [days]}]", "C001", "days"),
        ("source: orders\nexpect: [{values: {days: [1]}}]", "C001", "days"),
        ("source: orders\nexpect: [{values: {amount: [1, x]}}]", "X002", "x"),
        ("source: orders\nexpect: [{between: {day: [2020-01-01, 2020-13-01]}}]", "X002", "day"),
        ("source: orders\nexpect: [{matches: {amount: '1'}}]", "X002", "'1'"),
        ("source: orders\nexpect: [{matches: {note: 'a(b'}}]", "X001", "a(b"),
        ("source: orders\nexpect: [{references: {customer_id: customers.ids}}]", "C001", "customers.ids"),
        ("source: orders\nexpect: [{references: {customer_id: customer.id}}]", "N001", "customer.id"),
        ("source: orders\nexpect: [{references: {note: customers.id}}]", "T001", "customers.id"),
        ("source: orders\nexpect: [{sql: amount + 1}]", "T002", "amount + 1"),
        # nothing to say
        ("source: orders\ndedupe: {by: []}", "S001", "by"),
        ("source: orders\njoin: [{inner: customers, using: []}]", "S001", "using"),
        ("source: orders\nexpect: [{unique: []}]", "S001", "unique"),
        ("source: orders\nexpect: [{not_null: []}]", "S001", "not_null"),
    ],
)  # fmt: skip
def test_what_is_wrong_where(body: str, code: str, at: str) -> None:
    assert shown(text_of(body)) == [(code, at)]


def test_types_of_a_union_differ() -> None:
    text = text_of("union: [a, b]") + (
        "  a: {view: true, source: orders, select: [order_id, day]}\n"
        "  b: {view: true, source: orders, select: {day: note, order_id: amount}}\n"
    )
    assert [one.message for one in diagnostics(text)] == [
        "`order_id` is bigint in `a` and double in `b`",
        "`day` is date in `a` and string in `b`",
    ]


def test_a_clash_says_where_both_columns_come_from() -> None:
    (found,) = diagnostics(text_of(JOINED))
    assert found.notes == ("from `orders.note`, `customers.note`",)
    assert found.help == ("write `drop: [customers.note]`, or `rename: {customers.note: …}`",)
    for remedy in ("drop: [customers.note]", "rename: {customers.note: n}"):
        assert diagnostics(text_of(JOINED + remedy)) == ()


def test_an_error_is_reported_once_and_not_by_those_that_depend_on_it() -> None:
    text = text_of("source: orders\nfilter: days > 1") + (
        "  u: {zone: trusted, source: t, filter: dais > 1}\n"
        "  v: {zone: trusted, sql: 'select x from u'}\n"
        "  w: {zone: trusted, union: [t, orders]}\n"
        "  other: {zone: trusted, source: orders, drop: dais}\n"
    )
    assert shown(text) == [("C001", "days"), ("C001", "dais")]


def test_all_conditions_of_a_table_are_looked_at() -> None:
    joins = "join: [{semi: customers, on: customr_id = id}, {semi: visits, on: order_ids = id}]\n"
    assert shown(text_of("source: orders\n" + joins)) == [("C001", "customr_id"), ("C001", "order_ids")]


# Many-to-many joins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("join", "warned"),
    [
        ("{inner: visits, on: customer_id = id}", True),
        ("{left: visits, on: customer_id = id}", True),
        ("{left: visits, on: customer_id < id}", True),
        ("{semi: visits, on: customer_id = id}", False),
        ("{anti: visits, on: customer_id = id}", False),
        ("{inner: visits, on: order_id = id}", False),
        ("{inner: customers, on: customer_id = id}", False),
        ("{inner: customers, on: customer_id <=> id}", True),
        ("{inner: visits, on: customer_id = id, cardinality: many_to_many}", False),
    ],
)
def test_a_join_that_can_multiply_both_sides_is_a_warning(join: str, warned: bool) -> None:
    text = text_of(f"source: orders\njoin: [{join}]\nselect: [order_id]")
    found = diagnostics(text)
    assert [(one.code, one.severity) for one in found] == ([("J001", Severity.WARNING)] if warned else [])
    assert check_spec(SourceText("p", text)).lake is not None


def test_the_warning_says_what_is_unique() -> None:
    (found,) = diagnostics(text_of("source: orders\njoin: [{inner: visits, on: customer_id = id}]\nselect: [day]"))
    assert found.notes == ("unique on the left: (order_id); in `visits`: nothing known",)
