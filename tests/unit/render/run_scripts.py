"""Runs in the interpreter that has pyspark: generated scripts over small tables, without the lake.

Usage: run_scripts.py SETTINGS, a JSON object. Each line of the input names a file with a request; its answer replaces
it, and the line comes back. A request has `cases`: each with `script`,
`tables` ({name: {"schema", "rows"}}), `views` ([[name, sql]]), `sql`: the query whose result the script's has to be,
and `studio`: the nodes of the job's graph; or with `published`: rows to make the script's checks on, not its own.
With `only_schema`, only types are looked at.
A small stand-in serves the tables, and keeps what the script publishes.
"""

from __future__ import annotations

import datetime
import decimal
import json
import sys
import types
from typing import Any

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, expr, from_json, inline, lit
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from tests.quick_spark import JVM, TINY

TABLES: dict[str, DataFrame] = {}
PUBLISHED: dict[str, DataFrame] = {}
CHECKS: dict[str, list[Any]] = {}


class Lake:
    def __init__(self, glue_context: Any, args: dict[str, str]) -> None:
        assert set(args) - {"landing_root"} == {"JOB_NAME", "lake_root", "database"}

    def source(self, name: str, *, path: str, format: str, columns: dict[str, str], **more: Any) -> None:
        assert set(more) <= {"keys", "delimiter", "max_bad_rows", "personal", "checks", "keep_versions"}
        CHECKS[name] = more.get("checks", [])
        PUBLISHED[name] = self.table(name)

    def table(self, name: str) -> DataFrame:
        TABLES[name].createOrReplaceTempView(f"`{name}`")
        return TABLES[name]

    def publish(self, name: str, rows: DataFrame, *, keep_versions: int, checks: Any = ()) -> None:
        PUBLISHED[name] = rows
        CHECKS[name] = checks


class GlueContext:
    def __init__(self, context: SparkContext) -> None:
        found = SparkSession.getActiveSession()
        assert found is not None
        self.spark_session = found


class Job:
    def __init__(self, glue_context: GlueContext) -> None:
        self.open = False

    def init(self, name: str, args: dict[str, str]) -> None:
        self.open = True

    def commit(self) -> None:
        assert self.open


class Expect:
    """Each check as a condition, or a query, that counts its violations."""

    def row(self, broken: str, *, name: str, blocking: bool, of: str = "{0}") -> tuple[str, str]:
        return name, f"SELECT count_if({broken}) FROM `{of}`"

    def rows(self, *, name: str, blocking: bool, min: int = 0, max: int = 10**18, of: str = "{0}") -> tuple[str, str]:
        return name, f"SELECT CAST(count(*) NOT BETWEEN {min} AND {max} AS int) FROM `{of}`"

    def unique(self, *columns: str, name: str, blocking: bool, of: str = "{0}") -> tuple[str, str]:
        names = ", ".join(f"`{column}`" for column in columns)
        groups = f"SELECT count(*) - 1 AS n FROM `{of}` GROUP BY {names}"
        return name, f"SELECT coalesce(sum(n), 0) FROM ({groups})"

    def no_rows(self, sql: str, *, name: str, blocking: bool) -> tuple[str, str]:
        escaped = sql.replace("{", "{{").replace("}", "}}")
        return name, f"SELECT count(*) FROM ({escaped})"


def stand_in(name: str, **members: Any) -> None:
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


def install() -> None:
    stand_in("awsglue")
    stand_in("awsglue.context", GlueContext=GlueContext)
    stand_in("awsglue.job", Job=Job)
    stand_in("awsglue.utils", getResolvedOptions=lambda arguments, names: dict.fromkeys(names, "x"))
    stand_in("lake", Lake=Lake, expect=Expect())


def encode(value: Any) -> Any:
    if isinstance(value, (decimal.Decimal, datetime.date, datetime.datetime)):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    return value


def content(frame: DataFrame, prefix: str, *, only_schema: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"{prefix}schema": [[field.name, field.dataType.simpleString()] for field in frame.schema.fields]
    }
    if not only_schema:
        found[f"{prefix}rows"] = [[encode(cell) for cell in row] for row in frame.collect()]
    return found


def table(spark: SparkSession, given: dict[str, Any]) -> DataFrame:
    """Rows of a schema; `strings` are cast to its types."""
    schema = spark.createDataFrame([], given["schema"]).schema
    if "rows" in given:
        return rows_of(spark, given["rows"], schema)
    strings = [[None if cell is None else str(cell) for cell in row] for row in given["strings"]]
    found = rows_of(spark, strings, StructType([StructField(field.name, StringType()) for field in schema]))
    return found.select(*[col(f"`{field.name}`").cast(field.dataType).alias(field.name) for field in schema])


