"""Runs of a deployed workflow: the embedded AWS walks its triggers, `start` follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from generator.cli.main import main
from generator.deploy import workflow
from generator.deploy.aws import Aws, AwsError
from generator.deploy.deployment import Deployment
from generator.deploy.job_logs import JobLogs, events_in, plain_lines
from generator.deploy.jobs import plain_message
from generator.deploy.workflow import JobState, RunState, WorkflowError
from tests.unit.deploy.lakes import create_workflow

GOOD = 'import json\nprint(json.dumps({"lake_event": "published", "table": "x", "rows": 1234}))\n'
BAD = 'print("about to fail")\nraise ValueError("no such luck")\n'


def follow(aws: Aws, name: str = "shop") -> RunState:
    return workflow.follow(aws, name, workflow.start(aws, name), lambda state: None, 0.02)


def log_of(aws: Aws, run: Any, groups: dict[str, dict[str, str]] | None = None) -> list[str]:
    return JobLogs(aws, Deployment(workflow="shop", log_groups=groups)).lines(run)


def states(run: RunState) -> dict[str, str]:
    return {job.job.removeprefix("shop-"): job.state for job in run.jobs}


def test_jobs_run_after_those_that_they_wait_for(aws: Aws, bucket: str) -> None:
    scripts = {
        name: f'import boto3\nboto3.client("s3").put_object(Bucket="{bucket}", Key="done/{name}", Body=b"")\n' + check
        for name, check in {
            "a": "",
            "b": "",
            "c": f'boto3.client("s3").head_object(Bucket="{bucket}", Key="done/a")\n'
            f'boto3.client("s3").head_object(Bucket="{bucket}", Key="done/b")\n',
        }.items()
    }
    create_workflow(aws, bucket, "shop", scripts, {"c": ["a", "b"]})
    end = follow(aws)
    assert end.succeeded and states(end) == {"a": "SUCCEEDED", "b": "SUCCEEDED", "c": "SUCCEEDED"}
    assert [job.job for job in end.jobs][-1] == "shop-c"


def test_what_waits_for_a_failed_job_does_not_run(aws: Aws, bucket: str) -> None:
    create_workflow(
        aws, bucket, "shop",
        {"a": GOOD, "bad": BAD, "c": GOOD, "d": GOOD},
        {"c": ["a", "bad"], "d": ["a"]},
    )  # fmt: skip
    end = follow(aws)
    assert end.ended and not end.succeeded
    assert states(end) == {"a": "SUCCEEDED", "bad": "FAILED", "c": "WAITING", "d": "SUCCEEDED"}
    bad = next(job for job in end.jobs if job.job == "shop-bad")
    assert bad.message == "ValueError: no such luck"
    assert bad.run is not None and "about to fail" in log_of(aws, bad.run)


def test_a_failed_job_is_tried_again(aws: Aws, bucket: str) -> None:
    flaky = (
        "import boto3\nfrom botocore.exceptions import ClientError\n"
        f's3 = boto3.client("s3")\ntry:\n    s3.head_object(Bucket="{bucket}", Key="tried")\n'
        f'except ClientError:\n    s3.put_object(Bucket="{bucket}", Key="tried", Body=b"")\n    raise\n'
    )
    create_workflow(aws, bucket, "shop", {"flaky": flaky, "after": GOOD}, {"after": ["flaky"]}, retries=1)
    end = follow(aws)
    assert end.succeeded and end.jobs[0].attempt == 1
    runs = aws.glue.get_job_runs(JobName="shop-flaky")["JobRuns"]
    assert [run["JobRunState"] for run in runs] == ["SUCCEEDED", "FAILED"]


def test_jobs_get_the_deployed_arguments(aws: Aws, bucket: str) -> None:
    script = (
        "import sys\n"
        'assert sys.argv[sys.argv.index("--word") + 1] == "hello", sys.argv\n'
        'assert sys.argv[sys.argv.index("--JOB_NAME") + 1] == "shop-a", sys.argv\n'
    )
    create_workflow(aws, bucket, "shop", {"a": script}, {})
    assert follow(aws).succeeded


def test_jobs_see_the_modules_that_are_shipped_with_them_anew(aws: Aws, bucket: str) -> None:
    create_workflow(aws, bucket, "shop", {"a": "import words\nprint(words.WORD)\n"}, {})
    job: Any = aws.glue.get_job(JobName="shop-a")["Job"]
    arguments = {**job["DefaultArguments"], "--extra-py-files": f"s3://{bucket}/jobs/words.py"}
    update: Any = {"Role": "role", "Command": job["Command"], "DefaultArguments": arguments}
    aws.glue.update_job(JobName="shop-a", JobUpdate=update)
    for word in ("first", "second"):
        aws.s3.put_object(Bucket=bucket, Key="jobs/words.py", Body=f"WORD = {word!r}\n".encode())
        end = follow(aws)
        assert end.jobs[0].run is not None
        assert log_of(aws, end.jobs[0].run)[-1] == word


def test_a_script_that_is_not_there_fails_the_job(aws: Aws, bucket: str) -> None:
    create_workflow(aws, bucket, "shop", {"a": GOOD}, {})
    aws.s3.delete_object(Bucket=bucket, Key="jobs/a.py")
    end = follow(aws)
    assert states(end) == {"a": "FAILED"} and "there is no s3://lake-data/jobs/a.py" in end.jobs[0].message


def test_a_second_run_is_refused_while_one_goes_on(aws: Aws, bucket: str) -> None:
    slow = (
        "import boto3, botocore.exceptions\n"
        's3 = boto3.client("s3")\n'
        "while True:\n"
        f'    if s3.list_objects_v2(Bucket="{bucket}", Prefix="go").get("Contents"):\n        break\n'
    )
    create_workflow(aws, bucket, "shop", {"a": slow}, {})
    run = workflow.start(aws, "shop")
    assert workflow.running(aws, "shop") == run
    with pytest.raises(WorkflowError, match="start --follow"):
        workflow.start(aws, "shop")
    aws.s3.put_object(Bucket=bucket, Key="go", Body=b"")
    assert workflow.follow(aws, "shop", run, lambda state: None, 0.02).succeeded
    assert workflow.running(aws, "shop") is None


def test_a_stopped_run_starts_no_more_jobs(aws: Aws, bucket: str) -> None:
    waiting = (
        "import boto3\n"
        f'while not boto3.client("s3").list_objects_v2(Bucket="{bucket}", Prefix="go").get("Contents"):\n    pass\n'
    )
    create_workflow(aws, bucket, "shop", {"a": waiting, "b": GOOD}, {"b": ["a"]})
    run = workflow.start(aws, "shop")
    aws.glue.stop_workflow_run(Name="shop", RunId=run)
    aws.s3.put_object(Bucket=bucket, Key="go", Body=b"")
    end = workflow.follow(aws, "shop", run, lambda state: None, 0.02)
    assert end.status == "STOPPED" and states(end)["b"] == "WAITING"


def test_the_command_shows_rows_and_the_log_of_a_failed_job(
    aws: Aws, bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    create_workflow(aws, bucket, "shop", {"good": GOOD, "bad": BAD, "after": GOOD}, {"after": ["bad"]})
    assert main(["start", "--workflow", "shop", "--every", "0.02"]) == 1
    out = capsys.readouterr().out
    assert "✓ good" in out and "1,234 rows" in out
    assert "failed shop-bad: ValueError: no such luck" in out
    assert "  | about to fail" in out and "lake_event" not in out
    assert "failed: 1 of 3 jobs succeeded, not run: after" in out


def test_the_command_as_json(aws: Aws, bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    create_workflow(aws, bucket, "shop", {"good": GOOD}, {})
    assert main(["start", "--workflow", "shop", "--every", "0.02", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["succeeded"] is True and data["jobs"]["shop-good"]["state"] == "SUCCEEDED"


def test_no_such_workflow_and_nothing_to_follow(aws: Aws, bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AwsError, match="was the lake applied"):
        workflow.start(aws, "nothing")
    create_workflow(aws, bucket, "shop", {"good": GOOD}, {})
    assert main(["start", "--workflow", "shop", "--follow"]) == 1
    assert "no run of shop is going on" in capsys.readouterr().err


def secured(aws: Aws, bucket: str, client: Callable[[str], Any], script: str = BAD) -> None:
    """A job with a security configuration that encrypts its logs."""
    logs = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    key = client("kms").create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [logs]}))
    encryption: Any = {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": key["KeyMetadata"]["Arn"]}
    aws.glue.create_security_configuration(Name="safe", EncryptionConfiguration={"CloudWatchEncryption": encryption})
    create_workflow(aws, bucket, "shop", {"a": script}, {}, retries=1)
    job: Any = aws.glue.get_job(JobName="shop-a")["Job"]
    kept = {name: job[name] for name in ("Command", "DefaultArguments", "MaxRetries", "GlueVersion")}
    role = "arn:aws:iam::123456789012:role/path/of-a"
    aws.glue.update_job(JobName="shop-a", JobUpdate={**kept, "Role": role, "SecurityConfiguration": "safe"})


def test_logs_are_where_glue_puts_them(aws: Aws, bucket: str, client: Callable[[str], Any]) -> None:
    """By its own rule, of jobs with and without a security configuration; Spark's words are in the other group."""
    secured(aws, bucket, client)
    create_workflow(aws, bucket, "plain", {"a": BAD}, {})
    follow(aws)
    follow(aws, "plain")
    found = {group["logGroupName"]: group for group in aws.logs.describe_log_groups()["logGroups"]}
    of_shop = {f"/aws-glue/jobs/shop/safe-role/of-a/{kind}" for kind in ("output", "error")}
    assert set(found) == of_shop | {f"/aws-glue/jobs/plain/{kind}" for kind in ("output", "error")}
    assert {name for name, group in found.items() if group.get("kmsKeyId")} == of_shop
    assert not any("retentionInDays" in group for group in found.values())


