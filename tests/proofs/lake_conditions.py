"""Random conditions and expressions, among them those that ask for a consent, and those that nearly do."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from tests.proofs.people_data import NESTED, Ground, Known
from tests.proofs.values import ColumnRef, Expr

AGGREGATED = ("m1", "m2", "m3", "m4")
Scope = dict[ColumnRef, Known]


class Conditions:
    """Makes expressions over the columns of a scope.

    Attributes:
        unclear: rows may depend on personal values otherwise than through labelled columns.
        asked: a consent was asked for.
        total: the scope is all that there is, so that an order by all of it leaves no tie.
    """

    def __init__(self, random: Random, ground: Ground) -> None:
        self.random = random
        self.ground = ground
        self.unclear = False
        self.asked = False
        self.total = True

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def merges(self, columns: Iterable[Known]) -> None:
        """Notes that rows become one where they agree on values that renaming people doesn't keep apart."""
        self.unclear |= any(known.tainted and not known.renamed for known in columns)

    def compares(self, expr: Expr, scope: Scope) -> None:
        """Notes a comparison that renaming people may change."""
        read = [scope[column] for column in columns_of(expr)]
        direct = expr[0] in ("eq", "ne", "nseq") and all(part[0] == "col" for part in expr[1:])
        renamed = direct and all(known.renamed and known.kind == read[0].kind for known in read)
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
        elif firsts := [c for c, known in scope.items() if known.role == "row_number"]:
            found = ("eq", plain(self.random.choice(firsts)), ("lit", 1))
        elif len(times) > 1 and self.maybe(0.5):
            one, other = map(plain, self.random.sample(times, 2))
            found = self.random.choice((("ge", one, other), ("gt", one, other), ("not", ("gt", one, other))))
        else:
            found = self.any_predicate(scope)
        if found[0] != "isnull":
            self.compares(found, scope)
        return found

    def consent(self, scope: Scope) -> Expr | None:
        """What a subject's consent asks for, where the columns for it are there."""
        consents = self.ground.consents
        for asked in self.random.sample(consents, len(consents)):
            meant = {f"{asked.owner}.{name}": name for name in ("share", "share2", "purposes", "buddy", "m1")}
            known = {meant[it.role]: column for column, it in scope.items() if it.role in meant}
            if {name for _, name in columns_of(asked.when)} <= known.keys():
                return _with_columns(asked.when, known)
        return None

    def consent_like(self, column: ColumnRef, others: list[ColumnRef]) -> Expr:
        share, other = plain(column), plain(self.random.choice(others))
        asked: Expr = ("not", ("isnull", share))
        return self.random.choice(
            (
                asked, asked, asked, ("isnull", share), ("gt", share, self.number(2)), ("gt", share, self.number(1)),
                ("not", ("isnull", ("coalesce", share, other))), ("nseq", share, other), ("ge", share, other),
                ("and", asked, ("isnull", other)), ("eq", share, other), ("not", asked),
                ("or", ("eq", share, self.number(1)), ("gt", other, self.number(2))), ("eq", share, self.number(1)),
                ("not", ("gt", share, self.number(self.random.choice((1, 2))))), ("not", ("gt", share, other)),
                ("not", ("or", ("isnull", share), ("gt", share, self.number(2)))), ("not", ("and", asked, asked)),
                ("or", ("and", asked, ("isnull", other)), ("ge", share, other)),
                ("or", ("isnull", other), ("gt", share, other)), ("or", asked, ("eq", share, other)),
            )
        )  # fmt: skip

    def number(self, small: int) -> Expr:
        return ("lit", self.ground.base + small)

    def any_predicate(self, scope: Scope) -> Expr:
        harmless = [column for column, known in scope.items() if not known.tainted]
        column = self.random.choice(harmless if harmless and self.maybe(0.8) else list(scope))
        arrays = [one for one in scope if scope[one].kind == "list"]
        column = self.random.choice(arrays) if arrays and self.maybe(0.3) else column
        known, one = scope[column], plain(column)
        if known.kind == "rec":
            return self.random.choice((("isnull", one), ("not", ("isnull", ("field", one, "mail")))))
        if known.kind == "list":
            has, word = ("has", one, ("lit", self.random.choice("abc"))), self.word(scope)
            quantified = (("any", one, word), ("all", one, word))
            return self.random.choice((("isnull", one), has, *quantified, ("gt", ("size", one), ("lit", 1))))
        letter: Expr = ("lit", self.random.choice(("a", "b")))
        constant = letter if known.kind == "str" else self.number(self.random.randint(0, 4))
        numbers = known.kind in NUMBERS and self.maybe(0.2)
        same = [
            other
            for other, it in scope.items()
            if it.renamed == known.renamed and (it.kind == known.kind or (numbers and it.kind in NUMBERS))
        ]
        other = plain(self.random.choice(same))
        return self.random.choice(
            (("eq", one, other), ("eq", one, constant), ("ne", one, constant), ("isnull", one),
             ("not", ("isnull", one)), ("eq", one, other))
        )  # fmt: skip

    def word(self, scope: Scope) -> Expr:
        """A text to compare the elements of an array with; no aggregate, which no lambda may have."""
        words = [plain(c) for c, known in scope.items() if known.kind == "str" and c[1] not in AGGREGATED]
        return self.random.choice((("lit", self.random.choice("abc")), *words))

    def by_elements(self, one: Expr, known: Known, scope: Scope) -> list[tuple[Expr, Known]]:
        """What a lambda makes of an array and another column."""
        op, word = self.random.choice(("kept", "filled", "last")), self.word(scope)
        tainted = known.tainted or any(scope[column].tainted for column in columns_of(word))
        if op == "kept":
            self.compares(("eq", one, word), scope)
        return [((op, one, word), Known("str" if op == "last" else "list", tainted=tainted))] * 2

    def derived(self, scope: Scope, windows: bool) -> tuple[Expr, Known]:
        """An expression over the scope, and what is known of its values."""
        nested = [c for c, known in scope.items() if known.kind in NESTED]
        column = self.random.choice(nested if nested and self.maybe(0.4) else list(scope))
        known = scope[column]
        same = [other for other, it in scope.items() if it.kind == known.kind]
        one, other = plain(column), plain(self.random.choice(same))
        tainted = any(scope[c].tainted for c in (column, other[1:3]))
        made: list[tuple[Expr, Known]] = [(("coalesce", one, other), Known(known.kind, tainted=tainted))]
        chosen = self.predicate(scope)
        read = any(scope[c].tainted for c in columns_of(chosen))
        made.append((("case", chosen, one, other), Known(known.kind, tainted=tainted or read)))
        made += self.converted(column, known) * 2
        made += self.by_elements(one, known, scope) if known.kind == "list" else []
        if windows and known.kind not in NESTED:
            made += self.windows(scope, column)
        return self.random.choice(made)

    def converted(self, column: ColumnRef, known: Known) -> list[tuple[Expr, Known]]:
        """What can be made of one column, such as a field of a struct."""
        one, lost = plain(column), Known(known.kind, tainted=known.tainted)
        if known.kind == "str":
            return [(("lower", one), lost._replace(key=known.key if known.key in self.ground.spelled else None))]
        if known.kind == "rec":
            fields = ("str", ("field", one, "mail")), ("int", ("field", one, "n"))
            return [(expr, Known(kind, "", None, known.renamed, known.tainted)) for kind, expr in fields]
        if known.kind == "list":
            return [(("size", one), lost._replace(kind="small"))]
        whole = [(("double", one), lost._replace(kind="dbl"))] if known.kind == "int" else []
        if known.kind == "int" and column[1] not in AGGREGATED:
            whole.append((("add", one, ("lit", 1)), lost))
        return whole if known.kind == "int" else [(("whole", one), lost._replace(kind="int"))]

    def windows(self, scope: Scope, column: ColumnRef) -> list[tuple[Expr, Known]]:
        """Windows over a column; those that go by order do so by all columns, so that no tie is left."""
        plains = [c for c, known in scope.items() if known.kind not in NESTED]
        personal = [c for c in plains if scope[c].key]
        keys = tuple(self.random.sample(plains, min(2, len(plains))))
        if personal and self.maybe(0.5):
            keys = (self.random.choice(personal),)
        read = {column, *keys}
        kind, one = scope[column].kind, plain(column)
        tainted = any(scope[c].tainted for c in read)
        made: list[tuple[Expr, Known]] = [
            (("win", self.random.choice(("min", "max")), one, keys, ()), Known(kind, tainted=tainted)),
            (("win", "count", None, keys, ()), Known("int", tainted=any(scope[c].tainted for c in keys))),
        ]
        if len(plains) < len(scope) or not self.total:
            return made
        self.random.shuffle(plains)
        order, tainted = tuple(plains), any(known.tainted for known in scope.values())
        function = self.random.choice(("lag", "first_value"))
        made.append((("win", "row_number", None, keys, order), Known("small", "row_number", tainted=tainted)))
        made.append((("win", function, one, keys, order), Known(kind, tainted=tainted)))
        return made


def columns_of(expr: Expr) -> list[ColumnRef]:
    """All columns that an expression reads."""
    if expr[0] == "col":
        return [(expr[1], expr[2])]
    found = [column for part in expr[1:] if isinstance(part, tuple) and part and isinstance(part[0], str)
             and part[0] in _OPERATORS for column in columns_of(part)]  # fmt: skip
    return found + ([*expr[3], *expr[4]] if expr[0] == "win" else [])


NUMBERS = ("int", "dbl", "dec", "small")
_OPERATORS = frozenset(
    "col lit eq ne nseq gt ge and or not isnull coalesce lower add double whole has size field case agg win"
    " any all kept filled last".split()
)


def plain(ref: ColumnRef) -> Expr:
    return ("col", *ref)


def _with_columns(expr: Expr, columns: dict[str, ColumnRef]) -> Expr:
    if expr[0] == "col":
        return plain(columns[expr[2]])
    return tuple(_with_columns(part, columns) if isinstance(part, tuple) else part for part in expr)
