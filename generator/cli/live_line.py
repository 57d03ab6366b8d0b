"""A line at the end of a terminal that tells what is going on, by rich."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 0.4
"""Seconds before it appears: what is done by then needs no line, and no rich."""


class LiveLine:
    """A line that is shown, changed and taken away. It appears and moves by a thread of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._text, self._done, self._total = "", 0, 0
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def show(self, text: str, done: int = 0, total: int = 0) -> None:
        """Tells something else.

        Args:
            text: in one line, without what steers a terminal.
            done, total: how much there is to do and how much is done, if that is known.
        """
        with self._lock:
            self._text, self._done, self._total = text, done, total
            if self._progress is not None:
                self._update(self._progress)
            elif self._timer is None:
                self._timer = threading.Timer(PATIENCE, self._begin)
                self._timer.daemon = True
                self._timer.start()

    def clear(self) -> None:
        """Takes the line away, if there is one."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._progress is not None:
                with suppress(OSError, ValueError):  # nobody is there to see it
                    self._progress.stop()
            self._timer = self._progress = self._task = None

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        with self._lock, suppress(OSError, ValueError):
            if self._timer is not threading.current_thread():
                return
            one_line = Column(no_wrap=True, overflow="ellipsis")
            self._progress = Progress(
                BarColumn(bar_width=20),
                TextColumn("{task.description}", markup=False, table_column=one_line),
                console=Console(file=self.stream, force_terminal=True, legacy_windows=False),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._progress.add_task("")
            self._update(self._progress)
            self._progress.start()

    def _update(self, progress: Progress) -> None:
        assert self._task is not None
        progress.update(self._task, description=self._text, completed=self._done, total=self._total or None)
