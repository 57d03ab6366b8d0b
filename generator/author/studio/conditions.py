"""Reads conditions: the function of a script's Filter, and the Filter of CodeGen JSON."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.author.studio.predicates import (
    Both,
    Compare,
    Computed,
    Either,
    Field,
    In,
    IsNone,
    IsNull,
    Matches,
    Not,
    Operand,
    Predicate,
    Truth,
    UntranslatableError,
    Value,
)
from generator.author.studio.values import UNKNOWN

Constant = Callable[[ast.expr], Any]
"""The value of an expression, UNKNOWN if it isn't known."""

_SIZES: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_EQUAL = (ast.Eq, ast.Is)
_UNEQUAL = (ast.NotEq, ast.IsNot)
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_OPERATIONS = {"EQ": "=", "LT": "<", "GT": ">", "LTE": "<=", "GTE": ">="}
_PORTABLE = re.compile(
    r"(?:[^\\\[\](){}|*+?]|\\[.^$|()\[\]{}*+?\\/-]|\\[dswDSW]|[|*+?]|\((?!\?)|\)|\{\d+(?:,\d*)?\}|\[\^?[^\[\]\\&]+\])*"
)


def from_function(function: ast.Lambda | ast.FunctionDef, constant: Constant) -> Predicate:
    """The condition of `lambda row: …`, or of a function that only returns one.

    Raises:
        UntranslatableError: it does something that SQL can't say, or uses a value that isn't known.
    """
    body: ast.expr | None = None
    if isinstance(function, ast.Lambda):
        body = function.body
    else:
        statements = [
            one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        ]
        if len(statements) == 1 and isinstance(statements[0], ast.Return):
            body = statements[0].value
    if body is None or len(function.args.args) != 1:
        raise UntranslatableError("a function of more than one expression")
    return _Reader(function.args.args[0].arg, constant).predicate(body)


