"""What a change of a spec does: nothing is told of no change, every change is told, and what is grave comes first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.cli.formats.difference_json import format_json
from generator.cli.formats.difference_markdown import LIMIT, format_markdown
from generator.cli.formats.difference_text import format_text
from generator.diagnostics import SourceText
from generator.jobs.plan import plan_jobs
from generator.jobs.proof_rules import proof_rules, source_rules
from generator.plan.compile import Analysis
from generator.plan.emit import SPARK, emit
from generator.plan.lake import CompiledLake
from generator.render.difference import EMPTY, Aspect, Change, Difference, Kind, On, Risk, compare
from generator.render.manifest import manifest
from generator.spec.source import read_source
from tests.proofs.lakes import make_lake
from tests.proofs.mutants import mixed, original
from tests.proofs.mutated import MIXED, PROVEN

ROOT = Path(__file__).parents[3]
STEDI = ROOT / "pipeline.yaml"
SPECS = [
    STEDI,
    *sorted((ROOT / "docs" / "examples" / "traps").glob("*.fixed.yaml")),
    *sorted((ROOT / "docs" / "examples").glob("*/pipeline.yaml")),
    *sorted((ROOT / "tests" / "specs").rglob("*.yaml")),
]


def analysed(text: str) -> Analysis:
    return check_spec(SourceText("pipeline.yaml", text))


def lake_of(text: str) -> CompiledLake:
    found = analysed(text)
    assert found.lake is not None, found.diagnostics
    return found.lake


def difference(old: str, new: str) -> Difference:
    mine, theirs = analysed(old), analysed(new)
    assert mine.lake is not None, mine.diagnostics
    assert theirs.lake is not None, theirs.diagnostics
    return compare(mine.lake, theirs.lake, old_findings=mine.diagnostics, new_findings=theirs.diagnostics)


def facts(lake: CompiledLake) -> Any:
    """All that is made of a lake, as far as it is known how; what the difference must see."""
    sources = {
        name: (
            one.columns,
            one.options,
            one.unique,
            one.max_bad_rows,
            one.layout,
            [r.name for r in source_rules(lake, one)],
        )
        for name, one in lake.sources.items()
    }
    tables = {
        name: (
            emit(one.query, SPARK),
            [rule.name for rule in proof_rules(lake, one)],
            one.declassified,
            one.layout,
        )
        for name, one in lake.tables.items()
    }
    values = manifest(lake)
    del values["variables"]  # what they change is told
    for one in (*values["sources"].values(), *values["tables"].values()):
        del one["file"]  # nothing is made of it
    del values["jobs"]  # they are compared as they are planned
    return values, sources, tables, dict(plan_jobs(lake)), dict(lake.row_counts)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_changes_from_a_spec_to_itself(path: Path) -> None:
    lake = check_spec(read_source(path)).lake
    assert lake is not None
    found = compare(lake, lake)
    assert found.changes == found.affected == ()
    assert "nothing changes" in format_text(found)


def test_nothing_changes_from_a_random_lake_to_itself() -> None:
    for seed in range(40):
        text = json.dumps(make_lake(seed).spec(), indent=1)
        assert difference(text, text).changes == ()


@pytest.mark.parametrize("mutant", PROVEN, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_what_its_manifest_says(mutant: Any) -> None:
    old, new = original(mutant.spec), mutant.text()
    if analysed(old).lake is None:
        old = old + "  t: {zone: free, source: customers}\n"
    _is_told(old, new)


@pytest.mark.parametrize("join", [one[1] for one in MIXED[1:]], ids=[one[0] for one in MIXED[1:]])
def test_a_mutant_of_a_join_is_told(join: str) -> None:
    _is_told(mixed(MIXED[0][1]), mixed(join))


def _is_told(old: str, new: str) -> None:
    """Something is told exactly when something is different, there and back."""
    before, after = lake_of(old), lake_of(new)
    is_different = facts(before) != facts(after)
    for found in (difference(old, new), difference(new, old)):
        assert bool(found.changes) == is_different, format_text(found)


def edits(text: str) -> Iterator[str]:
    """A text with a line less, two lines swapped, a number more, or a word changed, wherever there is one."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        before, after = "".join(lines[:number]), "".join(lines[number + 1 :])
        yield before + after
        if number + 1 < len(lines):
            yield before + lines[number + 1] + line + "".join(lines[number + 2 :])
        for old, new in WORDS:
            if re.search(old, line):
                yield before + re.sub(old, new, line, count=1) + after


