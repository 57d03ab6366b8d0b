"""Values in the names of folders, as a table that rows are joined with by their file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from generator.plan.types import duckdb_type
from generator.run.landing.files import LandingFile
from generator.run.landing.model import LandingError, LandingSource
from generator.run.landing.scan import Folders
from generator.run.landing.sql import literal, name
from generator.runtime.partitions import Partitions, partitions_problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def create_folders(connection: DuckDBPyConnection, source: LandingSource, files: Sequence[LandingFile]) -> Folders:
    """Creates the table, if the source has such columns.

    Raises:
        LandingError: a file isn't in the folders that the columns ask for.
    """
    columns = source.partitions
    if not columns:
        return Folders()
    if problem := partitions_problem(columns, [file.name for file in files]):
        raise LandingError(source.name, "", problem)
    partitions = Partitions(columns)
    entries = [json.dumps({**partitions.values(file.name), _PATH: str(file.path)}) for file in files]
    types = json.dumps({**{column.name: "VARCHAR" for column in columns}, _PATH: "VARCHAR"})
    casts = [f"r.{name(column.name)}::{duckdb_type(column.type)} AS {name(column.name)}" for column in columns]
    table = f"temp.main.{name(source.name + '.folders')}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(casts)}, r.{name(_PATH)} AS {name(_PATH)} FROM"
        f" (SELECT json_transform(unnest($1::VARCHAR[]), {literal(types)}) AS r)",
        [entries],
    )
    outputs = tuple(f"folders.{name(column.name)}" for column in columns)
    return Folders(outputs, f" JOIN {table} AS folders ON filename = folders.{name(_PATH)}")


_PATH = "landing.path"