class _Reader:
    def __init__(self, row: str, constant: Constant) -> None:
        self.row = row
        self.constant = constant

    def predicate(self, node: ast.expr) -> Predicate:
        match node:
            case ast.UnaryOp(op=ast.Not()):
                return Not(self.predicate(node.operand))
            case ast.BoolOp():
                parts = tuple(map(self.predicate, node.values))
                return Both(parts) if isinstance(node.op, ast.And) else Either(parts)
            case ast.Compare():
                return self._comparisons(node)
            case ast.Call():
                return self._call(node)
            case ast.Subscript() if self._field(node):
                return Truth(Field(self._field(node)))
        raise UntranslatableError(f"`{ast.unparse(node)}`")

    def _comparisons(self, node: ast.Compare) -> Predicate:
        values = [node.left, *node.comparators]
        parts = [self._comparison(*one) for one in zip(values, node.ops, values[1:], strict=False)]
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Predicate:
        if isinstance(op, (ast.In, ast.NotIn)):
            return self._membership(left, op, right)
        one, other = self._operand(left), self._operand(right)
        for side, against in ((one, other), (other, one)):
            if side == Value(None) and isinstance(op, (*_EQUAL, *_UNEQUAL)):
                return IsNone(against) if isinstance(op, _EQUAL) else Not(IsNone(against))
        if not isinstance(one, Value) or not isinstance(other, Value):
            if type(op) in _SIZES:
                return Compare(one, _SIZES[type(op)], other)
            if isinstance(op, (ast.Eq, ast.NotEq)):
                found = Compare(one, "=", other)
                return found if isinstance(op, ast.Eq) else Not(found)
        raise UntranslatableError(f"`{ast.unparse(ast.Compare(left, [op], [right]))}`")

    def _membership(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Predicate:
        values = self._known(right)
        if not isinstance(values, (list, tuple, set)):
            raise UntranslatableError(f"`in {ast.unparse(right)}`")
        found = In(self._operand(left), tuple(Value(value) for value in values))
        return found if isinstance(op, ast.In) else Not(found)

    def _call(self, node: ast.Call) -> Predicate:
        name = ast.unparse(node.func)
        if name == "bool" and len(node.args) == 1 and not node.keywords:
            return self.predicate(node.args[0])
        if name in ("re.match", "re.search", "re.fullmatch") and len(node.args) == 2 and not node.keywords:
            pattern = self._known(node.args[0])
            if not isinstance(pattern, str):
                raise UntranslatableError(f"`{ast.unparse(node)}`")
            return Matches(self._operand(node.args[1]), anchored(pattern, name))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "startswith" and len(node.args) == 1:
            text = self._known(node.args[0])
            if isinstance(text, str) and self._field(node.func.value):
                escaped = re.sub(r"([.^$|()\[\]{}*+?\\])", r"\\\1", text)
                return Matches(self._operand(node.func.value), f"^{escaped}")
        raise UntranslatableError(f"`{ast.unparse(node)}`")

    def _operand(self, node: ast.expr) -> Operand:
        if path := self._field(node):
            return Field(path)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and self._uses_row(node):
            return Computed(self._operand(node.left), _ARITHMETIC[type(node.op)], self._operand(node.right))
        value = self._known(node)
        if value is not None and not isinstance(value, (bool, int, float, str)):
            raise UntranslatableError(f"`{ast.unparse(node)}`")
        return Value(value)

    def _known(self, node: ast.expr) -> Any:
        if self._uses_row(node):
            raise UntranslatableError(f"`{ast.unparse(node)}`")
        if isinstance(node, ast.Set):
            return [self._known(item) for item in node.elts]
        value = self.constant(node)
        if value is UNKNOWN or not _is_plain(value):
            raise UntranslatableError(f"`{ast.unparse(node)}`, whose value only a run knows")
        return value

    def _uses_row(self, node: ast.AST) -> bool:
        return any(isinstance(part, ast.Name) and part.id == self.row for part in ast.walk(node))

    def _field(self, node: ast.AST) -> tuple[str, ...]:
        """The keys of `row["a"]["b"]`; nothing for anything else."""
        if not isinstance(node, ast.Subscript):
            return ()
        key = self.constant(node.slice)
        if not isinstance(key, str):
            return ()
        if isinstance(node.value, ast.Name) and node.value.id == self.row:
            return (key,)
        before = self._field(node.value)
        return (*before, key) if before else ()


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def anchored(pattern: str, function: str = "re.match") -> str:
    """A pattern of Python for `rlike`, which finds it anywhere.

    Raises:
        UntranslatableError: it has something that Python and Java read differently.
    """
    if not _PORTABLE.fullmatch(pattern):
        raise UntranslatableError(f"the pattern `{pattern}`")
    if function == "re.search" or (pattern.startswith("^") and function != "re.fullmatch" and "|" not in pattern):
        return pattern
    inner = f"({pattern})" if "|" in pattern else pattern
    begin = "" if inner.startswith("^") else "^"
    return f"{begin}{inner}$" if function == "re.fullmatch" else f"{begin}{inner}"


def from_codegen(filters: Sequence[Mapping[str, Any]], operator: str) -> Predicate:
    """The condition of CodeGen JSON's Filter.

    Raises:
        UntranslatableError: an operation isn't known.
    """
    parts: list[Predicate] = []
    for one in filters:
        operation = str(one.get("Operation", ""))
        operands = [_codegen_operand(value) for value in one.get("Values", [])]
        found = _codegen_part(operation, operands)
        parts.append(Not(found) if str(one.get("Negated", False)).lower() == "true" else found)
    if not parts:
        raise UntranslatableError("a filter without conditions")
    if len(parts) == 1:
        return parts[0]
    return Either(tuple(parts)) if operator.upper() == "OR" else Both(tuple(parts))


def _codegen_part(operation: str, operands: list[Operand]) -> Predicate:
    if operation == "ISNULL" and operands:
        return IsNull(operands[0])
    if operation == "REGEX" and len(operands) == 2:
        pattern = next((one for one in operands if isinstance(one, Value)), None)
        column = next((one for one in operands if isinstance(one, Field)), None)
        if pattern is not None and column is not None:
            return Matches(column, anchored(str(pattern.value)))
    if operation in _OPERATIONS and len(operands) == 2:
        return Compare(operands[0], _OPERATIONS[operation], operands[1])
    raise UntranslatableError(f"the operation {operation}")


def _codegen_operand(value: Mapping[str, Any]) -> Operand:
    given = value.get("Value", [])
    text = [str(part) for part in given] if isinstance(given, list) else [str(given)]
    if value.get("Type") == "COLUMNEXTRACTED":
        return Field(tuple(text))
    return Value(text[0] if text else "", loose=True)
