"""The embedded AWS for tests of the commands: one process for all, emptied before each test."""

from __future__ import annotations

import importlib.util
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from generator.deploy.aws import Aws
from generator.deploy.emulator import Emulator

BUCKET = "lake-data"
DATABASE = "lake_db"


@pytest.fixture(scope="session")
def emulator(need: Callable[[object, str], None]) -> Iterator[Emulator]:
    needed = ("moto", "flask", "cryptography", "pyspark", "pyiceberg", "pyarrow")
    need(all(importlib.util.find_spec(name) for name in needed), "the extra `emulate` isn't installed")
    with Emulator() as running:
        yield running


@pytest.fixture
def aws(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """AWS with nothing in it; this process's environment points to it."""
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    context = ssl.create_default_context(cafile=emulator.environment()["AWS_CA_BUNDLE"])
    request = urllib.request.Request(f"{emulator.endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(request, context=context).close()
    return Aws()


@pytest.fixture
def bucket(aws: Aws) -> str:
    aws.s3.create_bucket(Bucket=BUCKET)
    return BUCKET


@pytest.fixture
def database(aws: Aws) -> str:
    aws.glue.create_database(DatabaseInput={"Name": DATABASE})
    return DATABASE


@pytest.fixture
def client(aws: Aws) -> Callable[[str], Any]:
    """Clients of other services."""
    import boto3

    return lambda service: boto3.client(service)
