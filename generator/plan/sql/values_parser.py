"""Parses rows that stand in a query: `values (1, 'a'), (2, 'b') as t (code, name)`."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from generator.plan.expressions.nodes import span_of
from generator.plan.expressions.problem import syntax_error
from generator.plan.sql.elements_parser import ElementsParser
from generator.plan.sql.syntax import Listed, ListedRow, Statement

NO_NAMES = "the columns of these rows have no names"


class ValuesParser(ElementsParser):
    """Adds rows of constants to the expressions that `Parser` knows."""

    def alias(self) -> str | None:
        """The name after a table, a query or rows, if there is one."""
        raise NotImplementedError

    def begins_values(self) -> bool:
        """Whether rows come here, and no table of this name."""
        begins = self.following.text == "(" or self.following.kind in ("number", "string")
        return self.matches("values") and begins

    def values(self) -> Listed:
        start = self.advance().start
        rows = [self.listed_row()]
        while self.accept(","):
            rows.append(self.listed_row())
        alias = self.alias()
        return Listed(tuple(rows), alias, self.column_names() if alias else (), start, self.last_end)

    def listed_row(self) -> ListedRow:
        """Expressions in parentheses, or one without."""
        start = self.current.start
        if not self.accept("("):
            one = self.expression()
            return ListedRow((one,), *span_of(one))
        cells: list[exp.Expression] = [self.expression()]
        while self.accept(","):
            cells.append(self.expression())
        self.expect(")")
        return ListedRow(tuple(cells), start, self.last_end)

    def column_names(self) -> tuple[str, ...]:
        """`(a, b)` after a name, if it is there."""
        if not self.accept("("):
            return ()
        found = [self.identifier("a name for the column")]
        while self.accept(","):
            found.append(self.identifier("a name for the column"))
        self.expect(")")
        return tuple(found)

    def with_names(self, query: Statement, names: tuple[str, ...]) -> Statement:
        """The query with the names for its columns that stood beside its own name."""
        if not query.named and isinstance(query.body, Listed):
            return replace(query, body=replace(query.body, names=names))
        token = self.tokens[self.at - 1]
        help = "name them in its `select`: `a as b`"
        message = "`sql:` can't name the columns of a query from outside, but those of `values`"
        raise syntax_error(message, token.start, token.end, code="Q001", help=(help,))
