"""The data of the site, and the page around it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.plan.lake import CompiledLake
from generator.render.site import RunData, render_site, site_data
from generator.spec.source import SourceText, read_source

ROOT = Path(__file__).parents[3]


def compiled(text: str) -> CompiledLake:
    lake = check_spec(SourceText("pipeline.yaml", text)).lake
    assert lake is not None
    return lake


@pytest.fixture(scope="module")
def stedi_lake() -> CompiledLake:
    lake = check_spec(read_source(ROOT / "pipeline.yaml")).lake
    assert lake is not None
    return lake


@pytest.fixture(scope="module")
def shop_lake() -> CompiledLake:
    lake = check_spec(read_source(ROOT / "docs" / "examples" / "shop" / "pipeline.yaml")).lake
    assert lake is not None
    return lake


def arrows(data: Mapping[str, Any], table: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one["source"], str(one["kind"]), one["joins"]) for one in data["edges"] if one["table"] == table]


def test_arrows_say_what_a_table_takes(stedi_lake: CompiledLake) -> None:
    data = site_data(stedi_lake)
    assert arrows(data, "customer_trusted") == [("customer_landing", "rows", ())]
    assert arrows(data, "machine_learning_curated") == [
        ("accelerometer_trusted", "rows", ()),
        ("customers_curated", "matched", ("semi",)),
        ("step_trainer_trusted", "matched", ("inner",)),
        ("customer_landing", "checked", ()),
    ]


def test_arrows_through_unions_and_nested_queries(shop_lake: CompiledLake) -> None:
    data = site_data(shop_lake)
    assert arrows(data, "orders_everywhere") == [("orders_eu", "rows", ()), ("orders_us", "rows", ())]
    assert arrows(data, "orders") == [("orders_everywhere", "rows", ()), ("customers", "checked", ())]
    assert arrows(data, "customers_to_write_to") == [("orders", "rows", ("inner",)), ("customers", "rows", ())]


def test_an_input_that_is_only_looked_into_gives_no_rows() -> None:
    data = site_data(
        compiled("""
version: 1
lake: tiny
zones: {landing: {}, trusted: {}}
sources:
  left_side: {path: l/, columns: {id: int}}
  right_side: {path: r/, columns: {id: int}}
tables:
  kept:
    zone: trusted
    sql: select l.id from left_side l left semi join (select id from right_side where id > 1) r on l.id = r.id
""")
    )
    assert arrows(data, "kept") == [("left_side", "rows", ()), ("right_side", "matched", ("semi",))]


def test_columns_tell_how_they_are_made_and_compared(stedi_lake: CompiledLake, shop_lake: CompiledLake) -> None:
    table = site_data(stedi_lake)["tables"]["step_trainer_trusted"]
    serial = next(one for one in table["columns"] if one["name"] == "serialnumber")
    assert serial["lineage"] == [{"table": "step_trainer_landing", "column": "serialnumber"}]
    assert list(serial["compared"]) == ["customer_landing.serialnumber"]
    assert serial["compared"]["customer_landing.serialnumber"].startswith("compared by semi join customers_curated")
    revenue = site_data(shop_lake)["tables"]["revenue_by_day"]
    country = next(one for one in revenue["columns"] if one["name"] == "country")
    assert country["definitions"] == [{"name": "country", "expression": "coalesce(address.country, 'unknown')"}]


def test_a_proof_carries_its_own_steps_only(stedi_lake: CompiledLake) -> None:
    tables = site_data(stedi_lake)["tables"]
    for name, table in tables.items():
        assert {step["table"] for step in table["consent"]["by"]} == {name}
    assert tables["machine_learning_curated"]["consent"]["proven"] is True


def test_every_job_is_there_with_its_script(shop_lake: CompiledLake) -> None:
    tables = site_data(shop_lake)["tables"]
    assert tables["orders_everywhere"]["script"] is None
    assert "lake.publish(" in tables["orders"]["script"]
    assert "`status`" in tables["orders"]["sql"]["spark"]
    assert '"status"' in tables["orders"]["sql"]["duckdb"]


def report_with_examples() -> dict[str, Any]:
    check = {"name": "c", "kind": "sql", "blocking": False, "violations": 1, "examples": [{"email": "secret@x"}]}
    return {"lake": "stedi", "run": "r", "tables": {"customer_trusted": {"rows": 1, "checks": [check]}}}


def test_rows_of_data_are_left_out_unless_asked_for(stedi_lake: CompiledLake) -> None:
    shy = json.dumps(site_data(stedi_lake, RunData(report_with_examples())))
    assert "secret@x" not in shy
    open_ = site_data(stedi_lake, RunData(report_with_examples(), {"customer_landing": [{"raw": "{"}]}, True))
    assert "secret@x" in json.dumps(open_)
    assert open_["run"]["quarantine"] == {"customer_landing": [{"raw": "{"}]}


class Parts(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        assert not {"src", "href"} & set(given), "the page loads nothing"
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""

    def handle_data(self, text: str) -> None:
        if self.tags and text.strip():
            self.texts.append((self.tags[-1], text))


def page_of(lake: CompiledLake) -> Parts:
    parts = Parts()
    parts.feed(render_site(site_data(lake)))
    return parts


def test_only_the_page_s_own_script_and_style_may_run(stedi_lake: CompiledLake) -> None:
    parts = page_of(stedi_lake)
    (style,) = (text for tag, text in parts.texts if tag == "style")
    data, script = (text for tag, text in parts.texts if tag == "script")
    assert json.loads(data)["lake"] == "stedi"
    for text in (style, script):
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in parts.policy
    assert parts.policy.startswith("default-src 'none'; ")


def test_a_hostile_spec_stays_inside_the_data() -> None:
    hostile = "</script><script>alert(1)</script><!--\u2028]]>"
    lake = compiled(f"""
version: 1
lake: x
description: {json.dumps(hostile)}
sources:
  raw: {{path: r/, description: {json.dumps(hostile)}, columns: {{a: {{type: int, key: {json.dumps(hostile)}}}}}}}
zones: {{landing: {{}}, trusted: {{}}}}
tables: {{copy: {{source: raw, zone: trusted}}}}
""")
    html = render_site(site_data(lake))
    assert html.count("</script>") == 2
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["sources"]["raw"]["columns"][0]["key"] == hostile
    assert page_of(lake).tags.count("script") == 2


def test_the_size_grows_with_the_tables_and_not_with_their_ways() -> None:
    def size(tables: int) -> int:
        names = ["raw", *(f"table_{number:03}" for number in range(tables))]
        chain = "".join(f"  {name}: {{source: {before}, zone: kept}}\n" for before, name in pairwise(names))
        sources = "sources: {raw: {path: r/, columns: {a: {type: string, pii: true}}}}"
        text = f"version: 1\nlake: x\nzones: {{landing: {{}}, kept: {{}}}}\n{sources}\ntables:\n{chain}"
        return len(json.dumps({**site_data(compiled(text)), "run": None}))

    each = (size(40) - size(20)) / 20
    assert abs(size(120) - size(100) - 20 * each) < each


def test_stedi_is_small(stedi_lake: CompiledLake) -> None:
    assert len(render_site(site_data(stedi_lake)).encode()) < 1_500_000
