"""The module of a lake in a folder, as `build` and a clone have it, and Terraform to run there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.checks import check_spec
from generator.deploy.providers import offline_environment
from generator.diagnostics import SourceText
from generator.jobs.plan import plan_jobs
from generator.plan.lake import CompiledLake
from generator.render.athena import render_athena
from generator.render.build import UPKEEP
from generator.render.jobs.upkeep import render_upkeep
from generator.render.runtime_package import runtime_package
from generator.render.terraform import render_terraform
from generator.spec.source import read_source

ROOT = Path(__file__).parent.parent.parent.parent.parent
SPECS = {
    "stedi": ROOT / "pipeline.yaml",
    "shop": ROOT / "docs/examples/shop/pipeline.yaml",
    "everything": ROOT / "tests/specs/everything/pipeline.yaml",
}
QUICK = {
    "enable_alarm_queue": False,
    "enable_lifecycle": False,
    "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000",
}
"""Variables that spare what the provider waits a minute for. The key isn't there: for a plan it needn't be."""


def compiled(spec: Path | str) -> CompiledLake:
    """The lake of a spec, or of its text."""
    analysis = check_spec(read_source(spec) if isinstance(spec, Path) else SourceText("pipeline.yaml", spec))
    assert analysis.lake is not None, [(one.code, one.message) for one in analysis.diagnostics]
    return analysis.lake


def write_module(lake: CompiledLake, folder: Path) -> Path:
    """Writes build/ with scripts that do nothing, and the root module beside it; returns the root module's folder."""
    build = folder / "build"
    shutil.rmtree(build, ignore_errors=True)
    scripts = {f"jobs/{name}.py": f"# {name}\n" for name in plan_jobs(lake)}
    files = {**render_terraform(lake), **render_athena(lake), **scripts, UPKEEP: render_upkeep(lake)}
    for name, text in files.items():
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_text(text, encoding="utf-8")
    (build / "jobs").mkdir(exist_ok=True)
    (build / "jobs/lake.zip").write_bytes(runtime_package())
    root = folder / "terraform"
    shutil.copytree(
        ROOT / "terraform",
        root,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".terraform*", "*.tfvars", "*.tfstate*"),
    )
    return root


class Terraform:
    """The terraform binary in a folder. With no environment given, no cloud can be reached."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        offline = offline_environment({**inherited, **(environment or {})}, folder)
        self.environment = {**offline, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def __call__(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        command = ["terraform", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode in codes, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr}"
        return done

    def variables(self, **values: Any) -> None:
        """Sets variables for the commands to come."""
        (self.folder / "test.auto.tfvars.json").write_text(json.dumps(values), encoding="utf-8")

    def plan(self, *arguments: str) -> dict[str, Any]:
        """What a plan would do, as Terraform's JSON has it."""
        self("plan", "-input=false", "-no-color", "-out=plan.tfplan", *arguments)
        shown: dict[str, Any] = json.loads(self("show", "-json", "plan.tfplan").stdout)
        return shown


def planned(plan: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The planned values of the resources of a kind, by their key or else their name."""
    resources = plan["planned_values"]["root_module"]["child_modules"][0]["resources"]
    return {one.get("index", one["name"]): one["values"] for one in resources if one["type"] == kind}


def changes(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """What happens to each resource that changes: `create`, `update`, `delete`, or two of them."""
    found = {one["address"]: one["change"]["actions"] for one in plan.get("resource_changes", ())}
    return {address: actions for address, actions in found.items() if actions not in (["no-op"], ["read"])}
