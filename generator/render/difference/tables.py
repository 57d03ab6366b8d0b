"""What changes of a table."""

from __future__ import annotations

from collections.abc import Iterator

from generator.jobs.proof_rules import proof_rules
from generator.plan.lake import CompiledLake, CompiledTable
from generator.render.difference.checks import expectation_changes, unchecked
from generator.render.difference.columns import ColumnPairs, by_name, column_changes, pair_columns
from generator.render.difference.consent import consent_changes
from generator.render.difference.jobs import job_changes
from generator.render.difference.layout import layout_changes
from generator.render.difference.metadata import metadata_changes
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, codes
from generator.render.difference.pairs import Lakes
from generator.render.difference.people import key_changes, mixing_changes, people_changes
from generator.render.difference.personal import arrivals, declassified_changes, personal_changes, policy_changes
from generator.render.difference.refresh import refresh_changes
from generator.render.difference.rows import row_changes
from generator.render.difference.whole_lake import description_changes
from generator.runtime.words import plural


def table_changes(lakes: Lakes, old: CompiledTable | None, new: CompiledTable | None) -> Iterator[Change]:
    if new is None:
        assert old is not None
        yield _gone(old)
    elif old is None:
        yield from _come(lakes, new)
    else:
        yield from _changed(lakes, old, new)
    yield from job_changes(lakes, old.name if old is not None else "", new.name if new is not None else "")


def _gone(table: CompiledTable) -> Change:
    if table.is_view:
        return Change(On.TABLE, table.name, Aspect.DEFINITION, Kind.REMOVED, "view is gone")
    text = f"table is gone from the catalog, zone {code(table.zone)}: whoever reads it finds nothing"
    return Change(On.TABLE, table.name, Aspect.DEFINITION, Kind.REMOVED, text, risk=Risk.DATA)


def _come(lakes: Lakes, table: CompiledTable) -> Iterator[Change]:
    columns = tuple(f"{column.name}: {column.type}" for column in table.columns)
    what = "view" if table.is_view else f"table in zone {code(table.zone)}"
    text = f"new {what}, from {codes(table.inputs)}: {plural(columns, 'column')}"
    yield Change(On.TABLE, table.name, Aspect.DEFINITION, Kind.ADDED, text, "", (), columns)
    if not table.is_view:
        yield from arrivals(On.TABLE, table.name, by_name(table.columns), table.zone)
    yield from declassified_changes({}, table)
    yield from mixing_changes(lakes, None, table)


def _changed(lakes: Lakes, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    pairs = pair_columns(On.TABLE, new.name, old.columns, new.columns, is_read=not old.is_view)
    yield from _definition(old, new)
    yield from consent_changes(lakes, old, new)
    yield from _personal(lakes, old, new, pairs)
    yield from people_changes(lakes, On.TABLE, new.name, old.relation, new.relation)
    yield from mixing_changes(lakes, old, new)
    yield from expectation_changes(lakes.names, old, new)
    is_asked = lakes.old.required(old) == lakes.new.required(new)  # else it is told of the consent
    yield from unchecked(On.TABLE, new.name, *_proof_rules(lakes, old, new), is_risk=is_asked)
    yield from row_changes(lakes, old, new)
    yield from column_changes(pairs, lakes.names)
    yield from key_changes(On.TABLE, new.name, old.relation, new.relation)
    if not (old.is_view or new.is_view):
        yield from _catalog(old, new, pairs)
        yield from refresh_changes(lakes, old, new)
    yield from metadata_changes(On.TABLE, new.name, old.metadata, new.metadata)
    yield from layout_changes(On.TABLE, new.name, old.layout, new.layout)
    yield from description_changes(On.TABLE, new.name, old.description, new.description)


def _definition(old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    def change(text: str, item: str, before: str, after: str, risk: Risk | None) -> Change:
        return Change(On.TABLE, new.name, Aspect.DEFINITION, Kind.CHANGED, text, item, (before,), (after,), risk)

    if old.name != new.name:
        called = f"{code(old.name)} is called {code(new.name)} now, most likely"
        text = f"{called}: whoever reads it by the old name finds nothing"
        yield change(text, "name", old.name, new.name, None if old.is_view else Risk.DATA)
    if old.is_view != new.is_view:
        words = "a view now, which isn't stored" if new.is_view else "stored now, and was a view"
        yield change(f"it is {words}", "view", _stored(old), _stored(new), Risk.DATA if new.is_view else None)
    if old.zone != new.zone:
        yield change(f"it moves from zone {_zone(old)} to {_zone(new)}", "zone", str(old.zone), str(new.zone), None)


def _stored(table: CompiledTable) -> str:
    return "view" if table.is_view else "table"


def _zone(table: CompiledTable) -> str:
    return code(table.zone) if table.zone else "none"


def _personal(lakes: Lakes, old: CompiledTable, new: CompiledTable, pairs: ColumnPairs) -> Iterator[Change]:
    is_here = old.zone == new.zone and old.is_view == new.is_view
    if is_here or new.is_view:
        yield from personal_changes(pairs, lakes.names, None if new.is_view else new.zone)
    else:
        yield from arrivals(On.TABLE, new.name, pairs.new, new.zone)
    yield from policy_changes(lakes, old, new)


def _proof_rules(lakes: Lakes, old: CompiledTable, new: CompiledTable) -> tuple[list[str], list[str]]:
    def named(lake: CompiledLake, table: CompiledTable) -> list[str]:
        return [check.name for check in proof_rules(lake, table) if check.blocking]

    return [lakes.names.text(name) for name in named(lakes.old, old)], named(lakes.new, new)


def _catalog(old: CompiledTable, new: CompiledTable, pairs: ColumnPairs) -> Iterator[Change]:
    """What becomes of the catalog's table, which changes before the next run brings data of that shape."""
    mine, theirs = (tuple(f"{one.name}: {one.type}" for one in table.columns) for table in (old, new))
    if old.name != new.name:
        text = "the catalog gets a new table, without data until its job has run"
    elif mine == theirs:
        return
    else:
        retyped = [name for name, one in pairs.new.items() if name in pairs.old and pairs.old[name].type != one.type]
        added = [name for name in pairs.new if name not in pairs.old]
        until = [f"{codes(added)} {'is' if len(added) == 1 else 'are'} null"] if added else []
        until += [f"{codes(retyped)} may be unreadable"] if retyped else []
        text = "columns change in place" + (f"; until its job has run, {' and '.join(until)}" if until else "")
    yield Change(On.TABLE, new.name, Aspect.CATALOG, Kind.CHANGED, text, "", mine, theirs)
