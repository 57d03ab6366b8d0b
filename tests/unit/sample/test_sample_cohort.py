"""The plan keeps its promises for any seed."""

from __future__ import annotations

import uuid
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.sample.cohort import Cohort, plan_cohort

STEPS = 30


def _steps(cohort: Cohort) -> list[tuple[int, bool, int, bool]]:
    """(time, consented, readings, before consent) of every step."""
    steps = []
    for number, person in enumerate(cohort.people):
        for index in range(STEPS):
            time = person.course.time(index)
            steps.append((time, person.consented, cohort.readings[number * STEPS + index], time < person.updated))
    return steps


@settings(max_examples=25, deadline=None)
@given(st.integers())
def test_any_seed(seed: int) -> None:
    cohort = plan_cohort(seed)
    steps = _steps(cohort)
    consented = [step for step in steps if step[1]]
    assert len(cohort.people) == 956
    assert sum(person.consented for person in cohort.people) == 482
    assert sum(readings for _, _, readings, _ in steps) == 81_273
    assert sum(readings for _, _, readings, _ in consented) == 40_981
    assert sum(readings for _, _, readings, early in consented if not early) == 32_025
    assert set(cohort.readings) == {1, 2, 3}

    people_at = Counter(time for time, *_ in consented)
    readings_at = Counter[int]()
    for time, _, readings, _ in consented:
        readings_at[time] += readings
    assert max(Counter(time for time, *_ in steps).values()) == 2
    assert sum(readings_at[time] for time, people in people_at.items() if people == 2) == 2_700


@settings(max_examples=25, deadline=None)
@given(st.integers())
def test_people_are_distinct_and_fit_in_a_day(seed: int) -> None:
    people = plan_cohort(seed).people
    assert len({person.name for person in people}) == 956
    assert len({person.serial[:-5] for person in people}) == 956
    assert all(uuid.UUID(person.serial).version == 4 for person in people)
    assert all(0 <= person.course.time(0) <= person.course.time(STEPS - 1) < 86_400_000 for person in people)


def test_seeds_that_differ_by_sign_only_give_different_plans() -> None:
    assert plan_cohort(1) != plan_cohort(-1)
    assert plan_cohort(1) == plan_cohort(1)
