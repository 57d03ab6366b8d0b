"""Tries a table alone, over what is known of what it reads: so that nothing comes out that `check` refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.author.yaml_text import scalar
from generator.checks import check_spec
from generator.diagnostics import Severity, SourceText

if TYPE_CHECKING:
    from generator.author.studio.catalog import Catalog
    from generator.author.studio.tables import TableDraft

_SYNTAX = ("Q", "E001", "E004", "F", "Y")


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of it.

    Attributes:
        problem: why it doesn't compile, or nothing.
        types: of the columns that come out; nothing where the types below aren't known.
    """

    problem: str = ""
    types: dict[str, str] = field(default_factory=dict)


def tried(draft: TableDraft, catalog: Catalog) -> Trial:
    """Compiles a table by itself."""
    reads = sorted({*draft.aliases().values(), *draft.union, *draft.reads} - {""})
    sure = True
    lines = ["version: 1", "lake: trial", "zones: {z: {}}", "sources:"]
    for name in reads:
        known = catalog.known.get(name)
        columns = {one.name: one.type or "string" for one in known.columns.values()} if known else {}
        sure = (
            sure
            and bool(columns)
            and known is not None
            and all(one.type for one in known.columns.values())
            and known.complete
        )
        lines += [f"  {scalar(name)}:", f"    path: {scalar(name)}/", "    columns:"]
        lines += [f'      {scalar(column)}: "{kind}"' for column, kind in (columns or {"unknown_": "string"}).items()]
    table = draft.copy()
    table.name, table.view, table.zone, table.marks, table.description, table.expect = "trial_", False, "z", [], "", []
    lines += ["tables:", "  trial_:", *(f"    {line}" for line in table.lines(catalog.columns))]
    analysis = check_spec(SourceText("trial", "\n".join(lines) + "\n"))
    errors = [one for one in analysis.diagnostics if one.severity is Severity.ERROR]
    if analysis.lake is not None and not errors:
        types = {one.name: str(one.type) for one in analysis.lake.tables["trial_"].columns}
        return Trial(types=types if sure else dict.fromkeys(types, ""))
    wrong = [one for one in errors if sure or one.code.startswith(_SYNTAX)]
    return Trial(wrong[0].message if wrong else "")