def rows_of(spark: SparkSession, rows: list[list[Any]], schema: StructType) -> DataFrame:
    """The rows in one partition, made without Python: each query would ask a worker for them again."""
    objects = json.dumps([dict(zip(schema.names, row, strict=True)) for row in rows])
    return spark.range(0, 1, 1, 1).select(inline(from_json(lit(objects), ArrayType(schema), {"mode": "FAILFAST"})))


def counted(spark: SparkSession) -> dict[str, int]:
    """The violations of each check of the script that ran, by name."""
    return {
        name: int(spark.sql(sql.format(of)).collect()[0][0]) for of, checks in CHECKS.items() for name, sql in checks
    }


def studio(spark: SparkSession, nodes: dict[str, Any], table: str) -> DataFrame:
    """What a graph of Glue Studio computes, up to the node of the table."""
    frames: dict[str, DataFrame] = {}
    waiting = dict(nodes)
    while table not in frames:
        ready = [
            one
            for one, node in waiting.items()
            if set(*[part.get("Inputs", []) for part in node.values()]) <= set(frames)
        ]
        for one in ready:
            ((kind, node),) = waiting.pop(one).items()
            frames[one] = studio_node(spark, one, kind, node, [frames[name] for name in node.get("Inputs", [])], frames)
    return frames[table]


def studio_node(
    spark: SparkSession,
    name: str,
    kind: str,
    node: dict[str, Any],
    inputs: list[DataFrame],
    frames: dict[str, DataFrame],
) -> DataFrame:
    if kind.startswith("S3"):
        return TABLES[node.get("Table", name).removesuffix("_raw")]
    if kind == "ApplyMapping":
        return inputs[0].select(*[one["ToKey"] for one in node["Mapping"]])
    if kind == "SparkSQL":
        for alias in node["SqlAliases"]:
            frames[alias["From"]].createOrReplaceTempView(f"`{alias['Alias']}`")
        return spark.sql(node["SqlQuery"])
    if kind == "Join":
        left, right = inputs
        keys = [[path for (path,) in side["Keys"]] for side in node["Columns"]]
        condition = " AND ".join(f"l.`{a}` = r.`{b}`" for a, b in zip(*keys, strict=True))
        how = {"equijoin": "inner", "outer": "full", "leftsemi": "left_semi", "leftanti": "left_anti"}.get(
            node["JoinType"], "left"
        )
        return left.alias("l").join(right.alias("r"), expr(condition), how)
    if kind == "Filter":
        return inputs[0].filter(" AND ".join(studio_filter(one) for one in node["Filters"]))
    if kind == "EvaluateDataQuality":
        return inputs[0]
    if kind == "DropDuplicates":
        return inputs[0].dropDuplicates()
    assert kind == "SelectFields", kind
    return inputs[0].select(*[path for (path,) in node["Paths"]])


def studio_filter(one: dict[str, Any]) -> str:
    column, *constants = [value["Value"][0] for value in one["Values"]]
    text = f"`{column}` IS NULL" if one["Operation"] == "ISNULL" else f"`{column}` = '{constants[0]}'"
    return f"NOT ({text})" if one["Negated"] else text


def run(spark: SparkSession, case: dict[str, Any]) -> dict[str, Any]:
    CHECKS.clear()
    PUBLISHED.clear()
    try:
        for name, given in case["tables"].items():
            TABLES[name] = table(spark, given)
            TABLES[name].createOrReplaceTempView(f"`{name}`")
        exec(compile(case["script"], "script.py", "exec"), {"__name__": "__main__"})
        ((name, made),) = PUBLISHED.items()
        if "published" in case:
            table(spark, case["published"]).createOrReplaceTempView(f"`{name}`")
            return {"checks": counted(spark)}
        only_schema = case.get("only_schema", False)
        result = content(made, "", only_schema=only_schema)
        result |= content(studio(spark, case["studio"], name), "studio_", only_schema=only_schema)
        for view, sql in case["views"]:
            spark.sql(sql).createOrReplaceTempView(f"`{view}`")
        return result | content(spark.sql(case["sql"]), "emitted_", only_schema=only_schema)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def answer(spark: SparkSession, request: str) -> None:
    with open(request, encoding="utf-8") as file:
        cases = json.load(file)
    keywords = [row[0].lower() for row in spark.sql("SELECT keyword FROM sql_keywords()").collect()]
    found = {"keywords": keywords, "results": [run(spark, case) for case in cases]}
    with open(request, "w", encoding="utf-8") as file:
        json.dump(found, file)


def main() -> None:
    builder = SparkSession.builder.master("local[1]")
    quick = {**TINY, "spark.driver.extraJavaOptions": JVM, "spark.ui.enabled": "false"}
    for key, value in (quick | json.loads(sys.argv[1])).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    install()
    for line in sys.stdin:
        answer(spark, line.strip())
        print(line, end="", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
