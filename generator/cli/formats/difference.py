"""What the formats of a difference share: its parts in order, and which lines show a change."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from generator.render.difference import Aspect, Change, Difference, Kind, On, Risk
from generator.runtime.words import plural

WORDS = {Kind.ADDED: "new", Kind.REMOVED: "gone", Kind.CHANGED: "changed"}
LOOK_FIRST = {
    Risk.CONSENT: "less consent",
    Risk.PERSONAL: "personal data",
    Risk.CHECKS: "weaker checks",
    Risk.DATA: "what is read elsewhere",
    Risk.ACCESS: "wider rights of jobs",
}
_ASPECTS = list(Aspect)
_SHOWN = (Aspect.CONSENT, Aspect.ROWS, Aspect.PEOPLE, Aspect.DESCRIPTION)


def parts(difference: Difference) -> Iterator[tuple[On, str, list[Change]]]:
    """The changes of the lake, then of each subject, consent, zone, source and table, side by side."""
    ordered = sorted(difference.changes, key=lambda change: list(On).index(change.on))
    named: dict[tuple[On, str], list[Change]] = {}
    for change in ordered:
        named.setdefault((change.on, change.name), []).append(change)
    for (on, name), changes in named.items():
        yield on, name, sorted(changes, key=lambda change: _ASPECTS.index(change.aspect))


def by_aspect(changes: Sequence[Change]) -> Iterator[tuple[Aspect, list[Change]]]:
    for aspect, some in groupby(changes, key=lambda change: change.aspect):
        yield aspect, list(some)


def what_happened(changes: Sequence[Change]) -> str:
    """Whether something is new, gone, renamed or changed."""
    whole = [change for change in changes if change.aspect is Aspect.DEFINITION and change.kind is not Kind.CHANGED]
    if whole:
        return WORDS[whole[0].kind]
    is_renamed = any(change.aspect is Aspect.DEFINITION and change.item == "name" for change in changes)
    return "renamed" if is_renamed else WORDS[Kind.CHANGED]


def summary(difference: Difference) -> str:
    """Such as `1 zone and 2 tables change, 1 table is new`."""
    counts: dict[tuple[str, On], int] = {}
    for on, _, changes in parts(difference):
        if on is not On.LAKE:
            happened = what_happened(changes)
            key = ("changed" if happened == "renamed" else happened, on)
            counts[key] = counts.get(key, 0) + 1
    said = [_counted(counts, "changed", ("changes", "change")), _counted(counts, "new", ("is new", "are new"))]
    said.append(_counted(counts, "gone", ("is gone", "are gone")))
    return ", ".join(filter(None, said)) or "only the lake as a whole changes"


def _counted(counts: dict[tuple[str, On], int], happened: str, verbs: tuple[str, str]) -> str:
    found = [plural(number, on) for (one, on), number in counts.items() if one == happened]
    if not found:
        return ""
    total = sum(number for (one, _), number in counts.items() if one == happened)
    *most, last = found
    names = f"{', '.join(most)} and {last}" if most else last
    return f"{names} {verbs[total > 1]}"


def nothing(difference: Difference) -> str:
    return f"nothing changes from {difference.old} to {difference.new}: both make the same lake"


def lines(change: Change) -> list[tuple[str, str]]:
    """The lines that change, each after `-`, `+` or a space; none where words say it all."""
    is_whole = change.kind is Kind.ADDED and change.aspect in (Aspect.DEFINITION, Aspect.JOB)
    is_said = change.on is On.ZONE or (change.aspect is Aspect.ROWS and change.item not in ("", "sql", "values"))
    if is_said or (not is_whole and change.aspect not in _SHOWN):
        return []
    return list(_compared(_split(change.before), _split(change.after)))


def _split(texts: Iterable[str]) -> list[str]:
    """Their lines: a text of several is marked on each."""
    return [line for text in texts for line in text.splitlines() or [""]]


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            yield from ((" ", line) for line in before[start:end])
        else:
            yield from (("-", line) for line in before[start:end])
            yield from (("+", line) for line in after[new_start:new_end])
