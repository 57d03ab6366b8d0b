"""One table of every sort, and a few changes: the law in small, always the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.run.lake_folder import LakeFolder
from tests.maintenance.shop import HEAD, Shop, order

MANY = "cardinality: many_to_many"
TABLES = f"""
  plain: {{zone: raw, source: orders}}
  doubled: {{zone: raw, union: [orders, orders], select: [id, who]}}
  mixed:
    zone: raw
    sql: >
      select id, who from orders where total > 1
      union all select count(*) as id, who from orders group by who
  half: {{zone: raw, source: orders, select: [{{half: "id div 2"}}, total]}}
  parts:
    zone: raw
    source: orders
    unnest: {{column: "case when total < 5 then array(who, cast(day as string), who) end", as: part, position: at}}
    select: [id, at, part]
  part_kept: {{zone: raw, source: orders, unnest: {{column: "slice(array(who), 1, 1)", as: one, outer: true}}}}
  by_part: {{zone: raw, source: orders, unnest: {{column: "array(who, 'a')", as: part}}, group_by: [part, who],
    aggregate: {{n: count(*)}}}}
  of_people:
    zone: raw
    sql: >
      select o.id, p.name, e.part from orders o lateral view outer explode(array(who, 'b')) e as part
      left join people p on e.part = p.who
  lettered:
    zone: raw
    source: orders
    filter: exists(array(who, 'a'), x -> x > 'a' or id > 2)
    select: [id, {{others: "filter(array('a', 'b', who), who -> who <> 'b')"}}]
  groups: {{zone: raw, source: orders, group_by: [who], aggregate: {{n: count(*), s: "sum(total)"}}}}
  newest: {{zone: raw, source: orders, dedupe: {{by: [who], order_by: [id desc]}}}}
  largest:
    zone: raw
    source: orders
    qualify: row_number() over (partition by who order by total desc, id, day) <= 2
  largest_of_all: {{zone: raw, source: orders, qualify: "rank() over (order by total desc) <= 3", select: [id, who]}}
  numbered: {{zone: raw, source: orders, add: {{n: "row_number() over (partition by who order by id, day)"}}}}
  counted: {{zone: raw, source: orders, select: [id, who, {{n: "count(*) over (partition by who)"}}]}}
  days: {{zone: raw, sql: "select distinct who, day from orders"}}
  semi: {{zone: raw, source: orders, join: [{{semi: people, on: orders.who = people.who and ok}}]}}
  anti: {{zone: raw, source: orders, join: [{{anti: people, on: orders.who = people.who}}]}}
  left:
    zone: raw
    source: orders
    join: [{{left: people, on: orders.who = people.who, {MANY}}}]
    select: [people.who, name, id]
  named: {{zone: raw, source: left, select: [who, name]}}
  inner:
    zone: raw
    source: orders
    join: [{{inner: people, on: orders.who <=> people.who, {MANY}}}]
    select: [id, name]
  beside:
    zone: raw
    source: orders
    join: [{{full: people, using: who, {MANY}}}]
    select: [who, id, name]
  beside_queries:
    zone: raw
    sql: >
      select o.day, who, p.n from (select who, day from orders where total > 1) o
      full join (select who, count(*) as n from people group by who) p using (who)
  of_both: {{zone: raw, source: orders, join: [{{left: beside, on: orders.id = beside.id, {MANY}}}],
    select: [orders.id, beside.name]}}
  within: {{zone: raw, sql: "select id, who from orders where who in (select who from people where ok)"}}
  most:
    zone: raw
    sql: >
      select o.id, o.who, c.n from orders o
      inner join (select who, count(*) as n from people group by who) c on o.who = c.who
  none:
    zone: raw
    sql: >
      select o.id, o.who from orders o
      left anti join (select who from people group by who having count(*) > 1) c on o.who = c.who
  twice:
    zone: raw
    sql: select a.id, b.id as other from orders a inner join orders b on a.who = b.who and a.id < b.id
  v: {{view: true, source: orders, filter: total > 1}}
  viewed: {{zone: raw, source: v, join: [{{semi: people, on: v.who = people.who}}], group_by: [who],
    aggregate: {{n: count(*)}}}}
  after: {{zone: raw, source: groups, join: [{{left: newest, on: groups.who <=> newest.who, {MANY}}}],
    select: [groups.who, n, id]}}
  checked:
    zone: raw
    source: orders
    expect:
      - {{not_null: who, severity: warn}}
      - {{unique: id, severity: warn}}
      - {{references: {{who: known.who}}, severity: warn}}
      - {{between: {{total: [0, 8]}}, severity: warn}}
      - {{rows: {{max: 9}}, severity: warn}}
  asking: {{zone: raw, source: orders, filter: who = 'c', expect: [{{references: {{who: known.who}}, severity: warn}}]}}
  known: {{zone: raw, source: people}}
  all: {{zone: raw, source: orders, aggregate: {{n: count(*)}}}}
  nicks:
    view: true
    values: {{columns: {{who: string, nick: string}}, rows: [[a, A], [b, B], [b, B], [null, N], [zz, Z]]}}
  nicks_alone: {{zone: raw, source: nicks, filter: nick > 'A'}}
  nicked: {{zone: raw, source: orders, join: [{{left: nicks, on: orders.who = nicks.who, {MANY}}}], select: [id, nick]}}
  of_nicks: {{zone: raw, source: nicks, join: [{{left: orders, on: orders.who <=> nicks.who, {MANY}}}],
    select: [nicks.who, nick, id]}}
  beside_nicks:
    zone: raw
    sql: >
      select who, day from orders where total > 1
      union all select who, cast(null as date) as day from nicks
  with_nicks:
    zone: raw
    sql: select who, count(*) as n from (select who from orders union all values ('a'), ('x')) u group by who
  by_nicks:
    zone: raw
    sql: >
      select o.id, q.n from orders o join (select n.nick, n.who, count(p.who) as n from nicks n
      left join people p on p.who = n.who group by n.nick, n.who) q on q.who = o.who
  near_nicks:
    zone: raw
    sql: select o.id, q.nick from orders o join (select who, nick from nicks
      union all select who, name from people
      union all select who, cast(id as string) as nick from newest) q on q.who = o.who
