"""Checked expressions as Spark SQL."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from generator.plan.expressions.casts import spark_cast
from generator.plan.expressions.emit import Emitter, methods_of
from generator.plan.expressions.functions.model import Call, Function, Template
from generator.plan.expressions.literals import is_date_literal
from generator.plan.expressions.nodes import of_lambda, type_of
from generator.plan.types import TIMESTAMP

SPARK_SETTINGS = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.variable.substitute": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.crossJoin.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.function.concatBinaryAsString": "false",
    "spark.sql.icu.caseMappings.enabled": "true",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.legacy.allowNegativeScaleOfDecimal": "false",
    "spark.sql.legacy.allowNullComparisonResultInArraySort": "false",
    "spark.sql.legacy.bangEqualsNot": "false",
    "spark.sql.legacy.castComplexTypesToString.enabled": "false",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    "spark.sql.legacy.ctePrecedencePolicy": "CORRECTED",
    "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate": "false",
    "spark.sql.legacy.disableMapKeyNormalization": "false",
    "spark.sql.legacy.exponentLiteralAsDecimal.enabled": "false",
    "spark.sql.legacy.followThreeValuedLogicInArrayExists": "true",
    "spark.sql.legacy.inSubqueryNullability": "false",
    "spark.sql.legacy.interval.enabled": "false",
    "spark.sql.legacy.literal.pickMinimumPrecision": "true",
    "spark.sql.legacy.lpadRpadAlwaysReturnString": "false",
    "spark.sql.legacy.setopsPrecedence.enabled": "false",
    "spark.sql.legacy.statisticalAggregate": "false",
    "spark.sql.legacy.truncateForEmptyRegexSplit": "false",
    "spark.sql.legacy.typeCoercion.datetimeToString.enabled": "false",
}
"""What expressions rely on: all settings of Spark 3.5 and 4.1 that change what one of them gives. Without ANSI mode a
value that can't be computed is NULL, not a failed job; with variables substituted, `${…}` in a string would be.
"""

_TRY: dict[type[exp.Expr], str] = {exp.Add: "try_add", exp.Sub: "try_subtract", exp.Mul: "try_multiply"}
_ZEROS = {"tinyint": "0Y", "smallint": "0S"}
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"})


class SparkEmitter(Emitter):
    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def string(self, value: str) -> str:
        return f"'{value.translate(_ESCAPES)}'"

    def template(self, call: Call, function: Function) -> Template | None:
        return function.spark

    def literal(self, node: exp.Literal) -> str:
        return self.string(node.this) if node.is_string else str(node.this)

    def arithmetic(self, node: exp.Expression) -> str:
        """Integers that overflow give NULL, where Spark's own operators would wrap around."""
        function = _TRY.get(type(node))
        if function is not None and type_of(node).is_integer:
            return f"{function}({self.bare(node.this)}, {self.bare(node.expression)})"
        if isinstance(node.expression, exp.Interval):
            return f"{self.operand(node.this)} {self.symbol(node)} {self.sql(node.expression)}"
        return self.infix(node)

    def operand(self, node: exp.Expr) -> str:
        if type(node) in _TRY and type_of(node).is_integer:
            return self.sql(node)
        return super().operand(node)

    def negation(self, node: exp.Neg) -> str:
        if type_of(node).is_integer and not isinstance(node.this, exp.Literal):
            zero = _ZEROS.get(type_of(node).kind, "0")
            return f"try_subtract({zero}, {self.bare(node.this)})"
        return super().negation(node)

    def cast(self, node: exp.Cast) -> str:
        target = type_of(node)
        if is_date_literal(node):
            return f"{target.kind}{self.string(node.this.this)}"
        value = node.this
        while isinstance(value, exp.Paren):
            value = value.this
        text = self.operand(value) if target == TIMESTAMP or target.kind == "decimal" else self.sql(value)
        return spark_cast(text, type_of(value), target, isinstance(node, exp.TryCast))

    def dot(self, node: exp.Dot) -> str:
        base = self.sql(node.this)
        qualified = isinstance(node.this, exp.Dot | exp.Bracket | exp.Parameter) or (
            isinstance(node.this, exp.Column) and node.this.args.get("table") is not None
        )
        return f"{base if qualified else f'({base})'}.{self.quoted(node.expression.this)}"

    def variable(self, node: exp.Parameter) -> str:
        return self.quoted(node.name)

    def lambda_(self, node: exp.Lambda) -> str:
        """A variable keeps its name, unless Spark would take a column or table of the lambda for it."""
        body, names = node.this, [one.name for one in node.expressions]
        read = {part.name for column in body.find_all(exp.Column) for part in column.parts}
        taken = [name for name in names if name in read]
        if taken:
            body = _renamed(body, taken)
            names = [of_lambda(name) if name in taken else name for name in names]
        heads = ", ".join(map(self.quoted, names))
        return f"{heads if len(names) == 1 else f'({heads})'} -> {self.bare(body)}"

    def bracket(self, node: exp.Bracket) -> str:
        return f"{self.operand(node.this)}[{self.sql(node.expressions[0])}]"

    def interval(self, node: exp.Interval) -> str:
        return f"INTERVAL '{node.this.this}' {node.args['unit'].name.upper()}"

    def like(self, node: exp.Expression) -> str:
        word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
        return f"{self.operand(node.this)} {word} {self.sql(node.expression)}"

    def regexp(self, node: exp.RegexpLike) -> str:
        return f"{self.operand(node.this)} RLIKE {self.sql(node.expression)}"


def _renamed(body: exp.Expr, names: Collection[str]) -> exp.Expr:
    """A lambda's body with other names for some of its variables, and for those of lambdas in it that hide them."""
    body = body.copy()
    heads = [head for one in body.find_all(exp.Lambda) for head in one.expressions]
    for one in (*body.find_all(exp.Parameter), *heads):
        if one.name in names:
            one.set("this", of_lambda(one.name))
    return body


SparkEmitter.methods = methods_of(SparkEmitter)
_EMITTER = SparkEmitter()


def string(value: str) -> str:
    """A text as Spark's literal; it never holds a line end."""
    return _EMITTER.string(value)


def to_spark(ast: exp.Expr) -> str:
    """Spark SQL text of a checked expression; every name is quoted, and it may stand beside AND."""
    return _EMITTER.whole(ast)
