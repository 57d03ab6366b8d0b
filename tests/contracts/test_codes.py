"""Every diagnostic code has a page that tells the truth: its examples are compiled."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.codes import CodePage, all_codes, base_text, example_source, load_code
from generator.diagnostics import Diagnostic, SourceText
from generator.render.docs_pages import GROUPS, PAGES

ROOT = Path(__file__).parent.parent.parent
CODE = re.compile(r"[A-Z]\d{3}")
QUOTED_CODE = re.compile(rf"[\"']({CODE.pattern})[\"']")


def page(code: str) -> CodePage:
    found = load_code(code)
    assert found is not None
    return found


WITH_EXAMPLES = [code for code in all_codes() if not page(code).runtime]


def codes_in_use() -> dict[str, Path]:
    """Each code with a file whose string literals have it."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "generator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.setdefault(node.value, path.relative_to(ROOT))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for code in QUOTED_CODE.findall(path.read_text(encoding="utf-8")):
            found.setdefault(code, path.relative_to(ROOT))
    return found


def compiled(fragment: str) -> list[Diagnostic]:
    return list(check_spec(example_source(fragment)).diagnostics)


def test_every_code_in_use_has_a_page() -> None:
    without = {code: str(path) for code, path in codes_in_use().items() if load_code(code) is None}
    assert without == {}


def test_every_page_is_about_a_code_in_use() -> None:
    assert set(all_codes()) - set(codes_in_use()) == set()


def test_names_are_unique_and_kebab_case() -> None:
    names = [page(code).name for code in all_codes()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_every_letter_has_a_title() -> None:
    assert {code[0] for code in all_codes()} <= set(GROUPS)


def test_texts_are_whole_sentences() -> None:
    """An unquoted ` #` in a page would cut its text off."""
    texts = [(code, text.strip()) for code in all_codes() for text in (page(code).summary, page(code).why)]
    assert [code for code, text in texts if not text.endswith(".")] == []
    assert [code for code in all_codes() if "\n" in page(code).summary.strip()] == []


def test_only_runtime_codes_have_no_examples() -> None:
    assert [code for code in all_codes() if page(code).runtime and page(code).examples] == []
    assert [code for code in all_codes() if page(code).runtime != code.startswith("R")] == []


def test_the_base_lake_is_clean() -> None:
    assert list(check_spec(SourceText("pipeline.yaml", base_text())).diagnostics) == []


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_the_bad_example_gives_its_code_and_no_other(code: str) -> None:
    found = compiled(page(code).bad)
    assert {diagnostic.code for diagnostic in found} == {code}, [d.message for d in found]
    assert {diagnostic.severity for diagnostic in found} == {page(code).severity}


@pytest.mark.parametrize("code", WITH_EXAMPLES)
def test_the_good_example_gives_nothing(code: str) -> None:
    assert [f"{found.code}: {found.message}" for found in compiled(page(code).good)] == []


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_current(name: str) -> None:
    current = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert current == PAGES[name](), f"docs/{name} is stale: run `make docs`"
