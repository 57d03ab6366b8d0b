"""`show`: rows of a table as it is now, or as it was."""

from __future__ import annotations

import argparse

from generator.cli.looking import add_look_options, compiled_lake, show
from generator.cli.terminal import Terminal

HELP = "show rows of a table, view, source or quarantine"
DESCRIPTION = (
    "Shows rows of the current version in the lake folder, or of an older one. Views are computed; lines of a source\n"
    "that are no rows are in SOURCE_quarantine. Values of columns with personal data are masked."
)
EXAMPLE = (
    "  python -m generator show customer_trusted\n"
    '  python -m generator show accelerometer_trusted --where "x > 1 and y < 0" --limit 5\n'
    "  python -m generator show machine_learning_curated --out rows.parquet"
)
_MOST = 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="its name")
    parser.add_argument(
        "--where", metavar="CONDITION", help="only rows for which this is true; Spark SQL, as in the spec"
    )
    parser.add_argument("--version", metavar="RUN", help="the version that this run made, instead of the current one")
    add_look_options(parser, _MOST)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    analysis, program = compiled_lake(options)
    from generator.run.look.ask import compiled, known_of, need_table

    known = known_of(analysis, options.lake, options.table, options.version or "")
    need_table(options.table, known.relations())
    where = f" where {options.where}" if options.where is not None else ""
    asked = compiled(known, f"select * from `{options.table}`{where}", "--where" if where else "the query")
    return show(options, terminal, known, asked, program, _MOST)