WORDS = [
    (r"\d+(?=\D*$)", lambda found: str(int(found[0]) + 1)),
    (r"semi: ", "inner: "), (r"inner: ", "left: "), (r"left: ", "semi: "), (r" and ", " or "), (r" > ", " >= "),
    (r"is not null", "is null"), (r"bigint", "int"), (r"double", "float"), (r"string", "bigint"), (r"desc\b", "asc"),
    (r"pii: true", "pii: false"), (r"not_null", "unique"), (r"zone: \w+", "zone: landing"), (r"sum\(", "max("),
    (r"description: ", "description: Other "), (r"path: ", "path: other/"), (r"many_to_many", "one_to_many"),
    (r"key: (\w+)", r"key: X\1"), (r"require: \w+(, )?", ""), (r", identifies: [\w.]+", ""), (r"warn\b", "error"),
    (r"^  (\w+):$", r"  \1_x:"), (r"distinct ", ""), (r"(mixes_subjects|declassify|event_time).*", ""),
    (r"pii: \w+$", "pii: allow"), (r", '\w+'", ""), (r"true", "false"), (r"'(\w)", r"'x\1"),
    (r"\[(\w+), (\w+)", r"[\2, \1"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [STEDI, ROOT / "docs/examples/shop/pipeline.yaml", ROOT / "tests/specs/everything/pipeline.yaml"],
    ids=lambda path: path.parent.name,
)
def test_every_edit_that_means_something_is_told(path: Path) -> None:
    old = path.read_text(encoding="utf-8")
    before = analysed(old)
    assert before.lake is not None
    known, compiled = facts(before.lake), 0
    for new in edits(old):
        after = analysed(new)
        if after.lake is None:
            continue
        compiled += 1
        found = compare(before.lake, after.lake)
        assert bool(found.changes) == (facts(after.lake) != known), _edit(old, new)
        back = compare(after.lake, before.lake)
        assert bool(back.changes) == bool(found.changes), _edit(new, old)
        for shown in (found, back):
            format_text(shown), format_markdown(shown), format_json(shown)
    assert compiled >= 60


def _edit(old: str, new: str) -> str:
    import difflib

    return "\n".join(line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in "+-")


CONSENT_OF_ALL = "curated: {require: research}"
UNIQUE = "      - unique: [email]\n"
NOT_NULL = "      - not_null: [timestamp, serialnumber]\n"
DROP = "    drop: [user]\n    pii: pseudonymous\n"
WHEN = "when: sharewithresearchasofdate is not null"
EMAILS = "  emails: {zone: curated, source: customer_trusted, select: [email, phone, {hashed: 'sha2(phone, 256)'}]}\n"
NEW_TABLE = ("\nrow_counts:", f"\n{EMAILS}\nrow_counts:")
LEARN = "machine_learning_curated"
RISKS = [
    ("consent of a zone", [(CONSENT_OF_ALL, "curated: {}")], Risk.CONSENT, On.ZONE, "curated",
     "consent `research` is no longer required (of `customers_curated` and `machine_learning_curated`)"),
    ("a table moves",
     [("    zone: curated\n    source: customer_trusted", "    zone: landing\n    source: customer_trusted")],
     Risk.CONSENT, On.TABLE, "customers_curated", "consent `research` is no longer required of its rows"),
    ("whom a consent covers", [(WHEN, "when: sharewithresearchasofdate > 5"),
                               ("filter: share", "filter: sharewithresearchasofdate > 5 and share")],
     Risk.CONSENT, On.CONSENT, "research", "its condition may cover other people"),
    ("retention up", [("lake: stedi", "lake: stedi\nkeep_versions: 9")], Risk.CONSENT, On.LAKE, "stedi",
     "withdrawn data stays for 9 runs instead of 3"),
    ("retention of one table", [(DROP, DROP + "    keep_versions: 4\n")], Risk.CONSENT, On.TABLE, LEARN,
     "withdrawn data stays for 4 runs instead of 3"),
    ("retention down", [(DROP, DROP + "    keep_versions: 1\n")], Risk.DATA, On.TABLE, LEARN,
     "1 version is kept instead of 3: older ones are deleted by the next run"),
    ("nobody is identified",
     [(", identifies: customer.email", ""), ("    path: acc", "    subject: none\n    path: acc")],
     Risk.CONSENT, On.SOURCE, "accelerometer_landing", "`user` identifies none instead of `customer.email`"),
    ("a proof without people",
     [(", identifies: customer.serialnumber", ""), ("    path: step", "    subject: none\n    path: step")],
     Risk.CONSENT, On.TABLE, "step_trainer_trusted",
     "consent `research` is proven in another way, which is weaker: its rows no longer count as data of a `customer`"),
    ("personal data not dropped", [(DROP, "")], Risk.PERSONAL, On.TABLE, LEARN,
     "`user` is directly personal in zone `curated`, from `accelerometer_landing.user` and `customer_landing.email`"),
    ("a policy", [("    pii: pseudonymous\n", "")], Risk.PERSONAL, On.TABLE, LEARN,
     "personal data in it: `allow` instead of `pseudonymous`"),
    ("a new table", [NEW_TABLE], Risk.PERSONAL, On.TABLE, "emails",
     "brings personal data into zone `curated`: `email` and `phone` (directly personal), `hashed` (pseudonymous)"),
    ("a tag taken off", [("phone: {type: string, pii: true}", "phone: string")], Risk.PERSONAL, On.SOURCE,
     "customer_landing", "`phone` is not personal (directly personal before)"),
    ("declassified", [(DROP, DROP + "    declassify: {serialnumber: of devices}\n")], Risk.PERSONAL, On.TABLE, LEARN,
     "`serialnumber` is declared not to be personal: `of devices`"),
    ("an expectation gone", [(UNIQUE, ""), ("    expect:\n\n", "\n")], Risk.CHECKS, On.TABLE, "customers_curated",
     "no longer expected: `unique: email`"),
    ("an expectation that only warns", [(UNIQUE, UNIQUE + "        severity: warn\n")], Risk.CHECKS, On.TABLE,
     "customers_curated", "only a warning now: `unique: email`"),
    ("fewer columns", [(NOT_NULL, "      - not_null: timestamp\n")], Risk.CHECKS, On.TABLE, LEARN,
     "expected now: `not_null: timestamp` instead of"),
    ("a new warning", [("        cardinality: many_to_many\n", "")], Risk.CHECKS, On.LAKE, "stedi", "new warning J001"),
    ("no count", [("  customers_curated: 482\n", "")], Risk.CHECKS, On.TABLE, "customers_curated",
     "no number of rows is expected any more: it was 482"),
    ("unchecked", [("    unique: [[serialnumber, sensorreadingtime]]\n", "")], Risk.CHECKS, On.SOURCE,
     "step_trainer_landing", "no run checks any more: unique: serialnumber, sensorreadingtime"),
    ("a column gone", [(DROP, "    drop: [user, x]\n    pii: pseudonymous\n")], Risk.DATA, On.TABLE, LEARN,
     "`x` is gone: `double`"),
    ("a type", [("x: double", "x: float")], Risk.DATA, On.TABLE, LEARN,
     "`x` is `float` instead of `double`"),
    ("the name", [("lake: stedi", "lake: stedi2")], Risk.DATA, On.LAKE, "stedi2",
     "bucket, database and jobs get new names"),
]  # fmt: skip


def edited(edits: list[tuple[str, str]]) -> str:
    text = STEDI.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def stedi_difference(*edits: tuple[str, str]) -> Difference:
    return difference(STEDI.read_text(encoding="utf-8"), edited(list(edits)))


@pytest.mark.parametrize(
    ("edits", "risk", "on", "name", "text"), [one[1:] for one in RISKS], ids=[one[0] for one in RISKS]
)
def test_a_risk_is_told_first(edits: list[tuple[str, str]], risk: Risk, on: On, name: str, text: str) -> None:
    found = stedi_difference(*edits)
    told = [change for change in found.risks if change.risk is risk and change.on is on and change.name == name]
    assert any(text in change.text for change in told), format_text(found)
    shown = format_text(found)
    assert shown.index("Look at this first") < shown.index(text[:30])
    assert "#### ⚠️ Look at this first" in format_markdown(found)


SAFE = [
    ("a description", [("description: Customers, from", "description: People, from")]),
    ("another expectation", [(UNIQUE, UNIQUE + "      - not_null: [phone]\n")]),
    ("a stricter expectation", [(NOT_NULL, "      - not_null: [timestamp, serialnumber, x]\n")]),
    ("more consent", [(WHEN, WHEN + " and phone is not null"),
                      ("filter: share", "filter: phone is not null and share")]),
    ("consent written in another way", [(WHEN, "when: not (sharewithresearchasofdate is null)")]),
    ("fewer bad rows", [("    path: acc", "    max_bad_rows: 5%\n    path: acc")]),
    ("a column more, which isn't personal", [("    join:\n      - semi: accelerometer_trusted",
                                              "    add: {one: 1}\n    join:\n      - semi: accelerometer_trusted")]),
    ("a filter more", [("    join:\n      - semi: accelerometer_trusted",
                        "    filter: phone is not null\n    join:\n      - semi: accelerometer_trusted")]),
]  # fmt: skip


@pytest.mark.parametrize("edits", [one[1] for one in SAFE], ids=[one[0] for one in SAFE])
def test_what_is_stricter_is_no_risk(edits: list[tuple[str, str]]) -> None:
    found = stedi_difference(*edits)
    assert found.changes
    assert found.risks == ()


def bounded(expectation: str) -> str:
    return edited([(NOT_NULL, f"      - {expectation}\n")])


@pytest.mark.parametrize(
    ("loose", "strict"),
    [
        ("rows: {min: 1}", "rows: {min: 2}"),
        ("rows: {min: 1, max: 9}", "rows: {min: 1, max: 8}"),
        ("rows: {min: 1}", "rows: 5"),
        ("between: {x: [0, 2]}", "between: {x: [0.5, 1.5]}"),
        ("between: {x: {max: 2}}", "between: {x: [0, 2]}"),
        ("values: {serialnumber: [a, b, c]}", "values: {serialnumber: [a, c]}"),
        ("unique: [x, y]", "unique: [x]"),
        ("not_null: [x]", "not_null: [y, x]"),
        ("{unique: [x], severity: warn}", "unique: [x]"),
    ],
)
def test_looser_bounds_are_a_risk_and_stricter_ones_are_not(loose: str, strict: str) -> None:
    weaker, stronger = difference(bounded(strict), bounded(loose)), difference(bounded(loose), bounded(strict))
    assert {change.risk for change in weaker.changes if change.aspect is Aspect.CHECKS} == {Risk.CHECKS}
    assert {change.risk for change in stronger.changes if change.aspect is Aspect.CHECKS} == {None}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("matches: {serialnumber: 'a.*'}", "matches: {serialnumber: 'ab.*'}"),
        ("{name: n, sql: x > 0}", "{name: n, sql: x > 1}"),
        ("between: {x: [0, 1]}", "between: {x: [2, 3]}"),
        ("values: {serialnumber: [a]}", "values: {serialnumber: [b]}"),
    ],
)
def test_what_can_not_be_compared_may_be_weaker(old: str, new: str) -> None:
    assert [change.risk for change in difference(bounded(old), bounded(new)).changes] == [Risk.CHECKS]


