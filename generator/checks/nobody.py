"""G011: a source that is said to be about nobody, and holds what names people."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.plan.lake import CompiledLake, Join, Place
from generator.plan.relation import Column, ColumnId, PersonalData, Relation

HELP = "say whose data it is: `identifies: …` on the column; or take `subject: none` away"


def check(lake: CompiledLake) -> Iterator[Finding]:
    reported: set[str] = set()
    for source in lake.sources.values():
        for column in source.relation.columns.values() if source.about_nobody else ():
            if column.personal:
                reported.add(f"{source.name}.{column.name}")
                place = Place(("sources", source.name, "columns", column.name))
                yield _finding(source.name, column.name, place, "this is personal data")
    for table in lake.tables.values():
        for _, before, join in table.query.joins():
            for met, name, label in _met(lake, before, join):
                if f"{met}.{name}" not in reported:
                    reported.add(f"{met}.{name}")
                    yield _finding(met, name, join.place, f"compared with {label.source}.{label.column}")


def _met(lake: CompiledLake, before: Relation, join: Join) -> Iterator[tuple[str, str, PersonalData]]:
    """Columns of sources about nobody that a join equates with a key of somebody."""
    right = lake.relation(join.input) if isinstance(join.input, str) else join.input.relation
    for pair in join.pairs:
        sides = before.columns[pair.left], right.columns[ColumnId(None, pair.right.name)]
        for one, other in (sides, sides[::-1]):
            keys = [label for label in other.personal if (label.source, label.column) in lake.subject_keys]
            for source, name in _raw(lake, one) if keys else ():
                if lake.sources[source].about_nobody:
                    yield source, name, min(keys)


def _raw(lake: CompiledLake, column: Column) -> set[tuple[str, str]]:
    """The raw columns that a column is computed from, through all tables."""
    waiting, seen, found = list(column.origins), set(column.origins), set[tuple[str, str]]()
    while waiting:
        origin = waiting.pop()
        if origin.table in lake.sources:
            found.add((origin.table, origin.column))
            continue
        known = lake.relation(origin.table).columns.get(ColumnId(None, origin.column))
        more = known.origins - seen if known is not None else frozenset()
        seen |= more
        waiting += more
    return found


def _finding(source: str, column: str, place: Place, label: str) -> Finding:
    message = f"`{source}` is said to be about nobody, and `{column}` names people"
    return Finding("G011", message, place, label, notes=(f"`{source}` has `subject: none`",), help=(HELP,))
