"""`docs/codes.md`: every diagnostic code on one page, from the same data as `explain`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from generator.codes import CodePage, all_codes, load_code
from generator.render.templates import render

GROUPS = {
    "Y": "YAML",
    "S": "Structure of the spec",
    "N": "Names",
    "E": "Expressions",
    "C": "Columns",
    "T": "Types",
    "F": "Functions",
    "A": "Aggregates and windows",
    "J": "Joins",
    "U": "Unions",
    "Q": "SQL",
    "X": "Expectations",
    "R": "While a lake runs",
}


def render_codes_page() -> str:
    """The text of `docs/codes.md`."""
    pages = [page for code in all_codes() if (page := load_code(code)) is not None]
    return render("docs/codes.md.j2", groups=_grouped(pages))


def write_codes_page(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_codes_page(), encoding="utf-8")


def _grouped(pages: Iterable[CodePage]) -> list[tuple[str, list[CodePage]]]:
    """Titles and pages by the first letter of the code, in the order of `GROUPS`."""
    by_letter: dict[str, list[CodePage]] = {letter: [] for letter in GROUPS}
    for page in pages:
        by_letter.setdefault(page.code[0], []).append(page)
    return [(GROUPS.get(letter, letter), found) for letter, found in by_letter.items() if found]
