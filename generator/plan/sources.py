"""Sources: declared columns, their types and labels, whose data they hold, and the keys that no two rows share."""

from __future__ import annotations

from itertools import count

from generator.diagnostics import suggestion
from generator.plan.context import Context
from generator.plan.facts import minimal
from generator.plan.lake import CompiledSource, Place, SourceColumn
from generator.plan.layout import compile_layout
from generator.plan.people import Subjects
from generator.plan.person_keys import check_spelled, known_keys, normal_forms
from generator.plan.relation import Column, ColumnId, Identity, Person, PersonalData, Relation, Silence
from generator.plan.spellings import compile_spelling
from generator.plan.types import UNKNOWN, Type, TypeSyntaxError, parse_type
from generator.spec.model import Source


def compile_sources(context: Context) -> dict[str, CompiledSource]:
    """The sources by name; what is wrong with them is reported."""
    times = {name: source.event_time for name, source in context.spec.sources.items() if source.event_time}
    context.subjects = Subjects(_own_keys(context), _mentions(context), {}, times, count(), normal_forms(context))
    compiled = {name: _compile_source(context, name, source) for name, source in context.spec.sources.items()}
    return {name: source for name, source in compiled.items() if name not in context.broken}


def _own_keys(context: Context) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (subject.registry, key): (name, key)
        for name, subject in context.spec.subjects.items()
        for key in known_keys(context, name)
    }


def _mentions(context: Context) -> dict[tuple[str, str], tuple[str, str]]:
    keys: dict[tuple[str, str], tuple[str, str]] = {}
    for name, source in context.spec.sources.items():
        for column, declared in source.every_column.items():
            if declared.identifies is not None:
                subject_name, key = declared.identifies.split(".")
                keys[name, column] = (subject_name, key)
    return keys


def _compile_source(context: Context, name: str, source: Source) -> CompiledSource:
    registered = [subject for subject, declared in context.spec.subjects.items() if declared.registry == name]
    people = _People(context, name, source, registered)
    columns = []
    relation: dict[ColumnId, Column] = {}
    for column, declared in source.every_column.items():
        kind = _column_type(context, name, column)
        if (name, column) in context.subjects.keys or (name, column) in context.subjects.mentions:
            _check_identifies(context, name, column, kind)
            check_spelled(context, name, column, kind)
        spelling = compile_spelling(context, name, column, declared, kind)
        columns.append(SourceColumn(column, declared.key or column, kind, declared.description, spelling))
        is_key = (name, column) in context.subjects.keys or (name, column) in context.subjects.mentions
        label = PersonalData(name, column, pseudonymous=not declared.pii)
        personal = frozenset((label,)) if declared.pii or is_key else frozenset[PersonalData]()
        relation[ColumnId(None, column)] = Column(column, kind, personal, people.identities(column), raw=True)
    _check_event_time(context, name, source)
    _check_raw_keys(context, name, columns)
    return CompiledSource(
        name=name,
        zone=source.zone,
        description=source.description,
        paths=tuple(source.path),
        format=source.format,
        options=source.options,
        columns=tuple(columns),
        relation=Relation(
            relation,
            minimal(_keys(context, name, source)),
            people.persons,
            _silences(context, name, source, people),
        ),
        metadata=context.metadata("sources", name, source),
        unique=tuple(tuple(columns) for columns in source.unique),
        event_time=source.event_time,
        about_nobody=source.subject == "none",
        max_bad_rows=source.max_bad_rows,
        keep_versions=source.keep_versions or context.spec.keep_versions,
        layout=compile_layout(context, "sources", name, source, relation),
    )


def _silences(context: Context, name: str, source: Source, people: _People) -> frozenset[Silence]:
    """The kinds of people of which it isn't said whether the source holds their data."""
    if source.subject == "none":
        return frozenset()
    known = {person.subject for person in people.persons.values()}
    if not known and source.subject is None:
        return frozenset((Silence(name),))
    meant = set(source.subject) if source.subject is not None else set(context.spec.subjects)
    return frozenset(Silence(name, subject) for subject in meant - known)


