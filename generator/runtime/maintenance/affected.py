"""The addresses that changes reach, and the rows there made again: relations of one session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .engine import Engine
from .names import AFFECTED, CHANGED
from .program import DeltaProgram, KeptProgram, TouchProgram


@dataclass(slots=True)
class Remaking:
    """Makes again what changes affect.

    Attributes:
        sizes: the rows of each input.
        changed: the inputs, and later the queries, of which rows left or came.
        read: rows that were looked at.
    """

    engine: Engine
    program: DeltaProgram
    sizes: Mapping[str, int]
    changed: set[str]
    read: int = field(default=0)

    def ahead(self, own: int) -> int:
        """The rows that are going to be looked through, as far as can be told before anything is.

        Args:
            own: those that the table has.
        """
        reached = {one.name for one in self.program.inner if any(self._reaches(touch) for touch in one.touches)}
        fired = [one for one in self.program.table.touches if self.changed.union(reached).intersection(one.changed)]
        looking = sum(self.sizes.get(name, 0) for touch in fired for name in touch.reads)
        inner = sum(self.sizes.get(name, 0) for one in self.program.inner if one.name in reached for name in one.reads)
        return self.read + inner + looking + (self.rest(own) if looking else 0)

    def rest(self, own: int) -> int:
        """The rows that are looked through to make again those at affected addresses."""
        table = self.program.table
        return own + sum(self.sizes.get(name, 0) for name in (*(base.input for base in table.bases), *table.reads))

    def _reaches(self, touch: TouchProgram) -> bool:
        return bool(self.changed.intersection(touch.changed))

    def inner(self) -> None:
        """What changed in the queries that the table joins."""
        for query in self.program.inner:
            reached = any(map(self._reaches, query.touches))
            if reached or (not query.address and self.changed.intersection(query.reads)):
                self._compare(query)

    def _compare(self, query: KeptProgram) -> None:
        if query.address:
            self.affected(query)
        for word, sql in (("old", query.then), ("new", query.sql)):
            for base in query.bases:
                self.engine.part(base.name, base.then if word == "old" else base.now)
            self._make(f"#{word}", sql)
            self.read += sum(self.sizes.get(name, 0) for name in query.reads)
        old, new, left, entered = (self.engine.name(name) for name in ("#old", "#new", "#left", "#entered"))
        self.engine.compare(query.rows, (f"FROM {old}", "#left"), (f"FROM {new}", "#entered"))
        self._make(CHANGED + query.name, f"SELECT * FROM {left} UNION ALL SELECT * FROM {entered}")
        if self._count(CHANGED + query.name):
            self.changed.add(query.name)

    def affected(self, query: KeptProgram, rows: str = "") -> int:
        """Makes the addresses that changes reach; returns how many there are.

        Args:
            rows: FROM a relation with the address's columns, for where no change may reach any.
        """
        fired = list(filter(self._reaches, query.touches))
        self.read += sum(self.sizes.get(name, 0) for touch in fired for name in touch.reads)
        if fired:
            self._make(AFFECTED, "\nUNION\n".join(f"({touch.sql})" for touch in fired))
        else:
            names = (f"{self.engine.name(name)} AS _{number}" for number, name in enumerate(query.address))
            self.engine.make_empty(AFFECTED, f"SELECT {', '.join(names)} {rows}")
        return self._count(AFFECTED)

    def rows(self, name: str) -> None:
        """Makes the table's rows at the affected addresses, and those of base rows that only came, by this name."""
        table, some = self.program.table, self._count(AFFECTED) > 0
        for base in table.bases:
            parts = [base.now] if some else []
            if not table.grouped and (base.input in self.changed or not some):
                parts.append(base.came)
            self.engine.part(base.name, "\nUNION ALL\n".join(f"({part})" for part in parts))
            self.read += self.sizes.get(base.input, 0) if some else 0
        self.read += sum(self.sizes.get(name, 0) for name in table.reads)
        self._make(name, table.sql)

    def _make(self, name: str, sql: str) -> None:
        self.engine.make(name, sql)

    def _count(self, name: str) -> int:
        return self.engine.count(name)
