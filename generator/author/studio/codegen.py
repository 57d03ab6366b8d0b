"""Reads CodeGen JSON: the nodes of a visual job, as `aws glue get-job` prints them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.author.studio.calls import JOINS
from generator.author.studio.model import (
    Aggregate,
    Aggregated,
    Dedupe,
    Drop,
    Job,
    Join,
    Keep,
    KeyPair,
    Kind,
    Mapped,
    Mapping_,
    Node,
    Operation,
    Read,
    Rename,
    Rules,
    Sql,
    Union,
    Unknown,
    Write,
)
from generator.author.studio.predicates import UntranslatableError, from_codegen
from generator.author.studio.script import UnreadableScriptError

Body = Mapping[str, Any]

_SEPARATORS = {"comma": ",", "semicolon": ";", "pipe": "|", "tab": "\t", "ctrla": "\x01"}


def read_codegen(name: str, text: str) -> Job:
    """The graph of a visual job: the answer of `get-job`, a job, or its nodes alone.

    Raises:
        UnreadableScriptError: there are no nodes in it.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UnreadableScriptError(name, f"not JSON: {error}") from None
    nodes = _nodes(found)
    if not nodes:
        raise UnreadableScriptError(name, "there are no CodeGenConfigurationNodes in it: is it a visual job?")
    job = Job(name)
    for key in _in_order(nodes):
        ((kind, body),) = nodes[key].items()
        inputs = tuple(str(one) for one in body.get("Inputs", []))
        job.nodes[key] = Node(key, str(body.get("Name") or key), 0, _operation(job, kind, body, inputs), inputs)
    return job


def _nodes(found: Any) -> Mapping[str, Mapping[str, Body]]:
    if isinstance(found, dict):
        for key in ("Job", "CodeGenConfigurationNodes"):
            if isinstance(found.get(key), dict):
                return _nodes(found[key])
        if found and all(isinstance(one, dict) and len(one) == 1 for one in found.values()):
            bodies = [body for one in found.values() for body in one.values()]
            return found if all(isinstance(body, dict) for body in bodies) else {}
    return {}


def _in_order(nodes: Mapping[str, Mapping[str, Body]]) -> list[str]:
    """Nodes behind their inputs, as the JSON has them in any order."""
    done: list[str] = []

    def visit(key: str, above: tuple[str, ...]) -> None:
        if key in done or key not in nodes or key in above:
            return
        for body in nodes[key].values():
            for other in body.get("Inputs", []):
                visit(str(other), (*above, key))
        done.append(key)

    for key in nodes:
        visit(key, ())
    return done


def _operation(job: Job, kind: str, body: Body, inputs: Sequence[str]) -> Operation:
    maker = next((make for ending, make in _MAKERS.items() if kind == ending or kind.endswith(ending)), None)
    if maker is None:
        found: Operation = Unknown(f"a node of the kind {kind}")
    else:
        try:
            found = maker(body, inputs)
        except (UntranslatableError, KeyError, IndexError, TypeError) as error:
            found = Unknown(f"the {kind} `{body.get('Name', '')}` ({error})")
    if isinstance(found, Unknown):
        job.note(Kind.LOST, "unknown-step", 0, f"{found.what} could not be carried over", "the rows pass as they are")
    return found


def _catalog_read(body: Body, _: Sequence[str]) -> Operation:
    return Read(table=str(body["Table"]), columns=_columns(body))


def _file_read(form: str) -> Callable[[Body, Sequence[str]], Operation]:
    def found(body: Body, _: Sequence[str]) -> Operation:
        delimiter = _SEPARATORS.get(str(body.get("Separator", "comma")), ",")
        return Read(path=str(body["Paths"][0]), format=form, delimiter=delimiter, columns=_columns(body))

    return found


def _columns(body: Body) -> tuple[tuple[str, str], ...]:
    schemas = body.get("OutputSchemas") or []
    return tuple(
        (str(one["Name"]), str(one.get("Type", ""))) for schema in schemas for one in schema.get("Columns", [])
    )


def _path(value: Any) -> str:
    return ".".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value)


def _mapping(body: Body, _: Sequence[str]) -> Operation:
    items = (
        Mapped(_path(one["FromPath"]), str(one.get("FromType", "")), str(one["ToKey"]), str(one.get("ToType", "")))
        for one in body["Mapping"]
        if not one.get("Dropped")
    )
    return Mapping_(tuple(items))


def _join(body: Body, inputs: Sequence[str]) -> Operation:
    keys = {str(column["From"]): [_path(key) for key in column["Keys"]] for column in body["Columns"]}
    left, right = (keys[name] for name in inputs)
    pairs = tuple(KeyPair(one, other) for one, other in zip(left, right, strict=False))
    return Join(JOINS[str(body["JoinType"]).lower()], pairs)


def _sql(body: Body, inputs: Sequence[str]) -> Operation:
    aliases = {str(one["From"]): str(one["Alias"]) for one in body.get("SqlAliases", [])}
    return Sql(str(body["SqlQuery"]), tuple(aliases.get(name, name) for name in inputs))


def _aggregate(body: Body, _: Sequence[str]) -> Operation:
    aggregates = (Aggregated(_path(one["Column"]), str(one["AggFunc"])) for one in body["Aggs"])
    return Aggregate(tuple(_path(one) for one in body["Groups"]), tuple(aggregates))


def _dedupe(body: Body, _: Sequence[str]) -> Operation:
    return Dedupe(tuple(_path(one) for one in body.get("Columns") or ()))


def _table_write(body: Body, _: Sequence[str]) -> Operation:
    return Write(table=str(body["Table"]))


def _path_write(body: Body, _: Sequence[str]) -> Operation:
    policy = body.get("SchemaChangePolicy") or {}
    return Write(table=str(policy.get("Table") or ""), path=str(body["Path"]))


_MAKERS: Mapping[str, Callable[[Body, Sequence[str]], Operation]] = {
    "CatalogSource": _catalog_read,
    "S3JsonSource": _file_read("json"),
    "S3CsvSource": _file_read("csv"),
    "S3ParquetSource": _file_read("parquet"),
    "ApplyMapping": _mapping,
    "SelectFields": lambda body, _: Keep(tuple(_path(one) for one in body["Paths"])),
    "DropFields": lambda body, _: Drop(tuple(_path(one) for one in body["Paths"])),
    "RenameField": lambda body, _: Rename(_path(body["SourcePath"]), _path(body["TargetPath"])),
    "DropDuplicates": _dedupe,
    "Filter": lambda body, _: from_codegen(body["Filters"], str(body.get("LogicalOperator") or "AND")),
    "Join": _join,
    "SparkSQL": _sql,
    "Union": lambda body, _: Union(str(body.get("UnionType", "ALL")) != "ALL"),
    "Aggregate": _aggregate,
    "EvaluateDataQuality": lambda body, _: Rules(str(body["Ruleset"])),
    "EvaluateDataQualityMultiFrame": lambda body, _: Rules(str(body["Ruleset"])),
    "CatalogTarget": _table_write,
    "S3DirectTarget": _path_write,
    "S3GlueParquetTarget": _path_write,
}
