"""Status and rollback of deployed tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.cli.main import main
from generator.deploy.athena import ask
from generator.deploy.aws import Aws
from generator.deploy.catalog import RollbackError, moment_of, roll_back, rollback_target, tables
from generator.deploy.iceberg import Metadata
from generator.diagnostics import GeneratorError
from tests.conftest import require_iceberg
from tests.unit.deploy.lakes import RUNS, columns_of, create_table, create_workflow, publish, run_workflow

require_iceberg()
import pyarrow as pa  # noqa: E402
from pyiceberg.catalog.glue import GlueCatalog  # noqa: E402
from pyiceberg.types import StringType  # noqa: E402

VERSIONS = [(RUNS[0], 30), (RUNS[1], 20), (RUNS[2], 10)]


def test_tables_and_their_versions(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    create_table(aws, database, bucket, "never")
    found = {table.name: table for table in tables(aws, database)}
    assert [version.run for version in found["people"].versions] == list(RUNS)
    assert (found["people"].current, found["people"].rows, found["people"].rolled_back) == (RUNS[0], 30, False)
    assert (found["never"].current, found["never"].rows) == (None, None)


def test_raw_data_is_no_published_table(aws: Aws, bucket: str, database: str) -> None:
    storage = {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": f"s3://{bucket}/landing/people/"}
    aws.glue.create_table(DatabaseName=database, TableInput={"Name": "people_raw", "StorageDescriptor": storage})  # type: ignore[typeddict-item]
    assert tables(aws, database) == []


def count(aws: Aws, database: str) -> int:
    """The rows that readers see."""
    return int(ask(aws, "primary", database, "SELECT count(*) AS n FROM people", lambda seconds: None)[0]["n"] or 0)


def test_a_rollback_is_a_commit_that_changes_nothing_else(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    assert count(aws, database) == 30
    before, objects = aws.glue.get_table(DatabaseName=database, Name="people")["Table"], keys(aws, bucket)
    table, version = rollback_target(aws, database, "people", None)
    assert version.run == RUNS[1]
    roll_back(aws, database, table, version)
    after = aws.glue.get_table(DatabaseName=database, Name="people")["Table"]
    location = after["Parameters"].pop("metadata_location")
    assert after["Parameters"].pop("previous_metadata_location") == before["Parameters"].pop("metadata_location")
    before["Parameters"].pop("previous_metadata_location")
    for one in (before, after):
        del one["VersionId"], one["UpdateTime"]
    assert after == before, "what else the catalog says stays"
    assert keys(aws, bucket) == {*objects, location.removeprefix(f"s3://{bucket}/")}
    found = tables(aws, database)[0]
    assert (found.rolled_back, found.current, found.rows, count(aws, database)) == (True, RUNS[1], 20, 20)
    assert found.metadata is not None and table.metadata is not None
    assert found.metadata.snapshots == table.metadata.snapshots, "snapshots are what they were, parents included"


def keys(aws: Aws, bucket: str) -> set[str]:
    return {one["Key"] for one in aws.s3.list_objects_v2(Bucket=bucket)["Contents"]}


def test_a_rollback_brings_the_columns_of_then(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", [(RUNS[2], 2)])
    catalog = GlueCatalog("glue", client=aws.glue, **{"py-io-impl": "tests.unit.deploy.objects.Objects"})
    with catalog.load_table((database, "people")).update_schema() as change:
        change.add_column("name", StringType())
    publish(aws, database, "people", RUNS[1], pa.table({"id": [1], "name": ["one"]}))
    people = "SELECT * FROM people"
    assert ask(aws, "primary", database, people, lambda seconds: None) == [{"id": "1", "name": "one"}]
    roll_back(aws, database, *rollback_target(aws, database, "people", None))
    assert ask(aws, "primary", database, people, lambda seconds: None) == [{"id": "0"}, {"id": "1"}]
    (column,) = columns_of(aws, database, "people")
    assert (column["Name"], column["Type"], column["Comment"]) == ("id", "bigint", "the id")
    roll_back(aws, database, *rollback_target(aws, database, "people", RUNS[1]))
    assert ask(aws, "primary", database, people, lambda seconds: None) == [{"id": "1", "name": "one"}]
    assert [one["Name"] for one in columns_of(aws, database, "people")] == ["id", "name"]


def test_a_compacted_table_is_of_the_run_that_published_it() -> None:
    """Compaction makes a snapshot of the same rows in other files; the one before it may expire."""
    noted = [{"run": "r1", "snapshot": 1, "rows": 3, "columns": [["id", "int"]], "checks": {}}]
    snapshots = [
        {"snapshot-id": 1, "summary": {"operation": "overwrite"}},
        {"snapshot-id": 2, "parent-snapshot-id": 1, "summary": {"operation": "replace"}},
    ]
    data = {"snapshots": snapshots, "current-snapshot-id": 2, "properties": {"lake.versions": json.dumps(noted)}}
    assert Metadata(data).versions == (noted[0], noted)
    compacted = {**noted[0], "snapshot": 2}
    assert Metadata({**data, "snapshots": snapshots[1:]}).versions == (compacted, [compacted])
    assert Metadata({**data, "current-snapshot-id": -1}).versions == (None, noted)


def test_a_job_that_publishes_meanwhile_wins(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", VERSIONS[1:])
    target = rollback_target(aws, database, "people", None)
    publish(aws, database, "people", RUNS[0], pa.table({"id": range(30)}))
    objects = keys(aws, bucket)
    with pytest.raises(RollbackError, match="people was changed in the meantime"):
        roll_back(aws, database, *target)
    assert (count(aws, database), keys(aws, bucket)) == (30, objects)


def test_an_answer_that_was_lost_is_no_conflict(
    aws: Aws, bucket: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a second attempt finds changed was changed by the first: its metadata has to stay."""
    create_table(aws, database, bucket, "people", VERSIONS[1:])
    update = aws.glue.update_table

    def twice(**change: Any) -> Any:
        update(**change)
        return update(**change)

    monkeypatch.setattr(aws.glue, "update_table", twice)
    roll_back(aws, database, *rollback_target(aws, database, "people", None))
    assert (tables(aws, database)[0].current, count(aws, database)) == (RUNS[2], 10)


