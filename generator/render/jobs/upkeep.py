"""What jobs have to know so as to keep tables by what changed: `jobs/upkeep.json`, which ships with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import to_json

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


Programs = Mapping[str, Mapping[str, Any]]
"""What is known of each source and table: the parts of JSON values, by its name."""


def render_upkeep(lake: CompiledLake) -> str:
    """The text of the file."""
    return upkeep_text(upkeep_programs(lake), step_digests(lake))


def upkeep_text(programs: Programs, digests: Programs) -> str:
    """A source or table a line, so that a change of one is a line of a diff."""
    lines = (
        f"{json.dumps(name)}: {to_json({**digests.get(name, {}), **one}).decode()}" for name, one in programs.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def step_digests(lake: CompiledLake) -> Programs:
    """Digests of the code of each table's step: that by which it makes its rows, and that which asks of them."""
    return {step.name: _digests(lake, step) for step in plan_steps(lake).values() if not step.is_source}


def _digests(lake: CompiledLake, step: Step) -> Mapping[str, str]:
    rows, target = step_code(lake, step)
    columns = [(column.name, str(column.type)) for column in lake.tables[step.name].columns]
    return {
        "rows": "" if _CLOCK.search(rows) else digest(rows, columns),
        "asked": "" if _CLOCK.search(target) else digest(target),
    }


def upkeep_programs(lake: CompiledLake) -> Programs:
    """What `InputProgram` and `TableProgram` of the jobs' runtime read, but for the digests of tables."""
    asked = {one.name: one for one in build_asked(lake, SPARK)}
    steps = plan_steps(lake).values()
    tables = [step for step in steps if not step.is_source]
    read = {name for step in tables for name in (*step.inputs, *step.asked)}
    sources = (step.name for step in steps if step.is_source and step.name in read)
    programs = {name: _parts(build_compared(lake, name, SPARK)) for name in sources}
    return programs | {step.name: _program(lake, step, asked, read) for step in tables}


def _program(lake: CompiledLake, step: Step, asked: dict[str, InputProgram], read: set[str]) -> dict[str, Any]:
    table = lake.tables[step.name]
    verdict, delta = judged(lake, table)
    rules = (*proof_rules(lake, table), *expectation_rules(lake, table))
    checks = [kept_check(rule, _stored(lake, asks_of(rule))) for rule in rules]
    asks = dict.fromkeys(name for check in checks for name in check.asks if name in asked)
    return {
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
