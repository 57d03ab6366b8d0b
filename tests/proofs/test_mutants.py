"""Weakened proofs are errors at the right place; what is merely written differently is still proven."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from tests.proofs.mutants import STEDI, Mutant, mixed, original
from tests.proofs.mutated import BROKEN, HOLES, MIXED, PROVEN


@pytest.mark.parametrize("mutant", BROKEN + HOLES, ids=lambda mutant: mutant.name)
def test_a_broken_proof_is_an_error_at_its_place(mutant: Mutant) -> None:
    source = mutant.source()
    analysis = check_spec(source)
    errors = [
        (found.code, source.line_column(found.span.start) if found.span else None)
        for found in analysis.diagnostics
        if found.severity == "error"
    ]
    assert errors == [(code, mutant.place()) for code in mutant.errors or ("G001",)]
    assert analysis.lake is None


@pytest.mark.parametrize("mutant", PROVEN, ids=lambda mutant: mutant.name)
def test_what_is_only_written_differently_is_proven(mutant: Mutant) -> None:
    analysis = check_spec(mutant.source())
    assert analysis.diagnostics == ()
    assert analysis.lake is not None


@pytest.mark.parametrize(("join", "codes"), [one[1:] for one in MIXED], ids=[one[0] for one in MIXED])
def test_two_people_in_a_row_are_warned_about(join: str, codes: list[str]) -> None:
    assert sorted(found.code for found in check_spec(SourceText("pipeline.yaml", mixed(join))).diagnostics) == codes


DIRECT = {"customername", "email", "phone", "birthday"}
OWN_POLICY = "    pii: pseudonymous\n"


@pytest.mark.parametrize(
    ("policy", "own", "expected"),
    [
        ("allow", True, {}),
        ("pseudonymous", True, {"customers_curated": DIRECT}),
        ("pseudonymous", False, {"customers_curated": DIRECT}),
        ("forbid", True, {"customers_curated": DIRECT | {"serialnumber"}}),
        ("forbid", False, {"customers_curated": DIRECT | {"serialnumber"},
         "machine_learning_curated": {"serialnumber"}}),
    ],
)  # fmt: skip
def test_a_policy_refuses_exactly_the_personal_columns(policy: str, own: bool, expected: dict[str, set[str]]) -> None:
    zone = "curated: {require: research}"
    text = original(STEDI).replace(zone, f"{zone[:-1]}, pii: {policy}}}")
    text = text if own else text.replace(OWN_POLICY, "")
    assert refused(text) == expected


def test_a_dropped_column_was_what_kept_the_table_pseudonymous() -> None:
    text = original(STEDI).replace("    drop: [user]\n", "")
    assert refused(text) == {"machine_learning_curated": {"user"}}


def refused(text: str) -> dict[str, set[str]]:
    """The columns that are reported as personal, by table; anything else that is found is a failure."""
    found: dict[str, set[str]] = {}
    for diagnostic in check_spec(SourceText("pipeline.yaml", text)).diagnostics:
        assert diagnostic.code == "G004", diagnostic
        table, column = diagnostic.message.split("`")[1].split(".")
        found.setdefault(table, set()).add(column)
    return found


PEOPLE = """
version: 1
lake: test
subjects:
  person: {registry: people, keys: [id, email]}
zones: {checked: {pii: POLICY}}
sources:
  people:
    path: p/
    columns:
      id: bigint
      email: {type: string, pii: true}
      phone: {type: string, pii: true}
      home: {type: "struct<city:string,street:string>", pii: true}
      city: string
      score: double
      number: bigint
      age: {type: int, pii: true}
  calls:
    path: c/
    columns:
      caller: {type: string, identifies: person.email}
      about: string
      seconds: bigint
  towns:
    path: t/
    subject: none
    columns: {town: string, inhabitants: bigint}
tables:
  t:
    zone: checked
