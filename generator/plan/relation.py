"""What is known about a relation at one point of the plan: the state that every step takes and passes on.

It stays O(columns): what a proof needs of the past (whose data, which personal columns, which keys) is kept as
facts about the present columns, so nothing walks back through the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from generator.plan.types import Type


class Origin(NamedTuple):
    """A column of a table that a value is computed from directly: one edge of the lineage."""

    table: str
    column: str


class PersonalData(NamedTuple):
    """A raw column of personal data that a value depends on.

    Attributes:
        source, column: where it was declared `pii`, or is a subject's key.
        pseudonymous: only a hash or a key that names nobody by itself is left of it.
        hashed: it is a hash of what names somebody, so that comparing it with the hash of a name tells who it is.
    """

    source: str
    column: str
    pseudonymous: bool
    hashed: bool = False


class Identity(NamedTuple):
    """A value that, where it isn't null, equals a raw column of the person that a row is about.

    Attributes:
        person: id of the person in this relation; each occurrence of a table has persons of its own.
        source, column: the raw column. After a union of several sources, whose keys of the same kind stay that key:
            no source, and `subject.key`.
        own: the row is this person's own row of a registry. What else names somebody in a row, such as who referred
            a customer, says who they are, and nothing of what they agreed to.
        normal: it is a key in its normal form; others may be spelled in several ways.
    """

    person: int
    source: str
    column: str
    own: bool = False
    normal: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what is known of its values.

    Attributes:
        name: its name here, lower case.
        type: its Glue type.
        personal: the personal data it depends on, through any expression, condition or join key.
        identities: raw columns of one person that it equals.
        origins: the columns of the step's input tables that it is computed from.
        raw: it is null only where the landed data is, so that being null tells nothing else of its value.
        told: what being null tells all the same: after a left join, the personal data that decides who is matched.
    """

    name: str
    type: Type
    personal: frozenset[PersonalData] = frozenset()
    identities: frozenset[Identity] = frozenset()
    origins: frozenset[Origin] = frozenset()
    raw: bool = False
    told: frozenset[PersonalData] = frozenset()


class ColumnId(NamedTuple):
    """How a step addresses a column: the alias of its table, or None for one that the table itself computed."""

    alias: str | None
    name: str


class Proof(NamedTuple):
    """Why a person is known to have consented.

    Attributes:
        consent: which.
        reason: the step that shows it.
        via: the table whose own proof the step passes on; None where the step itself asks for the consent.
    """

    consent: str
    reason: str
    via: str | None = None


class Since(NamedTuple):
    """A source of which only data from the moment of a consent on is in the row."""

    consent: str
    source: str


class Goal(NamedTuple):
    """A conjunct of a consent's condition, as `canonical` writes it."""

    consent: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody that each row is about.

    Attributes:
        subject: the kind of person.
        sources: the sources that contribute this person's own rows to the row.
        aggregated: the row sums up several people, and nothing more can be shown of any single one.
        picked: of those summed up, values of single ones stand in the row, as `max` and `lag` take them.
        optional: the person came by a left join and may be missing; nothing is known where a column is null.
        partners: persons that are the same as this one wherever this one isn't missing.
        proofs: the consents that every row's person is known to have given.
        since: the sources of which only data since a consent is there.
        mentioned: the registries of which somebody else's row names this person.
        shown: parts of consents' conditions that are known of the person's own row of the registry.
    """

    subject: str
    sources: frozenset[str]
    aggregated: bool = False
    picked: bool = False
    optional: bool = False
    partners: frozenset[int] = frozenset()
    proofs: frozenset[Proof] = frozenset()
    since: frozenset[Since] = frozenset()
    mentioned: frozenset[str] = frozenset()
    shown: frozenset[Goal] = frozenset()

    @property
    def consents(self) -> frozenset[str]:
        return frozenset(proof.consent for proof in self.proofs)


class Silence(NamedTuple):
    """A source that doesn't say whether it holds data of a kind of person; no kind: of anybody."""

    source: str
    subject: str = ""


Keys = frozenset[frozenset[ColumnId]]


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns by id, in output order, and the facts that hold for the rows.

    Attributes:
        columns: in the order in which they come out.
        keys: sets of columns whose values no two rows share; an empty set means at most one row.
        persons: the people that a row is about, by id.
        silences: what the spec doesn't say of the sources in the row: whose data they are.
        filtered: personal data that decides which rows there are, otherwise than by equal columns.
    """

    columns: Mapping[ColumnId, Column]
    keys: Keys = frozenset()
    persons: Mapping[int, Person] = field(default_factory=dict)
    silences: frozenset[Silence] = frozenset()
    filtered: frozenset[PersonalData] = frozenset()

    @property
    def undeclared(self) -> frozenset[str]:
        """The sources of which nothing at all is said."""
        return frozenset(one.source for one in self.silences if not one.subject)

    def silent_of(self, subject: str) -> frozenset[str]:
        """The sources that may hold data of this kind of person without saying so."""
        return frozenset(one.source for one in self.silences if one.subject in ("", subject))

    def by_alias(self) -> dict[str, dict[str, Column]]:
        """The columns that came from tables, by alias and name."""
        found: dict[str, dict[str, Column]] = {}
        for (alias, name), column in self.columns.items():
            if alias is not None:
                found.setdefault(alias, {})[name] = column
        return found

    def computed(self) -> dict[str, Column]:
        """The columns that belong to no alias."""
        return {name: column for (alias, name), column in self.columns.items() if alias is None}
