"""What Glue's own functions mean: readers, transforms, and the helpers that Studio writes into a script."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from generator.author.studio import readers
from generator.author.studio.arguments import Arguments, frame_of, names_of
from generator.author.studio.conditions import from_function
from generator.author.studio.model import (
    Add,
    Aggregate,
    Aggregated,
    Column,
    Drop,
    Filter,
    Frame,
    Join,
    Keep,
    KeyPair,
    Mapped,
    Mapping_,
    Rename,
    Rules,
    Union,
)
from generator.author.studio.predicates import UntranslatableError
from generator.author.studio.values import UNKNOWN, FrameValue, Function

if TYPE_CHECKING:
    from generator.author.studio.script import Script

Maker = Callable[["Script", dict[str, Any], Arguments, ast.Call, str], Any]

_HELPERS = {
    "sparkSqlQuery": "spark.sql(query)",
    "sparkUnion": "select * from source1",
    "sparkAggregate": "getattr(SqlFuncs, func)",
}
"""Studio's helpers, each with a piece of it; a function of that name that hasn't got it is the script's own."""


def call(script: Script, function: str, arguments: Arguments, node: ast.Call, name: str) -> Any:
    """What a call of Glue makes; None if it isn't one."""
    last = function.rpartition(".")[2]
    held = script.globals.get(function)
    if function in _HELPERS and isinstance(held, Function) and _HELPERS[function] not in ast.unparse(held.node):
        return None
    for key in (".".join(function.split(".")[-2:]), last):
        if key in _MAKERS and (key != last or last in _BARE):
            names, also, make = _MAKERS[key]
            return make(script, arguments.bind(*names, **also), arguments, node, name)
    if last == "sql" and function.split(".")[0].lower().startswith(
        ("spark", "sqlcontext", "gluecontext", "glue_context", "session")
    ):
        return readers.query(script, arguments.bind("sqlQuery"), arguments, node, name)
    return None


def method(script: Script, frame: FrameValue, named: str, arguments: Arguments, node: ast.Call, name: str) -> Any:
    """What a method of a DynamicFrame makes; None if Glue has none of this name."""
    if named not in _METHODS:
        return None
    names, also, make = _METHODS[named]
    return make(script, {"frame": frame, "frame1": frame} | arguments.bind(*names, **also), arguments, node, name)


# Transforms -----------------------------------------------------------------------------------------


def _filter(script: Script, given: dict[str, Any], arguments: Arguments, node: ast.Call, name: str) -> Any:
    frame, function = frame_of(given.get("frame")), given.get("f")
    if frame is None:
        return None
    if not isinstance(function, Function):
        return readers.refused(script, name, node, "a filter whose function isn't in the script", frame)
    scope = function.seen

    def constant(expression: ast.expr) -> Any:
        value = script.expressions.value(expression, dict(scope), name)
        return value if not _is_open(value) else UNKNOWN

    try:
        return readers.made(script, name, node, Filter(from_function(function.node, constant)), frame)
    except UntranslatableError as error:
        return readers.refused(script, name, node, f"the filter: {error}", frame)


def _is_open(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_is_open, value))
    return not (value is None or isinstance(value, (bool, int, float, str)))


