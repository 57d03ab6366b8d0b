"""The reference lake deployed: the real Terraform and provider, the embedded AWS, the deployed workflow on Spark.

One deployment for all tests of this file. They run in the order in which they stand here, each on what the one before
left.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.cli.main import main
from generator.deploy.athena import ask
from generator.deploy.aws import Aws
from generator.deploy.catalog import tables
from generator.deploy.deployment import Deployment
from generator.deploy.emulate import Emulation, emulation, lay_out
from generator.deploy.terraform import Terraform
from generator.render.build import render_build
from generator.spec.source import read_source
from tests.conftest import ROOT
from tests.iceberg import iceberg_options, spark_with_iceberg

pytestmark = [pytest.mark.terraform, pytest.mark.spark, pytest.mark.slow]

SPEC = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
COUNTS = {
    "customer_landing": 956,
    "accelerometer_landing": 81_273,
    "step_trainer_landing": 28_680,
    "customer_trusted": 482,
    "accelerometer_trusted": 40_981,
    "step_trainer_trusted": 14_460,
    "customers_curated": 482,
    "machine_learning_curated": 43_681,
}
SOURCES = {name for name in COUNTS if name.endswith("_landing")}
TABLES = COUNTS.keys() - SOURCES
CHANGED = SPEC.replace("      z: double\n", "      z: {type: double, description: Upwards}\n      w: double\n")
"""A raw column more: it is a column more of the tables that are made of it."""


@dataclass(frozen=True)
class Lake:
    """The deployed lake, as in a clone: pipeline.yaml, build/ and terraform/ in one folder."""

    emulated: Emulation
    deployment: Deployment
    aws: Aws
    capsys: pytest.CaptureFixture[str] | None = None

    @property
    def folder(self) -> Path:
        return self.emulated.folder

    def run(self, *arguments: str, code: int = 0) -> Any:
        """Runs a command with `--json`; returns what it printed."""
        assert self.capsys is not None
        self.capsys.readouterr()
        ended = main([*arguments, "--json"])
        printed, said = self.capsys.readouterr()
        if ended != code:
            pytest.fail(f"{' '.join(arguments)} ended with {ended}:\n{printed}\n{said}")
        return json.loads(printed)

    def deploy(self, action: str, *arguments: str, code: int = 0, **variables: str) -> Any:
        given = {**self.emulated.variables, **variables}
        variable_options = [part for name, value in given.items() for part in ("--var", f"{name}={value}")]
        agreed = [] if action == "plan" else ["--yes"]
        return self.run("deploy", action, *agreed, *arguments, *variable_options, code=code)

    def write(self, spec: str) -> None:
        (self.folder / "pipeline.yaml").write_text(spec, encoding="utf-8")
        for name, content in build(self.folder / "pipeline.yaml").items():
            target = self.folder / "build" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def columns(self, table: str) -> dict[str, str]:
        """The comments of a table's columns, as the catalog has them."""
        assert self.deployment.database is not None
        found = self.aws.glue.get_table(DatabaseName=self.deployment.database, Name=table)["Table"]
        return {one["Name"]: one.get("Comment", "") for one in found["StorageDescriptor"]["Columns"]}

    def current(self) -> dict[str, str | None]:
        assert self.deployment.database is not None
        return {one.name: one.current for one in tables(self.aws, self.deployment.database) if one.kind != "quarantine"}


def build(spec: Path) -> Mapping[str, str | bytes]:
    analysis = check_spec(read_source(spec))
    assert analysis.lake is not None, analysis.diagnostics
    return render_build(analysis.lake)


