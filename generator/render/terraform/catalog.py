"""The catalog: what Glue and Athena are told of each source and table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable, Metadata, SourceColumn
from generator.plan.relation import Column
from generator.plan.types import Type, stored_type
from generator.runtime.rules import landing_column

MAX_COMMENT = 255
MAX_DESCRIPTION = 2048
_CUT = "…"
Values = dict[str, Any]


def catalog_sources(lake: CompiledLake) -> Values:
    """The sources by name: description, paths below landing/, format, columns, and the parameters of the raw reader.

    `folders` are the columns whose values are in the names of folders, which the raw files don't have.

    `text` says that the raw reader gives texts only: that of CSV knows no ISO times, and one bad number stops a query.
    """
    return {source.name: _source(source) for source in lake.sources.values()}


def catalog_tables(lake: CompiledLake) -> Values:
    """The published tables by name: description and columns."""
    return {table.name: _table(table) for table in lake.tables.values() if not table.is_view}


def landing_prefix(path: str) -> str:
    """The prefix below landing/ that holds a source's files: no dots, one slash at the end."""
    return "".join(f"{part}/" for part in path.split("/") if part not in ("", "."))


def shortened(text: str | None, limit: int) -> str:
    """A text in one line of at most `limit` bytes of UTF-8, as AWS counts, and of characters that it takes."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text or "").split())
    content = line.encode()
    if len(content) <= limit:
        return line
    return content[: limit - len(_CUT.encode())].decode(errors="ignore").rstrip() + _CUT


def _source(source: CompiledSource) -> Values:
    known = {column.name: column for column in source.relation.columns.values()}
    return {
        "description": _description(source.description, source.metadata),
        "paths": [landing_prefix(path) for path in source.paths],
        "format": source.format,
        "parameters": _parameters(source),
        "metadata": _metadata(source.metadata),
        "keep_versions": source.keep_versions,
        "serde": _reader(source),
        "columns": [_typed_column(column, known[column.name]) for column in source.columns],
        "row_file": landing_column(column.name for column in source.columns),
        "folders": list(source.options.partitions),
        "text": source.format == "csv",
    }


def _description(text: str | None, metadata: Metadata) -> str:
    """With owner and tags: jobs keep descriptions up to date, and parameters stay what they were made with."""
    owner = f"Owner: {metadata.owner}." if metadata.owner else ""
    tags = f"Tags: {', '.join(metadata.tags)}." if metadata.tags else ""
    return shortened(" ".join(filter(None, [text, owner, tags])), MAX_DESCRIPTION)


def _metadata(metadata: Metadata) -> dict[str, str]:
    """What readers of the catalog find it by."""
    said = {"lake_owner": metadata.owner or "", "lake_tags": ",".join(metadata.tags)}
    return {name: text for name, text in said.items() if text}


def _parameters(source: CompiledSource) -> dict[str, str]:
    skipped = source.options.skip_lines + source.options.header
    return {"skip.header.line.count": str(skipped)} if source.format == "csv" and skipped else {}


def _reader(source: CompiledSource) -> dict[str, str]:
    """How the raw files are read.

    JSON keys are looked up as they are spelled. What can't be read is null or left out here: the quarantine has it.
    """
    if source.format == "csv":
        escape = {"escapeChar": source.options.escape} if source.options.escape else {}
        return {"separatorChar": source.options.delimiter, "quoteChar": source.options.quote or "\0", **escape}
    if source.format == "parquet":
        return {"serialization.format": "1"}
    keys = {f"mapping.{column.name}": column.key for column in source.columns if column.key != column.name}
    tolerant = {"ignore.malformed.json": "TRUE", "use.null.for.invalid.data": "TRUE"}
    return {"case.insensitive": "FALSE", **tolerant, **keys}


def _typed_column(column: SourceColumn, known: Column) -> Values:
    return _column(column.name, column.type, [column.description or "", _personal(known)])


def _table(table: CompiledTable) -> Values:
    return {
        "description": _description(table.description, table.metadata),
        "metadata": _metadata(table.metadata),
        "keep_versions": table.keep_versions,
        "columns": [
            _column(column.name, column.type, [_personal(column), _declassified(table, column)])
            for column in table.columns
        ],
    }


def _column(name: str, kind: Type, comments: Iterable[str]) -> Values:
    """`stored` is the type of a published column where Iceberg hasn't the one of the language."""
    stored = {} if stored_type(kind) == kind else {"stored": str(stored_type(kind))}
    comment = shortened(" ".join(filter(None, comments)), MAX_COMMENT)
    return {"name": name, "type": str(kind), **stored, "comment": comment}


def _personal(column: Column) -> str:
    """Which raw personal data is in a column, the direct kind first."""
    direct = sorted({f"{label.source}.{label.column}" for label in column.personal if not label.pseudonymous})
    hidden = sorted({f"{label.source}.{label.column}" for label in column.personal if label.pseudonymous})
    told = [f"Personal: {', '.join(direct)}."] if direct else []
    told += (
        [f"Pseudonymous: {', '.join(name for name in hidden if name not in direct)}."]
        if set(hidden) - {*direct}
        else []
    )
    return " ".join(told)


def _declassified(table: CompiledTable, column: Column) -> str:
    reason = table.declassified.get(column.name)
    return f"Not personal: {reason}" if reason else ""
