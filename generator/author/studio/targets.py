"""What a script writes: Glue's writers and sinks, and those of DataFrames."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from generator.author.studio import options
from generator.author.studio.arguments import Arguments, frame_of
from generator.author.studio.model import Write
from generator.author.studio.places import Place
from generator.author.studio.values import UNKNOWN, FrameValue, Sink, text_of

if TYPE_CHECKING:
    from generator.author.studio.script import Script

_CATALOG = ("frame", "database", "table_name")
_FILES = ("frame", "connection_type", "connection_options", "format", "format_options")
_WRITERS = {
    "write_dynamic_frame.from_options": _FILES,
    "write_dynamic_frame_from_options": _FILES,
    "write_data_frame.from_options": _FILES,
    "write_from_options": ("frame_or_dfc", *_FILES[1:]),
    "write_dynamic_frame.from_catalog": _CATALOG,
    "write_dynamic_frame_from_catalog": _CATALOG,
    "write_data_frame.from_catalog": _CATALOG,
    "write_dynamic_frame.from_jdbc_conf": ("frame", "catalog_connection", "connection_options"),
    "write_dynamic_frame_from_jdbc_conf": ("frame", "catalog_connection", "connection_options"),
}
_FORMATS = ("parquet", "json", "csv", "orc", "text")


def call(script: Script, function: str, arguments: Arguments, node: ast.Call) -> Any:
    """What a call of a writer makes; None if it is none."""
    last = function.rpartition(".")[2]
    for key in (".".join(function.split(".")[-2:]), last):
        if key in _WRITERS:
            given = arguments.bind(*_WRITERS[key], name_space="database", frame_or_dfc="frame")
            return _write(script, given, node, jdbc="jdbc" in key)
    if last == "getSink":
        return Sink(arguments.bind("connection_type", "format"), line=node.lineno)
    if last in ("purge_s3_path", "purge_table"):
        values = [text_of(one) for one in (*arguments.places, *arguments.keywords.values())]
        script.purged.add(".".join(one for one in values[: 1 if last == "purge_s3_path" else 2] if one).rstrip("/"))
        return UNKNOWN
    return None


def frame_write(script: Script, frame: FrameValue, arguments: Arguments, node: ast.Call) -> Any:
    """`frame.write(connection_type=…)` of a DynamicFrame."""
    return _write(script, {"frame": frame} | arguments.bind(*_FILES[1:]), node)


def _write(script: Script, given: dict[str, Any], node: ast.Call, jdbc: bool = False) -> Any:
    """A target that is written in one call."""
    connection = given.get("connection_options")
    connection = connection if isinstance(connection, dict) else {}
    kind = text_of(given.get("connection_type"))
    frame = frame_of(given.get("frame"))
    if jdbc or (kind is not None and kind not in ("s3", "file", "parquet")):
        what = "a database by JDBC" if jdbc else kind
        script.job.lost("target", node.lineno, f"the target is no lake ({what})", node=frame.node if frame else "")
        return UNKNOWN
    place = Place(
        text_of(given.get("table_name")) or "",
        text_of(given.get("database")) or "",
        text_of(connection.get("path")) or "",
    )
    rest = connection | (given["additional_options"] if isinstance(given.get("additional_options"), dict) else {})
    return _written(script, frame, place, rest, node)


def _written(
    script: Script,
    frame: FrameValue | None,
    place: Place,
    rest: dict[str, Any],
    node: ast.Call,
    replaced: bool = False,
    line: int = 0,
) -> Any:
    if frame is None or not (place.table or place.path):
        what = "what is written" if frame is None else "where it is written"
        script.job.lost("target", node.lineno, f"only a run knows {what}", node=frame.node if frame else "")
        return frame or UNKNOWN
    known = {place.path.rstrip("/"), f"{place.database}.{place.table}"} & script.purged
    made = script.add("target", node, Write(place, bool(known) or replaced), (frame.node,))
    for reason in options.unsaid_of_write(rest):
        script.job.lost("option", line or node.lineno, reason, node=made)
    return frame


def sink_method(script: Script, sink: Sink, method: str, arguments: Arguments, node: ast.Call) -> Any:
    """A method of a sink, or of a DataFrame's writer."""
    if sink.frame:
        return _writer_method(script, sink, method, arguments, node)
    if method == "setCatalogInfo":
        sink.options |= arguments.bind("catalogDatabase", "catalogTableName")
    elif method in ("writeFrame", "write"):
        return _sunk(script, sink, frame_of(next(iter([*arguments.places, *arguments.keywords.values()]), None)), node)
    return sink


def _sunk(script: Script, sink: Sink, frame: FrameValue | None, node: ast.Call) -> Any:
    kind = text_of(sink.options.get("connection_type"))
    if kind not in (None, "s3", "file", "parquet"):
        script.job.lost("target", node.lineno, f"the target is no lake ({kind})", node=frame.node if frame else "")
        return UNKNOWN
    names = [text_of(sink.options.get(key)) or "" for key in ("catalogTableName", "catalogDatabase", "path")]
    return _written(script, frame, Place(*names), sink.options, node, line=sink.line)


def _writer_method(script: Script, sink: Sink, method: str, arguments: Arguments, node: ast.Call) -> Any:
    frame = FrameValue(sink.frame, dynamic=False)
    first = text_of(next(iter([*arguments.places, *arguments.keywords.values()]), None))
    held = dict(sink.options)
    if method in ("mode", "format"):
        return Sink(held | {f".{method}": first}, sink.frame)
    if method == "option":
        return Sink(held | {str(first): arguments.places[-1]} if arguments.places else held, sink.frame)
    if method == "options":
        return Sink(held | arguments.keywords, sink.frame)
    if method == "partitionBy":
        return Sink(held | {"partitionBy": [text_of(one) for one in arguments.places]}, sink.frame)
    if method in ("bucketBy", "sortBy", "coalesce"):
        return Sink(held, sink.frame)
    mode = arguments.keywords.get("mode") or held.pop(".mode", None)
    form = text_of(arguments.keywords.get("format") or held.pop(".format", None)) or "parquet"
    rest = {key: value for key, value in held.items() if not key.startswith(".") and key.lower() != "header"}
    if method in ("save", *_FORMATS) and (form in _FORMATS or method in _FORMATS):
        path = first if arguments.places or "path" in arguments.keywords else text_of(held.get("path"))
        return _written(script, frame, Place(path=path or ""), rest, node, mode != "append")
    if method in ("saveAsTable", "insertInto") and first:
        database, _, table = first.rpartition(".")
        return _written(
            script, frame, Place(table, database, text_of(held.get("path")) or ""), rest, node, mode != "append"
        )
    script.job.lost(
        "target",
        node.lineno,
        f"the target is no lake ({form if method in ('save', 'start') else method})",
        node=frame.node,
    )
    return UNKNOWN
