"""Runs the command on Spark again and again, in a JVM that stays: `python -m tests.engines.spark_commands FOLDER`.

Each line of stdin has the arguments of a command, as a JSON list; the answer is a line of stdout, {"code", "out",
"err"}. Of the command nothing is left out but the start of its JVM, which takes longer than a small lake does. The JVM
begins with the settings for the first lake: they are those of any lake with little data.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from generator.cli.main import main as run_command
from generator.render.runtime_package import runtime_package
from generator.run.spark import runner
from generator.run.spark.currency import PACKAGE
from generator.run.spark.session import local_spark
from generator.run.spark.settings import LONG_RUN


class Kept:
    """The session that stays; whoever runs a lake finds none of the views and rows of those before."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.session: Any = None
        (folder / PACKAGE).write_bytes(runtime_package())

    @contextmanager
    def __call__(self, name: str, data: Path, log: Path, python_path: Sequence[Path] = ()) -> Iterator[Any]:
        size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
        assert size <= LONG_RUN, f"{data} asks for settings of its own"
        assert [path.read_bytes() for path in python_path] == [(self.folder / PACKAGE).read_bytes()]
        if self.session is None:
            started = local_spark(name, data, self.folder / "log", [self.folder / PACKAGE])
            self.session = self.stack.enter_context(started)
        for view in self.session.catalog.listTables():
            self.session.catalog.dropTempView(view.name)
        self.session.catalog.clearCache()
        yield self.session


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with ExitStack() as stack:
        runner.local_spark = Kept(Path(sys.argv[1]), stack)  # type: ignore[assignment]
        for line in sys.stdin:
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                code = run_command(json.loads(line))
            answers.write(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
