"""Every mistake gets its code at its place: line, column, and the characters under the caret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.spec import compose, nodes

STEDI = (Path(__file__).parents[2] / "pipeline.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Mistake:
    """An edit of the reference spec: `old` becomes `new`; the diagnostic points at `at` inside `new`."""

    name: str
    old: str
    new: str
    code: str
    at: str

    def text(self) -> str:
        assert STEDI.count(self.old) >= 1, f"{self.old!r} is not in pipeline.yaml"
        return STEDI.replace(self.old, self.new, 1)

    def place(self) -> tuple[int, int]:
        """Line and column of `at`, counted from 1: in what was edited, or else its first place in the file."""
        text = self.text()
        edited = STEDI.index(self.old)
        offset = text.find(self.at, edited, edited + len(self.new) + 1)
        offset = text.index(self.at) if offset < 0 else offset
        return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


FILTER = "filter: sharewithresearchasofdate is not null"
SEMI = "semi: customer_trusted\n        on: user = email"
MISTAKES = [
    # jobs
    Mistake("a step in two jobs", "row_counts:", "jobs:\n  a: {steps: [zone:trusted]}\n  b: {steps: [zone:landing, customer_trusted]}\nrow_counts:", "W001", "customer_trusted]}"),
    Mistake("a step in two jobs by zones", "row_counts:", "jobs:\n  a: {steps: customer_trusted}\n  b: {steps: [customers_curated, zone:trusted]}\nrow_counts:", "W001", "zone:trusted"),
    Mistake("a step with settings of its own in a job", "row_counts:", "jobs:\n  customer_trusted: {workers: 4}\n  b: {steps: [zone:trusted]}\nrow_counts:", "W001", "zone:trusted"),
    Mistake("settings of a step that a job makes", "row_counts:", "jobs:\n  b: {steps: [zone:trusted]}\n  customer_trusted: {workers: 4}\nrow_counts:", "W001", "customer_trusted: {w"),
    Mistake("an unknown step", "row_counts:", "jobs:\n  a: {steps: [customer_trusted, customers]}\nrow_counts:", "W002", "customers]"),
    Mistake("an unknown step, alone", "row_counts:", "jobs:\n  a: {steps: custmer_trusted}\nrow_counts:", "W002", "custmer_trusted"),
    Mistake("an unknown zone of a job", "row_counts:", "jobs:\n  a: {steps: [zone:trustd]}\nrow_counts:", "W002", "zone:trustd"),
    Mistake("an unknown kind of word", "row_counts:", "jobs:\n  a: {steps: [zones:trusted]}\nrow_counts:", "W002", "zones:trusted"),
    Mistake("an unknown exclusion", "row_counts:", "jobs:\n  a: {steps: [zone:trusted], exclude: [customers]}\nrow_counts:", "W002", "customers]"),
    Mistake("nothing is left of a job", "row_counts:", "jobs:\n  a: {steps: [customer_trusted], exclude: [zone:trusted]}\nrow_counts:", "W002", "exclude"),
    Mistake("a job of nobody", "row_counts:", "jobs:\n  customers_trusted: {workers: 4}\nrow_counts:", "W002", "customers_trusted"),
    Mistake("no steps", "row_counts:", "jobs:\n  a: {steps: []}\nrow_counts:", "S001", "steps"),
    Mistake("exclude without steps", "row_counts:", "jobs:\n  customer_trusted: {exclude: [customer_trusted]}\nrow_counts:", "S004", "customer_trusted: {e"),
    Mistake("a job called as a table", "row_counts:", "jobs:\n  customer_trusted: {steps: [accelerometer_trusted]}\nrow_counts:", "W003", "customer_trusted: {s"),
    Mistake("a job called as a source", "row_counts:", "jobs:\n  customer_landing: {steps: [accelerometer_trusted]}\nrow_counts:", "W003", "customer_landing: {s"),
    Mistake("jobs in a circle", "row_counts:", "jobs:\n  trusted: {steps: [zone:trusted]}\n  curated: {steps: [zone:curated]}\nrow_counts:", "W004", "trusted: {s"),
    Mistake("a circle with a job of its own", "row_counts:", "jobs:\n  a: {steps: [customer_trusted, customers_curated]}\nrow_counts:", "W004", "a: {s"),
    Mistake("a flexible job of big workers", "row_counts:", "jobs:\n  a: {steps: [zone:landing], execution_class: flex, workers: {type: G.4X}}\nrow_counts:", "W005", "workers"),
    Mistake("a timeout of nothing", "row_counts:", "jobs:\n  a: {steps: [zone:landing], timeout: 0}\nrow_counts:", "S004", "timeout"),
    Mistake("a timeout of weeks", "row_counts:", "jobs:\n  a: {steps: [zone:landing], timeout: 10081}\nrow_counts:", "S004", "timeout"),
    Mistake("a timeout in words", "row_counts:", "jobs:\n  a: {steps: [zone:landing], timeout: 1h}\nrow_counts:", "S001", "1h"),
    Mistake("one worker", "row_counts:", "jobs:\n  a: {steps: [zone:landing], workers: 1}\nrow_counts:", "S001", "1}"),
    Mistake("workers as Glue calls them", "row_counts:", "jobs:\n  a: {steps: [zone:landing], worker_type: G.2X}\nrow_counts:", "S002", "worker_type"),
    Mistake("tables of a job", "row_counts:", "jobs:\n  a: {tables: [customer_trusted]}\nrow_counts:", "S002", "tables"),
    # names
    Mistake("typo in a column", FILTER, "filter: sharewithreserchasofdate is not null", "C001", "sharewithreserch"),
    Mistake("typo in a table", "source: customer_trusted", "source: customers_trusted", "N001", "customers_trusted"),
    Mistake("typo in a joined table", "semi: customer_trusted", "semi: customer_trustd", "N001", "customer_trustd"),
    Mistake("typo in a key", FILTER, "fliter: sharewithresearchasofdate is not null", "S002", "fliter"),
    Mistake("typo in a join's key", "on: timestamp =", "onn: timestamp =", "S002", "onn"),
    Mistake("where instead of filter", FILTER, "where: sharewithresearchasofdate is not null", "S002", "where"),
    Mistake("from instead of source", "source: customer_landing", "from: customer_landing", "S002", "from"),
    Mistake("unknown zone", "zone: trusted", "zone: trustd", "N003", "trustd"),
    Mistake("unknown consent", "trusted: {require: research}", "trusted: {require: reserch}", "N006", "reserch}"),
    Mistake("unknown subject", "subject: customer\n", "subject: client\n", "N006", "client"),
    Mistake("unknown registry", "registry: customer_landing", "registry: customers", "N001", "customers"),
    Mistake("unknown subject key", "keys: [email, serialnumber]", "keys: [email, serialnumber, serial]",
            "C001", "serial]"),
    Mistake("identifies nothing", "customer.email", "customer.mail", "N006", "customer.mail"),
    Mistake("count of no table", "customer_landing: 956", "customer_landings: 956", "N001", "customer_landings"),
    Mistake("source and table", "tables:\n", "tables:\n  customer_landing: {zone: trusted, source: step_trainer_landing}\n",
            "N002", "customer_landing"),
    Mistake("cycle", "source: customer_landing", "source: customers_curated", "N004", "customer_trusted"),
    Mistake("own input", "source: customer_landing", "source: customer_trusted", "N004", "customer_trusted:"),
    Mistake("alias twice", "semi: customer_trusted", "as: accelerometer_landing\n        semi: customer_trusted",
            "N005", "accelerometer_landing"),
    # YAML
    Mistake("duplicate key", "zone: trusted\n", "zone: trusted\n    zone: curated\n", "Y002", "zone: curated"),
    Mistake("split decimal", "x: double", "x: {type: decimal(10,2)}", "Y003", "2)"),
    Mistake("split call", "drop: [user]", "drop: [coalesce(user, x)]", "Y003", "x)"),
    Mistake("backtick", "on: user = email", "on: `user` = email", "Y001", "`user`"),
    Mistake("colon in a value", FILTER, "filter: email: is not null", "Y001", ": is not"),
    Mistake("tab", "    zone: trusted", "\tzone: trusted", "Y004", "\t"),
    Mistake("comment in a string", FILTER, "filter: phone = 'x #1'", "Y006", "#1"),
    Mistake("self-containing alias", "landing: {}", "landing: &l {description: *l}", "Y009", "&l"),
    Mistake("merge key", "landing: {}", "landing: {<<: {}}", "Y010", "<<"),
    # structure
    Mistake("two kinds of join", SEMI, SEMI + "\n        anti: customer_trusted", "S004", "semi"),
    Mistake("join without condition", "\n        on: user = email", "", "S004", "semi: customer_trusted"),
    Mistake("two sources of rows", "source: customer_landing", "source: customer_landing\n    sql: select 1",
            "S004", "customer_trusted:"),
    Mistake("missing zone", "    zone: trusted\n    source: customer_landing", "    source: customer_landing",
            "S004", "customer_trusted:"),
    Mistake("missing path", "path: customer/landing/", "description2: x", "S003", "customer_landing:\n"),
    Mistake("path outside", "path: customer/landing/", "path: ../customer/", "S004", "../customer/"),
    Mistake("path in a path", "path: customer/landing/", "path: [customer, ./customer/old/]",
            "S004", "path: ["),
    Mistake("no path", "path: customer/landing/", "path: []", "S001", "path: []"),
    Mistake("absolute path", "path: customer/landing/", "path: s3://bucket/customer/", "S004", "s3://"),
    Mistake("upper-case column", "x: double", "X: double", "S005", "X: double"),
    Mistake("dashed table", "  customer_trusted:", "  customer-trusted:", "S005", "customer-trusted"),
    Mistake("text for a number", "customer_landing: 956", "customer_landing: many", "S001", "many"),
    Mistake("list for an expression", FILTER, "filter: [a, b]", "S001", "filter"),
    Mistake("unknown policy", "pii: pseudonymous", "pii: pseudonimous", "S006", "pseudonimous"),
    Mistake("unknown format", "path: customer/landing/", "path: x\n    format: jsonl", "S006", "jsonl"),
    Mistake("unknown encoding", "path: customer/landing/", "path: x\n    format: csv\n    encoding: utf-99",
            "S004", "utf-99"),
    Mistake("two quotes", "path: customer/landing/", "path: x\n    format: csv\n    quote: \"''\"", "S004", "\"''\""),
    Mistake("delimiter as quote", "path: customer/landing/", "path: x\n    format: csv\n    quote: ','",
            "S004", "customer_landing:\n"),
    Mistake("encoding of json", "path: customer/landing/", "path: x\n    encoding: latin-1",
            "S004", "customer_landing:\n"),
    Mistake("column and partition", "path: customer/landing/", "path: x\n    partitions: {email: string}",
            "S004", "customer_landing:\n"),
    Mistake("type of a partition", "path: customer/landing/", "path: x\n    partitions: {p: array<int>}",
            "T010", "array<int>"),
    Mistake("same raw key twice", "x: double", "x: {type: double, key: y}", "S007", "y: double"),
    Mistake("unknown type", "x: double", "x: duoble", "T010", "duoble"),
    Mistake("unclosed type", "x: double", "x: array<double", "T010", "e\n"),
    # types
    Mistake("type mismatch in a join", "on: timestamp = sensorreadingtime", "on: timestamp = serialnumber",
            "T001", "timestamp = serialnumber"),
    Mistake("text against a number", FILTER, "filter: registrationdate > '2020-01-01'", "T001", "registrationdate >"),
    Mistake("not a condition", FILTER, "filter: sharewithresearchasofdate", "T002", "sharewithresearchasofdate"),
    Mistake("number as a condition", FILTER, "filter: sharewithresearchasofdate is not null and phone", "T002", "phone"),
    Mistake("arithmetic on text", FILTER, "filter: phone + 1 > 2", "T003", "phone"),
    Mistake("compared with null", FILTER, "filter: sharewithresearchasofdate <> null", "T008", "sharewithresearch"),
    # expressions
    Mistake("missing operand", "on: user = email", "on: user = = email", "E001", "= email"),
    Mistake("unclosed quote", "on: user = email", "on: user = 'email", "E002", "'email"),
    Mistake("missing operator", FILTER, "filter: email is not null phone", "E003", "phone"),
    Mistake("subquery", FILTER, "filter: phone is null or email in (select user from step_trainer_landing)", "E004",
            "email in"),
    Mistake("two expressions", FILTER, "filter: email is not null; phone is null", "E005", ";"),
    Mistake("unknown function", FILTER, "filter: lenght(email) > 3", "F001", "lenght"),
    Mistake("too many arguments", FILTER, "filter: lower(email, phone) = 'x'", "F002", "lower"),
    Mistake("aggregate in a filter", FILTER, "filter: count(*) > 3", "A001", "count"),
    Mistake("window in a filter", FILTER, "filter: row_number() over (order by email) = 1", "A004", "row_number"),
    Mistake("not aggregated", FILTER, "aggregate: {n: email}", "A003", "email"),
    Mistake("ambiguous column", "on: step_trainer_landing.serialnumber =", "on: serialnumber =", "C002", "serialnumber"),
    Mistake("unknown alias", "on: step_trainer_landing.serialnumber", "on: step_trainr.serialnumber",
            "C006", "step_trainr"),
    Mistake("reserved word, misspelled", "on: user = email", "on: usr = email", "C001", "usr"),
    Mistake("dropped, unknown", "drop: [user]", "drop: [usr]", "C001", "usr"),
    Mistake("column twice", "drop: [user]", "rename: {user: x}", "C003", "machine_learning_curated"),
    Mistake("no column left", FILTER, "select: []", "S001", "select"),
    # expectations
    Mistake("expected of no column", "unique: [email]", "unique: [mail]", "C001", "mail"),
    Mistake("not a pattern", "unique: [email]", "matches: {email: '['}", "X001", "["),
    Mistake("constant of another type", "unique: [email]", "values: {email: [1]}", "X002", "1]"),
    Mistake("unknown expectation", "unique: [email]", "uniqe: [email]", "S002", "uniqe"),
    # sql
    Mistake("order in a query", "source: customer_landing\n    " + FILTER,
            "sql: select * from customer_landing order by email", "Q001", "order"),
    Mistake("unknown table in a query", "source: customer_landing\n    " + FILTER,
            "sql: select * from customers", "N001", "customers"),
    Mistake("column without a name", "source: customer_landing\n    " + FILTER,
            "sql: select lower(email) from customer_landing", "C007", "lower"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake_is_found_at_its_place(mistake: Mistake) -> None:
    source = SourceText("pipeline.yaml", mistake.text())
    analysis = check_spec(source)
    found = [
        (diagnostic.code, source.line_column(diagnostic.span.start) if diagnostic.span else None)
        for diagnostic in analysis.diagnostics
    ]
    assert (mistake.code, mistake.place()) in found
    assert analysis.lake is None


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_one_mistake_is_one_error(mistake: Mistake) -> None:
    """No error causes others; two kinds of mistake really are two."""
    errors = [
        d.code for d in check_spec(SourceText("pipeline.yaml", mistake.text())).diagnostics if d.severity == "error"
    ]
    allowed = {"missing path": ["S002", "S003"]}
    assert sorted(errors) == allowed.get(mistake.name, [mistake.code])


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "Y007", None),
        ("# only a comment\n", "Y007", (1, 1)),
        ("- a\n- b\n", "Y007", (1, 1)),
        ("just text", "Y007", (1, 1)),
        ("{" * 10_000_000, "Y008", (1, 61)),
        ("a: " + "[" * 5_000, "Y008", (1, 63)),
        ("- " * 5_000_000, "Y008", (1, 121)),
        ("".join(f"{' ' * depth}a:\n" for depth in range(3_000)), "Y008", (61, 61)),
        ("version: 1\nlake: \x00\n", "Y001", (2, 7)),
        ("version: [1\nlake: x\n", "Y001", (2, 5)),
        ("version: 1\n---\nversion: 1\n", "Y001", (2, 1)),
        ("%YAML 9.9\n---\na: 1\n", "Y001", (1, 1)),
        ("a: !!python/object:os.system x\n", "S002", (1, 1)),
    ],
    ids=["empty", "comment", "list", "text", "10 MB of braces", "brackets", "10 MB of dashes", "blocks", "nul",
         "unclosed", "two documents", "directive", "tag"],
)  # fmt: skip
def test_what_is_no_spec_at_all(text: str, code: str, place: tuple[int, int] | None) -> None:
    source = SourceText("pipeline.yaml", text)
    diagnostics = check_spec(source).diagnostics
    places = {(d.code, source.line_column(d.span.start) if d.span else None) for d in diagnostics}
    assert (code, place) in places


DEEP = {
    "one space a level": ("".join(f"{' ' * depth}a:\n" for depth in range(61)), (61, 61)),
    "a list a line": ("a:\n" + "".join(f"{' ' * depth}-\n" for depth in range(1, 70)), (61, 61)),
    "dashes far apart": ("a:\n " + "-   " * 70 + "x", (2, 238)),
    "more brackets than libyaml takes": ("a: " + "[" * 5_000 + "]" * 5_000, (1, 63)),
    "more dashes than libyaml takes": ("a:\n " + "- " * 5_000 + "x", (2, 120)),
    "brackets in strings between them": ("a: " + '["]", ' * 5_000 + "1" + "]" * 5_000, (1, 358)),
    "an alias in each": ("a: &a [1]\nb: " + "[*a, " * 70 + "]" * 70, (2, 299)),
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused_with_its_place_whatever_parser_there_is(
    name: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "_LOADER", getattr(yaml, loader))
    text, place = DEEP[name]
    source = SourceText("pipeline.yaml", text)
    (problem,) = check_spec(source).diagnostics
    assert (problem.code, problem.help != ()) == ("Y008", True)
    assert problem.span is not None and source.line_column(problem.span.start) == place


@pytest.mark.parametrize(
    "text",
    ["".join(f"{' ' * depth}a:\n" for depth in range(60)), f"a: {'[' * 59}{']' * 59}", f"a: '{'[' * 90}' # {'[' * 90}"],
    ids=["block", "flow", "brackets of a string"],
)
def test_sixty_levels_are_read(text: str) -> None:
    document, problems = nodes.load_yaml(SourceText("pipeline.yaml", text))
    assert document is not None and problems == []


def test_all_mistakes_at_once() -> None:
    text = STEDI.replace("x: double", "x: duoble").replace(FILTER, "filter: phon = 1 and lenght(email) > 2")
    codes = [diagnostic.code for diagnostic in check_spec(SourceText("p", text)).diagnostics]
    assert codes == ["T010", "C001", "F001"]


def test_reserved_words_are_names() -> None:
    text = STEDI.replace("x: double", "order: double").replace("y: double", "group: double")
    text = text.replace("on: user = email", "on: user = email and order > group and timestamp > 0", 1)
    assert check_spec(SourceText("p", text)).diagnostics == ()


def test_on_is_a_key_and_yes_is_text() -> None:
    text = STEDI.replace("lake: stedi", "lake: yes").replace(FILTER, f"{FILTER} and phone = 'on'")
    analysis = check_spec(SourceText("p", text))
    assert analysis.lake is not None and analysis.lake.name == "yes"
