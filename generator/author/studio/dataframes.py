"""What Spark's own functions and the methods of DataFrames mean, as far as SQL says the same."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from generator.author.studio import calls
from generator.author.studio.arguments import Arguments, frame_of, names_of
from generator.author.studio.model import (
    Add,
    Aggregate,
    Aggregated,
    Column,
    Dedupe,
    Drop,
    Frame,
    Join,
    Keep,
    KeyPair,
    Rename,
    Union,
    Where,
)
from generator.author.studio.spark_columns import AGGREGATES, as_sql, equality
from generator.author.studio.values import OF_FRAME, UNKNOWN, ColumnValue, Condition, FrameValue, Grouped, Hole, Sink

if TYPE_CHECKING:
    from generator.author.studio.script import Script

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

_SAME = frozenset(
    "cache persist unpersist coalesce repartition checkpoint localCheckpoint hint sort orderBy alias".split()
)
"""Methods after which the rows are the same; their order is nothing that a table has."""

_VALUES = frozenset(
    "show printSchema count describe explain collect take first head isEmpty schema dtypes columns rdd errorsCount"
    " getNumPartitions stageErrorsCount assertErrorThreshold foreach toPandas".split()
)
"""Methods whose result is no frame, and that change nothing."""

# Frames ---------------------------------------------------------------------------------------------


def _made(
    script: Script, frame: FrameValue, name: str, node: ast.expr, operation: Any, *others: FrameValue
) -> FrameValue:
    inputs = (frame.node, *(one.node for one in others))
    return FrameValue(script.add(name, node, operation, inputs, spark=True), dynamic=False)


def _refused(
    script: Script, frame: FrameValue, name: str, node: ast.expr, reason: str, *others: FrameValue | None
) -> FrameValue:
    inputs = (frame.node, *(one.node for one in others if one is not None))
    return FrameValue(script.unknown(name, node, reason, inputs), frame.dynamic)


def method(script: Script, frame: FrameValue, named: str, arguments: Arguments, node: ast.Call, name: str) -> Any:
    """What a method of a frame makes."""
    if named == "toDF" and not frame.dynamic and not arguments.places:
        return frame
    if frame.dynamic or named in ("gs_derived", "toDF"):
        made = calls.method(script, frame, named, arguments, node, name)
        if made is not None:
            return made
    if frame.dynamic and named == "write":
        from generator.author.studio.targets import frame_write

        return frame_write(script, frame, arguments, node)
    if named in _VALUES:
        return Hole(f"{frame.node}.{named}")
    if named in _SAME and not (frame.dynamic and named not in ("cache", "persist")):
        return frame
    if named in ("createOrReplaceTempView", "createTempView", "registerTempTable"):
        view = next(iter([*arguments.places, *arguments.keywords.values()]), None)
        if isinstance(view, str):
            script.views[view.lower()] = frame.node
            return UNKNOWN
    if named == "write":
        return Sink({}, frame.node)
    if not frame.dynamic:
        made = _dataframe_method(script, frame, named, arguments, node, name)
        if made is not None:
            return made
    others = [one for one in map(frame_of, [*arguments.places, *arguments.keywords.values()]) if one is not None]
    return _refused(script, frame, name, node, f"`.{named}(…)`: the rows pass as they are", *others)


def _dataframe_method(
    script: Script, frame: FrameValue, named: str, arguments: Arguments, node: ast.Call, name: str
) -> Any:
    match named:
        case "dropDuplicates" | "drop_duplicates" | "distinct" | "dropDuplicatesWithinWatermark":
            return _dedupe(script, frame, arguments, node, name)
        case "drop":
            return _drop(script, frame, arguments, node, name)
        case "select" | "selectExpr":
            return _select(script, frame, named, arguments, node, name)
        case "filter" | "where":
            return _where(script, frame, arguments, node, name)
        case "withColumnRenamed":
            given = arguments.bind("existing", "new")
            if isinstance(given.get("existing"), str) and isinstance(given.get("new"), str):
                return _made(script, frame, name, node, Rename(given["existing"], given["new"]))
        case "withColumn":
            given = arguments.bind("colName", "col")
            text = as_sql(given.get("col"))
            if (
                isinstance(given.get("colName"), str)
                and isinstance(given.get("col"), ColumnValue)
                and text
                and ":" not in text
            ):
                return _made(script, frame, name, node, Add(given["colName"], text))
        case "join":
            return _join(script, frame, arguments, node, name)
        case "union" | "unionAll" | "unionByName":
            other = frame_of(next(iter([*arguments.places, *arguments.keywords.values()]), None))
            more = set(arguments.keywords) - {"other"}
            if other is not None and not more:
                return _made(script, frame, name, node, Union(by_name=named == "unionByName"), other)
        case "groupBy" | "groupby":
            names = _flat_names(arguments.places)
            if names is not None:
                return Grouped(frame.node, tuple(names))
        case "agg":
            return aggregated(script, Grouped(frame.node, ()), named, arguments, node, name)
        case "transform":
            return None
    return None


def _flat_names(values: list[Any]) -> list[str] | None:
    """Names of columns, alone or in lists; None if one isn't known."""
    flat = [one for value in values for one in (value if isinstance(value, (list, tuple)) else [value])]
    names = [one.name if isinstance(one, ColumnValue) else one for one in flat]
    return names if all(isinstance(one, str) and one for one in names) else None


def _dedupe(script: Script, frame: FrameValue, arguments: Arguments, node: ast.Call, name: str) -> FrameValue:
    given = list(arguments.bind("subset").values())
    names = [] if given in ([], [None]) else _flat_names(given)
    if names is None:
        return _refused(script, frame, name, node, "duplicates of columns that aren't written out")
    return _made(script, frame, name, node, Dedupe(tuple(names)))