@pytest.fixture(scope="module")
def applied(need: Callable[[object, str], None]) -> Iterator[Lake]:
    needed = ("moto", "flask", "cryptography", "pyspark", "python_terraform")
    need(all(importlib.util.find_spec(name) for name in needed), "the extra `emulate` isn't installed")
    need(shutil.which("terraform"), "terraform isn't installed")
    need(shutil.which("java"), "Java isn't installed")
    with emulation(ROOT / "terraform", build(ROOT / "pipeline.yaml"), spark_with_iceberg(need)) as emulated:
        (emulated.folder / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
        emulated.terraform.init()
        emulated.terraform.validate()
        plan = emulated.terraform.plan(emulated.folder / "plan", emulated.variables)
        assert plan.count("create") == len(plan.changes) > 50
        emulated.terraform.apply(emulated.folder / "plan")
        deployment = Deployment.of_outputs(emulated.terraform.outputs())
        yield Lake(emulated, deployment, Aws(deployment.region))


@pytest.fixture(scope="module")
def clone(applied: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """`emulate --full` where there was only a spec. It waits most of the time, so it goes on beside the other tests."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copy(ROOT / "pipeline.yaml", folder)
    assert main(["build", str(folder / "pipeline.yaml")]) == 0
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "emulate", "--full", "--json", *iceberg_options()],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate()


@pytest.fixture
def lake(applied: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lake:
    monkeypatch.chdir(applied.folder)
    return replace(applied, capsys=capsys)


def start(lake: Lake, code: int = 0) -> dict[str, str]:
    """Runs the workflow; returns the state of each job."""
    data = lake.run("start", "--every", "1", code=code)
    return {job: found["state"] for job, found in of_lake(data["jobs"]).items()}


def of_lake(jobs: Mapping[str, Any]) -> dict[str, Any]:
    """Jobs by the names that they have in the spec."""
    return {job.removeprefix("stedi-local-"): found for job, found in jobs.items()}


def made(lake: Lake) -> dict[str, dict[str, Any]]:
    """Runs the workflow; returns what it told of each source and table."""
    data = lake.run("start", "--every", "1")
    return {name: facts for job in data["jobs"].values() for name, facts in job["made"].items()}


def test_a_second_plan_is_empty(lake: Lake, clone: subprocess.Popen[str]) -> None:
    plan = lake.deploy("plan")
    assert (plan["changes"], plan["account_asks_for"]) == ([], [])


def test_landing_data_is_uploaded_once(lake: Lake, stedi: Path) -> None:
    first = lake.run("upload", str(stedi))
    assert first["new"] > 0 and first["empty"] == []
    again = lake.run("upload", str(stedi), "--dry-run")
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, first["new"])


def test_the_deployed_workflow_makes_the_eight_counts(lake: Lake) -> None:
    before = lake.run("status")
    assert all(table["current"] is None for table in before["tables"].values())
    first = lake.run("start", "--every", "1")["jobs"]
    assert {name: one["state"] for name, one in of_lake(first).items()} == dict.fromkeys(COUNTS, "SUCCEEDED")
    facts = {name: one["made"][name] for name, one in of_lake(first).items()}
    assert {name: one["rows_written"] for name, one in facts.items()} == COUNTS
    assert all(facts[source]["rows_read"] == COUNTS[source] for source in COUNTS if source.endswith("_landing"))
    verified = lake.run("verify")
    assert {name: count["rows"] for name, count in verified["counts"].items()} == COUNTS
    assert verified["status"] == "ok" and len(verified["findings"]) >= 5
    after = lake.run("status")
    assert {name: after["tables"][name]["rows"] for name in COUNTS} == COUNTS
    assert {job["state"] for job in after["jobs"].values()} == {"SUCCEEDED"}


def test_the_next_runs_cost_what_changed(lake: Lake, stedi: Path, tmp_path: Path) -> None:
    """One customer withdraws, and one file of readings comes; then nothing changes; then both are undone."""
    (registry,) = (stedi / "customer" / "landing").iterdir()
    people = [json.loads(line) for line in registry.read_text().splitlines()]
    readings = [json.loads(line) for file in (stedi / "accelerometer" / "landing").iterdir() for line in file.open()]
    read = Counter(one["user"] for one in readings)
    agreed = [one for one in people if "shareWithResearchAsOfDate" in one and read[one["email"]]]
    leaves, stays = agreed[0], agreed[1]
    landing = tmp_path / "landing"
    shutil.copytree(stedi, landing)
    del leaves["shareWithResearchAsOfDate"]
    (landing / registry.relative_to(stedi)).write_text("".join(f"{json.dumps(one)}\n" for one in people))
    new = {"user": stays["email"], "timestamp": 1, "x": 1.0, "y": 1.0, "z": 1.0}
    (landing / "accelerometer" / "landing" / "new.json").write_text(json.dumps(new))
    assert lake.run("upload", str(landing))["new"] == 1

    found = made(lake)
    assert "unchanged" not in found["customer_landing"] and found["step_trainer_landing"]["unchanged"]
    trusted = found["accelerometer_trusted"]
    assert (trusted["added"], trusted["removed"]) == (1, read[leaves["email"]])
    assert found["customer_trusted"]["rows"] == found["customers_curated"]["rows"] == 481
    assert {name for name, one in found.items() if "anew" in one} == {"machine_learning_curated"}, "that reads less"
    changed = {name: (one["added"], one["removed"]) for name, one in found.items() if "added" in one}
    assert (changed["customer_trusted"], changed["customers_curated"]) == ((0, 1), (0, 1))
    looked, written = ({name: one[key] for name, one in found.items()} for key in ("rows_read", "rows_written"))
    assert (looked["accelerometer_landing"], looked["step_trainer_landing"]) == (1, 0)
    assert (written["accelerometer_landing"], written["step_trainer_landing"]) == (1, 0)
    of_all = sum(COUNTS.values())
    assert sum(written.values()) < of_all * 0.75, (written, "tables of one file are written again where a row leaves")
    assert found["customer_landing"]["rows"] == COUNTS["customer_landing"]

    told = lake.run("erased", f"customer.email={leaves['email']}", "--deployed", code=1)
    (serial,) = [one for one in told["keys"] if one["key"] == "serialnumber"]
    assert (serial["given"], serial["values"], told["unread"], told["untold"]) == (False, 1, [], [])
    where = {(one["name"], one["current"], one["branch"][:5]) for one in told["findings"] if "snapshot" in one}
    assert where >= {("customer_landing", True, ""), ("accelerometer_landing", True, "")}, "she still lands"
    for name in TABLES:
        assert (name, True, "") not in where and (name, False, "") in where, (
            "older versions have her, and no current one"
        )
    assert ("customer_trusted", False, "left_") in where
    assert {"customer", "accelerometer", "step_trainer"} == {
        one["files"][0].split("/")[0] for one in told["findings"] if one["part"] == "landing"
    }

    again = made(lake)
    assert all(one["unchanged"] for one in again.values())

    assert lake.deployment.bucket is not None
    lake.aws.s3.delete_object(Bucket=lake.deployment.bucket, Key="landing/accelerometer/landing/new.json")
    lake.run("upload", str(stedi))
    assert {name: one["rows"] for name, one in made(lake).items()} == COUNTS
    assert lake.run("verify")["status"] == "ok"


def test_what_waits_for_a_failed_job_does_not_run_and_the_alarm_arrives(lake: Lake, stedi: Path) -> None:
    import boto3

    published = lake.current()
    queue = boto3.client("sqs").create_queue(QueueName="alarms")["QueueUrl"]
    topic = lake.emulated.terraform.outputs()["alarm_topic"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:alarms")
    assert lake.deployment.bucket is not None
    found = lake.aws.s3.list_objects_v2(Bucket=lake.deployment.bucket, Prefix="landing/accelerometer/")["Contents"]
    for one in found:
        lake.aws.s3.delete_object(Bucket=lake.deployment.bucket, Key=one["Key"])
    states = start(lake, code=1)
    assert states == {
        "customer_landing": "SUCCEEDED",
        "accelerometer_landing": "FAILED",
        "step_trainer_landing": "SUCCEEDED",
        "customer_trusted": "SUCCEEDED",
        "accelerometer_trusted": "WAITING",
        "customers_curated": "WAITING",
        "step_trainer_trusted": "WAITING",
        "machine_learning_curated": "WAITING",
    }
    messages = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    (alarm,) = [json.loads(message["Body"])["Message"] for message in messages]
    assert "The Glue job stedi-local-accelerometer_landing ended as FAILED" in alarm
    assert lake.capsys is not None and main(["status"]) == 0
    assert "failed accelerometer_landing: LakeError: accelerometer_landing: no files in" in lake.capsys.readouterr().out
    now = lake.current()
    assert now == published, "what isn't another is as it was, and what failed is too"
    lake.run("upload", str(stedi))


def test_a_table_goes_back_and_terraform_lets_it_be(lake: Lake) -> None:
    kept = lake.run("status")["tables"]["customer_trusted"]["versions"]
    assert [one["rows"] for one in kept] == [482, 481, 482]
    done = lake.run("rollback", "customer_trusted", "--to", kept[2]["run"], "--yes")
    assert (done["from"], done["to"], done["rows"]) == (kept[0]["run"], kept[2]["run"], 482)
    assert lake.run("status")["tables"]["customer_trusted"]["rolled_back"] is True
    assert lake.run("verify")["status"] == "ok"
    assert lake.deploy("plan")["changes"] == []
    assert lake.deployment.database is not None and lake.deployment.workgroup is not None
    for version in kept:
        sql = f"SELECT count(*) AS n FROM customer_trusted FOR VERSION AS OF {version['snapshot']}"
        assert ask(lake.aws, lake.deployment.workgroup, lake.deployment.database, sql) == [{"n": str(version["rows"])}]
    lake.run("rollback", "customer_trusted", "--to", kept[0]["run"], "--yes")
    assert lake.run("status")["tables"]["customer_trusted"]["rolled_back"] is False
    assert lake.run("verify")["status"] == "ok"


def test_a_changed_column_is_applied_in_place(lake: Lake) -> None:
    published = lake.current()
    lake.write(CHANGED)
    done = lake.deploy("apply")
    changed = {change["address"].removeprefix("module.lake.") for change in done["changes"]}
    assert (done["create"], done["delete"]) == (0, 0)
    moved = [one["address"] for one in done["changes"] if one["action"] == "replace"]
    assert moved and all(address.startswith("module.lake.aws_s3_object.") for address in moved)
    assert 'aws_glue_catalog_table.source["accelerometer_landing"]' in changed
    assert not any(address.startswith("aws_glue_catalog_table.published") for address in changed)
    assert lake.current() == published
    assert lake.deploy("plan")["changes"] == []


def test_a_removed_table_is_told_and_no_bucket_goes(lake: Lake) -> None:
    start, end = CHANGED.index("  machine_learning_curated:\n"), CHANGED.index("row_counts:")
    lake.write(CHANGED[:start] + CHANGED[end:].replace("  machine_learning_curated: 43681\n", ""))
    plan = lake.deploy("plan")
    gone = {change["address"] for change in plan["changes"] if change["action"] == "delete"}
    assert 'module.lake.aws_glue_catalog_table.published["machine_learning_curated"]' in gone
    assert not any("aws_s3_bucket" in address for address in gone)
    lake.write(CHANGED)


GROUPED = CHANGED.replace(
    "row_counts:",
    "jobs:\n  landing: {steps: [zone:landing]}\n"
    "  people: {steps: [customer_trusted, accelerometer_trusted, customers_curated], timeout: 30}\n\nrow_counts:",
)


def test_a_lake_moves_to_jobs_of_several_steps(lake: Lake) -> None:
    """Old jobs go and new ones come, and nothing else; the workflow makes the same rows, and tells of them by table."""
    published = lake.current()
    lake.write(GROUPED)
    done = lake.deploy("apply")
    gone = {one["address"].removeprefix("module.lake.") for one in done["changes"] if one["action"] == "delete"}
    moved = (*SOURCES, "customer_trusted", "accelerometer_trusted", "customers_curated")
    jobs = {one for one in gone if one.startswith("aws_glue_job")}
    assert jobs == {f'aws_glue_job.this["{name}"]' for name in moved}
    kinds = {one.split(".")[0] for one in gone}
    assert kinds <= {
        "aws_cloudwatch_log_group", "aws_glue_job", "aws_glue_trigger", "aws_iam_role", "aws_iam_role_policy",
        "aws_s3_object",
    }  # fmt: skip
    assert lake.current() == published
    assert lake.capsys is not None and main(["start", "--every", "1"]) == 0
    lines = [" ".join(line.split()) for line in lake.capsys.readouterr().out.splitlines()]
    assert any(line.startswith("✓ people 3 published") for line in lines), lines
    for told in (
        "customer_trusted 482 rows, unchanged",
        "accelerometer_trusted 40,981 rows",
        "customers_curated 482 rows",
    ):
        assert any(line.startswith(told) for line in lines), (told, lines)
    assert lake.run("verify")["status"] == "ok"
    status = lake.run("status")
    assert {name: job["state"] for name, job in status["jobs"].items()} == dict.fromkeys(
        ("landing", "people", "step_trainer_trusted", "machine_learning_curated"), "SUCCEEDED"
    )
    assert {name: status["tables"][name]["rows"] for name in COUNTS} == COUNTS
    assert "w" in lake.columns("accelerometer_trusted"), "a column of the spec came with the run"
    assert lake.columns("accelerometer_landing")["z"] == "Upwards", "and so did what is said of one"
    assert lake.deploy("plan")["changes"] == []
    assert {name: status["tables"][name]["job"] for name in ("customer_landing", "customers_curated")} == {
        "customer_landing": "landing", "customers_curated": "people",
    }  # fmt: skip
    assert main(["status"]) == 0
    (row,) = [line for line in lake.capsys.readouterr().out.splitlines() if line.startswith("customers_curated ")]
    assert "succeeded" in row


def test_a_second_environment_lives_beside_the_first(lake: Lake, tmp_path: Path) -> None:
    lay_out(ROOT / "terraform", build(ROOT / "pipeline.yaml"), tmp_path)
    other, plan = Terraform(tmp_path / "terraform"), tmp_path / "plan"
    variables = {**lake.emulated.variables, "environment": "prod", "allow_data_loss": "true"}
    other.init()
    other.plan(plan, variables)
    other.apply(plan)
    names, mine = other.outputs(), lake.emulated.terraform.outputs()
    for name in ("bucket", "database", "workflow", "athena_workgroup"):
        assert names[name] != mine[name]
    other.plan(plan, variables, destroy=True)
    other.apply(plan)
    assert set(lake.current()) == set(COUNTS)


def refused(lake: Lake, action: str, **variables: str) -> str:
    """Runs `deploy` where it has to refuse; returns what it says."""
    assert lake.capsys is not None
    lake.capsys.readouterr()
    given = {**lake.emulated.variables, **variables}
    options = [part for name, value in given.items() for part in ("--var", f"{name}={value}")]
    assert main(["deploy", action, *(["--yes"] if action != "plan" else []), *options]) == 1
    return lake.capsys.readouterr().err


def fresh(lake: Lake, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake in a folder where nothing is applied yet, and commands run there."""
    lay_out(ROOT / "terraform", build(ROOT / "pipeline.yaml"), folder)
    (folder / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("action", ["plan", "apply", "destroy"])
def test_a_lake_does_not_move_to_another_region(lake: Lake, action: str) -> None:
    said = refused(lake, action, region="eu-central-1")
    assert "the lake is in us-east-1, and this is for eu-central-1" in said and "--var region=us-east-1" in said


def test_what_the_account_asks_for_is_told(lake: Lake) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
    settings = lake.aws.lakeformation.get_data_lake_settings()["DataLakeSettings"]
    lake.aws.glue.put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key},
        }
    )
    lake.aws.lakeformation.put_data_lake_settings(DataLakeSettings={**settings, "CreateTableDefaultPermissions": []})
    asked = {one["variable"]: one["value"] for one in lake.deploy("plan")["account_asks_for"]}
    met = lake.deploy("plan", catalog_kms_key_arn=key, lake_formation="true")
    assert met["account_asks_for"] == []
    assert asked == {"catalog_kms_key_arn": f'"{key}"', "lake_formation": "true"}
    assert "aws_lakeformation_permissions" in str(met["changes"])
    lake.aws.glue.put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    )
    lake.aws.lakeformation.put_data_lake_settings(DataLakeSettings=settings)


