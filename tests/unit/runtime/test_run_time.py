"""The time of a run, as a job is told it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from generator.runtime.error import LakeError
from generator.runtime.run_time import run_time

STARTED = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))


class Glue:
    def get_workflow_run(self, **asked: str) -> dict[str, Any]:
        assert asked == {"Name": "shop-dev", "RunId": "wr_1"}
        return {"Run": {"StartedOn": STARTED}}


def test_jobs_of_a_workflow_count_as_its_run() -> None:
    assert run_time(None, "shop-dev", "wr_1", Glue) == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("given", ["2026-01-31T05:00:00", "2026-01-31T06:00:00+01:00", "2026-01-31T05:00:00Z"])
def test_an_argument_says_otherwise(given: str) -> None:
    assert run_time(given, "shop-dev", "wr_1", Glue) == datetime(2026, 1, 31, 5, tzinfo=UTC)


def test_what_is_no_time_is_told() -> None:
    with pytest.raises(LakeError, match=r"`--run_time yesterday` is no time: write it as 2026-01-31T05:00:00"):
        run_time("yesterday", None, None, Glue)


def test_a_job_alone_is_a_run_of_its_own() -> None:
    before = datetime.now(UTC)
    assert before <= run_time(None, None, None, Glue) <= datetime.now(UTC)
