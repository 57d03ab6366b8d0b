"""The rules of the alarm name each job once, in full, within what a pattern of EventBridge holds."""

from __future__ import annotations

import json

import pytest

from generator.render.terraform.alarms import LONGEST_ENVIRONMENT, MAX_PATTERN, alarm_rules
from generator.render.terraform.limits import MAX_LAKE, MAX_TABLE


def longest_pattern(lake: str, tables: list[str]) -> str:
    """What `alarms.tf` makes of a rule, with the longest environment and retries."""
    names = [f"{lake}-{'e' * LONGEST_ENVIRONMENT}-{table}" for table in tables]
    last = {"jobRunId": [{"suffix": "_attempt_10"}], "state": ["FAILED"]}
    either = [last, {"state": ["ERROR", "EXPIRED", "TIMEOUT"]}]
    detail = {"$or": either, "jobName": names}
    pattern = {"detail": detail, "detail-type": ["Glue Job State Change"], "source": ["aws.glue"]}
    return json.dumps(pattern, separators=(",", ":"))


@pytest.mark.parametrize(
    ("lake", "length", "rules"), [("stedi", 20, 5), ("l" * MAX_LAKE, MAX_TABLE, 20), ("l", 1, 3)], ids=str
)
def test_two_hundred_jobs(lake: str, length: int, rules: int) -> None:
    tables = [f"{number:03d}{'t' * length}"[:length] if length > 3 else f"{number}" for number in range(200)]
    found = alarm_rules(lake, tables)
    assert [table for names in found.values() for table in names] == tables
    assert list(found) == [str(number + 1) for number in range(len(found))]
    assert all(len(longest_pattern(lake, list(names))) <= MAX_PATTERN for names in found.values())
    assert len(found) == rules


def test_a_lake_without_jobs_has_no_rule() -> None:
    assert alarm_rules("lake", []) == {}
