"""Questions to Athena about many places: several in one query, several queries at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from generator import stopping
from generator.deploy.athena import QueryError, Row, ask
from generator.deploy.aws import Aws
from generator.deploy.erasure.places import Place, alike
from generator.deploy.erasure.sql import Theirs, as_text
from generator.erasure.finding import Part, Unread
from generator.erasure.known import KeyColumn, Known, hashed_in, keys_in

One = TypeVar("One")
Answer = TypeVar("Answer")

_WORKERS = 4
_TOGETHER = 8
"""So many snapshots are asked for in one query."""
_LONGEST = 256 << 10
"""The bytes that a query may have."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found in a place, or a file.

    Attributes:
        sure: rows that are theirs.
        maybe: other rows in which such a text stands.
        columns: by which rows are theirs.
    """

    sure: int = 0
    maybe: int = 0
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Asking:
    """Asks Athena.

    Attributes:
        unread: what can't be looked into, by how it is called.
    """

    aws: Aws
    workgroup: str
    database: str
    known: Known
    unread: dict[str, Unread] = field(default_factory=dict)

    def rows(self, sql: str) -> list[Row]:
        """The rows that a query gives.

        Raises:
            QueryError: Athena says why not, or it is longer than Athena takes.
        """
        stopping.check()
        if len(sql.encode("utf-8", "surrogatepass")) > _LONGEST:
            raise QueryError("the query is longer than Athena takes: there are too many columns, or too many keys")
        return ask(self.aws, self.workgroup, self.database, sql)

    def each(self, function: Callable[[One], Answer], ones: Iterable[One]) -> list[Answer]:
        """What a function gives for each, several at once."""
        _ = self.aws.athena  # made once, before threads ask for it
        with ThreadPoolExecutor(_WORKERS) as pool:
            return list(pool.map(function, ones))

    def refuse(self, part: Part, file: str, problem: str) -> None:
        """Says that something can't be looked into."""
        self.unread[file] = Unread(part, file, problem)

    # Places ------------------------------------------------------------------------------------------

    def keys(self, place: Place) -> tuple[KeyColumn, ...]:
        """The columns with keys that a place has."""
        if place.part is Part.QUARANTINE:
            return ()
        return tuple(one for one in self.all_keys(place.name) if one.name in place.kinds)

    def all_keys(self, name: str) -> tuple[KeyColumn, ...]:
        return keys_in(self.known.lake, self.known.subject, name)

    def learn(self, places: Sequence[Place]) -> bool:
        """Takes from rows of theirs what else they are called; whether that was anything new."""
        asked = [
            (columns, group)
            for group in _few(places)
            for columns in self.known.telling(self.keys(group[0]), group[0].kinds)
        ]
        found = self.each(lambda one: self._told(*one), asked)
        return self.known.take_all((columns, rows) for (columns, _), rows in zip(asked, found, strict=True))

    def _told(self, columns: Sequence[KeyColumn], group: Sequence[Place]) -> list[list[str | None]]:
        """The keys that rows of theirs have in places with the same columns."""
        sql = " UNION ".join(learning(self.known, columns, one.kinds, one.relation) for one in group)
        try:
            return self.told(columns, sql)
        except QueryError as error:
            if len(group) > 1:
                return [row for one in group for row in self._told(columns, [one])]
            self.refuse(group[0].part, group[0].relation, str(error).splitlines()[0])
            return []

    def told(self, columns: Sequence[KeyColumn], sql: str) -> list[list[str | None]]:
        """The values of keys that a query of `learning` gives.

        Raises:
            QueryError: Athena says why not.
        """
        return [[row[f"k{number}"] for number, _ in enumerate(columns)] for row in self.rows(sql)]

    def hits(self, places: Sequence[Place]) -> Mapping[Place, Hits]:
        """What is in places; those without any of it are left out."""
        found: dict[Place, Hits] = {}
        for one in self.each(self._hits, _few(places)):
            found |= one
        for place in places:
            for form in Theirs(self.known).unaskable(self.keys(place)):
                self.refuse(place.part, place.relation, unaskable(form))
        return {place: one for place, one in found.items() if one.sure or one.maybe}

    def _hits(self, group: Sequence[Place]) -> Mapping[Place, Hits]:
        first, theirs = group[0], Theirs(self.known)
        keys = self.keys(first)
        is_raw = first.part is Part.QUARANTINE
        by_key = {column: theirs.is_key(column, first.kinds[column.name]) for column in keys}
        named = {column.name for column in keys}
        hashed = () if is_raw else hashed_in(self.known.lake, first.name)
        counts = counting(by_key, theirs.mentions(first.kinds, named, hashed, raw=is_raw))
        parts = [f"SELECT {number} AS place, {counts} FROM {one.relation}" for number, one in enumerate(group)]
        try:
            rows = self.rows(" UNION ALL ".join(parts))
        except QueryError as error:
            if len(group) > 1:
                return {place: hits for one in group for place, hits in self._hits([one]).items()}
            self.refuse(first.part, first.relation, str(error).splitlines()[0])
            return {}
        return {group[int(row["place"] or 0)]: hits_of(row, list(by_key)) for row in rows}


def learning(known: Known, columns: Sequence[KeyColumn], kinds: Mapping[str, str], relation: str) -> str:
    """SQL of the keys that rows of theirs have."""
    theirs = Theirs(known)
    shown = ", ".join(f"{as_text(column.name)} AS k{number}" for number, column in enumerate(columns))
    wanted = " OR ".join(theirs.is_key(column, kinds[column.name]) for column in columns)
    return f"SELECT DISTINCT {shown} FROM {relation} WHERE {wanted}"


def counting(by_key: Mapping[KeyColumn, str], mentions: Sequence[str]) -> str:
    """SQL of how many rows are theirs, how many others mention them, and how many are theirs by each column."""
    sure, maybe = " OR ".join(by_key.values()) or "false", " OR ".join(mentions) or "false"
    counts = [f"count_if({sure}) AS sure", f"count_if(NOT ({sure}) AND ({maybe})) AS maybe"]
    counts += [f"count_if({sql}) AS k{number}" for number, sql in enumerate(by_key.values())]
    return ", ".join(counts)


def hits_of(row: Row, keys: Sequence[KeyColumn]) -> Hits:
    """What a row of counts says."""
    columns = dict.fromkeys(key.name for number, key in enumerate(keys) if int(row[f"k{number}"] or 0))
    return Hits(int(row["sure"] or 0), int(row["maybe"] or 0), tuple(columns))


def _few(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Places with the same columns together, as many as one query asks for; those without rows are left out."""
    for group in alike([place for place in places if place.rows != 0]):
        for start in range(0, len(group), _TOGETHER):
            yield group[start : start + _TOGETHER]


def unaskable(form: str) -> str:
    """What is said of a normal form that Athena can't make."""
    return f"Athena can't make the normal form `{form}`, so it finds no other spellings than those that are known"
