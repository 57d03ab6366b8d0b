"""What must hold of a source or table, as data; each engine writes it in its own language.

`duckdb_checks` and `spark_checks` have the SQL of every kind of rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlglot import exp

from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import Step
from generator.plan.normal_form import NormalForm
from generator.plan.relation import ColumnId
from generator.plan.types import DATE, Type

ROW_NUMBER = "#row_number"
"""What a rule calls the number that it gives to each row."""
Constant = bool | int | Decimal | str
"""A value that the spec gives; of a date or timestamp: its ISO text."""


def plain_time(value: str, kind: Type) -> str:
    """A date or moment, in whichever ISO form it is given, as all engines read it: in UTC."""
    if kind == DATE:
        return date.fromisoformat(value).isoformat()
    moment = datetime.fromisoformat(value)
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo is not None else moment
    return moment.isoformat(" ")


@dataclass(frozen=True, slots=True)
class Missing:
    """A column is null."""

    column: str


@dataclass(frozen=True, slots=True)
class NotAmong:
    """A column has another value than these; null is none."""

    column: str
    type: Type
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A text isn't matched as a whole by a regular expression (Java's syntax)."""

    column: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A column lies below `low` or above `high`."""

    column: str
    type: Type
    low: Constant | None
    high: Constant | None


@dataclass(frozen=True, slots=True)
class Untrue:
    """A condition on the columns is false or null."""

    condition: exp.Expression


Broken = Missing | NotAmong | Unmatched | Outside | Untrue
"""A condition under which a row breaks a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What all rules have.

    Attributes:
        name: what reports call it.
        kind: of an expectation as in the spec; `proof` and `mixing` for what the compiler asks.
        blocking: whether a violation keeps the table, or what is made of the source, from being published.
        relation: the table or source that it is about.
    """

    name: str
    kind: str
    blocking: bool
    relation: str


@dataclass(frozen=True, slots=True)
class RowRule(Rule):
    """No row fulfils any of the `broken` conditions."""

    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class CountRule(Rule):
    """The number of rows lies within bounds, both inclusive."""

    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class UniqueRule(Rule):
    """No two rows share the columns' values; nulls count as equal.

    Attributes:
        of: the table or source whose rows are meant, if not the relation's own.
    """

    columns: tuple[str, ...]
    of: str | None = None


@dataclass(frozen=True, slots=True)
class UniqueBeforeRule(Rule):
    """No two rows share the columns' values at a point of the relation's query: after `steps`."""

    steps: tuple[Step, ...]
    columns: tuple[ColumnId, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of `column`, unless null, is found in `table.key`."""

    column: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class ReferenceRule(Rule):
    """No row has a value that is missing where it should be found."""

    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class ForeignRule(Rule):
    """What must hold of another table or view, and is looked at when this one is made.

    Of a view that the table reads: nothing else makes it. Of a table before it: what it refers to wasn't there yet.
    """

    rule: Rule


@dataclass(frozen=True, slots=True)
class ConsentRule(Rule):
    """Each value of `column`, unless null, is `key` of a row of `registry` that fulfils `condition`.

    Attributes:
        form: the normal form in which values of the key are compared, if there is one; so elsewhere.
    """

    column: str
    registry: str
    key: str
    condition: exp.Expression
    form: NormalForm | None = None


@dataclass(frozen=True, slots=True)
class SinceRule(Rule):
    """No `time` is before `since` of the row of `registry` whose `key` is the value of `column`."""

    column: str
    time: str
    registry: str
    key: str
    since: str
    form: NormalForm | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What decides of a row whether it breaks a rule: the rows of `table` whose `key` is the value of `column`.

    Attributes:
        others: further columns of the table that decide.
        form: the normal form in which values of the key are compared, if there is one.
    """

    column: str
    table: str
    key: str
    others: tuple[str, ...] = ()
    form: NormalForm | None = None


def asked_of(rule: Rule) -> tuple[Asked, ...]:
    """What a rule asks of other tables for each single row; nothing where it asks nothing, or otherwise."""
    match rule:
        case ReferenceRule(references=references):
            return tuple(Asked(one.column, one.table, one.key) for one in references)
        case ConsentRule(condition=condition):
            others = tuple(dict.fromkeys(column_id(node).name for node in column_nodes(condition)))
            return (Asked(rule.column, rule.registry, rule.key, others, rule.form),)
        case SinceRule():
            return (Asked(rule.column, rule.registry, rule.key, (rule.since,), rule.form),)
    return ()


def asks_of(rule: Rule) -> tuple[str, ...]:
    """The other tables, views and sources that a rule looks into."""
    if isinstance(rule, ForeignRule):
        return (rule.rule.relation, *asks_of(rule.rule))
    if isinstance(rule, UniqueRule):
        return (rule.of,) if rule.of is not None else ()
    return tuple(dict.fromkeys(one.table for one in asked_of(rule)))


@dataclass(frozen=True, slots=True)
class MixingRule(Rule):
    """No row after `steps` holds two people's data: the people of the columns `left` and `right` are one.

    Attributes:
        registry: where both keys of a person stand in a row.
        left_key, right_key: which key of a person each column is.
    """

    steps: tuple[Step, ...]
    left: ColumnId
    right: ColumnId
    registry: str
    left_key: str
    right_key: str
    left_form: NormalForm | None = None
    right_form: NormalForm | None = None
