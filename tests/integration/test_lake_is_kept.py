"""Nothing of a lake with data is lost by mistake: plain Terraform, whatever it is asked, against the embedded AWS.

One lake for all tests of this file, with a key and lifecycle rules of its own. The last test takes it away.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from generator.cli.main import main
from generator.deploy.emulator import Emulator
from generator.render.build import render_build
from tests.unit.render.terraform.module_folder import SPECS, Terraform, changes, compiled, write_module

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

SPEC = SPECS["stedi"]
OBJECT = {"Bucket": "stedi-dev-data-123456789012", "Key": "landing/customer/landing/c.json"}
DATA = b'{"email": "somebody@example.com"}\n'
ANOTHER_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Lake:
    """An applied lake with an object in it."""

    aws: Emulator
    terraform: Terraform

    def client(self, service: str) -> Any:
        variables = self.aws.environment()
        place = {"endpoint_url": variables["AWS_ENDPOINT_URL"], "verify": variables["AWS_CA_BUNDLE"]}
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        return boto3.client(service, region_name=self.aws.region, **place, **keys)

    def resources(self) -> set[str]:
        return set(self.terraform("state", "list").stdout.splitlines())

    def refused(self, *arguments: str) -> str:
        """What Terraform says of what it must not do, in one line."""
        done = self.terraform(*arguments, "-input=false", "-auto-approve", "-no-color", codes=(0, 1))
        said = " ".join((done.stdout + done.stderr).replace("│", " ").split())
        assert done.returncode == 1, said
        return said


@pytest.fixture(scope="module")
def lake(need: Callable[[object, str], None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    need(shutil.which("terraform"), "terraform isn't installed")
    folder = tmp_path_factory.mktemp("kept")
    with Emulator() as aws:
        terraform = Terraform(write_module(compiled(SPEC), folder), aws.environment())
        terraform("init", "-input=false")
        terraform("apply", "-input=false", "-auto-approve")
        lake = Lake(aws, terraform)
        lake.client("s3").put_object(**OBJECT, Body=DATA)
        yield lake


def settings(lake: Lake) -> Mapping[str, Any]:
    """What protects the data: all of it as AWS has it, read anew."""
    s3, kms = lake.client("s3"), lake.client("kms")
    asked = {
        "policy": s3.get_bucket_policy, "encryption": s3.get_bucket_encryption, "versioning": s3.get_bucket_versioning,
        "access": s3.get_public_access_block, "ownership": s3.get_bucket_ownership_controls,
        "lifecycle": s3.get_bucket_lifecycle_configuration, "logging": s3.get_bucket_logging,
    }  # fmt: skip
    buckets = [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].startswith("stedi-dev")]
    found: dict[str, Any] = {}
    for bucket in buckets:
        for what, ask in asked.items():
            try:
                answer = ask(Bucket=bucket)
            except s3.exceptions.ClientError as error:
                found[f"{bucket} {what}"] = error.response["Error"]["Code"]
            else:
                found[f"{bucket} {what}"] = {k: v for k, v in answer.items() if k != "ResponseMetadata"}
    keys = [kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in kms.list_keys()["Keys"]]
    found["keys"] = [(key["KeyId"], key["KeyState"]) for key in keys]
    found["data"] = s3.get_object(**OBJECT)["Body"].read()
    return found


@pytest.fixture(scope="module")
def applied(lake: Lake) -> tuple[Mapping[str, Any], set[str]]:
    """What protects the data, and all resources, before anything was asked for."""
    found, resources = settings(lake), lake.resources()
    assert found["data"] == DATA and found["keys"][0][1] == "Enabled"
    return found, resources


@pytest.fixture
def untouched(lake: Lake, applied: tuple[Mapping[str, Any], set[str]]) -> Iterator[None]:
    """Fails when anything of the lake has gone or changed at the end of a test."""
    yield
    assert (settings(lake), lake.resources()) == applied


ANYTHING = (
    ("destroy",),
    ("destroy", "-refresh=false", "-parallelism=50"),
    ("destroy", "-var=allow_data_loss=true"),  # what isn't applied isn't asked for
    ("destroy", "-target=module.lake.aws_kms_key.lake"),
    ("destroy", '-target=module.lake.aws_s3_bucket.this["data"]'),
    ("destroy", "-target=module.lake.aws_glue_catalog_database.this"),
    ("destroy", "-target=module.lake.aws_s3_bucket_versioning.this"),
    ("apply", "-replace=module.lake.aws_kms_key.lake[0]"),
    ("apply", '-replace=module.lake.aws_s3_bucket.this["data"]'),
)


@pytest.mark.parametrize("arguments", ANYTHING, ids=" ".join)
@pytest.mark.usefixtures("untouched")
def test_nothing_is_destroyed(arguments: tuple[str, ...], lake: Lake) -> None:
    said = lake.refused(*arguments)
    assert "Nothing was destroyed" in said and "apply allow_data_loss = true" in said


@pytest.mark.parametrize("change", ["environment=prod", "bucket_suffix=another", f"kms_key_arn={ANOTHER_KEY}"])
@pytest.mark.usefixtures("untouched")
def test_a_lake_keeps_its_buckets_and_its_key(change: str, lake: Lake) -> None:
    said = lake.refused("apply", f"-var={change}")
    assert "A lake keeps its buckets and its key" in said and change.split("=")[0] in said


def test_a_module_that_is_no_longer_called_leaves_buckets_and_key(lake: Lake) -> None:
    before, root = settings(lake), lake.terraform.folder
    files = {name: (root / name).read_text(encoding="utf-8") for name in ("main.tf", "outputs.tf")}
    for name in files:
        (root / name).write_text("", encoding="utf-8")
    said = lake.refused("apply")
    assert "AccessDenied" in said
    assert settings(lake) == before
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    lake.terraform("apply", "-input=false", "-auto-approve")
    assert settings(lake) == before


@pytest.mark.usefixtures("untouched")
def test_the_command_refuses_before_it_asks(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = lake.terraform.folder.parent
    for name, content in render_build(compiled(SPEC)).items():
        (folder / "build" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "build" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    shutil.copy(SPEC, folder)
    for name, value in lake.terraform.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    assert main(["deploy", "destroy"]) == 1
    said = capsys.readouterr().err
    assert "nothing was destroyed" in said and OBJECT["Bucket"] in said and "--var allow_data_loss=true" in said


def test_what_is_allowed_goes(lake: Lake) -> None:
    lake.terraform.variables(allow_data_loss=True)
    touched = changes(lake.terraform.plan())
    gone = {address.split(".")[2] for address, actions in touched.items() if "delete" in actions}
    assert gone <= {"terraform_data", "aws_s3_object"}
    lake.terraform("apply", "-input=false", "plan.tfplan")
    lake.terraform("destroy", "-input=false", "-auto-approve")
    assert lake.resources() == set() and lake.client("s3").list_buckets()["Buckets"] == []
    kms = lake.client("kms")
    states = {kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]["KeyState"] for one in kms.list_keys()["Keys"]}
    assert states == {"PendingDeletion"}
