"""What is current as it is: the digests that tell, and the report of what nobody had to make."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generator.run.lake_folder import Version
from generator.run.program import Program, SourceProgram, TableProgram
from generator.run.report import BY_FULL, CheckReport, StageReport, Status, TableReport
from generator.runtime.record import Declared

METHOD = 1
"""Another number makes all tables anew once: how they were kept before was wrong."""
_CLOCK = re.compile(r"\bnow\(\)")


def digest(*parts: Any) -> str:
    """A digest of JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def declared(source: SourceProgram) -> Declared:
    """What decides how a source's files become rows."""
    columns = {column.name: column.type for column in source.columns}
    keys = {column.name: column.key for column in source.columns}
    formats = {column.name: column.spelling for column in source.columns}
    return Declared(source.paths, source.format, columns, keys, source.options, formats)


def source_digest(source: SourceProgram, *more: str) -> str:
    """A digest of what is asked of the rows of a source."""
    return digest([asdict(check) for check in source.checks], source.max_bad_rows, *more)


def table_digest(program: Program, table: TableProgram, *more: str) -> str | None:
    """A digest of all that makes a table, other than its inputs; None if the clock is one of those."""
    views = {one.name: one.sql for one in program.tables if one.is_view}
    found = [table.sql, *(views[name] for name in all_inputs(program, table) if name in views)]
    asked = [asdict(check) for check in table.checks]
    texts = [*found, *(check["violations"] for check in asked)]
    if any(_CLOCK.search(text) for text in texts):
        return None
    delta = asdict(table.delta) if table.delta is not None else None
    parts = (program.settings, found, asked, table.columns, [asdict(stage) for stage in table.stages], delta, METHOD)
    return digest(*parts, *more)


def all_inputs(program: Program, table: TableProgram) -> list[str]:
    """The inputs of a table, and those behind the views among them."""
    views = {one.name: one for one in program.tables if one.is_view}
    found = list(table.inputs)
    for name in found:
        if name in views:
            found.extend(one for one in views[name].inputs if one not in found)
    return found


def is_current(version: Version, program: str | None, inputs: Mapping[str, str], lake: Path) -> bool:
    """Whether a version is what making it again would give, its files are there, and its report can be told."""
    same = program is not None and version.program == program and dict(version.inputs) == dict(inputs)
    return same and is_readable(version.made) and all((lake / file).is_file() for file in version.all_files())


def why_anew(table: TableProgram, before: Version, program: str | None, lake: Path, *, full: bool) -> str:
    """Why the rows of a version say nothing of those that a table should have; empty where they do.

    Args:
        program: the digest of what would make the table now.
    """
    if full:
        return BY_FULL
    if not program:
        return table.anew or "it asks for the time"
    if before.program != program:
        return "it, or what makes it, is another than before"
    if not is_readable(before.made):
        return "what its version says of its run can't be read"
    return "" if all((lake / file).is_file() for file in before.files) else "files of it are gone"


def made(report: TableReport) -> dict[str, Any]:
    """What a version keeps of the report of its run: figures, no rows."""
    found = {
        "rows_in": report.rows_in,
        "stages": [asdict(stage) for stage in report.stages],
        "reasons": dict(report.reasons),
        "quarantined": report.quarantined,
        "extra_keys": list(report.extra_keys),
        "notes": list(report.notes),
        "checks": [{**asdict(check), "examples": []} for check in report.checks],
        "files": report.files,
    }
    return {key: value for key, value in found.items() if value}


_STAGE = {"kind": str, "text": str, "lost": str, "rows": int}
_CHECK = {"name": str, "kind": str, "blocking": bool, "violations": int, "examples": list}


def is_readable(known: Mapping[str, Any]) -> bool:
    """Whether this is what `made` writes: a catalog is a file that anybody may have changed."""
    with suppress(TypeError, AttributeError):
        figures = [known.get(name, 0) for name in ("rows_in", "quarantined", "files")]
        texts = [*known.get("extra_keys", ()), *known.get("notes", ()), *known.get("reasons", {})]
        numbers = [*figures, *known.get("reasons", {}).values()]
        stages = all(_kinds(stage) == _STAGE for stage in known.get("stages", ()))
        checks = all(_kinds(check) == _CHECK and not check["examples"] for check in known.get("checks", ()))
        plain = all(type(one) is int for one in numbers) and all(isinstance(text, str) for text in texts)
        return stages and checks and plain
    return False


def _kinds(data: Mapping[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in data.items()}


def unchanged(one: SourceProgram | TableProgram, version: Version, seconds: float) -> TableReport:
    """The report of what is current as it is."""
    known = version.made
    return TableReport(
        name=one.name,
        zone=one.zone,
        is_source=isinstance(one, SourceProgram),
        status=Status.OK,
        rows=version.rows,
        rows_in=known.get("rows_in"),
        stages=tuple(StageReport(**stage) for stage in known.get("stages", ())),
        quarantined=known.get("quarantined", 0),
        reasons=known.get("reasons", {}),
        extra_keys=tuple(known.get("extra_keys", ())),
        notes=tuple(known.get("notes", ())),
        expected=one.expected,
        seconds=seconds,
        checks=tuple(_checks(known.get("checks", ()))),
        files=known.get("files", 0),
        unchanged=True,
    )


def _checks(known: Iterable[Mapping[str, Any]]) -> Iterable[CheckReport]:
    return (CheckReport(**{**check, "examples": tuple(check["examples"])}) for check in known)
