"""`explain` of tables, sources and columns, as a user sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.cli.formats.column_explanation import format_column_page
from generator.cli.formats.explanation import format_source_page, format_table_page
from generator.cli.main import main
from generator.codes import all_codes, example_text, load_code
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake
from generator.render.explanation import explain_column, explain_source, explain_table

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "explain"
STEDI = ROOT / "pipeline.yaml"
SHOP = ROOT / "docs" / "examples" / "shop" / "pipeline.yaml"
PAGES = [
    (STEDI, "stedi", name)
    for name in (
        "customer_landing",
        "customer_trusted",
        "accelerometer_trusted",
        "machine_learning_curated",
        "machine_learning_curated.serialnumber",
        "customers_curated.email",
    )
] + [
    (SHOP, "shop", name)
    for name in (
        "orders_everywhere",
        "orders",
        "revenue_by_day",
        "customers_to_write_to",
        "customers_to_write_to.total",
        "revenue_by_day.country",
    )
]

SMALL = """\
version: 1
lake: small
subjects:
  customer: {registry: customers, keys: [id]}
consent:
  mail: {subject: customer, when: agreed = 'yes'}
zones:
  landing: {}
  open: {}
  mailing: {require: mail}
sources:
  customers:
    path: customers/
    columns: {id: bigint, email: {type: string, pii: true}, agreed: string}
  calls:
    path: calls/
    columns:
      caller: {type: bigint, identifies: customer.id}
      called: {type: bigint, identifies: customer.id}
  logs:
    path: logs/
    columns: {line: string}
tables:
"""


def lake_of(tables: str) -> CompiledLake:
    analysis = check_spec(SourceText("pipeline.yaml", SMALL + tables))
    assert analysis.lake is not None, [one.message for one in analysis.diagnostics]
    return analysis.lake


def page(tables: str, name: str) -> str:
    """A page in one line, so that tests don't depend on how it is filled."""
    lake = lake_of(tables)
    table, _, column = name.partition(".")
    if column:
        text = format_column_page(explain_column(lake, table, column))
    elif table in lake.sources:
        text = format_source_page(explain_source(lake, table))
    else:
        text = format_table_page(explain_table(lake, table))
    return " ".join(text.split())


