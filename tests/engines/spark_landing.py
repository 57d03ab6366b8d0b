"""Reads sources by the jobs' own reader on local Spark: a program of its own, so that any Spark's Python can run it.

    python spark_landing.py < REQUESTS > RESULTS

Each line of REQUESTS is a JSON list of {"root", "path", "format", "columns", "keys", "formats", "options", "settings",
"out"}, which are read in a session of their own; one JVM has all of them. RESULTS has a line with one JSON object for
each: the report, once rows and quarantine are in the folder `out` as Parquet, or the error. Instead of a source there
can be {"stream", "schema", "partition", "into"}: a streaming query that copies JSON files to a folder, a batch each.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from generator.runtime.java_names import remember_names
    from tests.quick_spark import JVM, workers_of_files

    builder = SparkSession.builder.master("local[2]")
    for key, value in {**SETTINGS, **workers_of_files(), "spark.driver.extraJavaOptions": JVM}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    remember_names(spark)
    for line in sys.stdin:
        session = spark.newSession()
        for source in json.loads(line):
            result = stream(session, source) if "stream" in source else read(session, source)
            sys.stdout.write(json.dumps(result) + "\n")
            sys.stdout.flush()
    spark.stop()


def stream(spark: Any, query: dict[str, Any]) -> dict[str, Any]:
    spark.conf.set("spark.sql.streaming.fileSink.log.compactInterval", "3")
    rows = spark.readStream.schema(query["schema"]).option("maxFilesPerTrigger", 1).json(query["stream"])
    writer = rows.writeStream.format("json").partitionBy(query["partition"]).trigger(availableNow=True)
    writer.option("checkpointLocation", f"{query['into']}.checkpoint").start(query["into"]).awaitTermination()
    return {}


def read(spark: Any, source: dict[str, Any]) -> dict[str, Any]:
    from generator.runtime.landing import read_landing
    from generator.runtime.options import ReadOptions
    from generator.runtime.times import stored_in_utc

    for key, value in source.pop("settings", {}).items():
        spark.conf.set(key, value)
    out = Path(source.pop("out"))
    root = source.pop("root")
    options = ReadOptions.of(source.pop("options"))
    try:
        landing = read_landing(spark, root, "src", **source, options=options)
        stored_in_utc(landing.rows).write.mode("overwrite").parquet(str(out / "rows"))
        landing.quarantine.write.mode("overwrite").parquet(str(out / "quarantine"))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:2000]}
    told = ("lines", "quarantined", "reasons", "extra_keys", "files", "notes", "missing")
    return {key: getattr(landing, key) for key in told}


if __name__ == "__main__":
    main()
