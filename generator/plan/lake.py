"""The compiled lake: what every later stage reads. Frozen data, made by `generator.plan.compile`.

A table is a query, and a query is a chain of steps. Each step carries the relation that holds after it, so that checks,
proofs, engines and pictures all read the same facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from sqlglot import exp

from generator.plan.normal_form import NormalForm
from generator.plan.relation import Column, ColumnId, Identity, Origin, Relation
from generator.plan.types import Type
from generator.runtime.options import ReadOptions
from generator.runtime.spelling import USUAL, Spelling
from generator.spec.variables import Variable

Found = TypeVar("Found")


class Place(NamedTuple):
    """Where in the spec something comes from: a path of keys, and the part of the string that stands there."""

    path: tuple[str | int, ...]
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """An output column of a step: its facts and its expression over the columns before the step."""

    column: Column
    ast: exp.Expression


@dataclass(frozen=True, slots=True)
class Query:
    """A chain of steps; the relation after the last one is the result."""

    steps: tuple[Step, ...]

    @property
    def relation(self) -> Relation:
        return self.steps[-1].after

    def joins(self) -> Iterator[JoinSite]:
        """The joins of the query and of the queries in it."""
        for position, step in enumerate(self.steps):
            if isinstance(step, Join):
                yield JoinSite(self.steps[: position + 1], self.steps[position - 1].after, step)
            for nested in _queries(step):
                yield from nested.joins()

    def rows_of_the_spec(self) -> Iterator[Inline]:
        """The steps of the query, and of the queries in it, whose rows stand in the spec."""
        for step in self.steps:
            if isinstance(step, Inline):
                yield step
            for nested in _queries(step):
                yield from nested.rows_of_the_spec()


def _queries(step: Step) -> Iterator[Query]:
    """The queries that a step takes rows from."""
    inputs = step.inputs if isinstance(step, Union) else (getattr(step, "input", None),)
    return (one for one in inputs if isinstance(one, Query))


Input = str | Query
"""The rows that a step takes: a table or source by name, or a nested query."""


@dataclass(frozen=True, slots=True)
class Step:
    """What all steps have.

    Attributes:
        after: the relation that the step leaves.
        place: where the spec says so.
        text: the step as the spec has it, for reports and comments.
    """

    after: Relation
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Scan(Step):
    """All rows of an input, its columns addressed by `alias`."""

    input: Input
    alias: str


@dataclass(frozen=True, slots=True)
class Union(Step):
    """The rows of several inputs with the same columns; their columns are addressed by `alias`."""

    inputs: tuple[Input, ...]
    alias: str


@dataclass(frozen=True, slots=True)
class Inline(Step):
    """Rows that stand in the spec; their columns are addressed by `alias`.

    Attributes:
        rows: of each a value for every column of `after`, in their order; as `generator.plan.row_values` has values.
    """

    rows: tuple[tuple[Any, ...], ...]
    alias: str


class Pair(NamedTuple):
    """Two columns that a join compares with plain `=`."""

    left: ColumnId
    right: ColumnId


@dataclass(frozen=True, slots=True)
class Join(Step):
    """Rows matched with those of another input.

    Attributes:
        kind: `inner`, `left`, `full`, `semi` or `anti`.
        condition: over the columns of both sides.
        pairs: the equalities between plain columns among the condition's conjuncts.
        exact: whether the condition is these equalities and nothing else.
        left_unique, right_unique: whether at most one row of that side has given values in the compared columns.
        assumes_left, assumes_right: whether that is only so because `cardinality` says it; every run checks it.
        cardinality, mixes_subjects: as the spec declares them.
        same: of a full join: the right side's persons who are the same as one on the left where there is a match.
    """

    kind: str
    input: Input
    alias: str
    condition: exp.Expression
    pairs: tuple[Pair, ...]
    exact: bool
    left_unique: bool
    right_unique: bool
    assumes_left: bool = False
    assumes_right: bool = False
    cardinality: str | None = None
    mixes_subjects: str | None = None
    same: frozenset[int] = frozenset()


class JoinSite(NamedTuple):
    """A join in its query: the steps up to it, and the relation on its left."""

    steps: tuple[Step, ...]
    left: Relation
    join: Join


WIDE_JOINS = ("inner", "left", "full")
"""The joins with which the joined table's columns come; each row once for each match."""

EXPLODES = frozenset(("explode", "posexplode", "explode_outer", "posexplode_outer"))
"""The functions of Spark that make rows of elements, with their places or without, and of what has none or not."""