def test_a_run_tells_its_overrides_alone(aws: Aws, bucket: str) -> None:
    create_workflow(aws, bucket, "shop", {"a": GOOD}, {})
    run = follow(aws).jobs[0].run
    assert run is not None and set(run["Arguments"]) == {"--WORKFLOW_NAME", "--WORKFLOW_RUN_ID"}
    alone = aws.glue.start_job_run(JobName="shop-a", Arguments={"--word": "bye"})["JobRunId"]
    assert aws.glue.get_job_run(JobName="shop-a", RunId=alone)["JobRun"]["Arguments"] == {"--word": "bye"}


@pytest.mark.parametrize("told", [True, False], ids=["by Terraform", "by the job"])
def test_the_log_of_an_attempt_is_its_own(told: bool, aws: Aws, bucket: str, client: Callable[[str], Any]) -> None:
    secured(aws, bucket, client, 'import sys\nprint(sys.argv[sys.argv.index("--JOB_RUN_ID") + 1])\nraise ValueError\n')
    groups = {kind: f"/aws-glue/jobs/shop/safe-role/of-a/{kind}" for kind in ("output", "error")}
    follow(aws)
    last, first = aws.glue.get_job_runs(JobName="shop-a")["JobRuns"]
    assert last["Id"] == f"{first['Id']}_attempt_1" and last["PreviousRunId"] == first["Id"]
    for run in (first, last):
        lines = log_of(aws, run, {"a": groups} if told else None)
        assert lines[0] == run["Id"] and "ValueError" in lines and not any("TaskSetManager" in one for one in lines)


