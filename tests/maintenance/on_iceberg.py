"""Lakes that are kept in Iceberg tables by the jobs' runtime, on a Spark as Glue has it: all in one JVM of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import SIGKILL
from typing import Any

from generator.jobs.plan import plan_steps
from generator.plan.lake import CompiledLake
from generator.render.jobs import render_steps
from generator.render.jobs.upkeep import render_upkeep
from generator.render.runtime_package import runtime_package
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.program import Program
from generator.run.report import RunReport, Status, TableReport
from generator.run.spark.events import Events
from generator.run.spark.reports import defined, skipped, source_report, table_report
from generator.runtime.folder_catalog import write_catalog
from generator.runtime.lake import new_run
from tests.iceberg import tables_of

ROOT = Path(__file__).parents[2]


def write_jobs(lake: CompiledLake, folder: Path) -> None:
    """Writes a script for each source and table, and what ships with them but for the package."""
    for name, text in render_steps(lake).items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "upkeep.json").write_text(render_upkeep(lake), encoding="utf-8")


@dataclass
class OnIceberg:
    """Runs lakes, one after the other; what is published lies in the lake's folder then, as if it were made there.

    Attributes:
        by_all_means: whether tables are kept however much is affected.
        compact: whether others compact all tables before a run.
        orphans: whether files that belong to nothing are told, and removed, after a run.
        answered: what the last run told.
    """

    process: subprocess.Popen[str]
    folder: Path
    by_all_means: bool = False
    compact: bool = False
    orphans: bool = False
    answered: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, lake: CompiledLake, program: Program, data: Path, folder: LakeFolder, *, full: bool = False
    ) -> RunReport:
        jobs = self.folder / "jobs"
        write_jobs(lake, jobs)
        run, steps = new_run(), {name: list(step.after) for name, step in plan_steps(lake).items()}
        asked = {
            "jobs": str(jobs), "landing": str(data), "run": run, "full": full, "steps": steps,
            "database": "d" + "".join(c if c.isalnum() else "_" for c in str(folder.root)).lower()[-100:],
            "tables": tables_of(lake), "by_all_means": self.by_all_means, "compact": self.compact,
            "orphans": self.orphans,
            "out": {name: str(folder.root / place) for name, place in _places(lake, run).items()},
        }  # fmt: skip
        self.answered = self.ask(asked)
        _write_catalog(program, folder, run, _places(lake, run))
        return _report(program, run, self.answered)

    def kill(self) -> None:
        """Kills the process and its JVM, whatever they are at."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, SIGKILL)

    def ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Asks for a run, as `spark_iceberg_jobs` tells."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Stopped((self.folder / "log").read_text()[-4000:])
        found: Mapping[str, Any] = json.loads(line)
        return found


class Stopped(Exception):
    """The process has ended in the middle of a run."""


@contextmanager
def on_iceberg(python: Path, folder: Path) -> Iterator[OnIceberg]:
    """A JVM of its own, of the Spark of a Python that has Iceberg; its tables stay in the folder for the next one."""
    jobs = folder / "jobs"
    jobs.mkdir(exist_ok=True)
    (jobs / "lake.zip").write_bytes(runtime_package())
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            [str(python), str(Path(__file__).with_name("spark_iceberg_jobs.py")), str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{jobs / 'lake.zip'}", "PYSPARK_PYTHON": str(python)},
            start_new_session=True,
        )  # fmt: skip
        try:
            yield OnIceberg(process, folder)
        finally:
            assert process.stdin is not None and process.stdout is not None
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait(timeout=60)
            process.stdout.close()


def _places(lake: CompiledLake, run: str) -> dict[str, str]:
    """Where what is published is written to, in a lake's folder."""
    tables = {one.name: f"tables/{one.name}/{run}" for one in lake.tables.values() if not one.is_view}
    sources = {name: f"sources/{name}/{run}" for name in lake.sources}
    return tables | sources | {f"{name}_quarantine": f"quarantine/{name}/{run}" for name in lake.sources}


def _write_catalog(program: Program, folder: LakeFolder, run: str, places: Mapping[str, str]) -> None:
    def entry(name: str, zone: str | None) -> Entry | None:
        place = folder.root / places[name] if name in places else None
        found = place.glob("*.parquet") if place is not None else ()
        files = tuple(str(file.relative_to(folder.root)) for file in found)
        return Entry(zone, (), (Version(run, 0, files),)) if files else None

    tables = {one.name: found for one in program.tables if (found := entry(one.name, one.zone))}
    sources = {one.name: found for one in program.sources if (found := entry(one.name, one.zone))}
    bad = {one.name: found for one in program.sources if (found := entry(f"{one.name}_quarantine", one.zone))}
    write_catalog(folder.root, program.lake, run, Catalog(tables, sources, bad))


def _report(program: Program, run: str, answered: Mapping[str, Any]) -> RunReport:
    reports: dict[str, TableReport] = {}
    log = Path("log")
    for source in program.sources:
        events, problem = _events(answered["steps"][source.name])
        report = source_report(source, events, problem, 0, log)
        reports[source.name] = replace(report, unchanged=bool((events.published or {}).get("unchanged")))
    for table in program.tables:
        broken = next((reports[name] for name in table.inputs if reports[name].status is not Status.OK), None)
        if broken is not None:
            reports[table.name] = skipped(table, broken)
        elif table.is_view:
            reports[table.name] = defined(table)
        else:
            events, problem = _events(answered["steps"][table.name])
            facts = events.published or {}
            told = {key: facts[key] for key in ("added", "removed", "rows_read", "anew") if key in facts}
            report = table_report(table, events, problem, None, 0, log)
            reports[table.name] = replace(report, unchanged=bool(facts.get("unchanged")), **told)
    return RunReport(program.lake, run, tuple(reports[name] for name in program.names()), 0, True, ())


def _events(step: Mapping[str, Any]) -> tuple[Events, str]:
    found = Events()
    for event in step["events"]:
        found.add(event)
    return found, step["problem"]
