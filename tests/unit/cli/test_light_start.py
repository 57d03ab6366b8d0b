"""Every command starts without the libraries that only some of them need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("pydantic", "sqlglot", "yaml", "duckdb", "jinja2", "boto3", "pyspark")


def test_the_command_line_begins_light() -> None:
    code = "import sys, generator.cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint(HEAVY)
