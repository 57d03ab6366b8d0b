"""Parses what makes rows of elements: `lateral view explode(…)`, `cross join unnest(…)`."""

from __future__ import annotations

from generator.plan.expressions.nodes import span_of
from generator.plan.expressions.parser import Parser
from generator.plan.expressions.problem import syntax_error
from generator.plan.sql.syntax import Unnested

GENERATORS = ("explode", "posexplode", "inline", "explode_outer", "posexplode_outer", "inline_outer")
KINDS = ("cross", "inner", "left")
"""The joins that `unnest(…)` may stand in; those but `cross` with `on true`."""


class ElementsParser(Parser):
    """Adds rows of elements to the expressions that `Parser` knows."""

    def identifier(self, what: str) -> str:
        token = self.current
        if token.kind not in ("word", "quoted"):
            self.fail(f"expected {what} here")
        self.advance()
        return token.text.lower()

    def lateral_view(self) -> Unnested | None:
        """`lateral view [outer] explode(x) [t] [as a, b]`."""
        start = self.current.start
        if not self.accept("lateral", "view"):
            return None
        outer = self.accept("outer")
        if self.current.text not in GENERATORS:
            token = self.current
            help = f"known here: {', '.join(GENERATORS[:3])}"
            raise syntax_error(f"`{token.spelled}` makes no rows", token.start, token.end, code="Q001", help=(help,))
        function = self.advance().text
        self.expect("(")
        value = self.expression()
        self.expect(")")
        alias = None if self.matches("as") else self.view_alias()
        names = self.names() if self.accept("as") or (alias is not None and self.begins_name()) else ()
        kind = function.removesuffix("_outer")
        return Unnested(kind, value, outer or kind != function, False, alias, names, start, self.last_end)

    def view_alias(self) -> str | None:
        return self.identifier("a name") if self.begins_name() else None

    def begins_name(self) -> bool:
        """Whether a name can stand here: no word that goes on with the query."""
        raise NotImplementedError

    def names(self) -> tuple[str, ...]:
        found = [self.identifier("a name for the element")]
        while self.matches(",") and self.following.kind in ("word", "quoted"):
            self.advance()
            found.append(self.identifier("a name for the element"))
        return tuple(found)

    def begins_elements(self) -> bool:
        """Whether `unnest(`, or one of Spark's functions, comes where a table could: perhaps after `lateral`."""
        at = self.at + int(self.matches("lateral"))
        word, mark, *_ = (*self.tokens[at : at + 2], self.tokens[-1], self.tokens[-1])
        return word.kind == "word" and word.text in ("unnest", *GENERATORS) and mark.text == "("

    def elements(self, kind: str) -> Unnested:
        """`unnest(x) [with ordinality] [as] t (a, n)`, after the words of a join."""
        start = self.current.start
        self.accept("lateral")
        function = self.advance().text
        self.expect("(")
        value = self.expression()
        self.expect(")")
        ordinality = function == "unnest" and self.accept("with", "ordinality")
        named = self.accept("as") or self.begins_name()
        alias = self.identifier("a name") if named else None
        names: tuple[str, ...] = ()
        if alias is not None and self.accept("("):
            names = self.names()
            self.expect(")")
        end = self.last_end
        if kind not in KINDS:
            help = "write `cross join`, or `left join … on true` to keep rows without elements"
            raise syntax_error(f"no {kind} join with `{function}`", start, end, code="Q001", help=(help,))
        if kind != "cross":
            self.on_true(function)
        outer = kind == "left" or function.endswith("_outer")
        return Unnested(function.removesuffix("_outer"), value, outer, ordinality, alias, names, start, end)

    def on_true(self, function: str) -> None:
        if not self.accept("on"):
            self.fail("expected `on true` here")
        condition = self.expression()
        if condition.sql().lower() != "true":
            help = f"write `on true`, and conditions on what `{function}` makes in `where`"
            raise syntax_error("only `on true` can stand here", *span_of(condition), code="Q001", help=(help,))
