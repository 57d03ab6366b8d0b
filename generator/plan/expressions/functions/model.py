"""What the registry knows of a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from sqlglot import exp

from generator.plan.expressions.literals import constant
from generator.plan.expressions.nodes import type_of
from generator.plan.types import BIGINT, DATE, DOUBLE, INT, INTEGERS, NUMERIC, TIMESTAMP, Type


class Kind(StrEnum):
    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"


class Personal(StrEnum):
    """What becomes of the personal data that the arguments depend on."""

    KEEP = "keep"
    CLEAR = "clear"
    HASH = "hash"


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose arguments are typed.

    Attributes:
        name: as written, lower case.
        arguments: without DISTINCT around them.
        type: of the result.
    """

    name: str
    arguments: Sequence[exp.Expression]
    type: Type

    def kind(self, index: int) -> Type:
        return type_of(self.arguments[index])

    def constant(self, index: int) -> str | int | float | bool | None:
        return constant(self.arguments[index]) if index < len(self.arguments) else None

    def text(self, index: int) -> str:
        """The value of an argument that the signature says is a constant string."""
        return str(self.constant(index))

    def number(self, index: int) -> int:
        """The value of an argument that the signature says is a constant integer."""
        return int(self.constant(index) or 0)


class Variables(NamedTuple):
    """The variables that a lambda may have.

    Attributes:
        types: of all; by the types of the arguments before it.
        least: how many it must have.
        place: whether the last one counts the elements.
    """

    types: tuple[Type, ...]
    least: int
    place: bool = False


Template = str | Callable[[Call, Sequence[str]], str]
"""SQL with `{0}`, `{1}`... for the arguments, `{all}` for all of them and, where there may be a window,
`{tail}` for FILTER and OVER; or a function that makes it."""

Result = str | Callable[[Call], Type]
"""A type; `T`: what the T or A arguments have in common; `1`: the type of the first; or a function."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the allow-list.

    Attributes:
        name: in Spark.
        parameters: their kinds (see `ACCEPTED`), each with `?` if optional, `*` if repeated, `!` if it must
            be a constant; such as `string, int!, int?`.
        result: the type of the result.
        duckdb: the same in DuckDB. It has the result's type by itself, except for integers and decimals,
            which are cast.
        evidence: Spark expressions on which the engines give the same (`tests/engines/test_functions.py`).
        personal: what becomes of personal data.
        aliases: other names in Spark.
        spark: the SQL for Spark, where it isn't a plain call.
        validate: raises NotPortable for constants that the engines understand differently.
        distinct: an aggregate that takes DISTINCT.
        over: an aggregate that may be used as a window function.
        variables: what the variables of its lambdas are.
        ignores_order: the result doesn't depend on the order of an array argument's elements.
        unordered: the result is an array in no certain order, so it may stand only where order is ignored.
        last_digits: of doubles the last digits may differ between engines, and from run to run.
    """

    name: str
    parameters: str
    result: Result
    duckdb: Template
    evidence: tuple[str, ...] = ()
    kind: Kind = Kind.SCALAR
    personal: Personal = Personal.KEEP
    aliases: tuple[str, ...] = ()
    spark: Template | None = None
    validate: Callable[[Call], object] | None = None
    distinct: bool = False
    over: bool = False
    variables: Callable[[Sequence[Type]], Variables] | None = None
    ignores_order: bool = False
    unordered: bool = False
    last_digits: bool = False

    @property
    def arity(self) -> tuple[int, int | None]:
        """The least and the greatest number of arguments; None for any number."""
        known = parse_parameters(self.parameters)
        least = sum(not (parameter.optional or parameter.repeated) for parameter in known)
        return least, None if any(parameter.repeated for parameter in known) else len(known)

    def parameter(self, index: int) -> Parameter:
        known = parse_parameters(self.parameters)
        return known[min(index, len(known) - 1)]


class Parameter(NamedTuple):
    kind: str
    optional: bool
    repeated: bool
    constant: bool


@lru_cache(maxsize=500)
def parse_parameters(text: str) -> tuple[Parameter, ...]:
    found = []
    for part in filter(None, (item.strip() for item in text.split(","))):
        marks = part[len(part.rstrip("?*!")) :]
        found.append(Parameter(part.rstrip("?*!"), "?" in marks, "*" in marks, "!" in marks))
    return tuple(found)


class Accepted(NamedTuple):
    """A kind of parameter: its name, the kinds of types it takes, and the type that they are converted to."""

    wanted: str
    kinds: frozenset[str]
    converted: Type | None = None


_PRIMITIVE = frozenset((*NUMERIC, "string", "boolean", "binary", "date", "timestamp"))
_ANY = _PRIMITIVE | {"array", "map", "struct"}
_INTEGERS = frozenset(INTEGERS)
ACCEPTED = {
    "string": Accepted("a string", frozenset(("string",))),
    "int": Accepted("an int", _INTEGERS - {"bigint"}, INT),
    "bigint": Accepted("an integer", _INTEGERS, BIGINT),
    "integer": Accepted("an integer", _INTEGERS),
    "number": Accepted("a number", NUMERIC),
    "double": Accepted("a number", NUMERIC, DOUBLE),
    "float": Accepted("a double or float", frozenset(("float", "double")), DOUBLE),
    "boolean": Accepted("a boolean", frozenset(("boolean",))),
    "date": Accepted("a date or timestamp", frozenset(("date", "timestamp")), DATE),
    "timestamp": Accepted("a timestamp or date", frozenset(("timestamp", "date")), TIMESTAMP),
    "moment": Accepted("a string, date or timestamp", frozenset(("string", "date", "timestamp"))),
    "array": Accepted("an array", frozenset(("array",))),
    "map": Accepted("a map", frozenset(("map",))),
    "value": Accepted("a simple value", _PRIMITIVE),
    "lambda": Accepted("a lambda such as `x -> …`", frozenset()),
    "predicate": Accepted("a lambda such as `x -> x > 0`", frozenset()),
    "step": Accepted("a constant or an interval", _INTEGERS | {"interval"}),
    "any": Accepted("a value", _ANY),
    "T": Accepted("a simple value", _PRIMITIVE),
    "A": Accepted("a value", _ANY),
}
