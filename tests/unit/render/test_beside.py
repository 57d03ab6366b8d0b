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
ALL = """
import os
from pathlib import Path
from generator.checks import check_spec
from generator.render import build
from generator.spec.source import read_source
jobs, made = build._jobs, []
build._jobs = lambda lake: made.append(os.getpid()) or {"jobs/pid": str(os.getpid()), **jobs(lake)}
build.RENDERERS = tuple(build._jobs if one is jobs else one for one in build.RENDERERS)
files = build.render_build(check_spec(read_source(Path("pipeline.yaml"))).lake)
assert files["jobs/pid"] != str(os.getpid()) and made == [], "it was made here"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="copies of processes are safe on Linux alone")
def test_the_jobs_of_many_tables_are_made_in_another_process(tmp_path: Path) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one core")
    (tmp_path / "pipeline.yaml").write_text(SPEC + TABLES)
    subprocess.run([sys.executable, "-c", ALL], cwd=tmp_path, check=True)


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
