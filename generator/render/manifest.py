"""`build/manifest.json`: what the build knows and has proven of every table, for machines.

Its fields are described in `manifest_schema.json` and in `docs/manifest.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from generator.jobs.expectation_rules import checked_by
from generator.jobs.plan import Job, job_of_each_step, plan_jobs
from generator.plan.lake import CompiledExpectation, CompiledLake, CompiledSource, CompiledTable, Metadata, TableLayout
from generator.plan.relation import Column, Relation
from generator.render.explanation.assumptions import Assumption, assumptions
from generator.render.explanation.consent import consent_proof
from generator.render.explanation.evidence import ProofStep
from generator.render.explanation.people import JoinFacts, RowPerson, joins_of, row_people
from generator.render.explanation.personal import key_names
from generator.render.explanation.refresh import Refresh, explain_refresh
from generator.render.explanation.table import stored_versions
from generator.render.json_text import json_text
from generator.spec.variables import Variable

VERSION = 1
Values = dict[str, Any]


def render_manifest(lake: CompiledLake) -> str:
    """The text of the manifest."""
    return json_text(manifest(lake))


def render_manifest_schema() -> str:
    """The text of the JSON Schema of every manifest of this version."""
    return Path(__file__).with_name("manifest_schema.json").read_text(encoding="utf-8")


def manifest(lake: CompiledLake) -> Values:
    """The manifest as JSON values. Lists that are sets are sorted; the others are in the spec's order."""
    makers = job_of_each_step(lake)
    return {
        "manifest": VERSION,
        "lake": lake.name,
        "description": lake.description,
        "variables": {name: _variable(variable) for name, variable in lake.variables.items()},
        "subjects": {
            name: {
                "registry": subject.registry,
                "keys": list(subject.keys),
                "normal_forms": {key: form.text for key, form in sorted(subject.normal.items())},
            }
            for name, subject in lake.subjects.items()
        },
        "consents": {
            name: {
                "subject": consent.subject,
                "registry": consent.registry,
                "when": consent.when,
                "since": consent.since,
            }
            for name, consent in lake.consents.items()
        },
        "zones": {name: {"require": zone.require, "pii_policy": zone.pii} for name, zone in lake.zones.items()},
        "sources": {name: _source(lake, source, makers) for name, source in lake.sources.items()},
        "tables": {name: _table(lake, table, makers) for name, table in lake.tables.items()},
        "jobs": {name: _job(job) for name, job in plan_jobs(lake).items()},
        "proof_assumptions": [_assumption(one) for one in assumptions(lake)],
    }


def _job(job: Job) -> Values:
    said = job.settings.workers
    return {
        "description": job.description,
        "steps": list(job.makes),
        "after": list(job.after),
        "workers": {key: said.get(key) for key in ("type", "count")} if said else None,
        "timeout": job.settings.timeout,
        "execution_class": job.settings.execution_class,
    }


def _source(lake: CompiledLake, source: CompiledSource, makers: Mapping[str, str]) -> Values:
    known = {column.name: column for column in source.relation.columns.values()}
    return {
        "zone": source.zone,
        "description": source.description,
        **_metadata(source.metadata),
        "job": makers[source.name],
        "paths": list(source.paths),
        "format": source.format,
        "columns": [
            {
                "name": column.name,
                "key": column.key,
                "type": str(column.type),
                "personal": _personal(known[column.name]),
                "identifies": _identifies(lake, source.name, column.name),
            }
            for column in source.columns
        ],
        "keys": _keys(source.relation),
        "people": [_person(person) for person in row_people(lake, source.relation)],
        "undeclared": bool(source.relation.undeclared),
        "event_time": source.event_time,
        "layout": _layout(source.layout),
    }


def _variable(variable: Variable) -> Values:
    return {"type": variable.type, "value": variable.text()}


def _metadata(metadata: Metadata) -> Values:
    return {"file": metadata.file, "owner": metadata.owner, "tags": list(metadata.tags)}


def _identifies(lake: CompiledLake, source: str, column: str) -> str | None:
    found = lake.subject_keys.get((source, column))
    return ".".join(found) if found is not None else None


