"""A query on the current versions of a lake folder: what it may name, and its rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from generator import stopping
from generator.diagnostics import GeneratorError, SourceText, SpecError, suggestion
from generator.jobs.check_sql import sql_literal, sql_name
from generator.jobs.plan import hidden_keys, quarantine_table
from generator.plan.compile import Analysis
from generator.plan.emit import DUCKDB, emit
from generator.plan.expressions import settings_for
from generator.plan.lake import CompiledLake
from generator.plan.relation import Column, ColumnId, PersonalData, Relation
from generator.plan.sql.asked import Asked, compile_asked
from generator.plan.types import duckdb_type, parse_type
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.landing.sql import file_list
from generator.run.masking import MASK
from generator.run.program import Program
from generator.runtime.folder_catalog import QUARANTINE_COLUMNS
from generator.runtime.run_time import VARIABLE
from generator.runtime.words import plural
from generator.scratch import scratch_folder

FORMATS = {
    ".csv": "FORMAT csv, HEADER",
    ".parquet": "FORMAT parquet",
    ".json": "FORMAT json, ARRAY true",
}
"""How rows are written to a file, by the end of its name."""


class LookError(GeneratorError):
    """What is asked for isn't there, or can't be read or written."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows as they may be shown.

    Attributes:
        kinds: the types of the columns.
        masked: the columns whose values are masked.
        rows: those that were asked for.
        total: how many there are without the limit.
    """

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    masked: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Known:
    """What queries can read: of the spec, as far as the lake folder has it.

    Attributes:
        analysis: of the spec.
        folder, catalog: where rows are.
        versions: the versions to read that aren't the current ones, by table.
    """

    analysis: Analysis
    folder: LakeFolder
    catalog: Catalog
    versions: Mapping[str, Version]

    @property
    def lake(self) -> CompiledLake:
        assert self.analysis.lake is not None
        return self.analysis.lake

    def relations(self) -> dict[str, Relation]:
        """Everything by name: sources, tables, views, and the quarantines of sources."""
        lake = self.lake
        found = {quarantine_table(name): _quarantine(lake, name) for name in lake.sources}
        found |= {name: lake.relation(name) for name in (*lake.sources, *lake.tables)}
        return found

    def entry(self, name: str) -> Entry | None:
        return self.catalog.entry(name) or self.catalog.quarantine.get(name.removesuffix("_quarantine"))


def _quarantine(lake: CompiledLake, source: str) -> Relation:
    """The lines of a source that are no rows; where it has personal data, so may they."""
    hidden = hidden_keys(lake.sources[source])
    labels = frozenset({PersonalData(source, "raw", False)}) if hidden else frozenset()
    columns = {
        ColumnId(None, name): Column(name, parse_type(kind), labels if name in ("detail", "raw") else frozenset())
        for name, kind in QUARANTINE_COLUMNS
    }
    return Relation(columns)


def known_of(analysis: Analysis, lake: Path, table: str = "", version: str = "") -> Known:
    """What queries can read in a lake folder.

    Args:
        table, version: the version of a table to read instead of the current one: its run, or how that begins.

    Raises:
        LookError: nothing was published there, or there is no such version.
        LakeFolderError: the catalog can't be read.
    """
    folder = LakeFolder(lake)
    catalog = folder.catalog()
    if not catalog.files() and not catalog.tables and not catalog.sources:
        raise LookError(f"there is no lake in {lake}: `python -m generator run` makes one, --lake names another")
    name = folder.lake_name()
    assert analysis.lake is not None
    if name is not None and name != analysis.lake.name:
        raise LookError(f"{lake} is of the lake `{name}`, and the spec describes `{analysis.lake.name}`")
    known = Known(analysis, folder, catalog, {})
    return known if not version else Known(analysis, folder, catalog, {table: _version(known, table, version)})


def _version(known: Known, table: str, run: str) -> Version:
    entry = known.entry(table)
    if entry is None:
        what = "a view has none" if table in known.lake.tables else "nothing was published"
        raise LookError(f"--version: {table}: {what}")
    found = [one for one in entry.versions if one.run.startswith(run)]
    if len(found) != 1:
        runs = ", ".join(f"{one.run} ({plural(one.rows, 'row')})" for one in entry.versions)
        problem = "several versions begin with" if found else "there is no version"
        raise LookError(f"--version: {table}: {problem} `{run}`; there are {runs}")
    return found[0]


def compiled(known: Known, text: str, name: str) -> Asked:
    """The query in a text.

    Args:
        name: what findings call the text.

    Raises:
        SpecError: it has errors.
    """
    assert known.analysis.context is not None
    source = SourceText(name, text)
    asked, found = compile_asked(source, known.analysis.context, known.relations())
    if asked is None:
        raise SpecError(source, [one for one in found if one.severity == "error"])
    return asked


def look(known: Known, asked: Asked, program: Program, *, limit: int | None, reveal: bool) -> Looked:
    """The rows of a query.

    Args:
        limit: how many rows are wanted; all of them without it.
        reveal: whether personal data is shown.

    Raises:
        LookError: they can't be read.
    """
    sql, masked = shown_sql(asked, reveal=reveal)
    with _reading(known, asked, program) as connection:
        total = int(connection.execute(f"SELECT count(*) FROM ({asked.sql(DUCKDB)})").fetchall()[0][0])
        wanted = sql if limit is None else f"SELECT * FROM ({sql}) LIMIT {limit}"
        rows = connection.execute(wanted).fetchall()
    columns = asked.columns
    names, kinds = tuple(one.name for one in columns), tuple(str(one.type) for one in columns)
    return Looked(names, kinds, masked, tuple(rows), total)


def write(known: Known, asked: Asked, program: Program, out: Path, *, reveal: bool, limit: int | None = None) -> int:
    """Writes the rows of a query to a file, in place of what is there; returns how many there are.

    Raises:
        LookError: they can't be read or written, or the file would be part of the lake.
    """
    form = FORMATS.get(out.suffix.lower())
    if form is None:
        raise LookError(f"--out {out}: name a file that ends in {', '.join(FORMATS)}")
    if out.resolve().is_relative_to(known.folder.root.resolve()):
        raise LookError(f"--out {out}: that is inside the lake folder; write elsewhere")
    if out.is_dir() or not out.parent.is_dir():
        raise LookError(f"--out {out}: {'it is a folder' if out.is_dir() else f'there is no folder {out.parent}'}")
    sql, _ = shown_sql(asked, reveal=reveal)
    sql = sql if limit is None else f"SELECT * FROM ({sql}) LIMIT {limit}"
    temporary = out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        with _reading(known, asked, program) as connection:
            ((rows,),) = connection.execute(f"COPY ({sql}) TO {sql_literal(str(temporary))} ({form})").fetchall()
        os.replace(temporary, out)
    except OSError as error:
        raise LookError(f"cannot write {out}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return int(rows)


def shown_sql(asked: Asked, *, reveal: bool) -> tuple[str, tuple[str, ...]]:
    """The query with a mask for each value of a column with personal data, and these columns."""
    masked = () if reveal else tuple(one.name for one in asked.columns if one.personal)
    text = asked.sql(DUCKDB)
    if not masked:
        return text, ()
    mask = ", ".join(
        f"CASE WHEN {sql_name(name)} IS NOT NULL THEN {sql_literal(MASK)} END AS {sql_name(name)}" for name in masked
    )
    return f"SELECT * REPLACE ({mask}) FROM (\n{text}\n)", masked


@contextmanager
def _reading(known: Known, asked: Asked, program: Program) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows what the query reads.

    Raises:
        LookError: something was never published, was made by another spec, or can't be read.
    """
    with ExitStack() as stack:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "temp_directory": str(stack.enter_context(scratch_folder("look-"))),
        }
        connection = stack.enter_context(duckdb.connect(config=config))
        stack.enter_context(stopping.interrupting(connection.interrupt))
        for setting in settings_for([asked.sql(DUCKDB), *(table.sql for table in program.tables if table.is_view)]):
            connection.execute(setting)
        connection.execute(f"SET VARIABLE \"{VARIABLE}\" = (now() AT TIME ZONE 'UTC')")
        try:
            for name in needed(known.lake, asked.reads):
                connection.execute(f"CREATE TEMP VIEW {sql_name(name)} AS {_rows(known, name)}")
            yield connection
        except duckdb.Error as error:
            stopping.check()
            raise LookError(str(error).strip().split("\n")[0]) from None


