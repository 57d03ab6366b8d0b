"""What a run makes of tables of which something changed, case by case."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from generator.run.lake_folder import LakeFolder
from generator.run.report import CheckReport, Status
from generator.run.table_step import _Making
from generator.runtime.maintenance import files, keeper
from tests.maintenance.shop import HEAD, SINCE, Shop, order

PLAIN = "  t: {zone: raw, source: orders}\n"
GROUPS = '  t: {zone: raw, source: orders, group_by: [who], aggregate: {n: count(*), s: "sum(total)"}}\n'


@pytest.fixture(autouse=True)
def by_all_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "MOST", 10**9)


def made(root: Path, tables: str, head: str = HEAD) -> Shop:
    shop = Shop(root, tables, head)
    shop.put("orders/1", order(1, "a"), order(2, "b"), order(3, None))
    shop.put("orders/2", order(4, "a", 4), order(4, "a", 4))
    shop.put("people/1", *({"who": who, "name": who * 2, "ok": who != "b"} for who in "abc"))
    shop.run()
    return shop


def test_what_comes_and_leaves_is_told(tmp_path: Path) -> None:
    shop = made(tmp_path, PLAIN)
    shop.put("orders/3", order(5, "c"), order(6, "c"))
    shop.run()
    assert (shop.change("t"), shop.reports["t"].rows, shop.reports["t"].anew) == ((2, 0), 7, "")
    assert len(shop.folder.catalog().tables["t"].current.files) == 2, (
        "the first file stays, and there is one for the new rows"
    )
    shop.drop("orders/2")
    shop.put("orders/3", order(5, "c"), order(7, "c"))
    shop.run()
    assert shop.change("t") == (1, 3)
    shop.same_as_from_nothing("t")


def test_a_group_is_made_again(tmp_path: Path) -> None:
    shop = made(tmp_path, GROUPS)
    shop.put("orders/3", order(5, None, 5), order(6, "d", 5))
    shop.run()
    assert shop.change("t") == (2, 1)
    shop.drop("orders/2")
    shop.run()
    assert shop.change("t") == (1, 1)
    shop.same_as_from_nothing("t")


def test_touched_data_changes_nothing_and_the_version_stays(tmp_path: Path) -> None:
    shop = made(tmp_path, GROUPS)
    before = shop.folder.catalog().tables["t"].current
    shop.put("orders/2", order(4, "a", 4), order(4, "a", 4))
    shop.run()
    after = shop.folder.catalog().tables["t"].current
    assert shop.change("t") == (0, 0) and shop.reports["t"].unchanged
    assert (after.run, after.files) == (before.run, before.files) and after.inputs != before.inputs
    shop.run()
    assert shop.reports["t"].rows_read is None, "and then it is unchanged without a look"


@pytest.mark.parametrize("values", [("-0.0", "0.0"), ("0.0", "-0.0"), ("1e308", "-1e308")])
def test_doubles_differ_by_their_last_bit(values: tuple[str, str], tmp_path: Path) -> None:
    old, new = (f'{{"id": 9, "who": "z", "total": {value}, "day": null}}' for value in values)
    shop = made(tmp_path, PLAIN)
    shop.put("orders/3", old)
    shop.run()
    shop.put("orders/3", new)
    shop.run()
    assert shop.change("t") == (1, 1)
    shop.same_as_from_nothing("t")


def test_nested_values_and_awkward_names(tmp_path: Path) -> None:
    columns = (
        'id: bigint, filename: string, _file: string, "_0": bigint, '
        'tags: "array<double>", more: "struct<a: double, b: map<string, double>>"'
    )
    head = HEAD.replace("columns: {id: bigint, who: string, total: double, day: date}", f"columns: {{{columns}}}")
    shop = Shop(tmp_path, "  t: {zone: raw, source: orders}\n", head)

    def row(id: int, zero: str) -> str:
        nested = f'"tags": [{zero}, null], "more": {{"a": {zero}, "b": {{"k": {zero}}}}}'
        return f'{{"id": {id}, "filename": "f", "_file": null, "_0": 1, {nested}}}'

    shop.put("orders/1", row(1, "1.5"), row(2, "0.0"))
    shop.put("people/1", {"who": "a"})
    shop.run()
    shop.put("orders/1", row(1, "1.5"), row(2, "-0.0"), row(3, "2.5"))
    shop.run()
    assert shop.change("t") == (2, 1)
    shop.same_as_from_nothing("t")


JOINS = """
  semi: {zone: raw, source: orders, join: [{semi: people, on: orders.who = people.who and ok}]}
  anti: {zone: raw, source: orders, join: [{anti: people, on: orders.who = people.who}]}
  left:
    zone: raw
    source: orders
    join: [{left: people, on: orders.who = people.who, cardinality: many_to_many}]
    select: [id, name]
  both:
    zone: raw
    sql: >
      select s.id, s.who, c.n from semi s
      inner join (select who, count(*) as n from people group by who) c on s.who = c.who
