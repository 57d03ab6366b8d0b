"""What a script reads: files, tables of the catalog, and queries over them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from generator.author.studio import options
from generator.author.studio.arguments import Arguments, frame_of
from generator.author.studio.model import Read, Sql, Union
from generator.author.studio.places import Place
from generator.author.studio.queries import table_names
from generator.author.studio.values import FrameValue, text_of

if TYPE_CHECKING:
    from generator.author.studio.script import Script


def made(script: Script, name: str, node: ast.expr, operation: Any, *frames: FrameValue) -> FrameValue:
    return FrameValue(script.add(name, node, operation, tuple(one.node for one in frames)))


def refused(script: Script, name: str, node: ast.expr, reason: str, *frames: FrameValue | None) -> FrameValue:
    inputs = tuple(one.node for one in frames if one is not None)
    return FrameValue(script.unknown(name, node, reason, inputs))


def from_catalog(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    table, database = text_of(given.get("table_name")), text_of(given.get("database")) or ""
    if table is None:
        return refused(script, name, node, "a catalog table whose name only a run knows")
    return _read(script, Read(Place(table, database)), given, node, name)


def from_options(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    kind = text_of(given.get("connection_type"))
    connection = given.get("connection_options")
    if kind not in ("s3", "file", "parquet", "orc"):
        return refused(script, name, node, f"a source of the kind {kind}: the lake reads files")
    paths = connection.get("paths", connection.get("path")) if isinstance(connection, dict) else None
    places = [text_of(one) for one in (paths if isinstance(paths, (list, tuple)) else [paths])]
    if not places or None in places:
        return refused(script, name, node, "files whose place only a run knows")
    form = text_of(given.get("format")) or ("parquet" if kind == "parquet" else "json")
    form = form.removeprefix("glue").lower()
    held = given.get("format_options")
    details = held if isinstance(held, dict) else {}
    reads = [
        _read(script, Read(Place(path=str(place)), form, str(details.get("separator", ","))), given, node, name)
        for place in places
    ]
    return reads[0] if len(reads) == 1 else made(script, name, node, Union(by_name=True), *reads)


def _read(script: Script, read: Read, given: dict[str, Any], node: ast.Call, name: str) -> FrameValue:
    """A source; what it leaves out by its options is told."""
    found = made(script, name, node, read)
    for option in options.unsaid_of_read(read, given):
        script.job.lost("option", node.lineno, option, node=found.node)
    return found


def sql_helper(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    mapping = given.get("mapping")
    frames = {key: frame_of(one) for key, one in mapping.items()} if isinstance(mapping, dict) else {}
    known = {str(key): one for key, one in frames.items() if one is not None}
    if not isinstance(given.get("query"), str) or not known or len(known) < len(frames):
        return refused(script, name, node, "a query of which parts only a run knows", *known.values())
    script.views |= {key.lower(): one.node for key, one in known.items()}
    return _queried(script, given["query"], node, name)


def query(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    query = given.get("sqlQuery")
    if not isinstance(query, str):
        inputs = [FrameValue(one) for one in script.views.values()]
        return FrameValue(refused(script, name, node, "a query of which parts only a run knows", *inputs).node, False)
    return FrameValue(_queried(script, query, node, name).node, dynamic=False)


def _queried(script: Script, query: str, node: ast.expr, name: str) -> FrameValue:
    """A query over temporary views and tables of the catalog."""
    tables = table_names(query)
    if tables is None:
        inputs = [FrameValue(one) for one in script.views.values()]
        return refused(script, name, node, "a query that can't be read as Spark SQL", *inputs)
    frames: dict[str, FrameValue] = {}
    for database, table in tables:
        if not database and table.lower() in script.views:
            frames[table] = FrameValue(script.views[table.lower()])
        else:
            frames[f"{database}.{table}" if database else table] = made(
                script, f"{name}_{table}", node, Read(Place(table, database))
            )
    return made(script, name, node, Sql(query, tuple(frames)), *frames.values())
