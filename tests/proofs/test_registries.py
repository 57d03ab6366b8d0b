"""Registries of consents that are tables: a log whose latest event counts, a list of those who object, purposes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.render.build import render_build
from tests.proofs.test_traps import generator, run

SHOP = """version: 1
lake: shop
subjects:
  customer: {registry: people, keys: [email, card]}
consent:
  research: CONSENT
zones: {raw: {}, trusted: {require: research}}
sources:
  people: {path: people/, columns: {email: {type: string, pii: true}, card: bigint, asked: boolean}}
  events:
    path: events/
    columns:
      email: {type: string, pii: true, identifies: customer.email}
      at: bigint
      granted: boolean
      since: date
      until: date
      purposes: array<string>
  optout: {path: optout/, columns: {email: {type: string, pii: true, identifies: customer.email}}}
  visits:
    path: visits/
    event_time: day
    columns: {who: {type: bigint, identifies: customer.card}, day: bigint, page: string}
tables:
  latest: {view: true, source: events, dedupe: {by: email, order_by: at desc}}
  objections:
    view: true
    sql: >-
      select p.email, o.email is not null as objects
      from people p left join (select distinct email from optout) o on p.email = o.email
  counted: {view: true, source: events, group_by: [email], aggregate: {times: count(*)}}
