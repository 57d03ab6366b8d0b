"""A lake in which engines and runs go apart unless every choice is made: ties, names like ours, odd strings."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import duckdb
import yaml

OVER = "over (partition by grp order by rank_)"
WINDOWS = {
    "number": "row_number() over (partition by grp order by rank_ desc)",
    "fourth": f"ntile(4) {OVER}",
    "before": f"lag(id) {OVER}",
    "after": f"lead(label, 2, '-') {OVER}",
    "first_": f"first_value(id) {OVER}",
    "first_of_peers": "first_value(id) over (order by rank_ range between current row and unbounded following)",
    "last_of_peers": f"last_value(id) {OVER}",
    "last_of_all": "last_value(label) over (order by rank_ rows between unbounded preceding and unbounded following)",
    "second": "nth_value(id, 2) over (order by rank_ rows between unbounded preceding and unbounded following)",
    "running": "sum(id) over (partition by grp order by rank_ rows between 2 preceding and current row)",
    "place": f"rank() {OVER}",
}
AGGREGATES = {
    "best": "max_by(id, rank_)", "best_label": "max_by(label, rank_)", "worst": "min_by(label, rank_)",
    "some": "max_by(id, rank_ % 2) filter (where id > 3)", "latest": "max_by(tags, coalesce(rank_, 0))",
}  # fmt: skip
COLUMNS = {
    "id": "bigint", "grp": "int", "rank_": "int", "label": "string", "tags": "array<string>",
    "place": "struct<city:string,zips:array<int>>", "counts": "map<string,int>", "weight": "double",
}  # fmt: skip
KINDS = ("string", "bigint", "double")
WIDTH = 320
"""Columns beyond those that Spark's expressions can prove."""
NAMES = {"y": "int", "m": "int", "d": "int", "h": "int", "x": "int", "id": "bigint"}
TABLES = {
    "windows": {"source": "ties", "add": WINDOWS, "drop": ["counts"]},
    "windows_by_key": {"source": "keyed", "add": WINDOWS},
    "choices": {"source": "ties", "group_by": ["grp"], "aggregate": AGGREGATES},
    "one_each": {"source": "ties", "dedupe": {"by": ["grp"], "order_by": ["rank_ desc"]}, "drop": ["counts"]},
    "numbered": {
        "sql": "with r as (select grp, id, tags, row_number() over (partition by grp order by weight) as n from ties)"
        " select grp, id, tags from r where n <= 2"
    },
    "captured": {
        "source": "texts",
        "join": [
            {"inner": "names", "as": "p", "on": "texts.id = p.id"},
            {"left": "names", "as": "x", "on": "x.id = p.y"},
        ],
        "add": {
            "day": "to_date(text, 'yyyy-MM-dd')",
            "cast_day": "cast(text as date)",
            "moment": "cast(concat(text, ' 10:11:12.5+01:30') as timestamp)",
            "made": "make_date(p.y, p.m, p.d)",
            "joined": "array_join(parts.tags, text, '?')",
            "has": "array_contains(parts.tags, 'a')",
            "each": "transform(parts.tags, (x, y) -> concat(x, text, cast(p.y + y as string)))",
            "any_": "exists(parts.tags, p -> p = 'a' or p is null and x.y > 3)",
            "sum_": "aggregate(parts.tags, 0, (d, x) -> d + coalesce(length(x), p.m), m -> m * p.m)",
        },
        "select": ["texts.id", "day", "cast_day", "moment", "made", "joined", "has", "each", "any_", "sum_"],
    },
    "told": {
        "source": "ties",
        "as": "x",
        "join": [
            {"inner": "keyed", "as": "y", "on": "x.id = y.id"},
            {"left": "ties", "as": "z", "on": "y.grp = z.grp and z.rank_ = z.rank_", "cardinality": "many_to_many"},
        ],
        "select": ["x.id", "z.label", {"other": "z.id"}],
    },
    "braces": {
        "source": "texts",
        "filter": "text not like '%$${spark.app.name}%'",
        "add": {
            "said": "concat('$${system:user.home}', '-', '$${env:HOME}', text)",
            "new": "replace(text, '$${a}', 'b')",
        },
        "drop": ["parts"],
    },
    "products": {
        "source": "amounts",
        "add": {"product": "a * b", "share": "cast(a / c as decimal(20,6))", "moment": "timestamp_millis(stamp)"},
    },
    "totals": {
        "source": "amounts",
        "aggregate": {"all_": "sum(a * b)", "wide": "sum(w)", "mean": "avg(c)", "alike": "corr(stamp, 1)"},
    },
    "odd_file": {"source": "odd"},
    "camel_case": {"source": "camel", "add": {"zip": "customer.homeaddress.zipCode", "name": "customer.FirstName"}},
    "very_wide": {"source": "wide", "filter": "col_1 >= 0"},
    "few": {
        "view": True,
        "source": "texts",
        "filter": "id < 2",
        "expect": [{"unique": "id"}, {"rows": 3, "severity": "warn"}, {"references": {"id": "refers.id"}}],
    },
    "fewer": {"source": "few", "filter": "id < 1"},
    "refers_later": {
        "source": "refers",
        "drop": ["t", "r"],
        "expect": [{"references": {"id": "fewer.id", "other": "later.other"}, "severity": "warn"}],
    },
    "later": {"source": "refers_later", "filter": "other > 0"},
    "against_a_view": {"source": "refers", "expect": [{"references": {"id": "few.id"}, "severity": "warn"}]},
    "checked": {"source": "refers", "expect": [{"references": {"id": "texts.id", "other": "texts.id"}}]},
}


