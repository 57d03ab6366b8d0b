"""`explain`: what a code, a table or a column means."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.cli.command import Options, command
from generator.cli.common_options import format_options
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.cli.value_types import TABLE
from generator.diagnostics import suggestion
from generator.printable import json_text

if TYPE_CHECKING:
    from generator.codes import CodePage
    from generator.plan.lake import CompiledLake

DESCRIPTION = (
    "CODE: what it means, why it matters, and an example put right. TABLE: how it is made, why every row is\n"
    "consented, what is personal in it. TABLE.COLUMN: where it comes from, and why it is personal or isn't.\n"
    "Without a name: all codes."
)
EXAMPLE = (
    "  python -m generator explain C001\n"
    "  python -m generator explain customer_trusted\n"
    "  python -m generator explain customer_trusted.email --json"
)
_CODE = re.compile(r"[A-Za-z]\d{3}")


@command(DESCRIPTION, EXAMPLE)
@click.argument("name", type=TABLE, required=False, help="a code, a table or source, or TABLE.COLUMN")
@spec_options
@format_options()
def run(options: Options, terminal: Terminal) -> int:
    if options.name is None:
        return _list_codes(options, terminal)
    name = options.name.strip()
    if _CODE.fullmatch(name) and not _is_name(options.spec, name):
        return _explain_code(name, options, terminal)
    source = read_spec(options)
    from generator.checks import (
        check_spec,
    )  # the compiler's libraries take longer to import than a page takes
    from generator.cli.findings import report

    analysis = check_spec(source)
    if analysis.lake is None:
        report(terminal, source, analysis.diagnostics, "json" if options.json else "text")
        return 1
    problem = _unknown(analysis.lake, name)
    if problem:
        terminal.error(problem)
        return 2
    terminal.print(_page(analysis.lake, name, as_json=options.json, terminal=terminal))
    return 0


def _is_name(spec: Path, name: str) -> bool:
    """Whether the lake has a table or source of this name; codes are written in capitals, names never are."""
    from generator.codes import load_code

    return name == name.lower() and load_code(name) is None and spec.is_file()


def _list_codes(options: Options, terminal: Terminal) -> int:
    from generator.codes import all_codes, load_code

    pages = [page for code in all_codes() if (page := load_code(code))]
    if options.json:
        terminal.print(_json([_code_values(page) for page in pages]))
        return 0
    rows = [[Cell(page.code, ("bold",)), Cell(page.severity, ("dim",)), Cell(page.summary)] for page in pages]
    terminal.print(format_table(terminal, ("code", "severity", "what is wrong"), rows, right=set()))
    return 0


def _explain_code(name: str, options: Options, terminal: Terminal) -> int:
    from generator.codes import all_codes, load_code

    page = load_code(name)
    if page is None:
        hint = "; ".join(suggestion(name.upper(), all_codes()))
        terminal.error(f"there is no code `{name}`; {hint}")
        return 2
    if options.json:
        terminal.print(_json(_code_values(page)))
        return 0
    from generator.cli.formats.explain import format_explanation

    terminal.print(format_explanation(page, terminal))
    return 0


def _code_values(page: CodePage) -> dict[str, Any]:
    return asdict(page)


def _unknown(lake: CompiledLake, name: str) -> str:
    """What is wrong with a name; empty where the lake has it."""
    table, _, column = name.partition(".")
    tables = [*lake.sources, *lake.tables]
    if table not in tables:
        hint = "; ".join(suggestion(table, tables))
        return f"there is no table, source or code `{table}`; {hint}"
    columns = [known.name for known in lake.relation(table).columns]
    if "." in name and column not in columns:
        return f"`{table}` has no column `{column}`; {'; '.join(suggestion(column, columns))}"
    return ""


def _page(lake: CompiledLake, name: str, *, as_json: bool, terminal: Terminal) -> str:
    from generator.cli.formats.column_explanation import format_column_page
    from generator.cli.formats.explanation import format_source_page, format_table_page
    from generator.render.explanation import explain_column, explain_source, explain_table

    table, _, column = name.partition(".")
    look = terminal.color, terminal.width
    if column:
        about = explain_column(lake, table, column)
        return _json(asdict(about)) if as_json else format_column_page(about, *look)
    if table in lake.sources:
        source = explain_source(lake, table)
        return _json(asdict(source)) if as_json else format_source_page(source, *look)
    found = explain_table(lake, table)
    return _json(asdict(found)) if as_json else format_table_page(found, *look)


def _json(value: object) -> str:
    return json_text(value)
