"""Every case of awkward landing data, published by the jobs' runtime as Iceberg tables: what its rule says of it.

Cases of one declaration are one source, and so are those about the values of one column. Each case is there twice: in a
folder that stays, and in one that is gone by the second run, which reads no file again and has to have the rows and
lines of those that stay: the same for any way to read text, so sources of a single such case are left out there.
"""

from __future__ import annotations

import json
import os
import pprint
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from generator.plan.types import parse_type, stored_type
from generator.run.landing import (
    LandingColumn,
    LandingReport,
    LandingSource,
    landing_table,
    quarantine_table,
    read_landing,
)
from generator.runtime.options import ReadOptions
from generator.runtime.spelling import Spelling
from tests.iceberg import ddl, python_with_iceberg

sys.path.insert(0, str(Path(__file__).parent))
from case_groups import shared
from dirty_cases import CASES, Case
from wide_lines import WIDE

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STAYS, GOES = "stays", "goes"
ANY_NUMBER = 10**9
REFUSED = [
    "no files", "wrong partition", "no partition", "damaged zstd", "damaged archive", "not an archive",
    "other archives", "new key fails", "new column fails", "new Parquet column fails",
    "parquet with one value inside", "parquet with one value",
    "parquet with values elsewhere", "parquet unsigned as float", "parquet case of a field", "parquet other fields",
    "parquet wider field", "parquet case", "parquet type", "parquet narrowing",
    "parquet finer moments inside", "no parquet",
]  # fmt: skip
"""Cases in which nothing may be published: a source each."""
READ = [case for case in CASES if not case.of_folder]
"""Cases that can share a folder: how folders are found out about is no matter of what is published."""
BY_DUCKDB_ALONE = [case.name for case in WIDE]
"""Cases that say themselves nothing of what becomes of their lines: that is what DuckDB makes of them."""
pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Group:
    """Cases of one declaration."""

    name: str
    cases: Sequence[Case]

    @property
    def columns(self) -> dict[str, tuple[str, str]]:
        """Key and type by the column's name: one that a build takes, and the key in lower case where it is that."""
        return {
            key.lower() if re.fullmatch("[a-z][a-z0-9_]*", key.lower()) else f"c{number}": (key, kind)
            for number, (key, kind) in enumerate(self.cases[0].columns.items())
        }

    @property
    def source(self) -> LandingSource:
        one = self.cases[0]
        columns = tuple(
            LandingColumn(name, key, parse_type(kind), Spelling.of(one.formats.get(key, {})))
            for name, (key, kind) in self.columns.items()
        )
        return LandingSource(self.name, (self.name,), one.format, columns, ReadOptions.of(one.options))

    def asked(self, *, create: bool) -> dict[str, Any]:
        """What `spark_dirty.py` takes."""
        one, columns = self.cases[0], self.columns
        stored = ", ".join(f"`{name}` {stored_as(kind)}" for name, (_, kind) in columns.items())
        call = {
            "path": self.name,
            "format": one.format,
            "columns": {name: kind for name, (_, kind) in columns.items()},
            "keys": {name: key for name, (key, _) in columns.items() if name != key},
            "formats": {name: one.formats[key] for name, (key, _) in columns.items() if key in one.formats},
            "max_bad_rows": ANY_NUMBER,
            **one.options,
        }
        return {"name": self.name, "columns": stored if create else "", "call": call}


def stored_as(kind: str) -> str:
    """A declared type as its Iceberg table has it, as Spark writes it: moments are in UTC, and say of no zone."""
    found = ddl(stored_type(parse_type(kind))).replace("timestamp", "timestamp_ntz")
    return re.sub("(?<=[:,]) ", "", found)


def is_refused(case: Case) -> bool:
    return bool(case.error) or case.missing


def grouped(cases: Sequence[Case]) -> list[Group]:
    found: dict[str, list[Case]] = {}
    for case in shared(cases, most=len(cases)):
        found.setdefault(repr((case.format, case.columns, case.formats, case.options)), []).append(case)
    return [Group(f"group_{number}", alike) for number, alike in enumerate(found.values())]


GROUPS = grouped([case for case in [*READ, *WIDE] if not is_refused(case)])
AGAIN = [group for group in GROUPS if len(group.cases) > 1 or group.cases[0].format == "parquet"]
ALONE = [Group(f"refused_{number}", [case]) for number, case in enumerate(filter(is_refused, READ))]


def write(folder: Path, case: Case) -> None:
    for file, content in case.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            duckdb.sql(f"COPY ({content}) TO '{path}' (FORMAT parquet)")
        else:
            path.write_bytes(content)


@dataclass(frozen=True)
class Run:
    """What was published of each source, and what DuckDB makes of the same files.

    Attributes:
        published: what `spark_dirty.py` tells.
        rows: their texts, each after its landing file.
        quarantine: its lines.
        expected: what DuckDB tells of its lines, its rows likewise, and its quarantine.
    """

    published: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, list[tuple[str, str]]]
    quarantine: Mapping[str, list[list[Any]]]
    expected: Mapping[str, tuple[LandingReport, list[tuple[str, str]], list[list[Any]]]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> list[Run]:
    """The first run, and the one after half of the files went."""
    python, folder = python_with_iceberg(need), tmp_path_factory.mktemp("dirty")
    landing = folder / "landing"
    for group in GROUPS:
        for number, case in enumerate(group.cases):
            for half in (STAYS, GOES):
                write(landing / group.name / half / str(number), case)
    for group in ALONE:
        write(landing / group.name, group.cases[0])
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    command = [str(python), str(HERE / "spark_dirty.py"), str(folder)]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        ) as child,
    ):

        def run(name: str, groups: Sequence[Group], *, create: bool) -> Run:
            assert child.stdin and child.stdout
            sources = [group.asked(create=create) for group in groups]
            asked = {"run": name, "landing": str(landing), "sources": sources}
            child.stdin.write(json.dumps(asked) + "\n")
            child.stdin.flush()
            answer = child.stdout.readline()
            assert answer, (folder / "log").read_text()[-4000:]
            told = json.loads(answer)
            return Run(
                told,
                {group.name: rows_of(told[group.name]["files"], group) for group in groups},
                {group.name: quarantine_of(told[group.name]["quarantine_files"]) for group in groups},
                {group.name: by_duckdb(group, landing) for group in groups if group not in ALONE},
            )

        first = run("r1", [*GROUPS, *ALONE], create=True)
        for group in AGAIN:
            shutil.rmtree(landing / group.name / GOES)
        second = run("r2", AGAIN, create=False)
        child.stdin.close()
    return [first, second]


