"""The person: their keys, and the other keys that rows of theirs tell."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from generator.erasure.finding import Key
from generator.erasure.person import Named, PersonError, constant, key_type
from generator.erasure.text import Texts, is_telling
from generator.jobs.check_sql import sql_literal, sql_name
from generator.plan.expressions import settings_for, to_duckdb
from generator.plan.lake import CompiledLake
from generator.plan.relation import Relation
from generator.plan.types import duckdb_type

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column that is a key of the kind of person.

    Attributes:
        person: which of those that a row is about.
        normal: whether its values are in the key's normal form.
    """

    name: str
    key: str
    person: int = 0
    normal: bool = False


def key_columns(lake: CompiledLake, subject: str, relation: Relation) -> tuple[KeyColumn, ...]:
    """The columns of a relation that are keys of a kind of person."""
    found: dict[KeyColumn, None] = {}
    for column in relation.columns.values():
        for identity in sorted(column.identities):
            known = lake.key_of(identity)
            if known is not None and known[0] == subject:
                found[KeyColumn(column.name, known[1], identity.person, identity.normal)] = None
    return tuple(found)


def keys_in(lake: CompiledLake, subject: str, name: str) -> tuple[KeyColumn, ...]:
    """The columns with keys of a source or table; of what the spec lost, those that are called like one."""
    if name in lake.sources or name in lake.tables:
        return key_columns(lake, subject, lake.relation(name))
    everywhere = (lake.relation(one) for one in (*lake.sources, *lake.tables))
    known = {one.name: one for each in everywhere for one in key_columns(lake, subject, each)}
    return tuple(KeyColumn(name, one.key, number) for number, (name, one) in enumerate(known.items()))


def hashed_in(lake: CompiledLake, name: str) -> frozenset[str]:
    """The columns of a source or table that may have hashes of keys."""
    if name not in lake.sources and name not in lake.tables:
        return frozenset()
    return frozenset(column.name for column in lake.relation(name).columns.values() if column.personal)


