"""What the calls of a Glue script mean: readers, transforms, writers, and the methods of DataFrames between them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.author.studio.model import (
    Aggregate,
    Aggregated,
    Dedupe,
    Drop,
    Filter,
    Job,
    Join,
    Keep,
    KeyPair,
    Kind,
    Mapped,
    Mapping_,
    Node,
    NodeId,
    Operation,
    Read,
    Rename,
    Rules,
    Sql,
    Union,
    Unknown,
    Write,
)
from generator.author.studio.predicates import UntranslatableError, from_lambda

_KINDS = {
    "inner": "inner equijoin",
    "left": "left leftouter",
    "right": "right rightouter",
    "outer": "outer full fullouter",
    "semi": "semi leftsemi",
    "anti": "anti leftanti",
}
JOINS = {spelling: kind for kind, spellings in _KINDS.items() for spelling in spellings.split()}
"""Kinds of joins by how Spark and Studio call them, lower case and without underscores."""


@dataclass(slots=True)
class Frames:
    """The frames of a script while it is read.

    Attributes:
        variables: the node that each variable holds.
        constants: the value of each variable that holds one.
        sinks: the target that each variable of `getSink` is.
        purged: paths that the script empties.
    """

    job: Job
    title: Callable[[int], str]
    variables: dict[str, NodeId] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    sinks: dict[str, Write] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)

    def add(self, name: str, at: ast.expr, operation: Operation, inputs: tuple[NodeId, ...] = ()) -> NodeId:
        """Adds a node; its line is that of the comment's statement."""
        unique = name if name not in self.job.nodes else f"{name}@{at.lineno}"
        node = Node(unique, self.title(at.lineno) or name, at.lineno, operation, inputs)
        self.job.nodes[unique] = node
        if isinstance(operation, Unknown):
            message = f"`{operation.what}` could not be carried over"
            self.job.note(Kind.LOST, "unknown-step", at.lineno, message, "the rows pass through as they are")
        return unique

    def constant(self, node: ast.expr | None) -> Any:
        """The value of a constant expression; unknown parts of texts are `*`. None for anything else."""
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        if isinstance(node, ast.JoinedStr):
            return "".join(str(self._part(part)) for part in node.values)
        if isinstance(node, (ast.List, ast.Tuple)):
            values = [self.constant(item) for item in node.elts]
            return None if None in values else values
        if isinstance(node, ast.Dict):
            keys = [self.constant(key) for key in node.keys]
            return {key: self.constant(value) for key, value in zip(keys, node.values, strict=True) if key is not None}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [self.constant(node.left), self.constant(node.right)]
            return None if parts == [None, None] else "".join("*" if part is None else str(part) for part in parts)
        if isinstance(node, ast.Constant):
            return node.value
        return None

    def _part(self, part: ast.expr) -> Any:
        value = self.constant(part.value if isinstance(part, ast.FormattedValue) else part)
        return "*" if value is None else value