"""


def test_rows_that_match_what_changed(tmp_path: Path) -> None:
    shop = made(tmp_path, JOINS)
    shop.put("people/1", {"who": "a", "name": "aa", "ok": False}, {"who": "c", "name": "cc", "ok": True})
    shop.put("people/2", {"who": "c", "name": "other", "ok": True})
    shop.put("orders/3", order(8, "c"))
    shop.run()
    assert shop.change("semi") == (1, 3) and shop.change("anti") == (1, 0)
    assert shop.change("left") == (3, 1) and shop.change("both") == (1, 3)
    assert all(one.anew == "" for one in shop.reports.values())
    shop.same_as_from_nothing("semi", "anti", "left", "both")


# Checks --------------------------------------------------------------------------------------------------

CHECKED = """
  t:
    zone: raw
    source: orders
    expect:
      - not_null: who
        severity: warn
      - unique: id
      - references: {who: p.who}
      - between: {total: [0, 100]}
        severity: warn
      - rows: {max: 6}
  p: {zone: raw, source: people}
"""


def checked(root: Path) -> Shop:
    shop = Shop(root, CHECKED)
    shop.put("orders/1", order(1, "a"), order(2, "b"), order(3, None))
    shop.put("people/1", {"who": "a"}, {"who": "b"}, {"who": "c"})
    shop.run()
    assert [one.violations for one in shop.reports["t"].checks] == [1, 0, 0, 0, 0]
    return shop


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ([order(1, "b")], [1, 1, 0, 0, 0]),
        ([order(4, "x")], [1, 0, 1, 0, 0]),
        ([order(4, None, -1), order(5, None)], [3, 0, 0, 1, 0]),
        ([order(id) for id in range(4, 9)], [1, 0, 0, 0, 1]),
        ([order(4, "c")], [1, 0, 0, 0, 0]),
    ],
)
def test_rows_that_come_are_checked(rows: list[object], violations: list[int], tmp_path: Path) -> None:
    shop = checked(tmp_path)
    shop.put("orders/2", *rows)
    shop.run()
    report = shop.reports["t"]
    assert [one.violations for one in report.checks] == violations
    failed = any(one.failed for one in report.checks)
    assert (report.status is Status.FAILED) == failed and report.rows == 3 + len(rows)
    assert [one.violations for one in shop.run("fresh")["t"].checks] == violations
    assert len(shop.rows("t")) == (3 if failed else 3 + len(rows)), "what fails isn't published"
    shop.drop("orders/2")
    shop.run()
    assert [one.violations for one in shop.reports["t"].checks] == [1, 0, 0, 0, 0]
    shop.same_as_from_nothing("t")


def test_what_a_check_asks_may_change_alone(tmp_path: Path) -> None:
    shop = checked(tmp_path)
    shop.put("people/1", {"who": "a"}, {"who": "c"})
    shop.run()
    assert shop.reports["t"].status is Status.FAILED and shop.reports["t"].problem == "it breaks: references: who p.who"
    shop.put("people/1", {"who": "a"}, {"who": "b"})
    assert shop.run()["t"].status is Status.OK


@pytest.fixture
def wholly(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The checks for which all rows are looked at."""
    names: list[str] = []
    evaluated = _Making.evaluated

    def note(self: _Making, numbers: Collection[int]) -> Mapping[int, CheckReport]:
        names.extend(self.table.checks[number].name for number in numbers)
        return evaluated(self, numbers)

    monkeypatch.setattr(_Making, "evaluated", note)
    return names


