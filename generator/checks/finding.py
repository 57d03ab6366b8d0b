"""What a check found, at a place of the spec."""

from __future__ import annotations

from dataclasses import dataclass

from generator.diagnostics import Severity
from generator.plan.lake import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Becomes a diagnostic, once the place is looked up in the file."""

    code: str
    message: str
    place: Place
    label: str = ""
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING
