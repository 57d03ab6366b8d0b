"""Parses the part of Spark SQL's queries that can be lowered to the steps of the plan; the rest is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar

from sqlglot import exp

from generator.diagnostics import suggestion
from generator.plan.expressions import conjuncts
from generator.plan.expressions.nodes import Subquery, span_of
from generator.plan.expressions.problem import Problem, SyntaxProblem, syntax_error
from generator.plan.sql.syntax import (
    Body,
    Conditions,
    Core,
    Item,
    Joined,
    Ordered,
    SetOperation,
    Source,
    Star,
    Statement,
    Term,
    Tested,
    Unnested,
)
from generator.plan.sql.values_parser import NO_NAMES, ValuesParser

Found = TypeVar("Found")

CLAUSES = frozenset(
    "from where group having union intersect except minus order sort cluster distribute limit offset window qualify "
    "lateral join inner left right full cross semi anti natural on using pivot unpivot tablesample".split()
)
JOINS = (
    (("join",), "inner"), (("inner", "join"), "inner"),
    (("left", "join"), "left"), (("left", "outer", "join"), "left"),
    (("left", "semi", "join"), "semi"), (("semi", "join"), "semi"),
    (("left", "anti", "join"), "anti"), (("anti", "join"), "anti"),
    (("full", "join"), "full"), (("full", "outer", "join"), "full"),
    (("right", "join"), "right"), (("right", "outer", "join"), "right"),
    (("cross", "join"), "cross"), ((",",), "cross"),
)  # fmt: skip
REFUSED = {
    "order": "ORDER BY: a table has no order", "sort": "SORT BY: a table has no order",
    "cluster": "CLUSTER BY", "distribute": "DISTRIBUTE BY", "limit": "LIMIT: which rows remain is not certain",
    "offset": "OFFSET", "window": "a named window: write it inside `over (…)`",
    "lateral": "LATERAL VIEW here: it stands after FROM's tables and joins",
    "natural": "NATURAL JOIN: write USING", "pivot": "PIVOT",
    "unpivot": "UNPIVOT", "tablesample": "TABLESAMPLE",
}  # fmt: skip


@lru_cache(maxsize=2_000)
def parse_conditions(text: str) -> Conditions | Problem:
    """A condition that may ask other queries, or its first syntax problem."""
    try:
        parser = _StatementParser(text)
        found = parser.conditions()
        parser.refuse_rest()
        return found
    except SyntaxProblem as error:
        return error.problem
    except RecursionError:
        return Problem("E001", "the condition is nested too deeply", 0, len(text))


def asks_queries(text: str) -> bool:
    """Whether a condition asks another query where it may do so."""
    found = parse_conditions(text) if "select" in text.lower() else Conditions()
    return isinstance(found, Problem) or bool(found.tested)


@lru_cache(maxsize=2_000)
def parse_statement(text: str) -> Statement | Problem:
    """The query in a `sql:` text, or its first syntax problem."""
    return _parsed(text, _StatementParser.statement)


def parse_asked(text: str) -> Ordered | Problem:
    """A query that somebody asks: with an order of its rows, and how many of them; or its first syntax problem."""
    return _parsed(text, _StatementParser.ordered)


def _parsed(text: str, query: Callable[[_StatementParser], Found]) -> Found | Problem:
    try:
        parser = _StatementParser(text)
        found = query(parser)
        parser.accept(";")
        parser.refuse_rest()
        return found
    except SyntaxProblem as error:
        return error.problem
    except RecursionError:
        return Problem("E001", "the query is nested too deeply", 0, len(text))


def tables_of(statement: Statement, known: Mapping[str, object]) -> tuple[list[Problem], list[str]]:
    """The tables that a query reads, and a problem for each that isn't known."""
    return _known(_sources(statement, frozenset()), known)


def mentioned_tables(text: str, known: Mapping[str, object]) -> tuple[list[Problem], list[str]]:
    """The tables that a query reads, as the spec spells them, and a problem for each that isn't known."""
    statement = parse_statement(text)
    if isinstance(statement, Problem):
        return [statement], []
    return _known(_sources(statement, frozenset()), known)


