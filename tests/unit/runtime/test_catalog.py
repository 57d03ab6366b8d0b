"""Glue's catalog as jobs switch it, against moto."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from generator.runtime import catalog as module
from generator.runtime.catalog import TRIES, GlueCatalog, is_of_source, open_catalog
from generator.runtime.error import LakeError
from generator.runtime.folder_catalog import FolderCatalog, Version

ROOT = "s3://lake-bucket"
COLUMNS = [{"Name": "email", "Type": "string", "Comment": "direct"}, {"Name": "n", "Type": "decimal(10, 2)"}]
MADE = [("email", "string"), ("n", "decimal(10,2)")]


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    with mock_aws():
        client = boto3.client("glue")
        client.create_database(DatabaseInput={"Name": "lake"})
        for name in ("t", "s_quarantine"):
            client.create_table(DatabaseName="lake", TableInput=table_input(name))
        yield client


def table_input(name: str) -> dict[str, Any]:
    """A table as Terraform makes it."""
    return {
        "Name": name,
        "Description": "people",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": COLUMNS,
            "Location": f"{ROOT}/tables/{name}/empty/",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        },
    }


@pytest.fixture
def catalog(glue: Any) -> GlueCatalog:
    return GlueCatalog(glue, "lake", ROOT)


def found(glue: Any, name: str = "t") -> dict[str, Any]:
    table: dict[str, Any] = glue.get_table(DatabaseName="lake", Name=name)["Table"]
    return table


def guarded(glue: Any, *meanwhile: Callable[[], object]) -> list[str]:
    """Makes updates fail that weren't made from the table's current version, as Glue does and moto doesn't.

    Each function of `meanwhile` changes something just before an update. Returns the outcomes, as they come.
    """
    waiting, outcomes = list(meanwhile), []

    def check(params: dict[str, Any], **_: Any) -> None:
        if waiting:
            waiting.pop(0)()
        if params["VersionId"] != found(glue)["VersionId"]:
            outcomes.append("refused")
            error = {"Error": {"Code": "ConcurrentModificationException", "Message": "changed"}}
            raise glue.exceptions.ConcurrentModificationException(error, "UpdateTable")
        outcomes.append("taken")

    glue.meta.events.register("provide-client-params.glue.UpdateTable", check)
    return outcomes


def elsewhere(change: Callable[[dict[str, Any]], None]) -> None:
    """Somebody else's update of the table."""
    other = boto3.client("glue")
    table = table_input("t")
    before = other.get_table(DatabaseName="lake", Name="t")["Table"]
    table["Parameters"] = before["Parameters"]
    table["StorageDescriptor"] = before["StorageDescriptor"]
    change(table)
    other.update_table(DatabaseName="lake", TableInput=table)


def test_the_root_says_which_catalog(glue: Any) -> None:
    assert isinstance(open_catalog(ROOT, "lake"), GlueCatalog)
    assert isinstance(open_catalog("/lake", "lake"), FolderCatalog)


def test_a_table_that_was_never_published(catalog: GlueCatalog) -> None:
    assert catalog.current("t") is None
    assert catalog.versions("t") == ()


def test_a_publish_switches_the_location_and_changes_nothing_else(glue: Any, catalog: GlueCatalog) -> None:
    before = found(glue)
    kept = catalog.publish("t", "r1", 482, MADE, keep=3)
    after = found(glue)
    location = f"{ROOT}/tables/t/r1/"
    assert kept == (Version("r1", 482, (location,)),) == catalog.versions("t")
    assert catalog.current("t") == kept[0] and catalog.paths(kept[0]) == [location]
    assert after["StorageDescriptor"] == {**before["StorageDescriptor"], "Location": location}
    versions = json.loads(after["Parameters"].pop("lake_versions"))
    assert versions == [{"run": "r1", "location": location, "rows": 482}]
    noted = {"classification": "parquet", "lake_run": "r1", "lake_rows": "482", "lake_checks": '{"r1": {}}'}
    assert after["Parameters"] == noted
    for key in ("Description", "TableType", "PartitionKeys"):
        assert after[key] == before[key]


def test_the_newest_versions_stay(catalog: GlueCatalog) -> None:
    kept = [[one.run for one in catalog.publish("t", run, 1, MADE, keep=2)] for run in ("r1", "r2", "r3")]
    assert kept == [["r1"], ["r2", "r1"], ["r3", "r2"]]
    assert [one.run for one in catalog.publish("t", "r3", 5, MADE, keep=2)] == ["r3", "r2"]