FULL = {
    "either": {"source": "refers", "join": [{"full": "names", "using": "id"}], "drop": ["t", "r"]},
    "either_or": {
        "source": "few",
        "as": "f",
        "join": [
            {"full": "amounts", "as": "a", "on": "f.id = a.id and a.c > 1"},
            {"left": "names", "as": "n", "on": "a.id = n.id"},
        ],
        "select": [{"left_id": "f.id"}, {"right_id": "a.id"}, "parts.m", "n.y", {"none": "f.id is null"}],
    },
    "both_nulls": {
        "sql": "select *, count(*) over (partition by place.city) as c from (select id, grp, rank_ from keyed "
        "where id < 9) a full outer join (select place, rank_, grp from keyed where id > 5 and id < 14) b "
        "using (grp, rank_)"
    },
}
LINES = {"id": "bigint", "lines": "array<struct<sku:string,qty:int>>", "deep": "array<array<int>>"}
ELEMENTS = {
    "tags_of": {"source": "keyed", "unnest": {"column": "tags", "as": "tag", "position": "at", "outer": True}},
    "tags_only": {"source": "ties", "as": "t", "unnest": "t.tags", "select": ["id", "tags"]},
    "counted": {"source": "ties", "unnest": "counts", "select": ["id", "key", "value"]},
    "zips": {"source": "ties", "unnest": {"column": "place.zips", "as": "zip"}, "select": ["grp", "place.city", "zip"]},
    "cells": {
        "source": "nested",
        "unnest": [
            {"column": "deep", "position": "row", "outer": True},
            {"column": "deep", "as": "cell", "position": "col"},
        ],
        "drop": ["lines"],
    },
    "ordered": {
        "source": "nested",
        "unnest": {"column": "lines", "as": "line", "position": "at"},
        "join": [{"left": "texts", "as": "t", "on": "line.sku = t.text"}],
        "filter": "line.qty > 0 or line is null",
        "dedupe": {"by": ["nested.id"], "order_by": ["at desc"]},
        "select": ["nested.id", "at", "line.sku", "line.qty", {"other": "t.id"}],
    },
    "viewed": {
        "sql": "select n.id, pos, l.sku, l.qty, t.tag, count(*) over (partition by n.id) as c from nested n "
        "lateral view outer posexplode(lines) x as pos, l lateral view explode(array('a', l.sku)) t as tag"
    },
    "inlined": {"sql": "select id, x.* from nested cross join unnest(lines) with ordinality as x (sku, qty, n)"},
    "outer_inlined": {"sql": "select id, sku, qty from nested lateral view outer inline(lines)"},
    "totals_of": {
        "sql": "select key, sum(value) as total, count(*) as n from ties left join lateral explode(counts) m on true "
        "where grp > 0 group by key"
    },
}