@pytest.mark.parametrize(("spec", "lake", "name"), PAGES, ids=[f"{lake}-{name}" for _, lake, name in PAGES])
def test_pages(
    spec: Path,
    lake: str,
    name: str,
    golden: Callable[[Path, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", name, "--spec", str(spec)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    golden(GOLDEN / lake / f"{name}.txt", shown.out)


def texts() -> list[str]:
    pages = [page for code in all_codes() if (page := load_code(code)) is not None and page.good and not page.has_files]
    return [example_text(page.good) for page in pages] + [path.read_text(encoding="utf-8") for path in (STEDI, SHOP)]


def test_every_name_of_every_example_can_be_explained() -> None:
    shown = 0
    for text in texts():
        lake = check_spec(SourceText("pipeline.yaml", text)).lake
        assert lake is not None
        for name in (*lake.sources, *lake.tables):
            about = explain_source(lake, name) if name in lake.sources else explain_table(lake, name)
            json.dumps(asdict(about))
            text_of = format_source_page if name in lake.sources else format_table_page
            assert text_of(about).startswith(f"{name}: ")  # type: ignore[operator]
            for column in lake.relation(name).columns:
                found = explain_column(lake, name, column.name)
                json.dumps(asdict(found))
                lines = format_column_page(found, color=False).splitlines()
                assert lines[0].startswith(f"{name}.{column.name}: ")
                assert max(map(len, lines)) <= 160
                assert all(line == line.rstrip() for line in lines)
                shown += 1
    assert shown > 300


@pytest.mark.parametrize("name", ["customer_landing", "machine_learning_curated", "customers_curated.email"])
def test_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name, "--spec", str(STEDI), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.get("table", found.get("source")) == name.partition(".")[0]


def test_json_of_a_table_has_the_proof(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "accelerometer_trusted", "--spec", str(STEDI), "--json"]) == 0
    proof = json.loads(capsys.readouterr().out)["consent"]
    assert proof["proven"]
    assert [step["rule"] for step in proof["by"]] == ["matches", "asks"]


def test_codes_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "G001"]) == 0
    assert capsys.readouterr().out.startswith("error[G001]: consent-not-proven\n")
    assert main(["explain"]) == 0
    assert "G001" in capsys.readouterr().out
    assert main(["explain", "c001", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "unknown-column"
    assert main(["explain", "--json"]) == 0
    assert {"code", "summary", "why"} <= set(json.loads(capsys.readouterr().out)[0])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("G999", "there is no code `G999`"),
        ("customer_trustd", "did you mean `customer_trusted`?"),
        ("customer_trustd.email", "did you mean `customer_trusted`?"),
        ("customer_trusted.emial", "`customer_trusted` has no column `emial`; did you mean `email`?"),
        ("customer_trusted.", "`customer_trusted` has no column ``"),
        ("customer_trusted.email.x", "`customer_trusted` has no column `email.x`; did you mean `email`?"),
        ("", "there is no table, source or code ``"),
        (".", "there is no table, source or code ``"),
        ("x\ty", "there is no table, source or code `x    y`"),
    ],
)
def test_unknown_names(name: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name, "--spec", str(STEDI)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err


def test_a_spec_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "orders", "--spec", str(tmp_path / "none.yaml")]) == 1
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_spec_with_errors(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All findings, as `check` shows them: half a lake proves nothing."""
    spec = tmp_path / "pipeline.yaml"
    text = STEDI.read_text(encoding="utf-8")
    weaker = text.replace("      - semi: customer_trusted\n", "      - anti: customer_trusted\n")
    spec.write_text(weaker, encoding="utf-8")
    assert main(["check", str(spec), "--format", form]) == 1
    expected = capsys.readouterr().out
    assert "G001" in expected
    arguments = ["explain", "customer_trusted", "--spec", str(spec), *(["--json"] if form == "json" else [])]
    assert main(arguments) == 1
    assert capsys.readouterr().out == expected


def test_hashed_data_says_where() -> None:
    tables = """\
  hashed: {zone: open, source: customers, select: [{who: "sha2(lower(email), 256)"}]}
  later: {zone: open, source: hashed}
"""
    text = page(tables, "later.who")
    assert "Yes, though pseudonymous" in text
    assert "customers.email, which is tagged `pii`; hashed in hashed:" in text
    assert "→ hashed.who: sha2(lower(email), 256) (hashed) → later.who" in text


def test_cleared_data_says_how() -> None:
    tables = """\
  t:
    zone: open
    source: customers
    add: {known: email is not null}
    select: [known, {domain: "substring_index(email, '@', -1)"}]
    declassify: {domain: shared by many}
  counted: {zone: open, sql: "select count(distinct email) as n from customers"}
  later: {zone: open, source: t}
"""
    assert "No, going" in page(tables, "t.known")
    assert "but nothing personal is left in t.known: email IS NOT NULL." in page(tables, "later.known")
    assert "but t.domain is declassified. The reason given: shared by many." in page(tables, "later.domain")
    assert "It is computed from customers.email, but nothing personal is left in counted.n: count(DISTINCT email)" in (
        page(tables, "counted.n")
    )


def test_a_condition_is_a_way_too() -> None:
    tables = "  t: {zone: open, source: customers, select: [{a: \"case when email like 'a%' then 1 else 0 end\"}]}\n"
    text = page(tables, "t.a")
    assert "Yes, directly" in text
    assert "→ t.a: CASE WHEN email LIKE 'a%' THEN 1 ELSE 0 END" in text


def test_a_chain_of_computed_columns() -> None:
    tables = """\
  t:
    zone: open
    source: customers
    add: {a: lower(email), b: "concat(a, agreed)", agreed: upper(agreed), c: "concat(b, agreed)"}
    select: [c]
"""
    text = page(tables, "t.c")
    definitions = (
        "a = lower(email)",
        "b = concat(a, customers.agreed)",
        "agreed = upper(agreed)",
        "c = concat(b, agreed)",
    )
    positions = [text.index(one) for one in definitions]
    assert positions == sorted(positions)
    assert "from customers.agreed and customers.email" in text


def test_a_replaced_column_is_not_the_raw_one() -> None:
    tables = "  t: {zone: open, source: customers, add: {email: upper(email)}, select: [email]}\n"
    assert "t.email = upper(email) from customers.email" in page(tables, "t.email")


def test_a_source_of_two_people() -> None:
    text = page("  t: {zone: open, source: calls}\n", "t")
    assert "known by caller." in text
    assert "known by called." in text
    assert "Two people of one kind can meet in a row: the rows of calls are about two as they land." in text


def test_mixing_upstream_is_told() -> None:
    tables = """\
  pairs:
    zone: open
    source: customers
    as: a
    join: [{inner: customers, as: b, on: a.agreed = b.agreed, cardinality: many_to_many, mixes_subjects: a test.}]
    select: [a.agreed]
  later: {zone: open, source: pairs}
  aside: {zone: open, source: customers, join: [{semi: later, on: customers.agreed = later.agreed}]}
"""
    where = "by a join of pairs: inner join customers on a.agreed = b.agreed. The reason given: a test."
    assert where in page(tables, "later")
    assert "No row holds the data of two different people of one kind." in page(tables, "aside")


def test_people_summed_up_and_undeclared() -> None:
    tables = "  n: {zone: open, sql: select count(*) as n from customers}\n  l: {zone: open, source: logs}\n"
    assert "Several customers summed up, from rows of customers" in page(tables, "n")
    assert "There is at most one row." in page(tables, "n")
    assert "Whose data logs holds isn't said" in page(tables, "l")
    assert "Whose data logs holds isn't said" in page(tables, "logs")


def test_versions_in_words() -> None:
    tables = (
        "  one: {zone: open, source: logs, keep_versions: 1}\n  four: {zone: open, source: logs, keep_versions: 4}\n"
    )
    assert "1 version is kept. Data that was withdrawn is left out by the next run" in page(tables, "one")
    assert "after it no version holds it any more" in page(tables, "one")
    assert "after 4 such runs no version holds it any more" in page(tables, "four")


def test_a_left_join_that_may_miss() -> None:
    tables = """\
  t:
    zone: open
    source: logs
    join: [{left: customers, on: line = email, cardinality: many_to_one}]
    select: [line, id]
"""
    analysis = check_spec(SourceText("pipeline.yaml", SMALL + tables))
    assert analysis.lake is not None
    text = " ".join(format_table_page(explain_table(analysis.lake, "t")).split())
    assert "At most one row of customers matches (declared: many to one; every run checks it)." in text
    assert "known by id; may be missing, where nothing matched" in text


def test_lineage_stays_linear_on_diamonds() -> None:
    """Each table reads the one before twice: 2 to the 60th ways, 61 columns."""
    levels = 60
    tables = "  t0: {view: true, source: customers, select: [id, {v: length(email)}]}\n"
    for level in range(1, levels + 1):
        tables += (
            f"  t{level}:\n    view: true\n    source: t{level - 1}\n    as: a\n"
            f"    join: [{{inner: t{level - 1}, as: b, on: a.id = b.id}}]\n"
            "    select: [a.id, {v: a.v + b.v}]\n"
        )
    lake = lake_of(tables)
    start = time.perf_counter()
    column = explain_column(lake, f"t{levels}", "v")
    table = explain_table(lake, f"t{levels}")
    assert time.perf_counter() - start < 2
    assert len(column.lineage) == levels + 2
    assert column.lineage[-1].key == "email"
    assert len(column.labels[0].path) == levels + 2
    assert table.mixing == ()


def test_the_proof_stays_linear_on_diamonds() -> None:
    levels = 40
    tables = "  t0: {zone: mailing, source: customers, filter: agreed = 'yes'}\n"
    for level in range(1, levels + 1):
        tables += f"  t{level}: {{zone: mailing, union: [t{level - 1}, t{level - 1}]}}\n"
    proof = explain_table(lake_of(tables), f"t{levels}").consent
    assert proof is not None
    assert proof.proven
    assert [step.table for step in proof.by] == [f"t{level}" for level in range(levels, -1, -1)]


def test_long_chains_of_computed_columns() -> None:
    """A chain longer than the stack is deep."""
    links = ", ".join(f"c{n}: c{n - 1} + 1" for n in range(1, 1500))
    lake = lake_of(f"  t: {{zone: open, source: customers, add: {{c0: length(email), {links}}}, select: [c1499]}}\n")
    (hop, raw) = explain_column(lake, "t", "c1499").lineage
    assert [one.name for one in hop.definitions] == [f"c{n}" for n in range(1500)]
    assert raw.key == "email"
