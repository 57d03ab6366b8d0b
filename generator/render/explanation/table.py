"""All there is to tell about a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.jobs.expectation_rules import checked_by
from generator.jobs.plan import job_of_each_step
from generator.plan.lake import CompiledLake, CompiledTable, Join, Query, TableLayout
from generator.plan.relation import Relation
from generator.render.explanation.consent import ConsentProof, consent_proof
from generator.render.explanation.people import JoinFacts, Mixing, RowPerson, join_facts, mixing, row_people
from generator.render.explanation.personal import PersonalColumn, key_names, personal_columns
from generator.render.explanation.readable import nested_queries, step_text, told_steps
from generator.render.explanation.refresh import Refresh, explain_refresh


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a table.

    Attributes:
        inside: the nested query that it belongs to; empty for the table's own.
        join: what is known of it, where it is a join.
    """

    inside: str
    text: str
    join: JoinFacts | None


@dataclass(frozen=True, slots=True)
class Expected:
    """An expectation of a table.

    Attributes:
        checked_by: the tables whose jobs check it, before they are published.
    """

    name: str
    blocking: bool
    checked_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableExplanation:
    """A table.

    Attributes:
        file: the file of the spec that it stands in.
        consent: None where its zone requires none.
        undeclared: sources in the rows of which it isn't said whose data they are.
        mixing: where two people's data comes into one row.
        pii_policy: `allow`, `pseudonymous` or `forbid`.
        keys: groups of columns that no two rows share.
        refresh, keep_versions: None for a view, of which nothing is stored.
        layout: how its files on AWS lie.
        job: what makes it on Glue; None for a view.
        made_with: what that job makes besides.
    """

    table: str
    is_view: bool
    zone: str | None
    description: str | None
    file: str
    owner: str | None
    tags: tuple[str, ...]
    inputs: tuple[str, ...]
    steps: tuple[StepLine, ...]
    consent: ConsentProof | None
    people: tuple[RowPerson, ...]
    undeclared: tuple[str, ...]
    mixing: tuple[Mixing, ...]
    pii_policy: str
    columns: tuple[str, ...]
    personal: tuple[PersonalColumn, ...]
    keys: tuple[tuple[str, ...], ...]
    expectations: tuple[Expected, ...]
    refresh: Refresh | None
    keep_versions: int | None
    layout: TableLayout
    job: str | None
    made_with: tuple[str, ...]


def explain_table(lake: CompiledLake, name: str) -> TableExplanation:
    table = lake.tables[name]
    job, made_with = (None, ()) if table.is_view else maker(lake, name)
    return TableExplanation(
        table=name,
        is_view=table.is_view,
        zone=table.zone,
        description=table.description,
        file=table.metadata.file,
        owner=table.metadata.owner,
        tags=table.metadata.tags,
        inputs=table.inputs,
        steps=tuple(_lines(table.query, "")),
        consent=consent_proof(lake, table),
        people=row_people(lake, table.relation),
        undeclared=tuple(sorted(table.relation.undeclared)),
        mixing=mixing(lake, table),
        pii_policy=lake.policy(table),
        columns=tuple(column.name for column in table.columns),
        personal=personal_columns(table.columns),
        keys=key_names(table.relation),
        expectations=tuple(
            Expected(one.name, one.blocking, checked_by(lake, table, one)) for one in table.expectations
        ),
        refresh=explain_refresh(lake, table),
        keep_versions=stored_versions(table),
        layout=table.layout,
        job=job,
        made_with=made_with,
    )


def maker(lake: CompiledLake, name: str) -> tuple[str, tuple[str, ...]]:
    """The job that makes a source or table on Glue, and what it makes besides."""
    makers = job_of_each_step(lake)
    return makers[name], tuple(one for one, job in makers.items() if job == makers[name] and one != name)


def stored_versions(table: CompiledTable) -> int | None:
    return None if table.is_view else table.keep_versions


def _lines(query: Query, inside: str) -> Iterator[StepLine]:
    """The steps in order; those of a nested query before the step that reads it."""
    before = Relation({})
    for step in told_steps(query):
        for alias, nested in nested_queries(step):
            yield from _lines(nested, alias)
        join = join_facts(step, before) if isinstance(step, Join) else None
        yield StepLine(inside, step_text(step), join)
        before = step.after
