"""Which columns are never null: a registry's own keys, which every run checks, and what conditions reject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlglot import exp

from generator.plan.conditions import null_rejected
from generator.plan.expressions import conjuncts
from generator.plan.expressions.columns import column_id
from generator.plan.lake import Filter, Inline, Join, Select, Step
from generator.plan.people import Subjects
from generator.plan.relation import ColumnId, Relation


class Steps(Protocol):
    @property
    def steps(self) -> Sequence[Step]: ...


def never_null(relation: Relation, conditions: Iterable[exp.Expression], subjects: Subjects) -> set[ColumnId]:
    """The columns that aren't null in a relation whose rows fulfil these conditions."""
    keys = {
        column
        for column, known in relation.columns.items()
        for one in known.identities
        if one.own and subjects.kind(one) is not None and not relation.persons[one.person].optional
    }
    return keys | null_rejected(conditions) & relation.columns.keys()


def never_null_after(query: Steps, alias: str | None, subjects: Subjects) -> set[ColumnId]:
    """The same after the steps of a query, as far as filters and inner joins tell.

    Args:
        alias: under which a finished query is read; None while it is being made.
    """
    known: set[ColumnId] = set()
    for step in query.steps:
        if isinstance(step, Inline):
            columns = enumerate(step.after.columns)
            known = {column for place, column in columns if all(row[place] is not None for row in step.rows)}
        elif isinstance(step, Filter) or (isinstance(step, Join) and step.kind in ("inner", "semi")):
            known |= null_rejected(conjuncts(step.condition))
        elif isinstance(step, Select):
            known = {ColumnId(None, one.column.name) for one in step.columns if _column(one.ast) in known}
        elif not isinstance(step, Join) or step.kind == "full":
            known = set()
        known = never_null(step.after, (), subjects) | known & step.after.columns.keys()
    return known if alias is None else {ColumnId(alias, column.name) for column in known}


def _column(ast: exp.Expression) -> ColumnId | None:
    return column_id(ast) if isinstance(ast, exp.Column) else None
