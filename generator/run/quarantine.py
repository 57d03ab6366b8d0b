"""Quarantined lines of a lake folder, to be looked at."""

from __future__ import annotations

from typing import Any

import duckdb

from generator.diagnostics import GeneratorError
from generator.run.lake_folder import LakeFolder
from generator.run.landing.sql import file_list

COLUMNS = ("file", "line", "reason", "detail", "raw")


def quarantined_lines(lake: LakeFolder, limit: int) -> dict[str, list[dict[str, Any]]]:
    """Some lines of each source's published quarantine, by source: of every reason the first ones.

    Args:
        limit: how many lines of each reason.

    Raises:
        GeneratorError: the catalog or a quarantine can't be read.
    """
    with duckdb.connect() as connection:
        return {
            name: _lines(connection, [str(lake.root / file) for file in entry.current.files], limit)
            for name, entry in lake.catalog().quarantine.items()
        }


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
