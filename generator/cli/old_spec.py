"""The spec as it was: a file, or a revision of git."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.spec_option import with_variables
from generator.cli.terminal import Terminal
from generator.diagnostics import GeneratorError, SourceText
from generator.spec.source import read_source

if TYPE_CHECKING:
    from generator.plan.compile import Analysis


def read_named(name: str, spec: Path) -> SourceText:
    """A file of that name, else what a revision has."""
    path = Path(name)
    if path.is_file() or (path.suffix in (".yaml", ".yml") and ":" not in name):
        return read_source(path)
    from generator.spec.revision import read_object, read_revision

    return read_object(name) if ":" in name else read_revision(name, spec)


def read_old(name: str, spec: Path, given: Sequence[str], terminal: Terminal) -> SourceText | None:
    """What there was before, with the values of variables that it had; None where the spec is new since then."""
    from generator.spec.filling import declared_variables
    from generator.spec.revision import NotInRevisionError

    try:
        source = read_named(name, spec)
        known = declared_variables(source)
        return with_variables(source, (one for one in given if one.partition("=")[0].strip() in known))
    except NotInRevisionError as error:
        if ":" in name:
            raise
        terminal.note(f"note: {error}\nnote: everything counts as new")
        return None


def broken(old: Analysis) -> GeneratorError:
    from generator.cli.formats.common import summary

    path, first = old.source.path, next(one for one in old.diagnostics if one.severity == "error")
    problem = f"{path} doesn't compile ({summary(old.diagnostics)}; {first.code}: {first.message})"
    return GeneratorError(f"{problem}: take a revision that does, or see what is wrong by `python -m generator check`")
