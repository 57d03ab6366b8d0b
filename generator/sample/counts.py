"""What a sample consists of: the fixed counts of one cohort, the dirt on request, and the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from generator.diagnostics import GeneratorError

CUSTOMERS = 956
CONSENTED = 482
STEPS = 30
"""Steps of one person on the trainer."""
READINGS = 81_273
CONSENTED_READINGS = 40_981
READINGS_SINCE_CONSENT = 32_025
"""Readings of consented customers taken at or after the moment they agreed."""
MIXED_ROWS = 2_700
"""Pairs, on time alone, of one consented customer's reading with another's step."""

LANDING = {
    "customer_landing": CUSTOMERS,
    "accelerometer_landing": READINGS,
    "step_trainer_landing": CUSTOMERS * STEPS,
}
"""Good lines of one cohort, a table."""

MAX_SCALE = 10_000
MAX_DUPLICATES = 400


class SampleError(GeneratorError):
    """A sample that can't be made as asked, or not there."""


@dataclass(frozen=True, slots=True)
class Dirt:
    """Awkward lines and files on request, added to each of the three tables; no good line is lost.

    Lines that belong in quarantine, of people who aren't customers:

    Attributes:
        broken: the line ends in the middle of an object.
        two_objects: two objects on a line.
        wrong_type: a time as a string.
        long_number: a time beyond 64 bits.
        drifted_keys: all keys in upper case.
        extra_keys: a good record of no customer with one more key; it reaches the landing table only.
        duplicates: exact copies of lines of consented customers; they reach every table downstream.
        bom, crlf, gzip, no_final_newline: how the last file of each table is stored.
        empty_file: one more file, of no bytes.
    """

    broken: int = 0
    two_objects: int = 0
    wrong_type: int = 0
    long_number: int = 0
    drifted_keys: int = 0
    extra_keys: int = 0
    duplicates: int = 0
    bom: bool = False
    crlf: bool = False
    gzip: bool = False
    no_final_newline: bool = False
    empty_file: bool = False

    def __post_init__(self) -> None:
        for kind, count in self.lines().items():
            if count < 0:
                raise SampleError(f"dirt `{kind}` is {count}; it is a number of lines, 0 or more")
        if self.duplicates > MAX_DUPLICATES:
            raise SampleError(f"{self.duplicates} duplicates: at most {MAX_DUPLICATES} are possible")

    @classmethod
    def of_every_kind(cls, lines: int = 3) -> Dirt:
        """Each kind of line `lines` times, in files that are awkward in every way."""
        return cls(
            broken=lines,
            two_objects=lines,
            wrong_type=lines,
            long_number=lines,
            drifted_keys=lines,
            extra_keys=lines,
            duplicates=lines,
            bom=True,
            crlf=True,
            gzip=True,
            no_final_newline=True,
            empty_file=True,
        )

    def lines(self) -> dict[str, int]:
        """Lines added to each table, by kind."""
        return {kind: count for kind, count in asdict(self).items() if not isinstance(count, bool)}

    @property
    def quarantined(self) -> int:
        """Lines added to each table that no landing table may hold."""
        return sum(self.lines().values()) - self.extra_keys - self.duplicates

    @property
    def rewrites_files(self) -> bool:
        """Whether the last file of each table differs from a clean sample's."""
        return self.bom or self.crlf or self.gzip or self.no_final_newline or any(self.lines().values())


CLEAN = Dirt()


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was written.

    Attributes:
        directory: the sample's root.
        files: data files, relative to it, in POSIX notation.
        bytes: the size of these files.
        dirty: lines added to each landing table, by kind of dirt.
        quarantined: lines that belong in quarantine, by landing table.
        expected: rows that the reference lake's rules give, by table.
        readings_since_consent: rows of `accelerometer_trusted` at or after their customer's consent.
        mixed_rows: rows of `machine_learning_curated` that hold two people's data.
    """

    directory: Path
    scale: int
    seed: int
    files: tuple[str, ...]
    bytes: int
    dirty: Mapping[str, int]
    quarantined: Mapping[str, int]
    expected: Mapping[str, int]
    readings_since_consent: int
    mixed_rows: int

    @property
    def rows(self) -> dict[str, int]:
        """Lines that reach each landing table."""
        return {table: self.expected[table] for table in LANDING}


def expected_rows(scale: int, dirt: Dirt) -> dict[str, int]:
    """Rows of the reference lake's eight tables.

    A duplicated reading is joined to one step; a duplicated step to three readings.
    """
    landed = {table: rows * scale + dirt.duplicates + dirt.extra_keys for table, rows in LANDING.items()}
    trusted = {
        "customer_trusted": CONSENTED,
        "accelerometer_trusted": CONSENTED_READINGS,
        "step_trainer_trusted": CONSENTED * STEPS,
        "customers_curated": CONSENTED,
    }
    copied = {table: rows * scale + dirt.duplicates for table, rows in trusted.items()}
    joined = (CONSENTED_READINGS + MIXED_ROWS) * scale + dirt.duplicates * (1 + 3)
    return {**landed, **copied, "machine_learning_curated": joined}
