"""The allow-list of functions, by their Spark names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

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
        numbers,
        strings,
        times,
        windows,
    )

    modules = (aggregates, collections, conditional, hashes, numbers, strings, times, windows)
    found: dict[str, Function] = {}
    for module in modules:
        for function in module.FUNCTIONS:
            for name in (function.name, *function.aliases):
                if name in found:
                    raise AssertionError(f"two entries for `{name}`")
                found[name] = function
    return found


def find(name: str) -> Function | None:
    """The function of a name in a checked expression: of the allow-list, or one that only the compiler itself uses."""
    return order_text.FUNCTION if name == order_text.ORDER_TEXT else registry().get(name)
