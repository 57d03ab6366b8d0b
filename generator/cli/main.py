"""The command line: arguments in, exit code out, and the one place where errors become messages.

Exit codes: 0 clean, 1 findings or failed data, 2 wrong usage or a bug of ours.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from generator import __version__
from generator.cli.commands import (
    build,
    check,
    completion,
    deploy,
    diff,
    docs,
    emulate,
    explain,
    import_,
    init,
    rollback,
    run,
    sample,
    simulate,
    start,
    status,
    upload,
    verify,
)
from generator.cli.terminal import Terminal
from generator.diagnostics import GeneratorError, SpecError

COMMANDS = (
    init,
    import_,
    check,
    run,
    build,
    docs,
    diff,
    explain,
    simulate,
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
    options = command_parser().parse_args(arguments)
    collect_rarely()
    terminal = Terminal.detect()
    try:
        code: int = options.run(options, terminal)
        sys.stdout.flush()
        return code
    except SpecError as error:
        from generator.cli.formats.text import format_text

        terminal.note(format_text(error.source, error.diagnostics, terminal.live))
        return 1
    except GeneratorError as error:
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
    except KeyboardInterrupt:
        terminal.error("interrupted; what was published before is unchanged")
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def collect_rarely() -> None:
    """Collects garbage less often: in a short life with few cycles, the usual rate doubles the time of compiling."""
    gc.set_threshold(200_000, 50, 100)


def command_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
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
