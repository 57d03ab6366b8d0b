"""Tables of random lakes whose joins compare columns that come out, so that changes of the right tell of rows."""

from __future__ import annotations

from random import Random
from typing import Any

from generator.plan.lake import CompiledLake, CompiledTable
from generator.plan.maintenance.verdict import judged

SEMI = {"semi": "R", "as": "r", "on": "s.a = r.a and r.ts > 1"}
ANTI = {"anti": "Q", "as": "q", "on": "s.a = q.a and q.b is not null"}
FORMS: tuple[dict[str, Any], ...] = (
    {"source": "S", "as": "s", "join": [SEMI], "select": ["s.rid", "s.a", "s.b"]},
    {"source": "S", "as": "s", "join": [SEMI, ANTI], "select": ["s.rid", {"k": "s.a"}]},
    {"source": "S", "as": "s", "join": [{"anti": "R", "as": "r", "on": "s.a = r.a and s.b = r.b"}]},
    {
        "source": "S",
        "as": "s",
        "join": [{"left": "R", "as": "r", "on": "s.a = r.a", "cardinality": "many_to_many"}, ANTI],
        "select": ["s.rid", "s.a", {"other": "r.rid"}, {"b": "r.b"}],
    },
    {
        "source": "S",
        "as": "s",
        "join": [{"inner": "R", "as": "r", "on": "s.a = r.a and s.ts >= r.ts", "cardinality": "many_to_many"}],
        "group_by": ["s.a", "s.b"],
        "aggregate": {"n": "count(*)", "most": "max(r.rid)"},
    },
    {"source": "S", "as": "s", "join": [SEMI], "dedupe": {"by": ["s.a", "s.b"], "order_by": ["s.rid"]}},
    {"source": "S", "as": "s", "join": [SEMI, {"semi": "Q", "as": "q", "on": "s.rid = q.a"}]},
    {"sql": "select s.rid, s.a, q.m from S s join (select a, max(rid) as m from R group by a) q on q.a = s.a"},
    {
        "sql": "select x.a, x.n from (select a, rid as n from S union all select a, 0L as n from Q) x "
        "where x.a in (select a from R)"
    },
    {
        "sql": "select s.a, s.rid, row_number() over (partition by s.a order by s.rid) as p from S s "
        "where s.a in (select a from R)"
    },
    {"source": "S", "as": "s", "join": [{"semi": "S", "as": "o", "on": "s.a = o.a and o.ts > 1"}, SEMI]},
)


def add_joined(spec: dict[str, Any], seed: int) -> None:
    """Adds a few such tables, by draws of their own; half of the lakes get none."""
    random = Random(f"joined {seed}")
    sources = [name for name, one in spec["sources"].items() if {"rid", "ts", "a", "b"} <= one["columns"].keys()]
    if random.random() < 0.5 or len(sources) < 2:
        return
    for number, form in enumerate(random.sample(FORMS, 3)):
        first, *others = random.sample(sources, 2)
        names = {"S": first, "R": others[0], "Q": random.choice(others)}
        spec["tables"][f"j{number}"] = {**_put(form, names), "zone": "free"}


def _put(part: Any, names: dict[str, str]) -> Any:
    """A form with sources in the places of `S`, `R` and `Q`."""
    if isinstance(part, dict):
        return {key: _put(one, names) for key, one in part.items()}
    if isinstance(part, list):
        return [_put(one, names) for one in part]
    words = part.split(" ")
    return " ".join(names.get(word.rstrip(")"), word.rstrip(")")) + word[len(word.rstrip(")")) :] for word in words)


def has_another_way(lake: CompiledLake, table: CompiledTable) -> bool:
    """Whether it may be kept by what its joins compare."""
    delta = judged(lake, table)[1]
    return delta is not None and delta.table.matched is not None