def test_only_rows_are_checked_of_which_what_is_asked_decides(tmp_path: Path, wholly: list[str]) -> None:
    shop = checked(tmp_path)
    shop.put("people/1", {"who": "a", "name": "other"}, {"who": "b"}, {"who": "d"})
    shop.run()
    assert [name for name in wholly if name.startswith("references")] == [], "c is gone, whom no order is of"
    shop.put("people/1", {"who": "b"}, {"who": "c"})
    shop.run()
    assert shop.reports["t"].problem == "it breaks: references: who p.who" and "references: who p.who" in wholly


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ({"since": None}, "consent"),
        ({"since": "2024-06-01 00:00:00"}, "since"),
        ({"since": "2023-06-01 00:00:00"}, ""),
        ({"phone": "2"}, ""),
    ],
)
def test_whoever_agrees_to_less_is_found_in_rows_that_stay(
    now: dict[str, str], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wholly: list[str]
) -> None:
    shop, person = Shop(tmp_path, "", SINCE), {"who": "a", "phone": "1", "since": "2024-01-01 00:00:00"}
    shop.put("orders/1", *({"id": id, "who": "a", "day": "2024-02-01 00:00:00"} for id in range(9)))
    shop.put("people/1", person, {"who": "b", "phone": "9", "since": None})
    shop.run()
    monkeypatch.setattr(files.Files, "next_version", lambda self, before, *_: before)
    shop.put("people/1", {**person, **now}, {"who": "b", "phone": "9", "since": "2024-01-01 00:00:00"})
    shop.run()
    assert (shop.reports["t"].status is Status.OK) == (kind == "")
    assert {one.kind for one in shop.reports["t"].checks if one.violations} == ({"proof"} if kind else set()), kind
    assert len(wholly) == (1 if kind else 0), wholly


CONSENT = """
version: 1
lake: shop
subjects: {person: {registry: people, keys: [who]}}
consent: {news: {subject: person, when: ok}}
zones: {raw: {}, mail: {require: news}}
sources:
  people: {path: people/, max_bad_rows: 100%, columns: {who: string, name: string, ok: boolean}}
  orders:
    path: orders/
    columns: {id: bigint, who: {type: string, identifies: person.who}, total: double, day: date}
tables:
  agreed: {zone: mail, source: people, filter: ok}
  t: {zone: mail, source: orders, join: [{semi: agreed, on: orders.who = agreed.who}]}
"""


def test_who_withdraws_leaves_every_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = made(tmp_path, "", CONSENT)
    assert {"a"} == {row.split("'")[1] for row in shop.rows("t")}
    shop.put("people/1", {"who": "a", "name": "aa", "ok": False}, {"who": "b", "name": "bb", "ok": True})
    shop.run()
    assert shop.change("t") == (1, 3) and shop.change("agreed") == (1, 2)
    shop.same_as_from_nothing("t", "agreed")

    monkeypatch.setattr(files.Files, "next_version", lambda self, before, *_: before)
    shop.put("people/1", {"who": "b", "name": "bb", "ok": False}, {"who": "a", "name": "aa", "ok": True})
    shop.run()
    assert shop.reports["t"].status is not Status.OK, "a version that keeps them isn't published"


# Versions ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_small_files_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_SMALL", 3)
    shop = made(tmp_path, PLAIN)
    for number in range(8):
        shop.put(f"orders/more {number}", order(100 + number))
        shop.run()
        assert len(shop.folder.catalog().tables["t"].current.files) <= 3 and shop.change("t") == (1, 0)
    shop.same_as_from_nothing("t")


@pytest.mark.slow
def test_no_row_is_left(tmp_path: Path) -> None:
    shop = made(tmp_path, '  t: {zone: raw, source: orders, filter: "id > 3"}\n')
    shop.drop("orders/2")
    shop.run()
    assert shop.change("t") == (0, 2) and shop.rows("t") == []
    shop.put("orders/2", order(9))
    shop.run()
    assert shop.change("t") == (1, 0)
    shop.same_as_from_nothing("t")


