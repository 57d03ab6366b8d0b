"""The tables that landing data goes to: one for rows, one for the quarantine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.plan.types import Type, duckdb_type
from generator.run.landing.model import LandingSource
from generator.run.landing.sql import literal, name
from generator.runtime.json_lines import Canonical
from generator.runtime.partitions import Partitions
from generator.runtime.rules import LandingColumn, Rejected, file_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH = 1_000_000
QUARANTINE_COLUMNS = {
    "file": "VARCHAR", "line": "BIGINT", "reason": "VARCHAR", "detail": "VARCHAR", "raw": "VARCHAR",
}  # fmt: skip


def landing_table(source: str) -> str:
    """SQL name of the table with a source's rows."""
    return f"temp.main.{name(source)}"


def quarantine_table(source: str) -> str:
    """SQL name of the table with the lines that are no rows."""
    return f"temp.main.{name(source + '.quarantine')}"


def empty_table(columns: Sequence[LandingColumn], kind_of_file: str = "VARCHAR") -> str:
    """Query of the columns and the one of the file, which has a DuckDB type of its own, without any row."""
    values = [f"NULL::{duckdb_type(column.type)} AS {name(column.name)}" for column in columns]
    values.append(f"NULL::{kind_of_file} AS {name(file_column(column.name for column in columns))}")
    return f"SELECT {', '.join(values)} WHERE false"


def create_table(connection: DuckDBPyConnection, source: LandingSource, kind_of_file: str) -> None:
    query = empty_table(source.columns, kind_of_file)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {landing_table(source.name)} AS {query}")


def create_quarantine(connection: DuckDBPyConnection, source: str) -> None:
    columns = ", ".join(f"{column} {kind}" for column, kind in QUARANTINE_COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {quarantine_table(source)} ({columns})")


def text_type(kind: Type) -> str:
    """The DuckDB type of a value whose every part is text; it casts to the type itself."""
    if kind.kind == "array":
        return f"{text_type(kind.element)}[]"
    if kind.kind == "map":
        return f"MAP(VARCHAR, {text_type(kind.element)})"
    if kind.kind == "struct":
        return f"STRUCT({', '.join(f'{name(field)} {text_type(part)}' for field, part in kind.fields)})"
    return "VARCHAR"


class Writer:
    """Adds rows and rejected lines, in batches of about `BATCH` characters.

    Attributes:
        rows: number of rows added.
        reasons: number of rejected lines added, by reason.
    """

    def __init__(self, connection: DuckDBPyConnection, source: LandingSource) -> None:
        self._connection = connection
        types = {column.name: text_type(column.type) for column in source.columns}
        self._file = file_column(types)
        types[self._file] = "VARCHAR"
        casts = ", ".join(
            (
                *(f"r.{name(column.name)}::{duckdb_type(column.type)}" for column in source.columns),
                f"r.{name(self._file)}",
            )
        )
        self._insert_rows = _insert(landing_table(source.name), casts, types)
        columns = ", ".join(f"r.{name(column)}" for column in QUARANTINE_COLUMNS)
        self._insert_rejected = _insert(quarantine_table(source.name), columns, QUARANTINE_COLUMNS)
        self._rows: list[str] = []
        self._rejected: list[str] = []
        self._characters = 0
        self._partitions = Partitions(source.partitions)
        self._of_files: dict[str, dict[str, Canonical]] = {}
        self.rows = 0
        self.reasons: Counter[str] = Counter()

    def add(self, file: str, row: Mapping[str, Canonical]) -> None:
        """Adds a row of a file: texts, by column name."""
        self.rows += 1
        self._keep(self._rows, {**row, **self._of_file(file)})

    def _of_file(self, file: str) -> Mapping[str, Canonical]:
        """What all rows of a file have in common, by column name: its name, and what its folders say."""
        found = self._of_files.get(file)
        if found is None:
            found = self._of_files[file] = {**self._partitions.values(file), self._file: file}
        return found

    def reject(self, file: str, line: int, rejected: Rejected, raw: str) -> None:
        self.reasons[rejected.reason.value] += 1
        entry = {"file": file, "line": line, "reason": rejected.reason, "detail": rejected.detail, "raw": raw}
        self._keep(self._rejected, entry)

    def _keep(self, entries: list[str], entry: Mapping[str, Any]) -> None:
        text = json.dumps(entry)
        entries.append(text)
        self._characters += len(text)
        if self._characters > BATCH:
            self.flush()

    def flush(self) -> None:
        for statement, entries in ((self._insert_rows, self._rows), (self._insert_rejected, self._rejected)):
            if entries:
                self._connection.execute(statement, [entries])
                entries.clear()
        self._characters = 0


def _insert(table: str, values: str, types: Mapping[str, str]) -> str:
    structure = literal(json.dumps(types))
    return f"INSERT INTO {table} SELECT {values} FROM (SELECT json_transform(unnest($1::VARCHAR[]), {structure}) AS r)"
