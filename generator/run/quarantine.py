"""Quarantined lines of a lake folder, to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from generator.diagnostics import GeneratorError
from generator.run.lake_folder import LakeFolder
from generator.run.landing.sql import file_list
from generator.run.masking import MASK
from generator.runtime.guards import masked

COLUMNS = ("file", "line", "reason", "detail", "raw")


def quarantined_lines(
    lake: LakeFolder, limit: int, hidden: Mapping[str, Sequence[str]]
) -> dict[str, list[dict[str, Any]]]:
    """Some lines of each source's published quarantine, by source: of every reason the first ones.

    Args:
        limit: how many lines of each reason.
        hidden: by source, the keys whose values aren't shown; a line that may hold one isn't shown itself.

    Raises:
        GeneratorError: the catalog or a quarantine can't be read.
    """
    with duckdb.connect() as connection:
        return {
            name: [
                _masked(line, frozenset(hidden.get(name, ())))
                for line in _lines(connection, [str(lake.root / file) for file in entry.current.files], limit)
            ]
            for name, entry in lake.catalog().quarantine.items()
        }


def _masked(line: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    if not hidden:
        return line
    return {**line, "detail": masked(line["detail"] or "", hidden), "raw": MASK}


def _lines(connection: duckdb.DuckDBPyConnection, files: list[str], limit: int) -> list[dict[str, Any]]:
    query = (
        f"SELECT {', '.join(COLUMNS)} FROM read_parquet({file_list(files)}) "
        "QUALIFY row_number() OVER (PARTITION BY reason ORDER BY file, line) <= $limit ORDER BY reason, file, line"
    )
    try:
        rows = connection.execute(query, {"limit": limit}).fetchall()
    except duckdb.Error as error:
        raise GeneratorError(f"cannot read {files[0]}: {str(error).splitlines()[0]}; run the lake again") from None
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
