"""What jobs have to know so as to keep tables by what changed: `jobs/upkeep.json`, which ships with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from generator.jobs.delta_sql import build_asked, build_compared, build_delta
from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.plan import Step, plan_steps
from generator.jobs.proof_rules import proof_rules
from generator.jobs.rules import asks_of
from generator.jobs.spark_checks import kept_check
from generator.plan.emit import SPARK, emit
from generator.plan.lake import CompiledLake
from generator.plan.maintenance.verdict import judged
from generator.render.jobs.script import step_code
from generator.runtime.code import code_digest, folder_modules
from generator.runtime.digests import digest
from generator.runtime.maintenance.program import InputProgram

_PACKAGE = Path(__file__).resolve().parents[2]
_METHOD = ("plan/maintenance", "runtime/maintenance")
_MODULES = (
    "jobs/delta_sql.py",
    "runtime/iceberg_changes.py",
    "runtime/iceberg_engine.py",
    "runtime/iceberg_source.py",
    "runtime/upkeep.py",
)
_CLOCK = re.compile(r"\{lake\.(now|today)\}")


def render_upkeep(lake: CompiledLake) -> str:
    """The text of the file: a source or table a line, so that a change of one is a line of a diff."""
    asked = {one.name: one for one in build_asked(lake, SPARK)}
    steps = plan_steps(lake).values()
    tables = [step for step in steps if not step.is_source]
    read = {name for step in tables for name in (*step.inputs, *step.asked)}
    programs: list[tuple[str, Any]] = [
        (step.name, build_compared(lake, step.name, SPARK)) for step in steps if step.is_source and step.name in read
    ]
    programs += [(step.name, _program(lake, step, asked, read)) for step in tables]
    lines = (f"{json.dumps(name)}: {json.dumps(program, default=_parts)}" for name, program in programs)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _program(lake: CompiledLake, step: Step, asked: dict[str, InputProgram], read: set[str]) -> dict[str, Any]:
    """What `TableProgram` of the jobs' runtime reads."""
    table = lake.tables[step.name]
    verdict, delta = judged(lake, table)
    rows, target = step_code(lake, step)
    rules = (*proof_rules(lake, table), *expectation_rules(lake, table))
    checks = [kept_check(rule, _stored(lake, asks_of(rule))) for rule in rules]
    asks = dict.fromkeys(name for check in checks for name in check.asks if name in asked)
    columns = [(column.name, str(column.type)) for column in table.columns]
    return {
        "rows": "" if _CLOCK.search(rows) else digest(rows, columns),
        "asked": "" if _CLOCK.search(target) else digest(target),
        "method": _method(),
        "reads": list(_stored(lake, table.inputs)),
        "inputs": list(dict.fromkeys((*step.inputs, *step.asked))),
        "views": {name: emit(lake.tables[name].query, SPARK) for name in step.views},
        "delta": build_delta(lake, delta, SPARK) if delta is not None else None,
        "anew": verdict.reason,
        "asks": [asked[name] for name in asks],
        "checks": checks,
        "is_read": step.name in read,
    }


def _parts(one: Any) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def _stored(lake: CompiledLake, names: Iterable[str]) -> tuple[str, ...]:
    """The sources and tables that are stored among some, and behind the views among them."""
    return tuple(dict.fromkeys(_behind(lake, names)))


def _behind(lake: CompiledLake, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name in lake.tables and lake.tables[name].is_view:
            yield from _behind(lake, lake.tables[name].inputs)
        else:
            yield name


@cache
def _method() -> str:
    """A digest of the code that keeps tables by what changed."""
    folders = (folder_modules(_PACKAGE / folder).values() for folder in _METHOD)
    modules = ((_PACKAGE / module).read_text(encoding="utf-8") for module in _MODULES)
    return code_digest((*(text for texts in folders for text in texts), *modules))
