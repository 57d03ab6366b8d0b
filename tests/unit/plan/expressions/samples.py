"""The tables that the tests' expressions are about."""

from __future__ import annotations

from generator.plan.expressions import Allow, Problem, Scope, Typed, check
from generator.plan.relation import Column, Origin, PersonalData
from generator.plan.types import parse_type

EMAIL = PersonalData("customers", "email", False)
NAME = PersonalData("customers", "name", False)
CUSTOMERS = {
    "id": "bigint", "email": "string", "name": "string", "joined": "date", "spent": "decimal(10,2)",
    "address": "struct<city:string,zip:string>", "tags": "array<string>", "prices": "map<string,int>",
    "user": "string", "timestamp": "bigint", "order": "int", "active": "boolean", "seen": "timestamp",
    "score": "double", "rows": "array<struct<n:int>>",
}  # fmt: skip
ORDERS = {"id": "bigint", "customer_id": "bigint", "amount": "double", "status": "string", "user": "string"}
ALL = Allow.AGGREGATES | Allow.WINDOWS


def columns(table: str, kinds: dict[str, str]) -> dict[str, Column]:
    personal = {"email": EMAIL, "name": NAME}
    return {
        name: Column(
            name,
            parse_type(kind),
            frozenset((personal[name],)) if table == "customers" and name in personal else frozenset(),
            frozenset(),
            frozenset((Origin(table, name),)),
            raw=True,
        )
        for name, kind in kinds.items()
    }


ONE = Scope({"customers": columns("customers", CUSTOMERS)})
TWO = Scope({"c": columns("customers", CUSTOMERS), "o": columns("orders", ORDERS)})


def sound(text: str, scope: Scope = ONE, allow: Allow = ALL) -> Typed:
    typed, problems = check(text, scope, allow)
    assert typed is not None, problems
    assert not problems
    return typed


def problems(text: str, scope: Scope = ONE, allow: Allow = ALL) -> list[Problem]:
    typed, found = check(text, scope, allow)
    assert typed is None
    assert found
    return found


def found(text: str, scope: Scope = ONE, allow: Allow = ALL) -> list[tuple[str, str]]:
    """The codes of an expression's problems, each with the characters that it points at."""
    return [(problem.code, text[problem.start : problem.end]) for problem in problems(text, scope, allow)]
