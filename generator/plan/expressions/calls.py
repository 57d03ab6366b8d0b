"""Checks calls of functions, aggregates and window functions against the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from generator.diagnostics import suggestion
from generator.plan.expressions import operators
from generator.plan.expressions.checker import UNKNOWN_VALUE, is_plain_value, told_by_null
from generator.plan.expressions.functions import find, registry
from generator.plan.expressions.functions.model import ACCEPTED, Call, Function, Kind, Personal
from generator.plan.expressions.functions.refused import REFUSED
from generator.plan.expressions.lambdas import LambdaChecks, told_by_lambdas
from generator.plan.expressions.literals import constant
from generator.plan.expressions.nodes import hull, place, span_of
from generator.plan.expressions.problem import NotPortable
from generator.plan.expressions.typed import NO_PERSONAL, Allow, Typed, combine, pseudonymous, recognised
from generator.plan.types import BOOLEAN, NULL, UNKNOWN, Type, parse_type

WITHOUT_PARENTHESES = frozenset(("current_date", "current_timestamp", "current_user", "session_user", "now"))


TELLING = frozenset(
    "nullif decode instr locate position charindex element_at try_element_at array_position levenshtein find_in_set"
    " replace regexp_replace translate regexp_extract split split_part".split()
)
"""Functions that look a value up or compare it: of a hash, they tell whose it is."""


class CallChecks(LambdaChecks):
    """Checks calls.

    Attributes:
        inside: the aggregate or window function whose arguments are being checked.
        order_ignored: whether the function around doesn't care for the order of an array.
    """

    inside: str = ""

    def call(self, node: exp.Anonymous, where: exp.Expression | None = None, over: bool = False) -> Typed:
        name = str(node.this)
        if name == "mod" and len(node.expressions) == 2 and not over:
            return self.visit(as_remainder(node))
        at = node.meta_get("name_span", span_of(node))
        function = find(name)
        if function is None:
            return self.unknown_function(name, at)
        order_ignored, self.order_ignored = self.order_ignored, False
        nodes, distinct = self.argument_nodes(node)
        if not self.right_place(function, name, at, over) or not self.right_number(function, name, at, nodes, distinct):
            self.visit_all(function, nodes)
            return UNKNOWN_VALUE
        if distinct and (not function.distinct or over):
            where_ = "in a window" if over and function.distinct else f"in `{name}`"
            self.wrong("F003", f"`distinct` is not supported {where_}", at)
        if function.unordered and not order_ignored:
            self.wrong(
                "F003", f"the order of `{name}` is not certain", at, "differs from run to run",
                help=(f"write `sort_array({name}(…))`",),
            )  # fmt: skip
        if function.unordered and where is not None:
            help = (f"write `{name}(case when … then x end)`",)
            self.wrong("F003", f"`filter` is not supported on `{name}`", at, help=help)
        values = self.visit_all(function, nodes)
        condition = self.filter_condition(where) if where is not None else None
        return self.resolved(function, node, values, distinct, condition)

    def argument_nodes(self, node: exp.Anonymous) -> tuple[list[exp.Expression], bool]:
        nodes = node.expressions
        if len(nodes) == 1 and isinstance(nodes[0], exp.Distinct):
            return nodes[0].expressions, True
        return nodes, False

    def visit_all(self, function: Function, nodes: Sequence[exp.Expression]) -> list[Typed]:
        outer = self.inside
        if function.kind is not Kind.SCALAR:
            self.inside = function.name
        values: list[Typed] = []
        for node in nodes:
            self.order_ignored = function.ignores_order
            if isinstance(node, exp.Lambda):
                values.append(self.lambda_(function, node, values))
            else:
                values.append(Typed(exp.Star(), UNKNOWN) if isinstance(node, exp.Star) else self.visit(node))
        self.order_ignored = False
        self.inside = outer
        return values

    def filter_condition(self, where: exp.Expression) -> Typed:
        outer, self.inside = self.inside, "filter"
        value = self.test(where)
        self.inside = outer
        return value

    def unknown_function(self, name: str, at: tuple[int, int]) -> Typed:
        refused = REFUSED.get(name)
        if refused is not None:
            reason, *help = refused
            return self.wrong("F003", f"`{name}` is not portable: {reason}", at, "not portable", help=tuple(help))
        return self.wrong("F001", f"unknown function `{name}`", at, "not known", help=suggestion(name, registry()))

    def right_place(self, function: Function, name: str, at: tuple[int, int], over: bool) -> bool:
        if function.kind is Kind.SCALAR:
            if over:
                self.wrong("A004", f"`{name}` is no window function", at, help=("remove `over (…)`",))
            return not over
        if over:
            if function.kind is Kind.AGGREGATE and not function.over:
                self.wrong("A004", f"`{name}` is not supported as a window function", at)
                return False
            return True
        if function.kind is Kind.WINDOW:
            self.wrong(
                "A004", f"`{name}` needs a window", at,
                help=(f"write `{name}(…) over (partition by … order by …)`",),
            )  # fmt: skip
            return False
        if self.inside:
            self.wrong(
                "A002", f"`{name}` inside `{self.inside}`", at, "an aggregate of an aggregate",
                help=("compute the inner one in a table of its own",),
            )  # fmt: skip
            return False
        if Allow.AGGREGATES not in self.allow:
            self.wrong(
                "A001", f"`{name}` is an aggregate and is not allowed here", at, "sums up many rows",
                help=("aggregate in a table of its own, with `aggregate:`, then use its result",),
            )  # fmt: skip
            return False
        return True

    def right_number(
        self,
        function: Function,
        name: str,
        at: tuple[int, int],
        nodes: Sequence[exp.Expression],
        distinct: bool,
    ) -> bool:
        least, most = function.arity
        if any(isinstance(node, exp.Star) for node in nodes) and (name != "count" or len(nodes) > 1 or distinct):
            self.wrong("F002", f"`{name}` takes no `*` here", at, help=("only `count(*)` stands for the rows",))
            return False
        if name == "count" and not nodes:
            least = 1
        if least <= len(nodes) and (most is None or len(nodes) <= most):
            return True
        wanted = f"{least}" if most == least else f"at least {least}" if most is None else f"{least} to {most}"
        plural = "" if wanted.endswith(" 1") or wanted == "1" else "s"
        self.wrong(
            "F002", f"`{name}` takes {wanted} argument{plural}, found {len(nodes)}", at,
            help=(f"its arguments: `{name}({signature(function)})`",),
        )  # fmt: skip
        return False

    def resolved(
        self,
        function: Function,
        node: exp.Anonymous,
        values: Sequence[Typed],
        distinct: bool,
        where: Typed | None,
    ) -> Typed:
        name = str(node.this)
        right = [self.right_type(function, name, index, value) for index, value in enumerate(values)]
        shared = self.shared_type(function, values)
        sound = all(right) and shared is not None
        arguments = [value.ast for value in values]
        kind = UNKNOWN
        if sound:
            kind = self.result_type(function, Call(name, arguments, shared or UNKNOWN), shared or UNKNOWN)
            self.validate(function, Call(name, arguments, kind), node)
        expressions: list[exp.Expression] = [exp.Distinct(expressions=arguments)] if distinct else list(arguments)
        if where is not None:
            expressions.append(exp.Where(this=where.ast))
        shape = exp.AnonymousAggFunc if function.kind is Kind.AGGREGATE else exp.Anonymous
        parts = (*values, where) if where is not None else values
        found = combine(shape(this=name, expressions=expressions), kind, parts, like=node)
        if function.kind is Kind.AGGREGATE:
            found = replace(found, aggregate=True)
        if function.variables is not None and function.name != "filter":
            personal = told_by_lambdas(values)
            found = replace(found, personal=recognised(personal) if kind == BOOLEAN else personal)
        if name in TELLING:
            found = replace(found, personal=recognised(found.personal))
        if function.personal is Personal.CLEAR:
            told = (
                told_by_null(part.ast, self.scope) if is_plain_value(part.ast, self.scope) else part.personal
                for part in parts
            )
            return replace(found, personal=NO_PERSONAL.union(*told))
        return replace(found, personal=pseudonymous(found.personal)) if function.personal is Personal.HASH else found

    def right_type(self, function: Function, name: str, index: int, value: Typed) -> bool:
        if isinstance(value.ast, exp.Star):
            return True
        if isinstance(value.ast, exp.Lambda):
            return value.type != UNKNOWN
        parameter = function.parameter(index)
        accepted = ACCEPTED[parameter.kind]
        if parameter.constant and constant(value.ast) is None and value.type != UNKNOWN:
            self.wrong(
                "T006", f"`{name}` needs a constant here", value.ast, "not a constant",
                notes=("the engines can be compared only on what is known when the lake is built",),
            )  # fmt: skip
            return False
        if value.type in (NULL, UNKNOWN) or value.type.kind in accepted.kinds:
            if value.type == NULL and parameter.kind == "boolean":
                self.wrong("T002", "a condition that is always null is never true", value.ast, "never true")
            return value.type != UNKNOWN
        self.wrong(
            "T006", f"`{name}` needs {accepted.wanted} here, found {value.type}", value.ast,
            f"this is {value.type}", help=conversion_help(parameter.kind, value.type),
        )  # fmt: skip
        return False

    def shared_type(self, function: Function, values: Sequence[Typed]) -> Type | None:
        """What the arguments of kind `T` or `A` have in common; None where they differ."""
        shared: Type = NULL
        for index, value in enumerate(values):
            if function.parameter(index).kind not in ("T", "A"):
                continue
            dates = {shared, value.type} == set(operators.DATES) and function.parameter(index).kind == "T"
            wider = operators.DATES[1] if dates else operators.unified(shared, value.type)
            if wider is None:
                self.wrong(
                    "T005", f"one argument is {shared}, another {value.type}", value.ast,
                    f"this is {value.type}",
                    help=(f"cast it: `cast(… as {shared})`",),
                )  # fmt: skip
                return None
            shared = wider
        return shared

    def result_type(self, function: Function, call: Call, shared: Type) -> Type:
        if not isinstance(function.result, str):
            return function.result(call)
        if function.result == "T":
            return shared
        return call.kind(0) if function.result == "1" else parse_type(function.result)

    def validate(self, function: Function, call: Call, node: exp.Expression) -> None:
        try:
            if function.validate is not None:
                function.validate(call)
        except NotPortable as error:
            given = enumerate(call.arguments)
            blamed = [argument for index, argument in given if function.parameter(index).constant]
            at = hull(blamed or call.arguments) if call.arguments else span_of(node)
            self.wrong("F003", f"`{call.name}`: {error}", at, "not portable", help=error.help)

    def filtered(self, node: exp.Filter) -> Typed:
        return self.call(node.this, node.expression.this)

    def windowed(self, node: exp.Window) -> Typed:
        call = node.this.this if isinstance(node.this, exp.Filter) else node.this
        at = call.meta_get("name_span", span_of(call))
        if Allow.WINDOWS not in self.allow or self.inside:
            reason = f"inside `{self.inside}`" if self.inside else "here"
            return self.wrong(
                "A004", f"a window function is not allowed {reason}", at, "looks at other rows",
                help=("keep rows by it with `qualify`, or compute it under `add:` in a table of its own",),
            )  # fmt: skip
        where = node.this.expression.this if isinstance(node.this, exp.Filter) else None
        value = self.call(call, where, over=True)
        self.inside = "over"
        partition = [self.visit(key) for key in node.args["partition_by"]]
        order = [self.sort_key(key) for key in node.args["order"].expressions] if node.args["order"] else []
        self.inside = ""
        function = find(str(call.this))
        if function is not None and function.kind is Kind.WINDOW and not order:
            self.wrong("A004", f"`{call.this}` needs an order", at, help=("write `over (… order by …)`",))
        made = exp.Window(
            this=value.ast,
            partition_by=[key.ast for key in partition],
            order=exp.Order(expressions=[key.ast for key in order]) if order else None,
            spec=self.frame(node.args["spec"], bool(order)),
        )
        found = combine(made, value.type, (value, *partition, *order), like=node)
        return replace(found, aggregate=False, window=True)

    def sort_key(self, node: exp.Ordered) -> Typed:
        value = self.visit(node.this)
        if value.type.is_nested:
            self.wrong("T006", f"{value.type} has no order", value.ast)
        made = exp.Ordered(this=value.ast, desc=node.args["desc"], nulls_first=node.args["nulls_first"])
        return combine(made, value.type, (value,), like=node)

    def frame(self, spec: exp.WindowSpec | None, ordered: bool) -> exp.WindowSpec | None:
        if spec is None:
            return None
        numbered = spec.args["start"].isdigit() or spec.args["end"].isdigit()
        if spec.args["kind"] == "RANGE" and numbered:
            self.wrong("F003", "a `range` frame with a number is not portable", spec, help=("write `rows between`",))
        if spec.args["kind"] == "ROWS" and not ordered:
            self.wrong("A004", "a frame of rows needs an order", spec, help=("write `order by …` before it",))
        return place(exp.WindowSpec(**spec.args), *span_of(spec))

    def call_without_parentheses(self, node: exp.Column) -> Typed | None:
        """`current_date` and the like, which are functions where no column has the name."""
        name = node.name.lower()
        if name not in WITHOUT_PARENTHESES or node.this.args.get("quoted"):
            return None
        return self.call(place(exp.Anonymous(this=name, expressions=[]), *span_of(node)))


def as_remainder(node: exp.Anonymous) -> exp.Expression:
    """`mod(a, b)` as the operator that it is."""
    left, right = node.expressions
    remainder = place(exp.Mod(this=left.copy(), expression=right.copy()), *span_of(node))
    return place(exp.Paren(this=remainder), *span_of(node))


def signature(function: Function) -> str:
    """The parameters, for people."""
    shown = {"T": "value", "A": "value", "any": "value"}
    parts = []
    for text in filter(None, (part.strip() for part in function.parameters.split(","))):
        bare = text.rstrip("?*!")
        word = shown.get(bare, bare)
        parts.append(f"{word}…" if "*" in text else f"[{word}]" if "?" in text else word)
    return ", ".join(parts)


def conversion_help(wanted: str, found: Type) -> tuple[str, ...]:
    if wanted in ("date", "timestamp") and found.kind == "string":
        return ("write `to_date(…, 'yyyy-MM-dd')` or `cast(… as timestamp)`",)
    if wanted in ("date", "timestamp") and found.is_integer:
        return ("write `timestamp_millis(…)` or `timestamp_seconds(…)`",)
    if wanted == "string" and not found.is_nested:
        return ("write `cast(… as string)`",)
    if wanted in ("number", "double") and found.kind == "string":
        return ("write `cast(… as double)` or another number type",)
    return ("write `cast(… as int)`",) if wanted == "int" else ()
