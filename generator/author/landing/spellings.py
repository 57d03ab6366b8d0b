"""How the texts of a column seem to be spelled: candidates from the first of them, counted over all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from generator.plan.types import BOOLEAN, DATE, DOUBLE, TIMESTAMP, Type
from generator.runtime.rules import Reason, Rejected
from generator.runtime.spelled_values import plain_number, spelled_decoder
from generator.runtime.spelling import Spelling
from generator.runtime.time_patterns import TimePattern

NULL_WORDS = frozenset("NA N/A n/a #N/A NULL Null null \\N NaN nan None none nil - -- ?".split())
SURE_NULLS = frozenset("NA N/A n/a #N/A NULL null \\N".split())
"""Words that stand for null in a column of texts, too."""
_BOOLEANS = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("j", "n"),
    ("oui", "non"), ("o", "n"), ("si", "no"), ("sí", "no"), ("s", "n"), ("sim", "não"), ("tak", "nie"),
)  # fmt: skip
_FIRST, _LONGEST = 400, 60
_FRACTION, _MICROSECONDS = re.compile(r"\.(S+)"), 6
_NUMBERS = tuple(
    Spelling(decimal=decimal, thousands=thousands)
    for decimal, thousands in ((",", ""), (",", "."), (",", " "), ("", ","), ("", " "), ("", "'"), ("", "’"), ("", ""))
)
_NUMERIC = re.compile(r"-?[0-9][0-9.,'’ \u00a0\u202f]*(?:[eE][-+]?[0-9]+)?")
_DAYS = (
    (r"\d{1,2}\.\d{1,2}\.\d{4}", ("d.M.yyyy",)), (r"\d{1,2}/\d{1,2}/\d{4}", ("d/M/yyyy", "M/d/yyyy")),
    (r"\d{1,2}-\d{1,2}-\d{4}", ("d-M-yyyy", "M-d-yyyy")), (r"\d{4}/\d{1,2}/\d{1,2}", ("yyyy/M/d",)),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", ("yyyy.M.d",)), (r"\d{4}-\d{1,2}-\d{1,2}", ("yyyy-M-d",)),
    (r"\d{1,2}\.\d{1,2}\.\d{2}(?!\d)", ("d.M.yy",)), (r"\d{1,2}/\d{1,2}/\d{2}(?!\d)", ("d/M/yy", "M/d/yy")),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", ("MMM d, yyyy",)), (r"[A-Za-z]{4,9} \d{1,2}, \d{4}", ("MMMM d, yyyy",)),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", ("d MMM yyyy",)), (r"\d{1,2} [A-Za-z]{4,9} \d{4}", ("d MMMM yyyy",)),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", ("d-MMM-yyyy",)), (r"\d{1,2}-[A-Za-z]{3}-\d{2}(?!\d)", ("d-MMM-yy",)),
    (r"\d{1,2}/[A-Za-z]{3}/\d{4}", ("d/MMM/yyyy",)),
    (r"[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4}", ("EEE, d MMM yyyy",)),
)  # fmt: skip
_DAY = [(re.compile(regex), patterns) for regex, patterns in _DAYS]
_CLOCK = re.compile(
    r"(T|:|, | at |[ \u00a0\u202f])(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?([ \u00a0\u202f]?)([AaPp][Mm])?"
    r"(?:( ?)(Z|UTC|GMT|[-+]\d{2}:\d{2}|[-+]\d{4}|[-+]\d{2}))?"
)


@dataclass(slots=True)
class Candidate:
    """A way to read the texts of a column.

    Attributes:
        kind: the type that it reads; of numbers a double, until all digits are known.
        fits, misfits: texts that it reads, and those that it doesn't.
        finer: of the latter, moments with more digits than a timestamp has, or in no year that it has.
        telling: texts that only this spelling reads so.
        nulls: texts that it doesn't read but that may stand for null.
        padded: whether some have white space around them.
        values: the first that it reads.
        numbers: of numbers, the largest of each length.
    """

    spelling: Spelling
    kind: Type
    read: Callable[[str], str | None]
    fits: int = 0
    misfits: int = 0
    finer: int = 0
    telling: int = 0
    nulls: Counter[str] = field(default_factory=Counter)
    padded: bool = False
    values: list[str] = field(default_factory=list)
    numbers: dict[tuple[int, int, bool], str] = field(default_factory=dict)

    def add(self, text: str) -> None:
        bare = text.strip()
        value = self._value(bare)
        if value is not None:
            self.fits += 1
            self.telling += value != bare
            self.padded = self.padded or len(bare) < len(text)
            self.values += [value] if len(self.values) < _FIRST else []
            if self.kind is DOUBLE:
                self._digits(value)
        elif bare in NULL_WORDS:
            self.nulls[bare] += 1
        elif bare:
            self.misfits += 1
        else:
            self.padded = True

    def _digits(self, number: str) -> None:
        """Keeps the largest number of each length."""
        whole, _, fraction = number.lstrip("-").partition(".")
        length = len(whole), len(fraction), "e" in number.lower()
        known = self.numbers.setdefault(length, number)
        if whole > known.lstrip("-"):
            self.numbers[length] = number

    def _value(self, text: str) -> str | None:
        try:
            return self.read(text)
        except Rejected as rejected:
            self.finer += rejected.reason is Reason.OUT_OF_RANGE and self.kind is TIMESTAMP
            return None

    @property
    def holds(self) -> bool:
        """Whether it reads all texts; of what is surely meant, one in a hundred or a single one may differ."""
        if self.spelling.is_usual:
            return self.fits > 0 and not self.misfits
        return self.telling > 0 and (not self.misfits or (self.fits > 1 and self.misfits <= max(1, self.fits // 100)))

    @property
    def whole(self) -> Spelling:
        """The spelling with words for null and white space."""
        one = self.spelling
        return Spelling(
            one.format, one.decimal, one.thousands, tuple(sorted(self.nulls)), one.true, one.false, self.padded
        )


@dataclass(slots=True)
class Texts:
    """The texts of a column: kept until it is clear what they could be, then only counted."""

    first: list[str] = field(default_factory=list)
    candidates: list[Candidate] | None = None
    nulls: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        if text in SURE_NULLS:
            self.nulls[text] += 1
        if self.candidates is not None:
            for one in self.candidates:
                one.add(text)
            return
        self.first.append(text[: _LONGEST + 1])
        if len(self.first) >= _FIRST:
            self._decide()

    def _decide(self) -> list[Candidate]:
        if self.candidates is None:
            self.candidates = list(_candidates(self.first))
            for one in self.candidates:
                for text in self.first:
                    one.add(text)
            self.candidates = [one for one in self.candidates if one.fits + one.finer > one.misfits - one.finer]
        return self.candidates

    def best(self, *, times_only: bool) -> tuple[Candidate | None, str]:
        """What reads most of them, and why nothing does if that is worth a word."""
        found = [one for one in self._decide() if one.holds and not (times_only and one.kind is DOUBLE)]
        found = [one for one in found if not (times_only and one.kind.kind == "boolean")]
        if not found:
            finer = any(one.finer == one.misfits > 0 for one in self._decide())
            return None, "moments finer than a microsecond, which no timestamp holds" if finer else ""
        most = max(one.fits for one in found)
        best = [one for one in found if one.fits == most]
        if any(one.values != best[0].values or one.spelling.format != best[0].spelling.format for one in best):
            ways = " or ".join(sorted({_shown(one.spelling) for one in best}))
            return None, f"could be {ways}: say which, and the type"
        return min(best, key=lambda one: len(one.spelling.given())), ""

    @property
    def words_for_null(self) -> tuple[str, ...]:
        """Words that stand for null in a column of texts: unless others look like them, as codes of countries do."""
        others = {text for text in self.first if text not in SURE_NULLS}
        return tuple(
            word
            for word in sorted(self.nulls)
            if others and not (word.isalpha() and any(_alike(word, other) for other in others))
        )


def _alike(word: str, other: str) -> bool:
    return len(word) == len(other) and other.isalpha() and word.isupper() == other.isupper()


def _shown(spelling: Spelling) -> str:
    return ", ".join(f"`{part}: {value}`" for part, value in spelling.given().items()) or "plain"


def _candidates(texts: Iterable[str]) -> Iterator[Candidate]:
    bare = {text.strip() for text in texts} - NULL_WORDS - {""}
    if not bare or max(map(len, bare)) > _LONGEST:
        return
    some = sorted(bare)[:50]
    for pattern in _with_any_fraction({pattern: None for text in some for pattern in _patterns(text)}):
        kind = TIMESTAMP if TimePattern(pattern).has_clock else DATE
        spelling = Spelling(format=(pattern,))
        yield Candidate(spelling, kind, spelled_decoder(kind, spelling))
    for kind in (DATE, TIMESTAMP):
        yield Candidate(Spelling(), kind, spelled_decoder(kind, Spelling()))
    if any(_NUMERIC.fullmatch(text) for text in some):
        for spelling in _NUMBERS:
            yield Candidate(spelling, DOUBLE, plain_number(spelling))
    yield from _booleans(bare)


def _patterns(text: str) -> Iterator[str]:
    """Patterns that a text may be spelled by."""
    for regex, days in _DAY:
        match = regex.match(text)
        if match is None:
            continue
        clock = _CLOCK.fullmatch(text, match.end())
        if clock is not None:
            yield from (day + _clock(clock) for day in days)
        elif match.end() == len(text):
            yield from days


def _with_any_fraction(patterns: Iterable[str]) -> Iterator[str]:
    """Patterns of which no two differ in the digits of a fraction alone: many print no zeros at its end."""
    lengths: dict[str, set[int]] = {}
    for pattern in patterns:
        fraction = _FRACTION.search(pattern)
        lengths.setdefault(_FRACTION.sub("", pattern), set()).add(len(fraction[1]) if fraction else 0)
    for pattern, found in lengths.items():
        longest = max(found)
        digits = f".{'S' * longest}" if longest else ""
        any_digits = f"[.{'S' * max(longest, _MICROSECONDS)}]"
        yield pattern.replace(":ss", f":ss{digits if len(found) == 1 else any_digits}")


def _clock(match: re.Match[str]) -> str:
    separator, _, _, seconds, fraction, gap, noon, space, offset = match.groups()
    words = {"T": "'T'", " at ": " 'at' "}
    text = words.get(separator, separator if separator in (":", ", ") else " ")
    text += ("h" if noon else "H") + ":mm" + (":ss" if seconds else "")
    text += "." + "S" * (len(fraction) - 1) if fraction else ""
    text += (" a" if gap else "a") if noon else gap and " "
    if offset:
        text += (" " if space else "") + _offset(offset)
    return text


def _offset(text: str) -> str:
    if text in ("UTC", "GMT"):
        return "z"
    return "XXX" if text == "Z" or ":" in text else "X" * (len(text) // 2)


def _booleans(texts: set[str]) -> Iterator[Candidate]:
    words = {text.lower() for text in texts}
    for true, false in _BOOLEANS:
        if words == {true, false}:
            spelling = Spelling(
                true=tuple(sorted(text for text in texts if text.lower() == true)),
                false=tuple(sorted(text for text in texts if text.lower() == false)),
            )
            yield Candidate(spelling, BOOLEAN, spelled_decoder(BOOLEAN, spelling))
            return
