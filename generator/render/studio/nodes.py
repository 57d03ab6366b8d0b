"""Nodes of Glue Studio, by stable ids."""

from __future__ import annotations

from typing import Any

from generator.plan.relation import Relation

Values = dict[str, Any]


class Graph:
    """The nodes so far, by id."""

    def __init__(self) -> None:
        self.nodes: dict[str, Values] = {}

    def add(self, wanted: str, kind: str, name: str, **values: Any) -> str:
        """Adds a node; returns its id: the wanted one, with a number where that is taken."""
        node, number = wanted, 1
        while node in self.nodes:
            number += 1
            node = f"{wanted}_{number}"
        self.nodes[node] = {kind: {"Name": name, **values}}
        return node


def schemas(columns: Relation) -> list[Values]:
    """What Studio shows as a node's output."""
    listed = [{"Name": column.name, "Type": str(column.type)} for column in columns.columns.values()]
    return [{"Columns": listed}]
