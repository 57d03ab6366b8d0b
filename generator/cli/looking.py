"""What the commands share that look at a lake folder's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from generator.cli.command import Decorator, Options, together
from generator.cli.common_options import format_options, lake_option, reveal_option
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE
from generator.diagnostics import GeneratorError, SpecError
from generator.printable import json_text
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.plan.compile import Analysis
    from generator.plan.sql.asked import Asked
    from generator.run.look.ask import Known, Looked
    from generator.run.program import Program


def look_options(limit: int) -> Decorator:
    """The options of looking.

    Args:
        limit: so many rows are printed unless it is said.
    """
    return together(
        spec_options,
        lake_option(),
        click.option("--limit", type=int, metavar="N", help=f"so many rows at most (prints {limit}, writes all)"),
        click.option("--out", type=FILE, metavar="FILE", help="write all rows to FILE.csv, .parquet or .json"),
        reveal_option("show personal data, instead of (personal)"),
        format_options(),
    )


def compiled_lake(options: Options) -> tuple[Analysis, Program]:
    """The spec that says what columns mean, and its program.

    Raises:
        SpecError: it has errors.
    """
    source = read_spec(options)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run
    from generator.run.build_program import build_program

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    return analysis, build_program(analysis.lake)


def show(options: Options, terminal: Terminal, known: Known, asked: Asked, program: Program, most: int) -> int:
    """Prints the rows of a query, or writes them to a file.

    Args:
        most: how many are printed unless it is said.
    """
    from generator.run.look.ask import look, write

    if options.limit is not None and options.limit < 0:
        raise GeneratorError("--limit: a number of rows is 0 or more")
    if options.out is not None:
        rows = write(known, asked, program, options.out, reveal=options.reveal, limit=options.limit)
        told = {"file": str(options.out), "rows": rows}
        show = terminal.print if options.json else terminal.say
        show(json_text(told) if options.json else f"{options.out}: {plural(rows, 'row')}")
        return 0
    limit = options.limit if options.limit is not None or options.json else most
    found = look(known, asked, program, limit=limit, reveal=options.reveal)
    if options.json:
        terminal.print(json_text(_told(found)))
        return 0
    from generator.cli.rows_view import format_rows

    terminal.print(format_rows(terminal, found))
    return 0


def _told(found: Looked) -> dict[str, Any]:
    from generator.cli.formats.tests_json import plain

    columns = [
        {"name": name, "type": kind, "masked": name in found.masked}
        for name, kind in zip(found.columns, found.kinds, strict=True)
    ]
    rows = [dict(zip(found.columns, map(plain, row), strict=True)) for row in found.rows]
    return {"columns": columns, "rows": rows, "total": found.total}
