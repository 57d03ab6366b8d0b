"""One record of CSV: a row, or the reason why not. This is RFC 4180, with what `ReadOptions` says otherwise."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from .json_lines import utf8
from .options import ReadOptions
from .rules import LandingColumn, Reason, Rejected
from .spelled_values import spelled_decoder
from .words import plural

_UNUSABLE = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"))
"""What Python calls an encoding, and no program writes."""

_NEVER = "\0"
"""What no record holds."""


def options_problem(options: ReadOptions) -> str | None:
    """Why CSV can't be laid out as the options say."""
    for name in ("delimiter", "quote", "escape"):
        value = getattr(options, name)
        if len(value) != 1 and (value or name == "delimiter"):
            return f"`{name}` has to be one character"
        if value in ("\r", "\n", "\0"):
            return f"`{name}` can't be a line end or NUL"
    if options.delimiter in (options.quote, options.escape):
        return "`delimiter` has to be another character than `quote` and `escape`"
    return encoding_problem(options.encoding)


def encoding_problem(name: str) -> str | None:
    """Why text can't be in an encoding of that name."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return f"there is no encoding `{name}`: usual ones are utf-8, latin-1, windows-1252 and utf-16"
    if not getattr(found, "_is_text_encoding", True) or found.name in _UNUSABLE:
        return f"`{name}` is no encoding that files are written in"
    return None


class Dialect:
    """Splits records into fields.

    Attributes:
        delimiter: one character, neither a quote nor a line end.
        quote: one character, or none: then there are no fields in quotes.
    """

    def __init__(self, options: ReadOptions) -> None:
        self.delimiter, self.quote = options.delimiter, options.quote
        mark, quote, escape = map(re.escape, (options.delimiter, options.quote or _NEVER, options.escape))
        special = rf"{quote}{quote}|{escape}." if escape and escape != quote else f"{quote}{quote}"
        inner = rf"[^{quote}{escape}]*+(?:(?:{special})[^{quote}{escape}]*+)*+"
        plain = rf"[^{quote}{mark}\r\n]*+"
        self._field = re.compile(rf"(?:{quote}({inner}){quote}|({plain}))({mark}|\Z)", re.DOTALL)
        field = rf"(?:{quote}{inner}{quote}|{plain})"
        self._record = re.compile(rf"{field}(?:{mark}{field})*+(?=\r?(?:\n|\Z))", re.DOTALL)
        self._special = re.compile(rf"{quote}({quote})|{escape}([{quote}{escape}])" if escape else f"{quote}({quote})")

    def split(self, text: str) -> list[str | None]:
        """Fields of a record: None for an empty one, the empty string for `""`.

        Raises:
            Rejected: quotes in the wrong places, a NUL, or a carriage return outside of quotes and the line end.
        """
        if "\0" in text:
            raise Rejected(Reason.BROKEN_CSV, "a NUL within the line")
        if not self.quote or self.quote not in text:
            if "\r" in text:
                raise Rejected(Reason.BROKEN_CSV, "a carriage return within the line")
            return [field or None for field in text.split(self.delimiter)]
        fields: list[str | None] = []
        position, more = 0, self.delimiter
        while more:
            match = self._field.match(text, position)
            if match is None:
                raise Rejected(Reason.BROKEN_CSV, "a quote in the wrong place, or one that is never closed")
            quoted, plain, more = match.groups()
            fields.append(plain or None if quoted is None else self._special.sub(_meant, quoted))
            position = match.end()
        return fields

    def over_lines(self, text: str, start: int, line_end: int) -> str | None:
        """The record at `start`, if it goes on beyond the end of the line; without its own line end."""
        if not self.quote or text.find(self.quote, start, line_end) < 0:
            return None
        found = self._record.match(text, start)
        return found.group() if found and found.end() > line_end else None


def _meant(match: re.Match[str]) -> str:
    """The character that an escape stands for."""
    return match[match.lastindex or 0]


class CsvLines:
    """Decodes the records of one file.

    Attributes:
        width: number of fields that each record must have.
        positions: index of each declared column's field; None for one that the file lacks.
        lacking: keys of declared columns that the file lacks: they are null.
    """

    def __init__(self, columns: Sequence[LandingColumn], options: ReadOptions, header: bytes | None) -> None:
        """Reads the header; without one (None) fields come in the order of the columns.

        Raises:
            Rejected: the header has none of the columns, or one in another case, or twice; or it lacks one and has
                another; or it has others, which the options forbid.
        """
        self._dialect, self._null_padding = Dialect(options), options.null_padding
        self._decoders = [
            (column.name, column.key, spelled_decoder(column.type, column.spelling)) for column in columns
        ]
        names = [column.key for column in columns] if header is None else self._header(header)
        self.width = len(names)
        self.positions = tuple(self._position(column.key, names) for column in columns)
        self.extra_keys = set(names) - {column.key for column in columns}
        self.lacking = tuple(column.key for column in columns if column.key not in names)
        if len(self.lacking) == len(columns) > 0:
            raise Rejected(Reason.WRONG_HEADER, f"the header has none of the columns, such as `{self.lacking[0]}`")
        unknown = next((name for name in names if name in self.extra_keys and name), None)
        if self.lacking and unknown is not None:  # else a column of another name would be null without a word
            detail = f"the header lacks `{self.lacking[0]}`, and has `{unknown}`, which is not declared"
            raise Rejected(Reason.WRONG_HEADER, detail)
        if options.refuses_new and self.extra_keys:
            new = next(name for name in names if name in self.extra_keys)
            raise Rejected(Reason.NEW_KEY, f"the header has `{new}`, which is not declared")

    def _header(self, line: bytes) -> list[str]:
        try:
            return [field or "" for field in self._dialect.split(utf8(line))]
        except Rejected as rejected:
            raise Rejected(Reason.WRONG_HEADER, f"the header is {rejected.reason}: {rejected.detail}") from None

    def _position(self, key: str, names: list[str]) -> int | None:
        if names.count(key) == 1:
            return names.index(key)
        if key in names:
            raise Rejected(Reason.WRONG_HEADER, f"the header has `{key}` twice")
        if near := next((name for name in names if name.lower() == key.lower()), None):
            raise Rejected(Reason.WRONG_HEADER, f"the header has `{near}` where `{key}` is declared")
        return None

    def decode(self, line: bytes) -> dict[str, str | None]:
        """Values by column name, each as text that casts to its type without loss.

        Raises:
            Rejected: with the first reason found.
        """
        fields = self._dialect.split(utf8(line))
        if len(fields) != self.width:
            if len(fields) > self.width or not self._null_padding:
                detail = f"{len(fields)} fields where the header has {self.width}"
                raise Rejected(Reason.WRONG_FIELD_COUNT, detail)
            fields += [None] * (self.width - len(fields))
        row: dict[str, str | None] = {}
        for (name, key, convert), position in zip(self._decoders, self.positions, strict=True):
            text = None if position is None else fields[position]
            try:
                row[name] = None if text is None else convert(text)
            except Rejected as rejected:
                raise Rejected(rejected.reason, f"`{key}`: {rejected.detail}") from None
        return row


def is_header(columns: Sequence[LandingColumn], options: ReadOptions, line: bytes) -> bool:
    """Whether the columns are found by the line."""
    try:
        CsvLines(columns, options, line)
    except Rejected:
        return False
    return True


def lacking_notes(lacking: Sequence[Sequence[str]]) -> list[str]:
    """A note for each column that some files don't have, given the keys that each file lacks."""
    keys = dict.fromkeys(key for one in lacking for key in one)
    counts = {key: sum(key in one for one in lacking) for key in keys}
    files = plural(lacking, "file")
    return [f"column `{key}` is missing from {count} of {files} and NULL there" for key, count in counts.items()]
