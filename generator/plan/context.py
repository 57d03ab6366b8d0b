"""What the passes of one compilation share: the spec, where everything stands, and what was found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from generator.diagnostics import Diagnostic, Severity, Span
from generator.plan.expressions import Problem, losses
from generator.plan.lake import Metadata, Place
from generator.plan.people import Subjects
from generator.spec.load import LoadedSpec
from generator.spec.model import Source, Spec, Table
from generator.spec.nodes import Document


@dataclass(slots=True)
class Context:
    """One compilation.

    Attributes:
        broken: tables and sources with errors; what depends on them is not compiled, so that no error causes others.
        lossy: the conversions that are reported already: a query checks some of its expressions twice.
        later: `references` to what comes after their table, by the table and the number of the expectation: the
            columns, and the table that checks each.
    """

    loaded: LoadedSpec
    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    lossy: set[Place] = field(default_factory=set)
    subjects: Subjects = field(default_factory=lambda: Subjects({}, {}))
    later: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        return self.loaded.spec

    @property
    def document(self) -> Document:
        return self.loaded.document

    def span(self, place: Place) -> Span:
        if place.end is not None:
            return self.document.span_in(place.path, place.start, place.end)
        return self.document.span(place.path)

    def metadata(self, section: str, name: str, said: Table | Source) -> Metadata:
        """What is said of a table or source besides its meaning, and where."""
        file = self.document.file((section, name))
        return Metadata(file, tuple(dict.fromkeys(said.tags)), said.owner)

    def report(
        self,
        code: str,
        message: str,
        place: Place | Span,
        label: str = "",
        *,
        notes: Iterable[str] = (),
        help: Iterable[str] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Adds a finding; an error breaks the table or source that it lies in."""
        span = place if isinstance(place, Span) else self.span(place)
        found = Diagnostic(code, message, span, label, tuple(notes), tuple(help), severity=severity)
        self.diagnostics.append(found)
        if severity is Severity.ERROR and isinstance(place, Place) and len(place.path) > 1:
            self.broken.add(str(place.path[1]))

    def report_problems(self, path: tuple[str | int, ...], problems: Iterable[Problem]) -> None:
        """Adds what is wrong with the expression at a path."""
        for problem in problems:
            place = Place(path, problem.start, problem.end)
            comment = self.document.cut_by_comment(path) if problem.code in ("E001", "E002") else None
            if comment is None:
                self.report(problem.code, problem.message, place, problem.label, notes=problem.notes, help=problem.help)
                continue
            self.broken.add(str(path[1]))
            self.report(
                "Y006",
                "a comment cuts this value short",
                Span(comment, comment + 1),
                "YAML ignores the rest of the line",
                help=("put the value in quotes, or write `|` and the value on a line of its own",),
            )

    def report_losses(self, path: tuple[str | int, ...], ast: exp.Expression) -> None:
        """Adds, once each, where the expression at a path can make null of a value without saying so."""
        for loss in losses(ast):
            place = Place(path, loss.start, loss.end)
            if place not in self.lossy:
                self.lossy.add(place)
                self.report(loss.code, loss.message, place, loss.label, help=loss.help, severity=Severity.WARNING)


_SPACES = re.compile(r"\s+")


def one_line(text: str, limit: int = 100) -> str:
    """An expression on one line, for reports and comments."""
    flat = _SPACES.sub(" ", text).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def readable(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