def test_a_limit_of_bad_rows() -> None:
    def risks(old: str, new: str) -> list[Risk | None]:
        first, second = (
            edited([("    path: acc", f"    max_bad_rows: {limit}\n    path: acc" if limit else "    path: acc")])
            for limit in (old, new)
        )
        return [change.risk for change in difference(first, second).changes]

    assert risks("5%", "4%") == risks("10", "9") == risks("", "9") == [None]
    assert risks("4%", "5%") == risks("9", "10") == risks("9", "") == risks("1", "1%") == [Risk.CHECKS]


# Renamed ---------------------------------------------------------------------------------------------


def test_a_renamed_table_is_told_once() -> None:
    old = STEDI.read_text(encoding="utf-8")
    found = difference(old, old.replace("customer_trusted", "people_trusted"))
    assert [(change.name, change.aspect, change.item) for change in found.changes] == [
        ("people_trusted", Aspect.DEFINITION, "name"),
        ("people_trusted", Aspect.CATALOG, ""),
    ]
    assert [change.risk for change in found.changes] == [Risk.DATA, None]


def test_a_renamed_source_is_told_once() -> None:
    old = STEDI.read_text(encoding="utf-8")
    found = difference(old, old.replace("step_trainer_landing", "trainer"))
    assert [(change.name, change.aspect, change.before, change.after) for change in found.changes] == [
        ("trainer", Aspect.DEFINITION, ("step_trainer_landing",), ("trainer",))
    ]


