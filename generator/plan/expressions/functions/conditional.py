"""Choices and nulls."""

from __future__ import annotations

from generator.plan.expressions.functions.model import Call, Function, Personal
from generator.plan.expressions.problem import NotPortable


def _alike(call: Call) -> None:
    first, second = call.kind(0), call.kind(1)
    exact = first.is_integer or first.kind == "decimal"
    if (exact and second.kind in ("float", "double")) or {first.kind, second.kind} == {"date", "timestamp"}:
        raise NotPortable(f"{first} would become {second} to be compared", f"cast the second value to {first}")


# fmt: off
FUNCTIONS = (
    Function("coalesce", "A, A*", "T", "coalesce({all})",
             ("coalesce(i, j, 0)", "coalesce(s, 'x')", "coalesce(dec, i)", "coalesce(dbl, 1)",
             "coalesce(null, ts)")),
    Function("nvl", "A, A", "T", "coalesce({all})",
             ("nvl(s, 'x')", "ifnull(i, 0)", "nvl(b, 1.5)"), aliases=("ifnull",)),
    Function("nvl2", "any, A, A", "T", "CASE WHEN {0} IS NOT NULL THEN {1} ELSE {2} END",
             ("nvl2(s, 1, 2)", "nvl2(i, dec, b)")),
    Function("nullif", "T, T", "1", "nullif({0}, {1})",
             ("nullif(s, '')", "nullif(i, 0)", "nullif(dbl, 0)", "nullif(dec, 0)", "nullif(i, b)",
             "nullif(f, dbl)"),
             validate=_alike),
    Function("if", "boolean, A, A", "T", "CASE WHEN {0} THEN {1} ELSE {2} END",
             ("if(i > 0, 'p', 'n')", "if(flag, i, b)", "if(s = '', null, dec)")),
    Function("isnull", "any", "boolean", "({0} IS NULL)",
             ("isnull(s)", "isnull(dbl)"), personal=Personal.CLEAR),
    Function("isnotnull", "any", "boolean", "({0} IS NOT NULL)", ("isnotnull(s)",), personal=Personal.CLEAR),
    Function("greatest", "T, T, T*", "T", "greatest({all})",
             ("greatest(i, j)", "greatest(i, null)", "greatest(dbl, i)", "greatest(s, s2)",
             "greatest(dt, ts)", "greatest(i, b, dec)")),
    Function("least", "T, T, T*", "T", "least({all})",
             ("least(i, j)", "least(i, null)", "least(dbl, i)", "least(s, s2)", "least(b, dec)", "least(s, s2, word)")),
    Function("isnan", "float", "boolean", "coalesce(isnan({0}), false)", ("isnan(dbl)", "isnan(f)")),
    Function("nanvl", "float, float", "double", "CASE WHEN isnan({0}) THEN {1} ELSE {0} END",
             ("nanvl(dbl, 0D)", "nanvl(dbl, dbl)")),
)
# fmt: on
