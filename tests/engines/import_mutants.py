"""Deliberate faults of the importer, each with the script of the corpus that has to catch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from generator.author.studio import (
    builder,
    calls,
    catalog,
    conditions,
    convert,
    dataframes,
    filters,
    joins,
    options,
    python_sql,
    queries,
    script,
    selects,
    simplify,
    targets,
)
from generator.author.studio.model import Column, Frame, Job, Kind, Union
from generator.author.studio.nulls import KeyFacts, NullFacts
from generator.author.studio.places import Place
from generator.author.studio.rows import Nulls, Rows

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """A fault, by what it is.

    Attributes:
        case: the script that catches it.
        break_: puts the fault in.
    """

    name: str
    case: str
    break_: Callable[[Patch], None]


def _wrap(owner: Any, name: str, change: Callable[..., Any]) -> Callable[[Patch], None]:
    """A fault that calls what is there and spoils it: change gets the original and its arguments."""
    original = getattr(owner, name)
    return lambda patch: patch.setattr(owner, name, lambda *places, **given: change(original, *places, **given))


def _first_for_second(original: Any, rows: Rows, name: str, **given: Any) -> Any:
    return original(rows, name.replace("`.", "`").lstrip("."), **given)


def _no_dots(original: Any, built: Any, node: Any, ours: Any, theirs: Any) -> Any:
    return [cell for cell in theirs if cell.name not in {one.name for one in ours}]


def _always_once(*_: Any) -> bool:
    return True


def _no_bucket(place: Place, other: Place) -> bool:
    return place.key == other.key if place.path and other.path else place.table == other.table


def _dropping_whole_side(original: Any, self: Any, node: Any, columns: Any, rows: Rows) -> Rows:
    found = original(self, node, columns, rows)
    gone = {column.name.replace("`", "").lstrip(".") for column in columns}
    found.cells = [cell for cell in found.cells if cell.name.lstrip(".") not in gone]
    return found


def _swallow(kind: str) -> Callable[[Patch], None]:
    """Findings of a code aren't told."""

    def change(original: Any, self: Job, told: Kind, code: str, *rest: Any, **given: Any) -> None:
        if code != kind:
            original(self, told, code, *rest, **given)

    return _wrap(Job, "note", change)


def _as_if(absent: bool) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(NullFacts, "of", lambda *_: KeyFacts(not absent, absent))


def _never_raises(original: Any, predicate: Any, facts: Any) -> str:
    return original(predicate, lambda one: replace(facts(one), key=False))


def _sql_nulls(original: Any, parts: Any, word: str) -> Any:
    found = original(parts, word)
    texts = [f"({one.true})" if " or " in one.true else one.true for one in parts]
    return replace(found, true=f" {word} ".join(texts))


def _still_unsure(original: Any, self: Any, node: Any, inputs: Any) -> Rows:
    found = original(self, node, inputs)
    if isinstance(node.operation, Frame):
        found.cells = [replace(cell, nulls=Nulls.EITHER) for cell in found.cells]
    return found


def _unmarked(patch: Patch) -> None:
    patch.setattr(builder.Builder, "mark", lambda *_: None)
    from generator.author.studio import author

    patch.setattr(author, "_mark_the_rest", lambda *_: None)


