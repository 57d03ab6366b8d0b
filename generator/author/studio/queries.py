"""Reads Spark SQL: which tables and columns a query names, and the same text with others in their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

_SIMPLE = {"expressions", "from", "from_", "where", "joins", "distinct", "kind", "order"}


class SqlProblemError(Exception):
    """SQL that can't be read, or that says something that the lake can't; the message says what."""


def parsed_query(query: str) -> exp.Expr:
    """A query.

    Raises:
        SqlProblemError: it can't be read.
    """
    import sqlglot

    try:
        found = sqlglot.parse(query.strip().rstrip(";"), dialect="spark")
    except (sqlglot.errors.SqlglotError, RecursionError):
        raise SqlProblemError("it can't be read as Spark SQL") from None
    if len(found) != 1 or found[0] is None:
        raise SqlProblemError("it isn't one query")
    return found[0]


def parsed_expression(text: str) -> exp.Expr:
    """An expression.

    Raises:
        SqlProblemError: it can't be read.
    """
    found = parsed_query(f"select {text} as value_")
    items = found.expressions
    if len(items) != 1 or {key for key, value in found.args.items() if value} - {"expressions"}:
        raise SqlProblemError("it isn't one expression")
    inner: exp.Expr = items[0].this if items[0].alias == "value_" else items[0]
    return inner


def table_names(query: str) -> list[tuple[str, str]] | None:
    """(database, table) of the tables that a query reads; None if it can't be read."""
    from sqlglot import exp

    try:
        found = parsed_query(query)
    except SqlProblemError:
        return None
    if not isinstance(found, exp.Query):
        return None
    own = {one.alias.lower() for one in found.find_all(exp.CTE)}
    tables = [
        (table.db, table.name) for table in found.find_all(exp.Table) if table.db or table.name.lower() not in own
    ]
    lower: dict[tuple[str, str], tuple[str, str]] = {}
    for one in tables:
        lower.setdefault((one[0].lower(), one[1].lower()), one)
    return list(lower.values())


def columns_of(expression: str) -> list[tuple[tuple[str, ...], str]]:
    """The columns of an expression, with the types that the constants beside them speak of.

    Raises:
        SqlProblemError: it can't be read.
    """
    from sqlglot import exp

    found = []
    for column in parsed_expression(expression).find_all(exp.Column):
        found.append((column_path(column), hint(column)))
    return found


def hint(column: exp.Expr) -> str:
    """The type that a column is compared with."""
    from sqlglot import exp

    parent = column.parent
    if isinstance(parent, (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)):
        other = parent.right if parent.left is column else parent.left
        other = other.this if isinstance(other, exp.Neg) else other
        if isinstance(other, exp.Literal):
            return "string" if other.is_string else "double" if "." in other.name else "bigint"
    if isinstance(parent, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Sum, exp.Avg)):
        return "bigint"
    if isinstance(parent, (exp.RegexpLike, exp.Like)) and parent.this is column:
        return "string"
    return ""


def replaced(expression: str, text: Callable[[tuple[str, ...]], str]) -> str:
    """An expression with other columns.

    Raises:
        SqlProblemError: it can't be read.
    """
    return sql_text(with_columns(parsed_expression(expression), text))


def with_columns(tree: exp.Expr, text: Callable[[tuple[str, ...]], str]) -> exp.Expr:
    """A tree with other columns; text gives for the path of a column what stands in its place."""
    from sqlglot import exp

    def change(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) or node.is_star:
            return node
        new = text(column_path(node))
        made = parsed_expression(new)
        return made if isinstance(made, (exp.Column, exp.Dot, exp.Paren, exp.Func)) else exp.Paren(this=made)

    return tree.copy().transform(change)


def column_path(column: exp.Expr) -> tuple[str, ...]:
    """`a.b.c` as its names."""
    return tuple(part.name for part in column.parts)  # type: ignore[attr-defined]


def sql_text(expression: exp.Expr) -> str:
    """Spark SQL in the spelling of a spec: words in lower case, and `x is not null`."""
    text = expression.sql(dialect="spark", normalize_functions="lower")
    text = re.sub(r"\bNOT ((?:\w+\.)*\w+) IS NULL", r"\1 IS NOT NULL", text)
    text = re.sub(r"\bNOT ((?:\w+\.)*\w+) (IN|LIKE|RLIKE|BETWEEN) ", r"\1 NOT \2 ", text)
    pattern = r"'(?:[^'\\]|\\.)*'|`[^`]*`|\b[A-Z]+\b"
    return _without_backticks(
        re.sub(pattern, lambda found: found[0] if found[0][0] in "'`" else found[0].lower(), text)
    )


def _without_backticks(text: str) -> str:
    return re.sub(r"'(?:[^'\\]|\\.)*'|`([a-z_]\w*)`", lambda found: found[1] or found[0], text)


def is_simple(query: exp.Expr) -> bool:
    """Whether it is `select … from … [join …] [where …]` of tables, which clauses can say."""
    from sqlglot import exp

    if not isinstance(query, exp.Select) or {key for key, value in query.args.items() if value} - _SIMPLE:
        return False
    distinct = query.args.get("distinct")
    if distinct is not None and distinct.args.get("on"):
        return False
    joins = query.args.get("joins") or []
    if any(join.side == "FULL" and join.args.get("using") for join in joins):
        return False
    nodes = [source_of(query), *(join.this for join in joins)]
    plain = all(isinstance(node, exp.Table) and not node.args.get("sample") for node in nodes)
    return plain and not query.find(exp.AggFunc, exp.Subquery, exp.Window, exp.Exists, exp.Lateral, exp.Explode)


def source_of(query: exp.Expr) -> exp.Expr | None:
    """What stands after `from`."""
    found = query.args.get("from_") or query.args.get("from")
    return found.this if found is not None else None


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The parts of a condition that must all be true."""
    from sqlglot import exp

    if condition is None:
        return []
    if isinstance(condition, exp.And):
        return [*conjuncts(condition.left), *conjuncts(condition.right)]
    return [condition] if not isinstance(condition, exp.Paren) else conjuncts(condition.this)


def all_of(parts: Sequence[exp.Expr]) -> exp.Expr | None:
    """The parts as one condition."""
    from sqlglot import exp

    return exp.and_(*[part.copy() for part in parts], copy=False) if parts else None


def table_key(table: exp.Table) -> str:
    """What a table is called in the query, with its database if it is said."""
    return f"{table.db}.{table.name}".lower() if table.db else table.name.lower()
