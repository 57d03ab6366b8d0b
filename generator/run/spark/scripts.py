"""Runs scripts in this process as Glue would run them: with arguments, the runtime and `awsglue` beside them."""

from __future__ import annotations

import builtins
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from generator import stopping
from generator.run.spark.by_thread import as_script
from generator.run.spark.events import Events, Output
from generator.runtime.error import first_line

STAND_IN = Path(__file__).with_name("stand_in")
"""The folder with `awsglue`: the few names of it that the scripts import. Glue's own needs Glue's JVM. And with what
starts Spark's Python workers (`settings.WORKERS`).
"""


class Scripts:
    """The scripts of a lake in a folder.

    Attributes:
        folder: with the scripts.
        log: takes what they print beside events, and the whole of their errors.
    """

    def __init__(self, folder: Path, log: TextIO) -> None:
        self.folder = folder
        self.log = log

    def run(self, name: str, arguments: Mapping[str, str], events: Events) -> str:
        """Runs a script; returns the first line of the error that ended it, or an empty text.

        Several may run at once, each in a thread of its own.
        """
        return self.attempt(lambda: _execute(self.folder / f"{name}.py"), {"JOB_NAME": name, **arguments}, events)

    def attempt(self, action: Callable[[], object], given: Mapping[str, str], events: Events) -> str:
        """Does something else as if a script did it."""
        words = ["script", *(word for option, value in given.items() for word in (f"--{option}", value))]
        output = Output(events, self.log)
        with as_script(words, output, self.log):
            try:
                action()
            except SystemExit as error:
                problem = f"the script ended with {error.code}" if error.code else ""
            except Exception as error:
                stopping.check()
                self.log.write(traceback.format_exc())
                problem = first_line(error)
            else:
                problem = ""
        output.close()
        return problem


def _execute(script: Path) -> None:
    code = compile(script.read_bytes(), str(script), "exec", dont_inherit=True)
    exec(code, {"__name__": "__main__", "__file__": str(script), "__builtins__": builtins})


@contextmanager
def importable(places: Sequence[Path]) -> Iterator[None]:
    """Lets scripts import from folders and zips; nothing of it is left afterwards."""
    before, path = set(sys.modules), list(sys.path)
    sys.path[:0] = [str(place) for place in places]
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if name.split(".")[0] in ("awsglue", "lake"):
                del sys.modules[name]
