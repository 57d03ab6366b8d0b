"""What can go wrong between here and AWS, told with a way out."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from generator.deploy.aws import Aws, AwsError, clear_errors, clearly, explain_refusal

NOTHING = {
    "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
}  # fmt: skip


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without anything of AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in NOTHING.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def ask_for_buckets(region: str | None = None) -> None:
    clearly(lambda: Aws(region).s3.list_buckets())()


def test_no_credentials(bare: pytest.MonkeyPatch) -> None:
    with pytest.raises(AwsError, match="there are no AWS credentials: sign in"):
        ask_for_buckets("eu-central-1")


def test_half_of_the_credentials(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AWS_ACCESS_KEY_ID", "x")
    with pytest.raises(AwsError, match="there are no AWS credentials"):
        ask_for_buckets("eu-central-1")


def test_no_region(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AWS_ACCESS_KEY_ID", "x")
    bare.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(AwsError, match="no AWS region is set: give --region"):
        clearly(lambda: Aws().glue.get_databases())()


def test_an_unknown_profile(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AwsError, match=r"\(nobody\) could not be found: set AWS_PROFILE"):
        Aws()


def test_a_place_that_can_not_be_reached(bare: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        bare.setenv(name, "x")
    bare.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    bare.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(AwsError, match="is the region right"):
        ask_for_buckets("eu-central-1")


def test_a_certificate_that_is_not_trusted(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(AwsError, match="AWS_CA_BUNDLE"):
        ask_for_buckets()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredTokenException", "have expired: sign in again"),
        ("UnrecognizedClientException", "doesn't accept the credentials"),
        ("AccessDenied", "the credentials don't allow this"),
        ("PermanentRedirect", "in another region: give --region"),
        ("EntityNotFoundException", "was the lake applied"),
        ("ThrottlingException", "AWS says no to GetTable: ThrottlingException: Rate exceeded"),
    ],
)
def test_what_aws_refuses(code: str, message: str) -> None:
    response: Any = {"Error": {"Code": code, "Message": "Rate exceeded"}}
    assert message in explain_refusal(response, "GetTable")
    with pytest.raises(AwsError, match="GetTable") as told, clear_errors():
        raise ClientError(response, "GetTable")
    assert message in str(told.value)


def test_an_expired_sign_in() -> None:
    with pytest.raises(AwsError, match="aws sso login"), clear_errors():
        raise exceptions.UnauthorizedSSOTokenError
