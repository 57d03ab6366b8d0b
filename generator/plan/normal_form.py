"""The normal form of a key: what makes one of all spellings of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from generator.plan.expressions.nodes import type_of, typed
from generator.plan.expressions.substitute import substitute
from generator.plan.relation import ColumnId


@dataclass(frozen=True, slots=True)
class NormalForm:
    """The form of a subject's key in which equal values are one person.

    Attributes:
        text: as the spec has it.
        canonical: its text with `#` for the column, to find it again.
        ast: over `column` of the registry.
    """

    text: str
    canonical: str
    ast: exp.Expression
    column: ColumnId

    def of(self, value: exp.Expression) -> exp.Expression:
        """A value in this form."""
        return substitute(self.ast, {self.column: value})

    def of_column(self, alias: str | None, name: str) -> exp.Expression:
        """A column in this form."""
        node = exp.Column(
            this=exp.Identifier(this=name, quoted=True),
            table=exp.Identifier(this=alias, quoted=True) if alias is not None else None,
        )
        return self.of(typed(node, type_of(self.ast)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NormalForm) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)
