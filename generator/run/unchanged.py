"""What is current as it is: the digests that tell, and the report of what nobody had to make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator.run.lake_folder import Version
from generator.run.program import Program, SourceProgram, TableProgram
from generator.run.report import BY_FULL, CheckReport, StageReport, Status, TableReport
from generator.runtime.digests import digest
from generator.runtime.record import Declared

_MACRO = re.compile(r"CREATE OR REPLACE MACRO (\w+)\(")
_CALL = re.compile(r"\b(spark_\w+)\(")
_CLOCK = re.compile(r"\bnow\(\)")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def declared(source: SourceProgram) -> Declared:
    """What decides how a source's files become rows."""
    columns = {column.name: column.type for column in source.columns}
    keys = {column.name: column.key for column in source.columns}
    formats = {column.name: column.spelling for column in source.columns}
    return Declared(source.paths, source.format, columns, keys, source.options, formats)


def source_digest(source: SourceProgram, *more: str) -> str:
    """A digest of what is asked of the rows of a source."""
    return digest([asdict(check) for check in source.checks], source.max_bad_rows, *more)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells whether a version of a table is what making it now would give, besides its inputs.

    Attributes:
        rows: a digest of all that makes its rows; empty if the clock is a part of that.
        asked: a digest of what is asked of the rows; likewise.
        method: a digest of the code that keeps tables by what changed. It counts for versions that were kept alone: one
            that was made from nothing is right, whatever would have kept it.
    """

    rows: str
    asked: str
    method: str

    def made(self) -> str:
        """What a version has of it that is made from nothing."""
        return f"{self.rows}.{self.asked}"

    def kept(self) -> str:
        """What a version has of it that is kept by what changed."""
        return f"{self.rows}.{self.asked}.{self.method}"

    def again(self, version: Version) -> str:
        """What a version of the same rows has of it."""
        return self.kept() if version.program.count(".") == 2 else self.made()

    def makes_rows_of(self, version: Version) -> bool:
        """Whether it would make the same rows of the same inputs."""
        rows, _, rest = version.program.partition(".")
        method = rest.partition(".")[2]
        return bool(self.rows) and rows == self.rows and method in ("", self.method)

    def is_of(self, version: Version) -> bool:
        """Whether it would make the same rows, and say the same of them."""
        return bool(self.rows and self.asked) and version.program in (self.made(), self.kept())


def fingerprint(program: Program, table: TableProgram, *more: str, asked: str = "") -> Fingerprint:
    """The fingerprint of a table.

    Args:
        more: what else makes its rows.
        asked: what else is asked of them.
    """
    views = {one.name: one.sql for one in program.tables if one.is_view}
    found = [table.sql, *(views[name] for name in all_inputs(program, table) if name in views)]
    checks = [asdict(check) for check in table.checks]
    violations = [check.violations for check in table.checks]
    made_by = (_used(program.settings, found), found, table.columns)
    stages = [asdict(stage) for stage in table.stages]
    return Fingerprint(
        "" if _asks_the_clock(found) else digest(*made_by, *more),
        "" if _asks_the_clock(violations) else digest(_used(program.settings, violations), checks, stages, asked),
        program.method,
    )


def _asks_the_clock(texts: Iterable[str]) -> bool:
    """Whether SQL does so, and no text in it only says so."""
    return any(_CLOCK.search(text) and _CLOCK.search(_QUOTED.sub("", text)) for text in texts)


def _used(settings: Iterable[str], texts: Iterable[str]) -> list[str]:
    """The macros that some SQL calls, and those that they call: each stands after those."""
    called = set(_CALL.findall("\n".join(texts)))
    used = []
    for setting in reversed(list(settings)):
        defined = _MACRO.match(setting)
        if defined is None or defined[1] in called:
            called |= set(_CALL.findall(setting))
            used.append(setting)
    return used


def all_inputs(program: Program, table: TableProgram) -> list[str]:
    """The inputs of a table, and those behind the views among them."""
    return _through_views(program, table.inputs)


def same_rows(program: Program, table: TableProgram, before: Version, inputs: Mapping[str, str]) -> bool:
    """Whether a version was made of the same versions of all that the table takes rows from."""
    names = [name for name in _through_views(program, table.reads) if name in inputs]
    return all(before.inputs.get(name) == inputs[name] for name in names)


def _through_views(program: Program, names: Iterable[str]) -> list[str]:
    views = {one.name: one for one in program.tables if one.is_view}
    found = list(names)
    for name in found:
        if name in views:
            found.extend(one for one in views[name].inputs if one not in found)
    return found


def is_current(version: Version, program: str | Fingerprint, inputs: Mapping[str, str], lake: Path) -> bool:
    """Whether a version is what making it again would give, its files are there, and its report can be told."""
    same = program.is_of(version) if isinstance(program, Fingerprint) else version.program == program
    return same and dict(version.inputs) == dict(inputs) and is_there(version, lake)


def is_there(version: Version, lake: Path) -> bool:
    """Whether the files of a version are there, and its report can be told."""
    return is_readable(version.made) and all((lake / file).is_file() for file in version.all_files())


def why_anew(table: TableProgram, before: Version, program: Fingerprint, lake: Path, *, full: bool) -> str:
    """Why the rows of a version say nothing of those that a table should have; empty where they do.

    Args:
        program: of what would make the table now.
    """
    if full:
        return BY_FULL
    if not program.rows:
        return table.anew or "it asks for the time"
    if not program.makes_rows_of(before):
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
        "checks": [_kept_check(check) for check in report.checks],
        "files": report.files,
    }
    return {key: value for key, value in found.items() if value}


def _kept_check(check: CheckReport) -> dict[str, Any]:
    found = {**asdict(check), "examples": []}
    return found if check.of else {key: value for key, value in found.items() if key != "of"}


_STAGE = {"kind": str, "text": str, "lost": str, "rows": int}
_CHECK = {"name": str, "kind": str, "blocking": bool, "violations": int, "examples": list}


def is_readable(known: Mapping[str, Any]) -> bool:
    """Whether this is what `made` writes: a catalog is a file that anybody may have changed."""
    with suppress(TypeError, AttributeError):
        figures = [known.get(name, 0) for name in ("rows_in", "quarantined", "files")]
        texts = [*known.get("extra_keys", ()), *known.get("notes", ()), *known.get("reasons", {})]
        numbers = [*figures, *known.get("reasons", {}).values()]
        stages = all(_kinds(stage) == _STAGE for stage in known.get("stages", ()))
        kinds = (_CHECK, {**_CHECK, "of": str})
        checks = all(_kinds(check) in kinds and not check["examples"] for check in known.get("checks", ()))
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
