"""Column types, as Glue, Athena and Spark name them: parse, print, and the rules of combining them.

The widening and decimal rules are Spark's (`DecimalPrecision` and `TypeCoercion`), because Spark is where
a lake ends up; the DuckDB SQL casts to the type computed here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import NoReturn

from generator.diagnostics import closest
from generator.runtime.types import INTEGERS as INTEGERS
from generator.runtime.types import NUMERIC as NUMERIC
from generator.runtime.types import Type as Type

MAX_PRECISION = 38
MAX_NAME = 255
"""Characters of a name in the Glue catalog."""


STRING, BOOLEAN, BINARY = Type("string"), Type("boolean"), Type("binary")
TINYINT, SMALLINT, INT, BIGINT = Type("tinyint"), Type("smallint"), Type("int"), Type("bigint")
FLOAT, DOUBLE = Type("float"), Type("double")
DATE, TIMESTAMP = Type("date"), Type("timestamp")
NULL, UNKNOWN = Type("null"), Type("unknown")

PRIMITIVES = {
    kind.kind: kind
    for kind in (
        STRING, BOOLEAN, BINARY, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIMESTAMP,
    )
}  # fmt: skip
ALIASES = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint", "real": "float",
           "text": "string", "bool": "boolean", "numeric": "decimal"}  # fmt: skip
OF_OTHERS = {"datetime": "timestamp", "timestamptz": "timestamp", "timestamp_ntz": "timestamp", "str": "string",
             "uuid": "string", "json": "string", "bytes": "binary", "number": "decimal(38,0)",
             "float64": "double", "int64": "bigint", "int32": "int"}  # fmt: skip
"""What other systems call types, and what to write."""
KINDS = (*PRIMITIVES, "decimal", "array", "map", "struct")


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", precision, scale)


def array(element: Type) -> Type:
    return Type("array", fields=(("element", element),))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", fields=(("key", key), ("value", value)))


def struct(*fields: tuple[str, Type]) -> Type:
    return Type("struct", fields=fields)


class TypeSyntaxError(ValueError):
    """A type that can't be read.

    Attributes:
        start, end: where in the type's text.
        help: what to write instead.
    """

    def __init__(self, message: str, start: int, end: int, help: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.start, self.end, self.help = start, max(end, start + 1), help


_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_]*)|`(?P<quoted>[^`]+)`|(?P<number>\d+)|(?P<mark>[<>(),:]))")


@cache
def parse_type(text: str) -> Type:
    """Parses a Glue type such as `decimal(10,2)` or `array<struct<a:int>>`.

    Raises:
        TypeSyntaxError: with the offsets of what can't be read.
    """
    return _TypeParser(text).parse()


class _TypeParser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int, int]] = []
        self.at = 0
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                raise TypeSyntaxError(f"unexpected `{text[position]}` in a type", position, position + 1)
            group = match.lastgroup or "mark"
            self.tokens.append((match[group], match.start(group), match.end(group)))
            position = match.end()

    def parse(self) -> Type:
        found = self.type_()
        if self.at < len(self.tokens):
            self.fail(f"unexpected `{self.tokens[self.at][0]}` after the type")
        return found

    def fail(self, message: str, help: tuple[str, ...] = ()) -> NoReturn:
        last = len(self.text.rstrip())
        _, start, end = self.tokens[self.at] if self.at < len(self.tokens) else ("", max(last - 1, 0), last)
        raise TypeSyntaxError(message, start, end, help)

    def take(self, wanted: str | None = None) -> str:
        found = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        if (wanted is not None and found != wanted) or not found:
            self.fail(f"expected `{wanted or 'a type'}` here")
        self.at += 1
        return found

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def number(self) -> int:
        text = self.peek()
        if not (text.isascii() and text.isdigit()):
            self.fail("expected a number here")
        self.at += 1
        return int(text) if len(text) < 10 else MAX_PRECISION + 1

    def type_(self) -> Type:
        word = self.peek().lower()
        kind = ALIASES.get(word, word)
        if kind in PRIMITIVES:
            self.at += 1
            return PRIMITIVES[kind]
        if kind == "decimal":
            return self.decimal_()
        if kind in ("varchar", "char"):
            self.fail(f"`{kind}` is not supported", ("write `string`",))
        if kind not in ("array", "map", "struct"):
            if kind in OF_OTHERS:
                self.fail(f"unknown type `{self.peek()}`", (f"write `{OF_OTHERS[kind]}`",))
            near = closest(kind, (*KINDS, *ALIASES)) if kind else None
            self.fail(
                f"unknown type `{self.peek()}`" if kind else "expected a type here",
                (f"did you mean `{near}`?",) if near else (f"known types: {', '.join(KINDS)}",),
            )
        self.at += 1
        self.take("<")
        if kind == "array":
            found = array(self.type_())
        elif kind == "map":
            key = self.type_()
            self.take(",")
            found = map_of(key, self.type_())
        else:
            found = self.struct_()
        self.take(">")
        return found

    def decimal_(self) -> Type:
        start = self.at
        self.at += 1
        if self.peek() != "(":
            return decimal(10, 0)
        self.take("(")
        precision, scale = self.number(), 0
        if self.peek() == ",":
            self.take(",")
            scale = self.number()
        self.take(")")
        if not 1 <= precision <= MAX_PRECISION or scale > precision:
            self.at = start
            self.fail("a decimal has 1 to 38 digits, and no more of them after the point")
        return decimal(precision, scale)

    def twice(self, name: str, other: str) -> NoReturn:
        if name == other:
            self.fail(f"field `{name}` appears twice")
        self.fail(
            f"fields `{other}` and `{name}` differ in case alone, and engines take them for one",
            ("declare it as a map if all of its values have one type: `map<string,…>`",),
        )

    def struct_(self) -> Type:
        """Fields are called as the data spells them; engines and the catalog look them up in any case."""
        fields: dict[str, Type] = {}
        while True:
            name = self.take()
            other = next((known for known in fields if known.lower() == name.lower()), None)
            if other is not None:
                self.at -= 1
                self.twice(name, other)
            if len(name) > MAX_NAME:
                self.at -= 1
                self.fail(
                    f"a field's name has at most {MAX_NAME} characters", ("declare it as a map: `map<string,…>`",)
                )
            self.take(":")
            fields[name] = self.type_()
            if self.peek() != ",":
                return struct(*fields.items())
            self.take(",")


def bounded_decimal(precision: int, scale: int) -> Type:
    """Spark's `adjustPrecisionScale`: keeps the integer digits, at least 6 of the others, 38 in all."""
    if precision <= MAX_PRECISION:
        return decimal(precision, scale)
    integer_digits = precision - scale
    return decimal(MAX_PRECISION, max(MAX_PRECISION - integer_digits, min(scale, 6)))


