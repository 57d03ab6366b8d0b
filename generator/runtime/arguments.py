"""Arguments of a job that may be missing, which Glue's `getResolvedOptions` doesn't know of."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def optional_argument(name: str, arguments: Iterable[str] | None = None) -> str | None:
    """The value of a job argument that may be missing."""
    waiting = iter(sys.argv[1:] if arguments is None else arguments)
    for argument in waiting:
        if argument == f"--{name}":
            return next(waiting, None)
        if argument.startswith(f"--{name}="):
            return argument.partition("=")[2]
    return None
