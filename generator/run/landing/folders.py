"""Values in the names of folders, as a table that rows are joined with by their file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from generator.plan.types import duckdb_type
from generator.run.landing.files import LandingFile
from generator.run.landing.model import LandingError, LandingSource
from generator.run.landing.scan import PATH, Folders
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
    known = [partitions.values(file.name) for file in files]
    entries = [
        json.dumps({PATH: str(file.path), **{_place(n): values[column.name] for n, column in enumerate(columns)}})
        for file, values in zip(files, known, strict=True)
    ]
    types = json.dumps(dict.fromkeys((PATH, *map(_place, range(len(columns)))), "VARCHAR"))
    casts = [
        f"r.{name(_place(n))}::{duckdb_type(column.type)} AS {name(_place(n))}" for n, column in enumerate(columns)
    ]
    table = f"temp.main.{name(source.name + '.folders')}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(casts)}, r.{name(PATH)} AS {name(PATH)} FROM"
        f" (SELECT json_transform(unnest($1::VARCHAR[]), {literal(types)}) AS r)",
        [entries],
    )
    return Folders(
        tuple(f"folders.{name(_place(n))} AS {name(column.name)}" for n, column in enumerate(columns)), table
    )


def _place(number: int) -> str:
    """The name of a value's column, which no column of a source has."""
    return f"folder.{number}"
