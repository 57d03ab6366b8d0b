"""Glue scripts run for real, on a stand-in for `awsglue`, and the imported specs run: the tables are equal, row by row.

Where something isn't carried over exactly, its line is told, and the spec has a mark. Each deliberate fault of the
importer is caught.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.diagnostics import GeneratorError
from generator.run.spark.session import local_spark
from tests.conftest import require_pyspark
from tests.quick_spark import QUICK

require_pyspark()

from tests.engines.glue_corpus import ARGUMENTS, Case, cases, check_case, imported, sources, write_landing  # noqa: E402
from tests.engines.glue_standin.modules import Store, run_script  # noqa: E402
from tests.engines.import_mutants import MUTANTS, Mutant  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
CASES = {case.name: case for case in cases()}
Written = Callable[[Case], dict[str, Any]]
SETTINGS = {
    **QUICK,
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
}


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing data of the corpus."""
    folder = tmp_path_factory.mktemp("landing")
    write_landing(folder)
    return folder


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> Iterator[SparkSession]:
    """Local Spark as Glue 5.1 has it, quick on rows as few as these."""
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    folder = tmp_path_factory.mktemp("spark")
    with local_spark("import", folder, folder / "log") as session:
        for key, value in SETTINGS.items():
            session.conf.set(key, value)
        yield session


@pytest.fixture(scope="module")
def written(spark: SparkSession) -> Written:
    """A function that gives what a script writes; each script is run once, all of them in one session."""
    known: dict[str, dict[str, Any]] = {}

    def run(case: Case) -> dict[str, Any]:
        if case.name not in known:
            store = Store(*sources())
            run_script(case.text, spark, store, ARGUMENTS)
            known[case.name] = store.written
        return known[case.name]

    return run


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_imported_spec_means_what_the_script_means(case: Case, landing: Path, written: Written) -> None:
    check_case(case, imported(case, landing), written(case) if case.runs else {}, landing)


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_fault_of_the_importer_is_caught(
    mutant: Mutant, landing: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[mutant.case]
    rows = written(case) if case.runs else {}
    check_case(case, imported(case, landing), rows, landing)
    mutant.break_(monkeypatch)
    with pytest.raises((AssertionError, GeneratorError)):
        check_case(case, imported(case, landing), rows, landing)
