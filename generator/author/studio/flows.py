"""The rows at a node of a job, and the tables that are made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from generator.author.names import storable
from generator.author.studio.catalog import Catalog, Known, KnownColumn
from generator.author.studio.model import Job, KeyPair, Kind, Node
from generator.author.studio.tables import TableDraft

_TITLE = 40


@dataclass(slots=True)
class Pending:
    """An inner join that may turn out to be a semi join, once it is known which columns stay."""

    node: Node
    left: Flow
    right: Flow
    keys: tuple[KeyPair, ...]


@dataclass(slots=True)
class Flow:
    """The rows at a node.

    Attributes:
        table: the clauses so far.
        columns: in order; None where they aren't known.
        keys: sets of columns that no two rows share.
        title: of the node that they come from.
        pending: the join that was made last, not yet written.
        multiplied: a join whose copies of rows nothing has removed yet.
    """

    table: TableDraft
    columns: list[str] | None
    keys: set[frozenset[str]] = field(default_factory=set)
    title: str = ""
    pending: Pending | None = None
    multiplied: Node | None = None


class Builder:
    """Makes the tables of one target.

    Attributes:
        tables: what came out: views before the tables that read them.
    """

    def __init__(self, job: Job, catalog: Catalog, target: str) -> None:
        self.job = job
        self.catalog = catalog
        self.target = target
        self.tables: list[TableDraft] = []

    def read(self, name: str) -> Flow:
        """All rows of a source or table."""
        known = self.catalog.known.get(name)
        return Flow(TableDraft("", name), self.catalog.columns(name), set(known.keys) if known else set())

    def at(self, stage: int, flow: Flow) -> Flow:
        """The flow where a clause of a stage can be added: as it is, or as a view that a new table reads."""
        if flow.table.reach(stage):
            return flow
        name = self.named(flow)
        return Flow(TableDraft("", name), flow.columns, flow.keys, multiplied=flow.multiplied)

    def named(self, flow: Flow) -> str:
        """The name of what a flow is: a table, or a view made for it."""
        if flow.table.is_plain:
            return flow.table.source
        if flow.multiplied is not None:
            self.warn_multiplied(flow.multiplied)
            flow.multiplied = None
        taken = {table.name for table in self.tables} | self.catalog.targets.keys() | self.catalog.known.keys()
        wanted = name = f"{self.target}_{storable(flow.title)[:_TITLE].strip('_') or 'part'}"
        number = 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        flow.table.name, flow.table.view = name, True
        self.remember(flow)
        self.tables.append(flow.table)
        return name

    def remember(self, flow: Flow) -> None:
        """Makes a table known to those that read it."""
        name = flow.table.name
        columns = {column: self._column(flow, column) for column in flow.columns or ()}
        base = "" if flow.columns is not None or flow.table.sql else flow.table.source
        self.catalog.known[name] = Known(name, columns, flow.columns is not None, flow.keys, base or name)

    def _column(self, flow: Flow, name: str) -> KnownColumn:
        before = self.catalog.known.get(flow.table.source)
        return before.columns[name] if before and name in before.columns else KnownColumn(name, name)

    def mention(self, flow: Flow, column: str, kind: str = "") -> None:
        """A column of the rows is used; where names are still those of the table below, it must be there."""
        if flow.columns is None and not flow.table.rename:
            self.catalog.mention(flow.table.source, column, kind)

    def name(self, flow: Flow, column: str) -> str:
        """A column's name in the lake. Jobs that read files call it by its raw key, which may be another word."""
        known = self.catalog.known.get(flow.table.source)
        if known is not None and known.in_spec and plain(column) not in (flow.columns or ()):
            found = next((one.name for one in known.columns.values() if one.key == column), None)
            if found is not None:
                return found
        return plain(column)

    def in_names(self, table: str, text: str) -> str:
        """An expression with the lake's names for raw keys."""
        known = self.catalog.known.get(table)
        for column in known.columns.values() if known is not None and known.in_spec else ():
            if plain(column.key) != column.name:
                text = re.sub(rf"\b(?:{re.escape(column.key)}|{plain(column.key)})\b(?!')", column.name, text)
        return text

    def warn_multiplied(self, node: Node) -> None:
        message = "this join writes a row once for each match, and nothing removes the copies"
        help = "written as `semi`: each row once; if the copies are meant, write `inner` and its `cardinality`"
        self.job.note(Kind.TRAP, "multiplying-join", node.line, message, help)


def plain(column: str) -> str:
    """A column's name: `.serialNumber` is that of a join's second side."""
    return ".".join(storable(part) for part in column.replace("`", "").lstrip(".").split("."))
