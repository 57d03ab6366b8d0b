"""A spec of several files is the lake that one file with all of it is, and every finding is found in its own file."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.cli.formats.common import place
from generator.codes import all_codes, example_text, load_code
from generator.diagnostics import Diagnostic, SourceText, Span
from generator.render.build import render_build
from generator.spec.compose import OF_THE_SPEC
from generator.spec.include import include_patterns, matches
from generator.spec.source import read_source

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs" / "examples"
SPECS = {
    "stedi": ROOT / "pipeline.yaml",
    **{path.parent.name: path for path in sorted(EXAMPLES.glob("*/pipeline.yaml"))},
    **{path.stem: path for path in sorted((EXAMPLES / "traps").glob("*.yaml"))},
}
SPECS = {name: path for name, path in SPECS.items() if "\ninclude:" not in path.read_text(encoding="utf-8")}
SECTION = re.compile(r"(?m)^(?=[a-z_]+:)")
ENTRY = re.compile(r"(?m)^(?=  [a-z_][a-z0-9_]*:)")


def split(text: str) -> dict[str, str]:
    """The same lake in a file for each entry of a section, and the rest in the spec; empty where that can't be."""
    own: list[str] = []
    files: dict[str, str] = {}
    if re.search(r": &\w", text):  # an anchor holds in its own file alone
        return files
    for section in SECTION.split(text):
        key = section.partition(":")[0]
        head, *entries = ENTRY.split(section)
        if key in OF_THE_SPEC or not entries or head.strip().partition("#")[0].strip() != f"{key}:":
            own.append(section)
            continue
        for number, entry in enumerate(entries):
            files[f"{key}/{number:03}.yaml"] = f"# of {key}\n\n{key}:\n{entry}"
    folders = list(dict.fromkeys(f"{name.split('/')[0]}/*.yaml" for name in files))
    return {"pipeline.yaml": f"include: [{', '.join(folders)}]\n{''.join(own)}", **files} if files else {}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "pipeline.yaml"


def shown(source: SourceText, span: Span | None) -> str:
    """What a reader finds at the place that a finding names: the text there, and the line."""
    if span is None:
        return ""
    at = place(source, span)
    line = at.file.line(at.line)
    end = len(line) if at.end_line > at.line else at.end_column - 1
    return f"{line[at.column - 1 : end]} | {line.strip()}"


def findings(source: SourceText) -> list[tuple[object, ...]]:
    def told(one: Diagnostic) -> tuple[object, ...]:
        others = [(shown(source, label.span), label.text) for label in one.secondary]
        return (one.code, one.message, one.label, one.help, shown(source, one.span), others)

    return sorted(map(told, check_spec(source).diagnostics), key=repr)


@pytest.mark.parametrize("name", SPECS)
def test_a_split_spec_is_the_same_lake(name: str, tmp_path: Path) -> None:
    text = SPECS[name].read_text(encoding="utf-8")
    whole = check_spec(SourceText("pipeline.yaml", text))
    parts = check_spec(read_source(written(tmp_path, split(text))))
    assert findings(parts.source) == findings(whole.source)
    if whole.lake is None:
        return
    assert parts.lake is not None
    one, other = (
        {path: re.sub(rb"\w+/\d{3}\.yaml", b"pipeline.yaml", content) for path, content in bytes_of(lake).items()}
        for lake in (whole.lake, parts.lake)
    )
    assert other.keys() == one.keys()
    for path in one:
        if not path.endswith(".zip"):
            assert unfolded(other[path]) == unfolded(one[path]), path
    assert {table.metadata.file.split("/")[0] for table in parts.lake.tables.values()} == {"tables"}


def bytes_of(lake: object) -> dict[str, bytes]:
    files = render_build(lake)  # type: ignore[arg-type]
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def unfolded(text: bytes) -> bytes:
    """Paragraphs of docstrings break where names of files are longer."""
    return re.sub(rb"\s+", b" ", text)


def bad_specs() -> Iterator[tuple[str, str]]:
    for code in all_codes():
        page = load_code(code)
        if page is not None and page.bad and not page.has_files and not page.bad.startswith("%raw"):
            yield code, example_text(page.bad)


