"""Parquet files: typed already, so a file either fits the columns or is refused; of its rows few can be quarantined."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator import stopping
from generator.plan.duckdb_types import lake_type
from generator.plan.types import Type, duckdb_type
from generator.run.landing.files import LandingFile
from generator.run.landing.model import LandingError, LandingReport, LandingSource
from generator.run.landing.scan import FileColumn, Folders, file_column_of
from generator.run.landing.sql import file_list, literal, name, name_of_file, parquet_file
from generator.run.landing.tables import create_quarantine, create_table, empty_table, landing_table, quarantine_table
from generator.runtime.parquet_types import fits, undeclared
from generator.runtime.rules import LandingColumn, Reason
from generator.runtime.words import plural

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PATH = "landing.path"
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_NANOSECONDS = ("TIMESTAMP_NS", "TIMESTAMPTZ_NS")
_NO_VALUES = '"NULL"'
"""DuckDB's type of what was written without one, as of a data frame's column in which nothing is. So is a column of
any type taken that has no value in a file: what wrote it had nothing to tell the type from."""
_FINER_INSIDE = re.compile(r"\bTIMESTAMP(?:_NS|TZ_NS)")
"""Moments that a cast inside of a nested type would round."""


def read_parquet(
    connection: DuckDBPyConnection,
    source: LandingSource,
    files: Sequence[LandingFile],
    folders: Folders,
    into: Path | None = None,
) -> LandingReport:
    """Creates the source's tables from Parquet files.

    Args:
        folders: the columns of folders.
        into: a new Parquet file that takes the rows instead of the table.

    Raises:
        LandingError: a file is no Parquet file, or holds a column in another case, or of a type that doesn't
            convert to the declared one without loss.
    """
    inside = source.inside
    layouts = {file: _layout(connection, inside, file) for file in files}
    by_layout: dict[tuple[tuple[str, str], ...], list[LandingFile]] = {}
    for file, layout in layouts.items():
        by_layout.setdefault(tuple(layout.items()), []).append(file)
    alike = [(dict(layout), files) for layout, files in by_layout.items()]
    table, quarantine = landing_table(source.name), quarantine_table(source.name)
    own = file_column_of(source.columns, [file.name for file in files])
    queries = [_query(inside, layout, files, folders, own) for layout, files in alike]
    body = " UNION ALL ".join(queries) or empty_table(source.columns)
    create_table(connection, source, own.kind)
    target = f"INSERT INTO {table} {body}" if into is None else f"COPY ({body}) TO {parquet_file(into)}"
    ((rows,),) = connection.execute(target).fetchall()
    create_quarantine(connection, source.name)
    for layout, files_alike in alike:
        if refused := _refused(source, layout, files_alike):
            connection.execute(f"INSERT INTO {quarantine} {refused}")
    counted = connection.execute(f"SELECT reason, count(*) FROM {quarantine} GROUP BY reason ORDER BY reason")
    reasons = dict(counted.fetchall())
    others = {key for layout, _ in alike for key in _undeclared(inside, layout)}
    new = () if source.options.refuses_new else others
    return LandingReport(
        files=len(files),
        lines=rows + sum(reasons.values()),
        rows=rows,
        apart=rows if into else 0,
        quarantined=sum(reasons.values()),
        reasons=reasons,
        extra_keys=tuple(sorted(new)),
        notes=tuple(_lacking(inside, list(layouts.values()))),
        missing=not files,
    )


def _layout(connection: DuckDBPyConnection, source: LandingSource, file: LandingFile) -> dict[str, str]:
    """A file's columns and their DuckDB types, checked against the declared ones."""
    import duckdb

    files = file_list([str(file.path)])
    try:
        described = connection.execute(
            f"DESCRIBE SELECT * FROM read_parquet({files}, hive_partitioning = false)"
        ).fetchall()
    except duckdb.Error as error:
        stopping.check()
        raise LandingError(source.name, file.name, f"not readable as Parquet: {error}") from None
    spelled = _names(connection, files)
    layout = dict(zip(spelled, (kind for _, kind, *_ in described), strict=True))
    for column in source.columns:
        near = [key for key in spelled if key.lower() == column.key.lower()]
        if len(near) > 1:
            message = f"columns {' and '.join(f'`{key}`' for key in near)} can't be told apart"
            raise LandingError(source.name, file.name, message)
        if not _fits(connection, source, file, column, layout):
            layout[column.key] = _NO_VALUES
    return layout


