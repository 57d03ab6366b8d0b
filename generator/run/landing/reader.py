"""Reads a source's landing data into DuckDB: every line becomes a row or is quarantined.

One scan decodes the lines that SQL can prove regular. The others, found again by their place in the file,
are decoded in Python by the exact rules. Files that DuckDB's readers refuse, or read differently, are
decoded in Python as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from generator.run.landing.documents import cut
from generator.run.landing.files import LandingFile, Line, Sought, UnreadableError, find_files, unpacked
from generator.run.landing.folders import create_folders
from generator.run.landing.formats import CsvFormat, Format, Group, JsonFormat
from generator.run.landing.model import LandingError, LandingReport, LandingSource
from generator.run.landing.parquet import read_parquet
from generator.run.landing.proven import Proven, ReadDifferentlyError, scan_proven
from generator.run.landing.scan import file_column_of
from generator.run.landing.tables import Writer, create_quarantine, create_table, landing_table, quarantine_table
from generator.runtime.rules import Reason, Rejected, readable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FETCH = 10_000


def read_landing(
    connection: DuckDBPyConnection,
    source: LandingSource,
    data: Path,
    *,
    fast: bool = True,
    only: Collection[str] | None = None,
    into: Path | None = None,
) -> LandingReport:
    """Creates the temporary tables `landing_table(source.name)` and `quarantine_table(source.name)`.

    The first has the declared columns and types, and `file_column` with the name of each row's file; the second
    `file, line, reason, detail, raw`.

    Args:
        fast: whether SQL may decode regular lines; without it the result is the same, later.
        only: the names of the files that are to be read; all if None.
        into: a new Parquet file that may take rows instead of the table, which costs less; the report says how many.

    Raises:
        LandingError: a file can't be read, or the source is declared in a way that can't be read, or a record has a
            new key where that is to fail.
    """
    try:
        listed, notes = find_files(source.name, data, source.paths)
        files = [file for file in listed if only is None or file.name in only]
        with ExitStack() as cleanup:
            if source.format == "parquet":
                report = read_parquet(connection, source, files, create_folders(connection, source, files), into)
            else:
                plain = unpacked(source.name, files, cleanup)
                if source.options.cuts_documents or source.format == "csv":
                    plain = cut(source.inside, plain, cleanup)
                report = _read(connection, source, plain, fast, into)
        if source.options.on_new_key == "fail" and Reason.NEW_KEY in report.reasons:
            raise _new_key(connection, source)
        return replace(report, notes=(*notes, *report.notes))
    except UnreadableError as error:
        raise LandingError(source.name, *error.args) from None
    except (OSError, UnicodeEncodeError) as error:
        raise LandingError(source.name, "", str(error)) from None


def _new_key(connection: DuckDBPyConnection, source: LandingSource) -> LandingError:
    """What is wrong where a key isn't declared, with the first record that has one."""
    ((file, line, detail),) = connection.execute(
        f"SELECT file, line, detail FROM {quarantine_table(source.name)} WHERE reason = $1 ORDER BY file, line LIMIT 1",
        [Reason.NEW_KEY.value],
    ).fetchall()
    return LandingError(source.name, f"{file}:{line}", f"{detail}, and `on_new_key` is `fail`")


@contextmanager
def _keeping_order(connection: DuckDBPyConnection, keep: bool) -> Iterator[None]:
    """Sets whether DuckDB keeps rows in the order of the file; it takes a fraction of the memory if not."""
    (before,) = connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone() or (True,)
    connection.execute(f"SET preserve_insertion_order = {keep}")
    try:
        yield
    finally:
        connection.execute(f"SET preserve_insertion_order = {before}")


