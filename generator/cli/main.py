"""The command line: arguments in, exit code out, and the one place where errors become messages.

Exit codes: 0 clean, 1 findings or failed data, 2 wrong usage or a bug of ours, 128 + n after signal n.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

import click

from generator import __version__, stopping
from generator.cli import streams
from generator.cli.lazy_group import LazyGroup
from generator.cli.terminal import Terminal
from generator.diagnostics import GeneratorError, SpecError

COMMANDS = {
    "init": "write a first spec from a folder of raw files",
    "import": "turn Glue Studio jobs into tables of a spec",
    "check": "check the spec, and explain every mistake in it",
    "test": "run the spec's tests: rows in, rows out",
    "run": "run the lake on this machine",
    "show": "show rows of a table, view, source or quarantine",
    "query": "ask the tables a question in SQL",
    "build": "write what is generated from the spec to build/",
    "docs": "write the lake as a site: graph, tables, proofs, the last run",
    "diff": "show what a change of the spec does to the lake",
    "compare": "show what a change of the spec does to the rows",
    "explain": "explain a code, a table or a column",
    "simulate": "show what a withdrawn consent takes out of the lake",
    "erased": "say where a person still is, and certify that it is nowhere",
    "sample": "write synthetic landing data for the reference lake",
    "deploy": "plan, apply or destroy the lake on AWS",
    "upload": "bring landing data to the deployed lake",
    "start": "run the deployed workflow, and follow it",
    "status": "show the deployed tables and the last run of each job",
    "verify": "check the deployed tables through Athena",
    "rollback": "switch a deployed table back to an older version",
    "emulate": "deploy the lake to an AWS on this machine, run it there, and count",
    "completion": "print a script that completes commands in a shell",
}
"""All commands, in the order in which a lake meets them, and what each is for."""
ASKING = "_LAKEGEN_COMPLETE"
"""By this variable of the environment a shell asks what can follow, as click names it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    is_closed = streams.prepare()
    collect_rarely()
    instruction = os.environ.get(ASKING)
    if instruction:
        from generator.cli.completing import complete

        return complete(commands(), instruction)
    terminal = Terminal.detect()
    if is_closed:
        terminal.problem = "it is closed"
    try:
        code = run_command(sys.argv[1:] if arguments is None else arguments, terminal)
    except BaseException:
        number = stopping.signalled()
        if number is None:
            raise
        terminal.error(stopping.sentence(number))
        return 128 + number
    finally:
        terminal.clear_live()
    terminal.flush()
    if terminal.problem:
        terminal.error(f"cannot write to stdout: {terminal.problem}; what the command did besides printing is done")
        return code or 1
    return code


def commands() -> LazyGroup:
    """The whole command line."""
    version = click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="show the version"
    )
    return LazyGroup(
        "generator.cli.commands",
        COMMANDS,
        [version],
        help="Data lakes on AWS from one pipeline.yaml: checked before they run, run on a laptop or on Glue.",
        epilog="`COMMAND --help` shows an example of each.",
    )


def run_command(words: Sequence[str], terminal: Terminal) -> int:
    """Runs the command that was asked for; what a user can cause becomes a message and an exit code."""
    try:
        with commands().make_context(_program_name(), _whole(words), obj=terminal) as context:
            code: int = context.command.invoke(context)
        return code
    except click.exceptions.Exit as end:  # of --help and --version
        return end.exit_code
    except click.UsageError as error:
        from generator.cli.usage import show_wrong_usage

        show_wrong_usage(error, terminal)
        return 2
    except SpecError as error:
        from generator.cli.findings import told

        terminal.tell(told(terminal, error.source, error.diagnostics))
        return 1
    except GeneratorError as error:
        stopping.check()
        terminal.error(str(error))
        return 1
    except OSError as error:
        stopping.check()
        where = f"{error.filename}: " if error.filename else ""
        terminal.error(f"{where}{error.strerror or error}")
        return 1


def collect_rarely() -> None:
    """Collects garbage less often: in a short life with few cycles, the usual rate doubles the time of compiling."""
    gc.set_threshold(200_000, 50, 100)


def _whole(words: Sequence[str]) -> list[str]:
    if any("\0" in word for word in words):
        raise click.UsageError("an argument has a null character, which no path and no name has")
    return list(words)


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        context.obj.print(f"lakegen {__version__} (Python {sys.version.split()[0]})")
        context.exit()


def _program_name() -> str:
    name = os.path.basename(sys.argv[0])
    return "python -m generator" if name in ("__main__.py", "-m", "-c", "") else name