"""
NOTHING: set[str] = set()
FLOWS = [
    ("plain columns", "sql: select city, score, number from people", NOTHING, NOTHING),
    ("tagged columns", "sql: select email, phone as number, city from people", {"email", "number"}, NOTHING),
    ("a key that isn't tagged", "sql: select id, id + 1 as more, city from people", NOTHING, {"id", "more"}),
    ("an untagged key of a person", "sql: select caller, upper(caller) as u, about from calls", NOTHING, {"caller",
     "u"}),
    ("a field of a struct", "sql: select home.city as town, score from people", {"town"}, NOTHING),
    ("in an expression", "sql: select concat(city, phone) as both, length(email) as n, score + 1 as s from people",
     {"both", "n"}, NOTHING),
    ("a condition", "sql: select case when email like '%x' then city else 'y' end as c, if(phone = '1', 1, 2) as i, "
     "case city when phone then 1 end as w, score from people", {"c", "i", "w"}, NOTHING),
    ("a comparison", "sql: select email = phone as same, city = 'x' as big, phone in ('1', '2') as known from people",
     {"same", "known"}, NOTHING),
    ("is null", "sql: select email is null as unknown, phone is not null as known, isnull(phone) as u, city from "
     "people",
     NOTHING, NOTHING),
    ("coalesced", "sql: select coalesce(city, phone) as c, nullif(city, email) as n, nvl(city, 'x') as x from people",
     {"c", "n"}, NOTHING),
    ("hashes", "sql: select sha2(email, 256) as h, md5(phone) as m, upper(sha2(email, 256)) as u, sha2(city, 256) as "
     "c, "
     "concat(md5(phone), email) as b from people", {"b"}, {"h", "m", "u"}),
    ("aggregates", "sql: select city, count(*) as n, count(email) as e, count(distinct phone) as p, max(email) as "
     "last, "
     "sum(id) as ids, avg(score) as s from people group by city", {"last"}, {"ids"}),
    ("an aggregate of a condition", "sql: select city, sum(case when phone = '1' then 1 else 0 end) as n, "
     "max(score) filter (where email = 'x') as m from people group by city", {"n", "m"}, NOTHING),
    ("grouped by", "sql: select phone, substring(email, 1, 1) as initial, count(*) as n from people "
     "group by phone, substring(email, 1, 1)", {"phone", "initial"}, NOTHING),
    ("window keys", "sql: select city, sum(score) over (partition by phone) as p, row_number() over (order by email) "
     "as o, "
     "row_number() over (partition by city order by score) as c, lag(email) over (order by score) as l, "
     "sum(score) over (partition by id) as i from people", {"p", "o", "l"}, {"i"}),
    ("a count over a window keeps its keys", "sql: select city, count(email) over (partition by city) as n, "
     "count(*) over (partition by phone) as m from people", {"m"}, NOTHING),
    ("distinct", "sql: select distinct city, phone from people", {"phone"}, NOTHING),
    ("a union, by position", "sql: select city as a, phone as b from people union all select about, caller from calls",
     {"b"}, NOTHING),
    ("a union whose first branch is plain", "sql: select city as a from people union select phone from people", {"a"},
     NOTHING),
    ("a union with a key", "sql: select about as a, seconds as b from calls union all select city, id from people",
     NOTHING, {"b"}),
    ("through a named query", "sql: with q as (select upper(phone) as v, city from people) select trim(v) as v, city "
     "from q",
     {"v"}, NOTHING),
    ("equal to a tagged column", "sql: select about, seconds from calls c inner join people p on c.caller = p.email "
     "and "
     "c.about = p.phone", {"about"}, NOTHING),
    ("equal to tagged columns, one after the other",
     "sql: select t.town, t.inhabitants from people p inner join towns t on p.phone = t.town and p.city = t.town",
     {"town"}, NOTHING),
    ("equal as another type", "sql: select p.city, t.inhabitants from people p inner join towns t on p.age = t.inhabitants",
     {"inhabitants"}, NOTHING),
    ("null-safe equal", "sql: select p.city, t.town from people p inner join towns t on p.phone <=> t.town",
     {"town"}, NOTHING),
    ("equal by a chain", "sql: select p.city, t.inhabitants from people p inner join towns t on p.city = t.town and "
     "p.phone = t.town", {"city"}, NOTHING),
    ("equal in a filter", "sql: select city, score from people where city = phone", {"city"}, NOTHING),
    ("equal in a semi join", "sql: select town, inhabitants from towns t left semi join people p on t.town = p.phone",
     {"town"}, NOTHING),
    ("equal in a left join", "sql: select c.about, p.city from calls c left join people p on c.about = p.email",
     {"about"}, NOTHING),
    ("joined by a key of a person", "sql: select c.caller, c.seconds, p.city from calls c inner join people p on "
     "c.caller = p.email", {"caller"}, NOTHING),
    ("joined with using", "sql: select number, q.city from people inner join (select number, phone as city from "
     "people) q "
     "using (number)", {"city"}, NOTHING),
    ("equal through functions", "sql: select t.town, t.inhabitants from people p inner join towns t on "
     "lower(p.phone) = lower(t.town)", {"town"}, NOTHING),
    ("equal to a tagged column, through a function", "sql: select t.town, t.inhabitants from people p inner join towns "
     "t on trim(t.town) = p.phone", {"town"}, NOTHING),
    ("equal through hashes", "sql: select t.town, t.inhabitants from people p inner join towns t on "
     "md5(p.phone) = md5(t.town)", {"town"}, NOTHING),
    ("a hash equal to a hash", "sql: select t.town, t.inhabitants from towns t left semi join (select md5(phone) as h "
     "from people) p on p.h = md5(t.town)", {"town"}, NOTHING),
    ("equal to a hash", "sql: select t.town, t.inhabitants from people p inner join towns t on md5(p.phone) = t.town",
     NOTHING, {"town"}),
    ("equal through functions in a query of a filter", "source: towns\nfilter: lower(town) in (select lower(phone) from "
     "people)", {"town"}, NOTHING),
    ("functions of plain columns", "sql: select t.town, p.score from people p inner join towns t on lower(p.city) = "
     "lower(t.town)", NOTHING, NOTHING),
    ("equal by one of two conditions", "sql: select city, score from people where city = phone or score > 3",
     {"city"}, NOTHING),
    ("not different", "sql: select city, score from people where not (city <> phone)", {"city"}, NOTHING),
    ("equal in a condition that is true", "sql: select city, score from people where (city = phone) is true or "
     "coalesce(score = number, false)", {"city"}, NOTHING),
    ("equal in a case", "sql: select city, score from people where case when city = phone then true else score > 1 end",
     {"city"}, NOTHING),
    ("equal to what is nothing then", "sql: select city, score from people where nullif(city, phone) is null", {"city"},
     NOTHING),
    ("found in a text", "sql: select t.town, t.inhabitants from people p inner join towns t on contains(p.phone, t.town)",
     {"town"}, NOTHING),
    ("found at a place of a text", "sql: select t.town, t.inhabitants from people p inner join towns t on "
     "instr(p.phone, t.town) > 0", {"town"}, NOTHING),
    ("put together equal to a constant", "sql: select city, score from people where concat(city, phone) = 'xy'",
     {"city"}, NOTHING),
    ("different, or null", "sql: select city, score, number from people where city <> phone or coalesce(number, age) is "
     "not null or (age > 3 and score > number)", NOTHING, NOTHING),
    ("not equal", "sql: select town, inhabitants from towns t left anti join people p on t.town = p.phone", NOTHING,
     NOTHING),
    ("added", "source: people\nadd: {a: upper(email), b: 'concat(a, city)', c: score * 2}\nselect: [b, c]", {"b"},
     NOTHING),
    ("replaced", "source: people\nadd: {email: city, city: upper(phone)}\nselect: [email, city]", {"city"}, NOTHING),
    ("renamed", "source: people\nselect: [{city: email}, {email: city}]", {"city"}, NOTHING),
    ("kept of duplicates", "source: people\ndedupe: {by: city, order_by: score}\nselect: [city, phone]", {"phone"},
     NOTHING),
    ("declassified", "source: people\nselect: [phone, email, city]\ndeclassify: {phone: of a company}", {"email"},
     NOTHING),
    ("declassified upstream", "source: public\nselect: [{p: upper(phone)}, email]", {"email"}, NOTHING),
    ("declassified, then joined with the raw column",
     "source: public\njoin:\n  - semi: people\n    on: public.phone = people.phone\nselect: [phone]", {"phone"},
     NOTHING),
]  # fmt: skip
VIEWS = """
  public: {view: true, source: people, select: [phone, email], declassify: {phone: of a company}}
"""


@pytest.mark.parametrize(
    ("body", "direct", "pseudonymous"), [flow[1:] for flow in FLOWS], ids=[flow[0] for flow in FLOWS]
)
def test_labels_follow_the_data(body: str, direct: set[str], pseudonymous: set[str]) -> None:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    text = PEOPLE + indented + VIEWS
    for policy, expected in (("pseudonymous", direct), ("forbid", direct | pseudonymous)):
        assert personal_columns(text.replace("POLICY", policy)) == expected


def personal_columns(text: str) -> set[str]:
    found = [d for d in check_spec(SourceText("pipeline.yaml", text)).diagnostics if d.severity == "error"]
    assert {one.code for one in found} <= {"G004"}, found
    return {one.message.split("`")[1].removeprefix("t.") for one in found}
