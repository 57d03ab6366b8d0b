"""The options of every command that reads a spec: which one, and the values of its variables."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from generator.diagnostics import GeneratorError, SourceText
from generator.spec.source import read_source


def add_spec(parser: argparse.ArgumentParser, *, is_positional: bool = False) -> None:
    """`--spec FILE`, or the same as an argument, and `--var NAME=VALUE`."""
    path = Path("pipeline.yaml")
    if is_positional:
        parser.add_argument("spec", nargs="?", type=Path, default=path, help="the spec (pipeline.yaml)")
    else:
        parser.add_argument("--spec", type=Path, default=path, metavar="FILE", help="(pipeline.yaml)")
    add_variables(parser)


def add_variables(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="a value of the spec's `variables`; repeatable"
    )


def read_spec(options: argparse.Namespace) -> SourceText:
    """The spec that is meant, with the values that were given.

    Raises:
        GeneratorError: it can't be read, or a value has no name.
    """
    return with_variables(read_source(options.spec), options.var)


def with_variables(source: SourceText, given: Iterable[str]) -> SourceText:
    """A spec with values of variables: `NAME=VALUE`, of which the last counts.

    Raises:
        GeneratorError: one isn't of this form.
    """
    return replace(source, variables=tuple(sorted(named_values(given).items())))


def named_values(given: Iterable[str]) -> dict[str, str]:
    """Values by name.

    Raises:
        GeneratorError: one isn't `NAME=VALUE`.
    """
    words = list(given)
    wrong = [one for one in words if "=" not in one]
    if wrong:
        raise GeneratorError(f"--var {wrong[0]}: write NAME=VALUE")
    return {name.strip(): value for name, _, value in (one.partition("=") for one in words)}
