"""Which names a job's sources and targets have in the lake, and what is known of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.author.names import storable
from generator.author.studio.model import Job, Kind, Node, Read, Write
from generator.plan.lake import CompiledLake
from generator.plan.relation import Relation
from generator.plan.types import TypeSyntaxError, parse_type

_BUCKET = re.compile(r"^[a-z0-9]+://[^/]*/?")
_ROOTS = frozenset("data landing lake output raw studio tables warehouse".split())
_PARTITION = re.compile(r"[^=]+=.*|[\d_.TZ-]+|\*")


@dataclass(slots=True)
class KnownColumn:
    """A column: its name, its raw key, and its type where that is known."""

    name: str
    key: str
    type: str = ""


@dataclass(slots=True)
class Known:
    """What is known of a source or table.

    Attributes:
        columns: by name, in order.
        complete: whether these are all.
        keys: sets of columns that no two rows share.
        base: the source whose other columns pass through, where `complete` is false.
        in_spec: whether the given spec has it.
    """

    name: str
    columns: dict[str, KnownColumn] = field(default_factory=dict)
    complete: bool = False
    keys: set[frozenset[str]] = field(default_factory=set)
    base: str = ""
    in_spec: bool = False
    path: str = ""
    format: str = "json"
    delimiter: str = ","
    guessed_path: bool = False


class Catalog:
    """Sources and tables by name.

    Attributes:
        targets: names of the tables that the jobs write.
        origins: names of the sources that no job writes.
    """

    def __init__(self, lake: CompiledLake | None) -> None:
        self.known: dict[str, Known] = {}
        self.targets: dict[str, Write] = {}
        self._paths: dict[str, str] = {}
        for source in lake.sources.values() if lake else ():
            known = _of_relation(source.name, source.relation)
            for column in source.columns:
                known.columns[column.name].key = column.key
            self.known[source.name] = known
            self._paths[_key(source.path)] = source.name
        for table in lake.tables.values() if lake else ():
            self.known[table.name] = _of_relation(table.name, table.relation)

    def add_targets(self, jobs: Iterable[Job]) -> None:
        """Gives each target its name; a table that two jobs write is told of."""
        for job in jobs:
            for node, target in job.writes():
                name = target_name(job, target)
                if name in self.targets:
                    message = f"`{name}` is written more than once; this one is not carried over"
                    job.note(Kind.LOST, "written-twice", node.line, message, "merge them with `union` in one table")
                self.targets.setdefault(name, target)
                self.known.pop(name, None)
                if target.path:
                    self._paths[_key(target.path)] = name

    def resolve(self, node: Node, read: Read) -> str:
        """The name of what a node reads; something new becomes a source."""
        name = storable(read.table) if read.table else self._by_path(read.path)
        if name in self.targets or (name in self.known and self.known[name].in_spec):
            return name
        found = self.known.setdefault(
            name, Known(name, path=f"{_landing_path(read.path) or name}/", format=read.format)
        )
        found.delimiter, found.guessed_path = read.delimiter, not read.path
        for column, kind in read.columns:
            self.mention(name, column, kind)
        found.complete = found.complete or bool(read.columns)
        return name

    def _by_path(self, path: str) -> str:
        key = _key(path)
        if key in self._paths:
            return self._paths[key]
        inner = next((name for known, name in self._paths.items() if key.endswith(f"/{known}")), "")
        return inner or _path_name(path)

    def columns(self, name: str) -> list[str] | None:
        """All columns, or None where they aren't known."""
        known = self.known.get(name)
        return list(known.columns) if known is not None and known.complete else None

    def mention(self, name: str, column: str, kind: str = "") -> None:
        """A job uses a column: it must be there, in the source where the rows come from."""
        known = self.known.get(name)
        plain = column.strip("`").lstrip(".").split(".")[0]
        if known is None or known.complete or not plain:
            return
        found = known.columns.get(storable(plain))
        if found is None and known.base and known.base != name:
            self.mention(known.base, column, kind)
        elif found is None:
            known.columns[storable(plain)] = KnownColumn(storable(plain), plain, glue_type(kind))
        else:
            found.type = found.type or glue_type(kind)
            found.key = plain if found.key == found.key.lower() else found.key

    def knows(self, name: str, column: str) -> bool:
        """Whether a column is known to be there."""
        known = self.known.get(name)
        if known is None:
            return False
        return column in known.columns or (bool(known.base) and known.base != name and self.knows(known.base, column))

    def new_sources(self) -> list[Known]:
        """Sources that the spec doesn't have."""
        return [
            known
            for name, known in self.known.items()
            if not known.in_spec and name not in self.targets and not known.base
        ]


def glue_type(kind: str) -> str:
    """A type as the spec spells it; nothing for one that can't be read."""
    try:
        return str(parse_type(kind)) if kind else ""
    except TypeSyntaxError:
        return ""


def target_name(job: Job, target: Write) -> str:
    if target.table:
        return storable(target.table)
    return _path_name(target.path) if _key(target.path) else storable(re.sub(r"\.\w+$", "", job.script.split("/")[-1]))


def bucket(path: str) -> str:
    """The bucket of `s3://bucket/key`, or nothing."""
    match = re.match(r"s3[an]?://([^/*${]+)", path)
    return match[1] if match else ""


def _of_relation(name: str, relation: Relation) -> Known:
    columns = {
        column.name: KnownColumn(column.name, column.name, str(column.type)) for column in relation.columns.values()
    }
    keys = {frozenset(column.name for column in key) for key in relation.keys}
    return Known(name, columns, True, keys, in_spec=True)


def _key(path: str) -> str:
    return _BUCKET.sub("", path).strip("/")


def _landing_path(path: str) -> str:
    """The path below the landing folder, which is `landing/` in the lake's bucket."""
    key = _key(path)
    return key.removeprefix("landing/")


def _path_name(path: str) -> str:
    """`s3://bucket/customer/landing/` is `customer_landing`; a bucket without a key gives its own name."""
    parts = [part for part in _key(path).split("/") if part and not _PARTITION.fullmatch(part)]
    while len(parts) > 1 and parts[0].lower() in _ROOTS:
        parts.pop(0)
    return storable("_".join(parts[-2:]) if parts else bucket(path) or "source")