def _names(connection: DuckDBPyConnection, files: str) -> list[str]:
    """The columns as the file spells them: two that differ in case alone DuckDB itself calls by other names."""
    schema = connection.execute(f"SELECT name, num_children FROM parquet_schema({files})").fetchall()
    (_, left), *elements = schema
    names: list[str] = []
    inside = 0
    for spelled, children in elements:
        if not inside:
            names.append(spelled)
        else:
            inside -= 1
        inside += children or 0
    assert len(names) == left
    return names


def _fits(
    connection: DuckDBPyConnection,
    source: LandingSource,
    file: LandingFile,
    column: LandingColumn,
    layout: Mapping[str, str],
) -> bool:
    """Whether a file's column has the declared type or a narrower one, or isn't there; if not, it has no value.

    Raises:
        LandingError: it has values, of another type; or its name is in another case.
    """
    if column.key not in layout:
        near = next((key for key in layout if key.lower() == column.key.lower()), None)
        if near:
            message = f"column `{near}` where `{column.key}` is declared"
            raise LandingError(source.name, file.name, message)
        return True
    found = layout[column.key]
    kind = _kind(found)
    if kind is not None and fits(kind, column.type):
        return True
    if _has_no_value(connection, file, column.key):
        return False
    message = f"column `{column.key}` is {kind or found.lower()}, which is no {column.type} without loss"
    raise LandingError(source.name, file.name, message)


def _kind(found: str) -> Type | None:
    """A type of DuckDB's; None for one that a lake has not, or in which there are moments that no cast keeps."""
    import duckdb

    kind = lake_type(duckdb.sqltype(found))
    return None if kind is not None and kind.is_nested and _FINER_INSIDE.search(found) else kind


def _undeclared(source: LandingSource, layout: Mapping[str, str]) -> list[str]:
    """What a file has that isn't declared: columns, and fields inside of them."""
    declared = {column.key for column in source.columns}
    found = [key for key in layout if key not in declared]
    for column in source.columns:
        if column.type.is_nested and (kind := _kind(layout.get(column.key, _NO_VALUES))):
            found += undeclared(kind, column.type, column.key)
    return found


def _has_no_value(connection: DuckDBPyConnection, file: LandingFile, key: str) -> bool:
    """Whether all of a file's values of a column are NULL, as its footer tells; False where that doesn't."""
    chunks = connection.execute(
        f"SELECT num_values - stats_null_count FROM parquet_metadata({file_list([str(file.path)])})"
        f" WHERE path_in_schema = {literal(key)}"
    ).fetchall()
    rows = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({file_list([str(file.path)])})").fetchall()
    return rows == [(0,)] or (bool(chunks) and all(values == 0 for (values,) in chunks))


def _query(
    source: LandingSource, layout: Mapping[str, str], files: Sequence[LandingFile], folders: Folders, file: FileColumn
) -> str:
    values = [f"{_value(column, layout.get(column.key))} AS {name(column.name)}" for column in source.columns]
    known = name_of_file(name(_PATH), {str(one.path): one.name for one in files})
    paths = file_list([str(file.path) for file in files])
    reason, _ = _problem(source, layout)
    kept = f" WHERE {reason} IS NULL" if reason else ""
    read = f"read_parquet({paths}, hive_partitioning = false, filename = {literal(_PATH)})"
    rows = f"SELECT {', '.join(values)}, {name(_PATH)} FROM {read}{kept}"
    outputs = [*(name(column.name) for column in source.columns), *folders.outputs, file.of(known)]
    return f"SELECT {', '.join(outputs)} FROM ({rows}){folders.join(name(_PATH))}"


