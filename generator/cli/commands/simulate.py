"""`simulate`: what a withdrawn consent would take out of the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from generator.cli.command import Options, command
from generator.cli.common_options import data_option, format_options, lake_option, reveal_option
from generator.cli.run_view import Progress
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.diagnostics import SpecError
from generator.printable import json_text
from generator.run.masking import MASK
from generator.runtime.words import plural

DESCRIPTION = (
    "Runs the lake twice in a scratch folder, with and without somebody's consent, and lists the rows that leave each\n"
    "table. Where there is a lake already, only what changes is made. The lake itself is not touched."
)
EXAMPLE = "  python -m generator simulate --withdraw customer.email=ada@example.com"


@command(DESCRIPTION, EXAMPLE)
@click.option("--withdraw", required=True, metavar="SUBJECT.KEY=VALUE", help="who takes the consent back")
@spec_options
@data_option()
@lake_option("the lake that there is already, if any (.lake)")
@click.option("--rows", type=int, default=3, metavar="N", help="show so many rows of each table (3)")
@reveal_option("show personal data in these rows, instead of (personal)")
@format_options()
def run(options: Options, terminal: Terminal) -> int:
    source = read_spec(options)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run
    from generator.erasure.person import parse_person
    from generator.jobs.duckdb_checks import readable_key
    from generator.run.build_program import build_program
    from generator.run.lake_folder import LakeFolder
    from generator.run.simulate import simulate

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    who = parse_person(options.withdraw, analysis.lake)
    program = build_program(analysis.lake)
    progress, rows = Progress(terminal, quiet=True), max(options.rows, 0)
    lake = LakeFolder(options.lake)
    found = simulate(analysis.lake, program, options.data, who, progress, rows, lake, reveal=options.reveal)
    if options.json:
        tables = {one.name: {key: value for key, value in asdict(one).items() if key != "name"} for one in found}
        terminal.print(json_text({"withdraw": asdict(who), "tables": tables}))
        return 0
    rows = [
        (Cell(one.name), Cell(f"{one.rows:,}"), Cell(f"{one.leaving:,}", ("yellow",) if one.leaving else ("dim",)),
         Cell(f"{one.coming:,}", ("dim",)), Cell(str(one.keep_versions)))
        for one in found
    ]  # fmt: skip
    header = ("table", "rows", "leave", "come", "runs until no version holds them")
    terminal.print(format_table(terminal, header, rows, right={1, 2, 3, 4}))
    for one in found:
        if one.examples:
            leaving = plural(one.leaving, "row leaves", "rows leave, such as")
            terminal.print(f"\n{one.name}: {leaving}")
            for example in one.examples:
                names = _readable(example, readable_key(analysis.lake.relation(one.name)))
                terminal.print("  " + ", ".join(f"{name}={example[name]}" for name in names))
    return 0


def _readable(row: Mapping[str, Any], key: Sequence[str]) -> list[str]:
    """The columns of a row that tell most: its key, then six others, those first whose values can be shown."""
    others = sorted((name for name in row if name not in key), key=lambda name: row[name] == MASK)
    return [*key, *others[:6]]