"""
LATEST = "{subject: customer, registry: latest, when: granted}"
OBJECTIONS = "{subject: customer, registry: objections, when: not objects}"
PURPOSES = "{subject: customer, registry: latest, when: \"array_contains(purposes, 'research')\"}"
VALID = "{subject: customer, registry: latest, when: 'until >= current_date() and at < 10'}"
BETWEEN = "{subject: customer, registry: latest, when: 'current_date() between since and until'}"
OPEN_END = "since <= current_date and (until is null or until >= current_date)"
OPEN = f"{{subject: customer, registry: latest, when: {OPEN_END}}}"
COUNTED = "{subject: customer, registry: counted, when: times > 1}"

PROVEN = [
    (LATEST, "select p.* from people p left semi join latest l on p.email = l.email and l.granted"),
    (LATEST, "select p.email, l.at from people p, latest l where p.email = l.email and l.granted = true"),
    (LATEST, "select email, at from latest where granted and email is not null"),
    (LATEST, "select v.* from visits v join people p on v.who = p.card where p.email in "
             "(select email from latest where granted)"),
    (LATEST, "select email from people intersect select email from latest where granted"),
    (PURPOSES, "select p.* from people p left semi join latest l on p.email = l.email and "
               "array_contains(l.purposes, 'research')"),
    (OBJECTIONS, "select email from people where email in (select email from objections where not objects)"),
    (OBJECTIONS, "select email from objections where objects = false"),
    (VALID, "select p.* from people p, latest l where p.email = l.email and current_date() <= l.until and l.at <= 5"),
    (BETWEEN, "select email from latest where email is not null and since <= current_date() and until > current_date"),
    (BETWEEN, "select email from latest where email is not null and not (since > current_date() or "
              "until < current_date())"),
    (BETWEEN, "select p.* from people p join latest l on p.email = l.email and l.since <= current_date() "
              "where current_date() <= l.until"),
    (OPEN, "select email from latest where (until >= current_date() or until is null) and since < current_date() "
           "and email is not null"),
    (OPEN, "select email from latest where current_date() between since and until and email is not null"),
    (OPEN, "select email from latest where since = current_date() and until is null and email is not null"),
    (OPEN, "select email from latest where (until > current_date() and since < current_date() or until is null "
           "and since <= current_date()) and email is not null"),
    (COUNTED, "select p.* from people p left semi join counted c on p.email = c.email and c.times >= 2"),
]  # fmt: skip
UNPROVEN = [
    (LATEST, "select email, at from latest where granted"),  # of an event without an email nobody knows whose it is
    (LATEST, "select p.* from people p left semi join events e on p.email = e.email and e.granted"),
    (LATEST, "select p.* from people p left semi join latest l on p.email = l.email and not l.granted"),
    (LATEST, "select p.* from people p left semi join latest l on p.email = l.email or l.granted"),
    (LATEST, "select p.* from people p left semi join latest l on lower(p.email) = l.email and l.granted"),
    (LATEST, "select p.* from people p where p.asked"),
    (LATEST, "select p.* from people p left join latest l on p.email = l.email and l.granted"),
    (LATEST, "select e.email from events e left semi join (select * except (granted), at > 1 as granted from latest) l "
             "on e.email = l.email and l.granted"),
    (PURPOSES, "select p.* from people p left semi join latest l on p.email = l.email and "
               "array_contains(l.purposes, 'sale')"),
    (VALID, "select p.* from people p, latest l where p.email = l.email and l.until >= date'2020-01-01' and l.at < 10"),
    (BETWEEN, "select email from latest where email is not null and since <= current_date()"),
    (BETWEEN, "select email from latest where email is not null and since <= until and until >= current_date()"),
    (BETWEEN, "select email from latest where email is not null and since >= current_date() and until >= "
              "current_date()"),
    (BETWEEN, "select email from latest where email is not null and not (since < current_date() or "
              "until < current_date())"),
    (BETWEEN, "select email from latest where email is not null and not (since > current_date() and "
              "until < current_date())"),
    (OPEN, "select email from latest where (until is null or since <= current_date()) and email is not null"),
    (OPEN, "select email from latest where (until is null or at > 1) and since < current_date() and email is not null"),
    (OBJECTIONS, "select email from people where email not in (select email from objections where not objects)"),
    (OBJECTIONS, "select email from people where email in (select email from objections where objects is not null)"),
]  # fmt: skip


def codes(consent: str, sql: str, **edits: str) -> list[str]:
    text = SHOP.replace("CONSENT", consent) + f"  t: {{zone: trusted, sql: {json.dumps(sql)}}}\n"
    for old, new in edits.items():
        text = text.replace(old, new)
    return [one.code for one in check_spec(SourceText("pipeline.yaml", text)).diagnostics]


@pytest.mark.parametrize(("consent", "sql"), PROVEN)
def test_what_the_row_of_each_person_says_is_proven(consent: str, sql: str) -> None:
    assert codes(consent, sql) == []


@pytest.mark.parametrize(("consent", "sql"), UNPROVEN)
def test_what_it_does_not_say_is_not(consent: str, sql: str) -> None:
    assert "G001" in codes(consent, sql)


def test_the_registry_has_one_row_for_each_person() -> None:
    sql = "select email from people"
    assert "G012" in codes("{subject: customer, registry: events, when: granted}", sql)
    assert "G012" in codes("{subject: customer, registry: visits, when: page = 'x'}", sql)
    assert codes("{subject: customer, registry: nowhere, when: granted}", sql) == ["N001"]
    assert "C001" in codes("{subject: customer, registry: latest, when: grantd}", sql)


def test_the_moment_of_consent_may_stand_in_a_table() -> None:
    since = "{subject: customer, registry: latest, when: granted, since: at}"
    visits = "select v.* from visits v join people p on v.who = p.card "
    shown = visits + "left semi join latest l on p.email = l.email and l.granted and v.day >= l.at"
    assert codes(since, shown) == []
    for said in ("not (v.day < l.at)", "v.day = l.at", "v.day between l.at and 9", "not (l.at >= v.day)"):
        assert codes(since, shown.replace("v.day >= l.at", said)) == []
    for said in ("not (v.day > l.at)", "v.day between 1 and l.at", "v.day <> l.at", "(v.day >= l.at or v.day = 1)"):
        assert codes(since, shown.replace("v.day >= l.at", said)) == ["G007"]
    assert codes(since, shown.replace("v.day >=", "v.day <=")) == ["G007"]
    assert codes(since, shown.replace("v.day >= l.at", "v.day >= 5")) == ["G007"]


def wrong() -> Iterator[str]:
    """The cases above whose findings aren't as they should be, for rules that are broken on purpose."""
    yield from (sql for consent, sql in UNPROVEN if "G001" not in codes(consent, sql))
    try:
        test_the_registry_has_one_row_for_each_person()
        test_the_moment_of_consent_may_stand_in_a_table()
    except AssertionError:
        yield "a registry of many"