def rows_of(files: Sequence[str], group: Group) -> list[tuple[str, str]]:
    columns = ", ".join(("landing_file", *(f'"{name}"' for name in group.columns)))
    return texts(contents(files, columns))


def quarantine_of(files: Sequence[str]) -> list[list[Any]]:
    return sorted(map(list, contents(files, "file, line, reason, detail, raw")))


def contents(files: Sequence[str], columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table's data files, by another reader than the one that wrote them."""
    if not files:
        return []
    return duckdb.sql(f"SELECT {columns} FROM read_parquet({[*files]}, hive_partitioning = false)").fetchall()


def texts(rows: Sequence[tuple[Any, ...]]) -> list[tuple[str, str]]:
    """Rows as text, which tells -0.0 from 0.0 and 1 from 1.0, in a fixed order."""
    return sorted((file, repr(tuple(values))) for file, *values in rows)


def by_duckdb(group: Group, landing: Path) -> tuple[LandingReport, list[tuple[str, str]], list[list[Any]]]:
    with duckdb.connect() as connection:
        report = read_landing(connection, group.source, landing)
        columns = ", ".join(f'"{name}"' for name in group.columns)
        rows = connection.execute(f"SELECT _file::VARCHAR, {columns} FROM {landing_table(group.name)}").fetchall()
        bad = connection.execute(f"FROM {quarantine_table(group.name)} ").fetchall()
        return report, texts(rows), sorted(map(list, bad))


def test_each_case_is_published_or_refused() -> None:
    assert [group.cases[0].name for group in ALONE] == REFUSED
    published = [case.name for group in GROUPS for case in group.cases]
    assert Counter([*published, *REFUSED]) == Counter(case.name for case in [*READ, *WIDE])
    assert {case.format for group in GROUPS for case in group.cases} == {"json", "csv", "parquet"}


@pytest.mark.parametrize(("number", "halves"), [(0, (STAYS, GOES)), (1, (STAYS,))], ids=["all", "half of them"])
def test_a_case_is_published_as_its_rule_says(runs: list[Run], number: int, halves: tuple[str, ...]) -> None:
    wrong = {}
    for group in (GROUPS, AGAIN)[number]:
        rows, bad = runs[number].rows[group.name], runs[number].quarantine[group.name]
        for place, case in enumerate(group.cases):
            for half in halves:
                here = f"{group.name}/{half}/{place}/"
                found = (
                    sorted(text for file, text in rows if file.startswith(here)),
                    [(line, reason) for file, line, reason, *_ in bad if file.startswith(here)],
                )
                expected = (sorted(map(repr, case.rows)), list(case.rejected))
                if case.name not in BY_DUCKDB_ALONE and found != expected:
                    wrong[f"{case.name} ({half})"] = {"found": found, "expected": expected}
    assert not wrong, pprint.pformat(wrong, width=150)


@pytest.mark.parametrize("number", [0, 1], ids=["all", "half of them"])
def test_what_is_published_is_the_lake_of_duckdb(runs: list[Run], number: int) -> None:
    """Row by row with its file, and each line of the quarantine with its detail and its text; and no more than that."""
    wrong = {}
    for group in (GROUPS, AGAIN)[number]:
        told, (report, rows, bad) = runs[number].published[group.name], runs[number].expected[group.name]
        kinds = {name: stored_as(kind).replace("`", "") for name, (_, kind) in group.columns.items()}
        event = told["events"].get("source", {})
        found = {
            "problem": (told["problem"], ""),
            "columns": (told["columns"], {**kinds, "landing_file": "string"}),
            "rows": (runs[number].rows[group.name], rows),
            "quarantine": (runs[number].quarantine[group.name], bad),
            "branches": (told["branches"], []),
            "lines": (event.get("lines"), report.lines),
            "reasons": (event.get("reasons"), dict(report.reasons)),
            "extra keys": (event.get("extra_keys"), list(report.extra_keys)),
            "files": (event.get("files"), report.files),
            "files read": (event.get("files_read"), 0 if number else report.files),
        }
        if different := {what: both for what, both in found.items() if both[0] != both[1]}:
            wrong[group.name, group.cases[0].name] = different
    assert not wrong, pprint.pformat(wrong, width=150)


def test_what_is_refused_publishes_nothing(runs: list[Run]) -> None:
    wrong = {}
    for group in ALONE:
        case, told = group.cases[0], runs[0].published[group.name]
        nothing = told["files"] == told["quarantine_files"] == told["branches"] == []
        error = case.error or "no files in "
        if not told["problem"].startswith("LakeError: ") or error not in told["problem"] or not nothing:
            wrong[case.name] = (error, told)
    assert not wrong, pprint.pformat(wrong, width=150)
