"""Work for Spark beside other work: its driver plans one query while its workers run another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from pyspark import InheritableThread

Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """Starts work in a thread that nobody has to wait for, not even the end of this process."""
    future: Future[Result] = Future()
    _Thread(work, future).start()
    return future


class _Thread(InheritableThread, Generic[Result]):
    """Whatever happens in it, also while Spark prepares it, ends up in the future."""

    def __init__(self, work: Callable[[], Result], future: Future[Result]) -> None:
        super().__init__(target=lambda: future.set_result(work()), daemon=True)
        self._future = future

    def run(self) -> None:
        try:
            super().run()
        except BaseException as error:
            if not self._future.done():
                self._future.set_exception(error)
