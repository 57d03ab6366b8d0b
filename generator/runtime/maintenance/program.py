"""How a table is kept, as plain data.

It is SQL over relations that a run makes under these names:

"X"                  the rows of input X as they are now
"#old X"             as they were when the table was made
"#gone X", "#came X" what left and what came; "#changed X" both
"#affected"          the addresses that are affected, as columns `_0`, `_1`, ...
"#0 X"               the affected rows at a place where the query starts

and the SQL of checks over these:

"#added X"           the rows of table X that this run made new, "#removed X" those that it took out
"#asked X"           the rows that left or came in X since the table was checked
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Exactly:
    """Columns whose rows are compared.

    Attributes:
        marks: for DuckDB, SQL that tells values apart which the columns' own comparison doesn't, such as 0.0 and -0.0;
            for Spark, SQL of what each column is compared by.
    """

    columns: tuple[str, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputProgram:
    """An input, which of its columns the table reads, and of which types these are."""

    name: str
    read: Exactly
    types: tuple[str, ...]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns with their types."""
        return tuple(zip(self.read.columns, self.types, strict=True))


@dataclass(frozen=True, slots=True)
class TouchProgram:
    """The addresses that changes reach on one way.

    Attributes:
        changed: the inputs or queries whose changes these are.
        reads: the inputs whose rows it looks through.
    """

    changed: tuple[str, ...]
    reads: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class BaseProgram:
    """A place where a query starts: its affected rows.

    Attributes:
        name: of the relation to make.
        now, then: rows with affected addresses, of the input as it is and as it was; the latter only for inner queries.
        came: rows that came, with addresses that aren't affected; only where an ungrouped table starts from them.
    """

    name: str
    input: str
    now: str
    then: str
    came: str


@dataclass(frozen=True, slots=True)
class MatchedProgram:
    """What is other than in `KeptProgram` where rows that joins match changed, and no row left where the table starts.

    Where its rows are made of several, none may have come there, either.
    """

    address: tuple[str, ...]
    touches: tuple[TouchProgram, ...]
    bases: tuple[BaseProgram, ...]


@dataclass(frozen=True, slots=True)
class KeptProgram:
    """A query that is kept.

    Attributes:
        name: how others call it; empty for the table's own.
        address: its columns by which rows are found again; none where all of it is made, now and then.
        sql: the query as things are, over the affected rows at its bases.
        then: the same as things were; empty for the table itself, whose rows of then are there.
        reads: the inputs that it takes rows from, besides its bases.
        rows: the columns that come out.
        matched: of a table: what it may be kept by as well; None where that spares nothing.
    """

    name: str
    address: tuple[str, ...]
    grouped: bool
    touches: tuple[TouchProgram, ...]
    bases: tuple[BaseProgram, ...]
    sql: str
    then: str
    reads: tuple[str, ...]
    rows: Exactly
    matched: MatchedProgram | None = None

    def by_matches(self) -> KeptProgram:
        """What it is kept by where `MatchedProgram` holds."""
        way = self.matched
        return replace(self, address=way.address, touches=way.touches, bases=way.bases) if way is not None else self


@dataclass(frozen=True, slots=True)
class DeltaProgram:
    """How a table is kept; `inner` are the queries that it joins, each after those that it reads."""

    inputs: tuple[InputProgram, ...]
    inner: tuple[KeptProgram, ...]
    table: KeptProgram


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """A check in Spark's SQL, as it is asked of some rows.

    Attributes:
        came: of rows that came, its condition or query; empty where they can't break it; None where all are to be
            looked at. Of `unique` it is empty too: it is asked of the rows that share values with those that came.
        asks: the other stored tables and sources that it looks into.
        reached: the rows that may break it since those have changed; None where they may be any.
        again: its query of these.
    """

    came: str | None
    asks: tuple[str, ...] = ()
    reached: str | None = None
    again: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KeptCheck:
        return cls(**{**data, "asks": tuple(data["asks"])})


def delta_from_json(data: Mapping[str, Any]) -> DeltaProgram:
    """Reads what `dataclasses.asdict` wrote."""
    inputs = tuple(map(input_from_json, data["inputs"]))
    return DeltaProgram(inputs, tuple(_kept(one) for one in data["inner"]), _kept(data["table"]))


def input_from_json(data: Mapping[str, Any]) -> InputProgram:
    """Reads what `dataclasses.asdict` wrote."""
    return InputProgram(data["name"], _exactly(data["read"]), tuple(data["types"]))


def _exactly(data: Mapping[str, Any]) -> Exactly:
    return Exactly(tuple(data["columns"]), tuple(data["marks"]))


def _kept(data: Mapping[str, Any]) -> KeptProgram:
    matched = MatchedProgram(**_way(data["matched"])) if data["matched"] is not None else None
    lists = {"reads": tuple(data["reads"]), "rows": _exactly(data["rows"]), "matched": matched}
    return KeptProgram(**{**data, **_way(data), **lists})


def _way(data: Mapping[str, Any]) -> dict[str, Any]:
    touches = (TouchProgram(tuple(one["changed"]), tuple(one["reads"]), one["sql"]) for one in data["touches"])
    bases = tuple(BaseProgram(**one) for one in data["bases"])
    return {"address": tuple(data["address"]), "touches": tuple(touches), "bases": bases}
