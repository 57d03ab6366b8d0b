"""The rules of the alarm: which jobs each of them names, within what a pattern of EventBridge holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

MAX_PATTERN = 2048
"""Characters of a rule's pattern, unless the quota of an account was raised."""
AROUND_NAMES = 350
"""What `alarms.tf` puts around the names, with a reserve."""
LONGEST_ENVIRONMENT = 12


def alarm_rules(lake: str, jobs: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The jobs that a rule is for, by the rule's number; each job is in one, so that a failure tells once.

    A rule names its jobs in full: a prefix would be that of another lake's jobs too, `a-dev-` of the lake `a-dev`.
    """
    before = len(f"{lake}-") + LONGEST_ENVIRONMENT + len("-")
    rules: list[list[str]] = []
    left = 0
    for job in jobs:
        needed = len(f'"{job}",') + before
        if not rules or needed > left:
            rules.append([])
            left = MAX_PATTERN - AROUND_NAMES
        rules[-1].append(job)
        left -= needed
    return {str(number): names for number, names in enumerate(rules, 1)}
