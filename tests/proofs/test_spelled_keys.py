"""Keys that are spelled in several ways: `keys: [lower(trim(email))]` says which are one person's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from tests.proofs.test_traps import generator, run

SHOP = """version: 1
lake: shop
subjects:
  customer: {registry: people, keys: [lower(trim(email)), card]}
consent:
  research: CONSENT
zones: {raw: {}, trusted: {require: research}}
sources:
  people: {path: people/, columns: {email: {type: string, pii: true}, card: bigint, agreed: boolean}}
  visits: {path: visits/, columns: {who: {type: string, pii: true, identifies: customer.email}, page: string}}
  events:
    path: events/
    columns: {email: {type: string, pii: true, identifies: customer.email}, at: bigint, granted: boolean}
  optout: {path: optout/, columns: {email: {type: string, pii: true, identifies: customer.email}}}
tables:
  latest: {view: true, source: events, add: {mail: lower(trim(email))}, dedupe: {by: mail, order_by: at desc}}
  last: {view: true, source: events, dedupe: {by: email, order_by: at desc}}
  objections:
    view: true
    sql: >-
      select lower(trim(p.email)) as mail, o.mail is not null as objects
      from people p left join (select distinct lower(trim(email)) as mail from optout) o
      on lower(trim(p.email)) = o.mail
  clean: {view: true, source: visits, add: {mail: lower(trim(who))}}
  known: {view: true, sql: "select lower(trim(email)) as mail, agreed from people"}
