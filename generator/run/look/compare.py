"""What a change of the spec does to the rows: both specs run over the same data in a scratch folder, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from generator import stopping
from generator.diagnostics import GeneratorError
from generator.jobs.check_sql import sql_name
from generator.jobs.duckdb_checks import readable_key
from generator.plan.lake import CompiledLake
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder, begin_from
from generator.run.landing.sql import file_list
from generator.run.masking import MASK
from generator.run.program import Program
from generator.run.report import Listener, RunReport, Status
from generator.scratch import scratch_folder

Row = Mapping[str, Any]
NEW, OLD = '"#new"', '"#old"'
"""Names of relations that no lake can have."""


class CompareError(GeneratorError):
    """Two specs whose rows can't be compared."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that has other values now; `before` has those that were others."""

    key: Row
    before: Row
    after: Row


@dataclass(frozen=True, slots=True)
class TableComparison:
    """What becomes of a table or source.

    Attributes:
        before, after: its rows; None where it isn't there.
        added, gone, changed: rows. Without a key, a row that changed is one that is gone and one that was added.
        key: the columns by which rows are found again; none where neither spec knows any that both have.
        new_columns, gone_columns, retyped: columns that aren't compared, as they aren't in both, or of one type.
        rows_added, rows_gone, rows_changed: some of them.
        masked: columns whose values aren't shown.
        by_column: of changed rows, how many have another value in each column.
    """

    name: str
    before: int | None
    after: int | None
    added: int = 0
    gone: int = 0
    changed: int = 0
    key: tuple[str, ...] = ()
    new_columns: tuple[str, ...] = ()
    gone_columns: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    rows_added: tuple[Row, ...] = ()
    rows_gone: tuple[Row, ...] = ()
    rows_changed: tuple[ChangedRow, ...] = ()
    masked: tuple[str, ...] = ()
    by_column: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        rows = self.added or self.gone or self.changed or self.before is None or self.after is None
        return not (rows or self.new_columns or self.gone_columns or self.retyped)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two specs: the lake, its program, and where its tables are made."""

    lake: CompiledLake
    program: Program


def compare(
    old: Side | None,
    new: Side,
    data: Path,
    listener: Listener,
    *,
    kept: LakeFolder | None = None,
    examples: int = 3,
    reveal: bool = False,
) -> tuple[TableComparison, ...]:
    """Runs both specs over the data, at one time, and compares every table.

    Args:
        old: None where there was nothing.
        kept: a lake folder whose versions are taken for what they are of; nothing is written to it.
        examples: so many rows of each kind are told.
        reveal: whether they show personal data.

    Raises:
        CompareError: one of the lakes doesn't run.
    """
    with scratch_folder("comparison-") as scratch:
        before, after = LakeFolder(scratch / "before"), LakeFolder(scratch / "after")
        now = datetime.now(UTC)
        if kept is not None:
            begin_from(kept, before if old is not None else after, new.program.lake)
        if old is not None:
            _must_work(execute(old.program, data, before, listener, time_of_run=now), "the old spec")
            begin_from(before, after, old.program.lake)
        _must_work(execute(new.program, data, after, listener, time_of_run=now), "the spec")
        names = dict.fromkeys((*_stored(new), *_stored(old)))
        with duckdb.connect() as connection, stopping.interrupting(connection.interrupt):
            comparing = _Comparing(connection, old, new, before, after, examples, reveal)
            return tuple(comparing.table(name) for name in names)


def _must_work(report: RunReport, which: str) -> None:
    for table in report.tables:
        if table.status is Status.FAILED:
            raise CompareError(f"{which} doesn't run: {table.name}: {table.problem}")


def _stored(side: Side | None) -> list[str]:
    if side is None:
        return []
    tables = [table.name for table in side.program.tables if not table.is_view]
    return [*(source.name for source in side.program.sources), *tables]


@dataclass(frozen=True, slots=True)
class _Comparing:
    """Both lakes as they were made."""

    connection: duckdb.DuckDBPyConnection
    old: Side | None
    new: Side
    before: LakeFolder
    after: LakeFolder
    examples: int
    reveal: bool

    def table(self, name: str) -> TableComparison:
        old, new = self.before.catalog().entry(name), self.after.catalog().entry(name)
        of_old, of_new = name in _stored(self.old), name in _stored(self.new)
        if old is None or new is None or not (of_old and of_new):
            then = old.current.rows if old is not None and of_old else None
            now = new.current.rows if new is not None and of_new else None
            return TableComparison(name, then, now, added=now or 0, gone=then or 0, masked=self._masked(name))
        was, now_is = dict(old.columns), dict(new.columns)
        common = [column for column, kind in now_is.items() if was.get(column) == kind]
        found = TableComparison(
            name,
            old.current.rows,
            new.current.rows,
            new_columns=tuple(column for column in now_is if column not in was),
            gone_columns=tuple(column for column in was if column not in now_is),
            retyped=tuple(column for column in now_is if column in was and was[column] != now_is[column]),
            masked=self._masked(name),
        )
        if old.current.files == new.current.files:
            return found
        self._view(OLD, self.before, old.current.files)
        self._view(NEW, self.after, new.current.files)
        if not common:
            return replace(found, added=new.current.rows, gone=old.current.rows)
        key = self._key(name, common)
        return self._by_key(found, key, common) if key else self._as_multisets(found, common)

    def _view(self, name: str, lake: LakeFolder, files: Iterable[str]) -> None:
        paths = file_list([str(lake.root / file) for file in files])
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet({paths})")

    def _key(self, name: str, common: Sequence[str]) -> tuple[str, ...]:
        """A key that both have; one that only one of the specs knows, if it is one of the other's rows too."""
        for side in (self.new, self.old):
            if side is None:
                continue
            key = readable_key(side.lake.relation(name))
            if key and set(key) <= set(common) and all(self._is_key(one, key) for one in (OLD, NEW)):
                return key
        return ()

    def _is_key(self, rows: str, key: Sequence[str]) -> bool:
        names = ", ".join(map(sql_name, key))
        return self._number(f"SELECT count(*) FROM (SELECT 1 FROM {rows} GROUP BY {names} HAVING count(*) > 1)") == 0

    def _masked(self, name: str) -> tuple[str, ...]:
        """The columns with personal data by either spec."""
        if self.reveal:
            return ()
        sides = [side.lake for side in (self.old, self.new) if side is not None and name in _stored(side)]
        columns = (column for lake in sides for column in lake.relation(name).columns.values())
        return tuple(dict.fromkeys(column.name for column in columns if column.personal))

    def _by_key(self, found: TableComparison, key: tuple[str, ...], common: Sequence[str]) -> TableComparison:
        name = found.name
        same = " AND ".join(f"o.{sql_name(one)} IS NOT DISTINCT FROM n.{sql_name(one)}" for one in key)
        others = [column for column in common if column not in key]
        differs = [f"o.{sql_name(one)} IS DISTINCT FROM n.{sql_name(one)}" for one in others]
        changed = f"{OLD} AS o JOIN {NEW} AS n ON {same} WHERE {' OR '.join(differs) or 'false'}"
        added = f"{NEW} AS n ANTI JOIN {OLD} AS o ON {same}"
        gone = f"{OLD} AS o ANTI JOIN {NEW} AS n ON {same}"
        counts = ", ".join(f"count_if({one})" for one in differs)
        total, *by_column = self.connection.execute(
            f"SELECT count(*){', ' + counts if counts else ''} FROM {changed}"
        ).fetchall()[0]
        return replace(
            found,
            key=key,
            added=self._number(f"SELECT count(*) FROM {added}"),
            gone=self._number(f"SELECT count(*) FROM {gone}"),
            changed=int(total),
            by_column={column: int(n) for column, n in zip(others, by_column, strict=True) if n},
            rows_added=self._rows(name, f"SELECT {_columns('n', common)} FROM {added}"),
            rows_gone=self._rows(name, f"SELECT {_columns('o', common)} FROM {gone}"),
            rows_changed=self._changed_rows(name, key, others, changed) if total else (),
        )

    def _changed_rows(
        self, name: str, key: Sequence[str], others: Sequence[str], changed: str
    ) -> tuple[ChangedRow, ...]:
        order = ", ".join(f"n.{sql_name(one)}" for one in key)
        sql = f"SELECT {_columns('n', key)}, {_columns('o', others)}, {_columns('n', others)} FROM {changed}"
        rows = self.connection.execute(f"{sql} ORDER BY {order} LIMIT {self.examples}").fetchall()
        found = []
        for row in rows:
            keys = dict(zip(key, row, strict=False))
            then = dict(zip(others, row[len(key) :], strict=False))
            now = dict(zip(others, row[len(key) + len(others) :], strict=False))
            differing = [one for one in others if repr(then[one]) != repr(now[one])]
            before, after = ({one: side[one] for one in differing} for side in (then, now))
            found.append(ChangedRow(*(self._shown(name, part) for part in (keys, before, after))))
        return tuple(found)

    def _as_multisets(self, found: TableComparison, common: Sequence[str]) -> TableComparison:
        columns = ", ".join(map(sql_name, common))
        added = f"(SELECT {columns} FROM {NEW} EXCEPT ALL SELECT {columns} FROM {OLD})"
        gone = f"(SELECT {columns} FROM {OLD} EXCEPT ALL SELECT {columns} FROM {NEW})"
        return replace(
            found,
            added=self._number(f"SELECT count(*) FROM {added}"),
            gone=self._number(f"SELECT count(*) FROM {gone}"),
            rows_added=self._rows(found.name, f"FROM {added}"),
            rows_gone=self._rows(found.name, f"FROM {gone}"),
        )

    def _rows(self, name: str, sql: str) -> tuple[Row, ...]:
        cursor = self.connection.execute(f"SELECT * FROM ({sql}) ORDER BY ALL LIMIT {self.examples}")
        names = [column[0] for column in cursor.description or ()]
        return tuple(self._shown(name, dict(zip(names, row, strict=True))) for row in cursor.fetchall())

    def _shown(self, name: str, row: Row) -> Row:
        hidden = self._masked(name)
        return {column: MASK if column in hidden and value is not None else value for column, value in row.items()}

    def _number(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchall()[0][0])


def _columns(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{sql_name(name)}" for name in names)
