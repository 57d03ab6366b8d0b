"""Files of tests beside the spec: the same `tests:` that may stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generator.diagnostics import Diagnostic, SourceText, suggestion
from generator.spec.filling import fill_texts
from generator.spec.load import findings
from generator.spec.model import RowTest
from generator.spec.nodes import Document, load_yaml
from generator.spec.source import read_source
from generator.spec.variables import Variable

FOLDER = "tests"
"""The folder beside the spec whose files of tests need not be named."""
SPEC = "pipeline.yaml"
"""The spec whose tests these are; a folder may have others beside it."""
_ENDINGS = (".yaml", ".yml")
_KEYS = ("version", "tests")


class _Tests(BaseModel):
    model_config = ConfigDict(frozen=True)

    tests: dict[str, RowTest] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class LoadedTests:
    """Tests and the document they came from."""

    tests: dict[str, RowTest]
    document: Document


def load_tests(source: SourceText, variables: Mapping[str, Variable]) -> tuple[LoadedTests | None, list[Diagnostic]]:
    """Parses and validates a file of tests. The tests are None when any finding is an error.

    Args:
        variables: of the spec that they are for.
    """
    document, problems = load_yaml(source)
    if document is None:
        return None, problems
    problems += fill_texts(document, variables)
    for key in document.data:
        if key not in _KEYS:
            help = suggestion(key, _KEYS)
            problems.append(Diagnostic("S002", f"unknown key `{key}`", document.key_span((key,)), help=help))
    try:
        tests = _Tests.model_validate(document.data).tests
    except ValidationError as error:
        return None, problems + findings(document, error, problems)
    return (None if problems else LoadedTests(tests, document)), problems


def files_of_tests(spec: Path, named: Sequence[Path]) -> tuple[list[SourceText], list[Path]]:
    """The files that are named, with those in folders that are; else those in `tests/` beside `pipeline.yaml`.

    Returns:
        What they say, and the files in folders that have no `tests:`: other YAML may be there.

    Raises:
        UnreadableSpecError: a file can't be read.
    """
    found: list[SourceText] = []
    others: list[Path] = []
    own = [spec.parent / FOLDER] if spec.name == SPEC else []
    for place in named or own:
        if not place.is_dir():
            found += [read_source(place)] if named else []
            continue
        for file in sorted(file for file in place.iterdir() if file.suffix in _ENDINGS and file.is_file()):
            source = read_source(file)
            if _has_tests(source):
                found.append(source)
            else:
                others.append(file)
    return found, others


def _has_tests(source: SourceText) -> bool:
    return any(line.startswith(("tests:", "tests ", '"tests"', "'tests'")) for line in source.text.splitlines())
