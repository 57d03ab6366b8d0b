"""Rules that hold for a query however it is written: what may stand beside a grouping, and what a union takes."""

from __future__ import annotations

from sqlglot import exp

from generator.plan.context import Context, readable
from generator.plan.expressions.columns import column_id
from generator.plan.lake import Place
from generator.plan.relation import ColumnId, Relation


def ungrouped(ast: exp.Expression, by: list[ColumnId]) -> exp.Column | None:
    """The first column of an expression that is neither grouped nor inside an aggregate."""
    stack = [ast]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Column):
            if column_id(node) not in by:
                return node
        elif not isinstance(node, exp.AggFunc):
            stack.extend(reversed(list(node.iter_expressions())))
    return None


def same_columns(context: Context, names: list[str], relations: list[Relation], places: list[Place]) -> bool:
    """Whether the inputs of a union have the same columns of the same types, in whatever order."""
    first = {column.name: column.type for column in relations[0].columns.values()}
    sound = True
    for name, relation, place in zip(names[1:], relations[1:], places[1:], strict=True):
        other = {column.name: column.type for column in relation.columns.values()}
        missing, extra = [c for c in first if c not in other], [c for c in other if c not in first]
        if missing or extra:
            notes = [f"`{name}` lacks {readable(missing)}"] if missing else []
            notes += [f"only `{name}` has {readable(extra)}"] if extra else []
            help = ("make a `view` that selects the same columns of each",)
            context.report("U001", f"`{names[0]}` and `{name}` have different columns", place, notes=notes, help=help)
            sound = False
            continue
        for column, kind in first.items():
            if other[column] != kind:
                message = f"`{column}` is {kind} in `{names[0]}` and {other[column]} in `{name}`"
                help = (f"cast one of them in a `view`: `{column}: cast({column} as {kind})`",)
                context.report("U002", message, place, help=help)
                sound = False
    return sound