def _table(lake: CompiledLake, table: CompiledTable, makers: Mapping[str, str]) -> Values:
    return {
        "zone": table.zone,
        "view": table.is_view,
        "description": table.description,
        **_metadata(table.metadata),
        "job": makers.get(table.name),
        "inputs": list(table.inputs),
        "rows_of_the_spec": sum(len(one.rows) for one in table.query.rows_of_the_spec()),
        "columns": [_column(column, table.declassified) for column in table.columns],
        "keys": _keys(table.relation),
        "joins": [_join(join) for join in joins_of(table.query)],
        "people": [_person(person) for person in row_people(lake, table.relation)],
        "undeclared": sorted(table.relation.undeclared),
        "consent": _consent(lake, table),
        "pii_policy": lake.policy(table),
        "expectations": [_expectation(lake, table, one) for one in table.expectations],
        "refresh": _refresh(explain_refresh(lake, table)),
        "keep_versions": stored_versions(table),
        "layout": _layout(table.layout),
    }


def _layout(layout: TableLayout) -> Values:
    return {
        "partition_by": list(layout.partition_by),
        "sort_by": list(layout.sort_by),
        "file_size": layout.file_size,
    }


def _refresh(refresh: Refresh | None) -> Values | None:
    if refresh is None:
        return None
    return {
        "asked": refresh.asked,
        "incremental": refresh.incremental,
        "address": list(refresh.address),
        "grouped": refresh.grouped,
        "reaches": [{"input": one.input, "how": one.how, "on": one.on or None} for one in refresh.reaches],
        "reason": refresh.reason or None,
        "at": refresh.at or None,
    }


def _column(column: Column, declassified: Mapping[str, str]) -> Values:
    return {
        "name": column.name,
        "type": str(column.type),
        "personal": _personal(column),
        "declassified": declassified.get(column.name),
        "lineage": [{"table": origin.table, "column": origin.column} for origin in sorted(column.origins)],
    }


def _personal(column: Column) -> list[Values]:
    return [
        {"source": label.source, "column": label.column, "pseudonymous": label.pseudonymous}
        for label in sorted(column.personal)
    ]


def _keys(relation: Relation) -> list[list[str]]:
    return [list(key) for key in key_names(relation)]


def _join(join: JoinFacts) -> Values:
    return {
        "kind": join.kind,
        "with": join.other,
        "on": join.on,
        "left_unique": join.left_unique,
        "right_unique": join.right_unique,
        "assumed": join.is_assumed,
        "cardinality": join.cardinality,
        "declared": join.is_declared,
        "mixes_people": join.mixes,
        "mixes_subjects": join.reason,
    }


def _person(person: RowPerson) -> Values:
    return {
        "subject": person.subject,
        "sources": list(person.sources),
        "identified_by": list(person.identified_by),
        "aggregated": person.aggregated,
        "optional": person.optional,
        "consents": [{"consent": proof.consent, "reason": proof.reason, "via": proof.via} for proof in person.consents],
        "since": [{"consent": since.consent, "source": since.source} for since in person.since],
    }


def _consent(lake: CompiledLake, table: CompiledTable) -> Values:
    proof = consent_proof(lake, table)
    return {
        "required": proof.consent if proof is not None else None,
        "proven": proof is not None and proof.proven,
        "by": [_step(step) for step in proof.by] if proof is not None else [],
    }


def _step(step: ProofStep) -> Values:
    return {
        "table": step.table,
        "subject": step.subject,
        "sources": list(step.sources),
        "rule": step.rule.value,
        "step": step.step,
        "relies_on": list(step.relies_on),
    }


def _assumption(one: Assumption) -> Values:
    return {
        "assumed": one.assumed.value,
        "source": one.source,
        "columns": list(one.columns),
        "person_key": one.person_key,
        "checked": one.checked,
    }


def _expectation(lake: CompiledLake, table: CompiledTable, one: CompiledExpectation) -> Values:
    return {
        "name": one.name,
        "kind": one.kind,
        "argument": _json_value(one.argument),
        "blocking": one.blocking,
        "checked_by": list(checked_by(lake, table, one)),
    }


def _json_value(value: object) -> object:
    """A value of the spec; a decimal number stays exact, as text where JSON's numbers could not hold it."""
    if isinstance(value, BaseModel):
        return {key: _json_value(part) for key, part in value if part is not None}
    if isinstance(value, Mapping):
        return {str(key): _json_value(part) for key, part in value.items()}
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else format(value, "f")
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_json_value(part) for part in value]
    return value
