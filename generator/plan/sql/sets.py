"""UNION, INTERSECT and EXCEPT. SQL puts columns together by position; the branches take the names of the first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from generator.plan import facts
from generator.plan.expressions.columns import column_node
from generator.plan.lake import Input, Place, Query
from generator.plan.nulls import never_null_after
from generator.plan.queries import same_columns
from generator.plan.relation import ColumnId, Relation
from generator.plan.sql.lowering import Lowering, Refused, all_of
from generator.plan.sql.syntax import SetOperation
from generator.plan.steps import StepBuilder
from generator.runtime.words import plural

LEFT, RIGHT = "#left", "#right"
"""The aliases of two queries; names with a `#` are none that a spec can have."""


def put_together(lowering: Lowering, body: SetOperation, branches: Sequence[Query]) -> Query:
    """The query of a set operation over the queries of its branches."""
    names = [column.name for column in branches[0].relation.columns]
    places = [lowering.place(branch.start, branch.end) for branch in body.branches]
    alike = [branches[0]]
    for branch, where in zip(branches[1:], places[1:], strict=True):
        if len(branch.relation.columns) != len(names):
            theirs = plural(branch.relation.columns, "column")
            message = f"the queries of {_article(body.kind)} have {len(names)} and {theirs}"
            raise lowering.refuse("U001", message, where.start, where.end or 0)
        alike.append(_renamed(lowering, branch, names, where))
    labels = [f"query {index + 1}" for index in range(len(alike))]
    if not same_columns(lowering.context, labels, [branch.relation for branch in alike], places):
        raise Refused(body.kind)
    builder = StepBuilder(lowering.context)
    place = lowering.place(body.start, body.end)
    if body.kind == "union":
        inputs: list[tuple[Input, Relation]] = [(branch, branch.relation) for branch in alike]
        builder.union(inputs, "#union", place)
    else:
        _matched(builder, body.kind, alike[0], alike[1], place)
    columns = {column.name: builder.plain(column) for column in builder.relation.columns}
    text = "union all" if not body.distinct else body.kind
    builder.select(columns, place, text, distinct=body.distinct)
    return builder.query()


def _article(kind: str) -> str:
    return f"{'a' if kind == 'union' else 'an'} {kind.upper()}"


def _matched(builder: StepBuilder, kind: str, left: Query, right: Query, place: Place) -> None:
    """INTERSECT is a semi join on all columns, and EXCEPT an anti join; null is like null."""
    subjects = builder.context.subjects
    builder.scan(left, left.relation, LEFT, place)
    other = facts.occurrence(right.relation, None, RIGHT, subjects)
    known = never_null_after(left, LEFT, subjects) | never_null_after(right, RIGHT, subjects)
    equal: list[exp.Expression] = []
    for column, described in left.relation.columns.items():
        sides = ColumnId(LEFT, column.name), ColumnId(RIGHT, column.name)
        node = exp.EQ if known.intersection(sides) else exp.NullSafeEQ
        one, two = (column_node(side, described.type) for side in sides)
        equal.append(node(this=one, expression=two))
    join = "semi" if kind == "intersect" else "anti"
    builder.join(join, right, other, RIGHT, all_of(equal), place, f"{join} join a query on all columns")


def _renamed(lowering: Lowering, query: Query, names: list[str], place: Place) -> Query:
    if [column.name for column in query.relation.columns] == names:
        return query
    builder = StepBuilder(lowering.context)
    builder.scan(query, query.relation, "#branch", place)
    columns = {new: builder.plain(old) for new, old in zip(names, builder.relation.columns, strict=True)}
    builder.select(columns, place, "rename")
    return builder.query()
