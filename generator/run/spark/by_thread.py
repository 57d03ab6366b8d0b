"""Arguments and output of the scripts that run in this process at the same time, each in a thread of its own.

A script finds its arguments in `sys.argv` and prints to `sys.stdout`. While any runs, these tell threads apart.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TextIO

Written = TextIO | io.TextIOBase
"""What takes text."""


@dataclass(frozen=True, slots=True)
class _Script:
    arguments: Sequence[str]
    output: Written
    log: Written


class _Threads(threading.local):
    """The script of this thread; None if it runs none."""

    script: _Script | None = None


_threads = _Threads()
_lock = threading.Lock()
_running: list[_Script] = []


class _Arguments(Sequence[str]):
    def __init__(self, others: Sequence[str]) -> None:
        self._others = others

    def __getitem__(self, index: Any) -> Any:
        return self._mine()[index]

    def __len__(self) -> int:
        return len(self._mine())

    def _mine(self) -> Sequence[str]:
        return _threads.script.arguments if _threads.script else self._others


class _Output(io.TextIOBase):
    """What is printed: by scripts, by the main thread beside them, and by threads that work for scripts."""

    def __init__(self, others: Written, *, is_error: bool) -> None:
        self._others = others
        self._is_error = is_error

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return self._mine().write(text)

    def flush(self) -> None:
        self._mine().flush()

    def isatty(self) -> bool:
        return self._mine().isatty()

    def _mine(self) -> Written:
        script = _threads.script
        if script is not None:
            return script.log if self._is_error else script.output
        beside = threading.current_thread() is not threading.main_thread()
        return _running[0].log if beside and _running else self._others


@contextmanager
def as_script(arguments: Sequence[str], output: Written, log: Written) -> Iterator[None]:
    """Gives this thread the arguments and the output of a script; no other thread notices.

    Args:
        output: takes what is printed.
        log: takes what is printed as an error.
    """
    script, before = _Script(arguments, output, log), _threads.script
    with _lock:
        if not _running:
            _install()
        _running.append(script)
    _threads.script = script
    try:
        yield
    finally:
        _threads.script = before
        with _lock:
            _running.remove(script)
            if not _running:
                _restore()


_before: list[Any] = []


def _install() -> None:
    _before[:] = sys.argv, sys.stdout, sys.stderr
    sys.argv = _Arguments(sys.argv)  # type: ignore[assignment]
    sys.stdout = _Output(sys.stdout, is_error=False)
    sys.stderr = _Output(sys.stderr, is_error=True)


def _restore() -> None:
    sys.argv, sys.stdout, sys.stderr = _before
    _before.clear()
