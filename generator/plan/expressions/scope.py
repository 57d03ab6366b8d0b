"""What the names in an expression mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from generator.diagnostics import suggestion
from generator.plan.expressions.problem import Problem
from generator.plan.relation import Column, ColumnId
from generator.plan.types import Type


class Name(NamedTuple):
    """One part of a dotted name, with its place."""

    text: str
    start: int
    end: int


class Resolved(NamedTuple):
    """A column and how many of the name's parts spell it; the rest are struct fields."""

    id: ColumnId
    column: Column
    parts: int


class Scope:
    """The tables of a step by alias, and the columns that the table itself computed.

    Args:
        relations: alias -> lower-case column name -> column.
        computed: unqualified columns; they win over those of the tables.
    """

    __slots__ = ("computed", "relations")

    def __init__(
        self,
        relations: Mapping[str, Mapping[str, Column]],
        computed: Mapping[str, Column] | None = None,
    ) -> None:
        self.relations = relations
        self.computed = computed if computed is not None else {}

    def resolve(self, parts: Sequence[Name]) -> Resolved | Problem:
        """Finds the column of a name such as `a`, `alias.a`, or `a.field`."""
        first = parts[0]
        low = first.text.lower()
        if len(parts) > 1:
            relation = self._relation(low)
            if relation is not None:
                alias, columns = relation
                name = parts[1].text.lower()
                if name in columns:
                    return Resolved(ColumnId(alias, name), columns[name], 2)
                if self._unqualified(low) is None:
                    return _unknown(parts[1], columns, f" in `{alias}`")
        found = self._unqualified(low)
        if isinstance(found, Resolved):
            return found
        if found is not None:
            return _ambiguous(first, found)
        if len(parts) > 1 and self.relations:
            return Problem(
                "C006", f"unknown table `{first.text}`", first.start, first.end, "not a table of this step",
                help=suggestion(first.text, [*self.relations, *self._structs()]),
            )  # fmt: skip
        where = f" in `{next(iter(self.relations))}`" if len(self.relations) == 1 else ""
        return _unknown(first, self.names(), where)

    def find(self, name: str) -> Resolved | None:
        """The column of a plain lower-case name, where there is exactly one."""
        found = self._unqualified(name)
        return found if isinstance(found, Resolved) else None

    def names(self) -> list[str]:
        return [*self.computed, *(name for columns in self.relations.values() for name in columns)]

    def _structs(self) -> list[str]:
        columns = [*self.computed.values(), *(c for cols in self.relations.values() for c in cols.values())]
        return [column.name for column in columns if column.type.kind == "struct"]

    def _relation(self, low: str) -> tuple[str, Mapping[str, Column]] | None:
        columns = self.relations.get(low)
        if columns is not None:
            return low, columns
        return next(((alias, cols) for alias, cols in self.relations.items() if alias.lower() == low), None)

    def _unqualified(self, low: str) -> Resolved | list[str] | None:
        """The column; the aliases of the tables that have it, if several; None if none has."""
        computed = self.computed.get(low)
        if computed is not None:
            return Resolved(ColumnId(None, low), computed, 1)
        owners = [alias for alias, columns in self.relations.items() if low in columns]
        if not owners:
            return None
        if len(owners) > 1:
            return owners
        return Resolved(ColumnId(owners[0], low), self.relations[owners[0]][low], 1)


def field_name(kind: Type, name: str) -> str | None:
    """How a struct spells a field that is meant in any case; None where it has no such field."""
    return next((field for field, _ in kind.fields if field.lower() == name.lower()), None)


def field_type(kind: Type, name: Name) -> Type | Problem:
    """The type of a struct's field."""
    if kind.kind != "struct":
        return Problem("C005", f"`{kind}` has no fields, so no `{name.text}`", name.start, name.end, "not a struct")
    fields = dict(kind.fields)
    spelled = field_name(kind, name.text)
    if spelled is not None:
        return fields[spelled]
    return Problem(
        "C005", f"unknown field `{name.text}`", name.start, name.end,
        "the struct has no such field", help=suggestion(name.text, fields),
    )  # fmt: skip


def _unknown(name: Name, known: Sequence[str] | Mapping[str, Column], where: str) -> Problem:
    return Problem(
        "C001", f"unknown column `{name.text}`{where}", name.start, name.end, "not found",
        help=suggestion(name.text, known),
    )  # fmt: skip


def _ambiguous(name: Name, owners: Sequence[str]) -> Problem:
    listed = " and ".join(f"`{owner}`" for owner in owners)
    options = " or ".join(f"`{owner}.{name.text.lower()}`" for owner in owners)
    return Problem(
        "C002", f"column `{name.text}` is ambiguous", name.start, name.end, f"found in {listed}",
        help=(f"write {options}",),
    )  # fmt: skip
