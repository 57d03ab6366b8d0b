"""Checks of a lake that compiled: what is allowed by the rules of SQL, and yet most likely wrong.

One check a file: a function from the lake to findings. A new one is added to `CHECKS`, and its code gets a page in
`generator/codes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from generator.checks import cardinality, consent, groups, mixing, nobody, privacy, refresh, spelling, unread, untagged
from generator.checks.finding import Finding
from generator.diagnostics import Diagnostic, SourceText
from generator.plan.compile import Analysis, analyse, in_order
from generator.plan.lake import CompiledLake

CHECKS: tuple[Callable[[CompiledLake], Iterator[Finding]], ...] = (
    consent.check,
    privacy.check,
    cardinality.check,
    mixing.check,
    untagged.check,
    nobody.check,
    spelling.check,
    refresh.check,
    unread.check,
    groups.check,
)


def check_spec(source: SourceText) -> Analysis:
    """Compiles a spec and checks the lake, if there is one."""
    return checked(analyse(source))


def checked(analysis: Analysis) -> Analysis:
    """The analysis with the findings of all checks; without a lake if one of them is an error.

    Tables with errors are left out, so that the others' findings come at once.
    """
    if analysis.sound is None:
        return analysis
    found = [_diagnostic(analysis, finding) for check in CHECKS for finding in check(analysis.sound)]
    if not found:
        return analysis
    together = replace(analysis, diagnostics=in_order((*analysis.diagnostics, *found)))
    return replace(together, lake=None) if together.has_errors else together


def _diagnostic(analysis: Analysis, finding: Finding) -> Diagnostic:
    assert analysis.span is not None
    span = analysis.span(finding.place)
    return Diagnostic(
        finding.code, finding.message, span, finding.label, finding.notes, finding.help, severity=finding.severity
    )
