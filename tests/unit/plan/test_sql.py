"""Tables written as `sql:`: the same as by keys, refused by name, or wrong at a place of the query."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks import check_spec
from generator.diagnostics import Diagnostic, SourceText
from generator.plan.lake import CompiledTable
from generator.plan.sql.parse import REFUSED

BASE = """\
version: 1
lake: test
subjects:
  customer: {registry: customers, keys: [id]}
zones: {trusted: {}}
sources:
  orders:
    path: o/
    unique: [[order_id]]
    columns:
      order_id: bigint
      customer_id: {type: bigint, identifies: customer.id}
      day: date
      amount: double
      note: string
  customers:
    path: c/
    columns: {id: bigint, email: {type: string, pii: true}, city: string}
tables:
  t:
    zone: trusted
"""


def text_of(sql: str) -> str:
    return f"{BASE}    sql: |\n" + "".join(f"      {line}\n" for line in sql.splitlines())


def diagnostics(sql: str) -> tuple[Diagnostic, ...]:
    return check_spec(SourceText("pipeline.yaml", text_of(sql))).diagnostics


def shown(sql: str) -> list[tuple[str, str]]:
    """Codes, and the text that each diagnostic points at."""
    text = text_of(sql)
    return [(one.code, text[one.span.start : one.span.end] if one.span else "") for one in diagnostics(sql)]


def compiled(text: str) -> CompiledTable:
    analysis = check_spec(SourceText("pipeline.yaml", text))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake.tables["t"]


def by_sql(sql: str) -> CompiledTable:
    return compiled(text_of(sql))


def by_keys(body: str) -> CompiledTable:
    return compiled(BASE + "".join(f"    {line}\n" for line in body.splitlines()))


def facts(table: CompiledTable) -> object:
    """All that is known of a table's rows."""
    columns = [(one.name, str(one.type), one.personal, one.origins) for one in table.columns]
    identities = [{(one.source, one.column) for one in column.identities} for column in table.columns]
    keys = {frozenset(column.name for column in key) for key in table.relation.keys}
    persons = sorted((one.subject, sorted(one.sources), one.aggregated) for one in table.relation.persons.values())
    return columns, identities, keys, persons, table.relation.undeclared, table.inputs


JOIN = "join: [{%s: customers, on: customer_id = id}]\n"


@pytest.mark.parametrize(
    ("sql", "body"),
    [
        ("select * from orders", "source: orders"),
        ("select * from orders o", "source: orders\nas: o"),
        ("SELECT * FROM Orders AS O WHERE O.Amount > 1", "source: orders\nfilter: amount > 1"),
        ("select day, amount * 2 as twice from orders", "source: orders\nselect: [day, {twice: amount * 2}]"),
        ("select order_id as id from orders", "source: orders\nselect: {id: order_id}"),
        ("select * except (day, note) from orders", "source: orders\ndrop: [day, note]"),
        ("select orders.* from orders left semi join customers on customer_id = id",
         "source: orders\n" + JOIN % "semi"),
        ("select * from orders anti join customers on customer_id = id", "source: orders\n" + JOIN % "anti"),
        ("select * from orders join customers on customer_id = id", "source: orders\n" + JOIN % "inner"),
        ("select * from orders left outer join customers on customer_id = id", "source: orders\n" + JOIN % "left"),
        ("select * from customers join (select customer_id as id, day from orders) o using (id)",
         "source: customers\njoin: [{inner: orders, on: id = customer_id}]\nselect: [id, email, city, day]"),
        ("select day, count(*) as n from orders group by day",
         "source: orders\ngroup_by: day\naggregate: {n: count(*)}"),
        ("SELECT Sum(Amount) AS S FROM orders", "source: orders\naggregate: {s: sum(amount)}"),
        ("select customer_id from orders group by customer_id",
         "source: orders\ngroup_by: customer_id\naggregate: {n: count(*)}\nselect: [customer_id]"),
        ("select distinct * from customers", "source: customers\ndedupe: {}"),
        ("select * from orders union all select * from orders", "union: [orders, orders]"),
        ("with big as (select * from orders where amount > 1) select day, note from big",
         "source: orders\nfilter: amount > 1\nselect: [day, note]"),
        ("select * from (select * from (select * from orders) a) b", "source: orders"),
        ("(select * from orders)", "source: orders"),
        ("select * from orders;", "source: orders"),
        ("-- all\nselect /* of them */ * from orders", "source: orders"),
    ],
)  # fmt: skip
def test_a_query_and_keys_that_say_the_same_are_known_to_be_the_same(sql: str, body: str) -> None:
    assert facts(by_sql(sql)) == facts(by_keys(body))


