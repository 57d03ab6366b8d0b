"""Lakes over the random sources, made in DuckDB, and what the compiler claims of them checked on the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb
import yaml

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.emit import DUCKDB, emit, emit_count
from generator.plan.expressions.columns import column_node
from generator.plan.lake import CompiledLake, Computed, Input, Join, Query, Scan, Select, Step, Union
from generator.plan.relation import ColumnId, Relation
from generator.plan.types import duckdb_type
from tests.engines.relational_plans import Row, Tables
from tests.engines.relational_random import SOURCES, UNIQUE


def compiled(
    tables: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Any] | None = None, listed: Tables | None = None
) -> CompiledLake:
    """The lake of tables without a zone, over the random sources or others.

    Args:
        listed: the rows of those random sources that are views whose rows stand in the spec.
    """
    random_sources = {
        name: {"path": f"{name}/", "columns": kinds, "unique": [list(UNIQUE[name])] if UNIQUE[name] else []}
        for name, kinds in SOURCES.items()
        if name not in (listed or {})
    } or {"other": {"path": "other/", "columns": {"x": "int"}}}
    views = {
        name: {"view": True, "values": {"columns": dict(SOURCES[name]), "rows": [list(row.values()) for row in rows]}}
        for name, rows in (listed or {}).items()
    }
    tables = {**views, **tables}
    zoned = {name: body if body.get("view") else {"zone": "trusted", **body} for name, body in tables.items()}
    spec = {"version": 1, "lake": "test", "zones": {"trusted": {}}, "sources": sources or random_sources}
    text = yaml.safe_dump({**spec, "tables": zoned}, sort_keys=False, width=10_000)
    analysis = check_spec(SourceText("pipeline.yaml", text))
    assert analysis.lake is not None, (analysis.diagnostics, text)
    return analysis.lake


@contextmanager
def database(connection: duckdb.DuckDBPyConnection, lake: CompiledLake, data: Tables) -> Iterator[None]:
    """Holds the data and all tables of the lake for a while."""
    connection.execute("BEGIN")
    try:
        for source in lake.sources.values():
            columns = ", ".join(f'"{column.name}" {duckdb_type(column.type)}' for column in source.columns)
            connection.execute(f'CREATE TABLE "{source.name}" ({columns})')
            marks = ", ".join("?" * len(source.columns))
            for row in data.get(source.name, ()):
                cells = [row[column.name] for column in source.columns]
                connection.execute(f'INSERT INTO "{source.name}" VALUES ({marks})', cells)
        for table in lake.tables.values():
            kind = "VIEW" if table.is_view else "TABLE"
            connection.execute(f'CREATE {kind} "{table.name}" AS {emit(table.query, DUCKDB)}')
        yield
    finally:
        connection.execute("ROLLBACK")


def rows_in(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def bag(rows: Iterable[Row]) -> Counter[tuple[Any, ...]]:
    """Rows without their order, columns with theirs."""
    return Counter(tuple(row.items()) for row in rows)


def check_claims(connection: duckdb.DuckDBPyConnection, query: Query) -> list[int]:
    """Checks what is claimed of every step, and of queries inside it; returns the rows after each."""
    before: list[dict[ColumnId, Any]] = []
    counts = []
    for number, step in enumerate(query.steps, start=1):
        for inner in nested(step):
            check_claims(connection, inner)
        rows = rows_after(connection, query.steps[:number])
        counts.append(len(rows))
        check_keys(step.after, rows)
        if isinstance(step, Join):
            check_sides(step, before, rows_of_input(connection, step.input, step.alias), len(rows))
        before = rows
    return counts


def check_sides(
    step: Join, left: Sequence[Mapping[ColumnId, Any]], right: Sequence[Mapping[ColumnId, Any]], joined: int
) -> None:
    """A unique side has no value twice that is compared; where constants are compared too, no row has two matches."""
    if step.exact:
        assert not step.left_unique or are_unique(left, [pair.left for pair in step.pairs])
        assert not step.right_unique or are_unique(right, [pair.right for pair in step.pairs])
    elif step.kind in ("inner", "left", "full"):
        kept = (len(left) if step.kind != "inner" else 0, len(right) if step.kind == "full" else 0)
        assert not step.right_unique or joined <= len(left) + kept[1]
        assert not step.left_unique or joined <= len(right) + kept[0]


def nested(step: Step) -> list[Query]:
    inputs = step.inputs if isinstance(step, Union) else (step.input,) if isinstance(step, (Scan, Join)) else ()
    return [one for one in inputs if isinstance(one, Query)]


def step_counts(connection: duckdb.DuckDBPyConnection, query: Query) -> list[int]:
    """The number of rows after each step, as the emitted counts have it."""
    counts = (emit_count(query.steps[:number], DUCKDB) for number in range(1, len(query.steps) + 1))
    return [int(connection.execute(sql).fetchall()[0][0]) for sql in counts]


def rows_after(connection: duckdb.DuckDBPyConnection, steps: tuple[Step, ...]) -> list[dict[ColumnId, Any]]:
    """The rows that some of a query's steps leave, their columns by id."""
    relation = steps[-1].after
    everything = tuple(
        Computed(replace(column, name=f"c{number}"), column_node(known, column.type))
        for number, (known, column) in enumerate(relation.columns.items())
    )
    select = Select(after=Relation({}), place=steps[-1].place, text="", columns=everything)
    found = connection.execute(emit(Query((*steps, select)), DUCKDB)).fetchall()
    return [dict(zip(relation.columns, row, strict=True)) for row in found]


def rows_of_input(connection: duckdb.DuckDBPyConnection, source: Input, alias: str) -> list[dict[ColumnId, Any]]:
    sql = emit(source, DUCKDB) if isinstance(source, Query) else f"FROM {source}"
    return [{ColumnId(alias, name): cell for name, cell in row.items()} for row in rows_in(connection, sql)]


def check_keys(relation: Relation, rows: Sequence[Mapping[ColumnId, Any]]) -> None:
    for key in relation.keys:
        assert key <= set(relation.columns)
        assert are_unique(rows, list(key)), (key, rows)


def are_unique(rows: Sequence[Mapping[ColumnId, Any]], columns: Sequence[ColumnId]) -> bool:
    return len({tuple(row[column] for column in columns) for row in rows}) == len(rows)
