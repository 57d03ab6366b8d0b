"""A lake of a few orders that is run again and again, beside one that is made from nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import duckdb

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake
from generator.run.build_program import build_program
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder
from generator.run.program import Program
from generator.run.report import RunReport, TableReport

HEAD = """
version: 1
lake: shop
zones: {raw: {}}
sources:
  orders:
    path: orders/
    max_bad_rows: 100%
    columns: {id: bigint, who: string, total: double, day: date}
  people:
    path: people/
    max_bad_rows: 100%
    columns: {who: string, name: string, ok: boolean}
tables:
"""

SINCE = """
version: 1
lake: shop
subjects: {person: {registry: people, keys: [who, phone]}}
consent: {news: {subject: person, when: since is not null, since: since}}
zones: {raw: {}, mail: {require: news}}
sources:
  people: {path: people/, max_bad_rows: 100%, columns: {who: string, phone: string, since: timestamp}}
  orders:
    path: orders/
    event_time: day
    columns: {id: bigint, who: {type: string, identifies: person.who}, day: timestamp}
tables:
  t:
    zone: mail
    source: orders
    join: [{semi: people, on: orders.who = people.who and people.since is not null and orders.day >= people.since}]
"""
"""Orders of whom agreed before them."""


@dataclass
class Shop:
    """Its landing data, its lake, and what the last run said.

    Attributes:
        spark: runs it on Spark, where it is to run there.
    """

    root: Path
    tables: str
    head: str = HEAD
    reports: dict[str, TableReport] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    lakes: dict[str, CompiledLake] = field(default_factory=dict)
    spark: Callable[..., RunReport] | None = None

    @property
    def folder(self) -> LakeFolder:
        return LakeFolder(self.root / "lake")

    def put(self, name: str, *rows: Any) -> None:
        """Writes a landing file, such as `orders/1`; rows are objects, or lines as they are."""
        path = self.root / "data" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text("".join(f"{line}\n" for line in lines))

    def drop(self, name: str) -> None:
        (self.root / "data" / f"{name}.json").unlink()

    def run(self, folder: str = "lake", **options: Any) -> dict[str, TableReport]:
        program, data, lake = self.program(), self.root / "data", LakeFolder(self.root / folder)
        if self.spark is not None:
            report = self.spark(self.lakes[self.head + self.tables], program, data, lake, **options)
        else:
            report = execute(program, data, lake, Mock(), **options)
        found = {one.name: one for one in report.tables}
        if folder == "lake":
            self.reports = found
        return found

    def program(self) -> Program:
        spec = self.head + self.tables
        if spec not in self.programs:
            analysis = check_spec(SourceText("shop.yaml", spec))
            assert analysis.lake is not None, analysis.diagnostics
            self.programs[spec] = build_program(analysis.lake)
            self.lakes[spec] = analysis.lake
        return self.programs[spec]

    def rows(self, table: str, folder: str = "lake") -> list[str]:
        files = LakeFolder(self.root / folder).catalog().tables[table].current.files
        return rows_in(self.root / folder / file for file in files)

    def same_as_from_nothing(self, *tables: str) -> None:
        """Runs another lake from nothing, and compares."""
        folder = f"fresh {len(list(self.root.iterdir()))}"
        self.run(folder)
        for table in tables:
            assert self.rows(table) == self.rows(table, folder), table

    def change(self, table: str) -> tuple[int | None, int | None]:
        return self.reports[table].added, self.reports[table].removed


def rows_in(files: Iterable[Path]) -> list[str]:
    return sorted(map(repr, duckdb.read_parquet([str(file) for file in files]).fetchall()))


def order(id: int, who: str | None = "a", total: Any = 1.0, day: str | None = "2024-01-01") -> dict[str, Any]:
    return {"id": id, "who": who, "total": total, "day": day}
