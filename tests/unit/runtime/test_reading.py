"""Landing data is read fast where that is proven to be right, and whoever changes files meanwhile is noticed."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.runtime.error import LakeError
from generator.runtime.options import ReadOptions
from tests.conftest import require_pyspark
from tests.unit.runtime.lakes import land

require_pyspark()
from generator.runtime.landing import Landing, prove_json, proving_elsewhere, read_landing  # noqa: E402
from generator.runtime.lines import Lines, Proof  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

PEOPLE = {"name": "string", "n": "bigint"}
SEMICOLONS = ReadOptions(delimiter=";")


def read(spark: SparkSession, landing: Path, **options: Any) -> Landing:
    given: dict[str, Any] = {"path": "people/", "format": "json", "columns": PEOPLE, "keys": {}, **options}
    return read_landing(spark, str(landing), "people", **given)


def rows(found: Landing) -> list[tuple[Any, ...]]:
    return sorted(tuple(row)[:-1] for row in found.rows.collect())


def test_a_proof_holds_as_long_as_no_file_changes(spark: SparkSession, landing: Path) -> None:
    (landing / "people").mkdir(parents=True)
    file = landing / "people" / "a.json"

    def write(content: str) -> None:
        file.write_text(content)
        later = file.stat().st_mtime_ns + 10**7
        os.utime(file, ns=(later, later))

    write('{"name": "a", "n": 1}\n')
    first, second = read(spark, landing), read(spark, landing)
    assert rows(first) == rows(second) == [("a", 1)]
    assert (first.lines, first.files) == (second.lines, second.files) == (1, 1)
    write('{"name": "a", "n":"1"}\n')
    changed = read(spark, landing)
    assert rows(changed) == [] and (changed.lines, changed.quarantined) == (1, 1)
    write('{"name": "b", "n": 2}\n')
    land(landing, '{"name": 3, "n": 3}', '{"name": "c", "n": 3}', name="people/b.json")
    more = read(spark, landing)
    assert rows(more) == [("b", 2), ("c", 3)] and (more.lines, more.quarantined) == (3, 1)


@pytest.fixture
def proofs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list to which the folder of each source that is proven from now on is added."""
    found, prove = [], Lines.prove

    def noted(lines: Any, text: Any) -> Any:
        found.append(lines.folder.place)
        return prove(lines, text)

    monkeypatch.setattr(Lines, "prove", noted)
    return found


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> list[Proof]:
    """A list to which each proof from now on is added."""
    found: list[Proof] = []
    prove = Lines.prove

    def noted(lines: Lines, text: Any) -> Proof:
        found.append(prove(lines, text))
        return found[-1]

    monkeypatch.setattr(Lines, "prove", noted)
    return found


@pytest.mark.parametrize("line", ['{"name": "b", "n": 2}', '{"name": "b", "n": "2"}'])
def test_what_was_proven_ahead_is_only_decoded(
    line: str, session: SparkSession, spark: SparkSession, landing: Path, proofs: list[str]
) -> None:
    land(landing, '{"name": "a", "n": 1}', line)
    prove_json(session.newSession(), str(landing), "people", path="people/", columns=PEOPLE, keys={})
    found = read(spark, landing)
    assert len(proofs) == 1 and ("a", 1) in rows(found)
    if '"2"' in line:
        assert [tuple(row)[:2] for row in found.quarantine.collect()] == [("people/a.json", 2)]


