"""The facts that this package leaves on sqlglot nodes: where each stands and what type it has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from sqlglot import exp

from generator.plan.types import UNKNOWN, Type


class Subquery(exp.Expression):
    """`exists (…)`, or `this in (…)`; what stands in the parentheses is the parser's, under `query` of its meta."""

    arg_types: ClassVar[dict[str, bool]] = {"this": False}


def variable(name: str, kind: Type, *, counts: bool) -> exp.Parameter:
    """A variable of a lambda, by its lower-case name.

    Args:
        counts: it is the place of an element, from 0.
    """
    node = typed(exp.Parameter(this=name), kind)
    node.meta[_COUNTS] = counts
    return node


def counts(node: exp.Expr) -> bool:
    """Whether a variable is the place of an element."""
    return bool(node.meta_get(_COUNTS, False))


def of_lambda(name: str) -> str:
    """The name of a lambda's variable where a column may have the same: no name of a spec has a `#`."""
    return f"{name}#"


Node = TypeVar("Node", bound=exp.Expression)
_SPAN, _TYPE, _COUNTS = "span", "type", "counts"


def place(node: Node, start: int, end: int) -> Node:
    node.meta[_SPAN] = (start, end)
    return node


def span_of(node: exp.Expr) -> tuple[int, int]:
    """Half-open range of characters that a node was parsed from; (0, 0) where it wasn't parsed from text."""
    found: tuple[int, int] = node.meta_get(_SPAN, (0, 0))
    return found


def typed(node: Node, kind: Type, like: exp.Expr | None = None) -> Node:
    """Marks a node with its type, and with the place of the node that it was made from."""
    meta = node.meta
    meta[_TYPE] = kind
    if like is not None:
        meta[_SPAN] = span_of(like)
    return node


def type_of(node: exp.Expr) -> Type:
    """The type that `check` found for a node."""
    found: Type = node.meta_get(_TYPE, UNKNOWN)
    return found


def hull(nodes: Iterable[exp.Expr]) -> tuple[int, int]:
    """The range from the first to the last of some nodes."""
    spans = [span_of(node) for node in nodes]
    return min(start for start, _ in spans), max(end for _, end in spans)
