"""The first spec of a lake, as values: what is said for certain, and what is only suggested in comments."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.author.landing.layout import time_partition
from generator.author.landing.people import People, Relation, find_people, relations
from generator.author.landing.personal import Evidence, personal_columns
from generator.author.landing.survey import Survey, SurveyedColumn
from generator.author.names import without_stage
from generator.author.yaml_text import expression, flow_list, in_comment, scalar
from generator.runtime.words import plural

Line = tuple[str, str]
"""A line of YAML, and its comment."""
_FEW = 5
"""Percents of bad lines up to which one more is allowed; of more, the next multiple of it."""


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A source of the draft.

    Attributes:
        options: lines of YAML that say how its files are laid out.
        remarks: comments above it.
        columns: a line each, with what was seen.
        partitions: the same for columns in the names of folders.
        unique, suggested_unique: groups of columns that no two rows share, as YAML.
        partition_by: what the files of its deployed table are told apart by, as YAML, and how that is known.
    """

    name: str
    path: str
    path_remark: str
    format: str
    options: tuple[str, ...]
    remarks: tuple[str, ...]
    columns: tuple[Line, ...]
    partitions: tuple[str, ...] = ()
    unique: str = ""
    suggested_unique: str = ""
    event_time: str = ""
    partition_by: Line = ("", "")


@dataclass(frozen=True, slots=True)
class DraftTable:
    """A first table of a source: its rows, those of people who agreed where that is known."""

    name: str
    description: str
    zone: str
    source: str
    filter: str = ""
    semi: str = ""
    on: str = ""
    not_null: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A lake that can be run at once.

    Attributes:
        summary: comments at the top: what was read.
        required: the consent that the trusted zone requires.
        unlinked: whether some tables hold data that no relation to people was found for.
        others: relations between sources that say nothing of people.
    """

    lake: str
    summary: tuple[str, ...]
    people: tuple[People, ...]
    required: str
    unlinked: bool
    consents: tuple[Line, ...]
    subjects: tuple[tuple[str, str, Line], ...]
    sources: tuple[DraftSource, ...]
    tables: tuple[DraftTable, ...]
    others: tuple[str, ...] = ()


@dataclass(slots=True)
class Knowledge:
    """All that was found out about the sources."""

    sources: Sequence[Survey]
    personal: Mapping[str, dict[str, Evidence]]
    related: list[Relation] = field(default_factory=list)
    people: list[People] = field(default_factory=list)

    @classmethod
    def of(cls, sources: Sequence[Survey]) -> Knowledge:
        found = cls(sources, {source.name: personal_columns(source) for source in sources}, relations(sources))
        found.people = find_people(sources, found.personal, found.related)
        for one in found.related:
            evidence = found.personal[one.target.name].get(one.key.name)
            if evidence is not None and evidence.certain:
                text = f"{one.evidence}, which is personal"
                found.personal[one.source.name].setdefault(one.column.name, Evidence(text))
        return found

    def identifies(self, source: Survey, column: SurveyedColumn) -> tuple[People, Relation] | None:
        """The kind of person whose key a column holds."""
        for one in self.related:
            if one.source is source and one.column is column:
                for people in self.people:
                    if people.registry is one.target and one.key in people.keys:
                        return people, one
        return None


def draft(lake: str, sources: Sequence[Survey], summary: Sequence[str]) -> Draft:
    """Decides what to say of the sources, and makes a first table of each."""
    known = Knowledge.of(sources)
    main = next((one for one in known.people if one.consents), None)
    tables = _tables(known, main)
    return Draft(
        lake=lake,
        summary=tuple(summary),
        people=tuple(known.people),
        required=main.consents[0].purpose if main else "",
        unlinked=any(table.zone == "other" for table in tables),
        consents=tuple(_consents(main)) if main else (),
        subjects=tuple(_subject(known, people) for people in known.people),
        sources=tuple(_source(known, source) for source in sources),
        tables=tables,
        others=tuple(_others(known)),
    )


def _subject(known: Knowledge, people: People) -> tuple[str, str, Line]:
    keys = ", ".join(scalar(key.name) for key in people.keys)
    rows = people.registry.profile.rows
    proof = (
        f"different in all {plural(rows, 'row')}"
        if people.registry.reading.complete
        else f"different in {plural(rows, 'sampled row')}"
    )
    return people.subject, people.registry.name, (f"    keys: [{keys}]", proof)


def _consents(people: People) -> list[Line]:
    """The purposes that people may have agreed to, with how many did."""
    lines: list[Line] = []
    rows = people.registry.profile.rows
    for one in people.consents:
        is_moment = one.column.is_moment
        counted = f"{one.given:,} of {rows:,} agreed" if is_moment else ""
        lines += [(f"  {scalar(one.purpose)}:", ""), (f"    subject: {people.subject}", "")]
        lines.append((f"    when: {expression(one.when)}", counted))
        if is_moment and one is people.consents[0]:
            remark = "if only data from then on may be used; see `explain G007`"
            lines.append((f"    # since: {scalar(one.column.name)}", remark))
    return lines


def _source(known: Knowledge, source: Survey) -> DraftSource:
    is_file = not source.raw.path.endswith("/")
    registry = any(people.registry is source for people in known.people)
    keys = {key.name for people in known.people if people.registry is source for key in people.keys}
    unique = [
        (column.name,) for column in source.unique if column.name not in keys | known.personal[source.name].keys()
    ]
    pairs = [tuple(column.name for column in pair) for pair in source.pairs]
    groups = ", ".join(flow_list(group) for group in (*unique, *pairs[:1]))
    groups = f"[{groups}]" if groups else ""
    certain = source.reading.complete and source.profile.rows >= 100
    moment = source.event_time if not registry else None
    return DraftSource(
        name=source.name,
        path=scalar(source.raw.path),
        path_remark="on AWS a source needs a folder of its own: `init --arrange` moves the file" if is_file else "",
        format=source.raw.format,
        options=(
            *(f"{name}: {_option(value)}" for name, value in source.options.given().items()),
            *([f"max_bad_rows: {_limit(source)}"] if source.unfit else []),
        ),
        remarks=tuple(_remarks(source)),
        columns=tuple(_column(known, source, column) for column in source.columns),
        partitions=tuple(_partition(column) for column in source.partitions),
        unique=groups if certain else "",
        suggested_unique="" if certain else groups,
        event_time=scalar(moment.name) if moment else "",
        partition_by=_partition_by(known, source, moment) if moment else ("", ""),
    )


def _partition_by(known: Knowledge, source: Survey, moment: SurveyedColumn) -> Line:
    """Nothing by personal data, such as days of birth: a partition's value is in the names of folders."""
    found = None if moment.name in known.personal[source.name] else time_partition(source, moment)
    return (flow_list([found[0]]), found[1]) if found else ("", "")


