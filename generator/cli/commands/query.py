"""`query`: a question to the tables as they are."""

from __future__ import annotations

import click

from generator.cli.command import Options, command
from generator.cli.looking import compiled_lake, look_options, show
from generator.cli.terminal import Terminal

DESCRIPTION = (
    "Runs a query over the current versions in the lake folder: sources, tables and views by their names, and lines\n"
    "that are no rows as SOURCE_quarantine. It is Spark SQL, as `sql:` in the spec, and ORDER BY and LIMIT behind it.\n"
    "It can read these and nothing else, and write nothing. What comes of personal data is masked."
)
EXAMPLE = (
    '  python -m generator query "select count(*) as n from customer_trusted"\n'
    '  python -m generator query "select reason, count(*) as n\n'
    '    from customer_landing_quarantine group by reason order by n desc"'
)
_MOST = 100


@command(DESCRIPTION, EXAMPLE)
@click.argument("sql", help="the query")
@look_options(_MOST)
def run(options: Options, terminal: Terminal) -> int:
    analysis, program = compiled_lake(options)
    from generator.run.look.ask import compiled, known_of

    known = known_of(analysis, options.lake)
    return show(options, terminal, known, compiled(known, options.sql, "query"), program, _MOST)
