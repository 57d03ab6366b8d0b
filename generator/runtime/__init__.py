"""What the jobs share, on Glue and here: `from lake import Lake, expect`.

`build` packs the modules as the package `lake`, which ships with the jobs; so they import nothing but each other,
Python and Spark. What needs no Spark can be imported without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .expectations import expect
    from .lake import Lake
    from .steps import run_steps

__all__ = ["Lake", "expect", "run_steps"]

_HOMES = {"Lake": ".lake", "expect": ".expectations", "run_steps": ".steps"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
