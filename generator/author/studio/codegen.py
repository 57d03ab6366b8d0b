"""Reads CodeGen JSON: the nodes of a visual job, as `aws glue get-job` prints them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.author.studio.conditions import from_codegen
from generator.author.studio.dataframes import JOINS
from generator.author.studio.model import (
    Add,
    Aggregate,
    Aggregated,
    Column,
    Dedupe,
    Drop,
    Filter,
    Job,
    Join,
    Keep,
    KeyPair,
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
from generator.author.studio.options import unsaid_of_write
from generator.author.studio.places import Place
from generator.author.studio.predicates import UntranslatableError
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
        job.nodes[key] = Node(key, str(body.get("Name") or key), 0, _operation(job, key, kind, body, inputs), inputs)
    for node, _ in job.writes():
        if not node.inputs:
            job.lost("target", 0, f"the target `{node.title}` has no input", node=node.id)
            job.nodes[node.id] = Node(node.id, node.title, 0, Unknown())
    return job


def _capital(found: Any) -> Any:
    """Keys as the API spells them: the console's download begins them with a small letter."""
    if isinstance(found, dict):
        return {f"{key[:1].upper()}{key[1:]}": _capital(value) for key, value in found.items()}
    return [_capital(one) for one in found] if isinstance(found, list) else found


def _nodes(found: Any) -> Mapping[str, Mapping[str, Body]]:
    """The nodes, wherever they are; the console's download has them as a text of JSON."""
    if isinstance(found, str):
        try:
            return _nodes(json.loads(found))
        except ValueError:
            return {}
    if isinstance(found, dict):
        for key in ("Job", "job", "jobConfig", "CodeGenConfigurationNodes", "codeGenConfigurationNodes", "dag"):
            if isinstance(found.get(key), (dict, str)) and (inner := _nodes(found[key])):
                return inner
        if all(isinstance(one, dict) and len(one) == 1 for one in found.values()):
            found = {key: _capital(one) for key, one in found.items()}
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


def _operation(job: Job, key: str, kind: str, body: Body, inputs: Sequence[str]) -> Operation:
    name = str(body.get("Name") or key)
    maker = next((make for ending, make in _MAKERS.items() if kind == ending or kind.endswith(ending)), None)
    if maker is None:
        what = "the target" if kind.endswith("Target") else "a node"
        job.lost("unknown-step", 0, f"{what} `{name}` of the kind {kind}", node=key)
        return Unknown()
    try:
        found = maker(body, inputs)
    except (UntranslatableError, KeyError, IndexError, TypeError, ValueError) as error:
        job.lost("unknown-step", 0, f"the {kind} `{name}` ({error})", node=key)
        return Unknown()
    for reason in _unsaid(kind, body):
        job.lost("option", 0, f"`{name}`: {reason}", node=key)
    return found


def _unsaid(kind: str, body: Body) -> list[str]:
    """Options of a node that the spec can't say."""
    found = []
    if body.get("PartitionPredicate"):
        found.append(f"`push_down_predicate` ({body['PartitionPredicate']}): all partitions are read")
    if body.get("Exclusions"):
        found.append("`exclusions`")
    if str(body.get("Multiline", False)).lower() == "true":
        found.append("`multiline`: write `multiline: true` at the source")
    if kind.endswith("CsvSource") and str(body.get("WithHeader", True)).lower() == "false":
        found.append("without `withHeader` the first line is a row: write `header: false` at the source")
    if body.get("JsonPath"):
        found.append("`JsonPath`: write `records` at the source")
    if kind.endswith("Source") and len(body.get("Paths") or [""]) > 1:
        found.append("only the first of several paths is carried over: write the others at the source")
    keys = body.get("PartitionKeys")
    if kind.endswith("Target") and keys:
        names = [".".join(one) if isinstance(one, list) else str(one) for one in keys]
        found += unsaid_of_write({"partitionKeys": names})
    return found


def _catalog_read(body: Body, _: Sequence[str]) -> Operation:
    return Read(Place(str(body["Table"]), str(body.get("Database") or "")), columns=_columns(body))


