"""One cohort: 956 people, 40 step trainers, 48 minutes; planned so that every count holds by construction.

- People come in 478 pairs. A pair has a trainer for four minutes; both step at the same interval, and the
  second starts when the first has only a few steps left. These are the steps they *share*: two people's data
  at one millisecond. Station s only ever steps at times that are s modulo 40 ms, so nobody else can meet.
- A step has three accelerometer readings. 150 pairs of consented people share 1 to 5 steps each, 450 in all,
  so a join on time alone adds 450 x 2 x 3 = 2,700 rows that pair one person's reading with another's step.
- Each consented person agreed before, during or after their steps; that fixes how many steps came too early.
- Readings get lost, but never at shared steps: as many before consent, after consent, and of people who
  didn't consent, as leave exactly the number wanted of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from generator.sample.counts import (
    CONSENTED,
    CONSENTED_READINGS,
    CUSTOMERS,
    MIXED_ROWS,
    READINGS,
    READINGS_SINCE_CONSENT,
    STEPS,
)
from generator.sample.names import DOMAINS, FIRST, LAST

READINGS_PER_STEP = 3
STATIONS = 40
SLOT = 240_000
INTERVALS = range(2_040, 4_001, STATIONS)
MOST_SHARED = 5
MOST_EARLY = 13
AGREED_AFTER, AGREED_DURING = 17, 29 * MOST_EARLY

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """Two people on one trainer.

    Attributes:
        consented: whether the first and the second agree to research.
        shared: last steps of the first that are also first steps of the second.
    """

    consented: tuple[bool, bool]
    shared: int


@dataclass(frozen=True, slots=True)
class Course:
    """One person's steps: when, how far apart, and which of them the partner takes at the same time.

    Attributes:
        start, interval: in ms since the cohort's start.
        shared: indexes of steps.
    """

    start: int
    interval: int
    shared: range

    def time(self, index: int) -> int:
        return self.start + index * self.interval


@dataclass(frozen=True, slots=True)
class Person:
    """A customer; times are in ms since the cohort's start.

    Attributes:
        name: first and last name, unique in the cohort.
        serial: a version 4 UUID; the files change its end, so that replicas differ.
        birthday: ISO date.
        early: number of steps before `updated`.
        registered, updated: when the person registered, and last chose what to share.
    """

    name: str
    domain: str
    serial: str
    birthday: str
    consented: bool
    course: Course
    early: int
    registered: int
    updated: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A plan of all that one cohort's files say about time and consent.

    Attributes:
        people: 956, partners side by side.
        readings: of each person's 30 steps, one person after the other.
    """

    people: tuple[Person, ...]
    readings: tuple[int, ...]


def plan_cohort(seed: int) -> Cohort:
    """The cohort of a seed; only `Random.random` decides, whose sequence Python guarantees."""
    rng = Random(f"stedi {seed}")
    people = _people(rng, seed)
    return Cohort(people, _readings(rng, people))


def shuffled(rng: Random, items: Sequence[T]) -> list[T]:
    return sorted(items, key=lambda _: rng.random())


def _below(rng: Random, end: int) -> int:
    return int(rng.random() * end)


def sessions() -> list[Session]:
    """All pairs, such that pairs of consented people share as many steps as the mixed rows need."""
    shared_steps = MIXED_ROWS // (2 * READINGS_PER_STEP)
    sharing = shared_steps * 2 // (MOST_SHARED + 1)
    apart = 4
    mixed = CONSENTED - 2 * (sharing + apart)
    neither = (CUSTOMERS - CONSENTED - mixed) // 2
    return [
        *(Session((True, True), 1 + n % MOST_SHARED) for n in range(sharing)),
        *(Session((True, True), 0) for _ in range(apart)),
        *(Session((n % 2 == 0, n % 2 == 1), 1 + n % MOST_SHARED) for n in range(mixed)),
        *(Session((False, False), 1 + n % MOST_SHARED) for n in range(neither)),
    ]


