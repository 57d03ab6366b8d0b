"""Drills on a deployed lake: its jobs fail, and somebody is told once, in words, and finds the log.

The real Terraform, provider and module with a key of its own; the embedded AWS asks the policies of topic, queue and
key as AWS does. The jobs' scripts are a few lines here: what they print and how they end is what is looked at.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from generator.cli.main import main
from generator.deploy import workflow
from generator.deploy.aws import Aws
from generator.deploy.deployment import Deployment
from generator.deploy.emulate import Emulation, emulation
from generator.deploy.emulator import SparkPlace
from generator.render.build import render_build
from tests.conftest import ROOT
from tests.unit.render.terraform.module_folder import compiled

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

SPEC = """\
version: 1
lake: drill
zones: {landing: {}}
sources:
  raw: {path: raw/, subject: none, columns: {id: bigint}}
tables:
  good: {zone: landing, source: raw}
  bad: {zone: landing, source: raw}
"""
GOOD = 'import json\nprint(json.dumps({"lake_event": "published", "table": "good", "rows": 1234}))\n'
BAD = 'print("about to fail")\nraise ValueError(\'it said "no"\\nand left\')\n'
HEALED = """\
import boto3
from botocore.exceptions import ClientError
s3, bucket = boto3.client("s3"), "drill-dev-data-123456789012"
try:
    s3.head_object(Bucket=bucket, Key="temp/tried")
except ClientError:
    s3.put_object(Bucket=bucket, Key="temp/tried", Body=b"")
    raise
"""
PREFIX = "drill-dev"


@dataclass(frozen=True)
class Drill:
    """The deployed lake, and the queue that hears what subscribers of its alarms hear."""

    emulated: Emulation
    aws: Aws
    mails: str

    def apply(self, **variables: str) -> None:
        fixed = {"environment": "dev", "region": "us-east-1", "enable_lifecycle": "false"}
        plan = self.emulated.folder / "plan"
        self.emulated.terraform.plan(plan, {**fixed, "max_retries": "0", **variables})
        self.emulated.terraform.apply(plan)
        self.script("raw", "")
        self.script("good", GOOD)
        self.script("bad", BAD)

    @property
    def outputs(self) -> dict[str, Any]:
        return dict(self.emulated.terraform.outputs())

    def script(self, job: str, text: str) -> None:
        place = self.aws.glue.get_job(JobName=f"{PREFIX}-{job}")["Job"]["Command"]["ScriptLocation"]
        bucket, key = place.removeprefix("s3://").split("/", 1)
        self.aws.s3.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def run(self) -> workflow.RunState:
        identity = workflow.start(self.aws, PREFIX)
        return workflow.follow(self.aws, PREFIX, identity, lambda state: None, 0.02)

    def told(self) -> list[str]:
        """The messages since the last time that somebody looked."""
        sqs, found = boto3.client("sqs"), []
        while batch := sqs.receive_message(QueueUrl=self.mails, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                found.append(json.loads(message["Body"])["Message"])
                sqs.delete_message(QueueUrl=self.mails, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="module")
def drill(need: Callable[[object, str], None]) -> Iterator[Drill]:
    needed = ("moto", "flask", "cryptography", "pyspark", "python_terraform")
    need(all(importlib.util.find_spec(name) for name in needed), "the extra `emulate` isn't installed")
    need(shutil.which("terraform"), "terraform isn't installed")
    with emulation(ROOT / "terraform", render_build(compiled(SPEC)), SparkPlace()) as emulated:
        emulated.terraform.init()
        queue = boto3.client("sqs").create_queue(QueueName="mails")["QueueUrl"]
        found = Drill(emulated, Aws("us-east-1"), queue)
        found.apply()
        boto3.client("sns").subscribe(
            TopicArn=found.outputs["alarm_topic"], Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:mails"
        )
        yield found


@pytest.fixture
def failing(drill: Drill) -> Drill:
    drill.told()
    return drill


def test_a_failed_job_tells_once_in_words_that_a_person_reads(failing: Drill) -> None:
    end = failing.run()
    states = {"raw": "SUCCEEDED", "bad": "FAILED", "good": "SUCCEEDED"}
    assert {job.job.removeprefix(f"{PREFIX}-"): job.state for job in end.jobs} == states
    (message,) = failing.told()
    run = next(job.run for job in end.jobs if job.failed)
    assert run is not None
    assert f"The Glue job {PREFIX}-bad ended as FAILED at 2" in message
    assert f"#/job/{PREFIX}-bad/run/{run['Id']}" in message and "python -m generator status" in message
    assert "{" not in message and len(message.splitlines()) >= 3


def test_the_jobs_of_another_lake_are_none_of_its_business(failing: Drill) -> None:
    """`drill-dev-x` is the environment x of a lake called drill-dev; its jobs begin like this one's."""
    glue, s3 = failing.aws.glue, failing.aws.s3
    s3.create_bucket(Bucket="other")
    s3.put_object(Bucket="other", Key="job.py", Body=BAD.encode())
    place: Any = {"Name": "glueetl", "ScriptLocation": "s3://other/job.py"}
    for name in (f"{PREFIX}-x-bad", f"{PREFIX}-badly"):
        glue.create_job(Name=name, Role="other", Command=place, GlueVersion="5.1")
        run = glue.start_job_run(JobName=name)["JobRunId"]
        while glue.get_job_run(JobName=name, RunId=run)["JobRun"]["JobRunState"] != "FAILED":
            continue
    assert failing.told() == []


