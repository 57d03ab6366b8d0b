"""From the plan of how a table is kept to the SQL of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from generator.jobs.check_sql import sql_name
from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.proof_rules import proof_rules
from generator.jobs.rules import asked_of
from generator.plan.emit import DUCKDB, SPARK, Dialect, emit
from generator.plan.lake import CompiledLake, Query
from generator.plan.maintenance.delta import Base, Delta, Kept, Touch, restricted, restricted_in
from generator.plan.maintenance.readings import Reading, names_in, renamed
from generator.plan.relation import Column
from generator.plan.types import Type
from generator.runtime.maintenance.names import CHANGED
from generator.runtime.maintenance.program import (
    BaseProgram,
    DeltaProgram,
    Exactly,
    InputProgram,
    KeptProgram,
    MatchedProgram,
    TouchProgram,
)

_PLAIN = ("float", "double")


def build_delta(lake: CompiledLake, found: Delta, dialect: Dialect = DUCKDB) -> DeltaProgram:
    """The SQL that keeps a table, for an engine."""
    builder = _Builder(lake, {one.name: one for one in found.readings}, dialect)
    return DeltaProgram(
        tuple(builder.inputs()), tuple(builder.kept(one) for one in found.inner), builder.kept(found.table)
    )


def build_asked(lake: CompiledLake, dialect: Dialect = DUCKDB) -> tuple[InputProgram, ...]:
    """The sources and tables that checks ask of single rows, with the columns that decide, for an engine."""
    found: dict[str, set[str]] = {}
    for table in lake.tables.values():
        for rule in (*proof_rules(lake, table), *expectation_rules(lake, table)):
            for one in asked_of(rule):
                found.setdefault(one.table, set()).update((one.key, *one.others))
    return tuple(_input(lake, name, read, dialect) for name, read in sorted(found.items()))


def build_compared(lake: CompiledLake, name: str, dialect: Dialect = DUCKDB) -> InputProgram:
    """All columns of a source or table, as they are compared, for an engine."""
    return _input(lake, name, {one.name for one in lake.relation(name).columns.values()}, dialect)


def _input(lake: CompiledLake, name: str, read: Collection[str], dialect: Dialect) -> InputProgram:
    """Some columns of an input, in its own order."""
    columns = [one for one in lake.relation(name).columns.values() if one.name in read]
    return InputProgram(name, exactly(columns, dialect), tuple(str(one.type) for one in columns))


def exactly(columns: Iterable[Column], dialect: Dialect = DUCKDB) -> Exactly:
    """Columns, and what has to be compared to tell their values apart."""
    known = tuple(columns)
    if dialect is DUCKDB:
        marks = [mark for one in known if (mark := _mark(one.name, one.type))]
    else:
        marks = [spark_key(dialect.name(one.name), one.type) for one in known]
    return Exactly(tuple(one.name for one in known), tuple(marks))


def _mark(name: str, kind: Type) -> str:
    if kind.kind in _PLAIN:
        return f"signbit({sql_name(name)})"
    nested = kind.is_nested and any(one in str(kind) for one in _PLAIN)
    return f"CAST({sql_name(name)} AS VARCHAR)" if nested else ""


def spark_key(value: str, kind: Type, depth: int = 0) -> str:
    """What Spark groups values by so as to tell them apart: 0.0 and -0.0 are one group to it, and maps are none."""
    one = f"e{depth}"
    if kind.kind in _PLAIN:
        return f"CAST({value} AS STRING)"
    if kind.kind == "map":
        parts = (spark_key(f"{one}.{name}", part, depth + 1) for name, part in kind.fields)
        return f"transform(map_entries({value}), {one} -> struct({', '.join(parts)}))"
    if not kind.is_nested or not any(word in str(kind) for word in (*_PLAIN, "map<")):
        return value
    if kind.kind == "array":
        return f"transform({value}, {one} -> {spark_key(one, kind.element, depth + 1)})"
    fields = (spark_key(f"{value}.{SPARK.name(name)}", part, depth) for name, part in kind.fields)
    return f"struct({value} IS NULL, {', '.join(fields)})"


class _Builder:
    def __init__(self, lake: CompiledLake, readings: Mapping[str, Reading], dialect: Dialect) -> None:
        self.lake = lake
        self.dialect = dialect
        self.readings = readings
        self.now = {one.name: one.input for one in readings.values()}
        self.then = {one.name: f"#old {one.input}" for one in readings.values()}
        self.changed = {CHANGED + one.name: CHANGED + one.input for one in readings.values()}

    def inputs(self) -> Iterator[InputProgram]:
        """Each input once, with all columns that are read anywhere."""
        for name in dict.fromkeys(self.now.values()):
            read = {column for one in self.readings.values() if one.input == name for column in one.columns}
            yield _input(self.lake, name, read, self.dialect)

    def kept(self, kept: Kept) -> KeptProgram:
        bases = {base.reading for base in kept.bases}
        others = [name for name in dict.fromkeys(names_in(*kept.query.steps)) if name not in bases]
        query = kept.held or kept.query
        then = self.sql(query, {name: self.then[name] for name in others}) if kept.name else ""
        return KeptProgram(
            name=kept.name,
            address=kept.address,
            grouped=kept.grouped,
            touches=tuple(self.touch(kept, touch) for touch in kept.touches),
            bases=tuple(self.base(kept, base) for base in kept.bases),
            sql=self.sql(query, {name: self.now[name] for name in others}),
            then=then,
            reads=tuple(dict.fromkeys(self.now[name] for name in others)),
            rows=exactly(kept.query.relation.columns.values(), self.dialect),
            matched=self.matched(kept) if kept.matched is not None else None,
        )

    def matched(self, kept: Kept) -> MatchedProgram:
        assert kept.matched is not None
        bases = (self.base(kept, base) for base in kept.matched.bases)
        touches = (self.touch(kept, touch) for touch in kept.matched.touches)
        return MatchedProgram(kept.matched.address, tuple(touches), tuple(bases))

    def sql(self, query: Query, names: Mapping[str, str]) -> str:
        return emit(renamed(query, names), self.dialect)

    def touch(self, kept: Kept, touch: Touch) -> TouchProgram:
        names = {**self.now, **self.changed}
        if touch.join is None and not kept.grouped and not kept.name:
            names |= {CHANGED + name: f"#gone {self.now[name]}" for name in touch.changed}
        read = (name for name in names_in(*touch.query.steps) if name in self.now)
        return TouchProgram(
            tuple(dict.fromkeys(self.now.get(name, name) for name in touch.changed)),
            tuple(self.now[name] for name in read),
            self.sql(touch.query, names),
        )

    def base(self, kept: Kept, base: Base) -> BaseProgram:
        name = self.now[base.reading]
        rows = restricted(base, self.readings[base.reading].columns)
        now = self.part(rows, name)
        then = self.part(rows, f"#old {name}") if kept.name else ""
        came = self.part(rows, f"#came {name}", affected=False) if not kept.name and not kept.grouped else ""
        return BaseProgram(base.reading, name, now, then, came)

    def part(self, rows: Query, source: str, *, affected: bool = True) -> str:
        return emit(restricted_in(rows, source, affected=affected), self.dialect)
