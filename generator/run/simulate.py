"""What a withdrawn consent would take out of the lake: two runs into a scratch folder, compared.

The first one begins from the lake that is kept, if there is one, and the second from the first: both cost what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from generator.diagnostics import GeneratorError
from generator.erasure.person import Named, is_value, key_type
from generator.jobs.check_sql import sql_name
from generator.plan.expressions import settings_for, to_duckdb
from generator.plan.expressions.columns import column_nodes
from generator.plan.lake import CompiledLake
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder, Version, begin_from
from generator.run.landing.sql import file_list
from generator.run.masking import masked_row
from generator.run.program import Program, TableProgram
from generator.run.report import Listener, RunReport, Status, TableReport
from generator.scratch import scratch_folder

Rows = tuple[Mapping[str, Any], ...]


class SimulationError(GeneratorError):
    """A withdrawal that can't be simulated."""


@dataclass(frozen=True, slots=True)
class TableChange:
    """What becomes of a table.

    Attributes:
        rows: as it is.
        leaving: rows that won't be there any more.
        coming: rows that are new, such as aggregates over fewer people.
        examples: some of the rows that leave.
        keep_versions: runs after which no version holds them.
    """

    name: str
    rows: int
    leaving: int
    coming: int
    examples: Rows
    keep_versions: int


def simulate(
    lake: CompiledLake,
    program: Program,
    data: Path,
    who: Named,
    listener: Listener,
    examples: int = 5,
    kept: LakeFolder | None = None,
    *,
    reveal: bool = False,
) -> tuple[TableChange, ...]:
    """Runs the lake with and without somebody's consent and compares every table.

    Args:
        reveal: whether examples show personal data.
        kept: a lake folder whose versions are taken for what they are of; nothing is written to it.

    Raises:
        SimulationError: the lake doesn't run, or there is no such person.
    """
    with scratch_folder("simulation-") as scratch:
        before, after = LakeFolder(scratch / "before"), LakeFolder(scratch / "after")
        if kept is not None:
            begin_from(kept, before, program.lake)
        now = datetime.now(UTC)
        _must_work(execute(program, data, before, listener, time_of_run=now))
        _must_know(lake, program, before, who)
        begin_from(before, after, program.lake)
        elsewhere = _kept_elsewhere(lake, who)
        changes = {
            **{name: (f"DELETE FROM {sql_name(name)} WHERE {given}",) for name, given in elsewhere.items()},
            lake.subjects[who.subject].registry: _statements(lake, who),
        }
        asked = [statement for statements in changes.values() for statement in statements]
        withdrawn = _with_settings(_withdrawn(program, elsewhere), asked)
        leaving = _Leaving(examples)
        report = execute(withdrawn, data, after, listener, changes, time_of_run=now, inspect=leaving.look)
        _must_work(report)
        made = {one.name: one for one in report.tables}
        tables = [table for table in program.tables if not table.is_view]
        found = (_change(table, made[table.name], leaving, before, after) for table in tables)
        return tuple(one if reveal else _masked(one, table) for one, table in zip(found, tables, strict=True))


def _masked(change: TableChange, table: TableProgram) -> TableChange:
    return replace(change, examples=tuple(masked_row(row, table.impersonal) for row in change.examples))


@dataclass(slots=True)
class _Leaving:
    """Some of the rows that leave the tables which are kept by what changed."""

    examples: int
    rows: dict[str, Rows] = field(default_factory=dict)

    def look(self, connection: duckdb.DuckDBPyConnection) -> None:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '#removed ')")
        for (table,) in tables.fetchall():
            shown = connection.execute(f"FROM {sql_name(table)} ORDER BY ALL LIMIT {self.examples}")
            self.rows[table.removeprefix("#removed ")] = _rows_of(shown)


def _must_work(report: RunReport) -> None:
    for table in report.tables:
        if table.status is Status.FAILED:
            raise SimulationError(f"the lake does not run: {table.name}: {table.problem}")


def _must_know(lake: CompiledLake, program: Program, made: LakeFolder, who: Named) -> None:
    """Asks the registry for the person."""
    registry = next(one for one in program.sources if one.name == lake.subjects[who.subject].registry)
    with duckdb.connect() as connection:
        rows = _paths(made, _current(made, registry.name).files)
        query = f"SELECT count(*) FROM {rows} WHERE {_is_person(lake, who)}"
        for setting in settings_for((query,)):
            connection.execute(setting)
        found = connection.execute(query).fetchall()
    if found == [(0,)]:
        raise SimulationError(f"there is no {who.subject} with {who.key} `{who.value}` in {registry.name}")


