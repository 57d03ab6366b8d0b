"""Rows of Parquet files: those that are a person's by a key, and those in which a text like a key of theirs stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.erasure.known import KeyColumn, Known
from generator.erasure.text import Texts
from generator.jobs.check_sql import sql_literal, sql_name
from generator.run.landing.sql import file_list

FILE, RECORD = "#file", "file_row_number"
_NESTED = ("[", "STRUCT(", "MAP(")
"""What types of nested values have in their names."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found in a file.

    Attributes:
        sure: rows that are theirs.
        maybe: other rows in which such a text stands.
        columns: by which rows are theirs.
        lines: the numbers of these rows, from 1, where they were asked for.
    """

    sure: int = 0
    maybe: int = 0
    columns: tuple[str, ...] = ()
    lines: tuple[int, ...] = field(default=())

    def __add__(self, other: Hits) -> Hits:
        columns = tuple(dict.fromkeys((*self.columns, *other.columns)))
        return Hits(self.sure + other.sure, self.maybe + other.maybe, columns)


@dataclass(frozen=True, slots=True)
class RowSearch:
    """Searches Parquet files.

    Attributes:
        texts: the person's keys as text.
    """

    known: Known
    texts: Texts

    def kinds(self, paths: Sequence[str]) -> dict[str, str]:
        """The columns of files with the same ones, and their types in DuckDB.

        Raises:
            duckdb.Error: a file can't be read.
        """
        rows = self.known.connection.execute(f"DESCRIBE {self.rows(paths)}").fetchall()
        return {row[0]: row[1] for row in rows if row[0] != FILE}

    def rows(self, paths: Sequence[str]) -> str:
        return f"FROM read_parquet({file_list(list(paths))}, filename = {sql_literal(FILE)})"

    def find(
        self,
        paths: Sequence[str],
        keys: Iterable[KeyColumn],
        *,
        hashed: frozenset[str] = frozenset(),
        raw: bool = False,
        numbered: bool = False,
    ) -> Mapping[str, Hits]:
        """What is in files with the same columns; files without any of it are left out.

        Args:
            keys: columns with keys of people.
            hashed: columns that may have hashes of keys.
            raw: whether texts are lines of landing data, in which a short key stands beside its name or alone.
            numbered: whether the numbers of the rows are wanted.

        Raises:
            duckdb.Error: a file can't be read.
        """
        kinds = self.kinds(paths)
        by_key = {column: self.known.is_theirs(column, kinds[column.name]) for column in keys if column.name in kinds}
        sure = " OR ".join(by_key.values()) or "false"
        named = {column.name for column in by_key}
        others = {name: kind for name, kind in kinds.items() if name not in named}
        maybe = " OR ".join(self._texts(others, hashed, raw)) or "false"
        counts = "".join(f", count(*) FILTER ({sql})" for sql in by_key.values())
        lines = ', list("#record" + 1 ORDER BY "#record")' if numbered else ", NULL"
        record = f', {RECORD} AS "#record"' if numbered else ""
        found = self.known.connection.execute(
            f'SELECT {sql_name(FILE)}, count(*) FILTER ("#sure"), count(*) FILTER (NOT "#sure"){lines}{counts}'
            f' FROM (SELECT *{record}, {sure} AS "#sure" {self.rows(paths)} WHERE ({sure}) OR ({maybe})) GROUP BY 1'
        ).fetchall()
        return {row[0]: self._hits(row, list(by_key)) for row in found}

    def _hits(self, row: tuple[object, ...], keys: list[KeyColumn]) -> Hits:
        _, sure, maybe, lines, *counts = row
        columns = dict.fromkeys(key.name for key, count in zip(keys, counts, strict=True) if count)
        assert isinstance(sure, int) and isinstance(maybe, int)
        return Hits(sure, maybe, tuple(columns), tuple(lines) if isinstance(lines, list) else ())

    def _texts(self, kinds: Mapping[str, str], hashed: frozenset[str], raw: bool) -> Iterable[str]:
        """SQL that a text like a key of theirs stands in a column."""
        plain, nested = self.texts.pattern(fields=raw, separated=raw), self.texts.pattern(fields=True)
        with_hashes = replace(self.texts, telling=(*self.texts.telling, *self.known.hashes())).pattern()
        for name, kind in kinds.items():
            is_nested = any(mark in kind for mark in _NESTED)
            pattern = nested if is_nested else with_hashes if name in hashed else plain
            if pattern and (is_nested or kind == "VARCHAR"):
                text = f"CAST(to_json({sql_name(name)}) AS VARCHAR)" if is_nested else sql_name(name)
                yield f"coalesce(regexp_matches({text}, {sql_literal(pattern)}), false)"
