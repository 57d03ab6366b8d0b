"""Queries that clauses can't say, as `sql:` over the lake's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.author.names import storable
from generator.author.studio import queries
from generator.author.studio.builder import Builder, together
from generator.author.studio.lookup import found_in
from generator.author.studio.model import Node
from generator.author.studio.queries import SqlProblemError, table_key
from generator.author.studio.rows import Cell, Rows
from generator.author.studio.tables import OUTPUT, TableDraft

if TYPE_CHECKING:
    from sqlglot import exp


def sql_rows(builder: Builder, node: Node, query: exp.Expr, tables: Mapping[str, Rows]) -> Rows:
    """Any other query, over the lake's names.

    Raises:
        SqlProblemError: the spec can't say it.
    """
    from sqlglot import exp

    draft = TableDraft(stage=OUTPUT)
    names: dict[str, str] = {}
    columns: dict[str, str] = {}
    for alias, rows in tables.items():
        _mention_all(builder, rows, query, len(tables) == 1)
        table, stored = builder.exactly(rows)
        names[alias] = table
        if rows.table.is_plain and table == rows.table.source:
            together(draft.marks, rows.table.marks)
        columns |= {
            cell.name.lower(): new for cell, new in zip(rows.cells, stored, strict=True) if cell.name.lower() != new
        }
    tree = _with_names(query.copy(), names, columns)
    for select in tree.find_all(exp.Select):
        _without_commas(select)
    named = _with_aliases(tree)
    draft.reads = set(names.values())
    draft.sql = tree.sql(dialect="spark", pretty=True)
    trial = builder.trial(Rows(draft, []))
    if trial.problem:
        raise SqlProblemError(trial.problem)
    names_out = list(trial.types) or named
    draft.columns = tuple(names_out)
    jobs_names = named if len(named) == len(names_out) else names_out
    cells = [
        Cell(name, out, f"{node.id}:{out}", trial.types.get(out, ""))
        for name, out in zip(jobs_names, names_out, strict=True)
    ]
    open_ = tuple(one for rows in tables.values() for one in rows.open) if not names_out else ()
    return Rows(draft, cells, [], open_, True, node.id, node.title)


def _mention_all(builder: Builder, rows: Rows, query: exp.Expr, alone: bool) -> None:
    """The columns that a query names are columns of its only table, if that isn't fully known."""
    from sqlglot import exp

    if not rows.open or not alone:
        return
    aliases = {one.alias_or_name.lower() for one in query.find_all(exp.Alias)}
    for column in query.find_all(exp.Column):
        if not column.is_star and column.name.lower() not in aliases:
            cell, _ = found_in(builder, rows, f"`{column.name}`")
            builder.mention(cell, queries.hint(column))


def _with_names(tree: exp.Expr, tables: Mapping[str, str], columns: Mapping[str, str]) -> exp.Expr:
    from sqlglot import exp

    own = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        key = table_key(table)
        if key in tables and not (key in own and not table.db):
            alias = table.alias or table.name
            table.set("db", None)
            table.set("catalog", None)
            table.set("this", exp.to_identifier(tables[key]))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)) if alias != tables[key] else None)
    for number, nested in enumerate(tree.find_all(exp.Subquery), 1):
        if not nested.alias and isinstance(nested.parent, (exp.From, exp.Join)):
            nested.set("alias", exp.TableAlias(this=exp.to_identifier(f"part_{number}")))
    for column in tree.find_all(exp.Column):
        if not column.is_star and column.name.lower() in columns:
            column.set("this", exp.to_identifier(columns[column.name.lower()]))
    return tree


def _without_commas(select: exp.Select) -> None:
    """`from a, b where a.x = b.y` as a join."""
    where = select.args.get("where")
    for join in select.args.get("joins") or []:
        if (
            join.args.get("on") is None
            and not join.args.get("using")
            and (join.kind or "") in ("", "CROSS")
            and not join.side
        ):
            parts = queries.conjuncts(where.this) if where is not None else []
            name = join.this.alias_or_name.lower()
            equal = [one for one in parts if _equates(one, name)]
            if equal:
                join.set("kind", "INNER")
                join.set("on", queries.all_of(equal))
                rest = queries.all_of([one for one in parts if one not in equal])
                if where is not None and rest is not None:
                    where.set("this", rest)
                elif where is not None:
                    select.set("where", None)
                    where = None


def _equates(condition: exp.Expr, table: str) -> bool:
    from sqlglot import exp

    if not isinstance(condition, exp.EQ):
        return False
    sides = [one.table.lower() for one in (condition.left, condition.right) if isinstance(one, exp.Column)]
    return len(sides) == 2 and table in sides and sides[0] != sides[1]


def _with_aliases(tree: exp.Expr) -> list[str]:
    """Gives names to what has none; returns the names by which Spark would call the columns, nothing with a `*`."""
    from sqlglot import exp

    select = tree if isinstance(tree, exp.Select) else tree.find(exp.Select)
    found: list[str] = []
    for at, item in enumerate(list(select.expressions) if select is not None else []):
        if item.is_star:
            return []
        if isinstance(item, (exp.Alias, exp.Column)):
            found.append(item.alias_or_name)
            continue
        name = item.sql(dialect="spark", normalize_functions="lower")
        item.replace(exp.alias_(item.copy(), storable(name) or f"column_{at + 1}"))
        found.append(name)
    return found
