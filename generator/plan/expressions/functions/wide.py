"""Decimals as whole numbers in DuckDB: it computes those of up to 18 digits in 64 bits, all others in 128."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call
from generator.plan.types import Type, duckdb_type

MOST_SHORT = 18
"""Digits of a decimal that is held in 64 bits; a product of two such is, too, and fails where it doesn't fit."""
MOST_DIGITS = 38
_HALF = 10**19
_ELEMENT = '"#element"'


def digits(value: str, kind: Type) -> str:
    """All digits of a decimal as a whole number: 12.30 is 1230."""
    if kind.scale == 0:
        return f"CAST({value} AS HUGEINT)"
    if kind.precision + kind.scale <= MOST_SHORT:
        return f"CAST({value} * {10**kind.scale} AS HUGEINT)"
    if kind.precision + kind.scale < MOST_DIGITS:
        return f"CAST(CAST({value} AS DECIMAL(38, {kind.scale})) * {10**kind.scale} AS HUGEINT)"
    return f"CAST(replace(CAST({value} AS VARCHAR), '.', '') AS HUGEINT)"


def wide_sum(call: Call, args: Sequence[str]) -> str:
    """A sum that may need more digits than there are, and is NULL then: summed up in two halves that always fit."""
    kind = call.kind(0)
    value = args[0].removeprefix("DISTINCT ")
    if value == args[0]:
        high, low = (f"sum({digits(value, kind)} {operator} {_HALF}){{tail}}" for operator in ("//", "%"))
    else:
        each = f"list(DISTINCT {value}){{tail}}"
        high, low = (
            f"list_sum(list_transform({each}, lambda {_ELEMENT}: {digits(_ELEMENT, kind)} {operator} {_HALF}))"
            for operator in ("//", "%")
        )
    return f"TRY_CAST(spark_total({high}, {low}, {kind.scale}) AS {duckdb_type(call.type)})"
