"""Whether several folders hold the same tables: columns, types, rows in any order, and zstd Parquet.

    python benchmarks/same_tables.py FOLDER FOLDER...

A folder is a lake (with a catalog), or holds TABLE.parquet files or folders of Parquet files. The case of column names
doesn't matter.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

Contents = tuple[tuple[tuple[str, str], ...], int, int]


def main(folders: list[Path]) -> None:
    connection = duckdb.connect()
    first, *others = [_tables(connection, folder) for folder in folders]
    for folder, tables in zip(folders[1:], others, strict=True):
        if tables.keys() != first.keys():
            sys.exit(f"{folder} holds {', '.join(tables)}; {folders[0]} holds {', '.join(first)}")
        for name, contents in first.items():
            if tables[name] != contents:
                sys.exit(f"{name} differs:\n{folders[0]}: {contents}\n{folder}: {tables[name]}")
    for name, (_, rows, _) in first.items():
        print(f"{name}: {rows:,} rows")


def _tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Contents]:
    return {name: _contents(connection, files) for name, files in sorted(_files(folder).items())}


def _files(folder: Path) -> dict[str, list[str]]:
    """The Parquet files of each table."""
    catalog = folder / "catalog.json"
    if not catalog.exists():
        files = {file.stem: [str(file)] for file in folder.glob("*.parquet")}
        return files or {table.name: [str(table / "*.parquet")] for table in folder.iterdir() if table.is_dir()}
    tables = json.loads(catalog.read_text(encoding="utf-8"))["tables"]
    return {name: [str(folder / file) for file in entry["files"]] for name, entry in tables.items()}


def _contents(connection: duckdb.DuckDBPyConnection, files: list[str]) -> Contents:
    """Columns with their types, the number of rows, and a digest of the rows whatever their order."""
    codecs = connection.execute("SELECT DISTINCT compression FROM parquet_metadata(?)", [files]).fetchall()
    if codecs != [("ZSTD",)]:
        sys.exit(f"{files} isn't zstd Parquet: {codecs}")
    described = connection.execute("DESCRIBE FROM read_parquet(?)", [files]).fetchall()
    columns = sorted((name.lower(), kind) for name, kind, *_ in described)
    names = ", ".join(f'"{name}"' for name, _ in columns)
    query = f"SELECT count(*), coalesce(sum(hash({names})::HUGEINT), 0) FROM read_parquet(?)"
    row = connection.execute(query, [files]).fetchone()
    assert row is not None
    return tuple(columns), int(row[0]), int(row[1])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main([Path(argument) for argument in sys.argv[1:]])
