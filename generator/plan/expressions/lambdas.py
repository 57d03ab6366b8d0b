"""Checks lambdas: what their variables are, and what becomes of the personal data that goes through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sqlglot import exp

from generator.plan.expressions.arithmetic import INTERVAL
from generator.plan.expressions.checker import UNKNOWN_VALUE, Checker
from generator.plan.expressions.functions.model import Function, Variables
from generator.plan.expressions.nodes import variable
from generator.plan.expressions.operators import unified
from generator.plan.expressions.typed import NO_PERSONAL, Allow, Typed, combine
from generator.plan.relation import Origin, PersonalData
from generator.plan.types import NULL, UNKNOWN

LAMBDAS = ("lambda", "predicate")
"""The kinds of parameters that take one."""


class LambdaChecks(Checker):
    """Checks lambdas.

    Attributes:
        variables: those of the lambdas around, by lower-case name. They hide columns and tables of the same name.
    """

    variables: Mapping[str, Typed] = MappingProxyType({})
    order_ignored: bool = False

    def lambda_(self, function: Function, node: exp.Lambda, before: Sequence[Typed]) -> Typed:
        """A lambda among a function's arguments, after those before it; its type is that of its result."""
        kind = function.parameter(len(before)).kind
        if kind not in LAMBDAS or function.variables is None:
            return self.wrong("T006", f"`{function.name}` takes no lambda here", node)
        if before[0].type.kind != "array" or any(one.type == UNKNOWN for one in before):
            return UNKNOWN_VALUE
        known = function.variables([one.type for one in before])
        names = [name.name.lower() for name in node.expressions]
        if not self.right_names(function, node, names, known):
            return UNKNOWN_VALUE
        noted = len(self.problems)
        told = NO_PERSONAL.union(*(one.personal for one in before))
        bound = variables(names, known, Typed(before[0].ast, UNKNOWN, told, _origins(before)))
        body = self.body(node, kind, bound)
        if known.least == 2 and body.personal > told and len(self.problems) == noted:
            # the accumulator tells what was joined to it before
            bound = {name: replace(one, personal=body.personal) for name, one in bound.items()}
            body = self.body(node, kind, bound)
        if len(self.problems) > noted or not self.right_result(node, body, before, known):
            return UNKNOWN_VALUE
        heads = [exp.Identifier(this=name, quoted=True) for name in names]
        return combine(exp.Lambda(this=body.ast, expressions=heads), body.type, (body,), like=node)

    def right_names(self, function: Function, node: exp.Lambda, names: Sequence[str], known: Variables) -> bool:
        """Whether there are as many variables as the function gives, each with a name of its own."""
        least, most = known.least, len(known.types)
        if len(set(names)) < len(names):
            self.wrong("E001", "two variables of a lambda have the same name", node)
        elif not least <= len(names) <= most:
            wanted = f"{least}" if least == most else f"{least} or {most}"
            plural = "" if wanted == "1" else "s"
            help = "write `(acc, x) -> …`" if least == 2 else "write `x -> …`"
            message = f"a lambda of `{function.name}` takes {wanted} variable{plural} here, found {len(names)}"
            self.wrong("F002", message, node, help=(help,))
        else:
            return True
        return False

    def body(self, node: exp.Lambda, kind: str, bound: Mapping[str, Typed]) -> Typed:
        """What a lambda gives: it looks at one row, and an order counts again."""
        around = self.variables, self.allow, self.order_ignored
        self.variables, self.allow, self.order_ignored = {**self.variables, **bound}, Allow.NOTHING, False
        found = self.test(node.this) if kind == "predicate" else self.visit(node.this)
        self.variables, self.allow, self.order_ignored = around
        return found

    def right_result(self, node: exp.Lambda, body: Typed, before: Sequence[Typed], known: Variables) -> bool:
        """Whether a value of a column can come out, and what is accumulated stays of its type."""
        kind, start = body.type, before[-1].type
        if kind == INTERVAL or (kind == NULL and known.least == 1):
            what, help = (
                ("an interval", "add it to a date or timestamp")
                if kind == INTERVAL
                else ("a null of no type", "write `cast(null as …)`")
            )
            self.wrong("T006", f"a lambda can't give {what}", node.this, help=(help,))
        elif known.least == 2 and kind != start:
            wider = unified(start, kind) == kind and kind.kind not in ("decimal", "null")
            how = f"begin with `cast(… as {kind})`" if wider else f"write `cast(… as {start})` around it"
            message = f"it begins with {start}, and this makes {kind} of it"
            self.wrong("T005", message, node.this, f"this is {kind}", help=(how,))
        else:
            return True
        return False


def variables(names: Sequence[str], known: Variables, like: Typed) -> dict[str, Typed]:
    """The variables of a lambda by name, as personal as `like`; a place tells nothing."""
    found = {}
    for index, (name, kind) in enumerate(zip(names, known.types, strict=False)):
        counts = known.place and index == len(known.types) - 1
        ast = variable(name, kind, counts=counts)
        found[name] = Typed(ast, kind, NO_PERSONAL if counts else like.personal, like.origins)
    return found


def told_by_lambdas(values: Sequence[Typed]) -> frozenset[PersonalData]:
    """What the result of a function tells that gives only what its lambdas make of an array's elements.

    Where an array is taken as it is, of its personal data no more is left than the lambdas leave: hashes, perhaps.
    """
    elements, *others = values
    made = NO_PERSONAL.union(*(one.personal for one in others))
    if elements.ast.find(exp.Anonymous, exp.AnonymousAggFunc, exp.Case) is not None:
        return made | elements.personal
    left = {(one.source, one.column) for one in made}
    return made | {one for one in elements.personal if (one.source, one.column) not in left}


def _origins(values: Sequence[Typed]) -> frozenset[Origin]:
    return frozenset[Origin]().union(*(one.origins for one in values))
