"""From Glue jobs to the text of a spec: read, name, convert, write.

Whatever isn't carried over exactly has a finding, and its mark in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.author.studio.builder import Builder, mark_text, together
from generator.author.studio.catalog import Catalog, Known
from generator.author.studio.codegen import read_codegen
from generator.author.studio.convert import Converter
from generator.author.studio.guesses import note_guesses, suggestions
from generator.author.studio.merge import merged
from generator.author.studio.model import Finding, Job, Node, Read, Write
from generator.author.studio.nulls import NullFacts
from generator.author.studio.script import UnreadableScriptError, read_script
from generator.author.studio.tables import TableDraft
from generator.author.studio.traps import note_traps
from generator.author.studio.zones import zone_of
from generator.author.yaml_text import aligned, in_comment, scalar
from generator.plan.lake import CompiledLake

Render = Callable[..., str]
"""Renders a template, named by its path, with values."""

_MOST_PASSES = 6


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

    @property
    def exact(self) -> bool:
        """Whether the spec means what the jobs mean."""
        return all(finding.kind.exact for finding in self.findings)


def import_jobs(
    scripts: Mapping[str, str],
    name: str,
    spec: str | None,
    lake: CompiledLake | None,
    render: Render,
    data: Path | None = None,
) -> Imported:
    """Converts jobs to tables, together: what one writes and another reads becomes one table.

    Args:
        scripts: the texts by name; CodeGen JSON begins with a brace.
        name: of the lake, for a new spec.
        spec: the text of a spec whose sources the jobs read; it gets the tables.
        lake: what that spec compiles to.
        data: the landing data, to see whether keys are null or absent.

    Raises:
        UnreadableScriptError: a script can't be read, or none of them writes anything.
    """
    jobs = [_read(script, text) for script, text in scripts.items()]
    if not any(job.writes() for job in jobs):
        lost = "; ".join(
            f"line {one.line}: {one.message}" for job in jobs for one in job.findings if not one.kind.exact
        )
        reason = f"it writes no table: there is nothing to import{f' ({lost})' if lost else ''}"
        raise UnreadableScriptError(next(iter(scripts)), reason)
    invented = spec is not None and "Made by `init`" in spec[:2000]
    catalog = Catalog(lake, NullFacts(data), invented)
    catalog.add_targets(jobs)
    tables = _without_sources(_converted(jobs, catalog), lake)
    for job in jobs:
        note_traps(job, catalog)
    note_guesses(jobs, catalog, tables)
    for table in tables:
        table.zone = zone_of(table.name, lake, invented)
    _tell_downstream(jobs, catalog, tables)
    sources = [known for known in catalog.new_sources() if any(known.name in table.reads for table in tables)]
    _mark_the_rest(jobs, tables)
    findings = [finding for job in jobs for finding in sorted(dict.fromkeys(job.findings), key=lambda one: one.line)]
    text = _text(name, spec, lake, sources, tables, render, catalog.columns)
    return Imported(text, tuple(table.name for table in tables), tuple(findings))


def _read(name: str, text: str) -> Job:
    return read_codegen(name, text) if text.lstrip().startswith(("{", "[")) else read_script(name, text)


def _converted(jobs: Sequence[Job], catalog: Catalog) -> list[TableDraft]:
    """The tables of all jobs; where columns are only known from their use, until nothing new is learnt."""
    read = {job.script: list(job.findings) for job in jobs}
    tables: list[TableDraft] = []
    for _ in range(_MOST_PASSES):
        before = catalog.state()
        catalog.forget_tables(table.name for table in tables)
        tables = []
        for job in jobs:
            job.findings[:] = read[job.script]
        converters = {job.script: Converter(Builder(job, catalog)) for job in jobs}
        for job, node, target in _in_order(jobs, catalog):
            converter = converters[job.script]
            done = len(converter.builder.tables)
            converter.target(node, catalog.target_name(target))
            tables += converter.builder.tables[done:]
        if catalog.state() == before:
            break
    return tables


def _without_sources(tables: list[TableDraft], lake: CompiledLake | None) -> list[TableDraft]:
    """Without the jobs that make rows of a source that the spec has: the lake makes those itself."""
    if lake is None:
        return tables
    read = {name for table in tables for name in table.reads}
    kept = [one for one in tables if one.name in read or not _makes_a_source(one, lake)]
    return kept or tables


def _makes_a_source(table: TableDraft, lake: CompiledLake) -> bool:
    plain = table.is_plain and not table.expect
    return plain and table.source in lake.sources and table.name.endswith(f"__{table.source}")


def _in_order(jobs: Sequence[Job], catalog: Catalog) -> list[tuple[Job, Node, Write]]:
    """Targets behind those that their jobs read."""
    targets = {
        catalog.target_name(target): (job, node, target)
        for job in reversed(jobs)
        for node, target in reversed(job.writes())
    }
    done: dict[str, tuple[Job, Node, Write]] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in done or name not in targets:
            return
        job, node, _ = targets[name]
        for below, read in _reads(job, node):
            other = catalog.resolve(job, below, read)
            if other in (*above, name):
                message = f"`{other}` is made of itself: a table of the lake is made anew in each run"
                job.lost("reads-itself", below.line, message, node=below.id)
            else:
                visit(other, (*above, name))
        done[name] = targets[name]

    for job in jobs:
        for _, target in job.writes():
            visit(catalog.target_name(target), ())
    return list(done.values())


def _reads(job: Job, node: Node) -> list[tuple[Node, Read]]:
    """What a target is made of."""
    way, todo = set[str](), list(node.inputs)
    while todo:
        name = todo.pop()
        if name not in way:
            way.add(name)
            todo += job.nodes[name].inputs
    return [(one, read) for one, read in job.reads() if one.id in way]


def _tell_downstream(jobs: Sequence[Job], catalog: Catalog, tables: Sequence[TableDraft]) -> None:
    """A table that reads one which isn't what its job says isn't either."""
    changed = {table.name for table in tables if table.marks}
    for _ in tables:
        more = {table.name for table in tables if table.reads & changed}
        if more <= changed:
            break
        changed |= more
    first = {table.name for table in tables if table.marks}
    for job, node, target in _in_order(jobs, catalog):
        name = catalog.target_name(target)
        table = next((one for one in tables if one.name == name), None)
        below = sorted(_all_reads(name, tables) & first - {name})
        if table is None or not below:
            continue
        own = [one for one in below if one not in {view.name for view in tables if view.view}]
        if own:
            shown = ", ".join(f"`{one}`" for one in own)
            reads = [one for one, read in job.reads() if catalog.resolve(job, one, read) in own]
            at = reads[0] if reads else node
            job.changed("downstream", at, f"`{name}` reads {shown}, which isn't what its job says")
            together(table.marks, [mark_text(job.findings[-1])])


def _all_reads(name: str, tables: Sequence[TableDraft]) -> set[str]:
    """All tables below one, near and far."""
    by_name = {table.name: table for table in tables}
    found: set[str] = set()
    todo = [name]
    while todo:
        table = by_name.get(todo.pop())
        fresh = (table.reads if table else set()) - found
        found |= fresh
        todo += fresh
    return found


def _mark_the_rest(jobs: Sequence[Job], tables: Sequence[TableDraft]) -> None:
    """Marks of what belongs to no step that a table is made of: above the first table."""
    marked = {mark for table in tables for mark in table.marks}
    for job in jobs:
        for finding in job.findings:
            if not finding.kind.exact and finding.code != "unknown-columns" and mark_text(finding) not in marked:
                together(tables[0].marks, [mark_text(finding)])


def _text(
    name: str,
    spec: str | None,
    lake: CompiledLake | None,
    sources: Sequence[Known],
    tables: Sequence[TableDraft],
    render: Render,
    columns_of: Callable[[str], tuple[Sequence[str], bool]],
) -> str:
    zones = list(dict.fromkeys(table.zone for table in tables if not table.view))
    source_lines = {source.name: ["  " + line for line in _source(source)] for source in sources}
    table_lines = {table.name: _entry(table.name, table.lines(columns_of)) for table in tables}
    if spec is None:
        return render(
            "author/imported.yaml.j2",
            lake=name,
            zones=[zone for zone in zones if zone != "landing"],
            suggestions=suggestions(sources),
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
    if source.place.path or source.place.table:
        place = source.place.path or f"{source.place.database}.{source.place.table}"
        found[1:1] = [f"  # {in_comment(f'the jobs read {place}', 200)}"]
    found += [f"  format: {source.format}"] if source.format in ("csv", "parquet") else []
    found += [f"  delimiter: {scalar(source.delimiter)}"] if source.format == "csv" and source.delimiter != "," else []
    columns = []
    for column in source.columns.values():
        kind = column.type or "string"
        kind = f'"{kind}"' if "," in kind or "<" in kind else kind
        value = kind if column.key == column.name else f"{{type: {kind}, key: {scalar(column.key)}}}"
        columns.append((f"    {scalar(column.name)}: {value}", "" if column.type else "no job says its type"))
    if not columns:
        return [*found, "  columns: {}  # no job says which: `init DIR` reads them from the data"]
    more = [] if source.complete else ["    # the jobs name only these: `init DIR` reads all of them from the data"]
    return [*found, "  columns:", *more, *aligned(columns)]
