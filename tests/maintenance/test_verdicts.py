"""By which columns a table's rows are found again, or where the spec loses them."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.maintenance.verdict import Reach, Verdict, verdict
from tests.maintenance.shop import HEAD


def of(tables: str, name: str = "t", head: str = HEAD) -> Verdict:
    analysis = check_spec(SourceText("shop.yaml", head + tables))
    assert analysis.lake is not None, analysis.diagnostics
    return verdict(analysis.lake, analysis.lake.tables[name])


def keys(body: str) -> str:
    return f"  t: {{zone: raw, {body}}}\n"


def sql(query: str) -> str:
    return f"  t:\n    zone: raw\n    sql: {query}\n"


KEPT = {
    "all exact columns": (keys("source: orders"), "id, who, day"),
    "renamed": (keys("source: orders, rename: {id: number}, drop: [day, who]"), "number"),
    "computed of one row": (keys('source: orders, select: [{half: "id div 2"}, total]'), "half"),
    "the same column twice": (keys("source: orders, select: [{a: id}, {b: id}, total]"), "a"),
    "group_by": (keys("source: orders, group_by: [who, total], aggregate: {n: count(*)}"), "who"),
    "group by what was computed": (
        keys('source: orders, add: {month: "year(day)"}, group_by: [month], aggregate: {n: count(*)}'),
        "month",
    ),
    "dedupe": (keys("source: orders, dedupe: {by: [who]}"), "who"),
    "dedupe of all": (keys("source: orders, dedupe: {}"), "id, who, day"),
    "what is computed of the columns that rows are put together by": (
        keys('source: orders, dedupe: {by: [who]}, select: [{big: "upper(who)"}]'),
        "big",
    ),
    "window": (keys('source: orders, add: {n: "row_number() over (partition by who order by id)"}'), "who"),
    "semi join": (keys("source: orders, join: [{semi: people, on: orders.who = people.who}]"), "id, who, day"),
    "the right of an inner join, by what is equal": (
        keys(
            "source: orders, join: [{inner: people, on: orders.who = people.who, cardinality: many_to_many}],"
            " select: [people.who, name]"
        ),
        "who",
    ),
    "union": (keys("union: [orders, orders], select: [id, total]"), "id"),
    "a view": ("  v: {view: true, source: orders, filter: total > 1}\n" + keys("source: v, select: [who]"), "who"),
    "sql": (sql("select id from (select distinct id, who from orders) x where id > 1"), "id"),
    "sql with in": (sql("select id, who from orders where who in (select who from people where ok)"), "id, who"),
}


@pytest.mark.parametrize("case", KEPT)
def test_rows_are_found_again_by(case: str) -> None:
    tables, address = KEPT[case]
    assert ", ".join(of(tables).address) == address


ANEW = {
    "all rows": (keys("source: orders, aggregate: {n: count(*)}"), "one row is made of all rows", "aggregate"),
    "only a double": (
        keys("source: orders, group_by: [total], aggregate: {n: count(*)}"),
        "`group by` has no exact column of a base row",
        "aggregate",
    ),
    "only a joined column": (
        keys(
            "source: orders, join: [{left: people, on: orders.who = people.who, cardinality: many_to_many}],"
            " select: [name]"
        ),
        "no column that comes out is one of a base row",
        "select",
    ),
    "the time": (
        keys("source: orders, filter: day < current_date()"),
        "`day < current_date()` asks for the time",
        "filter",
    ),
    "the time in a view": (
        "  v: {view: true, source: orders, filter: day < current_date()}\n" + keys("source: v"),
        "asks for the time",
        "filter",
    ),
    "the time in an expectation": (
        keys('source: orders, expect: [{sql: "day < current_date()"}]'),
        "asks for the time",
        "expect",
    ),
    "a window over all rows": (
        keys('source: orders, add: {n: "row_number() over (order by id)"}'),
        "a window over all rows",
        "add",
    ),
    "another window": (
        keys('source: orders, add: {n: "count(*) over (partition by total)"}'),
        "a window's `partition by`",
        "add",
    ),
    "groups of groups": (
        sql("select n, count(*) as m from (select who, count(*) as n from orders group by who) x group by n"),
        "no column that comes out is one of a base row",
        "sql",
    ),
    "asked for": (keys("source: orders, refresh: full"), "`refresh: full` asks for it", "refresh"),
}


@pytest.mark.parametrize("case", ANEW)
def test_made_anew_because(case: str) -> None:
    tables, reason, at = ANEW[case]
    found = of(tables)
    assert not found.address and reason in found.reason
    assert found.place is not None and at in found.place.path


def test_how_changes_reach_rows() -> None:
    join = "semi: people, on: orders.who = people.who"
    found = of(keys(f"source: orders, join: [{{{join}}}]"))
    assert found.reaches == (
        Reach("orders", "rows"),
        Reach("people", "matches", "semi join people on orders.who = people.who"),
    )
    grouped = of(keys("source: orders, group_by: [who], aggregate: {n: count(*)}"))
    assert grouped.reaches == (Reach("orders", "groups"),)


def test_views_of_views_end() -> None:
    views = "  v0: {view: true, source: orders}\n" + "".join(
        f"  v{n}: {{view: true, sql: select a.id from v{n - 1} a left semi join v{n - 1} b on a.id = b.id}}\n"
        for n in range(1, 12)
    )
    assert "in more than 64 places" in of(views + keys("source: v11")).reason


def test_what_cannot_be_kept_is_an_error_where_the_spec_asks_for_it() -> None:
    text = HEAD + keys("source: orders, refresh: incremental, aggregate: {n: count(*)}")
    (found,) = check_spec(SourceText("shop.yaml", text)).diagnostics
    assert (found.code, found.label) == ("M001", "one row is made of all rows")
    assert found.span is not None and text[found.span.start :].startswith("aggregate: ") and found.help
    (found,) = check_spec(
        SourceText("shop.yaml", text.replace("aggregate: {n", "view: true, aggregate: {n"))
    ).diagnostics
    assert found.code == "S004" and "put `refresh` on the tables that read it" in found.message