def _arguments(call: ast.Call, *names: str) -> dict[str, ast.expr]:
    """Arguments by name; those by position get the given names."""
    found = dict(zip(names, call.args, strict=False))
    return found | {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def frame(frames: Frames, value: ast.expr, name: str) -> NodeId | None:
    """The node that an expression is, made anew if need be; None if it is no frame."""
    if isinstance(value, ast.Name):
        return frames.variables.get(value.id)
    if not isinstance(value, ast.Call):
        return None
    function = ast.unparse(value.func)
    if function.endswith("DynamicFrame.fromDF"):
        return frame(frames, value.args[0], name)
    for ending, make in _FUNCTIONS.items():
        if function == ending or function.endswith(f".{ending}"):
            return make(frames, value, name)
    if isinstance(value.func, ast.Attribute):
        return _method(frames, value, value.func, name)
    return None


def _input(frames: Frames, arguments: Mapping[str, ast.expr], key: str, name: str) -> tuple[NodeId, ...]:
    found = frame(frames, arguments[key], f"{name}_{key}") if key in arguments else None
    return (found,) if found is not None else ()


# Readers --------------------------------------------------------------------------------------------


def _from_catalog(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "database", "table_name")
    table = frames.constant(arguments.get("table_name"))
    return frames.add(name, call, Read(table=str(table or "*")))


def _from_options(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "connection_type", "connection_options", "format")
    options = frames.constant(arguments.get("connection_options")) or {}
    kind = frames.constant(arguments.get("connection_type"))
    if kind not in ("s3", "file", None):
        return frames.add(name, call, Unknown(f"a source of the kind {kind}"))
    paths = options.get("paths") or [options.get("path", "")]
    if len(paths) > 1:
        frames.job.note(Kind.LOST, "several-paths", call.lineno, "only the first of several paths is carried over")
    format_options = frames.constant(arguments.get("format_options")) or {}
    form = str(frames.constant(arguments.get("format")) or "json").removeprefix("glue")
    return frames.add(
        name, call, Read(path=str(paths[0]), format=form, delimiter=str(format_options.get("separator", ",")))
    )


def _sql(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "glueContext", "query", "mapping", "transformation_ctx")
    query = frames.constant(arguments.get("query"))
    mapping = arguments.get("mapping")
    if not isinstance(query, str) or not isinstance(mapping, ast.Dict):
        return frames.add(name, call, Unknown("a query that isn't written out in the script"))
    aliases: list[str] = []
    inputs: list[NodeId] = []
    for key, value in zip(mapping.keys, mapping.values, strict=True):
        found = frame(frames, value, f"{name}_{len(inputs)}")
        if found is not None:
            aliases.append(str(frames.constant(key)))
            inputs.append(found)
    return frames.add(name, call, Sql(query, tuple(aliases)), tuple(inputs))


# Transforms -----------------------------------------------------------------------------------------


def _filter(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "frame", "f")
    inputs = _input(frames, arguments, "frame", name)
    try:
        return frames.add(name, call, from_lambda(arguments["f"]), inputs)
    except (UntranslatableError, KeyError) as error:
        return frames.add(name, call, Unknown(f"the filter {error}"), inputs)


def _join(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "frame1", "frame2", "keys1", "keys2")
    inputs = _input(frames, arguments, "frame1", name) + _input(frames, arguments, "frame2", name)
    left, right = (frames.constant(arguments.get(key)) or [] for key in ("keys1", "keys2"))
    if len(inputs) != 2 or len(left) != len(right) or not left:
        return frames.add(name, call, Unknown("a join whose keys aren't written out"), inputs)
    keys = tuple(KeyPair(str(one), str(other)) for one, other in zip(left, right, strict=True))
    return frames.add(name, call, Join("inner", keys), inputs)


def _mapping(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "frame", "mappings")
    inputs = _input(frames, arguments, "frame", name)
    items = frames.constant(arguments.get("mappings"))
    if not items or any(len(item) not in (2, 4) for item in items):
        return frames.add(name, call, Unknown("an ApplyMapping that isn't written out"), inputs)
    mapped = (Mapped(*item) if len(item) == 4 else Mapped(item[0], "", item[1], "") for item in items)
    return frames.add(name, call, Mapping_(tuple(mapped)), inputs)


def _paths(make: Callable[[tuple[str, ...]], Operation]) -> Callable[[Frames, ast.Call, str], NodeId]:
    def found(frames: Frames, call: ast.Call, name: str) -> NodeId:
        arguments = _arguments(call, "frame", "paths")
        paths = frames.constant(arguments.get("paths"))
        inputs = _input(frames, arguments, "frame", name)
        if paths is None:
            return frames.add(name, call, Unknown("a choice of fields that isn't written out"), inputs)
        return frames.add(name, call, make(tuple(map(str, paths))), inputs)

    return found


def _rename(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "frame", "old_name", "new_name")
    old, new = (str(frames.constant(arguments.get(key)) or "") for key in ("old_name", "new_name"))
    return frames.add(name, call, Rename(old, new), _input(frames, arguments, "frame", name))


def _aggregate(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "glueContext", "parentFrame", "groups", "aggs", "transformation_ctx")
    groups, aggregates = frames.constant(arguments.get("groups")), frames.constant(arguments.get("aggs"))
    operation = Aggregate(tuple(groups or ()), tuple(Aggregated(*item) for item in aggregates or ()))
    return frames.add(name, call, operation, _input(frames, arguments, "parentFrame", name))


def _union(frames: Frames, call: ast.Call, name: str) -> NodeId:
    arguments = _arguments(call, "glueContext", "unionType", "mapping", "transformation_ctx")
    mapping = arguments.get("mapping")
    values = mapping.values if isinstance(mapping, ast.Dict) else []
    inputs = tuple(found for value in values if (found := frame(frames, value, name)) is not None)
    return frames.add(name, call, Union(frames.constant(arguments.get("unionType")) != "ALL"), inputs)


def _drop_nulls(frames: Frames, call: ast.Call, name: str) -> NodeId:
    inputs = _input(frames, _arguments(call, "frame"), "frame", name)
    return frames.add(name, call, Unknown("DropNullFields, which drops columns that happen to be null"), inputs)


def _chosen(frames: Frames, call: ast.Call, name: str) -> NodeId | None:
    """SelectFromCollection: of the collections that Studio makes, the first frame is the one that was put in."""
    return frame(frames, _arguments(call, "dfc", "key")["dfc"], name)


_FUNCTIONS: Mapping[str, Callable[[Frames, ast.Call, str], NodeId | None]] = {
    "SelectFromCollection.apply": _chosen,
    "create_dynamic_frame.from_catalog": _from_catalog,
    "create_data_frame.from_catalog": _from_catalog,
    "create_dynamic_frame.from_options": _from_options,
    "create_data_frame.from_options": _from_options,
    "sparkSqlQuery": _sql,
    "sparkAggregate": _aggregate,
    "sparkUnion": _union,
    "Filter.apply": _filter,
    "Join.apply": _join,
    "ApplyMapping.apply": _mapping,
    "DropFields.apply": _paths(Drop),
    "SelectFields.apply": _paths(Keep),
    "RenameField.apply": _rename,
    "DropNullFields.apply": _drop_nulls,
}


# Methods of frames ----------------------------------------------------------------------------------


def _method(frames: Frames, call: ast.Call, function: ast.Attribute, name: str) -> NodeId | None:
    owner = frame(frames, function.value, f"{name}_{function.attr}")
    if owner is None:
        return None
    texts = [frames.constant(argument) for argument in call.args]
    flat = [text for item in texts for text in (item if isinstance(item, list) else [item])]
    match function.attr:
        case "toDF" | "cache" | "persist" | "coalesce" | "repartition":
            return owner
        case "dropDuplicates" | "drop_duplicates" | "distinct":
            return frames.add(name, call, Dedupe(tuple(map(str, flat))), (owner,))
        case "drop" | "drop_fields" if None not in flat:
            return frames.add(name, call, Drop(tuple(map(str, flat))), (owner,))
        case "select" | "select_fields" if None not in flat and "*" not in flat:
            return frames.add(name, call, Keep(tuple(map(str, flat))), (owner,))
        case "filter" | "where" if len(texts) == 1 and isinstance(texts[0], str):
            return frames.add(name, call, Filter(texts[0], ()), (owner,))
        case "withColumnRenamed" | "rename_field" if len(flat) == 2 and None not in flat:
            return frames.add(name, call, Rename(str(flat[0]), str(flat[1])), (owner,))
        case "join":
            return _dataframe_join(frames, call, owner, name)
    return frames.add(name, call, Unknown(f".{function.attr}(…)"), (owner,))


def _dataframe_join(frames: Frames, call: ast.Call, owner: NodeId, name: str) -> NodeId:
    arguments = _arguments(call, "other", "on", "how")
    other = frame(frames, arguments["other"], f"{name}_other") if "other" in arguments else None
    kind = JOINS.get(str(frames.constant(arguments.get("how")) or "inner").lower().replace("_", ""))
    keys = _keys(frames, arguments.get("on"), owner)
    if other is None or kind is None or not keys:
        return frames.add(name, call, Unknown("a join with another condition than equal keys"), (owner,))
    return frames.add(name, call, Join(kind, keys), (owner, other))


def _keys(frames: Frames, on: ast.expr | None, owner: NodeId) -> tuple[KeyPair, ...]:
    """The pairs of `a['x'] == b['y']`, of several joined by `&`, or of names that both have."""
    if isinstance(on, ast.BinOp) and isinstance(on.op, ast.BitAnd):
        left, right = _keys(frames, on.left, owner), _keys(frames, on.right, owner)
        return left + right if left and right else ()
    if isinstance(on, ast.Compare) and len(on.ops) == 1 and isinstance(on.ops[0], ast.Eq):
        sides = [_column(frames, side) for side in (on.left, on.comparators[0])]
        if None in sides:
            return ()
        (one, first), (_, second) = [side for side in sides if side is not None]
        return (KeyPair(first, second),) if one == owner else (KeyPair(second, first),)
    names = frames.constant(on)
    names = [names] if isinstance(names, str) else names
    return tuple(KeyPair(str(found), str(found)) for found in names or ())


def _column(frames: Frames, node: ast.expr) -> tuple[NodeId, str] | None:
    """The frame and column of `df['x']` or `df.x`."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        key = frames.constant(node.slice)
        found = frames.variables.get(node.value.id)
        return (found, str(key)) if found is not None and key is not None else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = frames.variables.get(node.value.id)
        return (found, node.attr) if found is not None else None
    return None


def assigned_effect(frames: Frames, value: ast.expr, name: str) -> bool:
    """Whether an assignment was understood as a target or a check, whose result nothing depends on."""
    if not isinstance(value, ast.Call):
        return False
    function = ast.unparse(value.func)
    if function.endswith(".getSink"):
        path = str(frames.constant(_arguments(value).get("path")) or "")
        frames.sinks[name] = Write("", path, path in frames.purged)
        return True
    if "write_dynamic_frame." in function or "write_data_frame." in function:
        return bool(_write(frames, value, name))
    if "EvaluateDataQuality" in function:
        checked = _check(frames, value)
        if checked is not None:
            frames.variables[name] = checked
        return True
    return False


# Targets --------------------------------------------------------------------------------------------


def effect(frames: Frames, call: ast.Call) -> bool:
    """Whether a statement was understood: a target, a check, or a purge."""
    function = ast.unparse(call.func)
    owner, _, method = function.rpartition(".")
    if function.endswith(("write_dynamic_frame.from_options", "write_data_frame.from_options")):
        return bool(_write(frames, call, "target"))
    if function.endswith(("write_dynamic_frame.from_catalog", "write_data_frame.from_catalog")):
        return bool(_write(frames, call, "target"))
    if method == "purge_s3_path" and call.args:
        frames.purged.add(str(frames.constant(call.args[0])))
        return True
    if method == "process_rows" or function.startswith("EvaluateDataQuality"):
        _check(frames, call)
        return True
    if owner in frames.sinks:
        _sink(frames, owner, method, call)
        return True
    return False


def _write(frames: Frames, call: ast.Call, name: str) -> NodeId | None:
    """A target that is written in one call."""
    arguments = _arguments(call, "frame")
    options = frames.constant(arguments.get("connection_options")) or {}
    table = frames.constant(arguments.get("table_name"))
    path = str(options.get("path") or "")
    inputs = _input(frames, arguments, "frame", name)
    return frames.add(name, call, Write(str(table or ""), path, path in frames.purged), inputs)


def _sink(frames: Frames, name: str, method: str, call: ast.Call) -> None:
    target = frames.sinks[name]
    arguments = _arguments(call, "frame")
    if method == "setCatalogInfo":
        table = frames.constant(arguments.get("catalogTableName"))
        frames.sinks[name] = Write(str(table or ""), target.path, target.purged)
    elif method == "writeFrame":
        frames.add(name, call, target, _input(frames, arguments, "frame", name))


def _check(frames: Frames, call: ast.Call) -> NodeId | None:
    """Notes the rules beside the frame that they are about, and returns that frame."""
    arguments = _arguments(call, "frame")
    rules = frames.constant(arguments.get("ruleset"))
    inputs = _input(frames, arguments, "frame", "check")
    if isinstance(rules, str) and inputs:
        frames.add(f"rules_{inputs[0]}", call, Rules(rules), inputs)
    return inputs[0] if inputs else None