def test_a_query_inside_is_a_table_without_a_name() -> None:
    (column,) = by_sql("select s from (select upper(email) as s from customers) q").columns
    assert {(one.table, one.column) for one in column.origins} == {("customers", "email")}
    assert {(one.source, one.column) for one in column.personal} == {("customers", "email")}


# Refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "at", "said"),
    [
        ("select * from orders order by day", "order", "ORDER BY"),
        ("select * from orders sort by day", "sort", "SORT BY"),
        ("select * from orders limit 3", "limit", "LIMIT"),
        ("select * from orders where amount > 1 offset 3", "offset", "OFFSET"),
        (
            "select o.order_id from orders o, customers c full join orders p on p.customer_id = c.id "
            "where o.customer_id = c.id",
            "p.customer_id = c.id",
            "FULL JOIN after a comma or CROSS JOIN",
        ),
        ("select * from orders natural join customers", "natural", "NATURAL JOIN"),
        ("select day from orders intersect all select day from orders", "all", "INTERSECT ALL"),
        ("select day from orders minus all select day from orders", "all", "EXCEPT ALL"),
        ("select * from orders where amount > 1 lateral view explode(array(1)) e", "lateral", "LATERAL VIEW here"),
        ("select * from unnest(array(1)) e", "unnest", "UNNEST as the first in FROM"),
        ("select * from orders tablesample (10 percent)", "tablesample", "TABLESAMPLE"),
        ("select * from orders pivot (count(*) for day in (1))", "pivot", "PIVOT"),
        ("select day from orders group by all", "all", "GROUP BY ALL"),
        ("select day from orders group by 1", "1", "GROUP BY a position"),
        ("select day from orders group by rollup (day)", "rollup", "ROLLUP, CUBE and GROUPING SETS"),
        ("select day from orders group by day with cube", "with", "ROLLUP, CUBE and GROUPING SETS"),
        ("select day from orders group by grouping sets ((day))", "grouping", "ROLLUP, CUBE and GROUPING SETS"),
        ("select * from lake.orders", ".", "a database name"),
        ("select * from orders window w as (order by day)", "window", "a named window"),
    ],
)
def test_what_a_query_cannot_say_is_refused_by_name(sql: str, at: str, said: str) -> None:
    (found,) = diagnostics(sql)
    assert shown(sql) == [("Q001", at)]
    assert found.message == f"`sql:` can't say {said}"


def test_every_refused_word_has_a_remedy_or_speaks_for_itself() -> None:
    assert [word for word, said in REFUSED.items() if not said.split(":")[0].strip()] == []


