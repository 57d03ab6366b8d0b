"""Signals that end a command: they become an exception, so that everything which is open is closed and removed.

Engines and libraries swallow exceptions or make their own of them. So the signal is remembered as well: `check` raises
again where an error may only be the echo of a signal, and `signalled` tells the command line what it was.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 3
_received: list[int] = []
_interruptions: list[Callable[[], object]] = []


class StoppedError(BaseException):
    """A signal asked the process to end."""


def listen() -> None:
    """Takes the signals that ask a process to end; one that is ignored, as under nohup, stays so."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    """Raises at the first signal; later ones wait for the tidying up, until patience is over."""
    _received.append(number)
    if len(_received) == 1:
        raise StoppedError(number)
    if len(_received) > _PATIENCE:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def signalled() -> int | None:
    """The signal that came, if one did."""
    return _received[0] if _received else None


def check() -> None:
    """Raises if a signal came: for where errors are caught that one may have caused.

    Raises:
        StoppedError: one came.
    """
    if _received:
        raise StoppedError(_received[0])


@contextmanager
def interrupting(interrupt: Callable[[], object]) -> Iterator[None]:
    """Calls `interrupt`, from another thread, when a signal comes: for engines that work for long outside of Python.

    Python tells of a signal only between its own instructions, so a query would end first.
    """
    is_first = not _interruptions and threading.current_thread() is threading.main_thread()
    with _watching() if is_first else nullcontext():
        _interruptions.append(interrupt)
        try:
            yield
        finally:
            _interruptions.remove(interrupt)


@contextmanager
def _watching() -> Iterator[None]:
    """A thread that is told of signals as they come, and nothing of it left afterwards."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reading,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)
        watcher.join()
        os.close(reading)


def _watch(reading: int) -> None:
    """Interrupts until all that may be interrupted is over: a query may just be about to begin."""
    while number := os.read(reading, 1):
        if number[0] in SIGNALS and signal.getsignal(number[0]) is _stop:
            break
    pause = threading.Event()
    while number and _interruptions:
        for interrupt in tuple(_interruptions):
            with suppress(Exception):
                interrupt()
        pause.wait(0.1)


def sentence(number: int) -> str:
    """What is said at the end, and the exit code is 128 + `number`."""
    word = "interrupted" if number == signal.SIGINT else f"stopped by {signal.Signals(number).name}"
    return f"{word}; what was published before is unchanged"