@dataclass(frozen=True, slots=True)
class Unnest(Step):
    """A row for each element of an array, or each entry of a map, beside the other columns.

    Attributes:
        value: the array or map, over the columns before the step.
        made: the element; or the key and the value of an entry. A column of the same id is gone.
        position: the element's place in its array, from 0; an int.
        outer: rows without an element are kept, with nulls.
        fields: what is made are the fields of an element that is a struct, in their order.
        ordinality: the position counts from 1, and is a bigint.
    """

    value: exp.Expression
    made: tuple[ColumnId, ...]
    position: ColumnId | None
    outer: bool
    fields: bool = False
    ordinality: bool = False

    @property
    def new(self) -> tuple[ColumnId, ...]:
        """All columns that the step makes, the position first."""
        return (*((self.position,) if self.position else ()), *self.made)

    @property
    def function(self) -> str:
        """Spark's function that does it; it makes the columns in the order of `new`."""
        return f"{'pos' if self.position else ''}explode{'_outer' if self.outer else ''}"


@dataclass(frozen=True, slots=True)
class Filter(Step):
    """The rows for which a condition is true."""

    condition: exp.Expression


@dataclass(frozen=True, slots=True)
class Extend(Step):
    """Computed columns beside those that are there. They see the columns before the step only."""

    columns: tuple[Computed, ...]


class Order(NamedTuple):
    """A column to order by; nulls come first, or last when descending, as in Spark."""

    column: ColumnId
    descending: bool


@dataclass(frozen=True, slots=True)
class Dedupe(Step):
    """One row of each group of rows that agree on `by`: the first in `order`, then in `ties`."""

    by: tuple[ColumnId, ...]
    order: tuple[Order, ...]
    ties: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate(Step):
    """One row for each combination of `by`, with aggregates."""

    by: tuple[ColumnId, ...]
    aggregates: tuple[Computed, ...]


