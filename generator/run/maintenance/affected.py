"""The addresses that changes reach, and the rows there made again: temporary tables of one connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from generator.jobs.check_sql import sql_name
from generator.plan.maintenance.names import AFFECTED, CHANGED
from generator.run.maintenance.differences import compare, count, make
from generator.run.maintenance.program import DeltaProgram, KeptProgram

MADE = "#made"
"""The rows of the table at the affected addresses, as they have to be, and those that only came."""


@dataclass(slots=True)
class Remaking:
    """Makes again what changes affect.

    Attributes:
        sizes: the rows of each input.
        changed: the inputs, and later the queries, of which rows left or came.
        read: rows that were looked at.
    """

    connection: duckdb.DuckDBPyConnection
    program: DeltaProgram
    sizes: Mapping[str, int]
    changed: set[str]
    read: int = field(default=0)

    def inner(self) -> None:
        """What changed in the queries that the table joins."""
        for query in self.program.inner:
            reached = any(self.changed.intersection(touch.changed) for touch in query.touches)
            if reached or (not query.address and self.changed.intersection(query.reads)):
                self._compare(query)

    def _compare(self, query: KeptProgram) -> None:
        if query.address:
            self.affected(query)
        for word, sql in (("old", query.then), ("new", query.sql)):
            for base in query.bases:
                self._make(base.name, base.then if word == "old" else base.now)
            self._make(f"#{word}", sql)
            self.read += sum(self.sizes.get(name, 0) for name in query.reads)
        compare(self.connection, query.rows, ('FROM "#old"', "#left"), ('FROM "#new"', "#entered"))
        self._make(CHANGED + query.name, 'FROM "#left" UNION ALL FROM "#entered"')
        if self._count(CHANGED + query.name):
            self.changed.add(query.name)

    def affected(self, query: KeptProgram, rows: str = "") -> int:
        """Makes the addresses that changes reach; returns how many there are.

        Args:
            rows: FROM a relation with the address's columns, for where no change may reach any.
        """
        fired = [touch for touch in query.touches if self.changed.intersection(touch.changed)]
        self.read += sum(self.sizes.get(name, 0) for touch in fired for name in touch.reads)
        if fired:
            self._make(AFFECTED, "\nUNION\n".join(f"({touch.sql})" for touch in fired))
        else:
            names = (f"{sql_name(name)} AS _{number}" for number, name in enumerate(query.address))
            self._make(AFFECTED, f"SELECT {', '.join(names)} {rows} LIMIT 0")
        return self._count(AFFECTED)

    def rows(self) -> None:
        """Makes the table's rows at the affected addresses, and those of base rows that only came."""
        table, some = self.program.table, self._count(AFFECTED) > 0
        for base in table.bases:
            parts = [base.now] if some else []
            if not table.grouped and (base.input in self.changed or not some):
                parts.append(base.came)
            self._make(base.name, "\nUNION ALL\n".join(f"({part})" for part in parts))
            self.read += self.sizes.get(base.input, 0) if some else 0
        self.read += sum(self.sizes.get(name, 0) for name in table.reads)
        self._make(MADE, table.sql)

    def _make(self, name: str, sql: str) -> None:
        make(self.connection, name, sql)

    def _count(self, name: str) -> int:
        return count(self.connection, name)
