"""A cohort, as often as asked, written as NDJSON by DuckDB.

The plan becomes three template tables, whose rows are in the order of the files. Replica r of the cohort is
the same plan r days later, of other people, told apart by literals in the query. So DuckDB streams from the
templates to a file, in parallel, in order, and keeps nothing in memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import Template

import duckdb

from generator.sample.cohort import Cohort
from generator.sample.counts import LANDING, STEPS

EPOCH = 1_682_931_600_000
"""Start of the first cohort: 2023-05-01 09:00 UTC, in ms."""
DAY = 86_400_000
LINES_PER_FILE = 10_000
"""At scale 1; at scale N, files are N times as long, up to the maximum."""
MAX_LINES_PER_FILE = 1_000_000
MAX_COHORTS_PER_FILE = 100
MAX_WRITERS = 8

_MOTIONS = [f'"x":{x}.0,"y":{y}.0,"z":{z}.0' for x, y, z in product((-1, 0, 1), (-1, 0, 1), (-1, 0))]
# A serial number ends in five hex digits that differ by replica: its own, moved on by the replica's number.
_SERIAL = "serial, lower(to_hex(524288 + (serial_tail + $replica) % 524288))"
# The readings of a step differ: a random motion, then multiples, below 18, of a stride from 1 to 8.
_MOTION = "(hash(step + $salt) % 18)::INT + turn * (1 + (hash(step + $salt) // 18 % 8)::INT)"

_LINES = {
    "customer_landing": Template(f"""concat(
        '{{"customerName": "', name, '", "email": "', mailbox, '$suffix@', domain,
        '", "phone": "8015550', 100 + hash(person + $salt) % 100, '", "birthDay": "', birthday,
        '", "serialNumber": "', {_SERIAL}, '", "registrationDate": ', registered + $shift,
        ', "lastUpdateDate": ', updated + $shift,
        CASE WHEN research THEN ', "shareWithResearchAsOfDate": ' || (updated + $shift) END,
        CASE WHEN public THEN ', "shareWithPublicAsOfDate": ' || (updated + $shift) END,
        CASE WHEN friends THEN ', "shareWithFriendsAsOfDate": ' || (updated + $shift) END, '}}')"""),
    "accelerometer_landing": Template(f"""concat(
        '{{"user":"', mailbox, '$suffix@', domain, '","timestamp":', time + $shift, ',',
        {_MOTIONS}[({_MOTION}) % 18 + 1], '}}')"""),
    "step_trainer_landing": Template(f"""concat(
        '{{"sensorReadingTime":', time + $shift, ',"serialNumber":"', {_SERIAL},
        '","distanceFromObject":', 201 + hash(step + $salt) // 144 % 100, '}}')"""),
}  # fmt: skip

