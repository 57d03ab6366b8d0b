"""Tables written by keys and by `sql:` give the rows that an evaluator in plain Python gives, on random data.

What the compiler claims of each step (unique keys, sides of joins, numbers of rows) is checked on the rows
that are there after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from generator.plan.expressions import DUCKDB_SETTINGS
from tests.engines.relational_claims import bag, check_claims, compiled, database, rows_in, step_counts
from tests.engines.relational_plans import (
    Plan,
    Row,
    Tables,
    aggregate,
    aggregated,
    as_keys,
    as_query,
    evaluate,
)
from tests.engines.relational_random import KEYS, SOURCES, random_data, random_plan

RANDOM = st.randoms(use_true_random=True)
QUICK = settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for setting in ("SET threads = 2", *DUCKDB_SETTINGS):
            opened.execute(setting)
        yield opened


def check_plans(
    connection: duckdb.DuckDBPyConnection,
    named: Mapping[str, Plan],
    data: Tables,
    *views: str,
    listed: Tables | None = None,
) -> None:
    """Holds the tables of plans, one after the other, against the evaluator: written by keys and as queries.

    Args:
        listed: the part of the data that stands in the spec.
    """
    counts, rows = {}, dict(data)
    for name, plan in named.items():
        counts[name], rows[name] = evaluate(plan, rows)
    by_keys = {name: as_keys(plan) for name, plan in named.items()}
    by_query = {name: {"sql": as_query(plan)} for name, plan in named.items()}
    for tables in (by_keys, by_query):
        note(f"{yaml.safe_dump(tables, sort_keys=False)}over {data}")
        lake = compiled({name: {**body, "view": name in views} for name, body in tables.items()}, listed=listed)
        with database(connection, lake, data):
            for name, table in lake.tables.items():
                assert bag(rows_in(connection, f"FROM {name}")) == bag(rows[name])
                found = check_claims(connection, table.query)
                if tables is by_keys and name in named:
                    assert found == step_counts(connection, table.query) == counts[name]


@pytest.mark.parametrize("key", KEYS)
@QUICK
@given(random=RANDOM)
def test_keys_and_query_give_the_rows_of_the_evaluator(
    connection: duckdb.DuckDBPyConnection, key: str, random: Random
) -> None:
    plan, _ = random_plan(random, SOURCES, key)
    check_plans(connection, {"t": plan}, random_data(random))


@QUICK
@given(random=RANDOM)
def test_tables_and_views_build_on_each_other(connection: duckdb.DuckDBPyConnection, random: Random) -> None:
    tables, named = dict(SOURCES), {}
    for name, before in (("first", None), ("second", "first"), ("third", "second")):
        named[name], tables[name] = random_plan(random, tables, source=before)
    views = [name for name in ("first", "second") if random.random() < 0.5]
    check_plans(connection, named, random_data(random), *views)


@settings(max_examples=100, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(random=RANDOM)
def test_rows_of_the_spec_are_rows_like_others(connection: duckdb.DuckDBPyConnection, random: Random) -> None:
    plan, _ = random_plan(random, SOURCES)
    data = random_data(random)
    check_plans(connection, {"t": plan}, data, listed={name: data[name] for name in SOURCES if random.random() < 0.7})


@dataclass(frozen=True)
class Sql:
    """A query and its result, made of the rows of `a`, `b` and `c`."""

    name: str
    sql: str
    expected: Callable[[list[Row], list[Row], list[Row]], Iterable[Row]]


def plus(left: Any, right: Any) -> Any:
    return None if left is None or right is None else left + right


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def total(rows: Iterable[Row], name: str) -> Any:
    return aggregate("sum", [row[name] for row in rows])


def distinct(rows: Iterable[Row]) -> list[Row]:
    return [dict(row) for row in {tuple(row.items()): None for row in rows}]


def only(rows: Iterable[Row], *names: str) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]


QUERIES = (
    Sql(
        "group by an expression",
        "select k + x as up, count(*) as n from a group by k + x",
        lambda a, b, c: [{"up": up, "n": len(rows)} for up, rows in grouped(a, lambda r: plus(r["k"], r["x"])).items()],
    ),
    Sql(
        "group by an alias",
        "select coalesce(g, 'none') as word, min(x) as least from a group by word",
        lambda a, b, c: [
            {"word": word, "least": aggregate("min", [r["x"] for r in rows])}
            for word, rows in grouped(a, lambda r: "none" if r["g"] is None else r["g"]).items()
        ],
    ),
    Sql(
        "an alias that is a column's name means the column",
        "select k, x as g, count(*) as n from a group by k, x",
        lambda a, b, c: [
            {"k": k, "g": x, "n": len(rows)} for (k, x), rows in grouped(a, lambda r: (r["k"], r["x"])).items()
        ],
    ),
    Sql(
        "grouped columns inside expressions",
        "select k + 1L as next, sum(x) + k as s from a group by k",
        lambda a, b, c: [
            {"next": plus(k, 1), "s": plus(total(rows, "x"), k)} for k, rows in grouped(a, lambda r: r["k"]).items()
        ],
    ),
    Sql(
        "having",
        "select g, sum(x) as s from a group by g having sum(x) > 1 or g is null",
        lambda a, b, c: [
            {"g": g, "s": total(rows, "x")}
            for g, rows in grouped(a, lambda r: r["g"]).items()
            if g is None or (total(rows, "x") or 0) > 1
        ],
    ),
    Sql(
        "having without groups",
        "select count(x) as n from a having count(*) > 2",
        lambda a, b, c: [{"n": sum(r["x"] is not None for r in a)}] if len(a) > 2 else [],
    ),
    Sql(
        "all rows in one group, be there any or not",
        "select count(*) as n, sum(x) as s, count(distinct g) as words from a where k is not null",
        lambda a, b, c: aggregated(
            [r for r in a if r["k"] is not None],
            (),
            [("n", "count", None), ("s", "sum", "x"), ("words", "count distinct", "g")],
        ),
    ),
    Sql(
        "distinct groups",
        "select distinct count(*) as n from a group by g",
        lambda a, b, c: distinct({"n": len(rows)} for rows in grouped(a, lambda r: r["g"]).values()),
    ),
    Sql("distinct", "select distinct g, x from a", lambda a, b, c: distinct(only(a, "g", "x"))),
    Sql("all columns but one", "select * except (g) from a", lambda a, b, c: only(a, "k", "x")),
    Sql(
        "all columns of one side",
        "select s.*, b.y from a s join b on s.k = b.k",
        lambda a, b, c: [
            {**only([r], "k", "g", "x")[0], "y": o["y"]} for r in a for o in b if r["k"] == o["k"] is not None
        ],
    ),
    Sql(
        "union puts columns together by their place",
        "select k as one, g as two from a union select y, g from b",
        lambda a, b, c: distinct(
            [{"one": r["k"], "two": r["g"]} for r in a] + [{"one": r["y"], "two": r["g"]} for r in b]
        ),
    ),
    Sql(
        "union all keeps duplicates",
        "select k, x from a union all select x, k from c union all select k, x from a",
        lambda a, b, c: [*only(a, "k", "x"), *({"k": r["x"], "x": r["k"]} for r in c), *only(a, "k", "x")],
    ),
    Sql(
        "unions apply from left to right",
        "select k from a union all select k from b union select k from c union all select k from a",
        lambda a, b, c: distinct(only([*a, *b, *c], "k")) + only(a, "k"),
    ),
    Sql(
        "unions in parentheses",
        "select k from a union all (select k from b union select k from c)",
        lambda a, b, c: only(a, "k") + distinct(only([*b, *c], "k")),
    ),
    Sql(
        "a query in from",
        "select q.k, q.n from (select k, count(*) as n from a group by k) as q where q.n = 1",
        lambda a, b, c: [{"k": k, "n": 1} for k, rows in grouped(a, lambda r: r["k"]).items() if len(rows) == 1],
    ),
    Sql(
        "a named query twice",
        "with q as (select k, x from a where x > 0L) select l.k, r.x from q l left join q r on l.x = r.k",
        lambda a, b, c: [
            {"k": left["k"], "x": right["x"]}
            for left in a
            if left["x"]
            for right in [o for o in a if o["x"] and o["k"] == left["x"]] or [{"x": None}]
        ],
    ),
    Sql(
        "a named query hides a table",
        "with a as (select k from a where k > 0L), b as (select k from a where k > 1L) select * from b",
        lambda a, b, c: [{"k": r["k"]} for r in a if (r["k"] or 0) > 1],
    ),
    Sql(
        "rows without a match",
        "select a.k, a.x from a left join b on a.k = b.k and b.y > 0L where b.k is null",
        lambda a, b, c: [
            {"k": r["k"], "x": r["x"]}
            for r in a
            if not any(r["k"] is not None and r["k"] == o["k"] and (o["y"] or 0) > 0 for o in b)
        ],
    ),
    Sql(
        "nulls that match",
        "select a.k, b.y from a inner join b on a.k <=> b.k",
        lambda a, b, c: [{"k": r["k"], "y": o["y"]} for r in a for o in b if r["k"] == o["k"]],
    ),
    Sql(
        "joins, one after the other, with a query among them",
        "select a.x, q.n from a left semi join b on a.g = b.g "
        "inner join (select g, count(*) as n from c group by g) q on a.g = q.g",
        lambda a, b, c: [
            {"x": r["x"], "n": sum(o["g"] == r["g"] for o in c)}
            for r in a
            if r["g"] is not None and any(o["g"] == r["g"] for o in b) and any(o["g"] == r["g"] for o in c)
        ],
    ),
    Sql(
        "exists, whose own names come first",
        "select k, x from a where exists (select 1 from b q where k = a.k and y > 0L)",
        lambda a, b, c: [
            {"k": r["k"], "x": r["x"]}
            for r in a
            if r["k"] is not None and any(o["k"] == r["k"] and (o["y"] or 0) > 0 for o in b)
        ],
    ),
    Sql(
        "in a query, and not in another",
        "select k from a where k is not null and k in (select k from b) "
        "and k not in (select k from c where k is not null)",
        lambda a, b, c: [
            {"k": r["k"]}
            for r in a
            if r["k"] is not None and any(o["k"] == r["k"] for o in b) and not any(o["k"] == r["k"] for o in c)
        ],
    ),
    Sql(
        "a right join, with the columns as written",
        "select * from (select k as k1 from a) p right join (select k as k2 from b) q on p.k1 = q.k2",
        lambda a, b, c: [
            {"k1": k, "k2": o["k"]}
            for o in b
            for k in [r["k"] for r in a if r["k"] is not None and r["k"] == o["k"]] or [None]
        ],
    ),
    Sql(
        "joins in where",
        "select a.k, b.y, c.g from a, b cross join c where a.k = b.k and b.g = c.g and (a.x > 0L or a.x is null)",
        lambda a, b, c: [
            {"k": r["k"], "y": o["y"], "g": p["g"]}
            for r in a
            for o in b
            for p in c
            if r["k"] == o["k"] is not None and o["g"] == p["g"] is not None and (r["x"] is None or r["x"] > 0)
        ],
    ),
    Sql(
        "intersect binds tighter, and null is like null",
        "select k, g from a except select k, g from b intersect select k, g from c",
        lambda a, b, c: [{"k": k, "g": g} for k, g in _pairs(a) - (_pairs(b) & _pairs(c))],
    ),
    Sql(
        "qualify by a column of the select list",
        "select k, g, row_number() over (partition by k order by g) as n "
        "from (select distinct k, g from a) d qualify n = 1",
        lambda a, b, c: [
            {"k": key, "g": min((g for k, g in _pairs(a) if k == key), key=lambda g: (g is not None, g or "")), "n": 1}
            for key in {k for k, _ in _pairs(a)}
        ],
    ),
)


def _pairs(rows: list[dict[str, Any]]) -> set[tuple[Any, Any]]:
    return {(row["k"], row["g"]) for row in rows}


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case.name)
@QUICK
@given(random=RANDOM)
def test_queries(connection: duckdb.DuckDBPyConnection, case: Sql, random: Random) -> None:
    data = random_data(random)
    lake = compiled({"t": {"sql": case.sql}})
    with database(connection, lake, data):
        assert bag(rows_in(connection, "FROM t")) == bag(case.expected(data["a"], data["b"], data["c"]))
        query = lake.tables["t"].query
        assert check_claims(connection, query) == step_counts(connection, query)


@QUICK
@given(random=RANDOM)
def test_the_order_of_the_rows_changes_nothing(connection: duckdb.DuckDBPyConnection, random: Random) -> None:
    plan, _ = random_plan(random, SOURCES, "dedupe by")
    lake = compiled({"t": as_keys(plan)})
    data = random_data(random)
    found = []
    for order in (data, {name: random.sample(rows, len(rows)) for name, rows in data.items()}):
        with database(connection, lake, order):
            found.append(bag(rows_in(connection, "FROM t")))
    assert found[0] == found[1]


@dataclass(frozen=True)
class Table:
    """A table over `m` and `n`, whose columns have names that the emitted SQL might want for itself."""

    name: str
    body: dict[str, Any]
    expected: list[tuple[Any, ...]]


OWN_NAMES = {
    "m": {"_row": "bigint", "_0": "bigint", "_having": "bigint", "_group0": "bigint", "k": "bigint"},
    "n": {"k": "bigint", "_1": "bigint", "m__k": "bigint", "order": "string", "n": "bigint"},
}
OWN_ROWS: Tables = {
    "m": [
        {"_row": 1, "_0": 7, "_having": 5, "_group0": 3, "k": 1},
        {"_row": 2, "_0": 7, "_having": 6, "_group0": 4, "k": 2},
    ],
    "n": [
        {"k": 1, "_1": 8, "m__k": 9, "order": "x", "n": 4},
        {"k": 2, "_1": 8, "m__k": 10, "order": "y", "n": 5},
    ],
}
TABLES = (
    Table("dedupe beside _row", {"source": "m", "dedupe": {"by": "k"}}, [(1, 7, 5, 3, 1), (2, 7, 6, 4, 2)]),
    Table("group by _0", {"sql": "select _0, count(*) as c from m group by _0"}, [(7, 2)]),
    Table(
        "having beside _having",
        {"sql": "select _having, sum(k) as s from m group by _having having sum(k) > 1"},
        [(6, 2)],
    ),
    Table(
        "group by an expression and _group0",
        {"sql": "select k + 1L as up, _group0, count(*) as c from m group by k + 1L, _group0"},
        [(2, 3, 1), (3, 4, 1)],
    ),
    Table(
        "two columns of a name, and one called like the alias and the name",
        {
            "source": "m",
            "join": [{"inner": "n", "on": "m.k = n.k"}],
            "dedupe": {"by": "_1"},
            "select": ["m.k", "m__k", {"other": "n.k"}],
        },
        [(1, 9, 1)],
    ),
    Table(
        "reserved words, and a column called like its table",
        {
            "source": "n",
            "filter": "order = 'y' and n.n > 4L",
            "select": ["order", "n", {"select": "n.n + n"}],
        },
        [("y", 5, 10)],
    ),
    Table(
        "an aggregate inside an expression",
        {"source": "m", "aggregate": {"next": "count(*) + 1L", "width": "max(_having) - min(_having)"}},
        [(3, 1)],
    ),
    Table(
        "a window function inside an expression",
        {"source": "n", "add": {"place": "row_number() over (order by k) + 1L"}, "select": ["k", "place"]},
        [(1, 2), (2, 3)],
    ),
    Table(
        "a window over a window",
        {
            "source": "n",
            "add": {"place": "row_number() over (order by k)"},
            "select": ["k", {"places": "sum(place) over ()"}],
        },
        [(1, 3), (2, 3)],
    ),
    Table(
        "one table joined twice",
        {
            "source": "m",
            "join": [{"semi": "n", "on": "m.k = n.k"}, {"inner": "n", "on": "m._0 < n.m__k and m.k = n.k"}],
            "select": ["m.k", "m__k"],
        },
        [(1, 9), (2, 10)],
    ),
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_names_and_nesting(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    sources = {name: {"path": name, "columns": columns} for name, columns in OWN_NAMES.items()}
    lake = compiled({"t": table.body}, sources)
    with database(connection, lake, OWN_ROWS):
        assert sorted(tuple(row.values()) for row in rows_in(connection, "FROM t")) == table.expected
        query = lake.tables["t"].query
        assert check_claims(connection, query) == step_counts(connection, query)
