"""What the proofs take for granted of raw data."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from generator.plan.lake import CompiledLake


class Assumed(StrEnum):
    REGISTRY_KEY = "registry_key"
    UNIQUE = "unique"
    IDENTIFIES = "identifies"


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that can't be read from the spec.

    Attributes:
        assumed: `registry_key`: the column is never null and each value is one person's; `unique`: no two
            rows share the columns' values; `identifies`: the value is the key of the person of the row.
        person_key: such as `customer.email`; None for `unique`.
        checked: whether every run looks at it. That a row is about the person it names, no data can show.
        form: of a registry's key, the normal form in which that holds.
    """

    assumed: Assumed
    source: str
    columns: tuple[str, ...]
    person_key: str | None
    checked: bool
    form: str | None = None


def assumptions(lake: CompiledLake) -> tuple[Assumption, ...]:
    """Everything that the proofs of a lake take for granted, sorted."""
    return lake.once("assumptions", "", lambda: tuple(sorted({*_registry_keys(lake), *_declared(lake)}, key=_order)))


def _order(one: Assumption) -> tuple[str, str, tuple[str, ...], str]:
    return one.assumed.value, one.source, one.columns, one.person_key or ""


def _registry_keys(lake: CompiledLake) -> Iterator[Assumption]:
    for name, subject in lake.subjects.items():
        for key in subject.keys:
            form = subject.normal[key].text if key in subject.normal else None
            yield Assumption(Assumed.REGISTRY_KEY, subject.registry, (key,), f"{name}.{key}", True, form)


def _declared(lake: CompiledLake) -> Iterator[Assumption]:
    for (source, column), (subject, key) in lake.subject_keys.items():
        if (source, column) != (lake.subjects[subject].registry, key):
            yield Assumption(Assumed.IDENTIFIES, source, (column,), f"{subject}.{key}", False)
    for name, declared in lake.sources.items():
        for columns in declared.unique:
            yield Assumption(Assumed.UNIQUE, name, columns, None, True)


def assumed_of(lake: CompiledLake, subject: str, sources: Collection[str]) -> tuple[Assumption, ...]:
    """What a proof of consent takes for granted: the registry's keys, and whom some sources are about."""
    return tuple(
        one
        for one in assumptions(lake)
        if one.person_key is not None
        and one.person_key.split(".")[0] == subject
        and (one.assumed is Assumed.REGISTRY_KEY or one.source in sources)
    )
