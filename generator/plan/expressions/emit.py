"""Writes a checked expression as SQL: what the engines have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

from sqlglot import exp

from generator.plan.expressions.functions import find
from generator.plan.expressions.functions.model import Call, Function, Template
from generator.plan.expressions.literals import number_text
from generator.plan.expressions.nodes import type_of
from generator.plan.expressions.operators import SYMBOLS

_ATOMS = (exp.Column, exp.Paren, exp.Anonymous, exp.AnonymousAggFunc, exp.Literal, exp.Null, exp.Boolean,
          exp.Cast, exp.TryCast, exp.Bracket, exp.Identifier, exp.Parameter, exp.Lambda, exp.Case, exp.Window, exp.Dot,
          exp.Star)  # fmt: skip


class Emitter(ABC):
    """One method a kind of node; an engine overrides what it says differently."""

    methods: ClassVar[dict[type[exp.Expr], Callable[..., str]]]

    def sql(self, node: exp.Expr) -> str:
        method = self.methods.get(type(node))
        if method is None:
            raise AssertionError(f"check() lets no {type(node).__name__} through")
        return method(self, node)

    def whole(self, node: exp.Expr) -> str:
        """A whole expression, which may stand beside AND."""
        return f"({self.sql(node)})" if isinstance(node, exp.Or) else self.sql(node)

    def bare(self, node: exp.Expr) -> str:
        """A part that stands alone, between parentheses or commas."""
        return self.bare(node.this) if isinstance(node, exp.Paren) else self.sql(node)

    def operand(self, node: exp.Expr) -> str:
        """A part that may stand beside any operator."""
        text = self.sql(node)
        return text if isinstance(node, _ATOMS) else f"({text})"

    @abstractmethod
    def quoted(self, name: str) -> str: ...

    @abstractmethod
    def string(self, value: str) -> str: ...

    @abstractmethod
    def template(self, call: Call, function: Function) -> Template | None: ...

    def argument(self, call: Call, function: Function, index: int) -> str:
        return self.bare(call.arguments[index])

    def column(self, node: exp.Column) -> str:
        table = node.args.get("table")
        name = self.quoted(node.this.this)
        return f"{self.quoted(table.this)}.{name}" if table is not None else name

    def identifier(self, node: exp.Identifier) -> str:
        return self.quoted(node.this)

    def literal(self, node: exp.Literal) -> str:
        return self.string(node.this) if node.is_string else number_text(node.this)

    def star(self, node: exp.Star) -> str:
        return "*"

    def row_number(self, node: exp.Uuid) -> str:
        """Another value for each row; no expression of a spec has it, only checks that count matches."""
        return "uuid()"

    def null(self, node: exp.Null) -> str:
        return "NULL"

    def boolean(self, node: exp.Boolean) -> str:
        return "true" if node.this else "false"

    def paren(self, node: exp.Paren) -> str:
        return f"({self.sql(node.this)})"

    def connector(self, node: exp.Expression) -> str:
        word = SYMBOLS[type(node)].upper()
        parts: list[exp.Expr] = []
        left: exp.Expr = node
        while type(left) is type(node):
            parts.append(left.expression)
            left = left.this
        return f" {word} ".join(self.connected(node, part) for part in (left, *reversed(parts)))

    def connected(self, node: exp.Expression, part: exp.Expr) -> str:
        weaker = isinstance(part, exp.Or) and isinstance(node, exp.And)
        return f"({self.sql(part)})" if weaker else self.sql(part)

    def not_(self, node: exp.Not) -> str:
        inner = node.this
        if isinstance(inner, exp.Is):
            return f"{self.operand(inner.this)} IS NOT {self.sql(inner.expression)}"
        if isinstance(inner, exp.In):
            return self.in_(inner, "NOT IN")
        if isinstance(inner, exp.Between):
            return self.between(inner, "NOT BETWEEN")
        return f"NOT {self.operand(inner)}"

    def is_(self, node: exp.Is) -> str:
        return f"{self.operand(node.this)} IS {self.sql(node.expression)}"

    def pair(self, left: exp.Expr, right: exp.Expr) -> tuple[str, str]:
        """The two sides of a comparison."""
        return self.operand(left), self.operand(right)

    def comparison(self, node: exp.Expression) -> str:
        left, right = self.pair(node.this, node.expression)
        return f"{left} {self.symbol(node)} {right}"

    def symbol(self, node: exp.Expression) -> str:
        return SYMBOLS[type(node)]

    def infix(self, node: exp.Expression) -> str:
        return f"{self.operand(node.this)} {self.symbol(node)} {self.operand(node.expression)}"

    def in_(self, node: exp.In, word: str = "IN") -> str:
        value, *items = self.alike([node.this, *node.expressions])
        return f"{value} {word} ({', '.join(items)})"

    def between(self, node: exp.Between, word: str = "BETWEEN") -> str:
        value, low, high = self.alike([node.this, node.args["low"], node.args["high"]])
        return f"{value} {word} {low} AND {high}"

    def alike(self, nodes: Sequence[exp.Expr]) -> list[str]:
        """Operands that are compared with the first of them."""
        return [self.operand(node) for node in nodes]

    def negation(self, node: exp.Neg) -> str:
        return f"-{self.operand(node.this)}"

    def bitwise_not(self, node: exp.BitwiseNot) -> str:
        return f"~{self.operand(node.this)}"

    def case(self, node: exp.Case) -> str:
        subject = node.this
        whens = [branch.this for branch in node.args["ifs"]]
        compared = self.alike([subject, *whens]) if subject is not None else ["", *map(self.sql, whens)]
        thens = [branch.args["true"] for branch in node.args["ifs"]]
        default = node.args.get("default")
        results = self.results(node, [*thens, default] if default is not None else thens)
        head = f"CASE {compared[0]}" if subject is not None else "CASE"
        body = "".join(
            f" WHEN {when} THEN {then}" for when, then in zip(compared[1:], results[: len(thens)], strict=True)
        )
        tail = f" ELSE {results[-1]}" if default is not None else ""
        return f"{head}{body}{tail} END"

    def results(self, node: exp.Expr, nodes: Sequence[exp.Expr]) -> list[str]:
        """Values of which one becomes the value of `node`."""
        return [self.sql(one) for one in nodes]

    @abstractmethod
    def variable(self, node: exp.Parameter) -> str:
        """A variable of a lambda, which no column of the same name may be taken for."""

    @abstractmethod
    def lambda_(self, node: exp.Lambda) -> str: ...

    def call(self, node: exp.Expression, over: str = "") -> str:
        function = find(str(node.this))
        if function is None:
            raise AssertionError(f"check() lets no {node.this} through")
        arguments, distinct, where = split_arguments(node)
        call = Call(str(node.this), arguments, type_of(node))
        values = [self.argument(call, function, index) for index in range(len(arguments))]
        if distinct:
            values[0] = f"DISTINCT {values[0]}"
        tail = (f" FILTER (WHERE {self.sql(where)})" if where is not None else "") + over
        return self.finished(call, fill(self.template(call, function), call, values, tail))

    def finished(self, call: Call, text: str) -> str:
        return text

    def window(self, node: exp.Window) -> str:
        parts = []
        if node.args["partition_by"]:
            parts.append("PARTITION BY " + ", ".join(self.sql(key) for key in node.args["partition_by"]))
        if node.args["order"]:
            parts.append("ORDER BY " + ", ".join(self.sql(key) for key in node.args["order"].expressions))
        if node.args["spec"]:
            parts.append(self.sql(node.args["spec"]))
        return self.call(node.this, f" OVER ({' '.join(parts)})")

    def ordered(self, node: exp.Ordered) -> str:
        direction = "DESC" if node.args["desc"] else "ASC"
        return f"{self.sql(node.this)} {direction} NULLS {'FIRST' if node.args['nulls_first'] else 'LAST'}"

    def frame(self, node: exp.WindowSpec) -> str:
        low = f"{node.args['start']} {node.args['start_side']}".strip()
        high = f"{node.args['end']} {node.args['end_side']}".strip()
        return f"{node.args['kind']} BETWEEN {low} AND {high}"


def split_arguments(node: exp.Expression) -> tuple[list[exp.Expression], bool, exp.Expression | None]:
    """The arguments of a resolved call, whether they are DISTINCT, and the condition of its FILTER."""
    arguments: list[exp.Expression] = list(node.expressions)
    where = arguments.pop().this if arguments and isinstance(arguments[-1], exp.Where) else None
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        return list(arguments[0].expressions), True, where
    return arguments, False, where


def fill(template: Template | None, call: Call, values: Sequence[str], tail: str) -> str:
    """A template with its arguments; a plain call where there is none."""
    if template is None:
        return f"{call.name}({', '.join(values)}){tail}"
    if isinstance(template, str):
        text = template.format(*values, all=", ".join(values), tail=tail)
        return text if "{tail}" in template else text + tail
    text = template(call, values)
    return text.replace("{tail}", tail) if "{tail}" in text else text + tail


COMMON_METHODS: dict[type[exp.Expr], str] = {
    exp.Column: "column", exp.Identifier: "identifier", exp.Literal: "literal", exp.Star: "star",
    exp.Null: "null", exp.Boolean: "boolean", exp.Paren: "paren", exp.And: "connector", exp.Or: "connector",
    exp.Not: "not_", exp.Is: "is_", exp.In: "in_", exp.Between: "between", exp.Neg: "negation",
    exp.BitwiseNot: "bitwise_not", exp.Case: "case", exp.Anonymous: "call", exp.AnonymousAggFunc: "call",
    exp.Window: "window", exp.Ordered: "ordered", exp.WindowSpec: "frame",
    exp.Cast: "cast", exp.TryCast: "cast",
    exp.Dot: "dot", exp.Bracket: "bracket", exp.Interval: "interval", exp.Like: "like", exp.ILike: "like",
    exp.RegexpLike: "regexp", exp.DPipe: "infix", exp.EQ: "comparison", exp.NEQ: "comparison",
    exp.LT: "comparison", exp.LTE: "comparison", exp.GT: "comparison", exp.GTE: "comparison",
    exp.NullSafeEQ: "comparison", exp.BitwiseAnd: "infix", exp.BitwiseOr: "infix", exp.BitwiseXor: "infix",
    exp.Add: "arithmetic", exp.Sub: "arithmetic", exp.Mul: "arithmetic", exp.Div: "arithmetic",
    exp.Mod: "arithmetic", exp.IntDiv: "arithmetic", exp.Uuid: "row_number",
    exp.Parameter: "variable", exp.Lambda: "lambda_",
}  # fmt: skip


def methods_of(engine: type[Emitter]) -> dict[type[exp.Expr], Callable[..., str]]:
    return {node: getattr(engine, name) for node, name in COMMON_METHODS.items()}
