"""The loader of the pages about codes, and the lakes that their examples make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from generator import codes
from generator.codes import all_codes, base_text, example_text, load_code
from generator.diagnostics import Severity

PAGE = "code: Z001\nname: n\nseverity: warning\nsummary: s\nwhy: w\nbad: |\n  %raw\n  a: 1\ngood: 'b: 1'\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(codes, "_FOLDER", tmp_path)
    load_code.cache_clear()
    yield tmp_path
    load_code.cache_clear()


def test_a_page_is_found_in_either_case() -> None:
    assert load_code("y002") == load_code(" Y002 ")
    assert load_code("Y002") is not None


@pytest.mark.parametrize("code", ["", "Y", "Y02", "Y0022", "base", "../codes/Y002", "Y999", "Y002.yaml"])
def test_other_names_have_no_page(code: str) -> None:
    assert load_code(code) is None


def test_only_files_named_after_codes_are_pages(folder: Path) -> None:
    for name in ("B002.yaml", "A001.yaml", "base.yaml", "C001.yml", "c003.yaml"):
        (folder / name).write_text("", encoding="utf-8")
    assert all_codes() == ("A001", "B002")


def test_a_page_as_values(folder: Path) -> None:
    (folder / "Z001.yaml").write_text(PAGE, encoding="utf-8")
    page = load_code("Z001")
    assert page == codes.CodePage("Z001", "n", Severity.WARNING, "s", "w", "%raw\na: 1\n", "b: 1")
    assert page.examples == (("Wrong", "a: 1"), ("Right", "b: 1"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("code: Z001", "code: Z002"), "`code` says Z002"),
        (("severity: warning", "severity: fatal"), "'fatal' is not a valid Severity"),
        (("why: w\n", ""), "missing 1 required positional argument: 'why'"),
        (("why: w", "why: 3"), "expected text in why"),
        (("why: w", "whi: w\nwhy: w"), "unexpected keyword argument 'whi'"),
        (("good: 'b: 1'\n", ""), "expected `bad` and `good`, or `runtime: true`"),
        (("name: n", "name: n\nruntime: 'yes'"), "expected text in all keys but `runtime`"),
        ((PAGE, "- a"), "expected a mapping"),
        ((PAGE, "a: [1"), "expected ',' or ']'"),
    ],
)
def test_a_wrong_page_says_what_is_wrong(folder: Path, change: tuple[str, str], reason: str) -> None:
    (folder / "Z001.yaml").write_text(PAGE.replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^Z001\.yaml: ") as error:
        load_code("Z001")
    assert reason in str(error.value)


def test_an_example_replaces_whole_sections() -> None:
    lake = yaml.safe_load(example_text("# why\n'sources':\n  a:\n    path: a/\n\ntables: {}\n"))
    base = yaml.safe_load(base_text())
    assert lake["sources"] == {"a": {"path": "a/"}}
    assert lake["tables"] == {}
    assert {key: lake[key] for key in ("version", "lake", "zones")} == {
        key: base[key] for key in ("version", "lake", "zones")
    }


@pytest.mark.parametrize(
    "fragment",
    [
        "zones: {landing: {}\n",
        "zones:\n\tlanding: {}\n",
        'zones: "\n',
        "zones: {}\nzones: {}\n",
        "zones : {}",
        "tables:\r\n  a: [\r\n",
    ],
)
def test_an_example_stays_as_it_is_written(fragment: str) -> None:
    text = example_text(fragment)
    assert text.endswith(fragment)
    assert text.startswith("version: 1\nlake: shop\n")
    assert ("\nzones:\n  landing: {}\n" in text) == ("zones" not in fragment)
    assert "\nsources:\n  customers:\n" in text


def test_a_raw_example_is_the_whole_file() -> None:
    assert example_text("%raw\n- a\n- b") == "- a\n- b"
    assert example_text("%raw") == ""
