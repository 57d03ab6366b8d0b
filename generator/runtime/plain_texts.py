"""Texts that surely are values in a column's spelling, which engines then read by themselves.

RE2 and Java understand the expressions alike. What these leave out, such as weekdays, takes the slow path to the same
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .plain_times import literal_expression, plain_times
from .spelling import Spelling
from .time_patterns import EPOCHS, Epoch
from .types import Type

_WHOLE_DIGITS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 15, "double": 15, "float": 15}
_EXACT_DIGITS, _MOST_SCALE = 15, 9
_NEVER_PLAIN = frozenset('"\r\n\0')
_USUAL = {"date": ("yyyy-MM-dd",), "timestamp": ("yyyy-MM-dd'T'HH:mm:ss[.SSSSSS][XXX]",)}


@dataclass(frozen=True, slots=True)
class PlainText:
    """Texts that surely are values.

    Attributes:
        expression: what matches such a text that isn't empty; nothing for strings: all texts are some.
        marks: characters in them that are no letters or digits.
        is_trimmed: whether spaces around them don't count. Other white space isn't trimmed by engines.
    """

    expression: str
    marks: frozenset[str] = frozenset()
    is_trimmed: bool = False


def plain_text(kind: Type, spelling: Spelling) -> PlainText | None:
    """The texts that surely are values of a type in a spelling; None if they can't be told."""
    words = (*spelling.null, *spelling.true, *spelling.false)
    if any(set(word) & _NEVER_PLAIN for word in words):
        return None
    found = PlainText("") if kind.kind == "string" else _spelled(kind, spelling)
    if found is None:
        return None
    null = [word for word in spelling.null if word] if found.expression else []
    expression = "|".join([*filter(None, [found.expression]), *map(literal_expression, null)])
    return PlainText(expression, found.marks | _marks(null), spelling.trim)


def _spelled(kind: Type, spelling: Spelling) -> PlainText | None:
    """The same without the words for null."""
    if kind.kind in ("date", "timestamp"):
        return _moments(spelling.format or _USUAL[kind.kind])
    if kind.is_numeric:
        expression = number_expression(kind, spelling)
        return (
            PlainText(expression, frozenset((spelling.decimal or ".", *spelling.thousands, "-")))
            if expression
            else None
        )
    if kind.kind == "boolean":
        words = (*(spelling.true or ("true",)), *(spelling.false or ("false",)))
        return PlainText("|".join(map(literal_expression, words)), _marks(words))
    return None


def _moments(formats: Sequence[str]) -> PlainText | None:
    if len(formats) == 1 and formats[0] in EPOCHS:
        return PlainText(Epoch(formats[0]).whole, frozenset("-"))
    times = plain_times(Spelling(format=tuple(formats)))
    return PlainText(times.expression, times.marks) if times else None


def _marks(words: Iterable[str]) -> frozenset[str]:
    return frozenset(character for word in words for character in word if not character.isalnum())


def number_expression(kind: Type, spelling: Spelling) -> str:
    """The expression, of RE2 and Java, of numbers that a type surely holds; empty for those with spaces in them."""
    point, group = spelling.decimal or ".", spelling.thousands
    if group == " ":
        return ""
    scale = min(kind.scale, _MOST_SCALE) if kind.kind == "decimal" else 0 if kind.is_integer else _EXACT_DIGITS
    whole = _WHOLE_DIGITS.get(kind.kind) or min(kind.precision - kind.scale, _EXACT_DIGITS - scale)
    if whole < 1:
        return ""
    digits = f"0|[1-9][0-9]{{0,{whole - 1}}}"
    if group and whole > 3:
        digits += f"|[1-9][0-9]{{0,2}}(?:{literal_expression(group)}[0-9]{{3}}){{1,{(whole - 3) // 3}}}"
    fraction = f"(?:{literal_expression(point)}[0-9]{{1,{scale}}})?" if scale else ""
    return f"-?(?:{digits}){fraction}"
