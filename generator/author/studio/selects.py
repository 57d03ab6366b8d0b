"""SQL nodes: as clauses where clauses can say them, else as `sql:` over the lake's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator.author.studio import queries
from generator.author.studio.builder import Builder, together
from generator.author.studio.duplicates import deduped
from generator.author.studio.joins import attached
from generator.author.studio.lookup import found_in
from generator.author.studio.model import Node, Sql
from generator.author.studio.queries import SqlProblemError
from generator.author.studio.raw_sql import sql_rows
from generator.author.studio.rows import Cell, NameNotFoundError, Nulls, Rows
from generator.author.studio.tables import FILTER, TableDraft

if TYPE_CHECKING:
    from sqlglot import exp

_JOINS = {
    ("", ""): "inner", ("", "INNER"): "inner", ("LEFT", ""): "left", ("LEFT", "OUTER"): "left",
    ("RIGHT", ""): "right", ("RIGHT", "OUTER"): "right", ("FULL", ""): "full", ("FULL", "OUTER"): "full",
    ("LEFT", "SEMI"): "semi", ("LEFT", "ANTI"): "anti", ("", "SEMI"): "semi", ("", "ANTI"): "anti",
    ("", "CROSS"): "inner",
}  # fmt: skip


def query_rows(builder: Builder, node: Node, sql: Sql, inputs: list[Rows]) -> Rows:
    """The rows of a query; of its first input, where it isn't carried over."""
    tables = {alias.lower(): rows for alias, rows in zip(sql.aliases, inputs, strict=True)}
    try:
        query = _prepared(queries.parsed_query(sql.query), builder, node)
        if queries.is_simple(query):
            return _Clauses(builder, node, tables).rows(query)  # type: ignore[arg-type]
        return sql_rows(builder, node, query, tables)
    except (SqlProblemError, NameNotFoundError) as error:
        builder.job.lost("query", node.line, f"the query: {error}", node=node.id)
        rows = inputs[0].copy() if inputs else Rows(TableDraft(node.id, node.id), [])
        for other in inputs[1:]:
            together(rows.table.marks, other.table.marks)
        return rows


def _prepared(query: exp.Expr, builder: Builder, node: Node) -> exp.Expr:
    """Without an order, which a table hasn't got; a limit is told."""
    from sqlglot import exp

    if query.args.get("limit") is not None or query.args.get("offset") is not None:
        builder.job.lost("limit", node.line, "`limit`: all rows are there", node=node.id)
        query.set("limit", None)
        query.set("offset", None)
    for one in list(query.find_all(exp.Select, exp.SetOperation)):
        if one.args.get("limit") is None:
            one.set("order", None)
    return query


