"""Conditions in the form of Glue Studio's filters."""

from __future__ import annotations

from sqlglot import exp

from generator.plan.expressions import type_of
from generator.plan.expressions.columns import column_id
from generator.plan.types import STRING
from generator.render.studio.frame import Frame
from generator.render.studio.nodes import Values


def studio_filter(frame: Frame, one: exp.Expression) -> Values | None:
    """A condition as Studio has it, where null makes no difference: `is null`, and equality with a text."""
    inner = one.unnest()
    negated = isinstance(inner, exp.Not)
    tested = inner.this.unnest() if negated else inner
    if isinstance(tested, exp.Is) and isinstance(tested.expression, exp.Null) and isinstance(tested.this, exp.Column):
        return _expression("ISNULL", negated, [("COLUMNEXTRACTED", frame.names[column_id(tested.this)])])
    if negated or type(tested) is not exp.EQ or not isinstance(tested.this, exp.Column):
        return None
    value = tested.expression
    is_text = isinstance(value, exp.Literal) and value.is_string and type_of(tested.this) == STRING
    if not is_text or not str(value.this).isprintable():
        return None
    constants = [("COLUMNEXTRACTED", frame.names[column_id(tested.this)]), ("CONSTANT", str(value.this))]
    return _expression("EQ", False, constants)


def _expression(operation: str, negated: bool, values: list[tuple[str, str]]) -> Values:
    return {
        "Operation": operation,
        "Negated": negated,
        "Values": [{"Type": kind, "Value": [value]} for kind, value in values],
    }
