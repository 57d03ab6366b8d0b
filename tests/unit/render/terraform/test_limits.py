"""What AWS can't hold is refused at the build, all of it at once and with the way out."""

from __future__ import annotations

import pytest

from generator.render.terraform import LimitError, advice, render_terraform
from generator.render.terraform.limits import MAX_JOB, MAX_LAKE, MAX_TABLE
from generator.render.terraform.policies import MAX_POLICIES, things_per_policy
from tests.unit.render.terraform.module_folder import compiled


def spec(lake: str = "lake", source: str = "raw", tables: str = "  t: {zone: landing, source: raw}") -> str:
    return (
        f"version: 1\nlake: {lake}\nzones: {{landing: {{}}}}\nsources:\n"
        f"  {source}: {{path: raw/, subject: none, columns: {{id: bigint}}}}\ntables:\n{tables}\n"
    )


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(LimitError) as caught:
        render_terraform(compiled(text))
    return caught.value.problems


def test_names_that_just_fit_are_taken() -> None:
    table = "t" * MAX_TABLE
    assert render_terraform(compiled(spec("l" * MAX_LAKE, tables=f"  {table}: {{zone: landing, source: raw}}")))


def test_long_names_are_refused_together() -> None:
    table, source = "t" * (MAX_TABLE + 1), "s" * 245
    found = problems(spec("l" * (MAX_LAKE + 1), source, f"  {table}: {{zone: landing, source: {source}}}"))
    assert [text.split(":")[0].rstrip("…").split(".")[0] for text in found] == ["lake", "sources", "tables"]
    assert "31" in found[0] and "245" in found[1] and "121" in found[2]


def test_views_are_no_jobs_and_may_be_long() -> None:
    view = "v" * 200
    tables = f"  {view}: {{view: true, source: raw}}\n  t: {{zone: landing, source: {view}}}"
    assert render_terraform(compiled(spec(tables=tables)))


def test_a_table_called_like_a_quarantine() -> None:
    (problem,) = problems(spec(tables="  raw_quarantine: {zone: landing, source: raw}"))
    assert "raw_quarantine" in problem


@pytest.mark.parametrize("name", ["xn--lake", "sthree-lake", "amzn-s3-demo-x", "xn__lake"])
def test_names_that_s3_keeps_for_itself(name: str) -> None:
    (problem,) = problems(spec(name))
    assert name in problem


MOST = things_per_policy("lake", ["tables/everything/"]) * (MAX_POLICIES + 1)
"""So many folders the role of a job of short names can be allowed."""


@pytest.mark.parametrize("count", [MOST - 2, MOST - 1])
def test_a_job_that_reads_too_much_for_its_role(count: int) -> None:
    parts = "".join(f"  part_{number}: {{zone: landing, source: raw}}\n" for number in range(count))
    union = ", ".join([*(f"part_{number}" for number in range(count)), "raw"])
    text = spec(tables=f"{parts}  everything: {{zone: landing, union: [{union}]}}")
    if count < MOST - 1:
        assert render_terraform(compiled(text))
        return
    (problem,) = problems(text)
    assert problem.startswith("tables.everything") and f"{MOST + 1} folders" in problem and f"{MOST}:" in problem


@pytest.mark.parametrize("count", [MOST, MOST + 1])
def test_a_group_that_publishes_too_much_for_its_role(count: int) -> None:
    names = [f"part_{number:05}" for number in range(count - 1)]
    parts = "".join(f"  {name}: {{zone: trusted, source: raw}}\n" for name in names)
    text = spec(tables=parts).replace("zones: {landing: {}}", "zones: {landing: {}, trusted: {}}")
    most = things_per_policy("lake", ["tables/part_00000/"]) * (MAX_POLICIES + 1)
    text += "jobs: {all: {steps: [part_*]}}\n"
    if count - 1 <= most - 1:
        assert render_terraform(compiled(text))
        return
    (problem,) = problems(text)
    assert problem.startswith("jobs.all: ") and "make several jobs of it" in problem


def test_jobs_with_long_names() -> None:
    text = spec(tables="".join(f"  t{number}: {{zone: landing, source: raw}}\n" for number in range(2)))
    for length in (MAX_JOB, MAX_JOB + 1):
        long = f"{text}jobs: {{{'j' * length}: {{steps: [t0, t1]}}}}\n"
        if length == MAX_JOB:
            assert render_terraform(compiled(long))
        else:
            (problem,) = problems(long)
            assert problem.startswith("jobs.jjj") and str(MAX_JOB) in problem


def test_a_workflow_that_aws_advises_against() -> None:
    tables = "".join(f"  t{number}: {{zone: landing, source: raw}}\n" for number in range(100))
    (text,) = advice(compiled(spec(tables=tables)))
    assert "104 jobs and triggers" in text and "`jobs:`" in text  # 101 jobs; tables begin 50 by 50
    assert list(advice(compiled(f"{spec(tables=tables)}jobs: {{all: {{steps: [t*]}}}}\n"))) == []
