"""A Glue job as a graph: what its script and its CodeGen JSON both say, and what was noticed while reading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from generator.author.studio.places import Place
from generator.author.studio.predicates import Predicate

NodeId = str


class Kind(StrEnum):
    """What a finding means for the lake.

    A trap is a fault of the job that the spec repeats or has no use for; a note is a better way to say the same. With
    the others the spec may mean something else than the job: `changed` says where, a guess has to be checked, `lost`
    isn't there.
    """

    TRAP = "trap"
    NOTE = "note"
    CHANGED = "changed"
    GUESS = "guess"
    LOST = "lost"

    @property
    def exact(self) -> bool:
        """Whether the spec still means what the job means."""
        return self in (Kind.TRAP, Kind.NOTE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a job.

    Attributes:
        code: a short word for the kind of finding, such as `multiplying-join`.
        line: in the script; 0 for a job without lines.
        help: what the spec says instead, or what to do.
        node: the step that it is about, if it is about one.
        about: names that the message is about, for findings that are told together.
    """

    kind: Kind
    code: str
    script: str
    line: int
    message: str
    help: str = ""
    node: NodeId = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """Data from outside of the job: a catalog table, or files.

    Attributes:
        format: of files; nothing for a table of the catalog.
        columns: (name, type) where the job says.
    """

    place: Place
    format: str = ""
    delimiter: str = ","
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows for which a function of Python is true."""

    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Where:
    """Rows for which a condition in Spark SQL is true."""

    condition: str


class KeyPair(NamedTuple):
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of two inputs with equal keys.

    Attributes:
        kind: inner, left, right, outer, semi or anti.
        dynamic: whether it is Glue's own, which calls the second side's clashing columns `.x`.
        merged: whether the keys of both sides come out as one column, as `on=["x"]` does.
    """

    kind: str
    keys: tuple[KeyPair, ...]
    dynamic: bool = True
    merged: bool = False


class Mapped(NamedTuple):
    """One column of an ApplyMapping: names as paths with dots, types as Glue names them."""

    source: str
    source_type: str
    target: str
    target_type: str


@dataclass(frozen=True, slots=True)
class Mapping_:
    items: tuple[Mapped, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame, as a script names it: `frame["x"]`, or only `x`."""

    name: str
    frame: NodeId = ""


@dataclass(frozen=True, slots=True)
class Drop:
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """Columns that stay: (column, new name) in their order."""

    columns: tuple[tuple[Column, str], ...]


@dataclass(frozen=True, slots=True)
class Rename:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Add:
    """A computed column, in Spark SQL; it takes the place of one of the same name."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Dedupe:
    """One row of those that agree on the columns; on all of them without any."""

    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sql:
    """A query; the aliases name the node's inputs in order."""

    query: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Union:
    distinct: bool = False
    by_name: bool = False


class Aggregated(NamedTuple):
    column: str
    function: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Aggregate:
    groups: tuple[str, ...]
    aggregates: tuple[Aggregated, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Data quality rules on the rows of the input, which pass through. `text` is DQDL."""

    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The same rows in the other kind of frame. A DataFrame has every column in every row."""


@dataclass(frozen=True, slots=True)
class Write:
    """A target.

    Attributes:
        purged: whether the job empties the target before it writes.
    """

    place: Place
    purged: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A step that isn't carried over: its rows pass as they are."""


Operation = (
    Read | Filter | Where | Join | Mapping_ | Drop | Keep | Rename | Add | Dedupe | Sql | Union | Aggregate | Rules
    | Frame | Write | Unknown
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a job.

    Attributes:
        title: the name that Glue Studio shows.
        line: in the script, counted from 1; 0 without a script.
        spark: whether names count in any case, as Spark has it; Glue's own steps take them letter by letter.
    """

    id: NodeId
    title: str
    line: int
    operation: Operation
    inputs: tuple[NodeId, ...] = ()
    spark: bool = False


@dataclass(slots=True)
class Job:
    """A job: its nodes in the order of their making, and what was noticed.

    `lost` and `changed` say that the spec isn't what the job is: the line, the reason, and the step beside which the
    spec gets a mark.
    """

    script: str
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def note(
        self, kind: Kind, code: str, line: int, message: str, help: str = "", *, node: NodeId = "", about: str = ""
    ) -> None:
        finding = Finding(kind, code, self.script, line, message, help, node, about)
        if finding not in self.findings:
            self.findings.append(finding)

    def lost(self, code: str, line: int, message: str, help: str = "", *, node: NodeId = "") -> None:
        """Something of the job isn't in the spec."""
        self.note(Kind.LOST, code, line, message, help, node=node)

    def changed(self, code: str, node: Node, message: str, help: str = "") -> None:
        """Something of the job is in the spec, but not to the letter."""
        self.note(Kind.CHANGED, code, node.line, message, help, node=node.id)

    def writes(self) -> list[tuple[Node, Write]]:
        return [(node, node.operation) for node in self.nodes.values() if isinstance(node.operation, Write)]

    def reads(self) -> list[tuple[Node, Read]]:
        return [(node, node.operation) for node in self.nodes.values() if isinstance(node.operation, Read)]
