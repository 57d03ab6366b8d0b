"""`compare`: what a change of the spec does to the rows."""

from __future__ import annotations

import click

from generator.cli.command import Options, command
from generator.cli.common_options import data_option, format_options, lake_option, reveal_option
from generator.cli.old_spec import broken, read_old
from generator.cli.run_view import Progress
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import REVISION
from generator.diagnostics import SpecError

DESCRIPTION = (
    "Runs two specs over the same data in a scratch folder, and shows for each table the rows that are added, gone,\n"
    "and changed, found again by their key. Where there is a lake already, only what changes is made; the lake itself\n"
    "is not touched. OLD is a file, or a revision of git. Values of columns with personal data are masked."
)
EXAMPLE = (
    "  python -m generator compare               the last commit, and what is here\n"
    "  python -m generator compare main --format markdown > rows.md"
)


@command(DESCRIPTION, EXAMPLE)
@click.argument("old", type=REVISION, default="HEAD", help="a file or a revision (HEAD)")
@spec_options
@data_option()
@lake_option("the lake that there is already, if any (.lake)")
@click.option("--rows", type=int, default=3, metavar="N", help="show so many rows of each kind (3)")
@reveal_option("show personal data in these rows, instead of (personal)")
@format_options("markdown")
@click.option("--exit-code", is_flag=True, help="end with 1 if any row is another one")
def run(options: Options, terminal: Terminal) -> int:
    new_source = read_spec(options)
    old_source = read_old(options.old, options.spec, options.var, terminal)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run
    from generator.run.build_program import build_program
    from generator.run.lake_folder import LakeFolder
    from generator.run.look.compare import Side, compare

    new = check_spec(new_source)
    if new.lake is None:
        raise SpecError(new_source, new.diagnostics)
    old = check_spec(old_source) if old_source is not None else None
    if old is not None and old.lake is None:
        raise broken(old)
    side = Side(old.lake, build_program(old.lake)) if old is not None and old.lake is not None else None
    progress, rows = Progress(terminal, quiet=True), max(options.rows, 0)
    found = compare(
        side,
        Side(new.lake, build_program(new.lake)),
        options.data,
        progress,
        kept=LakeFolder(options.lake),
        examples=rows,
        reveal=options.reveal,
    )
    from generator.cli.formats import comparison

    names = (old_source.path if old_source is not None else f"{options.old} (nothing)", new_source.path)
    write = {"text": comparison.text, "markdown": comparison.markdown, "json": comparison.to_json}[options.format]
    terminal.print(write(terminal, names, found))
    return 1 if options.exit_code and not all(one.is_same for one in found) else 0
