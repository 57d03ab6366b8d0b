"""One line of CSV: a row, or the reason why not.

This is RFC 4180, except that a quoted field can't hold a line break: a record is a line in every engine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .json_lines import utf8
from .rules import LandingColumn, Reason, Rejected
from .spelled_values import spelled_decoder


class Dialect:
    """Splits records into fields.

    Attributes:
        delimiter: one character, neither a quote nor a line end.
    """

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        mark = re.escape(delimiter)
        self._field = re.compile(rf'(?:"((?:[^"]|"")*)"|([^"{mark}]*))({mark}|\Z)')

    def split(self, text: str) -> list[str | None]:
        """Fields of a record: None for an empty one, the empty string for `""`.

        Raises:
            Rejected: quotes in the wrong places, or a carriage return or NUL outside of the line end.
        """
        if "\r" in text or "\0" in text:
            raise Rejected(Reason.BROKEN_CSV, "a carriage return or NUL within the line")
        if '"' not in text:
            return [field or None for field in text.split(self.delimiter)]
        fields: list[str | None] = []
        position, more = 0, self.delimiter
        while more:
            match = self._field.match(text, position)
            if match is None:
                raise Rejected(Reason.BROKEN_CSV, "a quote in the wrong place, or one that is never closed")
            quoted, plain, more = match.groups()
            fields.append(plain or None if quoted is None else quoted.replace('""', '"'))
            position = match.end()
        return fields


class CsvLines:
    """Decodes the records of one file.

    Attributes:
        width: number of fields that each record must have.
        positions: index of each declared column's field.
    """

    def __init__(
        self, columns: Sequence[LandingColumn], delimiter: str, header: bytes | None, *, refuses_new: bool = False
    ) -> None:
        """Reads the header; without one (None) fields come in the order of the columns.

        Raises:
            Rejected: a declared column is missing from the header, in another case, or there twice; or the header has
                others, which `refuses_new` forbids.
        """
        self._dialect = Dialect(delimiter)
        self._decoders = [
            (column.name, column.key, spelled_decoder(column.type, column.spelling)) for column in columns
        ]
        names = [column.key for column in columns] if header is None else self._header(header)
        self.width = len(names)
        self.positions = [self._position(column.key, names) for column in columns]
        self.extra_keys = set(names) - {column.key for column in columns}
        if refuses_new and self.extra_keys:
            new = next(name for name in names if name in self.extra_keys)
            raise Rejected(Reason.NEW_KEY, f"the header has `{new}`, which is not declared")

    def _header(self, line: bytes) -> list[str]:
        try:
            return [field or "" for field in self._dialect.split(utf8(line))]
        except Rejected as rejected:
            raise Rejected(Reason.WRONG_HEADER, f"the header is {rejected.reason}: {rejected.detail}") from None

    def _position(self, key: str, names: list[str]) -> int:
        if names.count(key) == 1:
            return names.index(key)
        if key in names:
            raise Rejected(Reason.WRONG_HEADER, f"the header has `{key}` twice")
        near = next((name for name in names if name.lower() == key.lower()), None)
        detail = f"the header has `{near}` where `{key}` is declared" if near else f"the header lacks `{key}`"
        raise Rejected(Reason.WRONG_HEADER, detail)

    def decode(self, line: bytes) -> dict[str, str | None]:
        """Values by column name, each as text that casts to its type without loss.

        Raises:
            Rejected: with the first reason found.
        """
        fields = self._dialect.split(utf8(line))
        if len(fields) != self.width:
            detail = f"{len(fields)} fields where the header has {self.width}"
            raise Rejected(Reason.WRONG_FIELD_COUNT, detail)
        row: dict[str, str | None] = {}
        for (name, key, convert), position in zip(self._decoders, self.positions, strict=True):
            text = fields[position]
            try:
                row[name] = None if text is None else convert(text)
            except Rejected as rejected:
                raise Rejected(rejected.reason, f"`{key}`: {rejected.detail}") from None
        return row
