"""A lake of Iceberg tables on the Spark of the interpreter that runs this: its files and its rows, step by step.

    python spark_iceberg.py FOLDER

Prints what was seen as JSON. The tables are there before the first run, as Terraform makes them. A catalog of Hadoop's
stands for Glue's: both are Iceberg's own, and what is done with tables is the same.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from generator.runtime.error import LakeError
from generator.runtime.expectations import expect
from generator.runtime.iceberg import CATALOG, IcebergTables
from generator.runtime.lake import Lake
from generator.runtime.layout import Layout
from tests.quick_spark import JVM, workers_of_files

ROWS = """
SELECT 1 AS id, 'a' AS name, timestamp'2024-01-02 03:04:05.123456' AS at, CAST(2 AS smallint) AS small,
 array(named_struct('t', timestamp'2024-01-01 00:00:00', 'n', CAST(1 AS tinyint))) AS parts, map('k', 1.5) AS more,
 date'1600-01-01' AS day, CAST(1.5 AS float) AS part, X'00FF' AS bytes
"""


def main() -> None:
    folder = Path(sys.argv[1])
    spark = session(folder)
    seen: dict[str, Any] = {}
    for name, columns in (("t", "id int, name string"), ("people", "id bigint, born date"), ("old", "x string")):
        create(spark, name, columns)
    create(spark, "people_quarantine", "file string, line bigint, reason string, detail string, raw string")
    seen["versions"] = versions(spark, folder)
    seen["other columns"] = other_columns(spark)
    seen["source"] = source(spark, folder)
    print(json.dumps(seen, default=str))


def session(folder: Path, more: Mapping[str, str] | None = None) -> SparkSession:
    found = find_spec("snowpark_connect_deps_iceberg")
    assert found is not None and found.origin is not None, "there is no Iceberg"
    jar = next(Path(found.origin).parent.glob("jars/iceberg-spark-runtime-3.5_2.12-*.jar"))
    catalog = f"spark.sql.catalog.{CATALOG}"
    settings = {
        "spark.jars": str(jar),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "hadoop",
        f"{catalog}.warehouse": str(folder / "warehouse"),
        f"{catalog}.cache-enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": JVM,
        "spark.sql.warehouse.dir": str(folder / "none"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **workers_of_files(),
        **(more or {}),
    }
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def create(spark: SparkSession, name: str, columns: str) -> None:
    spark.sql(f"CREATE TABLE {CATALOG}.lake.`{name}` ({columns}) USING iceberg TBLPROPERTIES ('format-version' = '2')")


def lake(spark: SparkSession, run: str, root: str = "/nowhere") -> Lake:
    sys.argv[1:] = ["--run_id", run]
    arguments = {"lake_root": root, "landing_root": root, "database": "lake"}
    return Lake(SimpleNamespace(spark_session=spark), arguments)


def read(spark: SparkSession, name: str) -> list[list[Any]]:
    """What any reader of the catalog sees."""
    rows = spark.sql(f"SELECT * FROM {CATALOG}.lake.{name}")
    return [[f"{column} {kind}" for column, kind in rows.dtypes], *sorted(map(list, rows.collect()), key=str)]


def data(folder: Path, name: str) -> list[str]:
    return sorted(path.name for path in (folder / "warehouse" / "lake" / name / "data").rglob("*.parquet"))


def refused(act: Any) -> str:
    try:
        act()
    except LakeError as error:
        return str(error)
    return "nothing was refused"


def versions(spark: SparkSession, folder: Path) -> dict[str, Any]:
    """Runs one after the other, one that is refused, one that is killed, two at once, and a rollback."""
    seen: dict[str, Any] = {}
    tables = lambda run: IcebergTables(spark, "lake", run, int(time.time() * 1000))  # noqa: E731
    seen["before the first run"] = refused(lambda: lake(spark, "r0").table("t"))
    lake(spark, "r1").publish(
        "t", spark.sql("SELECT 1 AS id, 'one' AS name UNION ALL SELECT 2, 'two'"), keep_versions=2
    )
    seen["first"] = read(spark, "t")
    seen["properties"] = dict(map(list, spark.sql(f"SHOW TBLPROPERTIES {CATALOG}.lake.t").collect()))
    before = lake(spark, "reader").table("t")
    bad = expect.row("id > 0", name="no id", blocking=True)
    rows = spark.sql("SELECT 3 AS id, 'three' AS name")
    seen["refused"] = refused(lambda: lake(spark, "r2").publish("t", rows, checks=[bad]))
    seen["after it"] = [read(spark, "t"), len(data(folder, "t")), branches(spark)]
    seen["the same run"] = refused(lambda: lake(spark, "r1").publish("t", rows))

    tables("r3").stage("t", spark.range(50).selectExpr("cast(id AS int) AS id", "'killed' AS name"), Layout())
    orphan = folder / "warehouse" / "lake" / "t" / "data" / "half-written.parquet"
    orphan.write_text("PAR1")
    time.sleep(1.1)
    lake(spark, "r4").publish("t", rows, keep_versions=2)
    seen["after a killed run"] = [read(spark, "t"), len(data(folder, "t")), orphan.exists(), branches(spark)]
    seen["a reader that began before"] = sorted(map(list, before.collect()))

    slow, fast = tables("r5"), tables("r6")
    slow.stage("t", rows, Layout())
    fast.stage("t", spark.sql("SELECT 6 AS id, 'six' AS name"), Layout())
    seen["two at once"] = [refused(lambda: slow.publish("t", 1, {}, 2)), read(spark, "t")[1:]]
    fast.publish("t", 1, {"c": 0}, 2)
    fast.expire("t")
    seen["the other one"] = [read(spark, "t")[1:], [one.run for one in fast.versions("t")], len(data(folder, "t"))]

    def back(run: str) -> None:
        found = next(one.snapshot for one in fast.versions("t") if one.run == run)
        spark.sql(f"CALL {CATALOG}.system.set_current_snapshot('lake.t', {found})")

    back("r4")
    seen["back"] = [contents(lake(spark, "reader").table("t")), [one.run for one in fast.versions("t")]]
    back("r6")
    seen["forward"] = [contents(lake(spark, "reader").table("t")), [one.run for one in fast.versions("t")]]
    before = data(folder, "t")
    spark.sql(f"CALL {CATALOG}.system.rewrite_data_files(table => 'lake.t', options => map('rewrite-all', 'true'))")
    compacted = [len({*data(folder, "t")} - {*before}), [one.run for one in fast.versions("t")]]
    compacted += [expired(spark, fast.versions("t")[0].snapshot), contents(lake(spark, "reader").table("t"))]
    lake(spark, "r7").publish("t", rows, keep_versions=2)
    seen["compacted"] = [*compacted, read(spark, "t")[1:], [one.run for one in fast.versions("t")]]
    seen["read while it is published"] = read_in_a_loop(spark)
    return seen


def expired(spark: SparkSession, snapshot: int) -> list[str]:
    """The runs of the versions that are there once a snapshot has expired, as retention by others does it."""
    jvm: Any = spark.sparkContext._jvm
    table = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, f"{CATALOG}.lake.t")
    table.expireSnapshots().expireSnapshotId(snapshot).commit()
    return [one.run for one in IcebergTables(spark, "lake", "reader", 0).versions("t")]


def read_in_a_loop(spark: SparkSession) -> list[Any]:
    """What another thread sees of a table of 100 equal rows while 20 runs publish it anew: each state once."""
    seen, reads, done = set(), 0, Event()

    def look() -> None:
        nonlocal reads
        while not done.is_set():
            found = spark.sql(f"SELECT id, count(*) FROM {CATALOG}.lake.t GROUP BY id").collect()
            seen.add(str([list(row) for row in found]))
            reads += 1

    def publish(number: int) -> None:
        rows = spark.range(100).selectExpr(f"cast({number} AS int) AS id", "string(id) AS name")
        lake(spark, f"s{number:02d}").publish("t", rows, keep_versions=2)

    publish(0)
    reader = Thread(target=look)
    reader.start()
    for number in range(1, 21):
        publish(number)
    done.set()
    reader.join()
    return [sorted(seen), reads]


def other_columns(spark: SparkSession) -> dict[str, Any]:
    """New columns, columns of other types and in another order, and columns that go; the types of the language."""
    lake(spark, "r1").publish("old", spark.sql("SELECT 'text' AS x, 1 AS gone"))
    lake(spark, "r2").publish("old", spark.sql(ROWS))
    kinds = lake(spark, "reader").table("old")
    seen = {"columns": kinds.dtypes, "rows": contents(kinds), "stored": read(spark, "old")[0]}
    lake(spark, "r3").publish("old", spark.sql("SELECT 'a' AS id, CAST(5 AS bigint) AS small"))
    seen["another type"] = contents(lake(spark, "reader").table("old"))
    found = IcebergTables(spark, "lake", "reader", 0)
    spark.sql(f"CALL {CATALOG}.system.set_current_snapshot('lake.old', {found.versions('old')[-1].snapshot})")
    seen["the first version"] = contents(lake(spark, "reader").table("old"))
    return seen


def source(spark: SparkSession, folder: Path) -> dict[str, Any]:
    """A source whose second run finds its bad line mended."""
    landing = folder / "landing" / "people"
    landing.mkdir(parents=True)
    file = landing / "people.json"

    def run(name: str, text: str) -> list[Any]:
        file.write_text(text)
        lake(spark, name, str(folder / "landing")).source(
            "people", path="people", format="json", columns={"id": "bigint", "born": "date"}, max_bad_rows=1
        )
        return [
            contents(lake(spark, "reader").table("people")),
            contents(lake(spark, "reader").table("people_quarantine")),
        ]

    first = run("s1", '{"id": 1, "born": "2000-02-29"}\n{"id": "x"}\n')
    return {"first": first, "mended": run("s2", '{"id": 1, "born": "2000-02-29"}\n{"id": 2}\n')}


def contents(rows: DataFrame) -> list[Any]:
    return sorted((list(map(str, row)) for row in rows.collect()), key=str)


def branches(spark: SparkSession) -> list[str]:
    return [row[0] for row in spark.sql(f"SELECT name FROM {CATALOG}.lake.t.refs ORDER BY 1").collect()]


if __name__ == "__main__":
    main()
