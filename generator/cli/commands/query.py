"""`query`: a question to the tables as they are."""

from __future__ import annotations

import argparse

from generator.cli.looking import add_look_options, compiled_lake, show
from generator.cli.terminal import Terminal

HELP = "ask the tables a question in SQL"
DESCRIPTION = (
    "Runs a query over the current versions in the lake folder: sources, tables and views by their names, and lines\n"
    "that are no rows as SOURCE_quarantine. It is Spark SQL, as `sql:` in the spec, and ORDER BY and LIMIT behind it.\n"
    "It can read these and nothing else, and write nothing. What comes of personal data is masked."
)
EXAMPLE = (
    '  python -m generator query "select serialnumber, count(*) as n from step_trainer_trusted group by serialnumber'
    ' order by n desc limit 5"\n'
    '  python -m generator query "select reason, count(*) as n from customer_landing_quarantine group by reason"'
)
_MOST = 100


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", metavar="SQL", help="the query")
    add_look_options(parser, _MOST)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    analysis, program = compiled_lake(options)
    from generator.run.look.ask import compiled, known_of

    known = known_of(analysis, options.lake)
    return show(options, terminal, known, compiled(known, options.sql, "query"), program, _MOST)
