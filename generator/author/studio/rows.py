"""The rows at a step of a job: the table in the making, and each column by the job's name with where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum

from generator.author.studio.tables import TableDraft

_PLAIN = re.compile(r"\w+(?:\.\w+)*")


class Nulls(Enum):
    """What a null is for the job: an absent key or None, as the data has it; surely None; or nobody knows."""

    EITHER = 1
    NONE = 2
    UNSURE = 3


TWICE = "~"
"""In the uid of a column whose table is in a join for the second time."""


class NameNotFoundError(Exception):
    """A column that isn't there, or of which there are several; the message says which."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the rows.

    Attributes:
        name: as the job calls it; `.id` is the second side's `id`.
        text: what it is in SQL, with its table where it is a table's.
        uid: the same wherever the column goes, whatever it is called there.
        origin: (source or table, column) of the lake, as long as it is that column untouched.
        text_in_glue: whether Glue has text here, and the lake a type: CSV.
    """

    name: str
    text: str
    uid: str
    type: str = ""
    nulls: Nulls = Nulls.NONE
    origin: tuple[str, str] = ("", "")
    text_in_glue: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a column, and nothing computed."""
        return bool(_PLAIN.fullmatch(self.text))


@dataclass(slots=True)
class Rows:
    """The rows at a step.

    Attributes:
        keys: sets of columns, by their uid, that no two rows share.
        open: names of sources of which not all columns are known, and whose other columns pass.
        listed: whether the job itself said which columns there are.
        node: the step that they come from.
    """

    table: TableDraft
    cells: list[Cell]
    keys: list[frozenset[str]] = field(default_factory=list)
    open: tuple[str, ...] = ()
    listed: bool = False
    node: str = ""
    title: str = ""

    def copy(self) -> Rows:
        return replace(self, table=self.table.copy(), cells=list(self.cells), keys=list(self.keys))

    def find(self, name: str, *, any_case: bool = False) -> tuple[Cell, str]:
        """The column of a name, and the path of the field in it, such as `.zip`.

        Raises:
            NameNotFoundError: there is none, or there are several.
        """
        literal, *fields = parts(name)
        whole = ".".join([literal, *fields])
        for wanted, rest in ((whole, []), (literal, fields)):
            found = [cell for cell in self.cells if cell.name == wanted]
            if not found and any_case:
                found = [cell for cell in self.cells if cell.name.lower() == wanted.lower()]
            if len(found) > 1:
                raise NameNotFoundError(f"`{wanted}` is the name of several columns")
            if found:
                return found[0], "".join(f".{part.lower()}" for part in rest)
        raise NameNotFoundError(f"there is no column `{name.replace('`', '')}`")

    def unique(self, uids: set[str]) -> bool:
        """Whether no two rows agree on the columns."""
        return any(key <= uids for key in self.keys)


def parts(name: str) -> list[str]:
    """A path of Glue: dots divide, but not in backticks and not at the beginning."""
    found = re.findall(r"`([^`]*)`|(\.?[^.`]+)", name.strip())
    return [quoted or plain.lstrip(".") if at else quoted or plain for at, (quoted, plain) in enumerate(found)] or [
        name
    ]
