"""Dates and times as a pattern spells them: the letters of Java and Spark, English names, no machine's locale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

EPOCHS = {"epoch_seconds": 1, "epoch_millis": 1_000, "epoch_micros": 1_000_000, "epoch_nanos": 1_000_000_000}
_MICROS = EPOCHS["epoch_micros"]
MAX_OFFSET = timedelta(hours=18)
MONTHS = tuple(
    "january february march april may june july august september october november december".split()
)  # fmt: skip
_DAYS = tuple("monday tuesday wednesday thursday friday saturday sunday".split())
_COLON, _PLAIN, _HOURS = "[-+][0-9]{2}:[0-9]{2}", "[-+][0-9]{4}", "[-+][0-9]{2}(?:[0-9]{2})?"


def _names(names: tuple[str, ...], length: int | None = None) -> str:
    return f"(?i:{'|'.join(name[:length] for name in names)})"


_READ: Mapping[str, tuple[str, str]] = {
    "yyyy": ("year", "[0-9]{4}"), "uuuu": ("year", "[0-9]{4}"), "yy": ("year", "[0-9]{2}"),
    "MM": ("month", "[0-9]{2}"), "M": ("month", "[0-9]{1,2}"),
    "MMM": ("name", _names(MONTHS, 3)), "MMMM": ("name", _names(MONTHS)),
    "dd": ("day", "[0-9]{2}"), "d": ("day", "[0-9]{1,2}"),
    "HH": ("hour", "[0-9]{2}"), "H": ("hour", "[0-9]{1,2}"), "hh": ("half", "[0-9]{2}"), "h": ("half", "[0-9]{1,2}"),
    "a": ("noon", "(?i:am|pm)"), "mm": ("minute", "[0-9]{2}"), "m": ("minute", "[0-9]{1,2}"),
    "ss": ("second", "[0-9]{2}"), "s": ("second", "[0-9]{1,2}"),
    **{"S" * digits: ("fraction", f"[0-9]{{{digits}}}") for digits in range(1, 10)},
    "E": ("weekday", _names(_DAYS, 3)), "EE": ("weekday", _names(_DAYS, 3)), "EEE": ("weekday", _names(_DAYS, 3)),
    "EEEE": ("weekday", _names(_DAYS)),
    "X": ("offset", f"(?:Z|{_HOURS})"), "XX": ("offset", f"(?:Z|{_PLAIN})"), "XXX": ("offset", f"(?:Z|{_COLON})"),
    "x": ("offset", _HOURS), "xx": ("offset", _PLAIN), "xxx": ("offset", _COLON),
    "Z": ("offset", _PLAIN), "z": ("offset", f"(?:Z|UTC|GMT|(?:UTC|GMT)?{_COLON})"), "T": ("", "T"),
}  # fmt: skip
_HINTS = {
    "Y": "`Y` is the year of the week: write `yyyy`", "D": "`D` is the day of the year: write `dd`",
    "K": "write `h` for hours from 1 to 12", "k": "write `H` for hours from 0 to 23",
    "n": "write `S` for digits of a fraction", "L": "write `M`", "V": "regions aren't read: offsets are, as `XXX`",
}  # fmt: skip
KNOWN = (
    "known: yyyy yy MM M MMM MMMM dd d HH H hh h a mm m ss s S to SSSSSSSSS EEE EEEE X XX XXX Z z,"
    " and [ ] around what may be missing"
)
_TOKEN = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|\[|\]|[0-9]|[^A-Za-z'\[\]0-9]|'")
_SPACES = "[ \u00a0\u202f]"
_CLOCK = frozenset(("hour", "half", "minute", "second", "fraction", "noon", "offset"))


class PatternError(ValueError):
    """A pattern that no date or time is read by.

    Attributes:
        help: the way out, if there is one.
    """

    def __init__(self, message: str, help: str = "") -> None:
        self.help = help
        super().__init__(message)


class TimePattern:
    """Reads texts of one pattern.

    Attributes:
        pattern: as written.
        parts: what it reads: `year`, `month` or `name`, `day`, `hour` or `half`, `noon`, `minute`, `second`,
            `fraction`, `weekday`, `offset`.
    """

    def __init__(self, pattern: str) -> None:
        """Compiles the pattern.

        Raises:
            PatternError: it has unknown letters, lacks a part of the date, or can't be told apart.
        """
        self.pattern = pattern
        self.parts: set[str] = set()
        self._regex = re.compile(self._compiled(pattern))
        self._check()

    @property
    def has_clock(self) -> bool:
        """Whether it reads more than a date."""
        return bool(self.parts & _CLOCK)

    def _compiled(self, pattern: str) -> str:
        out, depth, open_number, is_apart = [], 0, False, False
        for match in _TOKEN.finditer(pattern):
            token = match.group()
            if token == "'":
                raise PatternError("a quote of the pattern is never closed")
            depth += (token == "[") - (token == "]")
            if depth < 0:
                raise PatternError("a `]` without its `[`")
            if match[1]:
                regex = self._part(token, is_apart)
                if open_number and _READ[token][1].startswith("[0-9]"):
                    raise PatternError(f"nothing tells where `{token}` begins", "double the letter before it")
                open_number, is_apart = regex.endswith("{1,2})"), False
                out.append(regex)
                continue
            open_number = open_number and token in "[]"
            is_apart = is_apart or token not in "[]"
            text = (match[2].replace("''", "'") or "'") if token.startswith("'") else token
            out.append({"[": "(?:", "]": ")?", " ": _SPACES}.get(token) or _literal(text))
        if depth:
            raise PatternError("a `[` is never closed")
        return "".join(out)

    def _part(self, letters: str, is_apart: bool) -> str:
        """The expression of a part; a fraction that a character sets apart may have fewer digits, as in Spark."""
        if letters not in _READ:
            message = f"`{letters}` isn't read in dates and times"
            raise PatternError(message, _HINTS.get(letters[0], KNOWN))
        group, regex = _READ[letters]
        if not group:
            return regex
        if group in self.parts:
            raise PatternError(f"`{letters}` reads the {group} a second time")
        self.parts.add(group)
        regex = f"[0-9]{{1,{len(letters)}}}" if group == "fraction" and is_apart else regex
        return f"(?P<{group}>{regex})"

    def _check(self) -> None:
        for part, letters in (("year", "yyyy"), ("month", "MM"), ("day", "dd")):
            if part not in self.parts and not (part == "month" and "name" in self.parts):
                raise PatternError(f"`{self.pattern}` reads no {part}", f"it needs `{letters}`")
        if ("half" in self.parts) != ("noon" in self.parts):
            raise PatternError("hours from 1 to 12 need `a`, and `a` needs them", "write `h:mm a`, or `HH:mm`")
        if {"hour", "half"} <= self.parts or {"month", "name"} <= self.parts:
            raise PatternError("the same part of the time is read twice")
        if "minute" in self.parts and not self.parts & {"hour", "half"}:
            raise PatternError("minutes without hours", "months are `MM`, minutes are `mm`")

    def read(self, text: str) -> datetime:
        """The moment that a text says, in UTC; without an offset it is in UTC already.

        Raises:
            ValueError: it isn't spelled so, or there is no such day or time.
            OverflowError: it is finer than a microsecond, or outside the years 1 to 9999.
        """
        match = self._regex.fullmatch(text)
        if match is None:
            raise ValueError
        found = match.groupdict()
        fraction = (found.get("fraction") or "").ljust(6, "0")
        if fraction[6:].strip("0"):
            raise OverflowError
        value = datetime(
            _year(found["year"]), _month(found), int(found["day"]), _hour(found),
            int(found.get("minute") or 0), int(found.get("second") or 0), int(fraction[:6]),
        )  # fmt: skip
        weekday = found.get("weekday")
        if weekday and weekday[:3].lower() != _DAYS[value.weekday()][:3]:
            raise ValueError
        return value - _offset(found.get("offset"))


def _literal(text: str) -> str:
    return _SPACES if text == " " else re.escape(text)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(found: Mapping[str, str | None]) -> int:
    if name := found.get("name"):
        return next(number for number, month in enumerate(MONTHS, 1) if month[:3] == name[:3].lower())
    return int(found["month"] or 0)


def _hour(found: Mapping[str, str | None]) -> int:
    half = found.get("half")
    if half is None:
        return int(found.get("hour") or 0)
    if not 1 <= int(half) <= 12:
        raise ValueError
    return int(half) % 12 + (12 if (found["noon"] or "").lower() == "pm" else 0)


def _offset(text: str | None) -> timedelta:
    digits = re.sub("[^0-9]", "", text or "")
    if not text or not digits:
        return timedelta()
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > MAX_OFFSET:
        raise ValueError
    return -offset if "-" in text else offset


class Epoch:
    """Reads numbers that count from 1970."""

    _NUMBER = re.compile(r"-?[0-9]{1,22}(?:\.[0-9]{1,9})?")

    def __init__(self, name: str) -> None:
        self.pattern = name
        self.has_clock = True
        self._unit = EPOCHS[name]

    @property
    def whole(self) -> str:
        """A regular expression, of any engine, of whole numbers that surely are moments: within 285 years of 1970."""
        digits = len(str(self._unit)) + 8
        if self._unit > _MICROS:
            return f"0|-?[1-9][0-9]{{0,{digits - 4}}}000|[1-8][0-9]{{{digits - 3}}}000"
        return f"0|-?[1-9][0-9]{{0,{digits}}}"

    def micros(self, number: str, *, division: str) -> str:
        """SQL of the microseconds since 1970 that such a number says, given the operator that divides whole numbers."""
        if self._unit > _MICROS:
            return f"{number} {division} {self._unit // _MICROS}"
        return f"{number} * {_MICROS // self._unit}"

    def read(self, text: str) -> datetime:
        """The moment that a number says, in UTC.

        Raises:
            ValueError: it is no number.
            OverflowError: it is finer than a microsecond, or outside the years 1 to 9999.
        """
        if not self._NUMBER.fullmatch(text):
            raise ValueError
        micros = Decimal(text) * _MICROS / self._unit
        if micros != micros.to_integral_value():
            raise OverflowError
        return datetime(1970, 1, 1) + timedelta(microseconds=int(micros))


def time_reader(pattern: str) -> TimePattern | Epoch:
    """What reads texts of a pattern, or numbers for `epoch_seconds`, `epoch_millis`, `epoch_micros`, `epoch_nanos`.

    Raises:
        PatternError: it is no pattern.
    """
    return Epoch(pattern) if pattern in EPOCHS else TimePattern(pattern)
