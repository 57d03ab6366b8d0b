"""A job that makes a source: which files it reads, what it publishes, and what it refuses to."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from generator.runtime.error import LakeError
from generator.runtime.folder_catalog import read_catalog
from generator.runtime.record import MOST_BATCHES
from tests.conftest import require_pyspark
from tests.unit.runtime.lakes import Events, NewJob, land, values

require_pyspark()
from generator.runtime.expectations import expect  # noqa: E402

if TYPE_CHECKING:
    from generator.runtime.lake import Lake

pytestmark = pytest.mark.spark

PEOPLE = {"name": "string", "n": "bigint"}
ANY = "100%"


def people(job: Lake, **options: Any) -> None:
    job.source("people", path="people/", format="json", columns=PEOPLE, keys={"name": "Name"}, **options)


def rows(root: Path) -> list[tuple[Any, ...]]:
    return values(root, "sources", "people", "name, n")


def test_rows_have_the_declared_columns_and_their_files_names(
    job: Lake, new_job: NewJob, landing: Path, root: Path, events: Events
) -> None:
    land(landing, '{"Name": "a", "n": 1}', '{"n": 2, "Name": "b"}')
    land(landing, '{"Name": "c", "n": 3}', name="people/x/ü +%41 é.json")
    people(job)
    assert values(root, "sources", "people") == [
        ("a", 1, "people/a.json"), ("b", 2, "people/a.json"), ("c", 3, "people/x/ü +%41 é.json"),
    ]  # fmt: skip
    read, published = events()
    told = {"lake_event": "source", "name": "people", "lines": 3, "rows": 3, "quarantined": 0, "files": 2}
    size = sum(file.stat().st_size for file in landing.rglob("*.json"))
    assert told.items() <= read.items() and (read["files_read"], read["bytes_read"]) == (2, size)
    assert (published["lake_event"], published["table"], published["rows"]) == ("published", "people", 3)
    later = new_job().table("people")
    assert later.dtypes == [("name", "string"), ("n", "bigint")]
    assert sorted(map(tuple, later.collect())) == [("a", 1), ("b", 2), ("c", 3)]


def test_rows_of_sources_are_packed_fast_not_tight(job: Lake, landing: Path, root: Path) -> None:
    land(landing, '{"Name": "a", "n": 1}', "broken")
    people(job, max_bad_rows=ANY)
    for kind in ("sources", "quarantine"):
        files = [str(file) for file in (root / kind / "people" / job.run).glob("*.parquet")]
        found = duckdb.sql(f"SELECT DISTINCT compression FROM parquet_metadata({files})").fetchall()
        assert found == [("SNAPPY",)]


def test_a_source_may_have_several_folders(new_job: NewJob, landing: Path, root: Path, events: Events) -> None:
    land(landing, '{"Name": "a", "n": 1}')
    land(landing, '{"Name": "b", "n": 2}', "{}{", name="old/people/a.json")
    several = ["people/", "gone/", "old/people/"]
    new_job().source("people", path=several, format="json", columns=PEOPLE, keys={"name": "Name"}, max_bad_rows=ANY)
    found = values(root, "sources", "people")
    assert found == [("a", 1, "people/a.json"), ("b", 2, "old/people/a.json")]
    read, _ = events()
    assert (read["files"], read["notes"], read["quarantined"]) == (2, ["gone/: no files"], 1)
    land(landing, '{"Name": "c", "n": 3}', name="old/people/b.json")
    new_job().source("people", path=several, format="json", columns=PEOPLE, keys={"name": "Name"}, max_bad_rows=ANY)
    assert events()[0]["files_read"] == 1 and len(rows(root)) == 3


def test_a_source_that_has_the_column_of_the_file_itself(job: Lake, new_job: NewJob, landing: Path, root: Path) -> None:
    land(landing, '{"_file": "mine"}')
    job.source("people", path="people/", format="json", columns={"_file": "string"})
    assert values(root, "sources", "people") == [("mine", "people/a.json")]
    assert [tuple(row) for row in new_job().table("people").collect()] == [("mine",)]


# By file ---------------------------------------------------------------------------------------------------


def made(job: Lake, events: Events, **options: Any) -> int:
    """Makes the source; returns how many files were read."""
    events()
    people(job, **options)
    return int(events()[0]["files_read"])


def test_only_what_is_new_is_read_and_what_is_gone_leaves(
    new_job: NewJob, landing: Path, root: Path, events: Events
) -> None:
    for name in "abc":
        land(landing, f'{{"Name": "{name}", "n": 1}}', f'{{"Name": "{name}", "n": "x"}}', name=f"people/{name}.json")
    options: dict[str, Any] = {"max_bad_rows": ANY}
    assert made(new_job(), events, **options) == 3
    assert made(new_job(), events, **options) == 0
    assert rows(root) == [("a", 1), ("b", 1), ("c", 1)]

    land(landing, '{"Name": "d", "n": 4}', name="people/d.json")
    assert made(new_job(), events, **options) == 1
    assert rows(root) == [("a", 1), ("b", 1), ("c", 1), ("d", 4)]
    assert [row[0] for row in values(root, "quarantine", "people")] == [f"people/{name}.json" for name in "abc"]

    land(landing, '{"Name": "b", "n": 2}', '{"Name": "e", "n": 5}', name="people/b.json")
    (landing / "people" / "c.json").unlink()
    assert made(new_job(), events, **options) == 1
    assert rows(root) == [("a", 1), ("b", 2), ("d", 4), ("e", 5)]
    assert [row[:2] for row in values(root, "quarantine", "people", "file, line")] == [("people/a.json", 2)]

    (landing / "people" / "a.json").unlink()
    assert made(new_job(), events, **options) == 0
    assert rows(root) == [("b", 2), ("d", 4), ("e", 5)] and read_catalog(root).quarantine == {}


def test_a_file_counts_as_changed_by_its_bytes_its_times_and_its_place(
    new_job: NewJob, landing: Path, root: Path, events: Events
) -> None:
    land(landing, '{"Name": "a", "n": 1}')
    file = landing / "people" / "a.json"
    made(new_job(), events)
    state = file.stat()
    file.write_text('{"Name": "b", "n": 1}\n')
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert made(new_job(), events) == 1 and rows(root) == [("b", 1)], "as long, and as old"
    file.rename(file.with_name("z.json"))
    assert made(new_job(), events) == 1
    assert values(root, "sources", "people", "_file") == [("people/z.json",)]


def test_another_declaration_and_the_argument_full_read_all_again(
    new_job: NewJob, landing: Path, root: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, '{"Name": "a", "n": 1}')
    land(landing, '{"Name": "b", "n": 2}', name="people/b.json")
    assert made(new_job(), events) == 2
    new_job().source("people", path="people/", format="json", columns={"Name": "string"})
    assert events()[0]["files_read"] == 2 and values(root, "sources", "people", '"Name"') == [("a",), ("b",)]
    assert made(new_job(), events) == 2
    assert made(new_job(), events, checks=[expect.row("n > 9", name="large")]) == 0
    monkeypatch.setattr("sys.argv", ["script", "--full", "true"])
    assert made(new_job(), events) == 2


def test_a_record_that_is_damaged_reads_all_again(new_job: NewJob, landing: Path, root: Path, events: Events) -> None:
    land(landing, '{"Name": "a", "n": 1}')
    made(new_job(), events)
    (root / read_catalog(root).sources["people"].current.record).write_text('{"batches": 1}')
    assert made(new_job(), events) == 1 and rows(root) == [("a", 1)]


def test_rows_of_many_runs_are_put_together(new_job: NewJob, landing: Path, root: Path, events: Events) -> None:
    for number in range(MOST_BATCHES + 2):
        land(landing, f'{{"Name": "a", "n": {number}}}', name=f"people/{number}.json")
        assert made(new_job(), events) == 1
    batches = json.loads((root / read_catalog(root).sources["people"].current.record).read_text())["batches"]
    assert len(batches) <= MOST_BATCHES
    assert sorted(n for _, n in rows(root)) == list(range(MOST_BATCHES + 2))
    assert made(new_job(), events) == 0


# What isn't published --------------------------------------------------------------------------------------


def test_too_many_bad_lines_publish_nothing_and_tell_the_commonest_reasons(
    new_job: NewJob, landing: Path, root: Path, events: Events
) -> None:
    bad = ['{"Name": "secret", "n": "x"}', '{"Name": 7, "n": 1}', "broken", "[1]"]
    land(landing, '{"Name": "a", "n": 1}', *bad)
    with pytest.raises(LakeError) as raised:
        people(new_job(), max_bad_rows="50%", personal=["Name"])
    assert raised.value.source == "people"
    assert str(raised.value) == (
        "people: 4 of 5 lines quarantined, more than 50%: "
        "2 wrong type (people/a.json:2: `n`: the string `x` where bigint belongs); "
        "1 broken json (people/a.json:4: not valid JSON); "
        "1 not an object (people/a.json:5: an array where an object belongs); nothing is published"
    )
    assert read_catalog(root).sources == {} and read_catalog(root).quarantine == {}
    land(landing, '{"Name": "a", "n": 1}', '{"Name": 7, "n": 1}')
    with pytest.raises(LakeError, match=re.escape("1 wrong type (people/a.json:2: `Name`: the number `…` where")):
        people(new_job(), personal=["Name"])

    lenient = new_job()
    people(lenient, max_bad_rows=2)
    assert rows(root) == [("a", 1)] and len(values(root, "quarantine", "people")) == 1
    land(landing, *bad)
    with pytest.raises(LakeError, match="the last published version stays current"):
        people(new_job(), max_bad_rows="50%")
    assert rows(root) == [("a", 1)] and len(values(root, "quarantine", "people")) == 1, "nor is its quarantine"


def test_five_percent_may_be_bad_where_nothing_is_said(new_job: NewJob, landing: Path, root: Path) -> None:
    good = [f'{{"Name": "a", "n": {number}}}' for number in range(95)]
    land(landing, *good, *["bad"] * 5)
    people(new_job())
    assert len(rows(root)) == 95
    land(landing, *good, *["bad"] * 6)
    with pytest.raises(LakeError, match="6 of 101 lines quarantined, more than 5%"):
        people(new_job())


@pytest.mark.parametrize("limit", [ANY, 10])
def test_lines_and_no_row_fail_whatever_is_allowed(limit: Any, job: Lake, landing: Path) -> None:
    land(landing, "broken", "broken")
    with pytest.raises(LakeError, match="2 of 2 lines quarantined: there are lines and no row"):
        people(job, max_bad_rows=limit)


def test_files_without_a_line_are_no_rows_and_no_fault(job: Lake, landing: Path, root: Path) -> None:
    land(landing)
    people(job)
    assert rows(root) == []


def test_a_source_without_files_fails(new_job: NewJob, landing: Path, root: Path, events: Events) -> None:
    landing.mkdir()
    with pytest.raises(LakeError, match=re.escape(f"people: no files in {landing}/people; nothing is published")):
        people(new_job())
    assert [one["lake_event"] for one in events()] == ["source", "failed"]
    land(landing, '{"Name": "a", "n": 1}')
    people(new_job())
    (landing / "people" / "a.json").unlink()
    with pytest.raises(LakeError, match=r"no files in .*; the last published version stays current"):
        people(new_job())
    assert rows(root) == [("a", 1)]


def test_checks_hold_of_all_rows_before_they_are_published(
    new_job: NewJob, landing: Path, root: Path, events: Events
) -> None:
    checks = [expect.unique("name", name="each name once"), expect.row("n > 1", name="small", blocking=False)]
    land(landing, '{"Name": "a", "n": 1}')
    people(new_job(), checks=checks)
    land(landing, '{"Name": "a", "n": 2}', name="people/b.json")
    events()
    with pytest.raises(LakeError, match="people: 1 row breaks `each name once`; the last published version stays"):
        people(new_job(), checks=checks)
    told = [(one["table"], one["name"], one["violations"]) for one in events() if one["lake_event"] == "check"]
    assert told == [("people", "each name once", 1), ("people", "small", 1)]
    assert rows(root) == [("a", 1)]


def test_a_file_that_changes_while_it_is_read_fails_the_source(
    job: Lake, landing: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.runtime.writer import Writer

    land(landing, '{"Name": "a", "n": 1}')
    write = Writer.write

    def changed_afterwards(writer: Any, *arguments: Any, **options: Any) -> None:
        write(writer, *arguments, **options)
        land(landing, '{"Name": "b", "n": 22}')

    monkeypatch.setattr(Writer, "write", changed_afterwards)
    with pytest.raises(LakeError, match=r"people: a\.json changed while it was read"):
        people(job)
    assert read_catalog(root).sources == {}


def test_nothing_that_was_kept_for_a_job_stays_behind(job: Lake, landing: Path) -> None:
    land(landing, '{"Name": "a", "n": 1}', '{"Name": 2, "n": 1}')
    kept = job.spark.sparkContext._jsc.getPersistentRDDs
    before = len(kept())
    people(job, max_bad_rows=ANY, checks=[expect.unique("name", name="names")])
    assert len(kept()) == before
