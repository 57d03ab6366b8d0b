"""SQL nodes as clauses, where clauses can say them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from generator.author.studio.flows import Builder, Flow
from generator.author.studio.model import Kind, Node, Sql
from generator.author.studio.queries import QueryJoin, SimpleQuery, simple_query, with_table_names
from generator.author.studio.tables import FILTER, JOIN, OUTPUT, JoinDraft, TableDraft


def query_flow(builder: Builder, node: Node, sql: Sql, flows: list[Flow]) -> tuple[Flow, bool]:
    """The rows of a query, and whether equal ones among them are still to be made one."""
    names = [builder.named(flow) for flow in flows]
    tables = dict(zip(sql.aliases, names, strict=True))
    simple = simple_query(sql.query, tables)
    if simple is None:
        text = with_table_names(sql.query, tables)
        if text is None:
            builder.job.note(Kind.LOST, "query", node.line, "the query can't be read as Spark SQL")
        for name in names:
            text = builder.in_names(name, text or sql.query)
        return Flow(TableDraft("", sql=text or sql.query, stage=OUTPUT), None), False
    for table, column in simple.columns:
        builder.catalog.mention(table, column)
    return _clauses(builder, node, simple, dict(zip(names, flows, strict=True))), simple.distinct


def _clauses(builder: Builder, node: Node, query: SimpleQuery, flows: Mapping[str, Flow]) -> Flow:
    """A query as clauses; its only inner join is a semi join where one side's columns come out."""
    source, joins, multiplied = _as_semi(query, flows)
    inner = any(join.kind in ("inner", "left") for join in joins)
    spelled = _spelling(builder, flows)
    before = flows[source]
    table = TableDraft("", source, joins=[JoinDraft(join.kind, join.table, spelled(join.on)) for join in joins])
    table.stage = JOIN if joins else 0
    flow = Flow(table, None if inner else before.columns, set() if inner else before.keys)
    flow.multiplied = node if multiplied else None
    if query.filter:
        table.filters.append(spelled(query.filter))
        table.stage = FILTER
    if query.select is not None:
        items = [(name, spelled(text if inner else text.removeprefix(f"{source}."))) for name, text in query.select]
        table.keep_columns(items)
        flow.columns = [name for name, _ in items]
        names = {text: name for name, text in items}
        flow.keys = {frozenset(names[column] for column in key) for key in flow.keys if key <= names.keys()}
    return flow


def _as_semi(query: SimpleQuery, flows: Mapping[str, Flow]) -> tuple[str, tuple[QueryJoin, ...], bool]:
    """The table whose rows come out, the joins, and whether the query repeats rows that have several matches."""
    if len(query.joins) != 1 or query.joins[0].kind != "inner" or not query.kept:
        return query.source, query.joins, False
    (join,) = query.joins
    other = join.table if query.kept == query.source else query.source
    multiplied = not _by_unique_key(join.on, other, flows[other].keys)
    return query.kept, (QueryJoin("semi", other, join.on),), multiplied


def _spelling(builder: Builder, flows: Mapping[str, Flow]) -> Callable[[str], str]:
    """Puts the lake's names for raw keys, and leaves out tables where a column is in one only."""
    shorter = _shorter({name: flow.columns for name, flow in flows.items()})

    def spelled(text: str) -> str:
        for name in flows:
            text = builder.in_names(name, text)
        return shorter(text)

    return spelled


def _by_unique_key(condition: str, table: str, keys: set[frozenset[str]]) -> bool:
    """Whether no more than one row of a table can fulfil a condition of plain equalities."""
    equalities = [re.fullmatch(r"(\w+)\.(\w+) = (\w+)\.(\w+)", part) for part in condition.split(" and ")]
    named = {pair for match in equalities if match for pair in ((match[1], match[2]), (match[3], match[4]))}
    compared = {column for owner, column in named if owner == table}
    return None not in equalities and any(key <= compared for key in keys)


def _shorter(columns: Mapping[str, list[str] | None]) -> Callable[[str], str]:
    """Leaves out the table before a column that no other table has, where all columns are known."""
    counts = Counter(column for known in columns.values() for column in known or ())
    if None in columns.values():
        return lambda text: text
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, columns))})\.(\w+)")
    return lambda text: pattern.sub(lambda match: match[1] if counts[match[1]] == 1 else match[0], text)
