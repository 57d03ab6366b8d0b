"""G004: personal data in a table or zone that doesn't allow it. G006: a column is declassified that isn't personal."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.diagnostics import Severity
from generator.plan.lake import CompiledLake, CompiledTable, Place
from generator.plan.lineage import label_path
from generator.plan.relation import Column, ColumnId, PersonalData


def check(lake: CompiledLake) -> Iterator[Finding]:
    yield from check_sources(lake)
    for table in lake.tables.values():
        yield from _pointless(table)
        policy = lake.policy(table)
        for column in () if table.is_view else table.columns:
            refused = [label for label in sorted(column.personal) if refuses(policy, label)]
            if refused:
                yield _finding(lake, table, column, policy, refused)


def check_sources(lake: CompiledLake) -> Iterator[Finding]:
    """Raw data in a zone that doesn't allow it: nothing can be dropped from what lands."""
    for source in lake.sources.values():
        zone = lake.zones.get(source.zone)
        if zone is None:
            continue
        for column in source.relation.columns.values():
            if any(refuses(zone.pii, label) for label in column.personal):
                yield Finding(
                    "G004",
                    f"`{source.name}.{column.name}` is personal data",
                    Place(("sources", source.name, "columns", column.name)),
                    notes=(f"zone `{source.zone}` does not allow it (`pii: {zone.pii}`)",),
                    help=("let the source land in a zone of its own, and derive a table from it",),
                    severity=Severity.ERROR,
                )


def refuses(policy: str, label: PersonalData) -> bool:
    """Whether a policy keeps a label out."""
    return policy == "forbid" or (policy == "pseudonymous" and not label.pseudonymous)


def _finding(
    lake: CompiledLake, table: CompiledTable, column: Column, policy: str, labels: list[PersonalData]
) -> Finding:
    paths = [label_path(lake, table.name, column.name, label) for label in labels]
    shown = [" → ".join(f"{stop.table}.{stop.column}" for stop in path) for path in paths]
    owner = f"table `{table.name}`" if table.pii is not None else f"zone `{table.zone}`"
    rule = "no personal data" if policy == "forbid" else "no data that names somebody directly"
    ways = [f"drop it: `drop: [{column.name}]`"]
    if policy == "pseudonymous":
        ways.append(f'hash it: `{column.name}: "sha2({column.name}, 256)"`')
    ways.append(f"say why it is not personal: `declassify: {{{column.name}: …}}`")
    return Finding(
        "G004",
        f"`{table.name}.{column.name}` is personal data",
        Place(("tables", table.name)),
        f"from {labels[0].source}.{labels[0].column}",
        notes=(f"{owner} allows {rule} (`pii: {policy}`)", *(f"path: {path}" for path in shown)),
        help=("; or ".join(ways),),
        severity=Severity.ERROR,
    )


def _pointless(table: CompiledTable) -> Iterator[Finding]:
    for name in table.declassified:
        if not table.query.relation.columns[ColumnId(None, name)].personal:
            yield Finding(
                "G006",
                f"`{table.name}.{name}` is not personal, so there is nothing to declassify",
                Place(("tables", table.name, "declassify", name)),
                help=("remove it",),
            )
