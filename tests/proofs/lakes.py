"""Random lakes: tables by keys or as SQL, good and bad ways of asking for consent, over random people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.proofs.algebra import (
    BrokenDeclaration,
    Core,
    Input,
    JoinOp,
    Query,
    Row,
    TooManyRows,
    UnionOp,
    UnnestOp,
    evaluate,
)
from tests.proofs.lake_conditions import AGGREGATED, NUMBERS, Conditions, Scope, columns_of, plain
from tests.proofs.people_data import NESTED, Asked, Ground, Known, make_ground
from tests.proofs.values import ColumnRef, Expr
from tests.proofs.wording import as_table

Columns = dict[str, Known]


@dataclass(frozen=True)
class Lake:
    """A lake of the fuzz.

    Attributes:
        queries: its tables in order.
        unclear: tables whose rows may depend on personal values otherwise than through labelled columns.
    """

    ground: Ground
    queries: dict[str, Query]
    unclear: frozenset[str]

    def spec(self) -> dict[str, Any]:
        tables = {name: {"zone": "free", **as_table(query)} for name, query in self.queries.items()}
        return {**self.ground.spec(), "tables": tables}


def make_lake(seed: int) -> Lake:
    random = Random(seed)
    maker = _Maker(random, make_ground(random))
    for asked in maker.ground.consents:
        if asked.registry:
            maker.registry(asked)
    for number in range(random.randint(2, 8)):
        maker.table(f"t{number}")
    return Lake(maker.ground, maker.queries, frozenset(maker.unclear_tables))


class _Maker(Conditions):
    def __init__(self, random: Random, ground: Ground) -> None:
        super().__init__(random, ground)
        self.columns: dict[str, Columns] = dict(ground.columns)
        self.rows = ground.rows()
        self.queries: dict[str, Query] = {}
        self.unclear_tables: set[str] = set()
        self.aliases = 0
        self.named: list[tuple[Core, Columns]] = []
        self.asking: set[str] = set()
        self.given = 0

    def registry(self, asked: Asked) -> None:
        """The table that says what each person agreed to."""
        source = self.columns[asked.source]
        key, value = ("x1", asked.column), self.random.choice(("a", "rid"))
        known = Known("int", f"{asked.registry}.m1", tainted=source[value].tainted)
        out = {asked.column: source[asked.column], "m1": known}
        parts: dict[str, Any] = {
            "by": (key,),
            "aggregates": (("m1", ("agg", "max", plain(("x1", value)))),),
            "star": True,
        }
        if not any(one.kind in NESTED for one in source.values()) and self.maybe(0.5):
            parts = {"dedupe": (key,)}
        item = plain((None, "m1")) if "by" in parts else plain(("x1", value))
        shown = plain((None, asked.column)) if "by" in parts else plain(key)
        query = Core((asked.source,), "x1", items=((asked.column, shown), ("m1", item)), **parts)
        self.merges([source[asked.column]])
        self.queries[asked.registry], self.columns[asked.registry] = query, out
        self.rows[asked.registry] = evaluate(query, self.rows)
        self.given = len(self.queries)
        self.unclear_tables |= {asked.registry} if "dedupe" in parts else set()

    def table(self, name: str) -> None:
        """Adds a table, preferably one that has rows."""
        for _ in range(4):
            self.unclear = self.asked = False
            self.aliases, self.named = 0, []
            query, columns = self.query("keys" if self.maybe(0.5) else "sql")
            rows = self.evaluated(query)
            if rows:
                break
        if rows is None:
            return
        self.queries[name], self.columns[name], self.rows[name] = query, columns, rows
        if self.unclear:
            self.unclear_tables.add(name)
        if self.asked:
            self.asking.add(name)

    def evaluated(self, query: Query) -> list[Row] | None:
        try:
            return evaluate(query, self.rows)
        except (TooManyRows, BrokenDeclaration):
            return None

    def query(self, form: str) -> tuple[Query, Columns]:
        query, columns = self.core(form, 0)
        return self.union(query, columns) if form == "sql" and self.maybe(0.2) else (query, columns)

    def core(self, form: str, depth: int, wanted: Columns | None = None) -> tuple[Core, Columns]:
        """A query and its columns; those `wanted`, of the same kinds, where given."""
        inputs, columns = self.inputs(form, depth)
        alias = self.alias()
        scope: Scope = {(alias, name): known for name, known in columns.items()}
        unnest = self.unnest(scope, form)
        first = unnest is None
        joins = tuple(
            self.join(scope, form, depth, first and i == 0) for i in range(self.random.choice((0, 0, 1, 1, 1, 2)))
        )
        last = max((i for i, join in enumerate(joins) if join.kind == "full"), default=0)  # WHERE comes after it
        joins = tuple(replace(join, worded="") if i < last else join for i, join in enumerate(joins))
        where = self.predicate(scope, True) if self.maybe(0.4 if self.queries else 0.8) else None
        adds = tuple(self.added(scope) for _ in range(self.random.choice((0, 0, 0, 1, 2)))) if form == "keys" else ()
        comparable = not any(known.kind in NESTED for known in scope.values())
        dedupe = self.dedupe(scope) if form == "keys" and comparable and self.maybe(0.1) else None
        qualified = comparable and dedupe is None and self.maybe(0.08)
        qualify = self.qualify(scope) if qualified else None
        grouping = wanted is None and not qualify and self.maybe(0.2)
        by, aggregates, having = self.grouping(scope, form) if grouping else (None, (), None)
        wide = any(join.kind in ("inner", "left", "right", "full") for join in joins)
        star = wanted is None and not wide and by is None and self.maybe(0.5)
        items, out = self.items(scope, star or (form == "keys" and by is not None), wanted, bool(by is None))
        distinct = form != "keys" and self.maybe(0.12)
        self.merges(out.values() if distinct else ())
        return (
            Core(inputs, alias, unnest, joins, where, adds, dedupe, by, aggregates, having, qualify, items,
                 star or (form == "keys" and by is not None), distinct, form),
            out,
        )  # fmt: skip

    def unnest(self, scope: Scope, form: str) -> UnnestOp | None:
        """Rows of the elements of an array, where there is one."""
        arrays = [column for column, known in scope.items() if known.kind == "list"]
        if not arrays or not self.maybe(0.5):
            return None
        column = self.random.choice(arrays)
        names = {name for _, name in scope}
        element, position = (next(f"{a}{i}" for i in range(99) if f"{a}{i}" not in names) for a in "eo")
        alias = self.alias() if form != "keys" else None
        op = UnnestOp(plain(column), alias, element, position if self.maybe(0.5) else None, self.maybe(0.5))
        for name in op.columns:
            kind, renamed = ("str", scope[column].renamed) if name == element else ("small", False)
            scope[alias, name] = Known(kind, renamed=renamed, tainted=scope[column].tainted)
        return op

    def alias(self) -> str:
        self.aliases += 1
        return f"x{self.aliases}"

    def pick(self) -> str:
        """A table or source; those that ask for a consent and the latest are the likeliest."""
        names = list(self.columns)
        name = names[-1 - min(self.random.randrange(len(names)), self.random.randrange(len(names)))]
        if len(self.queries) == self.given and self.maybe(0.7):
            name = self.ground.consents[-1].registry or self.ground.subjects[0].registry
        elif self.asking and self.maybe(0.4):
            name = self.random.choice(sorted(self.asking))
        self.unclear |= name in self.unclear_tables
        self.asked |= name in self.asking
        return name

    def inputs(self, form: str, depth: int) -> tuple[tuple[Input, ...], Columns]:
        if form != "keys" and depth < 2 and self.maybe(0.3):
            query, columns = self.nested(depth)
            return (query,), columns
        name = self.pick()
        columns = self.columns[name]
        alike = [other for other, known in self.columns.items() if _kinds(known) == _kinds(columns)]
        if form == "keys" and self.maybe(0.4):
            other = self.random.choice(alike)
            self.unclear |= other in self.unclear_tables
            return (name, other), {one: _either(columns[one], self.columns[other][one]) for one in columns}
        return (name,), columns

    def nested(self, depth: int) -> tuple[Core, Columns]:
        """A query inside another, perhaps a named one that is used again."""
        if self.named and self.maybe(0.3):
            return self.random.choice(self.named)
        form = self.random.choice(("sql", "with", "with", "within"))
        found = self.core(form, depth + 1)
        if form == "with":
            self.named.append(found)
        return found

    def union(self, first: Core, columns: Columns) -> tuple[UnionOp, Columns]:
        second, others = self.core("sql", 1, columns)
        if first.star or _ordered_kinds(others) != _ordered_kinds(columns):
            return UnionOp((first,), False), columns
        pairs = list(zip(columns.items(), others.values(), strict=True))
        if self.maybe(0.4) and not any(known.kind in NESTED for known in others.values()):
            kind = self.random.choice(("intersect", "intersect", "except"))
            self.merges([known for (_, a), b in pairs for known in (a, b)])
            self.unclear |= any(a.renamed != b.renamed for (_, a), b in pairs if a.tainted or b.tainted)
            return UnionOp((first, second), True, kind), columns
        columns = {name: _either(a, b) for (name, a), b in pairs}
        distinct = self.maybe(0.4)
        self.merges(columns.values() if distinct else ())
        return UnionOp((first, second), distinct), columns

    def join(self, scope: Scope, form: str, depth: int, first: bool) -> JoinOp:
        kinds = ("semi", "semi", "semi", "inner", "inner", "inner", "left", "anti") * 2 + ("full",)
        kind = "right" if first and form != "keys" and self.maybe(0.1) else self.random.choice(kinds)
        one: Input = self.pick()
        columns = self.columns[one] if isinstance(one, str) else {}
        if form != "keys" and depth < 2 and self.maybe(0.2):
            one, columns = self.nested(depth)
        alias = self.alias()
        right: Scope = {(alias, name): known for name, known in columns.items()}
        using = self.using(scope, right) if kind != "right" and self.maybe(0.25) else ()
        on = self.join_condition(scope, right) if not using else self.all_equal(using, scope, right, alias)
        others = tuple(scope)
        worded = self.worded(kind, on, alias) if form != "keys" and not using else ""
        if kind in ("inner", "left", "right", "full"):
            both = {(None, c[1]): _either(scope[c], right[alias, c[1]]) for c in using if kind == "full"}
            scope.update({c: known for c, known in right.items() if c[1] not in {name for _, name in using}})
            for column in using if kind == "full" else ():
                del scope[column]
            scope.update(both)
        declared = None
        if form == "keys" and kind in ("inner", "left", "full") and self.maybe(0.35):
            declared = self.cardinality()
        return JoinOp(kind, one, alias, tuple(columns), on, using, declared, worded, others)

    def worded(self, kind: str, on: Expr, alias: str) -> str:
        """How a join is said in WHERE, where it can be."""
        equal = on[1] if on[0] == "and" else on
        plainly = equal[0] == "eq" and equal[1][0] == equal[2][0] == "col" and equal[1][1] != alias == equal[2][1]
        if kind == "inner" and plainly and self.maybe(0.2):
            return "comma"
        if kind not in ("semi", "anti") or not self.maybe(0.4):
            return ""
        inner = all(column[0] == alias for part in on[2:] for column in columns_of(part)) if on[0] == "and" else True
        return "in" if kind == "semi" and plainly and inner and self.maybe(0.6) else "exists"

    def cardinality(self) -> str:
        return self.random.choice(("many_to_one", "many_to_one", "one_to_one", "one_to_many", "many_to_many"))

    def using(self, left: Scope, right: Scope) -> tuple[ColumnRef, ...]:
        """Columns of the left side of which the right side has some by the same name; keys are the likeliest."""
        names = [name for _, name in left]
        kinds = {name: known for (_, name), known in right.items()}
        both = [
            c for c, known in left.items()
            if names.count(c[1]) == 1 and c[1] in kinds and kinds[c[1]].kind == known.kind not in NESTED
        ]  # fmt: skip
        keys = [c for c in both if left[c].key]
        return tuple(self.random.sample(keys or both, min(len(keys or both), self.random.choice((1, 1, 2)))))

    def all_equal(self, using: tuple[ColumnRef, ...], left: Scope, right: Scope, alias: str) -> Expr:
        parts: list[Expr] = [("eq", plain(column), plain((alias, column[1]))) for column in using]
        for part in parts:
            self.compares(part, {**left, **right})
        return parts[0] if len(parts) == 1 else ("and", *parts[:2])

    def join_condition(self, left: Scope, right: Scope) -> Expr:
        by_key = [(a, b) for a in left for b in right if left[a].key and left[a].key == right[b].key]
        numbers = NUMBERS if self.maybe(0.1) else ()
        same = [
            (a, b)
            for a in left
            for b in right
            if (left[a].kind == right[b].kind or {left[a].kind, right[b].kind} <= set(numbers))
            and left[a].kind not in NESTED
        ]
        alike = [(a, b) for a, b in same if left[a].renamed == right[b].renamed]
        same = alike if alike and self.maybe(0.7) else same
        if not same:
            return ("not", ("isnull", plain(next(iter(left)))))
        a, b = self.random.choice(by_key if by_key and self.maybe(0.8) else same)
        both = {**left, **right}
        first, second = (plain(a), plain(b)) if self.maybe(0.7) else (plain(b), plain(a))
        on: Expr = ("eq", first, second)
        odd = self.random.random()
        if both[a].kind != both[b].kind:
            odd = 1.0
        if odd < 0.05:
            on = ("nseq", first, second)
        elif odd < (0.6 if both[a].key == both[b].key in self.ground.spelled else 0.08) and both[a].kind == "str":
            on = ("eq", ("lower", first), ("lower", second))
        elif odd < 0.11:
            on = ("or", on, ("isnull", first))
        elif odd < 0.14:
            on = ("eq", ("coalesce", first, second), second)
        elif odd < 0.16:
            on = ("not", ("ne", first, second))
        self.compares(on, both)
        if self.maybe(0.35):
            on = ("and", on, self.predicate(both if self.maybe(0.5) else right, True))
        return on

    def added(self, scope: Scope) -> tuple[str, Expr]:
        expr, known = self.derived(scope, True)
        made = {name for alias, name in scope if alias is None}
        name = self.random.choice([name for name in ("c1", "c2", *(c[1] for c in scope)) if name not in made])
        for column in [column for column in scope if column[1] == name]:
            del scope[column]
        scope[None, name] = known
        return name, expr

    def dedupe(self, scope: Scope) -> tuple[ColumnRef, ...]:
        self.unclear |= any(known.tainted for known in scope.values())
        return tuple(self.random.sample(list(scope), min(len(scope), self.random.randint(1, 2))))

    def qualify(self, scope: Scope) -> Expr:
        """The first row of each partition."""
        windows = (expr for expr, known in self.windows(scope, next(iter(scope))) if known.role == "row_number")
        self.unclear |= any(known.tainted for known in scope.values())
        return ("eq", next(windows), ("lit", 1))

    def grouping(
        self, scope: Scope, form: str
    ) -> tuple[tuple[ColumnRef, ...] | None, tuple[tuple[str, Expr], ...], Expr | None]:
        keys = [column for column, known in scope.items() if known.key or known.role[2:] in (".share", ".share2")]
        pool = keys if keys and self.maybe(0.7) else [c for c, known in scope.items() if known.kind not in NESTED]
        chosen = self.random.sample(pool, min(len(pool), self.random.choice((0, 1, 1, 2, 3))))
        by = tuple({column[1]: column for column in chosen}.values())
        self.merges(scope[column] for column in by)
        names = [name for name in AGGREGATED if name not in {column[1] for column in by}]
        made = tuple((name, *self.aggregate(scope)) for name in names[:2])
        having: Expr | None = ("gt", made[0][1], ("lit", 1)) if form != "keys" and self.maybe(0.4) else None
        if having and made[0][2].kind not in NUMBERS:
            having = None
        self.unclear |= having is not None and made[0][2].tainted
        grouped: Scope = {(None, column[1]): scope[column] for column in by}
        for name, _, known in made:
            grouped[None, name] = known
        scope.clear()
        scope.update(grouped)
        return by, tuple((name, expr) for name, expr, _ in made), having

    def aggregate(self, scope: Scope) -> tuple[Expr, Known]:
        column = self.random.choice(list(scope))
        nested = scope[column].kind in NESTED
        function = self.random.choice(("count", "count_distinct", "min", "max", "sum", "collect"))
        if nested:
            function = "count"
        if function == "collect" and scope[column].kind == "str":
            return ("agg", "collect", plain(column)), Known("list", tainted=scope[column].tainted)
        if function in ("count", "count_distinct"):
            self.merges([scope[column]] if function == "count_distinct" else ())
            return ("agg", function, plain(column) if self.maybe(0.6) else None), Known("int")
        if function in ("sum", "collect") and (function == "collect" or scope[column].kind != "int"):
            function = "max"
        return ("agg", function, plain(column)), Known(scope[column].kind, tainted=scope[column].tainted)

    def items(
        self, scope: Scope, every: bool, wanted: Columns | None, windows: bool
    ) -> tuple[tuple[tuple[str, Expr], ...], Columns]:
        found: dict[str, tuple[Expr, Known]] = {}
        if wanted is not None:
            for name, known in wanted.items():
                alike = [c for c, it in scope.items() if it.kind == known.kind]
                best = [c for c in alike if scope[c].key == known.key and scope[c].role == known.role] or alike
                if best:
                    column = self.random.choice(best)
                    found[name] = (plain(column), scope[column])
        chosen = list(scope) if every else self.random.sample(list(scope), self.random.randint(1, len(scope)))
        for column in chosen if wanted is None else ():
            found.setdefault(column[1], (plain(column), scope[column]))
        if not every and wanted is None:
            self.renamed(found)
            there = {column: known for column, known in scope.items() if column[0] is not None or not windows}
            if there and self.maybe(0.2):
                self.total = len(there) == len(scope)
                found["d1"] = self.derived(there, windows and self.maybe(0.5))
                self.total = True
        return tuple((name, expr) for name, (expr, _) in found.items()), {n: known for n, (_, known) in found.items()}

    def renamed(self, found: dict[str, tuple[Expr, Known]]) -> None:
        """Gives a column the name of another, or a new one."""
        if len(found) > 1 and self.maybe(0.15):
            old = self.random.choice(list(found))
            new = self.random.choice(("share", "k1", "u", "z1"))
            if new not in found:
                found[new] = found.pop(old)


def _kinds(columns: Columns) -> dict[str, str]:
    return {name: known.kind for name, known in columns.items()}


def _ordered_kinds(columns: Columns) -> list[str]:
    return [known.kind for known in columns.values()]


def _either(a: Known, b: Known) -> Known:
    same = a.key if a.key == b.key else None
    role = a.role if a.role == b.role else ""
    return Known(a.kind, role, same, a.renamed and b.renamed, a.tainted or b.tainted)
