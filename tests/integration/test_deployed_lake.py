"""The reference lake deployed: the real Terraform and provider, the embedded AWS, the deployed workflow on Spark.

One deployment for all tests of this file. They run in the order in which they stand here, each on what the one before
left.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.cli.local_spark import find_spark
from generator.cli.main import main
from generator.deploy.aws import Aws
from generator.deploy.catalog import tables
from generator.deploy.deployment import Deployment
from generator.deploy.emulate import Emulation, emulation, lay_out
from generator.deploy.terraform import Terraform
from generator.render.build import render_build
from generator.spec.source import read_source
from tests.conftest import ROOT

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
TABLES = {name for name in COUNTS if not name.endswith("_landing")}
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
        assert main([*arguments, "--json"]) == code, self.capsys.readouterr()
        return json.loads(self.capsys.readouterr().out)

    def deploy(self, action: str, *arguments: str, code: int = 0, **variables: str) -> Any:
        given = {**self.emulated.variables, **variables}
        variable_options = [part for name, value in given.items() for part in ("--var", f"{name}={value}")]
        agreed = [] if action == "plan" else ["--yes"]
        return self.run("deploy", action, *agreed, *arguments, *variable_options, code=code)

    def write(self, spec: str) -> None:
        (self.folder / "pipeline.yaml").write_text(spec, encoding="utf-8")
        for name, text in build(self.folder / "pipeline.yaml").items():
            target = self.folder / "build" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def current(self) -> dict[str, str | None]:
        assert self.deployment.database is not None
        return {one.name: one.current for one in tables(self.aws, self.deployment.database) if one.kind == "tables"}


def build(spec: Path) -> Mapping[str, str]:
    analysis = check_spec(read_source(spec))
    assert analysis.lake is not None, analysis.diagnostics
    return render_build(analysis.lake)


@pytest.fixture(scope="module")
def applied(need: Callable[[object, str], None]) -> Iterator[Lake]:
    needed = ("moto", "flask", "cryptography", "pyspark", "python_terraform")
    need(all(importlib.util.find_spec(name) for name in needed), "the extra `emulate` isn't installed")
    need(shutil.which("terraform"), "terraform isn't installed")
    need(shutil.which("java"), "Java isn't installed")
    with emulation(ROOT / "terraform", build(ROOT / "pipeline.yaml"), find_spark()) as emulated:
        (emulated.folder / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
        emulated.terraform.init()
        emulated.terraform.validate()
        plan = emulated.terraform.plan(emulated.folder / "plan", emulated.variables)
        assert plan.count("create") == len(plan.changes) > 50
        emulated.terraform.apply(emulated.folder / "plan")
        deployment = Deployment.of_outputs(emulated.terraform.outputs())
        yield Lake(emulated, deployment, Aws(deployment.region))


@pytest.fixture
def lake(applied: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lake:
    monkeypatch.chdir(applied.folder)
    return replace(applied, capsys=capsys)


def start(lake: Lake, code: int = 0) -> dict[str, str]:
    """Runs the workflow; returns the state of each table's job."""
    data = lake.run("start", "--every", "0.2", code=code)
    return {job.removeprefix("stedi-local-"): found["state"] for job, found in data["jobs"].items()}


def test_a_second_plan_is_empty(lake: Lake) -> None:
    assert lake.deploy("plan")["changes"] == []


def test_landing_data_is_uploaded_once(lake: Lake, stedi: Path) -> None:
    first = lake.run("upload", str(stedi))
    assert first["new"] > 0 and first["empty"] == []
    again = lake.run("upload", str(stedi), "--dry-run")
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, first["new"])


def test_the_deployed_workflow_makes_the_eight_counts(lake: Lake) -> None:
    before = lake.run("status")
    assert all(table["current"] is None for table in before["tables"].values())
    assert start(lake) == dict.fromkeys(TABLES, "SUCCEEDED")
    verified = lake.run("verify")
    assert {name: count["rows"] for name, count in verified["counts"].items()} == COUNTS
    assert verified["status"] == "ok" and len(verified["findings"]) >= 5
    after = lake.run("status")
    assert {name: after["tables"][name]["rows"] for name in TABLES} == {name: COUNTS[name] for name in TABLES}
    assert {job["state"] for job in after["jobs"].values()} == {"SUCCEEDED"}