def needed(lake: CompiledLake, reads: Iterable[str]) -> list[str]:
    """What a query reads, through views too, each after what it needs."""
    wanted: set[str] = set()
    waiting = list(reads)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            if name in lake.tables and lake.tables[name].is_view:
                waiting += lake.tables[name].inputs
    order = list(lake.tables)
    return sorted(wanted, key=lambda name: order.index(name) if name in order else -1)


def _rows(known: Known, name: str) -> str:
    """The query for the rows of a table, view, source or quarantine."""
    lake = known.lake
    if name in lake.tables and lake.tables[name].is_view:
        return emit(lake.tables[name].query, DUCKDB)
    columns = known.relations()[name].columns.values()
    entry = known.entry(name)
    is_quarantine = name not in lake.tables and name not in lake.sources
    if entry is None and is_quarantine and known.catalog.entry(name.removesuffix("_quarantine")) is not None:
        nulls = ", ".join(f"CAST(NULL AS {duckdb_type(one.type)}) AS {sql_name(one.name)}" for one in columns)
        return f"SELECT {nulls} WHERE false"
    if entry is None:
        raise LookError(f"{name} was never published: `python -m generator run` makes it")
    version = known.versions.get(name, entry.current)
    published = dict(entry.columns) if not is_quarantine else dict(QUARANTINE_COLUMNS)
    wanted = {one.name: str(one.type) for one in columns}
    if version is entry.current and wanted != {name: published[name] for name in wanted if name in published}:
        other = _difference(wanted, published)
        raise LookError(f"{name} was made by another spec ({other}): run the lake first")
    files = file_list([str(known.folder.root / file) for file in version.files])
    return f"SELECT {', '.join(map(sql_name, wanted))} FROM read_parquet({files})"


def current_rows(connection: duckdb.DuckDBPyConnection, known: Known, name: str) -> str:
    """The query for the current rows of a table, view or source; views that it needs are defined.

    Raises:
        LookError: something was never published, or was made by another spec.
    """
    for one in needed(known.lake, [name]):
        if one != name:
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {sql_name(one)} AS {_rows(known, one)}")
    return _rows(known, name)


def _difference(wanted: Mapping[str, str], published: Mapping[str, str]) -> str:
    """How the columns of a spec differ from those that were published."""
    for name, kind in wanted.items():
        if name not in published:
            return f"it has no column `{name}`"
        if published[name] != kind:
            return f"`{name}` is {published[name]} there"
    return "its columns are others"


def need_table(name: str, relations: Mapping[str, Relation]) -> None:
    """Makes sure that there is a table, view, source or quarantine of this name.

    Raises:
        LookError: there isn't.
    """
    if name not in relations:
        hint = "; ".join(suggestion(name, relations))
        raise LookError(f"there is no table `{name}` in the lake; {hint}")
