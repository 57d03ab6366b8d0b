"""Tables written by keys and by `sql:` give the rows that a small evaluator in plain Python gives.

The evaluator knows nothing of the compiler: it runs a random `Plan` over lists of dictionaries. A plan is
written once as the keys of a table and once as a query. What the compiler claims of each step (unique keys,
sides of joins, numbers of rows) is checked on the rows that are there after it.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.emit import DUCKDB, emit, emit_count
from generator.plan.expressions import DUCKDB_SETTINGS
from generator.plan.expressions.check import column_node
from generator.plan.lake import CompiledLake, Computed, Input, Join, Query, Scan, Select, Step, Union
from generator.plan.relation import ColumnId, Relation

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Types = dict[str, str]
Expr = tuple[Any, ...]
"""(`column`, ref), (`literal`, value), or an operator with its operands."""

SOURCES: dict[str, Types] = {
    "a": {"k": "bigint", "g": "string", "x": "bigint"},
    "b": {"k": "bigint", "g": "string", "y": "bigint"},
    "c": {"x": "bigint", "k": "bigint", "g": "string"},
}
UNIQUE: dict[str, tuple[str, ...]] = {"a": (), "b": ("k",), "c": ("g", "k")}
SQL_TYPES = {"bigint": "BIGINT", "string": "VARCHAR"}
VALUES: dict[str, list[Any]] = {"bigint": [None, 0, 1, 2], "string": [None, "", "p", "q"]}


@dataclass(frozen=True)
class Joined:
    """A join; `columns` are those of the joined table."""

    kind: str
    table: str
    alias: str
    columns: tuple[str, ...]
    on: Expr | None
    using: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A table. Columns go by `alias.name`, or by their name where the table computed them.

    Attributes:
        inputs: one table, or several to unite; `columns` are those of the first.
        dedupe: the columns that make duplicates, None for all; and the order, each with whether it descends.
        group: columns, and aggregates as (name, function, column or None for all rows).
        output: names and expressions, in order.
        drop, rename: say the same as `output`; None where it is to be written with `select`.
    """

    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    joins: tuple[Joined, ...]
    filter: Expr | None
    add: tuple[tuple[str, Expr], ...]
    dedupe: tuple[tuple[str, ...] | None, tuple[tuple[str, bool], ...]] | None
    group: tuple[tuple[str, ...], tuple[tuple[str, str, str | None], ...]] | None
    output: tuple[tuple[str, Expr], ...]
    drop: tuple[str, ...] | None
    rename: tuple[tuple[str, str], ...]


def plain(ref: str) -> str:
    return ref.split(".")[-1]


# The evaluator --------------------------------------------------------------------------------------------

STRICT: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "=": operator.eq,
    "<": operator.lt,
    "not": operator.not_,
}


def value(expr: Expr, row: Mapping[str, Any]) -> Any:
    """What an expression is for a row; None is NULL, or unknown."""
    kind, *parts = expr
    if kind == "column":
        return row[parts[0]]
    if kind == "literal":
        return parts[0]
    found = [value(part, row) for part in parts]
    if kind in STRICT:
        return None if None in found else STRICT[kind](*found)
    if kind in ("and", "or"):
        decisive = kind == "or"
        return decisive if decisive in found else None if None in found else not decisive
    if kind == "is null":
        return found[0] is None
    if kind == "<=>":
        return found[0] == found[1]
    if kind == "coalesce":
        return found[1] if found[0] is None else found[0]
    return found[1] if found[0] is True else found[2]


def evaluate(plan: Plan, tables: Tables) -> tuple[list[int], list[Row]]:
    """The number of rows after each step, and the result."""
    rows = [
        {f"s.{name}": row[name] for name in plan.columns} for table in plan.inputs for row in tables[table]
    ]
    counts = [len(rows)]
    for join in plan.joins:
        rows = joined(rows, join, tables[join.table])
        counts.append(len(rows))
    if plan.filter is not None:
        rows = [row for row in rows if value(plan.filter, row) is True]
        counts.append(len(rows))
    for name, expr in plan.add:
        rows = [
            {ref: row[ref] for ref in row if plain(ref) != name} | {name: value(expr, row)} for row in rows
        ]
        counts.append(len(rows))
    if plan.dedupe is not None:
        rows = deduped(rows, *plan.dedupe)
        counts.append(len(rows))
    if plan.group is not None:
        rows = aggregated(rows, *plan.group)
        counts.append(len(rows))
    return [*counts, len(rows)], [{name: value(expr, row) for name, expr in plan.output} for row in rows]