# Wrong -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "code", "at"),
    [
        # syntax
        ("select", "E001", "t"),
        ("update orders", "E001", "update"),
        ("select day", "E001", "y"),
        ("select day, from orders", "E001", "s"),
        ("select * from (select * from orders)", "E001", ")"),
        ("select * from orders join customers", "E001", "s"),
        ("with q as (select * from orders where true select * from q", "E001", "select"),
        ("select * from orders; select * from orders", "E005", "select"),
        ("select 'x from orders", "E002", "'x from orders"),
        ("select day from orders where amount > ", "E001", ">"),
        # names
        ("select * from order_", "N001", "order_"),
        ("select * from orders o join custmers c on o.customer_id = c.id", "N001", "custmers"),
        ("with q as (select * from r), r as (select * from orders) select * from q", "N001", "r"),
        ("with q as (select * from q) select * from q", "N001", "q"),
        ("select * from (select * from orders) a join q on a.day = q.day", "N001", "q"),
        ("select * from orders join orders on true", "N005", "orders"),
        ("select dya from orders", "C001", "dya"),
        ("select o.dya from orders o", "C001", "dya"),
        ("select orders.day from orders o", "C006", "orders"),
        ("select x.* from orders", "C006", "x.*"),
        ("select * except (dya) from orders", "C001", "* except (dya)"),
        ("select * from orders where dya > 1", "C001", "dya"),
        ("select * from orders join customers on customer_id = di", "C001", "di"),
        ("select * from orders join customers using (id)", "C001", "id"),
        ("select day from orders group by dya", "C001", "dya"),
        ("select note from orders join (select note from orders) q on true", "C002", "note"),
        # output
        ("select day, day from orders", "C003", "day"),
        ("select *, day from orders", "C003", "day"),
        ("select day, count(*) as day from orders group by day", "C003", "count(*)"),
        ("select amount * 2 from orders", "C007", "amount * 2"),
        ("select day, count(*) from orders group by day", "C007", "count(*)"),
        ("select null as x from orders", "T011", "null"),
        # grouping
        ("select note, count(*) as n from orders group by day", "A003", "note"),
        ("select *, count(*) as n from orders group by day", "A003", "*"),
        ("select day from orders group by day having amount > 1", "A003", "amount > 1"),
        ("select day from orders where count(*) > 1", "A001", "count"),
        ("select count(*) as n from orders group by n", "A001", "count"),
        ("select day from orders group by day having count(*)", "T002", "count(*)"),
        # types
        ("select * from orders where amount", "T002", "amount"),
        ("select * from orders join customers on customer_id = email", "T001", "customer_id = email"),
        ("select day from orders union select amount from orders", "U002", "select amount"),
        ("select day from orders union all select day, note from orders", "U001", "select day, note"),
    ],
)
def test_what_is_wrong_where(sql: str, code: str, at: str) -> None:
    assert shown(sql) == [(code, at)]


@pytest.mark.parametrize(
    "sql",
    [
        "select Amount + 1 as more from orders group by amount + 1",
        "select (amount + 1) as more from orders group by amount+1",
        "select orders.amount + 1 as more from orders group by amount + 1",
        "select UPPER(note) as u from orders group by upper(note)",
    ],
)
def test_the_spelling_of_a_grouped_expression_does_not_matter(sql: str) -> None:
    assert diagnostics(sql) == ()


def test_places_are_those_of_the_file() -> None:
    text = text_of("select day,\n       dya\nfrom orders")
    (found,) = check_spec(SourceText("p", text)).diagnostics
    assert found.span is not None
    assert SourceText("p", text).line_column(found.span.start) == (24, 14)


def test_all_that_is_wrong_with_the_tables_of_a_query_comes_at_once() -> None:
    assert shown("select * from a join b on true join orders on true") == [("N001", "a"), ("N001", "b")]


@pytest.mark.parametrize("depth", [50, 5_000])
def test_deep_nesting_is_an_error_or_works(depth: int) -> None:
    for sql in (
        "select * from (" * depth + "select day from orders" + ") q" * depth,
        "(" * depth + "select day from orders" + ")" * depth,
        "select " + "(" * depth + "amount" + ")" * depth + " as a from orders",
        " union all ".join(["select day from orders"] * depth),
    ):
        codes = {code for code, _ in shown(sql)}
        assert codes <= {"E001"}


TOKENS = st.sampled_from(
    "select from orders customers where group by having union all with q as ( ) , * except distinct join left semi "
    "anti on using day amount note count(*) sum(amount) id customer_id and or not is null = <=> + 1 'x' case when then "
    "else end over order limit . ; `day` \" ' -- /* in between like cast".split(" ")
)


@settings(max_examples=400)
@given(st.lists(TOKENS, max_size=20), st.sampled_from(["", "select day from orders", "select sum(amount) as s,"]))
def test_any_words_give_a_table_or_an_error(words: list[str], start: str) -> None:
    analysis = check_spec(SourceText("p", text_of(" ".join([start, *words]))))
    assert (analysis.lake is None) == analysis.has_errors
    assert analysis.lake is not None or analysis.diagnostics
