"""Every command starts without the libraries that only some of them need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

HEAVY = ("pydantic", "sqlglot", "yaml", "duckdb", "jinja2", "boto3", "pyspark", "rich", "pygments")


def test_the_command_line_begins_light() -> None:
    code = "import sys, generator.cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint(HEAVY)


def test_a_run_that_is_piped_starts_without_what_lays_out_terminals(tmp_path: Path) -> None:
    code = (
        "import sys; from generator.cli.main import main; main(['run', '--data', 'x', '--lake', sys.argv[1]]); "
        "print(*{name for name in sys.modules if name.startswith(('rich', 'generator.cli.commands.'))})"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lake")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "generator.cli.commands.run"