def test_a_table_named_like_a_column_is_not_taken_for_renamed() -> None:
    spec = """{{version: 1, lake: l, sources: {{s: {{path: s/, subject: none, columns: {{a: int, b: int}}}}}},
      zones: {{z: {{}}}}, tables: {{{0}: {{zone: z, source: s, filter: '{0} > 0'}}}}}}"""
    found = difference(spec.format("a"), spec.format("b"))
    assert [(change.name, change.kind) for change in found.changes if change.aspect is Aspect.DEFINITION] == [
        ("b", Kind.ADDED),
        ("a", Kind.REMOVED),
    ]


def test_a_renamed_column() -> None:
    found = stedi_difference((DROP, DROP.replace("drop: [user]", "drop: [user]\n    rename: {x: across}")))
    column = [change for change in found.changes if change.aspect is Aspect.COLUMNS]
    assert [(change.item, change.before, change.after, change.risk) for change in column] == [
        ("across", ("x",), ("across",), Risk.DATA)
    ]


# Single aspects --------------------------------------------------------------------------------------


def told(found: Difference, aspect: Aspect, name: str) -> list[Change]:
    return [change for change in found.changes if change.aspect is aspect and change.name == name]


def test_the_way_of_a_proof_is_shown_before_and_after() -> None:
    found = stedi_difference(
        ("semi: customer_trusted\n        on: user",
         "semi: customer_landing\n        on: sharewithresearchasofdate is not null and user"),
    )  # fmt: skip
    (change,) = told(found, Aspect.CONSENT, "accelerometer_trusted")
    assert change.risk is None
    assert any("customer_trusted: filter sharewithresearchasofdate is not null" in line for line in change.before)
    assert any("semi join customer_landing" in line and "asks for it" in line for line in change.after)


