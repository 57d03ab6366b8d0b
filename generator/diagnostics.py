"""What the tool has to say about a lake: values only, no printing.

A `Diagnostic` is one finding. It points into the text of `pipeline.yaml`, and of files that it includes, by offsets;
`SourceText` turns offsets into files, lines and columns. What each code means, and why, stands in
`generator/codes/CODE.yaml`.
"""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from generator.runtime.words import plural

_MOST_SAID = 4000


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of character offsets in the spec's text; see `SourceText` for specs of several files."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that a diagnostic shows, with what is to be seen there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: a letter and three digits, documented in `generator/codes`.
        message: one line, with the names involved in backticks.
        span: where it lies; None when it concerns the file as a whole.
        label: what stands beside the caret.
        notes: facts that explain the finding.
        help: what to do about it, most likely remedy first.
        secondary: other places that matter, such as the first of two equal keys.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    secondary: tuple[Label, ...] = ()
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _bounded(self.message))
        object.__setattr__(self, "label", _bounded(self.label))
        object.__setattr__(self, "notes", tuple(map(_bounded, self.notes)))
        object.__setattr__(self, "help", tuple(map(_bounded, self.help)))


def _bounded(text: str) -> str:
    """A text that a person can read: of one that quotes a whole file, its beginning and its end."""
    return text if len(text) <= _MOST_SAID else f"{text[: _MOST_SAID // 2]} … {text[-_MOST_SAID // 2 :]}"


class GeneratorError(Exception):
    """Root of every error a user can cause; the command line catches it in one place."""


class SpecError(GeneratorError):
    """The spec has errors.

    Attributes:
        source: the text that the diagnostics point into.
        diagnostics: all findings, in the order of the file.
    """

    def __init__(self, source: SourceText, diagnostics: Iterable[Diagnostic]) -> None:
        self.source = source
        self.diagnostics = tuple(diagnostics)
        super().__init__(f"{source.path}: {plural(self.diagnostics, 'finding')}")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text with the offsets of its lines, and the texts of the files that it includes.

    A `Span` counts through all of them: the first included file begins one character behind the end of the text, each
    other one behind the one before it.

    Attributes:
        path: the name shown to the user.
        text: the whole file.
        included: the files that it includes, in order; they include none.
        patterns: what it includes, as it stands there, with the names of the files that each pattern has.
        variables: values of variables, as they were given on the command line.
        name: of an included file: its path from the folder of the file that includes it, with `/`.
        problem: why the file can't be read; its text is empty then.
    """

    path: str
    text: str
    included: tuple[SourceText, ...] = ()
    patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    name: str = ""
    problem: str = ""
    _starts: list[int] = field(init=False, repr=False, compare=False, default_factory=list)
    _bases: list[int] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        position = 0
        self._starts.append(0)
        while (position := self.text.find("\n", position) + 1) > 0:
            self._starts.append(position)
        base = 0
        for file in (self, *self.included):
            self._bases.append(base)
            base += len(file.text) + 1

    @property
    def whole(self) -> str:
        """All texts, one behind the other, as spans count."""
        return "\n".join((self.text, *(file.text for file in self.included))) if self.included else self.text

    def files(self) -> Iterator[tuple[SourceText, int]]:
        """The file itself and those that it includes, each with the offset at which spans count it."""
        yield from zip((self, *self.included), self._bases, strict=True)

    def file_at(self, offset: int) -> tuple[SourceText, int]:
        """The file that an offset lies in, and the offset in the text of that file."""
        number = max(bisect.bisect_right(self._bases, offset) - 1, 0)
        return (self, *self.included)[number], offset - self._bases[number]

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset in the file's own text, both counted from 1."""
        line = bisect.bisect_right(self._starts, offset) - 1
        return line + 1, offset - self._starts[line] + 1

    def line_start(self, line: int) -> int:
        """Offset of the first character of a line, counted from 1."""
        return self._starts[line - 1]

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


_MOST_COMPARED = 100
"""Comparing costs a tenth of a millisecond, and a spec may have thousands of unknown names."""
_LONGEST = 300


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` was most likely meant to be, compared without case."""
    wanted = name.lower()[:_LONGEST]
    by_lower = {candidate.lower(): candidate for candidate in candidates if len(candidate) <= _LONGEST}
    found = difflib.get_close_matches(wanted, _neighbours(wanted, by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def _neighbours(wanted: str, names: Iterable[str]) -> list[str]:
    """The names that are compared: of very many, those whose beginning or end is the most alike."""
    known = list(names)
    if len(known) <= _MOST_COMPARED:
        return known
    near: dict[str, None] = {}
    for spelled in (str, _backwards):
        order = sorted(known, key=spelled)
        at = bisect.bisect_left(order, spelled(wanted), key=spelled)
        near |= dict.fromkeys(order[max(at - _MOST_COMPARED // 4, 0) : at + _MOST_COMPARED // 4])
    return list(near)


def _backwards(name: str) -> str:
    return name[::-1]


def shown_names(names: Iterable[str], most: int | None = None) -> str:
    """Names in backticks, all of them or the first ones and how many more there are."""
    known = list(names)
    shown = ", ".join(f"`{one}`" for one in known[:most])
    return f"{shown} and {len(known) - most} more" if most is not None and len(known) > most else shown


def suggestion(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Help for an unknown name: the nearest known one, else the list of what there is."""
    known = sorted(set(candidates))
    match = closest(name, known)
    if match is not None:
        return (f"did you mean `{match}`?",)
    if not known:
        return ()
    return (f"known: {shown_names(known, 12)}",)
