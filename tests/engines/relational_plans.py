"""Plans: small random tables, what they give (an evaluator in plain Python), and how the spec says them.

Nothing here knows of the compiler: the evaluator runs a plan over lists of dictionaries.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Types = dict[str, str]
Expr = tuple[Any, ...]
"""(`column`, ref), (`literal`, value), or an operator with its operands."""


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
class Elements:
    """Rows of the elements of an array: the column of an element, and perhaps that of its place in the array."""

    array: Expr
    element: str
    place: str | None
    outer: bool

    @property
    def names(self) -> tuple[str, ...]:
        return (self.place, self.element) if self.place else (self.element,)


@dataclass(frozen=True)
class Plan:
    """A table. Columns go by `alias.name`, or by their name where the table computed them.

    Attributes:
        inputs: one table, or several to unite; `columns` are those of the first.
        qualify: how many rows stay of each partition, its columns, and the order as of `dedupe`.
        dedupe: the columns that make duplicates, None for all; and the order, each with whether it descends.
        group: columns, and aggregates as (name, function, column or None for all rows).
        output: names and expressions, in order.
        drop, rename: say the same as `output`; None where it is to be written with `select`.
    """

    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    unnest: Elements | None
    joins: tuple[Joined, ...]
    filter: Expr | None
    add: tuple[tuple[str, Expr], ...]
    qualify: tuple[int, tuple[str, ...], tuple[tuple[str, bool], ...]] | None
    dedupe: tuple[tuple[str, ...] | None, tuple[tuple[str, bool], ...]] | None
    group: tuple[tuple[str, ...], tuple[tuple[str, str, str | None], ...]] | None
    output: tuple[tuple[str, Expr], ...]
    drop: tuple[str, ...] | None
    rename: tuple[tuple[str, str], ...]


def plain(ref: str) -> str:
    return ref.split(".")[-1]


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
    if kind == "array":
        return found
    if kind == "empty":
        return []
    if kind == "only":
        return found[1] if found[0] is True else None
    if kind == "<=>":
        return found[0] == found[1]
    if kind == "coalesce":
        return found[1] if found[0] is None else found[0]
    return found[1] if found[0] is True else found[2]


def evaluate(plan: Plan, tables: Tables) -> tuple[list[int], list[Row]]:
    """The number of rows after each step, and the result."""
    rows = [{f"s.{name}": row[name] for name in plan.columns} for table in plan.inputs for row in tables[table]]
    counts = [len(rows)]
    if plan.unnest is not None:
        rows = list(elements(rows, plan.unnest))
        counts.append(len(rows))
    refs = [*(f"s.{name}" for name in plan.columns), *(plan.unnest.names if plan.unnest is not None else ())]
    for join in plan.joins:
        rows = joined(rows, join, tables[join.table], refs)
        refs = after_join(refs, join)
        counts += [len(rows)] * (1 + len(join.using) * (join.kind == "full"))
    if plan.filter is not None:
        rows = [row for row in rows if value(plan.filter, row) is True]
        counts.append(len(rows))
    for name, expr in plan.add:
        rows = [{ref: row[ref] for ref in row if plain(ref) != name} | {name: value(expr, row)} for row in rows]
        counts.append(len(rows))
    if plan.qualify is not None:
        counts.append(len(rows))  # the window is computed first
        rows = firsts(rows, *plan.qualify)
        counts.append(len(rows))
    if plan.dedupe is not None:
        rows = deduped(rows, *plan.dedupe)
        counts.append(len(rows))
    if plan.group is not None:
        rows = aggregated(rows, *plan.group)
        counts.append(len(rows))
    return [*counts, len(rows)], [{name: value(expr, row) for name, expr in plan.output} for row in rows]


def elements(rows: list[Row], made: Elements) -> Iterator[Row]:
    for row in rows:
        cells = list(enumerate(value(made.array, row) or ())) or ([(None, None)] if made.outer else [])
        for place, element in cells:
            yield row | dict(zip(made.names, (place, element)[-len(made.names) :], strict=True))


def after_join(refs: list[str], join: Joined) -> list[str]:
    """The columns after a join."""
    if join.kind in ("semi", "anti"):
        return refs
    both = join.using if join.kind == "full" else ()
    kept = (plain(ref) if plain(ref) in both else ref for ref in refs)
    return [*kept, *(f"{join.alias}.{name}" for name in join.columns if name not in join.using)]


def joined(rows: list[Row], join: Joined, table: list[Row], refs: list[str]) -> list[Row]:
    others = [{f"{join.alias}.{name}": row[name] for name in join.columns} for row in table]
    merged = {f"{join.alias}.{name}" for name in join.using}
    nulls = {f"{join.alias}.{name}": None for name in join.columns}
    found = []
    if join.kind == "full":
        return full(rows, join, others, refs)
    for row in rows:
        matches = [other for other in others if matches_row(join, row, other)]
        if join.kind in ("semi", "anti"):
            found += [row] if bool(matches) == (join.kind == "semi") else []
            continue
        for other in matches or ([nulls] if join.kind == "left" else []):
            found.append(row | {ref: other[ref] for ref in other if ref not in merged})
    return found


def full(rows: list[Row], join: Joined, others: list[Row], refs: list[str]) -> list[Row]:
    """All rows of both sides; columns of `using` are whichever isn't null."""
    pairs = [(row, other) for row in rows for other in others if matches_row(join, row, other)]
    left, right = ({id(pair[side]) for pair in pairs} for side in (0, 1))
    pairs += [(row, {f"{join.alias}.{name}": None for name in join.columns}) for row in rows if id(row) not in left]
    pairs += [(dict.fromkeys(refs), other) for other in others if id(other) not in right]
    return [coalesced(join, row | other) for row, other in pairs]


