"""A Glue Studio job as a graph: what its script and its CodeGen JSON both say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

NodeId = str


class Kind(StrEnum):
    """What a finding means for the lake.

    A trap is a fault of the job that the spec hasn't; `changed` says where the spec means something else than the job
    does to the letter; a guess has to be checked; `lost` could not be carried over.
    """

    TRAP = "trap"
    CHANGED = "changed"
    GUESS = "guess"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a job.

    Attributes:
        code: a short word for the kind of trap, such as `null-passing-filter`.
        line: in the script; 0 for a job without lines.
        help: what the spec says instead, or what to do.
    """

    kind: Kind
    code: str
    script: str
    line: int
    message: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """Data from outside of the job: a catalog table, or files.

    Attributes:
        table: name in the catalog, or nothing.
        path: `s3://bucket/key/`, or nothing.
        columns: (name, type) where the job says.
    """

    table: str = ""
    path: str = ""
    format: str = "json"
    delimiter: str = ","
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows that fulfil a condition, as Spark SQL.

    Attributes:
        passes_null: columns whose nulls pass in Python and don't in SQL.
    """

    condition: str
    columns: tuple[str, ...]
    passes_null: tuple[str, ...] = ()


class KeyPair(NamedTuple):
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of two inputs with equal keys; `kind` is inner, left, right, outer, semi or anti."""

    kind: str
    keys: tuple[KeyPair, ...]


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
class Drop:
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    old: str
    new: str


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


class Aggregated(NamedTuple):
    column: str
    function: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    groups: tuple[str, ...]
    aggregates: tuple[Aggregated, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Data quality rules on the rows of the input, which pass through. `text` is DQDL."""

    text: str


@dataclass(frozen=True, slots=True)
class Write:
    """A target.

    Attributes:
        purged: whether the job empties the target before it writes.
    """

    table: str = ""
    path: str = ""
    purged: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A step that isn't understood. `what` says in a few words what it is."""

    what: str


Operation = (
    Read | Filter | Join | Mapping_ | Drop | Keep | Rename | Dedupe | Sql | Union | Aggregate | Rules | Write | Unknown
)


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a job.

    Attributes:
        title: the name that Glue Studio shows.
        line: in the script, counted from 1; 0 without a script.
    """

    id: NodeId
    title: str
    line: int
    operation: Operation
    inputs: tuple[NodeId, ...] = ()


@dataclass(slots=True)
class Job:
    """A job: its nodes in the order of their making, and what was noticed while reading it."""

    script: str
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def note(self, kind: Kind, code: str, line: int, message: str, help: str = "") -> None:
        self.findings.append(Finding(kind, code, self.script, line, message, help))

    def writes(self) -> list[tuple[Node, Write]]:
        return [(node, node.operation) for node in self.nodes.values() if isinstance(node.operation, Write)]

    def reads(self) -> list[tuple[Node, Read]]:
        return [(node, node.operation) for node in self.nodes.values() if isinstance(node.operation, Read)]

    def uses(self) -> Mapping[NodeId, int]:
        """How often each node is an input."""
        found: dict[NodeId, int] = dict.fromkeys(self.nodes, 0)
        for node in self.nodes.values():
            for name in node.inputs:
                found[name] = found.get(name, 0) + 1
        return found
