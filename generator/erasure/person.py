"""Somebody who is named on the command line: `customer.email=ada@example.com`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from generator.diagnostics import GeneratorError, suggestion
from generator.jobs.check_sql import sql_literal, sql_name
from generator.plan.expressions import Scope, check, to_duckdb
from generator.plan.expressions.nodes import typed
from generator.plan.lake import CompiledLake
from generator.plan.types import STRING, Type


class PersonError(GeneratorError):
    """What is said names nobody."""


@dataclass(frozen=True, slots=True)
class Named:
    """The person of kind `subject` whose `key` has this value."""

    subject: str
    key: str
    value: str


def parse_person(text: str, lake: CompiledLake) -> Named:
    """Reads `customer.email=ada@example.com`.

    Raises:
        PersonError: it has another form, or names no subject key of the lake.
    """
    who, equals, value = text.partition("=")
    subject, dot, key = who.strip().partition(".")
    if not equals or not dot or not value:
        raise PersonError(f"`{text}` is not of the form SUBJECT.KEY=VALUE, such as customer.email=ada@example.com")
    if subject not in lake.subjects:
        raise PersonError(f"there is no subject `{subject}`; {_hint(subject, lake.subjects)}")
    keys = lake.subjects[subject].keys
    if key not in keys:
        raise PersonError(f"`{key}` is no key of {subject}; {_hint(key, keys)}")
    return Named(subject, key, value)


def _hint(name: str, known: Iterable[str]) -> str:
    return "; ".join(suggestion(name, known)) or "the spec declares none"


def key_type(lake: CompiledLake, subject: str, key: str) -> Type:
    """The type of a key in its registry."""
    registry = lake.sources[lake.subjects[subject].registry]
    return next(column.type for column in registry.columns if column.name == key)


def is_value(lake: CompiledLake, who: Named, column: str, kind: Type) -> str:
    """DuckDB's SQL that a column is the person's key: in the key's normal form, where it has one."""
    form = lake.subjects[who.subject].normal.get(who.key)
    if form is not None:
        value = form.of(constant(who.value, kind))
        return f"{to_duckdb(form.of_column(None, column))} = {to_duckdb(value)}"
    key = sql_name(column) if kind == STRING else f"CAST({sql_name(column)} AS VARCHAR)"
    return f"{key} = {sql_literal(who.value)}"


def constant(text: str, kind: Type) -> exp.Expression:
    """A value of some type that is written as a text."""
    value = typed(exp.Literal.string(text), STRING)
    if kind == STRING:
        return value
    converted, _ = check(f"cast('' as {kind})", Scope({}))
    assert converted is not None and isinstance(converted.ast, exp.Cast)
    converted.ast.set("this", value)
    return converted.ast