def test_jobs_make_the_registry_that_their_checks_ask() -> None:
    sql = "select p.* from people p left semi join latest l on p.email = l.email and l.granted"
    text = SHOP.replace("CONSENT", LATEST) + f"  t: {{zone: trusted, sql: {json.dumps(sql)}}}\n"
    text += (
        "  by_email: {zone: trusted, sql: select email from t}\n  by_card: {zone: trusted, sql: select card from t}\n"
    )
    lake = check_spec(SourceText("pipeline.yaml", text)).lake
    assert lake is not None
    built = render_build(lake)
    assert "FROM latest" in built["jobs/by_email.py"]
    assert "latest = " in built["jobs/by_email.py"]
    assert "latest = " not in built["jobs/by_card.py"]


def test_a_run_looks_at_it_and_a_withdrawal_follows(tmp_path: Path) -> None:
    sql = "select p.email from people p left semi join latest l on p.email = l.email and l.granted"
    spec = SHOP.replace("CONSENT", LATEST) + f"  t: {{zone: trusted, sql: {json.dumps(sql)}}}\n"
    rows = {
        "people": [{"email": name, "card": index, "asked": True} for index, name in enumerate("abc")],
        "events": [
            {"email": "a", "at": 1, "granted": True, "purposes": []},
            {"email": "a", "at": 2, "granted": False, "purposes": []},
            {"email": "b", "at": 1, "granted": False, "purposes": []},
            {"email": "b", "at": 2, "granted": True, "purposes": []},
        ],
        "optout": [], "visits": [{"who": 1, "day": 3, "page": "x"}],
    }  # fmt: skip
    for name, lines in rows.items():
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "x.json").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (table,) = (one for name, one in run(spec, tmp_path / "data", tmp_path)["tables"].items() if name == "t")
    assert table["rows"] == 1
    checks = {check["name"]: check["violations"] for check in table["checks"]}
    assert checks["every email is of a customer with consent research"] == 0
    where = ("--spec", str(tmp_path / "pipeline.yaml"), "--data", str(tmp_path / "data"))
    told = json.loads(generator("simulate", "--withdraw", "customer.email=b", *where, "--json"))
    assert told["tables"]["t"]["leaving"] == 1
    generator("simulate", "--withdraw", "customer.card=1", *where, code=1)


def test_another_source_may_be_the_registry(tmp_path: Path) -> None:
    consent = "{subject: customer, registry: events, when: granted}"
    sql = "select p.email from people p left semi join events e on p.email = e.email and e.granted"
    spec = SHOP.replace("CONSENT", consent) + f"  t: {{zone: trusted, sql: {json.dumps(sql)}}}\n"
    spec = spec.replace("path: events/", "path: events/\n    unique: [email]")
    lines = {
        "people": [{"email": "a", "card": 1, "asked": False}, {"email": "b", "card": 2, "asked": True}],
        "events": [{"email": "a", "granted": True}, {"email": "b", "granted": False}, {"email": None, "granted": True}],
    }
    for name, rows in lines.items():
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "x.json").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    for name in ("optout", "visits"):
        (tmp_path / "data" / name).mkdir()
        (tmp_path / "data" / name / "x.json").write_text("")
    assert [one["rows"] for name, one in run(spec, tmp_path / "data", tmp_path)["tables"].items() if name == "t"] == [1]
    where = ("--spec", str(tmp_path / "pipeline.yaml"), "--data", str(tmp_path / "data"))
    told = json.loads(generator("simulate", "--withdraw", "customer.email=a", *where, "--json"))
    assert told["tables"]["t"]["leaving"] == 1