"""


def states(shop: Shop) -> Iterator[str]:
    """Changes the data, or the spec, step by step."""
    shop.put("orders/1", order(1, "a", 1), order(2, "b", 2), order(3, None, 3), order(4, "c", 4), order(5, "d", 5))
    shop.put("orders/2", order(6, "a", 1), order(6, "a", 1), order(7, None, 2), order(8, "e", 7))
    shop.put("people/1", *(person(who, who != "b") for who in ("a", "b", "c", None)))
    yield "the first run"
    shop.put("orders/3", order(9, "a", 9), order(10, "f", 1), order(11, None, 2))
    shop.put("orders/5", order(13, "d", -0.0))
    yield "orders come"
    shop.put("people/2", person("d"), person("a"))
    shop.tables = shop.tables.replace("total > 1", "total > 2")
    yield "people come, and another condition"
    shop.put("people/2", person("d"))
    shop.put("orders/5", order(13, "d", 0.0))
    yield "one goes whose name is there twice, and a sign changes"
    shop.put("orders/2", order(6, "a", 1), order(7, None, 2), order(8, "e", 7))
    yield "one of two that are the same goes"
    shop.put("orders/6", order(1, "a", 1))
    yield "a number is there twice"
    shop.drop("orders/6")
    shop.put("people/1", person("a", False), person("b"), person(None))
    yield "one withdraws, one agrees, one is gone"
    shop.drop("orders/3")
    shop.put("orders/1", order(1, "b", 1), order(2, "b", 2), order(3, None, 3))
    shop.put("orders/4", order(12, "c", 2), order(12, None, 2))
    shop.put("people/3", person("e"), person("f"), person("e"))
    yield "orders go, come and are another's, and people come"
    for name in ("orders/2", "orders/4", "orders/5", "people/1", "people/2"):
        shop.drop(name)
    yield "most goes"


def person(who: str | None, ok: bool = True) -> dict[str, object]:
    return {"who": who, "name": f"name of {who}", "ok": ok}


@dataclass(frozen=True)
class Made:
    """What a run from nothing made of one state.

    Attributes:
        rows: of each table, in one order.
        violations: of each table's checks.
    """

    rows: Mapping[str, list[str]]
    violations: Mapping[str, list[int]]


def from_nothing(root: Path) -> list[Made]:
    """What is right after each change."""
    shop, found = Shop(root, TABLES, HEAD), []
    for number, _ in enumerate(states(shop)):
        report = shop.run(fresh := f"fresh {number}")
        rows = {name: shop.rows(name, fresh) for name in LakeFolder(root / fresh).catalog().tables}
        found.append(Made(rows, {name: [one.violations for one in report[name].checks] for name in rows}))
    return found


def first_difference(root: Path, right: Sequence[Made]) -> str:
    """The first table that isn't what it is from nothing, and after which change; empty if there is none."""
    shop = Shop(root, TABLES, HEAD)
    for done, wanted in zip(states(shop), right, strict=True):
        report = shop.run()
        for name, table in shop.folder.catalog().tables.items():
            rows = shop.rows(name)
            if rows != wanted.rows[name]:
                return f"{done}: {name} has {rows}, not {wanted.rows[name]}"
            if table.current.rows != len(rows):
                return f"{done}: {name} is said to have {table.current.rows} rows"
            told = [one.violations for one in report[name].checks]
            if told != wanted.violations[name]:
                return f"{done}: the checks of {name} say {told}, not {wanted.violations[name]}"
            if report[name].anew.startswith("what changed can't be told"):
                return f"{done}: {name}: {report[name].anew}"
    return ""
