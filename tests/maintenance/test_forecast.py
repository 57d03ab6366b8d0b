"""What a run would make is said before, and it is so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.cli.main import main
from generator.run.forecast import ANEW, FAILS, KEPT, MADE, READ, UNCHANGED, Outlook, forecast
from tests.maintenance.shop import HEAD, Shop, order

TABLES = """
  v: {view: true, source: orders, filter: total > 0}
  t: {zone: raw, source: v}
  n: {zone: raw, source: t, aggregate: {n: count(*)}}
  p: {zone: raw, source: people}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, TABLES)
    made.put("orders/1", *(order(number) for number in range(40)))
    made.put("people/1", {"who": "a"})
    return made


def outlook(shop: Shop, **options: bool) -> dict[str, Outlook]:
    return {one.name: one for one in forecast(shop.program(), shop.root / "data", shop.folder, **options)}


def words(shop: Shop, **options: bool) -> dict[str, str]:
    return {name: one.what for name, one in outlook(shop, **options).items()}


def files(shop: Shop) -> set[Path]:
    return {path for path in shop.root.rglob("*") if path.is_file()}


def test_of_a_lake_that_isnt_there(shop: Shop) -> None:
    before = files(shop)
    assert words(shop) == {"orders": READ, "people": READ, "t": MADE, "n": MADE, "p": MADE}
    assert outlook(shop)["t"].rows is None and files(shop) == before


def test_of_what_changed(shop: Shop) -> None:
    shop.run()
    assert set(words(shop).values()) == {UNCHANGED}
    shop.put("orders/2", *(order(number) for number in range(40, 50)))
    found = outlook(shop)
    assert {name: one.what for name, one in found.items()} == {
        "orders": READ, "people": UNCHANGED, "t": KEPT, "n": ANEW, "p": UNCHANGED,
    }  # fmt: skip
    assert (found["orders"].files, found["orders"].files_read) == (2, 1)
    assert (found["t"].by, found["n"].by) == ("orders", "one row is made of all rows")
    assert found["t"].rows is not None and 9 <= found["t"].rows <= 11 and 49 <= (found["n"].rows or 0) <= 51
    reports = shop.run()
    made = {name for name, one in reports.items() if one.rows is not None and not one.unchanged}
    assert made == {"orders", "t", "n"} and reports["t"].added == 10


def test_of_another_program_and_of_everything(shop: Shop) -> None:
    shop.run()
    shop.tables = TABLES.replace("total > 0", "total > 2")
    found = outlook(shop)
    assert (found["t"].what, found["t"].by) == (ANEW, "it, or what makes it, is another than before")
    assert (found["n"].what, found["p"].what) == (ANEW, UNCHANGED)
    everything = outlook(shop, full=True)
    assert {one.what for one in everything.values()} == {READ, ANEW} and everything["t"].rows == 40


def test_what_will_fail(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.drop("people/1")
    assert words(shop)["p"] == FAILS
    (shop.root / "shop.yaml").write_text(HEAD + TABLES)
    where = ["--spec", shop.root / "shop.yaml", "--data", shop.root / "data", "--lake", shop.root / "lake"]
    before = files(shop)
    assert main(["run", *map(str, where), "--dry-run"]) == 1
    assert "no files in" in capsys.readouterr().out
    assert main(["run", *map(str, where), "--dry-run", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["dry_run"] and told["tables"]["t"]["what"] == MADE and files(shop) == before
    assert main(["run", *map(str, where), "--dry-run", "--engine", "spark"]) == 1
