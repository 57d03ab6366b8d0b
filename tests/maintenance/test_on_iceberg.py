"""Jobs keep Iceberg tables as DuckDB keeps those of a folder, and their sources by file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.iceberg import python_with_iceberg
from tests.maintenance.killed_on_iceberg import KilledJobs
from tests.maintenance.law import Figures, check_lake
from tests.maintenance.on_iceberg import OnIceberg, on_iceberg
from tests.maintenance.shop import Shop, order

pytestmark = [pytest.mark.spark, pytest.mark.slow]
TABLES = """
  plain: {zone: raw, source: orders, expect: [{unique: [id]}]}
  known: {zone: raw, source: orders, join: [{semi: people, on: orders.who = people.who and ok}]}
  sums: {zone: raw, source: known, group_by: [who], aggregate: {n: count(*), most: max(total)}}
"""


@pytest.fixture(scope="module")
def iceberg(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> Iterator[OnIceberg]:
    with on_iceberg(python_with_iceberg(need), tmp_path_factory.mktemp("iceberg")) as running:
        yield running


def same_as_from_nothing(shop: Shop, *tables: str) -> None:
    """Compares with a lake that the other engine makes: of Iceberg tables each first run here made one from nothing."""
    spark, shop.spark = shop.spark, None
    shop.same_as_from_nothing(*tables)
    shop.spark = spark


def read(shop: Shop) -> dict[str, int]:
    """The files that sources read."""
    return {one.name: one.files_read for one in shop.reports.values() if one.is_source}


def test_a_run_reads_and_writes_what_changed(tmp_path: Path, iceberg: OnIceberg) -> None:
    iceberg.by_all_means = True
    shop = Shop(tmp_path, TABLES, spark=iceberg)
    shop.put("orders/1", order(1), order(2, "b"), order(3, None, -0.0), "broken")
    shop.put("orders/2", order(4), order(5, "b"))
    shop.put("people/1", {"who": "a", "name": "aa", "ok": True}, {"who": "b", "name": "bb", "ok": True})
    shop.run()
    assert read(shop) == {"orders": 2, "people": 1}

    shop.run()
    assert read(shop) == {"orders": 0, "people": 0} and all(one.unchanged for one in shop.reports.values())
    assert shop.reports["orders"].quarantined == 1

    shop.put("orders/3", order(6), "broken too")
    shop.run()
    assert read(shop) == {"orders": 1, "people": 0} and shop.reports["orders"].quarantined == 2
    assert [shop.change(name) for name in ("plain", "known", "sums")] == [(1, 0), (1, 0), (1, 1)]

    shop.put("people/1", {"who": "a", "name": "aa", "ok": True}, {"who": "b", "name": "bb", "ok": False})
    shop.drop("orders/1")
    shop.run()
    assert read(shop) == {"orders": 0, "people": 1} and shop.reports["orders"].quarantined == 1
    assert [shop.change(name) for name in ("plain", "known", "sums")] == [(0, 3), (0, 3), (1, 2)]
    same_as_from_nothing(shop, "plain", "known", "sums")


def test_what_others_compacted_is_kept_all_the_same(tmp_path: Path, iceberg: OnIceberg) -> None:
    iceberg.by_all_means = True
    shop = Shop(tmp_path, TABLES, spark=iceberg)
    shop.put("orders/1", order(1), order(2, "b"), order(3))
    shop.put("orders/2", order(4), order(5, "b"))
    shop.put("people/1", {"who": "a", "name": "aa", "ok": True}, {"who": "b", "name": "bb", "ok": True})
    shop.run()
    iceberg.compact = True
    try:
        shop.put("orders/3", order(6))
        shop.drop("orders/1")
        shop.run()
        shop.put("orders/2", order(4), order(7, "b"))
        shop.run()
    finally:
        iceberg.compact = False
    assert read(shop) == {"orders": 1, "people": 0} and shop.reports["orders"].rows == 3
    same_as_from_nothing(shop, "plain", "known", "sums")


CHAIN = """
  first: {zone: raw, source: orders}
  second: {zone: raw, source: first, expect: [{sql: "id < {most}"}]}
  third: {zone: raw, source: second}
"""


def test_who_reads_a_table_looks_at_what_changed_in_it(tmp_path: Path, iceberg: OnIceberg) -> None:
    """All rows of a table are of one file, which is written again where a row leaves; each table has a job."""
    iceberg.by_all_means = False
    shop = Shop(tmp_path, CHAIN.replace("{most}", "1000"), spark=iceberg)
    for number in range(4):
        shop.put(f"orders/{number}", *(order(one) for one in range(number * 10, number * 10 + 10)))
    shop.put("orders/few", order(100), order(101))
    shop.run()

    shop.put("orders/few", order(100), order(102))
    shop.run()
    assert [shop.change(name) for name in ("first", "second", "third")] == [(1, 1)] * 3
    looked = {name: shop.reports[name].rows_read for name in ("first", "second", "third")}
    own = 42 + 42  # its rows, and those of its input, are looked through for the affected ones
    assert looked == dict.fromkeys(looked, 1 + own)

    shop.tables = CHAIN.replace("{most}", "150")
    shop.put("orders/few", order(100), order(102), order(200))
    shop.run()
    assert shop.change("first") == (1, 0) and shop.reports["second"].problem
    shop.put("orders/few", order(100), order(103))
    shop.run()
    assert shop.change("first") == (1, 2)
    assert [shop.change(name) for name in ("second", "third")] == [(1, 1)] * 2, "of two versions of the first"
    assert (shop.reports["second"].rows_read, shop.reports["third"].rows_read) == (2 + own, 1 + own)
    same_as_from_nothing(shop, "first", "second", "third")


SHAPES = """
version: 1
lake: shapes
zones: {raw: {}}
sources:
  till:
    path: till/
    format: csv
    delimiter: ";"
    max_bad_rows: 100%
    columns:
      no: bigint
      "sum": {type: double, decimal: ",", thousands: "."}
      at: {type: date, format: dd.MM.yyyy}
  letters: {path: letters/, records: data.items, max_bad_rows: 100%, columns: {no: bigint, tags: array<string>}}
  regions:
    path: regions/
    partitions: {region: string, year: int}
    columns: {no: bigint}
  meters: {path: meters/, format: parquet, columns: {no: bigint, at: timestamp, level: double}}
