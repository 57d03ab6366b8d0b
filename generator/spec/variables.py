"""`variables:` and their values: what stands for `${name}` in the texts of a spec.

In an expression a variable is a literal of its type, or a part of the text literal that it stands in; elsewhere it is
its value as text, or the value itself where nothing else stands there. `$${` is a `${` that means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Path = Sequence[str | int]
Value = str | int | bool | Decimal
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INTEGERS = {"int": 31, "bigint": 63}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable with its value: a text, a whole number, a decimal number or a truth; dates and times are texts."""

    name: str
    type: str
    value: Value

    def text(self) -> str:
        """As a part of a text."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return format(self.value, "f") if isinstance(self.value, Decimal) else str(self.value)

    def literal(self) -> str:
        """As a literal of Spark SQL of its type."""
        text = self.text()
        if self.type in ("date", "timestamp"):
            return f"{self.type} '{text}'"
        if self.type == "string":
            return "'" + escaped(text, "'") + "'"
        if self.type == "boolean":
            return text
        text += {"bigint": "L", "double": "D"}.get(self.type, "")
        return f"({text})" if text.startswith("-") else text


def escaped(text: str, quote: str) -> str:
    """A text inside a literal of Spark SQL that stands in such quotes."""
    return text.replace("\\", "\\\\").replace(quote, f"\\{quote}")


def parsed(type: str, value: Any) -> Value:
    """A value of a type, of YAML or of the command line.

    Raises:
        ValueError: it is none; the message says what one is.
    """
    return _PARSERS[type](type, value)


def inferred(value: Value) -> str:
    """The type of a variable that only says its value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -(2**31) <= value < 2**31 else "bigint"
    return "decimal" if isinstance(value, Decimal) else "string"


def _string(type: str, value: Any) -> Value:
    if isinstance(value, str):
        return value
    raise ValueError("a text: put it in quotes")


def _integer(type: str, value: Any) -> Value:
    bits = _INTEGERS[type]
    if isinstance(value, str) and re.fullmatch(r"[-+]?\d{1,20}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**bits) <= value < 2**bits:
        return value
    raise ValueError(f"a whole number of {bits + 1} bits")


def _number(type: str, value: Any) -> Value:
    try:
        number = Decimal(value) if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or len(number.as_tuple().digits) > 38 or abs(number.adjusted()) > 38:
        raise ValueError("a number of at most 38 digits, such as 0.05")
    return number


def _boolean(type: str, value: Any) -> Value:
    if isinstance(value, bool) or value in ("true", "false"):
        return value in (True, "true")
    raise ValueError("true or false")


def _date(type: str, value: Any) -> Value:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) and _is(date.fromisoformat, value):
        return value
    raise ValueError("a date, such as 2024-12-31")


def _timestamp(type: str, value: Any) -> Value:
    pattern = r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d{1,6})?)?"
    if isinstance(value, str) and re.fullmatch(pattern, value) and _is(datetime.fromisoformat, value.partition(".")[0]):
        return value
    raise ValueError("a time in UTC, such as 2024-12-31 23:59:59")


def _is(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_PARSERS: Mapping[str, Callable[[str, Any], Value]] = {
    "string": _string,
    "int": _integer,
    "bigint": _integer,
    "decimal": _number,
    "double": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}


TYPES = tuple(_PARSERS)


# What stands for them in a text ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with values in it.

    Attributes:
        origins: for each of its characters the half-open range of the original text that it comes from.
        unknown: names that mean no variable, and what is none, each with its range in the original.
    """

    text: str
    origins: tuple[tuple[int, int], ...]
    unknown: tuple[tuple[str, int, int], ...]


_MENTION = re.compile(r"(?P<escape>\$\$\{)|\$\{(?P<name>[^{}]*)\}|(?P<open>\$\{)")
_QUOTED = re.compile(
    r"""--[^\n]*|(?<!\w)[rR](?:'[^']*'|"[^"]*")|/\*.*?\*/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`]|``)*`""",
    re.DOTALL,
)


def fill(text: str, variables: Mapping[str, Variable], is_expression: bool) -> Filled:
    """Puts the values of variables into a text."""
    quotes = list(_quotes(text)) if is_expression else []
    parts: list[str] = []
    origins: list[tuple[int, int]] = []
    unknown: list[tuple[str, int, int]] = []
    position = 0

    def keep(start: int, end: int) -> None:
        parts.append(text[start:end])
        origins.extend((at, at + 1) for at in range(start, end))

    for found in _MENTION.finditer(text):
        start, end = found.span()
        keep(position, start)
        position = end
        quote = next((mark for first, last, mark in quotes if first <= start < last), "")
        variable = variables.get((found["name"] or "").strip())
        if quote in ("-", "/"):  # a comment
            keep(start, end)
        elif found["escape"]:
            keep(start, start + 1)
            keep(start + 2, end)
        elif variable is None:
            unknown.append(((found["name"] or "").strip(), start, end))
            keep(start, end)
        else:
            value = _in_place(variable, quote, is_expression)
            parts.append(value)
            origins.extend([(start, end)] * len(value))
    keep(position, len(text))
    return Filled("".join(parts), tuple(origins), tuple(unknown))


def _in_place(variable: Variable, quote: str, is_expression: bool) -> str:
    if not is_expression or quote in tuple("`rR"):
        return variable.text()
    return escaped(variable.text(), quote) if quote else variable.literal()


def _quotes(text: str) -> Iterable[tuple[int, int, str]]:
    """The stretches of an expression that are quoted, or comments, each with its first character."""
    for found in _QUOTED.finditer(text):
        yield found.start(), found.end(), found[0][0]
