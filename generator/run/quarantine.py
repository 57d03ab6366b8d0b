"""Quarantined lines of a lake folder, to be looked at."""

from __future__ import annotations

from typing import Any

import duckdb

from generator.diagnostics import GeneratorError
from generator.run.lake_folder import LakeFolder

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
            name: _lines(connection, str(lake.data_file(entry.versions[0].location)), limit)
            for name, entry in lake.catalog().quarantine.items()
        }


def _lines(connection: duckdb.DuckDBPyConnection, file: str, limit: int) -> list[dict[str, Any]]:
    query = (
        f"SELECT {', '.join(COLUMNS)} FROM read_parquet($file) "
        "QUALIFY row_number() OVER (PARTITION BY reason ORDER BY file, line) <= $limit ORDER BY reason, file, line"
    )
    try:
        rows = connection.execute(query, {"file": file, "limit": limit}).fetchall()
    except duckdb.Error as error:
        raise GeneratorError(f"cannot read {file}: {str(error).splitlines()[0]}; run the lake again") from None
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