BAD = {code: text for code, text in bad_specs() if split(text)}


@pytest.mark.parametrize("code", BAD)
def test_findings_are_in_the_file_where_they_lie(code: str, tmp_path: Path) -> None:
    whole = SourceText("pipeline.yaml", BAD[code])
    parts = read_source(written(tmp_path, split(BAD[code])))
    found = findings(parts)
    assert any(one[0] == code for one in found)
    assert {one[0] for one in found} == {one[0] for one in findings(whole)}
    if not code.startswith("Y"):  # what breaks the YAML of one file leaves the others alone
        assert found == findings(whole)
    for one in check_spec(parts).diagnostics:
        assert one.span is not None
        at = place(parts, one.span)
        assert at.file.line(at.line).strip(), (one.code, at.file.path, at.line)


def test_there_are_enough_of_them() -> None:
    assert len(BAD) > 40


# What is included ------------------------------------------------------------------------------------

LAKE = """version: 1
lake: shop
include: {include}
zones: {{landing: {{}}, trusted: {{}}}}
"""
ORDERS = "sources:\n  orders: {path: orders/, columns: {id: bigint, amount: double}}\n"
BIG = "tables:\n  big: {zone: trusted, source: orders, filter: amount > 100}\n"


def problems(folder: Path, include: str, files: dict[str, str]) -> list[str]:
    spec = written(folder, {"pipeline.yaml": LAKE.format(include=include), "orders.yaml": ORDERS, **files})
    source = read_source(spec)
    told = []
    for one in check_spec(source).diagnostics:
        assert one.span is not None
        at = place(source, one.span)
        where = f"{os.path.relpath(at.file.path, folder)}:{at.line}:{at.column}"
        told.append(f"{one.code} {where} {one.message}")
    return told


WITH_N = "[orders.yaml, n.yaml]"
NO_YAML = "invalid YAML: did not find expected node content (while parsing a flow node)"
CASES = [
    ("[orders.yaml, big.yaml]", {"big.yaml": BIG}, ""),
    ("'*.yaml'", {"big.yaml": BIG}, ""),
    ("['**/*.yaml']", {"a/b/big.yaml": BIG}, ""),
    ("[orders.yaml, 'orders.y*', '*.yaml']", {"big.yaml": BIG}, ""),
    ("[orders.yaml, empty.yaml]", {"empty.yaml": "# nothing yet\n"}, ""),
    (WITH_N, {"n.yaml": "tables:\n"}, "S001 n.yaml:1:1 `tables` must be a mapping of keys to values, found nothing"),
    ("[orders.yaml, x/*.yaml]", {}, "S009 pipeline.yaml:3:24 `x/*.yaml` includes no file"),
    ("[orders.yaml, pipeline.yaml]", {}, "S009 pipeline.yaml:3:24 `pipeline.yaml` includes no file"),
    ("[orders.yaml, tables]", {"tables/big.yaml": BIG}, "S009 pipeline.yaml:3:24 `tables` includes no file"),
    ("[orders.yaml, /x.yaml]", {}, "S009 pipeline.yaml:3:24 `/x.yaml` is no path from the folder of this file"),
    ("[orders.yaml, '']", {}, "S009 pipeline.yaml:3:24 `` is no path from the folder of this file"),
    ("[orders.yaml, 3]", {}, "S001 pipeline.yaml:3:24 this must be text, found `3`"),
    ("{a: orders.yaml}", {}, "S001 pipeline.yaml:3:1 `include` must be a list, found a mapping"),
    (WITH_N, {"n.yaml": "include: big.yaml\n"}, "S008 n.yaml:1:1 `include` in an included file"),
    (WITH_N, {"n.yaml": f"version: 1\n{BIG}"}, "S008 n.yaml:1:1 `version` in an included file"),
    (WITH_N, {"n.yaml": "- a\n"}, "Y007 n.yaml:1:1 the file is not a mapping of keys to values"),
    (WITH_N, {"n.yaml": "x: [\n"}, f"Y001 n.yaml:2:1 {NO_YAML}"),
    (WITH_N, {"n.yaml": f"#\n{BIG}\n{BIG}"}, "Y002 n.yaml:5:1 duplicate key `tables`"),
    (WITH_N, {"n.yaml": f"#\n{ORDERS}"}, "Y002 n.yaml:3:3 duplicate key `orders`"),
    (WITH_N, {"n.yaml": "tabels: {}\n"}, "S002 n.yaml:1:1 unknown key `tabels`"),
    (WITH_N, {"n.yaml": BIG.replace("orders", "ordres")}, "N001 n.yaml:2:32 unknown table `ordres`"),
]


