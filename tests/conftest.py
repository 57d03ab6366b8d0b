"""What all tests share: the reference data, golden files, and the rule for missing components."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
LONGEST = (
    "integration/test_deployed_lake.py", "engines/test_engines_agree.py", "maintenance/test_on_spark.py",
    "engines/test_spark_landing.py", "integration/test_lake_is_kept.py", "maintenance/test_on_iceberg.py",
    "integration/test_spark_run.py", "engines/test_published_dirt.py", "maintenance/test_rule_mutants.py",
    "proofs/test_rule_mutants.py", "engines/test_landing.py", "unit/render/test_difference.py",
    "unit/render/test_job_scripts_on_spark.py", "engines/test_relational.py", "engines/test_functions.py",
    "integration/test_terraform_module.py", "engines/test_import.py", "engines/test_iceberg.py", "engines/test_s3a.py",
    "unit/deploy/test_deployed_erased.py", "unit/runtime/test_source.py", "engines/test_layout.py",
    "integration/test_many_files.py", "contracts/test_terraform_module_files.py", "unit/run/test_by_file.py",
    "contracts/test_terraform_policies.py", "browser/test_site.py", "unit/deploy/test_catalog.py",
    "integration/test_docs.py", "faults/test_faults.py", "integration/test_alarm_and_log_drills.py",
)  # fmt: skip
"""Files of tests that take more than a minute, the longest first: one that began last would keep a single worker at it
when there is nothing left for the others."""

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing")
    parser.addoption("--no-slow", action="store_true", help="skip what is marked slow, unless CI is set")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the longest files first, and skips slow tests where that is asked for. CI runs everything."""
    place = {ROOT / "tests" / file: number for number, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))
    if config.getoption("--no-slow") and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip("slow: EXTRAS=dev,emulate make test runs it"))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line on what was skipped, and why."""
    reasons = Counter(skip_reason(report) for report in terminalreporter.stats.get("skipped", ()))
    if reasons:
        listed = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common())
        terminalreporter.write_line(f"skipped {reasons.total()} tests or files of tests: {listed}", yellow=True)


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return " ".join(reason.removeprefix("Skipped: ").split())


def require_pyspark() -> None:
    """For modules whose imports need pyspark: skips the whole of them where there is none."""
    if find_spec("pyspark") is None:
        missing("pyspark isn't installed: pip install 'lakegen[spark]'")


def require_iceberg() -> None:
    """The same for pyiceberg and what it reads files with."""
    if find_spec("pyiceberg") is None or find_spec("pyarrow") is None:
        missing("pyiceberg isn't installed: pip install 'lakegen[emulate]'")


def missing(reason: str) -> NoReturn:
    """Skips a test, or a module that says so at its top, for want of a component; fails it under CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} (nothing is skipped where CI is set)", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


@pytest.fixture(scope="session")
def need() -> Callable[[object, str], None]:
    """A function that lets a test go on only if its first argument is true."""

    def check(there: object, reason: str) -> None:
        if not there:
            missing(reason)

    return check


@pytest.fixture(scope="module", autouse=True)
def no_spark_is_left() -> Iterator[None]:
    """A module of tests ends the Spark that it started: the next one couldn't start its own."""
    yield
    if pyspark := sys.modules.get("pyspark"):
        assert pyspark.SparkContext._active_spark_context is None, "Spark runs on after this module of tests"


@pytest.fixture(scope="session")
def stedi() -> Path:
    """The folder of the real landing data."""
    folder = ROOT.parent / "shared" / "stedi"
    if not folder.is_dir():
        missing("the real STEDI data isn't in ../shared/stedi beside the checkout")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """A function that compares a text with a golden file, or writes it under `--update-golden`."""

    def compare(path: Path, actual: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
            return
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        command = f"pytest {Path(request.node.path).relative_to(ROOT)} --update-golden"
        assert actual == expected, f"{path.relative_to(ROOT)} is out of date: if the change is meant, {command}"

    return compare
