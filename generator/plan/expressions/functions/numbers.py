"""Mathematics."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function
from generator.plan.expressions.operators import MOST_NEGATED
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import BIGINT, Type, common, decimal, duckdb_type

_NAN = "'nan'::DOUBLE"


def _absolute(call: Call, args: Sequence[str]) -> str:
    return (
        f"TRY_CAST(abs({args[0]}::HUGEINT) AS {duckdb_type(call.type)})" if call.type.is_integer else f"abs({args[0]})"
    )


def _spark_absolute(call: Call, args: Sequence[str]) -> str:
    """Of the least integer there is none, and Spark's own `abs` gives that integer back."""
    zero = {"tinyint": "0Y", "smallint": "0S"}.get(call.type.kind, "0")
    return (
        f"if({args[0]} < 0, try_subtract({zero}, {args[0]}), {args[0]})" if call.type.is_integer else f"abs({args[0]})"
    )


def _keeps_digits(call: Call) -> None:
    kind = call.kind(0)
    if kind.kind == "decimal" and kind.precision > MOST_NEGATED:
        raise NotPortable(
            f"Spark 4 keeps {MOST_NEGATED} digits of {kind}", f"cast to a decimal of at most {MOST_NEGATED} digits"
        )


def _finite(function: str) -> str:
    """A function that gives NaN where DuckDB's would fail."""
    return f"CASE WHEN isfinite({{0}}) THEN {function}({{0}}) WHEN {{0}} IS NOT NULL THEN {_NAN} END"


def _unit(function: str) -> str:
    return f"CASE WHEN {{0}} BETWEEN -1 AND 1 THEN {function}({{0}}) WHEN {{0}} IS NOT NULL THEN {_NAN} END"


def _digits(call: Call) -> int:
    return call.number(1) if len(call.arguments) > 1 else 0


def _round_type(call: Call) -> Type:
    kind = call.kind(0)
    if kind.kind != "decimal":
        return kind
    scale = min(kind.scale, _digits(call))
    return decimal(min(kind.precision - kind.scale + 1 + scale, 38), scale)


def _round(call: Call, args: Sequence[str]) -> str:
    kind = call.kind(0)
    if kind.is_integer:
        return args[0]
    if kind.kind == "decimal":
        return f"round({args[0]}, {_digits(call)})"
    return f"spark_round({args[0]}, {_digits(call)})"


def _valid_digits(call: Call) -> None:
    if not 0 <= _digits(call) <= 15:
        raise NotPortable("the number of digits must be between 0 and 15")


def _whole_type(call: Call) -> Type:
    kind = call.kind(0)
    return decimal(min(kind.precision - kind.scale + 1, 38), 0) if kind.kind == "decimal" else BIGINT


def _whole(call: Call, args: Sequence[str]) -> str:
    name = "floor" if call.name == "floor" else "ceil"
    if call.kind(0).is_integer:
        return args[0]
    return f"spark_whole({name}({args[0]}))" if call.type == BIGINT else f"{name}({args[0]})"


def _pmod_type(call: Call) -> Type:
    return common(call.kind(0), call.kind(1)) or BIGINT


def _spark_pmod(call: Call, args: Sequence[str]) -> str:
    """By a negative number it is the plain remainder; Spark's own adds the two, which may overflow."""
    divisor = call.constant(1)
    plain = f"pmod({args[0]}, {args[1]})"
    is_positive = isinstance(divisor, int) and divisor > 0
    return plain if is_positive else f"CASE WHEN {args[1]} < 0 THEN ({args[0]}) % ({args[1]}) ELSE {plain} END"


def _logarithm(call: Call, args: Sequence[str]) -> str:
    if len(args) == 1:
        return f"CASE WHEN {args[0]} > 0 THEN ln({args[0]}) END"
    return f"CASE WHEN {args[0]} > 0 AND {args[1]} > 0 THEN ln({args[1]}) / ln({args[0]}) END"