def test_after_a_rollback_the_next_version_is_on_top_of_all(glue: Any, catalog: GlueCatalog) -> None:
    for run in ("r1", "r2"):
        catalog.publish("t", run, 1, MADE, keep=3)
    old = catalog.versions("t")[1]
    elsewhere(lambda table: table["Parameters"].update(lake_run="r1"))
    elsewhere(lambda table: table["StorageDescriptor"].update(Location=old.files[0]))
    assert catalog.current("t") == old
    assert [one.run for one in catalog.publish("t", "r3", 1, MADE, keep=3)] == ["r3", "r2", "r1"]


def test_a_change_at_the_same_time_is_not_lost(glue: Any, catalog: GlueCatalog) -> None:
    outcomes = guarded(glue, lambda: elsewhere(lambda table: table.update(Description="changed meanwhile")))
    catalog.publish("t", "r1", 1, MADE, keep=3)
    assert outcomes == ["refused", "taken"]
    assert found(glue)["Description"] == "changed meanwhile"
    assert found(glue)["Parameters"]["lake_run"] == "r1"


def test_a_table_that_never_keeps_still_is_an_error(glue: Any, catalog: GlueCatalog) -> None:
    change = [lambda: elsewhere(lambda table: None)] * TRIES
    outcomes = guarded(glue, *change)
    with pytest.raises(LakeError, match="t: somebody else changed it"):
        catalog.publish("t", "r1", 1, MADE, keep=3)
    assert outcomes == ["refused"] * TRIES
    assert catalog.current("t") is None


def test_columns_are_compared_with_those_that_are_promised(catalog: GlueCatalog) -> None:
    catalog.check_columns("t", MADE)
    for other in (MADE[:1], MADE[::-1], [*MADE, ("more", "int")], [("email", "string"), ("n", "double")]):
        with pytest.raises(LakeError, match="deploy the scripts and the catalog of the same build"):
            catalog.check_columns("t", other)


def test_a_table_that_is_not_deployed(catalog: GlueCatalog) -> None:
    for asked in (catalog.current, catalog.versions, catalog.has_quarantine):
        with pytest.raises(LakeError, match=r"there is no table .* in the Glue database lake: deploy it first"):
            asked("missing")


def test_a_quarantine_is_published_until_it_says_that_nothing_is_in_it(glue: Any, catalog: GlueCatalog) -> None:
    assert catalog.has_quarantine("s")
    catalog.publish_quarantine("s", "r1", 7)
    assert catalog.has_quarantine("s")
    catalog.publish_quarantine("s", "r2", 0)
    assert not catalog.has_quarantine("s")
    table = found(glue, "s_quarantine")
    assert table["StorageDescriptor"]["Location"] == f"{ROOT}/quarantine/s/r2/"
    assert [one["run"] for one in json.loads(table["Parameters"]["lake_versions"])] == ["r2"]


def test_the_checks_of_each_version_that_stays_are_noted(glue: Any, catalog: GlueCatalog) -> None:
    for run, violations in (("r1", 0), ("r2", 3), ("r3", 0)):
        catalog.publish("t", run, 1, MADE, 2, {"everybody agreed": violations})
    checks = json.loads(found(glue)["Parameters"]["lake_checks"])
    assert checks == {"r3": {"everybody agreed": 0}, "r2": {"everybody agreed": 3}}


def test_what_was_read_of_a_source_is_noted_beside_its_rows(glue: Any, catalog: GlueCatalog) -> None:
    for run, rows in (("r1", 2), ("r2", 5)):
        read = {"run": run, "rows": rows, "quarantined": 7, "files": 1}
        kept = catalog.publish_source("t", run, rows, 3, {"each id once": 0}, read)
    assert [version.files for version in kept] == [(f"{ROOT}/sources/t/{run}/",) for run in ("r2", "r1")]
    assert all(is_of_source(version) for version in kept)
    after = found(glue)["Parameters"]
    assert json.loads(after["lake_source"]) == {"run": "r2", "rows": 5, "quarantined": 7, "files": 1}
    assert json.loads(after["lake_checks"]) == {run: {"each id once": 0} for run in ("r1", "r2")}
