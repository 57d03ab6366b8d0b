"""Results of tests as one JSON object."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from generator.plan.row_tests import Row
from generator.plan.row_values import Value
from generator.printable import json_text
from generator.run.row_tests.result import Difference, TestResult


def format_tests_json(results: Sequence[TestResult], tables: Sequence[str], without: Sequence[str]) -> str:
    """An object with `status`, `tests` and `coverage`."""
    return json_text(
        {
            "status": "failed" if any(one.failed for one in results) else "ok",
            "tests": [_result(one) for one in results],
            "coverage": {"tables": len(tables), "tested": len(tables) - len(without), "without": list(without)},
        }
    )


def _result(one: TestResult) -> dict[str, Any]:
    return {
        "name": one.test.name,
        "file": one.test.file,
        "line": one.test.line,
        "status": "failed" if one.failed else "ok",
        "seconds": round(one.seconds, 4),
        "problem": one.problem,
        "differences": [_difference(other) for other in one.differences],
        "breaks": [
            {"table": other.table, "expected": list(other.expected), "found": dict(other.found)}
            for other in one.unbroken
        ],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "table": one.table,
        "key": list(one.key),
        "expected_rows": one.expected_rows,
        "found_rows": one.found_rows,
        "missing": [_row(row) for row in one.missing],
        "unexpected": [_row({column: row[column] for column in one.columns}) for row in one.unexpected],
        "changed": [
            {
                "expected": _row(pair.expected),
                "found": _row({column: pair.found[column] for column in one.columns}),
                "differing": list(pair.differing),
            }
            for pair in one.changed
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    return {column: plain(value) for column, value in row.items()}


def plain(value: Value) -> Any:
    """A value as JSON has it: what JSON has no form for is text, and nothing loses digits."""
    if isinstance(value, dict):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
