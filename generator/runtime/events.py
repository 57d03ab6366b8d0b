"""What a job tells of itself: one line of JSON for each source, check and table, with numbers instead of rows.

The lines are the job's log on AWS, and how whoever follows a run learns what happened.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .expectations import Audit, Outcome
from .words import plural


def emit(event: str, **values: Any) -> None:
    """One line of the job's log, for people and for whoever follows the job."""
    line = json.dumps({"lake_event": event, **values}, default=list, ensure_ascii=False)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def report(name: str, found: Audit) -> str:
    """Tells how each check went; returns what is broken, or an empty text."""
    for one in found.outcomes:
        check = one.expectation
        emit("check", table=name, name=check.name, kind=check.kind, blocking=check.blocking, violations=one.violations)
    return "; ".join(_broken(one, found.rows) for one in found.outcomes if one.broken)


def _broken(one: Outcome, rows: int) -> str:
    if one.expectation.kind == "rows":
        return f"{plural(rows, 'row')} there, which breaks `{one.expectation.name}`"
    verb = "breaks" if one.violations == 1 else "break"
    return f"{plural(one.violations, 'row')} {verb} `{one.expectation.name}`"
