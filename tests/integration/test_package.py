"""What is installed has all that a checkout has."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROBE = """
import generator
from generator.codes import all_codes, load_code
from generator.render.docs_pages import render_codes_page
from generator.render.templates import templates_folder
from generator.render.root_module import root_module
print(generator.__file__)
print(len(root_module()))
print(templates_folder())
print(len(all_codes()), load_code("Y002").name, len(render_codes_page()))
"""


def probe(import_from: Path, cwd: Path) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(import_from)}
    command = [sys.executable, "-c", PROBE]
    return subprocess.run(
        command, cwd=cwd, env=environment, check=True, capture_output=True, text=True
    ).stdout.splitlines()


def test_the_wheel_works_without_the_checkout(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(find_spec("hatchling"), "hatchling isn't installed: pip install -e '.[dev]'")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    where, root_module, templates, pages = probe(installed, tmp_path)
    assert Path(where) == installed / "generator" / "__init__.py"
    assert Path(templates) == installed / "generator" / "_templates"
    assert [root_module, pages] == [probe(ROOT, tmp_path)[1], probe(ROOT, tmp_path)[3]]
    for folder, copy in (("templates", "generator/_templates"), ("generator/codes", "generator/codes")):
        assert files_in(installed / copy) == files_in(ROOT / folder)


def files_in(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in found if "__pycache__" not in path.parts}


def test_a_python_without_the_dependencies_is_told() -> None:
    command = [sys.executable, "-S", "-m", "generator", "check"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"isn't installed for {sys.executable}" in done.stderr and ".venv/bin/python" in done.stderr