def tables_in_condition(text: str, known: Mapping[str, object]) -> tuple[list[Problem], list[str]]:
    """The same for the queries that a condition asks."""
    found = parse_conditions(text) if "select" in text.lower() else Conditions()
    if isinstance(found, Problem):  # reported where the condition is checked
        return [], []
    return _known((one for test in found.tested for one in _sources(test.query, frozenset())), known)


def _known(sources: Iterable[Source], known: Mapping[str, object]) -> tuple[list[Problem], list[str]]:
    problems: list[Problem] = []
    found: dict[str, None] = {}
    for source in sources:
        name = source.table or ""
        if name in known:
            found[name] = None
        else:
            end = source.start + len(name)
            message = f"unknown table `{name}`"
            problems.append(Problem("N001", message, source.start, end, help=suggestion(name, known)))
    return problems, list(found)


def _sources(statement: Statement, names: frozenset[str]) -> Iterable[Source]:
    """The tables that a statement names, other than its own named queries."""
    for name, query in statement.named:
        yield from _sources(query, names)
        names |= {name}
    bodies = [statement.body]
    for body in bodies:
        if isinstance(body, SetOperation):
            bodies.extend(body.branches)
        if not isinstance(body, Core):
            continue
        for test in body.where.tested:
            yield from _sources(test.query, names)
        for source in (body.source, *(one.source for one in body.joins if isinstance(one, Joined))):
            if source.query is not None:
                yield from _sources(source.query, names)
            elif source.table not in names:
                yield source


