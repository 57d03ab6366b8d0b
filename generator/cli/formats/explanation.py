"""Tables, sources and columns explained in plain words, for whoever has to answer for the data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.cli.formats.consent_section import consent_section
from generator.cli.formats.page import Page, listed
from generator.plan.lake import TableLayout
from generator.render.explanation import SourceExplanation, TableExplanation
from generator.render.explanation.people import JoinFacts, Mixing, RowPerson
from generator.render.explanation.personal import PersonalColumn
from generator.render.explanation.refresh import sentences
from generator.render.explanation.table import Expected, StepLine
from generator.runtime.words import plural


def format_table_page(table: TableExplanation, color: bool = False, width: int = 0) -> str:
    """What a table is, why its rows are consented, and what is personal in it; without a final line end."""
    page = Page(color, width)
    what = "a view, of which nothing is stored" if table.is_view else "a table"
    page.title(table.table, f": {what}{f' in zone {table.zone}' if table.zone else ''}")
    if table.description:
        page.say(table.description)
    page.say(_declared(table))
    page.section("How it is made")
    for number, line in enumerate(table.steps, 1):
        _step(page, number, line)
    if table.made_with or (table.job or table.table) != table.table:
        page.say(f"On Glue the job {table.job} makes it{_together(table.made_with)}.")
    page.section("Consent")
    consent_section(page, table)
    page.section("People in a row")
    for text in _people(table.people, table.undeclared):
        page.say(text)
    for text in _mixing(table):
        page.say(text)
    page.section("Personal data")
    page.say(_POLICIES[table.pii_policy])
    _personal(page, table.personal, len(table.columns))
    page.section("Keys")
    page.say(_keys(table.keys))
    if table.expectations:
        page.section("Expectations")
        for one in table.expectations:
            page.say(f"{one.name}{_checked(one, table.table)}")
    if table.refresh is not None:
        page.section("What a run makes")
        for text in sentences(table.refresh):
            page.say(text)
    _laid_out(page, table.layout)
    page.section("Withdrawal and erasure")
    page.say(_retention(table.keep_versions))
    return page.text()


def format_source_page(source: SourceExplanation, color: bool = False, width: int = 0) -> str:
    """What a source is, and whose data it holds; without a final line end."""
    page = Page(color, width)
    page.title(source.source, f": a source, raw data in zone {source.zone}")
    if source.description:
        page.say(source.description)
    page.say(_declared(source))
    laid_out = "".join(f", {option} {_value(value)}" for option, value in source.options.items())
    page.say(f"Read as {source.format} from {' and '.join(source.paths)}{laid_out}")
    readers = f"Read by {listed(source.read_by)}." if source.read_by else "No table reads it."
    page.say(readers)
    page.section("How it is made")
    for text in _source_step(source):
        page.say(text)
    page.section("People in a row")
    for text in _people(source.people, (source.source,) if source.undeclared else ()):
        page.say(text)
    if source.consents:
        page.section("Consent")
        for name, when in source.consents:
            page.say(f"It is the registry that is asked for the consent `{name}`: {when}.")
    page.section("Personal data")
    _personal(page, source.personal, len(source.columns), is_raw=True)
    page.section("Keys")
    page.say(_keys(source.keys) + (" Every run checks it." if source.keys else ""))
    _laid_out(page, source.layout)
    page.section("Withdrawal and erasure")
    page.say(_retention(source.keep_versions))
    return page.text()


def _declared(one: TableExplanation | SourceExplanation) -> str:
    """Where it stands, and what is said of it besides."""
    owner = f", owned by {one.owner}" if one.owner else ""
    return f"Declared in {one.file}{owner}{f', tagged {listed(one.tags)}' if one.tags else ''}."


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _source_step(source: SourceExplanation) -> Iterator[str]:
    """What makes the rows that tables read."""
    most = source.max_bad_rows
    limit = plural(most, "line") if isinstance(most, int) else f"{most} of the lines"
    yield (
        "By a step of its own, before any table: each line becomes a row, or goes to "
        f"{source.quarantine} with the reason. On Glue the job build/jobs/{source.job}.py makes it"
        f"{_together(source.made_with)}. That job alone may read the landing data; tables read the published rows."
    )
    yield "On this machine files are read once: the next run reads those that are new or have changed."
    yield f"Nothing is published, and the last version stays, if no line is a row or more than {limit} are none."


def _together(others: Sequence[str]) -> str:
    if not others:
        return ""
    shown = [*others[:3], f"{len(others) - 3} more"] if len(others) > 4 else others
    return f", together with {listed(shown)}"


# How it is made -------------------------------------------------------------------------------------


def _step(page: Page, number: int, line: StepLine) -> None:
    label = f"{number}. "
    inside = f"({line.inside}) " if line.inside else ""
    page.say(f"{label}{inside}{line.text}", hang=len(label))
    if line.join is not None:
        for note in _join_notes(line.join):
            page.say(f"{' ' * len(label)}{note}", hang=len(label))


def _join_notes(join: JoinFacts) -> Iterator[str]:
    other = join.other
    if join.kind == "anti":
        return
    if join.kind == "semi":
        count = "At most one row" if join.right_unique else "More than one row"
        yield f"{count} of {other} may match{_because(join)}; a row stays once, and gets no columns."
        return
    if join.right_unique:
        yield f"At most one row of {other} matches{_because(join)}."
    elif join.left_unique:
        yield f"Several rows of {other} may match, but each of them matches at most one row{_because(join)}."
    else:
        words = "many to many, as declared" if join.is_declared else "many to many, which isn't declared"
        yield f"Each row comes out once for each match: {words}."
    if join.mixes:
        meet = "No key of the person is compared, so two people's data can meet in a row"
        yield f"{meet}{_reason(join.reason)}."


def _because(join: JoinFacts) -> str:
    declared = join.cardinality.replace("_", " ")
    return f" (declared: {declared}; every run checks it)" if join.is_assumed else ""


def _reason(reason: str | None) -> str:
    return f". The reason given: {reason.rstrip('.')}" if reason else "; no reason is given"


# People and personal data ---------------------------------------------------------------------------


def _people(people: Sequence[RowPerson], undeclared: Sequence[str]) -> Iterator[str]:
    for person in people:
        yield _person(person)
    for source in undeclared:
        yield f"Whose data {source} holds isn't said (`identifies`, or `subject: none`)."
    if not people and not undeclared:
        yield "Nobody: the rows are about no person."


def _person(person: RowPerson) -> str:
    rows = f"rows of {listed(person.sources)}"
    if person.aggregated:
        return f"Several {person.subject}s summed up, from {rows}; who they are can't be told any more."
    keys = person.identified_by
    known = f", known by {listed(keys)}" if keys else ", not named by any column"
    missing = "; may be missing, where nothing matched" if person.optional else ""
    return f"A {person.subject}, from {rows}{known}{missing}."


def _mixing(table: TableExplanation) -> Iterator[str]:
    for one in table.mixing:
        yield _mixed(one, table.table)
    if table.people and not table.mixing and not any(person.aggregated for person in table.people):
        yield "No row holds the data of two different people of one kind."


def _mixed(one: Mixing, table: str) -> str:
    if one.join is None:
        return f"Two people of one kind can meet in a row: the rows of {one.table} are about two as they land."
    where = "" if one.table == table else f" of {one.table}"
    return f"Two people of one kind can meet in a row, by a join{where}: {one.join}{_reason(one.reason)}."


_POLICIES = {
    "allow": "All personal data is allowed here.",
    "pseudonymous": "Allowed here is what names nobody directly (`pii: pseudonymous`).",
    "forbid": "None is allowed here (`pii: forbid`).",
}
_KINDS = {"direct": "directly personal", "pseudonymous": "pseudonymous"}
_RAW = {"direct": "directly personal (tagged `pii`)", "pseudonymous": "pseudonymous (a key of a person)"}


def _personal(page: Page, personal: Sequence[PersonalColumn], columns: int, *, is_raw: bool = False) -> None:
    width = max((len(one.name) for one in personal), default=0)
    for one in personal:
        kind = _RAW[one.personal] if is_raw else f"{_KINDS[one.personal]}, from {listed(one.of)}"
        page.say(f"{one.name:<{width}}  {kind}", hang=width + 2)
    rest = columns - len(personal)
    if rest:
        which = f"The {'other ' if personal else ''}{f'{rest} columns' if rest > 1 else 'column'}"
        page.say(f"{which} {_not_personal(rest, is_raw=is_raw)}")


def _not_personal(columns: int, *, is_raw: bool) -> str:
    if is_raw:
        return f"{'are' if columns > 1 else 'is'} neither tagged `pii` nor a key of a person."
    return f"{'depend' if columns > 1 else 'depends'} on nothing that is tagged `pii` or is a key of a person."


def _keys(keys: tuple[tuple[str, ...], ...]) -> str:
    if () in keys:
        return "There is at most one row."
    if not keys:
        return "None is known: two rows may be the same."
    return f"No two rows have the same {' or the same '.join('(' + ', '.join(key) + ')' for key in keys)}."


def _checked(one: Expected, table: str) -> str:
    """What follows the name of an expectation: by whom it is checked, where that isn't its own table, and how."""
    if not one.checked_by:
        return ": nothing checks it, as no table reads the view"
    effect = "" if one.blocking else "only a warning"
    if one.checked_by == (table,):
        return f": {effect}" if effect else ""
    kept = "before it is published" if len(one.checked_by) == 1 else "each before it is published"
    return f": checked by {listed(one.checked_by)}, {effect or kept}"


def _laid_out(page: Page, layout: TableLayout) -> None:
    """How files on AWS lie, where the spec says so."""
    said = [
        f"partitioned by {', '.join(f'`{term}`' for term in layout.partition_by)}" if layout.partition_by else "",
        f"sorted by {', '.join(f'`{term}`' for term in layout.sort_by)}" if layout.sort_by else "",
        f"up to {layout.file_size >> 20} MB each" if layout.file_size else "",
    ]
    if any(said):
        page.section("Files on AWS")
        page.say(f"New files are {'; '.join(filter(None, said))}. Those that are there stay as they are.")


def _retention(versions: int | None) -> str:
    if versions is None:
        return "Nothing is stored, so nothing stays."
    kept = "1 version is kept" if versions == 1 else f"{versions} versions are kept, for a rollback"
    gone = "after it" if versions == 1 else f"after {versions} such runs"
    return (
        f"{kept}. Data that was withdrawn is left out by the next run that publishes the table, and {gone} "
        "no version holds it any more. The landing data itself is not touched. `erased` tells where somebody still is."
    )
