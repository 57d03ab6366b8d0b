"""Spark for many tiny queries: to compile them takes longer than to run them."""

from __future__ import annotations

import os
from typing import Any

from generator.run.spark.scripts import STAND_IN
from generator.run.spark.settings import WORKERS

QUICK = {"spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.codegen.wholeStage": "false"}

TINY = {**QUICK, "spark.sql.adaptive.enabled": "false", "spark.sql.shuffle.partitions": "1"}
"""The same, where no data is there to share."""
JVM = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"
"""Options of a JVM that lives for a file of tests, beside others."""


def quickly(session: Any, *, really: bool = True) -> None:
    """Has the sessions to come of a JVM run queries as they are; or compile them first, as Spark usually does."""
    settings = session._jsparkSession.sharedState().conf()
    for name, value in QUICK.items():
        if really:
            settings.set(name, value)
        else:
            settings.remove(name)


def workers_of_files() -> dict[str, str]:
    """Settings of a JVM to come whose Python workers start as those of local runs do: sooner."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(STAND_IN))))
    return {"spark.python.daemon.module": WORKERS}