@dataclass(slots=True)
class Known:
    """What is known of a person.

    Attributes:
        given: the keys that were named.
        spellings: the values of each key, as texts, however they are spelled.
        forms: the same in the keys' normal forms.
    """

    connection: duckdb.DuckDBPyConnection
    lake: CompiledLake
    subject: str
    given: frozenset[str]
    spellings: dict[str, set[str]] = field(default_factory=dict)
    forms: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def named(cls, connection: duckdb.DuckDBPyConnection, lake: CompiledLake, who: Iterable[Named]) -> Known:
        """A person by what they are called.

        Raises:
            PersonError: these are keys of several kinds of people, or a value isn't of its key's type.
        """
        names = list(who)
        subjects = list(dict.fromkeys(one.subject for one in names))
        if len(subjects) > 1:
            raise PersonError(f"{subjects[0]} and {subjects[1]} are two people: ask for one at a time")
        known = cls(connection, lake, subjects[0], frozenset(one.key for one in names))
        forms = (to_duckdb(form.of_column(None, "x")) for form in lake.subjects[known.subject].normal.values())
        for setting in settings_for(forms):
            connection.execute(setting)
        for one in names:
            if not known.add(one.key, one.value):
                kind = key_type(lake, one.subject, one.key)
                raise PersonError(f"{one.subject}.{one.key} is {kind}, and what stands behind `=` is none")
        return known

    def add(self, key: str, text: str, *, normal: bool = False) -> bool:
        """Adds a value of a key; whether it is one of the key's type.

        Args:
            normal: whether it is in the key's normal form already.
        """
        if text in self.spellings.get(key, ()):
            return True
        kind, form = key_type(self.lake, self.subject, key), self.lake.subjects[self.subject].normal.get(key)
        value = constant(text, kind)
        shown = value if form is None or normal else form.of(value)
        sql = f"SELECT CAST({to_duckdb(value)} AS VARCHAR), CAST({to_duckdb(shown)} AS VARCHAR)"
        try:
            for setting in settings_for((sql,)):
                self.connection.execute(setting)
            row = self.connection.execute(sql).fetchone()
        except duckdb.Error:
            row = None
        if row is None or None in row:
            return False
        self.spellings.setdefault(key, set()).add(row[0])
        self.forms.setdefault(key, set()).add(row[1])
        return True

    # In SQL ------------------------------------------------------------------------------------------

    def is_theirs(self, column: KeyColumn, kind: str) -> str:
        """SQL that a column of such a type in DuckDB has a key of theirs."""
        forms = ", ".join(map(sql_literal, sorted(self.forms.get(column.key, ()))))
        return f"coalesce({self.value(column, kind)} IN ({forms}), false)" if forms else "false"

    def value(self, column: KeyColumn, kind: str) -> str:
        """SQL of a key's value as a text, in its normal form."""
        form = self.lake.subjects[self.subject].normal.get(column.key)
        expected = duckdb_type(key_type(self.lake, self.subject, column.key))
        if form is not None and not column.normal and kind == expected:
            return f"CAST({to_duckdb(form.of_column(None, column.name))} AS VARCHAR)"
        return f"CAST({sql_name(column.name)} AS VARCHAR)"

    def learn(self, rows: str, columns: Iterable[KeyColumn], kinds: Mapping[str, str]) -> bool:
        """Takes from rows of theirs what else they are called; whether that was anything new.

        Args:
            rows: FROM what is searched.
            kinds: the types of its columns.
        """
        learnt = [self._learn(rows, theirs, kinds) for theirs in self.telling(columns, kinds)]
        return any(learnt)

    def telling(self, columns: Iterable[KeyColumn], there: Collection[str]) -> Iterator[list[KeyColumn]]:
        """The columns whose rows tell what else somebody is called, for each person that a row is about.

        Args:
            there: the columns that there are.
        """
        known = [column for column in columns if column.name in there]
        for person in sorted({column.person for column in known}):
            theirs = [column for column in known if column.person == person]
            if len({column.key for column in theirs}) > 1 or self._is_spelled(theirs):
                yield theirs

    def _is_spelled(self, columns: Iterable[KeyColumn]) -> bool:
        normal = self.lake.subjects[self.subject].normal
        return any(column.key in normal and not column.normal for column in columns)

    def _learn(self, rows: str, columns: list[KeyColumn], kinds: Mapping[str, str]) -> bool:
        wanted = " OR ".join(self.is_theirs(column, kinds[column.name]) for column in columns)
        shown = ", ".join(f"CAST({sql_name(column.name)} AS VARCHAR)" for column in columns)
        sql = f"SELECT DISTINCT {shown} {rows} WHERE {wanted}"
        return self.take(columns, self.connection.execute(sql).fetchall())

    def take(self, columns: Sequence[KeyColumn], rows: Iterable[Sequence[str | None]]) -> bool:
        """Adds the values of rows of theirs, as texts; whether any was new."""
        before = sum(map(len, self.spellings.values()))
        for row in rows:
            for column, text in zip(columns, row, strict=True):
                if text is not None:
                    self.add(column.key, text, normal=column.normal)
        return sum(map(len, self.spellings.values())) > before

    def take_all(self, found: Iterable[tuple[Sequence[KeyColumn], Iterable[Sequence[str | None]]]]) -> bool:
        """Adds the values of several lots of rows; whether any was new."""
        learnt = [self.take(columns, rows) for columns, rows in found]
        return any(learnt)

    # As text -----------------------------------------------------------------------------------------

    def texts(self) -> Texts:
        """What to look for in text."""
        known = sorted({text for kind in (self.spellings, self.forms) for texts in kind.values() for text in texts})
        telling = tuple(text for text in known if is_telling(text))
        names = {column.name for name in (*self.lake.sources, *self.lake.tables) for column in self._columns(name)}
        keys = {
            one.key for source in self.lake.sources.values() for one in source.columns if one.name in names
        }  # fmt: skip
        short = tuple(text for text in known if not is_telling(text))
        return Texts(telling, short, tuple(sorted(names | keys)), bool(self.lake.subjects[self.subject].normal))

    def hashes(self) -> tuple[str, ...]:
        """Hashes of their keys, as the functions of tables write them."""
        texts = {text for kind in (self.spellings, self.forms) for texts in kind.values() for text in texts}
        return tuple(hashlib.new(name, text.encode()).hexdigest() for text in sorted(texts) for name in _HASHES)

    def _columns(self, name: str) -> tuple[KeyColumn, ...]:
        return key_columns(self.lake, self.subject, self.lake.relation(name))

    def keys(self) -> Iterator[Key]:
        """The keys that there are, known or not."""
        for key in self.lake.subjects[self.subject].keys:
            texts = tuple(sorted(self.spellings.get(key, ())))
            as_text = bool(texts) and all(map(is_telling, texts))
            yield Key(key, key in self.given, len(self.forms.get(key, ())), as_text, texts)
