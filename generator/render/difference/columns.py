"""What changes of the columns of a source or table: names, types, order, where they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.plan.relation import Column, Origin
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, line
from generator.render.difference.names import Names

Columns = Mapping[str, Column]


def by_name(columns: Sequence[Column]) -> Columns:
    return {column.name: column for column in columns}


@dataclass(frozen=True, slots=True)
class ColumnPairs:
    """The columns of a relation before and after.

    Attributes:
        renamed: old names by new ones, of columns that are most likely only called otherwise.
        is_read: whether somebody may read the columns by their names: those of a stored table.
    """

    on: On
    name: str
    old: Columns
    new: Columns
    renamed: Mapping[str, str]
    is_read: bool

    def before(self, name: str) -> Column | None:
        return self.old.get(self.renamed.get(name, name))

    def change(self, kind: Kind, text: str, item: str, before: str = "", after: str = "", risk: bool = False) -> Change:
        is_risk = Risk.DATA if risk and self.is_read else None
        return Change(self.on, self.name, Aspect.COLUMNS, kind, text, item, line(before), line(after), is_risk)


def pair_columns(on: On, name: str, old: Sequence[Column], new: Sequence[Column], *, is_read: bool) -> ColumnPairs:
    mine, theirs = by_name(old), by_name(new)
    come = [column for column in new if column.name not in mine]
    gone = [column for column in old if column.name not in theirs]
    renamed: dict[str, str] = {}
    for column in come:
        alike = [one for one in gone if one.type == column.type and one.origins == column.origins and one.origins]
        if len(alike) == 1 and alike[0].name not in renamed.values():
            renamed[column.name] = alike[0].name
    return ColumnPairs(on, name, mine, theirs, renamed, is_read)


def column_changes(pairs: ColumnPairs, names: Names) -> Iterator[Change]:
    for name, column in pairs.new.items():
        before = pairs.before(name)
        if before is None:
            yield pairs.change(Kind.ADDED, f"{code(name)} is new: {code(column.type)}", name, "", str(column.type))
            continue
        if before.name != name:
            text = f"{code(before.name)} is called {code(name)} now, most likely"
            yield pairs.change(Kind.CHANGED, text, name, before.name, name, risk=True)
        if before.type != column.type:
            types = str(before.type), str(column.type)
            text = f"{code(name)} is {code(types[1])} instead of {code(types[0])}"
            yield pairs.change(Kind.CHANGED, text, name, *types, risk=True)
        yield from _lineage(pairs, names, before, column)
    for name, column in pairs.old.items():
        if name not in pairs.new and name not in pairs.renamed.values():
            text = f"{code(name)} is gone: {code(column.type)}"
            yield pairs.change(Kind.REMOVED, text, name, str(column.type), "", risk=True)
    yield from _order(pairs)


def _lineage(pairs: ColumnPairs, names: Names, old: Column, new: Column) -> Iterator[Change]:
    mine = {Origin(names.new(origin.table), origin.column) for origin in old.origins}
    if mine != new.origins:
        before, after = _origins(mine), _origins(new.origins)
        text = f"{code(new.name)} is computed from {code(after)} instead of {code(before)}"
        yield pairs.change(Kind.CHANGED, text, new.name, before, after)


def _origins(origins: Collection[Origin]) -> str:
    return ", ".join(f"{origin.table}.{origin.column}" for origin in sorted(origins)) or "no column"


def _order(pairs: ColumnPairs) -> Iterator[Change]:
    new = [pairs.renamed.get(name, name) for name in pairs.new]
    stayed = [name for name in new if name in pairs.old]
    if stayed != [name for name in pairs.old if name in stayed]:
        text = "the columns come in another order"
        yield pairs.change(Kind.CHANGED, text, "order", ", ".join(pairs.old), ", ".join(pairs.new))
