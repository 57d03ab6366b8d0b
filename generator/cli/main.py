"""The command line: arguments in, exit code out, and the one place where errors become messages.

Exit codes: 0 clean, 1 findings or failed data, 2 wrong usage or a bug of ours, 128 + n after signal n.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from generator import __version__, stopping
from generator.cli import streams
from generator.cli.commands import (
    build,
    check,
    compare,
    completion,
    deploy,
    diff,
    docs,
    emulate,
    erased,
    explain,
    import_,
    init,
    query,
    rollback,
    run,
    sample,
    show,
    simulate,
    start,
    status,
    test,
    upload,
    verify,
)
from generator.cli.terminal import Terminal
from generator.diagnostics import GeneratorError, SpecError
from generator.printable import one_line

COMMANDS = (
    init,
    import_,
    check,
    test,
    run,
    show,
    query,
    build,
    docs,
    diff,
    compare,
    explain,
    simulate,
    erased,
    sample,
    deploy,
    upload,
    start,
    status,
    verify,
    rollback,
    emulate,
    completion,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    is_closed = streams.prepare()
    parser = command_parser()
    words = sys.argv[1:] if arguments is None else arguments
    if any("\0" in word for word in words):
        parser.error("an argument has a null character, which no path and no name has")
    options = parser.parse_args(words)
    collect_rarely()
    terminal = Terminal.detect()
    if is_closed:
        terminal.problem = "it is closed"
    try:
        code = run_command(options, terminal)
    except BaseException as error:
        number = stopping.signalled()
        if number is None or isinstance(error, SystemExit):
            raise
        terminal.error(stopping.sentence(number))
        return 128 + number
    terminal.flush()
    if terminal.problem:
        terminal.error(f"cannot write to stdout: {terminal.problem}; what the command did besides printing is done")
        return code or 1
    return code


def run_command(options: argparse.Namespace, terminal: Terminal) -> int:
    """Runs the command that was asked for; what a user can cause becomes a message and an exit code."""
    try:
        code: int = options.run(options, terminal)
        return code
    except SpecError as error:
        from generator.cli.formats.text import format_text

        terminal.note(format_text(error.source, error.diagnostics, terminal.live))
        return 1
    except GeneratorError as error:
        stopping.check()
        terminal.error(str(error))
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "generator").partition(".")[0] in sys.stdlib_module_names | {"generator"}:
            raise
        terminal.error(
            f"{error.name} isn't installed for {sys.executable}: use the Python of the virtual environment "
            "(.venv/bin/python after `make run`), or `pip install -e .` in the clone"
        )
        return 1
    except OSError as error:
        stopping.check()
        where = f"{error.filename}: " if error.filename else ""
        terminal.error(f"{where}{error.strerror or error}")
        return 1


def collect_rarely() -> None:
    """Collects garbage less often: in a short life with few cycles, the usual rate doubles the time of compiling."""
    gc.set_threshold(200_000, 50, 100)


class _Parser(argparse.ArgumentParser):
    """Arguments are text from outside too: they are shown with nothing that steers a terminal."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def command_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = _Parser(
        prog=_program_name(),
        description="Data lakes on AWS from one pipeline.yaml: checked before they run, run on a laptop or on Glue.",
        epilog="`COMMAND --help` shows an example of each.",
    )
    version = f"lakegen {__version__} (Python {sys.version.split()[0]})"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in COMMANDS:
        name = module.__name__.rsplit(".", 1)[1].rstrip("_")
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.DESCRIPTION,
            epilog=f"example:\n{module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser


def _program_name() -> str:
    name = os.path.basename(sys.argv[0])
    return "python -m generator" if name in ("__main__.py", "-m", "") else name
