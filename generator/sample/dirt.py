"""Dirty lines, and the one file of each table that holds them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from generator.sample.counts import Dirt

Record = dict[str, object]

TIME = {
    "customer_landing": "registrationDate",
    "accelerometer_landing": "timestamp",
    "step_trainer_landing": "sensorReadingTime",
}
TOO_LONG = 92_233_720_368_547_758_070


def dirty_lines(table: str, dirt: Dirt, copies: Sequence[str]) -> list[str]:
    """All lines that the dirt adds to a table.

    Args:
        copies: the lines that are there a second time.
    """
    damage: dict[str, Callable[[int], str]] = {
        "broken": lambda n: _broken(_text(table, _stranger(table, n))),
        "two_objects": lambda n: _text(table, _stranger(table, n)) * 2,
        "wrong_type": lambda n: _text(table, _with_time(table, n, str)),
        "long_number": lambda n: _text(table, _with_time(table, n, lambda time: TOO_LONG + time % 1000)),
        "drifted_keys": lambda n: _text(table, {k.upper(): v for k, v in _stranger(table, n).items()}),
        "extra_keys": lambda n: _text(table, {**_stranger(table, n), "firmwareVersion": "1.4.2"}),
    }
    counts = dirt.lines()
    number = 0
    lines = list(copies)
    for kind, make in damage.items():
        lines += [make(n) for n in range(number, number + counts[kind])]
        number += counts[kind]
    return lines


def scattered(good: Sequence[str], dirty: Sequence[str], seed: int) -> list[str]:
    """The good lines in their order, with the dirty ones at random places between them."""
    rng = Random(f"dirt {seed}")
    placed = [(rng.random() * len(good), line) for line in dirty]
    placed += [(float(place), line) for place, line in enumerate(good)]
    return [line for _, line in sorted(placed, key=lambda item: item[0])]


def write_lines(path: Path, lines: Sequence[str], dirt: Dirt) -> None:
    """Writes a file in the awkward ways that the dirt asks for; gzip appends `.gz` to its name."""
    newline = "\r\n" if dirt.crlf else "\n"
    text = newline.join(lines) + ("" if dirt.no_final_newline else newline)
    data = text.encode("utf-8-sig" if dirt.bom else "utf-8")
    if dirt.gzip:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, mtime=0))
    else:
        path.write_bytes(data)


def _stranger(table: str, number: int) -> Record:
    """A record of somebody who is no customer, and as a customer agreed to nothing."""
    time = 1_682_900_000_000 + number
    serial = f"00000000-0000-4000-8000-{number:012d}"
    records: Mapping[str, Record] = {
        "customer_landing": {
            "customerName": f"Nobody Known{number}",
            "email": f"Nobody.Known{number}@example.com",
            "phone": "8015550100",
            "birthDay": "1900-01-01",
            "serialNumber": serial,
            "registrationDate": time,
            "lastUpdateDate": time,
        },
        "accelerometer_landing": {
            "user": f"Nobody.Known{number}@example.com",
            "timestamp": time,
            "x": 0.0,
            "y": 1.0,
            "z": -1.0,
        },
        "step_trainer_landing": {
            "sensorReadingTime": time,
            "serialNumber": serial,
            "distanceFromObject": 250,
        },
    }
    return records[table]


def _with_time(table: str, number: int, change: Callable[[int], object]) -> Record:
    record = _stranger(table, number)
    key = TIME[table]
    return {**record, key: change(int(str(record[key])))}


def _text(table: str, record: Record) -> str:
    spaced = table == "customer_landing"
    return json.dumps(record, separators=(", ", ": ") if spaced else (",", ":"))


def _broken(line: str) -> str:
    return line[: len(line) * 2 // 3]
