"""docs/limits.md is true: what can't be done is refused, by the code that it names; what it offers instead works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.codes import example_text
from generator.diagnostics import Diagnostic, SourceText
from generator.render.build import render_build
from generator.run.lake_folder import LakeFolder, LakeFolderError
from tests.command_line import every_command, options_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"(?m)^\| (?!what can't|---)(.+?) \| (.+) \|$", PAGE))
TABLE = "tables:\n  t:\n    zone: trusted\n    "


def source(line: str = "", columns: str = "{order_id: bigint}", path: str = "o/") -> str:
    return f"sources:\n  orders:\n    path: {path}\n    columns: {columns}\n    {line}\n"


def table(*lines: str) -> str:
    return TABLE + "\n    ".join(lines) + "\n"


def query(text: str) -> str:
    return table(f"sql: {text}")


PEOPLE = """subjects: {customer: {registry: customers, keys: [id]}}
consent: {letters: {subject: customer, when: joined is not null}}
zones: {landing: {}, trusted: {}, letters: {require: letters}}
sources:
  customers:
    path: c/
    columns: {id: bigint, email: {type: string, pii: true}, joined: date, spent: double}
tables:
"""

TYPES = ("decimal(39,2)", "interval", "timestamp_ntz")
GROUPINGS = ("rollup(status)", "cube(status)", "grouping sets ((status), ())")
REFUSED: dict[str, list[str]] = {
    "Read a database": [source("connection: postgres")],
    "Read Avro": [source(f"format: {kind}") for kind in ("avro", "orc", "xml", "xlsx")],
    "Read JSON of another encoding": [source("encoding: latin-1")],
    "Read a path outside": [source(path=path) for path in ("s3://other/o/", "../o/", "/o/")],
    "Hold a decimal": [source(columns=f"{{order_id: '{kind}'}}") for kind in TYPES],
    "Name a column or table": ["tables:\n  Big-Orders: {zone: trusted, source: orders}\n", source(columns="{Id: int}")],
    "Read what the same table was": [table("source: orders", "join: [{left: t, on: orders.order_id = t.order_id}]")],
    "Append to a table": [table("source: orders", "append: true"), table("source: orders", "incremental: true")],
    "Run Python": [table("source: orders", "add: {x: my_function(amount)}")],
    "Use chance": [table("source: orders", f"add: {{x: {call}()}}") for call in ("rand", "uuid")],
    "Take the first N": [table("source: orders", "limit: 10"), query("select * from orders limit 10")],
    "Write more than 1,000": [
        table("values:", f"  {{columns: {{a: int}}, rows: [{', '.join('[1]' for _ in range(1001))}]}}"),
        query(f"select a from values {', '.join('(1)' for _ in range(1001))} as t (a)"),
    ],
    "Compute in the rows": [query("select a from values (1), (1 + 1) as t (a)")],
    "Keep rows in an order": [table("source: orders", "order_by: amount")],
    "Put a subquery": [query("select order_id, (select max(spent) from customers) as most from orders")],
    "Write `pivot`": [
        query("select * from orders pivot (sum(amount) for status in ('a', 'b'))"),
        *(query(f"select status, sum(amount) as s from orders group by {by}") for by in GROUPINGS),
    ],
    "Write a recursive": [query("with recursive x as (select order_id from orders) select order_id from x")],
    "Join each row": [query("select order_id from orders cross join customers")],
    "Read a table of another lake": [table("source: other.orders")],
    "Prove consent of a row": [
        f"{PEOPLE}  total: {{view: true, source: customers, group_by: joined, aggregate: {{s: sum(spent)}}}}\n"
        "  t: {zone: letters, source: total}\n"
    ],
    "Prove what a condition means": [
        f"{PEOPLE}  t:\n    zone: letters\n    source: customers\n"
        "    filter: coalesce(cast(joined as string), '') <> ''\n"
    ],
    "Include files": ["include: x.yaml\n%file x.yaml\ninclude: y.yaml\n"],
    "Make tables in a loop": [table("source: orders", "foreach: [a, b]")],
    "Name a table": [
        "variables: {env: dev}\ntables:\n  '${env}_t': {zone: trusted, source: orders}\n",
        "variables: {env: dev}\ninclude: '${env}/*.yaml'\n",
        table("source: orders", "filter: amount > ${env}"),
    ],
}  # fmt: skip
"""Beginnings of rows, and fragments that each give a code that the row names."""


def found(fragment: str) -> list[Diagnostic]:
    from generator.codes import example_source

    return list(check_spec(example_source(fragment)).diagnostics)


def row(start: str) -> str:
    (title,) = [title for title in ROWS if title.startswith(start)]
    return title


@pytest.mark.parametrize("start", REFUSED)
def test_it_is_refused_by_a_code_that_the_page_names(start: str) -> None:
    named = set(re.findall(r"[A-Z]\d{3}", ROWS[row(start)]))
    assert named
    seen = set()
    for fragment in REFUSED[start]:
        codes = {one.code for one in found(fragment) if one.severity == "error"}
        assert codes & named, (fragment, codes)
        seen |= codes
    assert named <= seen, f"{named - seen} never happens"


# What isn't said by `check` ---------------------------------------------------------------------------


def test_zones_are_what_somebody_may_read() -> None:
    fragment = f"{PEOPLE}  t: {{zone: strict, source: customers}}\n".replace("trusted: {}", "strict: {pii: forbid}")
    assert "G004" in {one.code for one in found(fragment)}


def test_a_label_follows_and_nothing_is_labelled_by_itself() -> None:
    unlabelled = f"{PEOPLE}  t: {{zone: strict, source: customers, select: [spent, {{e: email}}]}}\n"
    unlabelled = unlabelled.replace("trusted: {}", "strict: {pii: forbid}")
    assert "G004" in {one.code for one in found(unlabelled)}
    assert "G004" not in {one.code for one in found(unlabelled.replace(", pii: true", ""))}


def test_a_value_stands_in_what_is_built() -> None:
    lake = check_spec(SourceText("pipeline.yaml", example_text("variables: {key: s3cr3t}\n"))).lake
    assert lake is not None
    assert "s3cr3t" in str(render_build(lake)["manifest.json"])


def test_a_workflow_runs_as_a_whole() -> None:
    having = {name for name, command in every_command() if "--select" in options_of(command)}
    assert "run" in having and "start" not in having


def test_deployed_tables_are_iceberg() -> None:
    lake = check_spec(SourceText("pipeline.yaml", example_text(""))).lake
    assert lake is not None
    catalog = str(render_build(lake)["terraform/catalog.tf"])
    assert "iceberg_input" in catalog and not re.search("delta|hudi", catalog, re.IGNORECASE)


def test_a_second_run_of_a_folder_ends_at_once(tmp_path: Path) -> None:
    folder = LakeFolder(tmp_path / "lake")
    folder.claim()
    with folder.locked(), pytest.raises(LakeFolderError, match="another run is going on"), folder.locked():
        pass


TOLD: dict[str, Callable[..., None] | str] = {
    "Partition or sort": "tests/engines/test_layout.py",
    "Show rows to some people": test_zones_are_what_somebody_may_read,
    "Prove that a pattern": test_a_label_follows_and_nothing_is_labelled_by_itself,
    "Take somebody out of backups": "tests/maintenance/test_erased.py",
    "Keep a secret": test_a_value_stands_in_what_is_built,
    "Hold two environments": "tests/integration/test_many_files.py",
    "React within seconds": "nothing of ours to try",
    "Run a part of the workflow": test_a_workflow_runs_as_a_whole,
    "Change rows in the lake": "nothing of ours to try",
    "Have Delta": test_deployed_tables_are_iceberg,
    "Two runs": test_a_second_run_of_a_folder_ends_at_once,
}


def test_every_row_is_held_by_something() -> None:
    assert {row(start) for start in (*REFUSED, *TOLD)} == set(ROWS)
    assert len(REFUSED) + len(TOLD) == len(ROWS)


INSTEAD = [
    table("source: orders", "dedupe: {by: order_id, order_by: placed_at desc}"),
    table("source: orders", "add: {until: lead(placed_at) over (partition by order_id order by placed_at)}"),
    table("source: orders", "qualify: row_number() over (order by amount desc) <= 3"),
    query(
        "select explode_day from (select min(placed_at) as a, max(placed_at) as b from orders) s "
        "lateral view explode(sequence(a, b, interval 1 day)) d as explode_day"
    ),
    table("source: orders", "add: {key: \"sha2(concat_ws('|', status, cast(order_id as string)), 256)\"}"),
    table("values: {columns: {a: int}, rows: [[1]]}", "add: {b: a + 1}"),
    table("source: orders", "filter: substring(sha2(status, 256), 1, 1) = '0'"),
    query("select order_id from orders o where exists (select 1 from customers c where c.id = o.customer_id)"),
    query("select order_id from orders where customer_id in (select id from customers)"),
    table("source: orders", "group_by: customer_id", "aggregate: {a: \"sum(if(status = 'a', amount, 0))\"}"),
    "tables:\n  a: {zone: trusted, source: orders, group_by: status, aggregate: {s: sum(amount)}}\n"
    "  b: {zone: trusted, source: orders, aggregate: {s: sum(amount)}, add: {status: \"'all'\"}}\n"
    "  t: {zone: trusted, union: [a, c]}\n  c: {view: true, source: b0}\n"
    "  b0: {view: true, source: orders, add: {kind: \"'all'\"}, group_by: kind, aggregate: {s: sum(amount)},"
    " rename: {kind: status}}\n",
    PEOPLE
    + "  t: {zone: letters, source: customers, filter: joined is not null, group_by: id, aggregate: {s: sum(spent)}}\n",
]


@pytest.mark.parametrize("fragment", INSTEAD)
def test_what_it_offers_instead_compiles(fragment: str) -> None:
    assert [(one.code, one.message) for one in found(fragment) if one.severity == "error"] == []
