"""Checks conditions: AND, OR, NOT, comparisons, IN, BETWEEN, LIKE."""

from __future__ import annotations

from sqlglot import exp

from generator.plan.expressions import operators
from generator.plan.expressions.checker import Checker, is_plain_value, told_by_null, without_personal
from generator.plan.expressions.literals import constant
from generator.plan.expressions.nodes import place, span_of, typed
from generator.plan.expressions.operators import SYMBOLS
from generator.plan.expressions.problem import NotPortable
from generator.plan.expressions.regex import check_like, to_re2
from generator.plan.expressions.typed import Typed, combine
from generator.plan.types import BOOLEAN, NULL, STRING, UNKNOWN


class ConditionChecks(Checker):
    def connector(self, node: exp.Expression) -> Typed:
        parts = self.flattened(node)
        values = [self.condition(part) for part in parts]
        joined = values[0].ast
        for value, part in zip(values[1:], parts[1:], strict=True):
            whole = (span_of(node)[0], span_of(part)[1])
            joined = place(typed(type(node)(this=joined, expression=value.ast), BOOLEAN), *whole)
        return combine(joined, BOOLEAN, values, like=node)

    def flattened(self, node: exp.Expression) -> list[exp.Expression]:
        """The operands of a chain of the same connector, however long, without recursion."""
        parts: list[exp.Expression] = []
        left: exp.Expression = node
        while type(left) is type(node):
            parts.append(left.expression)
            left = left.this
        return [left, *reversed(parts)]

    def condition(self, node: exp.Expression) -> Typed:
        """A part that must be true or false."""
        value = self.visit(node)
        if not operators.is_condition(value.type):
            self.wrong("T002", f"expected a condition, found {value.type}", node, f"this is {value.type}")
        return value

    def test(self, node: exp.Expression) -> Typed:
        """The condition of a CASE, an IF or a FILTER; Spark takes no bare NULL there."""
        value = self.condition(node)
        if value.type == NULL:
            self.wrong("T002", "a condition that is always null is never true", node, "never true")
        return value

    def not_(self, node: exp.Not) -> Typed:
        value = self.condition(node.this)
        return combine(exp.Not(this=value.ast), BOOLEAN, (value,), like=node)

    def is_(self, node: exp.Is) -> Typed:
        is_null = isinstance(node.expression, exp.Null)
        value = self.visit(node.this) if is_null else self.condition(node.this)
        other = self.visit(node.expression)
        found = combine(exp.Is(this=value.ast, expression=other.ast), BOOLEAN, (value,), like=node)
        if is_null and is_plain_value(value.ast, self.scope):
            return without_personal(found, told_by_null(value.ast, self.scope))
        return found

    def comparison(self, node: exp.Expression) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        found = combine(type(node)(this=left.ast, expression=right.ast), BOOLEAN, (left, right), like=node)
        if not isinstance(node, exp.NullSafeEQ) and self.null_compared(node, left, right):
            return found
        self.comparable(left, right, node)
        if isinstance(node, exp.NullSafeEQ) and NULL in (left.type, right.type):
            tested = (right if left.type == NULL else left).ast
            plain = is_plain_value(tested, self.scope)
            return without_personal(found, told_by_null(tested, self.scope)) if plain else found
        return found

    def null_compared(self, node: exp.Expression, *sides: Typed) -> bool:
        for side, other in zip(sides, sides[::-1], strict=True):
            if isinstance(side.ast, exp.Null):
                symbol = SYMBOLS[type(node)]
                test = "is not null" if symbol == "<>" else "is null"
                self.wrong(
                    "T008", f"`{symbol} null` is never true", node, "always null",
                    help=(f"write `{self.spelled(other.ast)} {test}`",),
                )  # fmt: skip
                return True
        return False

    def comparable(self, left: Typed, right: Typed, at: exp.Expression) -> None:
        """Notes a comparison of types that need a cast."""
        if operators.comparable(left.type, right.type) is not None:
            return
        if left.type.is_nested and right.type.kind == left.type.kind:
            self.wrong(
                "T001", f"{left.type} cannot be compared", at, f"{left.type} and {right.type}",
                notes=("engines differ on nulls inside",), help=("compare fields or elements",),
            )  # fmt: skip
            return
        self.wrong(
            "T001", f"cannot compare {left.type} with {right.type}", at, f"{left.type} and {right.type}",
            notes=("Spark would convert silently, and lose the rows that don't convert",),
            help=self.cast_help(left, right),
        )  # fmt: skip

    def cast_help(self, left: Typed, right: Typed) -> tuple[str, ...]:
        for side, other in ((left, right), (right, left)):
            value = constant(side.ast)
            if isinstance(value, str):
                wanted = operators.literal_for(other.type, value)
                return (f"write `{wanted}`",) if wanted else (f"write a constant of type {other.type}",)
            if isinstance(value, int | float) and other.type == STRING:
                return (f"write `'{side.ast.this}'`",)
        wide, narrow = (left, right) if left.type == STRING else (right, left)
        return (f"cast one side: `cast({self.spelled(narrow.ast)} as {wide.type})`",)

    def in_(self, node: exp.In) -> Typed:
        value = self.visit(node.this)
        items = [self.visit(item) for item in node.expressions]
        for item in items:
            if isinstance(item.ast, exp.Null):
                self.wrong(
                    "T008", "`null` in a list never matches", item.ast, "never equal to anything",
                    notes=("`not in` a list with null is never true",),
                    help=("remove it, or add `or … is null`",),
                )  # fmt: skip
            else:
                self.comparable(value, item, item.ast)
        made = exp.In(this=value.ast, expressions=[item.ast for item in items])
        return combine(made, BOOLEAN, (value, *items), like=node)

    def between(self, node: exp.Between) -> Typed:
        value, low, high = (self.visit(node.args[key]) for key in ("this", "low", "high"))
        self.comparable(value, low, low.ast)
        self.comparable(value, high, high.ast)
        made = exp.Between(this=value.ast, low=low.ast, high=high.ast)
        return combine(made, BOOLEAN, (value, low, high), like=node)

    def pattern(self, node: exp.Expression) -> Typed:
        value, pattern = self.visit(node.this), self.visit(node.expression)
        found = combine(type(node)(this=value.ast, expression=pattern.ast), BOOLEAN, (value, pattern), like=node)
        if not operators.is_text(value.type):
            self.wrong("T006", f"`{SYMBOLS[type(node)]}` needs a string, found {value.type}", value.ast)
        text = constant(pattern.ast)
        if not isinstance(text, str):
            if pattern.type != UNKNOWN:
                self.wrong("T006", f"the pattern of `{SYMBOLS[type(node)]}` must be a constant string", pattern.ast)
            return found
        try:
            to_re2(text) if isinstance(node, exp.RegexpLike) else check_like(text)
        except NotPortable as error:
            self.wrong("F003", f"{error}", pattern.ast, "not portable", help=error.help)
        return found
