"""Queries of the fuzz as the text of a spec: by keys, or as SQL."""

from __future__ import annotations

from typing import Any

from tests.proofs.algebra import Core, Input, JoinOp, Query, UnionOp, UnnestOp
from tests.proofs.values import ColumnRef, Expr

OPERATORS = {"eq": "=", "ne": "<>", "nseq": "<=>", "gt": ">", "ge": ">=", "and": "and", "or": "or", "add": "+"}
CASTS = {"double": "double", "whole": "bigint"}
FUNCTIONS = {"has": "array_contains"}
LAMBDAS = {
    "any": "exists({0}, el -> el = {1})",
    "all": "forall({0}, el -> el <> {1})",
    "kept": "filter({0}, el -> {1} = el)",
    "filled": "transform({0}, (el, at) -> coalesce({1}, el))",
    "last": "aggregate({0}, {1}, (acc, el) -> coalesce(el, acc))",
}
"""How an operator on an array and a word is written."""
JOINS = {
    "inner": "inner join",
    "left": "left join",
    "full": "full outer join",
    "right": "right join",
    "semi": "left semi join",
    "anti": "left anti join",
}


def expression(expr: Expr) -> str:
    op = expr[0]
    if op == "col":
        return reference(expr[1:3])
    if op == "lit":
        return f"'{expr[1]}'" if isinstance(expr[1], str) else str(expr[1])
    if op in ("agg", "win"):
        call = aggregate(expr[1], expr[2])
        if op == "agg":
            return call
        by = f" order by {', '.join(map(reference, expr[4]))}" if expr[4] else ""
        return f"{call} over (partition by {', '.join(map(reference, expr[3]))}{by})"
    if op == "field":
        return f"{expression(expr[1])}.{expr[2]}"
    parts = [expression(part) for part in expr[1:]]
    if op in OPERATORS:
        return f"({f' {OPERATORS[op]} '.join(parts)})"
    if op == "isnull":
        return f"({parts[0]} is null)"
    if op == "not":
        return f"(not {parts[0]})"
    if op == "case":
        return f"case when {parts[0]} then {parts[1]} else {parts[2]} end"
    if op in CASTS:
        return f"cast({parts[0]} as {CASTS[op]})"
    if op in LAMBDAS:
        return LAMBDAS[op].format(*parts)
    return f"{FUNCTIONS.get(op, op)}({', '.join(parts)})"


def reference(column: ColumnRef) -> str:
    alias, name = column
    return name if alias is None else f"{alias}.{name}"


def aggregate(function: str, argument: Expr | None) -> str:
    if argument is None:
        return "row_number()" if function == "row_number" else "count(*)"
    if function == "collect":
        return f"sort_array(collect_list({expression(argument)}))"
    if function == "count_distinct":
        return f"count(distinct {expression(argument)})"
    return f"{function}({expression(argument)})"


def condition(expr: Expr) -> str:
    """An expression without the outermost parentheses."""
    text = expression(expr)
    return text[1:-1] if expr[0] in OPERATORS else text


def as_table(query: Query) -> dict[str, Any]:
    """The keys of a table that say what it is made of."""
    if isinstance(query, Core) and query.form == "keys":
        return by_keys(query)
    return {"sql": as_sql(query)}


def by_keys(core: Core) -> dict[str, Any]:
    spec: dict[str, Any] = {"as": core.alias}
    if len(core.inputs) == 1:
        spec["source"] = core.inputs[0]
    else:
        spec["union"] = list(core.inputs)
    if core.unnest is not None:
        op = core.unnest
        spec["unnest"] = {"column": expression(op.array), "as": op.name, "outer": op.outer}
        spec["unnest"] |= {"position": op.position} if op.position else {}
    spec["join"] = [join_spec(one) for one in core.joins]
    if core.where is not None:
        spec["filter"] = condition(core.where)
    spec["add"] = {name: expression(expr) for name, expr in core.adds}
    if core.qualify is not None:
        spec["qualify"] = condition(core.qualify)
    if core.dedupe is not None:
        spec["dedupe"] = {"by": [reference(column) for column in core.dedupe]}
    if core.by is not None:
        spec["group_by"] = [reference(column) for column in core.by]
        spec["aggregate"] = {name: expression(expr) for name, expr in core.aggregates}
    if not core.star:
        spec["select"] = [{name: expression(expr)} for name, expr in core.items]
    return {key: value for key, value in spec.items() if value not in ([], {})}


