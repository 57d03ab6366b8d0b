"""The module's own tests, and its format, for lakes of all kinds. Nothing here needs a cloud."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.render.root_module import root_module
from tests.unit.render.terraform.module_folder import ROOT, SPECS, Terraform, compiled, write_module

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

LAKES = {name: spec.read_text(encoding="utf-8") for name, spec in SPECS.items()}
LAKES["no_tables"] = (
    "version: 1\nlake: no_tables\nzones: {landing: {}}\n"
    "sources: {raw: {path: ., subject: none, format: parquet, columns: {id: bigint}}}\n"
)
LAKES["odd_names"] = (
    "version: 1\nlake: a_-b\ndescription: 'a \"quoted\" $${lake} with %{braces} and \\\\'\nzones: {landing: {}}\n"
    "sources:\n  null:\n    path: raw/x y/\n    subject: none\n"
    "    columns: {for: bigint, true: {type: string, key: 'a \"$${key}\"', description: '%{if}'}}\n"
    "tables:\n  for: {zone: landing, source: null, description: 'for $${each}'}\n  _t: {zone: landing, source: for}\n"
).replace("  null:", '  "null":').replace("source: null", 'source: "null"').replace("true:", '"true":')  # fmt: skip

TESTED = ("stedi", "no_tables", "odd_names")


@pytest.mark.parametrize("name", LAKES)
def test_it_is_formatted_valid_and_passes_its_own_tests(
    name: str, tmp_path: Path, need: Callable[[object, str], None]
) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    root = write_module(compiled(LAKES[name]), tmp_path)
    terraform = Terraform(root)
    terraform("fmt", "-check", "-diff", "-recursive", "..")
    module = Terraform(tmp_path / "build/terraform")
    module("init", "-input=false")
    module("validate")
    if name in TESTED:
        module("test")


def test_the_root_module_passes_its_tests(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    terraform = Terraform(write_module(compiled(LAKES["stedi"]), tmp_path))
    terraform("init", "-input=false")
    terraform("test")


def test_the_root_module_of_this_lake_is_the_one_that_others_begin_with() -> None:
    for name, text in root_module().items():
        assert (ROOT / "terraform" / name).read_text(encoding="utf-8") == text


def test_the_guard_depends_on_all_that_is_made() -> None:
    """What the guard depends on isn't destroyed before it: so nothing is, as long as it refuses."""
    made = set()
    for file in (ROOT / "templates/terraform").glob("*.tf"):
        made |= set(re.findall(r'^resource "(\w+)" "(\w+)"', file.read_text(encoding="utf-8"), re.MULTILINE))
    protection = (ROOT / "templates/terraform/protection.tf").read_text(encoding="utf-8")
    guarded = protection[protection.index("depends_on") :]
    missing = {f"{kind}.{name}" for kind, name in made if f"    {kind}.{name},\n" not in guarded}
    assert missing == {"terraform_data.guard", "terraform_data.origin"}


def test_everything_is_described() -> None:
    for folder in (ROOT / "templates/terraform", ROOT / "terraform"):
        for name in ("variables.tf", "outputs.tf"):
            text = (folder / name).read_text(encoding="utf-8")
            blocks = text.count('\nvariable "') + text.count('\noutput "') + text.startswith(("variable", "output"))
            assert blocks == text.count("\n  description = ") > 0


def test_the_example_names_variables_that_exist() -> None:
    known = (ROOT / "terraform/variables.tf").read_text(encoding="utf-8")
    example = (ROOT / "terraform/terraform.tfvars.example").read_text(encoding="utf-8")
    settings = [line.removeprefix("# ").split(" =")[0].strip() for line in example.splitlines() if " = " in line]
    top = [name for name in settings if name.isidentifier() and name != "machine_learning_curated"]
    assert len(top) >= 5
    assert all(f'variable "{name}"' in known for name in top)


def test_the_root_module_passes_every_variable_on() -> None:
    """What the generated module can be told, its user can say."""
    inner = (ROOT / "templates/terraform/variables.tf").read_text(encoding="utf-8")
    main = (ROOT / "terraform/main.tf").read_text(encoding="utf-8")
    names = [line.split('"')[1] for line in inner.splitlines() if line.startswith('variable "')]
    assert all(f"= var.{name}\n" in main for name in names)
