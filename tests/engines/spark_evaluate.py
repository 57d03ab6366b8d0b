"""Runs in the interpreter that has pyspark: evaluates SQL expressions over a table and writes what came out.

Usage: spark_evaluate.py request.json. The request has `table` (a parquet file), `settings`, `hostile` (other values
of some of them, which the session begins with), `output` (a file), and `expressions`: a list of {"sql", "rows"};
`rows` says whether there is a value for each row.
"""

from __future__ import annotations

import decimal
import json
import sys
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

BATCH = 40
# Python has no years beyond 9999, so times leave the JVM as numbers, and arrays of them as texts.
_AS_NUMBERS = {"date": "unix_date({})", "timestamp": "unix_micros({})",
               "array<date>": "cast({} as array<string>)", "array<timestamp>": "cast({} as array<string>)"}  # fmt: skip


def encode(value: Any) -> Any:
    """A value as JSON that keeps what it is."""
    if isinstance(value, decimal.Decimal):
        return {"decimal": format(value, "f")}
    if isinstance(value, float):
        return {"double": repr(value)}
    if isinstance(value, bytes | bytearray):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, dict):
        return {"map": sorted([encode(k), encode(v)] for k, v in value.items())}
    if hasattr(value, "asDict"):
        return {"struct": [encode(part) for part in value]}
    return [encode(part) for part in value] if isinstance(value, list) else value


def evaluate(table: DataFrame, expressions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values and type of each expression; a batch that fails is halved until the culprit is known."""
    try:
        columns = [f"{one['sql']} AS r{index}" for index, one in enumerate(expressions)]
        found = table.selectExpr("id", *columns).orderBy("id") if expressions[0]["rows"] else table.selectExpr(*columns)
        kinds = [found.schema[f"r{index}"].dataType.simpleString() for index in range(len(expressions))]
        shown = [_AS_NUMBERS.get(kind, "{}").format(f"r{index}") for index, kind in enumerate(kinds)]
        numbers = [f"{one} AS r{index}" for index, one in enumerate(shown)]
        rows = found.selectExpr(*numbers).collect()
    except (PySparkException, Py4JJavaError) as error:
        if len(expressions) == 1:
            return [{"error": str(error)[:1000]}]
        middle = len(expressions) // 2
        return evaluate(table, expressions[:middle]) + evaluate(table, expressions[middle:])
    return [
        {"type": kinds[index], "values": [encode(row[f"r{index}"]) for row in rows]}
        for index in range(len(expressions))
    ]


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    builder = SparkSession.builder.master("local[1]")
    for key, value in {**request["settings"], **request["hostile"]}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    for key in request["hostile"]:  # as jobs do, whatever the cluster's settings are
        spark.conf.set(key, request["settings"][key])
    spark.sparkContext.setLogLevel("OFF")
    table = spark.read.parquet(request["table"]).coalesce(1).cache().alias("t")
    results: list[dict[str, Any]] = [{}] * len(request["expressions"])
    for rows in (True, False):
        chosen = [index for index, one in enumerate(request["expressions"]) if one["rows"] is rows]
        for start in range(0, len(chosen), BATCH):
            batch = chosen[start : start + BATCH]
            found = evaluate(table, [request["expressions"][index] for index in batch])
            for index, one in zip(batch, found, strict=True):
                results[index] = one
    with open(request["output"], "w", encoding="utf-8") as file:
        json.dump({"version": spark.version, "results": results}, file)
    spark.stop()


if __name__ == "__main__":
    main()
