"""Uploads: what is sent, what isn't, and what is left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from generator.cli.main import main
from generator.deploy.aws import Aws, AwsError
from generator.deploy.upload import Action, UploadError, belongs, delete_extra, digest_of, plan_upload, upload

PATHS = ["customer/landing/", "orders/"]
SPEC = """\
version: 1
lake: shop
zones: {landing: {}}
sources:
  customers: {path: customer/landing/, columns: {id: bigint}}
  orders: {path: orders/, columns: {id: bigint}}
tables:
  ids: {zone: landing, source: orders}
"""


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    for name, text in {
        "customer/landing/a.json": '{"id":1}\n',
        "customer/landing/deep/b.json": '{"id":2}\n',
        "orders/o.json": '{"id":3}\n',
        "notes.txt": "for nobody",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def keys(aws: Aws, bucket: str) -> set[str]:
    return {found["Key"] for found in aws.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_uploads_what_sources_read_with_checksums(aws: Aws, bucket: str, landing: Path) -> None:
    plan = plan_upload(aws, bucket, landing, PATHS)
    upload(aws, plan)
    assert keys(aws, bucket) == {
        "landing/customer/landing/a.json", "landing/customer/landing/deep/b.json", "landing/orders/o.json",
    }  # fmt: skip
    assert plan.unread == ("notes.txt",) and plan.extra == () and plan.empty == ()
    head = aws.s3.head_object(Bucket=bucket, Key="landing/orders/o.json", ChecksumMode="ENABLED")
    assert head["Metadata"]["sha256"] == digest_of(landing / "orders/o.json")
    assert head["ChecksumSHA256"]


def test_sends_again_only_what_changed(aws: Aws, bucket: str, landing: Path) -> None:
    upload(aws, plan_upload(aws, bucket, landing, PATHS))
    (landing / "orders/o.json").write_text('{"id":4}\n')  # of the same size
    (landing / "orders/p.json").write_text('{"id":5}\n')
    os.utime(landing / "customer/landing/a.json")
    plan = plan_upload(aws, bucket, landing, PATHS)
    actions = {transfer.file.name: transfer.action for transfer in plan.transfers}
    assert actions == {
        "customer/landing/a.json": Action.UNCHANGED,
        "customer/landing/deep/b.json": Action.UNCHANGED,
        "orders/o.json": Action.CHANGED,
        "orders/p.json": Action.NEW,
    }
    sent: list[str] = []
    upload(aws, plan, lambda transfer: sent.append(transfer.file.name))
    assert sorted(sent) == ["orders/o.json", "orders/p.json"]
    assert aws.s3.get_object(Bucket=bucket, Key="landing/orders/o.json")["Body"].read() == b'{"id":4}\n'


def test_an_upload_that_was_broken_off_goes_on(aws: Aws, bucket: str, landing: Path) -> None:
    def broken(transfer: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload(aws, plan_upload(aws, bucket, landing, PATHS), broken, workers=1)
    there = len(keys(aws, bucket))
    assert there >= 1
    plan = plan_upload(aws, bucket, landing, PATHS)
    assert len(plan.of(Action.UNCHANGED)) == there
    upload(aws, plan)
    assert len(keys(aws, bucket)) == 3


def test_objects_without_a_file_stay_unless_deleted(aws: Aws, bucket: str, landing: Path) -> None:
    for key in ("landing/orders/old.json", "landing/elsewhere/x.json", "tables/ids/run/part-0.parquet"):
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    plan = plan_upload(aws, bucket, landing, PATHS)
    upload(aws, plan)
    assert plan.extra == ("landing/orders/old.json",)
    assert "landing/orders/old.json" in keys(aws, bucket)
    delete_extra(aws, plan)
    left = keys(aws, bucket)
    assert "landing/orders/old.json" not in left
    assert {"landing/elsewhere/x.json", "tables/ids/run/part-0.parquet"} <= left


def test_a_file_that_another_tool_uploaded_is_sent_once(aws: Aws, bucket: str, landing: Path) -> None:
    content = (landing / "orders/o.json").read_bytes()
    aws.s3.put_object(Bucket=bucket, Key="landing/orders/o.json", Body=content)
    upload(aws, plan_upload(aws, bucket, landing, PATHS))
    assert not plan_upload(aws, bucket, landing, PATHS).pending


def test_a_file_that_changes_meanwhile_is_told(aws: Aws, bucket: str, landing: Path) -> None:
    plan = plan_upload(aws, bucket, landing, PATHS)
    (landing / "orders/o.json").write_text('{"id":33}\n')
    with pytest.raises(UploadError, match=r"o\.json changed while it was uploaded"):
        upload(aws, plan)


def test_missing_folder_bucket_and_files_are_told(aws: Aws, bucket: str, landing: Path) -> None:
    with pytest.raises(UploadError, match="there is no folder"):
        plan_upload(aws, bucket, landing / "nowhere", PATHS)
    with pytest.raises(AwsError, match="was the lake applied"):
        plan_upload(aws, "no-such-bucket", landing, PATHS)
    assert plan_upload(aws, bucket, landing, [*PATHS, "prices/"]).empty == ("prices/",)


@pytest.mark.parametrize(
    ("name", "path", "belonging"),
    [
        ("orders/o.json", "orders/", True),
        ("orders/o.json", "orders", True),
        ("orders.json", "orders.json", True),
        ("orders2/o.json", "orders/", False),
        ("orders2/o.json", "orders", False),
        ("x/orders/o.json", "orders/", False),
    ],
)
def test_a_path_is_a_folder_or_a_file(name: str, path: str, belonging: bool) -> None:
    assert belongs(name, [path]) == belonging


def test_the_command(aws: Aws, bucket: str, landing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    command = ["upload", str(landing), "--spec", str(tmp_path / "pipeline.yaml"), "--bucket", bucket]
    assert main([*command, "--dry-run", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["new"] == 3 and planned["bytes"] == 27 and keys(aws, bucket) == set()
    assert main(command) == 0
    assert "3 files uploaded to s3://lake-data/landing (3 new, 0 changed, 27 B), 0 unchanged" in capsys.readouterr().out
    aws.s3.put_object(Bucket=bucket, Key="landing/orders/old.json", Body=b"x")
    assert main([*command, "--delete", "--yes"]) == 0
    assert "1 object deleted: landing/orders/old.json" in capsys.readouterr().out
    assert len(keys(aws, bucket)) == 3


def test_deleting_asks(
    aws: Aws, bucket: str, landing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    aws.s3.put_object(Bucket=bucket, Key="landing/orders/old.json", Body=b"x")
    command = ["upload", str(landing), "--spec", str(tmp_path / "pipeline.yaml"), "--bucket", bucket, "--delete"]
    assert main(command) == 1
    assert "agree with --yes" in capsys.readouterr().err
    assert "landing/orders/old.json" in keys(aws, bucket)
