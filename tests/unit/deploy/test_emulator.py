"""The embedded AWS as a process: how it is reached, and how it ends."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import main
from generator.deploy.aws import Aws
from generator.deploy.emulator import Emulator, EmulatorError
from generator.runtime.run_time import run_time

HOLDER = """
import sys
from generator.deploy.emulator import Emulator
aws = Emulator()
aws.start()
print(aws.endpoint, aws.folder, flush=True)
sys.stdin.readline()
"""


def trusting(emulator: Emulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=emulator.environment()["AWS_CA_BUNDLE"])


def test_it_speaks_https_with_a_certificate_of_its_own(emulator: Emulator) -> None:
    request = urllib.request.Request(f"{emulator.endpoint}/moto-api/", method="GET")
    assert urllib.request.urlopen(request, context=trusting(emulator)).status == 200
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(request, context=ssl.create_default_context())


def test_connections_stay_open_whatever_came_over_them(emulator: Emulator) -> None:
    connection = HTTPSConnection(emulator.endpoint.removeprefix("https://"), context=trusting(emulator), timeout=30)
    connection.connect()
    first = connection.sock
    for method, path, body, status in (
        ("GET", "/moto-api/", b"", 200),
        ("PUT", "/a-bucket", b"", 200),
        ("PUT", "/no-bucket/key", b"1" * 100_000, 404),
        ("HEAD", "/a-bucket/no-key", b"", 404),
        ("DELETE", "/a-bucket", b"", 204),
    ):
        connection.request(method, path, body)
        with connection.getresponse() as response:
            response.read()
        assert (method, response.status, response.will_close) == (method, status, False)
        assert connection.sock is first
    connection.close()


def test_somebody_who_says_nothing_holds_nobody_up(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", int(emulator.endpoint.rsplit(":", 1)[1]))):
        request = urllib.request.Request(f"{emulator.endpoint}/moto-api/", method="GET")
        assert urllib.request.urlopen(request, context=trusting(emulator), timeout=5).status == 200


@pytest.mark.parametrize("key", ["a b+c", "ü/%2F%", "//x/../y", "?q=1#f", "e=1/'&;$@!*()~"])
def test_keys_and_metadata_arrive_as_they_are(key: str, aws: Aws, bucket: str) -> None:
    aws.s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"under_score": "1", "a-dash": "2"})
    assert [one["Key"] for one in aws.s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    found = aws.s3.get_object(Bucket=bucket, Key=key)
    assert found["Body"].read() == key.encode() and found["Metadata"] == {"under_score": "1", "a-dash": "2"}
    aws.s3.delete_object(Bucket=bucket, Key=key)


def test_the_environment_is_all_that_clients_need(emulator: Emulator) -> None:
    variables = emulator.environment()
    assert variables["AWS_ENDPOINT_URL"].startswith("https://127.0.0.1:")
    assert variables["AWS_EC2_METADATA_DISABLED"] == "true"
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True)
    assert done.stdout.strip() == "123456789012", done.stderr


def test_jobs_are_told_when_their_workflow_was_started(aws: Aws) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    aws.glue.create_workflow(Name="timed")
    run = aws.glue.start_workflow_run(Name="timed")["RunId"]
    started = run_time(None, "timed", run, lambda: aws.glue)
    assert before <= started <= datetime.now(UTC)
    assert started == run_time(None, "timed", run, lambda: aws.glue)


def test_two_live_side_by_side(emulator: Emulator, aws: Aws, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(region="eu-central-1") as other:
        assert other.endpoint != emulator.endpoint
        for name, value in other.environment().items():
            monkeypatch.setenv(name, value)
        there = Aws()
        assert there.region == "eu-central-1"
        assert there.s3.list_buckets()["Buckets"] == []


def test_stopping_ends_the_process_and_removes_its_files() -> None:
    with Emulator() as running:
        folder, port = running.folder, int(running.endpoint.rsplit(":", 1)[1])
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_it_ends_with_a_parent_that_is_killed() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert holder.stdout is not None
    endpoint, folder = holder.stdout.readline().split()
    connection = socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])))
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    connection.settimeout(20)
    try:
        assert connection.recv(1) == b""  # the end of the server closes its connections
    except ConnectionResetError:
        pass
    finally:
        connection.close()
    assert not Path(folder).exists()


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    find: Any = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "moto" else find(name))
    with pytest.raises(EmulatorError, match=r"needs moto: install it with `pip install 'lakegen\[emulate\]'`"):
        Emulator().start()


def test_a_process_that_ends_at_once_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "moto").mkdir()
    (tmp_path / "moto/__init__.py").write_text("raise ImportError('broken moto')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EmulatorError, match=r"ended at once:\n(.|\n)*broken moto"):
        Emulator().start()


def test_commands_without_terraform_or_names_say_so(
    aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 1
    assert "name the root module's folder with --terraform DIR" in capsys.readouterr().err
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform/main.tf").write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 1
    assert "Terraform isn't on the PATH" in capsys.readouterr().err