def joined(rows: list[Row], join: Joined, table: list[Row]) -> list[Row]:
    others = [{f"{join.alias}.{name}": row[name] for name in join.columns} for row in table]
    merged = {f"{join.alias}.{name}" for name in join.using}
    nulls = {f"{join.alias}.{name}": None for name in join.columns}
    found = []
    for row in rows:
        matches = [other for other in others if matches_row(join, row, other)]
        if join.kind in ("semi", "anti"):
            found += [row] if bool(matches) == (join.kind == "semi") else []
            continue
        for other in matches or ([nulls] if join.kind == "left" else []):
            found.append(row | {ref: other[ref] for ref in other if ref not in merged})
    return found


def matches_row(join: Joined, row: Row, other: Row) -> bool:
    if join.on is not None:
        return value(join.on, row | other) is True
    pairs = ((by_name(row)[name], other[f"{join.alias}.{name}"]) for name in join.using)
    return all(left is not None and left == right for left, right in pairs)


def by_name(row: Row) -> Row:
    return {plain(ref): cell for ref, cell in row.items()}


def null_first(cell: Any) -> tuple[Any, ...]:
    return (cell is not None, cell)


def deduped(rows: list[Row], by: tuple[str, ...] | None, order: Sequence[tuple[str, bool]]) -> list[Row]:
    """The first row of each group, nulls first, or last where the order descends; all columns break ties."""
    ordered = sorted(rows, key=lambda row: [null_first(cell) for cell in row.values()])
    for ref, descending in reversed(order):
        ordered.sort(key=lambda row: null_first(row[ref]), reverse=descending)
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in ordered:
        groups.setdefault(tuple(row[ref] for ref in by or row), []).append(row)
    return [members[0] for members in groups.values()]


