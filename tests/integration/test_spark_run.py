"""`run --engine spark`: the generated scripts on local Spark, through the command and in one shared JVM."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.render.jobs import render_grouped_steps, render_jobs
from generator.render.runtime_package import runtime_package
from generator.run.build_program import build_program
from generator.run.lake_folder import LakeFolder
from generator.run.report import RunReport, Status, TableReport
from generator.run.spark.currency import PACKAGE, LakeScripts
from generator.run.spark.events import Events
from generator.run.spark.runner import run_in_session
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from generator.run.spark.session import local_spark
from generator.run.spark.unique_values import UniqueValues
from tests.quick_spark import quickly

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

ROOT = Path(__file__).parents[2]
COUNTS = {
    "customer_landing": 956,
    "accelerometer_landing": 81_273,
    "step_trainer_landing": 28_680,
    "customer_trusted": 482,
    "accelerometer_trusted": 40_981,
    "customers_curated": 482,
    "step_trainer_trusted": 14_460,
    "machine_learning_curated": 43_681,
}
CLUB = """
version: 1
lake: club
subjects: {member: {registry: members, keys: [email]}}
consent: {news: {subject: member, when: agreed is not null}}
zones: {raw: {}, trusted: {require: news}, shared: {}}
sources:
  members:
    path: members/
    max_bad_rows: 2
    columns: {email: {type: string, pii: true}, agreed: date}
  visits:
    path: visits/
    columns: {email: {type: string, pii: true, key: eMail, identifies: member.email}, minutes: int}
  weather: {path: weather/, max_bad_rows: 1, columns: {day: date, sun: double}}
tables:
  writable: {zone: trusted, source: members, filter: agreed is not null, keep_versions: 2}
  long_visits: {view: true, source: visits, filter: minutes > 10}
  visits_of_writable:
    zone: trusted
    source: long_visits
    join: [{semi: writable, on: long_visits.email = writable.email}]
    keep_versions: 2
    expect: [{between: {minutes: {max: 90}}}]
  loyal: {zone: trusted, source: visits_of_writable, select: [email], keep_versions: 2}
  visitors: {zone: shared, source: long_visits, group_by: [email], aggregate: {visits: count(*)}}
"""


@pytest.fixture(scope="module", autouse=True)
def _components(need: Callable[[object, str], None]) -> None:
    need(importlib.util.find_spec("pyspark") and shutil.which("java"), "local Spark needs pyspark and Java 17")


# In one JVM ------------------------------------------------------------------------------------------------


@dataclass
class Shared:
    """A JVM, and the folder with the runtime that its Python functions import."""

    session: SparkSession
    made: Path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("shared")
    made = folder / "jobs"
    made.mkdir()
    with local_spark("tests", folder, folder / "log", [made / PACKAGE]) as session:
        quickly(session)  # the command, below, compiles them
        yield Shared(session, made)


def test_workers_import_from_files_alone(shared: Shared) -> None:
    """Python reads the contents of archives anew for each task; Spark's own have thousands of files."""
    rows = shared.session.sparkContext.parallelize([0], 1)
    ((path, place),) = rows.map(lambda _: (sys.path, sys.modules["pyspark"].__file__)).collect()
    archive = str(shared.made / PACKAGE)
    assert archive in path and not [entry for entry in path if Path(entry).is_file() and entry != archive]
    assert place == importlib.import_module("pyspark").__file__


