"""Athena's queries, answered by DuckDB over the mirror of the buckets and the tables of the Glue catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from generator.deploy.emulator.iceberg import IcebergTables, NotIceberg, is_iceberg
from generator.deploy.emulator.mirror import Mirror
from generator.plan.types import duckdb_type, parse_type

_TYPES = {
    "BIGINT": "bigint", "INTEGER": "integer", "DOUBLE": "double", "BOOLEAN": "boolean", "VARCHAR": "varchar",
    "DATE": "date", "TIMESTAMP": "timestamp", "HUGEINT": "bigint",
}  # fmt: skip

PATH = "$path"
MALFORMED = "HIVE_CURSOR_ERROR: Row is not a valid JSON Object"


class QueryFailed(Exception):
    """The query is wrong, or what it asks for isn't there; the message is like Athena's."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a query: names and types of its columns, and its rows as text; None is null."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]


def answer(
    sql: str, database: str, tables: Mapping[str, Mapping[str, Any]], mirror: Mirror, iceberg: IcebergTables
) -> Result:
    """The result of a query in Athena's SQL.

    Args:
        tables: the tables of the database, as Glue has them, by name.
        iceberg: reads those of them that are Iceberg's.

    Raises:
        QueryFailed: with the reason.
    """
    try:
        statement = sqlglot.parse_one(sql, read="athena")
    except sqlglot.ParseError as error:
        raise QueryFailed(f"SYNTAX_ERROR: {error}") from None
    if not isinstance(statement, exp.Query):
        raise QueryFailed("NOT_SUPPORTED: the embedded AWS answers queries only")
    with mirror.lock:
        mirror.pull()
        with duckdb.connect() as connection:
            connection.execute(f'CREATE SCHEMA "{database}"; USE "{database}"; SET TimeZone = \'UTC\'')
            for view, (name, snapshot) in _read_tables(statement, database, tables).items():
                if is_iceberg(tables[name]):
                    connection.register(f"{view} rows", _iceberg_rows(tables[name], snapshot, iceberg))
                    relation = f'SELECT * FROM "{view} rows"'
                else:
                    relation = _relation(tables[name], mirror, with_path=_asks_path(statement))
                connection.execute(f'CREATE VIEW "{database}"."{view}" AS {relation}')
            try:
                cursor = connection.execute(statement.sql(dialect="duckdb"))
                columns = tuple((column[0], _athena_type(str(column[1]))) for column in cursor.description or ())
                return Result(columns, tuple(tuple(_text(value) for value in row) for row in cursor.fetchall()))
            except duckdb.Error as error:
                raise QueryFailed(f"GENERIC_INTERNAL_ERROR: {error}") from None


def _iceberg_rows(table: Mapping[str, Any], snapshot: int | None, iceberg: IcebergTables) -> Any:
    try:
        return iceberg.rows(table, snapshot)
    except NotIceberg as problem:
        raise QueryFailed(f"INVALID_ARGUMENTS: {problem}") from None