def _value(column: LandingColumn, found: str | None) -> str:
    if found in (None, _NO_VALUES):
        return f"NULL::{duckdb_type(column.type)}"
    if found in _NANOSECONDS:
        return _moment(name(column.key))
    return f"{_in_utc(name(column.key), found, column.type)}::{duckdb_type(column.type)}"


def _moment(value: str) -> str:
    return f"make_timestamp(epoch_us({value}))"


def _in_utc(value: str, found: str, wanted: Type, depth: int = 0) -> str:
    """A value whose moments have no zone, at any depth: a cast would shift them by the zone of this machine.

    Of structs only the fields that are wanted are left, with the types that they have in the file.
    """
    import duckdb

    if _WITH_ZONE not in found:
        return value
    if found == _WITH_ZONE:
        return _moment(value)
    parts = {key: str(part) for key, part in duckdb.sqltype(found).children}
    if wanted.kind == "struct":
        taken = {
            key: _in_utc(f"struct_extract({value}, {literal(key)})", parts[key], part, depth)
            for key, part in wanted.fields
            if key in parts
        }
        fields = ", ".join(f"{name(key)} := {part}" for key, part in taken.items())
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({fields}) END"
    one = f"one{depth}"
    if wanted.kind == "array":
        return f"list_transform({value}, lambda {one}: {_in_utc(one, parts['child'], wanted.element, depth + 1)})"
    key, held = (
        _in_utc(f"{one}.{part}", parts[part], kind, depth + 1)
        for part, (_, kind) in zip(("key", "value"), wanted.fields, strict=True)
    )
    entries = f"list_transform(map_entries({value}), lambda {one}: struct_pack(k := {key}, v := {held}))"
    return f"map_from_entries({entries})"


def _problem(source: LandingSource, layout: Mapping[str, str]) -> tuple[str, str]:
    """SQL of the reason and the detail that make a record of these files none; nothing if all are rows."""
    if source.options.refuses_new and (new := _undeclared(source, layout)):
        return literal(Reason.NEW_KEY), literal(f"column `{new[0]}` is not declared")
    finer = [column.key for column in source.columns if layout.get(column.key) in _NANOSECONDS]
    if not finer:
        return "", ""
    tests = [(f"epoch_ns({name(key)}) % 1000 <> 0", f"`{key}`: finer than a microsecond") for key in finer]
    return (
        f"CASE WHEN {' OR '.join(test for test, _ in tests)} THEN {literal(Reason.OUT_OF_RANGE)} END",
        f"CASE {' '.join(f'WHEN {test} THEN {literal(detail)}' for test, detail in tests)} END",
    )


def _refused(source: LandingSource, layout: Mapping[str, str], files: Sequence[LandingFile]) -> str:
    """Query of the records that are no rows, with their number for a line; nothing if all are."""
    reason, detail = _problem(source, layout)
    if not reason:
        return ""
    paths = [str(file.path) for file in files]
    known = name_of_file(name(_PATH), {str(file.path): file.name for file in files})
    return (
        f"SELECT {known}, file_row_number + 1, {reason}, {detail}, '' FROM read_parquet({file_list(paths)},"
        f" filename = {literal(_PATH)}, file_row_number = true, hive_partitioning = false) WHERE {reason} IS NOT NULL"
    )


def _lacking(source: LandingSource, layouts: Sequence[Mapping[str, str]]) -> list[str]:
    """A note for each column that some files don't have."""
    counts = {column.key: sum(column.key not in layout for layout in layouts) for column in source.columns}
    return [
        f"column `{key}` is missing from {count} of {plural(layouts, 'file')} and NULL there"
        for key, count in counts.items()
        if count
    ]
