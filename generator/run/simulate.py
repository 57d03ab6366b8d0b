"""What a withdrawn consent would take out of the lake: two runs into a scratch folder, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from generator.diagnostics import GeneratorError
from generator.jobs.check_sql import sql_name
from generator.plan.expressions import settings_for, to_duckdb
from generator.plan.lake import CompiledLake
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder
from generator.run.landing.sql import file_list
from generator.run.person import Named, is_value, key_type
from generator.run.program import Program
from generator.run.report import Listener, RunReport, Status
from generator.scratch import scratch_folder


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
    examples: tuple[Mapping[str, Any], ...]
    keep_versions: int


def simulate(
    lake: CompiledLake, program: Program, data: Path, who: Named, listener: Listener, examples: int = 5
) -> tuple[TableChange, ...]:
    """Runs the lake with and without somebody's consent and compares every table.

    Raises:
        SimulationError: the lake doesn't run, or there is no such person.
    """
    with scratch_folder("simulation-") as scratch:
        before, after = LakeFolder(scratch / "before"), LakeFolder(scratch / "after")
        now = datetime.now(UTC)
        _must_work(execute(program, data, before, listener, time_of_run=now))
        _must_know(lake, program, before, who)
        kept = _kept_elsewhere(lake, who)
        changes = {
            **{name: (f"DELETE FROM {sql_name(name)} WHERE {given}",) for name, given in kept.items()},
            lake.subjects[who.subject].registry: _statements(lake, who),
        }
        asked = [statement for statements in changes.values() for statement in statements]
        withdrawn = _with_settings(_withdrawn(program, kept), asked)
        _must_work(execute(withdrawn, data, after, listener, changes, time_of_run=now))
        return tuple(
            _compare(table.name, table.keep_versions, before, after, examples)
            for table in program.tables
            if not table.is_view
        )


def _must_work(report: RunReport) -> None:
    for table in report.tables:
        if table.status is Status.FAILED:
            raise SimulationError(f"the lake does not run: {table.name}: {table.problem}")


def _must_know(lake: CompiledLake, program: Program, made: LakeFolder, who: Named) -> None:
    """Asks the registry for the person."""
    registry = next(one for one in program.sources if one.name == lake.subjects[who.subject].registry)
    with duckdb.connect() as connection:
        query = f"SELECT count(*) FROM {_rows(made, registry.name)} WHERE {_is_person(lake, who)}"
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
        columns = sorted({node.name for node in consent.condition.find_all(exp.Column)} - set(keys))
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


def _compare(name: str, keep: int, before: LakeFolder, after: LakeFolder, examples: int) -> TableChange:
    old, new = _rows(before, name), _rows(after, name)
    leaving = f"(FROM {old} EXCEPT ALL FROM {new})"
    with duckdb.connect() as connection:
        rows, gone, come = connection.execute(
            f"SELECT (SELECT count(*) FROM {old}), (SELECT count(*) FROM {leaving}),"
            f" (SELECT count(*) FROM (FROM {new} EXCEPT ALL FROM {old}))"
        ).fetchall()[0]
        cursor = connection.execute(f"FROM {leaving} ORDER BY ALL LIMIT {examples}")
        names = [column[0] for column in cursor.description or ()]
        shown = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return TableChange(name, rows, gone, come, shown, keep)


def _rows(lake: LakeFolder, name: str) -> str:
    """SQL of the published rows of a table or source."""
    entry = lake.catalog().entry(name)
    assert entry is not None, f"{name} was published"
    return f"read_parquet({file_list([str(lake.root / file) for file in entry.current.files])})"
