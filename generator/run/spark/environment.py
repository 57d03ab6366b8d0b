"""What a JVM, and the Python processes that it starts, inherit from this process."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}
"""Spark starts even where the machine's own name can't be resolved."""
_MISLEADING = (
    "PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "SPARK_REMOTE",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
)  # fmt: skip
"""Variables that would make pyspark use another Spark than the one that is started. And credentials: a run on this
machine has no use for them, and with them Spark asks for the machine's own name.
"""


@contextmanager
def spark_environment(java_home: Path, python_path: Sequence[Path]) -> Iterator[None]:
    """This Python and this Java for Spark, whose Python functions import from `python_path` too."""
    paths = [*map(str, python_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    wanted = {
        "JAVA_HOME": str(java_home),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(paths),
        "SPARK_LAUNCHER_OPTS": "-XX:TieredStopAtLevel=1",
        **LOOPBACK,
    }
    with _variables({**wanted, **dict.fromkeys(_MISLEADING)}):
        yield


@contextmanager
def _variables(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """Sets environment variables, or unsets those that are None, for a while."""
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def keeping_interrupts() -> Iterator[None]:
    """Puts back what Ctrl-C does: pyspark's own way asks a JVM that is busy."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def quieten_py4j() -> None:
    """Keeps what py4j logs off the terminal: a broken connection raises as well, or is one to a JVM that was ended.

    It logs with a logger of its own, and with the root logger.
    """
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_is_not_of_py4j)


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    return Path(record.pathname).parent.name != "py4j"