@pytest.mark.slow
def test_the_version_it_was_made_of_may_be_gone(tmp_path: Path) -> None:
    shop = made(tmp_path, PLAIN + "  u: {zone: raw, source: t, expect: [{rows: {max: 6}}]}\n", HEAD)
    for number in range(5):
        shop.put(f"orders/more {number}", order(100 + number), order(200 + number))
        shop.run()
    assert shop.reports["u"].status is Status.FAILED
    for number in range(5):
        shop.drop(f"orders/more {number}")
    shop.run()
    assert shop.reports["u"].anew == "the version of t that it was made of is gone"
    shop.same_as_from_nothing("t", "u")


@pytest.mark.slow
def test_a_rollback_is_a_change_like_any_other(tmp_path: Path) -> None:
    shop = made(tmp_path, PLAIN + GROUPS.replace("  t:", "  g:").replace("source: orders", "source: t"))
    shop.put("orders/3", order(5, "c"))
    shop.run()
    lake = shop.folder
    catalog = lake.catalog()
    entry = catalog.tables["t"]
    back = replace(entry, versions=(entry.versions[1], entry.versions[0]))
    lake.publish("shop", "-", replace(catalog, tables={**catalog.tables, "t": back}))
    shop.run()
    shop.same_as_from_nothing("t", "g")


@pytest.mark.slow
def test_where_most_is_affected_it_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "MOST", 0.5)
    shop = Shop(tmp_path, GROUPS)
    shop.put("orders/1", *(order(number, f"w{number % 3}") for number in range(30)))
    shop.put("people/1", {"who": "a"})
    shop.run()
    shop.put("orders/2", order(50, "w0"), order(51, "w1"))
    shop.run()
    assert shop.reports["t"].anew == "2 of its 3 rows are affected" and shop.change("t") == (None, None)
    shop.put("orders/3", order(60, "w0"))
    shop.run()
    assert shop.reports["t"].anew == "" and shop.change("t") == (1, 1)
    shop.put("orders/1", *(order(number, f"w{number % 3}") for number in range(31)))
    shop.run()
    assert shop.reports["t"].anew == "31 of its inputs' 34 rows would have to be compared"
    shop.same_as_from_nothing("t")


@pytest.mark.slow
def test_another_program_another_lakegen_and_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = made(tmp_path, PLAIN)
    shop.tables = PLAIN.replace("source: orders", "source: orders, filter: id > 1")
    assert shop.run()["t"].anew == "it, or what makes it, is another than before"
    assert shop.run(full=True)["t"].anew == "--full asks for it"
    shop.tables = shop.tables.replace("id > 1", "id > 1, refresh: full")
    shop.run()
    shop.put("orders/3", order(5))
    assert shop.run()["t"].anew == "`refresh: full` asks for it"


@pytest.mark.slow
def test_a_large_table_is_several_files_and_few_are_written_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path, PLAIN + '  few: {zone: raw, source: t, filter: "id < 1000"}\n')
    (tmp_path / "data/orders").mkdir(parents=True)
    for number in range(3):
        file = tmp_path / f"data/orders/{number}.json"
        rows = f"SELECT i + {number} * 250000 AS id, 'w' || (i // 100) AS who, i / 4.0 AS total FROM range(250000) r(i)"
        duckdb.sql(f"COPY ({rows}) TO '{file}' (FORMAT json)")
    shop.put("people/1", {"who": "a"})
    shop.run()
    before = set(shop.folder.catalog().tables["t"].current.files)
    assert len(before) >= 3
    file = tmp_path / "data/orders/1.json"
    file.write_text(file.read_text().replace('"id":250007,', '"id":-1,'))
    shop.run()
    after = set(shop.folder.catalog().tables["t"].current.files)
    assert shop.change("t") == (1, 1) and len(before & after) == len(before) - 1
    assert shop.change("few") == (1, 0) and (shop.reports["few"].rows_read or 0) < 10
    shop.same_as_from_nothing("few")