def _read(
    connection: DuckDBPyConnection, source: LandingSource, files: list[LandingFile], fast: bool, into: Path | None
) -> LandingReport:
    format_: Format = JsonFormat(source.inside) if source.format == "json" else CsvFormat(source.inside)
    folders = create_folders(connection, source, files)
    file = file_column_of(source.columns, [file.name for file in files])
    by_hand = set[LandingFile]() if fast else set(files)
    table = landing_table(source.name)
    while True:
        create_table(connection, source, file.kind)
        groups = format_.groups([file for file in files if file not in by_hand])
        try:
            with _keeping_order(connection, False):
                proven = scan_proven(connection, groups, file, folders, table=table, into=into)
            with _keeping_order(connection, True) if proven.others else nullcontext():
                writer = _decode_others(connection, source, format_, files, proven)
        except ReadDifferentlyError as difference:
            by_hand.update(difference.files)
        else:
            break
    rows, quarantined = proven.rows + writer.rows, writer.reasons.total()
    return LandingReport(
        files=len(files),
        lines=rows + quarantined,
        rows=rows,
        apart=proven.rows if into else 0,
        quarantined=quarantined,
        reasons=dict(sorted(writer.reasons.items())),
        extra_keys=tuple(sorted(format_.extra_keys)),
        notes=tuple(format_.notes()),
        missing=not files,
    )


def _decode_others(
    connection: DuckDBPyConnection,
    source: LandingSource,
    format_: Format,
    files: Sequence[LandingFile],
    proven: Proven,
) -> Writer:
    """Adds what Python makes of the other lines: some of each file that has others, all of those in no group."""
    create_quarantine(connection, source.name)
    writer = Writer(connection, source)
    scanned = {file for group in proven.groups for file in group.files}
    for file in files:
        if file.aside:
            _decode_aside(format_, file, writer)
        if file not in scanned:
            _decode(format_, file, writer, None)
    for group in proven.groups:
        for file, wanted in _unproven(connection, group, proven.others):
            _decode(format_, file, writer, wanted)
    writer.flush()
    return writer


def _decode_aside(format_: Format, file: LandingFile, writer: Writer) -> None:
    """Adds what isn't in the copy of the file."""
    decode, _ = format_.open(file)
    for piece in file.aside:
        try:
            if piece.problem:
                raise Rejected.told(piece.problem)
            writer.add(file.name, decode(piece.content))
        except Rejected as rejected:
            writer.reject(file.name, piece.line, rejected, readable(piece.content.removesuffix(b"\r")))


def _unproven(
    connection: DuckDBPyConnection, group: Group, names: set[str]
) -> Iterator[tuple[LandingFile, Iterator[tuple[int, int | None]]]]:
    """The files of a group that have lines that aren't proven, with ordinal and size of these: one query for all."""
    files = {str(file.path): file for file in group.files if str(file.path) in names}
    if not files:
        return
    cursor = connection.cursor()
    cursor.execute(group.scan.unproven([file.path for file in files.values()]))
    for name, lines in groupby(_fetched(cursor), key=itemgetter(0)):
        yield files[name], _ordinals(lines)


def _ordinals(lines: Iterator[tuple[str, int, int | None, bool]]) -> Iterator[tuple[int, int | None]]:
    """Ordinals within the file, of lines that begin with its first one."""
    before: int | None = None
    for _, ordinal, size, is_unproven in lines:
        before = ordinal - 1 if before is None else before
        if is_unproven:
            yield ordinal - before, size


def _fetched(cursor: DuckDBPyConnection) -> Iterator[tuple[str, int, int | None, bool]]:
    while batch := cursor.fetchmany(_FETCH):
        yield from batch


def _decode(
    format_: Format, file: LandingFile, writer: Writer, wanted: Iterator[tuple[int, int | None]] | None
) -> None:
    sought = Sought()
    decode, records = format_.open(file, None if wanted is None else sought)
    chosen = records if wanted is None else _chosen(format_, file, records, wanted, sought)
    for line in chosen:
        try:
            writer.add(file.name, decode(line.content))
        except Rejected as rejected:
            writer.reject(file.name, file.line(line.number), rejected, readable(line.content))


def _chosen(
    format_: Format,
    file: LandingFile,
    records: Iterator[Line],
    wanted: Iterator[tuple[int, int | None]],
    sought: Sought,
) -> Iterator[Line]:
    """The lines with the wanted ordinals, which have to be there and of the size that DuckDB found."""
    sought.ordinal, size = next(wanted, (0, None))
    for line in records if sought.ordinal else ():
        if line.ordinal == sought.ordinal:
            if size is not None and size != format_.size(line.content):
                break
            yield line
            sought.ordinal, size = next(wanted, (0, None))
            if not sought.ordinal:
                return
    if sought.ordinal:
        raise ReadDifferentlyError([file])
