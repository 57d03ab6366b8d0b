"""What a run on DuckDB does, as plain data: made from the compiled lake, written to and read from JSON.

The executor needs nothing but this; so a program that was made once for a spec runs again without compiling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.jobs.check import Check
from generator.runtime.maintenance.program import DeltaProgram, InputProgram, delta_from_json, input_from_json


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the landing data: its name, its key in the raw data, its Glue type.

    `spelling` has the parts of `Spelling` that differ from their defaults.
    """

    name: str
    key: str
    type: str
    spelling: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceProgram:
    """How a source is read.

    Attributes:
        options: those of `ReadOptions` that differ from their defaults.
        hidden: keys of columns whose values aren't shown.
        impersonal: the columns without personal data, whose values may be shown.
        file, tags: by which `--select` finds it.
    """

    name: str
    zone: str
    paths: tuple[str, ...]
    format: str
    options: Mapping[str, Any]
    columns: tuple[SourceColumn, ...]
    checks: tuple[Check, ...]
    max_bad_rows: int | str | None
    hidden: tuple[str, ...]
    keep_versions: int
    expected: int | None
    impersonal: tuple[str, ...]
    file: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that changes how many rows there are.

    Attributes:
        text: the step, as the spec has it.
        lost: how the report calls the rows that it drops.
        count: the SQL that counts what is left after it; None after the last one, where the result is counted.
    """

    kind: str
    text: str
    lost: str
    count: str | None


@dataclass(frozen=True, slots=True)
class TableProgram:
    """How a table is made. A view is only defined: it has no stages and no checks.

    Attributes:
        base: the inputs whose rows the first step takes; the others are only matched against.
        own: how many rows of the spec it takes besides.
        reads: the inputs that the query reads.
        inputs: everything that has to be there first: those, and what the checks ask.
        impersonal: the columns without personal data, whose values may be shown.
        file, tags: by which `--select` finds it.
        delta: how it is kept by what changed in its inputs; None where it is made anew, for the reason `anew`.
    """

    name: str
    zone: str | None
    is_view: bool
    sql: str
    base: tuple[str, ...]
    reads: tuple[str, ...]
    inputs: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    stages: tuple[Stage, ...]
    checks: tuple[Check, ...]
    keep_versions: int
    expected: int | None
    impersonal: tuple[str, ...]
    file: str = ""
    tags: tuple[str, ...] = ()
    delta: DeltaProgram | None = None
    anew: str = ""
    own: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """A whole run: sources, then tables in order.

    Attributes:
        reader: a digest of the code that reads landing data.
        method: a digest of the code that keeps tables by what changed.
        asked: the sources and tables that checks ask of single rows, with the columns that decide.
        stored: all that the spec stores, also where only a part is run: `tables/NAME` and `sources/NAME`.
    """

    lake: str
    reader: str
    method: str
    settings: tuple[str, ...]
    sources: tuple[SourceProgram, ...]
    tables: tuple[TableProgram, ...]
    asked: tuple[InputProgram, ...]
    stored: tuple[str, ...]

    def needed_for(self, selected: Iterable[str]) -> Program:
        """The part that makes the selected tables and sources: they, and all that they read."""
        by_name = {table.name: table for table in self.tables}
        needed: set[str] = set()
        waiting = list(selected)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting.extend(by_name[name].inputs if name in by_name else ())
        return Program(
            self.lake,
            self.reader,
            self.method,
            self.settings,
            tuple(source for source in self.sources if source.name in needed),
            tuple(table for table in self.tables if table.name in needed),
            self.asked,
            self.stored,
        )

    def names(self) -> list[str]:
        return [*(source.name for source in self.sources), *(table.name for table in self.tables)]


def program_from_json(data: Mapping[str, Any]) -> Program:
    """Reads what `dataclasses.asdict` wrote."""
    return Program(
        data["lake"],
        data["reader"],
        data["method"],
        tuple(data["settings"]),
        tuple(_source(source) for source in data["sources"]),
        tuple(_table(table) for table in data["tables"]),
        tuple(map(input_from_json, data["asked"])),
        tuple(data["stored"]),
    )


def _source(data: Mapping[str, Any]) -> SourceProgram:
    columns = tuple(SourceColumn(**column) for column in data["columns"])
    checks = tuple(_check(check) for check in data["checks"])
    texts = {key: tuple(data[key]) for key in ("hidden", "impersonal", "paths", "tags")}
    return SourceProgram(**{**data, **texts, "columns": columns, "checks": checks})


def _table(data: Mapping[str, Any]) -> TableProgram:
    return TableProgram(
        **{
            **data,
            "base": tuple(data["base"]),
            "impersonal": tuple(data["impersonal"]),
            "tags": tuple(data["tags"]),
            "inputs": tuple(data["inputs"]),
            "reads": tuple(data["reads"]),
            "columns": tuple((name, kind) for name, kind in data["columns"]),
            "stages": tuple(Stage(**stage) for stage in data["stages"]),
            "checks": tuple(_check(check) for check in data["checks"]),
            "delta": delta_from_json(data["delta"]) if data["delta"] is not None else None,
        }
    )


def _check(data: Mapping[str, Any]) -> Check:
    return Check(**{**data, "asks": tuple(data["asks"]), "personal": tuple(data["personal"])})
