"""Checks one expression: what its names mean, which types its parts have, what may stand where.

One method a kind of node. Each takes the parsed node and gives a new, resolved and typed one; the parsed tree is
shared and never changed. What is wrong is noted, and the part gets the type `unknown`, about which nothing more is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from generator.plan.expressions import operators
from generator.plan.expressions.calls import CallChecks
from generator.plan.expressions.casts import cast_refusal
from generator.plan.expressions.literals import constant, date_literal, number_type
from generator.plan.expressions.nodes import place, span_of, type_of, typed
from generator.plan.expressions.operators import SYMBOLS
from generator.plan.expressions.parse import parse, parse_name
from generator.plan.expressions.problem import NotPortable, Problem
from generator.plan.expressions.regex import check_like, to_re2
from generator.plan.expressions.scope import Name, Scope, field_type
from generator.plan.expressions.typed import NO_PERSONAL, Allow, Typed, combine
from generator.plan.relation import ColumnId
from generator.plan.types import BOOLEAN, DATE, INT, NULL, STRING, TIMESTAMP, UNKNOWN, Type

Checked = tuple[Typed | None, list[Problem]]


def check(text: str, scope: Scope, allow: Allow = Allow.NOTHING) -> Checked:
    """Resolves and type-checks an expression.

    Returns:
        The typed expression, or None where there are problems, and all of them in the order of the text.
    """
    name = parse_name(text)
    if name is not None:
        simple = scope.find(name[1].lower())
        if simple is not None:
            node = place(column_node(simple.id, simple.column.type), *name.span(1))
            known = simple.column
            return Typed(node, known.type, known.personal, known.origins, simple.id), []
    tree = parse(text)
    if isinstance(tree, Problem):
        return None, [tree]
    return check_ast(tree, scope, allow)


def check_ast(ast: exp.Expression, scope: Scope, allow: Allow = Allow.NOTHING, text_offset: int = 0) -> Checked:
    """Like `check`, for a tree that `parse` made; it is not changed.

    Args:
        text_offset: is added to the offsets of all problems.
    """
    checker = _Checker(scope, allow)
    try:
        found = checker.visit(ast)
    except RecursionError:
        found = checker.wrong("E001", "the expression is nested too deeply", ast)
    problems = sorted(checker.problems, key=lambda problem: (problem.start, problem.end))
    if text_offset:
        problems = [_moved(problem, text_offset) for problem in problems]
    return (None if problems else found), problems


def column_node(id: ColumnId, kind: Type) -> exp.Column:
    """A resolved reference to a column."""
    table = exp.Identifier(this=id.alias, quoted=True) if id.alias is not None else None
    return typed(exp.Column(this=exp.Identifier(this=id.name, quoted=True), table=table), kind)


def _moved(problem: Problem, by: int) -> Problem:
    return Problem(
        problem.code, problem.message, problem.start + by, problem.end + by, problem.label, problem.notes, problem.help
    )


class _Checker(CallChecks):
    def __init__(self, scope: Scope, allow: Allow) -> None:
        self.scope = scope
        self.allow = allow
        self.problems: list[Problem] = []

    def visit(self, node: exp.Expression) -> Typed:
        method = _METHODS.get(type(node))
        if method is None:
            return self.wrong("E001", f"`{node.key}` is not supported here", node)
        return method(self, node)

    def wrong(
        self, code: str, message: str, at: exp.Expression | tuple[int, int], label: str = "",
        *, notes: tuple[str, ...] = (), help: tuple[str, ...] = (),
    ) -> Typed:  # fmt: skip
        """Notes a problem; the result has an unknown type, so that nothing follows from it."""
        start, end = at if isinstance(at, tuple) else span_of(at)
        self.problems.append(Problem(code, message, start, end, label, notes, help))
        return UNKNOWN_VALUE

    # Names and constants -----------------------------------------------------------------------------

    def column(self, node: exp.Column) -> Typed:
        parts = [Name(part.name, *span_of(part)) for part in node.parts]
        found = self.scope.resolve(parts)
        if isinstance(found, Problem):
            call = self.call_without_parentheses(node) if len(parts) == 1 else None
            if call is not None:
                return call
            self.problems.append(found)
            return UNKNOWN_VALUE
        known = found.column
        resolved = typed(column_node(found.id, known.type), known.type, node)
        value = Typed(resolved, known.type, known.personal, known.origins, found.id)
        for part in parts[found.parts :]:
            value = self.field(value, part, node)
        return value

    def dot(self, node: exp.Dot) -> Typed:
        value = self.visit(node.this)
        return self.field(value, Name(node.expression.name, *span_of(node.expression)), node)

    def field(self, value: Typed, name: Name, node: exp.Expression) -> Typed:
        if value.type == UNKNOWN:
            return UNKNOWN_VALUE
        kind = field_type(value.type, name)
        if isinstance(kind, Problem):
            self.problems.append(kind)
            return UNKNOWN_VALUE
        field = exp.Identifier(this=name.text.lower(), quoted=True)
        return combine(exp.Dot(this=value.ast, expression=field), kind, (value,), like=node)

    def literal(self, node: exp.Literal) -> Typed:
        return self._number(node, False) if not node.is_string else _value(exp.Literal.string(node.this), STRING, node)

    def _number(self, node: exp.Literal, negative: bool) -> Typed:
        kind = number_type(node.this, negative)
        if kind is None:
            return self.wrong("E001", f"`{node.this}` is not a number that fits its type", node)
        return _value(exp.Literal.number(node.this), kind, node)

    def null(self, node: exp.Null) -> Typed:
        return _value(exp.Null(), NULL, node)

    def boolean(self, node: exp.Boolean) -> Typed:
        return _value(exp.Boolean(this=node.this), BOOLEAN, node)

    def paren(self, node: exp.Paren) -> Typed:
        inner = self.visit(node.this)
        value = combine(exp.Paren(this=inner.ast), inner.type, (inner,), like=node)
        return value if inner.column is None else inner

    # Conditions --------------------------------------------------------------------------------------

    def connector(self, node: exp.Expression) -> Typed:
        parts = self.flattened(node)
        values = [self.condition(part) for part in parts]
        joined = values[0].ast
        for value, part in zip(values[1:], parts[1:], strict=True):
            whole = (span_of(node)[0], span_of(part)[1])
            joined = place(typed(type(node)(this=joined, expression=value.ast), BOOLEAN), *whole)
        return combine(joined, BOOLEAN, values, like=node)

    def flattened(self, node: exp.Expression) -> list[exp.Expression]:
        """The operands of a chain of the same connector, however long, without recursion."""
        parts: list[exp.Expression] = []
        left: exp.Expression = node
        while type(left) is type(node):
            parts.append(left.expression)
            left = left.this
        return [left, *reversed(parts)]

    def condition(self, node: exp.Expression) -> Typed:
        """A part that must be true or false."""
        value = self.visit(node)
        if not operators.is_condition(value.type):
            self.wrong("T002", f"expected a condition, found {value.type}", node, f"this is {value.type}")
        return value

    def not_(self, node: exp.Not) -> Typed:
        value = self.condition(node.this)
        return combine(exp.Not(this=value.ast), BOOLEAN, (value,), like=node)

    def is_(self, node: exp.Is) -> Typed:
        is_null = isinstance(node.expression, exp.Null)
        value = self.visit(node.this) if is_null else self.condition(node.this)
        other = self.visit(node.expression)
        found = combine(exp.Is(this=value.ast, expression=other.ast), BOOLEAN, (value,), like=node)
        return _without_personal(found) if is_null else found

    def comparison(self, node: exp.Expression) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        found = combine(type(node)(this=left.ast, expression=right.ast), BOOLEAN, (left, right), like=node)
        if not isinstance(node, exp.NullSafeEQ) and self.null_compared(node, left, right):
            return found
        self.comparable(left, right, node)
        if isinstance(node, exp.NullSafeEQ) and NULL in (left.type, right.type):
            return _without_personal(found)
        return found

    def null_compared(self, node: exp.Expression, *sides: Typed) -> bool:
        for side, other in zip(sides, sides[::-1], strict=True):
            if isinstance(side.ast, exp.Null):
                symbol = SYMBOLS[type(node)]
                test = "is not null" if symbol == "<>" else "is null"
                self.wrong(
                    "T008", f"`{symbol} null` is never true", node, "always null",
                    help=(f"write `{self.spelled(other.ast)} {test}`",),
                )  # fmt: skip
                return True
        return False

    def comparable(self, left: Typed, right: Typed, at: exp.Expression) -> None:
        """Notes a comparison of types that need a cast."""
        if operators.comparable(left.type, right.type) is not None:
            return
        if left.type.is_nested and right.type.kind == left.type.kind:
            self.wrong(
                "T001", f"{left.type} cannot be compared", at, f"{left.type} and {right.type}",
                notes=("engines differ on nulls inside",), help=("compare fields or elements",),
            )  # fmt: skip
            return
        self.wrong(
            "T001", f"cannot compare {left.type} with {right.type}", at, f"{left.type} and {right.type}",
            notes=("Spark would convert silently, and lose the rows that don't convert",),
            help=self.cast_help(left, right),
        )  # fmt: skip

    def cast_help(self, left: Typed, right: Typed) -> tuple[str, ...]:
        for side, other in ((left, right), (right, left)):
            value = constant(side.ast)
            if isinstance(value, str):
                wanted = operators.literal_for(other.type, value)
                return (f"write `{wanted}`",) if wanted else (f"write a constant of type {other.type}",)
            if isinstance(value, int | float) and other.type == STRING:
                return (f"write `'{side.ast.this}'`",)
        wide, narrow = (left, right) if left.type == STRING else (right, left)
        return (f"cast one side: `cast({self.spelled(narrow.ast)} as {wide.type})`",)

    def spelled(self, node: exp.Expression) -> str:
        """A part as its author would write it, for help texts."""
        if isinstance(node, exp.Column):
            return f"{node.table}.{node.name}" if node.table and len(self.scope.relations) > 1 else node.name
        return "…"

    def in_(self, node: exp.In) -> Typed:
        value = self.visit(node.this)
        items = [self.visit(item) for item in node.expressions]
        for item in items:
            if isinstance(item.ast, exp.Null):
                self.wrong(
                    "T008", "`null` in a list never matches", item.ast, "never equal to anything",
                    notes=("`not in` a list with null is never true",), help=("remove it, or add `or … is null`",),
                )  # fmt: skip
            else:
                self.comparable(value, item, item.ast)
        made = exp.In(this=value.ast, expressions=[item.ast for item in items])
        return combine(made, BOOLEAN, (value, *items), like=node)

    def between(self, node: exp.Between) -> Typed:
        value, low, high = (self.visit(node.args[key]) for key in ("this", "low", "high"))
        self.comparable(value, low, low.ast)
        self.comparable(value, high, high.ast)
        made = exp.Between(this=value.ast, low=low.ast, high=high.ast)
        return combine(made, BOOLEAN, (value, low, high), like=node)

    def pattern(self, node: exp.Expression) -> Typed:
        value, pattern = self.visit(node.this), self.visit(node.expression)
        found = combine(type(node)(this=value.ast, expression=pattern.ast), BOOLEAN, (value, pattern), like=node)
        if not operators.is_text(value.type):
            self.wrong("T006", f"`{SYMBOLS[type(node)]}` needs a string, found {value.type}", value.ast)
        text = constant(pattern.ast)
        if not isinstance(text, str):
            if pattern.type != UNKNOWN:
                self.wrong("T006", f"the pattern of `{SYMBOLS[type(node)]}` must be a constant string", pattern.ast)
            return found
        try:
            to_re2(text) if isinstance(node, exp.RegexpLike) else check_like(text)
        except NotPortable as error:
            self.wrong("F003", f"{error}", pattern.ast, "not portable", help=error.help)
        return found

    # Arithmetic --------------------------------------------------------------------------------------

    def arithmetic(self, node: exp.Expression) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        if isinstance(left.ast, exp.Interval) or isinstance(right.ast, exp.Interval):
            return self.shifted(node, left, right)
        symbol = SYMBOLS[type(node)]
        a, b = operators.operand_types(left.ast, right.ast)
        kind = operators.arithmetic_type(symbol, a, b)
        if kind is None:
            return self.no_number(node, symbol, left, right)
        if kind.kind == "decimal" and operators.exact_digits(symbol, a, b) > operators.MAX_DIGITS:
            return self.wrong(
                "T009", f"`{symbol}` on {left.type} and {right.type} needs more than 38 digits", node,
                notes=("the digits beyond would be cut off without a word",),
                help=("cast one side to a smaller decimal, or to double",),
            )  # fmt: skip
        made = type(node)(this=left.ast, expression=right.ast)
        return combine(made, kind, (left, right), like=node)

    def no_number(self, node: exp.Expression, symbol: str, left: Typed, right: Typed) -> Typed:
        both = f"{left.type} and {right.type}"
        help: tuple[str, ...] = ()
        if STRING in (left.type, right.type) and symbol == "+":
            help = ("join strings with `||`, or cast them to a number",)
        elif {left.type, right.type} <= {DATE, TIMESTAMP} and symbol == "-":
            help = ("write `datediff(end, start)`, or subtract `unix_seconds(…)`",)
        elif left.type in operators.DATES and right.type.is_integer:
            help = (f"write `date_{'add' if symbol == '+' else 'sub'}(…, n)`, or `{symbol} interval n days`",)
        elif symbol == "div" and left.type.is_numeric and right.type.is_numeric:
            help = ("`div` is for integers; write `floor(a / b)`",)
        return self.wrong("T003", f"`{symbol}` is not defined on {both}", node, both, help=help)

    def shifted(self, node: exp.Expression, left: Typed, right: Typed) -> Typed:
        """A date or a timestamp, plus or minus an interval."""
        swapped = isinstance(left.ast, exp.Interval)
        value, interval = (right, left) if swapped else (left, right)
        symbol = SYMBOLS[type(node)]
        if UNKNOWN == value.type:
            return UNKNOWN_VALUE
        if value.type not in operators.DATES or symbol not in "+-" or (swapped and symbol == "-"):
            return self.wrong("T003", f"`{symbol}` is not defined on {left.type} and {right.type}", node)
        if value.type == DATE and interval.ast.args["unit"].name.lower() in ("hour", "minute", "second"):
            return self.wrong(
                "T003", "a date has no time to shift", node, help=("cast it to a timestamp first",)
            )  # fmt: skip
        made = type(node)(this=value.ast, expression=interval.ast)
        return combine(made, value.type, (value,), like=node)

    def interval(self, node: exp.Interval) -> Typed:
        word, amount = node.args["unit"].name.lower(), node.this.this
        unit = word.removesuffix("s")
        if unit not in INTERVAL_UNITS or not amount.removeprefix("-").isdigit():
            return self.wrong(
                "E001", f"`interval {amount} {word}` is not supported", node,
                help=(f"write a whole number and one of {', '.join(INTERVAL_UNITS)}",),
            )  # fmt: skip
        made = exp.Interval(this=exp.Literal.string(str(int(amount))), unit=exp.Var(this=unit))
        return Typed(typed(made, Type("interval"), node), Type("interval"))

    def negation(self, node: exp.Neg) -> Typed:
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            value = self._number(node.this, True)
        else:
            value = self.visit(node.this)
        if not (value.type.is_numeric or value.type in (NULL, UNKNOWN)):
            return self.wrong("T003", f"`-` is not defined on {value.type}", node)
        return combine(exp.Neg(this=value.ast), value.type, (value,), like=node)

    def bitwise(self, node: exp.Expression) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        for side in (left, right):
            if not (side.type.is_integer or side.type == UNKNOWN):
                return self.wrong("T003", f"`{SYMBOLS[type(node)]}` needs integers, found {side.type}", side.ast)
        kind = operators.unified(left.type, right.type) or UNKNOWN
        return combine(type(node)(this=left.ast, expression=right.ast), kind, (left, right), like=node)

    def bitwise_not(self, node: exp.BitwiseNot) -> Typed:
        value = self.visit(node.this)
        if not (value.type.is_integer or value.type == UNKNOWN):
            return self.wrong("T003", f"`~` needs an integer, found {value.type}", node)
        return combine(exp.BitwiseNot(this=value.ast), value.type, (value,), like=node)

    def concatenation(self, node: exp.DPipe) -> Typed:
        left, right = self.visit(node.this), self.visit(node.expression)
        for side in (left, right):
            if not operators.is_text(side.type):
                self.wrong(
                    "T006", f"`||` joins strings, found {side.type}", side.ast, f"this is {side.type}",
                    help=(f"write `cast({self.spelled(side.ast)} as string)`",),
                )  # fmt: skip
        return combine(exp.DPipe(this=left.ast, expression=right.ast), STRING, (left, right), like=node)

    # CASE, casts, elements ---------------------------------------------------------------------------

    def case(self, node: exp.Case) -> Typed:
        subject = self.visit(node.this) if node.this is not None else None
        parts = [subject] if subject is not None else []
        branches, results = [], []
        for branch in node.args["ifs"]:
            if subject is None:
                when = self.condition(branch.this)
            else:
                when = self.visit(branch.this)
                if not (isinstance(when.ast, exp.Null) and self.null_compared(exp.EQ(), when, subject)):
                    self.comparable(subject, when, when.ast)
            then = self.visit(branch.args["true"])
            parts += (when, then)
            results.append(then)
            branches.append(exp.If(this=when.ast, true=then.ast))
        default = self.visit(node.args["default"]) if node.args.get("default") is not None else None
        if default is not None:
            parts.append(default)
            results.append(default)
        made = exp.Case(this=subject.ast if subject else None, ifs=branches, default=default.ast if default else None)
        return combine(made, self.unify(results), parts, like=node)

    def unify(self, values: Sequence[Typed]) -> Type:
        """The one type of values of which any may come out."""
        kind = values[0].type
        for value in values[1:]:
            wider = operators.unified(kind, value.type)
            if wider is None:
                self.wrong(
                    "T005", f"one result is {kind}, another {value.type}", value.ast, f"this is {value.type}",
                    help=(f"cast it: `cast({self.spelled(value.ast)} as {kind})`",),
                )  # fmt: skip
                return UNKNOWN
            kind = wider
        return kind

    def cast(self, node: exp.Cast) -> Typed:
        target = type_of(node.args["to"])
        if isinstance(node.this, exp.Literal) and node.this.is_string and target in operators.DATES:
            full = date_literal(target, node.this.this)
            if full is not None:
                made = exp.Cast(this=typed(exp.Literal.string(full), STRING), to=exp.Var(this=str(target)))
                return _value(made, target, node)
            if span_of(node)[0] == span_of(node.args["to"])[0]:
                example = "2024-02-29" if target == DATE else "2024-02-29 13:00:00"
                return self.wrong(
                    "T007", f"`{node.this.this}` is not a {target}", node.this, help=(f"write it like '{example}'",)
                )
        value = self.visit(node.this)
        refusal = cast_refusal(value.type, target, isinstance(node, exp.TryCast))
        if refusal is not None:
            message, help = refusal
            return self.wrong("T007", message, node, f"{value.type} to {target}", help=help)
        to = exp.Var(this=str(target))
        made = type(node)(this=value.ast, to=to)
        return combine(made, target, (value,), like=node)

    def bracket(self, node: exp.Bracket) -> Typed:
        value, key = self.visit(node.this), self.visit(node.expressions[0])
        if value.type == UNKNOWN:
            return UNKNOWN_VALUE
        if value.type.kind not in ("array", "map"):
            return self.wrong("T006", f"`{value.type}` has no elements", node, "neither an array nor a map")
        wanted = INT if value.type.kind == "array" else value.type.fields[0][1]
        right = key.type.is_integer if wanted == INT else operators.unified(key.type, wanted) == wanted
        if not (right or key.type == UNKNOWN):
            return self.wrong("T006", f"the index must be {wanted}, found {key.type}", key.ast)
        made = exp.Bracket(this=value.ast, expressions=[key.ast])
        return combine(made, value.type.element, (value, key), like=node)


INTERVAL_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
UNKNOWN_VALUE = Typed(typed(exp.Var(this="unknown"), UNKNOWN), UNKNOWN)


def _value(node: exp.Expression, kind: Type, like: exp.Expression) -> Typed:
    return Typed(typed(node, kind, like), kind)


def _without_personal(value: Typed) -> Typed:
    """The same for what tells nothing of the value itself."""
    return Typed(value.ast, value.type, NO_PERSONAL, value.origins, None, value.aggregate, value.window)


_METHODS: dict[type[exp.Expr], Callable[..., Typed]] = {
    exp.Column: _Checker.column, exp.Dot: _Checker.dot, exp.Literal: _Checker.literal, exp.Null: _Checker.null,
    exp.Boolean: _Checker.boolean, exp.Paren: _Checker.paren, exp.And: _Checker.connector,
    exp.Or: _Checker.connector, exp.Not: _Checker.not_, exp.Is: _Checker.is_, exp.In: _Checker.in_,
    exp.Between: _Checker.between, exp.Case: _Checker.case, exp.Cast: _Checker.cast, exp.TryCast: _Checker.cast,
    exp.Bracket: _Checker.bracket, exp.Neg: _Checker.negation, exp.Interval: _Checker.interval,
    exp.DPipe: _Checker.concatenation, exp.BitwiseNot: _Checker.bitwise_not, exp.Anonymous: _Checker.call,
    exp.Filter: _Checker.filtered, exp.Window: _Checker.windowed,
    **dict.fromkeys(operators.ARITHMETIC, _Checker.arithmetic),
    **dict.fromkeys(operators.COMPARISONS, _Checker.comparison),
    **dict.fromkeys(operators.BITWISE, _Checker.bitwise),
    **dict.fromkeys((exp.Like, exp.ILike, exp.RegexpLike), _Checker.pattern),
}  # fmt: skip