def test_a_region_that_is_none_is_told(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(lake, tmp_path, monkeypatch)
    said = refused(lake, "plan", region="eu-central-9")
    assert "invalid AWS Region: eu-central-9" in said and "--var region=REGION" in said
    assert "A region is called like eu-central-1" in refused(lake, "plan", region="mars")


def test_a_bucket_that_exists_is_told_before_anything_is_made(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(lake, tmp_path, monkeypatch)
    bucket, s3 = "stedi-taken-data-123456789012", lake.aws.s3
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="mine", Body=b"1")
    said = refused(lake, "apply", environment="taken")
    assert f"{bucket}  (in this account)" in said and "--var bucket_suffix=SUFFIX" in said
    assert "stedi_taken" not in {one["Name"] for one in lake.aws.glue.get_databases()["DatabaseList"]}
    (tmp_path / "terraform/imports.tf").write_text(said[said.index("  import {") :], encoding="utf-8")
    plan = lake.deploy("plan", environment="taken")
    assert (plan["replace"], plan["delete"]) == (0, 0)
    assert {one["address"] for one in plan["changes"] if one["action"] == "update"} == {
        'module.lake.aws_s3_bucket.this["data"]'
    }
    s3.delete_object(Bucket=bucket, Key="mine")
    s3.delete_bucket(Bucket=bucket)


def test_a_bucket_with_data_is_not_destroyed_unless_that_is_allowed(lake: Lake) -> None:
    said = refused(lake, "destroy")
    assert "nothing was destroyed: the lake is protected, and there is data in" in said
    assert "deploy apply --var allow_data_loss=true" in said
    assert str(lake.deployment.bucket) in said and "-assets-" not in said
    assert lake.current()
    lake.deploy("apply", allow_data_loss="true")
    lake.deploy("destroy", allow_data_loss="true")
    glue = lake.aws.glue
    assert lake.aws.s3.list_buckets()["Buckets"] == []
    assert (glue.get_databases()["DatabaseList"], glue.get_jobs()["Jobs"], glue.get_triggers()["Triggers"]) == (
        [],
        [],
        [],
    )
    assert (glue.list_workflows()["Workflows"], glue.list_data_quality_rulesets()["Rulesets"]) == ([], [])
    assert [group["Name"] for group in lake.aws.athena.list_work_groups()["WorkGroups"]] == ["primary"]


def test_one_command_on_a_clone_gives_the_eight_counts(clone: subprocess.Popen[str]) -> None:
    printed, said = clone.communicate()
    assert clone.returncode == 0, said
    data = json.loads(printed)
    assert {name: count["rows"] for name, count in data["counts"].items()} == COUNTS
    assert data["status"] == "ok" and {job["state"] for job in data["run"]["jobs"].values()} == {"SUCCEEDED"}
