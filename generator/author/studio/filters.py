"""Filters: of Python, which drop what raises, and of SQL."""

from __future__ import annotations

from collections.abc import Callable

from generator.author.studio.builder import Builder
from generator.author.studio.lookup import found_in
from generator.author.studio.model import Kind, Node
from generator.author.studio.predicates import (
    Compare,
    Computed,
    Field,
    FieldFacts,
    In,
    Matches,
    Operand,
    Predicate,
    UntranslatableError,
    Value,
    fields,
    parts_of,
)
from generator.author.studio.python_sql import as_sql
from generator.author.studio.queries import SqlProblemError, columns_of, replaced
from generator.author.studio.rows import Cell, Nulls, Rows
from generator.author.studio.tables import FILTER
from generator.author.studio.values import OF_FRAME

_CODE = "null-passing-filter"


def filtered(builder: Builder, node: Node, predicate: Predicate, rows: Rows) -> Rows:
    """Rows for which a function of Python is true."""
    cells: dict[Field, tuple[Cell, str]] = {}
    for one in fields(predicate):
        name = ".".join(f"`{part}`" for part in one.path)
        cell, path = found_in(builder, rows, name)
        if cell.name != one.path[0] and cell.name.lower() == one.path[0].lower():
            message = f"`{one.path[0]}` isn't there by this spelling: taken for `{cell.name}`"
            builder.job.changed(
                "wrong-case", node, message, "in the spec names are lower case, and `key` is the raw spelling"
            )
        cells[one] = (cell, path)
    rows = builder.at(FILTER, rows)
    cells = {one: (next(now for now in rows.cells if now.uid == cell.uid), path) for one, (cell, path) in cells.items()}
    for one, kind in _hints(predicate):
        builder.mention(cells[one][0], kind)
    for one, other in _compared(predicate):
        builder.mention(cells[one][0], cells[other][0].type)
        builder.mention(cells[other][0], cells[one][0].type)
    try:
        condition = _condition(builder, node, predicate, cells, rows)
    except UntranslatableError as error:
        builder.job.lost("filter", node.line, f"the filter: {error}", node=node.id)
        return rows
    return _with_condition(builder, node, rows, condition)


def _condition(
    builder: Builder, node: Node, predicate: Predicate, cells: dict[Field, tuple[Cell, str]], rows: Rows
) -> str:
    """The condition in SQL; where it depends on what a null is, the data decides, or it is told."""

    def facts(absent: bool) -> Callable[[Field], FieldFacts]:
        def of(one: Field) -> FieldFacts:
            cell, path = cells[one]
            kind = "string" if cell.text_in_glue else cell.type
            return FieldFacts(cell.text + path, "" if path else kind, absent and cell.nulls is not Nulls.NONE)

        return of

    as_absent, as_none = as_sql(predicate, facts(True)), as_sql(predicate, facts(False))
    if as_absent == as_none:
        return as_absent
    known = {_in_data(builder, cell) for cell, _ in cells.values() if cell.nulls is not Nulls.NONE}
    names = ", ".join(f"`{cell.name}`" for cell, _ in cells.values() if cell.nulls is not Nulls.NONE)
    rule = f"Glue drops a row without the key {names}, as the filter raises KeyError, and compares a null as None"
    if known <= {"absent", "full"} or known <= {"none", "full"}:
        has, condition = ("absent keys", as_absent) if known <= {"absent", "full"} else ("nulls", as_none)
        message = f"{rule}: the data has only {has}"
        builder.job.note(Kind.TRAP, _CODE, node.line, message, f"written as `{_said(condition, rows)}`")
        return condition
    message = f"{rule}; the lake reads both as null: written for absent keys, as `{_said(as_absent, rows)}`"
    help = f"for nulls it would be `{_said(as_none, rows)}`; --data DIR looks what there is"
    builder.job.changed(_CODE, node, message, help)
    return as_absent


def _said(condition: str, rows: Rows) -> str:
    """A condition without the name of the only table."""
    return condition.replace(f"{rows.table.alias}.", "") if not rows.table.joins and rows.table.alias else condition


