"""What the method needs of an engine: SQL over relations of one session, and rows in Parquet files.

The method itself is the same for all: what is decided here once is decided for every engine. A `#` is in the names of
all relations that only exist while tables are kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from .names import ADDED, ASKED, REMOVED
from .program import Exactly

Columns = Sequence[tuple[str, str]]
"""Names and Glue types."""
FILE = "#file"
"""The column with the path of each row's file."""
T, A = "#t", "#a"
"""Rows that are looked through, and the addresses that they are joined with."""
LASTING = (ADDED, REMOVED, ASKED)
"""What begins the names of relations that tables further on need too."""


class Engine(ABC):
    """A session in which tables are kept.

    Attributes:
        quote: the character around names.
        semi, anti: the words for these joins.
        reading_costs: whether it takes as long to look through rows as to write them.
        compares: up to which share of a table's inputs it may compare, where that is more than what others may.
    """

    quote: ClassVar[str]
    semi: ClassVar[str]
    anti: ClassVar[str]
    reading_costs: ClassVar[bool] = False
    compares: ClassVar[float] = 0

    def name(self, name: str) -> str:
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def names(self, names: Iterable[str]) -> str:
        return ", ".join(map(self.name, names))

    @abstractmethod
    def errors(self) -> tuple[type[Exception], ...]:
        """What is raised where a query or a file doesn't work."""

    @abstractmethod
    def check_stopped(self) -> None:
        """Raises what ends the process, where an error may only be the echo of that."""

    @abstractmethod
    def literal(self, text: str) -> str:
        """A text as SQL."""

    @abstractmethod
    def make(self, name: str, sql: str) -> None:
        """Makes a relation of the rows that a query has now."""

    @abstractmethod
    def make_empty(self, name: str, sql: str) -> None:
        """Makes a relation without rows, of the columns of a query."""

    @abstractmethod
    def take_over(self, name: str, sql: str, of: str) -> None:
        """Makes a relation of all rows of another one, which a query selects from it; the other may go then."""

    @abstractmethod
    def part(self, name: str, sql: str) -> None:
        """Gives a name to the rows of a query that few others read."""

    @abstractmethod
    def define(self, name: str, sql: str, most: int | None = None) -> None:
        """Gives a query a name.

        Args:
            most: what its number of rows isn't above, where this is known.
        """

    @abstractmethod
    def read(self, files: Sequence[str], columns: Columns, *, named: bool = False, sure: bool = True) -> str:
        """What stands behind FROM for the rows of some files of the lake.

        Args:
            columns: what is wanted of them; an engine that knows no better takes all that there is.
            named: whether there is also a column `FILE`.
            sure: whether such columns are in the files; if not, the engine looks.
        """

    @abstractmethod
    def file(self, path: str) -> str:
        """The file of the lake that a value of `FILE` is the path of."""

    @abstractmethod
    def number(self, sql: str) -> int:
        """The one number that a query gives."""

    @abstractmethod
    def texts(self, sql: str) -> list[str]:
        """The values of the one column that a query gives."""

    @abstractmethod
    def sizes(self, files: Sequence[str], columns: Columns) -> dict[str, int]:
        """How many rows some files have."""

    @abstractmethod
    def compare(self, rows: Exactly, old: tuple[str, str], new: tuple[str, str]) -> None:
        """Makes two relations: the rows that the older of two has more often, and those that the newer one has.

        Args:
            old, new: FROM the relation, and the name of the one to make.
        """

    @abstractmethod
    def forget(self) -> None:
        """Drops what was only there to keep one table."""

    def count(self, name: str) -> int:
        """How many rows a relation has."""
        return self.number(f"SELECT count(*) FROM {self.name(name)}")

    def at(self, address: Iterable[str], addresses: str, word: str) -> str:
        """Joins rows `T` with addresses, which are columns `_0`, `_1`, ..."""
        t, a = self.name(T), self.name(A)
        equal = (f"{t}.{self.name(name)} IS NOT DISTINCT FROM {a}._{number}" for number, name in enumerate(address))
        return f"{word} {self.name(addresses)} AS {a} ON {' AND '.join(equal)}"

    def rows(self, source: str, join: str = "") -> str:
        """A query of rows `T`, joined."""
        t = self.name(T)
        return f"SELECT {t}.* FROM {source} AS {t} {join}".rstrip()
