"""Builds a query step by step. Each method checks what it is given, reports what is wrong, and appends a step.

Both ways of writing a table, by keys and by `sql:`, end here; so a rule about a step is written once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from generator.plan import facts
from generator.plan.conditions import equalities
from generator.plan.context import Context
from generator.plan.expressions import Scope, Typed, check, conjuncts
from generator.plan.expressions.columns import column_node
from generator.plan.inline import inline_relation
from generator.plan.lake import (
    WIDE_JOINS,
    Aggregate,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Input,
    Join,
    Order,
    Pair,
    Place,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.order import ties
from generator.plan.people import Subjects, coalesced, compared_columns, identities_of, normal_keys, same_person
from generator.plan.relation import Column, ColumnId, PersonalData, Relation
from generator.plan.types import BIGINT, INT, Type
from generator.runtime.words import plural


def as_column(name: str, typed: Typed, relation: Relation, subjects: Subjects) -> Column:
    """The column that an expression makes; a plain column keeps whom it identifies, and that it is raw."""
    plain = relation.columns[typed.column] if typed.column else None
    identities = identities_of(typed.ast, relation.columns, subjects)
    raw, told = (plain.raw, plain.told) if plain is not None else (False, frozenset[PersonalData]())
    return Column(name, typed.type, typed.personal, identities, typed.origins, raw, told)


class StepBuilder:
    """The steps of one query so far.

    Attributes:
        steps: the chain.
        relation: what holds after the last step.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.steps: list[Step] = []
        self.relation = Relation({})

    def query(self) -> Query:
        return Query(tuple(self.steps))

    def scope(self) -> Scope:
        """What names mean after the last step."""
        return Scope(self.relation.by_alias(), self.relation.computed())

    def _append(self, step: Step) -> None:
        self.steps.append(step)
        self.relation = step.after

    def scan(self, source: Input, relation: Relation, alias: str, place: Place) -> None:
        name = source if isinstance(source, str) else None
        after = facts.occurrence(relation, name, alias, self.context.subjects)
        self._append(Scan(after=after, place=place, text=name or alias, input=source, alias=alias))

    def inline(self, columns: Mapping[str, Type], rows: Sequence[tuple[Any, ...]], alias: str, place: Place) -> None:
        """Rows that stand in the spec; their values are of the columns' types."""
        after = inline_relation(columns, rows, alias)
        text = f"{plural(rows, 'row')} of the spec"
        self._append(Inline(after=after, place=place, text=text, rows=tuple(rows), alias=alias))

    def union(self, inputs: Sequence[tuple[Input, Relation]], alias: str, place: Place) -> None:
        """Rows of inputs that have the same columns; the caller has checked that they do."""
        subjects = self.context.subjects
        branches = [
            facts.occurrence(relation, source if isinstance(source, str) else None, alias, subjects)
            for source, relation in inputs
        ]
        after = facts.union(branches, alias, subjects)
        names = [source if isinstance(source, str) else "…" for source, _ in inputs]
        sources = tuple(source for source, _ in inputs)
        self._append(Union(after=after, place=place, text=" + ".join(names), inputs=sources, alias=alias))

    def join(
        self,
        kind: str,
        source: Input,
        right: Relation,
        alias: str,
        condition: exp.Expression,
        place: Place,
        text: str,
        *,
        merged: Sequence[ColumnId] = (),
        cardinality: str | None = None,
        mixes_subjects: str | None = None,
    ) -> None:
        """Joins an occurrence of `right` (as `occurrence` returned it).

        Args:
            merged: columns of the right side that don't come out, because the left side has the same (`using`).
        """
        parts = conjuncts(condition)
        pairs = [pair for part in parts if (pair := _pair(part, alias)) is not None]
        via = source if isinstance(source, str) else None
        left_unique = facts.covers(self.relation.keys, compared_columns(parts, self.relation, self.context.subjects))
        right_unique = facts.covers(right.keys, compared_columns(parts, right, self.context.subjects))
        multiplies = kind in WIDE_JOINS
        assumes_left = not left_unique and multiplies and cardinality in ("one_to_one", "one_to_many")
        assumes_right = not right_unique and multiplies and cardinality in ("one_to_one", "many_to_one")
        unique = (left_unique or assumes_left, right_unique or assumes_right)
        after = facts.join(kind, self.relation, right, parts, unique, self.context.subjects, text, via)
        before, gone = self.relation, frozenset(merged)
        equal = {pair.right: pair.left for pair in pairs}
        if gone and kind in ("inner", "left"):
            after = without(after, gone, equal)
        met = same_person({**before.columns, **right.columns}, parts, self.context.subjects) if kind == "full" else ()
        self._append(
            Join(
                after=after,
                place=place,
                text=text,
                kind=kind,
                input=source,
                alias=alias,
                condition=condition,
                pairs=tuple(pairs),
                exact=len(pairs) == len(parts),
                left_unique=unique[0],
                right_unique=unique[1],
                assumes_left=assumes_left,
                assumes_right=assumes_right,
                cardinality=cardinality,
                mixes_subjects=mixes_subjects,
                same=frozenset(number for pair in met for number in pair if number in right.persons),
            )
        )
        if gone and kind == "full":
            names = Scope(before.by_alias(), before.computed())
            found = [(names.find(column.name), column) for column in merged]
            self._coalesce(before, right, [(one.id, column) for one, column in found if one is not None], place)

    def _coalesce(
        self, left: Relation, right: Relation, pairs: Sequence[tuple[ColumnId, ColumnId]], place: Place
    ) -> None:
        """Makes one column of each two that a full join compares: whichever isn't null, where the left one stood."""
        self.relation, identities = coalesced(self.relation, left, right, pairs, self.context.subjects)
        for one, other in pairs:
            name = ColumnId(None, one.name)
            position = list(self.relation.columns).index(one)
            values = [
                f"`{column.alias}`.`{column.name}`" if column.alias else f"`{column.name}`" for column in (one, other)
            ]
            typed, problems = check(f"coalesce({', '.join(values)})", self.scope())
            assert typed is not None and not problems, problems
            self.extend({name.name: typed}, place, f"{name.name}: coalesce({', '.join(values)})".replace("`", ""))
            columns = dict(self.relation.columns)
            made = replace(columns.pop(name), identities=identities.get(one, frozenset()))
            items = [*columns.items()]
            items.insert(position, (name, made))
            self.relation = replace(self.relation, columns=dict(items))
            self.steps[-1] = replace(self.steps[-1], after=self.relation)

    def unnest(
        self,
        value: Typed,
        made: Sequence[ColumnId],
        position: ColumnId | None,
        *,
        outer: bool,
        place: Place,
        text: str,
        fields: bool = False,
        ordinality: bool = False,
    ) -> None:
        """A row for each element of an array, or each entry of a map.

        Args:
            made: the element; or the key and the value; or, with `fields`, the fields of the element. An element
                without an alias that has its array's name takes the array's place.
        """
        kinds = {} if position is None else {position: BIGINT if ordinality else INT}
        parts = value.type.element.fields if fields else value.type.fields
        kinds |= dict(zip(made, (kind for _, kind in parts), strict=True))
        columns = {
            column: Column(column.name, kind, value.personal, origins=value.origins) for column, kind in kinds.items()
        }
        replaced = {ColumnId(None, column.name): column for column in self.relation.columns if column == value.column}
        gone = frozenset(column for made_, column in replaced.items() if made_ in columns)
        before = without(self.relation, gone, {})
        after = facts.unnest(before, columns, position, value.personal)
        step = Unnest(after, place, text, value.ast, tuple(made), position, outer, fields, ordinality)
        self._append(step)

    def filter(self, condition: exp.Expression, place: Place, text: str) -> None:
        reason = f"filter {text}"
        after = facts.filter_rows(self.relation, conjuncts(condition), self.context.subjects, reason)
        self._append(Filter(after=after, place=place, text=text, condition=condition))

    def extend(self, columns: Mapping[str, Typed], place: Place, text: str) -> None:
        """Adds computed columns; one of the same name as a present column replaces it."""
        made = self._made(columns, self.relation)
        replaced = frozenset(column for column in self.relation.columns if column.name in made)
        before = without(self.relation, replaced, {}) if replaced else self.relation
        added = {ColumnId(None, name): column for name, column in made.items()}
        after = facts.extend(before, added, [typed.ast for typed in columns.values()], self.context.subjects)
        numbers = facts.row_numbers({ColumnId(None, name): typed.ast for name, typed in columns.items()})
        after = facts.with_keys(
            after, [parts | {number} for number, parts in numbers if parts <= before.columns.keys()]
        )
        asts = {ColumnId(None, name): typed.ast for name, typed in columns.items()}
        after = facts.with_keys(after, normal_keys(before, asts, self.context.subjects))
        computed = tuple(Computed(made[name], typed.ast) for name, typed in columns.items())
        self._append(Extend(after=after, place=place, text=text, columns=computed))

    def dedupe(self, by: Sequence[ColumnId], order: Sequence[Order], place: Place, text: str) -> None:
        """One row of each group; `plan.order` breaks the ties that the order leaves.

        Raises:
            NoOrder: they can't be broken.
        """
        broken = ties(self.relation, (*by, *(term.column for term in order)))
        after = facts.dedupe(self.relation, by)
        self._append(Dedupe(after=after, place=place, text=text, by=tuple(by), order=tuple(order), ties=broken))

    def aggregate(self, by: Sequence[ColumnId], aggregates: Mapping[str, Typed], place: Place, text: str) -> None:
        made = {
            name: as_column(name, typed, self.relation, self.context.subjects) for name, typed in aggregates.items()
        }
        columns = {ColumnId(None, name): column for name, column in made.items()}
        picked = any(facts.picks(typed.ast) for typed in aggregates.values())
        after = facts.aggregate(self.relation, by, columns, self.context.subjects, picked)
        computed = tuple(Computed(made[name], typed.ast) for name, typed in aggregates.items())
        self._append(Aggregate(after=after, place=place, text=text, by=tuple(by), aggregates=computed))

    def select(self, columns: Mapping[str, Typed], place: Place, text: str, *, distinct: bool = False) -> None:
        made = self._made(columns, self.relation)
        kept = {typed.column: ColumnId(None, name) for name, typed in columns.items() if typed.column is not None}
        windowed = facts.after_windows(self.relation, [typed.ast for typed in columns.values()], self.context.subjects)
        if windowed is not self.relation:
            made = self._made(columns, windowed)
        after = facts.select(windowed, {ColumnId(None, name): column for name, column in made.items()}, kept, distinct)
        numbers = facts.row_numbers({ColumnId(None, name): typed.ast for name, typed in columns.items()})
        keys = [(number, parts) for number, parts in numbers if parts <= kept.keys()]
        after = facts.with_keys(after, [frozenset((number, *(kept[part] for part in parts))) for number, parts in keys])
        asts = {ColumnId(None, name): typed.ast for name, typed in columns.items()}
        after = facts.with_keys(after, normal_keys(self.relation, asts, self.context.subjects))
        computed = tuple(Computed(made[name], typed.ast) for name, typed in columns.items())
        self._append(Select(after=after, place=place, text=text, columns=computed, distinct=distinct))

    def _made(self, columns: Mapping[str, Typed], relation: Relation) -> dict[str, Column]:
        return {name: as_column(name, typed, relation, self.context.subjects) for name, typed in columns.items()}

    def plain(self, column: ColumnId) -> Typed:
        """A present column as an expression."""
        known = self.relation.columns[column]
        return Typed(column_node(column, known.type), known.type, known.personal, known.origins, column)


def _pair(part: exp.Expression, alias: str) -> Pair | None:
    """The two sides of a plain equality between the joined table `alias` and the rest."""
    for left, right in equalities((part,)):
        if right.alias == alias and left.alias != alias:
            return Pair(left, right)
        if left.alias == alias and right.alias != alias:
            return Pair(right, left)
    return None


def without(relation: Relation, gone: frozenset[ColumnId], same: Mapping[ColumnId, ColumnId]) -> Relation:
    """A relation without some columns. Keys that hold one go too, unless another column is known to be the same."""
    keys = (frozenset(same.get(column, column) for column in key) for key in relation.keys)
    return Relation(
        {column: known for column, known in relation.columns.items() if column not in gone},
        frozenset(key for key in keys if not key & gone),
        relation.persons,
        relation.silences,
        relation.filtered,
    )