def _drop(script: Script, frame: FrameValue, arguments: Arguments, node: ast.Call, name: str) -> FrameValue:
    names = _flat_names(arguments.places)
    if names is None:
        return _refused(script, frame, name, node, "a choice of columns that isn't written out")
    flat = [one for value in arguments.places for one in (value if isinstance(value, (list, tuple)) else [value])]
    columns = (Column(one.name, one.frame) if isinstance(one, ColumnValue) else Column(one) for one in flat)
    return _made(script, frame, name, node, Drop(tuple(columns)))


def select(script: Script, frame: FrameValue, items: list[Any], node: ast.expr, name: str) -> FrameValue:
    """The columns of `select`, plain ones."""
    columns = []
    for item in items:
        if isinstance(item, str):
            columns.append((Column(item), item))
        elif isinstance(item, ColumnValue) and item.name and ":" not in item.sql:
            plain = item.sql.replace("`", "").rpartition(OF_FRAME)[2]
            columns.append((Column(plain, item.frame), item.name))
    if len(columns) < len(items) or any(
        not column.name.isidentifier() and not column.name.startswith(".") for column, _ in columns
    ):
        return _refused(script, frame, name, node, "a `select` of more than plain columns")
    return _made(script, frame, name, node, Keep(tuple(columns)))


def _select(
    script: Script, frame: FrameValue, named: str, arguments: Arguments, node: ast.Call, name: str
) -> FrameValue:
    items = [one for value in arguments.places for one in (value if isinstance(value, (list, tuple)) else [value])]
    if items == ["*"]:
        return frame
    if named == "selectExpr" or any(
        isinstance(one, str) and not one.strip("`").replace(".", "_").isidentifier() for one in items
    ):
        if all(isinstance(one, str) for one in items):
            from generator.author.studio.model import Sql

            return _made(script, frame, name, node, Sql(f"select {', '.join(items)} from this_frame", ("this_frame",)))
        return _refused(script, frame, name, node, "a `select` of more than plain columns")
    if not items:
        return _refused(script, frame, name, node, "a `select` of columns that aren't written out")
    return select(script, frame, [one.strip("`") if isinstance(one, str) else one for one in items], node, name)


def _where(script: Script, frame: FrameValue, arguments: Arguments, node: ast.Call, name: str) -> FrameValue:
    condition = next(iter(arguments.bind("condition").values()), None)
    if isinstance(condition, Condition):
        condition = equality(condition)
    text = condition.sql if isinstance(condition, ColumnValue) else condition
    if not isinstance(text, str):
        return _refused(script, frame, name, node, "a filter of which parts only a run knows")
    return _made(script, frame, name, node, Where(text))


def _join(script: Script, frame: FrameValue, arguments: Arguments, node: ast.Call, name: str) -> FrameValue:
    given = arguments.bind("other", "on", "how")
    other, how, on = frame_of(given.get("other")), given.get("how", "inner"), given.get("on")
    kind = JOINS.get(str(how).lower().replace("_", ""))
    if isinstance(on, (list, tuple)) and on and all(isinstance(one, Condition) for one in on):
        on = Condition(tuple(pair for one in on for pair in one.pairs))
    names = names_of(on)
    if other is None or kind is None or not (names or isinstance(on, Condition)):
        return _refused(script, frame, name, node, "a join with another condition than equal columns", other)
    if names:
        keys = tuple(KeyPair(one, one) for one in names)
        return _made(script, frame, name, node, Join(kind, keys, dynamic=False, merged=True), other)
    pairs = [_ordered(script, pair, other.node) for pair in on.pairs]  # type: ignore[union-attr]
    return _made(script, frame, name, node, Join(kind, tuple(pairs), dynamic=False), other)


def _ordered(script: Script, pair: tuple[ColumnValue, ColumnValue], right: str) -> KeyPair:
    """The pair with the second frame's column last."""
    one, other = pair
    if one.frame and _is_of(script, one.frame, right) and not (other.frame and _is_of(script, other.frame, right)):
        one, other = other, one
    return KeyPair(one.name, other.name)


def _is_of(script: Script, frame: str, right: str) -> bool:
    """Whether a frame is the second one, or on the way to it."""
    while frame != right:
        inputs = script.job.nodes[right].inputs
        if len(inputs) != 1 or not isinstance(script.job.nodes[right].operation, Frame):
            return False
        right = inputs[0]
    return True


def aggregated(script: Script, grouped: Grouped, named: str, arguments: Arguments, node: ast.Call, name: str) -> Any:
    """`groupBy(…).agg(…)`, `.count()` and the like."""
    frame = FrameValue(grouped.frame, dynamic=False)
    if named == "count" and not arguments.places:
        aggregates = [Aggregated("*", "count", "count")]
    elif named in ("sum", "avg", "mean", "min", "max") and (names := _flat_names(arguments.places)):
        aggregates = [Aggregated(one, AGGREGATES[named]) for one in names]
    elif named == "agg" and len(arguments.places) == 1 and isinstance(arguments.places[0], dict):
        aggregates = [Aggregated(str(column), str(function)) for column, function in arguments.places[0].items()]
    elif (
        named == "agg"
        and arguments.places
        and all(isinstance(one, ColumnValue) and ":" in one.sql for one in arguments.places)
    ):
        parts = [(one.sql.partition(":"), one.name) for one in arguments.places]
        aggregates = [Aggregated(part[2], AGGREGATES[part[0]], new) for part, new in parts]
    else:
        return _refused(script, frame, name, node, "an aggregation that isn't written out")
    return _made(script, frame, name, node, Aggregate(grouped.columns, tuple(aggregates)))
