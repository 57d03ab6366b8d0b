"""The generated pages of `docs/`: codes, the spec's keys, and functions, from the data that the tool itself uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from generator.codes import CodePage, all_codes, load_code
from generator.plan.expressions.functions import registry
from generator.plan.expressions.functions.model import Kind
from generator.plan.expressions.functions.refused import REFUSED
from generator.render.templates import render
from generator.spec import model as spec_model
from generator.spec.descriptions import descriptions

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
    "M": "Keeping tables up to date",
    "Q": "SQL",
    "W": "Jobs",
    "X": "Expectations",
    "V": "Tests with rows",
    "G": "Privacy and consent",
    "R": "While a lake runs",
}

MODELS = {
    "Spec": "The file",
    "Variable": "variables",
    "Subject": "subjects",
    "Consent": "consent",
    "Zone": "zones",
    "Source": "sources",
    "SourceColumn": "columns of a source",
    "Table": "tables",
    "Values": "values",
    "Unnest": "unnest",
    "Join": "join",
    "Dedupe": "dedupe",
    "Expectation": "expect",
    "Job": "jobs",
    "RowTest": "tests",
}
KINDS = {Kind.SCALAR: "Functions of one row", Kind.AGGREGATE: "Aggregates", Kind.WINDOW: "Window functions"}


def render_codes_page() -> str:
    """The text of `docs/codes.md`."""
    pages = [page for code in all_codes() if (page := load_code(code)) is not None]
    return render("docs/codes.md.j2", groups=_grouped(pages))


def render_spec_page() -> str:
    """The text of `docs/spec.md`."""
    models = descriptions()
    sections = [(title, models[name][""], _keys(name, models[name])) for name, title in MODELS.items()]
    return render("docs/spec.md.j2", sections=sections)


def _keys(model: str, fields: Mapping[str, str]) -> list[tuple[str, bool, str]]:
    """Key, whether it must be there, and its description."""
    known = getattr(spec_model, model).model_fields
    by_key = {field.alias or name: field for name, field in known.items()}
    return [(key, by_key[key].is_required(), text) for key, text in fields.items() if key]


def render_functions_page() -> str:
    """The text of `docs/functions.md`."""
    functions = sorted(set(registry().values()), key=lambda function: function.name)
    groups = [(title, [one for one in functions if one.kind == kind]) for kind, title in KINDS.items()]
    return render("docs/functions.md.j2", groups=groups, refused=sorted(REFUSED.items()))


PAGES: Mapping[str, Callable[[], str]] = {
    "codes.md": render_codes_page,
    "spec.md": render_spec_page,
    "functions.md": render_functions_page,
}


def write_pages(folder: Path) -> None:
    """Writes every generated page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def _grouped(pages: Iterable[CodePage]) -> list[tuple[str, list[CodePage]]]:
    """Titles and pages by the first letter of the code, in the order of `GROUPS`."""
    by_letter: dict[str, list[CodePage]] = {letter: [] for letter in GROUPS}
    for page in pages:
        by_letter.setdefault(page.code[0], []).append(page)
    return [(GROUPS.get(letter, letter), found) for letter, found in by_letter.items() if found]