TWO_SOURCES = """
version: 1
lake: two
subjects: {person: {registry: people, keys: [id]}}
consent: {c: {subject: person, when: agreed}}
zones: {asking: {require: c}, landing: {}}
sources:
  people: {path: p/, columns: {id: bigint, agreed: boolean}}
  calls: {path: c/, columns: {who: {type: bigint, identifies: person.id}}}
  letters: {path: l/, columns: {who: {type: bigint, identifies: person.id}}}
tables:
  all: {view: true, union: [calls]}
  t: {zone: asking, source: all, join: [{semi: people, on: who = id and agreed}]}
"""


def test_an_unchecked_assumption_makes_a_proof_weaker() -> None:
    more = TWO_SOURCES.replace("[calls]", "[calls, letters]")
    (change,) = told(difference(TWO_SOURCES, more), Aspect.CONSENT, "t")
    assert change.risk is Risk.CONSENT
    assert change.text.endswith("it takes for granted, unchecked, whose data `letters.who` names")
    (change,) = told(difference(more, TWO_SOURCES), Aspect.CONSENT, "t")
    assert change.risk is None


def test_rows_of_the_spec_are_told_one_by_one() -> None:
    def text(*rows: str) -> str:
        listed = f"{{columns: {{code: int, name: string}}, rows: [{', '.join(rows)}]}}"
        old = "tables:\n"
        return STEDI.read_text(encoding="utf-8").replace(old, f"{old}  levels: {{view: true, values: {listed}}}\n", 1)

    found = difference(
        text("[1, low]", "[2, high]", "[3, null]"), text("[1, low]", "[3, null]", "[2, 'it''s']", "[4, top]")
    )
    assert [(one.name, one.aspect, one.text, one.before, one.after) for one in found.changes] == [
        (
            "levels",
            Aspect.ROWS,
            "its rows in the spec: 1 row gone and 2 rows new",
            ("(2, 'high')",),
            ("(2, 'it\\'s')", "(4, 'top')"),
        )
    ]
    assert "- (2, 'high')" in format_text(found) and "+ (4, 'top')" in format_markdown(found)
    (moved,) = difference(text("[1, low]", "[2, high]"), text("[2, high]", "[1, low]")).changes
    assert moved.text == "its rows in the spec stand in another order"


