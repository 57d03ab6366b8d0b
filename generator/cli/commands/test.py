"""`test`: a lake of a few rows, and what has to come out of it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import engine_option, format_options, lake_option
from generator.cli.findings import told
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.tests_of_spec import FoundTests, find_tests
from generator.cli.value_types import FILE, TABLE
from generator.diagnostics import GeneratorError, SpecError, suggestion

if TYPE_CHECKING:
    from generator.plan.compile import Analysis
    from generator.plan.lake import CompiledLake
    from generator.plan.row_tests import CompiledTest
    from generator.run.row_tests.result import Found, TestResult

DESCRIPTION = (
    "Runs the tests of the spec and of tests/*.yaml beside it: computes the tables that they expect of the rows that\n"
    "they give, in memory, and shows every row that isn't as expected. No data is read, and nothing is written.\n"
    "With --engine spark, the scripts of the Glue jobs compute the tables."
)
EXAMPLE = (
    "  python -m generator test\n"
    "  python -m generator test tests/customers.yaml -k consent\n"
    "  python -m generator test --engine spark --junit tests.xml"
)


@command(DESCRIPTION, EXAMPLE)
@click.argument(
    "files",
    nargs=-1,
    type=FILE,
    metavar="[FILE]...",
    help="files of tests, or folders of them (tests/ beside the spec)",
)
@spec_options
@click.option("-k", "names", multiple=True, metavar="NAME", help="only tests with this in their name; repeatable")
@engine_option("what computes (duckdb)")
@click.option("--junit", type=FILE, metavar="FILE", help="write the results as JUnit XML too")
@click.option(
    "--suggest", type=TABLE, metavar="TABLE", help="write a test of this table, from rows of the lake folder; run none"
)
@lake_option("of --suggest (.lake)")
@format_options()
def run(options: Options, terminal: Terminal) -> int:
    source = read_spec(options)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    if options.suggest is not None:
        return _suggest(options, terminal, analysis)
    found = find_tests(analysis, options.spec, options.files)
    _show_findings(found, terminal, quiet=options.json)
    for file in found.others if not options.json else ():
        terminal.note(f"note: {file} has no `tests:` at its top")
    if found.has_errors:
        return 1
    tests = _chosen(found.tests, options.names)
    return _run(options, terminal, analysis, found.tests, tests)


def _suggest(options: Options, terminal: Terminal, analysis: Analysis) -> int:
    from generator.run.build_program import build_program
    from generator.run.look.ask import known_of
    from generator.run.look.suggest import suggest, yaml_of

    lake, table = analysis.lake, options.suggest
    assert lake is not None
    if table not in lake.tables:
        hint = "it is a source" if table in lake.sources else "; ".join(suggestion(table, lake.tables))
        raise GeneratorError(f"--suggest: there is no table or view `{table}` in the lake; {hint}")
    terminal.print(yaml_of(suggest(known_of(analysis, options.lake), build_program(lake), table)))
    return 0


def _show_findings(found: FoundTests, terminal: Terminal, *, quiet: bool) -> None:
    """What there is to say of files of tests; with `quiet` only where a file has errors."""
    for source, diagnostics in found.files:
        if diagnostics and (found.has_errors or not quiet):
            show = terminal.tell if found.has_errors else terminal.note
            show(told(terminal, source, diagnostics) + "\n")


def _chosen(tests: Sequence[CompiledTest], names: Sequence[str]) -> list[CompiledTest]:
    """The tests with one of some words in their name, in either case; all without words.

    Raises:
        GeneratorError: there are none.
    """
    if not tests:
        raise GeneratorError(
            "there are no tests: write `tests:` into the spec, or into files in tests/ beside it; docs/testing.md tells"
        )
    chosen = [one for one in tests if not names or any(name.lower() in one.name.lower() for name in names)]
    if not chosen:
        raise GeneratorError(f"-k: no test has {' or '.join(f'`{name}`' for name in names)} in its name")
    return chosen


def _run(
    options: Options,
    terminal: Terminal,
    analysis: Analysis,
    every: Sequence[CompiledTest],
    tests: Sequence[CompiledTest],
) -> int:
    from generator.cli import test_view
    from generator.run.row_tests.compare import judge, uncovered

    lake = analysis.lake
    assert lake is not None
    started = time.perf_counter()
    results: list[TestResult] = []
    for test, made in _made(options.engine, lake, tests):
        results.append(judge(lake, test, made))
        if not options.json:
            terminal.say(test_view.told(terminal, results[-1]))
    without = uncovered(lake.tables, every)
    if options.json:
        from generator.cli.formats.tests_json import format_tests_json

        terminal.print(format_tests_json(results, list(lake.tables), without))
    else:
        for result in results:
            if result.failed:
                terminal.print(f"\n{test_view.failure(terminal, result)}")
        terminal.say(f"\n{test_view.coverage(len(lake.tables), without)}")
        show = terminal.print if any(one.failed for one in results) else terminal.say
        show(test_view.summary(terminal, results, time.perf_counter() - started))
    if options.junit is not None:
        _write_junit(options.junit, lake.name, results)
    return 1 if any(result.failed for result in results) else 0


def _made(engine: str, lake: CompiledLake, tests: Iterable[CompiledTest]) -> Iterator[tuple[CompiledTest, Found]]:
    if engine == "spark":
        from generator.render.jobs import render_steps
        from generator.run.row_tests.on_spark import run_on_spark, without_views

        return run_on_spark(lake, render_steps(without_views(lake)), tests)
    from generator.run.build_program import build_program
    from generator.run.row_tests.on_duckdb import run_on_duckdb

    return run_on_duckdb(lake, build_program(lake), tests)


def _write_junit(path: Path, lake: str, results: Sequence[TestResult]) -> None:
    from generator.cli import test_view
    from generator.cli.formats.junit import format_junit

    plain = Terminal(io.StringIO(), io.StringIO(), color=False, live=False)
    text = format_junit(lake, results, lambda result: "\n".join(test_view.details(plain, result)))
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}', encoding="utf-8")
