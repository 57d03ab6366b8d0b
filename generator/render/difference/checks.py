"""What is checked on every run, before and after: anything weaker is a risk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from generator.diagnostics import Diagnostic, Severity
from generator.plan.lake import CompiledExpectation, CompiledTable
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code
from generator.render.difference.names import Names


def unchecked(on: On, name: str, old: Sequence[str], new: Sequence[str], *, is_risk: bool = True) -> Iterator[Change]:
    """The runtime twins of the proofs, by what they say."""
    for check in dict.fromkeys(new):
        if check not in old:
            yield Change(on, name, Aspect.CHECKS, Kind.ADDED, f"every run checks: {check}", check)
    for check in dict.fromkeys(old):
        if check not in new:
            text = f"no run checks any more: {check}"
            yield Change(on, name, Aspect.CHECKS, Kind.REMOVED, text, check, risk=Risk.CHECKS if is_risk else None)


def expectation_changes(names: Names, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    """Expectations that come, go, or say something else."""
    mine = [_Expected(one, names) for one in old.expectations]
    theirs = [_Expected(one, Names()) for one in new.expectations]
    if _in_both(mine, theirs) != _in_both(theirs, mine):
        yield _change(new, Kind.CHANGED, "the expectations come in another order", "order")
    for before, after in _paired(mine, theirs):
        if before is None:
            assert after is not None
            yield _change(new, Kind.ADDED, f"expected now: {after.words}", after.name)
        elif after is None:
            text = f"no longer expected: {before.words}"
            yield _change(new, Kind.REMOVED, text, before.name, risk=before.one.blocking or None)
        elif before.facts != after.facts:
            yield _expectation(new, before, after)


def _in_both(some: Sequence[_Expected], others: Sequence[_Expected]) -> list[tuple[Any, ...]]:
    known = [one.facts for one in others]
    return [one.facts for one in some if one.facts in known]


class _Expected:
    """An expectation in the names of the new lake."""

    def __init__(self, one: CompiledExpectation, names: Names) -> None:
        self.one = one
        self.name = names.text(one.name)
        self.argument = {column: names.text(to) for column, to in one.argument.items()} if self.refers else one.argument
        self.words = f"{code(self.name)}{'' if one.blocking else ' (only a warning)'}"

    @property
    def refers(self) -> bool:
        return self.one.kind == "references"

    @property
    def facts(self) -> tuple[Any, ...]:
        return self.one.kind, self.argument, self.name, self.one.blocking

    @property
    def what(self) -> tuple[Any, ...]:
        """What it is about, whatever its bounds."""
        columns = self.argument if isinstance(self.argument, (list, dict)) else ()
        return self.one.kind, *sorted(columns)

    def resembles(self, other: _Expected) -> bool:
        """Whether both ask for the same of more or fewer columns."""
        mine, theirs = set(self.what), set(other.what)
        return (
            isinstance(self.argument, list) and self.one.kind == other.one.kind and (mine <= theirs or theirs <= mine)
        )


Pair = tuple[_Expected | None, _Expected | None]
_ALIKE: tuple[Callable[[_Expected, _Expected], bool], ...] = (
    lambda one, other: one.facts == other.facts,
    lambda one, other: one.one.kind == other.one.kind and one.name == other.name,
    lambda one, other: one.what == other.what,
    lambda one, other: one.resembles(other),
)


def _paired(old: list[_Expected], new: list[_Expected]) -> Iterator[Pair]:
    """The most alike first; the rest has come or gone."""
    for alike in _ALIKE:
        for after in list(new):
            before = next((one for one in old if alike(one, after)), None)
            if before is not None:
                old.remove(before)
                new.remove(after)
                yield before, after
    yield from ((None, after) for after in new)
    yield from ((before, None) for before in old)


def _expectation(table: CompiledTable, old: _Expected, new: _Expected) -> Change:
    weaker = old.one.blocking and not new.one.blocking
    if weaker:
        text = f"only a warning now: {code(new.name)}"
    elif old.one.blocking != new.one.blocking:
        text = f"keeps the table from being published now: {code(new.name)}"
    elif old.argument == new.argument:
        text = f"{code(old.name)} is called {code(new.name)}"
    else:
        text = f"expected now: {code(new.name)} instead of {code(old.name)}"
    is_risk = old.one.blocking and (weaker or not _as_strict(old.one.kind, old.argument, new.argument))
    return _change(table, Kind.CHANGED, text, new.name, (old.name,), (new.name,), is_risk or None)


def _change(
    table: CompiledTable,
    kind: Kind,
    text: str,
    item: str,
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    risk: bool | None = None,
) -> Change:
    return Change(On.TABLE, table.name, Aspect.CHECKS, kind, text, item, before, after, Risk.CHECKS if risk else None)


def _as_strict(kind: str, old: Any, new: Any) -> bool:
    """Whether the new argument surely refuses all that the old one did."""
    if old == new:
        return True
    if kind == "not_null":
        return set(old) <= set(new)
    if kind == "unique":
        return set(new) <= set(old)
    if kind == "rows":
        return _within(new, old)
    if kind == "between":
        return set(old) <= set(new) and all(_within(new[column], bounds) for column, bounds in old.items())
    if kind == "values":
        return set(old) <= set(new) and all(_subset(new[column], wanted) for column, wanted in old.items())
    return False


def _within(new: Any, old: Any) -> bool:
    """Whether bounds lie inside others; a bound that isn't given is infinite."""
    low = old.min is None or (new.min is not None and _not_before(new.min, old.min))
    high = old.max is None or (new.max is not None and _not_before(old.max, new.max))
    return low and high


def _not_before(one: Any, other: Any) -> bool:
    numbers = (int, Decimal)
    comparable = isinstance(one, numbers) == isinstance(other, numbers)
    return comparable and bool(one >= other)


def _subset(new: Iterable[Any], old: Iterable[Any]) -> bool:
    return {repr(value) for value in new} <= {repr(value) for value in old}


def finding_changes(names: Names, old: Sequence[Diagnostic], new: Sequence[Diagnostic], lake: str) -> Iterator[Change]:
    """Warnings of the check that come or go."""
    mine = Counter(names.text(_finding(one)) for one in old if one.severity is Severity.WARNING)
    theirs = Counter(_finding(one) for one in new if one.severity is Severity.WARNING)
    for finding in theirs - mine:
        text = f"new warning {finding}"
        yield Change(On.LAKE, lake, Aspect.CHECKS, Kind.ADDED, text, finding.split(":")[0], risk=Risk.CHECKS)
    for finding in mine - theirs:
        text = f"warning no longer given: {finding}"
        yield Change(On.LAKE, lake, Aspect.CHECKS, Kind.REMOVED, text, finding.split(":")[0])


def _finding(one: Diagnostic) -> str:
    return f"{one.code}: {one.message}"