MUTANTS = [
    Mutant("`.x` is the first side's x", "join_mapping_second_side", _wrap(Rows, "find", _first_for_second)),
    Mutant("`.x` is the first side's x in a filter", "join_filter_second_side", _wrap(Rows, "find", _first_for_second)),
    Mutant("`.x` is the first side's x in SQL", "join_sql_second_side", _wrap(Rows, "find", _first_for_second)),
    Mutant("`.x` is the first side's x far away", "join_second_side_far_away", _wrap(Rows, "find", _first_for_second)),
    Mutant("second columns of a name are left out", "join_whole", _wrap(joins, "_dotted", _no_dots)),
    Mutant("dropping x drops `.x`", "join_drop_key_is_no_semi_join", _wrap(convert.Converter, "_drop", _dropping_whole_side)),
    Mutant("every join chooses rows", "join_multiplies_rows", lambda patch: patch.setattr(simplify, "_once", _always_once)),
    Mutant("a name that can't be stored isn't told", "join_select_second_side", _swallow("names")),
    Mutant("buckets are no part of a place", "two_buckets_same_prefix", lambda patch: patch.setattr(Place, "is_same", _no_bucket)),
    Mutant("sources of one suffix are one", "prefixes_are_places",
           lambda patch: patch.setattr(catalog.Catalog, "_by_path", lambda *_: "orders")),
    Mutant("an argument in a path is nothing", "bucket_in_arguments", _wrap(targets, "text_of", lambda o, v: "" if o(v) and "{" in o(v) else o(v))),
    Mutant("a lost filter isn't marked", "condition_with_argument", _unmarked),
    Mutant("a lost query isn't told", "sql_with_argument", _swallow("unknown-step")),
    Mutant("unknown text is a star", "dataframe_where_with_argument", _wrap(dataframes, "_where", lambda original, s, f, a, *rest:
           original(s, f, replace(a, places=["1 = 1"]), *rest))),
    Mutant("keywords are overlooked", "methods_with_keywords",
           lambda patch: patch.setattr(calls.Arguments, "bind", lambda self, *names, **_: dict(zip(names, self.places, strict=False)))),
    Mutant("`subset` means all columns", "duplicates_by_some_columns_alone", _wrap(convert, "deduped", lambda original, b, n, by, rows:
           original(b, n, by[:1], rows))),
    Mutant("a derived column is dropped", "derived_column", _wrap(convert.Converter, "_add", lambda original, self, node, add, rows: rows)),
    Mutant("a push-down predicate is nothing", "push_down_predicate", lambda patch: patch.setattr(options, "unsaid_of_read", lambda *_: [])),
    Mutant("partition keys are nothing", "partition_keys", lambda patch: patch.setattr(options, "unsaid_of_write", lambda *_: [])),
    Mutant("loops are passed over", "writes_in_a_loop", lambda patch: patch.setattr(script.Script, "_loop", lambda *_: None)),
    Mutant("open loops aren't told", "loop_over_what_only_a_run_knows", lambda patch: patch.setattr(script.Script, "_refuse", lambda *_: None)),
    Mutant("branches aren't told", "branches", _swallow("branch")),
    Mutant("targets that are no lake aren't told", "target_is_no_lake", _swallow("target")),
    Mutant("SQL's nulls in Python's filters", "filter_or_absent", _wrap(python_sql, "_chain", _sql_nulls)),
    Mutant("an absent key is None", "filter_not_equal_absent", _wrap(filters, "as_sql", _never_raises)),
    Mutant("an absent key is None behind `or`", "filter_or_absent", _wrap(filters, "as_sql", _never_raises)),
    Mutant("None is an absent key", "filter_not_equal_null", _as_if(absent=True)),
    Mutant("None is an absent key for `== None`", "filter_equals_none_null", _as_if(absent=True)),
    Mutant("data with both is data with one", "filter_not_equal_both", _as_if(absent=True)),
    Mutant("a DataFrame keeps keys absent", "filter_null_behind_dataframe", _wrap(convert.Converter, "_converted", _still_unsure)),
    Mutant("a pattern matches anywhere", "filter_regex", _wrap(conditions, "anchored", lambda original, pattern, function="": pattern.lstrip("^"))),
    Mutant("a comma join is a cross join", "sql_comma_join", _wrap(selects._Clauses, "_pair", lambda original, *_: None)),
    Mutant("a right join is a left join", "sql_right_join", lambda patch: patch.setattr(selects, "_turned", lambda join, source: join)),
    Mutant("a limit isn't told", "sql_limit", _swallow("limit")),
    Mutant("a query that can't be said isn't told", "sql_scalar_subquery", _swallow("query")),
    Mutant("distinct is overlooked", "sql_distinct_some", lambda patch: patch.setattr(selects, "deduped", lambda b, n, by, rows: rows)),
    Mutant("a union is always of all rows", "union_distinct", _wrap(convert.Converter, "_union", lambda original, self, node, union, inputs:
           original(self, node, Union(by_name=union.by_name), inputs))),
    Mutant("a union by name goes by place", "union_by_name", _wrap(convert.Converter, "_union", lambda original, self, node, union, inputs:
           original(self, node, Union(union.distinct), inputs))),
    Mutant("a left join is an inner join", "left_join_of_dataframes", _wrap(convert, "join_rows", lambda original, b, n, j, *sides:
           original(b, n, replace(j, kind="inner"), *sides))),
    Mutant("a frame's column is the first of its name", "left_join_of_dataframes", _wrap(convert.Converter, "_drop", lambda original, self, node, columns, rows:
           original(self, node, tuple(Column(one.name) for one in columns), rows))),
    Mutant("a lossy conversion isn't told", "mapping_that_may_lose", _swallow("silent-nulls")),
    Mutant("another spelling isn't told", "raw_names_in_the_wrong_case", _swallow("wrong-case")),
    Mutant("`select *` is of one side", "sql_distinct", _wrap(selects._Clauses, "_star", lambda original, self, alias: original(self, next(iter(self.scope))))),
    Mutant("chance isn't told", "duplicates_by_some_columns", _swallow("any-duplicate")),
    Mutant("an order is a filter's part", "sql_comma_join", lambda patch: patch.setattr(queries, "conjuncts", lambda condition: [condition] if condition is not None else [])),
    Mutant("dropped fields stay", "drop_of_what_is_not_there", _wrap(convert.Converter, "_drop", lambda original, self, node, columns, rows: rows)),
]  # fmt: skip
