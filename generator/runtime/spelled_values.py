"""How a text becomes a value of a column with a spelling of its own: one exact rule for every engine."""

from __future__ import annotations

import re
from collections.abc import Callable

from .literals import field_decoder, out_of_range, shown, wrong_type
from .rules import Reason, Rejected
from .spelling import Spelling
from .time_patterns import time_reader
from .types import Type

Decode = Callable[[str], "str | None"]


def spelled_decoder(kind: Type, spelling: Spelling) -> Decode:
    """Turns a text into canonical text of the type `kind`, or into None; or raises `Rejected`.

    Raises:
        PatternError: a format is no pattern.
    """
    decode = _decoder(kind, spelling)
    null, trim = frozenset(spelling.null), spelling.trim
    if not null and not trim:
        return decode

    def decode_or_null(text: str) -> str | None:
        if trim:
            text = text.strip()
            if not text:
                return None
        return None if text in null else decode(text)

    return decode_or_null


def null_decoder(spelling: Spelling) -> Callable[[str], bool]:
    """Whether a text stands for null."""
    null, trim = frozenset(spelling.null), spelling.trim

    def is_null(text: str) -> bool:
        text = text.strip() if trim else text
        return text in null or (trim and not text)

    return is_null


def _decoder(kind: Type, spelling: Spelling) -> Callable[[str], str]:
    if spelling.format and kind.kind in ("date", "timestamp"):
        return _time(kind, spelling.format)
    if kind.is_numeric and (spelling.decimal or spelling.thousands):
        return _number(kind, spelling)
    if kind.kind == "boolean" and (spelling.true or spelling.false):
        return _boolean(spelling)
    return field_decoder(kind)


def _time(kind: Type, patterns: tuple[str, ...]) -> Callable[[str], str]:
    readers = [time_reader(pattern) for pattern in patterns]
    expected = " or ".join(patterns)

    def decode(text: str) -> str:
        finer = False
        for reader in readers:
            try:
                value = reader.read(text)
            except ValueError:
                continue
            except OverflowError:
                finer = True
                continue
            return value.date().isoformat() if kind.kind == "date" else value.isoformat(" ")
        if finer:
            detail = f"{shown(text)} is finer than a microsecond, or outside the years 1 to 9999 in UTC"
            raise Rejected(Reason.OUT_OF_RANGE, detail)
        raise Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not a {kind} ({expected})")

    return decode


def _number(kind: Type, spelling: Spelling) -> Callable[[str], str]:
    number, plain = field_decoder(kind), plain_number(spelling)

    def decode(text: str) -> str:
        found = plain(text)
        if found is None:
            raise wrong_type(kind, text)
        try:
            return number(found)
        except Rejected as rejected:
            raise (out_of_range if rejected.reason is Reason.OUT_OF_RANGE else wrong_type)(kind, text) from None

    return decode


def plain_number(spelling: Spelling) -> Callable[[str], str | None]:
    """Turns the text of a number into one as JSON spells it; None for what isn't a number in this spelling."""
    point, group = re.escape(spelling.decimal or "."), spelling.thousands
    between = "[ \u00a0\u202f]" if group == " " else re.escape(group)
    digits = "(?:0|[1-9][0-9]*)"
    whole = rf"(?:[1-9][0-9]{{0,2}}(?:{between}[0-9]{{3}})+|{digits})" if group else digits
    spelled = re.compile(rf"(-?)({whole})(?:{point}([0-9]+))?([eE][-+]?[0-9]+)?")

    def plain(text: str) -> str | None:
        match = spelled.fullmatch(text)
        if match is None:
            return None
        sign, before, after, exponent = match.groups()
        before = re.sub(between, "", before) if group else before
        return f"{sign}{before}{f'.{after}' if after else ''}{exponent or ''}"

    return plain


def _boolean(spelling: Spelling) -> Callable[[str], str]:
    words = dict.fromkeys(spelling.true or ("true",), "true") | dict.fromkeys(spelling.false or ("false",), "false")

    def decode(text: str) -> str:
        if text not in words:
            raise Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not a boolean ({', '.join(words)})")
        return words[text]

    return decode
