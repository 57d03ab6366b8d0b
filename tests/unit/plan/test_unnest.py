"""Rows of elements: what is known after them, how `sql:` may say them, and what is refused, where."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import Diagnostic, SourceText
from generator.plan.lake import CompiledLake, CompiledTable, Unnest
from generator.plan.maintenance.verdict import verdict
from generator.render.explanation.history import definitions
from generator.render.explanation.readable import step_text

BASE = """\
version: 1
lake: test
subjects:
  customer: {registry: customers, keys: [id]}
consent:
  mail: {subject: customer, when: agreed}
zones: {free: {}, nobody: {pii: forbid}, mail: {require: mail}}
sources:
  customers:
    path: c/
    columns: {id: bigint, mails: {type: array<string>, pii: true}, agreed: boolean, codes: array<int>}
  orders:
    path: o/
    unique: [order_id]
    columns:
      order_id: bigint
      customer_id: {type: bigint, identifies: customer.id}
      items: "array<struct<sku:string,quantity:int>>"
      tags: array<string>
      fees: "map<string,double>"
      deep: "array<array<int>>"
      note: string
  products: {path: p/, subject: none, unique: [sku], columns: {sku: string, name: string}}
tables:
"""


def text_of(body: str, zone: str = "free") -> str:
    return f"{BASE}  t:\n    zone: {zone}\n" + "".join(f"    {line}\n" for line in body.splitlines())


def lake(body: str) -> CompiledLake:
    found = check_spec(SourceText("pipeline.yaml", text_of(body)))
    assert found.lake is not None, found.diagnostics
    return found.lake


def table(body: str) -> CompiledTable:
    return lake(body).tables["t"]


def diagnostics(body: str, zone: str = "free") -> tuple[Diagnostic, ...]:
    return check_spec(SourceText("pipeline.yaml", text_of(body, zone))).diagnostics


def columns(body: str) -> dict[str, str]:
    return {column.name: str(column.type) for column in table(body).columns}


ITEMS = "source: orders\nunnest: {column: items, as: item, position: line}\nselect: [order_id, line, item.sku]"
SQL = "sql: select {} from orders o {}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ITEMS, {"order_id": "bigint", "line": "int", "sku": "string"}),
        ("source: orders\nunnest: tags\nselect: [tags]", {"tags": "string"}),
        ("source: orders\nas: o\nunnest: [o.tags]\nselect: [tags]", {"tags": "string"}),
        ("source: orders\nunnest: fees\nselect: [key, value]", {"key": "string", "value": "double"}),
        ("source: orders\nunnest: {column: fees, as: [fee, amount]}\nselect: [fee, amount]",
         {"fee": "string", "amount": "double"}),
        ("source: orders\nunnest: {column: \"split(note, ' ')\", as: word}\nselect: [word]", {"word": "string"}),
        ("source: orders\nunnest: [deep, deep]\nselect: [deep]", {"deep": "int"}),
        ("source: orders\nunnest: {column: items, as: i}\njoin: [{left: products, using: sku}]\nselect: [name]", None),
        ("source: orders\nunnest: {column: items, as: i}\njoin: [{left: products, on: i.sku = products.sku}]\n"
         "select: [name, i.quantity]", {"name": "string", "quantity": "int"}),
        (SQL.format("pos, i.item.sku", "lateral view posexplode(items) i as pos, item"),
         {"pos": "int", "sku": "string"}),
        (SQL.format("col", "lateral view outer explode(tags) i"), {"col": "string"}),
        (SQL.format("i.*", "lateral view explode(fees) i"), {"key": "string", "value": "double"}),
        (SQL.format("i.*", "lateral view inline_outer(items) i"), {"sku": "string", "quantity": "int"}),
        (SQL.format("i.*", "lateral view inline(items) i as s, q"), {"s": "string", "q": "int"}),
        (SQL.format("tag", "cross join unnest(tags) as tag"), {"tag": "string"}),
        (SQL.format("t.*", ", unnest(items) with ordinality as t (s, q, n)"),
         {"n": "bigint", "s": "string", "q": "int"}),
        (SQL.format("t.*", ", unnest(items) t (item)"), {"item": "struct<sku:string,quantity:int>"}),
        (SQL.format("n", "left join unnest(tags) with ordinality as t (tag, n) on true"), {"n": "bigint"}),
        (SQL.format("v", ", lateral explode(fees) as t (k, v)"), {"v": "double"}),
    ],
)  # fmt: skip
def test_columns_and_their_types(body: str, expected: dict[str, str] | None) -> None:
    if expected is None:
        assert [one.code for one in diagnostics(body)] == ["C001"]
    else:
        assert columns(body) == expected


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (ITEMS, [{"order_id", "line"}]),
        ("source: orders\nunnest: {column: items, as: item}\nselect: [order_id, item]", []),
        ("source: orders\nunnest: fees\nselect: [order_id, key]", []),
        ("source: orders\nunnest: [{column: deep, position: r}, {column: deep, as: c, position: p, outer: true}]\n"
         "select: [order_id, r, p, c]", [{"order_id", "r", "p"}]),
        ("source: orders\nunnest: {column: items, as: item, position: line}\nfilter: order_id = 7\nselect: [line]",
         [{"line"}]),
        (SQL.format("order_id, n", ", unnest(items) with ordinality as t (s, q, n)"), [{"order_id", "n"}]),
    ],
)  # fmt: skip
def test_keys(body: str, keys: list[set[str]]) -> None:
    assert {frozenset(column.name for column in key) for key in table(body).relation.keys} == set(map(frozenset, keys))


def test_an_element_is_as_personal_as_its_array_and_so_is_how_many_there_are() -> None:
    body = "source: customers\nunnest: {column: mails, as: mail, position: n}\nselect: [mail, n, codes]"
    personal = {c.name: {one.column for one in c.personal} for c in table(body).columns}
    assert personal == {"mail": {"mails"}, "n": {"mails"}, "codes": set()}
    assert {one.column for one in table(body).relation.filtered} == {"mails"}
    assert "G004" in {one.code for one in diagnostics(body, "nobody")}


def test_a_row_is_about_whom_it_was_about_and_stays_proven() -> None:
    body = "source: customers\nunnest: codes\nfilter: agreed\nselect: [id, codes]"
    assert diagnostics(body, "mail") == ()
    assert [one.code for one in diagnostics(body.replace("filter: agreed\n", ""), "mail")] == ["G001"]
    orders = table("source: orders\nunnest: tags\nselect: [customer_id, tags]")
    assert [person.subject for person in orders.relation.persons.values()] == ["customer"]


def test_rows_are_found_again_by_columns_of_base_rows() -> None:
    found = verdict(lake(ITEMS), table(ITEMS))
    assert (found.address, found.grouped) == (("order_id",), False)
    body = "source: orders\nunnest: {column: tags, as: tag}\ngroup_by: [tag]\naggregate: {n: count(*)}"
    assert "has no exact column of a base row" in verdict(lake(body), table(body)).reason


def test_where_an_element_comes_from() -> None:
    (step,) = [one for one in table(ITEMS).query.steps if isinstance(one, Unnest)]
    assert step_text(step) == "make a row of each element of items as item, counted by line"
    found = {one.name: one.expression for one in definitions(table(ITEMS).query, "sku")}
    assert found == {"item": "posexplode(items)", "sku": "(item).sku"}
    assert {(one.table, one.column) for one in table(ITEMS).columns[2].origins} == {("orders", "items")}


@pytest.mark.parametrize(
    ("body", "code", "at", "said"),
    [
        ("source: orders\nunnest: note", "T004", "note", "only an array or a map has elements, and this is string"),
        ("source: orders\nunnest: nothing", "C001", "nothing", "unknown column"),
        ("source: orders\nunnest: {column: fees, as: fee}", "T004", "fee", "a key and a value"),
        ("source: orders\nunnest: {column: fees, position: n}", "T004", "n", "a map has no order"),
        ("source: orders\nunnest: {column: items, as: [sku, quantity]}", "T004", "as", "has one name"),
        ("source: orders\nunnest: {column: items, as: note}", "N005", "note", "a column `note` already"),
        ("source: orders\nunnest: {column: items, as: a, position: a}", "N005", "a", "two columns are called `a`"),
        ("source: orders\nunnest: \"split(note, ',')\"", "C007", "\"split(note, ',')\"", "the element has no name"),
        ("source: orders\nunnest: {column: items, position: note}", "N005", "note", "a column `note` already"),
        ("source: orders\nunnest: {column: items, alias: i}", "S002", "alias", "unknown key `alias`"),
        ("source: orders\nunnest: {as: item}", "S003", "unnest", "missing key `column`"),
        (SQL.format("1 as x", "lateral view sideways(tags) t"), "Q001", "sideways", "makes no rows"),
        (SQL.format("1 as x", "lateral view inline(tags) t"), "T004", "lateral view inline(tags) t", "an array of st"),
        (SQL.format("1 as x", "lateral view explode(note) t"), "T004", "lateral view explode(note) t", "this is str"),
        (SQL.format("1 as x", "lateral view explode(tags) o"), "N005", "lateral view explode(tags) o", "already in"),
        (SQL.format("1 as x", "right join unnest(tags) t on true"), "Q001", "unnest(tags) t", "no right join"),
        (SQL.format("1 as x", "join unnest(tags) t on t = note"), "Q001", "t = note", "only `on true`"),
        (SQL.format("1 as x", ", unnest(tags) with ordinality t (n)"), "T004", "unnest(tags) with ordinality t (n)",
         "the element has none"),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(body: str, code: str, at: str, said: str) -> None:
    (found,) = diagnostics(body)
    text = text_of(body)
    assert found.span is not None
    assert (found.code, text[found.span.start : found.span.end]) == (code, at), found
    assert said in found.message
