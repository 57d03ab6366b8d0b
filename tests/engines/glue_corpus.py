"""The corpus of Glue scripts: their data, what running one means, and what importing one gives."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import Mock

import duckdb

from generator.author.names import storable
from generator.author.studio.author import Imported, import_jobs
from generator.checks import check_spec
from generator.diagnostics import Severity, SourceText
from generator.render.templates import render
from generator.run.build_program import build_program
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder

Record = dict[str, Any]
Table = tuple[list[str], Counter[tuple[Any, ...]]]

SCRIPTS = Path(__file__).parent / "glue_scripts"
SPEC = """
version: 1
lake: shop
zones: {landing: {}, trusted: {}}
sources:
  orders:
    path: orders/
    unique: [[id]]
    columns: {id: bigint, person_id: bigint, city: string, day: string, amount: bigint, note: string}
  archive_orders:
    path: archive/orders/
    columns: {id: bigint, person_id: bigint, city: string, day: string, amount: bigint, note: string}
  people:
    path: people/
    unique: [[id]]
    columns: {id: bigint, city: string, phone: string, email: string}
  visits:
    path: visits/
    columns:
      visitid: {type: bigint, key: visitId}
      personid: {type: bigint, key: personId}
      spentseconds: {type: bigint, key: spentSeconds}
  wishes:
    path: wishes/
    columns: {buyer: bigint, item: string}
"""

# `day` is absent in some orders and never null, `amount` null and never absent, `note` both.
_ORDERS: list[Record] = [
    {"id": 1, "person_id": 1, "city": "Oslo", "day": "2024-01-01", "amount": 10, "note": "gift"},
    {"id": 2, "person_id": 1, "city": "Rome", "day": "2024-01-02", "amount": 20, "note": None},
    {"id": 3, "person_id": 2, "city": "Oslo", "amount": None},
    {"id": 4, "person_id": 2, "city": "Bern", "day": "2024-01-02", "amount": 15, "note": "fast"},
    {"id": 5, "person_id": 3, "city": "Rome", "amount": 40, "note": "gift"},
    {"id": 6, "person_id": 9, "city": "Oslo", "day": "2023-12-31", "amount": None, "note": None},
    {"id": 7, "person_id": 4, "city": "Rome", "day": "2024-01-02", "amount": 10},
    {"id": 8, "person_id": 4, "city": "Rome", "day": "2024-01-05", "amount": 8, "note": "it's"},
]
_DATA: dict[str, list[Record]] = {
    "orders": _ORDERS,
    "archive/orders": [
        *_ORDERS[:2],
        {"id": 90, "person_id": 2, "city": "Rome", "day": "2020-01-01", "amount": 1, "note": "old"},
    ],
    "people": [
        {"id": 1, "city": "Oslo", "phone": "11", "email": "a@x"},
        {"id": 2, "city": "Rome", "email": "b@x"},
        {"id": 3, "city": "Oslo", "phone": "33", "email": "c@x"},
        {"id": 4, "city": "Rome", "phone": "11", "email": "d@x"},
        {"id": 5, "city": "Bern", "phone": "55", "email": "e@x"},
    ],
    "visits": [{"visitId": at, "personId": at % 3 + 1, "spentSeconds": at * 10} for at in range(1, 6)],
    "wishes": [
        {"buyer": 1, "item": "lamp"},
        {"buyer": 1, "item": "lamp"},
        {"buyer": 1, "item": "desk"},
        {"buyer": 2, "item": "desk"},
    ],
}  # fmt: skip
_TYPES = {"visitId": "bigint", "personId": "bigint", "spentSeconds": "bigint", "id": "bigint", "person_id": "bigint",
          "amount": "bigint", "buyer": "bigint"}  # fmt: skip
_COLUMNS = {
    "orders": ["id", "person_id", "city", "day", "amount", "note"],
    "archive/orders": ["id", "person_id", "city", "day", "amount", "note"],
    "people": ["id", "city", "phone", "email"],
    "visits": ["visitId", "personId", "spentSeconds"],
    "wishes": ["buyer", "item"],
}
ARGUMENTS = {
    "JOB_NAME": "job",
    "BUCKET": "shop-lake",
    "FROM": "2024-01-02",
    "CITY": "Oslo",
    "DROP": "note,day",
    "MODE": "small",
}


def sources() -> tuple[dict[str, Any], dict[str, Any]]:
    """(records, types) of the catalog's tables, whose names are in lower case, and of the files."""
    tables, files = {}, {}
    for name, records in _DATA.items():
        types = {column: _TYPES.get(column, "string") for column in _COLUMNS[name]}
        lower = [{key.lower(): value for key, value in one.items()} for one in records]
        tables[f"shop.{name.replace('/', '_')}"] = (lower, {key.lower(): kind for key, kind in types.items()})
        files[f"s3://shop-lake/landing/{name}"] = (records, types)
    return tables, files


