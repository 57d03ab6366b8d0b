"""A lake of many tables, to see how the site bears it."""

from __future__ import annotations

import random
from collections.abc import Iterator

ZONES = ("trusted", "refined", "curated")
MEASURES = [f"measure_{letter}" for letter in "abcdefghij"]


def large_lake(tables: int) -> str:
    """The spec of a lake with a registry of people, and one source for six tables."""
    random_ = random.Random(tables)
    sources = max(1, tables // 6)
    lines = [*_head(), *_sources(sources), "tables:", *_table("people_trusted", "trusted", "people_landing", None)]
    made: dict[str, list[str]] = {zone: [] for zone in ZONES}
    for number in range(1, tables):
        zone = ZONES[min(number * len(ZONES) // tables, 2)]
        before = [name for one in ZONES[: ZONES.index(zone) + 1] for name in made[one][-40:]]
        is_first = zone == "trusted" and (number <= sources or random_.random() < 0.5)
        source = f"events_{number % sources}_landing" if is_first or not before else random_.choice(before)
        name = f"{random_.choice(['daily', 'weekly', 'all', 'recent'])}_events_{number}"
        matched = random_.choice(before) if before and random_.random() < 0.4 else "people_trusted"
        lines += _table(name, zone, source, matched if matched != source else "people_trusted")
        made[zone].append(name)
    return "\n".join(lines) + "\n"


def _head() -> Iterator[str]:
    yield "version: 1"
    yield "lake: large"
    yield "description: Many tables of one kind."
    yield "subjects: {person: {registry: people_landing, keys: [person_id]}}"
    yield "consent: {research: {subject: person, when: agreed_at is not null}}"
    yield "zones:"
    yield "  landing: {}"
    yield from (f"  {zone}: {{require: research}}" for zone in ZONES)


def _sources(count: int) -> Iterator[str]:
    yield "sources:"
    yield "  people_landing:"
    yield "    path: people/"
    yield "    columns: {person_id: string, email: {type: string, pii: true}, agreed_at: bigint}"
    for number in range(count):
        yield f"  events_{number}_landing:"
        yield f"    description: Events of kind {number}."
        yield f"    path: events_{number}/"
        columns = ", ".join(f"{name}: double" for name in MEASURES)
        yield f"    columns: {{person_id: {{type: string, identifies: person.person_id}}, at: bigint, {columns}}}"


def _table(name: str, zone: str, source: str, matched: str | None) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    description: Table {name} of the {zone} zone."
    yield f"    zone: {zone}"
    yield f"    source: {source}"
    if matched is None:
        yield "    filter: agreed_at is not null"
    else:
        yield "    join:"
        yield f"      - semi: {matched}"
        yield f"        on: {source}.person_id = {matched}.person_id"
