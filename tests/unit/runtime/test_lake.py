"""A job from reading to publishing: what readers see, what stays on the disk, and what the job tells."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import duckdb
import pytest
from moto import mock_aws

from generator.runtime.catalog import GlueCatalog
from generator.runtime.error import LakeError
from generator.runtime.folder_catalog import read_catalog
from tests.conftest import require_pyspark

require_pyspark()
from generator.runtime.expectations import expect  # noqa: E402
from generator.runtime.storage import Storage  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from generator.runtime.lake import Lake

pytestmark = pytest.mark.spark

PEOPLE = {"name": "string", "n": "bigint"}
NewJob = Callable[[], "Lake"]
Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The lake's root; its name would be a pattern to a careless reader."""
    folder = tmp_path / "a lake [1]{x}*"
    folder.mkdir()
    return folder


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def new_job(session: SparkSession, root: Path, landing: Path) -> NewJob:
    """A function that gives the lake to another job, with a Spark session of its own."""

    def start() -> Lake:
        from generator.runtime.lake import Lake

        args = {"landing_root": str(landing), "lake_root": f"{root}/", "database": "shop"}
        return Lake(SimpleNamespace(spark_session=session.newSession()), args)

    return start


@pytest.fixture
def job(new_job: NewJob) -> Lake:
    return new_job()


