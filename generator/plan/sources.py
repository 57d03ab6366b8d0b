"""Sources: declared columns, their types and labels, whose data they hold, and the keys that no two rows share."""

from __future__ import annotations

from itertools import count

from generator.diagnostics import suggestion
from generator.plan.context import Context
from generator.plan.facts import minimal
from generator.plan.lake import CompiledSource, Place, SourceColumn
from generator.plan.people import Subjects
from generator.plan.relation import Column, ColumnId, Identity, Person, PersonalData, Relation
from generator.plan.types import UNKNOWN, Type, TypeSyntaxError, parse_type
from generator.runtime.options import ReadOptions
from generator.spec.model import Source, Subject


def compile_sources(context: Context) -> dict[str, CompiledSource]:
    """The sources by name; what is wrong with them is reported."""
    times = {name: source.event_time for name, source in context.spec.sources.items() if source.event_time}
    context.subjects = Subjects(_subject_keys(context), {}, times, count())
    compiled = {name: _compile_source(context, name, source) for name, source in context.spec.sources.items()}
    return {name: source for name, source in compiled.items() if name not in context.broken}


def _subject_keys(context: Context) -> dict[tuple[str, str], tuple[str, str]]:
    keys = {
        (subject.registry, key): (name, key) for name, subject in context.spec.subjects.items() for key in subject.keys
    }
    for name, source in context.spec.sources.items():
        for column, declared in source.columns.items():
            if declared.identifies is not None:
                subject_name, key = declared.identifies.split(".")
                keys[name, column] = (subject_name, key)
    return keys


def _compile_source(context: Context, name: str, source: Source) -> CompiledSource:
    registered = [subject for subject in context.spec.subjects.items() if subject[1].registry == name]
    people = _People(context, name, source, [subject for subject, _ in registered])
    columns = []
    relation: dict[ColumnId, Column] = {}
    for column, declared in source.columns.items():
        kind = _column_type(context, name, column)
        columns.append(SourceColumn(column, declared.key or column, kind, declared.description))
        is_key = (name, column) in context.subjects.keys
        label = PersonalData(name, column, pseudonymous=not declared.pii)
        personal = frozenset((label,)) if declared.pii or is_key else frozenset[PersonalData]()
        relation[ColumnId(None, column)] = Column(column, kind, personal, people.identities(column), raw=True)
    _check_event_time(context, name, source)
    _check_raw_keys(context, name, columns)
    return CompiledSource(
        name=name,
        zone=source.zone,
        description=source.description,
        path=source.path,
        format=source.format,
        options=_options(source),
        columns=tuple(columns),
        relation=Relation(
            relation,
            minimal(_keys(context, name, source, [subject for _, subject in registered])),
            people.persons,
            frozenset() if people.persons or source.subject == "none" else frozenset((name,)),
        ),
        unique=tuple(tuple(columns) for columns in source.unique),
        event_time=source.event_time,
        max_bad_rows=source.max_bad_rows,
    )


def _options(source: Source) -> ReadOptions:
    return ReadOptions(
        delimiter=source.delimiter, header=source.header, multiline=source.multiline, records=source.records or ""
    )


class _People:
    """Whose data the rows of a source are.

    A registry's row is about one person of its subject. Each other column that identifies somebody stands for a person
    of its own: a sender and a receiver are two, and so are an employee and the manager in the same row.
    """

    def __init__(self, context: Context, name: str, source: Source, registered: list[str]) -> None:
        self.name = name
        self.time = source.event_time
        self.persons: dict[int, Person] = {}
        self.of_registry: list[int] = []
        self.by_column: dict[str, list[int]] = {}
        self.timed: list[int] = []
        for subject in registered:
            self.of_registry.append(self._new(context, subject))
        for column, declared in source.columns.items():
            if declared.identifies is None:
                continue
            subject, key = declared.identifies.split(".")
            if not (subject in registered and key == column):
                self.by_column[column] = [self._new(context, subject)]
                self.timed += self.by_column[column] if subject not in registered else []
        self.is_key = {column for source_name, column in context.subjects.keys if source_name == name}

    def _new(self, context: Context, subject: str) -> int:
        number = next(context.subjects.fresh)
        self.persons[number] = Person(subject, frozenset((self.name,)))
        return number

    def identities(self, column: str) -> frozenset[Identity]:
        """Every column of a registry's row is that person's; elsewhere the key is, and everybody's time.

        In a registry, the time isn't that of others of the same kind: it would pass for their own row's.
        """
        numbers = self.by_column.get(column, self.of_registry)
        if column == self.time and column not in self.is_key:
            numbers = self.of_registry + self.timed
        return frozenset(Identity(number, self.name, column) for number in numbers)


def _check_event_time(context: Context, name: str, source: Source) -> None:
    if source.event_time is not None and source.event_time not in source.columns:
        message = f"unknown column `{source.event_time}` in `{name}`"
        place = Place(("sources", name, "event_time"))
        context.report("C001", message, place, "not found", help=suggestion(source.event_time, source.columns))


def _column_type(context: Context, source: str, column: str) -> Type:
    path = ("sources", source, "columns", column)
    full = (*path, "type") if context.document.has((*path, "type")) else path
    text = context.spec.sources[source].columns[column].type
    try:
        return parse_type(text)
    except TypeSyntaxError as error:
        context.report("T010", str(error), Place(full, error.start, error.end), help=error.help)
        return UNKNOWN


def _check_raw_keys(context: Context, source: str, columns: list[SourceColumn]) -> None:
    """Two columns can't read the same key; spellings that differ in case only are one column for Athena."""
    first: dict[str, str] = {}
    for column in columns:
        other = first.setdefault(column.key.lower(), column.name)
        if other != column.name:
            message = f"`{column.name}` reads the key `{column.key}`, which `{other}` reads already"
            span = context.document.key_span(("sources", source, "columns", column.name))
            context.report("S007", message, span)
            context.broken.add(source)


def _keys(context: Context, name: str, source: Source, registered: list[Subject]) -> list[frozenset[ColumnId]]:
    keys = [frozenset((ColumnId(None, key),)) for subject in registered for key in subject.keys]
    for index, columns in enumerate(source.unique):
        path = ("sources", name, "unique", index)
        for position, column in enumerate(columns):
            if column not in source.columns:
                exact = (*path, position) if context.document.has((*path, position)) else path
                help = suggestion(column, source.columns)
                context.report("C001", f"unknown column `{column}` in `{name}`", Place(exact), "not found", help=help)
        keys.append(frozenset(ColumnId(None, column) for column in columns))
    return keys
