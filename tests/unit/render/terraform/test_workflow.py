"""The triggers start each job once all that it waits for has succeeded, within AWS's quotas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from generator.jobs.plan import Job, Step, plan_jobs
from generator.render.terraform.workflow import JOBS_PER_TRIGGER, start_jobs, trigger_values
from tests.unit.render.terraform.module_folder import SPECS, compiled


def job(name: str, *after: str) -> Job:
    return Job(name, (Step(name, False, inputs=after),), after)


def jobs(*them: Job) -> dict[str, Job]:
    return {one.name: one for one in them}


def run(start: list[str], triggers: Mapping[str, Any], failing: frozenset[str] = frozenset()) -> dict[str, str]:
    """Walks the triggers as Glue does; the final state of each job that ran."""
    states: dict[str, str] = {}
    waiting, ready = dict(triggers), list(start)
    while ready:
        for table in ready:
            assert table not in states, f"{table} started twice"
            states[table] = "FAILED" if table in failing else "SUCCEEDED"
        fired = [name for name, trigger in waiting.items() if fires(trigger, states)]
        ready = [table for name in fired for table in waiting.pop(name)["jobs"]]
    return states


def fires(trigger: Mapping[str, Any], states: Mapping[str, str]) -> bool:
    met = [states.get(one["job"]) == one["state"] for one in trigger["conditions"]]
    return all(met) if trigger["logical"] == "AND" else any(met)


@pytest.mark.parametrize("name", SPECS)
def test_every_job_runs_once_after_those_it_waits_for(name: str) -> None:
    planned = plan_jobs(compiled(SPECS[name]))
    states = run(start_jobs(planned), trigger_values(planned))
    assert set(states) == set(planned)
    place = {table: number for number, table in enumerate(states)}
    for one in planned.values():
        assert all(place[before] < place[one.name] for before in one.after)


@pytest.mark.parametrize("failing", [one.name for one in plan_jobs(compiled(SPECS["stedi"])).values()])
def test_what_depends_on_a_failed_job_does_not_run(failing: str) -> None:
    planned = plan_jobs(compiled(SPECS["stedi"]))
    without = {failing}
    for one in planned.values():  # each comes after those that it waits for
        if without & set(one.after):
            without.add(one.name)
    states = run(start_jobs(planned), trigger_values(planned), frozenset({failing}))
    assert {table for table, state in states.items() if state == "SUCCEEDED"} == set(planned) - without
    assert states[failing] == "FAILED"


def test_jobs_that_wait_for_the_same_share_a_trigger() -> None:
    planned = jobs(job("a"), job("b"), job("c", "a", "b"), job("d", "b", "a"), job("e", "a"))
    triggers = trigger_values(planned)
    assert start_jobs(planned) == ["a", "b"]
    assert {name: one["jobs"] for name, one in triggers.items()} == {"c": ["c", "d"], "e": ["e"]}
    assert {one["job"] for one in triggers["c"]["conditions"]} == {"a", "b"}


@pytest.mark.parametrize("failing", [False, True])
def test_more_jobs_than_a_trigger_starts(failing: bool) -> None:
    first = [job(f"first_{number}") for number in range(120)]
    second = [job(f"second_{number}", "first_119") for number in range(70)]
    planned = jobs(*first, *second)
    triggers = trigger_values(planned)
    started = [start_jobs(planned), *(one["jobs"] for one in triggers.values())]
    assert max(map(len, started)) <= JOBS_PER_TRIGGER
    broken = frozenset(
        {"first_0", "first_50"} if failing else ()
    )  # first jobs of a batch: the next begins all the same
    states = run(start_jobs(planned), triggers, broken)
    assert {table for table, state in states.items() if state == "SUCCEEDED"} == set(planned) - broken


def test_a_lake_without_tables_starts_nothing() -> None:
    assert start_jobs({}) == []
    assert trigger_values({}) == {}
