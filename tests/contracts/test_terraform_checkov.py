"""checkov finds nothing, and what it is told to pass over has its reason beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.test_terraform_policies import tool
from tests.unit.render.terraform.module_folder import ROOT, SPECS, compiled, write_module

pytestmark = pytest.mark.slow


def scan(folder: Path, checkov: str) -> dict[str, Any]:
    shutil.copy(ROOT / ".checkov.yaml", folder)
    command = [checkov, "--config-file", ".checkov.yaml", "--directory", ".", "--output", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_no_check_fails(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    checkov = tool("checkov")
    need(checkov, "checkov isn't installed: python -m venv .venv-tools; .venv-tools/bin/pip install checkov")
    assert checkov is not None
    write_module(compiled(SPECS["stedi"]), tmp_path)
    report = scan(tmp_path, checkov)
    assert report["summary"]["parsing_errors"] == 0
    failed = [f"{one['check_id']} {one['resource']}" for one in report["results"]["failed_checks"]]
    assert failed == []
    assert report["summary"]["passed"] > 50
    skipped = report["results"]["skipped_checks"]
    assert all(len(one["check_result"]["suppress_comment"]) > 20 for one in skipped)
    broken = tmp_path / "build/terraform/storage.tf"
    broken.write_text(broken.read_text().replace("block_public_acls       = true", "block_public_acls       = false"))
    assert any(one["check_id"] == "CKV_AWS_53" for one in scan(tmp_path, checkov)["results"]["failed_checks"])
