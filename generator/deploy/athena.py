"""Queries in Athena: those that are saved with the lake, and any other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from generator.deploy.aws import Aws, clearly
from generator.diagnostics import GeneratorError

Row = dict[str, str | None]
"""A row of a result: values as text, by name; None is null."""

_PAUSES = (0.1, 0.2, 0.4, 0.8)


class QueryError(GeneratorError):
    """Athena couldn't answer a query."""


@clearly
def named_queries(aws: Aws, workgroup: str) -> dict[str, tuple[str, str]]:
    """The saved queries of a workgroup: database and SQL, by name."""
    pages = aws.athena.get_paginator("list_named_queries").paginate(WorkGroup=workgroup)
    identities = [identity for page in pages for identity in page["NamedQueryIds"]]
    found = (aws.athena.get_named_query(NamedQueryId=identity)["NamedQuery"] for identity in identities)
    return {query["Name"]: (query["Database"], query["QueryString"]) for query in found}


@clearly
def ask(aws: Aws, workgroup: str, database: str, sql: str, sleep: Callable[[float], None] = time.sleep) -> list[Row]:
    """The rows that a query gives.

    Raises:
        QueryError: Athena says why not.
    """
    started = aws.athena.start_query_execution(
        QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=workgroup
    )
    identity = started["QueryExecutionId"]
    for pause in _longer_and_longer():
        status = aws.athena.get_query_execution(QueryExecutionId=identity)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return list(_rows(aws, identity))
        if status["State"] in ("FAILED", "CANCELLED"):
            raise QueryError(f"Athena: {status.get('StateChangeReason', status['State'])}")
        sleep(pause)
    raise AssertionError("unreachable")


def _longer_and_longer() -> Iterator[float]:
    yield from _PAUSES
    while True:
        yield _PAUSES[-1]


def _rows(aws: Aws, identity: str) -> Iterator[Row]:
    names: list[str] | None = None
    for page in aws.athena.get_paginator("get_query_results").paginate(QueryExecutionId=identity):
        for row in page["ResultSet"]["Rows"]:
            values: list[Any] = [value.get("VarCharValue") for value in row["Data"]]
            if names is None:
                names = values
            else:
                yield dict(zip(names, values, strict=True))