def aggregated(rows: list[Row], by: Sequence[str], made: Iterable[tuple[str, str, str | None]]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
    for row in rows:
        groups.setdefault(tuple(row[ref] for ref in by), []).append(row)
    return [
        {plain(ref): cell for ref, cell in zip(by, key, strict=True)}
        | {
            name: aggregate(function, [row[ref] if ref else 1 for row in members])
            for name, function, ref in made
        }
        for key, members in groups.items()
    ]


def aggregate(function: str, cells: list[Any]) -> Any:
    present = [cell for cell in cells if cell is not None]
    if function.startswith("count"):
        return len(set(present)) if "distinct" in function else len(present)
    return {"sum": sum, "min": min, "max": max}[function](present) if present else None


# Plans as text --------------------------------------------------------------------------------------------


def text(expr: Expr, name: Callable[[str], str] = str) -> str:
    """An expression as Spark SQL, its columns spelled by `name`."""
    kind, *parts = expr
    if kind == "column":
        return name(parts[0])
    if kind == "literal":
        return f"'{parts[0]}'" if isinstance(parts[0], str) else f"{parts[0]}L"
    found = [text(part, name) for part in parts]
    if kind == "case":
        return f"case when {found[0]} then {found[1]} else {found[2]} end"
    if kind == "coalesce":
        return f"coalesce({found[0]}, {found[1]})"
    return (
        f"({found[0]} {kind} {found[1]})"
        if len(found) == 2
        else f"(not {found[0]})"
        if kind == "not"
        else f"({found[0]} {kind})"
    )


def call(function: str, ref: str | None, name: Callable[[str], str] = str) -> str:
    word, _, distinct = function.partition(" ")
    return f"{word}({distinct} {name(ref)})" if ref else f"{word}(*)"


def as_keys(plan: Plan) -> dict[str, Any]:
    """The plan as the keys of a table."""
    body: dict[str, Any] = (
        {"source": plan.inputs[0]} if len(plan.inputs) == 1 else {"union": list(plan.inputs)}
    )
    body |= {"as": "s", "join": [join_keys(join) for join in plan.joins]}
    if plan.filter is not None:
        body["filter"] = text(plan.filter)
    body["add"] = {name: text(expr) for name, expr in plan.add}
    if plan.dedupe is not None:
        by, order = plan.dedupe
        body["dedupe"] = {
            "order_by": [f"{ref} {'desc' if descending else 'asc'}" for ref, descending in order]
        }
        body["dedupe"] |= {"by": list(by)} if by else {}
    if plan.group is not None:
        by, made = plan.group
        body |= {
            "group_by": list(by),
            "aggregate": {name: call(function, ref) for name, function, ref in made},
        }
    if plan.drop is None:
        return body | {"select": [{name: text(expr)} for name, expr in plan.output]}
    return body | {"drop": list(plan.drop), "rename": dict(plan.rename)}


def join_keys(join: Joined) -> dict[str, Any]:
    condition = {"on": text(join.on)} if join.on is not None else {"using": list(join.using)}
    return {join.kind: join.table, "as": join.alias, **condition, "cardinality": "many_to_many"}


def flat(ref: str) -> str:
    return ref.replace(".", "_")


def as_query(plan: Plan) -> str:
    """The plan as a query: a named query for each step, whose columns go by `flat` names."""
    source = plan.inputs[0]
    if len(plan.inputs) > 1:
        names = ", ".join(plan.columns)
        source = "(" + " union all ".join(f"select {names} from {table}" for table in plan.inputs) + ")"
    words = {"inner": "join", "left": "left join", "semi": "left semi join", "anti": "left anti join"}
    refs = [f"s.{name}" for name in plan.columns]
    first = f"from {source} s"
    for join in plan.joins:
        condition = f"on {text(join.on)}" if join.on is not None else f"using ({', '.join(join.using)})"
        first += f" {words[join.kind]} {join.table} {join.alias} {condition}"
        if join.kind in ("inner", "left"):
            refs += [f"{join.alias}.{name}" for name in join.columns if name not in join.using]
    first += f" where {text(plan.filter)}" if plan.filter is not None else ""
    steps = [f"select {', '.join(f'{ref} as {flat(ref)}' for ref in refs)} {first}"]
    for name, expr in plan.add:
        gone = [flat(ref) for ref in refs if plain(ref) == name]
        star = f"* except ({', '.join(gone)})" if gone else "*"
        steps.append(f"select {star}, {text(expr, flat)} as {name} from step{len(steps) - 1}")
        refs = [*(ref for ref in refs if plain(ref) != name), name]
    if plan.dedupe is not None:
        steps += dedupe_queries(plan.dedupe, refs, len(steps))
    if plan.group is not None:
        by, made = plan.group
        items = [f"{flat(ref)} as {plain(ref)}" for ref in by]
        items += [f"{call(function, ref, flat)} as {name}" for name, function, ref in made]
        groups = f" group by {', '.join(map(flat, by))}" if by else ""
        steps.append(f"select {', '.join(items)} from step{len(steps) - 1}{groups}")
    output = ", ".join(f"{text(expr, flat)} as {name}" for name, expr in plan.output)
    named = ",\n".join(f"step{number} as ({step})" for number, step in enumerate(steps))
    return f"with {named}\nselect {output} from step{len(steps) - 1}"


def dedupe_queries(dedupe: Any, refs: list[str], number: int) -> Iterator[str]:
    by, order = dedupe
    if by is None:
        yield f"select distinct * from step{number - 1}"
        return
    terms = [f"{flat(ref)} {'desc' if descending else 'asc'}" for ref, descending in order]
    terms += [flat(ref) for ref in refs]
    window = f"partition by {', '.join(map(flat, by))} order by {', '.join(terms)}"
    yield f"select *, row_number() over ({window}) as place from step{number - 1}"
    yield f"select * except (place) from step{number} where place = 1"


# Random plans and data ------------------------------------------------------------------------------------

KEYS = ("filter", "inner", "left", "semi", "anti", "using", "add", "replace", "dedupe", "dedupe by", "group_by",
        "aggregate", "select", "drop", "union")  # fmt: skip


class Drawn:
    """A plan in the making: what hypothesis drew, and the columns so far.

    Args:
        tables: columns of the tables that are there.
        key: a part that the plan must have; the others come by chance.
        source: the table to start from; None for any.
    """

    def __init__(
        self, draw: Callable[..., Any], tables: Mapping[str, Types], key: str, source: str | None
    ) -> None:
        self.draw, self.tables, self.key, self.source = draw, tables, key, source
        self.columns: Types = {}

    def has(self, *keys: str) -> bool:
        return self.key in keys or self.draw(st.integers(0, 3)) == 0

    def pick(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def some(self, values: Iterable[str], least: int, most: int) -> tuple[str, ...]:
        known = list(values)
        return tuple(self.draw(st.lists(st.sampled_from(known), min_size=least, max_size=most, unique=True)))

    def one_of_each_name(self, least: int, most: int) -> tuple[str, ...]:
        known = st.sampled_from(list(self.columns))
        return tuple(self.draw(st.lists(known, min_size=least, max_size=most, unique_by=plain)))

    def expr(self, kind: str, columns: Types, depth: int = 2) -> Expr:
        """An expression of a type over columns."""
        refs = [ref for ref, other in columns.items() if other == kind]
        if kind != "boolean" and (depth == 0 or self.draw(st.booleans())):
            literal = ("literal", self.pick(*VALUES.get(kind, [])[1:]))
            return self.pick(*(("column", ref) for ref in refs), literal)
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
        joins = [self.join(0)] if self.has("inner", "left", "semi", "anti", "using") else []
        joins += [self.join(1)] if joins and self.has() else []
        condition = self.expr("boolean", self.columns) if self.has("filter") else None
        add = [self.add() for _ in range(self.draw(st.integers(1, 2)))] if self.has("add", "replace") else []
        dedupe = self.dedupe() if self.has("dedupe", "dedupe by") else None
        group = self.group() if self.has("group_by", "aggregate") else None
        return Plan(inputs, names, tuple(joins), condition, tuple(add), dedupe, group, *self.output())

    def inputs(self) -> tuple[str, ...]:
        first = self.source or self.pick(*self.tables)
        same = [name for name in self.tables if self.tables[name].items() == self.tables[first].items()]
        return (first, self.draw(st.sampled_from(same))) if self.has("union") else (first,)

    def join(self, number: int) -> Joined:
        kinds = ("inner", "left", "semi", "anti")
        kind = self.key if self.key in kinds else self.draw(st.sampled_from(kinds))
        table, alias = self.pick(*SOURCES), f"j{number}"
        right = {f"{alias}.{name}": one for name, one in self.tables[table].items()}
        counts = Counter(map(plain, self.columns))
        shared = [
            name
            for name in self.tables[table]
            if counts[name] == 1 and self.kind_of(name) == SOURCES[table][name]
        ]
        using = self.some(shared, 1, 2) if shared and self.has("using") else ()
        on = None if using else self.matching(right)
        if kind in ("inner", "left"):
            self.columns |= {ref: one for ref, one in right.items() if plain(ref) not in using}
        return Joined(kind, table, alias, tuple(self.tables[table]), on, using)

    def kind_of(self, name: str) -> str:
        return next(kind for ref, kind in self.columns.items() if plain(ref) == name)

    def matching(self, right: Types) -> Expr:
        """A condition of a join: mostly one or two equalities, as in real life."""
        left = self.columns
        pairs = [("=", ("column", a), ("column", b)) for a in left for b in right if left[a] == right[b]]
        form = self.draw(st.integers(0, 4)) if pairs else 0
        if form == 0:
            return self.expr("boolean", {**left, **right}, 1)
        equal = self.pick(*pairs)
        other = self.pick(*pairs) if form == 1 else self.expr("boolean", {**left, **right}, 1)
        return ("and", equal, other) if form < 3 else equal

    def add(self) -> tuple[str, Expr]:
        present = [plain(ref) for ref in self.columns]
        name = self.draw(st.sampled_from(present if self.key == "replace" else ["n", "m", *present]))
        kind = self.pick(*VALUES)
        expr = self.expr(kind, self.columns)
        self.columns = {ref: one for ref, one in self.columns.items() if plain(ref) != name} | {name: kind}
        return name, expr

    def dedupe(self) -> tuple[tuple[str, ...] | None, tuple[tuple[str, bool], ...]]:
        if self.key == "dedupe" or (self.key != "dedupe by" and self.draw(st.booleans())):
            return None, ()
        order = self.some(self.columns, 0, 2)
        return self.some(self.columns, 1, 2), tuple((ref, self.draw(st.booleans())) for ref in order)

    def group(self) -> tuple[tuple[str, ...], tuple[tuple[str, str, str | None], ...]]:
        by = () if self.key == "aggregate" else self.one_of_each_name(int(self.key == "group_by"), 2)
        before, self.columns = self.columns, {plain(ref): self.columns[ref] for ref in by}
        made = []
        free = [name for name in ("total", "other", "third", "fourth") if name not in map(plain, by)]
        for name in free[: self.draw(st.integers(1, 2))]:
            ref = self.draw(st.sampled_from([None, *before]))
            functions = [
                "count",
                "count distinct",
                "min",
                "max",
                *(["sum"] if ref and before[ref] == "bigint" else []),
            ]
            function = self.draw(st.sampled_from(functions)) if ref else "count"
            self.columns[name] = before[ref] if ref and not function.startswith("count") else "bigint"
            made.append((name, function, ref))
        return by, tuple(made)

    def output(self) -> tuple[Any, ...]:
        """The last four parts of a plan but for `group`: output, drop and rename."""
        if self.has("select"):
            kinds = [self.pick(*VALUES) for _ in range(self.draw(st.integers(1, 3)))]
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


@st.composite
def plans(
    draw: Any, tables: Mapping[str, Types], key: str = "", source: str | None = None
) -> tuple[Plan, Types]:
    """A plan over tables, and the columns of its result."""
    drawn = Drawn(draw, tables, key, source)
    return drawn.plan(), drawn.columns


def rows_of(name: str) -> st.SearchStrategy[list[Row]]:
    cells = st.fixed_dictionaries(
        {column: st.sampled_from(VALUES[kind]) for column, kind in SOURCES[name].items()}
    )
    unique = UNIQUE[name]
    return st.lists(
        cells, max_size=4, unique_by=(lambda row: tuple(row[c] for c in unique)) if unique else None
    )


DATA = st.fixed_dictionaries({name: rows_of(name) for name in SOURCES})

# Running --------------------------------------------------------------------------------------------------


def compiled(tables: Mapping[str, Mapping[str, Any]]) -> CompiledLake:
    sources = {
        name: {"path": f"{name}/", "columns": kinds, "unique": [list(UNIQUE[name])] if UNIQUE[name] else []}
        for name, kinds in SOURCES.items()
    }
    zoned = {name: body if body.get("view") else {"zone": "trusted", **body} for name, body in tables.items()}
    spec = {"version": 1, "lake": "test", "zones": {"trusted": {}}, "sources": sources, "tables": zoned}
    source = SourceText("pipeline.yaml", yaml.safe_dump(spec, sort_keys=False, width=10_000))
    analysis = check_spec(source)
    assert analysis.lake is not None, (analysis.diagnostics, source.text)
    return analysis.lake


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for setting in ("SET threads = 2", *DUCKDB_SETTINGS):
            opened.execute(setting)
        yield opened


@contextmanager
def database(connection: duckdb.DuckDBPyConnection, lake: CompiledLake, data: Tables) -> Iterator[None]:
    """Holds the data and all tables of the lake for a while."""
    connection.execute("BEGIN")
    for name, kinds in SOURCES.items():
        columns = ", ".join(f"{column} {SQL_TYPES[kind]}" for column, kind in kinds.items())
        connection.execute(f"CREATE TABLE {name} ({columns})")
        for row in data[name]:
            connection.execute(f"INSERT INTO {name} VALUES (?, ?, ?)", [row[column] for column in kinds])
    for table in lake.tables.values():
        kind = "VIEW" if table.is_view else "TABLE"
        connection.execute(f"CREATE {kind} {table.name} AS {emit(table.query, DUCKDB)}")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def rows_in(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def bag(rows: Iterable[Row]) -> Counter[tuple[Any, ...]]:
    """Rows without their order, columns with theirs."""
    return Counter(tuple(row.items()) for row in rows)


# What the compiler claims ---------------------------------------------------------------------------------


def check_claims(connection: duckdb.DuckDBPyConnection, query: Query) -> list[int]:
    """Checks what is claimed of every step, and of the queries inside it; returns the number of rows after each."""
    before: list[dict[ColumnId, Any]] = []
    counts = []
    for number, step in enumerate(query.steps, start=1):
        for inner in nested(step):
            check_claims(connection, inner)
        rows = rows_after(connection, query.steps[:number])
        counts.append(number_of_rows(connection, query.steps[:number]))
        assert counts[-1] == len(rows)
        check_keys(step.after, rows)
        if isinstance(step, Join):
            right = rows_of_input(connection, step.input, step.alias)
            assert not step.left_unique or are_unique(before, [pair.left for pair in step.pairs])
            assert not step.right_unique or are_unique(right, [pair.right for pair in step.pairs])
        before = rows
    return counts


def nested(step: Step) -> list[Query]:
    inputs = (
        step.inputs if isinstance(step, Union) else (step.input,) if isinstance(step, (Scan, Join)) else ()
    )
    return [one for one in inputs if isinstance(one, Query)]


def number_of_rows(connection: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> int:
    (row,) = connection.execute(emit_count(steps, DUCKDB)).fetchall()
    return int(row[0])


def rows_after(connection: duckdb.DuckDBPyConnection, steps: tuple[Step, ...]) -> list[dict[ColumnId, Any]]:
    """The rows that some of a query's steps leave, their columns by id."""
    relation = steps[-1].after
    everything = tuple(
        Computed(replace(column, name=f"c{number}"), column_node(known, column.type))
        for number, (known, column) in enumerate(relation.columns.items())
    )
    select = Select(after=Relation({}), place=steps[-1].place, text="", columns=everything)
    found = connection.execute(emit(Query((*steps, select)), DUCKDB)).fetchall()
    return [dict(zip(relation.columns, row, strict=True)) for row in found]


def rows_of_input(
    connection: duckdb.DuckDBPyConnection, source: Input, alias: str
) -> list[dict[ColumnId, Any]]:
    sql = emit(source, DUCKDB) if isinstance(source, Query) else f"FROM {source}"
    return [{ColumnId(alias, name): cell for name, cell in row.items()} for row in rows_in(connection, sql)]


def check_keys(relation: Relation, rows: Sequence[Mapping[ColumnId, Any]]) -> None:
    for key in relation.keys:
        assert key <= set(relation.columns)
        assert are_unique(rows, list(key)), (key, rows)


def are_unique(rows: Sequence[Mapping[ColumnId, Any]], columns: Sequence[ColumnId]) -> bool:
    return len({tuple(row[column] for column in columns) for row in rows}) == len(rows)


# Tests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(random=st.data(), data=DATA, view=st.booleans())
def test_keys_and_query_give_the_rows_of_the_evaluator(
    connection: duckdb.DuckDBPyConnection, key: str, random: st.DataObject, data: Tables, view: bool
) -> None:
    """Two tables, the second from the first, which may be a view."""
    first, columns = random.draw(plans(SOURCES, key))
    second, _ = random.draw(plans({**SOURCES, "first": columns}, source="first"))
    counts, rows = {}, dict(data)
    for name, plan in (("first", first), ("second", second)):
        counts[name], rows[name] = evaluate(plan, rows)
    written = {
        "keys": {"first": as_keys(first), "second": as_keys(second)},
        "sql": {"first": {"sql": as_query(first)}, "second": {"sql": as_query(second)}},
    }
    for form, tables in written.items():
        note(yaml.safe_dump(tables, sort_keys=False))
        lake = compiled({**tables, "first": {**tables["first"], "view": view}})
        with database(connection, lake, data):
            for name, table in lake.tables.items():
                assert bag(rows_in(connection, f"FROM {name}")) == bag(rows[name])
                found = check_claims(connection, table.query)
                assert form == "sql" or found == counts[name]


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(random=st.data(), data=DATA)
def test_the_order_of_the_rows_changes_nothing(
    connection: duckdb.DuckDBPyConnection, random: st.DataObject, data: Tables
) -> None:
    plan, _ = random.draw(plans(SOURCES, "dedupe by"))
    lake = compiled({"t": as_keys(plan)})
    found = []
    for order in (data, {name: random.draw(st.permutations(rows)) for name, rows in data.items()}):
        with database(connection, lake, order):
            found.append(bag(rows_in(connection, "FROM t")))
    assert found[0] == found[1]