def _file_read(form: str) -> Callable[[Body, Sequence[str]], Operation]:
    def found(body: Body, _: Sequence[str]) -> Operation:
        delimiter = _SEPARATORS.get(str(body.get("Separator", "comma")), ",")
        return Read(Place(path=str(body["Paths"][0])), form, delimiter, _columns(body))

    return found


def _columns(body: Body) -> tuple[tuple[str, str], ...]:
    schemas = body.get("OutputSchemas") or []
    return tuple(
        (str(one["Name"]), str(one.get("Type", ""))) for schema in schemas for one in schema.get("Columns", [])
    )


def _path(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return str(value[0]) if len(value) == 1 else ".".join(f"`{part}`" for part in value)
    return str(value)


def _columns_of(paths: Any) -> list[Column]:
    return [Column(_path(one)) for one in paths]


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
    pairs = tuple(KeyPair(one, other) for one, other in zip(left, right, strict=True))
    kind = JOINS[str(body["JoinType"]).lower()]
    return Join(kind, pairs, dynamic=kind == "inner")


def _sql(body: Body, inputs: Sequence[str]) -> Operation:
    aliases = {str(one["From"]): str(one["Alias"]) for one in body.get("SqlAliases", [])}
    return Sql(str(body["SqlQuery"]), tuple(aliases.get(name, name) for name in inputs))


def _aggregate(body: Body, _: Sequence[str]) -> Operation:
    aggregates = (Aggregated(_path(one["Column"]), str(one["AggFunc"])) for one in body["Aggs"])
    return Aggregate(tuple(_path(one) for one in body["Groups"]), tuple(aggregates))


def _dedupe(body: Body, _: Sequence[str]) -> Operation:
    return Dedupe(tuple(_path(one) for one in body.get("Columns") or ()))


def _dynamic(body: Body) -> Operation:
    """Studio's newer nodes: of these, Derived Column is known."""
    if str(body.get("FunctionName") or body.get("TransformName")) != "gs_derived":
        raise UntranslatableError(str(body.get("TransformName")))
    given = {str(one["Name"]): one.get("Value") for one in body.get("Parameters", [])}
    values = {key: str(value[0] if isinstance(value, list) else value) for key, value in given.items()}
    return Add(values["colName"], values["expr"])


def _table_write(body: Body, _: Sequence[str]) -> Operation:
    return Write(Place(str(body["Table"]), str(body.get("Database") or "")))


def _path_write(body: Body, _: Sequence[str]) -> Operation:
    policy = body.get("SchemaChangePolicy") or {}
    return Write(Place(str(policy.get("Table") or ""), str(policy.get("Database") or ""), str(body["Path"])))


_MAKERS: Mapping[str, Callable[[Body, Sequence[str]], Operation]] = {
    "CatalogSource": _catalog_read,
    "S3JsonSource": _file_read("json"),
    "S3CsvSource": _file_read("csv"),
    "S3ParquetSource": _file_read("parquet"),
    "ApplyMapping": _mapping,
    "SelectFields": lambda body, _: Keep(tuple((one, one.name) for one in _columns_of(body["Paths"]))),
    "DropFields": lambda body, _: Drop(tuple(_columns_of(body["Paths"]))),
    "RenameField": lambda body, _: Rename(_path(body["SourcePath"]), _path(body["TargetPath"])),
    "DropDuplicates": _dedupe,
    "Filter": lambda body, _: Filter(from_codegen(body["Filters"], str(body.get("LogicalOperator") or "AND"))),
    "Join": _join,
    "SparkSQL": _sql,
    "DynamicTransform": lambda body, _: _dynamic(body),
    "Union": lambda body, _: Union(str(body.get("UnionType", "ALL")) != "ALL"),
    "Aggregate": _aggregate,
    "EvaluateDataQuality": lambda body, _: Rules(str(body["Ruleset"])),
    "EvaluateDataQualityMultiFrame": lambda body, _: Rules(str(body["Ruleset"])),
    "CatalogTarget": _table_write,
    "S3DirectTarget": _path_write,
    "S3GlueParquetTarget": _path_write,
}
