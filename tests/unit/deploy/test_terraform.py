"""Terraform: what it says, what it is given, where its provider comes from."""

from __future__ import annotations

import json
import platform
import shutil
import stat
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import main
from generator.deploy.deployment import Deployment, UnknownDeployment
from generator.deploy.providers import find_mirror, offline_environment
from generator.deploy.terraform import CONFIG, PROGRAM, Terraform, TerraformError, usable_environment
from generator.deploy.terraform_events import Change, Plan, Problem, Progress, parse_event

MODULE = """\
variable "words" {
  type    = string
  default = "one"
  validation {
    condition     = var.words != "wrong"
    error_message = "Not this one."
  }
}
variable "region" {
  type    = string
  default = null
}
resource "terraform_data" "kept" { input = var.words }
resource "terraform_data" "made_anew" { triggers_replace = var.words }
output "database" { value = "shop_dev" }
output "region" { value = "eu-central-1" }
"""


def change(action: str, kind: str = "aws_s3_bucket") -> dict[str, Any]:
    resource = {"addr": f"module.lake.{kind}.this", "resource_type": kind}
    return {"type": "planned_change", "change": {"action": action, "resource": resource}}


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (change("update"), Change("module.lake.aws_s3_bucket.this", "aws_s3_bucket", "update")),
        (change("noop"), None),
        (
            {"type": "apply_complete", "hook": {"resource": {"addr": "a"}, "action": "create", "elapsed_seconds": 3}},
            Progress("a", "create", "complete", 3.0),
        ),
        ({"type": "refresh_start", "hook": {"resource": {"addr": "a"}}}, Progress("a", "refresh", "start")),
        (
            {
                "type": "diagnostic",
                "diagnostic": {
                    "severity": "error", "summary": "No", "detail": "Not\nhere", "address": "a.b",
                    "range": {"filename": "main.tf", "start": {"line": 3}},
                },
            },
            Problem("error", "No", "Not here", "a.b", "main.tf:3"),
        ),
        ({"type": "version", "terraform": "1.11.4"}, None),
    ],
)  # fmt: skip
def test_events(data: dict[str, Any], event: object) -> None:
    assert parse_event(json.dumps(data)) == event


def test_what_is_no_event_is_passed_over() -> None:
    assert parse_event("Initializing...") is None


def test_a_problem_says_where() -> None:
    assert str(Problem("error", "No", "Not here", "a.b", "main.tf:3")) == "No (a.b, main.tf:3): Not here"


@pytest.mark.parametrize(
    ("action", "kind", "loses"),
    [
        ("delete", "aws_s3_bucket", True),
        ("replace", "aws_glue_catalog_table", True),
        ("update", "aws_glue_catalog_table", False),
        ("delete", "aws_glue_job", False),
    ],
)
def test_losses_are_known(action: str, kind: str, loses: bool) -> None:
    assert bool(Plan((Change("x", kind, action),)).losses) == loses


def test_a_bucket_that_goes_only_if_empty_is_named() -> None:
    bucket = Change("x", "aws_s3_bucket", "delete")
    assert bucket.with_details({"before": {"bucket": "b", "force_destroy": False}}).bucket == "b"
    assert bucket.with_details({"before": {"bucket": "b", "force_destroy": True}}).bucket is None


def test_a_configuration_that_is_not_there_is_forgotten(tmp_path: Path) -> None:
    there = tmp_path / "rc"
    there.write_text("")
    assert CONFIG not in usable_environment({CONFIG: str(tmp_path / "gone"), "TF_LOG": "TRACE"})
    assert usable_environment({CONFIG: str(there)})[CONFIG] == str(there)
    assert "TF_LOG" not in usable_environment({"TF_LOG": "TRACE"})


def mirror(root: Path, version: str, machine: str | None = None) -> Path:
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    here = f"{platform.system().lower()}_{names.get(platform.machine(), platform.machine())}"
    (root / "registry.terraform.io/hashicorp/aws" / version / (machine or here)).mkdir(parents=True)
    return root


def test_the_first_mirror_that_fits_is_found(tmp_path: Path) -> None:
    mirror(tmp_path / "a", "5.99.0")
    mirror(tmp_path / "b", "5.100.0", "plan9_mips")
    mirror(tmp_path / "c/deep/er", "7.0.0")
    assert find_mirror([tmp_path]) is None
    wanted = mirror(tmp_path / "d/plugins", "5.100.0")
    assert find_mirror([tmp_path / "nowhere", tmp_path]) == wanted
    assert find_mirror([mirror(tmp_path / "e", "6.22.0")]) == tmp_path / "e"


