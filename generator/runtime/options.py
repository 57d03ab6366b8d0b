"""How the files of a source are laid out, where that isn't as usual: a value that spec, engines and jobs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader has to know besides the format. A default is what needs no saying.

    Attributes:
        delimiter: of CSV: the character between two fields.
        header: of CSV: whether each file begins with the names of its fields; else they come in the columns' order.
        encoding: of CSV: how characters are written as bytes, by a name that Python knows.
        quote: of CSV: the character around fields that hold delimiters or line ends; none if it is empty.
        escape: of CSV: the character that takes the meaning from a quote within a field; a quote twice does so anyway.
        skip_lines: of CSV: how many lines each file has before its header, or its records.
        comment: of CSV: what lines begin with that aren't data; there are none if it is empty.
        null_padding: of CSV: whether fields that a record lacks at its end are null; else it is no row.
        partitions: the columns, behind all others, whose values are in the names of folders: `region=eu/`.
        multiline: of JSON: values are found wherever they stand, over several lines or many on one; the elements of an
            array are records, as objects are.
        records: of JSON: keys that lead from a document to its records, with dots between them; it implies `multiline`.
        on_new_key: what becomes of records with keys or columns that aren't declared: `ignore` leaves these keys out,
            `quarantine` quarantines the records, and `fail` lets nothing in.
    """

    delimiter: str = ","
    header: bool = True
    encoding: str = "utf-8"
    quote: str = '"'
    escape: str = ""
    skip_lines: int = 0
    comment: str = ""
    null_padding: bool = False
    partitions: tuple[str, ...] = ()
    multiline: bool = False
    records: str = ""
    on_new_key: str = "ignore"

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to the records of a document."""
        return tuple(self.records.split(".")) if self.records else ()

    @property
    def cuts_documents(self) -> bool:
        """Whether a record of JSON may be anything but a line."""
        return self.multiline or bool(self.records)

    @property
    def cuts_csv(self) -> bool:
        """Whether the records of CSV have to be cut out of a file before anything reads it as lines."""
        usual = _USUAL
        return (self.encoding, self.quote, self.escape, self.skip_lines, self.comment) != (
            usual.encoding, usual.quote, usual.escape, usual.skip_lines, usual.comment,
        )  # fmt: skip

    @property
    def refuses_new(self) -> bool:
        """Whether a record with undeclared keys is no row."""
        return self.on_new_key != "ignore"

    def given(self) -> dict[str, Any]:
        """Those that differ from the default, by name."""
        return {name: value for name, value in self.all().items() if value != _DEFAULTS[name]}

    def all(self) -> dict[str, Any]:
        """Every one, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> ReadOptions:
        """Options from what `given` returned.

        Raises:
            TypeError: one of them is unknown.
        """
        return cls(**{**given, "partitions": tuple(given.get("partitions", ()))})


_USUAL = ReadOptions()
_DEFAULTS: dict[str, Any] = _USUAL.all()
