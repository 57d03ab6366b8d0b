"""`python -m generator`. Signals are taken before anything else is imported: they end with a sentence there too."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence

from generator import stopping


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code, 128 + n after signal n."""
    try:
        stopping.listen()
        atexit.register(gc.freeze)  # else Python looks for cycles in all that is left, just before it all goes
        from generator.cli.main import main as run_command

        return run_command(arguments)
    except ModuleNotFoundError as error:
        if (error.name or "generator").partition(".")[0] in sys.stdlib_module_names | {"generator"}:
            raise
        _say(
            f"error: {error.name} isn't installed for {sys.executable}: use the Python of the virtual environment "
            "(.venv/bin/python after `make run`), or `pip install -e .` in the clone\n"
        )
        return 1
    except BaseException as error:
        number = stopping.signalled()
        if number is None or isinstance(error, SystemExit):
            raise
        _say(f"error: {stopping.sentence(number)}\n")
        return 128 + number


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # closed, or full
        return


if __name__ == "__main__":
    sys.exit(main())