def test_packed_providers_are_found(tmp_path: Path) -> None:
    here = mirror(tmp_path / "x", "5.100.0") / "registry.terraform.io/hashicorp/aws/5.100.0"
    machine = next(here.iterdir()).name
    folder = tmp_path / "packed/registry.terraform.io/hashicorp/aws"
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_5.101.0_{machine}.zip").write_bytes(b"")
    assert find_mirror([tmp_path / "packed"]) == tmp_path / "packed"


def test_a_configuration_of_the_user_stays(tmp_path: Path) -> None:
    own = tmp_path / "own.rc"
    own.write_text("")
    assert offline_environment({CONFIG: str(own)}, tmp_path) == {CONFIG: str(own)}


def test_a_mirror_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = mirror(tmp_path / "plugins", "5.100.0")
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", str(found))
    environment = offline_environment({CONFIG: str(tmp_path / "gone")}, tmp_path)
    text = Path(environment[CONFIG]).read_text()
    assert str(found) in text and "filesystem_mirror" in text and "direct" in text


def test_outputs_name_a_deployment() -> None:
    outputs = {"bucket": "b", "database": "d", "athena_workgroup": "w", "jobs": {}}
    deployment = Deployment.of_outputs(outputs)
    assert (deployment.bucket, deployment.workgroup, deployment.workflow) == ("b", "w", None)
    assert deployment.overridden({"bucket": "c", "region": None}).bucket == "c"
    with pytest.raises(UnknownDeployment, match=r"no `workflow`: apply the lake .* or give --workflow"):
        deployment.need("bucket", "workflow")


def test_a_folder_without_a_module_is_told(tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="holds no Terraform module"):
        Terraform(tmp_path)


@pytest.fixture
def root(tmp_path: Path, need: Callable[[object, str], None]) -> Path:
    """A module that needs no provider."""
    need(shutil.which("terraform") and find_spec("python_terraform"), "terraform or python-terraform isn't installed")
    (tmp_path / "main.tf").write_text(MODULE)
    return tmp_path


@pytest.mark.terraform
def test_a_plan_is_applied_as_it_was_shown(root: Path, tmp_path: Path) -> None:
    terraform, file = Terraform(root), tmp_path / "plan"
    terraform.init()
    assert terraform.outputs() == {}
    plan = terraform.plan(file, {})
    assert (plan.count("create"), len(plan.changes)) == (2, 2)
    events: list[object] = []
    terraform.apply(file, events.append)
    assert {event.address for event in events if isinstance(event, Progress) and event.phase == "complete"} == {
        "terraform_data.kept", "terraform_data.made_anew",
    }  # fmt: skip
    assert terraform.outputs() == {"database": "shop_dev", "region": "eu-central-1"}
    assert terraform.plan(file, {}).changes == ()
    changed = {one.address: one for one in terraform.plan(file, {"words": "two"}).changes}
    assert changed["terraform_data.kept"].action == "update"
    assert changed["terraform_data.kept"].attributes == ("input", "output")
    assert changed["terraform_data.made_anew"].action == "replace"
    assert changed["terraform_data.made_anew"].attributes == ("triggers_replace",)
    assert terraform.plan(file, {}, destroy=True).count("delete") == 2


@pytest.mark.terraform
def test_what_terraform_refuses_is_told_with_its_place(root: Path, tmp_path: Path) -> None:
    terraform = Terraform(root)
    terraform.init()
    with pytest.raises(TerraformError, match=r"terraform plan failed:\nInvalid value for variable .*Not this one"):
        terraform.plan(tmp_path / "plan", {"words": "wrong"})
    (root / "main.tf").write_text(MODULE + "\nresource {")
    with pytest.raises(TerraformError, match="terraform init failed"):
        terraform.init()


SPEC = """\
version: 1
lake: shop
zones: {landing: {}}
sources: {raw: {path: raw/, columns: {id: bigint}}}
tables: {ids: {zone: landing, source: raw}}
"""


