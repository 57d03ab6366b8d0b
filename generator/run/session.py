"""The connection to DuckDB of one run, made when it is first asked something.

A run where nothing has changed asks nothing: names are given to what is there, and nobody reads it. So it doesn't load
DuckDB, which takes longer than all the rest of such a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Session:
    """A connection that is made when it is needed.

    Args:
        config: DuckDB's settings.
        first: statements that come before all others.
    """

    def __init__(self, config: dict[str, str | bool | int | float | list[str]], first: Sequence[str]) -> None:
        self._config = config
        self._waiting = list(first)
        self._connection: DuckDBPyConnection | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    @property
    def connection(self) -> DuckDBPyConnection:
        """The connection, with all that was defined."""
        if self._connection is None:
            import duckdb

            self._connection = duckdb.connect(config=self._config)
        while self._waiting:
            self._connection.execute(self._waiting.pop(0))
        return self._connection

    def define(self, sql: str) -> None:
        """Runs a statement that only defines a name; it may wait until something is asked."""
        if self._connection is None:
            self._waiting.append(sql)
        else:
            self.execute(sql)

    def execute(self, sql: str, values: Sequence[object] | None = None) -> DuckDBPyConnection:
        """Runs a statement.

        Raises:
            duckdb.Error: it, or a definition before it, doesn't work.
        """
        return self.connection.execute(sql, values)

    def interrupt(self) -> None:
        """Ends what runs now; may be called from another thread."""
        if self._connection is not None:
            self._connection.interrupt()


def errors() -> type[Exception]:
    """What DuckDB raises."""
    import duckdb

    return duckdb.Error


@cache
def engine() -> str:
    """The engine and its version, on which rows may depend."""
    return f"duckdb {version('duckdb')}"
