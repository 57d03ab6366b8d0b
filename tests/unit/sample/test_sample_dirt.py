"""Dirt is there in exactly the numbers asked for, and leaves the good lines as they were."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from generator.sample import Dirt, SampleError, SampleReport, write_sample

TABLES = ("customer", "accelerometer", "step_trainer")
KEYS = {
    "customer": {
        "customerName", "email", "phone", "birthDay", "serialNumber", "registrationDate", "lastUpdateDate",
        "shareWithResearchAsOfDate", "shareWithPublicAsOfDate", "shareWithFriendsAsOfDate",
    },
    "accelerometer": {"user", "timestamp", "x", "y", "z"},
    "step_trainer": {"sensorReadingTime", "serialNumber", "distanceFromObject"},
}  # fmt: skip
TIMES = {"customer": "registrationDate", "accelerometer": "timestamp", "step_trainer": "sensorReadingTime"}
KINDS = ("broken", "two_objects", "wrong_type", "long_number", "drifted_keys", "extra_keys", "duplicates")

Record = dict[str, object]


def _raw_lines(report: SampleReport, table: str) -> list[str]:
    lines: list[str] = []
    for name in report.files:
        if name.startswith(f"{table}/"):
            data = (report.directory / name).read_bytes()
            data = gzip.decompress(data) if name.endswith(".gz") else data
            lines += data.decode("utf-8-sig").splitlines()
    return lines


def _kind(table: str, line: str) -> str:
    """What is wrong with a line, by rules of our own; '' for nothing."""
    try:
        record, end = json.JSONDecoder().raw_decode(line)
    except json.JSONDecodeError:
        return "broken"
    time = record.get(TIMES[table])
    if end < len(line):
        return "two_objects"
    if not record.keys() & KEYS[table]:
        return "drifted_keys" if {key.lower() for key in record} <= {key.lower() for key in KEYS[table]} else "?"
    if not isinstance(time, int):
        return "wrong_type"
    if time >= 2**63:
        return "long_number"
    return "extra_keys" if record.keys() - KEYS[table] else ""


def _landed(report: SampleReport, table: str) -> list[Record]:
    """What a strict reader keeps of a table."""
    lines = _raw_lines(report, table)
    return [json.loads(line) for line in lines if _kind(table, line) in ("", "extra_keys")]


def _lake_counts(report: SampleReport) -> dict[str, int]:
    """The reference lake's rules in plain Python."""
    customers, readings, steps = (_landed(report, table) for table in TABLES)
    trusted = [row for row in customers if "shareWithResearchAsOfDate" in row]
    emails = {row["email"] for row in trusted}
    trusted_readings = [row for row in readings if row["user"] in emails]
    users = {row["user"] for row in trusted_readings}
    curated = [row for row in trusted if row["email"] in users]
    serials = {row["serialNumber"] for row in curated}
    trusted_steps = [row for row in steps if row["serialNumber"] in serials]
    steps_at = Counter(row["sensorReadingTime"] for row in trusted_steps)
    return {
        "customer_landing": len(customers),
        "accelerometer_landing": len(readings),
        "step_trainer_landing": len(steps),
        "customer_trusted": len(trusted),
        "accelerometer_trusted": len(trusted_readings),
        "step_trainer_trusted": len(trusted_steps),
        "customers_curated": len(curated),
        "machine_learning_curated": sum(steps_at[row["timestamp"]] for row in trusted_readings),
    }


@pytest.mark.parametrize(
    "dirt",
    [
        Dirt(),
        Dirt(duplicates=400),
        Dirt(broken=1, two_objects=2, wrong_type=3, long_number=4, drifted_keys=5, extra_keys=6, duplicates=7),
        Dirt.of_every_kind(5),
    ],
    ids=str,
)
def test_counts_are_the_reported_ones(tmp_path: Path, dirt: Dirt) -> None:
    report = write_sample(tmp_path / "data", dirt=dirt)
    assert _lake_counts(report) == report.expected
    assert report.rows == {f"{table}_landing": report.expected[f"{table}_landing"] for table in TABLES}
    for table in TABLES:
        lines = _raw_lines(report, table)
        found = Counter(_kind(table, line) for line in lines)
        found["duplicates"] = len(lines) - len(set(lines))
        del found[""]
        assert found == Counter(report.dirty)
        landed = report.rows[f"{table}_landing"]
        assert len(lines) == landed + report.quarantined[f"{table}_landing"]
    assert report.dirty == {kind: getattr(dirt, kind) for kind in KINDS}


def test_the_duplicates_count_since_consent(tmp_path: Path) -> None:
    report = write_sample(tmp_path / "data", dirt=Dirt(duplicates=400))
    agreed = {row["email"]: row.get("shareWithResearchAsOfDate") for row in _landed(report, "customer")}
    since = [
        row
        for row in _landed(report, "accelerometer")
        if isinstance(consent := agreed[row["user"]], int) and consent <= int(str(row["timestamp"]))
    ]
    assert len(since) == report.readings_since_consent == 32_025 + 400


def test_no_good_line_is_lost(tmp_path: Path) -> None:
    clean = write_sample(tmp_path / "clean", scale=2)
    dirty = write_sample(tmp_path / "dirty", scale=2, dirt=Dirt.of_every_kind(5))
    for table in TABLES:
        good = _raw_lines(clean, table)
        assert Counter(good) <= Counter(_raw_lines(dirty, table))
    unchanged = [name for name in dirty.files if name.endswith("-0001.json") and "customer" not in name]
    assert len(unchanged) == 2
    assert all((clean.directory / name).read_bytes() == (dirty.directory / name).read_bytes() for name in unchanged)


def test_dirt_stands_between_good_lines(tmp_path: Path) -> None:
    report = write_sample(tmp_path / "data", dirt=Dirt(broken=20))
    for table in TABLES:
        kinds = [_kind(table, line) for line in _raw_lines(report, table)]
        first, last = kinds.index("broken"), len(kinds) - kinds[::-1].index("broken")
        assert last - first > 20


def test_storage_of_the_last_file(tmp_path: Path) -> None:
    def stored(dirt: Dirt) -> list[bytes]:
        report = write_sample(tmp_path / "data", dirt=dirt)
        last = ([name for name in report.files if name.startswith(table)][-1] for table in TABLES)
        return [(report.directory / name).read_bytes() for name in last]

    plain = stored(Dirt(broken=1))
    assert stored(Dirt(broken=1, bom=True)) == [b"\xef\xbb\xbf" + data for data in plain]
    assert stored(Dirt(broken=1, crlf=True)) == [data.replace(b"\n", b"\r\n") for data in plain]
    assert stored(Dirt(broken=1, no_final_newline=True)) == [data.removesuffix(b"\n") for data in plain]
    assert [gzip.decompress(data) for data in stored(Dirt(broken=1, gzip=True))] == plain
    assert stored(Dirt(broken=1, empty_file=True)) == [b""] * 3


def test_dirt_is_reproducible(tmp_path: Path) -> None:
    reports = [write_sample(tmp_path / name, dirt=Dirt.of_every_kind(4)) for name in "ab"]
    first, second = ([(report.directory / name).read_bytes() for name in report.files] for report in reports)
    assert first == second


@pytest.mark.parametrize(("kind", "lines"), [("broken", -1), ("extra_keys", -5), ("duplicates", 401)])
def test_impossible_numbers_are_refused(kind: str, lines: int) -> None:
    with pytest.raises(SampleError, match=f"{kind}"):
        Dirt(**{kind: lines})  # type: ignore[arg-type]
