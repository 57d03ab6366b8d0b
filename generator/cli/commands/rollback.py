"""`rollback`: a deployed table back to an older version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import format_options, yes_option
from generator.cli.deployed import confirm, deployment_options, find_deployment
from generator.cli.terminal import Terminal
from generator.cli.value_types import TABLE
from generator.printable import json_text
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.deploy.catalog import Table, Version

DESCRIPTION = (
    "Makes a kept version of a table the one that readers see. Nothing is deleted, and the newer versions stay until\n"
    "the jobs' retention removes them. Tables that were made from it are as they are, and the next run of the\n"
    "workflow publishes a new version."
)
EXAMPLE = (
    "  python -m generator rollback customer_trusted\n"
    "  python -m generator rollback customer_trusted --to 20261123T074843-e8a89c"
)


@command(DESCRIPTION, EXAMPLE)
@click.argument("table", type=TABLE, help="the table")
@click.option("--to", metavar="RUN", help="the version of this run (the one before the current)")
@yes_option()
@format_options()
@deployment_options("database")
def run(options: Options, terminal: Terminal) -> int:
    deployment, aws = find_deployment(options, "database")
    from generator.deploy.catalog import roll_back, rollback_target

    assert deployment.database is not None
    table, version = rollback_target(aws, deployment.database, options.table, options.to)
    if not options.json:
        terminal.tell(describe_rollback(terminal, table, version))
    if not confirm(terminal, options, f"Switch {table.name} to {version.run}?"):
        terminal.tell("nothing was changed")
        return 1
    roll_back(aws, deployment.database, table, version)
    if options.json:
        data = {"table": table.name, "from": table.current, "to": version.run, "rows": version.rows}
        terminal.print(json_text(data))
    else:
        ok = terminal.style("ok", "green", "bold")
        terminal.say(f"{ok}: {table.name} is that of {version.run}, {plural(version.rows, 'row')}")
        terminal.say(f"back again: python -m generator rollback {table.name} --to {table.current}")
    return 0


def describe_rollback(terminal: Terminal, table: Table, version: Version) -> str:
    """What a rollback means, before it is done."""
    made = f"{version.made:%Y-%m-%d %H:%M} UTC" if version.made else version.run
    rows = plural(table.rows, "row") if table.rows is not None else "no rows"
    warning = terminal.style("warning", "yellow", force=terminal.live)
    return (
        f"{table.name}: {table.current} ({rows}) → {version.run} ({plural(version.rows, 'row')})\n"
        f"{warning}: the version was made on {made}, by the consents of that moment. Whoever withdrew since then\n"
        "is in it, and readers see them again, until the next run publishes a new version: `python -m generator start`"
    )