"""
AGREED = "{subject: customer, when: agreed}"
LATEST = "{subject: customer, registry: latest, when: granted}"
OBJECTIONS = "{subject: customer, registry: objections, when: not objects}"
SAME = "lower(trim(v.who)) = lower(trim(p.email))"

PROVEN = [
    (AGREED, f"sql: select v.page from visits v left semi join people p on {SAME} and p.agreed"),
    (AGREED, f"sql: select v.page, p.card from visits v, people p where {SAME} and p.agreed"),
    (AGREED, f"sql: select v.page from people p left join visits v on {SAME} where p.agreed"),
    (AGREED, "sql: select v.* from visits v left semi join people p on LOWER( trim(p.email) ) = v.who and p.agreed"),
    (AGREED, "sql: select m.page from clean m left semi join people p on m.mail = p.email and p.agreed"),
    (AGREED, "sql: select mail, count(*) as n from clean m join known using (mail) where agreed group by mail"),
    (AGREED, "sql: select * from (select lower(trim(who)) as m, max(page) as page from visits group by "
             "lower(trim(who))) g where m in (select mail from known where agreed)"),
    (AGREED, "{source: visits, as: v, join: [{semi: people, as: p, on: " + SAME + " and p.agreed}]}"),
    (AGREED, "{source: clean, join: [{inner: known, using: mail}], filter: agreed}"),
    (AGREED, "{source: visits, filter: lower(trim(who)) in (select lower(trim(email)) from people where agreed)}"),
    (AGREED, "{source: visits, filter: exists (select 1 from people where lower(trim(who)) = lower(trim(email)) and "
             "agreed)}"),
    (LATEST, "{source: visits, join: [{semi: latest, on: lower(trim(who)) = mail and granted}]}"),
    (LATEST, "{source: latest, filter: granted and mail is not null}"),
    (LATEST, "{source: clean, join: [{inner: latest, using: mail}], filter: granted, drop: [latest.email]}"),
    (OBJECTIONS, "{source: people, join: [{semi: objections, on: lower(trim(email)) = mail and not objects}]}"),
    (OBJECTIONS, "{source: objections, filter: not objects}"),
]  # fmt: skip
UNPROVEN = [
    (AGREED, "sql: select v.page from visits v left semi join people p on lower(v.who) = lower(p.email) and p.agreed"),
    (AGREED, "sql: select v.page from visits v left semi join people p on trim(lower(v.who)) = trim(lower(p.email)) "
             "and p.agreed"),
    (AGREED, f"sql: select v.page from visits v left semi join people p on {SAME} or p.agreed"),
    (AGREED, "sql: select v.* from visits v left semi join people p on lower(trim(v.page)) = lower(trim(p.email)) and "
             "p.agreed"),
    (AGREED, "sql: select v.* from visits v left semi join people p on lower(trim(v.who)) = substr(p.email, 1, 3) and "
             "p.agreed"),
    (AGREED, "sql: select m.page from (select *, lower(trim(page)) as m from visits) m left semi join people p on "
             "m.m = lower(trim(p.email)) and p.agreed"),
    (AGREED, "sql: select lower(trim(who)) as mail, count(*) as n from visits group by lower(trim(who))"),
    (AGREED, "sql: select page, count(*) as n from clean group by page"),
    (AGREED, "{source: visits, filter: lower(trim(who)) in (select lower(trim(email)) from people)}"),
    (AGREED, "{source: visits, filter: not exists (select 1 from people where lower(trim(who)) = lower(trim(email)) "
             "and agreed)}"),
    (LATEST, "{source: visits, as: v, join: [{semi: people, as: p, on: " + SAME + " and p.agreed}]}"),
    (LATEST, "{source: visits, join: [{semi: events, on: lower(trim(who)) = lower(trim(email)) and granted}]}"),
]  # fmt: skip


def findings(consent: str, table: str, *more: str) -> list[str]:
    body = f"{{{table[:4]} {json.dumps(table[5:])}}}" if table.startswith("sql:") else table
    text = SHOP.replace("CONSENT", consent) + f"  t: {{zone: trusted, {body[1:]}\n" + "".join(more)
    return [one.code for one in check_spec(SourceText("pipeline.yaml", text)).diagnostics]


@pytest.mark.parametrize(("consent", "table"), PROVEN)
def test_people_are_one_in_the_normal_form_of_their_key(consent: str, table: str) -> None:
    assert set(findings(consent, table)) <= {"G013"}  # a spelling that is compared may be in the normal form already


@pytest.mark.parametrize(("consent", "table"), UNPROVEN)
def test_nothing_else_makes_them_one(consent: str, table: str) -> None:
    assert "G001" in findings(consent, table)


def test_a_registry_has_one_row_for_all_spellings_of_a_person() -> None:
    of_last = "{subject: customer, registry: last, when: granted}"
    assert "G012" in findings(of_last, "{source: people, filter: agreed}")
    by_spelling = f"{SAME} and p.agreed".replace("lower(trim(p.email))", "p.email")
    assert findings(AGREED, f"sql: select v.page, p.card from visits v join people p on {by_spelling}") == ["G013"]
    twice = "select v.page, e.at from visits v join events e on lower(trim(v.who)) = e.email"
    again = f"  more: {{view: true, sql: {json.dumps(twice)}}}\n"
    assert findings(AGREED, "{source: people, filter: agreed}", again) == ["G013", "J001"]


def test_joins_that_compare_spellings_are_told() -> None:
    semi = "{source: visits, join: [{semi: people, as: p, on: who = p.email and p.agreed}]}"
    assert findings(AGREED, semi) == ["G013"]  # of those who are met it is proven
    listed = "{source: people, filter: email not in (select email from optout where email is not null) and agreed}"
    assert findings(AGREED, listed) == ["G013"]
    assert findings(AGREED, "{source: people, join: [{semi: people, as: p, using: email}], filter: agreed}") == []
    spelled = "on lower(trim(p.email)) = o.mail"
    text = SHOP.replace("CONSENT", OBJECTIONS).replace("distinct lower(trim(email))", "distinct email")
    found = check_spec(SourceText("pipeline.yaml", text.replace(spelled, "on p.email = o.mail"))).diagnostics
    assert [(one.code, one.severity) for one in found] == [("G013", "error")]  # an objection may be missed


@pytest.mark.parametrize(
    "key", ["length(email)", "concat(email, agreed)", "'x'", "lower(trim(emial))", "lower(trim(email)", "card + 1.5",
            "concat(email, cast(current_date() as string))"]
)  # fmt: skip
def test_a_normal_form_is_one_of_one_column(key: str) -> None:
    text = SHOP.replace("CONSENT", AGREED).replace("[lower(trim(email)), card]", f"[{json.dumps(key)}, email, card]")
    found = [one for one in check_spec(SourceText("pipeline.yaml", text)).diagnostics if one.severity == "error"]
    assert {one.code for one in found} <= {"T015", "C001", "E001", "E002"}
    assert found and found[0].span is not None and text[found[0].span.start] in f'"{key}'


def test_a_key_may_stand_alone_and_is_one_key() -> None:
    text = SHOP.replace("CONSENT", AGREED)
    alone = text.replace("[lower(trim(email)), card]", "lower(trim(email))").replace(", identifies: customer.card", "")
    assert check_spec(SourceText("pipeline.yaml", alone)).diagnostics == ()
    twice = text.replace("[lower(trim(email)), card]", "[lower(trim(email)), email, card]")
    found = check_spec(SourceText("pipeline.yaml", twice)).diagnostics
    assert [(one.code, one.message) for one in found] == [("T015", "`email` is a key of customer twice")]


def test_columns_that_identify_have_the_type_of_the_form() -> None:
    text = SHOP.replace("CONSENT", AGREED).replace("who: {type: string", "who: {type: bigint")
    assert "T015" in [one.code for one in check_spec(SourceText("pipeline.yaml", text)).diagnostics]


def wrong() -> Iterator[str]:
    """The cases above whose findings aren't as they should be, for rules that are broken on purpose."""
    yield from (table for consent, table in UNPROVEN if "G001" not in findings(consent, table))
    try:
        test_a_registry_has_one_row_for_all_spellings_of_a_person()
        test_joins_that_compare_spellings_are_told()
    except AssertionError:
        yield "a registry of spellings"


