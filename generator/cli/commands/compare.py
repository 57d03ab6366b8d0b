"""`compare`: what a change of the spec does to the rows."""

from __future__ import annotations

import argparse
from pathlib import Path

from generator.cli.old_spec import broken, read_old
from generator.cli.run_view import Progress
from generator.cli.spec_option import add_spec, read_spec
from generator.cli.terminal import Terminal
from generator.diagnostics import SpecError

HELP = "show what a change of the spec does to the rows"
DESCRIPTION = (
    "Runs two specs over the same data in a scratch folder, and shows for each table the rows that are added, gone,\n"
    "and changed, found again by their key. Where there is a lake already, only what changes is made; the lake itself\n"
    "is not touched. OLD is a file, or a revision of git. Values of columns with personal data are masked."
)
EXAMPLE = (
    "  python -m generator compare                   the last commit, and what is here\n"
    "  python -m generator compare main --data .sample --format markdown > rows.md"
)
FORMATS = ("text", "markdown", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", nargs="?", default="HEAD", metavar="OLD", help="a file or a revision (HEAD)")
    add_spec(parser)
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="the landing data (data)")
    parser.add_argument(
        "--lake", type=Path, default=Path(".lake"), metavar="DIR", help="the lake that there is already, if any (.lake)"
    )
    parser.add_argument("--rows", type=int, default=3, metavar="N", help="show so many rows of each kind (3)")
    parser.add_argument("--reveal", action="store_true", help="show personal data in these rows, instead of (personal)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how it is written (text)")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.add_argument("--exit-code", action="store_true", help="end with 1 if any row is another one")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
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
