"""A checked expression and what may stand in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Flag, auto

from sqlglot import exp

from generator.plan.expressions.nodes import typed
from generator.plan.relation import ColumnId, Origin, PersonalData
from generator.plan.types import BOOLEAN, Type

NO_PERSONAL: frozenset[PersonalData] = frozenset()
NO_ORIGINS: frozenset[Origin] = frozenset()


class Allow(Flag):
    """What an expression may contain besides scalar operations."""

    NOTHING = 0
    AGGREGATES = auto()
    WINDOWS = auto()


@dataclass(frozen=True, slots=True)
class Typed:
    """A resolved, type-checked expression.

    Attributes:
        ast: every column in it is a quoted, lower-case `exp.Column` spelled as its ColumnId.
        type: of the result; `null` for a bare NULL.
        personal: union over all that the value depends on, conditions and window keys included.
        origins: of all columns in it.
        column: set when the expression is nothing but a column.
        aggregate: it contains an aggregate call outside a window.
        window: it contains a window function.
    """

    ast: exp.Expression
    type: Type
    personal: frozenset[PersonalData] = NO_PERSONAL
    origins: frozenset[Origin] = NO_ORIGINS
    column: ColumnId | None = None
    aggregate: bool = False
    window: bool = False


def combine(node: exp.Expression, kind: Type, parts: Iterable[Typed], *, like: exp.Expr | None = None) -> Typed:
    """The result of an operation over `parts`: everything known of them is known of it."""
    personal, origins, aggregate, window = NO_PERSONAL, NO_ORIGINS, False, False
    for part in parts:
        if part.personal and part.personal is not personal:
            personal |= part.personal
        if part.origins and part.origins is not origins:
            origins |= part.origins
        aggregate |= part.aggregate
        window |= part.window
    if kind == BOOLEAN:
        personal = recognised(personal)
    return Typed(typed(node, kind, like), kind, personal, origins, None, aggregate, window)


def recognised(personal: frozenset[PersonalData]) -> frozenset[PersonalData]:
    """What a comparison tells: that a hash is that of a name, tells the name."""
    if not any(label.hashed for label in personal):
        return personal
    return frozenset(label._replace(pseudonymous=False, hashed=False) if label.hashed else label for label in personal)


def pseudonymous(personal: frozenset[PersonalData]) -> frozenset[PersonalData]:
    """What is left of personal data after hashing."""
    return frozenset(
        label if label.pseudonymous else label._replace(pseudonymous=True, hashed=True) for label in personal
    )
