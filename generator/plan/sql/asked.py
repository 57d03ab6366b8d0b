"""A query on the lake that isn't part of the spec: checked, typed and labelled like a table's. So it can only read.

It has what a table can't have: an order, a limit, and columns without a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from generator.diagnostics import Diagnostic, SourceText, Span
from generator.plan.context import Context
from generator.plan.emit import Dialect, emit
from generator.plan.expressions import Problem, Scope, Typed, check_ast, span_of
from generator.plan.lake import Query
from generator.plan.relation import Column, Relation
from generator.plan.sql.lower import lower_statement
from generator.plan.sql.parse import parse_asked, tables_of
from generator.plan.sql.syntax import Body, Core, Item, Ordered, SetOperation, Statement, Term
from generator.spec.load import LoadedSpec
from generator.spec.nodes import Document, Path


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that can be run.

    Attributes:
        reads: the tables, views and sources that it names.
        order: what its rows are ordered by, over its columns.

    Columns that are only there to order by don't come out.
    """

    query: Query
    reads: tuple[str, ...]
    order: tuple[tuple[Typed, Term], ...] = ()
    limit: int | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(one for one in self.query.relation.columns.values() if not one.name.startswith(_HIDDEN))

    def sql(self, dialect: Dialect) -> str:
        """The whole query."""
        text = emit(self.query, dialect)
        if self.order:
            terms = (
                f"{dialect.expression(typed.ast)} {'DESC' if term.descending else 'ASC'}"
                f" NULLS {'LAST' if term.nulls_last else 'FIRST'}"
                for typed, term in self.order
            )
            names = ", ".join(dialect.name(column.name) for column in self.columns)
            text = f"SELECT {names} FROM (\n{text}\n) ORDER BY {', '.join(terms)}"
        return text if self.limit is None else f"SELECT * FROM (\n{text}\n) LIMIT {self.limit}"


_HIDDEN = "#order"
"""What columns are called that are only there to order by."""


class _Text(Document):
    """A text that isn't part of any YAML: every place is one in the text."""

    def __init__(self, source: SourceText) -> None:
        self.source = source

    def has(self, path: Path) -> bool:
        return True

    def span(self, path: Path) -> Span:
        return Span(0, max(len(self.source.text), 1))

    key_span = span

    def span_in(self, path: Path, start: int, end: int) -> Span:
        return Span(start, max(end, start + 1))

    def cut_by_comment(self, path: Path) -> int | None:
        return None


def compile_asked(
    source: SourceText, known: Context, relations: Mapping[str, Relation]
) -> tuple[Asked | None, list[Diagnostic]]:
    """The query in a text; None where it has errors, which are told with their places in the text.

    Args:
        known: what the compilation of the spec knows.
        relations: everything that it can read, by name.
    """
    context = Context(LoadedSpec(known.spec, _Text(source)), subjects=known.subjects)
    parsed = parse_asked(source.text)
    path = ("query", "sql")
    if isinstance(parsed, Problem):
        context.report_problems(path, [_explained(parsed, source.text)])
        return None, context.diagnostics
    problems, reads = tables_of(parsed.statement, relations)
    context.report_problems(path, problems)
    if problems:
        return None, context.diagnostics
    asked = _lowered(context, path, source.text, parsed, relations)
    errors = [one for one in context.diagnostics if one.severity == "error"]
    return (None if errors or asked is None else replace(asked, reads=tuple(reads))), context.diagnostics


def _explained(problem: Problem, text: str) -> Problem:
    """The problem with a word on what queries are, where the text isn't one or reads something else."""
    if not text.lstrip(" (\n\t").lower().startswith(("select", "with", "values")):
        return replace(problem, help=("a query begins with `select` or `with`: nothing can be written by it",))
    before = text[: problem.start].rstrip().lower().split()
    if text[problem.start : problem.end] == "(" and before[-2:-1] in (["from"], ["join"]):
        return replace(problem, help=("a query reads the lake's tables, by their names, and no files",))
    return problem


def _lowered(
    context: Context, path: tuple[str, ...], text: str, parsed: Ordered, relations: Mapping[str, Relation]
) -> Asked | None:
    """The query, with more columns where it is ordered by something that doesn't come out."""
    statement = _named(parsed.statement, text)
    query = lower_statement(context, path, text, statement, relations.__getitem__)
    if query is None:
        return None
    body, scope, hidden = statement.body, _scope(query), list[Term]()
    if isinstance(body, Core) and not body.distinct:
        hidden = [one for one in parsed.order if _position(one) is None and check_ast(one.ast, scope)[1]]
    if hidden and isinstance(body, Core):
        items = [Item(one.ast, f"{_HIDDEN}{number}", *span_of(one.ast)) for number, one in enumerate(hidden)]
        more = replace(statement, body=replace(body, items=(*body.items, *items)))
        query = lower_statement(context, path, text, more, relations.__getitem__)
    if query is None:
        return None
    return Asked(query, (), tuple(_ordered(context, path, parsed.order, hidden, query)), parsed.limit)


def _scope(query: Query) -> Scope:
    return Scope({}, {name: column for (_, name), column in query.relation.columns.items()})


def _position(term: Term) -> str | None:
    """The number that stands for a column."""
    return str(term.ast.this) if isinstance(term.ast, exp.Literal) and not term.ast.is_string else None


def _ordered(
    context: Context, path: tuple[str, ...], order: Sequence[Term], hidden: Sequence[Term], query: Query
) -> Iterator[tuple[Typed, Term]]:
    shown = [one.name for one in query.relation.columns.values() if not one.name.startswith(_HIDDEN)]
    for term in order:
        ast, position = term.ast, _position(term)
        if position is not None:
            place = int(position) if position.isdigit() else 0
            if not 1 <= place <= len(shown):
                problem = Problem("C001", f"there is no column number {position}", *span_of(ast))
                context.report_problems(path, [problem])
                continue
            ast = exp.column(exp.to_identifier(shown[place - 1], quoted=True))
        elif term in hidden:
            ast = exp.column(exp.to_identifier(f"{_HIDDEN}{hidden.index(term)}", quoted=True))
        typed, problems = check_ast(ast, _scope(query))
        context.report_problems(path, problems)
        if typed is not None:
            yield typed, term


def _named(statement: Statement, text: str) -> Statement:
    """The query with a name for each column that it computes without giving one: what is computed, as it is written."""
    return replace(statement, body=_named_in(statement.body, text))


def _named_in(body: Body, text: str) -> Body:
    if isinstance(body, SetOperation):
        return replace(body, branches=tuple(_named_in(branch, text) for branch in body.branches))
    if not isinstance(body, Core):
        return body
    items = tuple(_item(one, text) if isinstance(one, Item) else one for one in body.items)
    return replace(body, items=items)


def _item(item: Item, text: str) -> Item:
    if item.name is not None or isinstance(item.ast, (exp.Column, exp.Dot)):
        return item
    written = " ".join(text[item.start : item.end].split()).replace('"', "'").lower()
    return replace(item, name=written)
