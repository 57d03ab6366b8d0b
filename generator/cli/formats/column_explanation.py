"""A column explained in plain words: where it comes from, and why it is personal or isn't."""

from __future__ import annotations

from generator.cli.formats.page import Page, listed
from generator.render.explanation import ColumnExplanation
from generator.render.explanation.history import Hop
from generator.render.explanation.labels import Cleared, Label, LabelHop


def format_column_page(column: ColumnExplanation, color: bool = False, width: int = 0) -> str:
    """The page of a column, without a final line end."""
    page = Page(color, width)
    page.title(f"{column.table}.{column.column}", f": {column.type}")
    page.section("Where it comes from")
    for hop in column.lineage:
        page.say(f"{hop.table}.{hop.column}")
        for text in _origin(hop):
            page.say(text, level=2)
    page.section("Is it personal?")
    page.say(_ANSWERS[column.personal])
    for label in column.labels:
        page.say(_label(label))
        for stop in label.path:
            page.say(_stop(stop), level=2, hang=2)
    for one in column.cleared:
        page.say(_cleared(one, is_all=not column.labels))
    if not column.labels and not column.cleared:
        page.say("Nothing that it is computed from, or compared with, is tagged `pii` or a key of a person.")
    return page.text()


_ANSWERS = {
    "direct": "Yes, directly: it holds what names a person.",
    "pseudonymous": (
        "Yes, though pseudonymous: it names nobody by itself, but with the key, or by hashing again, "
        "the person can be found."
    ),
    "no": "No, going by what the spec says of the raw columns.",
}


def _origin(hop: Hop) -> list[str]:
    if hop.key is not None:
        return ["as it lands" if hop.key == hop.column else f"as it lands, where it is spelled {hop.key}"]
    origins = [f"{origin.table}.{origin.column}" for origin in hop.origins]
    if not hop.definitions:
        return [f"is {listed(origins)}" if len(origins) == 1 else f"is one of {listed(origins)}"]
    names = len(hop.definitions) > 1 or hop.definitions[0].name != hop.column
    computed = [f"{one.name} = {one.expression}" if names else f"= {one.expression}" for one in hop.definitions]
    return [*computed, f"from {listed(origins)}" if origins else "from no column"]


def _label(label: Label) -> str:
    why = f"which is a key of a person ({label.is_key})" if label.is_key else "which is tagged `pii`"
    hashed = next((stop for stop in label.path if stop.hashed), None)
    end = f"; hashed in {hashed.table}" if hashed is not None and label.pseudonymous else ""
    return f"It depends on {label.source}.{label.column}, {why}{end}:"


def _stop(stop: LabelHop) -> str:
    how = f": {stop.how}" if stop.how else ""
    return f"→ {stop.table}.{stop.column}{how}{' (hashed)' if stop.hashed else ''}"


def _cleared(one: Cleared, is_all: bool) -> str:
    what = f"It is computed from {listed(one.raw)}, but" if is_all else f"Of {listed(one.raw)}"
    where = f"{one.table}.{one.column}"
    if one.reason is not None:
        return f"{what} {where} is declassified. The reason given: {one.reason.rstrip('.')}."
    return f"{what} nothing personal is left in {where}: {one.expression}."
