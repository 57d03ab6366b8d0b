"""What Spark's own metrics say of each table: from the event logs of one or more applications."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COUNTED = {
    "internal.metrics.input.bytesRead": "read",
    "internal.metrics.output.bytesWritten": "written",
    "internal.metrics.shuffle.write.bytesWritten": "shuffled",
}


@dataclass(slots=True)
class Work:
    """What was done for one table.

    Attributes:
        shuffles: stages that wrote shuffle files.
        read, written, shuffled: bytes.
    """

    jobs: int = 0
    stages: int = 0
    shuffles: int = 0
    read: int = 0
    written: int = 0
    shuffled: int = 0


def work_by_table(folder: Path) -> dict[str, Work]:
    """The work under each job description, up to its first colon, in the order of its first job."""
    found: dict[str, Work] = {}
    for log in sorted(_logs(folder), key=lambda path: path.stat().st_mtime):
        names: dict[int, str] = {}
        for event in _events(log):
            if event["Event"] == "SparkListenerJobStart":
                description = event.get("Properties", {}).get("spark.job.description") or "other"
                name = description.split(":")[0]
                found.setdefault(name, Work()).jobs += 1
                names.update(dict.fromkeys(event["Stage IDs"], name))
            elif event["Event"] == "SparkListenerStageCompleted":
                _add(found[names[event["Stage Info"]["Stage ID"]]], event["Stage Info"])
    return found


def _add(work: Work, stage: dict[str, list[dict[str, object]]]) -> None:
    work.stages += 1
    for metric in stage["Accumulables"]:
        quantity = _COUNTED.get(str(metric["Name"]))
        if quantity:
            amount = int(str(metric["Value"]))
            setattr(work, quantity, getattr(work, quantity) + amount)
            if quantity == "shuffled" and amount:
                work.shuffles += 1


def _logs(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "appstatus")))


def _events(log: Path) -> Iterator[dict[str, dict[str, object]]]:
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