def test_an_alarm_that_can_not_be_delivered_is_kept_and_status_says_so(
    failing: Drill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(failing.emulated.folder)
    assert main(["status"]) == 0
    assert "alarm" not in capsys.readouterr().out
    sns = boto3.client("sns")
    topic = failing.outputs["alarm_topic"]
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy.replace("events.", "event."))
    failing.run()
    assert failing.told() == []
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "1 alarm couldn't be delivered" in said and f"{PREFIX}-bad" in said and "NO_PERMISSIONS" in said
    assert main(["status", "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)["undelivered_alarms"]
    assert kept["job"] == f"{PREFIX}-bad" and kept["state"] == "FAILED"
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def test_logs_are_where_terraform_says_encrypted_and_with_an_end(
    failing: Drill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(failing.emulated.folder)
    assert main(["start", "--every", "0.02"]) == 1
    said = capsys.readouterr().out
    assert "1,234 rows" in said and "  | about to fail" in said and "TaskSetManager" not in said
    groups = failing.aws.logs.describe_log_groups(logGroupNamePrefix=f"/aws-glue/jobs/{PREFIX}/")["logGroups"]
    named = Deployment.of_outputs(failing.outputs).log_groups or {}
    assert {name for group in named.values() for name in group.values()} >= {group["logGroupName"] for group in groups}
    assert all(group["retentionInDays"] == 365 for group in groups)
    topic = boto3.client("sns").get_topic_attributes(TopicArn=failing.outputs["alarm_topic"])["Attributes"]
    assert {group["kmsKeyId"] for group in groups} == {topic["KmsMasterKeyId"]}
    role = f"{PREFIX}-bad"
    assert named["bad"]["output"] == f"/aws-glue/jobs/{PREFIX}/{PREFIX}-role/{role}/output"


def test_a_run_that_is_tried_again_tells_when_its_last_attempt_failed(failing: Drill) -> None:
    failing.apply(max_retries="2")
    failing.run()
    runs = failing.aws.glue.get_job_runs(JobName=f"{PREFIX}-bad")["JobRuns"][:3]
    assert [run["Attempt"] for run in runs] == [2, 1, 0]
    assert runs[0]["Id"] == f"{runs[2]['Id']}_attempt_2"
    (message,) = failing.told()
    assert runs[0]["Id"] in message
    failing.script("bad", HEALED)
    assert failing.run().succeeded
    assert failing.told() == []