def _limit(source: Survey) -> str:
    """How many bad lines to allow: a little more than the share that was seen, in whole percents."""
    share = math.ceil(100 * source.unfit / max(source.profile.lines, 1))
    return f"{share + 1 if share < _FEW else min((share // 5 + 1) * 5, 100)}%"


def _option(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else scalar(str(value))


def _spelled(value: bool | str | list[str]) -> str:
    return flow_list(value) if isinstance(value, list) else _option(value)


def _remarks(source: Survey) -> list[str]:
    """What was read of the source, and what is odd about it."""
    seen = source.profile
    files = len(source.raw.files)
    lines = plural(seen.lines, "record" if source.options.cuts_documents else "line")
    amount = lines if source.reading.complete else f"a sample of {lines}"
    remarks = [f"{amount} in {plural(files, 'file')}"]
    if seen.broken:
        remarks.append(f"lines that can't be read and go to quarantine: {seen.broken:,}")
    if seen.other_case:
        remarks.append(f"lines that spell a key in another case than most, and go to quarantine: {seen.other_case:,}")
    if seen.copies:
        copies = "copy" if seen.copies == 1 else "copies"
        remarks.append(f"{seen.copies:,} exact {copies} of other lines: `dedupe: {{}}` in a table keeps one of each")
    if source.unique_but_for_copies:
        names = ", ".join(f"`{column.name}`" for column in source.unique_but_for_copies)
        remarks.append(f"without these copies {names} would be unique, as the keys of people have to be")
    unstorable = {f"`{in_comment(key)}`" if key else "a column": reason for key, reason in source.unstorable}
    return remarks + [f"{column} is left out: {reason}" for column, reason in unstorable.items()]


def _column(known: Knowledge, source: Survey, column: SurveyedColumn) -> Line:
    evidence = known.personal[source.name].get(column.name)
    person = known.identifies(source, column)
    parts = [("type", _type_text(column))]
    if column.key != column.name:
        parts.append(("key", scalar(column.key)))
    parts += [(name, _spelled(value)) for name, value in column.inferred.spelling.given().items()]
    if evidence is not None and evidence.certain:
        parts.append(("pii", "true"))
    if person is not None:
        people, relation = person
        parts.append(("identifies", f"{people.subject}.{relation.key.name}"))
    value = "{" + ", ".join(f"{name}: {text}" for name, text in parts) + "}" if len(parts) > 1 else parts[0][1]
    remarks = [*_column_remarks(source, column), *([_hint(evidence)] if evidence else [])]
    if person is not None:
        remarks.append(person[1].evidence)
    return f"      {scalar(column.name)}: {value}", "; ".join(remarks)


def _partition(column: SurveyedColumn) -> str:
    kind = _type_text(column)
    value = kind if column.key == column.name else f"{{type: {kind}, key: {scalar(column.key)}}}"
    return f"{scalar(column.name)}: {value}"


def _hint(evidence: Evidence) -> str:
    return evidence.text if evidence.certain else f"{evidence.text} then add `pii: true`"


def _type_text(column: SurveyedColumn) -> str:
    text = str(column.inferred.type)
    return f'"{text}"' if "," in text or "<" in text else text


def _column_remarks(source: Survey, column: SurveyedColumn) -> list[str]:
    """Nulls, units, and what doesn't fit; never a value."""
    nulls = source.nulls(column)
    remarks = [f"null in {nulls:,} of {source.profile.rows:,}"] if nulls and column.seen.values else []
    if column.epoch and column.inferred.type is not None and column.inferred.type.is_integer:
        remarks.append(f"{column.epoch} since 1970")
    return [*remarks, *column.inferred.remarks]


def _tables(known: Knowledge, main: People | None) -> tuple[DraftTable, ...]:
    names = _table_names(known.sources)
    tables = [_table(known, source, main, names) for source in known.sources]
    first = [table for table in tables if main and table.source == main.registry.name]
    return (*first, *(table for table in tables if table not in first))


def _table_names(sources: Sequence[Survey]) -> dict[str, str]:
    """`customer_landing` becomes `customer_trusted`; a name that is taken keeps the source's whole name."""
    taken = {source.name for source in sources}
    names = {}
    for source in sources:
        name = f"{without_stage(source.name)}_trusted"
        names[source.name] = name if name not in taken else f"{source.name}_trusted"
        taken.add(names[source.name])
    return names


def _table(known: Knowledge, source: Survey, main: People | None, names: Mapping[str, str]) -> DraftTable:
    about = without_stage(source.name).replace("_", " ")
    keys = tuple(c.name for c in source.columns if known.identifies(source, c) and not source.nulls(c))
    name = names[source.name]
    if main is None:
        whole = [column for column in source.unique if column.name not in known.personal[source.name]]
        required = keys or tuple(column.name for column in whole[:1])
        return DraftTable(name, f"All {about} data.", "trusted", source.name, not_null=_list(required))
    if main.registry is source:
        description = f"Each {main.subject} who agreed to {main.consents[0].purpose.replace('_', ' ')}."
        registered = tuple(key.name for key in main.keys)
        return DraftTable(
            name,
            description,
            "trusted",
            source.name,
            filter=expression(main.consents[0].when),
            not_null=_list(registered),
        )
    for column in source.columns:
        person = known.identifies(source, column)
        if person is not None and person[0] is main:
            semi = names[main.registry.name]
            on = _condition(source, column, main.registry, person[1].key, semi)
            description = f"{about.capitalize()} data of each {main.subject} in {semi}."
            return DraftTable(name, description, "trusted", source.name, semi=semi, on=on, not_null=_list(keys))
    return DraftTable(name, f"All {about} data.", "other", source.name, not_null=_list(keys))


def _list(names: Sequence[str]) -> str:
    return flow_list(names) if names else ""


def _condition(source: Survey, column: SurveyedColumn, registry: Survey, key: SurveyedColumn, table: str) -> str:
    """`user = email`, with the tables' names where a column is in both."""
    left = any(other.name == column.name for other in registry.columns)
    right = any(other.name == key.name for other in source.columns)
    one = f"{source.name}.{column.name}" if left else column.name
    other = f"{table}.{key.name}" if right else key.name
    return expression(f"{one} = {other}")


def _others(known: Knowledge) -> list[str]:
    """Relations between sources that could be joins: keys of things, and moments that two sources share."""
    lines = []
    for one in known.related:
        if known.identifies(one.source, one.column) is None:
            condition = f"on: {one.source.name}.{one.column.name} = {one.target.name}.{one.key.name}"
            lines.append(f"{one.source.name}.{one.column.name}: {one.evidence}; a join: {condition}")
    timed = [(source, source.event_time) for source in known.sources if source.event_time is not None]
    for at, (source, moment) in enumerate(timed):
        for other, their in timed[at + 1 :]:
            shared = len(source.values(moment) & other.values(their))
            share = shared / max(min(len(source.values(moment)), len(other.values(their))), 1)
            if share >= 0.5 and moment.inferred.type == their.inferred.type:
                lines.append(
                    f"{source.name}.{moment.name} and {other.name}.{their.name} share {share:.0%} of their moments; "
                    f"in a join compare the person too, or rows of two people meet"
                )
    return lines