@dataclass(frozen=True)
class Case:
    """A script, and what has to be said of it.

    Attributes:
        told: (code, text on the line) of what isn't carried over exactly; nothing where the spec means the same.
        names: how columns are called in the lake whose names it can't store.
        loose: whether the rows may differ, because the script leaves them to chance or something is lost.
    """

    name: str
    text: str
    told: tuple[tuple[str, str], ...]
    names: Mapping[str, str]
    loose: bool
    runs: bool

    @property
    def exact(self) -> bool:
        return not self.told


def cases() -> list[Case]:
    """All scripts. What is expected stands in comments at their heads."""
    return [_case(path) for path in sorted(SCRIPTS.glob("*.txt"))]


def _case(path: Path) -> Case:
    text = path.read_text(encoding="utf-8")
    told = [one.split(" | ", 1) for one in re.findall(r"^# told: (.*)$", text, re.MULTILINE)]
    named = re.search(r"^# names: (.*)$", text, re.MULTILINE)
    words = named[1].split() if named else []
    names = dict(word.split("=") for word in words if "=" in word)
    name = path.name.split(".")[0]
    only_names = {code for code, _ in told} <= {"names"}
    return Case(
        name, text, tuple((code, part) for code, part in told), names, not only_names, "unrunnable" not in words
    )


def imported(case: Case, data: Path) -> Imported:
    sound = check_spec(SourceText("spec", SPEC)).sound
    return import_jobs({"job.py": case.text}, "lake", SPEC, sound, render, data)


def write_landing(folder: Path) -> None:
    for name, records in _DATA.items():
        (folder / name).mkdir(parents=True)
        lines = "".join(f"{json.dumps(one)}\n" for one in records)
        (folder / name / "part.json").write_text(lines, encoding="utf-8")


def lake_tables(text: str, names: tuple[str, ...], data: Path) -> dict[str, Table]:
    """The published tables of a run of the spec on DuckDB."""
    analysis = check_spec(SourceText("spec", text))
    errors = [one.message for one in analysis.diagnostics if one.severity is Severity.ERROR]
    assert analysis.lake is not None, (text, errors)
    with TemporaryDirectory() as folder:
        report = execute(build_program(analysis.lake), data, LakeFolder(Path(folder)), Mock())
        assert not report.failed, text
        catalog = json.loads((Path(folder) / "catalog.json").read_text(encoding="utf-8"))["tables"]
        found = {}
        for name in names:
            if name in catalog:
                rows = duckdb.sql(
                    f"SELECT * FROM read_parquet({[f'{folder}/{file}' for file in catalog[name]['files']]})"
                )
                found[name] = (list(rows.columns), Counter(rows.fetchall()))
        return found


def check_case(case: Case, made: Imported, written: Mapping[str, Any], data: Path) -> None:
    """What comes out of an import means what the script means, or says where it doesn't.

    Raises:
        AssertionError: it doesn't.
    """
    lines = case.text.splitlines()
    inexact = [one for one in made.findings if not one.kind.exact]
    for finding in inexact:
        assert finding.line, finding
        mark = f"job.py:{finding.line}"
        assert mark in made.text or finding.code == "unknown-columns", (finding, made.text)
    found = {(one.code, lines[one.line - 1]) for one in inexact}
    for code, part in case.told:
        assert any(one == code and part in line for one, line in found), (code, part, found)
    codes = {code for code, _ in found}
    assert codes == {code for code, _ in case.told}, (found, made.text)
    assert made.exact is case.exact
    analysis = check_spec(SourceText("spec", made.text))
    assert analysis.lake is not None, (made.text, [one.message for one in analysis.diagnostics])
    if not case.runs:
        return
    tables = lake_tables(made.text, made.tables, data)
    if case.loose and not case.exact:
        return
    assert written, "the script writes nothing"
    for place, (columns, rows) in written.items():
        name = next(one for one in tables if one in _names(place) or one == case.names.get("place"))
        assert_same(case, tables[name], (columns, rows), made.text)


def _names(place: str) -> set[str]:
    parts = [part for part in re.sub(r"^s3://[^/]+/", "", place).replace(".", "/").split("/") if part]
    return {storable("_".join(parts[-2:])), storable(parts[-1])}


def assert_same(case: Case, table: Table, written: tuple[list[str], list[tuple[Any, ...]]], text: str) -> None:
    """Row by row; columns are found by their names."""
    columns, rows = written
    wanted = [case.names.get(column, column.lower()) for column in columns]
    assert sorted(wanted) == sorted(table[0]), (wanted, table[0], text)
    order = [wanted.index(column) for column in table[0]]
    expected = Counter(tuple(row[at] for at in order) for row in rows)
    assert table[1] == expected, (table[1] - expected, expected - table[1], text)
