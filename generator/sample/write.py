"""Makes a synthetic sample of the STEDI landing data."""

from __future__ import annotations

import itertools
import os
from dataclasses import asdict
from pathlib import Path

import duckdb

from generator.sample.bulk import NewFile, Writer, spans
from generator.sample.cohort import plan_cohort
from generator.sample.counts import (
    CLEAN,
    LANDING,
    MAX_SCALE,
    MIXED_ROWS,
    READINGS_SINCE_CONSENT,
    Dirt,
    SampleError,
    SampleReport,
    expected_rows,
)
from generator.sample.dirt import dirty_lines, scattered, write_lines
from generator.sample.folder import check_space, check_target, landing_folder, staged, write_marker

DIRTY_FILE_LINES = 1_000
"""Good lines at most in the file that holds the dirt; it is made in Python."""


def write_sample(
    directory: Path, *, scale: int = 1, seed: int = 42, dirt: Dirt = CLEAN, force: bool = False
) -> SampleReport:
    """Writes the landing data of `scale` x 956 customers, about 11 MB each time, as one step.

    The same arguments give the same bytes, as long as DuckDB's version is the same.

    Args:
        directory: made if it isn't there; an earlier sample in it is replaced.
        scale: multiplies every count, joins included.
        seed: another one gives other people and readings, and the same counts.
        dirt: awkward lines to add; none of them replaces a good one.
        force: replace the landing folders of a directory that isn't a sample of ours.

    Raises:
        SampleError: the scale is out of range, the directory holds something else, or it can't be written.
    """
    if not 1 <= scale <= MAX_SCALE:
        raise SampleError(f"scale {scale}: it must be from 1 to {MAX_SCALE:,}")
    directory = Path(os.path.realpath(directory))
    try:
        check_target(directory, force=force)
        check_space(directory, scale)
        with staged(directory) as staging:
            report = _write(staging, directory, scale, seed, dirt)
    except (OSError, duckdb.Error) as error:
        raise SampleError(f"can't write a sample to {directory}: {error}") from error
    return report


def _write(staging: Path, directory: Path, scale: int, seed: int, dirt: Dirt) -> SampleReport:
    writer = Writer(plan_cohort(seed), seed)
    try:
        _write_files(writer, staging, scale, seed, dirt)
    finally:
        writer.close()
    paths = sorted(path for path in staging.rglob("*") if path.is_file())
    files = tuple(path.relative_to(staging).as_posix() for path in paths)
    expected = expected_rows(scale, dirt)
    write_marker(staging, files, {"scale": scale, "seed": seed, "dirt": asdict(dirt), "expected": expected})
    return SampleReport(
        directory=directory,
        scale=scale,
        seed=seed,
        files=files,
        bytes=sum(path.stat().st_size for path in paths),
        dirty=dirt.lines(),
        quarantined=dict.fromkeys(LANDING, dirt.quarantined),
        expected=expected,
        readings_since_consent=READINGS_SINCE_CONSENT * scale + dirt.duplicates,
        mixed_rows=MIXED_ROWS * scale,
    )


def _write_files(writer: Writer, staging: Path, scale: int, seed: int, dirt: Dirt) -> None:
    clean: list[NewFile] = []
    for table in LANDING:
        folder = staging / landing_folder(table)
        folder.mkdir(parents=True)
        whole, tail = _split(table, scale, dirt)
        names = (f"{table.removesuffix('_landing')}-{number:04d}.json" for number in itertools.count(1))
        clean += [NewFile(table, span, folder / next(names)) for span in whole]
        if tail:
            copies = writer.spare_lines(table, dirt.duplicates)
            lines = scattered(writer.lines(table, tail), dirty_lines(table, dirt, copies), seed)
            write_lines(folder / next(names), lines, dirt)
        if dirt.empty_file:
            (folder / next(names)).touch()
    writer.write(clean)


def _split(table: str, scale: int, dirt: Dirt) -> tuple[list[range], range]:
    """The lines of each clean file, and those of the file that gets the dirt."""
    *whole, last = spans(table, scale)
    if not dirt.rewrites_files:
        return [*whole, last], range(0)
    tail = last[-DIRTY_FILE_LINES:]
    rest = range(last.start, tail.start)
    return ([*whole, rest] if rest else whole), tail
