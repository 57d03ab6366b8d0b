"""The fuzz of the proofs: a random lake is compiled, run, and each claim about it is checked on its rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.compile import analyse
from generator.plan.emit import DUCKDB, emit
from generator.plan.expressions import settings_for
from generator.plan.lake import CompiledLake
from tests.proofs.algebra import BrokenDeclaration, Row, TooManyRows, bag, evaluate
from tests.proofs.claims import CLAIMS, World
from tests.proofs.lakes import Lake, make_lake
from tests.proofs.values import FIELDS, Value

DUCKDB_TYPES = {
    "str": "VARCHAR", "int": "BIGINT", "dbl": "DOUBLE", "dec": "DECIMAL(20,2)",
    "rec": "STRUCT(mail VARCHAR, n BIGINT)", "list": "VARCHAR[]",
}  # fmt: skip


SHAPES = {
    "joins with using": r'"using"| using \(',
    "declared cardinality": '"cardinality"',
    "windows in order": " over .* order by ",
    "named queries": "with q0 as",
    "structs": r"\.mail",
    "arrays": r"array_contains|size\(",
    "lambdas that ask": r"exists\([^(]|forall\(",
    "lambdas that make": r"filter\(|transform\(|aggregate\(",
    "rows of elements": r'"unnest"|explode\(',
    "lists of values": "collect_list",
    "conversions that round": "as double",
    "exists": r"exists \(",
    "in a query": r" in \(select",
    "right joins": "right join",
    "full joins": '"full"| full (outer )?join ',
    "full joins with using": r'"full": [^}]*"using"| full (outer )?join [^()]* using ',
    "joins in where": " x1 , ",
    "intersect and except": " intersect | except ",
    "qualify": "qualify",
    "registries that are tables": "now_src",
    "keys in their normal form": r"lower\([^)]*\) = lower\(",
}
"""What is to be seen in the words of a table, for a fuzz that has it among its tables."""


@dataclass
class Outcome:
    """What came of some lakes.

    Attributes:
        counts: of lakes, tables, rows, and of each sort of claim.
        violations: what was claimed and isn't so.
    """

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


def fuzz(seeds: Iterable[int], connection: duckdb.DuckDBPyConnection | None, at_most: int = 10) -> Outcome:
    """Checks the lakes of these seeds until there are enough violations.

    Args:
        connection: where to run each table as well, to compare its rows; None to go by the evaluator alone.
    """
    outcome = Outcome()
    for seed in seeds:
        check_lake(seed, outcome, connection)
        if len(outcome.violations) >= at_most:
            break
    return outcome


def check_lake(seed: int, outcome: Outcome, connection: duckdb.DuckDBPyConnection | None) -> None:
    lake = make_lake(seed)
    source = SourceText("pipeline.yaml", json.dumps(lake.spec(), indent=1))
    analysis = check_spec(source) if connection is not None else analyse(source)
    errors = [found for found in analysis.diagnostics if found.severity == "error"]
    if errors or analysis.lake is None:
        outcome.violations += [f"seed {seed}: the lake doesn't compile: {found}" for found in errors]
        return
    world = World(lake, analysis.lake, evaluated(lake), outcome.counts)
    if connection is not None:
        outcome.violations += [f"seed {seed}: {wrong}" for wrong in wrong_rows(world, analysis.lake, connection)]
    outcome.counts["lakes"] += 1
    for name, table in lake.spec()["tables"].items():
        outcome.counts["tables"] += 1
        words = json.dumps(table)
        outcome.counts.update(shape for shape, seen in SHAPES.items() if re.search(seen, words))
        outcome.counts["rows"] += len(world.rows[name])
        outcome.violations += [f"seed {seed}, {name}: {wrong}" for wrong in wrong_claims(world, name)]


def evaluated(lake: Lake) -> dict[str, list[Row]]:
    rows = lake.ground.rows()
    for name, query in lake.queries.items():
        rows[name] = evaluate(query, rows)
    return rows


def wrong_claims(world: World, name: str) -> list[str]:
    found: list[str] = []
    for claim in CLAIMS:
        try:
            found += [f"{claim.__name__}: {wrong}" for wrong in claim(world, name)]
        except (TooManyRows, BrokenDeclaration):
            world.counts["renamed tables that don't run"] += 1
    return found


def wrong_rows(world: World, compiled: CompiledLake, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables whose rows in DuckDB aren't those of the evaluator, or that DuckDB refuses."""
    try:
        return other_rows(world, compiled, connection)
    except duckdb.Error as error:
        return [f"DuckDB refuses a table: {error}"]


def literal(known: Value) -> str:
    if known is None or isinstance(known, str):
        return "NULL" if known is None else repr(known)
    return f"{known:.1f}::DOUBLE" if isinstance(known, float) else str(known)


def written(known: Value, kind: str) -> str:
    """A raw value in DuckDB's words."""
    if not isinstance(known, tuple):
        return literal(known)
    parts = [literal(part) for part in known]
    if kind == "list":
        return f"[{', '.join(parts)}]::VARCHAR[]"
    return f"{{{', '.join(f'{name}: {part}' for name, part in zip(FIELDS, parts, strict=True))}}}"


def read(known: Any) -> Value:
    """A value that DuckDB gave."""
    if isinstance(known, dict):
        return tuple(known.values())
    return tuple(known) if isinstance(known, list) else known


def other_rows(world: World, compiled: CompiledLake, connection: duckdb.DuckDBPyConnection) -> list[str]:
    connection.execute("DROP SCHEMA IF EXISTS fuzz CASCADE; CREATE SCHEMA fuzz; USE fuzz")
    for source, columns in world.ground.columns.items():
        typed = ", ".join(f'"{name}" {DUCKDB_TYPES[known.kind]}' for name, known in columns.items())
        connection.execute(f"CREATE TABLE {source} ({typed})")
        kinds = [known.kind for known in columns.values()]
        rows = [", ".join(map(written, row.values(), kinds)) for row in world.ground.raw[source]]
        connection.execute(f"INSERT INTO {source} VALUES {', '.join(f'({row})' for row in rows)}")
    wrong = []
    for name, table in compiled.tables.items():
        sql = emit(table.query, DUCKDB)
        for setting in settings_for([sql]):
            connection.execute(setting)
        connection.execute(f'CREATE TABLE "{name}" AS {sql}')
        names = [column.name for column in table.columns]
        found = Counter(tuple(map(read, row)) for row in connection.execute(f'SELECT * FROM "{name}"').fetchall())
        if found != bag(world.rows[name], names):
            wrong.append(f"{name}: other rows in DuckDB: {found} instead of {bag(world.rows[name], names)}")
    return wrong