def coalesced(join: Joined, row: Row) -> Row:
    """A row in which the columns of `using` stand once, where the left side has them."""
    both = {name: [row[ref] for ref in row if plain(ref) == name] for name in join.using}
    found = {name: next((cell for cell in cells if cell is not None), None) for name, cells in both.items()}
    return {plain(ref) if plain(ref) in found else ref: found.get(plain(ref), cell) for ref, cell in row.items()}


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
    return firsts(rows, 1, by, order)


def firsts(rows: list[Row], most: int, by: tuple[str, ...] | None, order: Sequence[tuple[str, bool]]) -> list[Row]:
    """The first rows of each group, nulls first, or last where the order descends; all columns break ties."""
    ordered = sorted(rows, key=lambda row: [null_first(cell) for cell in row.values()])
    for ref, descending in reversed(order):
        ordered.sort(key=lambda row: null_first(row[ref]), reverse=descending)
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in ordered:
        groups.setdefault(tuple(row[ref] for ref in by or row), []).append(row)
    return [row for members in groups.values() for row in members[:most]]


def aggregated(rows: list[Row], by: Sequence[str], made: Iterable[tuple[str, str, str | None]]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
    for row in rows:
        groups.setdefault(tuple(row[ref] for ref in by), []).append(row)
    return [
        {plain(ref): cell for ref, cell in zip(by, key, strict=True)}
        | {name: aggregate(function, [row[ref] if ref else 1 for row in members]) for name, function, ref in made}
        for key, members in groups.items()
    ]


def aggregate(function: str, cells: list[Any]) -> Any:
    present = [cell for cell in cells if cell is not None]
    if function.startswith("count"):
        return len(set(present)) if "distinct" in function else len(present)
    functions: dict[str, Callable[[list[Any]], Any]] = {"sum": sum, "min": min, "max": max}
    return functions[function](present) if present else None


# As the spec says them ---------------------------------------------------------------------------------


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
    if kind == "array":
        return f"array({', '.join(found)})"
    if kind == "empty":
        return f"slice(array({found[0]}), 1, 0)"
    if kind == "only":
        return f"case when {found[0]} then {found[1]} end"
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
    body: dict[str, Any] = {"source": plan.inputs[0]} if len(plan.inputs) == 1 else {"union": list(plan.inputs)}
    if plan.unnest is not None:
        made = plan.unnest
        body["unnest"] = {"column": text(made.array), "as": made.element, "outer": made.outer}
        body["unnest"] |= {"position": made.place} if made.place else {}
    body |= {"as": "s", "join": [join_keys(join) for join in plan.joins]}
    if plan.filter is not None:
        body["filter"] = text(plan.filter)
    body["add"] = {name: text(expr) for name, expr in plan.add}
    if plan.qualify is not None:
        body["qualify"] = qualify(plan.qualify)
    if plan.dedupe is not None:
        by, order = plan.dedupe
        body["dedupe"] = {"order_by": [f"{ref} {'desc' if descending else 'asc'}" for ref, descending in order]}
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
    words = {
        "inner": "join",
        "left": "left join",
        "full": "full join",
        "semi": "left semi join",
        "anti": "left anti join",
    }
    refs = [f"s.{name}" for name in plan.columns]
    first = f"from {source} s"
    if plan.unnest is not None:
        outer, counted = "outer " * plan.unnest.outer, "pos" * len(plan.unnest.names[1:])
        names = ", ".join(plan.unnest.names)
        first += f" lateral view {outer}{counted}explode({text(plan.unnest.array)}) e as {names}"
        refs += plan.unnest.names
    for join in plan.joins:
        condition = f"on {text(join.on)}" if join.on is not None else f"using ({', '.join(join.using)})"
        first += f" {words[join.kind]} {join.table} {join.alias} {condition}"
        refs = after_join(refs, join)
    first += f" where {text(plan.filter)}" if plan.filter is not None else ""
    steps = [f"select {', '.join(f'{ref} as {flat(ref)}' for ref in refs)} {first}"]
    for name, expr in plan.add:
        gone = [flat(ref) for ref in refs if plain(ref) == name]
        star = f"* except ({', '.join(gone)})" if gone else "*"
        steps.append(f"select {star}, {text(expr, flat)} as {name} from step{len(steps) - 1}")
        refs = [*(ref for ref in refs if plain(ref) != name), name]
    if plan.qualify is not None:
        steps.append(f"select * from step{len(steps) - 1} qualify {qualify(plan.qualify, flat)}")
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


def qualify(most: Any, name: Callable[[str], str] = str) -> str:
    number, by, order = most
    terms = ", ".join(f"{name(ref)} {'desc' if descending else 'asc'}" for ref, descending in order)
    return f"row_number() over (partition by {', '.join(map(name, by))} order by {terms}) <= {number}"


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
