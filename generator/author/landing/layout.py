"""By which time the files of a deployed source are told apart, if it has so much data that this pays."""

from __future__ import annotations

from collections import Counter
from datetime import date

from generator.author.landing.lines import PACKING
from generator.author.landing.survey import Survey, SurveyedColumn
from generator.plan.layout import SMALLEST
from generator.runtime.names import is_archive

_UNITS = {"day": 1, "month": 30, "year": 365}
_OUTLIERS = 0.01
_MANY_FILES = 10
"""So many files show the days even if only the beginning of each was read."""


def time_partition(source: Survey, moment: SurveyedColumn) -> tuple[str, str] | None:
    """The finest transform whose parts fill a file that pays, and what it rests on; nothing where none does.

    Only dates and timestamps have such parts, and only the days of texts are seen, so Parquet gets no proposal.
    """
    kind = moment.inferred.type
    days = _days(source, moment)
    size = _packed(source)
    if kind is None or kind.kind not in ("date", "timestamp") or not days or size < SMALLEST:
        return None
    for unit, length in _UNITS.items():
        part = size * length // days
        if part >= SMALLEST:
            known = "" if source.reading.complete else ", by a sample"
            return f"{unit}({moment.name})", f"about {part >> 20:,} MB a {unit}, packed{known}"
    return None


def _packed(source: Survey) -> int:
    """What the source's rows take in a deployed table, at a guess: as much as in archives."""
    return sum(file.stat().st_size // (1 if is_archive(file.name.lower()) else PACKING) for file in source.raw.files)


def _days(source: Survey, moment: SurveyedColumn) -> int:
    """How many days the data is of, outliers aside: those that were seen, or all between them if it was a sample."""
    if not source.reading.complete and not _is_from_all_over(source):
        return 0
    usual = _usual(moment.seen.days)
    if source.reading.complete or not usual:
        return len(usual)
    return (date.fromisoformat(usual[-1]) - date.fromisoformat(usual[0])).days + 1


def _is_from_all_over(source: Survey) -> bool:
    """Whether a sample has parts of all times, and not the beginnings of a few files."""
    lines = source.raw.format == "json" and not source.options.cuts_documents
    plain = not any(is_archive(file.name.lower()) for file in source.raw.files)
    return (lines and plain) or len(source.raw.files) >= _MANY_FILES


def _usual(seen: Counter[str]) -> list[str]:
    """The days in order, without the first and last ones that hardly any row is of."""
    least, before, usual = _OUTLIERS * seen.total(), 0, []
    for day in sorted(seen):
        if before + seen[day] > least and before < seen.total() - least:
            usual.append(day)
        before += seen[day]
    return usual