def _join(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    left, right = frame_of(given.get("frame1")), frame_of(given.get("frame2"))
    one, other = names_of(given.get("keys1")), names_of(given.get("keys2"))
    if left is None or right is None or one is None or other is None or len(one) != len(other):
        return readers.refused(script, name, node, "a join whose frames or keys aren't written out", left or right)
    keys = tuple(KeyPair(*pair) for pair in zip(one, other, strict=True))
    return readers.made(script, name, node, Join("inner", keys), left, right)


def _mapping(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, items = frame_of(given.get("frame")), given.get("mappings")
    if frame is None:
        return None
    items = [items] if isinstance(items, tuple) and items and isinstance(items[0], str) else items
    if not isinstance(items, (list, tuple)) or not items or not all(_is_mapping(item) for item in items):
        return readers.refused(script, name, node, "an ApplyMapping that isn't written out", frame)
    mapped = tuple(Mapped(*item) if len(item) == 4 else _shorter(item) for item in items)
    return readers.made(script, name, node, Mapping_(mapped), frame)


def _is_mapping(item: Any) -> bool:
    return isinstance(item, (list, tuple)) and len(item) in (2, 3, 4) and all(isinstance(one, str) for one in item)


def _shorter(item: tuple[str, ...]) -> Mapped:
    """(source, target), or (source, target, target type)."""
    return Mapped(item[0], "", item[1], item[2] if len(item) == 3 else "")


def _drop(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, paths = frame_of(given.get("frame")), given.get("paths")
    if frame is None:
        return None
    names = [] if paths == [] else names_of(paths)
    if names is None:
        return readers.refused(script, name, node, "a choice of fields that isn't written out", frame)
    return readers.made(script, name, node, Drop(tuple(map(Column, names))), frame)


def _keep(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, names = frame_of(given.get("frame")), names_of(given.get("paths"))
    if frame is None:
        return None
    if names is None:
        return readers.refused(script, name, node, "a choice of fields that isn't written out", frame)
    return readers.made(script, name, node, Keep(tuple((Column(one), one) for one in dict.fromkeys(names))), frame)


def _rename(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, old, new = frame_of(given.get("frame")), given.get("old_name"), given.get("new_name")
    if frame is None:
        return None
    if not isinstance(old, str) or not isinstance(new, str):
        return readers.refused(script, name, node, "a rename whose names aren't written out", frame)
    return readers.made(script, name, node, Rename(old, new), frame)


def _aggregate(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, groups, items = frame_of(given.get("parentFrame")), given.get("groups"), given.get("aggs")
    groups = [] if groups == [] else names_of(groups)
    pairs = (
        [item for item in items if isinstance(item, (list, tuple)) and len(item) == 2]
        if isinstance(items, list)
        else []
    )
    if frame is None or groups is None or not pairs or len(pairs) < len(items or ()):
        return readers.refused(script, name, node, "an aggregation that isn't written out", frame)
    aggregates = tuple(Aggregated(str(column), str(function)) for column, function in pairs)
    return readers.made(script, name, node, Aggregate(tuple(groups), aggregates), frame)


def _union(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    mapping = given.get("mapping")
    frames = [frame_of(one) for one in mapping.values()] if isinstance(mapping, dict) else []
    known = [one for one in frames if one is not None]
    kind = given.get("unionType", "ALL")
    if not isinstance(kind, str) or len(known) < 2 or len(known) < len(frames):
        return readers.refused(script, name, node, "a union that isn't written out", *known)
    return readers.made(script, name, node, Union(distinct=kind.upper() != "ALL"), *known)


def _glue_union(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    left, right = frame_of(given.get("frame1")), frame_of(given.get("frame2"))
    if left is None or right is None:
        return readers.refused(script, name, node, "a union that isn't written out", left or right)
    return readers.made(script, name, node, Union(by_name=True), left, right)


def _derived(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, column, expression = frame_of(given.get("frame")), given.get("colName"), given.get("expr")
    if not isinstance(column, str) or not isinstance(expression, str):
        return readers.refused(script, name, node, "a derived column that isn't written out", frame)
    return readers.made(script, name, node, Add(column, expression), frame)  # type: ignore[arg-type]


def _chosen(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    """SelectFromCollection: a frame by its name."""
    collection, key = given.get("dfc"), given.get("key")
    if isinstance(collection, dict) and isinstance(key, str):
        return collection.get(key, UNKNOWN)
    return frame_of(collection)


def _collection(_: Script, given: dict[str, Any], *__: Any) -> Any:
    return given.get("dynamic_frames") if isinstance(given.get("dynamic_frames"), dict) else None


def _split_fields(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame, names = frame_of(given.get("frame")), names_of(given.get("paths"))
    first, second = given.get("name1"), given.get("name2")
    if frame is None or names is None or not isinstance(first, str) or not isinstance(second, str):
        return readers.refused(script, name, node, "a split that isn't written out", frame)
    columns = tuple(map(Column, names))
    kept = readers.made(script, f"{name}_{first}", node, Keep(tuple((one, one.name) for one in columns)), frame)
    return {first: kept, second: readers.made(script, f"{name}_{second}", node, Drop(columns), frame)}


def _spigot(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    return readers.refused(script, name, node, "the sample that Spigot writes", frame_of(given.get("frame")))


def _from_df(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    frame = frame_of(given.get("dataframe"))
    return readers.made(script, name, node, Frame(), frame) if frame is not None else None


def _to_df(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    return FrameValue(readers.made(script, name, node, Frame(), given["frame"]).node, dynamic=False)


def _same(_: Script, given: dict[str, Any], *__: Any) -> Any:
    return given["frame"]


def _checked(script: Script, given: dict[str, Any], _: Arguments, node: ast.Call, name: str) -> Any:
    """Notes the rules beside the frame that they are about, which passes through."""
    frame, rules = frame_of(given.get("frame")), given.get("ruleset")
    if frame is None:
        return None
    if isinstance(rules, str):
        script.add(f"rules_{frame.node}", node, Rules(rules), (frame.node,))
    else:
        script.job.lost("rule", node.lineno, "rules of data quality that aren't written out", node=frame.node)
    return {"originalData": frame, "rowLevelOutcomes": frame}


_Entry = tuple[tuple[str, ...], dict[str, str], Maker]
_LIST = {"name_space": "database", "paths1": "keys1", "paths2": "keys2", "oldName": "old_name", "newName": "new_name"}
_ONE = ("frame",)
_CATALOG: _Entry = (("database", "table_name"), _LIST, readers.from_catalog)
_FILES: _Entry = (("connection_type", "connection_options", "format", "format_options"), {}, readers.from_options)
_BARE = frozenset(
    "sparkSqlQuery sparkAggregate sparkUnion DynamicFrameCollection create_dynamic_frame_from_catalog"
    " create_dynamic_frame_from_options process_rows".split()
)
"""Names that say enough without what stands before them."""

_MAKERS: Mapping[str, _Entry] = {
    "create_dynamic_frame.from_catalog": _CATALOG,
    "create_data_frame.from_catalog": _CATALOG,
    "create_dynamic_frame_from_catalog": _CATALOG,
    "create_dynamic_frame.from_options": _FILES,
    "create_data_frame.from_options": _FILES,
    "create_dynamic_frame_from_options": _FILES,
    "sparkSqlQuery": (("glueContext", "query", "mapping", "transformation_ctx"), {}, readers.sql_helper),
    "sparkAggregate": (("glueContext", "parentFrame", "groups", "aggs", "transformation_ctx"), {}, _aggregate),
    "sparkUnion": (("glueContext", "unionType", "mapping", "transformation_ctx"), {}, _union),
    "Filter.apply": (("frame", "f"), {}, _filter),
    "Join.apply": (("frame1", "frame2", "keys1", "keys2"), _LIST, _join),
    "ApplyMapping.apply": (("frame", "mappings"), {}, _mapping),
    "DropFields.apply": (("frame", "paths"), {}, _drop),
    "SelectFields.apply": (("frame", "paths"), {}, _keep),
    "RenameField.apply": (("frame", "old_name", "new_name"), _LIST, _rename),
    "Union.apply": (("frame1", "frame2"), {}, _glue_union),
    "SplitFields.apply": (("frame", "paths", "name1", "name2"), {}, _split_fields),
    "SelectFromCollection.apply": (("dfc", "key"), {}, _chosen),
    "Spigot.apply": (("frame", "path"), {}, _spigot),
    "DynamicFrameCollection": (("dynamic_frames",), {}, _collection),
    "DynamicFrame.fromDF": (("dataframe",), {}, _from_df),
    "process_rows": (("frame", "ruleset"), {}, _checked),
    "EvaluateDataQuality.apply": (("frame", "ruleset"), {}, _checked),
}
_METHODS: Mapping[str, _Entry] = {
    "filter": (("f",), {}, _filter),
    "join": (
        ("paths1", "paths2", "frame2"),
        {},
        lambda s, g, *rest: _join(s, g | {"keys1": g.get("paths1"), "keys2": g.get("paths2")}, *rest),
    ),
    "apply_mapping": (("mappings",), {}, _mapping),
    "applyMapping": (("mappings",), {}, _mapping),
    "drop_fields": (("paths",), {}, _drop),
    "select_fields": (("paths",), {}, _keep),
    "rename_field": (("old_name", "new_name"), _LIST, _rename),
    "split_fields": (("paths", "name1", "name2"), {}, _split_fields),
    "union": (("frame2",), {}, _glue_union),
    "gs_derived": (("colName", "expr"), {}, _derived),
    "spigot": (("path",), {}, _spigot),
    "toDF": ((), {}, _to_df),
    "coalesce": ((), {}, _same),
    "repartition": ((), {}, _same),
}
