"""The steps of a job that makes several sources and tables."""

from __future__ import annotations

from collections.abc import Callable

from .arguments import optional_argument
from .error import LakeError

MAKE = "make_"
"""What the function of a step is called, before its name."""


def run_steps(*steps: Callable[[], None]) -> None:
    """Makes the steps of a job one after the other: functions called `make_NAME`, each of which publishes one thing.

    The job argument `--steps a,b` makes those alone, in the same order. A step that fails ends the job; what was
    published before stays.

    Raises:
        LakeError: there is no step of a name that is asked for.
    """
    named = {step.__name__.removeprefix(MAKE): step for step in steps}
    asked = optional_argument("steps")
    wanted = list(named) if asked is None else [name.strip() for name in asked.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in named]
    if unknown or not wanted:
        what = f"there is no step {unknown[0]} in this job" if unknown else "--steps names no step of this job"
        raise LakeError(f"{what}: it has {', '.join(named)}")
    for name, step in named.items():
        if name in wanted:
            step()
