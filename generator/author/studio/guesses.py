"""What jobs don't say of their sources: told as a guess, with suggestions of what the names speak of."""

from __future__ import annotations

from collections.abc import Sequence

from generator.author.names import singular, tokens, without_stage
from generator.author.studio.catalog import Catalog, Known
from generator.author.studio.model import Job, Kind
from generator.author.studio.tables import TableDraft

_PERSONAL = frozenset(
    "email mail phone name firstname lastname birthday birthdate birth address street ssn customername".split()
)
_HELP = "`import … --data DIR` reads columns and types from the data; or give the result of `init DIR` with --spec"


def note_guesses(jobs: Sequence[Job], catalog: Catalog, tables: Sequence[TableDraft]) -> None:
    """A source that the spec hasn't got has the columns that the jobs mention, and string for what they don't say."""
    read = {name for table in tables for name in table.reads}
    by_script = {job.script: job for job in jobs}
    for source in catalog.new_sources():
        if source.name not in read:
            continue
        unknown = [column.name for column in source.columns.values() if not column.type]
        if source.complete and not unknown:
            continue
        message = f"of `{source.name}` only the jobs are known: {_what(source, unknown)}"
        script, line = source.first
        by_script[script].note(Kind.GUESS, "unknown-columns", line, message, _HELP, about=f"`{source.name}`")


def _what(source: Known, unknown: Sequence[str]) -> str:
    if not source.columns:
        return "they name no column"
    if not unknown:
        return "other columns than these may be there"
    shown = ", ".join(f"`{name}`" for name in unknown)
    return f"no job says the types of {shown}, taken for string"


def suggestions(sources: Sequence[Known]) -> list[str]:
    """Lines of comments: a subject, a consent and personal columns that the names speak of."""
    found: list[str] = []
    for source in sources:
        words = {column.name: set(tokens(column.key)) for column in source.columns.values()}
        personal = [name for name, parts in words.items() if parts & _PERSONAL or name in _PERSONAL]
        consent = [name for name, parts in words.items() if {"share", "consent", "agreed", "optin", "opt"} & parts]
        keys = [name for name in personal if {"email", "mail"} & words[name]]
        person = singular(without_stage(source.name).split("_")[-1])
        if consent and keys:
            purpose = _purpose(consent[0], words[consent[0]])
            found += [
                f"subjects: {{{person}: {{registry: {source.name}, keys: [{keys[0]}]}}}}",
                f"consent: {{{purpose}: {{subject: {person}, when: {consent[0]} is not null}}}}",
            ]
        if personal:
            found.append(f"sources.{source.name}.columns: pii: true for {', '.join(personal)}")
    return found


def _purpose(name: str, words: set[str]) -> str:
    return next(
        (word for word in ("research", "marketing", "public", "friends", "analytics") if word in words or word in name),
        "sharing",
    )
