"""Options of readers and writers. What doesn't change the rows is let through by name; everything else is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.author.studio.model import Read
from generator.author.studio.values import text_of

_SPEED = frozenset(
    "recurse paths path groupFiles groupSize inPartition useS3ListImplementation maxBand maxFilesInBand compressionType"
    " compression optimizePerformance blockSize pageSize useSparkDataSource useCatalogSchema".split()
)
"""Options that change how fast rows come, not which."""

_TARGET = _SPEED | frozenset(
    "connection_type enableUpdateCatalog updateBehavior transformation_ctx catalogDatabase catalogTableName catalogId"
    " format useGlueParquetWriter writeHeader separator quoteChar".split()
)
_ARGUMENTS = frozenset(
    "frame database table_name connection_type connection_options format format_options transformation_ctx"
    " additional_options catalog_id redshift_tmp_dir".split()
)


def unsaid_of_read(read: Read, given: Mapping[str, Any]) -> list[str]:
    """Options of a reader that the spec can't say, one reason each."""
    found = []
    if given.get("push_down_predicate"):
        shown = text_of(given["push_down_predicate"]) or "…"
        found.append(f"`push_down_predicate` ({shown}): all partitions are read")
    for name in ("connection_options", "additional_options"):
        held = given.get(name)
        for key, value in held.items() if isinstance(held, dict) else ():
            if key not in _SPEED and value not in ("", [], None, False):
                found.append(f"the option `{key}`")
        if held is not None and not isinstance(held, dict):
            found.append(f"`{name}` isn't written out")
    found += [f"the argument `{key}`" for key in given if key not in _ARGUMENTS and key != "push_down_predicate"]
    if read.format:
        found += _format(read, given)
    return found


def _format(read: Read, given: Mapping[str, Any]) -> list[str]:
    if read.format not in ("json", "csv", "parquet"):
        return [f"the format {read.format}: the lake reads json, csv and parquet"]
    details = given.get("format_options")
    details = {str(key): value for key, value in details.items()} if isinstance(details, dict) else {}
    lower = {key.lower(): value for key, value in details.items()}
    found = []
    if _is_true(lower.get("multiline")):
        found.append("`multiline`: write `multiline: true` at the source")
    if read.format == "csv":
        if not _is_true(lower.get("withheader")):
            found.append(
                "without `withHeader` the first line is a row and columns are `col0`, `col1` …: write `header: false` "
                "at the source, and its columns in order"
            )
        if len(str(lower.get("separator", ","))) != 1:
            found.append("the separator isn't one character")
    usual: dict[str, tuple[Any, ...]] = {
        "quotechar": ('"', "quote"),
        "escaper": ("", None),
        "skipfirst": (False, "false"),
    }
    for key, value in lower.items():
        if key in ("multiline", "withheader", "separator", "optimizeperformance", "withschema") and key != "withschema":
            continue
        if value not in usual.get(key, ("", None)):
            found.append(f"the option `{key}`")
    return found


def unsaid_of_write(given: Mapping[str, Any]) -> list[str]:
    """Options of a writer that the spec can't say."""
    found = []
    for key, value in given.items():
        if key.lower() in ("partitionkeys", "partitionby") and value:
            names = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else text_of(value) or "…"
            found.append(f"`partitionKeys` ({names}): say `partition_by` of the table")
        elif key.lower() != "partitionkeys" and key not in _TARGET and value not in ("", [], None):
            found.append(f"the option `{key}` of the target")
    return found


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