@pytest.fixture
def lake(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a spec, its build, and a root module."""
    folder = root / "lake"
    (folder / "terraform").mkdir(parents=True)
    (folder / "terraform/main.tf").write_text(MODULE)
    (folder / "pipeline.yaml").write_text(SPEC)
    monkeypatch.chdir(folder)
    assert main(["build"]) == 0
    capsys.readouterr()
    return folder


@pytest.mark.terraform
def test_the_deploy_commands(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "plan", "--exit-code"]) == 1
    assert "+ terraform_data.kept" in (out := capsys.readouterr().out) and "2 changes: 2 to create" in out
    assert main(["deploy", "apply"]) == 1
    assert "agree with --yes" in capsys.readouterr().err
    assert main(["deploy", "apply", "--yes"]) == 0
    done = capsys.readouterr()
    assert "ok: 2 resources changed" in done.out and "shop_dev" in done.out
    assert "create: terraform_data.kept" in done.err
    assert main(["deploy", "plan", "--exit-code"]) == 0
    assert "what is deployed is what is declared" in capsys.readouterr().out
    assert main(["deploy", "plan", "--json", "--var", "words=two"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["update"], data["replace"]) == (1, 1)
    assert main(["deploy", "destroy", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["delete"] == 2


@pytest.mark.terraform
def test_a_value_counts_over_those_of_files(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the region, which is asked for before, as of all that Terraform is given."""
    there, moved, wrong = "region=eu-central-1", lake / "moved.tfvars", lake / "wrong.tfvars"
    moved.write_text('region = "us-east-1"')
    wrong.write_text('words = "wrong"')
    assert main(["deploy", "apply", "--yes"]) == 0
    capsys.readouterr()
    for given in (["--var-file", str(moved)], ["--var", "region=us-east-1"]):
        assert main(["deploy", "plan", *given]) == 1
        assert "the lake is in eu-central-1, and this is for us-east-1" in capsys.readouterr().err
    files = ["--var-file", str(moved), "--var-file", str(wrong)]
    assert main(["deploy", "plan", *files, "--var", there, "--var", "words=one", "--exit-code"]) == 0
    assert "what is deployed is what is declared" in capsys.readouterr().out


@pytest.mark.terraform
def test_a_stale_build_is_not_deployed(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lake / "pipeline.yaml").write_text(SPEC.replace("id: bigint", "id: string"))
    assert main(["deploy", "plan"]) == 1
    assert "build is not current" in (err := capsys.readouterr().err) and "python -m generator build" in err
    assert main(["deploy", "plan", "--var", "words"]) == 1
    assert "write NAME=VALUE" in capsys.readouterr().err


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module, and a Terraform that always fails."""
    (tmp_path / "main.tf").write_text("")
    program = tmp_path / "terraform"
    program.write_text("#!/bin/sh\necho 'broken state' >&2\nexit 3\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_without_python_terraform_the_extra_is_named(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.deploy.terraform.find_spec", lambda name: None)
    with pytest.raises(TerraformError, match=r"pip install 'lakegen\[aws\]'"):
        Terraform(broken)


@pytest.fixture
def tofu(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the PATH, with Terraform under OpenTofu's name only."""
    folder = root / "bin"
    folder.mkdir()
    (folder / "tofu").symlink_to(str(shutil.which("terraform")))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_an_absent_program_is_told_with_the_other(tofu: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TerraformError, match=r"Terraform isn't on the PATH.* or set LAKEGEN_TERRAFORM=tofu"):
        Terraform(root)
    monkeypatch.setenv(PROGRAM, "/opt/tofu")
    with pytest.raises(TerraformError, match="LAKEGEN_TERRAFORM=/opt/tofu: there is no such program"):
        Terraform(root)


@pytest.mark.terraform
def test_opentofu_is_used_where_it_is_named(tofu: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tofu", str(tofu / "tofu")):
        monkeypatch.setenv(PROGRAM, name)
        terraform = Terraform(root)
        terraform.init()
        terraform.plan(root / "plan", {})
        terraform.apply(root / "plan")
        assert terraform.outputs()["database"] == "shop_dev"
        with pytest.raises(TerraformError, match="tofu plan failed"):
            terraform.plan(root / "plan", {"words": "wrong"})


def test_a_terraform_that_can_not_run_is_told(broken: Path, need: Callable[[object, str], None]) -> None:
    need(find_spec("python_terraform"), "python-terraform isn't installed")
    with pytest.raises(TerraformError, match="terraform output failed:\nbroken state"):
        Terraform(broken).outputs()
    with pytest.raises(TerraformError, match="terraform plan failed:\nbroken state"):
        Terraform(broken).plan(broken / "plan", {})
