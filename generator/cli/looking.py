"""What the commands share that look at a lake folder's rows."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.cli.spec_option import add_spec, read_spec
from generator.cli.terminal import Terminal
from generator.diagnostics import GeneratorError, SpecError
from generator.printable import json_text

if TYPE_CHECKING:
    from generator.plan.compile import Analysis
    from generator.plan.sql.asked import Asked
    from generator.run.look.ask import Known, Looked
    from generator.run.program import Program


def add_look_options(parser: argparse.ArgumentParser, limit: int) -> None:
    add_spec(parser)
    parser.add_argument("--lake", type=Path, default=Path(".lake"), metavar="DIR", help="the lake folder (.lake)")
    parser.add_argument("--limit", type=int, metavar="N", help=f"so many rows at most (prints {limit}, writes all)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all rows to FILE.csv, .parquet or .json")
    parser.add_argument("--reveal", action="store_true", help="show personal data, instead of (personal)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")


def compiled_lake(options: argparse.Namespace) -> tuple[Analysis, Program]:
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


def show(
    options: argparse.Namespace, terminal: Terminal, known: Known, asked: Asked, program: Program, most: int
) -> int:
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
        terminal.print(json_text(told) if options.json else f"{options.out}: {rows:,} row{'s' * (rows != 1)}")
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
