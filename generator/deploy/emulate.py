"""A whole deployment on this machine: the embedded AWS, and a copy of the Terraform root module applied to it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator.deploy.aws import clearly
from generator.deploy.emulator import Emulator, SparkPlace
from generator.deploy.providers import offline_environment
from generator.deploy.terraform import Terraform, require_module
from generator.scratch import scratch_folder

ENVIRONMENT = "local"
_USERS = "events.amazonaws.com logs.{region}.amazonaws.com"
_LEFT_OUT = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfvars", "*.tfvars.json", "*.tfplan")
_LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True, slots=True)
class Emulation:
    """A deployment to the embedded AWS, and where it lies.

    Attributes:
        variables: of the root module, so that applying doesn't take minutes.
    """

    aws: Emulator
    terraform: Terraform
    folder: Path
    variables: Mapping[str, str]


@contextmanager
def emulation(
    root: Path, build: Mapping[str, str | bytes], spark: SparkPlace, *, full: bool = False
) -> Iterator[Emulation]:
    """Starts the embedded AWS, and lays a copy of the root module beside the rendered files.

    As long as it lasts, the variables of this process point to the embedded AWS.

    Args:
        root: the root module.
        build: content of each file below build/.
        spark: what jobs run with.
        full: whether everything is applied, also what takes the provider a minute: lifecycle rules, a queue, a key.
    """
    with scratch_folder("emulate-") as folder:
        lay_out(root, build, folder)
        with Emulator(spark) as aws, _set(offline_environment({**os.environ, **aws.environment()}, folder)):
            variables = {"environment": ENVIRONMENT, "region": aws.region}
            if not full:
                variables |= {
                    "enable_lifecycle": "false",
                    "enable_alarm_queue": "false",
                    "kms_key_arn": _key(aws.region),
                }
            yield Emulation(aws, Terraform(folder / "terraform"), folder, _known(root, variables))


def lay_out(root: Path, build: Mapping[str, str | bytes], folder: Path) -> None:
    """Puts copies of a root module and of what it needs into a folder, with a state of their own.

    Raises:
        TerraformError: there is no root module.
    """
    require_module(root)
    shutil.copytree(root, folder / "terraform", ignore=_LEFT_OUT)
    (folder / "terraform" / "emulate_override.tf").write_text(_LOCAL_STATE, encoding="utf-8")
    for name, content in build.items():
        target = folder / "build" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def _known(root: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables that the root module has."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(root.glob("*.tf")))
    declared = set(re.findall(r'^variable\s+"(\w+)"', text, re.MULTILINE))
    return {name: value for name, value in variables.items() if name in declared}


@clearly
def _key(region: str) -> str:
    """The ARN of a new key that lets in the services that need it: Terraform would take a while to make one."""
    import boto3

    policy = {
        "Version": "2012-10-17",
        "Statement": [_use_of_key(name) for name in _USERS.format(region=region).split()],
    }
    made = boto3.client("kms", region_name=region).create_key(Description="lakegen", Policy=json.dumps(policy))
    arn: str = made["KeyMetadata"]["Arn"]
    return arn


def _use_of_key(service: str) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:*", "Resource": "*"}


@contextmanager
def _set(environment: Mapping[str, str]) -> Iterator[None]:
    """The environment of this process, for a while."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
