"""Random conditions and expressions, among them those that ask for a consent, and those that nearly do."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from tests.proofs.algebra import ColumnRef, Expr
from tests.proofs.people_data import Ground, Known

AGGREGATED = ("m1", "m2", "m3", "m4")
Scope = dict[ColumnRef, Known]


class Conditions:
    """Makes expressions over the columns of a scope.

    Attributes:
        unclear: rows may depend on personal values otherwise than through labelled columns.
        asked: a consent was asked for.
    """

    def __init__(self, random: Random, ground: Ground) -> None:
        self.random = random
        self.ground = ground
        self.unclear = False
        self.asked = False

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def merges(self, columns: Iterable[Known]) -> None:
        """Notes that rows become one where they agree on values that renaming people doesn't keep apart."""
        self.unclear |= any(known.tainted and not known.renamed for known in columns)

    def compares(self, expr: Expr, scope: Scope) -> None:
        """Notes a comparison that renaming people may change."""
        read = [scope[column] for column in columns_of(expr)]
        direct = expr[0] in ("eq", "ne", "nseq") and all(part[0] == "col" for part in expr[1:])
        renamed = direct and all(known.renamed for known in read)
        if any(known.tainted for known in read) and not renamed:
            self.unclear = True

    def predicate(self, scope: Scope, compound: bool = False) -> Expr:
        if compound and self.maybe(0.2):
            return (self.random.choice(("and", "and", "or")), self.predicate(scope), self.predicate(scope))
        asking = [c for c, known in scope.items() if known.role[2:] in (".share", ".share2")]
        times = [c for c, known in scope.items() if known.role in ("ts", "n") or known.role[2:] == ".share"]
        if (exact := self.consent(scope)) and self.maybe(0.5):
            self.asked = True
            found = exact
        elif asking and self.maybe(0.5):
            found = self.consent_like(self.random.choice(asking), asking)
        elif len(times) > 1 and self.maybe(0.5):
            found = (self.random.choice(("ge", "gt")), *map(plain, self.random.sample(times, 2)))
        else:
            found = self.any_predicate(scope)
        if found[0] != "isnull":
            self.compares(found, scope)
        return found

    def consent(self, scope: Scope) -> Expr | None:
        """What a subject's consent asks for, where the columns for it are there."""
        subject = self.random.choice(self.ground.subjects)
        meant = {f"{subject.name}.{name}": name for name in ("share", "share2")}
        known = {meant[it.role]: column for column, it in scope.items() if it.role in meant}
        needed = {name for _, name in columns_of(subject.when)}
        return _with_columns(subject.when, known) if needed <= known.keys() else None

    def consent_like(self, column: ColumnRef, others: list[ColumnRef]) -> Expr:
        share, other = plain(column), plain(self.random.choice(others))
        asked: Expr = ("not", ("isnull", share))
        return self.random.choice(
            (
                asked, asked, asked, ("isnull", share), ("gt", share, ("lit", 2)), ("gt", share, ("lit", 1)),
                ("not", ("isnull", ("coalesce", share, other))), ("nseq", share, other), ("ge", share, other),
                ("and", asked, ("isnull", other)), ("eq", share, other), ("not", asked),
                ("or", ("eq", share, ("lit", 1)), ("gt", other, ("lit", 2))), ("eq", share, ("lit", 1)),
            )
        )  # fmt: skip

    def any_predicate(self, scope: Scope) -> Expr:
        harmless = [column for column, known in scope.items() if not known.tainted]
        column = self.random.choice(harmless if harmless and self.maybe(0.8) else list(scope))
        known, one = scope[column], plain(column)
        constant: Expr = ("lit", self.random.choice(("a", "b")) if known.kind == "str" else self.random.randint(0, 4))
        same = [other for other, it in scope.items() if (it.kind, it.renamed) == (known.kind, known.renamed)]
        other = plain(self.random.choice(same))
        return self.random.choice(
            (("eq", one, other), ("eq", one, constant), ("ne", one, constant), ("isnull", one),
             ("not", ("isnull", one)), ("eq", one, other))
        )  # fmt: skip

    def derived(self, scope: Scope, windows: bool) -> tuple[Expr, Known]:
        """An expression over the scope, and what is known of its values."""
        column = self.random.choice(list(scope))
        known = scope[column]
        same = [other for other, it in scope.items() if it.kind == known.kind]
        one, other = plain(column), plain(self.random.choice(same))
        made: list[Expr] = [("coalesce", one, other), ("case", self.predicate(scope), one, other)]
        if known.kind == "str":
            made.append(("lower", one))
        elif column[1] not in AGGREGATED:
            made.append(("add", one, ("lit", 1)))
        if windows:
            keys = tuple(self.random.sample(list(scope), min(2, len(scope))))
            made += [("win", self.random.choice(("min", "max")), one, keys), ("win", "count", None, keys)]
        expr = self.random.choice(made)
        kind = "int" if expr[0] == "win" and expr[1] == "count" else known.kind
        return expr, Known(kind, tainted=any(scope[c].tainted for c in columns_of(expr)))


def columns_of(expr: Expr) -> list[ColumnRef]:
    """All columns that an expression reads."""
    if expr[0] == "col":
        return [(expr[1], expr[2])]
    found = [column for part in expr[1:] if isinstance(part, tuple) and part and isinstance(part[0], str)
             and part[0] in _OPERATORS for column in columns_of(part)]  # fmt: skip
    return found + (list(expr[3]) if expr[0] == "win" else [])


_OPERATORS = frozenset("col lit eq ne nseq gt ge and or not isnull coalesce lower add case agg win".split())


def plain(ref: ColumnRef) -> Expr:
    return ("col", *ref)


def _with_columns(expr: Expr, columns: dict[str, ColumnRef]) -> Expr:
    if expr[0] == "col":
        return plain(columns[expr[2]])
    return tuple(_with_columns(part, columns) if isinstance(part, tuple) else part for part in expr)