_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 20}


def as_decimal(kind: Type) -> Type:
    """The decimal that holds every value of an integer type."""
    return kind if kind.kind == "decimal" else decimal(_INTEGER_DIGITS[kind.kind], 0)


def common(a: Type, b: Type) -> Type | None:
    """The type that both convert to without loss of range, or None where a cast has to say so."""
    if a == b or b == NULL or UNKNOWN in (a, b):
        return a if a != UNKNOWN else b
    if a == NULL:
        return b
    if a.is_numeric and b.is_numeric:
        return _common_number(a, b)
    if a.kind == b.kind == "array":
        element = common(a.element, b.element)
        return array(element) if element else None
    return None


def _common_number(a: Type, b: Type) -> Type | None:
    """None where not all digits of both fit: each engine would cut others off."""
    kinds = {a.kind, b.kind}
    if "double" in kinds or ("float" in kinds and "decimal" in kinds):
        return DOUBLE
    if "float" in kinds:
        return FLOAT
    if "decimal" in kinds:
        x, y = as_decimal(a), as_decimal(b)
        scale = max(x.scale, y.scale)
        precision = max(x.precision - x.scale, y.precision - y.scale) + scale
        return decimal(precision, scale) if precision <= MAX_PRECISION else None
    return max(a, b, key=lambda kind: INTEGERS.index(kind.kind))


def arithmetic(operator: str, a: Type, b: Type) -> Type | None:
    """Result type of `+ - * / % div`, or None for types it isn't defined on."""
    a, b = (b, b) if a == NULL else (a, a) if b == NULL else (a, b)
    if not (a.is_numeric and b.is_numeric):
        return UNKNOWN if UNKNOWN in (a, b) else None
    if operator == "div":
        return BIGINT
    kinds = {a.kind, b.kind}
    if kinds & {"float", "double"}:
        return FLOAT if kinds == {"float"} and operator != "/" else DOUBLE
    if "decimal" in kinds:
        return _decimal_arithmetic(operator, as_decimal(a), as_decimal(b))
    return DOUBLE if operator == "/" else common(a, b)


def _decimal_arithmetic(operator: str, a: Type, b: Type) -> Type:
    scale = max(a.scale, b.scale)
    whole_a, whole_b = a.precision - a.scale, b.precision - b.scale
    if operator in "+-":
        return bounded_decimal(max(whole_a, whole_b) + scale + 1, scale)
    if operator == "*":
        return bounded_decimal(a.precision + b.precision + 1, a.scale + b.scale)
    if operator == "%":
        return bounded_decimal(min(whole_a, whole_b) + scale, scale)
    quotient_scale = max(6, a.scale + b.precision + 1)
    return bounded_decimal(whole_a + b.scale + quotient_scale, quotient_scale)


_DUCKDB = {
    "string": "VARCHAR", "bigint": "BIGINT", "int": "INTEGER", "smallint": "SMALLINT", "tinyint": "TINYINT",
    "double": "DOUBLE", "float": "FLOAT", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP",
    "binary": "BLOB", "null": "INTEGER",
}  # fmt: skip


def duckdb_type(kind: Type) -> str:
    """The DuckDB name of a type."""
    if kind.kind == "decimal":
        return f"DECIMAL({kind.precision},{kind.scale})"
    if kind.kind == "array":
        return f"{duckdb_type(kind.element)}[]"
    if kind.kind == "map":
        return f"MAP({duckdb_type(kind.fields[0][1])}, {duckdb_type(kind.element)})"
    if kind.kind == "struct":
        inner = ", ".join(f'"{name}" {duckdb_type(part)}' for name, part in kind.fields)
        return f"STRUCT({inner})"
    return _DUCKDB[kind.kind]


def stored_type(kind: Type) -> Type:
    """A type as Iceberg's tables have it: there are no integers of one or two bytes."""
    if kind in (TINYINT, SMALLINT):
        return INT
    return replace(kind, fields=tuple((name, stored_type(one)) for name, one in kind.fields))