# fmt: off
FUNCTIONS = (
    Function("abs", "number", "1", _absolute,
             ("abs(j)", "abs(dbl)", "abs(dec)", "abs(f)", "abs(i)", "abs(b)", "abs(tiny)"),
             spark=_spark_absolute, validate=_keeps_digits),
    Function("sign", "double", "double", "CASE WHEN isnan({0}) THEN {0} ELSE CAST(sign({0}) AS DOUBLE) END",
             ("sign(i)", "sign(dec)", "signum(dbl2)"), aliases=("signum",)),
    Function("round", "number, int!?", _round_type, _round,
             ("round(dbl)", "round(dbl, 2)", "round(dbl2, 3)", "round(dec, 1)", "round(dec)",
             "round(big, 3)", "round(i)", "round(1.005D, 2)", "round(-2.5D)", "round(half)",
             "round(dec, 5)", "round(123456789.987654321D, 4)"),
             validate=_valid_digits),
    Function("ceil", "number", _whole_type, _whole,
             ("ceil(dbl)", "ceil(dec)", "ceiling(i)", "ceil(dbl2)", "ceil(f)"), aliases=("ceiling",)),
    Function("floor", "number", _whole_type, _whole, ("floor(dbl)", "floor(dec)", "floor(b)", "floor(dbl2)")),
    Function("sqrt", "double", "double", "sqrt({0})", ("sqrt(dbl)", "sqrt(i)")),
    Function("cbrt", "double", "double", "cbrt({0})", ("cbrt(dbl)", "cbrt(i)"), last_digits=True),
    Function("exp", "double", "double", "exp({0})", ("exp(j)", "exp(dbl)"), last_digits=True),
    Function("power", "double, double", "double", "spark_power({0}, {1})",
             ("pow(i, 2)", "power(2, j)", "power(dbl, dbl2)", "power(dbl2, dbl)", "pow(1, dbl)",
             "pow(-1, dbl)"),
             aliases=("pow",), last_digits=True),
    Function("ln", "double", "double", "CASE WHEN {0} > 0 THEN ln({0}) END", ("ln(dbl)", "ln(i)"), last_digits=True),
    Function("log", "double, double?", "double", _logarithm,
             ("log(dbl)", "log(2, i)", "log(j, 8)", "log(10, dbl)"), last_digits=True),
    Function("log10", "double", "double", "CASE WHEN {0} > 0 THEN log10({0}) END",
             ("log10(dbl)", "log10(b)"), last_digits=True),
    Function("log2", "double", "double", "CASE WHEN {0} > 0 THEN log2({0}) END",
             ("log2(dbl)", "log2(b)"), last_digits=True),
    Function("sin", "double", "double", _finite("sin"), ("sin(dbl)", "sin(j)"), last_digits=True),
    Function("cos", "double", "double", _finite("cos"), ("cos(dbl)", "cos(j)"), last_digits=True),
    Function("tan", "double", "double", _finite("tan"), ("tan(j)",), last_digits=True),
    Function("asin", "double", "double", _unit("asin"), ("asin(dbl)", "asin(j)"), last_digits=True),
    Function("acos", "double", "double", _unit("acos"), ("acos(dbl)", "acos(j)"), last_digits=True),
    Function("atan", "double", "double", "atan({0})", ("atan(dbl)",), last_digits=True),
    Function("atan2", "double, double", "double", "atan2({0} + 0::DOUBLE, {1} + 0::DOUBLE)",
             ("atan2(i, j)", "atan2(dbl, dbl2)"), last_digits=True),
    Function("degrees", "double", "double", "degrees({0})", ("degrees(j)",), last_digits=True),
    Function("radians", "double", "double", "radians({0})", ("radians(j)",), last_digits=True),
    Function("pi", "", "double", "pi()", ("pi()",)),
    Function("pmod", "integer, integer", _pmod_type,
             "spark_pmod(CAST({0} AS HUGEINT), CAST({1} AS HUGEINT))",
             ("pmod(i, j)", "pmod(b, 7)", "pmod(i, -1)", "pmod(-7, 3)", "pmod(tiny, 0)", "pmod(i, b)", "pmod(tiny, i)",
             "pmod(b, -7)"),
             spark=_spark_pmod),
)
# fmt: on
