"""The tests of a spec: those in it, and those in files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import Diagnostic, Severity, SourceText

if TYPE_CHECKING:
    from generator.plan.compile import Analysis
    from generator.plan.row_tests import CompiledTest


@dataclass(frozen=True, slots=True)
class FoundTests:
    """All tests of a lake.

    Attributes:
        files: those of their own, and what there is to say of each.
        others: files beside them that hold no tests.
    """

    tests: tuple[CompiledTest, ...]
    files: tuple[tuple[SourceText, tuple[Diagnostic, ...]], ...] = ()
    others: tuple[Path, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(one.severity is Severity.ERROR for _, found in self.files for one in found)


def find_tests(analysis: Analysis, spec: Path, named: Sequence[Path] = ()) -> FoundTests:
    """The tests of a compiled spec.

    Args:
        named: files of tests, or folders of them; those in `tests/` beside `pipeline.yaml` unless there are any.
    """
    from generator.plan.compile import analyse_tests
    from generator.spec.test_files import files_of_tests

    if analysis.sound is None:
        return FoundTests(analysis.tests)
    tests, files = list(analysis.tests), []
    sources, others = files_of_tests(spec, named)
    for source in sources:
        more, found = analyse_tests(source, analysis, tests)
        tests += more
        files.append((source, found))
    return FoundTests(tuple(tests), tuple(files), tuple(others))
