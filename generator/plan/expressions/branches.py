"""Checks what chooses, converts or takes apart: CASE, casts, elements and fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from generator.plan.expressions import operators
from generator.plan.expressions.casts import cast_refusal
from generator.plan.expressions.checker import UNKNOWN_VALUE, value_of
from generator.plan.expressions.conditions import ConditionChecks
from generator.plan.expressions.literals import date_literal
from generator.plan.expressions.nodes import span_of, type_of, typed
from generator.plan.expressions.problem import Problem
from generator.plan.expressions.scope import Name, field_name, field_type
from generator.plan.expressions.typed import Typed, combine, recognised
from generator.plan.types import DATE, INT, STRING, UNKNOWN, Type


class BranchChecks(ConditionChecks):
    def case(self, node: exp.Case) -> Typed:
        subject = self.visit(node.this) if node.this is not None else None
        parts = [subject] if subject is not None else []
        branches, results = [], []
        for branch in node.args["ifs"]:
            if subject is None:
                when = self.test(branch.this)
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
        found = combine(made, self.unify(results), parts, like=node)
        return replace(found, personal=recognised(found.personal)) if subject is not None else found

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
                return value_of(made, target, node)
            if span_of(node)[0] == span_of(node.args["to"])[0]:
                example = "2024-02-29" if target == DATE else "2024-02-29 13:00:00"
                return self.wrong(
                    "T007",
                    f"`{node.this.this}` is not a {target}",
                    node.this,
                    help=(f"write it like '{example}'",),
                )
        value = self.visit(node.this)
        refusal = cast_refusal(value.type, target)
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
        found = combine(made, value.type.element, (value, key), like=node)
        return replace(found, personal=recognised(found.personal)) if value.type.kind == "map" else found

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
        field = exp.Identifier(this=field_name(value.type, name.text), quoted=True)
        return combine(exp.Dot(this=value.ast, expression=field), kind, (value,), like=node)
