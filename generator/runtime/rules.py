"""What the rules of landing data speak of: columns, lines that are no rows, and the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .plain_times import PlainTimes, plain_times
from .spelling import USUAL, Spelling
from .time_patterns import EPOCHS, Epoch
from .types import Type

MAX_RECORD = 64 << 20
"""Records of more bytes are no rows: reading one may take a hundred times its size."""
_SHOWN_OF_LONG = 1_000


class Reason(StrEnum):
    """Why a line is in the quarantine."""

    TOO_LONG = "too_long"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_ENCODING = "invalid_encoding"
    BROKEN_JSON = "broken_json"
    TEXT_AFTER_VALUE = "text_after_value"
    NOT_AN_OBJECT = "not_an_object"
    NO_RECORDS = "no_records"
    WRONG_CASE = "wrong_case"
    DUPLICATE_KEY = "duplicate_key"
    NEW_KEY = "new_key"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    BROKEN_CSV = "broken_csv"
    WRONG_FIELD_COUNT = "wrong_field_count"
    WRONG_HEADER = "wrong_header"


class Rejected(Exception):
    """A line that doesn't become a row; raised while decoding it, caught where lines are sorted."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")

    @classmethod
    def told(cls, text: str) -> Rejected:
        """The one that `str` made this text of."""
        reason, _, detail = text.partition(": ")
        return cls(Reason(reason), detail)


@dataclass(frozen=True, slots=True)
class LandingColumn:
    """One declared column.

    Attributes:
        name: as tables spell it, lower case.
        key: as the raw data spells it: JSON key, CSV header field or Parquet column.
        spelling: of its values, where that isn't as usual.
    """

    name: str
    key: str
    type: Type
    spelling: Spelling = USUAL

    @property
    def epoch(self) -> Epoch | None:
        """How its numbers count time, if that is all that is said of it: whole ones are read as such then."""
        (name, *_) = (*self.spelling.format, "")
        return Epoch(name) if name in EPOCHS and self.spelling == Spelling(format=(name,)) else None

    @property
    def times(self) -> PlainTimes | None:
        """The texts of its moments that engines read by themselves, if a pattern is all that is said of it."""
        return plain_times(self.spelling) if self.spelling == Spelling(format=self.spelling.format) else None


ProvenFiles = Mapping[str, tuple[int, int, int]]
"""By name files whose lines are all proven: the size in bytes, when modified (ms since 1970), how many lines."""


def file_column(columns: Iterable[str]) -> str:
    """The stored column with the name of each row's file: `_file`, or a longer name where a column has that."""
    names, found = set(columns), "_file"
    while found in names:
        found += "_"
    return found


def landing_column(columns: Iterable[str]) -> str:
    """The same in an Iceberg table, where names that begin with `_` are Iceberg's: `landing_file`, or a longer one."""
    names, found = set(columns), "landing_file"
    while found in names:
        found += "_"
    return found


def readable(raw: bytes) -> str:
    r"""The text of a line; bytes that aren't UTF-8 as `\xe9`; of a line that is too long its beginning."""
    if len(raw) > MAX_RECORD:
        return raw[:_SHOWN_OF_LONG].decode(errors="backslashreplace") + "..."
    return raw.decode(errors="backslashreplace")
