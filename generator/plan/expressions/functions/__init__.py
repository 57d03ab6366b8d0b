"""The allow-list of functions, by their Spark names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlglot import exp

from generator.plan.expressions.functions import order_text
from generator.plan.expressions.functions.model import Function


@cache
def registry() -> Mapping[str, Function]:
    """Every function that expressions may call, by each of its names."""
    from generator.plan.expressions.functions import (
        aggregates,
        collections,
        conditional,
        hashes,
        lambdas,
        numbers,
        sequences,
        strings,
        times,
        windows,
    )

    modules = (aggregates, collections, conditional, hashes, lambdas, numbers, sequences, strings, times, windows)
    found: dict[str, Function] = {}
    for module in modules:
        for function in module.FUNCTIONS:
            for name in (function.name, *function.aliases):
                if name in found:
                    raise AssertionError(f"two entries for `{name}`")
                found[name] = function
    return found


def asks_the_clock(ast: exp.Expression) -> bool:
    """Whether a checked expression depends on when it is evaluated."""
    calls = ast.find_all(exp.Anonymous)
    return any((known := find(str(call.this))) is not None and known.name in CLOCK for call in calls)


CLOCK = frozenset(("current_date", "current_timestamp"))


def find(name: str) -> Function | None:
    """The function of a name in a checked expression: of the allow-list, or one that only the compiler itself uses."""
    return order_text.FUNCTION if name == order_text.ORDER_TEXT else registry().get(name)
