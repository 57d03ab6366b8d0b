"""Where tests find a Spark with Iceberg: that of Glue 5.1, in a Python of its own; and the tables of a lake there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from generator.cli.local_spark import find_spark
from generator.deploy.emulator import SparkPlace
from generator.plan.lake import CompiledLake
from generator.plan.types import Type, stored_type

PACKAGE = "snowpark_connect_deps_iceberg"
BAD = "file string, line bigint, reason string, detail string, raw string"
_PRINTED = f"import {PACKAGE}; print({PACKAGE}.__path__[0])"


def python_with_iceberg(need: Callable[[object, str], None]) -> Path:
    """The Python that SPARK35_PYTHON names: it has pyspark 3.5 and Iceberg's jar."""
    need(shutil.which("java"), "Spark needs Java 17")
    python = os.environ.get("SPARK35_PYTHON", "")
    need(python and Path(python).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    found = subprocess.run([python, "-c", f"import {PACKAGE}"], capture_output=True)
    need(found.returncode == 0, "the Python of SPARK35_PYTHON has no Iceberg")
    return Path(python)


def jar_of(python: Path) -> Path:
    """Iceberg's runtime for Spark 3.5."""
    place = subprocess.run([python, "-c", _PRINTED], capture_output=True, text=True, check=True).stdout.strip()
    return next(Path(place).glob("jars/iceberg-spark-runtime-3.5_2.12-*.jar"))


def spark_with_iceberg(need: Callable[[object, str], None]) -> SparkPlace:
    """What the embedded AWS runs jobs with."""
    python = python_with_iceberg(need)
    return find_spark(python, str(jar_of(python)))


def iceberg_options() -> list[str]:
    """The same, as options of `emulate`."""
    python = Path(os.environ["SPARK35_PYTHON"])
    return ["--spark-python", str(python), "--iceberg", str(jar_of(python))]


def ddl(kind: Type) -> str:
    """A type as Spark's SQL takes it, whatever its fields are called."""
    if kind.kind == "struct":
        return "struct<" + ", ".join(f"`{name}`: {ddl(one)}" for name, one in kind.fields) + ">"
    inner = [ddl(one) for _, one in kind.fields]
    return f"{kind.kind}<{', '.join(inner)}>" if inner else str(kind)


def tables_of(lake: CompiledLake) -> dict[str, str]:
    """All tables as Terraform makes them, empty: columns as SQL."""
    made = [*lake.sources, *(one.name for one in lake.tables.values() if not one.is_view)]
    columns = {
        one: ", ".join(
            f"`{column.name}` {ddl(stored_type(column.type))}" for column in lake.relation(one).columns.values()
        )
        for one in made
    }
    return columns | {f"{source}_quarantine": BAD for source in lake.sources}
