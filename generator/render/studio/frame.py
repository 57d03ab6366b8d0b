"""What a node of Glue Studio hands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from generator.jobs.spark_text import spark_item
from generator.plan.expressions import substitute, type_of
from generator.plan.expressions.columns import column_id, column_node, column_nodes
from generator.plan.relation import ColumnId


@dataclass(frozen=True, slots=True)
class Frame:
    """What a node hands on.

    Attributes:
        node: its id.
        names: the columns by the names that they have there.
    """

    node: str
    names: Mapping[ColumnId, str]

    def item(self, ast: exp.Expression) -> str:
        """An expression over what the node hands on."""
        return spark_item(self.bound(ast))

    def bound(self, ast: exp.Expression, alias: str | None = None) -> exp.Expression:
        """The expression with the names that its columns have here, where that is called `alias`."""
        columns = {column_id(node): type_of(node) for node in column_nodes(ast)}
        mapping: dict[ColumnId, exp.Expression] = {
            column: column_node(ColumnId(alias, self.names[column]), kind)
            for column, kind in columns.items()
            if column in self.names
        }
        return substitute(ast, mapping)
