"""Landing files: through the raw tables of the catalog, and by what sources and quarantines say of them.

A raw table has what is in the bucket now, by its declared columns. Lines that are no rows stand in the quarantine, and
what a raw table can't read, such as documents of several lines, in the source: both name the file. It counts as long
as it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from generator.deploy.athena import QueryError
from generator.deploy.aws import clearly
from generator.deploy.catalog import Table, moment_of
from generator.deploy.erasure.asking import Asking, Hits, counting, hits_of, learning, unaskable
from generator.deploy.erasure.places import Place
from generator.deploy.erasure.sql import NESTED, Theirs, name
from generator.erasure.finding import BY_TEXT, Finding, LookedObject, Part
from generator.erasure.known import KeyColumn
from generator.plan.lake import CompiledLake, CompiledSource
from generator.runtime.landing_record import noted_record
from generator.runtime.record import record_from_text

_RAW = re.compile(r"(.+)_raw(?:_\d+)?")
_FOLDER = "/landing/"
_PATH = '"$path"'
_PARTS = ("array", "struct", "map")


@dataclass(frozen=True, slots=True)
class RawTable:
    """The raw text of a source: one of its folders.

    Attributes:
        kinds: its columns and their types in the catalog; nested ones as `nested`.
        place: `s3://BUCKET/landing/…`.
    """

    table: str
    source: CompiledSource
    kinds: Mapping[str, str]
    place: str

    @property
    def is_askable(self) -> bool:
        """Whether Athena reads these files as the source's job does."""
        options = self.source.options
        return not options.cuts_documents and options.encoding.lower().replace("_", "-") in (
            "utf-8",
            "utf8",
            "utf-8-sig",
        )


@dataclass(frozen=True, slots=True)
class _Object:
    bytes: int
    etag: str
    modified: datetime


