"""Which names a job's sources and targets have in the lake, and what is known of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from generator.author.names import storable
from generator.author.studio.model import Job, Kind, Node, Read, Write
from generator.author.studio.nulls import NullFacts
from generator.author.studio.places import Place
from generator.plan.lake import CompiledLake
from generator.plan.relation import Relation
from generator.plan.types import TypeSyntaxError, parse_type


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
        is_source: whether it is raw data.
        in_spec: whether the given spec has it.
        place: where the first job found it, if it isn't of the spec.
        base: what its other columns come from, where not all are known and it is no source.
    """

    name: str
    columns: dict[str, KnownColumn] = field(default_factory=dict)
    complete: bool = False
    keys: list[frozenset[str]] = field(default_factory=list)
    is_source: bool = False
    in_spec: bool = False
    place: Place = field(default_factory=Place)
    path: str = ""
    format: str = "json"
    delimiter: str = ","
    first: tuple[str, int] = ("", 0)
    base: str = ""


class Catalog:
    """Sources and tables by name.

    Attributes:
        targets: names of the tables that the jobs write, with their places.
    """

    def __init__(self, lake: CompiledLake | None, nulls: NullFacts, invented: bool = False) -> None:
        self.known: dict[str, Known] = {}
        self.targets: dict[str, Place] = {}
        self.nulls = nulls
        self._names: dict[Place, str] = {}
        self._claims: dict[str, Place] = {}
        self._conflicts: dict[Place, str] = {}
        self._taken = {*lake.sources, *lake.tables} if lake else set()
        for source in lake.sources.values() if lake else ():
            known = _of_relation(source.name, source.relation)
            known.is_source, known.path, known.format = True, source.paths[0], source.format
            for column in source.columns:
                known.columns[column.name].key = column.key
            self.known[source.name] = known
        for table in lake.tables.values() if lake and not invented else ():
            self.known[table.name] = _of_relation(table.name, table.relation)

    def add_targets(self, jobs: Iterable[Job]) -> None:
        """Gives each target its name; a table that two jobs write is told of."""
        for job in jobs:
            for node, target in job.writes():
                same = next((name for name, place in self.targets.items() if place.is_same(target.place)), None)
                if same is not None:
                    self._names[target.place] = same
                    reason = f"`{same}` is written more than once; this one is not carried over"
                    job.lost("written-twice", node.line, reason, "merge them with `union` in one table", node=node.id)
                    continue
                name = self._free(
                    target.place.names() or [storable(job.script.split("/")[-1].split(".")[0])], target=True
                )
                self.targets[name] = target.place
                self._names[target.place] = name
                self.known.pop(name, None)

    def target_name(self, target: Write) -> str:
        return self._names[target.place]

    def _free(self, names: Sequence[str], target: bool = False) -> str:
        """The first name that nothing else has; tables of the spec may be written anew, sources may not."""
        held = {name for name, known in self.known.items() if known.is_source}
        taken = held | self.targets.keys() if target else self.known.keys() | self.targets.keys() | self._taken
        numbered = (f"{names[-1]}_{number}" for number in count(2))
        return next((name for name in names if name not in taken), None) or next(
            one for one in numbered if one not in taken
        )

    def resolve(self, job: Job, node: Node, read: Read) -> str:
        """The name of what a node reads; something new becomes a source."""
        place = read.place
        if place not in self._names:
            self._names[place] = self._target(place) or self._spec_name(place) or self._new(job, node, read)
        name = self._names[place]
        if message := self._conflicts.get(place):
            help = "give each a source of its own in the spec"
            job.note(Kind.GUESS, "which-source", node.line, message, help, node=node.id)
        for column, kind in read.columns:
            self.mention(name, column, kind)
        known = self.known.get(name)
        if known is not None and read.columns:
            known.complete = True
        return name

    def _target(self, place: Place) -> str | None:
        """A table that the jobs write, by its place; by its name, where only one of the two has one in the catalog."""
        for name, target in self.targets.items():
            if target.is_same(place):
                return name
        if place.table and (target := self.targets.get(storable(place.table))) is not None and not target.table:  # type: ignore[assignment]
            return storable(place.table)
        return None

    def _spec_name(self, place: Place) -> str | None:
        """A source or table of the spec, which stands for one place alone."""
        if place.table:
            name = storable(place.table)
            found = name if name in self.known and self.known[name].in_spec else None
        else:
            found = self._by_path(place.key)
        if found is None:
            return None
        held = self._claims.setdefault(found, place)
        if (place.table and held.table and not held.is_same(place)) or (
            place.path and held.path and not held.is_same(place)
        ):
            self._conflicts[place] = (
                f"{_shown(place)} and {_shown(held)} are different places: only the first is `{found}`"
            )
            return None
        return found

    def _by_path(self, key: str) -> str | None:
        """The source of the spec whose path is the end of this one, the longest first."""
        paths = {known.path.strip("/"): name for name, known in self.known.items() if known.is_source and known.in_spec}
        ends = [path for path in paths if path and (key == path or key.endswith(f"/{path}"))]
        return paths[max(ends, key=len)] if ends else None

    def _new(self, job: Job, node: Node, read: Read) -> str:
        name = self._free(read.place.names() or ["source"])
        path = (read.place.key.removeprefix("landing/").replace("{", "").replace("}", "") or name).strip("/")
        found = Known(name, place=read.place, path=f"{path}/", format=read.format or "json", delimiter=read.delimiter)
        taken = {known.path for known in self.known.values()}
        if found.path in taken:
            found.path = f"{name}/"
        found.is_source, found.first = True, (job.script, node.line)
        self.known[name] = found
        return name

    def columns(self, name: str) -> tuple[list[str], bool]:
        """The columns that are known, and whether these are all."""
        known = self.known.get(name)
        return (list(known.columns), known.complete) if known is not None else ([], False)

    def mention(self, name: str, column: str, kind: str = "") -> None:
        """A job uses a column of a source of which not all are known: it must be there."""
        known = self.known.get(name)
        plain = column.strip("`").lstrip(".")
        if known is None or known.complete or not plain:
            return
        if not known.is_source:
            self.mention(known.base, column, kind)
            return
        found = known.columns.get(storable(plain))
        if found is None:
            known.columns[storable(plain)] = KnownColumn(storable(plain), plain, glue_type(kind))
        else:
            found.type = found.type or glue_type(kind)
            found.key = plain if found.key == found.key.lower() else found.key

    def remember(self, known: Known) -> None:
        """Makes a table known to those that read it."""
        self.known[known.name] = known

    def forget_tables(self, views: Iterable[str]) -> None:
        """Before the jobs are gone through again: what was made of them is made anew."""
        for name in (*views, *self.targets):
            self.known.pop(name, None)

    def new_sources(self) -> list[Known]:
        """Sources that the spec doesn't have."""
        return [known for known in self.known.values() if known.is_source and not known.in_spec]

    def state(self) -> list[tuple[str, int, int]]:
        """How much is known: it only grows."""
        return [
            (one.name, len(one.columns), sum(1 for c in one.columns.values() if c.type)) for one in self.new_sources()
        ]


def _shown(place: Place) -> str:
    return f"`{place.path}`" if place.path else f"`{place.database}.{place.table}`"


def glue_type(kind: str) -> str:
    """A type as the spec spells it; nothing for one that can't be read."""
    spelled = {"long": "bigint", "integer": "int", "bool": "boolean", "short": "smallint", "byte": "tinyint"}.get(
        kind.lower(), kind
    )
    try:
        return str(parse_type(spelled.lower() if spelled.isalpha() else spelled)) if kind else ""
    except TypeSyntaxError:
        return ""


def _of_relation(name: str, relation: Relation) -> Known:
    columns = {
        column.name: KnownColumn(column.name, column.name, str(column.type)) for column in relation.columns.values()
    }
    keys = [frozenset(column.name for column in key) for key in relation.keys]
    return Known(name, columns, True, keys, in_spec=True)
