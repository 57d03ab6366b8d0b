"""What changes of a source: what is read and how, its columns, whose data it is, what is checked of it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.jobs.proof_rules import source_rules
from generator.plan.lake import CompiledLake, CompiledSource
from generator.render.difference.checks import unchecked
from generator.render.difference.columns import column_changes, pair_columns
from generator.render.difference.jobs import job_changes
from generator.render.difference.layout import layout_changes
from generator.render.difference.metadata import metadata_changes
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, line
from generator.render.difference.pairs import Lakes
from generator.render.difference.people import key_changes, people_changes
from generator.render.difference.personal import arrivals, personal_changes
from generator.render.difference.whole_lake import description_changes
from generator.runtime.spelling import Spelling
from generator.runtime.words import plural


def source_changes(lakes: Lakes, old: CompiledSource | None, new: CompiledSource | None) -> Iterator[Change]:
    if new is None:
        assert old is not None
        text = f"source is gone: {_words(old)}"
        yield Change(On.SOURCE, old.name, Aspect.DEFINITION, Kind.REMOVED, text)
    elif old is None:
        columns = tuple(f"{column.name}: {column.type}" for column in new.columns)
        text = f"new source: {_words(new)}"
        yield Change(On.SOURCE, new.name, Aspect.DEFINITION, Kind.ADDED, text, "", (), columns)
        yield from arrivals(On.SOURCE, new.name, {one.name: one for one in new.relation.columns.values()}, new.zone)
    else:
        yield from _changed(lakes, old, new)
    yield from job_changes(lakes, old.name if old is not None else "", new.name if new is not None else "")


def _words(source: CompiledSource) -> str:
    return f"{source.format} in {' and '.join(map(code, source.paths))}, {plural(source.columns, 'column')}"


def _changed(lakes: Lakes, old: CompiledSource, new: CompiledSource) -> Iterator[Change]:
    name, names = new.name, lakes.names
    if old.name != name:
        text = f"{code(old.name)} is called {code(name)} now, most likely"
        yield Change(On.SOURCE, name, Aspect.DEFINITION, Kind.CHANGED, text, "name", (old.name,), (name,), Risk.DATA)
    yield from _reading(old, new)
    pairs = pair_columns(
        On.SOURCE, name, list(old.relation.columns.values()), list(new.relation.columns.values()), is_read=False
    )
    if old.zone == new.zone:
        yield from personal_changes(pairs, names, new.zone)
    else:
        yield from arrivals(On.SOURCE, name, pairs.new, new.zone)
    yield from _identified(lakes, old, new)
    yield from people_changes(lakes, On.SOURCE, name, old.relation, new.relation)
    yield from column_changes(pairs, names)
    yield from _keys_in_the_data(old, new)
    yield from key_changes(On.SOURCE, name, old.relation, new.relation)
    yield from unchecked(On.SOURCE, name, *_checks(lakes, old, new))
    yield from metadata_changes(On.SOURCE, name, old.metadata, new.metadata)
    yield from layout_changes(On.SOURCE, name, old.layout, new.layout)
    yield from description_changes(On.SOURCE, name, old.description, new.description)
    yield from _column_descriptions(old, new)


def _column_descriptions(old: CompiledSource, new: CompiledSource) -> Iterator[Change]:
    known = {column.name: column.description for column in old.columns}
    for column in new.columns:
        before, after = known.get(column.name, column.description), column.description
        if before != after:
            text = f"the description of {code(column.name)}"
            lines = line(before), line(after)
            yield Change(On.SOURCE, new.name, Aspect.DESCRIPTION, Kind.CHANGED, text, column.name, *lines)


_FACTS = ("zone", "format", "event_time")


def _facts(source: CompiledSource) -> dict[str, str | None]:
    return (
        {"path": source.place}
        | {fact: getattr(source, fact) for fact in _FACTS}
        | {
            name: str(value).lower()
            if isinstance(value, bool)
            else ", ".join(value)
            if isinstance(value, tuple)
            else str(value)
            for name, value in source.options.all().items()
        }
    )


def _reading(old: CompiledSource, new: CompiledSource) -> Iterator[Change]:
    earlier, later = _facts(old), _facts(new)
    for fact, after in later.items():
        before = earlier[fact]
        if before != after:
            text = f"{code(fact)} is {_value(after)} instead of {_value(before)}"
            yield Change(On.SOURCE, new.name, Aspect.READING, Kind.CHANGED, text, fact, line(before), line(after))
    if old.max_bad_rows != new.max_bad_rows:
        text = f"bad lines that it may have: {_bad_rows(new.max_bad_rows)} instead of {_bad_rows(old.max_bad_rows)}"
        risk = Risk.CHECKS if _may_allow_more(old.max_bad_rows, new.max_bad_rows) else None
        lines = line(old.max_bad_rows), line(new.max_bad_rows)
        yield Change(On.SOURCE, new.name, Aspect.CHECKS, Kind.CHANGED, text, "max_bad_rows", *lines, risk)


def _value(value: str | None) -> str:
    return code(value) if value else "none"


def _bad_rows(limit: int | str | None) -> str:
    return "any number" if limit is None else code(limit)


def _may_allow_more(old: int | str | None, new: int | str | None) -> bool:
    """Whether a limit isn't surely as strict as another one: counts and shares can't be compared."""
    if old is None or new is None:
        return new is None
    if isinstance(old, str) != isinstance(new, str):
        return True
    return float(str(new).rstrip("%")) > float(str(old).rstrip("%"))


def _keys_in_the_data(old: CompiledSource, new: CompiledSource) -> Iterator[Change]:
    before = {column.name: column.key for column in old.columns}
    for column in new.columns:
        key = before.get(column.name, column.key)
        if key != column.key:
            text = f"{code(column.name)} is read from {code(column.key)} instead of {code(key)}"
            yield Change(On.SOURCE, new.name, Aspect.READING, Kind.CHANGED, text, column.name, (key,), (column.key,))
    spelled = {column.name: column.spelling for column in old.columns}
    for column in new.columns:
        yield from _spelling(new.name, column.name, spelled.get(column.name, column.spelling), column.spelling)


def _spelling(source: str, column: str, old: Spelling, new: Spelling) -> Iterator[Change]:
    """What changes of how a column's values are spelled."""
    earlier, later = old.given(), new.given()
    for part in dict.fromkeys((*earlier, *later)):
        before, after = _words_of(earlier.get(part)), _words_of(later.get(part))
        if before != after:
            text = f"{code(column)}: {code(part)} is {_value(after)} instead of {_value(before)}"
            lines = line(before), line(after)
            yield Change(On.SOURCE, source, Aspect.READING, Kind.CHANGED, text, f"{column}.{part}", *lines)


def _words_of(value: bool | str | list[str] | None) -> str | None:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else value


def _identified(lakes: Lakes, old: CompiledSource, new: CompiledSource) -> Iterator[Change]:
    mine, theirs = _identifying(lakes.old, old), _identifying(lakes.new, new)
    for column in sorted({*mine, *theirs}):
        before, after = mine.get(column), theirs.get(column)
        if before == after:
            continue
        text = f"{code(column)} identifies {_value(after)} instead of {_value(before)}"
        kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
        risk = Risk.CONSENT if before is not None else None
        yield Change(On.SOURCE, new.name, Aspect.PEOPLE, kind, text, column, line(before), line(after), risk)


def _identifying(lake: CompiledLake, source: CompiledSource) -> dict[str, str]:
    return {column: ".".join(key) for (name, column), key in lake.subject_keys.items() if name == source.name}


def _checks(lakes: Lakes, old: CompiledSource, new: CompiledSource) -> tuple[list[str], list[str]]:
    mine = [lakes.names.text(one.name) for one in source_rules(lakes.old, old)]
    return mine, [one.name for one in source_rules(lakes.new, new)]