DATA = {
    "people": [
        {"email": "Ann@x.org", "card": 1, "agreed": True},
        {"email": " bob@x.org", "card": 2, "agreed": False},
        {"email": "cem@x.org", "card": 3, "agreed": True},
    ],
    "visits": [{"who": who, "page": "p"} for who in ("ann@X.org ", "Ann@x.org", "BOB@x.org", "CEM@x.org", None)],
    "events": [
        {"email": "ANN@x.org", "at": 1, "granted": True},
        {"email": "ann@x.org", "at": 2, "granted": False},
        {"email": "bob@x.org ", "at": 3, "granted": True},
    ],
    "optout": [{"email": "CEM@x.org"}],
}


def landed(folder: Path, data: dict[str, list[dict[str, object]]]) -> Path:
    for name, rows in data.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "x.json").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


@pytest.mark.slow
def test_runs_and_withdrawals_take_people_in_any_spelling(tmp_path: Path) -> None:
    spec = SHOP.replace("CONSENT", AGREED)
    spec += "  t: {zone: trusted, source: visits, filter: lower(trim(who)) in (select mail from known where agreed)}\n"
    data = landed(tmp_path / "data", DATA)
    table = run(spec, data, tmp_path)["tables"]["t"]
    assert table["rows"] == 3
    assert {check["violations"] for check in table["checks"]} == {0}
    where = ("--spec", str(tmp_path / "pipeline.yaml"), "--data", str(data), "--json")
    told = json.loads(generator("simulate", "--withdraw", "customer.email=  ANN@x.org", *where))
    assert told["tables"]["t"]["leaving"] == 2
    generator("simulate", "--withdraw", "customer.email=nobody@x.org", *where, code=1)


@pytest.mark.slow
def test_two_spellings_of_a_person_in_the_registry_fail_it(tmp_path: Path) -> None:
    twice = {**DATA, "people": [*DATA["people"], {"email": "ANN@X.ORG", "card": 4, "agreed": False}]}
    spec = SHOP.replace("CONSENT", AGREED) + "  t: {zone: trusted, source: people, filter: agreed}\n"
    found = run(spec, landed(tmp_path / "data", twice), tmp_path, code=1)["tables"]
    assert "each lower(trim(email)) is one customer" in found["people"]["problem"]
    assert found["t"]["status"] == "skipped"
