"""SQL nodes: simple queries become clauses; in the others the aliases get the names of tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

_SIMPLE = {"expressions", "from", "from_", "where", "joins", "distinct", "kind"}


_JOINS = {
    ("", ""): "inner", ("", "INNER"): "inner", ("LEFT", ""): "left", ("LEFT", "OUTER"): "left",
    ("LEFT", "SEMI"): "semi", ("LEFT", "ANTI"): "anti", ("", "SEMI"): "semi", ("", "ANTI"): "anti",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueryJoin:
    """A join of a query; `kind` is inner, left, semi or anti."""

    kind: str
    table: str
    on: str


@dataclass(frozen=True, slots=True)
class SimpleQuery:
    """A query that clauses can say. Expressions name columns in lower case, after their table where the query does.

    Attributes:
        select: pairs of name and expression; None for all columns, or all those of `kept`.
        kept: the only table whose columns come out, where that is sure.
        columns: (table, column) that it mentions with their table; all of them in a query of one table.
    """

    source: str
    joins: tuple[QueryJoin, ...] = ()
    filter: str = ""
    distinct: bool = False
    select: tuple[tuple[str, str], ...] | None = None
    kept: str = ""
    columns: tuple[tuple[str, str], ...] = ()


def _parsed(query: str) -> exp.Expr | None:
    import sqlglot

    try:
        return sqlglot.parse_one(query, dialect="spark")
    except sqlglot.errors.SqlglotError:
        return None


def with_table_names(query: str, tables: Mapping[str, str]) -> str | None:
    """The query over the lake's tables, which keep the aliases that it uses; None if it can't be read."""
    from sqlglot import exp

    parsed = _parsed(query)
    if parsed is None:
        return None
    by_lower = {alias.lower(): name for alias, name in tables.items()}
    for table in parsed.find_all(exp.Table):
        name = by_lower.get(table.name.lower())
        if name is not None:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(name))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)) if alias != name else None)
    for number, nested in enumerate(parsed.find_all(exp.Subquery), 1):
        if not nested.alias and isinstance(nested.parent, (exp.From, exp.Join)):
            nested.set("alias", exp.TableAlias(this=exp.to_identifier(f"part_{number}")))
    return parsed.sql(dialect="spark", pretty=True)


def simple_query(query: str, tables: Mapping[str, str]) -> SimpleQuery | None:
    """A query of `select … from … [join … on …] [where …]` with different tables; None for anything else."""
    from sqlglot import exp

    parsed = _parsed(query)
    if not isinstance(parsed, exp.Select) or {key for key, value in parsed.args.items() if value} - _SIMPLE:
        return None
    sides = _sides(parsed, {alias.lower(): name for alias, name in tables.items()})
    if not sides or parsed.find(exp.AggFunc, exp.Subquery, exp.Window, exp.Exists):
        return None
    where, distinct = parsed.args.get("where"), parsed.args.get("distinct")
    if distinct is not None and distinct.args.get("on"):
        return None
    columns = _with_tables(parsed, sides)
    joins = [_join(join, sides) for join in parsed.args.get("joins") or []]
    select = _select(parsed.expressions)
    kept = {column.table for item in parsed.expressions for column in item.find_all(exp.Column)}
    whole = [item for item in parsed.expressions if item.is_star]
    if columns is None or None in joins or (whole and len(parsed.expressions) > 1):
        return None
    if whole and joins and not isinstance(whole[0], exp.Column) and len(sides) > 1:
        return None
    first, *_ = sides.values()
    return SimpleQuery(
        first,
        tuple(join for join in joins if join is not None),
        _text(where.this) if where is not None else "",
        distinct is not None,
        None if whole else select,
        next(iter(kept)) if len(kept) == 1 and "" not in kept else "",
        tuple(columns),
    )


def _sides(parsed: exp.Select, tables: Mapping[str, str]) -> dict[str, str]:
    """The lake's table by alias; nothing where a side isn't a table, or the same table comes twice."""
    from sqlglot import exp

    from_ = parsed.args.get("from_") or parsed.args.get("from")
    nodes = [from_.this if from_ is not None else None, *(join.this for join in parsed.args.get("joins") or [])]
    found: dict[str, str] = {}
    for node in nodes:
        name = tables.get(node.name.lower()) if isinstance(node, exp.Table) else None
        if name is None or name in found.values():
            return {}
        found[node.alias_or_name.lower()] = name
    return found


def _with_tables(parsed: exp.Select, sides: Mapping[str, str]) -> list[tuple[str, str]] | None:
    """Puts tables for aliases, and lower case; returns the columns, or None if an alias isn't known."""
    from sqlglot import exp

    found = []
    for column in list(parsed.find_all(exp.Column)):
        alias = column.table.lower()
        if alias and alias not in sides:
            return None
        table = sides.get(alias) or (next(iter(sides.values())) if len(sides) == 1 else "")
        if not column.is_star:
            if table:
                found.append((table, column.name))
            column.set("this", exp.to_identifier(column.name.lower()))
        column.set("table", exp.to_identifier(table) if table and (len(sides) > 1 or column.is_star) else None)
    return found


def _join(join: exp.Join, sides: Mapping[str, str]) -> QueryJoin | None:
    kind = _JOINS.get((join.side or "", join.kind or ""))
    on = join.args.get("on")
    if kind is None or on is None or join.args.get("using"):
        return None
    return QueryJoin(kind, sides[join.this.alias_or_name.lower()], _text(on))


def _select(items: list[exp.Expr]) -> tuple[tuple[str, str], ...]:
    return tuple((item.alias_or_name.lower(), _text(item.unalias())) for item in items)


def _text(expression: exp.Expr) -> str:
    """Spark SQL in the spelling of a spec: words in lower case, and `x is not null`."""
    text = expression.sql(dialect="spark", normalize_functions="lower")
    text = re.sub(r"\bNOT ((?:\w+\.)?\w+) IS NULL", r"\1 IS NOT NULL", text)
    return re.sub(r"'(?:[^'\\]|\\.)*'|\b[A-Z]+\b", lambda found: _spelled(found[0]), text)


def _spelled(word: str) -> str:
    return word if word.startswith("'") else word.lower()
