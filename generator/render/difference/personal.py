"""What is personal that wasn't, what no longer counts as personal, and what may be where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.plan.lake import CompiledTable
from generator.plan.relation import Column
from generator.render.difference.columns import ColumnPairs
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, codes, line
from generator.render.difference.names import Names
from generator.render.difference.pairs import Lakes
from generator.render.difference.whole_lake import looser
from generator.render.explanation.labels import direct_or_not
from generator.render.explanation.personal import Personal, personal_kind

Labels = Mapping[tuple[str, str], bool]
"""Raw columns of personal data, and whether only something pseudonymous is left of each."""

_WORDS = {Personal.NO: "not personal", Personal.PSEUDONYMOUS: "pseudonymous", Personal.DIRECT: "directly personal"}
_ORDER = list(_WORDS)


def arrivals(on: On, name: str, columns: Mapping[str, Column], zone: str | None) -> Iterator[Change]:
    """Personal data that comes into a zone as a whole: with a new table or source, or by a move."""
    kinds = {column.name: personal_kind(column.personal) for column in columns.values() if column.personal}
    found = [
        f"{codes(those)} ({_WORDS[kind]})"
        for kind in (Personal.DIRECT, Personal.PSEUDONYMOUS)
        if (those := [column for column, known in kinds.items() if known is kind])
    ]
    if found and zone is not None:
        text = f"brings personal data into zone {code(zone)}: {', '.join(found)}"
        yield Change(on, name, Aspect.PERSONAL, Kind.ADDED, text, "", (), tuple(kinds), Risk.PERSONAL)


def personal_changes(pairs: ColumnPairs, names: Names, zone: str | None) -> Iterator[Change]:
    """Column by column, of what stays in its zone; without a zone nothing is stored, so nothing is new in one."""
    for column in pairs.new.values():
        before = pairs.before(column.name)
        mine = _labels(before, names) if before is not None else {}
        theirs = _labels(column, Names())
        if mine != theirs:
            yield _change(pairs, before, column, mine, theirs, zone)


def _change(
    pairs: ColumnPairs, old: Column | None, new: Column, mine: Labels, theirs: Labels, zone: str | None
) -> Change:
    was = personal_kind(old.personal) if old is not None else Personal.NO
    now = personal_kind(new.personal)
    is_more = _ORDER.index(now) > _ORDER.index(was) or bool(set(theirs) - set(mine))
    where = f" in zone {code(zone)}" if zone and is_more else ""
    before = f" ({_WORDS[was]} before)" if old is not None and was is not now else ""
    of = f", from {codes('.'.join(raw) for raw in sorted(theirs))}" if theirs and pairs.on is On.TABLE else ""
    text = f"{code(new.name)} is {_WORDS[now]}{where}{before}{of}"
    kind = Kind.ADDED if not mine else Kind.REMOVED if not theirs else Kind.CHANGED
    is_risk = is_more and zone is not None if pairs.on is On.TABLE else old is None or not is_more
    return Change(
        pairs.on,
        pairs.name,
        Aspect.PERSONAL,
        kind,
        text,
        new.name,
        _lines(mine),
        _lines(theirs),
        Risk.PERSONAL if is_risk else None,
    )


def _labels(column: Column, names: Names) -> Labels:
    return {(names.new(source), raw): weak for (source, raw), weak in direct_or_not(column.personal).items()}


def _lines(labels: Labels) -> tuple[str, ...]:
    return tuple(f"{'.'.join(raw)}{' (pseudonymous)' if weak else ''}" for raw, weak in sorted(labels.items()))


def policy_changes(lakes: Lakes, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    """Which personal data a table may hold, and what in it is said not to be personal."""
    policies = lakes.old.policy(old), lakes.new.policy(new)
    if policies[0] != policies[1]:
        text = f"personal data in it: {code(policies[1])} instead of {code(policies[0])}"
        is_risk = looser(*policies) and (old.zone != new.zone or old.pii != new.pii)
        risk = Risk.PERSONAL if is_risk else None
        yield _of(new, Kind.CHANGED, text, "pii", *policies, risk)
    yield from declassified_changes(old.declassified, new)


def declassified_changes(old: Mapping[str, str], new: CompiledTable) -> Iterator[Change]:
    for name in dict.fromkeys((*new.declassified, *old)):
        yield from _declassified(new, name, old.get(name), new.declassified.get(name))


def _declassified(table: CompiledTable, name: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old is None and new is not None:
        text = f"{code(name)} is declared not to be personal: {code(new)}"
        yield _of(table, Kind.ADDED, text, name, None, new, Risk.PERSONAL)
    elif new is None:
        yield _of(table, Kind.REMOVED, f"{code(name)} is no longer declared not to be personal", name, old, None, None)
    elif old != new:
        text = f"another reason why {code(name)} is not personal: {code(new)}"
        yield _of(table, Kind.CHANGED, text, name, old, new, Risk.PERSONAL)


def _of(
    table: CompiledTable, kind: Kind, text: str, item: str, before: str | None, after: str | None, risk: Risk | None
) -> Change:
    return Change(On.TABLE, table.name, Aspect.PERSONAL, kind, text, item, line(before), line(after), risk)