def _is_person(lake: CompiledLake, who: Named) -> str:
    return is_value(lake, who, who.key, key_type(lake, who.subject, who.key))


def _statements(lake: CompiledLake, who: Named) -> tuple[str, ...]:
    """Takes every consent of the person back: its columns become null, or else the row goes."""
    statements = []
    for consent in lake.consents.values():
        if consent.subject != who.subject or consent.registry != lake.subjects[who.subject].registry:
            continue
        keys = lake.subjects[who.subject].keys
        columns = sorted({node.name for node in column_nodes(consent.condition)} - set(keys))
        table, person = sql_name(consent.registry), _is_person(lake, who)
        if columns:
            nulls = ", ".join(f"{sql_name(column)} = NULL" for column in columns)
            statements.append(f"UPDATE {table} SET {nulls} WHERE {person}")
        statements.append(f"DELETE FROM {table} WHERE {person} AND {to_duckdb(consent.condition)}")
    return tuple(statements)


def _kept_elsewhere(lake: CompiledLake, who: Named) -> dict[str, str]:
    """The registries of consents besides the subject's own, and which rows there say that the person agreed.

    Raises:
        SimulationError: a consent is kept by another key than the one that the person is named by.
    """
    found: dict[str, list[str]] = {}
    for name, consent in lake.consents.items():
        if consent.subject != who.subject or consent.registry == lake.subjects[who.subject].registry:
            continue
        if who.key not in consent.keys:
            known = " or ".join(f"{who.subject}.{key}" for key in consent.keys)
            raise SimulationError(f"consent {name} is kept in {consent.registry} by {known}: name the person by that")
        column = consent.keys[who.key]
        kind = next(one.type for one in lake.relation(consent.registry).columns.values() if one.name == column)
        person = is_value(lake, who, column, kind)
        found.setdefault(consent.registry, []).append(f"({person} AND {to_duckdb(consent.condition)})")
    return {registry: " OR ".join(conditions) for registry, conditions in found.items()}


def _withdrawn(program: Program, kept: Mapping[str, str]) -> Program:
    """The program whose tables of consents no longer say that the person agreed."""
    tables = tuple(
        replace(one, sql=f"SELECT * FROM ({one.sql}) AS {sql_name(one.name)} WHERE ({kept[one.name]}) IS NOT TRUE")
        if one.name in kept
        else one
        for one in program.tables
    )
    return replace(program, tables=tables)


def _with_settings(program: Program, statements: Iterable[str]) -> Program:
    """The program with what these statements need besides."""
    more = [one for one in settings_for(statements) if one not in program.settings]
    return replace(program, settings=(*program.settings, *more))


def _change(
    table: TableProgram, made: TableReport, leaving: _Leaving, before: LakeFolder, after: LakeFolder
) -> TableChange:
    """What becomes of a table: as its run tells, or else by comparing its files."""
    old, new = (_current(lake, table.name) for lake in (before, after))
    if old.files == new.files:
        return TableChange(table.name, old.rows, 0, 0, (), table.keep_versions)
    if made.added is not None and made.removed is not None:
        shown = leaving.rows.get(table.name, ())
        return TableChange(table.name, old.rows, made.removed, made.added, shown, table.keep_versions)
    then, now = (_paths(lake, version.files) for lake, version in ((before, old), (after, new)))
    gone = f"(FROM {then} EXCEPT ALL FROM {now})"
    with duckdb.connect() as connection:
        ((leaves, comes),) = connection.execute(
            f"SELECT (SELECT count(*) FROM {gone}), (SELECT count(*) FROM (FROM {now} EXCEPT ALL FROM {then}))"
        ).fetchall()
        shown = _rows_of(connection.execute(f"FROM {gone} ORDER BY ALL LIMIT {leaving.examples}"))
    return TableChange(table.name, old.rows, leaves, comes, shown, table.keep_versions)


def _rows_of(cursor: duckdb.DuckDBPyConnection) -> Rows:
    names = [column[0] for column in cursor.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _current(lake: LakeFolder, name: str) -> Version:
    entry = lake.catalog().entry(name)
    assert entry is not None, f"{name} was published"
    return entry.current


def _paths(lake: LakeFolder, files: Iterable[str]) -> str:
    return f"read_parquet({file_list([str(lake.root / file) for file in files])})"
