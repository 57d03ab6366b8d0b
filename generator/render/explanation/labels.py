"""Why a column is personal or isn't: the ways of personal data to it, and where they end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from generator.plan.conditions import equalities
from generator.plan.expressions import conjuncts
from generator.plan.lake import CompiledLake, CompiledTable, Filter, Join, Query
from generator.plan.lineage import Stop, column_of, label_path
from generator.plan.relation import ColumnId, Origin, PersonalData
from generator.render.explanation.history import Hop, definitions
from generator.render.explanation.readable import condition_text, join_text, nested_queries


@dataclass(frozen=True, slots=True)
class LabelHop:
    """A column on the way of personal data, raw column first.

    Attributes:
        how: what its table computes it by, or compares it with; empty where it is only passed on.
        hashed: from here on it is pseudonymous.
    """

    table: str
    column: str
    how: str
    hashed: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Personal data that a column depends on.

    Attributes:
        source, column: the raw column.
        is_key: it is personal because it is this key of a person; None where it is tagged `pii`.
        pseudonymous: nothing of it is left in the column that names somebody directly.
        path: the shortest way here.
    """

    source: str
    column: str
    is_key: str | None
    pseudonymous: bool
    path: tuple[LabelHop, ...]


def labels(lake: CompiledLake, table: str, column: str) -> tuple[Label, ...]:
    """The personal data that a column depends on, with the way by which it came."""
    known = column_of(lake, Stop(table, column))
    assert known is not None
    found = []
    for (source, raw), pseudonymous in sorted(direct_or_not(known.personal).items()):
        path = tuple(_path(lake, table, column, source, raw))
        found.append(Label(source, raw, _key_of(lake, source, raw), pseudonymous, path))
    return tuple(found)


def direct_or_not(personal: Iterable[PersonalData]) -> Mapping[tuple[str, str], bool]:
    """Each raw column, and whether what is left of it is pseudonymous in every way in which it comes."""
    found: dict[tuple[str, str], bool] = {}
    for label in personal:
        raw = (label.source, label.column)
        found[raw] = found.get(raw, True) and label.pseudonymous
    return found


def _key_of(lake: CompiledLake, source: str, column: str) -> str | None:
    known = column_of(lake, Stop(source, column))
    tagged = known is not None and any(not label.pseudonymous for label in known.personal)
    key = lake.subject_keys.get((source, column))
    return None if tagged or key is None else ".".join(key)


def _path(lake: CompiledLake, table: str, column: str, source: str, raw: str) -> Iterator[LabelHop]:
    direct = PersonalData(source, raw, False)
    stops = label_path(lake, table, column, direct)
    yield LabelHop(*stops[0], "", False)
    for before, stop in pairwise(stops):
        hashed = direct in _personal(lake, before) and direct not in _personal(lake, stop)
        yield LabelHop(*stop, _how(lake, before, stop), hashed)


def _personal(lake: CompiledLake, stop: Stop) -> frozenset[PersonalData]:
    known = column_of(lake, stop)
    return known.personal if known is not None else frozenset()


def _how(lake: CompiledLake, before: Stop, stop: Stop) -> str:
    """What happens between two stops: an expression, a comparison, or nothing."""
    known = column_of(lake, stop)
    if known is None or stop.table not in lake.tables:
        return ""
    query = lake.tables[stop.table].query
    if Origin(*before) not in known.origins:
        return next((f"compared by {text}" for text in _comparisons(query, before.column)), "compared")
    return "; ".join(one.expression for one in definitions(query, stop.column))


def _comparisons(query: Query, column: str) -> Iterator[str]:
    """The joins and filters that compare a column of this name with another one."""
    for step in query.steps:
        for _, nested in nested_queries(step):
            yield from _comparisons(nested, column)
        if isinstance(step, (Join, Filter)):
            pairs = equalities(conjuncts(step.condition))
            if any(column in (left.name, right.name) for left, right in pairs):
                yield join_text(step) if isinstance(step, Join) else f"filter {condition_text(step)}"


@dataclass(frozen=True, slots=True)
class Cleared:
    """Where personal data that a column is computed from ends.

    Attributes:
        raw: the raw columns.
        expression: what ends it, as `count` and `is null` do.
        reason: why it is declassified.
    """

    table: str
    column: str
    raw: tuple[str, ...]
    expression: str
    reason: str | None


def cleared(lake: CompiledLake, hops: Iterable[Hop]) -> Iterator[Cleared]:
    """The columns among `hops` that hold less personal data than what they are computed from."""
    for hop in hops:
        table = lake.tables.get(hop.table)
        if table is not None:
            lost = _lost(lake, hop, table)
            if lost:
                reason = table.declassified.get(hop.column)
                expression = "; ".join(one.expression for one in hop.definitions)
                yield Cleared(hop.table, hop.column, lost, expression, reason)


def _lost(lake: CompiledLake, hop: Hop, table: CompiledTable) -> tuple[str, ...]:
    """The raw columns whose label its origins have, and the column itself hasn't."""
    here = direct_or_not(table.relation.columns[ColumnId(None, hop.column)].personal)
    before = {raw for origin in hop.origins for raw in direct_or_not(_personal(lake, Stop(*origin)))}
    return tuple(".".join(raw) for raw in sorted(before - set(here)))
