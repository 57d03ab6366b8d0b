"""A query on the lake that isn't part of the spec: checked, typed and labelled like a table's. So it can only read.

It has what a table can't have: an order, a limit, and columns without a name.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """

    query: Query
    reads: tuple[str, ...]
    order: tuple[tuple[Typed, Term], ...] = ()
    limit: int | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(self.query.relation.columns.values())

    def sql(self, dialect: Dialect) -> str:
        """The whole query."""
        text = emit(self.query, dialect)
        if self.order:
            terms = (
                f"{dialect.expression(typed.ast)} {'DESC' if term.descending else 'ASC'}"
                f" NULLS {'LAST' if term.nulls_last else 'FIRST'}"
                for typed, term in self.order
            )
            text = f"SELECT * FROM (\n{text}\n) ORDER BY {', '.join(terms)}"
        return text if self.limit is None else f"SELECT * FROM (\n{text}\n) LIMIT {self.limit}"


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
    query = lower_statement(context, path, source.text, _named(parsed.statement, source.text), relations.__getitem__)
    if query is None:
        return None, context.diagnostics
    order = _order(context, path, parsed, query)
    errors = [one for one in context.diagnostics if one.severity == "error"]
    return (None if errors else Asked(query, tuple(reads), order, parsed.limit)), context.diagnostics


def _explained(problem: Problem, text: str) -> Problem:
    """The problem with a word on what queries are, where the text isn't one or reads something else."""
    if not text.lstrip(" (\n\t").lower().startswith(("select", "with")):
        return replace(problem, help=("a query begins with `select` or `with`: nothing can be written by it",))
    before = text[: problem.start].rstrip().lower().split()
    if text[problem.start : problem.end] == "(" and before[-2:-1] in (["from"], ["join"]):
        return replace(problem, help=("a query reads the lake's tables, by their names, and no files",))
    return problem


def _order(context: Context, path: tuple[str, ...], parsed: Ordered, query: Query) -> tuple[tuple[Typed, Term], ...]:
    columns = {name: column for (_, name), column in query.relation.columns.items()}
    scope = Scope({}, columns)
    found = []
    for term in parsed.order:
        ast = term.ast
        if isinstance(ast, exp.Literal) and not ast.is_string:
            place = int(ast.this) if ast.this.isdigit() else 0
            if not 1 <= place <= len(columns):
                problem = Problem("C001", f"there is no column number {ast.this}", *span_of(ast))
                context.report_problems(path, [problem])
                continue
            ast = exp.column(exp.to_identifier(list(columns)[place - 1], quoted=True))
        typed, problems = check_ast(ast, scope)
        context.report_problems(path, problems)
        if typed is not None:
            found.append((typed, term))
    return tuple(found)


def _named(statement: Statement, text: str) -> Statement:
    """The query with a name for each column that it computes without giving one: what is computed, as it is written."""
    return replace(statement, body=_named_in(statement.body, text))


def _named_in(body: Body, text: str) -> Body:
    if isinstance(body, SetOperation):
        return replace(body, branches=tuple(_named_in(branch, text) for branch in body.branches))
    items = tuple(_item(one, text) if isinstance(one, Item) else one for one in body.items)
    return replace(body, items=items) if isinstance(body, Core) else body


def _item(item: Item, text: str) -> Item:
    if item.name is not None or isinstance(item.ast, (exp.Column, exp.Dot)):
        return item
    written = " ".join(text[item.start : item.end].split()).replace('"', "'").lower()
    return replace(item, name=written)
