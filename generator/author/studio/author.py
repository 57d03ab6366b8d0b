"""From Glue Studio jobs to the text of a spec: read, name, convert, compose, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generator.author.names import tokens
from generator.author.studio.catalog import Catalog, Known, target_name
from generator.author.studio.codegen import read_codegen
from generator.author.studio.convert import convert
from generator.author.studio.merge import merged
from generator.author.studio.model import Finding, Job, Kind, Node, Write
from generator.author.studio.script import UnreadableScriptError, read_script
from generator.author.studio.tables import TableDraft
from generator.author.studio.traps import note_traps
from generator.author.yaml_text import aligned, scalar
from generator.plan.lake import CompiledLake

Render = Callable[..., str]
"""Renders a template, named by its path, with values."""

_ZONES = ("trusted", "curated", "refined", "enriched", "silver", "gold", "mart", "reports")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the jobs.

    Attributes:
        text: the whole spec: the given one with the tables in it, or a new one.
        tables: names of the tables and views, in order.
        findings: in the order of the scripts' lines.
    """

    text: str
    tables: tuple[str, ...]
    findings: tuple[Finding, ...]


def import_jobs(
    scripts: Mapping[str, str], name: str, spec: str | None, lake: CompiledLake | None, render: Render
) -> Imported:
    """Converts jobs to tables, together: what one writes and another reads becomes one table.

    Args:
        scripts: the texts by name; CodeGen JSON begins with a brace.
        name: of the lake, for a new spec.
        spec: the text of a spec whose sources the jobs read; it gets the tables.
        lake: what that spec compiles to.

    Raises:
        UnreadableScriptError: a script can't be read, or none of them writes anything.
    """
    jobs = [_read(script, text) for script, text in scripts.items()]
    if not any(job.writes() for job in jobs):
        raise UnreadableScriptError(next(iter(scripts)), "it writes no table: there is nothing to import")
    catalog = Catalog(lake)
    catalog.add_targets(jobs)
    tables: list[TableDraft] = []
    for job, node, target in _in_order(jobs, catalog):
        tables += convert(job, catalog, node, target)
    for job in jobs:
        note_traps(job, catalog)
    for table in tables:
        table.zone = _zone(table.name, lake)
    sources = [known for known in catalog.new_sources() if _is_read(known.name, tables)]
    findings = [*(finding for job in jobs for finding in _sorted(job)), *_guesses(sources, list(scripts))]
    return Imported(_text(name, spec, lake, sources, tables, render), tuple(t.name for t in tables), tuple(findings))


def _read(name: str, text: str) -> Job:
    return read_codegen(name, text) if text.lstrip().startswith(("{", "[")) else read_script(name, text)


def _sorted(job: Job) -> list[Finding]:
    return sorted(dict.fromkeys(job.findings), key=lambda finding: finding.line)


def _in_order(jobs: Sequence[Job], catalog: Catalog) -> list[tuple[Job, Node, Write]]:
    """Targets behind those that their jobs read."""
    targets = {
        target_name(job, target): (job, node, target)
        for job in reversed(jobs)
        for node, target in reversed(job.writes())
    }
    done: dict[str, tuple[Job, Node, Write]] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in done or name not in targets or name in above:
            return
        job = targets[name][0]
        for node, read in job.reads():
            visit(catalog.resolve(node, read), (*above, name))
        done[name] = targets[name]

    for job in jobs:
        for _, target in job.writes():
            visit(target_name(job, target), ())
    return list(done.values())


def _zone(table: str, lake: CompiledLake | None) -> str:
    """That of the spec's table of this name, else the zone that the name speaks of; the spec's own ones come first."""
    known = lake.tables.get(table) if lake else None
    if known is not None and known.zone:
        return known.zone
    words = tokens(table)
    own = [zone for zone in (lake.zones if lake else ()) if zone in words]
    return next(iter(own), next((zone for zone in _ZONES if zone in words), "trusted"))


def _is_read(name: str, tables: Sequence[TableDraft]) -> bool:
    return any(
        name in (table.source, *table.union) or any(join.table == name for join in table.joins) or name in table.sql
        for table in tables
    )


def _guesses(sources: Sequence[Known], scripts: Sequence[str]) -> list[Finding]:
    """What the jobs don't say of their sources."""
    found = []
    for source in sources:
        unknown = [column.name for column in source.columns.values() if not column.type]
        if unknown:
            shown = ", ".join(f"`{name}`" for name in unknown)
            message = f"`{source.name}`: no job says the types of {shown}: taken for string"
        else:
            message = f"`{source.name}` has only the columns that the jobs mention"
        if source.guessed_path:
            message += "; nor does one say where its files are"
        help = "`init DIR` reads columns and types from the data; give its result with --spec"
        found.append(Finding(Kind.GUESS, "unknown-columns", scripts[0], 0, message, help))
    return found


def _text(
    name: str,
    spec: str | None,
    lake: CompiledLake | None,
    sources: Sequence[Known],
    tables: Sequence[TableDraft],
    render: Render,
) -> str:
    zones = list(dict.fromkeys(table.zone for table in tables if not table.view))
    source_lines = {source.name: ["  " + line for line in _source(source)] for source in sources}
    table_lines = {table.name: _entry(table.name, table.lines()) for table in tables}
    if spec is None:
        return render(
            "author/imported.yaml.j2",
            lake=name,
            zones=zones,
            sources=source_lines.values(),
            tables=table_lines.values(),
        )
    known = lake.zones if lake else {}
    required = {zone.require for zone in known.values() if zone.require}
    rule = f"{{require: {required.pop()}}}" if len(required) == 1 else "{}"
    text = merged(spec, "zones", {zone: [f"  {zone}: {rule}"] for zone in zones if zone not in known})
    text = merged(text, "sources", source_lines)
    return merged(text, "tables", table_lines)


def _entry(name: str, lines: Sequence[str]) -> list[str]:
    return [f"  {scalar(name)}:", *(f"    {line}" for line in lines)]


def _source(source: Known) -> list[str]:
    """A source of which only the jobs are known: they name some of its columns, and of some the type."""
    found = [f"{scalar(source.name)}:", f"  path: {scalar(source.path)}"]
    found += [f"  format: {source.format}"] if source.format in ("csv", "parquet") else []
    found += [f"  delimiter: {scalar(source.delimiter)}"] if source.format == "csv" and source.delimiter != "," else []
    columns = []
    for column in source.columns.values():
        kind = column.type or "string"
        kind = f'"{kind}"' if "," in kind or "<" in kind else kind
        value = kind if column.key == column.name else f"{{type: {kind}, key: {scalar(column.key)}}}"
        columns.append((f"    {scalar(column.name)}: {value}", "" if column.type else "no job says its type"))
    return [*found, "  columns:", *aligned(columns)]
