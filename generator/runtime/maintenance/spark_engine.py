"""Spark as what keeps tables: cached rows and views of one session."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from ..columns import literal, quoted
from .engine import LASTING, Columns, Engine
from .files import SMALL
from .program import Exactly

ROWS_A_FILE = 4 * SMALL
FEW = 100_000
"""Relations of fewer rows are given to all workers where they are joined."""
_SIDES = "#sides"


class OtherTypes(Exception):
    """Rows don't have the columns that are wanted of them."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A relation that was made, and how many rows it has.

    Attributes:
        held: the rows, where Spark holds them for it.
    """

    count: int
    held: DataFrame | None = None


class SparkEngine(Engine):
    """Spark, in a session of its own beside that of the scripts, with the lake's settings."""

    quote = "`"
    semi, anti = "LEFT SEMI JOIN", "LEFT ANTI JOIN"
    reading_costs = True

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self._made: dict[str, _Made] = {}
        self._views: set[str] = set()
        self._numbers = 0

    def errors(self) -> tuple[type[Exception], ...]:
        return PySparkException, Py4JError, OtherTypes

    def literal(self, text: str) -> str:
        return literal(text)

    def make(self, name: str, sql: str) -> None:
        self._hold(name, self.session.sql(sql))

    def _hold(self, name: str, rows: DataFrame) -> None:
        """Computes rows once. Whatever reads them knows nothing of how they came about: plans would grow and grow."""
        held = rows.localCheckpoint(eager=False)
        count = held.count()
        self._show(name, held, _Made(count, held))

    def make_empty(self, name: str, sql: str) -> None:
        self._show(name, self.session.sql(f"SELECT * FROM ({sql}) WHERE false"), _Made(0))

    def take_over(self, name: str, sql: str, of: str) -> None:
        made = self._made.pop(of)
        self._show(name, self.session.sql(sql), made)
        self._views.add(of)

    def _show(self, name: str, rows: DataFrame, made: _Made) -> None:
        self._drop(name)
        shown = rows.hint("broadcast") if made.count <= FEW else rows
        shown.createOrReplaceTempView(quoted(name))
        self._made[name] = made

    def part(self, name: str, sql: str) -> None:
        self.define(name, sql)

    def define(self, name: str, sql: str, most: int | None = None) -> None:
        self._drop(name)
        rows = self.session.sql(sql)
        self._view(name, rows.hint("broadcast") if most is not None and most <= FEW else rows)

    @abstractmethod
    def open(self, files: Sequence[str], columns: Columns, *, named: bool, sure: bool) -> DataFrame:
        """The rows of files, as `read` tells.

        Raises:
            OtherTypes: the files don't have such columns.
        """

    def show(self, name: str, files: Sequence[str], columns: Columns) -> None:
        """Gives the rows of files the name of a table or source."""
        self.session.sql(f"SELECT * FROM {self.read(files, columns)}").createOrReplaceTempView(quoted(name))

    def read(self, files: Sequence[str], columns: Columns, *, named: bool = False, sure: bool = True) -> str:
        self._numbers += 1
        name = f"#files {self._numbers}"
        self._view(name, self.open(files, columns, named=named, sure=sure))
        return self.name(name)

    def number(self, sql: str) -> int:
        row = self.session.sql(sql).head()
        return int(row[0]) if row is not None else 0

    def texts(self, sql: str) -> list[str]:
        return [row[0] for row in self.session.sql(sql).collect()]

    def count(self, name: str) -> int:
        return self._made[name].count if name in self._made else super().count(name)

    def compare(self, rows: Exactly, old: tuple[str, str], new: tuple[str, str]) -> None:
        keys = [self.name(f"#{number}") for number in range(len(rows.marks))]
        marked = ", ".join(f"{mark} AS {key}" for mark, key in zip(rows.marks, keys, strict=True))
        whole = f"struct({self.names(rows.columns)}) AS `#row`"
        parts = (f"SELECT {whole}, {marked}, {sign} AS `#n` {one[0]}" for sign, one in ((-1, old), (1, new)))
        self.make(
            _SIDES,
            f"SELECT first(`#row`) AS `#row`, sum(`#n`) AS `#n` FROM ({' UNION ALL '.join(parts)})"
            f" GROUP BY {', '.join(keys)} HAVING sum(`#n`) <> 0",
        )
        for sign, (_, name) in (("-", old), ("", new)):
            often = f"SELECT `#row`, explode(sequence(1, {sign}`#n`)) FROM `{_SIDES}` WHERE {sign}`#n` > 0"
            make = self.make if self.count(_SIDES) else self.make_empty
            make(name, f"SELECT `#row`.* FROM ({often})")

    def forget(self) -> None:
        for name in [*self._views, *(name for name in self._made if not name.startswith(LASTING))]:
            self._drop(name)

    def close(self) -> None:
        """Drops all that there is."""
        for name in [*self._views, *self._made]:
            self._drop(name)

    def _view(self, name: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(quoted(name))
        self._views.add(name)

    def _drop(self, name: str) -> None:
        if (made := self._made.pop(name, None)) is not None and made.held is not None:
            plan: Any = made.held._jdf
            plan.queryExecution().analyzed().rdd().unpersist(False)
        self._views.discard(name)
        self.session.catalog.dropTempView(name)
