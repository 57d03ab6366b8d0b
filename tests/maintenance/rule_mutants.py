"""Deliberate breakages of how tables are kept, each as one change of one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlglot import exp

from generator.jobs import delta_sql, duckdb_checks
from generator.jobs.rules import UniqueRule
from generator.plan.lake import Join, Query, Scan, Union
from generator.plan.maintenance import addresses, delta, readings
from generator.run.maintenance.duckdb_engine import DuckdbEngine
from generator.run.maintenance.folder_store import FolderStore
from generator.run.making import Making
from generator.runtime.maintenance import affected, differences, files, keeper

Change = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class RuleMutant:
    name: str
    apply: Change


def instead(module: Any, name: str, other: Any) -> Change:
    return lambda patch: patch.setattr(module, name, other)


def always(module: Any, name: str, result: object) -> Change:
    """The function gives this, whatever it is asked."""
    return instead(module, name, lambda *_args, **_more: result)


def after(module: Any, name: str, change: Callable[..., Any]) -> Change:
    """`change` has the last word: it takes the result and the arguments."""
    original = getattr(module, name)

    def changed(*args: Any, **more: Any) -> Any:
        return change(original(*args, **more), *args)

    return instead(module, name, changed)


def told_of_all(found: addresses.Trace, step: Any, by: Any, reason: str) -> None:
    found.grouped = True


def rows_stay_apart(found: addresses.Trace, step: Any, by: Any, reason: str) -> None:
    was = found.grouped
    _GROUPED(found, step, by, reason)
    found.grouped = was


_GROUPED = addresses._grouped


def join_as(kind: str, other: str) -> Change:
    """Joins of one kind tell of the rows that they are made of as those of another do."""
    original = addresses._join

    def join(found: addresses.Trace, step: Join) -> None:
        original(found, replace(step, kind=other) if step.kind == kind else step)

    return lambda patch: patch.setitem(addresses._STEPS, Join, join)


def first_of_union(step: Any) -> addresses.Trace:
    if isinstance(step, Union):
        step = Scan(step.after, step.place, step.text, step.inputs[0], step.alias)
    return _FIRST(step)


_FIRST = addresses._first


def without(kind: str) -> Callable[..., tuple[Any, ...]]:
    """The touches of a query without those by a join of this kind; by rows that it starts from where empty."""

    def touches(found: Any, *_: Any) -> tuple[Any, ...]:
        return tuple(one for one in found if (one.join.kind if one.join is not None else "") != kind)

    return touches


def equal_only(text: str, *_: Any) -> str:
    return text.replace("IS NOT DISTINCT FROM", "=")


def equality(query: Query, *_: Any) -> Query:
    scan, join, select = query.steps
    assert isinstance(join, Join)
    condition = join.condition.transform(
        lambda node: exp.EQ(this=node.this, expression=node.expression) if isinstance(node, exp.NullSafeEQ) else node
    )
    return Query((scan, replace(join, condition=condition), select))


def other_side(query: Query, _: Query, source: str) -> Query:
    scan, _, select = query.steps
    return Query((scan, select)) if source.startswith("#came") else query


def only(word: str) -> Callable[..., None]:
    """Of what changed in an input, only what left, or only what came."""

    def show(self: differences.Comparing, one: Any, *args: Any) -> int:
        found: int = _SHOW(self, one, *args)
        self.engine.define(f"#changed {one.name}", f"SELECT * FROM {self.engine.name(f'#{word} {one.name}')}")
        return found

    return show  # type: ignore[return-value]


_SHOW = differences.Comparing.show


def as_sets(self: DuckdbEngine, rows: Any, old: tuple[str, str], new: tuple[str, str]) -> None:
    columns = self.names(rows.columns)
    for (one, name), (other, _) in ((old, new), (new, old)):
        self.make(name, f"SELECT {columns} {one} EXCEPT SELECT {columns} {other}")


def few_landing_files(found: Any, *_: Any) -> Any:
    return found[:-1] if found else found


def nothing_leaves(self: files.Files, before: Any, hit: str, others: str, added: Any, count: Any = None) -> Any:
    return _NEXT(self, before, hit, "", added, count)


_NEXT = files.Files.next_version


def one_file_less(self: files.Files, found: list[str]) -> tuple[str, ...]:
    return _TOGETHER(self, found[1:])


_TOGETHER = files.Files._together


def came_alone(rule: Any) -> str | None:
    """Of rows that are unique, those that came are looked at alone."""
    if isinstance(rule, UniqueRule) and rule.of is None:
        return duckdb_checks._SQL[UniqueRule](replace(rule, relation=f"#added {rule.relation}"), ())[0]
    return _OF_WHAT_CAME(rule)


_OF_WHAT_CAME = duckdb_checks._of_what_came


def nothing_asked(self: keeper.Keeper, one: Any, before: Any, now: Any) -> bool:
    """Of what a check asks, nothing has changed."""
    self.engine.make(f"#asked {one.name}", f"SELECT * FROM {self.engine.name(one.name)} LIMIT 0")
    return True


def all_clean(self: Any, before: Any, program: Any, inputs: Any, *, came: bool) -> Any:
    told = [{**one, "violations": 0} for one in before.made.get("checks", ())]
    return _CHECKS(self, replace(before, made={**before.made, "checks": told}), program, inputs, came=came)


_CHECKS = Making.checks


def without_conditions(step: Any) -> Any:
    return () if isinstance(step, Join) else _EXPRESSIONS(step)


_EXPRESSIONS = readings.expressions_of


RULE_MUTANTS = (
    RuleMutant("a group's address may be any column", instead(addresses, "_grouped", told_of_all)),
    RuleMutant("what comes into a group doesn't affect it", instead(addresses, "_grouped", rows_stay_apart)),
    RuleMutant("windows look at one row", always(addresses, "_windows", None)),
    RuleMutant("a left join's right side is like its left", join_as("left", "inner")),
    RuleMutant("a full join's rows are those of its left side", join_as("full", "left")),
    RuleMutant("a union is its first input", instead(addresses, "_first", first_of_union)),
    RuleMutant("what an inner join matches reaches nothing", after(delta._Builder, "touches", without("inner"))),
    RuleMutant("what a left join matches reaches nothing", after(delta._Builder, "touches", without("left"))),
    RuleMutant("what a semi join matches reaches nothing", after(delta._Builder, "touches", without("semi"))),
    RuleMutant("what an anti join matches reaches nothing", after(delta._Builder, "touches", without("anti"))),
    RuleMutant("what leaves reaches nothing", after(delta._Builder, "touches", without(""))),
    RuleMutant("only what left has changed", instead(differences.Comparing, "show", only("gone"))),
    RuleMutant("only what came has changed", instead(differences.Comparing, "show", only("came"))),
    RuleMutant("a joined query is rows of its inputs", always(delta, "is_linear", True)),
    RuleMutant("a joined query never changes", always(affected.Remaking, "inner", None)),
    RuleMutant("null is no address of the table's rows", after(DuckdbEngine, "at", equal_only)),
    RuleMutant("null is no address of base rows", after(delta_sql, "restricted", equality)),
    RuleMutant("rows that come are made twice", after(delta_sql, "restricted_in", other_side)),
    RuleMutant("all rows of the spec are made again", instead(delta, "_held", lambda query, _asts: query)),
    RuleMutant("changes of one input are looked at without the other's", always(keeper, "_beside_others", set())),
    RuleMutant("rows are compared as sets", instead(DuckdbEngine, "compare", as_sets)),
    RuleMutant("the last changed landing file is overlooked", after(FolderStore, "landing", few_landing_files)),
    RuleMutant("files keep the rows that leave", instead(files.Files, "next_version", nothing_leaves)),
    RuleMutant("a file is lost when some are put together", instead(files.Files, "_together", one_file_less)),
    RuleMutant("a condition's columns aren't used", instead(readings, "expressions_of", without_conditions)),
    RuleMutant("another program counts for nothing", always(Making, "check_comparable", None)),
    RuleMutant("doubles are compared as the engine does", always(delta_sql, "_mark", "")),
    RuleMutant("what a check asks is what it was", always(Making, "is_same", True)),
    RuleMutant("what a check asks reaches no row", always(duckdb_checks, "_of_what_was_asked", "SELECT 0")),
    RuleMutant("nothing changes in what a check asks", instead(keeper.Keeper, "show_asked", nothing_asked)),
    RuleMutant("no row broke a check before", instead(Making, "checks", all_clean)),
    RuleMutant("rows that came are unique among themselves", instead(duckdb_checks, "_of_what_came", came_alone)),
)
