"""The process of the embedded AWS: moto's server with what it lacks, over HTTPS.

It reads its configuration, one JSON object, from the first line of stdin, answers `{"port": N}`, and serves until stdin
ends: so it goes with the process that started it, however that one ends.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from generator.deploy.emulator import iceberg_rest
from generator.deploy.emulator.certificates import ADDRESS
from generator.deploy.emulator.iceberg import IcebergTables
from generator.deploy.emulator.job_runs import JobService
from generator.deploy.emulator.mirror import Mirror
from generator.deploy.emulator.patches import (
    athena,
    calls,
    events,
    glue,
    lake_formation,
    logs,
    optimizers,
    quality,
    runs,
    s3,
    tables,
)  # fmt: skip
from generator.deploy.emulator.repeated import AnsweredOnce
from generator.deploy.emulator.serving import new_server, port_of
from generator.deploy.emulator.spark import SparkPlace, SparkWorker


def main() -> None:
    configuration = json.loads(sys.stdin.readline())
    application = AnsweredOnce(DomainDispatcherApplication(create_backend_app))
    server = new_server(application, (Path(configuration["certificate"]), Path(configuration["key"])))
    environment = {**configuration["environment"], "AWS_ENDPOINT_URL": f"https://{ADDRESS}:{port_of(server)}"}
    spark = _install(configuration, environment)
    Thread(target=_end_with_stdin, args=(spark, Path(configuration["folder"])), daemon=True).start()
    sys.stdout.write(json.dumps({"port": port_of(server)}) + "\n")
    sys.stdout.flush()
    server.serve()


def _install(configuration: Mapping[str, Any], environment: Mapping[str, str]) -> SparkWorker:
    """Changes moto; what runs here reaches the server as anybody else does."""
    os.environ.update(environment)
    session = boto3.Session()
    folder = Path(configuration["folder"])
    mirror = Mirror(folder / "buckets", session.client("s3"))
    tables_of_iceberg = IcebergTables(mirror, session.client("glue"))
    catalog = iceberg_rest.serve(tables_of_iceberg)
    spark = SparkWorker(SparkPlace.from_json(configuration["spark"]), folder / "spark", os.environ, catalog)
    printed = folder / "logs"
    printed.mkdir()
    service = JobService(mirror, spark, session.client("logs"), printed, environment["AWS_DEFAULT_REGION"])
    for patch in (calls, s3, events, logs, glue, optimizers, quality, lake_formation):
        patch.apply()
    tables.apply(tables_of_iceberg)
    athena.apply(mirror, tables_of_iceberg)
    runs.apply(service)
    return spark


def _end_with_stdin(spark: SparkWorker, folder: Path) -> None:
    while sys.stdin.readline():
        continue
    spark.stop()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
