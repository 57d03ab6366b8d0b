"""The statements that `sql:` may hold, as data. Expressions in them are sqlglot trees, placed in the text."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Star:
    """`*` or `alias.*`, possibly `except (a, b)`."""

    alias: str | None
    excluded: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """An expression of the select list and the name it is given, if any."""

    ast: exp.Expression
    name: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """A table by name, or a query in parentheses."""

    table: str | None
    query: Statement | None
    alias: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A joined source, with one of `on` and `using`. A `cross` join has neither: its condition stands in WHERE."""

    kind: str
    source: Source
    on: exp.Expression | None
    using: tuple[tuple[str, int, int], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unnested:
    """A row for each element of an array or entry of a map: `lateral view explode(x) t as a`, `unnest(x) as t (a)`.

    Attributes:
        function: `explode`, `posexplode`, `inline` or `unnest`.
        ordinality: `unnest` counts the elements, from 1, in a last column.
        alias: of the columns; None where the query gives none.
        names: of the columns; none where the query gives none.
    """

    function: str
    value: exp.Expression
    outer: bool
    ordinality: bool
    alias: str | None
    names: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tested:
    """A condition of WHERE that asks another query: `exists (…)`, `value in (…)`, or their negation."""

    value: exp.Expression | None
    query: Statement
    negated: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a WHERE says, taken apart at its ANDs; `whole` where it asks no query."""

    whole: exp.Expression | None = None
    plain: tuple[exp.Expression, ...] = ()
    tested: tuple[Tested, ...] = ()


@dataclass(frozen=True, slots=True)
class Core:
    """One SELECT."""

    items: tuple[Star | Item, ...]
    distinct: bool
    source: Source
    joins: tuple[Joined | Unnested, ...]
    where: Conditions
    group_by: tuple[exp.Expression, ...]
    having: exp.Expression | None
    qualify: exp.Expression | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SetOperation:
    """Several queries put together by UNION (`distinct`) or UNION ALL; two by INTERSECT or EXCEPT."""

    kind: str
    branches: tuple[Body, ...]
    distinct: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of VALUES."""

    cells: tuple[exp.Expression, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows that stand in the query: `values (1, 'a'), (2, 'b') as t (code, name)`.

    Attributes:
        alias: None where the query gives none.
        names: of the columns; none where the query gives none.
    """

    rows: tuple[ListedRow, ...]
    alias: str | None
    names: tuple[str, ...]
    start: int
    end: int


Body = Core | SetOperation | Listed


@dataclass(frozen=True, slots=True)
class Statement:
    """A query with the named queries before it."""

    named: tuple[tuple[str, Statement], ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Term:
    """What ORDER BY orders by; nulls come first, or last when descending, unless it says otherwise."""

    ast: exp.Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Ordered:
    """A query as somebody asks it: with the order of its rows, and how many of them are wanted."""

    statement: Statement
    order: tuple[Term, ...] = ()
    limit: int | None = None
