"""What the lines of a source have in common: keys, kinds of values, nulls, repetitions. Counts only, no values."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from generator.author.landing.looks import Look, look
from generator.author.landing.records import Field, Record
from generator.author.landing.spellings import Texts
from generator.plan.types import Type
from generator.runtime.json_lines import Pairs
from generator.runtime.literals import EXACT_IN_DOUBLE, Number

_MOST_KEYS = 2_000
_FIRST = 5_000
_MOST_DIGITS = 38
_BIGGEST = 2**63
_SHORTEST_EPOCH, _LONGEST_EPOCH = 631_152_000, 4_102_444_800  # 1990 to 2100, in seconds
EPOCHS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000, "nanoseconds": 1_000_000_000}


@dataclass(slots=True)
class ColumnProfile:
    """The values of a key.

    Attributes:
        kinds: number of values by kind: `int`, `number`, `string`, `field` (of CSV), `boolean`, `object`, `array`,
            `other` (a type of Parquet's).
        looks: number of strings and fields by what they look like.
        low, high: bounds of the integers.
        beyond: integers of more than 64 bits, of no account for the bounds.
        unusual: whole numbers that aren't spelled as such: `1.0`, `1e3`.
        longest: the most characters of an integer, in texts too.
        whole, scale: the most digits before and after the point of a number that has a fraction.
        epochs: number of integers that are a plausible moment, by unit.
        marks: one for each value that could be a key, equal for equal values; None for columns that can't be one.
        given: the type that the format itself gives the column.
        texts: how strings and fields may be spelled.
        days: number of texts that are a date or a timestamp, by day.
    """

    key: str
    kinds: Counter[str] = field(default_factory=Counter)
    looks: Counter[Look] = field(default_factory=Counter)
    low: int = 0
    high: int = 0
    beyond: int = 0
    unusual: int = 0
    longest: int = 0
    whole: int = 0
    scale: int = 0
    epochs: Counter[str] = field(default_factory=Counter)
    marks: array[int] | None = field(default_factory=lambda: array("q"))
    element: ColumnProfile | None = None
    fields: dict[str, ColumnProfile] = field(default_factory=dict)
    given: Type | None = None
    texts: Texts = field(default_factory=Texts)
    days: Counter[str] = field(default_factory=Counter)

    @property
    def values(self) -> int:
        return self.kinds.total()

    def looking(self, wanted: Look) -> int:
        """How many texts could be read as `wanted`."""
        return sum(count for found, count in self.looks.items() if found & wanted)

    def add(self, value: object) -> None:
        kind = type(value)
        if kind is str or kind is Field:
            self._text(value, "string" if kind is str else "field")  # type: ignore[arg-type]
        elif kind is Number:
            self._number(value)  # type: ignore[arg-type]
        elif kind is int:
            self._integer(value)  # type: ignore[arg-type]
        elif kind is bool:
            self._other("boolean")
        elif kind is Pairs:
            self._object(value)  # type: ignore[arg-type]
        elif kind is list:
            self._list(value)  # type: ignore[arg-type]
        elif value is not None:
            self._other("number" if kind is float else "other")

    def _text(self, value: str, kind: str) -> None:
        self.kinds[kind] += 1
        found = look(value)
        self.looks[found] += 1
        self.texts.add(value)
        if self.marks is not None:
            self.marks.append(hash(str(value)))
        if found & (Look.DATE | Look.TIMESTAMP):
            self.days[value[:10]] += 1
        if found & Look.INTEGER:
            self.longest = max(self.longest, len(value))
        if kind == "field" and found & Look.INTEGER:
            self._bounds(int(value) if len(value) < 40 else 10**39)
        elif kind == "field" and found & Look.NUMBER:
            self._digits(value)

    def _integer(self, value: int) -> None:
        self.kinds["int"] += 1
        text = str(value)
        self.longest = max(self.longest, len(text))
        if self.marks is not None:
            self.marks.append(hash(text))
        self._bounds(value)

    def _bounds(self, value: int) -> None:
        if not -_BIGGEST <= value < _BIGGEST:
            self.beyond += 1
            return
        if value < self.low:
            self.low = value
        if value > self.high:
            self.high = value
        if value >= _SHORTEST_EPOCH:
            for unit, size in EPOCHS.items():
                if _SHORTEST_EPOCH * size <= value < _LONGEST_EPOCH * size:
                    self.epochs[unit] += 1

    def _number(self, value: str) -> None:
        if value.lstrip("-").isdigit() and len(value) < 40:
            self._integer(int(value))
        else:
            self._other("number")
            self._digits(value)

    def _digits(self, text: str) -> None:
        if _is_whole(text):
            self.unusual += 1
            self._bounds(int(float(text)))
        if self.scale > _MOST_DIGITS:
            return
        if "e" in text or "E" in text:
            self.scale = 99
            return
        whole, _, scale = text.lstrip("-").partition(".")
        self.whole, self.scale = max(self.whole, len(whole)), max(self.scale, len(scale))

    def _other(self, kind: str) -> None:
        self.kinds[kind] += 1
        self.marks = None

    def _object(self, pairs: Iterable[tuple[str, object]]) -> None:
        self._other("object")
        for key, value in pairs:
            _profile_of(self.fields, key).add(value)

    def _list(self, values: Iterable[object]) -> None:
        self._other("array")
        if self.element is None:
            self.element = ColumnProfile(self.key, marks=None)
        for value in values:
            self.element.add(value)


def _is_whole(number: str) -> bool:
    """Whether an integer may be spelled so: the rules take no greater one, since engines read it as a double."""
    try:
        value = float(number)
    except OverflowError:
        return False
    return value.is_integer() and abs(value) < EXACT_IN_DOUBLE


def _profile_of(fields: dict[str, ColumnProfile], key: str) -> ColumnProfile:
    found = fields.get(key)
    if found is None:
        if len(fields) >= _MOST_KEYS:
            return ColumnProfile(key)
        found = fields[key] = ColumnProfile(key, marks=None)
    return found


@dataclass(slots=True)
class Profile:
    """The lines of a source.

    Attributes:
        columns: by key, in the order of the lines, those of later lines put beside their neighbours.
        rows: lines that can be read.
        broken: lines that can't, or that have a key twice.
        other_case: lines with a key that most lines spell in another case.
        copies: lines that repeat another one to the letter.
    """

    columns: dict[str, ColumnProfile] = field(default_factory=dict)
    rows: int = 0
    broken: int = 0
    other_case: int = 0
    copies: int = 0

    @property
    def lines(self) -> int:
        return self.rows + self.broken + self.other_case


def profile(records: Iterable[Record]) -> Profile:
    """Looks at every record once. Those that can't become rows say nothing of the columns."""
    iterator = iter(records)
    first = list(islice(iterator, _FIRST))
    usual = _usual_spellings(first)
    found = Profile()
    order: list[str] = []
    marks: array[int] = array("q")
    seen: dict[tuple[str, ...], list[ColumnProfile]] = {}
    for fields, mark in chain(first, iterator):
        keys = tuple([key for key, _ in fields or ()])
        columns = seen.get(keys)
        if fields is None or (columns is None and len(set(keys)) != len(keys)):
            found.broken += 1
            continue
        if columns is None:
            if any(usual.setdefault(key.lower(), key) != key for key in keys):
                found.other_case += 1
                continue
            columns = _columns(found, order, keys)
            if len(seen) < _MOST_KEYS:
                seen[keys] = columns
        found.rows += 1
        if mark:
            marks.append(mark)
        for column, (_, value) in zip(columns, fields, strict=True):
            column.add(value)
    found.columns = {key: found.columns[key] for key in order}
    found.copies = len(marks) - len(set(marks))
    return found


def _usual_spellings(records: Iterable[Record]) -> dict[str, str]:
    """How most records spell each key, by the key in lower case."""
    counts = Counter(key for fields, _ in records for key, _ in fields or ())
    usual: dict[str, str] = {}
    for key, _ in counts.most_common():
        usual.setdefault(key.lower(), key)
    return usual


def _columns(found: Profile, order: list[str], keys: Sequence[str]) -> list[ColumnProfile]:
    """The columns of a record's keys; of keys beyond all measure nothing is kept."""
    columns = []
    for position, key in enumerate(keys):
        column = found.columns.get(key)
        if column is None:
            column = ColumnProfile(key)
            if len(order) < _MOST_KEYS:
                _insert(order, key, keys[:position])
                found.columns[key] = column
        columns.append(column)
    return columns


def _insert(order: list[str], key: str, before: Sequence[str]) -> None:
    """Puts a new key behind the one that it follows in its line."""
    previous = next((other for other in reversed(before) if other in order), None)
    order.insert(order.index(previous) + 1 if previous is not None else 0 if order and not before else len(order), key)