_PEOPLE = """
    CREATE TABLE people AS SELECT
        unnest(range($count)) AS person, unnest($name) AS name, replace(name, ' ', '.') AS mailbox,
        unnest($domain) AS domain, unnest($serial) AS serial, unnest($serial_tail) AS serial_tail,
        unnest($birthday) AS birthday, unnest($research) AS research,
        unnest($registered) AS registered, unnest($updated) AS updated, unnest($start) AS start,
        unnest($interval) AS interval, unnest($shared_from) AS shared_from, unnest($shared_to) AS shared_to
"""
_STEPS = f"""
    CREATE TABLE steps AS
    SELECT step, step % {STEPS} AS index, readings, start + index * interval AS time, people.*,
        research AND NOT index BETWEEN shared_from AND shared_to - 1 AS plain
    FROM (SELECT unnest(range($count)) AS step, unnest($readings) AS readings)
    JOIN people ON person = step // {STEPS}
"""
# Columns and order of each template: a person's rows are in several files, the latest first. `spare` rows
# may be copied: a reading since consent at a step that has two; a step that has three.
_TEMPLATES = {
    "customer_landing": (
        """SELECT *, research AS spare, hash(person + $salt) // 100 % 2 = 1 AS public,
            hash(person + $salt) // 200 % 2 = 1 AS friends FROM people""",
        "hash(person + $salt), person",
    ),
    "accelerometer_landing": (
        """SELECT step, turn, person, mailbox, domain, time,
            plain AND readings = 2 AND turn = 0 AND time >= updated AS spare
        FROM (SELECT *, unnest(range(readings))::INT AS turn FROM steps)""",
        "hash(step * 3 + turn + $salt) % 9, hash(person + $salt), person, time DESC, turn",
    ),
    "step_trainer_landing": (
        "SELECT step, person, serial, serial_tail, time, plain AND readings = 3 AS spare FROM steps",
        "hash(step + $salt) % 3, hash(person + $salt), person, time DESC",
    ),
}
_TEXT_FILE = r"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\x01'"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written.

    Attributes:
        span: its lines, counted through all replicas of the table.
    """

    table: str
    span: range
    path: Path


def spans(table: str, scale: int) -> Iterator[range]:
    """The lines of each file of a table, counted through all replicas."""
    rows = LANDING[table] * scale
    length = min(LINES_PER_FILE * scale, MAX_LINES_PER_FILE, LANDING[table] * MAX_COHORTS_PER_FILE)
    return (range(first, min(first + length, rows)) for first in range(0, rows, length))


class Writer:
    """The templates of one seed in a DuckDB of their own."""

    def __init__(self, cohort: Cohort, seed: int) -> None:
        self._seed = seed
        self._connection = duckdb.connect()
        self._connection.execute(_PEOPLE, _people_columns(cohort))
        self._connection.execute(_STEPS, {"count": len(cohort.readings), "readings": list(cohort.readings)})
        for table, (rows, order) in _TEMPLATES.items():
            template = f"SELECT row_number() OVER (ORDER BY {order}) - 1 AS line, * FROM ({rows}) ORDER BY line"
            salted = template.replace("$salt", str(self._salt(0)))
            self._connection.execute(f"CREATE TABLE {table} AS {salted}")

    def close(self) -> None:
        self._connection.close()

    def write(self, files: Iterable[NewFile]) -> None:
        """Writes files, several at a time: one alone keeps neither the disk nor all processors busy."""
        with ThreadPoolExecutor(min(os.cpu_count() or 1, MAX_WRITERS)) as pool:
            for _ in pool.map(self._write_file, files):
                pass

    def _write_file(self, file: NewFile) -> None:
        path = str(file.path).replace("'", "''")
        with self._connection.cursor() as cursor:
            cursor.execute(f"COPY ({self._query(file.table, file.span)}) TO '{path}' ({_TEXT_FILE})")

    def lines(self, table: str, span: range) -> list[str]:
        """These lines of a table, without line ends."""
        return [line for (line,) in self._connection.execute(self._query(table, span)).fetchall()]

    def spare_lines(self, table: str, count: int) -> list[str]:
        """Lines of the first replica whose copies multiply rows downstream by a known number."""
        query = f"SELECT {self._line(table, 0)} FROM {table} WHERE spare ORDER BY line LIMIT {count}"
        return [line for (line,) in self._connection.execute(query).fetchall()]

    def _query(self, table: str, span: range) -> str:
        size = LANDING[table]
        parts = []
        for replica in range(span.start // size, (span.stop - 1) // size + 1):
            first, end = max(span.start - replica * size, 0), min(span.stop - replica * size, size)
            parts.append(f"SELECT {self._line(table, replica)} FROM {table} WHERE line >= {first} AND line < {end}")
        return " UNION ALL ".join(parts)

    def _line(self, table: str, replica: int) -> str:
        return _LINES[table].substitute(
            replica=replica,
            suffix=replica + 1 if replica else "",
            shift=EPOCH + replica * DAY,
            salt=self._salt(replica),
        )

    def _salt(self, replica: int) -> int:
        """Where in the sequence of all hashes a replica's random values begin; far from any other's."""
        return int(hashlib.sha256(f"{self._seed} {replica}".encode()).hexdigest()[:15], 16)


def _people_columns(cohort: Cohort) -> dict[str, object]:
    people = cohort.people
    return {
        "count": len(people),
        "name": [person.name for person in people],
        "domain": [person.domain for person in people],
        "serial": [person.serial[:-5] for person in people],
        "serial_tail": [int(person.serial[-5:], 16) for person in people],
        "birthday": [person.birthday for person in people],
        "research": [person.consented for person in people],
        "registered": [person.registered for person in people],
        "updated": [person.updated for person in people],
        "start": [person.course.start for person in people],
        "interval": [person.course.interval for person in people],
        "shared_from": [person.course.shared.start for person in people],
        "shared_to": [person.course.shared.stop for person in people],
    }
