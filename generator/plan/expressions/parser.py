"""Parses a Spark SQL scalar expression into sqlglot nodes that know their exact place in the text.

The precedence is that of Spark's grammar. A word is a keyword only where the grammar wants one, so `user`,
`timestamp` or `order` are names wherever a name can stand. Functions stay calls of their Spark name
(`exp.Anonymous`); the registry says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NoReturn

from sqlglot import exp

from generator.plan.expressions.lexer import Token, tokenize
from generator.plan.expressions.nodes import place, span_of
from generator.plan.expressions.problem import SyntaxProblem, syntax_error
from generator.plan.expressions.special_forms import SPECIAL_FORMS
from generator.plan.expressions.type_names import parse_type_name
from generator.plan.expressions.window_clause import parse_filter, parse_over

OR, AND, NOT, PREDICATE, COMPARISON, BIT_OR, BIT_XOR, BIT_AND, SUM, PRODUCT, UNARY = range(1, 12)

BINARY: dict[str, tuple[int, type[exp.Expression]]] = {
    "or": (OR, exp.Or), "and": (AND, exp.And),
    "=": (COMPARISON, exp.EQ), "==": (COMPARISON, exp.EQ), "!=": (COMPARISON, exp.NEQ),
    "<>": (COMPARISON, exp.NEQ), "<": (COMPARISON, exp.LT), "<=": (COMPARISON, exp.LTE),
    ">": (COMPARISON, exp.GT), ">=": (COMPARISON, exp.GTE), "<=>": (COMPARISON, exp.NullSafeEQ),
    "|": (BIT_OR, exp.BitwiseOr), "^": (BIT_XOR, exp.BitwiseXor), "&": (BIT_AND, exp.BitwiseAnd),
    "+": (SUM, exp.Add), "-": (SUM, exp.Sub), "||": (SUM, exp.DPipe),
    "*": (PRODUCT, exp.Mul), "/": (PRODUCT, exp.Div), "%": (PRODUCT, exp.Mod), "div": (PRODUCT, exp.IntDiv),
}  # fmt: skip
UNARIES: dict[str, type[exp.Expression]] = {"-": exp.Neg, "~": exp.BitwiseNot}
PATTERNS: dict[str, type[exp.Expression]] = {
    "like": exp.Like, "ilike": exp.ILike, "rlike": exp.RegexpLike, "regexp": exp.RegexpLike,
}  # fmt: skip
PREDICATES = frozenset((*PATTERNS, "is", "in", "between", "not"))
NEVER_NAMES = frozenset((*PREDICATES, "and", "or", "when", "then", "else", "select", "div")) - {"not"}
STATEMENTS = frozenset("select with insert update delete create drop merge alter explain describe show".split())
LITERALS: dict[str, Callable[[], exp.Expression]] = {
    "null": exp.Null,
    "true": lambda: exp.Boolean(this=True),
    "false": lambda: exp.Boolean(this=False),
}
OPERATORS = frozenset(("=", "==", "!=", "<>", "<", "<=", ">", ">=", "<=>", "+", "*", "/", "%", "||", "&", "|", "^"))
CLOSERS = frozenset((")", ",", "]", ".", ""))


class Parser:
    """A cursor over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0

    @property
    def current(self) -> Token:
        return self.tokens[self.at]

    @property
    def following(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    @property
    def last_end(self) -> int:
        return self.tokens[self.at - 1].end if self.at else 0

    def advance(self) -> Token:
        token = self.current
        if token.kind != "end":
            self.at += 1
        return token

    def matches(self, *words: str) -> bool:
        """Whether the next tokens are these words or marks."""
        tokens = self.tokens[self.at : self.at + len(words)]
        return [token.text for token in tokens if token.kind in ("word", "mark")] == list(words)

    def accept(self, *words: str) -> bool:
        if not self.matches(*words):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        if not self.accept(*words):
            self.fail(f"expected `{' '.join(words)}` here")

    def fail(self, message: str, *, help: tuple[str, ...] = ()) -> NoReturn:
        token = self.current
        if token.kind == "end":
            message += ", at the end of the expression"
        raise syntax_error(message, token.start, token.end, help=help)

    def close(self, node: exp.Expression, start: int) -> exp.Expression:
        """Places a node that begins at `start` and ends with the last token read."""
        return place(node, start, self.last_end)

    def whole(self) -> exp.Expression:
        """The one expression that the text must be."""
        self._refuse_statement()
        found = self.expression()
        token = self.current
        if token.kind != "end":
            raise self._leftover(token)
        return found

    def expression(self, above: int = 0) -> exp.Expression:
        """Everything from here that binds tighter than `above`."""
        left = self._prefix()
        while True:
            token = self.current
            if token.kind not in ("word", "mark"):
                return left
            if token.text in PREDICATES and token.kind == "word":
                if above >= PREDICATE:
                    return left
                left = self._predicate(left)
                continue
            level, node = BINARY.get(token.text, (0, exp.Expression))
            if level <= above:
                return left
            self.advance()
            self._need_operand(token)
            right = self.expression(level)
            left = self.close(node(this=left, expression=right), span_of(left)[0])

    def _prefix(self) -> exp.Expression:
        token = self.current
        if token.kind == "mark" and token.text in UNARIES:
            self.advance()
            return self.close(UNARIES[token.text](this=self.expression(UNARY)), token.start)
        if token.kind == "mark" and token.text == "+":
            self.advance()
            return self.expression(UNARY)
        if self.matches("!") or (self.matches("not") and not self._is_name()):
            self.advance()
            self._need_operand(token)
            return self.close(exp.Not(this=self.expression(NOT)), token.start)
        return self._postfix(self.primary())

    def _need_operand(self, operator: Token) -> None:
        if self.current.kind == "end" or (self.current.kind == "mark" and self.current.text in CLOSERS):
            raise syntax_error(f"an operand is missing after `{operator.spelled}`", operator.start, operator.end)

    def _predicate(self, left: exp.Expression) -> exp.Expression:
        start = span_of(left)[0]
        if self.accept("is"):
            return self._is(left, start)
        negated = self.accept("not")
        found: exp.Expression
        if self.accept("in"):
            found = self._in(left, start)
        elif self.accept("between"):
            low = self.expression(PREDICATE)
            self.expect("and")
            found = exp.Between(this=left, low=low, high=self.expression(PREDICATE))
        elif self.current.kind == "word" and self.current.text in PATTERNS:
            node = PATTERNS[self.advance().text]
            found = node(this=left, expression=self.expression(PREDICATE))
            if self.matches("escape"):
                self.fail("`escape` is not supported", help=("escape with a backslash: `like '100\\\\%'`",))
        else:
            self.fail(f"unexpected `{self.current.spelled}` after `not`")
        found = self.close(found, start)
        return self.close(exp.Not(this=found), start) if negated else found

    def _in(self, left: exp.Expression, start: int) -> exp.Expression:
        return exp.In(this=left, expressions=self._list("in"))

    def _is(self, left: exp.Expression, start: int) -> exp.Expression:
        negated = self.accept("not")
        if self.accept("distinct", "from"):
            found: exp.Expression = exp.NullSafeEQ(this=left, expression=self.expression(PREDICATE))
            negated = not negated
        elif self.current.kind == "word" and self.current.text in LITERALS:
            token = self.advance()
            value = place(LITERALS[token.text](), token.start, token.end)
            found = exp.Is(this=left, expression=value)
        else:
            self.fail("expected `null`, `true`, `false` or `distinct from` after `is`")
        found = self.close(found, start)
        return self.close(exp.Not(this=found), start) if negated else found

    def _list(self, after: str) -> list[exp.Expression]:
        if not self.accept("("):
            self.fail(f"expected a list in parentheses after `{after}`")
        self._refuse_statement("a subquery", "join the table instead: `semi:` for `in`, `anti:` for `not in`")
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        self.expect(")")
        return found

    def _postfix(self, node: exp.Expression) -> exp.Expression:
        start = span_of(node)[0]
        while self.current.kind == "mark":
            if self.accept("["):
                index = self.expression()
                self.expect("]")
                node = exp.Bracket(this=node, expressions=[index])
            elif self.accept("."):
                node = exp.Dot(this=node, expression=self.name())
            elif self.accept("::"):
                node = exp.Cast(this=node, to=parse_type_name(self))
            else:
                break
            self.close(node, start)
        return node

    def primary(self) -> exp.Expression:
        token = self.current
        if token.kind == "string":
            return self._string()
        if token.kind == "number":
            self.advance()
            return place(exp.Literal.number(token.text), token.start, token.end)
        if token.kind == "quoted":
            return self.column()
        if token.kind == "word" and (token.text not in NEVER_NAMES or self._is_name() or self._is_pattern_call()):
            return self._word(token)
        if token.text == "(":
            return self._parenthesis()
        before = self.tokens[self.at - 1] if self.at else token
        if token.text == before.text == "&" and before.end == token.start:
            raise syntax_error("`&&` is no operator", before.start, token.end, help=("write `and`",))
        self.fail(f"an operand is missing before `{token.spelled}`" if token.spelled else "an operand is missing")

    def _string(self) -> exp.Expression:
        token = self.advance()
        if self.current.kind == "string":
            self.fail(
                "two strings in a row",
                help=("write a quote inside a string as `\\'`", "join strings with `||`"),
            )
        return place(exp.Literal.string(token.value), token.start, token.end)

    def _parenthesis(self) -> exp.Expression:
        start = self.advance().start
        self._refuse_statement("a subquery", "join the table instead: `semi:`, `inner:`, `left:` or `anti:`")
        inner = self.expression()
        if self.matches(","):
            self.fail("a list can stand only after `in`")
        self.expect(")")
        return self.close(exp.Paren(this=inner), start)

    def _is_name(self) -> bool:
        """Whether a word that may be a keyword must be a name, by what follows it."""
        following = self.following
        return following.kind == "mark" and (following.text in OPERATORS or following.text == ".")

    def _is_pattern_call(self) -> bool:
        return self.current.text in PATTERNS and self.following.text == "("

    def _word(self, token: Token) -> exp.Expression:
        if token.text in LITERALS and self.following.text != ".":
            self.advance()
            return place(LITERALS[token.text](), token.start, token.end)
        form = SPECIAL_FORMS.get(token.text)
        if form is not None:
            found = form(self)
            if found is not None:
                return self.close(found, token.start)
        if self.following.text == "(" and self.following.kind == "mark":
            return self.call()
        return self.column()

    def name(self) -> exp.Identifier:
        token = self.advance()
        if token.kind not in ("word", "quoted"):
            self.at -= token.kind != "end"
            self.fail("expected a name here")
        return place(exp.Identifier(this=token.value, quoted=token.kind == "quoted"), token.start, token.end)

    def column(self) -> exp.Expression:
        """A name with up to three qualifiers, as sqlglot nests them."""
        start = self.current.start
        parts = [self.name()]
        while len(parts) < 4 and self.accept("."):
            parts.append(self.name())
        roles = ("this", "table", "db", "catalog")
        return self.close(exp.Column(**dict(zip(roles, reversed(parts), strict=False))), start)

    def call(self) -> exp.Expression:
        """A function call by its Spark name, with FILTER and OVER."""
        name = self.advance()
        self.expect("(")
        if name.text == "exists":
            self._refuse_statement("a subquery", "join the table instead: `semi:`")
        distinct = self.accept("distinct")
        arguments = self._arguments()
        if distinct:
            arguments = [place(exp.Distinct(expressions=arguments), name.end + 1, self.last_end - 1)]
        call: exp.Expression = exp.Anonymous(this=name.text, expressions=arguments)
        call.meta["name_span"] = (name.start, name.end)
        call = parse_filter(self, self.close(call, name.start), name.start)
        return parse_over(self, call, name.start)

    def _arguments(self) -> list[exp.Expression]:
        found: list[exp.Expression] = []
        if self.accept(")"):
            return found
        while True:
            found.append(self._argument())
            if not self.accept(","):
                break
        self.expect(")")
        return found

    def _argument(self) -> exp.Expression:
        token = self.current
        if token.text == "*" and token.kind == "mark":
            self.advance()
            return place(exp.Star(), token.start, token.end)
        names = self._variables()
        if names is None:
            return self.expression()
        body = bound(self.expression(), {name.name.lower() for name in names})
        return self.close(exp.Lambda(this=body, expressions=names), token.start)

    def _variables(self) -> list[exp.Identifier] | None:
        """The names before `->`: `x ->`, or `(x, i) ->`; None, and nothing is read, where no lambda begins."""
        start, names = self.at, []
        several = self.accept("(")
        while self.current.kind in ("word", "quoted"):
            names.append(self.name())
            if not several or not self.accept(","):
                break
        if names and (not several or self.accept(")")) and self.accept("->"):
            return names
        self.at = start
        return None

    def _refuse_statement(self, what: str = "a statement", help: str = "write it under `sql:`") -> None:
        token = self.current
        if token.kind != "word" or token.text not in STATEMENTS or self._is_name():
            return
        if self.following.kind != "end" and self.following.text not in (
            *CLOSERS,
            "is",
            "in",
            "between",
            "not",
        ):
            end = len(self.text.rstrip())
            raise syntax_error(f"{what} is not an expression", token.start, end, code="E004", help=(help,))

    def _leftover(self, token: Token) -> SyntaxProblem:
        if token.text == ";":
            only = self.following.kind == "end"
            message = "an expression has no `;` at its end" if only else "more than one expression"
            help = "remove the `;`" if only else "write conditions together with `and`"
            return syntax_error(message, token.start, len(self.text.rstrip()), code="E005", help=(help,))
        if token.kind in ("word", "quoted"):
            return self._alias(token)
        if token.text == "->":
            help = "such as `transform(items, x -> x + 1)`"
            return syntax_error("`->` can stand only in an argument", token.start, token.end, help=(help,))
        return syntax_error(f"unexpected `{token.spelled}`", token.start, token.end)

    def _alias(self, token: Token) -> SyntaxProblem:
        name = self.following if token.text == "as" and self.following.kind != "end" else token
        last = self.tokens.index(name) + 1
        if self.tokens[last].kind != "end":
            return syntax_error(f"unexpected `{token.spelled}`", token.start, token.end)
        return syntax_error(
            f"unexpected name `{name.spelled}` after the expression", token.start, name.end, code="E003",
            label="an expression has no alias here",
            help=(
                "the name of a column stands before the `:`",
                f"or is an operator missing before `{name.spelled}`?",
            ),
        )  # fmt: skip


def bound(body: exp.Expression, names: Collection[str]) -> exp.Expression:
    """A lambda's body with its variables in the place of names that mean them, so that nobody takes them for columns.

    A variable hides columns and tables: `x.price` is a field of `x` even where there is a table `x`.
    """
    for column in list(body.find_all(exp.Column)):
        first, *fields = column.parts
        if first.name.lower() not in names:
            continue
        start = span_of(first)[0]
        node: exp.Expression = place(exp.Parameter(this=first.name.lower()), *span_of(first))
        for field in fields:
            node = place(exp.Dot(this=node, expression=field.copy()), start, span_of(field)[1])
        if column is body:
            body = node
        else:
            column.replace(node)
    return body
