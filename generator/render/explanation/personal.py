"""Which columns hold personal data, in a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from generator.plan.relation import Column, PersonalData, Relation


class Personal(StrEnum):
    NO = "no"
    PSEUDONYMOUS = "pseudonymous"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that holds personal data.

    Attributes:
        of: the raw columns that it depends on, as `source.column`.
    """

    name: str
    personal: Personal
    of: tuple[str, ...]


def personal_kind(labels: Iterable[PersonalData]) -> Personal:
    found = [label.pseudonymous for label in labels]
    if not found:
        return Personal.NO
    return Personal.PSEUDONYMOUS if all(found) else Personal.DIRECT


def personal_columns(columns: Iterable[Column]) -> tuple[PersonalColumn, ...]:
    return tuple(
        PersonalColumn(
            column.name,
            personal_kind(column.personal),
            tuple(sorted({f"{label.source}.{label.column}" for label in column.personal})),
        )
        for column in columns
        if column.personal
    )


def key_names(relation: Relation) -> tuple[tuple[str, ...], ...]:
    """Unique keys by the names of their columns, the shortest first; an empty one means at most one row."""
    keys = (tuple(sorted(column.name for column in key)) for key in relation.keys)
    return tuple(sorted(keys, key=lambda key: (len(key), key)))
