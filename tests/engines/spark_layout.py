"""The layout of Iceberg tables on the Spark of the interpreter that runs this: `python spark_layout.py FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from spark_iceberg import create, lake, read, refused, session

from generator.runtime.expectations import expect
from generator.runtime.iceberg import CATALOG, IcebergTables

ROWS = """
SELECT id, id % 50 AS user, timestamp'2024-01-01 00:00:00' + make_interval(0, 0, 0, id % 10) AS at, id AS at_day
FROM range(1000)
"""


def main() -> None:
    folder = Path(sys.argv[1])
    spark = session(folder)
    create(spark, "t", "id bigint, user bigint, at timestamp, at_day bigint")

    def files() -> list[str]:
        rows = spark.sql(f"SELECT file_path FROM {CATALOG}.lake.t.files").collect()
        return sorted("/".join(row[0].split("/data/")[1].split("/")[:-1]) for row in rows)

    def scanned(start: int, end: int) -> list[int]:
        """The sizes in bytes of the files that Iceberg plans to read for the times between two, in s since 1970."""
        jvm: Any = spark.sparkContext._jvm
        make, load = jvm.org.apache.iceberg.expressions.Expressions, jvm.org.apache.iceberg.spark.Spark3Util
        table = load.loadIcebergTable(spark._jsparkSession, f"{CATALOG}.lake.t")
        since = make.greaterThanOrEqual("at", start * 10**6)
        scan = table.newScan().filter(since).filter(make.lessThan("at", end * 10**6))
        return [task.file().fileSizeInBytes() for task in scan.planFiles().iterator()]

    def publish(run: str, rows: str = ROWS, **options: Any) -> None:
        lake(spark, run).publish("t", spark.sql(rows), **options)

    seen: dict[str, Any] = {}
    publish("r1", partition_by=["day(at)"], sort_by=["user", "at desc"], file_size=64 << 20)
    seen["days"] = files()
    day = "at >= timestamp'2024-01-03' AND at < timestamp'2024-01-04'"
    seen["scanned"] = [scanned(1704000000, 1800000000), scanned(1704240000, 1704326400)]
    rows = spark.sql(f"SELECT user, at FROM {CATALOG}.lake.t WHERE {day}").collect()
    seen["sorted"] = rows == sorted(rows)
    seen["size"] = spark.sql(f"SHOW TBLPROPERTIES {CATALOG}.lake.t ('write.target-file-size-bytes')").first()[1]
    bad = expect.row("id = 5", name="bad", blocking=True)
    seen["refused"] = refused(lambda: publish("r2", partition_by=["bucket(4, user)"], checks=[bad]))
    seen["after it"] = [files() == seen["days"], spark.table(f"{CATALOG}.lake.t").count()]
    publish("r3", partition_by=["bucket(4, user)", "month(at)"])
    seen["changed"] = files()
    publish("r4")
    seen["removed"] = [sorted(set(files())), spark.table(f"{CATALOG}.lake.t").count()]
    seen["columns"] = columns(spark)
    print(json.dumps(seen, default=str))


def columns(spark: Any) -> list[Any]:
    """A partition's column of another type, then without it, then with it again; and the versions of then."""
    create(spark, "c", "id bigint")

    def publish(run: str, rows: str, **options: Any) -> list[Any]:
        lake(spark, run).publish("c", spark.sql(rows), keep_versions=9, **options)
        found = lake(spark, "reader").table("c")
        return [found.dtypes, sorted(map(list, found.collect()))]

    seen: list[Any] = [
        publish("r1", "SELECT id, id % 2 AS part FROM range(4)", partition_by=["part"], sort_by=["id"]),
        publish("r2", "SELECT id, string(id % 2) AS part FROM range(4)", partition_by=["part"], sort_by=["id desc"]),
        publish("r3", "SELECT string(id) AS id FROM range(2)", sort_by=["id"]),
        publish("r4", "SELECT id, date'2024-01-01' AS part FROM range(1)", partition_by=["month(part)"]),
    ]
    told = refused(
        lambda: publish(
            "r5",
            "SELECT string(id) AS id, date'2024-01-01' AS part, id % 2 AS more FROM range(4)",
            partition_by=["more", "month(part)"],
            sort_by=["id"],
            checks=[expect.row("more > 0", name="odd", blocking=True)],
        )
    )
    seen += [told, read(spark, "c")]
    tables = IcebergTables(spark, "lake", "reader", 0)
    for one in sorted(tables.versions("c"), key=lambda version: version.run)[:3]:
        old = spark.sql(f"SELECT * FROM {CATALOG}.lake.c VERSION AS OF {one.snapshot}")
        seen.append(old.select([name for name, _ in one.columns]).count())
    return seen


main()
