"""X004: something is expected of a view that no table reads, so that nothing looks at it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.plan.lake import CompiledLake


def check(lake: CompiledLake) -> Iterator[Finding]:
    read = _read(lake)
    for table in lake.tables.values():
        unasked = [one for one in table.expectations if not (one.later and one.later.keys() == one.argument.keys())]
        if table.is_view and table.name not in read and unasked:
            yield Finding(
                "X004",
                f"nothing checks what is expected of the view `{table.name}`: no table reads it",
                unasked[0].place,
                notes=("a view is checked by the tables that read it, before they are published",),
                help=(f"read `{table.name}` in a table, or make it one: give it a `zone` instead of `view: true`",),
            )


def _read(lake: CompiledLake) -> set[str]:
    """What the tables that are stored read, through views; and what they ask for consent."""
    waiting = [table.name for table in lake.tables.values() if not table.is_view]
    waiting += [consent.registry for consent in lake.consents.values()]
    found: set[str] = set()
    while waiting:
        table = lake.tables.get(waiting.pop())
        new = [name for name in (table.inputs if table is not None else ()) if name not in found]
        found.update(new)
        waiting += new
    return found | {consent.registry for consent in lake.consents.values()}