def test_a_run_leaves_nothing_for_terraform_to_change(lake: Lake) -> None:
    assert lake.deploy("plan")["changes"] == []


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
        "customer_trusted": "SUCCEEDED",
        "accelerometer_trusted": "FAILED",
        "customers_curated": "WAITING",
        "step_trainer_trusted": "WAITING",
        "machine_learning_curated": "WAITING",
    }
    messages = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    alarms = [json.loads(json.loads(message["Body"])["Message"]) for message in messages]
    assert {alarm["detail"]["jobName"] for alarm in alarms} == {"stedi-local-accelerometer_trusted"}
    assert "no files in" in alarms[0]["detail"]["message"]
    now = lake.current()
    assert {name for name in TABLES if now[name] != published[name]} == {"customer_trusted"}
    lake.run("upload", str(stedi))


def test_a_table_goes_back_to_the_version_before(lake: Lake) -> None:
    kept = lake.run("status")["tables"]["customer_trusted"]["versions"]
    assert len(kept) == 2
    done = lake.run("rollback", "customer_trusted", "--yes")
    assert (done["from"], done["to"], done["rows"]) == (kept[0]["run"], kept[1]["run"], 482)
    assert lake.run("status")["tables"]["customer_trusted"]["rolled_back"] is True
    assert lake.run("verify")["status"] == "ok"
    assert lake.deploy("plan")["changes"] == []


def test_a_changed_column_is_applied_in_place(lake: Lake) -> None:
    published = lake.current()
    lake.write(CHANGED)
    plan = lake.deploy("plan")
    changed = {change["address"].removeprefix("module.lake.") for change in plan["changes"]}
    assert (plan["create"], plan["replace"], plan["delete"]) == (0, 0, 0)
    assert 'aws_glue_catalog_table.source["accelerometer_landing"]' in changed
    assert 'aws_glue_catalog_table.published["accelerometer_trusted"]' in changed
    lake.deploy("apply")
    assert lake.current() == published
    assert lake.deploy("plan")["changes"] == []
    lake.write(SPEC)
    lake.deploy("apply")


def test_a_removed_table_is_told_and_its_data_stays(lake: Lake) -> None:
    lake.write(SPEC[: SPEC.index("  machine_learning_curated:\n")] + SPEC[SPEC.index("row_counts:") :].replace(
        "  machine_learning_curated: 43681\n", ""
    ))  # fmt: skip
    plan = lake.deploy("plan")
    gone = {change["address"] for change in plan["changes"] if change["action"] == "delete"}
    assert 'module.lake.aws_glue_catalog_table.published["machine_learning_curated"]' in gone
    assert not any("aws_s3_bucket." in address for address in gone)
    lake.write(SPEC)


def test_a_second_environment_lives_beside_the_first(lake: Lake, tmp_path: Path) -> None:
    lay_out(ROOT / "terraform", build(ROOT / "pipeline.yaml"), tmp_path)
    other = Terraform(tmp_path / "terraform")
    other.init()
    other.plan(tmp_path / "plan", {**lake.emulated.variables, "environment": "prod"})
    other.apply(tmp_path / "plan")
    names = other.outputs()
    mine = lake.emulated.terraform.outputs()
    for name in ("bucket", "database", "workflow", "athena_workgroup"):
        assert names[name] != mine[name]
    assert lake.deploy("plan")["changes"] == []
    other.plan(tmp_path / "plan", {**lake.emulated.variables, "environment": "prod"}, destroy=True)
    other.apply(tmp_path / "plan")
    assert lake.deploy("plan")["changes"] == []


def test_a_bucket_with_data_is_not_destroyed_unless_that_is_allowed(lake: Lake) -> None:
    assert lake.capsys is not None
    variables = [part for name, value in lake.emulated.variables.items() for part in ("--var", f"{name}={value}")]
    assert main(["deploy", "destroy", "--yes", *variables]) == 1
    assert f"there is data in {lake.deployment.bucket}" in (said := lake.capsys.readouterr().err)
    assert "allow_data_loss" in said
    assert lake.deploy("plan")["changes"] == []
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
