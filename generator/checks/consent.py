"""Consent: every row of a table in a zone that requires one belongs to people who gave it.

G001: not proven. G002: it isn't said whose data a source holds. G007: proven, but data from before the consent may be
there.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.diagnostics import Severity
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import CompiledConsent, CompiledLake, CompiledTable, Filter, Join, Place, Step
from generator.plan.relation import ColumnId, Person, Relation, Since


def check(lake: CompiledLake) -> Iterator[Finding]:
    yield from _raw(lake)
    reported: set[str] = set()
    for table in lake.tables.values():
        if reported.intersection(table.inputs):  # it follows from theirs, and is not said again
            reported.add(table.name)
            continue
        name = lake.required(table)
        if name is None or table.is_view:
            continue
        found = [*_undeclared(lake, table, name), *_unproven(lake, table, name), *_before(lake, table, name)]
        if found:
            reported.add(table.name)
        yield from found


def _raw(lake: CompiledLake) -> Iterator[Finding]:
    """Raw data in a zone that requires a consent: nothing has asked for it yet."""
    for source in lake.sources.values():
        zone = lake.zones.get(source.zone)
        name = zone.require if zone is not None and zone.require in lake.consents else None
        if name is None or not _is_open(lake, source.relation, name):
            continue
        yield Finding(
            "G001",
            f"cannot prove that every row of `{source.name}` has consent `{name}`",
            Place(("sources", source.name, "zone")),
            "this is raw data",
            notes=(f"zone `{source.zone}` requires consent `{name}`: {lake.consents[name].when}",),
            help=("let the source land in a zone that requires nothing, and derive a table from it",),
            severity=Severity.ERROR,
        )


def _is_open(lake: CompiledLake, relation: Relation, consent: str) -> bool:
    return bool(unproven(lake, relation, consent) or relation.silent_of(lake.consents[consent].subject))


def unproven(lake: CompiledLake, relation: Relation, consent: str) -> list[Person]:
    """The people in a relation's rows of whom a consent is not proven."""
    subject = lake.consents[consent].subject
    return [p for p in relation.persons.values() if p.subject == subject and consent not in p.consents]


def _undeclared(lake: CompiledLake, table: CompiledTable, consent: str) -> Iterator[Finding]:
    subject = lake.consents[consent].subject
    for source in sorted(table.relation.silent_of(subject)):
        others = sorted({person.subject for person in lake.sources[source].relation.persons.values()})
        only = (
            f"`subject: [{', '.join(others)}]` if it is about nobody else"
            if others
            else "`subject: none` if it is about nobody"
        )
        yield Finding(
            "G002",
            f"cannot tell whose data `{source}` holds",
            Place(("sources", source)),
            f"no column identifies a {subject}",
            notes=(f"`{table.name}` is built from it, and its zone `{table.zone}` requires consent `{consent}`",),
            help=(f"mark the column that does: `identifies: {subject}.…`, or write {only}",),
            severity=Severity.ERROR,
        )


def _unproven(lake: CompiledLake, table: CompiledTable, name: str) -> Iterator[Finding]:
    people = unproven(lake, table.relation, name)
    if not people:
        return
    sources = sorted({source for person in people for source in person.sources})
    consent = lake.consents[name]
    place, label = _where(lake, table, name, people)
    notes = [f"zone `{table.zone}` requires consent `{name}`: {consent.when}"]
    paths = {source: path for source in sources if (path := _path(lake, table.name, source, name))}
    sources = list(paths) or sources
    notes += [f"path: {' → '.join(path)}" for path in paths.values()]
    if any(person.aggregated for person in people):
        notes.append(
            "an aggregate, or a window that isn't partitioned by a key of theirs, looks at several people's rows; "
            "whose went into it can't be told any more"
        )
    yield Finding(
        "G001",
        f"cannot prove that every row of `{table.name}` has consent `{name}`",
        place,
        label or f"rows of {', '.join(f'`{source}`' for source in sources)} reach it",
        notes=tuple(notes),
        help=(_remedy(lake, consent),),
        severity=Severity.ERROR,
    )