def test_files_that_are_known_to_be_plain_are_not_proven(
    session: SparkSession, spark: SparkSession, landing: Path, proven: list[Proof]
) -> None:
    land(landing, '{"name": "a", "n": 1}', '{"name": "b", "n": 2}')
    land(landing, '{"name": "c", "n": 3}', '{"name": "d", "n": "4"}', name="people/b.json")
    plain, changed = (os.stat(landing / "people" / name) for name in ("a.json", "b.json"))
    known = {
        "people/a.json": (plain.st_size, plain.st_mtime_ns // 1_000_000, 2),
        "people/b.json": (changed.st_size, changed.st_mtime_ns // 1_000_000 - 1, 2),
        "people/gone.json": (1, 1, 1),
    }
    ahead: dict[str, Any] = {"path": "people/", "columns": PEOPLE, "keys": {}}
    with proving_elsewhere(lambda _: known):
        prove_json(session.newSession(), str(landing), "people", **ahead)
    found = read(spark, landing)
    assert [(one.records, one.unproven) for one in proven] == [(2, 1)], "b.json, which has changed since"
    assert rows(found) == [("a", 1), ("b", 2), ("c", 3)] and (found.lines, found.quarantined) == (4, 1)
    assert [tuple(row)[:2] for row in found.quarantine.collect()] == [("people/b.json", 2)]


def test_whoever_reads_first_takes_what_is_proven_elsewhere(
    spark: SparkSession, landing: Path, proven: list[Proof]
) -> None:
    land(landing, '{"name": "a", "n": 1}')
    state, asked = os.stat(landing / "people" / "a.json"), []

    def find(source: str) -> dict[str, tuple[int, int, int]]:
        asked.append(source)
        return {"people/a.json": (state.st_size, state.st_mtime_ns // 1_000_000, 1)}

    with proving_elsewhere(find):
        assert rows(read(spark, landing)) == [("a", 1)]
    assert asked == ["people"] and not proven
    land(landing, '{"name": "b", "n": 2}')
    assert rows(read(spark, landing)) == [("b", 2)] and len(proven) == 1, "nobody else proves them any more"


def test_whole_numbers_stay_exact_where_another_file_spells_them_with_fractions(
    session: SparkSession, spark: SparkSession, landing: Path
) -> None:
    """They are read as doubles then: 2^53 + 1 is none."""
    land(landing, '{"name": "a", "n": 9007199254740993}')
    land(landing, '{"name": "b", "n": 2.0}', name="people/b.json")
    state = os.stat(landing / "people" / "a.json")
    known = {"people/a.json": (state.st_size, state.st_mtime_ns // 1_000_000, 1)}
    ahead: dict[str, Any] = {"path": "people/", "columns": PEOPLE, "keys": {}}
    with proving_elsewhere(lambda _: known):
        prove_json(session.newSession(), str(landing), "people", **ahead)
    assert rows(read(spark, landing)) == [("a", 9007199254740993), ("b", 2)]


def test_where_all_files_are_known_to_be_plain_nothing_is_proven(
    session: SparkSession, spark: SparkSession, landing: Path, proven: list[Proof]
) -> None:
    land(landing, '{"name": "a", "n": 1}', '{"name": "b", "n": 2}')
    state = os.stat(landing / "people" / "a.json")
    known = {"people/a.json": (state.st_size, state.st_mtime_ns // 1_000_000, 2)}
    ahead: dict[str, Any] = {"path": "people/", "columns": PEOPLE, "keys": {}}
    with proving_elsewhere(lambda _: known):
        prove_json(session.newSession(), str(landing), "people", **ahead)
    found = read(spark, landing)
    assert not proven and rows(found) == [("a", 1), ("b", 2)] and (found.lines, found.quarantined) == (2, 0)


def test_files_that_change_between_proof_and_reading_are_noticed(
    spark: SparkSession, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, '{"name": "a", "n": 1}', "broken")
    prove = Lines.prove

    def changed_afterwards(lines: Any, text: Any) -> Any:
        proof = prove(lines, text)
        land(landing, '{"name": "a", "n": 1}', '{"name": "b", "n": 2}', "broken")
        return proof

    monkeypatch.setattr(Lines, "prove", changed_afterwards)
    with pytest.raises(LakeError, match="changed while they were read: run the job again"):
        read(spark, landing)


def scans(rows: Any) -> list[tuple[str, int, int]]:
    """Format, number of listed roots, and number of files opened of each scan of rows that were collected."""
    leaves = rows._jdf.queryExecution().executedPlan().collectLeaves()
    found = [leaf for leaf in map(leaves.apply, range(leaves.size())) if leaf.nodeName().startswith("Scan ")]
    return [
        (
            scan.nodeName().strip(),
            scan.relation().location().rootPaths().size(),
            scan.metrics().apply("numFiles").value(),
        )
        for scan in found
    ]


def test_clean_files_beside_a_bad_one_are_read_the_fast_way(spark: SparkSession, landing: Path) -> None:
    """The folder is listed as a whole, and files are left out before they are opened; the bad one is kept."""
    land(landing, '{"name": "a", "n": 1}', "broken")
    for number in range(5):  # some of them share a partition with the bad one
        land(landing, f'{{"name": "b", "n": {number}}}', name=f"people/b{number}.json")
    found = read(spark, landing)
    assert len(found.rows.collect()) == 6
    assert scans(found.rows) == [("Scan json", 1, 5)]


def test_lines_of_very_many_values_are_proven(spark: SparkSession, landing: Path, proven: list[Proof]) -> None:
    """In sections of the line: one expression of so many would end the JVM."""
    columns = {f"c{place}": ("bigint", "string", "double")[place % 3] for place in range(700)}
    values = {name: {"bigint": 7, "string": "a", "double": 0.5}[kind] for name, kind in columns.items()}
    land(landing, *[json.dumps(values)] * 3)
    found = read(spark, landing, columns=columns)
    assert [(one.records, one.unproven) for one in proven] == [(3, 0)]
    assert rows(found) == [tuple(values.values())] * 3


SPELLED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "day": ("date", {"format": "dd.MM.yyyy"}, {"29.02.2024": date(2024, 2, 29), "31.12.1999": date(1999, 12, 31)}),
    "at": ("timestamp", {"format": "M/d/yyyy h:mm a"}, {"3/5/2024 2:05 PM": datetime(2024, 3, 5, 14, 5)}),
    "counted": ("timestamp", {"format": "epoch_millis"}, {"1709647500250": datetime(2024, 3, 5, 14, 5, 0, 250000)}),
    "price": (
        "decimal(9,2)",
        {"decimal": ",", "thousands": "."},
        {"1.234,50": Decimal("1234.50"), "7,5": Decimal("7.5")},
    ),
    "many": ("bigint", {"thousands": ",", "null": ["n/a"]}, {"1,234": 1234, "n/a": None, "-5": -5}),
    "ratio": ("double", {"trim": True, "null": ["NA"]}, {" 0.5": 0.5, "NA ": None}),
    "agreed": ("boolean", {"true": ["yes"], "false": ["no"]}, {"yes": True, "no": False}),
    "name": ("string", {"trim": True, "null": ["-"]}, {" x ": "x", "-": None}),
}
"""Types, spellings, and texts with their values."""


def test_values_with_spellings_of_their_own_are_proven(spark: SparkSession, landing: Path, proven: list[Proof]) -> None:
    """No line of them is Python's: that would take many times as long."""
    columns = {name: kind for name, (kind, _, _) in SPELLED.items()}
    formats = {name: spelling for name, (_, spelling, _) in SPELLED.items()}
    chosen = [[list(values.items())[row % len(values)] for _, _, values in SPELLED.values()] for row in range(6)]
    lines = [";".join(text for text, _ in row) for row in chosen]
    land(landing, ";".join(columns), *lines, name="people/a.csv")
    found = read(spark, landing, columns=columns, formats=formats, format="csv", options=SEMICOLONS)
    expected = Counter(tuple(value for _, value in row) for row in chosen)
    assert Counter(tuple(row)[:-1] for row in found.rows.collect()) == expected
    assert [(one.records, one.unproven) for one in proven] == [(6, 0)]


def test_a_line_of_csv_is_decoded_once_for_all_its_fields(spark: SparkSession, landing: Path) -> None:
    columns = {f"c{place}": "bigint" for place in range(200)}
    lines = [",".join(columns), ",".join("1" for _ in columns)]
    land(landing, *lines, name="people/a.csv")
    found = read(spark, landing, columns=columns, format="csv")
    plan = found.rows._jdf.queryExecution().optimizedPlan().toString()
    assert plan.count("from_csv(") == 1
    assert rows(found) == [(1,) * len(columns)]


def test_files_that_are_not_meant_are_not_opened(spark: SparkSession, landing: Path) -> None:
    for number in range(5):
        land(landing, f'{{"name": "b", "n": {number}}}', name=f"people/b {number}.json")
    found = read(spark, landing, only={"people/b 3.json"})
    assert [tuple(row) for row in found.rows.collect()] == [("b", 3, "people/b 3.json")]
    assert scans(found.rows) == [("Scan json", 1, 1)] and (found.lines, found.files) == (1, 1)


@pytest.mark.parametrize("place", ["grün ß", "grünß", "plain"])
def test_a_row_s_file_has_its_name_below_the_landing_root_however_that_is_spelled(
    spark: SparkSession, tmp_path: Path, place: str
) -> None:
    for name in ("a.json", "müll/été.json", "x/年.json"):
        land(tmp_path / place, f'{{"name": "{name}", "n": 1}}', name=f"people/{name}")
        land(tmp_path / place, f'{{"name": "{name}!", "n": 1}}', f'{{"name": "{name}?", "n": "1"}}', name=f"old/{name}")
    found = read(spark, tmp_path / place, path=["people/", "old/"])
    told = {(row["name"], row["_file"]) for row in found.rows.collect()}
    names = ("a.json", "müll/été.json", "x/年.json")
    assert told == {(name, f"people/{name}") for name in names} | {(f"{name}!", f"old/{name}") for name in names}
    assert sorted(row["file"] for row in found.quarantine.collect()) == sorted(f"old/{name}" for name in names)


def test_rows_of_files_that_one_task_reads_have_their_own_file_s_name(spark: SparkSession, landing: Path) -> None:
    for number in range(12):
        lines = (f'{{"name": "people/{number}.json", "n": {row}}}' for row in range(40))
        land(landing, *lines, name=f"people/{number}.json")
    spark.conf.set("spark.sql.files.maxPartitionBytes", "700")
    spark.conf.set("spark.sql.files.openCostInBytes", "100")
    found = read(spark, landing).rows
    assert found.rdd.getNumPartitions() > 12
    for tasks in (1, 3):
        together = found.coalesce(tasks).collect()
        assert len(together) == 480 and all(row["name"] == row["_file"] for row in together)


def test_a_key_of_the_name_of_spark_s_own_column_hides_no_file(spark: SparkSession, landing: Path) -> None:
    land(landing, '{"_metadata": "a", "n": 1}', '{"_metadata": 2, "n": 2}')
    land(landing, '{"_metadata": "c", "n": 3}', name="people/c.json")
    found = read(spark, landing, columns={"m": "string", "n": "bigint"}, keys={"m": "_metadata"})
    assert sorted(tuple(row) for row in found.rows.collect()) == [("a", 1, "people/a.json"), ("c", 3, "people/c.json")]


def test_a_stray_file_that_comes_while_a_source_is_read_changes_nothing(
    spark: SparkSession, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, '{"name": "a", "n": 1}', "broken")
    prove = Lines.prove

    def touched_afterwards(lines: Any, text: Any) -> Any:
        proof = prove(lines, text)
        for name in ("_SUCCESS", "b.json._COPYING_", "_a=1/c.json", "people_$folder$"):
            land(landing, "junk", name=f"people/{name}")
        return proof

    monkeypatch.setattr(Lines, "prove", touched_afterwards)
    assert rows(read(spark, landing)) == [("a", 1)]


def test_a_source_that_is_not_there_cannot_be_proven_ahead(spark: SparkSession, landing: Path) -> None:
    prove_json(spark, str(landing), "people", path="people/", columns=PEOPLE, keys={})
    assert read(spark, landing).missing
    land(landing, '{"name": "a", "n": 1}')
    assert rows(read(spark, landing)) == [("a", 1)]
