"""From two analysed specs to what leads from one to the other.

    names     which table or source of the old lake is which of the new one
    lake      name, subjects, consents, zones, retention
    sources   one after the other
    tables    one after the other, with the jobs that they have to themselves
    jobs      those of several steps, or called otherwise than what they make
    counts    what the reference data must give
    findings  warnings that come or go

Compared are compiled lakes, so that a change of layout, of comments or of the order of keys is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.diagnostics import Diagnostic
from generator.plan.lake import CompiledLake
from generator.render.difference.checks import finding_changes
from generator.render.difference.jobs import group_changes
from generator.render.difference.model import Aspect, Change, Difference, Kind, On, Risk, line
from generator.render.difference.names import find_names
from generator.render.difference.pairs import Lakes
from generator.render.difference.retention import retention_changes
from generator.render.difference.sources import source_changes
from generator.render.difference.tables import table_changes
from generator.render.difference.whole_lake import lake_changes

EMPTY = CompiledLake("", None, {}, {})
"""What there was before a spec was new."""


def compare(
    old: CompiledLake,
    new: CompiledLake,
    *,
    old_name: str = "old",
    new_name: str = "new",
    old_findings: Sequence[Diagnostic] = (),
    new_findings: Sequence[Diagnostic] = (),
) -> Difference:
    """What changes from one lake to another.

    Args:
        old_name, new_name: what to call the two specs.
        old_findings, new_findings: what the checks say of them.
    """
    lakes = Lakes(old, new, find_names(old, new))
    changes = (
        *lake_changes(lakes),
        *retention_changes(lakes),
        *finding_changes(lakes.names, old_findings, new_findings, new.name),
        *(change for pair in lakes.sources() for change in source_changes(lakes, *pair)),
        *(change for pair in lakes.tables() for change in table_changes(lakes, *pair)),
        *group_changes(lakes),
    )
    return Difference(old_name, new_name, (*changes, *_row_counts(lakes)), tuple(_affected(new, changes)))


def _row_counts(lakes: Lakes) -> Iterator[Change]:
    mine = {lakes.names.new(name): count for name, count in lakes.old.row_counts.items()}
    theirs = lakes.new.row_counts
    for name in dict.fromkeys((*theirs, *mine)):
        before, after = mine.get(name), theirs.get(name)
        if before == after:
            continue
        kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
        words = {
            Kind.ADDED: f"the reference data must give {after} {'row' if after == 1 else 'rows'}",
            Kind.REMOVED: f"no number of rows is expected any more: it was {before}",
            Kind.CHANGED: f"the reference data must give {after} {'row' if after == 1 else 'rows'} instead of {before}",
        }
        stays = name in lakes.new.sources or name in lakes.new.tables
        risk = Risk.CHECKS if kind is Kind.REMOVED and stays else None
        on = On.SOURCE if name in lakes.new.sources or name in lakes.old.sources else On.TABLE
        yield Change(on, name, Aspect.ROW_COUNT, kind, words[kind], "", line(before), line(after), risk)


_FLOWS_ON = {Aspect.ROWS, Aspect.READING, Aspect.COLUMNS}


def _affected(lake: CompiledLake, changes: Sequence[Change]) -> Iterator[str]:
    """Tables whose rows may change though their own definition doesn't: what they read changes."""
    changed = {change.name for change in changes if change.on in (On.SOURCE, On.TABLE) and change.aspect in _FLOWS_ON}
    own = {change.name for change in changes if change.on is On.TABLE}
    for name, table in lake.tables.items():
        if changed.intersection(table.inputs):
            changed.add(name)
            if name not in own:
                yield name
