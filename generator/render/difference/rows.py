"""How a table's rows are made, before and after: its steps in words, else its SQL; and its joins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from generator.plan.emit import SPARK, emit
from generator.plan.lake import WIDE_JOINS, CompiledTable, Query
from generator.plan.maintenance.readings import without_rows_of_the_spec
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, line
from generator.render.difference.names import Names
from generator.render.difference.pairs import Lakes
from generator.render.explanation.people import JoinFacts, joins_of
from generator.render.explanation.readable import nested_queries, step_text, told_steps
from generator.runtime.words import plural


def row_changes(lakes: Lakes, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    yield from _rows_of_the_spec(old, new)
    mine, theirs = lakes.names.texts(_steps(old.query, "")), tuple(_steps(new.query, ""))
    if mine != theirs:
        yield Change(
            On.TABLE, new.name, Aspect.ROWS, Kind.CHANGED, "its rows are made in another way", "", mine, theirs
        )
    else:
        one, other = (emit(without_rows_of_the_spec(table.query), SPARK) for table in (old, new))
        sql = lakes.names.text(one), other
        if sql[0] != sql[1]:
            before, after = (tuple(text.splitlines()) for text in sql)
            yield Change(On.TABLE, new.name, Aspect.ROWS, Kind.CHANGED, "its SQL", "sql", before, after)
    yield from _joins(lakes.names, old, new)


def _rows_of_the_spec(old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    """Which of the rows that stand in the spec are gone, and which are new."""
    listed = tuple(_listed(old)), tuple(_listed(new))
    before, after = map(Counter, listed)
    gone, come = tuple((before - after).elements()), tuple((after - before).elements())
    if before and after and (gone or come):
        parts = [f"{plural(rows, 'row')} {word}" for rows, word in ((gone, "gone"), (come, "new")) if rows]
        text = f"its rows in the spec: {' and '.join(parts)}"
        yield Change(On.TABLE, new.name, Aspect.ROWS, Kind.CHANGED, text, "values", gone, come)
    elif before == after and listed[0] != listed[1]:
        text = "its rows in the spec stand in another order"
        yield Change(On.TABLE, new.name, Aspect.ROWS, Kind.CHANGED, text, "order of values")


def _listed(table: CompiledTable) -> Iterator[str]:
    for step in table.query.rows_of_the_spec():
        columns = list(step.after.columns.values())
        for row in step.rows:
            cells = (SPARK.value(cell, column.type) for cell, column in zip(row, columns, strict=True))
            yield f"({', '.join('NULL' if cell is None else text for cell, text in zip(row, cells, strict=True))})"


def _steps(query: Query, inside: str) -> Iterator[str]:
    for step in told_steps(query):
        for alias, nested in nested_queries(step):
            yield from _steps(nested, alias)
        yield f"({inside}) {step_text(step)}" if inside else step_text(step)


def _joins(names: Names, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    """What is known or declared of joins: the same ones first, then those with the same table."""
    mine = [replace(join, other=names.new(join.other), on=names.text(join.on)) for join in joins_of(old.query)]
    theirs = list(joins_of(new.query))
    for alike in ((lambda join: (join.kind, join.other, join.on)), (lambda join: (join.kind, join.other))):
        for join in list(theirs):
            before = next((one for one in mine if alike(one) == alike(join)), None)
            if before is not None:
                mine.remove(before)
                theirs.remove(join)
                yield from _join(new, before, join)
    for join in theirs:
        yield from _join(new, None, join)


def _join(table: CompiledTable, old: JoinFacts | None, new: JoinFacts) -> Iterator[Change]:
    item = f"{new.kind} join {new.other}"
    known = old is not None and (old.cardinality, old.is_assumed, old.is_declared)
    words = _cardinality(new)
    before = (_cardinality(old),) if old is not None else ()
    is_many = new.cardinality == "many_to_many" and new.is_declared
    if known != (new.cardinality, new.is_assumed, new.is_declared) and (old is not None or is_many):
        text = f"{code(item)} is {words}" + (f" instead of {before[0]}" if before else "")
        risk = Risk.CHECKS if is_many and new.kind in WIDE_JOINS else None
        yield Change(On.TABLE, table.name, Aspect.ROWS, Kind.CHANGED, text, item, before, (words,), risk)
    if old is not None and old.reason != new.reason:
        text = f"why two people may meet in a row, by {code(item)}"
        yield Change(On.TABLE, table.name, Aspect.PEOPLE, Kind.CHANGED, text, item, line(old.reason), line(new.reason))
    if old is not None and (old.left_unique, old.right_unique) != (new.left_unique, new.right_unique):
        yield Change(On.TABLE, table.name, Aspect.ROWS, Kind.CHANGED, f"{code(item)}: {_matches(new)}", item)


def _cardinality(join: JoinFacts) -> str:
    words = join.cardinality.replace("_", " ")
    how = "declared, and checked on every run" if join.is_assumed else "declared" if join.is_declared else "known"
    return f"{words} ({how})"


def _matches(join: JoinFacts) -> str:
    if join.right_unique:
        return "at most one row matches"
    return "several rows may match, each once" if join.left_unique else "several rows may match several others"
