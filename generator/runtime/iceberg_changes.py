"""How versions of an Iceberg table differ: the rows that came and those that left, for who reads the table.

A version shares its files with the one before, but for those that rows left: these were written again, so the files
alone would have a reader compare rows of which nearly all are the same. So whoever keeps a table by what changed also
writes these few rows by themselves. Each lot is appended to a branch of its own, which nobody reads otherwise, and goes
with the older one of the two versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .iceberg_versions import RUN, Snapshot

CAME, LEFT = "came_", "left_"
"""What begins the names of the branches, before that of the run."""


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """The rows by which a version differs, in files that belong to no snapshot yet.

    Attributes:
        before: the run that made the version it differs from.
        came, left: Iceberg's own data files.
        own: those among them that aren't of the version itself.
    """

    before: str
    came: Sequence[Any]
    left: Sequence[Any]
    own: Sequence[Any]


def note_changes(switch: Any, new: Snapshot, changes: ChangedFiles) -> Snapshot:
    """Keeps the rows by which a version differs; returns the version that knows of them.

    Args:
        switch: the transaction that publishes it, to which the branch that readers see hasn't moved yet.
    """
    came, left = (
        _append(switch, prefix, new.run, files) for prefix, files in ((CAME, changes.came), (LEFT, changes.left))
    )
    return replace(new, before=changes.before, came=came, left=left)


def _append(switch: Any, prefix: str, run: str, files: Sequence[Any]) -> int | None:
    if not files:
        return None
    append = switch.newFastAppend().toBranch(prefix + run).set(RUN, run)
    for one in files:
        append = append.appendFile(one)
    append.commit()
    return int(switch.table().refs().get(prefix + run).snapshotId())


def drop_changes(switch: Any, versions: Sequence[Snapshot]) -> list[Snapshot]:
    """Drops the rows of versions that don't stay, before these do; returns the ones that stay as they are known then.

    Args:
        versions: those that stay.
    """
    runs = {one.run for one in versions}
    kept = [one if one.before in runs else replace(one, before="", came=None, left=None) for one in versions]
    needed = {prefix + one.run for one in kept if one.before for prefix in (CAME, LEFT)}
    for branch in list(switch.table().refs()):
        if str(branch).startswith((CAME, LEFT)) and branch not in needed:
            switch.manageSnapshots().removeBranch(branch).commit()
    return kept


def changes_between(then: str, now: str, versions: Iterable[Snapshot]) -> tuple[list[Snapshot], list[Snapshot]] | None:
    """The versions that lead from what two have in common to each of them; None where nobody noted that.

    What came with one on the way to `now` came, and what left, left; on the way to `then` it is the other way around.

    Args:
        then, now: the runs that made the two.
        versions: those that are kept.
    """
    known = {one.run: one for one in versions}
    old, new = _line(then, known), _line(now, known)
    meet = next((run for run in new if run in old), None)
    if meet is None:
        return None
    return [known[run] for run in old[: old.index(meet)]], [known[run] for run in new[: new.index(meet)]]


def _line(run: str, known: Mapping[str, Snapshot]) -> list[str]:
    """A version, the one that it was made of, and so on, as far as that is known."""
    found = [run]
    while (version := known.get(found[-1])) is not None and version.before and version.before not in found:
        found.append(version.before)
    return found
