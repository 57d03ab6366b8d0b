"""Evaluates expressions in DuckDB and in Spark, and says where the results differ."""

from __future__ import annotations

import decimal
import json
import math
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from sqlglot import exp

from generator.plan.expressions import DUCKDB_SETTINGS, SPARK_SETTINGS, Allow, Scope, Typed, check, to_duckdb
from generator.plan.expressions.functions import find
from generator.plan.relation import Column
from generator.plan.types import Type, duckdb_type
from tests.engines.nasty_rows import ROWS, TYPES
from tests.quick_spark import JVM

SCRIPT = Path(__file__).with_name("spark_evaluate.py")
SCOPE = Scope({"t": {name: Column(name, kind) for name, kind in TYPES.items()}})
ALL = Allow.AGGREGATES | Allow.WINDOWS
RELATIVE_ERROR = 1e-12
"""How far the last digits of functions that are said to differ in them may be apart; docs/functions.md says it too."""
# Python has no years beyond 9999, so times leave the engine as numbers, and arrays of them as texts.
_AS_NUMBERS = {"date": "date_diff('day', DATE '1970-01-01', r)", "timestamp": "epoch_us(r)",
               "array<date>": "CAST(r AS VARCHAR[])", "array<timestamp>": "CAST(r AS VARCHAR[])"}  # fmt: skip
SETTINGS = {
    **SPARK_SETTINGS,
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.driver.extraJavaOptions": f"{JVM} -Duser.timezone=UTC",
}


_OTHERS = {
    "true": "false", "false": "true", "UTC": "Pacific/Apia", "EXCEPTION": "LAST_WIN", "TIMESTAMP_LTZ": "TIMESTAMP_NTZ",
}  # fmt: skip
HOSTILE = {key: _OTHERS[value] for key, value in SPARK_SETTINGS.items() if value != "CORRECTED"} | {
    "spark.sql.legacy.timeParserPolicy": "LEGACY", "spark.sql.legacy.ctePrecedencePolicy": "LEGACY",
}  # fmt: skip
"""Every setting that expressions rely on, as a cluster might have it: what is pinned has to undo it."""


class Evaluated(NamedTuple):
    """What an engine made of an expression: values in the order of `id`, or an error."""

    type: str
    values: list[Any]
    error: str = ""


def checked(text: str) -> Typed:
    """An expression over the table of awkward rows, which must be sound."""
    typed, problems = check(text, SCOPE, ALL)
    assert typed is not None, [f"{problem.code} {problem.message}" for problem in problems]
    return typed


def fill_table(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f'"{name}" {duckdb_type(kind)}' for name, kind in TYPES.items())
    connection.execute(f"CREATE TABLE t ({columns})")
    casts = ", ".join(f"CAST(${index + 1} AS {duckdb_type(kind)})" for index, kind in enumerate(TYPES.values()))
    for row in ROWS:
        values = [_parameter(row[name], kind) for name, kind in TYPES.items()]
        connection.execute(f"INSERT INTO t SELECT {casts}", values)


def _parameter(value: Any, kind: Type) -> Any:
    if kind.kind == "map" and value is not None:
        return {"key": list(value), "value": list(value.values())}
    return value


def in_duckdb(connection: duckdb.DuckDBPyConnection, typed: Typed) -> Evaluated:
    sql = to_duckdb(typed.ast)
    rows, order = ("0", "") if typed.aggregate else ('"id"', ' ORDER BY "id"')
    shown = _AS_NUMBERS.get(str(typed.type), "r")
    try:
        kind = str(connection.execute(f"DESCRIBE SELECT {sql} AS r FROM t").fetchall()[0][1])
        found = connection.execute(f"SELECT {shown} FROM (SELECT {sql} AS r, {rows} FROM t){order}")
        return Evaluated(kind, [encode(row[0], typed.type) for row in found.fetchall()])
    except duckdb.Error as error:
        return Evaluated("", [], f"{error}\n{sql}")


def encode(value: Any, kind: Type) -> Any:
    """The JSON that `spark_evaluate` makes of the same value."""
    if value is None or kind.kind in ("string", "boolean") or kind.is_integer:
        return value
    if kind.kind == "array":
        return [encode(part, kind.element) for part in value]
    if kind.kind == "struct":
        return {"struct": [encode(value[name], part) for name, part in kind.fields]}
    if kind.kind == "map":
        key, element = kind.fields[0][1], kind.element
        return {"map": sorted([encode(k, key), encode(v, element)] for k, v in value.items())}
    return _encode_simple(value)


def _encode_simple(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, float):
        return {"double": repr(value)}
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def in_spark(
    interpreter: str, folder: Path, expressions: Sequence[tuple[str, bool]], more: Mapping[str, str] | None = None
) -> list[Evaluated]:
    """Evaluates (SQL, whether it gives a value for each row) in one Spark session of another process.

    Args:
        more: settings of the session.
    """
    table, request, output = folder / "t.parquet", folder / "request.json", folder / "output.json"
    with duckdb.connect() as connection:
        fill_table(connection)
        connection.execute(f"COPY (SELECT * FROM t ORDER BY id) TO '{table}' (FORMAT parquet)")
    wanted = {
        "table": str(table), "output": str(output), "settings": {**SETTINGS, **(more or {})}, "hostile": HOSTILE,
        "expressions": [{"sql": sql, "rows": rows} for sql, rows in expressions],
    }  # fmt: skip
    request.write_text(json.dumps(wanted))
    environment = {**os.environ, "TZ": "UTC", "PYTHONPATH": "", "PYSPARK_PYTHON": interpreter}
    done = subprocess.run(
        [interpreter, str(SCRIPT), str(request)], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results: list[Mapping[str, Any]] = json.loads(output.read_text())["results"]
    return [Evaluated(one.get("type", ""), one.get("values", []), one.get("error", "")) for one in results]


def last_digits(typed: Typed) -> bool:
    """Whether an expression calls a function whose last digits may differ."""
    calls = typed.ast.find_all(exp.Anonymous, exp.AnonymousAggFunc)
    return any(function.last_digits for call in calls if (function := find(str(call.this))) is not None)


def same(a: Any, b: Any, error: float = RELATIVE_ERROR) -> bool:
    """Whether two encoded values are equal, doubles but for a relative error."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, error) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        if "double" in a:
            return _close(float(a["double"]), float(b["double"]), error)
        if "decimal" in a:
            return decimal.Decimal(a["decimal"]) == decimal.Decimal(b["decimal"])
        return all(same(a[key], b[key], error) for key in a)
    return type(a) is type(b) and bool(a == b)


def _close(x: float, y: float, error: float) -> bool:
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    return x == y or math.isclose(x, y, rel_tol=error)


def new_connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for setting in DUCKDB_SETTINGS:
        connection.execute(setting)
    fill_table(connection)
    return connection
