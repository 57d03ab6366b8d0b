"""What changes of the lake as a whole: its name, the people it is about, their consents, the zones' rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from generator.plan.conditions import canonical
from generator.plan.expressions import conjuncts
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import CompiledConsent, CompiledLake, CompiledSubject, CompiledZone
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, codes, line
from generator.render.difference.pairs import Lakes, T, in_both

POLICIES = ("allow", "pseudonymous", "forbid")


def lake_changes(lakes: Lakes) -> Iterator[Change]:
    """Everything that isn't about a single source or table."""
    old, new = lakes.old, lakes.new
    if old.name not in ("", new.name):
        text = (
            f"the lake is called {code(new.name)} instead of {code(old.name)}: bucket, database and jobs get new names"
        )
        yield Change(
            On.LAKE, new.name, Aspect.DEFINITION, Kind.CHANGED, text, "lake", (old.name,), (new.name,), Risk.DATA
        )
    if old.description != new.description:
        yield _description(On.LAKE, new.name, old.description, new.description)
    yield from _subjects(lakes)
    yield from _named(On.CONSENT, old.consents, new.consents, _consent_words)
    for name, mine, theirs in in_both(old.consents, new.consents):
        yield from _consent(lakes, name, mine, theirs)
    yield from _named(On.ZONE, old.zones, new.zones, _zone_words)
    for name, zone, other in in_both(old.zones, new.zones):
        yield from _zone(lakes, name, zone, other)


def _description(on: On, name: str, old: str | None, new: str | None) -> Change:
    return Change(on, name, Aspect.DESCRIPTION, Kind.CHANGED, "its description", "", line(old), line(new))


def description_changes(on: On, name: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        yield _description(on, name, old, new)


def _named(on: On, old: Mapping[str, T], new: Mapping[str, T], words: Callable[[T], str]) -> Iterator[Change]:
    """What has come or gone, by name."""
    for name in new:
        if name not in old:
            text = f"new {on.value} {code(name)}: {words(new[name])}"
            yield Change(on, name, Aspect.DEFINITION, Kind.ADDED, text)
    for name in old:
        if name not in new:
            text = f"{on.value} {code(name)} is gone: {words(old[name])}"
            yield Change(on, name, Aspect.DEFINITION, Kind.REMOVED, text)


def _subjects(lakes: Lakes) -> Iterator[Change]:
    yield from _named(On.SUBJECT, lakes.old.subjects, lakes.new.subjects, _subject_words)
    for name, old, new in in_both(lakes.old.subjects, lakes.new.subjects):
        if lakes.names.new(old.registry) != new.registry:
            text = f"{code(new.registry)} is the registry of every {code(name)}, instead of {code(old.registry)}"
            yield Change(
                On.SUBJECT,
                name,
                Aspect.CONSENT,
                Kind.CHANGED,
                text,
                "registry",
                (old.registry,),
                (new.registry,),
                Risk.CONSENT,
            )
        if old.written != new.written:
            text = f"a {code(name)} is known by {_keys(new)}, instead of by {_keys(old)}"
            risk = Risk.CONSENT if set(old.written) - set(new.written) else None
            yield Change(On.SUBJECT, name, Aspect.KEYS, Kind.CHANGED, text, "keys", old.written, new.written, risk)


def _keys(subject: CompiledSubject) -> str:
    return codes(subject.written)


def _subject_words(subject: CompiledSubject) -> str:
    return f"registered in {code(subject.registry)}, known by {_keys(subject)}"


def _consent_words(consent: CompiledConsent) -> str:
    since = f", for data since {code(consent.since)}" if consent.since else ""
    return f"of a {code(consent.subject)}, where {code(consent.when)}{since}"


def _consent(lakes: Lakes, name: str, old: CompiledConsent, new: CompiledConsent) -> Iterator[Change]:
    def change(text: str, item: str, before: str | None, after: str | None, risk: bool) -> Change:
        found = Risk.CONSENT if risk else None
        return Change(On.CONSENT, name, Aspect.CONSENT, Kind.CHANGED, text, item, line(before), line(after), found)

    if old.subject != new.subject:
        text = f"it is the consent of a {code(new.subject)}, instead of a {code(old.subject)}"
        yield change(text, "subject", old.subject, new.subject, True)
    own = (lakes.old.subjects[old.subject].registry, lakes.new.subjects[new.subject].registry)
    if (old.registry, new.registry) != own and lakes.names.new(old.registry) != new.registry:
        text = f"{code(new.registry)} says who gave it, instead of {code(old.registry)}"
        yield change(text, "registry", old.registry, new.registry, True)
    if old.when != new.when:
        stricter = _conjuncts(old) <= _conjuncts(new)
        same = stricter and _conjuncts(new) <= _conjuncts(old)
        words = "is only written differently" if same else "asks for more" if stricter else "may cover other people"
        yield change(f"its condition {words}", "when", old.when, new.when, not stricter)
    if old.since != new.since:
        added = f"only data since {code(new.since)} counts" if new.since else "data from before the consent counts too"
        yield change(added, "since", old.since, new.since, old.since is not None)


def _conjuncts(consent: CompiledConsent) -> set[str]:
    """What a consent asks for, each condition written in one way."""
    parts = conjuncts(consent.condition)
    columns = {column_id(node): node.name for part in parts for node in column_nodes(part)}
    return {canonical(part, columns) or part.sql() for part in parts}


def _zone_words(zone: CompiledZone) -> str:
    consent = f"requires consent {code(zone.require)}" if zone.require else "requires no consent"
    return f"{consent}, personal data: {code(zone.pii)}"


def _zone(lakes: Lakes, name: str, old: CompiledZone, new: CompiledZone) -> Iterator[Change]:
    if old.require != new.require:
        yield _requirement(lakes.new, name, old.require, new.require)
    if old.pii != new.pii:
        text = f"personal data in it: {code(new.pii)} instead of {code(old.pii)}"
        risk = Risk.PERSONAL if looser(old.pii, new.pii) else None
        yield Change(On.ZONE, name, Aspect.PERSONAL, Kind.CHANGED, text, "pii", (old.pii,), (new.pii,), risk)


def _requirement(lake: CompiledLake, zone: str, old: str | None, new: str | None) -> Change:
    tables = [table.name for table in lake.tables.values() if table.zone == zone and not table.is_view]
    where = f" (of {codes(tables)})" if tables else ""
    if new is None:
        text, kind = f"consent {code(old)} is no longer required{where}", Kind.REMOVED
    elif old is None:
        text, kind = f"consent {code(new)} is required{where}", Kind.ADDED
    else:
        text, kind = f"consent {code(new)} is required instead of {code(old)}{where}", Kind.CHANGED
    risk = Risk.CONSENT if old is not None else None
    return Change(On.ZONE, zone, Aspect.CONSENT, kind, text, "require", line(old), line(new), risk)


def looser(old: str, new: str) -> bool:
    """Whether a policy allows more personal data than another one."""
    return POLICIES.index(new) < POLICIES.index(old)
