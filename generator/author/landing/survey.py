"""What is known of the sources: their profiles, the names and types of their columns, and the keys the data proves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from generator.author.landing.csv_looks import UTF16, csv_layout
from generator.author.landing.documents import document_records, json_options
from generator.author.landing.files import RawFiles
from generator.author.landing.folders import folder_columns
from generator.author.landing.lines import Reading, first_bytes
from generator.author.landing.looks import Look
from generator.author.landing.parquet import parquet_columns, parquet_records
from generator.author.landing.profile import ColumnProfile, Profile, profile
from generator.author.landing.records import csv_records, json_records
from generator.author.landing.types import Inferred, infer
from generator.author.names import distinct_names, tokens
from generator.diagnostics import GeneratorError
from generator.runtime.options import ReadOptions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TIMES = frozenset("time timestamp ts at date datetime moment day".split())
_KEY_WORDS = frozenset(
    "id ids key uuid guid code number no nr serial serialnumber sku ref reference token account user".split()
)
_PAIR_COLUMNS = 10
_FEW_ROWS = 20
_FEW_KEYS = 5


class UnusableFilesError(GeneratorError):
    """Files that no source can be made of.

    Attributes:
        source: what the source would be called.
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        super().__init__(f"{source}: {reason}")


@dataclass(frozen=True, slots=True)
class SurveyedColumn:
    """A column: its name, and what was seen under its key."""

    name: str
    key: str
    seen: ColumnProfile
    inferred: Inferred

    @property
    def words(self) -> tuple[str, ...]:
        return tokens(self.key)

    @property
    def epoch(self) -> str:
        """The unit of integers that all are a plausible moment (0 stands for none), or nothing."""
        values = self.seen.kinds["int"] + self.seen.kinds["field"]
        return next((unit for unit, count in self.seen.epochs.items() if values and count >= 0.99 * values), "")

    @property
    def is_moment(self) -> bool:
        kind = self.inferred.type
        return kind is not None and (kind.kind in ("timestamp", "date") or bool(self.epoch))

    @property
    def is_email(self) -> bool:
        return self._looks_like(Look.EMAIL)

    @property
    def is_key_like(self) -> bool:
        """Whether its name or its values say that it tells things apart; measures, moments and free texts don't."""
        kind = self.inferred.type
        if kind is None or self.is_moment or self.seen.marks is None:
            return False
        last = self.words[-1] if self.words else ""
        named = last in _KEY_WORDS or last.endswith("id")
        return (kind.kind == "string" or kind.is_integer) and (named or self._looks_like(Look.EMAIL | Look.UUID))

    def _looks_like(self, wanted: Look) -> bool:
        return self.seen.looking(wanted) >= 0.9 * max(self.seen.values, 1)


@dataclass
class Survey:
    """A source.

    Attributes:
        columns: those that a column can hold, in order.
        unstorable: keys that no column can hold, with the reason.
        options: how the files are laid out.
        partitions: columns whose values are in the names of folders.
        pairs: two columns that no two rows share, where no single one is so.
    """

    raw: RawFiles
    reading: Reading
    profile: Profile
    columns: tuple[SurveyedColumn, ...]
    unstorable: tuple[tuple[str, str], ...]
    options: ReadOptions = field(default_factory=ReadOptions)
    partitions: tuple[SurveyedColumn, ...] = ()
    _sets: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.raw.name

    @property
    def holds_a_table(self) -> str:
        """What the only record of each file looks like, if not like a row: a whole table in an object."""
        if self.raw.format != "json" or self.profile.rows > len(self.raw.files):
            return ""
        kinds = {column.inferred.type for column in self.columns}
        objects, lists = ({kind and kind.kind for kind in kinds} == {name} for name in ("struct", "array"))
        lengths = {column.seen.element.values if column.seen.element else 0 for column in self.columns}
        if objects and len(kinds) == 1 and len(self.columns) >= _FEW_KEYS:
            return f"{len(self.columns)} keys hold objects alike, as if these were the rows of a table"
        if lists and len(self.columns) > 1 and len(lengths) == 1 and min(lengths) > self.profile.rows:
            return f"{len(self.columns)} keys hold lists as long as each other, as if these were the columns of a table"
        return ""

    def column(self, name: str) -> SurveyedColumn:
        return next(column for column in self.columns if column.name == name)

    def nulls(self, column: SurveyedColumn) -> int:
        return self.profile.rows - column.seen.values

    def values(self, column: SurveyedColumn) -> frozenset[int]:
        """Marks of the different values of a column that could be a key."""
        if column.name not in self._sets:
            self._sets[column.name] = frozenset(column.seen.marks or ())
        return self._sets[column.name]

    def is_unique(self, column: SurveyedColumn) -> bool:
        """Whether no two rows share a value, and every row has one."""
        marks = column.seen.marks
        return marks is not None and len(marks) == self.profile.rows > 1 and len(self.values(column)) == len(marks)

    @property
    def unfit(self) -> int:
        """Lines that will be quarantined, or a few more where one has several faults."""
        misfits = sum(column.inferred.misfits for column in self.columns)
        return self.profile.broken + self.profile.other_case + misfits

    @property
    def unique_but_for_copies(self) -> tuple[SurveyedColumn, ...]:
        """Columns that would be a key if no line were there twice."""
        if not self.profile.copies:
            return ()
        rows = self.profile.rows - self.profile.copies
        likely = (column for column in self.columns if column.is_key_like and not self.nulls(column))
        return tuple(column for column in likely if len(self.values(column)) == rows)

    @cached_property
    def unique(self) -> tuple[SurveyedColumn, ...]:
        """Columns that are a key by the data, and that look like one."""
        return tuple(column for column in self.columns if column.is_key_like and self.is_unique(column))

    @cached_property
    def pairs(self) -> tuple[tuple[SurveyedColumn, SurveyedColumn], ...]:
        if self.unique or self.profile.rows < _FEW_ROWS:
            return ()
        whole = [column for column in self.columns if self._may_pair(column)][:_PAIR_COLUMNS]
        likely = [pair for pair in combinations(whole, 2) if any(column.is_key_like for column in pair)]
        return tuple(pair for pair in likely if _differ(*pair))

    def _may_pair(self, column: SurveyedColumn) -> bool:
        marks = column.seen.marks
        return (column.is_moment or column.is_key_like) and marks is not None and len(marks) == self.profile.rows

    @cached_property
    def event_time(self) -> SurveyedColumn | None:
        """The one column that says when a row's data was made."""
        moments = [column for column in self.columns if column.is_moment and not self.nulls(column)]
        named = [column for column in moments if set(column.words) & _TIMES]
        return named[0] if len(named) == 1 else None


