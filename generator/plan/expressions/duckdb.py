"""Checked expressions as DuckDB SQL that gives what Spark gives."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from generator.plan.expressions.casts import EXACT_DOUBLE_DIGITS, duckdb_cast
from generator.plan.expressions.emit import Emitter, methods_of
from generator.plan.expressions.functions.model import ACCEPTED, Call, Function, Template
from generator.plan.expressions.functions.wide import digits
from generator.plan.expressions.literals import constant, is_date_literal, number_text
from generator.plan.expressions.nodes import counts, of_lambda, type_of
from generator.plan.expressions.operators import ARITHMETIC, MAX_DIGITS, comparable, operand_types, unified
from generator.plan.expressions.regex import to_re2
from generator.plan.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT,
    NULL,
    UNKNOWN,
    Type,
    as_decimal,
    decimal,
    duckdb_type,
)

INT64_DIGITS = 18


class DuckDbEmitter(Emitter):
    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def string(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def template(self, call: Call, function: Function) -> Template | None:
        return function.duckdb

    def literal(self, node: exp.Literal) -> str:
        return super().literal(node) if node.is_string else number(number_text(node.this), type_of(node))

    def symbol(self, node: exp.Expression) -> str:
        return "IS NOT DISTINCT FROM" if isinstance(node, exp.NullSafeEQ) else super().symbol(node)

    def converted(self, node: exp.Expr, wanted: Type) -> str:
        """An operand as a value of another type of the same family."""
        kind = type_of(node)
        if wanted in (UNKNOWN, kind) or kind == UNKNOWN or (kind.is_integer and wanted.is_integer):
            return self.operand(node)
        return self.exactly(node, wanted)

    def exactly(self, node: exp.Expr, wanted: Type) -> str:
        """The same, to the very type."""
        kind = type_of(node)
        if kind == wanted:
            return self.operand(node)
        if isinstance(node, exp.Literal) and not node.is_string:
            return f"({cast_number(number_text(node.this), wanted)})"
        return duckdb_cast(self.operand(node), kind, wanted)

    def pair(self, left: exp.Expr, right: exp.Expr) -> tuple[str, str]:
        shared = comparable(type_of(left), type_of(right)) or UNKNOWN
        if shared == NULL or type_of(left).kind == type_of(right).kind:
            return self.operand(left), self.operand(right)
        return self.converted(left, shared), self.converted(right, shared)

    def alike(self, nodes: Sequence[exp.Expr]) -> list[str]:
        shared = type_of(nodes[0])
        for node in nodes[1:]:
            shared = comparable(shared, type_of(node)) or UNKNOWN
        if shared.kind == "decimal" and all(type_of(node).kind == "decimal" for node in nodes):
            return [self.operand(node) for node in nodes]
        return [self.converted(node, shared) for node in nodes]

    def results(self, node: exp.Expr, nodes: Sequence[exp.Expr]) -> list[str]:
        wanted = type_of(node)
        return [self.sql(one) if type_of(one) in (wanted, NULL) else self.exactly(one, wanted) for one in nodes]

    def argument(self, call: Call, function: Function, index: int) -> str:
        node, kind = call.arguments[index], function.parameter(index).kind
        wanted = ACCEPTED[kind].converted
        if wanted is not None:
            return self.exactly(node, wanted)
        if kind not in ("T", "A") or isinstance(node, exp.Star):
            return self.operand(node)
        wanted = call.type if function.result == "T" else self.shared(call, function)
        if call.type.is_nested and UNKNOWN not in (wanted, type_of(node)):
            return self.exactly(node, wanted)  # beside others an integer would lend an array its own type
        return self.converted(node, wanted)

    def shared(self, call: Call, function: Function) -> Type:
        """What the arguments of kind T or A have in common."""
        found = NULL
        for index, node in enumerate(call.arguments):
            if function.parameter(index).kind in ("T", "A"):
                found = comparable(found, type_of(node)) or unified(found, type_of(node)) or UNKNOWN
        return found

    def arithmetic(self, node: exp.Expression) -> str:
        left, right, kind = node.this, node.expression, type_of(node)
        if isinstance(right, exp.Interval):
            shifted = f"{self.operand(left)} {self.symbol(node)} {self.sql(right)}"
            return f"CAST({shifted} AS {duckdb_type(kind)})"
        if isinstance(left, exp.Interval):
            return f"CAST({self.operand(right)} + {self.sql(left)} AS {duckdb_type(kind)})"
        if kind.kind == "decimal":
            return self.decimal_arithmetic(node, kind)
        a, b = self.exactly(left, kind), self.exactly(right, kind)
        if isinstance(node, exp.Div):
            return f"{a} / nullif({b}, 0)"
        if isinstance(node, exp.IntDiv):
            return fitting(f"{wide(a)} // nullif({b}, 0)", kind)
        if isinstance(node, exp.Mod):
            return self.remainder(node, a, b)
        if kind.is_integer:
            return fitting(f"{wide(a)} {self.symbol(node)} {b}", kind)
        return f"{a} {self.symbol(node)} {b}"

    def remainder(self, node: exp.Expression, a: str, b: str) -> str:
        if not type_of(node).is_integer:
            return f"{a} % nullif({b}, 0)"
        divisor = constant(node.expression)
        if divisor is not None and divisor not in (0, -1):
            return f"{a} % {b}"
        return f"spark_remainder({a}, {b})"

    def decimal_arithmetic(self, node: exp.Expression, kind: Type) -> str:
        a, b = operand_types(node.this, node.expression)
        left, right = self.exactly(node.this, as_decimal(a)), self.exactly(node.expression, as_decimal(b))
        name = duckdb_type(kind)
        if isinstance(node, exp.Div):
            return quotient(left, right, as_decimal(a), as_decimal(b), kind)
        if isinstance(node, exp.Mod):
            return f"CAST({left} % nullif({right}, 0) AS {name})"
        if isinstance(node, exp.Mul):
            return f"CAST({wide_factor(left, as_decimal(a), as_decimal(b))} * {right} AS {name})"
        return f"CAST(CAST({left} AS {name}) {self.symbol(node)} CAST({right} AS {name}) AS {name})"

    def infix(self, node: exp.Expression) -> str:
        if isinstance(node, exp.DPipe):
            return super().infix(node)
        kind = type_of(node)
        a, b = self.exactly(node.this, kind), self.exactly(node.expression, kind)
        return f"xor({a}, {b})" if isinstance(node, exp.BitwiseXor) else f"{a} {self.symbol(node)} {b}"

    def negation(self, node: exp.Neg) -> str:
        kind = type_of(node)
        if not isinstance(node.this, exp.Literal):
            return fitting(f"-{wide(self.operand(node.this))}", kind) if kind.is_integer else super().negation(node)
        return number(number_text(node.this.this), kind, "-")

    def operand(self, node: exp.Expr) -> str:
        if isinstance(node, ARITHMETIC) and type_of(node).kind != "double" and type_of(node) != FLOAT:
            return self.sql(node)
        text = super().operand(node)
        return f"({text})" if isinstance(node, exp.Literal) and "::" in text else text

    def cast(self, node: exp.Cast) -> str:
        target = type_of(node)
        if is_date_literal(node):
            return f"{target.kind.upper()} {self.string(node.this.this)}"
        return duckdb_cast(self.operand(node.this), type_of(node.this), target, isinstance(node, exp.TryCast))

    def dot(self, node: exp.Dot) -> str:
        return f"struct_extract({self.sql(node.this)}, {self.string(node.expression.this)})"

    def bracket(self, node: exp.Bracket) -> str:
        value, key = self.operand(node.this), node.expressions[0]
        kind = type_of(node.this)
        if kind.kind == "map":
            return f"map_extract_value({value}, {self.exactly(key, kind.fields[0][1])})"
        index = self.operand(key)
        return f"CASE WHEN {index} >= 0 THEN {value}[{index} + 1] END"

    def interval(self, node: exp.Interval) -> str:
        return f"INTERVAL ({node.this.this}) {node.args['unit'].name.upper()}"

    def like(self, node: exp.Expression) -> str:
        word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
        return rf"{self.operand(node.this)} {word} {self.sql(node.expression)} ESCAPE '\'"

    def regexp(self, node: exp.RegexpLike) -> str:
        pattern = self.string(to_re2(_constant_text(node.expression)))
        return f"regexp_matches({self.operand(node.this)}, {pattern})"

    def variable(self, node: exp.Parameter) -> str:
        name = self.quoted(of_lambda(node.name))
        return f"CAST({name} - 1 AS INTEGER)" if counts(node) else name

    def lambda_(self, node: exp.Lambda) -> str:
        names = ", ".join(self.quoted(of_lambda(one.name)) for one in node.expressions)
        body = self.whole(node.this) if type_of(node.this) == BOOLEAN else self.exactly_typed(node.this)
        return f"lambda {names}: {body}"

    def exactly_typed(self, node: exp.Expr) -> str:
        """A whole value that has its checked type whatever DuckDB makes of it."""
        kind = type_of(node)
        is_cast = isinstance(node, exp.Column | exp.Cast | exp.Parameter) or (
            isinstance(node, exp.Anonymous) and is_cast_call(kind)
        )
        text = self.whole(node)
        return text if is_cast or kind == UNKNOWN else f"CAST({text} AS {duckdb_type(kind)})"

    def finished(self, call: Call, text: str) -> str:
        return f"CAST({text} AS {duckdb_type(call.type)})" if is_cast_call(call.type) else text


def is_cast_call(kind: Type) -> bool:
    """Whether each call of a function with such a result is cast to it."""
    return kind.is_integer or kind.kind in ("decimal", "float")


def number(text: str, kind: Type, sign: str = "") -> str:
    """A number of a type; with a cast unless DuckDB gives it that type by itself.

    A sign is beyond doubt only where the number without it has the type: versions of DuckDB differ on `-2147483648`.
    """
    if kind.kind == "decimal" and "." in text:
        text = text.lstrip("0")
    if natural_type(text) == kind:
        return f"{sign}{text}"
    if kind in (DOUBLE, FLOAT):
        return f"{sign}{cast_number(text, kind)}"
    return cast_number(f"({sign}{text})" if sign else text, kind)


def natural_type(text: str) -> Type | None:
    """The type that DuckDB gives a number without a sign; None where a cast had better say it."""
    whole, _, fraction = text.partition(".")
    if text.isdigit():
        return INT if int(text) < 2**31 else BIGINT if int(text) < 2**63 else None
    digits = len(whole + fraction)
    return decimal(digits, len(fraction)) if fraction.isdigit() and digits <= MAX_DIGITS else None


def cast_number(text: str, kind: Type) -> str:
    """A number as one of another type, NULL where it doesn't fit.

    Many digits become a double at once, not by way of a decimal.
    """
    if kind in (DOUBLE, FLOAT) and len(text) > EXACT_DOUBLE_DIGITS:
        text = f"'{text}'"
    elif kind.kind == "decimal" and len(text.strip("(-)").partition(".")[0].lstrip("0")) > kind.precision - kind.scale:
        return f"TRY_CAST({text} AS {duckdb_type(kind)})"
    return f"{text}::{duckdb_type(kind)}"


def wide(value: str) -> str:
    """An integer of a type in which sums and products of two bigints can't overflow."""
    return f"{value}::HUGEINT"