@dataclass(frozen=True, slots=True)
class Select(Step):
    """The columns that come out, in order."""

    columns: tuple[Computed, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class CompiledExpectation:
    """An expectation on a table.

    Attributes:
        kind, argument: as in the spec.
        name: what reports call it.
        blocking: whether a violation keeps the table from being published.
        condition: of `sql`: the checked expression.
        later: of `references`: columns whose values are to be found in what comes after the table, and the table that
            checks it, as both are there by then.
    """

    kind: str
    argument: Any
    name: str
    blocking: bool
    place: Place
    condition: exp.Expression | None = None
    later: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_unnamed(self) -> bool:
        """Whether the spec gives it no name of its own."""
        return self.name.startswith(f"{self.kind}: ")


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A declared column of a source: `key` is its name in the raw data, `spelling` that of its values there."""

    name: str
    key: str
    type: Type
    description: str | None = None
    spelling: Spelling = USUAL


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said of a table or source that changes nothing of its rows.

    Attributes:
        file: the file of the spec that it stands in, from the folder of the spec.
        owner: who looks after it.
    """

    file: str
    tags: tuple[str, ...] = ()
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How a deployed table's files lie, where the spec says so.

    Attributes:
        partition_by: columns and transforms of them, spelled in one way: `day(at)`, `bucket(16, user)`.
        sort_by: columns, each with ` desc` behind it or not.
        file_size: bytes of a file; None if it isn't said.
    """

    partition_by: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ()
    file_size: int | None = None


@dataclass(frozen=True, slots=True)
class CompiledSource:
    """A source: what is read, and the relation that its rows form.

    Attributes:
        paths: the folders of its files, below the landing folder.
        unique: groups of columns that no two rows share, as declared.
        event_time: the column that says when the data was made.
        about_nobody: it is said to hold no person's data.
        keep_versions: how many versions of its rows stay.
    """

    name: str
    zone: str
    description: str | None
    paths: tuple[str, ...]
    format: str
    options: ReadOptions
    columns: tuple[SourceColumn, ...]
    relation: Relation
    metadata: Metadata
    unique: tuple[tuple[str, ...], ...] = ()
    event_time: str | None = None
    about_nobody: bool = False
    max_bad_rows: int | str | None = None
    keep_versions: int = 3
    layout: TableLayout = TableLayout()

    @property
    def place(self) -> str:
        """Where its files are, in words."""
        return " and ".join(self.paths)


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table: its query, and what it depends on.

    Attributes:
        inputs: the tables and sources that it reads, in order of appearance.
        relation: its own columns, addressed without an alias.
        lineage: for each column, the input columns that it is computed from.
        keep_versions: how many versions stay for a rollback.
        pii: the table's own policy for personal data; None for its zone's.
        declassified: columns that are personal by the rules but not in fact, with the reasons.
        refresh: what a run makes when inputs changed, as the spec asks for it; see `generator.plan.maintenance`.
        checks_for: the tables and views before it some of whose expectations it checks: those with `later`.
    """

    name: str
    zone: str | None
    description: str | None
    is_view: bool
    query: Query
    inputs: tuple[str, ...]
    relation: Relation
    expectations: tuple[CompiledExpectation, ...]
    keep_versions: int
    metadata: Metadata
    pii: str | None = None
    declassified: Mapping[str, str] = field(default_factory=dict)
    refresh: str = "auto"
    checks_for: tuple[str, ...] = ()
    layout: TableLayout = TableLayout()

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(self.relation.columns.values())

    @property
    def lineage(self) -> Mapping[str, frozenset[Origin]]:
        return {column.name: column.origins for column in self.columns}


@dataclass(frozen=True, slots=True)
class CompiledConsent:
    """A consent: the people of `subject` agreed whose row of `registry` fulfils `when`.

    Attributes:
        condition: `when`, over the registry's columns.
        since: the registry's column with the moment of consent, if only data from then on may be used.
        keys: the keys of the subject that the registry has, and their columns there.
        present: of those the columns that may be null there, so that it has to be shown that they aren't.
    """

    subject: str
    registry: str
    when: str
    condition: exp.Expression
    since: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    present: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """All that a condition on the registry's rows has to imply."""
        first = f"({self.when})" if self.present and " or " in self.when.lower() else self.when
        return " and ".join((first, *(f"{column} is not null" for column in self.present)))


@dataclass(frozen=True, slots=True)
class CompiledZone:
    """A zone's rules: the consent that every row needs, and the personal data that may be here."""

    require: str | None = None
    pii: str = "allow"


@dataclass(frozen=True, slots=True)
class CompiledSubject:
    """A kind of person: each value of one of `keys` in `registry` is one person.

    Attributes:
        normal: the keys of which several spellings are one person, and the form in which they are the same.
    """

    registry: str
    keys: tuple[str, ...]
    normal: Mapping[str, NormalForm] = field(default_factory=dict)

    @property
    def written(self) -> tuple[str, ...]:
        """The keys as the spec has them."""
        return tuple(self.normal[key].text if key in self.normal else key for key in self.keys)


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What a job runs on, as far as the spec says it: Terraform's variables say the rest.

    Attributes:
        workers: `type` and `count`.
        timeout: in minutes.
        execution_class: `standard` or `flex`.
    """

    workers: Mapping[str, str | int] = field(default_factory=dict)
    timeout: int | None = None
    execution_class: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledJob:
    """What the spec says of a job.

    Attributes:
        steps: the sources and tables that it makes, in an order in which each comes after its inputs.
        words: by which word of the spec each is among them.
        file: of the spec, in which it stands.
    """

    name: str
    description: str | None
    steps: tuple[str, ...]
    settings: JobSettings
    place: Place
    words: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, slots=True)
class CompiledLake:
    """A lake that has no errors.

    Attributes:
        zones, subjects, consents: by name.
        tables: in an order in which each comes after its inputs.
        row_counts: what the reference data must give.
        subject_keys: raw columns (source, column) that are a person's key: (subject, key).
        variables: with the values that the lake is made with.
        jobs: those of which the spec says something; each other source and table has a job of its own.
        known: what `once` found out.
    """

    name: str
    description: str | None
    sources: Mapping[str, CompiledSource]
    tables: Mapping[str, CompiledTable]
    zones: Mapping[str, CompiledZone] = field(default_factory=dict)
    subjects: Mapping[str, CompiledSubject] = field(default_factory=dict)
    consents: Mapping[str, CompiledConsent] = field(default_factory=dict)
    row_counts: Mapping[str, int] = field(default_factory=dict)
    subject_keys: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    jobs: Mapping[str, CompiledJob] = field(default_factory=dict)
    known: dict[tuple[str, str], Any] = field(init=False, compare=False, repr=False, default_factory=dict)

    def once(self, what: str, of: str, find: Callable[[], Found]) -> Found:
        """What is found out of a lake and asked for by several.

        Args:
            what: is found out; each name is used with one function alone.
            of: the table, source or whatever it is told of.
        """
        if (what, of) not in self.known:
            self.known[what, of] = find()
        found: Found = self.known[what, of]
        return found

    def policy(self, table: CompiledTable) -> str:
        """Which personal data a table may hold: `allow`, `pseudonymous` or `forbid`."""
        zone = self.zones.get(table.zone or "")
        return table.pii or (zone.pii if zone is not None else "allow")

    def required(self, table: CompiledTable) -> str | None:
        """The consent that every row of a table needs."""
        zone = self.zones.get(table.zone or "")
        return zone.require if zone is not None and zone.require in self.consents else None

    def identifies(self, identity: Identity) -> str | None:
        """The kind of person whose key a raw column is."""
        found = self.key_of(identity)
        return found[0] if found else None

    def key_of(self, identity: Identity) -> tuple[str, str] | None:
        """The kind of person, and the key of theirs, that a raw column is."""
        if not identity.source:
            subject, key = identity.column.split(".")
            return subject, key
        if identity.own:
            owners = (name for name, one in self.subjects.items() if one.registry == identity.source)
            return next(
                ((name, identity.column) for name in owners if identity.column in self.subjects[name].keys), None
            )
        return self.subject_keys.get((identity.source, identity.column))

    def relation(self, name: str) -> Relation:
        """The relation of a table or source."""
        found = self.sources.get(name) or self.tables[name]
        return found.relation