def _read_tables(statement: exp.Query, database: str, tables: Mapping[str, Any]) -> dict[str, tuple[str, int | None]]:
    """The tables that a query reads, each with the snapshot that it asks for, by what they are called then."""
    defined = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    found: dict[str, tuple[str, int | None]] = {}
    for table in statement.find_all(exp.Table):
        name, where = table.name.lower(), table.db.lower()
        if not where and name in defined:
            continue
        if (where and where != database) or name not in tables:
            raise QueryFailed(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{where or database}.{name}' does not exist")
        table.set("catalog", None)
        snapshot = _snapshot(table, tables[name])
        view = name if snapshot is None else f"{name} of {snapshot}"
        if snapshot is not None:
            table.set("version", None)
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
            table.set("this", exp.to_identifier(view, quoted=True))
        found[view] = name, snapshot
    return found


def _snapshot(table: exp.Table, definition: Mapping[str, Any]) -> int | None:
    """The snapshot of `FOR VERSION AS OF`; None for the current one."""
    version = table.args.get("version")
    if version is None:
        return None
    number = version.expression
    if version.name.upper() != "VERSION" or not (isinstance(number, exp.Literal) and number.name.isdigit()):
        raise QueryFailed("NOT_SUPPORTED: the embedded AWS travels by `FOR VERSION AS OF` a snapshot's number only")
    if not is_iceberg(definition):
        raise QueryFailed("NOT_SUPPORTED: This connector does not support versioned tables")
    return int(number.name)


def _asks_path(statement: exp.Query) -> bool:
    """Whether a query asks for the file of each row, a column that `*` doesn't show."""
    return any(column.name == PATH for column in statement.find_all(exp.Column))


def _relation(table: Mapping[str, Any], mirror: Mirror, *, with_path: bool) -> str:
    """The rows of a table as SQL, read from its location as its SerDe says.

    Args:
        with_path: whether each has a column more, the object that it is of.
    """
    storage = table["StorageDescriptor"]
    columns = {column["Name"]: duckdb_type(parse_type(column["Type"])) for column in storage["Columns"]}
    files = [str(path) for path in _data_files(mirror.path(storage["Location"]))]
    path = f", 's3:/' || substr(__file, {len(str(mirror.root)) + 1}) AS \"{PATH}\"" if with_path else ""
    if not files:
        parts = [f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items()]
        parts += [f'CAST(NULL AS VARCHAR) AS "{PATH}"'] if with_path else []
        return f"SELECT {', '.join(parts)} WHERE false"
    serde = storage["SerdeInfo"]
    parameters = serde.get("Parameters") or {}
    library = serde["SerializationLibrary"].lower()
    if "parquet" in library:
        return _parquet(files, columns, path)
    if "json" in library:
        return _json(files, columns, parameters, path)
    return _csv(files, columns, parameters, table.get("Parameters") or {}, path)


def _data_files(folder: Path) -> Iterator[Path]:
    """The files that Athena reads: hidden ones aren't."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith((".", "_")):
            yield path


def _parquet(files: list[str], columns: Mapping[str, str], path: str) -> str:
    with duckdb.connect() as connection:
        rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({_list(files)}, union_by_name=true)").fetchall()
    there = {row[0].lower() for row in rows}
    parts = [f'"{name}"' if name in there else f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in columns.items()]
    return f"SELECT {', '.join(parts)}{path} FROM read_parquet({_list(files)}, union_by_name=true, filename='__file')"


def _json(files: list[str], columns: Mapping[str, str], parameters: Mapping[str, str], path_column: str) -> str:
    """As OpenX reads JSON: a key by its mapping, or in any case; a line that is none is a row of nulls, or an error."""
    ignored = parameters.get("ignore.malformed.json", "false").lower() == "true"
    keys = {name: parameters.get(f"mapping.{name}", name) for name in columns}
    parts = []
    for name, kind in columns.items():
        key = keys[name].replace('"', '\\"').replace("'", "''")
        path = f"""'$."{key}"'"""
        read = f"json_extract_string(json, {path})" if kind == "VARCHAR" else f"json_extract(json, {path})"
        parts.append(f'TRY_CAST({read} AS {kind}) AS "{name}"')
    text = "unnest(string_split(regexp_replace(content, '\\r?\\n$', ''), chr(10))) AS line"
    lines = f"SELECT filename AS __file, {text} FROM read_text({_list(files)}) WHERE content <> ''"
    wrong = "NULL" if ignored else f"error({_quoted(MALFORMED)})"
    row = (
        f"SELECT __file, CASE WHEN json_valid(line) AND trim(line) LIKE '{{%' THEN line::JSON ELSE {wrong} END AS json"
    )
    return f"SELECT {', '.join(parts)}{path_column} FROM ({row} FROM ({lines}))"


def _csv(
    files: list[str],
    columns: Mapping[str, str],
    parameters: Mapping[str, str],
    properties: Mapping[str, str],
    path: str,
) -> str:
    delimiter = parameters.get("separatorChar") or parameters.get("field.delim") or ","
    skip = int(properties.get("skip.header.line.count", "0"))
    names = ", ".join(f"""'{name}': 'VARCHAR'""" for name in columns)
    parts = [f'TRY_CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns.items()]
    options = f"delim={_quoted(delimiter)}, header=false, skip={skip}, columns={{{names}}}, null_padding=true"
    return f"SELECT {', '.join(parts)}{path} FROM read_csv({_list(files)}, {options}, filename='__file')"


def _list(values: list[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _athena_type(kind: str) -> str:
    return _TYPES.get(kind, kind.split("(")[0].lower())


def _text(value: Any) -> str | None:
    """A value as Athena writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