def join_spec(one: JoinOp) -> dict[str, Any]:
    how = {"using": [name for _, name in one.using]} if one.using else {"on": condition(one.on)}
    declared = {"cardinality": one.cardinality} if one.cardinality else {}
    return {one.kind: one.input, "as": one.alias, **how, **declared}


Named = dict[int, str]
"""The named queries of a statement by the identity of their query: `name as (…)`, in order."""


def as_sql(query: Query) -> str:
    named: Named = {}
    body = statement(query, named)
    return f"with {', '.join(named.values())} {body}" if named else body


def statement(query: Query, named: Named) -> str:
    if isinstance(query, UnionOp):
        word = f" {query.kind} " if query.distinct else " union all "
        return word.join(statement(branch, named) for branch in query.branches)
    parts = ["select distinct" if query.distinct else "select", select_list(query)]
    parts.append(f"from {source(query.inputs[0], query.alias, named)}")
    parts += [elements(query.unnest)] if query.unnest is not None else []
    parts += [join(one, named) for one in query.joins if one.worded not in ("exists", "in")]
    conditions = [f"({condition(query.where)})"] if query.where is not None else []
    conditions += [condition(one.on) for one in query.joins if one.worded == "comma"]
    conditions += [asked(one, named) for one in query.joins if one.worded in ("exists", "in")]
    if conditions:
        parts.append(f"where {' and '.join(conditions)}")
    if query.by:
        parts.append(f"group by {', '.join(reference(column) for column in query.by)}")
    if query.having is not None:
        parts.append(f"having {condition(query.having)}")
    if query.qualify is not None:
        parts.append(f"qualify {condition(query.qualify)}")
    return " ".join(parts)


def elements(op: UnnestOp) -> str:
    call = (
        f"lateral {'pos' if op.position else ''}explode({expression(op.array)}) as {op.alias} ({', '.join(op.columns)})"
    )
    return f"left join {call} on true" if op.outer else f"cross join {call}"


def asked(one: JoinOp, named: Named) -> str:
    """A semi or anti join as a condition that asks a query."""
    word = "not " if one.kind == "anti" else ""
    if one.worded == "exists":
        return f"{word}exists (select 1 from {source(one.input, one.alias, named)} where {condition(one.on)})"
    equal, *more = [one.on] if one.on[0] == "eq" else one.on[1:]
    where = f" where {' and '.join(map(expression, more))}" if more else ""
    inner = f"select {expression(equal[2])} from {source(one.input, one.alias, named)}{where}"
    return f"{expression(equal[1])} in ({inner})"


def select_list(core: Core) -> str:
    if core.star:
        return "*"
    meant = {("col", None, name): expr for name, expr in core.aggregates}
    meant |= {("col", None, name): ("col", alias, name) for alias, name in core.by or ()}
    return ", ".join(f"{expression(_replaced(expr, meant))} as {name}" for name, expr in core.items)


def _replaced(expr: Expr, meant: dict[Expr, Expr]) -> Expr:
    if expr in meant:
        return meant[expr]
    return tuple(_replaced(part, meant) if isinstance(part, tuple) else part for part in expr)


def source(one: Input, alias: str, named: Named) -> str:
    if isinstance(one, str):
        return f"{one} {alias}"
    if isinstance(one, Core) and one.form == "with":
        if id(one) not in named:
            text = statement(one, named)
            named[id(one)] = f"q{len(named)} as ({text})"
        return f"{named[id(one)].split()[0]} {alias}"
    if isinstance(one, Core) and one.form == "within":
        return f"({as_sql(one)}) {alias}"
    return f"({statement(one, named)}) {alias}"


def join(one: JoinOp, named: Named) -> str:
    if one.worded == "comma":
        return f", {source(one.input, one.alias, named)}"
    how = f"using ({', '.join(name for _, name in one.using)})" if one.using else f"on {condition(one.on)}"
    return f"{JOINS[one.kind]} {source(one.input, one.alias, named)} {how}"