def test_what_a_job_may_read_and_write() -> None:
    found = stedi_difference(
        ("      - semi: customers_curated\n        on: user = email\n      - inner", "      - inner"),
        ("tables:\n", "tables:\n  first:\n    zone: landing\n    source: step_trainer_landing\n"),
    )
    access = {(change.name, change.kind, change.item) for change in found.changes if change.aspect is Aspect.ACCESS}
    assert access == {(LEARN, Kind.REMOVED, "read tables/customers_curated/")}
    (job,) = told(found, Aspect.JOB, "first")
    assert job.after == ("read sources/step_trainer_landing/", "read tables/first/", "write tables/first/")
    (order,) = told(found, Aspect.JOB, LEARN)
    assert order.text == (
        "its job waits for `accelerometer_trusted`, `step_trainer_trusted` and `customer_landing` instead of "
        "`accelerometer_trusted`, `customers_curated`, `step_trainer_trusted` and `customer_landing`"
    )


def test_the_job_of_a_source_alone_reads_its_raw_data() -> None:
    found = stedi_difference(("path: step_trainer/landing/", "path: steps/"))
    access = {(change.name, change.kind, change.item) for change in found.changes if change.aspect is Aspect.ACCESS}
    assert access == {
        ("step_trainer_landing", Kind.ADDED, "read landing/steps/"),
        ("step_trainer_landing", Kind.REMOVED, "read landing/step_trainer/landing/"),
    }


GROUP = (
    "\nrow_counts:",
    "\njobs:\n  people: {steps: [customer_trusted, accelerometer_trusted, customers_curated]}\n\nrow_counts:",
)