@pytest.mark.parametrize(("include", "files", "found"), CASES)
def test_what_is_wrong_with_includes(include: str, files: dict[str, str], found: str, tmp_path: Path) -> None:
    assert problems(tmp_path, include, files) == ([found] if found else [])


def test_a_duplicate_names_both_places(tmp_path: Path) -> None:
    written(tmp_path, {"big.yaml": BIG, "more.yaml": f"\n{BIG}", "orders.yaml": ORDERS})
    source = read_source(written(tmp_path, {"pipeline.yaml": LAKE.format(include="'*.yaml'")}))
    (found,) = check_spec(source).diagnostics
    assert found.span is not None
    spans = [found.span, *(label.span for label in found.secondary)]
    at = [(Path(one.file.path).name, one.line) for one in (place(source, span) for span in spans)]
    assert at == [("more.yaml", 3), ("big.yaml", 2)]


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not UTF-8", "a broken link"])
def test_a_file_that_cannot_be_read(content: bytes | None, tmp_path: Path) -> None:
    if content is None:
        (tmp_path / "n.yaml").symlink_to("nowhere")
    else:
        (tmp_path / "n.yaml").write_bytes(content)
    (problem,) = problems(tmp_path, "[orders.yaml, 'n*.yaml']", {})
    why = "there is no such file" if content is None else "it is not UTF-8 text"
    assert problem.startswith(f"S009 pipeline.yaml:3:24 cannot read the included file n.yaml: {why}")


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("include: a.yaml\n", ["a.yaml"]),
        ("version: 1\ninclude:\n  - a/*.yaml   # all\n  - 'b'\ntables:\n  include: {x: y}\n", ["a/*.yaml", "b"]),
        ('{version: 1, "include": [a, "b"], lake: x}', ["a", "b"]),
        ("tables:\n  include: {source: a}\n", []),
        ("tables: {a: {include: [x]}}\n", []),
        ("description: |\n  include: x\ninclude: y", ["y"]),
        ("tables: &t {a: b}\nmore: *t\ninclude: [y]", ["y"]),
        ("? include\n: [y]\n", []),
        ("include: [y\n", ["y"]),
        ("include: [y]\nbroken: [", ["y"]),
        ("- include: a\n", []),
        ("include: {a: b}\n", ["a", "b"]),
        ("a: include\ninclude: b\n", ["b"]),
    ],
)
def test_patterns_are_found_before_the_yaml_is_read(text: str, patterns: list[str]) -> None:
    assert include_patterns(text) == patterns


NAMES = ("a.yaml b.yml t/a.yaml t/u/a.yaml t/.hidden.yaml .h/a.yaml t/[x].yaml t/a,b.yaml T/a.yaml").split()
PATTERNS = (
    "*.yaml * ** **/*.yaml t/* t/** t/**/a.yaml t/[ab].yaml t/?.yaml */*.yaml t/[[]x].yaml ./t/a.yaml t/u/../a.yaml "
    ".h/*.yaml t/a?b.yaml **/**/a.yaml t//a.yaml [!a].yml"
).split()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_revision_of_git_has_the_files_that_a_folder_has(pattern: str, tmp_path: Path) -> None:
    written(tmp_path, dict.fromkeys(NAMES, ""))
    found = {os.path.normpath(name) for name in glob.glob(pattern, root_dir=tmp_path, recursive=True)}
    there = {name for name in found if (tmp_path / name).is_file()}
    assert {name for name in NAMES if matches(name, pattern)} == there