@pytest.fixture
def events(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """A function that gives the events since it was last called; nothing else may be printed."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def numbers(job: Lake, count: int = 3) -> DataFrame:
    return job.spark.range(count).toDF("n")


def land(landing: Path, *lines: str, name: str = "people/a.json") -> None:
    (landing / name).parent.mkdir(parents=True, exist_ok=True)
    (landing / name).write_text("".join(f"{line}\n" for line in lines))


def people(job: Lake, **options: Any) -> DataFrame:
    return job.landing("people", path="people/", columns=PEOPLE, keys={"name": "Name"}, **options)


def on_disk(root: Path, folder: str) -> list[str]:
    return sorted(path.name for path in (root / folder).iterdir()) if (root / folder).exists() else []


def values(root: Path, kind: str, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """The rows that a reader sees who follows the catalog."""
    catalog = read_catalog(root)
    entry = (catalog.tables if kind == "tables" else catalog.quarantine)[name]
    files = [str(path) for path in (root / entry.versions[0].location).glob("*.parquet")]
    return sorted(duckdb.read_parquet(files).project(columns).fetchall()) if files else []


# Publishing ------------------------------------------------------------------------------------------------


def test_what_is_published_is_what_readers_and_later_jobs_see(
    job: Lake, new_job: NewJob, root: Path, events: Events
) -> None:
    job.publish("t", numbers(job))
    assert values(root, "tables", "t") == [(0,), (1,), (2,)]
    assert sorted(row.n for row in new_job().table("t").collect()) == [0, 1, 2]
    (published,) = events()
    assert published.pop("seconds") > 0
    assert published == {"lake_event": "published", "table": "t", "run": job.run, "rows": 3, "problem": ""}


def test_every_type_comes_back_as_it_was(job: Lake, new_job: NewJob, root: Path) -> None:
    rows = job.spark.sql("""
        SELECT 1Y AS tiny, 2S AS small, 3 AS `int`, 4L AS big, 1.5F AS f, 2.5D AS d, 12.30BD AS `user`, 'ß' AS s,
          true AS b, X'00ff' AS bytes, date'0001-02-03' AS day, timestamp'1582-10-04 00:00:00.000001' AS old,
          named_struct('at', timestamp'2024-01-01 12:00:00', 'tags', array(map('k', timestamp'2024-01-01'))) AS nested,
          cast(null AS string) AS nothing
    """)
    job.publish("t", rows)
    later = new_job().table("t")
    assert later.dtypes == rows.dtypes
    assert later.collect() == rows.collect()
    catalog = dict(read_catalog(root).tables["t"].columns)
    assert catalog["user"] == "decimal(4,2)" and catalog["old"] == "timestamp"
    assert catalog["nested"] == "struct<at:timestamp,tags:array<map<string,timestamp>>>"
    (seen,) = values(root, "tables", "t", "old::varchar, nested.at::varchar, typeof(old)")
    assert seen == ("1582-10-04 00:00:00.000001", "2024-01-01 12:00:00", "TIMESTAMP")


def test_columns_that_the_catalog_cannot_spell_are_those_of_the_files(job: Lake, new_job: NewJob) -> None:
    rows = job.spark.sql("SELECT named_struct('a b', timestamp'2024-01-01 12:00:00') AS s, 1 AS `x y`")
    job.publish("t", rows)
    later = new_job().table("t")
    assert later.schema.simpleString() == rows.schema.simpleString() and later.collect() == rows.collect()


def test_a_table_whose_files_are_gone_is_not_empty(job: Lake, new_job: NewJob, root: Path) -> None:
    job.publish("t", numbers(job))
    for file in (root / "tables" / "t" / job.run).iterdir():
        file.unlink()
    with pytest.raises(Exception, match="UNABLE_TO_INFER_SCHEMA"):
        new_job().table("t")


def test_an_empty_table_can_be_published_and_read(job: Lake, new_job: NewJob) -> None:
    job.publish("t", numbers(job, 0))
    later = new_job().table("t")
    assert later.columns == ["n"] and later.count() == 0


def test_the_newest_versions_stay_on_the_disk(new_job: NewJob, root: Path) -> None:
    runs = []
    for count in range(4):
        job = new_job()
        job.publish("t", numbers(job, count), keep_versions=2)
        runs.append(job.run)
    assert on_disk(root, "tables/t") == sorted(runs[-2:])
    assert [version.run for version in read_catalog(root).tables["t"].versions] == runs[:1:-1]


def test_what_killed_runs_left_goes_and_the_folder_of_an_empty_table_stays(job: Lake, root: Path) -> None:
    for name in ("20200101T000000-dead00", "empty"):
        (root / "tables/t" / name).mkdir(parents=True)
        (root / "tables/t" / name / "part-0.parquet").touch()
    job.publish("t", numbers(job))
    assert on_disk(root, "tables/t") == sorted([job.run, "empty"])


def test_nothing_but_parquet_is_written(job: Lake, root: Path) -> None:
    job.publish("t", numbers(job))
    (folder,) = (root / "tables/t").iterdir()
    assert {path.suffix for path in folder.iterdir()} == {".parquet"}
    (codec,) = duckdb.sql(
        f"SELECT DISTINCT compression FROM parquet_metadata({[str(path) for path in folder.iterdir()]})"
    ).fetchall()
    assert codec == ("ZSTD",)


def test_many_small_inputs_become_few_files(job: Lake, new_job: NewJob, root: Path) -> None:
    pieces = root / "pieces"
    job.spark.range(0, 200, 1, 50).toDF("n").write.parquet(str(pieces))
    job.spark.conf.set("spark.sql.files.openCostInBytes", "1")
    job.spark.conf.set("spark.sql.files.maxPartitionBytes", "1000")
    rows = job.spark.read.parquet(re.sub(r"([\[\]{}*])", r"\\\1", str(pieces))).filter("n >= 0")
    assert rows.rdd.getNumPartitions() >= 20
    job.publish("t", rows)
    (folder,) = (root / "tables/t").iterdir()
    assert len(list(folder.iterdir())) <= job.spark.sparkContext.defaultParallelism
    assert len(values(root, "tables", "t")) == 200


def test_a_job_can_run_again_but_not_under_the_name_of_a_published_run(
    job: Lake, new_job: NewJob, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["script", "--lake_root", "x", "--run_id", "mine"])
    (root / "tables/t/mine").mkdir(parents=True)
    (root / "tables/t/mine/part-9.parquet").write_text("of an attempt that was killed")
    again = new_job()
    again.publish("t", numbers(again))
    assert again.run == "mine" and values(root, "tables", "t") == [(0,), (1,), (2,)]
    with pytest.raises(LakeError, match="run mine is published already"):
        new_job().publish("t", numbers(again))
    assert values(root, "tables", "t") == [(0,), (1,), (2,)]


def test_a_table_that_was_never_published_and_one_that_reads_itself(job: Lake, new_job: NewJob) -> None:
    with pytest.raises(LakeError, match="t was never published: run its job first"):
        job.table("t")
    job.publish("t", numbers(job))
    again = new_job()
    with pytest.raises(LakeError, match="can't be made from itself"):
        again.publish("t", again.table("t"))


# Auditing --------------------------------------------------------------------------------------------------


def test_a_broken_expectation_keeps_the_published_version(new_job: NewJob, root: Path, events: Events) -> None:
    from generator.runtime.lake import expect

    def checks(blocking: bool) -> list[Any]:
        return [
            expect.row("n > 2", name="small", blocking=blocking),
            expect.rows(max=3, name="rows: {max: 3}", blocking=blocking),
            expect.no_rows("SELECT * FROM t WHERE n = 4", name="no four", blocking=False),
        ]

    first, second, third = new_job(), new_job(), new_job()
    with pytest.raises(LakeError, match="nothing is published"):
        first.publish("t", numbers(first, 5), checks=checks(True))
    assert read_catalog(root).tables == {}
    second.publish("t", numbers(second, 2), checks=checks(True))
    before = read_catalog(root)
    events()
    with pytest.raises(LakeError) as raised:
        third.publish("t", numbers(third, 5), checks=checks(True))
    assert str(raised.value) == (
        "t: 2 rows break `small`; 5 rows there, which breaks `rows: {max: 3}`; the last published version stays current"
    )
    assert read_catalog(root) == before and on_disk(root, "tables/t") == [second.run]
    told = events()
    assert [(one["name"], one["violations"]) for one in told[:-1]] == [
        ("small", 2), ("rows: {max: 3}", 1), ("no four", 1),
    ]  # fmt: skip
    assert (told[-1]["lake_event"], told[-1]["problem"]) == ("failed", str(raised.value))
    warned = new_job()
    warned.publish("t", numbers(warned, 5), checks=checks(False))
    assert len(values(root, "tables", "t")) == 5


def test_the_log_holds_no_value_of_a_row(job: Lake, events: Events) -> None:
    from generator.runtime.lake import expect

    rows = job.spark.sql("SELECT 'somebody@example.com' AS email UNION ALL SELECT 'somebody@example.com'")
    checks = [expect.unique("email", name="unique: email"), expect.row("email LIKE '%@%'", name="no at")]
    with pytest.raises(LakeError) as raised:
        job.publish("t", rows, checks=checks)
    assert "somebody" not in json.dumps(events()) + str(raised.value)


def test_an_error_while_writing_leaves_nothing_behind(job: Lake, root: Path) -> None:
    with pytest.raises(Exception, match="on purpose"):
        job.publish("t", job.spark.sql("SELECT string(raise_error('on purpose')) AS n FROM range(3)"))
    assert read_catalog(root).tables == {} and on_disk(root, "tables/t") == []


def test_versions_that_cannot_be_deleted_turn_the_job_red_after_the_switch(
    new_job: NewJob, root: Path, monkeypatch: pytest.MonkeyPatch, events: Events
) -> None:
    first, second, third = new_job(), new_job(), new_job()
    first.publish("t", numbers(first), keep_versions=1)

    def refuse(self: Storage, location: str) -> None:
        raise OSError("access denied")

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "remove", refuse)
        with pytest.raises(LakeError, match=r"t is published, but old versions.*can't be deleted.*access denied"):
            second.publish("t", numbers(second, 7), keep_versions=1)
    assert len(values(root, "tables", "t")) == 7
    assert [one["lake_event"] for one in events()] == ["published", "published", "failed"]
    third.publish("t", numbers(third), keep_versions=1)
    assert on_disk(root, "tables/t") == [third.run]


# Landing data ----------------------------------------------------------------------------------------------


def test_rows_of_a_source_have_the_declared_columns(job: Lake, landing: Path, events: Events) -> None:
    land(landing, '{"Name": "a", "n": 1}', '{"n": 2, "Name": "b"}')
    rows = people(job)
    assert rows.dtypes == [("name", "string"), ("n", "bigint")]
    assert sorted(map(tuple, rows.collect())) == [("a", 1), ("b", 2)]
    assert job.spark.sql("SELECT sum(n) FROM people").collect()[0][0] == 3
    (told,) = events()
    assert (told["lake_event"], told["name"], told["lines"], told["rows"], told["files"]) == (
        "source",
        "people",
        2,
        2,
        1,
    )


def test_bad_lines_are_published_even_when_there_are_too_many(new_job: NewJob, landing: Path, root: Path) -> None:
    land(landing, '{"Name": "a", "n": 1}', "broken", '{"Name": "b", "n": "x"}')
    strict, lenient, clean = new_job(), new_job(), new_job()
    rows = people(strict, max_bad_rows="50%", quarantine=True)
    with pytest.raises(LakeError) as raised:
        strict.publish("t", rows)
    assert raised.value.source == "people"
    assert str(raised.value) == "people: 2 of 3 lines quarantined, more than 50%; nothing is published"
    quarantined = values(root, "quarantine", "people", "file, line, reason, raw")
    assert [row[:2] for row in quarantined] == [("people/a.json", 2), ("people/a.json", 3)]
    assert read_catalog(root).tables == {}
    lenient.publish("t", people(lenient, max_bad_rows=2, quarantine=True))
    assert values(root, "tables", "t") == [("a", 1)]
    assert on_disk(root, "quarantine/people") == [lenient.run]
    land(landing, '{"Name": "a", "n": 1}')
    clean.publish("t", people(clean, quarantine=True))
    assert read_catalog(root).quarantine == {} and on_disk(root, "quarantine/people") == []


def test_only_the_job_that_is_told_to_publishes_the_quarantine(job: Lake, landing: Path, root: Path) -> None:
    land(landing, '{"Name": "a", "n": 1}', "broken")
    job.publish("t", people(job))
    assert read_catalog(root).quarantine == {}


def test_a_proof_holds_as_long_as_no_file_changes(new_job: NewJob, landing: Path, events: Events) -> None:
    (landing / "people").mkdir(parents=True)
    file = landing / "people" / "a.json"

    def read() -> tuple[list[Any], dict[str, Any]]:
        rows = new_job().landing("people", path="people/", columns=PEOPLE).collect()
        return sorted(rows), events()[-1]

    def write(content: str) -> None:
        file.write_text(content)
        later = file.stat().st_mtime_ns + 10**7
        os.utime(file, ns=(later, later))

    write('{"name": "a", "n": 1}\n')
    rows, first = read()
    again, second = read()
    assert again == rows == [("a", 1)]
    assert {**second, "seconds": 0} == {**first, "seconds": 0} and (second["lines"], second["files"]) == (1, 1)
    write('{"name": "a", "n":"1"}\n')
    rows, changed = read()
    assert rows == [] and (changed["lines"], changed["quarantined"]) == (1, 1)
    write('{"name": "b", "n": 2}\n')
    (landing / "people" / "b.json").write_text('{"name": 3, "n": 3}\n{"name": "c", "n": 3}\n')
    rows, more = read()
    assert rows == [("b", 2), ("c", 3)] and (more["lines"], more["quarantined"]) == (3, 1)


@pytest.fixture
def proofs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list to which the folder of each source that is proven from now on is added."""
    from generator.runtime.lines import Lines

    found, prove = [], Lines.prove

    def noted(lines: Any, text: Any) -> Any:
        found.append(lines.folder.root)
        return prove(lines, text)

    monkeypatch.setattr(Lines, "prove", noted)
    return found


@pytest.mark.parametrize("line", ['{"Name": "b", "n": 2}', '{"Name": "b", "n": "2"}'])
def test_what_was_proven_ahead_is_only_decoded(
    line: str, job: Lake, new_job: NewJob, landing: Path, root: Path, proofs: list[str]
) -> None:
    from generator.runtime.landing import prove_json

    land(landing, '{"Name": "a", "n": 1}', line)
    prove_json(new_job().spark, str(landing), "people", path="people/", columns=PEOPLE, keys={"name": "Name"})
    job.publish("t", people(job, quarantine=True))
    assert len(proofs) == 1 and ("a", 1) in values(root, "tables", "t")
    if '"2"' in line:
        assert values(root, "quarantine", "people", "file, line") == [("people/a.json", 2)]


def test_files_that_change_between_proof_and_reading_are_noticed(
    job: Lake, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.runtime.lines import Lines

    land(landing, '{"name": "a", "n": 1}', "broken")
    prove = Lines.prove

    def changed_afterwards(lines: Any, text: Any) -> Any:
        proof = prove(lines, text)
        land(landing, '{"name": "a", "n": 1}', '{"name": "b", "n": 2}', "broken")
        return proof

    monkeypatch.setattr(Lines, "prove", changed_afterwards)
    with pytest.raises(LakeError, match="changed while they were read: run the job again"):
        job.landing("people", path="people/", columns=PEOPLE)


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


def test_clean_files_beside_a_bad_one_are_read_the_fast_way(job: Lake, landing: Path) -> None:
    """The folder is listed as a whole, and files are left out before they are opened."""
    land(landing, '{"name": "a", "n": 1}', "broken")
    for number in range(5):  # some of them share a partition with the bad one
        land(landing, f'{{"name": "b", "n": {number}}}', name=f"people/b{number}.json")
    rows = job.landing("people", path="people/", columns=PEOPLE)
    assert len(rows.collect()) == 6
    assert sorted(scans(rows)) == [("Scan json", 1, 5), ("Scan text", 1, 1)]


def test_a_key_of_the_name_of_spark_s_own_column_hides_no_file(job: Lake, landing: Path) -> None:
    land(landing, '{"_metadata": "a", "n": 1}', '{"_metadata": 2, "n": 2}')
    land(landing, '{"_metadata": "c", "n": 3}', name="people/c.json")
    rows = job.landing("people", path="people/", columns={"m": "string", "n": "bigint"}, keys={"m": "_metadata"})
    assert sorted(rows.collect()) == [("a", 1), ("c", 3)]


def test_a_stray_file_that_comes_while_a_source_is_read_changes_nothing(
    job: Lake, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.runtime.lines import Lines

    land(landing, '{"name": "a", "n": 1}', "broken")
    prove = Lines.prove

    def touched_afterwards(lines: Any, text: Any) -> Any:
        proof = prove(lines, text)
        for name in ("_SUCCESS", "b.json._COPYING_", "_a=1/c.json", "people_$folder$"):
            land(landing, "junk", name=f"people/{name}")
        return proof

    monkeypatch.setattr(Lines, "prove", touched_afterwards)
    rows = job.landing("people", path="people/", columns=PEOPLE)
    assert rows.collect() == [("a", 1)]


def test_a_source_that_is_not_there_cannot_be_proven_ahead(job: Lake, landing: Path) -> None:
    from generator.runtime.landing import prove_json

    prove_json(job.spark, str(landing), "people", path="people/", columns=PEOPLE, keys={})
    land(landing, '{"name": "a", "n": 1}')
    assert job.landing("people", path="people/", columns=PEOPLE).collect() == [("a", 1)]


def test_nothing_that_was_kept_for_a_job_stays_behind(new_job: NewJob, landing: Path) -> None:
    (landing / "people").mkdir(parents=True)
    (landing / "people" / "a.json").write_text('{"name": "a", "n": 1}\n{"name": 2, "n": 1}\n')
    job = new_job()
    kept = job.spark.sparkContext._jsc.getPersistentRDDs
    before = len(kept())
    people = job.landing("people", path="people/", columns=PEOPLE, checks=[expect.unique("name", name="names")])
    assert people.storageLevel.useMemory
    job.publish("t", people)
    assert len(kept()) == before and not people.storageLevel.useMemory
    assert new_job().table("t").collect() == [("a", 1)]


def test_a_source_without_files_fails_the_job(job: Lake, landing: Path, root: Path) -> None:
    landing.mkdir()
    rows = people(job)
    with pytest.raises(LakeError, match=re.escape(f"people: no files in {landing}/people; nothing is published")):
        job.publish("t", rows)
    assert read_catalog(root).tables == {}


def test_checks_of_a_source_hold_before_anything_is_published(
    job: Lake, landing: Path, root: Path, events: Events
) -> None:
    from generator.runtime.lake import expect

    land(landing, '{"Name": "a", "n": 1}', '{"Name": "a", "n": 2}')
    checks = [
        expect.unique("name", name="each name is one person"),
        expect.row("n > 1", name="small", blocking=False),
    ]
    rows = people(job, checks=checks)
    with pytest.raises(LakeError, match="people: 1 row breaks `each name is one person`; nothing is published"):
        job.publish("t", rows)
    assert on_disk(root, "tables/t") == []
    told = [one for one in events() if one["lake_event"] == "check"]
    assert [(one["table"], one["name"], one["violations"]) for one in told] == [
        ("people", "each name is one person", 1), ("people", "small", 1),
    ]  # fmt: skip


def test_what_is_wrong_with_a_source_explains_what_is_wrong_with_the_table(
    job: Lake, landing: Path, root: Path, events: Events
) -> None:
    land(landing, '{"Name": "a", "n": 1}', '{"Name": "a", "n": 0}')
    checks = [expect.unique("name", name="each name is one person")]
    rows = people(job, checks=checks).selectExpr("if(n = 0, string(raise_error('on purpose')), name) AS name")
    with pytest.raises(LakeError, match="people: 1 row breaks `each name is one person`"):
        job.publish("t", rows)
    assert on_disk(root, "tables/t") == []
    told = [(one["lake_event"], one.get("source")) for one in events()]
    assert told[-1] == ("failed", "people") and told.count(("check", None)) == 1


def test_one_source_is_judged_before_the_next(job: Lake, landing: Path, root: Path, events: Events) -> None:
    land(landing, '{"Name": "a", "n": 1}', '{"Name": "a", "n": 0}')
    land(landing, '{"n": 1}', name="others/a.json")
    unique = [expect.unique("name", name="each name is one person")]
    rows = people(job, checks=unique)
    failing = [expect.row("string(raise_error('on purpose')) = n", name="x")]
    job.landing("others", path="others/", columns={"n": "bigint"}, checks=failing)
    with pytest.raises(LakeError, match="people: 1 row breaks"):
        job.publish("t", rows)
    assert on_disk(root, "tables/t") == []
    job.landing("people", path="people/", columns={"n": "bigint"})
    with pytest.raises(Exception, match="on purpose"):
        job.publish("t", rows)
    assert on_disk(root, "tables/t") == []


def test_a_table_that_cannot_be_written_says_why_when_its_sources_are_fine(
    job: Lake, landing: Path, root: Path, events: Events
) -> None:
    land(landing, '{"Name": "a", "n": 1}')
    rows = people(job, checks=[expect.unique("name", name="each name is one person")])
    with pytest.raises(Exception, match="on purpose"):
        job.publish("t", rows.selectExpr("string(raise_error('on purpose')) AS name"))
    told = [one["lake_event"] for one in events()]
    assert told == ["source", "check", "failed"] and on_disk(root, "tables/t") == []


def test_the_checks_of_a_source_and_of_its_table_are_told_in_that_order(
    job: Lake, landing: Path, events: Events
) -> None:
    land(landing, '{"Name": "a", "n": 1}', '{"Name": "b", "n": 2}')
    rows = people(job, checks=[expect.unique("name", name="each name is one person")])
    job.publish("t", rows, checks=[expect.row("n < 1", name="large")])
    told = [(one["table"], one["violations"]) for one in events() if one["lake_event"] == "check"]
    assert told == [("people", 0), ("t", 0)]


def test_a_check_of_a_table_can_ask_sources_and_tables(new_job: NewJob, landing: Path) -> None:
    from generator.runtime.lake import expect

    land(landing, '{"Name": "a", "n": 1}')
    first, second = new_job(), new_job()
    first.publish("numbers", numbers(first, 2))
    people(second)
    second.table("numbers")
    asked = "SELECT * FROM t ANTI JOIN (SELECT n FROM people UNION ALL SELECT n FROM numbers) USING (n)"
    with pytest.raises(LakeError, match="1 row breaks `known`"):
        second.publish("t", numbers(second, 3), checks=[expect.no_rows(asked, name="known")])


# Glue's catalog --------------------------------------------------------------------------------------------


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Any]:
    """The catalog of AWS over the folder of this test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("glue")
        client.create_database(DatabaseInput={"Name": "shop"})
        quarantine = {"file": "string", "line": "bigint", "reason": "string", "detail": "string", "raw": "string"}
        for name, columns in {"t": PEOPLE, "people_quarantine": quarantine}.items():
            described = [{"Name": column, "Type": kind} for column, kind in columns.items()]
            descriptor = {"Columns": described, "Location": f"{root}/tables/{name}/empty/"}
            client.create_table(DatabaseName="shop", TableInput={"Name": name, "StorageDescriptor": descriptor})
        monkeypatch.setattr(
            "generator.runtime.lake.open_catalog", lambda place, database: GlueCatalog(client, database, place)
        )
        yield client


def test_a_job_on_aws(glue: Any, new_job: NewJob, landing: Path, root: Path) -> None:
    land(landing, '{"Name": "a", "n": 1}', "broken")
    runs = []
    for _ in range(3):
        job = new_job()
        job.publish("t", people(job, quarantine=True), keep_versions=2)
        runs.append(job.run)
        land(landing, '{"Name": "a", "n": 1}')
    later = new_job()
    assert [tuple(row) for row in later.table("t").collect()] == [("a", 1)]
    assert on_disk(root, "tables/t") == sorted(runs[1:])
    table = glue.get_table(DatabaseName="shop", Name="people_quarantine")["Table"]
    assert table["Parameters"]["lake_rows"] == "0" and table["Parameters"]["lake_run"] == runs[1]
    read = {"run": runs[2], "rows": 1, "quarantined": 0, "files": 1}
    assert json.loads(table["Parameters"]["lake_source"]) == read
    assert on_disk(root, "quarantine/people") == [runs[1]]
    land(landing, "broken", "broken")
    failing = new_job()
    with pytest.raises(LakeError, match="2 of 2 lines quarantined"):
        failing.publish("t", people(failing, quarantine=True, max_bad_rows=0))
    table = glue.get_table(DatabaseName="shop", Name="people_quarantine")["Table"]
    assert json.loads(table["Parameters"]["lake_source"]) == read  # what is published was made of that
    other = new_job()
    with pytest.raises(LakeError, match="the job makes the columns n bigint, but the catalog has"):
        other.publish("t", numbers(other))
