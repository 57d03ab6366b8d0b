"""What a spec doesn't have any more leaves the lake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.cli.main import main
from tests.maintenance.shop import HEAD, Shop, order

TABLES = "  t: {zone: raw, source: orders}\n  u: {zone: raw, source: t}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, TABLES)
    made.put("orders/1", order(1), order(2), "broken")
    made.put("people/1", {"who": "a"})
    made.run()
    return made


def published(shop: Shop) -> set[str]:
    catalog = shop.folder.catalog()
    return {*catalog.tables, *catalog.sources, *(f"bad {name}" for name in catalog.quarantine)}


def on_disk(shop: Shop) -> set[str]:
    return {path.parent.parent.name for path in (shop.root / "lake").rglob("*.parquet")}


def test_a_table_that_is_renamed_leaves_by_its_old_name(shop: Shop) -> None:
    shop.tables = TABLES.replace("  u:", "  renamed:")
    shop.run()
    assert published(shop) == {"orders", "people", "t", "renamed", "bad orders"}
    shop.run()
    assert on_disk(shop) == {"orders", "people", "t", "renamed"}, "its files stay for whoever was reading them"


def test_a_view_and_a_source_that_is_gone(shop: Shop) -> None:
    shop.head = HEAD.replace("  orders:", "  sales:")
    shop.tables = TABLES.replace("source: orders", "view: true, source: sales").replace("zone: raw, view", "view")
    shop.run()
    assert published(shop) == {"sales", "people", "u", "bad sales"}


def test_a_part_of_the_lake_takes_nothing_out(shop: Shop) -> None:
    (shop.root / "shop.yaml").write_text(HEAD + TABLES)
    where = ["--spec", shop.root / "shop.yaml", "--data", shop.root / "data", "--lake", shop.root / "lake"]
    assert main(["run", *map(str, where), "--select", "t"]) == 0
    assert published(shop) == {"orders", "people", "t", "u", "bad orders"}


def test_a_run_that_fails_takes_nothing_out(shop: Shop) -> None:
    shop.tables = TABLES.replace("  u: {zone: raw,", "  renamed: {zone: raw, expect: [{rows: 0}],")
    shop.run()
    assert "u" in published(shop) and "renamed" not in published(shop)


def test_another_lake_in_the_same_folder_takes_nothing_out(shop: Shop) -> None:
    shop.head, shop.tables = HEAD.replace("lake: shop", "lake: other"), "  v: {zone: raw, source: orders}\n"
    shop.run()
    assert {"t", "u", "v"} <= published(shop)


def test_the_run_says_so(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.root / "shop.yaml").write_text(HEAD + "  t: {zone: raw, source: orders}\n")
    where = ["--spec", shop.root / "shop.yaml", "--data", shop.root / "data", "--lake", shop.root / "lake"]
    assert main(["run", *map(str, where)]) == 0
    assert "note: u: the spec doesn't have it any more; it left the lake" in capsys.readouterr().out
    assert main(["run", *map(str, where), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == []
