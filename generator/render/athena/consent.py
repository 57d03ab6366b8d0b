"""Whether everybody in a table agreed, asked of the registry's raw data as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import transpile

from generator.plan.expressions import to_spark
from generator.plan.lake import CompiledConsent, CompiledLake, CompiledSource, CompiledTable
from generator.plan.types import STRING, Type

_TRINO_TYPES = {"int": "INTEGER", "float": "REAL", "binary": "VARBINARY", "string": "VARCHAR"}


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """A column of a table that says whose row it is.

    Attributes:
        broken: a condition that holds for the rows of people who didn't agree; the table goes by `t`.
    """

    table: str
    column: str
    consent: str
    broken: str


def consent_questions(lake: CompiledLake) -> Iterator[ConsentQuestion]:
    """For each table that requires consent, a column for each person that its rows are about."""
    for table in lake.tables.values():
        required = lake.required(table)
        if required is not None and not table.is_view:
            consent = lake.consents[required]
            agreed = _registry(lake.sources[consent.registry]), _condition(consent)
            for column, key in _person_columns(lake, table, consent):
                yield ConsentQuestion(table.name, column, required, _broken(column, key, *agreed))


def _person_columns(lake: CompiledLake, table: CompiledTable, consent: CompiledConsent) -> Iterator[tuple[str, str]]:
    asked: set[int] = set()
    for column in table.columns:
        for identity in sorted(column.identities):
            found = lake.key_of(identity)
            known = found is not None and found[0] == consent.subject and identity.person not in asked
            if found is not None and known and not table.relation.persons[identity.person].aggregated:
                asked.add(identity.person)
                yield column.name, found[1]


def _broken(column: str, key: str, registry: str, condition: str) -> str:
    agreed = f'SELECT "{key}" FROM {registry} WHERE "{key}" IS NOT NULL AND ({condition})'
    return f't."{column}" IS NOT NULL AND t."{column}" NOT IN ({agreed})'


def _registry(source: CompiledSource) -> str:
    """The registry with the columns' own types, which the raw reader of CSV doesn't give."""
    if source.format != "csv":
        return f'"{source.name}"'
    columns = ", ".join(
        f'"{column.name}"'
        if column.type == STRING
        else f'TRY_CAST(NULLIF("{column.name}", \'\') AS {_trino(column.type)}) AS "{column.name}"'
        for column in source.columns
    )
    return f'(SELECT {columns} FROM "{source.name}") AS "{source.name}"'


def _condition(consent: CompiledConsent) -> str:
    return transpile(to_spark(consent.condition), read="spark", write="trino", identify=True)[0]


def _trino(kind: Type) -> str:
    return _TRINO_TYPES.get(kind.kind, str(kind).upper())
