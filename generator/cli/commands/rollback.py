"""`rollback`: a deployed table back to an older version."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from generator.cli.deployed import add_deployment_options, confirm, find_deployment, plural
from generator.cli.terminal import Terminal
from generator.printable import json_text

if TYPE_CHECKING:
    from generator.deploy.catalog import Table, Version

HELP = "switch a deployed table back to an older version"
DESCRIPTION = (
    "Makes a kept version of a table the one that readers see. Nothing is deleted, and the newer versions stay until\n"
    "the jobs' retention removes them. Tables that were made from it are as they are, and the next run of the\n"
    "workflow publishes a new version."
)
EXAMPLE = (
    "  python -m generator rollback customer_trusted\n"
    "  python -m generator rollback customer_trusted --to 20261123T074843-e8a89c"
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="the table")
    parser.add_argument("--to", metavar="RUN", help="the version of this run (the one before the current)")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")
    add_deployment_options(parser, "bucket", "database")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    deployment, aws = find_deployment(options, "bucket", "database")
    from generator.deploy.catalog import roll_back, rollback_target

    assert deployment.bucket is not None and deployment.database is not None
    table, version = rollback_target(aws, deployment.database, options.table, options.to)
    if not options.json:
        terminal.note(describe_rollback(terminal, table, version))
    if not confirm(terminal, options, f"Switch {table.name} to {version.run}?"):
        terminal.note("nothing was changed")
        return 1
    roll_back(aws, deployment.bucket, deployment.database, table, version)
    if options.json:
        data = {"table": table.name, "from": table.current, "to": version.run, "rows": version.rows}
        terminal.print(json_text(data))
    else:
        ok = terminal.style("ok", "green", "bold")
        terminal.print(f"{ok}: {table.name} is that of {version.run}, {plural(version.rows, 'row')}")
        terminal.print(f"back again: python -m generator rollback {table.name} --to {table.current}")
    return 0


def describe_rollback(terminal: Terminal, table: Table, version: Version) -> str:
    """What a rollback means, before it is done."""
    made = f"{version.made:%Y-%m-%d %H:%M} UTC" if version.made else version.run
    rows = f"{table.rows:,}" if table.rows is not None else "no"
    warning = terminal.style("warning", "yellow", force=terminal.live)
    return (
        f"{table.name}: {table.current} ({rows} rows) → {version.run} ({version.rows:,} rows)\n"
        f"{warning}: the version was made on {made}, by the consents of that moment. Whoever withdrew since then\n"
        "is in it, and readers see them again, until the next run publishes a new version: `python -m generator start`"
    )
