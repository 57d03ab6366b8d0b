"""What AWS can't hold is refused at the build, all of it at once and with the way out."""

from __future__ import annotations

import pytest

from generator.render.terraform import LimitError, render_terraform
from generator.render.terraform.limits import MAX_LAKE, MAX_READS, MAX_TABLE
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


@pytest.mark.parametrize("count", [MAX_READS - 1, MAX_READS])
def test_a_job_that_reads_too_much_for_its_role(count: int) -> None:
    parts = "".join(f"  part_{number}: {{zone: landing, source: raw}}\n" for number in range(count))
    union = ", ".join([*(f"part_{number}" for number in range(count)), "raw"])
    text = spec(tables=f"{parts}  everything: {{zone: landing, union: [{union}]}}")
    if count < MAX_READS:
        assert render_terraform(compiled(text))
        return
    (problem,) = problems(text)
    assert problem.startswith("tables.everything") and "89" in problem and "88" in problem
