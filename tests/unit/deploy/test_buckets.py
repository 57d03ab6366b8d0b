"""Whose a bucket is, by what S3 answers."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from generator.deploy.aws import Aws, AwsError
from generator.deploy.buckets import Owner, owner
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
