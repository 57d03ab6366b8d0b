"""Local Spark keeps tables as DuckDB does. The law at length: `python -m tests.maintenance.long_law --engine spark`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from generator.cli.main import main
from generator.run.lake_folder import LakeFolder
from generator.run.report import CheckReport, Status
from generator.runtime.maintenance import files
from tests.maintenance.law import Figures, check_lake, keep_by_all_means
from tests.maintenance.on_spark import OnSpark, on_spark
from tests.maintenance.shop import SINCE, Shop, order
from tests.quick_spark import quickly

pytestmark = [pytest.mark.spark, pytest.mark.slow]
Need = Callable[[object, str], None]


@pytest.fixture(scope="module")
def compiling(tmp_path_factory: pytest.TempPathFactory, need: Need) -> Iterator[OnSpark]:
    """A Spark that compiles queries, as it usually does."""
    need(find_spec("pyspark") and shutil.which("java"), "local Spark needs pyspark and Java 17")
    with on_spark(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture
def spark(compiling: OnSpark) -> Iterator[OnSpark]:
    """The same, for one test that has it run queries as they are."""
    quickly(compiling.session)
    yield compiling
    quickly(compiling.session, really=False)


@pytest.fixture
def by_all_means(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_by_all_means(monkeypatch.setattr)


SORTS = """
  plain: {zone: raw, source: orders}
  mixed:
    zone: raw
    sql: >
      select id, who from orders where total > 1
      union all select count(*) as id, who from orders group by who
  by_part: {zone: raw, source: orders, unnest: {column: "array(who, 'a')", as: part}, group_by: [part, who],
    aggregate: {n: count(*)}}
  newest: {zone: raw, source: orders, dedupe: {by: [who], order_by: [id desc]}}
  counted: {zone: raw, source: orders, select: [id, who, {n: "count(*) over (partition by who)"}]}
  anti: {zone: raw, source: orders, join: [{anti: people, on: orders.who = people.who and ok}]}
  left:
    zone: raw
    source: orders
    join: [{left: people, on: orders.who = people.who, cardinality: many_to_many}]
    select: [people.who, name, id]
  named: {zone: raw, source: left, select: [who, name]}
  most:
    zone: raw
    sql: >
      select o.id, o.who, c.n from orders o
      inner join (select who, count(*) as n from people group by who) c on o.who = c.who
  all: {zone: raw, source: orders, aggregate: {n: count(*)}}
"""


def test_tables_of_every_sort_through_a_change(tmp_path: Path, compiling: OnSpark, by_all_means: None) -> None:
    shop = Shop(tmp_path, SORTS, spark=compiling)
    shop.put("orders/1", order(1), order(2, "b"), order(3, None, -0.0), "broken")
    shop.put("people/1", {"who": "a", "name": "aa", "ok": True}, {"who": "b", "name": "bb", "ok": False})
    shop.run()
    shop.put("orders/2", order(5, "c"), order(2, "b"))
    shop.put("orders/1", order(1), order(3, None, 0.0))
    shop.put("people/1", {"who": "a", "name": "aa", "ok": False}, {"who": "c", "name": "cc", "ok": True})
    shop.run()
    tables = [one for one in shop.reports.values() if not one.is_source]
    told = {one.name: one.anew for one in tables if one.anew}
    assert told == {"all": "one row is made of all rows"}
    shop.spark = None  # from nothing on the other engine
    shop.same_as_from_nothing(*(one.name for one in tables))


NESTED = """
version: 1
lake: shop
zones: {raw: {}}
sources:
  odd:
    path: odd/
    columns: {id: bigint, total: double, parts: "array<struct<t:double,w:string>>", m: "map<string,double>"}
tables:
  same: {zone: raw, source: odd}
  joined:
    zone: raw
    sql: >
      select odd.*, n from odd left join (select total, count(*) as n from odd group by total) c on odd.total = c.total
