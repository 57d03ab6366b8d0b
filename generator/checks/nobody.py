"""G011: a source that is said to be about nobody, or rows of the spec, which are nobody's; and they name people."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.checks.raw import Side, compared, raw_columns, stands_in_the_spec
from generator.plan.lake import CompiledLake, Join, Place

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
            for one, other in compared(lake, before, join):
                for met, found in _met(lake, join, one, other):
                    if met not in reported:
                        reported.add(met)
                        yield found


def _met(lake: CompiledLake, join: Join, one: Side, other: Side) -> Iterator[tuple[str, Finding]]:
    """What of sources about nobody, and of rows of the spec, a join equates with a key of somebody."""
    keys = [label for label in other.column.personal if (label.source, label.column) in lake.subject_keys]
    if not keys:
        return
    label = f"compared with {min(keys).source}.{min(keys).column}"
    raw = sorted(raw_columns(lake, one.origins))
    for origin in raw:
        source = lake.sources.get(origin.table)
        if source is not None and source.about_nobody:
            yield f"{source.name}.{origin.column}", _finding(source.name, origin.column, join.place, label)
    if stands_in_the_spec(lake, one, raw):
        yield one.column.name, _of_the_spec(one.column.name, join.place, label)


def _finding(source: str, column: str, place: Place, label: str) -> Finding:
    message = f"`{source}` is said to be about nobody, and `{column}` names people"
    return Finding("G011", message, place, label, notes=(f"`{source}` has `subject: none`",), help=(HELP,))


def _of_the_spec(column: str, place: Place, label: str) -> Finding:
    message = f"`{column}` names people, and its values stand in the spec"
    notes = ("rows of the spec are nobody's: no consent is asked for them, and `erased` doesn't look there",)
    help = ("land them: a source says whose data it is, `identifies: …` on the column",)
    return Finding("G011", message, place, label, notes=notes, help=help)