def _remedy(lake: CompiledLake, consent: CompiledConsent) -> str:
    keys = " or ".join(f"`{key}`" for key in lake.subjects[consent.subject].written)
    return (
        f"filter on `{consent.asked}` where the rows come from `{consent.registry}`, or semi-join a table that does, "
        f"by plain `=` on a key of {consent.subject} ({keys})"
    )


def _path(lake: CompiledLake, table: str, source: str, consent: str) -> list[str]:
    """The way by which a source's rows come into a table without being proven, source first."""
    if table == source:
        return [source]
    if table not in lake.tables:
        return []
    for name in lake.tables[table].inputs:
        if name == source or unproven(lake, lake.relation(name), consent):
            path = _path(lake, name, source, consent)
            if path:
                return [*path, table]
    return []


def _where(lake: CompiledLake, table: CompiledTable, consent: str, people: list[Person]) -> tuple[Place, str]:
    """The step that nearly proves it and what it lacks, or else the table."""
    for step in reversed(table.query.steps):
        reason = _near_miss(lake, step, consent, people)
        if reason:
            return step.place, reason
    return Place(("tables", table.name)), ""


def _near_miss(lake: CompiledLake, step: Step, name: str, people: list[Person]) -> str:
    consent = lake.consents[name]
    if isinstance(step, Filter):
        asked = consent.registry not in lake.sources and _is_asked(step, consent)
        theirs = asked or any(consent.registry in person.sources for person in people)
        return _filter_miss(step, consent) if theirs else ""
    if not isinstance(step, Join):
        return ""
    right = lake.relation(step.input) if isinstance(step.input, str) else step.input.relation
    proven = [p for p in right.persons.values() if p.subject == consent.subject and name in p.consents]
    if not proven:
        return ""
    if step.kind == "anti":
        return "an anti join keeps the rows without a match"
    if not _on_subject_key(lake, step, consent):
        return f"this is not a plain `=` on a key of {consent.subject}"
    return f"a {step.kind} join keeps rows without a match" if step.kind in ("left", "full") else ""


def _is_asked(step: Filter, consent: CompiledConsent) -> bool:
    """Whether a filter is over rows of a table that is the registry."""
    identities = (one for column in step.after.columns.values() for one in column.identities)
    return any(one.own and one.source == consent.registry for one in identities)


def _filter_miss(step: Filter, consent: CompiledConsent) -> str:
    wanted = {node.name for node in column_nodes(consent.condition)}
    for node in column_nodes(step.condition):
        known = step.after.columns.get(column_id(node))
        if node.name in wanted and known is not None:
            if not any((one.source, one.column) == (consent.registry, node.name) for one in known.identities):
                return f"`{node.name}` is computed on the way here, not as `{consent.registry}` has it"
            return f"this does not imply `{consent.asked}`"
    return ""


def _on_subject_key(lake: CompiledLake, join: Join, consent: CompiledConsent) -> bool:
    right = lake.relation(join.input) if isinstance(join.input, str) else join.input.relation
    for pair in join.pairs:
        known = right.columns[ColumnId(None, pair.right.name)]
        if any(lake.identifies(identity) == consent.subject for identity in known.identities):
            return True
    return False


def _before(lake: CompiledLake, table: CompiledTable, name: str) -> Iterator[Finding]:
    """Consents with `since`: of each source of a proven person, only data since the consent may be there."""
    consent = lake.consents[name]
    if consent.since is None:
        return
    registries = {consent.registry, lake.subjects[consent.subject].registry}
    for person in table.relation.persons.values():
        if person.subject != consent.subject or name not in person.consents:
            continue
        for source in sorted((person.sources - registries) | (person.mentioned & registries)):
            if Since(name, source) not in person.since:
                yield _since_finding(lake, table, name, source)


def _since_finding(lake: CompiledLake, table: CompiledTable, name: str, source: str) -> Finding:
    consent, time = lake.consents[name], lake.sources[source].event_time
    if time is None:
        help = f"say which column of `{source}` tells when its data was made: `event_time: …`"
    else:
        help = f"join with `{consent.registry}` on a key and `{time} >= {consent.since}`"
    return Finding(
        "G007",
        f"`{table.name}` may hold data of `{source}` from before consent `{name}`",
        Place(("tables", table.name)),
        notes=(f"consent `{name}` counts since `{consent.since}`",),
        help=(help,),
        severity=Severity.ERROR,
    )