def fitting(value: str, kind: Type) -> str:
    """A wide integer as one of a type, or NULL where it doesn't fit. (TRY can't hold aggregates.)"""
    return f"TRY_CAST({value} AS {duckdb_type(kind)})"


def wide_factor(value: str, a: Type, b: Type) -> str:
    """A decimal by which another can be multiplied: DuckDB keeps to 18 digits if both sides have no more."""
    if max(a.precision, b.precision) > INT64_DIGITS or a.precision + b.precision <= INT64_DIGITS:
        return value
    return f"CAST({value} AS DECIMAL({INT64_DIGITS + 1},{a.scale}))"


def quotient(left: str, right: str, a: Type, b: Type, kind: Type) -> str:
    """Decimal division in whole numbers, because DuckDB's is in doubles."""
    numerator = f"{digits(left, a)} * {10 ** (kind.scale + b.scale - a.scale)}"
    denominator = f"nullif({digits(right, b)}, 0)"
    return f"TRY_CAST(spark_quotient({numerator}, {denominator}, {kind.scale}) AS {duckdb_type(kind)})"


def _constant_text(node: exp.Expr) -> str:
    while isinstance(node, exp.Paren):
        node = node.this
    return str(node.this)


DuckDbEmitter.methods = methods_of(DuckDbEmitter)
_EMITTER = DuckDbEmitter()


def string(value: str) -> str:
    """A text as DuckDB's literal."""
    return _EMITTER.string(value)


def to_duckdb(ast: exp.Expr, *, output: bool = False) -> str:
    """DuckDB SQL text of a checked expression, with the same results as Spark's.

    Args:
        output: the expression makes a column of a table, so it has its checked type whatever DuckDB makes of it.
    """
    return _EMITTER.exactly_typed(ast) if output else _EMITTER.whole(ast)
