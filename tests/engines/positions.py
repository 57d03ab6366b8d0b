"""Calls with nulls and with columns in each position, and in each pair, for the functions of the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations

from sqlglot import exp

from generator.plan.expressions import Problem, Typed
from generator.plan.expressions.check import check_ast
from generator.plan.expressions.functions import registry
from generator.plan.expressions.functions.model import Function, Kind
from generator.plan.expressions.parse import parse
from generator.plan.order import BY
from generator.plan.types import NULL
from tests.engines.comparing import ALL, SCOPE

# What may stand where a parameter of a kind is; of two positions the first ones of each are tried together.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "string": ("word", "s2", "''"), "int": ("small", "j", "-1", "0"), "bigint": ("b", "i"),
    "integer": ("tiny", "b", "-1"), "number": ("dec", "b", "f"), "double": ("dbl2", "dec", "b", "2"),
    "float": ("dbl2", "f"), "boolean": ("i > 0",), "date": ("ts", "dt2"), "timestamp": ("dt", "ts2"),
    "moment": ("ts", "tstr"), "array": ("nums", "tags"), "map": ("prices",), "value": ("s", "dbl2", "dec", "dt"),
    "any": ("tags", "dbl", "address"), "T": ("b", "dec", "s2", "dt2", "f"), "A": ("dbl", "word", "dec", "tags"),
    "lambda": (), "predicate": (), "step": ("2", "-1", "interval 1 day", "interval -1 month"),
}  # fmt: skip
TOGETHER = 2


def tree(text: str) -> exp.Expression:
    found = parse(text)
    assert not isinstance(found, Problem)
    return found


def calls(function: Function) -> Iterator[tuple[str, exp.Anonymous]]:
    """One piece of its evidence for each number of arguments, with the call in it."""
    seen = set()
    for text in function.evidence:
        for call in tree(text).find_all(exp.Anonymous):
            plain = not any(isinstance(one, (exp.Star, exp.Distinct)) for one in call.expressions)
            if call.this in (function.name, *function.aliases) and plain and len(call.expressions) not in seen:
                seen.add(len(call.expressions))
                yield text, call
                break


def _with(call: exp.Anonymous, others: Mapping[int, exp.Expression]) -> exp.Expression:
    """The whole expression that a call stands in, with other arguments in it."""
    root = call.root().copy()
    same = next(one for one in root.find_all(exp.Anonymous) if one == call)
    same.set("expressions", [others.get(index, one) for index, one in enumerate(same.expressions)])
    return root


def _null(call: exp.Anonymous, index: int) -> exp.Expression | None:
    """A null of the argument's type, where there is one."""
    found, _ = check_ast(call.expressions[index], SCOPE, ALL)
    if found is None or found.type == NULL or found.type.is_nested:
        return None
    return tree(f"cast(null as {found.type})")


def _variants(function: Function) -> Iterator[tuple[str, exp.Expression]]:
    for text, call in calls(function):
        free = [index for index in range(len(call.expressions)) if not function.parameter(index).constant]
        nulls = {index: null for index in free if (null := _null(call, index)) is not None}
        for size in (1, 2):
            for chosen in combinations(nulls, size):
                yield f"{text} with null at {chosen}", _with(call, {index: nulls[index] for index in chosen})
        samples = {index: COLUMNS[function.parameter(index).kind] for index in free}
        for index, columns in samples.items():
            for column in columns:
                yield f"{text} with {column} at {index}", _with(call, {index: tree(column)})
        for one, other in combinations(samples, 2):
            for a in samples[one][:TOGETHER]:
                for b in samples[other][:TOGETHER]:
                    yield f"{text} with {a} and {b} at {one} and {other}", _with(call, {one: tree(a), other: tree(b)})


def _in_lambda(function: Function) -> Iterator[tuple[str, exp.Expression]]:
    """Its evidence with the first column that is read as the element of an array."""
    for text, call in calls(function):
        column = next(call.find_all(exp.Column), None)
        if function.kind is not Kind.SCALAR or column is None:
            continue
        body = call.copy()
        for one in list(body.find_all(exp.Column)):
            if one == column:
                one.replace(exp.Column(this=exp.Identifier(this="one")))
        elements = exp.Anonymous(this="array", expressions=[column.copy()])
        made = exp.Lambda(this=body, expressions=[exp.Identifier(this="one")])
        array = exp.Anonymous(this="transform", expressions=[elements, made])
        yield f"{text} of an element", exp.Bracket(this=array, expressions=[exp.Literal.number(0)])


@cache
def variants() -> dict[str, Typed]:
    """All that are sound, by what they are. Those that aren't are refused, which is right too.

    Of `min_by` and its like only nulls are tried: what breaks their ties is known to a whole query alone.
    """
    found: dict[str, Typed] = {}
    for function in dict.fromkeys(registry().values()):
        for name, ast in (*_variants(function), *_in_lambda(function)):
            typed, _ = check_ast(ast, SCOPE, ALL)
            if typed is not None and not (function.name in BY and "null" not in name):
                found[name] = typed
    return found