def test_tables_that_move_into_one_job() -> None:
    found = stedi_difference(GROUP)
    (gone,) = told(found, Aspect.JOB, "customer_trusted")
    assert gone.text == "its job and its role are gone: job `people` makes it" and gone.kind is Kind.REMOVED
    (come,) = told(found, Aspect.DEFINITION, "people")
    assert come.text == (
        "new job, makes `customer_trusted`, `accelerometer_trusted` and `customers_curated`, "
        "after `customer_landing` and `accelerometer_landing`"
    )
    assert come.after == (
        "read sources/accelerometer_landing/", "read sources/customer_landing/",
        "read tables/customer_trusted/", "read tables/accelerometer_trusted/", "read tables/customers_curated/",
        "write tables/customer_trusted/", "write tables/accelerometer_trusted/", "write tables/customers_curated/",
    )  # fmt: skip
    (wider,) = told(found, Aspect.ACCESS, "people")
    assert wider.risk is Risk.ACCESS and "8 folders in all" in wider.text and "a step needs 5 at most" in wider.text
    assert found.risks == (wider,)
    (waits,) = told(found, Aspect.JOB, "step_trainer_trusted")
    assert waits.before == ("step_trainer_landing", "customers_curated", "customer_landing")
    assert set(waits.after) == {"step_trainer_landing", "people", "customer_landing"}
    back = difference(edited([GROUP]), STEDI.read_text(encoding="utf-8"))
    assert back.risks == ()
    (come,) = told(back, Aspect.JOB, "customer_trusted")
    assert come.text == "a new job, after `customer_landing`; job `people` made it"
    (gone,) = told(back, Aspect.DEFINITION, "people")
    assert gone.text.startswith("job and role are gone; it made `customer_trusted`,")


def test_a_job_that_makes_more_may_do_more() -> None:
    more = (GROUP[0], GROUP[1].replace("customers_curated]", "customers_curated, step_trainer_trusted], workers: 4"))
    found = difference(edited([GROUP]), edited([more]))
    (makes,) = told(found, Aspect.DEFINITION, "people")
    assert makes.text == "it makes `step_trainer_trusted` too"
    assert [one.text for one in told(found, Aspect.ACCESS, "people")] == [
        "it may now also read `sources/step_trainer_landing/`",
        "it may now also read `tables/step_trainer_trusted/`",
        "it may now also write `tables/step_trainer_trusted/`",
    ]
    assert {one.risk for one in told(found, Aspect.ACCESS, "people")} == {Risk.ACCESS}
    assert [one.text for one in told(found, Aspect.JOB, "people")] == [
        "waits for `customer_landing`, `accelerometer_landing` and `step_trainer_landing` instead of "
        "`customer_landing` and `accelerometer_landing`",
        "`workers`: 4",
    ]
    less = difference(edited([more]), edited([GROUP]))
    assert less.risks == () and [one.text for one in told(less, Aspect.DEFINITION, "people")] == [
        "it no longer makes `step_trainer_trusted`"
    ]


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("", "workers: 4", "`workers`: 4"),
        ("workers: 4", "workers: {type: G.2X, count: 4}", "`workers`: 4 G.2X instead of 4"),
        ("timeout: 1", "", "`timeout` is gone: it was 1 minute"),
        ("timeout: 30", "timeout: 90", "`timeout`: 90 minutes instead of 30 minutes"),
        ("execution_class: flex", "execution_class: standard", "`execution_class`: standard instead of flex"),
        ("description: One", "description: Other", "the description of its job"),
    ],
)
@pytest.mark.parametrize("steps", ["", "steps: [zone:trusted, customers_curated]"])
def test_what_a_job_runs_on(old: str, new: str, text: str, steps: str) -> None:
    name = "people" if steps else "customer_trusted"
    texts = [
        edited([("\nrow_counts:", f"\njobs: {{{name}: {{{', '.join(filter(None, (steps, one)))}}}}}\n\nrow_counts:")])
        for one in (old, new)
    ]
    (change,) = difference(*texts).changes
    assert (change.text, change.name, change.on) == (text, name, On.JOB if steps else On.TABLE)


def test_what_becomes_of_the_catalog() -> None:
    found = stedi_difference(("x: double", "x: float"), (DROP, DROP.replace("[user]", "[user]\n    add: {one: 1}")))
    (change,) = told(found, Aspect.CATALOG, LEARN)
    assert change.text == "columns change in place; until its job has run, `one` is null and `x` may be unreadable"


