"""A job from reading to publishing: what readers see, what stays on the disk, and what the job tells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from generator.runtime.error import LakeError
from generator.runtime.folder_catalog import read_catalog
from tests.conftest import require_pyspark
from tests.unit.runtime.lakes import Events, NewJob, on_disk, values

require_pyspark()
from generator.runtime.expectations import expect  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from generator.runtime.lake import Lake

pytestmark = pytest.mark.spark


def numbers(job: Lake, count: int = 3) -> DataFrame:
    return job.spark.range(count).toDF("n")


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
    with pytest.raises(Exception, match="PATH_NOT_FOUND"):
        new_job().table("t")


def test_an_empty_table_can_be_published_and_read(job: Lake, new_job: NewJob) -> None:
    job.publish("t", numbers(job, 0))
    later = new_job().table("t")
    assert later.columns == ["n"] and later.count() == 0


def test_a_job_in_a_lake_folder_removes_nothing(new_job: NewJob, root: Path) -> None:
    """Somebody may still read the version before; and folders that no run made are nobody's to remove."""
    (root / "tables/t/mine").mkdir(parents=True)
    jobs = [new_job() for _ in range(2)]
    for job in jobs:
        job.publish("t", numbers(job), keep_versions=1)
    assert on_disk(root, "tables/t") == sorted(["mine", *(job.run for job in jobs)])


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


def test_a_check_of_a_table_can_ask_other_tables(new_job: NewJob) -> None:
    first, second = new_job(), new_job()
    first.publish("numbers", numbers(first, 2))
    second.table("numbers")
    asked = "SELECT * FROM t ANTI JOIN numbers USING (n)"
    with pytest.raises(LakeError, match="1 row breaks `known`"):
        second.publish("t", numbers(second, 3), checks=[expect.no_rows(asked, name="known")])


def test_a_table_that_cannot_be_written_says_why(job: Lake, root: Path, events: Events) -> None:
    with pytest.raises(Exception, match="on purpose"):
        job.publish("t", numbers(job).selectExpr("string(raise_error('on purpose')) AS name"))
    assert [one["lake_event"] for one in events()] == ["failed"] and on_disk(root, "tables/t") == []