def _check_identifies(context: Context, name: str, column: str, kind: Type) -> None:
    """What identifies somebody is one value, that is compared exactly."""
    if kind.is_nested or kind.kind in ("float", "double"):
        place = context.spec.sources[name].place(column)
        declared = ("sources", name, place, column, "identifies")
        path = declared if context.document.has(declared) else declared[:-1]
        what = "holds several values" if kind.is_nested else "is compared inexactly"
        help = (
            "explode it, or take the field out, in what lands: each row names its people in columns of their own"
            if kind.is_nested
            else "declare it as `bigint`, `decimal` or `string`, as the data has it"
        )
        message = f"`{name}.{column}` can't identify a person: {kind} {what}"
        context.report("T012", message, Place(path), f"this is {kind}", help=(help,))
        context.broken.add(name)


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
        self.by_column: dict[str, int] = {}
        self.timed: list[int] = []
        for subject in registered:
            self.of_registry.append(self._new(context, subject))
        for column, declared in source.every_column.items():
            if declared.identifies is None:
                continue
            subject, key = declared.identifies.split(".")
            if not (subject in registered and key == column):
                self.by_column[column] = self._new(context, subject, mentioned=subject in registered)
                self.timed += [self.by_column[column]] if subject not in registered else []
        keys = {*context.subjects.keys, *context.subjects.mentions}
        self.is_key = {column for source_name, column in keys if source_name == name}

    def _new(self, context: Context, subject: str, mentioned: bool = False) -> int:
        number, here = next(context.subjects.fresh), frozenset((self.name,))
        self.persons[number] = Person(subject, here, mentioned=here if mentioned else frozenset())
        return number

    def identities(self, column: str) -> frozenset[Identity]:
        """Every column of a registry's row is that person's; elsewhere the key is, and everybody's time.

        In a registry, the time isn't that of others of the same kind: it would pass for their own row's.
        """
        found = {Identity(number, self.name, column, own=True) for number in self.of_registry}
        if column in self.by_column:
            found.add(Identity(self.by_column[column], self.name, column))
        elif column == self.time and column not in self.is_key:
            found |= {Identity(number, self.name, column) for number in self.timed}
        return frozenset(found)


def _check_event_time(context: Context, name: str, source: Source) -> None:
    if source.event_time is not None and source.event_time not in source.every_column:
        message = f"unknown column `{source.event_time}` in `{name}`"
        place = Place(("sources", name, "event_time"))
        context.report("C001", message, place, "not found", help=suggestion(source.event_time, source.every_column))


def _column_type(context: Context, source: str, column: str) -> Type:
    declared = context.spec.sources[source]
    path = ("sources", source, declared.place(column), column)
    full = (*path, "type") if context.document.has((*path, "type")) else path
    text = declared.every_column[column].type
    try:
        kind = parse_type(text)
    except TypeSyntaxError as error:
        context.report("T010", str(error), Place(full, error.start, error.end), help=error.help)
        return UNKNOWN
    if kind.is_nested and column in declared.partitions:
        message = f"`{column}` is in the name of a folder, which can't hold {kind}"
        context.report("T010", message, Place(full), help=("declare it as `string`, and take it apart in a table",))
        return UNKNOWN
    return kind


def _check_raw_keys(context: Context, source: str, columns: list[SourceColumn]) -> None:
    """Two columns can't read the same key; spellings that differ in case only are one column for Athena."""
    first: dict[str, str] = {}
    for column in columns:
        other = first.setdefault(column.key.lower(), column.name)
        if other != column.name:
            message = f"`{column.name}` reads the key `{column.key}`, which `{other}` reads already"
            place = context.spec.sources[source].place(column.name)
            span = context.document.key_span(("sources", source, place, column.name))
            context.report("S007", message, span)
            context.broken.add(source)


def _keys(context: Context, name: str, source: Source) -> list[frozenset[ColumnId]]:
    keys = [frozenset((ColumnId(None, key),)) for registry, key in context.subjects.keys if registry == name]
    for index, columns in enumerate(source.unique):
        path = ("sources", name, "unique", index)
        for position, column in enumerate(columns):
            if column not in source.every_column:
                exact = (*path, position) if context.document.has((*path, position)) else path
                help = suggestion(column, source.every_column)
                context.report("C001", f"unknown column `{column}` in `{name}`", Place(exact), "not found", help=help)
        keys.append(frozenset(ColumnId(None, column) for column in columns))
    return keys
