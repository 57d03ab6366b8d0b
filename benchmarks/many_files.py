"""What one bad line costs in a source of many small files: the jobs' reader on local Spark, with it and without.

Both folders are read in turns in one JVM, after a round that doesn't count. `tasks` is what Spark had to do: it doesn't
depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from generator.run.spark.session import start_session
from generator.runtime.landing import read_landing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LINES = 20
COLUMNS = {"user": "string", "timestamp": "bigint", "x": "double"}
BAD = '{"user": "u", "timestamp": "now", "x": 1.0}\n'


def write(folder: Path, files: int, bad: bool) -> None:
    for number in range(files):
        path = folder / "src" / f"{number % 10}" / f"{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"user": f"u{number}", "timestamp": line, "x": line / 2}) + "\n" for line in range(LINES)]
        path.write_text("".join(lines) + (BAD if bad and number == files // 2 else ""), encoding="utf-8")


def read(spark: SparkSession, folder: Path, expected: int, bad: bool, round_: int) -> tuple[float, int]:
    """Seconds and tasks of reading a folder's rows and quarantine."""
    session, group = spark.newSession(), f"{folder.name} {round_}"
    spark.sparkContext.setJobGroup(group, group)
    os.utime(folder / "src" / "0" / "0.json")  # else a proof is remembered
    started = time.perf_counter()
    found = read_landing(session, str(folder), "src", path="src", format="json", columns=COLUMNS, keys={})
    rows, quarantined = found.rows.count(), found.quarantine.count()
    seconds = time.perf_counter() - started
    assert (rows, quarantined) == (expected, int(bad)), (rows, quarantined)
    found.release()
    tracker = spark.sparkContext.statusTracker()
    jobs = filter(None, map(tracker.getJobInfo, tracker.getJobIdsForGroup(group)))
    stages = filter(None, (tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds))
    return seconds, sum(stage.numCompletedTasks for stage in stages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as name:
        folders = {bad: Path(name) / ("bad" if bad else "clean") for bad in (False, True)}
        for bad, folder in folders.items():
            write(folder, options.files, bad)
        spark = start_session("many files", folders[True])
        ratios = []
        for round_ in range(options.runs + 1):
            found = {bad: read(spark, folder, options.files * LINES, bad, round_) for bad, folder in folders.items()}
            (clean, clean_tasks), (dirty, dirty_tasks) = found[False], found[True]
            load = os.getloadavg()[0]
            print(
                f"{'warm-up' if not round_ else f'round {round_}':<8} clean {clean:6.2f} s, {clean_tasks} tasks;"
                f" one bad line {dirty:6.2f} s, {dirty_tasks} tasks; ratio {dirty / clean:.2f}; load {load:.1f}",
                flush=True,
            )
            if round_:
                ratios.append(dirty / clean)
        print(f"median ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} – {max(ratios):.2f})")


if __name__ == "__main__":
    main()