def _differ(a: SurveyedColumn, b: SurveyedColumn) -> bool:
    """Whether no two rows share both values."""
    seen: set[tuple[int, int]] = set()
    for pair in zip(a.seen.marks or (), b.seen.marks or (), strict=True):
        if pair in seen:
            return False
        seen.add(pair)
    return True


def survey(raw: RawFiles, connection: Callable[[], DuckDBPyConnection], limit: int) -> Survey:
    """Reads a source's files: all lines if they have no more than `limit` bytes, else a sample of that size.

    Raises:
        GeneratorError: the files can't be read, or no line of them is a record.
    """
    reading = Reading(limit)
    options = ReadOptions()
    unnamed: Mapping[str, str] = {}
    if raw.format == "parquet":
        given = parquet_columns(connection(), raw.files)
        seen = profile(parquet_records(connection(), raw.files, given, reading))
        if not seen.rows:
            raise UnusableFilesError(raw.name, f"{raw.files[0]} has no rows")
        for key, kind in given.items():
            seen.columns[key].given = kind
        unstorable = [(key, "a type that Glue has not") for key, kind in given.items() if kind is None]
        return _surveyed(raw, reading, seen, unstorable, options)
    if raw.format == "csv":
        layout = csv_layout(raw.files)
        options, unnamed = layout.options, layout.unnamed
        seen = profile(csv_records(raw.files, layout, reading))
    else:
        options = json_options(raw.files)
        documents = options.cuts_documents
        seen = profile(document_records(raw.files, options, reading) if documents else json_records(raw.files, reading))
    if not seen.rows:
        raise UnusableFilesError(raw.name, _no_rows(raw, seen, reading))
    return _surveyed(raw, reading, seen, list(unnamed.items()), options)


def _no_rows(raw: RawFiles, seen: Profile, reading: Reading) -> str:
    if reading.damaged and not seen.broken:
        return f"{reading.damaged[0]} is a damaged archive"
    if raw.format == "csv":
        return f"{raw.files[0]} has no lines below its header that can be read"
    if first_bytes(raw.files[0], 2) in UTF16:
        return f"{raw.files[0]} is UTF-16, and JSON has to be UTF-8: convert it, as by `iconv -f UTF-16 -t UTF-8`"
    return f"{raw.files[0]} holds no JSON object, neither on a line nor in an array or over several lines"


def _surveyed(
    raw: RawFiles, reading: Reading, seen: Profile, unstorable: Sequence[tuple[str, str]], options: ReadOptions
) -> Survey:
    lost = list(unstorable)
    kept = [column for key, column in seen.columns.items() if key not in dict(lost)]
    inferred = {column.key: infer(column) for column in kept}
    lost += [(key, found.remarks[0]) for key, found in inferred.items() if found.type is None]
    names = distinct_names(column.key for column in kept if inferred[column.key].type is not None)
    columns = tuple(SurveyedColumn(names[c.key], c.key, c, inferred[c.key]) for c in kept if c.key in names)
    if not columns:
        raise UnusableFilesError(raw.name, f"none of the keys in {raw.files[0]} can be a column")
    partitions = _partitions(raw, seen.columns, {column.name for column in columns})
    return Survey(raw, reading, seen, columns, tuple(lost), options, partitions)


def _partitions(raw: RawFiles, records: Mapping[str, ColumnProfile], taken: set[str]) -> tuple[SurveyedColumn, ...]:
    """The columns that the folders below the source's own are called by."""
    above = raw.root / raw.path if raw.path.endswith("/") else raw.files[0].parent
    inside = [file.relative_to(above) for file in raw.files]
    found = [(column, infer(column)) for column in folder_columns(inside, records).values()]
    names = distinct_names([*taken, *(column.key for column, _ in found)])
    return tuple(SurveyedColumn(names[c.key], c.key, c, kind) for c, kind in found if c.key not in taken)
