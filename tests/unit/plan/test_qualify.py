"""`qualify` of a table: it keeps rows by windows, and leaves nothing of them behind."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.lake import Extend, Filter
from generator.plan.maintenance.verdict import verdict
from generator.render.explanation.readable import step_text, told_steps
from tests.unit.plan.test_clauses import BASE, names, shown, step, table, text_of

FIRST = "row_number() over (partition by customer_id order by amount desc) = 1"
COLUMNS = ["order_id", "customer_id", "day", "amount", "note"]


def test_its_windows_are_computed_before_rows_go_and_do_not_come_out() -> None:
    body = f"source: orders\nadd: {{big: amount > 5}}\nqualify: {FIRST} and big"
    assert names(body) == [*COLUMNS, "big"]
    assert [type(one) for one in table(body).query.steps][1:4] == [Extend, Extend, Filter]


def test_the_first_of_each_partition_is_unique_by_it() -> None:
    body = f"source: orders\nqualify: {FIRST}"
    assert {tuple(sorted(one.name for one in key)) for key in table(body).relation.keys} == {
        ("customer_id",), ("order_id",),
    }  # fmt: skip


def test_all_clauses_after_it_see_the_rows_that_are_left() -> None:
    body = f"source: orders\nqualify: {FIRST}\ndedupe: {{}}\ngroup_by: day\naggregate: {{n: count(*)}}"
    assert names(body) == ["day", "n"]
    assert not [one.name for one in table(f"source: orders\nqualify: {FIRST}\ndedupe: {{}}").columns if "#" in one.name]


def test_it_may_be_partitioned_by_an_expression() -> None:
    body = "source: orders\nqualify: rank() over (partition by year(day), upper(note) order by amount) <= 2"
    assert names(body) == COLUMNS
    assert step(body, Filter).text == "rank() over (partition by year(day), upper(note) order by amount) <= 2"


def test_rows_are_found_again_by_what_it_is_partitioned_by() -> None:
    lake = check_spec(SourceText("pipeline.yaml", text_of(f"source: orders\nqualify: {FIRST}"))).lake
    assert lake is not None
    assert verdict(lake, lake.tables["t"]).address == ("customer_id",)
    whole = "source: orders\nqualify: rank() over (order by amount) <= 2"
    lake = check_spec(SourceText("pipeline.yaml", text_of(whole))).lake
    assert lake is not None
    assert verdict(lake, lake.tables["t"]).reason == "a window over all rows"


@pytest.mark.parametrize(
    ("qualify", "code", "blamed"),
    [
        ("amount > 5", "A004", "amount > 5"),
        ("row_number() over (order by amount)", "T002", "row_number() over (order by amount)"),
        ("rank() over (order by nobody) = 1", "C001", "nobody"),
        ("row_number() over (partition by day) = 1", "A004", "row_number"),
        ("sum(amount) > 5 and rank() over (order by day) = 1", "A001", "sum"),
        ("rank() over (order by day) = 1 and", "E001", "and"),
        ("total = 1 and rank() over (order by day) = 1", "C001", "total"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(qualify: str, code: str, blamed: str) -> None:
    assert (code, blamed) in shown(text_of(f"source: orders\nqualify: {qualify}"))


def test_sql_says_it_in_its_own_query() -> None:
    text = f"{BASE}  t: {{zone: trusted, sql: select * from orders, qualify: '{FIRST}'}}\n"
    assert [code for code, _ in shown(text)] == ["S004"]


def test_explanations_tell_the_windows_and_not_what_they_are_called_inside() -> None:
    windows = (
        "row_number() over (partition by upper(note) order by amount) <= 2 and count(*) over (partition by day) > 1"
    )
    body = f"source: orders\nqualify: {windows} and (amount > 5 or note is not null)"
    told = [step_text(one) for one in told_steps(table(body).query)]
    assert len(told) == 3
    assert told[1].startswith("keep the rows where (row_number() OVER (PARTITION BY (upper(note)) ORDER BY")
    assert "#" not in "".join(told)
