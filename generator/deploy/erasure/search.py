"""Looks for a person in a deployed lake: first what they are called, then where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import duckdb

from generator.deploy.athena import QueryError
from generator.deploy.aws import Aws
from generator.deploy.catalog import Table, raw_tables, tables
from generator.deploy.erasure.asking import Asking, Hits
from generator.deploy.erasure.landing import Landing, raw_of
from generator.deploy.erasure.places import Place, places_of
from generator.deploy.erasure.sql import Theirs
from generator.diagnostics import GeneratorError
from generator.erasure.finding import BY_TEXT, MADE_OF, Finding, LookedSnapshot, Part, Search, Untold
from generator.erasure.known import Known
from generator.erasure.made_of import Kept, MadeOf
from generator.erasure.person import Named
from generator.plan.lake import CompiledLake

NOT_LOOKED_AT = (
    "old versions of objects, which the bucket keeps: of tables for a day, of landing data for `noncurrent_days`",
    "files of tables that belong to no snapshot, which the next run after a killed one removes",
    "results of queries, which the workgroup keeps for `temporary_days`, and Athena's history, which keeps the text of "
    "queries for 45 days: with the values of this search",
    "logs of jobs in CloudWatch, and Spark's event logs",
    "of landing data the fields that no column declares, and lines that are no rows of files that no run has read",
    "this machine, and whatever somebody copied elsewhere",
)
"""Where else somebody may be, in words."""


class SearchError(GeneratorError):
    """What is deployed isn't what is asked for."""


def search(
    aws: Aws,
    workgroup: str,
    database: str,
    lake: CompiledLake,
    who: Iterable[Named],
    told: Callable[[str], None],
    since: str = "",
) -> tuple[Search, str]:
    """Looks for a person in every snapshot of all tables, and in the landing data; also says where the latter is.

    Args:
        who: keys of one person.
        told: is told what is being looked at.
        since: the run from which on landing data was without the person, if they know it who ask.

    Raises:
        PersonError: a key isn't of its type, or of another kind of person.
        SearchError: the lake isn't deployed there.
    """
    with duckdb.connect() as connection:
        known = Known.named(connection, lake, who)
        told(f"asking for {database}")
        found = _require_all(lake, database, tables(aws, database))
        asking = Asking(aws, workgroup, database, known)
        return _Searching(lake, known, asking, found, told).search(since)


def _require_all(lake: CompiledLake, database: str, found: Sequence[Table]) -> Sequence[Table]:
    there = {one.name for one in found}
    wanted = [*lake.sources, *(f"{one}_quarantine" for one in lake.sources)]
    wanted += [one.name for one in lake.tables.values() if not one.is_view]
    missing = [one for one in wanted if one not in there]
    if missing:
        raise SearchError(
            f"there is no table {missing[0]} in {database}: deploy this lake (`python -m generator deploy apply`), or "
            "name the spec and the database that belong together"
        )
    old = next((one.name for one in found if one.metadata is None), None)
    if old is not None:
        raise SearchError(
            f"{old} was made before the lake's tables were Iceberg's: `python -m generator deploy apply`, then "
            "start the workflow"
        )
    return found