def test_metadata_that_is_gone_is_told(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    location = aws.glue.get_table(DatabaseName=database, Name="people")["Table"]["Parameters"]["metadata_location"]
    aws.s3.delete_object(Bucket=bucket, Key=location.removeprefix(f"s3://{bucket}/"))
    with pytest.raises(GeneratorError, match=r"the metadata of people is s3://.*, and nothing is there: restore"):
        tables(aws, database)


def test_a_lake_from_before_iceberg_is_told(
    aws: Aws, bucket: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    storage: Any = {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": f"s3://{bucket}/tables/people/run/"}
    aws.glue.create_table(DatabaseName=database, TableInput={"Name": "people", "StorageDescriptor": storage})
    create_workflow(aws, bucket, "shop", {"people": ""}, {})
    assert main(["status", "--database", database, "--workflow", "shop"]) == 0
    told = "note: 1 table of a lake from before its tables were Iceberg's: `python -m generator deploy apply`"
    assert told in " ".join(capsys.readouterr().out.split())
    with pytest.raises(RollbackError, match="made before the lake's tables were Iceberg's"):
        rollback_target(aws, database, "people", None)


def test_further_back_and_forward_again(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    for run in (RUNS[1], None, RUNS[0]):
        roll_back(aws, database, *rollback_target(aws, database, "people", run))
    assert tables(aws, database)[0].current == RUNS[0]
    roll_back(aws, database, *rollback_target(aws, database, "people", RUNS[2]))
    with pytest.raises(RollbackError, match="no version before"):
        rollback_target(aws, database, "people", None)


@pytest.mark.parametrize(
    ("name", "run", "message"),
    [
        ("peple", None, "there is no table `peple` in lake_db; did you mean `people`"),
        ("never", None, "never was never published"),
        ("people", "20200101T000000-ffffff", "there is no version of run 20200101T000000-ffffff of people: kept are"),
        ("people", RUNS[0], "is the current version"),
    ],
)
def test_what_can_not_be_rolled_back(
    aws: Aws, bucket: str, database: str, name: str, run: str | None, message: str
) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    create_table(aws, database, bucket, "never")
    with pytest.raises(RollbackError, match=message):
        rollback_target(aws, database, name, run)


def test_a_version_whose_data_is_gone_is_refused(aws: Aws, bucket: str, database: str) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    table, version = rollback_target(aws, database, "people", None)
    assert table.metadata is not None
    listed = table.metadata.snapshots[version.snapshot]["manifest-list"]
    aws.s3.delete_object(Bucket=bucket, Key=listed.removeprefix(f"s3://{bucket}/"))
    with pytest.raises(RollbackError, match="no longer in"):
        roll_back(aws, database, *rollback_target(aws, database, "people", None))
    assert tables(aws, database)[0].current == RUNS[0]


def test_the_rollback_command_tells_what_it_means(
    aws: Aws, bucket: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    command = ["rollback", "people", "--database", database]
    assert main(command) == 1
    refused = capsys.readouterr()
    assert "Nobody can answer here: agree with --yes" in refused.err
    assert tables(aws, database)[0].current == RUNS[0]
    assert main([*command, "--yes"]) == 0
    told = capsys.readouterr()
    assert f"people: {RUNS[0]} (30 rows) → {RUNS[1]} (20 rows)" in told.err
    assert "made on 2026-11-21 02:00 UTC" in told.err and "withdrew since then" in told.err
    assert f"--to {RUNS[0]}" in told.out
    assert main([*command, "--to", RUNS[0], "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"table": "people", "from": RUNS[1], "to": RUNS[0], "rows": 30}


def test_the_status_command(aws: Aws, bucket: str, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    create_table(aws, database, bucket, "never")
    create_workflow(aws, bucket, "shop", {"people": "", "never": ""}, {})
    command = ["status", "--database", database, "--workflow", "shop"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "people    30  2026-11-22 02:00 UTC         3  never ran" in out
    assert "note: 1 table never published" in out
    assert main([*command, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["tables"]["people"]["current"] == RUNS[0]
    assert data["jobs"]["never"]["state"] is None


def test_status_says_why_a_job_failed_and_where_its_log_is(
    aws: Aws, bucket: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    create_table(aws, database, bucket, "people", VERSIONS)
    create_workflow(aws, bucket, "shop", {"people": 'raise ValueError("no such luck")\n'}, {})
    run = run_workflow(aws, "shop").jobs[0].run
    assert run is not None and main(["status", "--database", database, "--workflow", "shop"]) == 0
    out = capsys.readouterr().out
    assert "failed people: ValueError: no such luck\n" in out
    assert f"  log: /aws-glue/jobs/shop/output, stream {run['Id']}\n" in out


def test_no_such_database_is_told(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--database", "nothing", "--workflow", "shop"]) == 1
    assert "was the lake applied" in capsys.readouterr().err


def test_a_run_tells_its_moment() -> None:
    moment = moment_of(RUNS[0])
    assert moment is not None and moment.isoformat() == "2026-11-22T02:00:00+00:00"
    assert moment_of("manual") is None