KINDS_OF_VALUES = {
    "n": "int", "t": "tinyint", "b": "bigint", "d": "decimal(38,10)", "x": "double", "f": "float", "yes": "boolean",
    "s": "string", "day": "date", "at": "timestamp", "raw": "binary", "list": "array<array<string>>",
    "by": "map<date,decimal(4,2)>", "part": "struct<A:int,`the b`:array<double>>",
}  # fmt: skip
NASTY = 'it\'s \\ "q" $${a} \n\t %s `#lake.now` \u00a0\u0663 \U0001f600 -- /* \'\'\' """ ; now()'
VALUES = {
    "kinds": {
        "view": True,
        "values": {
            "columns": KINDS_OF_VALUES,
            "rows": [
                {"n": 1},
                [-(2**31), -128, -(2**63), -1, -0.5, 0.1, False, NASTY, "0001-01-01", "9999-12-31 23:59:59.999999",
                 "AP8=", [[NASTY, None], None, []], {"2024-02-29": 0.5}, {"A": 1, "the b": [".nan", None, 1e30]}],
                [2**31 - 1, 127, 2**63 - 1, 99999999999, 1e22, ".inf", True, "", "2024-02-29",
                 "1970-01-01T00:00:00-05:00",
                 "", [], {}, {}],
                {"n": 4, "x": "-inf", "f": 16777216, "s": " ", "by": {"2024-01-01": None}, "part": {"the b": []}},
            ],
        },
    },
    "all_kinds": {"source": "kinds"},
    "of_kinds": {
        "source": "keyed",
        "join": [{"left": "kinds", "as": "k", "on": "keyed.rank_ = k.n"}],
        "select": ["id", "k.part", "k.list", "k.by", "k.x", {"len": "length(k.s)"}],
    },
    "one_kind": {"values": {"columns": {"a": "string"}, "rows": [["x"]]}, "as": "v", "add": {"b": "v.a || 'y'"}},
    "no_kind": {"values": {"columns": KINDS_OF_VALUES, "rows": []}},
    "said": {
        "sql": "with v (a, b, c) as (values (1, 'it\\'s', date'2024-01-31'), (2L, null, null), (-2.5, 'x', null)) "
        "select v.*, w.e, row_number() over (partition by v.b order by v.a) as n from v "
        "left join values (array(1, null), timestamp'2024-01-31 05:00'), (null, null) as w (d, e) on size(w.d) = v.a "
        "where v.a is not null and v.a not in (select q from values (7), (8) as z (q)) "
        "union all values (cast(1 as decimal(21,1)), 'last', cast(null as date), cast(null as timestamp), 3)"
    },
}  # fmt: skip


def spec() -> str:
    columns = {
        "ties": COLUMNS,
        "keyed": {name: kind for name, kind in COLUMNS.items() if name != "counts"},
        "names": NAMES,
        "texts": {"id": "bigint", "text": "string", "parts": "struct<y:int,m:int,tags:array<string>>"},
        "amounts": {
            "id": "bigint", "a": "decimal(18,4)", "b": "decimal(18,4)", "c": "decimal(12,2)", "w": "decimal(38,2)",
            "stamp": "bigint",
        },
        "odd": {"id": "bigint"},
        "nested": LINES,
        "camel": {"id": "bigint", "customer": "struct<firstName:string,homeAddress:struct<zipCode:string>>"},
        "wide": {f"col_{n}": KINDS[n % 3] for n in range(1, WIDTH)},
        "refers": {"id": "bigint", "other": "bigint", "t": "struct<id:bigint>", "r": "struct<id:bigint>"},
    }  # fmt: skip
    keys = {
        "keyed": {"unique": ["id"]},
        "names": {"unique": ["id"]},
        "nested": {"unique": ["id"]},
        "odd": {"format": "parquet"},
    }
    sources = {
        name: {"path": f"{name}/", "subject": "none", "columns": known, **keys.get(name, {})}
        for name, known in columns.items()
    }
    tables = {name: {"zone": "work", **body} for name, body in (TABLES | FULL | ELEMENTS | VALUES).items()}
    lake = {"version": 1, "lake": "awkward", "zones": {"work": {}}, "sources": sources, "tables": tables}
    return yaml.safe_dump(lake, sort_keys=False, allow_unicode=True)