def _people(rng: Random, seed: int) -> tuple[Person, ...]:
    names = iter(shuffled(rng, [f"{first} {last}" for first in FIRST for last in LAST]))
    early = {consented: iter(shuffled(rng, _early_steps())) for consented in (True, False)}
    people: list[Person] = []
    for number, session in enumerate(shuffled(rng, sessions())):
        for consented, course in zip(session.consented, _courses(rng, number, session), strict=True):
            steps_before = next(early[consented])
            registered, updated = _dates(rng, course, steps_before)
            people.append(
                Person(
                    name=next(names),
                    domain=DOMAINS[_below(rng, len(DOMAINS))],
                    serial=_serial(seed, len(people)),
                    birthday=f"{967 + _below(rng, 998):04d}-01-01",
                    consented=consented,
                    course=course,
                    early=steps_before,
                    registered=registered,
                    updated=updated,
                )
            )
    return tuple(people)


def _courses(rng: Random, number: int, session: Session) -> tuple[Course, Course]:
    """Where the two people of a session stand in time; they end before the station's next session."""
    interval = INTERVALS[_below(rng, len(INTERVALS))]
    slot, station = divmod(number, STATIONS)
    delay = STATIONS * _below(rng, (SLOT - (2 * STEPS - 1) * interval) // STATIONS)
    start = slot * SLOT + station + delay
    alone = STEPS - session.shared
    return (
        Course(start, interval, range(alone, STEPS)),
        Course(start + alone * interval, interval, range(session.shared)),
    )


def _early_steps() -> list[int]:
    """Steps before consent of each consented person: all, or 1 to 13, or none."""
    during = [1 + n % MOST_EARLY for n in range(AGREED_DURING)]
    return [*[STEPS] * AGREED_AFTER, *during, *[0] * (CONSENTED - AGREED_AFTER - AGREED_DURING)]


def _dates(rng: Random, course: Course, early: int) -> tuple[int, int]:
    """When a person registered and last changed what to share, with `early` steps before the latter.

    About one in ten falls on the very millisecond of a step.
    """
    before_step = max(0, _below(rng, course.interval) - course.interval // 10)
    if early < STEPS:
        registered = course.time(early) - before_step
        return registered, registered
    return course.time(MOST_EARLY) - before_step, course.time(STEPS - 1) + 1 + _below(rng, 15_000)


def _serial(seed: int, number: int) -> str:
    digits = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()
    variant = "89ab"[int(digits[30], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{variant}{digits[15:18]}-{digits[18:30]}"


def _readings(rng: Random, people: Sequence[Person]) -> tuple[int, ...]:
    """Readings of every step, so many lost in each group of steps that its total is the one wanted."""
    wanted = {
        "before consent": CONSENTED_READINGS - READINGS_SINCE_CONSENT,
        "since consent": READINGS_SINCE_CONSENT,
        "no consent": READINGS - CONSENTED_READINGS,
    }
    groups: dict[str, list[int]] = {group: [] for group in wanted}
    shared: set[int] = set()
    for number, person in enumerate(people):
        first = number * STEPS
        shared.update(first + index for index in person.course.shared)
        early = person.early if person.consented else 0
        groups["before consent"] += range(first, first + early)
        groups["since consent" if person.consented else "no consent"] += range(first + early, first + STEPS)
    readings = [READINGS_PER_STEP] * (len(people) * STEPS)
    for group, steps in groups.items():
        lost = len(steps) * READINGS_PER_STEP - wanted[group]
        _lose(rng, readings, [step for step in steps if step not in shared], lost)
    return tuple(readings)


def _lose(rng: Random, readings: list[int], steps: Sequence[int], lost: int) -> None:
    """Takes `lost` readings away: two from a few of the steps, one from others."""
    twice = lost // 50
    chosen = shuffled(rng, steps)[: lost - twice]
    for position, step in enumerate(chosen):
        readings[step] -= 2 if position < twice else 1
