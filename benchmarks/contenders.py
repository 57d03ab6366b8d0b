"""The ways to make the five tables that are compared: each a command, with what it needs."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from processes import ROOT, Cost, measure

from generator.sample.folder import MARKER

HAND, RUN, AGAIN, COLD, DBT = "hand-written", "generator", "generator, again", "generator, cold", "dbt-duckdb"
PLAIN, STUDIO = "hand-written plain", "Glue Studio style"
PUBLISHED = ("catalog.json", "sources", "tables", "quarantine")
"""What a lake folder holds besides the program that it remembers."""
BENCHMARKS = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to make the five tables.

    Attributes:
        tables: the folder that it writes to.
        forget: what is removed of the folder before each run.
    """

    name: str
    command: Sequence[str | Path]
    tables: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    forget: Sequence[str] = ()

    def run(self, **variables: str) -> Cost:
        """Runs it from where it begins, with more variables of the environment."""
        for name in self.forget:
            path = self.tables / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return measure(self.command, {**self.variables, **variables})


def contenders(here: Path, data: Path, scale: int, dbt: Path | None) -> list[Contender]:
    """All that can run on this machine; their tables go to folders in `here`."""
    spec = _write_spec(here, scale)
    hand, warm, cold = here / "hand_written", here / "lake", here / "lake_cold"
    found = [
        Contender(HAND, [sys.executable, BENCHMARKS / "hand_written.py", data, hand], hand),
        Contender(RUN, _run_command(spec, data, warm), warm, forget=PUBLISHED),
        Contender(AGAIN, _run_command(spec, data, warm), warm),
        Contender(COLD, _run_command(spec, data, cold), cold, forget=(*PUBLISHED, ".program.json")),
    ]
    return [*found, _dbt(dbt, here / "dbt", data)] if dbt is not None else found


def spark_contenders(here: Path, data: Path, scale: int) -> list[Contender]:
    """The same tables on local Spark."""
    spec, folder = _write_spec(here, scale), BENCHMARKS / "spark"
    hand, lake, studio = here / "spark_hand_written", here / "spark_lake", here / "spark_studio"
    by_hand = [sys.executable, folder / "hand_written.py", data, hand]
    return [
        Contender(HAND, by_hand, hand),
        Contender(PLAIN, [*by_hand, "--plain"], hand),
        Contender(RUN, [*_run_command(spec, data, lake), "--engine", "spark"], lake, forget=PUBLISHED),
        Contender(AGAIN, [*_run_command(spec, data, lake), "--engine", "spark"], lake),
        Contender(STUDIO, [sys.executable, folder / "glue_studio.py", data, studio], studio),
    ]


def make_sample(data: Path, scale: int) -> None:
    """Makes the landing data, unless it is there."""
    if not (data / MARKER).exists():
        data.parent.mkdir(parents=True, exist_ok=True)
        measure([sys.executable, "-m", "generator", "sample", data, "--scale", str(scale)])


def _run_command(spec: Path, data: Path, lake: Path) -> list[str | Path]:
    return [sys.executable, "-m", "generator", "run", "--spec", spec, "--data", data, "--lake", lake]


def _dbt(dbt: Path, work: Path, data: Path) -> Contender:
    """Whatever dbt keeps goes to `work`, its parsed project too."""
    project, tables = BENCHMARKS / "dbt", work / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    folders: list[str | Path] = ["--target-path", work / "target", "--log-path", work / "logs"]
    command = [dbt, "run", "--project-dir", project, "--profiles-dir", project, *folders]
    return Contender(DBT, command, tables, {"STEDI_DATA": str(data), "STEDI_OUT": str(tables)})


def _write_spec(here: Path, scale: int) -> Path:
    """The reference lake, expecting so many times its rows."""
    lake, heading, counts = (ROOT / "pipeline.yaml").read_text(encoding="utf-8").partition("\nrow_counts:")
    scaled = re.sub(r"(?m)(?<=: )\d+$", lambda count: str(int(count[0]) * scale), counts)
    spec = here / "pipeline.yaml"
    spec.write_text(lake + heading + scaled, encoding="utf-8")
    return spec
