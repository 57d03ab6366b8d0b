"""Expectations that another table's job checks: of the views that it reads, and of what refers to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.run.execute import _Execution
from generator.run.masking import MASK, masked
from generator.run.report import RunReport, Status
from tests.maintenance.shop import HEAD, Shop, order

VIEWED = """
  big:
    view: true
    source: orders
    filter: total > 5
    expect:
      - unique: id
      - rows: {max: 4}
        severity: warn
      - references: {who: people.who}
  one: {zone: raw, source: big}
  two: {zone: raw, source: orders, join: [{semi: big, using: who}]}
  apart: {zone: raw, source: orders}
"""
MUTUAL = """
  customers: {zone: raw, source: people, expect: [{references: {name: sold.who}}]}
  sold: {zone: raw, source: orders, join: [{semi: customers, using: who}]}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, VIEWED)
    made.put("orders/1", *(order(number, "a", 1.0) for number in range(20)))
    made.put("orders/2", order(30, "a", 9.0), order(31, "b", 9.0))
    made.put("people/1", *({"who": who, "name": "a", "ok": True} for who in "ab"))
    made.run()
    return made


def broken(shop: Shop) -> dict[str, list[tuple[str, int]]]:
    return {
        name: [(one.name, one.violations) for one in report.checks if one.violations]
        for name, report in shop.reports.items()
        if report.checks
    }


def test_a_broken_view_keeps_every_table_that_reads_it_from_being_published(shop: Shop) -> None:
    assert broken(shop) == {"one": [], "two": []}
    before = {name: shop.rows(name) for name in ("one", "two")}
    shop.put("orders/3", order(30, "a", 9.0), order(40, "zz", 9.0), order(41, "b", 9.0))
    shop.run()
    wrong = [("big: unique: id", 1), ("big: rows: ..4", 1), ("big: references: who people.who", 1)]
    assert broken(shop) == {"one": wrong, "two": wrong}
    assert {name: shop.rows(name) for name in before} == before
    assert shop.reports["apart"].status is Status.OK
    assert shop.reports["one"].problem == "it breaks: big: unique: id; it breaks: big: references: who people.who"
    shop.put("orders/3", order(41, "b", 9.0))
    shop.run()
    assert broken(shop) == {"one": [], "two": []}
    shop.same_as_from_nothing("one", "two", "apart")


def test_what_is_asked_of_a_view_is_asked_again_only_when_it_may_have_changed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    evaluated = _Execution._evaluated
    monkeypatch.setattr(
        _Execution, "_evaluated", lambda self, check: asked.append(check.name) or evaluated(self, check)
    )
    shop.run()
    assert asked == []
    shop.put("people/2", {"who": "c", "name": "a", "ok": True})
    shop.run()
    assert asked == ["big: references: who people.who"]  # once, for both tables
    asked.clear()
    shop.put("orders/4", order(50, "a", 1.0))
    shop.run()
    assert sorted(asked) == ["big: references: who people.who", "big: rows: ..4", "big: unique: id"]


def test_what_refers_to_a_later_table_is_checked_by_that(tmp_path: Path) -> None:
    shop = Shop(tmp_path, MUTUAL)
    shop.put("orders/1", order(1, "a"), order(2, "b"))
    shop.put("people/1", {"who": "a", "name": "b", "ok": True}, {"who": "b", "name": "a", "ok": True})
    shop.run()
    assert shop.reports["sold"].status is Status.OK
    shop.put("people/2", {"who": "c", "name": "nobody", "ok": True})
    shop.run()
    assert shop.reports["customers"].status is Status.OK and len(shop.rows("customers")) == 3
    assert shop.reports["sold"].problem == "it breaks: customers.name → sold.who"
    assert len(shop.rows("sold")) == 2
    shop.put("orders/2", order(3, "c"), order(4, "nobody"))
    shop.put("people/3", {"who": "nobody", "name": "a", "ok": True})
    shop.run()
    assert shop.reports["sold"].status is Status.OK
    shop.same_as_from_nothing("customers", "sold")


def test_rows_of_a_view_are_shown_by_its_own_labels(tmp_path: Path) -> None:
    """A column of the table that isn't personal has the name of one of the view that is."""
    head = HEAD.replace("name: string", "name: {type: string, pii: true}")
    tables = """
  known: {view: true, source: people, expect: [{sql: ok or name = who}]}
  counted: {zone: raw, source: known, select: [{name: "1", who: who}]}
""".replace('[{name: "1", who: who}]', "{name: 1, who: who}")
    shop = Shop(tmp_path, tables, head)
    shop.put("orders/1", order(1))
    shop.put("people/1", {"who": "a", "name": "Ann", "ok": False})
    report = shop.run()["counted"]
    (check,) = report.checks
    assert (check.violations, check.examples) == (1, ({"who": "a", "name": MASK, "ok": False},))
    again = masked(RunReport("shop", "r", (report,), 0.0, False), shop.program())
    assert again.tables == (report,)