def _in_data(builder: Builder, cell: Cell) -> str:
    """What a null of a column is in the landing data: `absent`, `none`, `both`, `full` for neither; else nothing."""
    known = builder.catalog.known.get(cell.origin[0])
    if known is None or not known.is_source or cell.origin[1] not in known.columns:
        return ""
    facts = builder.catalog.nulls.of(known.path, known.columns[cell.origin[1]].key)
    if facts is None or (cell.nulls is Nulls.UNSURE and (facts.null or facts.absent)):
        return ""
    return {(False, False): "full", (False, True): "absent", (True, False): "none"}.get(
        (facts.null, facts.absent), "both"
    )


def where(builder: Builder, node: Node, condition: str, rows: Rows) -> Rows:
    """Rows for which a condition in SQL is true."""
    text = expression_text(builder, rows, condition)
    if text is None:
        builder.job.lost("filter", node.line, f"the filter `{condition}` can't be read as Spark SQL", node=node.id)
        return rows
    at = builder.at(FILTER, rows)
    if at is not rows:
        text = expression_text(builder, at, condition) or ""
    return _with_condition(builder, node, at, text)


def _with_condition(builder: Builder, node: Node, rows: Rows, condition: str) -> Rows:
    found = rows.copy()
    found.table.filters.append(condition)
    found.table.stage = max(found.table.stage, FILTER)
    trial = builder.trial(found)
    if trial.problem:
        builder.job.lost("filter", node.line, f"the filter `{condition}`: {trial.problem}", node=node.id)
        return rows
    return found


def expression_text(builder: Builder, rows: Rows, expression: str) -> str | None:
    """An expression of the job's columns as one of the lake's; None if it can't be read.

    Raises:
        NameNotFoundError: it names a column that isn't there.
    """
    try:
        for names, kind in columns_of(expression):
            builder.mention(_column(builder, rows, names)[0], kind)

        def text(names: tuple[str, ...]) -> str:
            cell, path = _column(builder, rows, names)
            return cell.text + path

        return replaced(expression, text)
    except SqlProblemError:
        return None


def _column(builder: Builder, rows: Rows, names: tuple[str, ...]) -> tuple[Cell, str]:
    """A column that SQL names; of a certain frame, if a script put it there."""
    frame, marked, name = names[0].rpartition(OF_FRAME)
    if marked:
        return builder.of_frame(rows, frame, name), "".join(f".{part.lower()}" for part in names[1:])
    return found_in(builder, rows, ".".join(f"`{one}`" for one in names), any_case=True)


def _hints(predicate: Predicate) -> list[tuple[Field, str]]:
    """Types that the constants beside fields speak of."""
    found: list[tuple[Field, str]] = []

    def pair(one: Operand, other: Operand) -> None:
        if isinstance(one, Field) and len(one.path) == 1 and isinstance(other, Value):
            kind = {int: "bigint", float: "double", bool: "boolean", str: "string"}.get(type(other.value), "")
            number = other.loose and str(other.value).lstrip("-").isdigit()
            found.append((one, "bigint" if number else kind))
        if isinstance(one, Computed):
            pair(one.left, Value(0))
            pair(one.right, Value(0))

    def visit(one: Predicate) -> None:
        match one:
            case Compare():
                pair(one.left, one.right)
                pair(one.right, one.left)
            case In():
                for value in one.values:
                    pair(one.operand, value)
            case Matches():
                pair(one.operand, Value(""))
            case _:
                for part in parts_of(one):
                    visit(part)

    visit(predicate)
    return found


def _compared(predicate: Predicate) -> list[tuple[Field, Field]]:
    """Fields that are compared with each other."""
    if isinstance(predicate, Compare):
        both = isinstance(predicate.left, Field) and isinstance(predicate.right, Field)
        return [(predicate.left, predicate.right)] if both else []  # type: ignore[list-item]
    return [pair for part in parts_of(predicate) for pair in _compared(part)]
