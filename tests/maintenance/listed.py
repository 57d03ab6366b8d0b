"""Tables of random lakes that take rows of the spec: on each side of joins, in unions, groups and nested queries."""

from __future__ import annotations

from random import Random
from typing import Any

FORMS: tuple[dict[str, Any], ...] = (
    {"source": "listed", "filter": "n > 1"},
    {"source": "S", "as": "s", "join": [{"left": "listed", "as": "l", "on": "s.a = l.n"}], "select": ["s.rid", "l.w"]},
    {"source": "S", "as": "s", "join": [{"KIND": "listed", "as": "l", "on": "s.a = l.n and s.ts > 1"}]},
    {
        "source": "listed",
        "as": "l",
        "join": [{"left": "S", "as": "s", "on": "l.n = s.a", "cardinality": "many_to_many"}],
        "select": ["l.n", "l.w", "s.rid"],
    },
    {
        "source": "listed",
        "as": "l",
        "join": [{"inner": "S", "as": "s", "on": "l.n = s.a", "cardinality": "many_to_many"}],
        "group_by": "l.n",
        "aggregate": {"m": "max(s.ts)", "c": "count(*)"},
    },
    {"sql": "select a, rid from S where a > 0 union all select n, n as m from listed"},
    {"sql": "select a from S union all values (1L), (3L), (null)"},
    {"sql": "select k, count(*) as c from (select a as k from S union all select n from listed) x group by k"},
    {
        "sql": "select k, c from (select a as k, ts as c from S union select n, 2L as two from listed "
        "where n < 3) x where c > 0"
    },
    {"sql": "select rid, ts from S where a in (select n from listed where w is not null)"},
    {"sql": "select rid from S where a not in (select v from values (1L), (3L) as t (v)) and a is not null"},
    {
        "sql": "select s.rid, q.m from S s join (select l.n, max(o.ts) as m from listed l left join S o on o.a = l.n "
        "group by l.n) q on q.n = s.ts"
    },
    {
        "sql": "select s.rid, q.m from S s left join "
        "(select n as m from listed union all select ts from S where a = 2) q on q.m = s.a"
    },
    {
        "sql": "with v (k, w) as (values (1L, 'x'), (2L, 'y'), (3L, null)) "
        "select v.k, s.rid, row_number() over (partition by v.k order by s.rid, s.ts) as p from v "
        "join S s on s.a = v.k"
    },
    {
        "sql": "select v.k, v.w from (values (1L, 'x'), (2L, 'y'), (2L, 'z')) as v (k, w) "
        "left anti join S s on s.a = v.k"
    },
)


def add_rows_of_the_spec(spec: dict[str, Any], seed: int) -> None:
    """Adds `listed`, a view or table of rows of the spec, and a few tables that take rows from it, or have their own.

    Draws of its own, so that the rest of a seed's lake stays as it is; half of them get none.
    """
    random = Random(f"listed {seed}")
    sources = [name for name, one in spec["sources"].items() if {"rid", "ts", "a"} <= one["columns"].keys()]
    if random.random() < 0.5 or not sources:
        return
    rows = [
        [random.choice((None, 0, 1, 2, 3)), random.choice((None, "p", "q"))] for _ in range(random.choice((0, 1, 4)))
    ]
    listed = {"values": {"columns": {"n": "bigint", "w": "string"}, "rows": rows}}
    spec["tables"]["listed"] = listed | ({"view": True} if random.random() < 0.6 else {"zone": "free"})
    for number, form in enumerate(random.sample(FORMS, 4)):
        kind = random.choice(("inner", "left", "full", "semi", "anti"))
        table: dict[str, Any] = _put(form, random.choice(sources), kind)
        spec["tables"][f"v{number}"] = table | ({"view": True} if random.random() < 0.2 else {"zone": "free"})


def _put(part: Any, source: str, kind: str) -> Any:
    """A form with a source in the place of `S`, and a kind of join in that of `KIND`."""
    if isinstance(part, dict):
        found = {key if key != "KIND" else kind: _put(one, source, kind) for key, one in part.items()}
        if "KIND" in part and kind in ("inner", "left", "full"):
            found["cardinality"] = "many_to_many"
        return found
    if isinstance(part, list):
        return [_put(one, source, kind) for one in part]
    if not isinstance(part, str):
        return part
    return (
        source
        if part == "S"
        else part.replace(" S ", f" {source} ").removesuffix(" S") + (f" {source}" if part.endswith(" S") else "")
    )
