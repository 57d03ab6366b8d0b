"""What a run of the tests says at its end of what it skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = {
    "test_a.py": """
        import pytest
        from tests.conftest import missing
        @pytest.mark.parametrize("number", range(3))
        def test_a(number): missing("Java isn't installed")
        def test_b(): missing("terraform isn't installed")
        def test_c(): pass
    """,
    "test_b.py": """
        from tests.conftest import missing
        missing("Java isn't installed")
        def test_d(): pass
    """,
}


def run_tests(folder: Path, *arguments: str, **more: str) -> list[str]:
    for name, text in TESTS.items():
        lines = [line.removeprefix(" " * 8) for line in text.splitlines()]
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTEST_ADDOPTS")}
    environment |= {"PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--rootdir", folder]
    command += ["-c", "/dev/null", *arguments, folder]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_one_line_before_the_last_counts_what_was_skipped_by_reason(tmp_path: Path) -> None:
    *_, line, closing = run_tests(tmp_path)
    assert line == "skipped 5 tests or files of tests: 4 x Java isn't installed; 1 x terraform isn't installed"
    assert "1 passed, 5 skipped" in closing


def test_nothing_is_skipped_where_ci_is_set(tmp_path: Path) -> None:
    lines = run_tests(tmp_path, CI="true")
    assert not [line for line in lines if line.startswith("skipped")]
    assert "error" in lines[-1] and "skipped" not in lines[-1]


def test_slow_tests_are_left_out_on_demand_but_not_in_ci(tmp_path: Path) -> None:
    marked = "import pytest\n@pytest.mark.slow\ndef test_e(): pass\n"
    (tmp_path / "test_e.py").write_text(marked, encoding="utf-8")
    *_, line, closing = run_tests(tmp_path, "--no-slow")
    assert line.startswith("skipped 6 tests or files of tests: 4 x Java isn't installed; ")
    assert "1 x slow: EXTRAS=dev,emulate make test runs it" in line and "1 passed, 6 skipped" in closing
    assert "2 passed, 5 skipped" in run_tests(tmp_path)[-1]
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "test_e.py").write_text(marked, encoding="utf-8")
    assert "skipped" not in run_tests(tmp_path / "ci", "--no-slow", CI="true")[-1]
