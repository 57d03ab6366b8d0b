"""Checks arithmetic, on numbers and on times."""

from __future__ import annotations

import re

from sqlglot import exp

from generator.plan.expressions import operators
from generator.plan.expressions.checker import UNKNOWN_VALUE, Checker, value_of
from generator.plan.expressions.literals import number_type
from generator.plan.expressions.nodes import typed
from generator.plan.expressions.operators import SYMBOLS
from generator.plan.expressions.typed import Typed, combine
from generator.plan.types import DATE, NULL, STRING, TIMESTAMP, UNKNOWN, Type

INTERVAL = Type("interval")
MOST_YEARS = 10_000
A_YEAR = {"year": 1, "month": 12, "week": 52, "day": 365, "hour": 8_760, "minute": 525_600, "second": 31_536_000}
"""An interval of more could lead beyond the times that engines know, and one row would fail the table."""
INTERVAL_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
_AMOUNT = re.compile(r"-?[0-9]{1,9}")


class ArithmeticChecks(Checker):
    def arithmetic(self, node: exp.Expression) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        if isinstance(left.ast, exp.Interval) or isinstance(right.ast, exp.Interval):
            return self.shifted(node, left, right)
        symbol = SYMBOLS[type(node)]
        a, b = operators.operand_types(left.ast, right.ast)
        kind = operators.arithmetic_type(symbol, a, b)
        if kind is None:
            return self.no_number(node, symbol, left, right)
        if kind.kind == "decimal" and operators.exact_digits(symbol, a, b) > operators.MAX_DIGITS:
            return self.wrong(
                "T009", f"`{symbol}` on {left.type} and {right.type} needs more than 38 digits", node,
                notes=("the digits beyond would be cut off without a word",),
                help=("cast one side to a smaller decimal, or to double",),
            )  # fmt: skip
        made = type(node)(this=left.ast, expression=right.ast)
        return combine(made, kind, (left, right), like=node)

    def no_number(self, node: exp.Expression, symbol: str, left: Typed, right: Typed) -> Typed:
        both = f"{left.type} and {right.type}"
        help: tuple[str, ...] = ()
        if NULL in (left.type, right.type):
            help = ("the result is always null: cast the null if that is meant",)
        elif STRING in (left.type, right.type) and symbol == "+":
            help = ("join strings with `||`, or cast them to a number",)
        elif {left.type, right.type} <= {DATE, TIMESTAMP} and symbol == "-":
            help = ("write `datediff(end, start)`, or subtract `unix_seconds(…)`",)
        elif left.type in operators.DATES and right.type.is_integer:
            help = (f"write `date_{'add' if symbol == '+' else 'sub'}(…, n)`, or `{symbol} interval n days`",)
        elif symbol == "div" and left.type.is_numeric and right.type.is_numeric:
            help = ("`div` is for integers; write `floor(a / b)`",)
        return self.wrong("T003", f"`{symbol}` is not defined on {both}", node, both, help=help)

    def shifted(self, node: exp.Expression, left: Typed, right: Typed) -> Typed:
        """A date or a timestamp, plus or minus an interval."""
        swapped = isinstance(left.ast, exp.Interval)
        value, interval = (right, left) if swapped else (left, right)
        symbol = SYMBOLS[type(node)]
        if value.type == UNKNOWN:
            return UNKNOWN_VALUE
        if value.type not in operators.DATES or symbol not in "+-" or (swapped and symbol == "-"):
            return self.wrong("T003", f"`{symbol}` is not defined on {left.type} and {right.type}", node)
        if value.type == DATE and interval.ast.args["unit"].name.lower() in ("hour", "minute", "second"):
            return self.wrong(
                "T003", "a date has no time to shift", node, help=("cast it to a timestamp first",)
            )  # fmt: skip
        made = type(node)(this=value.ast, expression=interval.ast)
        return combine(made, value.type, (value,), like=node)

    def interval(self, node: exp.Interval) -> Typed:
        word, amount = node.args["unit"].name.lower(), node.this.this
        unit = word.removesuffix("s")
        if unit not in INTERVAL_UNITS or not _AMOUNT.fullmatch(amount):
            return self.wrong(
                "E001", f"`interval {amount} {word}` is not supported", node,
                help=(f"write a whole number and one of {', '.join(INTERVAL_UNITS)}",),
            )  # fmt: skip
        if abs(int(amount)) > MOST_YEARS * A_YEAR[unit]:
            return self.wrong("T007", f"`interval {amount} {word}` is more than {MOST_YEARS:,} years", node)
        made = exp.Interval(this=exp.Literal.string(str(int(amount))), unit=exp.Var(this=unit))
        return Typed(typed(made, INTERVAL, node), INTERVAL)

    def negation(self, node: exp.Neg) -> Typed:
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            value = self.number(node.this, True)
        else:
            value = self.visit(node.this)
        if not (value.type.is_numeric or value.type in (NULL, UNKNOWN)):
            return self.wrong("T003", f"`-` is not defined on {value.type}", node)
        too_long = value.type.kind == "decimal" and value.type.precision > operators.MOST_NEGATED
        if too_long and not isinstance(node.this, exp.Literal):
            return self.wrong(
                "T009", f"`-` on {value.type} may round it", node,
                notes=(f"Spark 4 keeps {operators.MOST_NEGATED} digits of what it negates",),
                help=(f"cast it to a decimal of at most {operators.MOST_NEGATED} digits",),
            )  # fmt: skip
        return combine(exp.Neg(this=value.ast), value.type, (value,), like=node)

    def number(self, node: exp.Literal, negative: bool = False) -> Typed:
        kind = number_type(node.this, negative)
        if kind is None:
            return self.wrong("E001", f"`{node.this}` is not a number that fits its type", node)
        return value_of(exp.Literal.number(node.this), kind, node)

    def bitwise(self, node: exp.Expression) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        for side in (left, right):
            if not (side.type.is_integer or side.type == UNKNOWN):
                return self.wrong("T003", f"`{SYMBOLS[type(node)]}` needs integers, found {side.type}", side.ast)
        kind = operators.unified(left.type, right.type) or UNKNOWN
        return combine(type(node)(this=left.ast, expression=right.ast), kind, (left, right), like=node)

    def bitwise_not(self, node: exp.BitwiseNot) -> Typed:
        value = self.visit(node.this)
        if not (value.type.is_integer or value.type == UNKNOWN):
            return self.wrong("T003", f"`~` needs an integer, found {value.type}", node)
        return combine(exp.BitwiseNot(this=value.ast), value.type, (value,), like=node)

    def concatenation(self, node: exp.DPipe) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        for side in (left, right):
            if not operators.is_text(side.type):
                self.wrong(
                    "T006", f"`||` joins strings, found {side.type}", side.ast, f"this is {side.type}",
                    help=(f"write `cast({self.spelled(side.ast)} as string)`",),
                )  # fmt: skip
        return combine(exp.DPipe(this=left.ast, expression=right.ast), STRING, (left, right), like=node)