@dataclass(slots=True)
class Landing:
    """Searches the landing data of the bucket.

    Attributes:
        places: the current versions of sources and quarantines, by the catalog's name.
        published: sources as the catalog has them.
        objects: what is in the bucket below `landing/`, by name there.
    """

    lake: CompiledLake
    asking: Asking
    raw: Sequence[RawTable]
    places: Mapping[str, Place]
    published: Mapping[str, Table]
    objects: dict[str, _Object] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """`s3://BUCKET/landing/`; empty for a lake without sources."""
        return next((one.place[: one.place.index(_FOLDER) + len(_FOLDER)] for one in self.raw), "")

    @clearly
    def look(self) -> None:
        """Lists the objects that there are."""
        if not self.root:
            return
        bucket, _, prefix = self.root.removeprefix("s3://").partition("/")
        for page in self.asking.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                file = one["Key"].removeprefix(prefix)
                if not file.endswith("/"):
                    self.objects[file] = _Object(one["Size"], one["ETag"].strip('"'), one["LastModified"])

    def looked(self) -> tuple[LookedObject, ...]:
        return tuple(LookedObject(file, one.bytes, one.etag) for file, one in sorted(self.objects.items()))

    def learn(self) -> bool:
        """Takes from raw rows of theirs what else they are called; whether that was anything new."""
        known = self.asking.known
        asked = [
            (columns, raw)
            for raw in self.raw
            if raw.is_askable
            for columns in known.telling(self._keys(raw), raw.kinds)
        ]
        found = self.asking.each(lambda one: self._told(*one), asked)
        return known.take_all((columns, rows) for (columns, _), rows in zip(asked, found, strict=True))

    def _told(self, columns: Sequence[KeyColumn], raw: RawTable) -> list[list[str | None]]:
        try:
            return self.asking.told(columns, learning(self.asking.known, columns, raw.kinds, name(raw.table)))
        except QueryError as error:
            self.asking.refuse(Part.LANDING, raw.table, str(error).splitlines()[0])
            return []

    def find(self) -> Iterator[Finding]:
        """What landing files have of the person."""
        sure: dict[str, Hits] = {}
        owners: dict[str, str] = {}
        for raw, found in zip(self.raw, self.asking.each(self._raw, self.raw), strict=True):
            sure |= found
            owners |= dict.fromkeys(found, raw.source.name)
        for source in self.lake.sources.values():
            rows = self._rows(source) if not all(one.is_askable for one in self._of(source)) else {}
            for file, hits in rows.items():
                sure.setdefault(file, hits)
                owners.setdefault(file, source.name)
        lines = {file: (one.name, found) for one in self.lake.sources.values() for file, found in self._lines(one)}
        texts = self.asking.known.texts()
        for file in sorted(self.objects):
            hits, (owner, bad) = sure.get(file, Hits()), lines.get(file, (owners.get(file, ""), []))
            if texts.is_in_name(file):
                yield Finding(Part.LANDING, owner, (file,), None, True, "its name")
            if hits.sure:
                yield Finding(Part.LANDING, owner, (file,), hits.sure, True, f"by {' and '.join(hits.columns)}")
            if count := max(hits.maybe, len(bad)):
                yield Finding(Part.LANDING, owner, (file,), count, False, BY_TEXT, lines=tuple(sorted(bad)))
        self._refuse_others()

    def _of(self, source: CompiledSource) -> list[RawTable]:
        return [one for one in self.raw if one.source.name == source.name]

    def _keys(self, raw: RawTable) -> tuple[KeyColumn, ...]:
        return tuple(one for one in self.asking.all_keys(raw.source.name) if one.name in raw.kinds)

    def _raw(self, raw: RawTable) -> dict[str, Hits]:
        """What raw rows have of the person, by file."""
        if not raw.is_askable or not any(file.startswith(self._prefix(raw)) for file in self.objects):
            return {}
        keys = self._keys(raw)
        for form in Theirs(self.asking.known).unaskable(keys):
            self.asking.refuse(Part.LANDING, raw.table, unaskable(form))
        try:
            found = self._by_file(name(raw.table), _PATH, keys, raw.kinds)
        except QueryError as error:
            self.asking.refuse(Part.LANDING, raw.table, str(error).splitlines()[0])
            return {}
        return {file.removeprefix(self.root): hits for file, hits in found.items()}

    def _by_file(
        self, relation: str, file: str, keys: Sequence[KeyColumn], kinds: Mapping[str, str]
    ) -> dict[str, Hits]:
        """What rows have of the person, by what SQL tells of their files.

        Raises:
            QueryError: Athena says why not.
        """
        theirs = Theirs(self.asking.known)
        by_key = {column: theirs.is_key(column, kinds[column.name]) for column in keys}
        maybe = theirs.mentions(kinds, {column.name for column in keys}, (), raw=False)
        wanted = " OR ".join((*by_key.values(), *maybe)) or "false"
        sql = f"SELECT {file} AS file, {counting(by_key, maybe)} FROM {relation} WHERE {wanted} GROUP BY {file}"
        return {row["file"] or "": hits_of(row, list(by_key)) for row in self.asking.rows(sql)}

    def _prefix(self, raw: RawTable) -> str:
        return raw.place.removeprefix(self.root)

    # By what runs have read --------------------------------------------------------------------------

    def _rows(self, source: CompiledSource) -> Mapping[str, Hits]:
        """Rows of the source's current version that are theirs, by landing file."""
        place, table = self.places.get(source.name), self.published.get(source.name)
        column = table.version.row_file if table and table.version else ""
        if place is None or column not in place.kinds:
            return {}
        kinds = {one: kind for one, kind in place.kinds.items() if one != column}
        try:
            return self._by_file(place.relation, name(column), self.asking.keys(place), kinds)
        except QueryError as error:
            self.asking.refuse(Part.SOURCE, place.relation, str(error).splitlines()[0])
            return {}

    def _lines(self, source: CompiledSource) -> Iterator[tuple[str, list[int]]]:
        """Lines that are no rows and in which a key of theirs stands, by landing file."""
        place = self.places.get(f"{source.name}_quarantine")
        if place is None or not {"file", "line", "raw"} <= place.kinds.keys() or not place.rows:
            return
        wanted = " OR ".join(Theirs(self.asking.known).mentions({"raw": "string"}, (), (), raw=True))
        found: dict[str, list[int]] = {}
        if wanted:
            try:
                for row in self.asking.rows(f"SELECT file, line FROM {place.relation} WHERE {wanted}"):
                    found.setdefault(row["file"] or "", []).append(int(row["line"] or 0))
            except QueryError as error:
                self.asking.refuse(Part.QUARANTINE, place.relation, str(error).splitlines()[0])
        yield from found.items()

    # What can't be looked into -----------------------------------------------------------------------

    def _refuse_others(self) -> None:
        """Says which objects neither Athena nor a run can have read."""
        read = {source.name: self._read(source) for source in self.lake.sources.values()}
        for file, found in self.objects.items():
            raw = next((one for one in self.raw if file.startswith(self._prefix(one))), None)
            if raw is None or file.rsplit("/", 1)[-1].startswith((".", "_")):
                self.asking.refuse(Part.LANDING, file, "no source reads it, so Athena can't")
            elif not raw.is_askable and not self._is_read(found, read[raw.source.name].get(file)):
                self.asking.refuse(
                    Part.LANDING,
                    file,
                    "no run has read it as it is, and Athena can't read such files: run the workflow",
                )

    def _is_read(self, now: _Object, then: tuple[int, datetime] | None) -> bool:
        return then is not None and then[0] == now.bytes and now.modified <= then[1]

    def _read(self, source: CompiledSource) -> Mapping[str, tuple[int, datetime]]:
        """The files that the current version's rows are of: their size, and when the run was that read them at last."""
        table = self.published.get(source.name)
        if table is None or table.version is None or table.metadata is None:
            return {}
        properties: Mapping[str, Any] = table.metadata.data.get("properties") or {}
        record, moment = record_from_text(noted_record(properties, table.version.run)), moment_of(table.version.run)
        if record is None or moment is None:
            return {}
        return {file: (one.size, moment) for batch in record.batches for file, one in batch.landing.items()}


def raw_of(lake: CompiledLake, definitions: Sequence[Mapping[str, Any]]) -> list[RawTable]:
    """The raw tables of a lake's sources among tables of the catalog."""
    found = []
    for one in definitions:
        match, storage = _RAW.fullmatch(one["Name"]), one.get("StorageDescriptor") or {}
        location = f"{storage.get('Location', '').rstrip('/')}/"
        if match and match[1] in lake.sources and _FOLDER in location:
            kinds = {column["Name"]: _kind(column["Type"]) for column in storage["Columns"]}
            found.append(RawTable(one["Name"], lake.sources[match[1]], kinds, location))
    return found


def _kind(kind: str) -> str:
    return NESTED if kind.startswith(_PARTS) else kind
