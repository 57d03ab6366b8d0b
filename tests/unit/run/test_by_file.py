"""A run reads the files that are new and makes what they can change: the lake is then as if made from nothing."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import duckdb
import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.run.build_program import build_program
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder
from generator.run.program import Program
from generator.run.report import RunReport, Status, TableReport
from generator.runtime.record import MOST_BATCHES, changes

SPEC = """
version: 1
lake: shop
subjects: {person: {registry: people, keys: [email]}}
consent: {news: {subject: person, when: agreed}}
zones: {raw: {}, trusted: {require: news}, shared: {}}
sources:
  people:
    path: people/
    max_bad_rows: 100%
    columns: {email: {type: string, pii: true}, agreed: boolean}
  orders:
    path: orders/
    format: csv
    max_bad_rows: 100%
    columns: {email: {type: string, identifies: person.email}, total: double, day: date}
tables:
  agreed: {zone: trusted, source: people, filter: agreed, keep_versions: 2}
  large: {view: true, source: orders, filter: total > 10}
  mailed: {zone: trusted, source: large, join: [{semi: agreed, on: large.email = agreed.email}], keep_versions: 2}
  by_day: {zone: shared, source: orders, group_by: [day], aggregate: {orders: count(*), total: sum(total)}}
"""


@cache
def program(spec: str) -> Program:
    compiled = check_spec(SourceText("shop.yaml", spec)).lake
    assert compiled is not None
    return build_program(compiled)


@dataclass
class Shop:
    """A lake that is run again and again."""

    root: Path
    spec: str = SPEC
    lake: str = "lake"
    reports: dict[str, TableReport] = field(default_factory=dict)

    def run(self, **options: Any) -> RunReport:
        report = execute(program(self.spec), self.root / "data", self.folder, Mock(), **options)
        self.reports = {one.name: one for one in report.tables}
        return report

    @property
    def folder(self) -> LakeFolder:
        return LakeFolder(self.root / self.lake)

    def file(self, name: str) -> Path:
        path = self.root / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def people(self, name: str, **agreed: bool) -> None:
        lines = (json.dumps({"email": email, "agreed": yes}) for email, yes in agreed.items())
        self.file(f"people/{name}.json").write_text("".join(f"{line}\n" for line in lines))

    def orders(self, name: str, *rows: str) -> None:
        self.file(f"orders/{name}.csv").write_text("\n".join(["email,total,day", *rows]) + "\n")

    def contents(self) -> dict[str, list[str]]:
        """All rows in one order, of everything that is published."""
        catalog = self.folder.catalog()
        return {
            f"{kind}/{name}": sorted(map(repr, self.rows(entry.current.files)))
            for kind in ("tables", "sources", "quarantine")
            for name, entry in getattr(catalog, kind).items()
        }

    def rows(self, files: tuple[str, ...]) -> list[tuple[Any, ...]]:
        return duckdb.read_parquet([str(self.root / self.lake / file) for file in files]).fetchall()

    def made(self) -> set[str]:
        return {name for name, one in self.reports.items() if one.rows is not None and not one.unchanged}

    def read(self) -> dict[str, int]:
        return {name: one.files_read for name, one in self.reports.items() if one.is_source}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.people("a", **{"a@x": True, "b@x": True, "c@x": False})
    made.orders("1", "a@x,11,2024-01-01", "b@x,12,2024-01-01", "c@x,13,2024-01-02", "d@x,14,2024-01-02", "a@x,oops,")
    return made


def figures(shop: Shop) -> dict[str, Any]:
    """What the report says of all that was made, but for how long it took."""
    return {name: (one.rows, one.rows_in, one.stages, one.reasons, one.files) for name, one in shop.reports.items()}


def test_a_second_run_reads_nothing_and_makes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shop.run()
    told, published = figures(shop), shop.folder.catalog()
    assert not first.failed and first.published and shop.read() == {"people": 1, "orders": 1}
    assert shop.reports["orders"].bytes_read == shop.file("orders/1.csv").stat().st_size

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a raw file is read")

    monkeypatch.setattr("generator.run.source_step.read_landing", refuse)
    second = shop.run()
    assert not second.failed and not second.published and shop.folder.catalog() == published
    assert shop.made() == set() and shop.read() == {"people": 0, "orders": 0} and figures(shop) == told


def test_a_new_file_costs_itself_and_what_it_can_change(shop: Shop) -> None:
    shop.run()
    shop.orders("2", "b@x,50,2024-01-03")
    shop.run()
    assert shop.read() == {"people": 0, "orders": 1}
    assert shop.made() == {"orders", "mailed", "by_day"}
    assert len(shop.contents()["tables/mailed"]) == 3
    assert shop.reports["orders"].quarantined == 1 and shop.reports["orders"].files == 2


def test_another_spec_makes_what_it_changes(shop: Shop) -> None:
    shop.run()
    shop.spec = shop.spec.replace("total > 10", "total > 11")
    shop.run()
    assert shop.made() == {"mailed"}, "by a view"
    shop.spec = shop.spec.replace("total: double", "total: 'decimal(9,2)'")
    shop.run()
    assert shop.made() == {"orders", "mailed", "by_day"} and shop.read() == {"people": 0, "orders": 1}
    shop.spec = shop.spec.replace(
        "columns: {email: {type: string, pii: true}", "unique: [email]\n    columns: {email: {type: string, pii: true}"
    )
    shop.run()
    assert shop.read() == {"people": 0, "orders": 0}, "a check reads rows, not files"
    shop.run(full=True)
    assert shop.made() == {"people", "orders", "agreed", "mailed", "by_day"}


def test_what_asks_for_the_time_is_made_in_every_run(shop: Shop) -> None:
    shop.spec = shop.spec.replace("total > 10", "day < current_date()")
    shop.run()
    shop.run()
    assert shop.made() == {"mailed"}
    shop.spec = shop.spec.replace("day < current_date()", "email <> 'now()' and total > 10")
    shop.run()
    shop.run()
    assert shop.made() <= {"mailed"}, "a text that looks like it costs no more"


def test_the_time_is_that_of_the_run_in_all_tables(shop: Shop) -> None:
    shop.spec = shop.spec.replace("total > 10", "total > 10 and day < current_date()")
    shop.spec = shop.spec.replace("zones: {raw: {}, ", "zones: {raw: {}, timed: {}, ")
    shop.spec += "  keys: {zone: timed, source: mailed, select: [{t: current_timestamp()}, {d: current_date()}]}\n"
    shop.spec += "  query: {zone: timed, sql: 'select now() as t, current_date as d from agreed'}\n"
    for moment in (datetime(2031, 2, 28, 23, 59, 59, 123456, UTC), datetime(2031, 3, 1, tzinfo=UTC)):
        shop.run(time_of_run=moment)
        tables = shop.folder.catalog().tables
        told = {row for name in ("keys", "query") for row in shop.rows(tables[name].current.files)}
        assert told == {(moment.replace(tzinfo=None), moment.date())}


def test_files_of_the_lake_that_are_gone_are_made_again(shop: Shop) -> None:
    shop.run()
    catalog = shop.folder.catalog()
    for entry in (catalog.tables["agreed"], catalog.sources["orders"]):
        (shop.root / "lake" / entry.current.files[0]).unlink()
    assert not shop.run().failed
    assert {"agreed", "orders"} <= shop.made()
    fresh = Shop(shop.root, shop.spec, "fresh")
    fresh.run()
    assert shop.contents() == fresh.contents()


def test_who_withdraws_is_gone_from_the_disk_after_as_many_runs_as_versions_are_kept(shop: Shop) -> None:
    shop.run()
    shop.people("a", **{"a@x": True, "c@x": False})
    shop.run()
    assert "b@x" in texts(shop, "tables") and "b@x" not in str(shop.contents()["tables/agreed"])
    shop.run()
    assert shop.made() == set() and "b@x" not in texts(shop, "tables"), "a run that changes nothing counts, too"


def texts(shop: Shop, kind: str) -> str:
    """All values of all files of a kind."""
    files = (shop.root / "lake" / kind).rglob("*.parquet")
    return "\n".join(str(row) for file in files for row in duckdb.read_parquet(str(file)).fetchall())


def test_a_source_that_fails_keeps_its_rows_and_reads_the_new_file_again(shop: Shop) -> None:
    shop.spec = shop.spec.replace(
        "max_bad_rows: 100%\n    columns: {email: {type: string, id", "columns: {email: {type: string, id"
    )
    shop.run()
    assert shop.reports["orders"].problem.startswith(
        "1 of 5 lines quarantined, more than 5%: 1 wrong type (orders/1.csv:6"
    )
    assert shop.reports["mailed"].status is Status.SKIPPED and "orders" not in shop.folder.catalog().sources
    shop.orders("1", "a@x,11,2024-01-01")
    shop.run()
    shop.orders("2", "bad", "bad")
    before = shop.contents()
    shop.run()
    assert shop.reports["orders"].status is Status.FAILED and shop.contents() == before
    assert shop.run().failed and shop.read()["orders"] == 1
    shop.orders("2", "b@x,20,2024-01-05")
    assert not shop.run().failed and len(shop.contents()["tables/mailed"]) == 2


def test_a_file_that_changes_while_it_is_read_fails_its_source(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import generator.run.source_step as module

    read = module.read_landing

    def changed_afterwards(connection: Any, source: Any, *more: Any, **options: Any) -> Any:
        found = read(connection, source, *more, **options)
        if source.name == "people":
            shop.people("a", **{"z@x": True})
        return found

    monkeypatch.setattr(module, "read_landing", changed_afterwards)
    shop.run()
    assert shop.reports["people"].problem == "people: a.json changed while it was read: run again"
    assert set(shop.folder.catalog().sources) == {"orders"}


def test_a_file_that_comes_while_others_are_read_is_read_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import generator.run.source_step as module

    read = module.read_landing

    def there_before(connection: Any, source: Any, *more: Any, **options: Any) -> Any:
        shop.people("b", **{"z@x": True})
        return read(connection, source, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(module, "read_landing", there_before)
        shop.run()
    assert "z@x" not in texts(shop, "tables")
    shop.run()
    fresh = Shop(shop.root, shop.spec, "fresh")
    fresh.run()
    assert shop.read()["people"] == 1 and shop.contents() == fresh.contents()


def test_a_source_of_several_folders_is_one(shop: Shop) -> None:
    shop.spec = SPEC.replace("path: people/", "path: [people/, archive/people/, gone/]")
    shop.file("archive/people/a.json").write_text('{"email":"z@x","agreed":true}\n{}{\n')
    assert not shop.run().failed
    assert shop.reports["people"].notes == ("gone/: no files",) and shop.read()["people"] == 2
    assert "z@x" in texts(shop, "tables") and "archive/people/a.json" in texts(shop, "quarantine")
    shop.file("archive/people/a.json").unlink()
    shop.run()
    assert shop.read()["people"] == 0
    assert "z@x" not in [row[0] for row in shop.rows(shop.folder.catalog().tables["agreed"].current.files)]


def test_rows_of_many_runs_are_put_together(shop: Shop) -> None:
    for number in range(MOST_BATCHES + 3):
        shop.orders(str(number), f"a@x,{number},2024-01-01")
        shop.run()
    assert len(shop.folder.catalog().sources["orders"].current.files) <= MOST_BATCHES
    assert len(shop.contents()["sources/orders"]) == MOST_BATCHES + 3


# The law ---------------------------------------------------------------------------------------------------

LETTERS = "abcdef"


def new_file(shop: Shop, pick: random.Random) -> None:
    """People of one file are in no other: an email that is there twice would fail the registry."""
    number = pick.randrange(6)
    if pick.random() < 0.5:
        chosen = pick.sample(LETTERS, pick.randrange(3))
        shop.people(f"x/{number} é", **{f"{one}{number}@x": pick.random() < 0.7 for one in chosen})
    else:
        shop.orders(f"y/{number} +", *(order(pick) for _ in range(pick.randrange(5))))


def order(pick: random.Random) -> str:
    total = pick.choice(["1", "20", "30.5", "bad"])
    return f"{pick.choice(LETTERS)}{pick.randrange(6)}@x,{total},2024-01-0{pick.randint(1, 4)}"


def on_some_file(change: Callable[[Path, random.Random], object]) -> Callable[[Shop, random.Random], None]:
    def changed(shop: Shop, pick: random.Random) -> None:
        files = sorted(path for path in (shop.root / "data").rglob("*.*") if path.is_file())
        if files:
            change(pick.choice(files), pick)

    return changed


def another_spec(shop: Shop, pick: random.Random) -> None:
    shop.spec = SPEC.replace("total > 10", pick.choice(["total > 10", "total > 1", "total < 25"]))
    shop.spec = shop.spec.replace("total: double", pick.choice(["total: double", "total: 'decimal(9,2)'"]))


def appended(path: Path, pick: random.Random) -> None:
    with path.open("a") as file:
        file.write(pick.choice(["broken\n", '{"email": "g@x", "agreed": true}\n', "a@x,40,2024-01-02\n", "\n"]))


CHANGES: list[Callable[[Shop, random.Random], object]] = [
    new_file,
    new_file,
    another_spec,
    on_some_file(appended),
    on_some_file(lambda path, pick: path.unlink()),
    on_some_file(lambda path, pick: path.rename(path.with_name(f"moved {pick.randrange(9)}{path.suffix}"))),
    on_some_file(lambda path, pick: os.utime(path)),
    on_some_file(lambda path, pick: path.write_bytes(path.read_bytes())),
]


def states(shop: Shop, seed: int) -> Iterator[int]:
    """Changes the data, or the spec, a few times."""
    pick = random.Random(seed)
    for number in range(8):
        for _ in range(pick.randint(1, 3)):
            pick.choice(CHANGES)(shop, pick)
        if not shop.file("people/stays.json").exists():
            shop.people("stays", **{"stays@x": True})
        if not shop.file("orders/stays.csv").exists():
            shop.orders("stays", "stays@x,99,2024-01-01", "stays@x,5,2024-01-01")
        yield number


@pytest.mark.parametrize("seed", range(8))
def test_a_maintained_lake_is_one_that_was_made_from_nothing(seed: int, shop: Shop) -> None:
    for number in states(shop, seed):
        shop.run()
        fresh = Shop(shop.root, shop.spec, f"fresh{number}")
        if fresh.run().failed:
            continue  # what fails keeps what was published before
        assert shop.contents() == fresh.contents(), f"seed {seed}, state {number}"
        assert {name: (one.status, one.rows, one.quarantined) for name, one in shop.reports.items()} == {
            name: (one.status, one.rows, one.quarantined) for name, one in fresh.reports.items()
        }


def files_stay(before: Any, declaration: str, listed: Any) -> Any:
    found = changes(before, declaration, listed)
    return replace(found, kept=(*found.kept, *(batch for batch, _ in found.thinned)), thinned=())


BROKEN: dict[str, tuple[str, Any]] = {
    "files that are gone keep their rows": ("generator.run.source_step.changes", files_stay),
    "a declaration counts for nothing": ("generator.runtime.record.Declared.digest", lambda self, reader: "same"),
    "inputs count for nothing": (
        "generator.run.making.is_current",
        lambda version, program, inputs, lake: program.is_of(version),
    ),
    "rows count for nothing where checks are others": (
        "generator.run.making.same_rows",
        lambda program, table, before, inputs: True,
    ),
    "a program counts for nothing": (
        "generator.run.making.is_current",
        lambda version, program, inputs, lake: dict(version.inputs) == inputs,
    ),
    "the quarantine of files that stay is forgotten": (
        "generator.run.source_step._Making._left",
        lambda self: set(),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rule_is_caught(fault: str, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BROKEN[fault])
    for seed in range(12):
        one = Shop(shop.root / str(seed))
        one.people("a", **{"a@x": True})
        for number in states(one, seed):
            one.run()
            fresh = Shop(one.root, one.spec, f"fresh{number}")
            if not fresh.run().failed and one.contents() != fresh.contents():
                return
    pytest.fail(f"nothing differs although {fault}")
