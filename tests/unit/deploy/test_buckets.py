"""Whose a bucket is, by what S3 answers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from generator.deploy.aws import Aws, AwsError
from generator.deploy.buckets import Owner, owner
from generator.deploy.preflight import require_free_names
from generator.deploy.terraform import Terraform
from generator.deploy.terraform_events import Change, Plan
from generator.diagnostics import GeneratorError
from tests.conftest import missing

if find_spec("boto3") is None:
    missing("boto3 isn't installed: pip install 'lakegen[aws]'")


@pytest.mark.parametrize(
    ("status", "whose"), [(301, Owner.ELSEWHERE), (400, Owner.ELSEWHERE), (403, Owner.FOREIGN), (404, None)]
)
def test_what_s3_answers(status: int, whose: Owner | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert owner(answering(status, monkeypatch), "b") is whose


def test_a_bucket_that_answers_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert owner(answering(200, monkeypatch), "b") is Owner.OURS


def test_what_s3_should_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AwsError, match="HeadBucket"):
        owner(answering(418, monkeypatch), "b")


def test_where_boto3_can_not_ask_terraform_finds_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terraform = SimpleNamespace(folder=tmp_path)
    plan = Plan((Change("module.lake.aws_s3_bucket.this", "aws_s3_bucket", "create", new_bucket="b"),))
    aws = answering(200, monkeypatch)
    monkeypatch.setattr("generator.deploy.preflight.Aws", lambda: aws)
    with pytest.raises(GeneratorError, match="exist already"):
        require_free_names(cast(Terraform, terraform), plan)
    aws = answering(418, monkeypatch)
    require_free_names(cast(Terraform, terraform), plan)


def answering(status: int, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """AWS that answers HeadBucket so."""
    from botocore.stub import Stubber

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    aws = Aws("us-east-1")
    stubber = Stubber(aws.s3)
    if status == 200:
        stubber.add_response("head_bucket", {})
    else:
        stubber.add_client_error("head_bucket", service_error_code=str(status), http_status_code=status)
    stubber.activate()
    return aws
