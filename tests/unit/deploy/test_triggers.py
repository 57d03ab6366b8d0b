"""Which triggers of a workflow fire, as Glue decides it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from generator.deploy.emulator.workflow_runs import due


def trigger(name: str, conditions: dict[str, str] | None = None, logical: str = "AND", state: str = "ACTIVATED") -> Any:
    wanted = [
        SimpleNamespace(job_name=job, state=SimpleNamespace(value=end)) for job, end in (conditions or {}).items()
    ]
    predicate = SimpleNamespace(conditions=wanted, logical=SimpleNamespace(value=logical))
    kind = "CONDITIONAL" if conditions else "ON_DEMAND"
    return SimpleNamespace(name=name, trigger_type=kind, state=state, predicate=predicate if conditions else None)


BOTH = {"a": "SUCCEEDED", "b": "SUCCEEDED"}


@pytest.mark.parametrize(
    ("one", "states", "fires"),
    [
        (trigger("start"), {}, True),
        (trigger("t", BOTH), {}, False),
        (trigger("t", BOTH), {"a": "SUCCEEDED"}, False),
        (trigger("t", BOTH), {"a": "SUCCEEDED", "b": "FAILED"}, False),
        (trigger("t", BOTH), {"a": "SUCCEEDED", "b": "SUCCEEDED"}, True),
        (trigger("t", BOTH, "ANY"), {"b": "SUCCEEDED"}, True),
        (trigger("t", BOTH, "ANY"), {"b": "FAILED"}, False),
        (trigger("t", {"a": "FAILED"}), {"a": "FAILED"}, True),
        (trigger("t", BOTH, state="CREATED"), {"a": "SUCCEEDED", "b": "SUCCEEDED"}, False),
    ],
)
def test_a_trigger_fires_when_its_condition_has_come_true(one: Any, states: dict[str, str], fires: bool) -> None:
    assert due([one], set(), states) == ([one] if fires else [])


def test_a_trigger_fires_once() -> None:
    assert due([trigger("start")], {"start"}, {}) == []
