"""From the text of a spec to the compiled lake.

The stages, each a pure reading of the one before:

    text → YAML with positions → typed spec        generator.spec.load
    names: every mention means something           graph.check_names
    order: inputs before tables, no cycles          graph.order_tables
    sources: columns, types, labels, keys           sources.compile_sources
    consents: conditions on the registries          consents.compile_consents, and compile_registry for tables
    tables, in order, step by step                  clauses / sql.lower, over steps and facts
    expectations                                    expectations.compile_expectations
    jobs                                            jobs.compile_jobs
    tests with rows                                 row_tests.compile_tests

All findings are collected. A table with an error is left out, and so is what depends on it, so that no error is
reported twice in other words. The state per relation is O(columns); the whole is linear in the number of tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from generator.diagnostics import Diagnostic, Severity, SourceText, Span, suggestion
from generator.plan.clauses import compile_clauses
from generator.plan.consents import compile_consents, compile_registry
from generator.plan.context import Context
from generator.plan.expectations import check_later, compile_expectations
from generator.plan.facts import minimal
from generator.plan.graph import check_names, inputs_of, order_tables
from generator.plan.jobs import compile_jobs
from generator.plan.lake import (
    CompiledConsent,
    CompiledLake,
    CompiledSource,
    CompiledSubject,
    CompiledTable,
    CompiledZone,
    Place,
    Query,
)
from generator.plan.layout import compile_layout
from generator.plan.person_keys import known_keys
from generator.plan.relation import ColumnId, Relation
from generator.plan.row_tests import CompiledTest, compile_tests
from generator.plan.sources import compile_sources
from generator.plan.sql.lower import compile_sql
from generator.spec.load import load_spec
from generator.spec.model import Table
from generator.spec.test_files import load_tests


@dataclass(frozen=True, slots=True)
class Analysis:
    """What became of a spec.

    Attributes:
        lake: None when there are errors.
        diagnostics: all findings, in the order of the file.
        sound: the tables without errors, for checks; None when the spec as a whole can't be read.
        span: where in the file a place of the lake stands.
        tests: those of the spec that have no errors.
        broken: the tables and sources that have errors.
        context: of the compilation, for queries on the lake; None when the spec as a whole can't be read.
    """

    source: SourceText
    lake: CompiledLake | None
    diagnostics: tuple[Diagnostic, ...]
    sound: CompiledLake | None = None
    span: Callable[[Place], Span] | None = None
    tests: tuple[CompiledTest, ...] = ()
    broken: frozenset[str] = frozenset()
    context: Context | None = None

    @property
    def has_errors(self) -> bool:
        return any(found.severity is Severity.ERROR for found in self.diagnostics)


def analyse(source: SourceText) -> Analysis:
    """Compiles a spec and collects everything there is to say about it."""
    loaded, problems = load_spec(source)
    if loaded is None:
        return Analysis(source, None, in_order(problems))
    context = Context(loaded, list(problems))
    check_names(context)
    order = order_tables(context)
    sources = compile_sources(context)
    consents = compile_consents(context, sources)
    for name, landed in sources.items():
        relation, more = compile_registry(context, name, landed.relation)
        sources[name] = replace(landed, relation=relation)
        consents.update(more)
    tables = _Tables(context, sources, consents)
    for name in order:
        tables.compile(name)
    check_later(context, tables.relations.get)
    spec = loaded.spec
    lake = CompiledLake(
        name=spec.lake,
        description=spec.description,
        sources=sources,
        tables=tables.compiled,
        zones={name: CompiledZone(zone.require, zone.pii) for name, zone in spec.zones.items()},
        subjects={name: _subject(context, name) for name in spec.subjects},
        consents=consents,
        row_counts=dict(spec.row_counts),
        subject_keys={**context.subjects.keys, **context.subjects.mentions},
        variables=loaded.variables,
        jobs=compile_jobs(context, order),
    )
    broken = frozenset((*spec.sources, *spec.tables)) - {*lake.sources, *lake.tables}
    tests, problems = compile_tests(loaded.document, spec.tests, lake, broken)
    found = in_order((*context.diagnostics, *problems))
    failed = any(one.severity is Severity.ERROR for one in found)
    return Analysis(source, None if failed else lake, found, lake, context.span, tests, broken, context)


def analyse_tests(
    source: SourceText, analysis: Analysis, known: Sequence[CompiledTest]
) -> tuple[tuple[CompiledTest, ...], tuple[Diagnostic, ...]]:
    """The tests of a file of their own, and everything there is to say about them.

    Args:
        analysis: of the spec that they are for.
        known: the tests of the spec and of other files.
    """
    loaded, problems = load_tests(source, analysis.sound.variables if analysis.sound is not None else {})
    if loaded is None or analysis.sound is None:
        return (), in_order(problems)
    tests, found = compile_tests(loaded.document, loaded.tests, analysis.sound, analysis.broken, known)
    return tests, in_order((*problems, *found))


def _subject(context: Context, name: str) -> CompiledSubject:
    forms = {key: form for (subject, key), form in context.subjects.normal.items() if subject == name}
    return CompiledSubject(context.spec.subjects[name].registry, tuple(known_keys(context, name)), forms)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics in the order of the file, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span.start if d.span else -1, d.code)))


class _Tables:
    """Compiles tables one after the other, each over the relations of those before it."""

    def __init__(
        self, context: Context, sources: dict[str, CompiledSource], consents: dict[str, CompiledConsent]
    ) -> None:
        self.context = context
        self.consents = consents
        self.compiled: dict[str, CompiledTable] = {}
        self.relations: dict[str, Relation] = {name: source.relation for name, source in sources.items()}
        self.known = {**context.spec.sources, **context.spec.tables}
        self.checks_for: dict[str, dict[str, None]] = {}
        for (name, _), later in context.later.items():
            for table in later.values():
                self.checks_for.setdefault(table, {})[name] = None

    def compile(self, name: str) -> None:
        table = self.context.spec.tables[name]
        inputs = inputs_of(table, self.known)
        if name in self.context.broken or any(one not in self.relations for one in inputs):
            self.context.broken.add(name)
            return
        query = self.query(name, table)
        if query is None or name in self.context.broken:
            self.context.broken.add(name)
            return
        relation = self.declassified(name, table, self.declared_keys(table, query.relation))
        relation, found = compile_registry(self.context, name, relation)
        self.consents.update(found)
        expectations = compile_expectations(self.context, name, relation, self.relations.get)
        self.relations[name] = relation
        self.compiled[name] = CompiledTable(
            name=name,
            zone=table.zone,
            description=table.description,
            is_view=table.view,
            query=query,
            inputs=inputs,
            relation=relation,
            expectations=expectations,
            keep_versions=table.keep_versions or self.context.spec.keep_versions,
            metadata=self.context.metadata("tables", name, table),
            pii=table.pii,
            declassified=dict(table.declassify),
            refresh=table.refresh,
            checks_for=tuple(self.checks_for.get(name, ())),
            layout=compile_layout(self.context, "tables", name, table, relation.columns),
        )

    def query(self, name: str, table: Table) -> Query | None:
        if table.sql is not None:
            return compile_sql(self.context, name, table.sql, self.relations.__getitem__)
        return compile_clauses(self.context, name, table, self.relations.__getitem__)

    def declassified(self, name: str, table: Table, relation: Relation) -> Relation:
        """Takes the labels off the columns that the spec says are not personal in fact."""
        columns = dict(relation.columns)
        for column in table.declassify:
            key, path = ColumnId(None, column), ("tables", name, "declassify", column)
            if key not in columns:
                names = [one.name for one in columns]
                span = self.context.document.key_span(path)
                message = f"unknown column `{column}` in `{name}`"
                self.context.report("C001", message, span, "not found", help=suggestion(column, names))
                self.context.broken.add(name)
                continue
            columns[key] = replace(columns[key], personal=frozenset())
        return replace(relation, columns=columns)

    def declared_keys(self, table: Table, relation: Relation) -> Relation:
        """Adds the keys that blocking expectations check before the table is published."""
        checked = [
            frozenset(ColumnId(None, column) for column in one.unique)
            for one in table.expect
            if one.unique is not None and one.severity == "error"
        ]
        return replace(relation, keys=minimal((*relation.keys, *checked))) if checked else relation