def test_a_job_that_printed_nothing_shows_what_spark_said(aws: Aws, bucket: str) -> None:
    create_workflow(aws, bucket, "shop", {"a": ""}, {})
    run = follow(aws).jobs[0].run
    assert "TaskSetManager" in log_of(aws, run)[0]


def test_a_log_that_is_not_there_is_empty(aws: Aws, bucket: str) -> None:
    create_workflow(aws, bucket, "shop", {"a": GOOD}, {})
    run = follow(aws).jobs[0].run
    assert log_of(aws, run, {"a": {"output": "/nowhere/output", "error": "/nowhere/error"}}) == []


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 27; LakeError: t: x; y", "LakeError: t: x; y"),
        ("Error Category: QUERY_ERROR; AnalysisException: no column", "AnalysisException: no column"),
        ("Task allocated capacity exceeded limit", "Task allocated capacity exceeded limit"),
    ],
)
def test_messages_without_what_glue_puts_before_them(message: str, plain: str) -> None:
    assert plain_message(message) == plain


def test_a_trigger_can_not_start_a_job_that_runs(aws: Aws, bucket: str) -> None:
    waiting = (
        "import boto3\n"
        f'while not boto3.client("s3").list_objects_v2(Bucket="{bucket}", Prefix="go").get("Contents"):\n    pass\n'
    )
    create_workflow(aws, bucket, "shop", {"a": waiting}, {})
    aws.glue.start_job_run(JobName="shop-a")
    end = follow(aws)
    assert states(end) == {"a": "FAILED"} and "ConcurrentRunsExceededException" in end.jobs[0].message
    aws.s3.put_object(Bucket=bucket, Key="go", Body=b"")


def test_events_among_printed_lines() -> None:
    lines = ["hello", '{"lake_event": "check", "violations": 0}', '{"lake_event": broken']
    assert events_in(lines) == [{"lake_event": "check", "violations": 0}]
    assert plain_lines(lines) == ["hello"]


@pytest.mark.parametrize(
    ("status", "jobs", "ended", "succeeded"),
    [
        ("RUNNING", ["SUCCEEDED"], False, False),
        ("COMPLETED", ["SUCCEEDED", "SUCCEEDED"], True, True),
        ("COMPLETED", ["SUCCEEDED", "TIMEOUT"], True, False),
        ("COMPLETED", ["SUCCEEDED", "WAITING"], True, False),
        ("ERROR", ["WAITING"], True, False),
    ],
)
def test_a_run_has_succeeded_when_all_jobs_have(status: str, jobs: list[str], ended: bool, succeeded: bool) -> None:
    run = RunState("wr", status, tuple(JobState(str(number), state) for number, state in enumerate(jobs)))
    assert (run.ended, run.succeeded) == (ended, succeeded)
