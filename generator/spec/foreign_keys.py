"""Keys that other tools have: what is ours for the same, or that there is none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from generator.spec.nodes import Path

_OF_A_TABLE = {
    "partitioned_by": "write `partition_by: [day(at)]`",
    "cluster_by": "tables aren't clustered: leave it out",
    "incremental": "every table is, where that can be told; `refresh: incremental` makes it an error where it can't",
    "unique_key": "keys are proven from the sources' `unique`; to check one on every run: `expect: [{unique: …}]`",
    "materialized": "a table is written, a view isn't: `view: true`",
    "limit": "there is none: which rows remain would be left to chance; `qualify` keeps the first by an order",
    "order_by": "a table has no order; `dedupe: {by: …, order_by: …}` chooses rows by one",
    "meta": "there is none; `description` tells what a table is for, `tags` and `owner` whose it is",
    "explode": "write `unnest`",
    "flatten": "write `unnest`",
    "where": "write `filter`",
    "distinct": "write `dedupe: {}`",
    "with": "write a table of its own with `view: true`",
}

_OF_A_TEST = {
    "inputs": "write `given: {TABLE: [{column: value}]}`",
    "input": "write `given: {TABLE: [{column: value}]}`",
    "outputs": "write `expect: {TABLE: [{column: value}]}`",
    "expected": "write `expect: {TABLE: [{column: value}]}`",
    "model": "the tables that are tested are those in `expect`",
    "table": "the tables that are tested are those in `expect`",
    "rows": "rows stand below the name of their table: `given: {TABLE: [{column: value}]}`",
    "overrides": "to stop the clock, write `now: 2026-01-31`",
    "vars": "to stop the clock, write `now: 2026-01-31`",
    "fails": "write `breaks: {TABLE: [the check's name]}`",
}

_OF_A_JOB = {
    **dict.fromkeys(("tables", "sources", "select", "selector", "models", "nodes"), "write `steps`"),
    **dict.fromkeys(("worker_type", "number_of_workers", "type", "count"), "write `workers: {type: G.2X, count: 4}`"),
    **dict.fromkeys(("timeout_minutes", "max_minutes"), "write `timeout`: it is in minutes"),
    "depends_on": "a job waits for those that make what it reads: leave it out",
    "after": "a job waits for those that make what it reads: leave it out",
    "schedule": "the workflow runs all jobs: Terraform's variable `schedule` says when",
    "glue_version": "all jobs have the same: Terraform's variable `glue_version`",
    "max_retries": "all jobs have the same: Terraform's variable `max_retries`",
}


def foreign_key_help(name: str, known: Collection[str], data: Any, path: Path) -> tuple[str, ...]:
    """Help for a key that isn't ours; none where nobody else has it either.

    Args:
        known: the keys that can stand there.
        data: of the whole document.
        path: of the key.
    """
    if name in ("unit_tests", "test") and "tests" in known:
        return ("write `tests`",)
    if "expect" in known and "source" in known:
        return (_OF_A_TABLE[name],) if name in _OF_A_TABLE else ()
    if "execution_class" in known:
        return (_OF_A_JOB[name],) if name in _OF_A_JOB else ()
    if "given" in known:
        return (_OF_A_TEST[name],) if name in _OF_A_TEST else ()
    if "inner" in known and name in ("table", "type", "how", "kind"):
        for part in path[:-1]:
            data = data[part]
        kind = str(next((data[key] for key in ("type", "how", "kind") if key in data), "inner")).lower().split()[0]
        return (f"write `{kind if kind in known else 'inner'}: {data.get('table', '…')}`",)
    return ()


def foreign_shape_help(path: Path, value: Any) -> tuple[str, ...]:
    """Help for a value of another shape than ours, as other tools have it; none where nobody else has it either."""
    if len(path) == 3 and path[0] == "tables" and path[2] == "values":
        return ("write `values: {columns: {name: type}, rows: [[…]]}`",)
    if not path or path[0] != "tests":
        return ()
    if len(path) == 1 and isinstance(value, list):
        return ("write the name of each test as a key: `tests: {NAME: {given: …, expect: …}}`",)
    if len(path) == 4 and path[2] in ("given", "expect"):
        if isinstance(value, dict):
            return (f"rows stand right below the table: `{path[3]}: [{{column: value}}]`",)
        return (f"write `{path[3]}: []` for no rows",)
    return ()