class _StatementParser(ValuesParser):
    """Adds queries to the expressions that `Parser` knows."""

    def refuse(self, what: str) -> SyntaxProblem:
        token = self.current
        problem = Problem(
            "Q001",
            f"`sql:` can't say {what.split(':')[0]}",
            token.start,
            max(token.end, token.start + 1),
            help=(what.split(":")[1].strip(),) if ":" in what else (),
        )
        return SyntaxProblem(problem)

    def refuse_rest(self) -> None:
        token = self.current
        if token.kind == "end":
            return
        if token.text in REFUSED and token.kind == "word":
            raise self.refuse(REFUSED[token.text])
        if self.tokens[self.at - 1].text == ";":
            raise syntax_error("more than one statement", token.start, token.end, code="E005")
        raise syntax_error(f"unexpected `{token.spelled}`", token.start, token.end)

    def statement(self) -> Statement:
        named: list[tuple[str, Statement]] = []
        if self.accept("with"):
            while True:
                name = self.identifier("a name for the query")
                names = self.column_names()
                self.expect("as")
                self.expect("(")
                query = self.statement()
                self.expect(")")
                named.append((name, self.with_names(query, names) if names else query))
                if not self.accept(","):
                    break
        return Statement(tuple(named), self.body())

    def ordered(self) -> Ordered:
        """A query with ORDER BY and LIMIT behind it."""
        statement = self.statement()
        terms: list[Term] = []
        if self.accept("order", "by"):
            terms.append(self.term())
            while self.accept(","):
                terms.append(self.term())
        return Ordered(statement, tuple(terms), self.limit() if self.accept("limit") else None)

    def term(self) -> Term:
        ast = self.no_query(self.expression())
        descending = self.accept("desc") or (self.accept("asc") and False)
        last = descending
        if self.accept("nulls", "last"):
            last = True
        elif self.accept("nulls", "first"):
            last = False
        return Term(ast, descending, last)

    def limit(self) -> int:
        token = self.current
        if token.kind != "number" or not token.text.isdigit():
            self.fail("expected a whole number here")
        self.advance()
        return int(token.text)

    def body(self) -> Body:
        start = self.current.start
        found = self.intersection()
        while (kind := self.set_word("union", "except", "minus")) is not None:
            distinct = not self.all_or_distinct(kind)
            right = self.intersection()
            same = isinstance(found, SetOperation) and (found.kind, found.distinct) == (kind, distinct)
            chained = kind == "union" and same and isinstance(found, SetOperation) and found.start == start
            before = found.branches if isinstance(found, SetOperation) and chained else (found,)
            found = SetOperation(kind, (*before, right), distinct, start, self.last_end)
        return found

    def intersection(self) -> Body:
        start = self.current.start
        found = self.branch()
        while (kind := self.set_word("intersect")) is not None:
            self.all_or_distinct(kind)
            found = SetOperation(kind, (found, self.branch()), True, start, self.last_end)
        return found

    def set_word(self, *words: str) -> str | None:
        """The set operation that comes next, if it is one of these; MINUS is EXCEPT."""
        found = next((word for word in words if self.accept(word)), None)
        return "except" if found == "minus" else found

    def all_or_distinct(self, kind: str) -> bool:
        if self.matches("all") and kind != "union":
            raise self.refuse(f"{kind.upper()} ALL: leave ALL out")
        every = self.accept("all")
        if not every:
            self.accept("distinct")
        return every

    def branch(self) -> Body:
        if self.accept("("):
            found = self.body()
            self.expect(")")
            return found
        if self.begins_values():
            return self.values()
        if not self.matches("select"):
            self.fail("expected `select` here")
        return self.core()

    def core(self) -> Core:
        start = self.advance().start
        distinct = self.accept("distinct")
        items = [self.item()]
        while self.accept(","):
            items.append(self.item())
        head_end = self.last_end
        if not self.accept("from"):
            self.fail("expected `from` here")
        source = self.source()
        joins: list[Joined | Unnested] = []
        while (join := self.lateral_view() or self.join()) is not None:
            joins.append(join)
        where = self.conditions() if self.accept("where") else Conditions()
        group_by = self.group_by()
        having = self.no_query(self.expression()) if self.accept("having") else None
        qualify = self.no_query(self.expression()) if self.accept("qualify") else None
        return Core(tuple(items), distinct, source, tuple(joins), where, group_by, having, qualify, start, head_end)

    def conditions(self) -> Conditions:
        """A condition taken apart at its ANDs; queries can stand only there."""
        plain: list[exp.Expression] = []
        tested: list[Tested] = []
        whole = self.expression()
        for one in conjuncts(whole):
            negated = isinstance(one, exp.Not) and isinstance(one.this.unnest(), Subquery)
            inner = one.this.unnest() if negated else one
            if isinstance(inner, Subquery):
                value = None if inner.this is None else self.no_query(inner.this)
                tested.append(Tested(value, inner.meta["query"], negated, *span_of(one)))
            else:
                plain.append(self.no_query(one))
        return Conditions(None if tested else whole, tuple(plain), tuple(tested))

    def no_query(self, ast: exp.Expression) -> exp.Expression:
        found = next(iter(ast.find_all(Subquery)), None)
        if found is None:
            return ast
        message = "a query can stand only among the conditions of `where` that `and` connects"
        help = "join the table instead: `semi:` for `in` and `exists`, `anti:` for their negation"
        raise syntax_error(message, *span_of(found), code="E004", help=(help,))

    def asks(self) -> bool:
        """Whether a query begins here."""
        begins = self.current.kind == "word" and self.current.text in ("select", "with")
        return begins and self.following.kind != "end" and self.following.text not in (",", ")", ".", "=", "->")

    def asked(self, value: exp.Expression | None, start: int) -> exp.Expression:
        """The rest of `exists (` or `value in (`."""
        found = Subquery(this=value)
        found.meta["query"] = self.statement()
        self.expect(")")
        return self.close(found, start)

    def _in(self, left: exp.Expression, start: int) -> exp.Expression:
        if self.matches("(") and self.following.text in ("select", "with"):
            self.advance()
            if self.asks():
                return self.asked(left, start)
            self.at -= 1
        return super()._in(left, start)

    def call(self) -> exp.Expression:
        start = self.current.start
        if self.matches("exists", "("):
            self.at += 2
            if self.asks():
                return self.asked(None, start)
            self.at -= 2
        return super().call()

    def item(self) -> Star | Item:
        token = self.current
        if token.text == "*" and token.kind == "mark":
            self.advance()
            return self.star(None, token.start)
        if token.kind in ("word", "quoted") and self.tokens[self.at + 1 : self.at + 3]:
            dot, star, *_ = (*self.tokens[self.at + 1 : self.at + 3], self.tokens[-1])
            if (dot.text, dot.kind, star.text, star.kind) == (".", "mark", "*", "mark"):
                self.at += 3
                return self.star(token.text.lower(), token.start)
        ast = self.no_query(self.expression())
        name = self.alias()
        return Item(ast, name, token.start, span_of(ast)[1])

    def star(self, alias: str | None, start: int) -> Star:
        excluded: list[str] = []
        if self.matches("except", "("):
            self.at += 2
            excluded.append(self.identifier("a column"))
            while self.accept(","):
                excluded.append(self.identifier("a column"))
            self.expect(")")
        return Star(alias, tuple(excluded), start, self.last_end)

    def alias(self) -> str | None:
        if self.accept("as"):
            return self.identifier("a name")
        return self.identifier("a name") if self.begins_name() else None

    def begins_name(self) -> bool:
        token = self.current
        return token.kind == "quoted" or (token.kind == "word" and token.text not in CLAUSES)

    def source(self) -> Source:
        start = self.current.start
        if self.accept("("):
            query = self.statement()
            self.expect(")")
            alias = self.alias()
            if alias is None:
                self.fail("a query in `from` needs a name after it")
            if names := self.column_names():
                query = self.with_names(query, names)
            return Source(None, query, alias, start, self.last_end)
        if self.begins_elements():
            raise self.refuse("UNNEST as the first in FROM: start from the table that has the array")
        if self.begins_values():
            found = self.values()
            if found.alias is None:
                help = "write `as t (a, b)` after the rows"
                raise syntax_error(NO_NAMES, found.start, found.end, code="C007", help=(help,))
            return Source(None, Statement((), found), found.alias, start, self.last_end)
        if self.matches("lateral"):
            raise self.refuse(self.current.spelled.upper())
        table = self.identifier("a table")
        end = self.last_end
        if self.matches("."):
            raise self.refuse("a database name: tables of the lake go by their own names")
        return Source(table, None, self.alias() or table, start, end)

    def join(self) -> Joined | Unnested | None:
        start = self.current.start
        for words, kind in JOINS:
            if self.accept(*words):
                if self.begins_elements():
                    return self.elements(kind)
                source = self.source()
                if kind == "cross":
                    return Joined(kind, source, None, (), source.start, source.end)
                return self.condition(kind, source, start)
        return None

    def condition(self, kind: str, source: Source, start: int) -> Joined:
        if self.accept("on"):
            on = self.no_query(self.expression())
            return Joined(kind, source, on, (), *span_of(on))
        if not self.accept("using"):
            self.fail("expected `on` or `using` here")
        self.expect("(")
        using = [self.used()]
        while self.accept(","):
            using.append(self.used())
        self.expect(")")
        return Joined(kind, source, None, tuple(using), start, self.last_end)

    def used(self) -> tuple[str, int, int]:
        token = self.current
        return self.identifier("a column"), token.start, token.end

    def group_by(self) -> tuple[exp.Expression, ...]:
        if not self.accept("group", "by"):
            return ()
        if self.matches("all"):
            raise self.refuse("GROUP BY ALL: name the columns")
        found = [self.grouping()]
        while self.accept(","):
            found.append(self.grouping())
        if self.current.text in ("with", "grouping") and self.current.kind == "word":
            raise self.refuse("ROLLUP, CUBE and GROUPING SETS")
        return tuple(found)

    def grouping(self) -> exp.Expression:
        token = self.current
        if token.text in ("rollup", "cube", "grouping") and self.following.text in ("(", "sets"):
            raise self.refuse("ROLLUP, CUBE and GROUPING SETS")
        if token.kind == "number":
            raise self.refuse("GROUP BY a position: name the column")
        return self.expression()
