"""The law of maintenance: whatever changes, a lake that is kept is the lake that is made from nothing.

Random lakes with random tables (`tests.proofs.lakes`) over landing files that come, change and go. After each change
the lake is run, and so is another from nothing; both have to hold the same rows.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import Mock

import duckdb

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake, CompiledTable
from generator.run.build_program import build_program
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder
from generator.run.program import Program
from generator.run.report import RunReport, Status, TableReport
from generator.runtime.folder_catalog import CATALOG, write_catalog
from generator.runtime.maintenance import files, keeper
from tests.maintenance.joined import add_joined, has_another_way
from tests.maintenance.listed import add_rows_of_the_spec
from tests.proofs.lakes import Lake, make_lake
from tests.proofs.people_data import NESTED, _value
from tests.proofs.values import FIELDS

Raw = dict[str, Any]


class Broken(AssertionError):
    """The lakes differ."""


@dataclass
class Figures:
    """What happened, by name, and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


@dataclass
class KeptLake:
    """A lake that is run again and again."""

    seed: int
    root: Path
    random: Random
    lake: Lake
    spec: dict[str, Any]
    compiled: CompiledLake
    program: Program
    files: dict[str, dict[str, list[Raw | str]]]
    next_row: int = 100
    spark: Callable[..., RunReport] | None = None

    @classmethod
    def drawn(cls, seed: int, root: Path, spark: Callable[..., RunReport] | None = None) -> KeptLake | None:
        """A random lake; None where it doesn't compile.

        Args:
            spark: runs it on Spark, where it is to be kept there.
        """
        random, lake = Random(f"kept {seed}"), make_lake(seed)
        spec = lake.spec()
        for source in spec["sources"].values():
            source["max_bad_rows"] = "100%"
            source["unique"] = source.get("unique", [])[:1]
        for table in spec["tables"].values():
            table["keep_versions"] = random.choice((1, 2, 3))
            if random.random() < 0.2:
                del table["zone"], table["keep_versions"]
                table["view"] = True
        add_rows_of_the_spec(spec, seed)
        add_joined(spec, seed)
        known = compiled(spec)
        if known is None:
            return None
        made = cls(seed, root, random, lake, spec, known, build_program(known), {}, spark=spark)
        for name, rows in lake.ground.raw.items():
            halves = (rows[: len(rows) // 2], rows[len(rows) // 2 :])
            made.files[name] = {f"{number}.json": list(half) for number, half in enumerate(halves)}
            for file in made.files[name]:
                made.write(name, file)
        return made

    # Changes -----------------------------------------------------------------------------------------

    def change(self) -> str:
        """Changes something of the landing data, or of the spec."""
        name, source = self.random.choice(_CHANGES), self.random.choice(list(self.files))
        known = self.files[source]
        file = self.random.choice(list(known)) if known else ""
        _DO[name](self, source, file)
        return name

    def write(self, source: str, file: str) -> None:
        path = self.root / "data" / source / file
        path.parent.mkdir(parents=True, exist_ok=True)
        kinds = self.lake.ground.columns[source]
        lines = (row if isinstance(row, str) else json.dumps(_json(row, kinds)) for row in self.files[source][file])
        path.write_text("".join(f"{line}\n" for line in lines))

    def add_file(self, source: str, _file: str) -> None:
        name = f"more {self.random.randrange(10**6)}.json"
        self.files[source][name] = [self.new_row(source) for _ in range(self.random.choice((0, 1, 1, 2, 3)))]
        self.write(source, name)

    def edit_row(self, source: str, file: str) -> None:
        """Another value in a row: a consent withdrawn, a name corrected, a key that points elsewhere."""
        rows = [row for row in self.files[source].get(file, ()) if isinstance(row, dict)]
        if rows:
            row, columns = self.random.choice(rows), self.lake.ground.columns[source]
            column = self.random.choice([name for name in columns if name not in self.keys(source)] or ["rid"])
            row[column] = _value(self.lake.ground, self.random, columns[column])
            self.write(source, file)

    def remove_row(self, source: str, file: str) -> None:
        if rows := self.files[source].get(file):
            rows.pop(self.random.randrange(len(rows)))
            self.write(source, file)

    def remove_file(self, source: str, file: str) -> None:
        if len(self.files[source]) > 1:
            del self.files[source][file]
            (self.root / "data" / source / file).unlink()

    def rename_file(self, source: str, file: str) -> None:
        other = f"moved {self.random.randrange(10**6)}.json"
        folder = self.root / "data" / source
        self.files[source][other] = self.files[source].pop(file)
        (folder / file).rename(folder / other)

    def bad_line(self, source: str, file: str) -> None:
        self.files[source][file].append(self.random.choice(("{broken", '{"rid": "x"}', "[]")))
        self.write(source, file)

    def touch(self, source: str, file: str) -> None:
        self.write(source, file)

    def edit_spec(self, _source: str, _file: str) -> None:
        """Another spec, as long as it compiles."""
        spec = deepcopy(self.spec)
        name = self.random.choice(list(spec["tables"]))
        table = spec["tables"][name]
        numbers = list(re.finditer(r"(?<=[ (])[0-6](?=[) ,])", json.dumps(table)))
        if numbers and self.random.random() < 0.7:
            found, text = self.random.choice(numbers), json.dumps(table)
            spec["tables"][name] = json.loads(f"{text[: found.start()]}{self.random.randrange(6)}{text[found.end() :]}")
        elif not table.get("view"):
            table["refresh"] = "auto" if "refresh" in table else "full"
        known = compiled(spec)
        if known is not None:
            self.spec, self.compiled, self.program = spec, known, build_program(known)

    def new_row(self, source: str) -> Raw:
        """A row like one that is there, with another key."""
        columns, ground = self.lake.ground.columns[source], self.lake.ground
        rows = [row for rows in self.files[source].values() for row in rows if isinstance(row, dict)]
        base = dict(self.random.choice(rows)) if rows and self.random.random() < 0.6 else {}
        row = {name: base.get(name, _value(ground, self.random, known)) for name, known in columns.items()}
        self.next_row += 1
        for key in self.keys(source):
            row[key] = self.next_row if columns[key].kind != "str" else f"p{self.next_row}"
        return row

    def keys(self, source: str) -> tuple[str, ...]:
        """The columns of which no two rows may share a value."""
        found = [one for subject in self.lake.ground.subjects if subject.registry == source for one in subject.keys]
        return tuple(found) or ("rid",)

    # Runs --------------------------------------------------------------------------------------------

    def run(self, folder: str = "lake") -> RunReport:
        """Runs it; from nothing always on DuckDB, so that kept on Spark it is what both engines make."""
        data, lake = self.root / "data", LakeFolder(self.root / folder)
        if self.spark is not None and folder == "lake":
            return self.spark(self.compiled, self.program, data, lake)
        return execute(self.program, data, lake, Mock())

    def begin_anew(self, *, with_sources: bool) -> None:
        """Empties the other lake; perhaps but for the sources."""
        fresh, known = self.root / "fresh", self.root / "lake"
        shutil.rmtree(fresh, ignore_errors=True)
        if with_sources and (known / CATALOG).exists():
            for kind in ("sources", "quarantine"):
                if (known / kind).exists():
                    shutil.copytree(known / kind, fresh / kind)
            write_catalog(fresh, "fuzz", "-", replace(LakeFolder(known).catalog(), tables={}))

    def contents(self, folder: str, names: set[str]) -> dict[str, list[str]]:
        """The rows of what is published, in one order."""
        catalog = LakeFolder(self.root / folder).catalog()
        return {
            f"{kind}/{name}": sorted(map(repr, self.rows(folder, entry.current.files)))
            for kind in ("tables", "sources", "quarantine")
            for name, entry in getattr(catalog, kind).items()
            if name in names
        }

    def rows(self, folder: str, paths: tuple[str, ...]) -> list[tuple[Any, ...]]:
        return duckdb.read_parquet([str(self.root / folder / path) for path in paths]).fetchall()


_CHANGES = (
    *("add file", "add file", "edit row", "edit row", "edit row", "remove row", "remove file"),
    *("rename file", "bad line", "touch", "edit spec"),
)
_DO: dict[str, Callable[[KeptLake, str, str], None]] = {
    name: getattr(KeptLake, name.replace(" ", "_")) for name in _CHANGES
}


def _json(row: Raw, kinds: Any) -> dict[str, Any]:
    return {name: _value_json(known, kinds[name].kind) for name, known in row.items()}


def _value_json(known: Any, kind: str) -> Any:
    if isinstance(known, Decimal):
        return float(known)
    if kind in NESTED and known is not None:
        return list(known) if kind == "list" else dict(zip(FIELDS, known, strict=True))
    return known


def compiled(spec: dict[str, Any]) -> CompiledLake | None:
    return check_spec(SourceText("pipeline.yaml", json.dumps(spec, indent=1))).lake


def keep_by_all_means(patch: Callable[[Any, str, Any], None]) -> None:
    """Nothing is made anew because little is left of it; files are put together early."""
    patch(keeper, "MOST", 10**9)
    patch(keeper, "MOST_READ", 10**9)
    patch(files, "MOST_SMALL", 3)


def check_lake(
    seed: int,
    root: Path,
    figures: Figures,
    changes: int = 8,
    *,
    thorough: bool = True,
    spark: Callable[..., RunReport] | None = None,
) -> None:
    """Runs one lake through changes; adds what differs to the figures.

    Args:
        thorough: whether the other lake reads all landing files; else it takes the rows of sources that are there.
        spark: keeps the lake on Spark.
    """
    kept = KeptLake.drawn(seed, root, spark)
    if kept is None:
        figures.counts["lakes that don't compile"] += 1
        return
    figures.counts["lakes"] += 1
    figures.counts["tables with full joins"] += sum(map(_is_full, kept.compiled.tables.values()))
    figures.counts["tables that joins' columns tell of"] += sum(
        has_another_way(kept.compiled, one) for one in kept.compiled.tables.values() if not one.is_view
    )
    figures.counts["tables of rows of the spec"] += sum(map(_is_listed, kept.compiled.tables.values()))
    try:
        for number, done in enumerate(_changes(kept, changes)):
            _check_state(kept, figures, f"seed {seed}, change {number}: {', '.join(done)}", thorough)
    except Broken as error:
        figures.violations.append(str(error))
    shutil.rmtree(root, ignore_errors=True)


def _is_full(table: CompiledTable) -> bool:
    return any(site.join.kind == "full" for site in table.query.joins())


def _is_listed(table: CompiledTable) -> bool:
    return any(table.query.rows_of_the_spec()) or "listed" in table.inputs


def _changes(kept: KeptLake, changes: int) -> Iterator[list[str]]:
    yield ["nothing"]
    for _ in range(changes):
        yield [kept.change() for _ in range(kept.random.choice((1, 1, 2, 3)))]


def _check_state(kept: KeptLake, figures: Figures, where: str, thorough: bool) -> None:
    report = kept.run()
    kept.begin_anew(with_sources=not thorough)
    fresh = kept.run("fresh")
    figures.counts["changes"] += 1
    _count(report, figures)
    known, wanted = (
        {one.name: (one.status, one.rows if one.status is Status.OK else None, one.quarantined) for one in run.tables}
        for run in (report, fresh)
    )
    for name, told in wanted.items():
        if known[name] != told:
            raise Broken(f"{where}: {name} is {known[name]}, not {told}: {_problems(report, name)}")
    good = {one.name for one in fresh.tables if one.status is Status.OK}
    mine, its = kept.contents("lake", good), kept.contents("fresh", good)
    for name in its:
        if mine.get(name) != its[name]:
            raise Broken(f"{where}: {name} has {mine.get(name)}, not {its[name]}")


def _problems(report: RunReport, name: str) -> str:
    return "; ".join(one.problem for one in report.tables if one.name == name)


def _count(report: RunReport, figures: Figures) -> None:
    for one in report.tables:
        if one.is_source or (one.rows is None and one.status is Status.OK):
            continue
        figures.counts["tables " + _what(one)] += 1
        if one.anew.startswith("what changed can't be told"):
            raise Broken(f"{one.name}: {one.anew}")


def _what(one: TableReport) -> str:
    if one.status is not Status.OK:
        return one.status.value
    if one.added is not None:
        return "kept, with changes" if one.added or one.removed else "kept, without changes"
    return "unchanged" if one.unchanged else f"anew: {''.join(c for c in one.anew if not c.isdigit())[:50]}"
