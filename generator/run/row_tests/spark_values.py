"""Rows of tests as a query of Spark SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.jobs.spark_text import READABLE_SPARK
from generator.plan.emit import emit_rows
from generator.plan.lake import Inline, Place
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.row_tests import Row
from generator.plan.types import Type


def spark_rows(columns: Mapping[str, Type], rows: Sequence[Row]) -> str:
    """A query for these rows."""
    known = Relation({ColumnId("t", name): Column(name, kind) for name, kind in columns.items()})
    cells = tuple(tuple(row[name] for name in columns) for row in rows)
    return emit_rows(Inline(known, Place(()), "", cells, "t"), READABLE_SPARK)
