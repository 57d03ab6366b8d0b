"""Random plans over three small sources, and random data for them.

A `Random` decides, not hypothesis: that tries variations of the same small example where many different ones tell more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from random import Random
from typing import Any

from tests.engines.relational_plans import Elements, Expr, Joined, Plan, Row, Tables, Types, plain

SOURCES: dict[str, Types] = {
    "a": {"k": "bigint", "g": "string", "x": "bigint"},
    "b": {"k": "bigint", "g": "string", "y": "bigint"},
    "c": {"x": "bigint", "k": "bigint", "g": "string"},
}
UNIQUE: dict[str, tuple[str, ...]] = {"a": (), "b": ("k",), "c": ("g", "k")}
VALUES: dict[str, list[Any]] = {"bigint": [None, 0, 1, 2], "string": [None, "", "p", "q"]}
KEYS = (
    *("unnest", "filter", "inner", "left", "full", "semi", "anti", "using", "add", "replace", "qualify", "dedupe"),
    *("dedupe by", "group_by", "aggregate", "select", "drop", "union"),
)


class Drawn:
    """A plan in the making: what was drawn, and the columns so far.

    Args:
        tables: columns of the tables that are there.
        key: a part that the plan must have; the others come by chance.
        source: the table to start from; None for any.
    """

    def __init__(self, random: Random, tables: Mapping[str, Types], key: str, source: str | None) -> None:
        self.random, self.tables, self.key, self.source = random, tables, key, source
        self.columns: Types = {}

    def has(self, *keys: str) -> bool:
        return self.key in keys or self.random.random() < 0.15

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def some(self, values: Iterable[str], least: int, most: int) -> tuple[str, ...]:
        known = list(values)
        return tuple(self.random.sample(known, self.random.randint(least, min(most, len(known)))))

    def one_of_each_name(self, least: int, most: int) -> tuple[str, ...]:
        by_name = {plain(ref): ref for ref in self.some(self.columns, len(self.columns), len(self.columns))}
        return self.some(by_name.values(), least, most)

    def expr(self, kind: str, columns: Types, depth: int = 2) -> Expr:
        """An expression of a type over columns."""
        refs = [ref for ref, other in columns.items() if other == kind]
        if kind != "boolean" and (depth == 0 or self.random.random() < 0.5):
            leaves: list[Expr] = [("column", ref) for ref in refs] * 2
            leaf: Expr = self.pick(*leaves, ("literal", self.pick(*VALUES[kind][1:])))
            return leaf
        forms: list[tuple[str, tuple[str, ...]]]
        if kind == "boolean":
            forms = [(word, (one, one)) for word in ("=", "<", "<=>") for one in VALUES]
            forms += [("is null", (one,)) for one in VALUES]
            forms += [("not", (kind,)), ("and", (kind, kind)), ("or", (kind, kind))] if depth > 0 else []
        else:
            forms = [("coalesce", (kind, kind)), ("case", ("boolean", kind, kind))]
            forms += [("+", (kind, kind))] if kind == "bigint" else []
        word, kinds = self.pick(*forms)
        return (word, *(self.expr(one, columns, max(depth - 1, 0)) for one in kinds))

    def plan(self) -> Plan:
        inputs = self.inputs()
        names = tuple(self.tables[inputs[0]])
        self.columns = {f"s.{name}": kind for name, kind in self.tables[inputs[0]].items()}
        unnest = self.unnest() if self.has("unnest") else None
        joins = [self.join(0)] if self.has("inner", "left", "full", "semi", "anti", "using") else []
        joins += [self.join(1)] if joins and self.has() else []
        condition = self.condition() if self.has("filter") else None
        add = list(self.add()) if self.has("add", "replace") else []
        qualify = self.qualify() if self.has("qualify") else None
        dedupe = self.dedupe() if self.has("dedupe", "dedupe by") else None
        group = self.group() if self.has("group_by", "aggregate") else None
        return Plan(inputs, names, unnest, tuple(joins), condition, tuple(add), qualify, dedupe, group, *self.output())

    def inputs(self) -> tuple[str, ...]:
        first = self.source or self.pick(*self.tables)
        same = [name for name in self.tables if self.tables[name].items() == self.tables[first].items()]
        return (first, self.pick(*same)) if self.has("union") else (first,)

    def unnest(self) -> Elements:
        """Elements of arrays with nulls in them; some arrays are empty, or null."""
        kind = self.pick(*VALUES)
        array: Expr = ("array", *(self.expr(kind, self.columns, 1) for _ in range(self.random.randint(1, 3))))
        if self.pick(True, False):
            empty = ("empty", self.expr(kind, self.columns, 0))
            array = ("case", self.expr("boolean", self.columns, 1), array, empty)
        if self.pick(True, False):
            array = ("only", self.expr("boolean", self.columns, 1), array)
        element, place = (
            next(f"{name}{i}" for i in count() if f"{name}{i}" not in map(plain, self.columns)) for name in ("el", "at")
        )
        found = Elements(array, element, self.pick(place, None), self.pick(True, False))
        self.columns |= dict(zip(found.names, ("int", kind)[-len(found.names) :], strict=True))
        return found

    def join(self, number: int) -> Joined:
        kinds = ("inner", "left", "full", "semi", "anti")
        kind = self.key if self.key in kinds else self.pick(*kinds)
        table, alias = self.pick(*SOURCES), f"j{number}"
        right = {f"{alias}.{name}": one for name, one in self.tables[table].items()}
        counts = Counter(map(plain, self.columns))
        shared = [
            name for name in self.tables[table] if counts[name] == 1 and self.kind_of(name) == SOURCES[table][name]
        ]
        using = self.some(shared, 1, 2) if shared and self.has("using") else ()
        on = None if using else self.matching(right)
        if kind in ("inner", "left", "full"):
            both = using if kind == "full" else ()
            self.columns = {plain(ref) if plain(ref) in both else ref: one for ref, one in self.columns.items()}
            self.columns |= {ref: one for ref, one in right.items() if plain(ref) not in using}
        return Joined(kind, table, alias, tuple(self.tables[table]), on, using)

    def kind_of(self, name: str) -> str:
        return next(kind for ref, kind in self.columns.items() if plain(ref) == name)

    def condition(self) -> Expr:
        """A condition on rows: often just a column and a constant."""
        if self.pick(True, False):
            return self.expr("boolean", self.columns)
        ref = self.pick(*(ref for ref, kind in self.columns.items() if kind in VALUES))
        literal = ("literal", self.pick(*VALUES[self.columns[ref]][1:]))
        return (self.pick("=", "<", "<=>"), ("column", ref), literal)

    def matching(self, right: Types) -> Expr:
        """A condition of a join: mostly one or two equalities, as in real life."""
        left = self.columns
        pairs = [("=", ("column", a), ("column", b)) for a in left for b in right if left[a] == right[b]]
        same_name = [pair for pair in pairs if plain(pair[1][1]) == plain(pair[2][1])]
        pairs = same_name if same_name and self.pick(True, False) else pairs
        form = self.random.randint(0, 4) if pairs else 0
        if form == 0:
            return self.expr("boolean", {**left, **right}, 1)
        equal = self.pick(*pairs)
        other = self.pick(*pairs) if form == 1 else self.expr("boolean", {**left, **right}, 1)
        return ("and", equal, other) if form < 3 else equal

    def add(self) -> Iterator[tuple[str, Expr]]:
        present = [plain(ref) for ref in self.columns]
        for name in self.some(set(present) if self.key == "replace" else {"n", "m", *present}, 1, 2):
            kind = self.pick(*VALUES)
            yield name, self.expr(kind, self.columns)
            kept = {ref: one for ref, one in self.columns.items() if plain(ref) != name}
            self.columns = {**kept, name: kind}

    def qualify(self) -> tuple[int, tuple[str, ...], tuple[tuple[str, bool], ...]]:
        by = self.some(self.columns, 1, self.pick(1, 1, 2))
        order = self.some(self.columns, 1, 2)
        return self.pick(1, 1, 2), by, tuple((ref, self.pick(True, False)) for ref in order)

    def dedupe(self) -> tuple[tuple[str, ...] | None, tuple[tuple[str, bool], ...]]:
        if self.key == "dedupe" or (self.key != "dedupe by" and self.pick(True, False)):
            return None, ()
        by = self.some(self.columns, 1, self.pick(1, 1, 2))
        order = self.some((ref for ref in self.columns if ref not in by), 0, 2)
        return by, tuple((ref, self.pick(True, False)) for ref in order)

    def group(self) -> tuple[tuple[str, ...], tuple[tuple[str, str, str | None], ...]]:
        by = () if self.key == "aggregate" else self.one_of_each_name(int(self.key == "group_by"), 2)
        before, self.columns = self.columns, {plain(ref): self.columns[ref] for ref in by}
        made = []
        free = [name for name in ("total", "other", "third", "fourth") if name not in map(plain, by)]
        for name in free[: self.random.randint(1, 2)]:
            ref = self.pick(None, *before)
            functions = [
                "count",
                "count distinct",
                "min",
                "max",
                *(["sum"] if ref and before[ref] == "bigint" else []),
            ]
            function = self.pick(*functions) if ref else "count"
            self.columns[name] = before[ref] if ref and not function.startswith("count") else "bigint"
            made.append((name, function, ref))
        return by, tuple(made)

    def output(self) -> tuple[Any, ...]:
        """The last four parts of a plan but for `group`: output, drop and rename."""
        if self.has("select"):
            kinds = [self.pick(*VALUES) for _ in range(self.random.randint(1, 3))]
            found = {f"o{i}": self.expr(kind, self.columns, 1) for i, kind in enumerate(kinds)}
            self.columns = {f"o{i}": kind for i, kind in enumerate(kinds)}
            return tuple(found.items()), None, ()
        most = len(self.columns) - 1
        drop = self.some(self.columns, int(self.key == "drop" and most > 0), most) if self.has("drop") else ()
        left = [ref for ref in self.columns if ref not in drop]
        twice = [ref for i, ref in enumerate(left) if plain(ref) in map(plain, left[:i])]
        renamed = twice + [ref for ref in left if ref not in twice and self.has()]
        free = (name for number in count() if (name := f"r{number}") not in map(plain, left))
        rename = dict(zip(renamed, free, strict=False))
        output = [(rename.get(ref, plain(ref)), ("column", ref)) for ref in left]
        self.columns = {name: self.columns[expr[1]] for name, expr in output}
        return tuple(output), drop, tuple(rename.items())


def random_plan(
    random: Random, tables: Mapping[str, Types], key: str = "", source: str | None = None
) -> tuple[Plan, Types]:
    """A plan over tables, and the columns of its result."""
    drawn = Drawn(random, tables, key, source)
    return drawn.plan(), drawn.columns


def random_data(random: Random) -> Tables:
    """Rows of the sources, up to five each."""
    return {name: random_rows(random, name) for name in SOURCES}


def random_rows(random: Random, name: str) -> list[Row]:
    found: dict[object, Row] = {}
    for number in range(random.choice((0, 2, 4, 5))):
        row = {column: random.choice(VALUES[kind]) for column, kind in SOURCES[name].items()}
        found.setdefault(tuple(row[column] for column in UNIQUE[name]) or number, row)
    return list(found.values())
