"""Proves by DuckDB that no two rows of written files share a key.

Spark plans and compiles four stages to count the values of one key, and more for each further key: where there are few
rows, that takes longer than to write them. What isn't proven here is counted by Spark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Condition
from typing import TYPE_CHECKING

from generator import stopping
from generator.jobs.check_sql import repeated_hashes
from generator.run.landing.sql import file_list
from generator.run.spark.settings import cores, memory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOMENT = 0.1
"""Seconds after which a query is interrupted once more: it may have begun only then."""


class UniqueValues:
    """Looks through files, with a DuckDB of its own, which isn't started before something is asked.

    Several threads may ask at once. What is still asked at the end is interrupted.
    """

    def __init__(self) -> None:
        self._change = Condition()
        self._database: DuckDBPyConnection | None = None
        self._asked: set[DuckDBPyConnection] = set()
        self._over = False

    def __enter__(self) -> UniqueValues:
        return self

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._over = True
            while self._asked:
                for cursor in self._asked:
                    with suppress(Exception):
                        cursor.interrupt()
                self._change.wait(_MOMENT)
            if self._database is not None:
                self._database.close()

    def are_in(self, files: Sequence[str], columns: Sequence[str]) -> bool:
        """Whether it is known that no two rows of Parquet files share the values of columns; nulls count as equal.

        False also where there isn't room enough, or DuckDB can't read a file.
        """
        import duckdb

        rows = f"read_parquet({file_list(list(files))}, hive_partitioning = false)"
        try:
            with self._cursor() as cursor, stopping.interrupting(cursor.interrupt):
                return cursor.execute(repeated_hashes(rows, columns)).fetchone() == (0,)
        except (duckdb.Error, InterruptedError):
            return False

    @contextmanager
    def _cursor(self) -> Iterator[DuckDBPyConnection]:
        """A connection of one question's own."""
        with self._change:
            if self._over:
                raise InterruptedError
            self._database = self._database or _connect()
            cursor = self._database.cursor()
            self._asked.add(cursor)
        try:
            yield cursor
        finally:
            with self._change:
                cursor.close()
                self._asked.remove(cursor)
                self._change.notify()


def _connect() -> DuckDBPyConnection:
    """DuckDB with a quarter of the machine's memory, beside the JVM's half, and without files of its own."""
    import duckdb

    return duckdb.connect(
        config={
            "threads": cores(),
            "memory_limit": f"{memory() // 2}MiB",
            "temp_directory": "",
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
        }
    )
