"""What the site shows, as JSON values: the manifest, and beside it what only people want to read.

The front end follows lineage and proofs from table to table by itself. So a table carries only its own part of them,
and the size of the data is linear in tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from generator.jobs.plan import Step, plan_steps
from generator.plan.emit import DUCKDB, SPARK, emit
from generator.plan.lake import CompiledLake, CompiledTable
from generator.plan.row_tests import CompiledTest
from generator.render.explanation import explain_source, explain_table
from generator.render.explanation.consent import ConsentProof
from generator.render.explanation.refresh import sentences
from generator.render.jobs import render_steps
from generator.render.manifest import Values, manifest
from generator.render.site.columns import column_details
from generator.render.site.edges import edges


@dataclass(frozen=True, slots=True)
class RunData:
    """What is known of the last run.

    Attributes:
        report: the run's report as JSON values.
        quarantine: quarantined lines to show, by source. They are raw data, so empty unless somebody asked for them.
        with_examples: whether rows that broke a check are shown; they are data as well.
    """

    report: Mapping[str, Any]
    quarantine: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    with_examples: bool = False


def site_data(lake: CompiledLake, run: RunData | None = None, tests: Iterable[CompiledTest] = ()) -> Values:
    """The data of the site, with the figures of the last run if there was one.

    Args:
        tests: the tests with rows. What they give and expect stays out of it.
    """
    values = manifest(lake)
    steps = plan_steps(lake)
    scripts = render_steps(lake)
    return {
        "lake": lake.name,
        "description": lake.description,
        "subjects": values["subjects"],
        "consents": values["consents"],
        "zones": [{"name": name, **zone} for name, zone in values["zones"].items()],
        "sources": {name: _source(lake, name, known) for name, known in values["sources"].items()},
        "tables": {
            name: _table(lake, lake.tables[name], known, steps.get(name), scripts.get(name))
            for name, known in values["tables"].items()
        },
        "edges": [asdict(edge) for edge in edges(lake, steps)],
        "assumptions": values["proof_assumptions"],
        "tests": [_test(test) for test in tests],
        "run": _run(run) if run is not None else None,
    }


def _source(lake: CompiledLake, name: str, known: Values) -> Values:
    source = lake.sources[name]
    described = {column.name: column.description for column in source.columns}
    return {
        **known,
        "columns": [{**column, "description": described[column["name"]]} for column in known["columns"]],
        "delimiter": source.options.delimiter if source.format == "csv" else None,
        "max_bad_rows": source.max_bad_rows,
        "consents": [{"name": one, "when": when} for one, when in explain_source(lake, name).consents],
    }


def _table(lake: CompiledLake, table: CompiledTable, known: Values, step: Step | None, script: str | None) -> Values:
    explained = explain_table(lake, table.name)
    details = column_details(lake, table)
    return {
        **{key: value for key, value in known.items() if key not in ("joins", "consent")},
        "columns": [{**column, **details[column["name"]]} for column in known["columns"]],
        "steps": [asdict(step) for step in explained.steps],
        "refresh": list(sentences(explained.refresh)) if explained.refresh is not None else [],
        "consent": _consent(explained.consent, table.name),
        "mixing": [asdict(one) for one in explained.mixing],
        "sql": {"spark": emit(table.query, SPARK), "duckdb": emit(table.query, DUCKDB)},
        "script": script,
        "after": list(step.after) if step is not None else [],
    }


def _consent(proof: ConsentProof | None, table: str) -> Values | None:
    """A proof with the steps of its own table only; those that it relies on are found at their tables."""
    if proof is None:
        return None
    values = asdict(proof)
    values["by"] = [step for step in values["by"] if step["table"] == table]
    return {key: value for key, value in values.items() if key != "assumes"}


def _test(test: CompiledTest) -> Values:
    place = f"{Path(test.file).name}:{test.line}"
    return {"name": test.name, "description": test.description, "tables": list(test.tested), "place": place}


def _run(run: RunData) -> Values:
    tables = {name: _table_report(report, run.with_examples) for name, report in run.report["tables"].items()}
    return {**run.report, "tables": tables, "quarantine": {name: list(rows) for name, rows in run.quarantine.items()}}


def _table_report(report: Mapping[str, Any], with_examples: bool) -> Values:
    checks = [{**check, "examples": check["examples"] if with_examples else []} for check in report["checks"]]
    return {**report, "checks": checks}
