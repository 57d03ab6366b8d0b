"""`show`: rows of a table as it is now, or as it was."""

from __future__ import annotations

import click

from generator.cli.command import Options, command
from generator.cli.looking import compiled_lake, look_options, show
from generator.cli.terminal import Terminal
from generator.cli.value_types import TABLE

DESCRIPTION = (
    "Shows rows of the current version in the lake folder, or of an older one. Views are computed; lines of a source\n"
    "that are no rows are in SOURCE_quarantine. Values of columns with personal data are masked."
)
EXAMPLE = (
    "  python -m generator show customer_trusted\n"
    '  python -m generator show accelerometer_trusted --where "x > 1" --limit 5\n'
    "  python -m generator show machine_learning_curated --out rows.parquet"
)
_MOST = 20


@command(DESCRIPTION, EXAMPLE)
@click.argument("table", type=TABLE, help="its name")
@click.option("--where", metavar="CONDITION", help="only rows for which this is true; Spark SQL, as in the spec")
@click.option("--version", metavar="RUN", help="the version that this run made, instead of the current one")
@look_options(_MOST)
def run(options: Options, terminal: Terminal) -> int:
    analysis, program = compiled_lake(options)
    from generator.run.look.ask import compiled, known_of, need_table

    known = known_of(analysis, options.lake, options.table, options.version or "")
    need_table(options.table, known.relations())
    where = f" where {options.where}" if options.where is not None else ""
    asked = compiled(known, f"select * from `{options.table}`{where}", "--where" if where else "the query")
    return show(options, terminal, known, asked, program, _MOST)