def test_the_report_is_json(tmp_path: Path) -> None:
    shop = made(tmp_path, PLAIN)
    shop.put("orders/3", order(5))
    told = json.loads(json.dumps(shop.run()["t"].to_json()))
    assert (told["added"], told["removed"], told["rows_read"] > 0, told["anew"]) == (1, 0, True, "")
    assert isinstance(shop.folder, LakeFolder)


def test_what_the_engine_refuses_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = made(tmp_path, PLAIN)

    def refuse(self: files.Files, *_: object) -> tuple[str, ...]:
        self.write("SELECT 1 AS id")
        raise duckdb.OutOfMemoryException("Out of Memory Error: no more")

    monkeypatch.setattr(files.Files, "next_version", refuse)
    shop.put("orders/3", order(5))
    shop.run()
    assert shop.reports["t"].anew == "what changed can't be told: Out of Memory Error: no more"
    shop.same_as_from_nothing("t")


def test_rows_of_the_spec_are_made_once_and_again_when_they_change(tmp_path: Path) -> None:
    tables = """
  levels: {zone: raw, values: {columns: {who: string, level: int}, rows: [[a, 1], [b, 2], ["now()", 3]]}}
  leveled: {zone: raw, source: orders, join: [{left: levels, on: orders.who = levels.who}], select: [id, level]}
  viewed: {zone: raw, source: orders, join: [{semi: names, on: orders.who = names.who}]}
  names: {view: true, values: {columns: {who: string}, rows: [[a], [c]]}}
"""
    shop = made(tmp_path, tables)
    shop.put("orders/3", order(5, "b"))
    shop.run()
    assert shop.reports["levels"].unchanged
    assert (shop.change("leveled"), shop.change("viewed")) == ((1, 0), (0, 0))
    shop.tables = tables.replace("[b, 2]", "[b, 7]").replace("[c]", "[b]")
    shop.run()
    assert [shop.reports[name].anew[:9] for name in ("levels", "viewed")] == ["it, or wh", "it, or wh"]
    assert shop.change("leveled") == (2, 2)
    for name in ("levels", "leveled", "viewed"):
        shop.same_as_from_nothing(name)


MATCHED = """
  one: {zone: raw, source: orders, join: [{left: people, on: orders.who = people.who}], drop: [people.who]}
  both:
    zone: raw
    source: orders
    join:
      - {semi: people, on: orders.who = people.who and people.ok}
      - {anti: people, as: no, on: orders.who = no.who and no.name = 'no'}
  other_keys:
    zone: raw
    source: orders
    join: [{semi: people, on: orders.who = people.who}, {anti: people, as: no, on: orders.id = length(no.name)}]
"""


def test_rows_that_a_join_matches_tell_what_is_affected_by_themselves(tmp_path: Path) -> None:
    """Nobody looks for the orders of who changed among all orders, to look for them once more then."""
    shop = Shop(tmp_path, MATCHED)
    people = [{"who": who, "name": "n", "ok": True} for who in ("a", "b", "c", "d", None)]
    shop.put("people/1", *people)
    shop.put("orders/1", *(order(number, "abcd"[number % 4]) for number in range(16)), order(16, None))
    shop.run()
    people[0] |= {"ok": False, "name": "no"}
    people[4] |= {"ok": False}
    shop.put("people/1", *people)
    shop.run()
    orders, compared = 17, 5
    assert {name: report.rows_read for name, report in shop.reports.items() if name in ("one", "both")} == {
        "one": compared + orders + orders + 5,  # what changed; the table, the orders and the people once
        "both": compared + 16 + orders + 5,
    }
    assert (shop.change("one"), shop.change("both")) == ((4, 4), (0, 4))
    shop.same_as_from_nothing("one", "both", "other_keys")

    people[1] |= {"ok": False}
    shop.put("people/1", *people)
    shop.put("orders/2", order(20, "a"), order(21, "b"), order(22, "c"))
    shop.run()
    assert shop.change("both") == (1, 4) and shop.reports["both"].rows_read == compared + 3 + 12 + (orders + 3) + 5
    shop.same_as_from_nothing("one", "both", "other_keys")

    shop.put("orders/2", order(20, "a"), order(21, "b"))
    shop.put("people/1", *people[1:])
    shop.run()
    shop.same_as_from_nothing("one", "both", "other_keys")
