"""Which snapshots of an Iceberg table are versions, by its metadata alone."""

from __future__ import annotations

from typing import Any

import pytest

from generator.runtime.versions import Link, kept_versions, schema_of_version

NOTES = [{"run": f"r{number}", "snapshot": number} for number in (3, 2, 1)]
"""The last published one first."""
WRITTEN = {number: Link("overwrite", number - 1 or None) for number in (1, 2, 3)}


def compacted(number: int, parent: int) -> dict[int, Link]:
    return {number: Link("replace", parent)}


@pytest.mark.parametrize(
    ("snapshots", "current", "seen", "kept"),
    [
        (WRITTEN, 3, ("r3", 3), ["r3", "r2", "r1"]),
        (WRITTEN, 1, ("r1", 1), ["r1", "r3", "r2"]),
        ({3: WRITTEN[3]}, 3, ("r3", 3), ["r3"]),
        ({}, None, None, []),
        (WRITTEN, None, None, ["r3", "r2", "r1"]),
        (WRITTEN | compacted(9, 3), 9, ("r3", 3), ["r3", "r2", "r1"]),
        (WRITTEN | compacted(8, 2) | compacted(9, 8), 9, ("r2", 2), ["r2", "r3", "r1"]),
        ({1: WRITTEN[1], **compacted(9, 2)}, 9, ("r2", 9), ["r2", "r1"]),
        ({1: WRITTEN[1], **compacted(9, 8)}, 9, ("r3", 9), ["r3", "r1"]),
        (WRITTEN | {9: Link("append", 3)}, 9, None, ["r3", "r2", "r1"]),
        (WRITTEN | {8: Link("append", 3)} | compacted(9, 8), 9, None, ["r3", "r2", "r1"]),
    ],
    ids=[
        "the last one", "rolled back", "others have expired", "nothing", "no rows yet", "compacted",
        "rolled back and compacted twice", "compacted, and what it was has expired",
        "compacted twice, and what was between has expired", "written by somebody else",
        "written by somebody else and compacted",
    ],
)  # fmt: skip
def test_what_readers_see_is_a_run_s_version(
    snapshots: dict[int, Link], current: int | None, seen: tuple[str, int] | None, kept: list[str]
) -> None:
    found, versions = kept_versions(NOTES, snapshots, current)
    assert (found and (found["run"], found["snapshot"])) == seen
    assert [one["run"] for one in versions] == kept


SCHEMAS: dict[int, Any] = {0: [(1, "id")], 1: [(1, "id"), (2, "n")], 2: [(2, "N"), (1, "id")], 3: [(1, "id"), (3, "n")]}


@pytest.mark.parametrize(
    ("columns", "own", "found"),
    [
        (["id"], 1, 0),  # a column went as it was published
        (["n", "id"], 1, 2),  # the order changed then
        (["id", "n"], 3, 3),  # another column of the same name
        (["id", "n"], 1, 1),
        (["id", "more"], 1, None),
        (["id"], 7, None),
        (["id"], None, None),
    ],
)
def test_a_version_is_read_by_its_columns(columns: list[str], own: int | None, found: int | None) -> None:
    assert schema_of_version(columns, SCHEMAS, own) == found