@dataclass(slots=True)
class _Clauses:
    """A simple query as clauses.

    Attributes:
        scope: the columns of each table of the query, by the name that the query gives it.
        hidden: tables whose columns conditions can name, and that don't come out.
    """

    builder: Builder
    node: Node
    tables: Mapping[str, Rows]
    scope: dict[str, list[Cell]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def rows(self, query: exp.Select) -> Rows:
        self._learn(query)
        rest = queries.conjuncts(query.args["where"].this) if query.args.get("where") else []
        source = queries.source_of(query)
        joins = list(query.args.get("joins") or [])
        if joins and _kind(joins[0]) == "right":
            source, joins[0] = joins[0].this, _turned(joins[0], source)
        if any(_kind(join) == "right" for join in joins):
            raise SqlProblemError("a right join behind another one")
        alias, first = self._side(source)
        self.scope[alias] = first.cells
        rows = self.builder.at(FILTER, first)
        self.scope[alias] = rows.cells
        for join in joins:
            rows, rest = self._joined(rows, join, rest)
        rows.cells = [replace(cell, nulls=Nulls.NONE) for cell in rows.cells]
        condition = queries.all_of(rest)
        if condition is not None:
            self._mention(condition)
            rows.table.filters.append(self._text(condition))
            rows.table.stage = max(rows.table.stage, FILTER)
        rows.cells, computed = self._selected(query)
        rows.listed = rows.listed or not any(item.is_star for item in query.expressions)
        rows.open = () if not any(item.is_star for item in query.expressions) else rows.open
        if computed:
            rows.table.stage = max(rows.table.stage, FILTER)
        rows.node, rows.title = self.node.id, self.node.title
        rows = self._typed(rows)
        if query.args.get("distinct") is not None:
            return deduped(self.builder, self.node, [], rows)
        return rows

    def _typed(self, rows: Rows) -> Rows:
        """With the types of what is computed.

        Raises:
            SqlProblemError: it doesn't compile.
        """
        trial = self.builder.trial(rows)
        if trial.problem:
            raise SqlProblemError(trial.problem)
        names = self.builder.output_names(rows)
        rows.cells = [
            replace(cell, type=cell.type or trial.types.get(name, ""))
            for cell, name in zip(rows.cells, names, strict=True)
        ]
        return rows

    def _side(self, table: exp.Expr | None) -> tuple[str, Rows]:
        from sqlglot import exp

        key = queries.table_key(table) if isinstance(table, exp.Table) else ""
        if table is None or key not in self.tables:
            raise SqlProblemError(f"`{key}` is no table of it")
        alias = table.alias_or_name.lower()
        if alias in self.scope:
            raise SqlProblemError(f"two tables are called `{alias}`")
        return alias, self.tables[key].copy()

    def _joined(self, rows: Rows, join: exp.Join, rest: list[exp.Expr]) -> tuple[Rows, list[exp.Expr]]:
        kind = _kind(join)
        if kind is None or join.args.get("method"):
            raise SqlProblemError(f"a join of the kind {join.side} {join.kind}".replace("  ", " ").strip())
        alias, right = self._side(join.this)
        before = dict(self.scope)
        self.scope[alias] = right.cells
        conditions = queries.conjuncts(join.args.get("on"))
        pairs = [self._using(before, alias, one.name) for one in join.args.get("using") or []]
        if kind == "inner" and not conditions and not pairs:
            conditions = [one for one in rest if self._pair(one, before, alias)]
            rest = [one for one in rest if one not in conditions]
        for one in conditions:
            self._mention(one)
        found = [self._pair(one, before, alias) for one in conditions]
        if not found and not pairs:
            raise SqlProblemError("a join without a condition")
        pairs += [pair for pair in found if pair is not None]
        if None in found:
            return self._conditioned(rows, right, kind, alias, conditions, pairs), rest
        rows, cells = attached(self.builder, self.node, rows, right, kind, pairs)
        self._settle(alias, cells, kind)
        return rows, rest

    def _conditioned(
        self,
        rows: Rows,
        right: Rows,
        kind: str,
        alias: str,
        conditions: Sequence[exp.Expr],
        pairs: list[tuple[Cell, Cell]],
    ) -> Rows:
        """A join on more than equal columns."""
        rows, cells = attached(self.builder, self.node, rows, right, kind, pairs, condition="true")
        self._settle(alias, cells, kind)
        join = rows.table.joins[-1]
        condition = queries.all_of(conditions)
        text = self._text(condition, join_of=alias) if condition is not None else "true"
        equal = [
            f"{one} = {other}"
            for one, other in join.on
            if f"{one} = {other}" not in text and f"{other} = {one}" not in text
        ]
        rows.table.joins[-1] = replace(
            join, condition=" and ".join([*equal, f"({text})" if " or " in text and equal else text])
        )
        return rows

    def _settle(self, alias: str, cells: list[Cell], kind: str) -> None:
        self.scope[alias] = cells
        if kind in ("semi", "anti"):
            self.hidden.add(alias)

    def _using(self, before: Mapping[str, list[Cell]], alias: str, name: str) -> tuple[Cell, Cell]:
        for known, cells in before.items():
            for cell in cells:
                if cell.name.lower() == name.lower() and known not in self.hidden:
                    return cell, self._cell((alias, name))[0]
        raise NameNotFoundError(f"there is no column `{name}`")

    def _pair(self, condition: exp.Expr, before: Mapping[str, list[Cell]], alias: str) -> tuple[Cell, Cell] | None:
        """The columns of `a.x = b.y`, that of the new table last; None for anything else."""
        from sqlglot import exp

        if not isinstance(condition, exp.EQ) or not all(
            isinstance(one, exp.Column) for one in (condition.left, condition.right)
        ):
            return None
        try:
            sides = [self._cell(queries.column_path(one)) for one in (condition.left, condition.right)]
        except NameNotFoundError:
            return None
        (one, first), (other, second) = sides
        if second == alias and first in before:
            return one, other
        return (other, one) if first == alias and second in before else None

    def _cell(self, path: tuple[str, ...], only_shown: bool = False) -> tuple[Cell, str]:
        """The column of a path, and the table that it is of.

        Raises:
            NameNotFoundError: there is none, or several.
        """
        qualified = len(path) > 1 and path[0].lower() in self.scope
        name = path[1] if qualified else path[0]
        found: list[tuple[Cell, str]] = []
        for alias, cells in self.scope.items():
            if (qualified and alias != path[0].lower()) or (not qualified and alias in self.hidden):
                continue
            rows = Rows(TableDraft(), cells, open=())
            try:
                found.append((rows.find(f"`{name}`", any_case=True)[0], alias))
            except NameNotFoundError as error:
                if "several" in str(error):
                    raise
        if not found:
            raise NameNotFoundError(f"there is no column `{'.'.join(path)}`, or it isn't known of which table it is")
        if len(found) > 1:
            raise NameNotFoundError(f"`{name}` is a column of several tables")
        cell, alias = found[0]
        rest = path[2:] if qualified else path[1:]
        return (replace(cell, text=".".join([cell.text, *(part.lower() for part in rest)])) if rest else cell), alias

    def _learn(self, query: exp.Select) -> None:
        """Columns of tables of which not all are known: a query that names them says that they are there."""
        from sqlglot import exp

        by_alias = {
            one.alias_or_name.lower(): self.tables.get(queries.table_key(one)) for one in query.find_all(exp.Table)
        }
        for column in query.find_all(exp.Column):
            path = queries.column_path(column)
            qualified = len(path) > 1 and path[0].lower() in by_alias
            rows = by_alias[path[0].lower()] if qualified else next(iter(by_alias.values()), None)
            if rows is None or not rows.open or column.is_star or (not qualified and len(by_alias) > 1):
                continue
            found_in(self.builder, rows, f"`{path[1] if qualified else path[0]}`", any_case=True)

    def _mention(self, tree: exp.Expr) -> None:
        from sqlglot import exp

        for column in tree.find_all(exp.Column):
            kind = queries.hint(column)
            if not column.is_star:
                self.builder.mention(self._cell(queries.column_path(column))[0], kind)

    def _text(self, tree: exp.Expr, join_of: str = "") -> str:
        held = set(self.hidden)
        self.hidden.discard(join_of)
        try:
            return queries.sql_text(queries.with_columns(tree, lambda path: self._cell(path)[0].text))
        finally:
            self.hidden = held

    def _selected(self, query: exp.Select) -> tuple[list[Cell], bool]:
        """The columns that come out, and whether some are computed."""
        from sqlglot import exp

        found: list[Cell] = []
        computed = False
        for item in query.expressions:
            inner = item.unalias()
            if item.is_star:
                only = item.table.lower() if isinstance(item, exp.Column) else ""
                if isinstance(item, exp.Star) and (
                    item.args.get("except_") or item.args.get("except") or item.args.get("replace")
                ):
                    raise SqlProblemError("`* except`")
                found += self._star(only)
            elif isinstance(inner, exp.Column):
                cell, _ = self._cell(queries.column_path(inner))
                found.append(replace(cell, name=item.alias_or_name, nulls=Nulls.NONE))
            else:
                self._mention(inner)
                computed = True
                name = item.alias or inner.sql(dialect="spark")
                found.append(Cell(name, f"({self._text(inner)})", f"{self.node.id}:{name}"))
        uids: set[str] = set()
        for at, cell in enumerate(found):
            if cell.uid in uids:
                found[at] = replace(cell, uid=f"{self.node.id}:{at}:{cell.name}")
            uids.add(cell.uid)
        return found, computed

    def _star(self, alias: str) -> list[Cell]:
        if alias and (alias not in self.scope or alias in self.hidden):
            raise NameNotFoundError(f"there is no table `{alias}`")
        shown = [alias] if alias else [one for one in self.scope if one not in self.hidden]
        return [replace(cell, nulls=Nulls.NONE) for one in shown for cell in self.scope[one]]


def _kind(join: exp.Join) -> str | None:
    return _JOINS.get((join.side or "", join.kind or ""))


def _turned(join: exp.Join, source: exp.Expr | None) -> exp.Join:
    """A right join as the left join with its sides swapped."""
    found = join.copy()
    found.set("side", "LEFT")
    found.set("this", source)
    return found
