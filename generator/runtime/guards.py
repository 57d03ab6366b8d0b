"""Whether a source may be published, as far as its lines tell: the same rules, and the same words, in every engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .words import plural

USUAL_LIMIT = "5%"
"""How many lines may be quarantined where the spec says nothing."""
SHOWN = 3
_COLUMN = re.compile(r"`([^`]*)`: ")
_VALUES = re.compile(r"`.*`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bad:
    """Lines that are no rows, of one reason.

    Attributes:
        reason: the word for it.
        count: how many there are.
        file, line: where the first one is.
        detail: what is wrong with that.
    """

    reason: str
    count: int
    file: str
    line: int
    detail: str


def too_many(lines: int, quarantined: int, limit: int | str | None) -> str:
    """Why a source may not be published; empty if it may.

    Args:
        limit: how many lines (a number, or a share such as `1%`) may be quarantined.
    """
    share = f"{quarantined:,} of {plural(lines, 'line')} quarantined"
    if lines and quarantined == lines:
        return f"{share}: there are lines and no row"
    if not is_above(lines, quarantined, USUAL_LIMIT if limit is None else limit):
        return ""
    return f"{share}, more than {USUAL_LIMIT if limit is None else limit}"


def is_above(lines: int, quarantined: int, limit: int | str) -> bool:
    if isinstance(limit, int):
        return quarantined > limit
    return quarantined * 100 > float(limit.rstrip("% ")) * lines


def commonest(bad: Sequence[Bad], hidden: Iterable[str]) -> str:
    """The commonest reasons, each with a line of it.

    Args:
        hidden: columns, as the raw data spells them, whose values aren't shown.
    """
    ordered = sorted(bad, key=lambda one: (-one.count, one.reason))
    told = [_told(one, frozenset(hidden)) for one in ordered[:SHOWN]]
    rest = len(ordered) - SHOWN
    more = [plural(rest, "more reason")] if rest > 0 else []
    return "; ".join((*told, *more))


def _told(one: Bad, hidden: frozenset[str]) -> str:
    detail = masked(one.detail, hidden) if one.detail else ""
    where = f"{one.file}:{one.line}{f': {detail}' if detail else ''}"
    return f"{one.count:,} {one.reason.replace('_', ' ')} ({where})"


def masked(detail: str, hidden: frozenset[str]) -> str:
    """What is wrong with a line, without the values if they are of a hidden column, or of who knows which."""
    if not hidden:
        return detail
    column = _COLUMN.match(detail)
    if column and not any(column[1] == key or column[1].startswith((f"{key}.", f"{key}[")) for key in hidden):
        return detail
    start = column.end() if column else 0
    return detail[:start] + _VALUES.sub("`…`", detail[start:])


def first_of_each(rows: Iterable[Mapping[str, Any]]) -> list[Bad]:
    """From `reason`, `count`, `file`, `line`, `detail` as engines give them."""
    return [Bad(row["reason"], row["count"], row["file"], row["line"], row["detail"] or "") for row in rows]
