"""Whether a run still makes of a table what changed alone."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.lake import CompiledTable
from generator.plan.maintenance.verdict import Verdict, verdict
from generator.render.difference.model import Aspect, Change, Kind, On, codes, line
from generator.render.difference.pairs import Lakes


def refresh_changes(lakes: Lakes, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    before, after = verdict(lakes.old, old), verdict(lakes.new, new)
    if before.incremental == after.incremental:
        return
    if after.incremental:
        text = f"a run makes again what changed: its rows are found again by {codes(after.address)}"
    else:
        text = f"every run that finds an input changed makes it anew: {after.reason}"
    yield Change(
        On.TABLE, new.name, Aspect.REFRESH, Kind.CHANGED, text, "", line(_shown(before)), line(_shown(after))
    )  # fmt: skip


def _shown(found: Verdict) -> str:
    return f"by {', '.join(found.address)}" if found.incremental else "made anew"