@dataclass
class Club:
    """A small lake with its data, to run again and again.

    Attributes:
        scripts: changed texts of scripts, by table.
    """

    shared: Shared
    root: Path
    spec: str = CLUB
    scripts: dict[str, Callable[[str], str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def folder(self) -> LakeFolder:
        return LakeFolder(self.root / "lake")

    def land(self, source: str, *lines: str) -> None:
        (self.root / "data" / source).mkdir(parents=True, exist_ok=True)
        (self.root / "data" / source / "a.json").write_text("".join(f"{line}\n" for line in lines))

    def run(self, *only: str, full: bool = False) -> RunReport:
        lake = check_spec(SourceText("club.yaml", self.spec)).lake
        assert lake is not None
        program = build_program(lake)
        texts = render_jobs(lake)
        for name, change in self.scripts.items():
            texts[f"{name}.py"] = change(texts[f"{name}.py"])
        chosen = program.needed_for(only) if only else program
        scripts = LakeScripts(lake, chosen, texts, runtime_package(), render_grouped_steps(lake))
        scripts.write(self.shared.made)
        with self.folder.locked():
            data = self.root / "data"
            return run_in_session(self.shared.session, scripts, self.shared.made, data, self.folder, self, full=full)

    def started(self, name: str, position: int, total: int) -> None:
        self.told.append(f"{name} {position}/{total}")

    def finished(self, report: TableReport) -> None:
        self.told.append(f"{report.name} {report.status}")

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        entry = self.folder.catalog().entry(name)
        assert entry is not None
        return sorted(duckdb.read_parquet([str(self.folder.root / file) for file in entry.current.files]).fetchall())

    def texts_on_disk(self) -> str:
        """All values of all files of all versions of tables."""
        files = [str(path) for path in (self.folder.root / "tables").rglob("*.parquet")]
        return "\n".join(str(row) for file in files for row in duckdb.read_parquet(file).fetchall())


@pytest.fixture
def club(shared: Shared, tmp_path: Path) -> Club:
    made = Club(shared, tmp_path)
    made.land("members", *(json.dumps({"email": f"{name}@x", "agreed": "2024-05-01"}) for name in "abc"))
    made.land("visits", *(json.dumps({"eMail": f"{name}@x", "minutes": 20}) for name in "abbd"))
    made.land("weather", '{"day": "2024-05-01", "sun": 3.5}', "broken")
    return made


def before_publishing(*lines: str) -> Callable[[str], str]:
    """A change of a script: lines that run before it publishes."""
    return lambda text: text.replace("lake.publish(", "\n".join((*lines, "lake.publish(")))


def statuses(report: RunReport) -> dict[str, str]:
    return {table.name: table.problem or table.status for table in report.tables}


def test_all_tables_are_made_in_order_and_all_sources_are_read(club: Club) -> None:
    report = club.run()
    assert not report.failed and report.published
    assert [table.name for table in report.tables] == [
        "members", "visits", "weather", "writable", "long_visits", "visits_of_writable", "visitors", "loyal",
    ]  # fmt: skip
    assert {table.name: table.rows for table in report.tables} == {
        "members": 3, "writable": 3, "visits": 4, "long_visits": None, "visits_of_writable": 3, "loyal": 3,
        "visitors": 3, "weather": 1,
    }  # fmt: skip
    weather = report.tables[2]
    assert (weather.is_source, weather.quarantined, weather.rows_in) == (True, 1, 2)
    catalog = club.folder.catalog()
    assert {name: entry.zone for name, entry in catalog.tables.items()} == {
        "writable": "trusted", "visits_of_writable": "trusted", "loyal": "trusted", "visitors": "shared",
    }  # fmt: skip
    assert [entry.versions[0].rows for entry in catalog.quarantine.values()] == [1]
    runs = {version.run for entry in catalog.tables.values() for version in entry.versions}
    assert runs == {report.run}
    assert {name: entry.zone for name, entry in catalog.sources.items()} == {
        "members": "landing", "visits": "landing", "weather": "landing",
    }  # fmt: skip
    assert club.told[:5] == ["members 1/8", "members ok", "writable 2/8", "writable ok", "visits 3/8"]
    for table, source in (("writable", "members"), ("visits_of_writable", "visits")):
        assert club.told.index(f"{source} ok") < club.told.index(f"{table} ok")


def meeting(mine: Path, other: Path) -> str:
    """A line of a script that waits for another one's."""
    waits = f"any(pathlib.Path({str(other)!r}).exists() or time.sleep(0.05) for _ in range(1200))"
    return f"import pathlib, time; print('here'); pathlib.Path({str(mine)!r}).touch(); assert {waits}"


def test_sources_are_made_beside_tables_each_with_its_own_arguments_and_words(club: Club, tmp_path: Path) -> None:
    source, table = tmp_path / "source", tmp_path / "table"
    name = 'assert args["JOB_NAME"] == "writable"'
    club.scripts["writable"] = before_publishing(meeting(table, source), name)
    club.scripts["visits"] = lambda text: text.replace("lake.source(", f"{meeting(source, table)}\nlake.source(")
    report = club.run()
    assert not report.failed, statuses(report)
    assert {one.name: one.rows for one in report.tables if one.name in ("writable", "visits")} == {
        "writable": 3, "visits": 4,
    }  # fmt: skip
    assert club.told.index("writable ok") < club.told.index("visits ok")


def described_jobs(session: SparkSession) -> Counter[str]:
    """How often Spark ran jobs of each description."""
    context: Any = session.sparkContext._jsc.sc()
    context.listenerBus().waitUntilEmpty()
    found = context.statusStore().jobsList(None)
    texts = [found.apply(index).description() for index in range(found.size())]
    return Counter(text.get() for text in texts if text.isDefined())


def test_each_source_is_proven_once_whoever_comes_first(club: Club) -> None:
    before = described_jobs(club.shared.session)
    assert not club.run().failed
    jobs = described_jobs(club.shared.session) - before
    for source in ("members", "visits"):
        assert jobs[f"{source}: prove"] + jobs[f"{source}: read"] == 1, jobs


def test_a_second_run_starts_nothing_and_a_change_makes_what_it_can_change(club: Club) -> None:
    first = club.run()
    before = {name: club.rows(name) for name in club.folder.catalog().tables}
    jobs = described_jobs(club.shared.session)
    second = club.run()
    assert not second.failed and not second.published and all(one.unchanged for one in made(second))
    assert described_jobs(club.shared.session) == jobs
    assert {name: club.rows(name) for name in club.folder.catalog().tables} == before
    assert {one.name: (one.rows, one.checks) for one in first.tables} == {
        one.name: (one.rows, one.checks) for one in second.tables
    }
    (club.root / "data" / "visits" / "b.json").write_text('{"eMail": "c@x", "minutes": 30}\n')
    third = club.run()
    assert {one.name for one in made(third) if not one.unchanged} == {
        "visits",
        "visits_of_writable",
        "loyal",
        "visitors",
    }
    (visits,) = (one for one in third.tables if one.name == "visits")
    assert (visits.files, visits.files_read, visits.rows) == (2, 1, 5)
    assert [row[0] for row in club.rows("loyal")] == ["a@x", "b@x", "b@x", "c@x"]
    again = club.run(full=True)
    assert not any(one.unchanged for one in again.tables) and not again.failed


def made(report: RunReport) -> list[TableReport]:
    """Sources and tables; a view is only defined."""
    return [one for one in report.tables if one.rows is not None]


def test_a_broken_expectation_keeps_the_old_table_and_what_reads_it(club: Club) -> None:
    club.run()
    before = club.folder.catalog()
    club.land("visits", '{"eMail": "a@x", "minutes": 91}', '{"eMail": "b@x", "minutes": 92}')
    report = club.run()
    assert statuses(report) == {
        "members": "ok", "writable": "ok", "visits": "ok", "long_visits": "ok",
        "visits_of_writable": "it breaks: between: minutes ..90", "loyal": "visits_of_writable failed",
        "visitors": "ok", "weather": "ok",
    }  # fmt: skip
    (check,) = [check for table in report.tables for check in table.checks if check.failed]
    assert (check.kind, check.violations) == ("between", 2)
    after = club.folder.catalog()
    for name in ("visits_of_writable", "loyal"):
        assert after.tables[name] == before.tables[name]
        assert len(list((club.folder.root / "tables" / name).iterdir())) == 1
    assert after.tables["visitors"].versions[0].run == report.run


def test_who_withdraws_is_gone_from_all_tables_and_after_some_runs_from_the_disk(club: Club) -> None:
    club.run("loyal")
    assert [row[0] for row in club.rows("loyal")] == ["a@x", "b@x", "b@x"]
    club.land("members", '{"email": "a@x", "agreed": "2024-05-01"}', '{"email": "b@x"}', '{"email": "c@x"}')
    club.run("loyal")
    for name in ("writable", "visits_of_writable", "loyal"):
        assert {row[0] for row in club.rows(name)} == {"a@x"}
    assert "b@x" in club.texts_on_disk()
    club.run("loyal")
    assert "a@x" in club.texts_on_disk() and "b@x" not in club.texts_on_disk()


def test_a_source_that_fails_takes_with_it_what_reads_it(club: Club) -> None:
    club.land("members", "broken", "broken", "broken", '{"email": "a@x", "agreed": "2024-05-01"}')
    shutil.rmtree(club.root / "data/weather")
    report = club.run()
    assert statuses(report) == {
        "members": "3 of 4 lines quarantined, more than 2: 3 broken json (members/a.json:1: not valid JSON)",
        "writable": "members failed", "visits": "ok",
        "long_visits": "ok", "visits_of_writable": "writable skipped", "loyal": "visits_of_writable skipped",
        "visitors": "ok", "weather": f"no files in {club.root}/data/weather",
    }  # fmt: skip
    assert {table.name for table in report.tables if table.help} == {"members", "weather"}
    catalog = club.folder.catalog()
    assert set(catalog.tables) == {"visitors"} and set(catalog.sources) == {"visits"}
    assert catalog.quarantine == {}, "what can't be published has no quarantine either"


def test_two_rows_of_one_person_in_the_registry_fail_it(club: Club) -> None:
    club.land("members", *['{"email": "a@x", "agreed": "2024-05-01"}'] * 2)
    report = club.run("writable")
    assert statuses(report) == {"members": "it breaks: each email is one member", "writable": "members failed"}
    assert not report.published


def test_keys_are_counted_by_spark_only_where_they_repeat(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, tuple[str, ...], bool]] = []
    ask = UniqueValues.are_in

    def asking(self: UniqueValues, files: Sequence[str], columns: Sequence[str]) -> bool:
        found = ask(self, files, columns)
        told.append((Path(files[0]).relative_to(club.folder.root.resolve()).parts[1], tuple(columns), found))
        return found

    monkeypatch.setattr(UniqueValues, "are_in", asking)
    club.spec = CLUB.replace("{visits: count(*)}}", "{visits: count(*)}, expect: [{unique: [email]}]}")
    assert not club.run().failed
    assert set(told) == {("members", ("email",), True), ("visitors", ("email",), True)}
    (club.root / "data" / "members" / "more.json").write_text('{"email": "a@x", "agreed": null}\n')
    report = club.run()
    assert statuses(report)["members"] == "it breaks: each email is one member"
    assert told[2:] == [("members", ("email",), False)]


def test_spellings_are_one_person_and_the_time_is_that_of_the_run(club: Club) -> None:
    club.spec = CLUB.replace("keys: [email]", "keys: [lower(trim(email))]").replace(
        "on: long_visits.email = writable.email", "on: lower(trim(long_visits.email)) = lower(trim(writable.email))"
    )
    club.spec += "  keys: {zone: trusted, source: loyal, select: [{t: current_timestamp()}, {d: current_date()}]}\n"
    club.spec += "  query: {zone: shared, sql: 'select now() as t, current_date as d from weather'}\n"
    club.land("visits", *(json.dumps({"eMail": name, "minutes": 20}) for name in (" A@X", "a@x", "B@x ", "d@x")))
    before = datetime.now(UTC).replace(tzinfo=None)
    assert not club.run().failed
    assert [row[0] for row in club.rows("loyal")] == [" A@X", "B@x ", "a@x"]
    ((moment, day),) = {*club.rows("keys"), *club.rows("query")}
    assert before <= moment.replace(tzinfo=None) <= datetime.now(UTC).replace(tzinfo=None) and day == moment.date()
    assert {one.name for one in made(club.run()) if not one.unchanged} == {"keys", "query"}
    club.land("members", *(json.dumps({"email": name, "agreed": "2024-05-01"}) for name in ("a@x", "A@X")))
    assert statuses(club.run("writable"))["members"] == "it breaks: each lower(trim(email)) is one member"


def test_a_script_with_an_error_says_it_in_a_line_and_the_log_has_the_rest(club: Club) -> None:
    club.scripts["loyal"] = before_publishing('lake.spark.sql("SELECT nonsense")')
    report = club.run()
    loyal = next(table for table in report.tables if table.name == "loyal")
    assert loyal.status is Status.FAILED and "nonsense" in loyal.problem and "\n" not in loyal.problem
    assert "JVM" not in loyal.problem and loyal.help == f"the whole log is in {club.folder.root / '.spark.log'}"
    assert "Traceback" in (club.folder.root / ".spark.log").read_text()
    assert statuses(report)["visitors"] == "ok"


def test_nothing_leaks_from_one_script_to_the_next(club: Club) -> None:
    club.scripts["writable"] = before_publishing(
        'lake.spark.range(1).createOrReplaceTempView("left")', 'lake.spark.conf.set("spark.sql.ansi.enabled", "true")'
    )
    club.scripts["loyal"] = before_publishing(
        'assert not lake.spark.catalog.tableExists("left")',
        'assert lake.spark.conf.get("spark.sql.ansi.enabled") == "false"',
    )
    assert not club.run().failed
    assert not {name for name in sys.modules if name.startswith("lake_") or name == "awsglue"}


GROUPS = """
jobs:
  landing: {steps: [zone:landing]}
  people: {steps: [zone:trusted]}
"""
MADE = ("members", "visits", "weather", "writable", "visits_of_writable", "loyal", "visitors")


def test_a_lake_of_groups_is_the_same_lake(club: Club, tmp_path: Path) -> None:
    grouped = Club(club.shared, tmp_path / "grouped", CLUB + GROUPS)
    shutil.copytree(club.root / "data", grouped.root / "data")
    one, other = club.run(), grouped.run()
    assert not other.failed and statuses(one) == statuses(other)
    assert {table.name: (table.rows, table.rows_in, table.quarantined, table.checks) for table in one.tables} == {
        table.name: (table.rows, table.rows_in, table.quarantined, table.checks) for table in other.tables
    }
    assert {name: club.rows(name) for name in MADE} == {name: grouped.rows(name) for name in MADE}
    assert {path.name for path in club.shared.made.glob("*.py")} >= {"landing.py", "people.py"}
    grouped.spec = CLUB
    assert all(table.unchanged for table in grouped.run().tables if table.rows is not None), "who makes it is no change"


def test_one_step_of_a_group_alone(club: Club) -> None:
    club.spec = CLUB + GROUPS
    report = club.run("writable")
    assert {table.name: table.rows for table in report.tables} == {"members": 3, "writable": 3}
    assert set(club.folder.catalog().tables) == {"writable"} and set(club.folder.catalog().sources) == {"members"}


def test_on_this_machine_a_step_that_fails_keeps_back_what_reads_it(club: Club) -> None:
    club.spec = CLUB.replace("max: 90", "max: 9") + "jobs: {all: {steps: [zone:trusted, zone:shared]}}\n"
    found = statuses(club.run())
    assert "between" in found.pop("visits_of_writable")
    assert found.pop("loyal") == "visits_of_writable failed"
    assert set(found.values()) == {"ok"}


def as_on_glue(club: Club, job: str, run: str, **more: str) -> tuple[str, list[str]]:
    """Runs the whole script of a job at once; returns its error and the tables that it published, in order."""
    told: list[str] = []

    class Told(Events):
        def add(self, event: Mapping[str, Any]) -> None:
            super().add(event)
            told.extend([event["table"]] if event["lake_event"] == "published" else [])

    arguments = {
        "landing_root": str(club.root / "data"), "lake_root": str(club.folder.root), "database": "club", "run_id": run,
    }  # fmt: skip
    with open(club.root / "log", "a") as log, importable([STAND_IN, club.shared.made / PACKAGE]):
        problem = Scripts(club.shared.made, log).run(job, {**arguments, **more}, Told())
    return problem, told


def test_a_group_as_glue_runs_it(club: Club) -> None:
    """All steps in order; one that fails ends the job, and what was published before stays."""
    club.spec = CLUB + GROUPS
    club.run()
    assert as_on_glue(club, "people", "r2") == ("", ["writable", "visits_of_writable", "loyal"])
    assert as_on_glue(club, "people", "r3", steps="loyal,writable") == ("", ["writable", "loyal"])
    problem, told = as_on_glue(club, "people", "r4", steps="loyal,nobody")
    assert (problem, told) == (
        "there is no step nobody in this job: it has writable, visits_of_writable, loyal", [],
    )  # fmt: skip
    before = {name: club.folder.catalog().tables[name].current.run for name in MADE[3:]}
    assert before == {"writable": "r3", "visits_of_writable": "r2", "loyal": "r3", "visitors": before["visitors"]}
    club.land("visits", json.dumps({"eMail": "a@x", "minutes": 99}))
    assert as_on_glue(club, "landing", "r5")[0] == ""
    problem, told = as_on_glue(club, "people", "r6")
    assert "between" in problem and told == ["writable"]
    after = {name: club.folder.catalog().tables[name].current.run for name in MADE[3:]}
    assert after == {**before, "writable": "r6"}


# Through the command ---------------------------------------------------------------------------------------


def command(data: Path, lake: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "generator", *run_arguments(data, lake, *more)]


def run_arguments(data: Path, lake: Path, *more: str) -> list[str]:
    return ["run", "--engine", "spark", "--data", str(data), "--lake", str(lake), *more]


def test_the_command_on_the_real_data_gives_the_eight_counts(stedi: Path, tmp_path: Path) -> None:
    log, lake = tmp_path / "log", tmp_path / "lake"
    log.mkdir()
    logged = {**os.environ, "LAKEGEN_SPARK_EVENT_LOG": str(log)}
    done = subprocess.run(command(stedi, lake), cwd=ROOT, capture_output=True, text=True, check=False, env=logged)
    assert done.returncode == 0, done.stdout + done.stderr
    (events,) = (file for file in log.rglob("*") if file.is_file())
    jobs = set(re.findall(r'"spark.job.description":"([^"]*)"', events.read_text()))
    assert "customer_landing: write" in jobs
    later = {f"{source}_landing: {what}" for source in ("accelerometer", "step_trainer") for what in ("prove", "read")}
    assert not jobs & later, "DuckDB has proven their lines, before any script asks for them"
    report = json.loads((lake / "last_run.json").read_text())
    assert {name: table["rows"] for name, table in report["tables"].items()} == COUNTS
    assert {name: table["quarantined"] for name, table in report["tables"].items()} == dict.fromkeys(COUNTS, 0)
    for name, rows in COUNTS.items():
        (line,) = (line for line in done.stdout.splitlines() if line.startswith(f"{name} "))
        assert f"✓ {rows:,}" in line
    assert "956 → 482  474 without consent research" in done.stdout
    assert "ok: 5 tables published" in done.stdout and "WARN" not in done.stdout + done.stderr
    for name, entry in LakeFolder(lake).catalog().tables.items():
        files = [str(lake / file) for file in entry.current.files]
        assert duckdb.read_parquet(files).count("*").fetchall() == [(COUNTS[name],)]


def test_where_python_decoded_lines_nothing_is_said_of_its_end(club: Club) -> None:
    spec = club.root / "club.yaml"
    spec.write_text(CLUB)
    arguments = command(club.root / "data", club.folder.root, "--spec", str(spec))
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 line quarantined" in done.stdout and done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


KILLED = """
import os, signal, sys
import generator.render.runtime_package as rendered
from generator.cli.main import main

modules = rendered.runtime_modules
killer = '''
def killed(self, table, *more):
    if table == "visits_of_writable":
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    return published(self, table, *more)

published, FolderCatalog.publish = FolderCatalog.publish, killed
'''
def changed():
    found = modules()
    found["folder_catalog.py"] += killer
    return found
rendered.runtime_modules = changed
main(sys.argv[1:])
"""


def test_a_script_killed_between_write_and_publish_leaves_the_old_table(club: Club) -> None:
    club.run()
    before = club.folder.catalog()
    club.land("members", '{"email": "a@x", "agreed": "2024-05-01"}')
    spec = club.root / "club.yaml"
    spec.write_text(CLUB)
    arguments = run_arguments(club.root / "data", club.folder.root, "--spec", str(spec))
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    after = club.folder.catalog()
    assert after.tables["writable"].versions[0].run != before.tables["writable"].versions[0].run
    for name in ("visits_of_writable", "loyal", "visitors"):
        assert after.tables[name] == before.tables[name]
    assert len(list((club.folder.root / "tables/visits_of_writable").iterdir())) == 2
    report = club.run()
    assert not report.failed
    catalog = club.folder.catalog()
    for name, entry in catalog.tables.items():
        on_disk = {path.name for path in (club.folder.root / "tables" / name).iterdir()}
        assert on_disk == {version.run for version in entry.versions}


def ends(group: int) -> bool:
    """Whether a process group ends before long; whoever inherits the JVM may take a moment to notice its end."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_ctrl_c_ends_the_run_and_its_jvm(club: Club) -> None:
    spec = club.root / "club.yaml"
    spec.write_text(CLUB)
    arguments = command(club.root / "data", club.folder.root, "--spec", str(spec))
    process = subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a shell's background jobs ignore
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("members: 3 rows")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        assert process.returncode == 130
        assert "interrupted; what was published before is unchanged" in errors and "Traceback" not in errors
        assert ends(process.pid)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    with club.folder.locked():
        assert "visitors" not in club.folder.catalog().tables


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"JAVA_HOME": "/nowhere"}, "there is no Java in JAVA_HOME (/nowhere)"),
        ({"JAVA_HOME": "", "PATH": "/nowhere"}, "local Spark needs Java, and there is none: install a Java 17"),
    ],
)
def test_without_java_it_says_what_to_do(variables: dict[str, str], message: str, tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path, tmp_path / "lake"), cwd=ROOT, capture_output=True, text=True, env={**os.environ, **variables},
        check=False,
    )  # fmt: skip
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
