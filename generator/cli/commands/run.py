"""`run`: the lake on this machine, from landing data to published tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import data_option, engine_option, format_options, lake_option, reveal_option
from generator.cli.findings import told
from generator.cli.run_view import Progress, format_report
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import TABLE
from generator.diagnostics import Diagnostic, Severity, SourceText, SpecError
from generator.printable import json_text
from generator.run import program_cache
from generator.run.program import Program
from generator.run.report import RunReport
from generator.run.selection import chosen

if TYPE_CHECKING:
    from generator.run.spark.currency import LakeScripts

DESCRIPTION = (
    "Reads the landing files that are new or have changed, makes every table on DuckDB that they can change, checks\n"
    "what was written, and publishes all that passed in one step. A run that fails or dies leaves the last published\n"
    "tables as they were.\n"
    "With --engine spark, the scripts of the Glue jobs do the same on local Spark, each publishing its own table; a\n"
    "table that can be kept by what changed is kept without its script."
)
EXAMPLE = (
    "  python -m generator run --data landing --lake .lake\n"
    "  python -m generator run --select zone:trusted --exclude tag:slow --json\n"
    "  python -m generator run --engine spark"
)


@command(DESCRIPTION, EXAMPLE)
@spec_options
@data_option()
@lake_option("where tables go (.lake)")
@click.option(
    "--select",
    multiple=True,
    type=TABLE,
    metavar="TABLE",
    help="only this, and what it reads: TABLE, stg_*, zone:Z, tag:T, path:FILE; TABLE+ also what reads it",
)
@click.option(
    "--exclude", multiple=True, type=TABLE, metavar="TABLE", help="not this, and not what reads it; repeatable"
)
@engine_option("what runs the lake: duckdb (default) or spark")
@click.option("--full", is_flag=True, help="make everything anew, also what is current and what was read before")
@click.option("--dry-run", is_flag=True, help="say what would be made, by what, and about how many rows; make nothing")
@reveal_option("show personal data in rows that broke a check, instead of (personal)")
@format_options()
def run(options: Options, terminal: Terminal) -> int:
    source = read_spec(options)
    from generator.run.lake_folder import LakeFolder

    LakeFolder(options.lake).check()
    if options.dry_run:
        return _dry_run(options, source, terminal)
    progress = Progress(terminal, quiet=options.json)
    execute = _on_spark if options.engine == "spark" else _on_duckdb
    report, program = execute(options, source, terminal, progress)
    from generator.run.last_run import store_last_run
    from generator.run.masking import masked

    terminal.clear_live()
    show = terminal.print if options.json or report.failed else terminal.say
    show(json_text(report.to_json()) if options.json else format_report(terminal, report, options.lake))
    store_last_run(options.lake, masked(report, program))
    return 1 if report.failed else 0


def _dry_run(options: Options, source: SourceText, terminal: Terminal) -> int:
    from generator.cli.forecast_view import format_forecast
    from generator.run.forecast import FAILS, forecast
    from generator.run.lake_folder import LakeFolder
    from generator.run.leaving import without_gone

    lake = LakeFolder(options.lake)
    if options.engine == "spark":
        from generator.run.spark.currency import Currency

        scripts = _scripts(options, source, terminal)
        part = scripts.program
        found = forecast(part, options.data, lake, by=Currency(scripts, options.data, lake), full=options.full)
    else:
        program, warnings = load_program(source, options.lake, remember=False)
        _warn(options, source, warnings, terminal)
        part = chosen(program, options.select, options.exclude)
        found = forecast(part, options.data, lake, full=options.full)
    _, leaving = without_gone(lake, lake.catalog(), part)
    tables = {one.name: one.to_json() for one in found}
    told = {"lake": part.lake, "dry_run": True, "removed": list(leaving), "tables": tables}
    terminal.print(json_text(told) if options.json else format_forecast(terminal, found, leaving))
    return 1 if any(one.what == FAILS for one in found) else 0


def _on_duckdb(
    options: Options, source: SourceText, terminal: Terminal, progress: Progress
) -> tuple[RunReport, Program]:
    program, warnings = load_program(source, options.lake)
    _warn(options, source, warnings, terminal)
    from generator.run.execute import execute
    from generator.run.lake_folder import LakeFolder

    lake = LakeFolder(options.lake)
    part = chosen(program, options.select, options.exclude)
    report = execute(part, options.data, lake, progress, full=options.full, reveal=options.reveal)
    return report, part


def _on_spark(
    options: Options, source: SourceText, terminal: Terminal, progress: Progress
) -> tuple[RunReport, Program]:
    from generator.run.lake_folder import LakeFolder
    from generator.run.spark.runner import run_scripts

    scripts = _scripts(options, source, terminal)
    report = run_scripts(scripts, options.data, LakeFolder(options.lake), progress, full=options.full)
    return report, scripts.program


def _scripts(options: Options, source: SourceText, terminal: Terminal) -> LakeScripts:
    """The scripts of what is to be run.

    Raises:
        SpecError: the spec has errors.
    """
    from generator.checks import check_spec
    from generator.render.jobs import render_grouped_steps, render_jobs
    from generator.render.runtime_package import runtime_package
    from generator.run.build_program import build_program
    from generator.run.spark.currency import LakeScripts

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    _warn(options, source, _warnings(analysis.diagnostics), terminal)
    program = chosen(build_program(analysis.lake), options.select, options.exclude)
    lake = analysis.lake
    return LakeScripts(lake, program, render_jobs(lake), runtime_package(), render_grouped_steps(lake))


def _warnings(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(one for one in diagnostics if one.severity is Severity.WARNING)


def _warn(options: Options, source: SourceText, warnings: tuple[Diagnostic, ...], terminal: Terminal) -> None:
    if warnings and not options.json:
        terminal.note(told(terminal, source, warnings))


def load_program(source: SourceText, lake: Path, *, remember: bool = True) -> tuple[Program, tuple[Diagnostic, ...]]:
    """The program of a spec, and its warnings: remembered, or compiled anew.

    Args:
        remember: whether it is written down where it had to be compiled.

    Raises:
        SpecError: the spec has errors.
    """
    key = program_cache.cache_key(source)
    cached = program_cache.load(lake, key)
    if cached is not None:
        return cached
    from generator.checks import (
        check_spec,  # the compiler's libraries take longer to import than the run takes
    )
    from generator.run.build_program import build_program

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    program = build_program(analysis.lake)
    warnings = _warnings(analysis.diagnostics)
    if remember:
        program_cache.store(lake, key, program, warnings)
    return program, warnings
