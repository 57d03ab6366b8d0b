"""A part of a build that is made in a process of its own meanwhile, where there is much to make and a core for it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Part = TypeVar("Part")
Others = TypeVar("Others")
_parts: list[Callable[[], Any]] = []


def make_beside(part: Callable[[], Part], others: Callable[[], Others]) -> tuple[Part, Others]:
    """What two functions give; the first one runs in a copy of this process, and what it gives is pickled.

    Should that not work, it is made here: an exception of it is raised here, too.
    """
    if not _can_fork():
        return part(), others()
    from concurrent.futures import ProcessPoolExecutor  # most builds are small, and start faster without these
    from multiprocessing import get_context

    context = get_context("fork")
    with ProcessPoolExecutor(1, context, initializer=_parts.append, initargs=(part,)) as pool:
        try:
            promised = pool.submit(_make)
        except OSError:  # no more processes
            return part(), others()
        made = others()
        try:
            return promised.result(), made
        except Exception:
            return part(), made


def _make() -> Any:
    return _parts[-1]()


def _can_fork() -> bool:
    """Whether a copy of this process is safe and has a core: it has no other threads, which copies lack."""
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1