def rows(seed: int) -> dict[str, list[dict[str, object]]]:
    """Landing data by source: the same for each seed, but for the order of rows."""
    drawn = Random(1)
    ties = [
        {
            "id": drawn.randrange(40), "grp": drawn.randrange(5), "rank_": drawn.choice([None, 1, 2]),
            "label": drawn.choice(["a", "b", None]), "tags": drawn.choice([None, [], ["a"], ["a", None], [None]]),
            "place": drawn.choice([None, {"city": "x", "zips": [1, None]}, {"city": None, "zips": [1]}]),
            "counts": drawn.choice([None, {}, {"b": 1, "a": None}, {"a": 2}]), "weight": drawn.choice([0.5, None, 1.5]),
        }
        for _ in range(400)
    ]  # fmt: skip
    found: dict[str, list[dict[str, object]]] = {
        "ties": ties,
        "keyed": [
            {**{name: value for name, value in row.items() if name != "counts"}, "id": n} for n, row in enumerate(ties)
        ],
        "names": [{"y": 1999, "m": 12, "d": 31, "h": 3, "x": 4, "id": n} for n in range(6)],
        "texts": [
            {"id": n, "text": text, "parts": {"y": 1, "m": 2, "tags": ["a", None, "b"]}}
            for n, text in enumerate(["2024-02-28", "2024-02-30", "${a}", "a ${spark.app.name}", "1999-1-1", None])
        ],
        "amounts": [
            {"id": 1, "a": 9999999999.9999, "b": -9999999999.9999, "c": 0.01, "w": 1, "stamp": 9007199254740991},
            {"id": 2, "a": 123456.789, "b": 98765.4321, "c": 3, "w": 2, "stamp": 1700000000123},
        ],
        "nested": [
            {"id": 1, "lines": [{"sku": "a", "qty": 1}, {"sku": None, "qty": 0}, None, {"sku": "b"}], "deep": [[1, 2]]},
            {"id": 2, "lines": [], "deep": [[], None, [None, 3]]},
            {"id": 3, "lines": None, "deep": []},
            {"id": 4, "lines": [None], "deep": None},
            {"id": 5, "lines": [{"sku": "a", "qty": 1}, {"sku": "a", "qty": 1}], "deep": [None]},
        ],
        "camel": [{"id": n, "customer": {"firstName": "Ann", "homeAddress": {"zipCode": f"0{n}"}}} for n in range(4)],
        "wide": [{f"col_{n}": (f"{row}", row, row / 8)[n % 3] for n in range(1, WIDTH)} for row in range(5)],
        "refers": [{"id": n, "other": n, "t": {"id": 99}, "r": {"id": 99}} for n in range(3)],
    }
    for values in found.values():
        Random(seed).shuffle(values)
    return found


def _link_and_parquet(folder: Path, data: Path) -> None:
    """A linked folder, another tool's mark, and a file with columns of types that Spark doesn't read."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "more.json").write_text('{"id":9,"customer":{"firstName":"Bo"}}\n', encoding="utf-8")
    (data / "camel" / "linked").symlink_to(elsewhere, target_is_directory=True)
    (data / "camel" / "2024_$folder$").write_text("", encoding="utf-8")
    (data / "odd").mkdir()
    columns = "1::BIGINT AS id, now()::TIMESTAMP_NS AS at, uuid() AS key, TIME '10:00:00' AS clock"
    duckdb.execute(f"COPY (SELECT {columns}, 1 AS \"Note\") TO '{data / 'odd' / 'a.parquet'}' (FORMAT parquet)")


def write(folder: Path, seed: int = 0, files: int = 3) -> tuple[Path, Path]:
    """Writes the spec and the landing data.

    Returns:
        The paths of both.
    """
    data = folder / "landing"
    for source, values in rows(seed).items():
        (data / source).mkdir(parents=True, exist_ok=True)
        for number in range(files):
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in values[number::files])
            if lines:
                (data / source / f"{number}.json").write_text(lines, encoding="utf-8")
    _link_and_parquet(folder, data)
    path = folder / "pipeline.yaml"
    path.write_text(spec(), encoding="utf-8")
    return path, data