tables:
  tills: {zone: raw, source: till}
  tagged: {zone: raw, source: letters, filter: no > 1}
  by_region: {zone: raw, source: regions, group_by: [region, year], aggregate: {n: count(*)}}
  levels: {zone: raw, source: meters}
"""


def test_sources_of_other_shapes_are_kept_by_file(tmp_path: Path, iceberg: OnIceberg) -> None:
    iceberg.by_all_means = True
    shop = Shop(tmp_path, "", head=SHAPES, spark=iceberg)
    data = tmp_path / "data"

    def write(name: str, content: str | bytes) -> None:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def measure(name: str, sql: str) -> None:
        (data / "meters").mkdir(parents=True, exist_ok=True)
        duckdb.sql(sql).write_parquet(str(data / "meters" / name))

    write("till/a.csv", "no;sum;at\n1;1.234,5;01.02.2024\n2;x;02.02.2024\n")
    write("till/b.csv", "at;no;sum\n03.02.2024;3;7,25\n")
    write(
        "letters/1.json", json.dumps({"data": {"items": [{"no": 1, "tags": ["a"]}, {"no": 2, "tags": None}]}}, indent=1)
    )
    write("letters/2.json.gz", gzip.compress(b'{"data": {"items": [{"no": 3}, {"no": "x"}]}}'))
    for number, place in enumerate(("region=eu/year=2023", "region=eu/year=2024", "region=us/year=2024")):
        write(f"regions/{place}/x.json", f'{{"no": {number}}}')
    write("regions/_SUCCESS", "")
    measure("1.parquet", "select 1::int as no, timestamp '2024-01-01 10:00:00' as at, 1.5::float as level")
    measure("2.parquet", "select 2::bigint as no, timestamp_ms '2024-01-02 10:00:00.5' as at")
    shop.run()
    made = ("tills", "tagged", "by_region", "levels")
    assert [shop.reports[name].rows for name in made] == [2, 2, 3, 2]
    assert (shop.reports["till"].quarantined, shop.reports["letters"].quarantined) == (1, 1)
    same_as_from_nothing(shop, *made)

    write("till/a.csv", "no;sum;at\n1;1.234,5;01.02.2024\n2;9;02.02.2024\n4;;\n")
    (data / "letters" / "1.json").unlink()
    write("letters/3.json", '{"data": {"items": []}}')
    write("regions/region=us/year=2024/y.json", '{"no": 7}')
    (data / "regions/region=eu/year=2023/x.json").unlink()
    measure("2.parquet", "select 2::bigint as no, timestamp_ns '2024-01-02 10:00:00.25' as at, -0.0::double as level")
    shop.run()
    sources = ("till", "letters", "regions", "meters")
    assert [shop.reports[name].files_read for name in sources] == [1, 1, 1, 1]
    assert [shop.change(name) for name in made] == [(2, 0), (0, 1), (1, 2), (1, 1)]
    same_as_from_nothing(shop, *made)


def test_what_breaks_a_check_is_not_published(tmp_path: Path, iceberg: OnIceberg) -> None:
    iceberg.by_all_means = True
    shop = Shop(tmp_path, TABLES, spark=iceberg)
    shop.put("orders/1", order(1), order(2, "b"))
    shop.put("people/1", {"who": "a", "name": "aa", "ok": True})
    shop.run()
    published = shop.rows("plain")
    shop.put("orders/2", order(2, "c"))
    shop.run()
    assert shop.reports["plain"].problem == "it breaks: unique: id" and shop.rows("plain") == published
    shop.put("orders/2", order(3, "c"))
    shop.run()
    assert shop.change("plain") == (1, 0)
    same_as_from_nothing(shop, "plain", "known", "sums")


def test_what_is_kept_is_what_is_made_from_nothing(tmp_path: Path, iceberg: OnIceberg) -> None:
    """At length: `python -m tests.maintenance.long_law`, which keeps lakes on DuckDB."""
    iceberg.by_all_means = True
    figures = Figures()
    check_lake(4, tmp_path / "lake", figures, 3, spark=iceberg)
    assert not figures.violations and figures.counts["changes"] == 4


def test_a_run_after_one_that_was_killed_is_right(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    """At length: `python -m tests.maintenance.killed_on_iceberg --kills 20`."""
    assert KilledJobs(python_with_iceberg(need), tmp_path, seed=5).kill_some(1) == []
