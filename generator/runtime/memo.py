"""What is found out once and asked for by several, maybe at the same time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Memo(Generic[Found]):
    """Values by keys. Whoever asks for one that is being found waits for it; what can't be found isn't kept."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[Hashable, Future[Found]] = {}

    def get(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """The value of a key, found by the first who asks; errors of `find` are his alone."""
        while True:
            with self._lock:
                known = self._values.get(key)
                if known is None:
                    mine = self._values[key] = Future()
            if known is None:
                return self._find(key, find, mine)
            with suppress(Exception):
                return known.result()

    def _find(self, key: Hashable, find: Callable[[], Found], value: Future[Found]) -> Found:
        try:
            value.set_result(find())
        except BaseException as error:
            with self._lock:
                del self._values[key]
            value.set_exception(error if isinstance(error, Exception) else RuntimeError("interrupted"))
            raise
        return value.result()