"""


def odd(id: int, total: float | None) -> dict[str, object]:
    return {"id": id, "total": 1.0, "parts": [{"t": total, "w": "x"}, None], "m": {"a": total}}


def test_zeros_and_maps_are_told_apart(tmp_path: Path, spark: OnSpark, by_all_means: None) -> None:
    shop = Shop(tmp_path, "", NESTED, spark=spark)
    shop.put("odd/1", odd(1, 0.0), odd(1, 0.0), odd(2, -0.0), odd(3, None), odd(4, 1.5))
    shop.run()
    shop.put("odd/1", odd(1, 0.0), odd(2, 0.0), odd(3, None), odd(4, 1.5))
    shop.run()
    assert shop.change("same") == (1, 2)
    shop.spark = None
    shop.same_as_from_nothing("same", "joined")


CHECKED = """
  t:
    zone: raw
    source: orders
    expect:
      - not_null: who
        severity: warn
      - unique: id
      - references: {who: p.who}
      - between: {total: [0, 100]}
        severity: warn
      - rows: {max: 6}
  p: {zone: raw, source: people}
"""


def test_rows_that_come_are_checked(tmp_path: Path, spark: OnSpark, by_all_means: None) -> None:
    shop = Shop(tmp_path, CHECKED, spark=spark)
    shop.put("orders/1", order(1, "a"), order(2, "b"), order(3, None))
    shop.put("people/1", {"who": "a"}, {"who": "b"}, {"who": "c"})
    shop.run()
    there = 3
    for rows, violations in (
        ([order(4, "c")], [1, 0, 0, 0, 0]),
        ([order(1, "b")], [1, 1, 0, 0, 0]),
        ([order(4, "x")], [1, 0, 1, 0, 0]),
        ([order(4, None, -1), order(5, None)], [3, 0, 0, 1, 0]),
        ([order(id) for id in range(4, 9)], [1, 0, 0, 0, 1]),
    ):
        shop.put("orders/2", *rows)
        shop.run()
        report = shop.reports["t"]
        assert [one.violations for one in report.checks] == violations and report.anew == ""
        failed = any(one.failed for one in report.checks)
        assert (report.status is Status.FAILED) == failed
        there = there if failed else 3 + len(rows)
        assert len(shop.rows("t")) == there, "what fails isn't published"
    shop.drop("orders/2")
    shop.put("people/1", {"who": "a"}, {"who": "c"})
    shop.run()
    assert shop.reports["t"].problem == "it breaks: references: who p.who", "what a check asks may change alone"


@pytest.mark.parametrize("now", [{"since": None}, {"since": "2024-06-01 00:00:00"}, {"phone": "2"}], ids=str)
def test_whoever_agrees_to_less_is_found_in_rows_that_stay(
    now: dict[str, str], tmp_path: Path, spark: OnSpark, by_all_means: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.run.spark.making import SparkMaking

    shop, person = Shop(tmp_path, "", SINCE, spark=spark), {"who": "a", "phone": "1", "since": "2024-01-01 00:00:00"}
    shop.put("orders/1", *({"id": id, "who": "a", "day": "2024-02-01 00:00:00"} for id in range(9)))
    shop.put("people/1", person)
    shop.run()
    wholly: list[int] = []
    evaluated = SparkMaking.evaluated

    def note(self: SparkMaking, numbers: Collection[int]) -> Mapping[int, CheckReport]:
        wholly.extend(numbers)
        return evaluated(self, numbers)

    monkeypatch.setattr(SparkMaking, "evaluated", note)
    monkeypatch.setattr(files.Files, "next_version", lambda self, before, *_: before)
    shop.put("people/1", {**person, **now})
    shop.run()
    is_less = "since" in now
    assert (shop.reports["t"].status is Status.FAILED, len(wholly)) == (is_less, int(is_less))


def test_where_only_a_check_is_another_the_rows_are_asked_again(tmp_path: Path, spark: OnSpark) -> None:
    table = "  t: {{zone: raw, source: orders, expect: [{}]}}\n"
    shop = Shop(tmp_path, table.format("{not_null: id}"), spark=spark)
    shop.put("orders/1", order(1), order(2, None))
    shop.put("people/1", {"who": "a"})
    shop.run()
    files = shop.folder.catalog().tables["t"].current.files
    shop.tables = table.format("{not_null: who, severity: warn}, {references: {who: people.who}}")
    shop.run()
    report = shop.reports["t"]
    assert report.unchanged and [one.violations for one in report.checks] == [1, 0]
    assert shop.folder.catalog().tables["t"].current.files == files
    shop.tables = table.format("{not_null: who}")
    shop.run()
    assert shop.reports["t"].status is Status.FAILED and len(shop.rows("t")) == 2
    shop.tables = table.format("{not_null: id}").replace("orders,", "orders, filter: id = 1,")
    shop.run()
    assert shop.reports["t"].anew == "it, or what makes it, is another than before" and len(shop.rows("t")) == 1


def test_versions_share_files_and_small_ones_are_put_together(
    tmp_path: Path, spark: OnSpark, by_all_means: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_SMALL", 3)
    shop = Shop(tmp_path, "  t: {zone: raw, source: orders}\n", spark=spark)
    shop.put("orders/1", *(order(number) for number in range(50)))
    shop.put("people/1", {"who": "a"})
    shop.run()
    for number in range(4):
        before = set(shop.folder.catalog().tables["t"].current.files)
        shop.put(f"orders/more {number}", order(100 + number))
        shop.run()
        after = set(shop.folder.catalog().tables["t"].current.files)
        assert shop.change("t") == (1, 0) and len(after) <= 3
        assert before < after or len(before) == 3, "the files of the version before, and one more"
    shop.drop("orders/more 0")
    shop.run()
    assert shop.change("t") == (0, 1) and shop.reports["t"].rows == 53
    shop.spark = None
    shop.same_as_from_nothing("t")


def test_where_more_is_looked_through_than_it_has_it_is_made_anew(tmp_path: Path, spark: OnSpark) -> None:
    joins = "[{semi: people, on: orders.who = people.who}, {anti: people, as: no, on: orders.id = length(no.name)}]"
    shop = Shop(tmp_path, f"  t: {{zone: raw, source: orders, join: {joins}}}\n", spark=spark)
    shop.put("orders/1", *(order(number, f"w{number % 9}") for number in range(50)))
    shop.put("people/1", *({"who": f"w{number}"} for number in range(9)))
    shop.run()
    shop.put("people/2", {"who": "w9"})
    shop.run()
    assert shop.reports["t"].anew == "211 rows would have to be looked through, where it and its inputs have 110"
    shop.put("orders/2", order(60, "w1"))
    shop.run()
    assert shop.change("t") == (1, 0)
    shop.run(full=True)
    assert shop.reports["t"].anew == "--full asks for it"


def test_the_engines_take_turns(tmp_path: Path, spark: OnSpark, by_all_means: None) -> None:
    shop = Shop(
        tmp_path,
        "  t: {zone: raw, source: orders}\n  u: {zone: raw, source: t, group_by: [who], aggregate: {n: count(*)}}\n",
    )
    shop.put("orders/1", order(1), order(2, "b"), "broken")
    shop.put("people/1", {"who": "a"})
    shop.run()
    for number, engine in enumerate((spark, spark, None, None, spark)):
        shop.spark = engine
        shop.put(f"orders/more {number}", order(10 + number), order(20 + number, f"w{number}"))
        shop.run()
        other = number in (0, 2, 4)
        assert shop.reports["t"].anew == ("it, or what makes it, is another than before" if other else "")
        assert shop.change("t") == ((None, None) if other else (2, 0))
    shop.same_as_from_nothing("t", "u")


def test_what_the_spec_does_not_have_any_more_leaves(tmp_path: Path, spark: OnSpark) -> None:
    shop = Shop(tmp_path, "  t: {zone: raw, source: orders}\n  u: {zone: raw, source: t}\n", spark=spark)
    shop.put("orders/1", order(1), "broken")
    shop.put("people/1", {"who": "a"})
    shop.run()
    shop.tables = "  t: {zone: raw, source: orders}\n  other: {zone: raw, source: t}\n"
    shop.run()
    assert set(shop.folder.catalog().tables) == {"t", "other"}
    shop.run()
    assert {path.parent.parent.name for path in (tmp_path / "lake").rglob("*.parquet")} == {
        "orders",
        "people",
        "t",
        "other",
    }


LAKES = 2


def test_a_kept_lake_is_one_that_was_made_from_nothing(tmp_path: Path, spark: OnSpark, by_all_means: None) -> None:
    figures = Figures()
    for seed in range(LAKES):
        check_lake(seed, tmp_path / str(seed), figures, changes=2, spark=spark)
    assert figures.violations == []


# Whole processes -----------------------------------------------------------------------------------------


def command(shop: Shop, *more: str) -> list[str]:
    (shop.root / "shop.yaml").write_text(shop.head + shop.tables)
    where = ("--spec", shop.root / "shop.yaml", "--data", shop.root / "data", "--lake", shop.root / "lake")
    return ["run", *map(str, where), "--engine", "spark", *more]


BY_ALL_MEANS = """
import sys
from generator.cli.main import main
from generator.runtime.maintenance import keeper
keeper.MOST = keeper.MOST_READ = 10**9
sys.exit(main(sys.argv[1:]))
"""


def run(shop: Shop, python: str) -> subprocess.Popen[bytes]:
    line = [python, "-c", BY_ALL_MEANS, *command(shop, "--json")]
    return subprocess.Popen(line, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, start_new_session=True)


def test_on_spark_35(tmp_path: Path, need: Need) -> None:
    python = os.environ.get("SPARK35_PYTHON", "")
    need(python and Path(python).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    shop = Shop(tmp_path, "", NESTED)
    shop.put("odd/1", *(odd(number, -0.0) for number in range(20)))
    shop.put("odd/2", odd(30, 1.0), odd(30, 1.0), odd(31, None))
    run(shop, python).communicate()
    shop.put("odd/2", odd(30, 1.0), odd(31, 2.5))
    shop.put("odd/3", odd(32, 0.0))
    told = json.loads(run(shop, python).communicate()[0])["tables"]
    assert (told["same"]["added"], told["same"]["removed"]) == (2, 2), told["same"]["anew"]
    shop.same_as_from_nothing("same", "joined")


def test_a_run_after_one_that_was_killed_makes_the_lake_as_from_nothing(
    tmp_path: Path, spark: OnSpark, by_all_means: None
) -> None:
    shop = Shop(tmp_path, SORTS, spark=spark)
    shop.put("orders/1", *(order(number, f"w{number % 7}") for number in range(40)))
    shop.put("people/1", *({"who": f"w{number}", "name": "n", "ok": True} for number in range(9)))
    shop.run()
    for number, seconds in enumerate((7.0, 11.0)):
        shop.put(f"orders/more {number}", order(100 + number, "w1"), order(2, "w8"))
        killed = run(shop, sys.executable)
        time.sleep(seconds)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
        for name, entry in LakeFolder(tmp_path / "lake").catalog().tables.items():
            assert all((tmp_path / "lake" / file).is_file() for file in entry.current.files), name
        shop.run()
    tables = [one.name for one in shop.reports.values() if not one.is_source]
    shop.spark = None
    shop.same_as_from_nothing(*tables)


def test_what_would_be_made_is_said_before(tmp_path: Path, spark: OnSpark, capsys: pytest.CaptureFixture[str]) -> None:
    shop = Shop(
        tmp_path,
        "  t: {zone: raw, source: orders}\n  n: {zone: raw, source: t, aggregate: {n: count(*)}}\n",
        spark=spark,
    )
    shop.put("orders/1", *(order(number) for number in range(20)))
    shop.put("people/1", {"who": "a"})
    shop.run()
    told = told_before(shop, capsys)
    assert set(told.values()) == {"unchanged"}
    shop.put("orders/2", order(50))
    assert told_before(shop, capsys) == {
        "orders": "read", "people": "unchanged", "t": "kept by what changes", "n": "made anew",
    }  # fmt: skip
    shop.run()
    assert shop.change("t") == (1, 0) and shop.reports["n"].anew == "one row is made of all rows"


def told_before(shop: Shop, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    assert main(command(shop, "--dry-run", "--json")) == 0
    return {name: one["what"] for name, one in json.loads(capsys.readouterr().out)["tables"].items()}
