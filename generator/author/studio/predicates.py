"""Conditions of Python: what the function of a Filter says of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class UntranslatableError(ValueError):
    """Python that has no counterpart in SQL; the message says which."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a field of one: the keys of `row["a"]["b"]`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A constant. `loose`: written as text, and a number if the column has numbers, as in CodeGen JSON."""

    value: object
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """Arithmetic of numbers."""

    left: Operand
    operator: str
    right: Operand


Operand = Field | Value | Computed


@dataclass(frozen=True, slots=True)
class Compare:
    """`=`, `<`, `<=`, `>`, `>=`; whether they are unequal is the negation of `=`."""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True, slots=True)
class IsNone:
    operand: Operand


@dataclass(frozen=True, slots=True)
class IsNull:
    """SQL's own test, which CodeGen JSON has: true of an absent key too."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class In:
    operand: Operand
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """A regular expression that is found in a text."""

    operand: Operand
    pattern: str


@dataclass(frozen=True, slots=True)
class Truth:
    """A column of booleans, by itself."""

    operand: Field


@dataclass(frozen=True, slots=True)
class Not:
    part: Predicate


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Predicate, ...]


Predicate = Compare | IsNone | IsNull | In | Matches | Truth | Not | Both | Either


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What SQL knows of a field.

    Attributes:
        text: how SQL says it.
        type: its type, or nothing.
        key: whether a null is an absent key, whose use raises.
    """

    text: str
    type: str
    key: bool


Facts = Callable[[Field], FieldFacts]


def parts_of(predicate: Predicate) -> tuple[Predicate, ...]:
    """The conditions that a condition is put together of."""
    match predicate:
        case Both() | Either():
            return predicate.parts
        case Not():
            return (predicate.part,)
    return ()


def fields(predicate: Predicate) -> list[Field]:
    """The fields that a condition uses, in order."""
    found: list[Field] = []

    def operand(one: Operand) -> None:
        if isinstance(one, Field):
            found.append(one)
        elif isinstance(one, Computed):
            operand(one.left)
            operand(one.right)

    def visit(one: Predicate) -> None:
        match one:
            case Both() | Either() | Not():
                for part in parts_of(one):
                    visit(part)
            case Compare():
                operand(one.left)
                operand(one.right)
            case _:
                operand(one.operand)

    visit(predicate)
    return list(dict.fromkeys(found))


def literal(value: object) -> str:
    """A constant of Python in SQL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if value is None:
        return "null"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
        return f"'{escaped}'"
    raise UntranslatableError(repr(value))
