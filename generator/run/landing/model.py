"""What landing data is: sources, reasons for quarantine, and the report of a read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generator.diagnostics import GeneratorError
from generator.runtime.options import ReadOptions
from generator.runtime.partitions import apart
from generator.runtime.rules import LandingColumn


class LandingError(GeneratorError):
    """A file that can't be read at all, such as a damaged archive.

    Attributes:
        source: name of the source.
        file: path of the file, relative to the data folder; empty when it isn't about one file.
    """

    def __init__(self, source: str, file: str, message: str) -> None:
        self.source, self.file = source, file
        super().__init__(f"{source}: {file}: {message}" if file else f"{source}: {message}")


@dataclass(frozen=True, slots=True)
class LandingSource:
    """A folder (read recursively) or a file of raw data.

    Attributes:
        paths: relative to the data folder.
        format: `json`, `csv` or `parquet`.
    """

    name: str
    paths: tuple[str, ...]
    format: str
    columns: tuple[LandingColumn, ...]
    options: ReadOptions = field(default_factory=ReadOptions)

    @property
    def inside(self) -> LandingSource:
        """The source with the columns of its records alone."""
        return replace(self, columns=apart(self.columns, self.options)[0])

    @property
    def partitions(self) -> tuple[LandingColumn, ...]:
        """The columns whose values are in the names of folders."""
        return apart(self.columns, self.options)[1]


@dataclass(frozen=True, slots=True)
class LandingReport:
    """What became of a source's lines: `rows + quarantined == lines`, always.

    Attributes:
        files: files found, empty ones included.
        lines: records; blank lines and CSV headers are none.
        apart: how many of the rows are in a file of their own.
        reasons: reason to number of quarantined lines.
        extra_keys: keys (nested ones as paths) that no column declares; their values are not read.
        notes: facts worth showing, such as columns that some Parquet files lack.
        missing: there is no such folder, or nothing in it.
    """

    files: int = 0
    lines: int = 0
    rows: int = 0
    apart: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    extra_keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: bool = False