class _Searching:
    def __init__(
        self, lake: CompiledLake, known: Known, asking: Asking, found: Sequence[Table], told: Callable[[str], None]
    ) -> None:
        self.lake, self.known, self.asking, self.tables, self.told = lake, known, asking, found, told
        self.by_table = {one.name: places_of(lake, one) for one in found}
        self.places = [place for places in self.by_table.values() for place in places]
        self.hits: Mapping[Place, Hits] = {}

    def search(self, since: str) -> tuple[Search, str]:
        landing = self._landing()
        self.told("listing the landing data")
        landing.look()
        self.told("looking for what else the person is called")
        while any([self.asking.learn(self.places), landing.learn()]):
            pass
        self.told("looking through the landing data")
        findings = list(landing.find())
        self.told(f"looking through {len(self.places)} snapshots")
        self.hits = self.asking.hits(self.places)
        findings += [one for place in self.places for one in self._findings(place)]
        made = self._made_of(since)
        findings += made.find()
        found = Search(
            self.known.subject,
            tuple(self.known.keys()),
            tuple(findings),
            tuple(self.asking.unread.values()),
            (),
            max((one.run for table in self.tables for one in table.versions), default=""),
            since,
            tuple(made.untold.values()),
            self._nobodys(),
            deployed=True,
            snapshots=tuple(_looked(place) for place in self.places),
            objects=landing.looked(),
            not_looked_at=NOT_LOOKED_AT,
        )
        return found, landing.root

    def _landing(self) -> Landing:
        current = {place.table: place for place in self.places if place.current}
        raw = raw_of(self.lake, raw_tables(self.asking.aws, self.asking.database))
        return Landing(self.lake, self.asking, raw, current, {one.name: one for one in self.tables})

    def _findings(self, place: Place) -> Iterator[Finding]:
        hits = self.hits.get(place, Hits())
        if hits.sure:
            yield finding(place, hits.sure, f"by {' and '.join(hits.columns)}")
        if hits.maybe:
            yield finding(place, hits.maybe, BY_TEXT, certain=False)

    def _made_of(self, since: str) -> _Made:
        theirs = {place for place, hits in self.hits.items() if hits.sure and place.part is not Part.QUARANTINE}
        runs = {one.name: [version.run for version in one.versions] for one in self.tables}
        versions = {(place.name, place.version) for place in theirs if place.is_version}
        made = MadeOf(self.lake, self.known.subject, runs, since, versions)
        return _Made(made, self.asking, self.by_table, {(place.table, place.snapshot) for place in theirs})

    def _nobodys(self) -> dict[str, int]:
        """Rows with a key of a sort that isn't known of the person, whose value no row of the registry has."""
        registry = self.lake.subjects[self.known.subject].registry
        found: dict[str, int] = {}
        for key in self.lake.subjects[self.known.subject].keys:
            if key in self.known.forms:
                continue
            values = [(name, sql) for name in self.lake.sources for sql in self._values(name, key)]
            there = " UNION ALL ".join(sql for name, sql in values if name == registry) or "SELECT '' AS v WHERE false"
            for sql in [sql for name, sql in values if name != registry]:
                asked = f"SELECT count(*) AS n FROM ({sql}) AS t WHERE v NOT IN (SELECT v FROM ({there}) AS r)"
                try:
                    found[key] = found.get(key, 0) + int(self.asking.rows(asked)[0]["n"] or 0)
                except QueryError as error:
                    self.asking.refuse(Part.SOURCE, f"keys of nobody ({key})", str(error).splitlines()[0])
        return found

    def _values(self, name: str, key: str) -> Iterator[str]:
        """SQL of the values that a source's current version has of a key."""
        for place in self.by_table[name]:
            for column in self.asking.keys(place) if place.current else ():
                if column.key == key:
                    value = Theirs(self.known).value(column, place.kinds[column.name])
                    yield f"SELECT {value} AS v FROM {place.relation} WHERE {value} IS NOT NULL"


class _Made:
    """Snapshots made of rows of theirs whose own rows don't say whose they are: sums, and columns left out.

    Attributes:
        theirs: table and snapshot of those with rows of theirs. It grows.
    """

    def __init__(
        self, made: MadeOf, asking: Asking, places: Mapping[str, Sequence[Place]], theirs: set[tuple[str, int]]
    ) -> None:
        self.made, self.asking, self.places, self.theirs = made, asking, places, theirs
        self.others: dict[tuple[str, str], Untold] = {}

    @property
    def untold(self) -> Mapping[tuple[str, str], Untold]:
        return {**self.made.untold, **self.others}

    def find(self) -> Iterator[Finding]:
        for name, table in self.made.lake.tables.items():
            if table.is_view:
                continue
            versions = [place for place in self.places[name] if place.is_version]
            kept = [Kept(one.version, one.inputs, one.runs or 1, self._lacks(one)) for one in versions]
            for number, of in self.made.find(name, kept):
                yield self._found(versions[number], of)
            for place in self.places[name]:
                silent = not self.made.tells(name) or self._lacks(place)
                if silent and not place.is_version and place.rows != 0 and (name, place.snapshot) not in self.theirs:
                    yield from self._other(place)

    def _other(self, place: Place) -> Iterator[Finding]:
        """Of what is no version: the rows by which versions differ, and those of a killed run."""
        key = (place.name, place.version)
        if place.version:
            if key in self.made.theirs:
                yield self._found(place, (f"as version {place.version}",))
            return
        of = tuple(name for name, snapshot in place.inputs.items() if (name, snapshot) in self.theirs)
        if of:
            yield self._found(place, of)
            return
        there = {(one.table, one.snapshot) for places in self.places.values() for one in places}
        inputs = list(self.made.inputs(place.name))
        gone = next((one for one in inputs if (one, place.inputs.get(one)) not in there), None)
        if gone is not None and self.made.has_people(place.name):
            self.others[place.name, place.branch or str(place.snapshot)] = Untold(
                place.name, place.run or place.branch or str(place.snapshot), gone, place.runs or 1
            )

    def _found(self, place: Place, of: Sequence[str]) -> Finding:
        self.theirs.add((place.table, place.snapshot))
        return finding(place, None, f"{MADE_OF}: {', '.join(of)}")

    def _lacks(self, place: Place) -> bool:
        return any(one.name not in place.kinds for one in self.asking.all_keys(place.name))


def finding(place: Place, rows: int | None, why: str, *, certain: bool = True) -> Finding:
    """A finding in a snapshot."""
    at = {"run": place.run, "current": place.current, "runs": place.runs}
    return Finding(place.part, place.name, (), rows, certain, why, **at, snapshot=place.snapshot, branch=place.branch)  # type: ignore[arg-type]


def _looked(place: Place) -> LookedSnapshot:
    return LookedSnapshot(place.part, place.table, place.snapshot, place.run, place.branch, place.rows)
