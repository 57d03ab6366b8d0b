from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.render import beside, build
from generator.render.beside import make_beside

SPEC = """version: 1
lake: many
zones: {raw: {}}
sources:
  clicks: {path: clicks/, columns: {id: bigint, who: string}}
tables:
"""
TABLES = "".join(f"  t{number}: {{zone: raw, source: clicks, filter: id > {number}}}\n" for number in range(build.MANY))
COMMAND = """
import os, sys
from pathlib import Path
from generator.cli.main import main
from generator.render import build
render_manifest = build.render_manifest
def noted(lake):
    Path("made").write_text(str(os.getpid()))
    return render_manifest(lake)
build.render_manifest = noted
os.sched_getaffinity = lambda _: {0, 1}
Path("asked").write_text(str(os.getpid()))
sys.argv = ["generator", "build"]
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="copies of processes are safe on Linux alone")
def test_the_command_makes_the_facts_of_many_tables_in_another_process(tmp_path: Path) -> None:
    """Nothing that it does before has left a thread, with which a copy wouldn't be safe."""
    (tmp_path / "pipeline.yaml").write_text(SPEC + TABLES)
    subprocess.run([sys.executable, "-c", COMMAND], cwd=tmp_path, check=True)
    assert (tmp_path / "made").read_text() != (tmp_path / "asked").read_text()


def test_they_are_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pipeline.yaml").write_text(SPEC + TABLES)
    subprocess.run([sys.executable, "-m", "generator", "build"], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setattr(build, "MANY", build.MANY + 1)
    lake = check_spec(SourceText("pipeline.yaml", SPEC + TABLES)).lake
    assert lake is not None
    for name, content in build.render_build(lake).items():
        assert (tmp_path / "build" / name).read_bytes() == (content if isinstance(content, bytes) else content.encode())


def test_what_fails_there_is_tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_can_fork", lambda: True)
    here = os.getpid()

    def part() -> int:
        if os.getpid() != here:
            os._exit(1)
        return here

    assert make_beside(part, lambda: 1) == (here, 1)

    def refused() -> int:
        raise ValueError(f"in {os.getpid()}")

    with pytest.raises(ValueError, match=f"in {here}$"):
        make_beside(refused, lambda: 1)
