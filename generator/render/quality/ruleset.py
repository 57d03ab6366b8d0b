"""Expectations in DQDL, the language of Glue Data Quality.

Its own rule types are used where they mean the same; a `ColumnValues` rule fails on nulls and `between` leaves out its
bounds, so the rest is `CustomSql` that counts the rows which break the expectation. Tables that `references` names have
to be given to a run as additional data sources of the same names. The jobs check all of it themselves on every run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from generator.plan.expressions import to_spark
from generator.plan.lake import CompiledExpectation, CompiledLake, CompiledTable
from generator.plan.relation import Column

_TYPED_TEXTS = ("date", "timestamp")


def render_rulesets(lake: CompiledLake) -> dict[str, str]:
    """The text of the ruleset of each table that something is expected of; a view is in no catalog."""
    found = {}
    for table in (one for one in lake.tables.values() if not one.is_view):
        lines = [line for one in table.expectations for line in _lines(lake, table, one)]
        if any(not line.startswith("#") for line in lines):
            found[table.name] = "Rules = [\n" + "\n".join(f"  {line}" for line in _with_commas(lines)) + "\n]\n"
    return found


def _with_commas(lines: list[str]) -> list[str]:
    last = max(index for index, line in enumerate(lines) if not line.startswith("#"))
    return [line if line.startswith("#") or index == last else f"{line}," for index, line in enumerate(lines)]


def _lines(lake: CompiledLake, table: CompiledTable, one: CompiledExpectation) -> Iterator[str]:
    yield "# " + " ".join(f"{one.name}{'' if one.blocking else ' (a warning)'}".split())
    for rule in _rules(lake, table, one):
        yield rule if rule is not None else "# not told here: DQDL can't hold its quotes, backslashes or characters"


def _rules(lake: CompiledLake, table: CompiledTable, one: CompiledExpectation) -> Iterator[str | None]:
    if one.kind == "not_null":
        yield from (f'IsComplete "{column}"' for column in one.argument)
    elif one.kind == "rows":
        yield from _row_count(one.argument.min, one.argument.max)
    elif one.kind == "unique":
        yield _unique(one.argument)
    elif one.kind == "references":
        columns = {column.name: column for column in table.columns}
        for name, reference in one.argument.items():
            is_view = (known := lake.tables.get(reference.split(".")[0])) is not None and known.is_view
            yield "# not told here: a view is in no catalog" if is_view else _reference(columns[name], reference)
    elif one.kind == "sql":
        assert one.condition is not None
        yield _no_rows(f"not coalesce({to_spark(one.condition)}, false)")
    else:
        columns = {column.name: column for column in table.columns}
        yield from (
            _no_rows(broken)
            for name, wanted in one.argument.items()
            for broken in _broken(one.kind, columns[name], wanted)
        )


def _row_count(least: int | None, most: int | None) -> Iterator[str]:
    if least is not None and least == most:
        yield f"RowCount = {least}"
        return
    if least is not None:
        yield f"RowCount >= {least}"
    if most is not None:
        yield f"RowCount <= {most}"


def _unique(columns: list[str]) -> str | None:
    if len(columns) == 1:
        return f'IsUnique "{columns[0]}"'
    names = ", ".join(map(_name, columns))
    return _custom(f"select count(*) from (select {names} from primary group by {names} having count(*) > 1)")


def _reference(column: Column, reference: str) -> str | None:
    table, key = reference.split(".")
    if column.type.is_numeric:
        return f'ReferentialIntegrity "{column.name}" "{table}.{key}" = 1.0'
    name = _name(column.name)
    return _no_rows(
        f"{name} is not null and {name} not in (select {_name(key)} from {_name(table)} where {_name(key)} is not null)"
    )


def _broken(kind: str, column: Column, wanted: Any) -> Iterator[str]:
    """The conditions under which a value breaks an expectation."""
    name = _name(column.name)
    if kind == "values":
        listed = ", ".join(_literal(column, value) for value in wanted)
        yield f"{name} not in ({listed})" if wanted else f"{name} is not null"
    elif kind == "matches":
        yield f"not ({name} rlike {_literal(column, f'^(?:{wanted})$')})"
    else:
        for sign, bound in (("<", wanted.min), (">", wanted.max)):
            if bound is not None:
                yield f"{name} {sign} {_literal(column, bound)}"


def _no_rows(broken: str) -> str | None:
    return _custom(f"select count(*) from primary where {broken}")


def _custom(sql: str) -> str | None:
    """None where the rule would depend on how DQDL treats quotes, backslashes and line ends in its strings.

    Or where Terraform would change it: all its texts are in Unicode's composed form.
    """
    exact = sql.isprintable() and unicodedata.is_normalized("NFC", sql)
    return None if '"' in sql or "\\" in sql or not exact else f'CustomSql "{sql}" = 0'


def _name(column: str) -> str:
    return f"`{column}`"


def _literal(column: Column, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    word = f"{column.type.kind} " if column.type.kind in _TYPED_TEXTS else ""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{word}'{escaped}'"
