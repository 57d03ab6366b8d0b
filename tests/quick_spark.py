"""Spark for many tiny queries: to compile them takes longer than to run them."""

from __future__ import annotations

from typing import Any

QUICK = {"spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.codegen.wholeStage": "false"}


def quickly(session: Any, *, really: bool = True) -> None:
    """Has the sessions to come of a JVM run queries as they are; or compile them first, as Spark usually does."""
    settings = session._jsparkSession.sharedState().conf()
    for name, value in QUICK.items():
        if really:
            settings.set(name, value)
        else:
            settings.remove(name)