def test_tables_that_change_by_what_they_read() -> None:
    found = stedi_difference(("filter: share", "filter: phone is not null and share"))
    assert {change.name for change in found.changes} == {"customer_trusted"}
    assert found.affected == (
        "accelerometer_trusted", "customers_curated", "step_trainer_trusted", "machine_learning_curated",
    )  # fmt: skip


def test_a_view_that_is_stored_brings_personal_data() -> None:
    spec = edited([("\nrow_counts:", f"\n{EMAILS}\nrow_counts:")])
    view = spec.replace(
        "{zone: curated, source: customer_trusted, select", "{view: true, source: customer_trusted, select"
    )
    stored, unstored = difference(view, spec), difference(spec, view)
    assert [change.risk for change in told(stored, Aspect.PERSONAL, "emails")] == [Risk.PERSONAL]
    assert {change.risk for change in unstored.risks} == {Risk.DATA}
    assert {change.kind for change in told(stored, Aspect.JOB, "emails")} == {Kind.ADDED}


def test_a_new_spec_is_all_new() -> None:
    found = compare(EMPTY, lake_of(STEDI.read_text(encoding="utf-8")))
    assert {change.kind for change in found.changes if change.aspect is Aspect.DEFINITION} == {Kind.ADDED}
    assert {change.risk for change in found.risks} == {Risk.PERSONAL}
    assert format_text(found).startswith("old → new: 1 subject, 1 consent, 3 zones, 3 sources and 5 tables are new\n")


# Formats ---------------------------------------------------------------------------------------------


def test_text_as_a_user_sees_it(golden: Any) -> None:
    found = stedi_difference(*WORKED)
    golden(ROOT / "tests" / "golden" / "diff" / "stedi.txt", format_text(found) + "\n")
    golden(ROOT / "tests" / "golden" / "diff" / "stedi.md", format_markdown(found) + "\n")
    golden(ROOT / "tests" / "golden" / "diff" / "stedi.json", format_json(found) + "\n")


WORKED = [
    (CONSENT_OF_ALL, "curated: {}"), (DROP, ""), (UNIQUE, UNIQUE.replace("email", "email, phone")), NEW_TABLE,
    ("on: timestamp = sensorreadingtime", "on: timestamp = sensorreadingtime and distancefromobject > 0"),
    ("lake: stedi", "lake: stedi\nkeep_versions: 5"),
]  # fmt: skip


def test_markdown_means_what_the_spec_says() -> None:
    nasty = "a | b <script>x</script> `code` ``` @someone *bold* [link](x) #1"
    found = stedi_difference(
        (DROP, DROP + f"    declassify: {{serialnumber: {json.dumps(nasty)}}}\n"),
        ("description: Customers, from the website.", f"description: {json.dumps(nasty)}"),
    )
    text = format_markdown(found)
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)
    outside = re.sub(r"^ *(`{3,}).*?^ *\1$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "<script>" not in outside
    assert "@someone" not in outside
    assert text.count("<details>") == text.count("</details>")


def test_markdown_fits_into_a_comment() -> None:
    source = "  s{0}: {{path: s/{0}/, subject: none, columns: {{{1}}}}}\n"
    columns = ", ".join(f"column_{number}: int" for number in range(30))
    spec = "version: 1\nlake: l\nzones: {z: {}}\nsources:\n" + "".join(source.format(n, columns) for n in range(300))
    spec += "tables:\n" + "".join(f"  t{n}: {{zone: z, source: s{n}}}\n" for n in range(300))
    text = format_markdown(compare(EMPTY, lake_of(spec)))
    assert 20_000 < len(text) <= LIMIT
    assert "more are left out here" in text


def test_json_is_what_its_page_says() -> None:
    values = json.loads(format_json(stedi_difference(*WORKED)))
    page = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")
    for name in (*values, *values["changes"][0], *values["risks"]):
        assert f"`{name}`" in page, name
    for aspect in Aspect:
        assert f"`{aspect}`" in page, aspect
    assert values["risks"]["consent"] == sum(change["risk"] == "consent" for change in values["changes"])
