"""Conditions in Spark SQL: from the lambda of a script's Filter, and from the Filter of CodeGen JSON."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.author.names import storable
from generator.author.studio.model import Filter

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_NEGATED = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "is": "is not", "is not": "is",
            "in": "not in", "not in": "in"}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
}  # fmt: skip
_OPERATIONS = {"EQ": "=", "LT": "<", "GT": ">", "LTE": "<=", "GTE": ">=", "REGEX": "rlike", "ISNULL": "is"}


class UntranslatableError(ValueError):
    """Python that has no counterpart in SQL; the message says which."""


@dataclass(slots=True)
class _Translation:
    row: str
    columns: list[str] = field(default_factory=list)
    passes_null: list[str] = field(default_factory=list)

    def condition(self, node: ast.expr, negated: bool = False) -> str:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.condition(node.operand, not negated)
        if isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) is not negated else "or"
            parts = [self.condition(value, negated) for value in node.values]
            return f" {word} ".join(f"({part})" if " or " in part and word == "and" else part for part in parts)
        if isinstance(node, ast.Compare):
            return self._comparison(node, negated)
        if isinstance(node, ast.Call):
            return self._call(node, negated)
        if isinstance(node, ast.Subscript):
            return f"not {self.value(node)}" if negated else self.value(node)
        raise UntranslatableError(ast.unparse(node))

    def _comparison(self, node: ast.Compare, negated: bool) -> str:
        if len(node.ops) > 1:
            parts = []
            values = [node.left, *node.comparators]
            for left, op, right in zip(values, node.ops, values[1:], strict=False):
                parts.append(self._comparison(ast.Compare(left, [op], [right]), negated))
            return (" or " if negated else " and ").join(parts)
        operator = _COMPARISONS[type(node.ops[0])]
        operator = _NEGATED[operator] if negated else operator
        left, right = node.left, node.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None and operator in ("=", "<>", "is", "is not"):
            return f"{self.value(left)} {'is null' if operator in ('=', 'is') else 'is not null'}"
        if operator in ("<>", "not in"):
            self.passes_null += [storable(self._path(side)) for side in (left, right) if self._is_column(side)]
        operator = {"is": "=", "is not": "<>"}.get(operator, operator)
        return f"{self.value(left)} {operator} {self.value(right)}"

    def _call(self, node: ast.Call, negated: bool) -> str:
        name = ast.unparse(node.func)
        if name == "bool" and len(node.args) == 1:
            return self.condition(node.args[0], negated)
        if name in ("re.match", "re.search", "re.fullmatch") and isinstance(node.args[0], ast.Constant):
            pattern = str(node.args[0].value)
            begin = "" if name == "re.search" or pattern.startswith("^") else "^"
            end = "$" if name == "re.fullmatch" else ""
            found = f"{self.value(node.args[1])} rlike {_literal(begin + pattern + end)}"
            return f"not {found}" if negated else found
        raise UntranslatableError(ast.unparse(node))

    def value(self, node: ast.expr) -> str:
        if self._is_column(node):
            name = storable(self._path(node)) if "." not in self._path(node) else self._path(node).lower()
            self.columns.append(self._path(node))
            return name
        if isinstance(node, ast.Constant):
            return _literal(node.value)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return f"-{self.value(node.operand)}"
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return f"({', '.join(self.value(item) for item in node.elts)})"
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return f"({self.value(node.left)} {_ARITHMETIC[type(node.op)]} {self.value(node.right)})"
        raise UntranslatableError(ast.unparse(node))

    def _is_column(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Subscript) and bool(self._path(node))

    def _path(self, node: ast.expr) -> str:
        """The column of `row["a"]`, the field of `row["a"]["b"]`."""
        if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)):
            return ""
        key = str(node.slice.value)
        if isinstance(node.value, ast.Name) and node.value.id == self.row:
            return key
        before = self._path(node.value)
        return f"{before}.{key}" if before else ""


def from_lambda(node: ast.expr) -> Filter:
    """The condition of `lambda row: …`.

    Raises:
        UntranslatableError: it does something that SQL can't say.
    """
    if not isinstance(node, ast.Lambda) or len(node.args.args) != 1:
        raise UntranslatableError(ast.unparse(node))
    translation = _Translation(node.args.args[0].arg)
    condition = translation.condition(node.body)
    columns = tuple(dict.fromkeys(translation.columns))
    return Filter(condition, columns, tuple(dict.fromkeys(translation.passes_null)))


def from_codegen(filters: Sequence[Mapping[str, Any]], operator: str) -> Filter:
    """The condition of CodeGen JSON's Filter.

    Raises:
        UntranslatableError: an operation isn't known.
    """
    parts: list[str] = []
    columns: list[str] = []
    passing: list[str] = []
    for one in filters:
        operation, negated = one.get("Operation", ""), bool(one.get("Negated"))
        if operation not in _OPERATIONS:
            raise UntranslatableError(f"the operation {operation}")
        values = [_codegen_value(value, columns) for value in one.get("Values", [])]
        sign = _OPERATIONS[operation]
        if operation == "ISNULL":
            parts.append(f"{values[0]} is {'not ' if negated else ''}null")
        elif operation == "REGEX":
            parts.append(f"{'not ' if negated else ''}{values[0]} rlike {values[1]}")
        else:
            sign = _NEGATED[sign] if negated else sign
            passing += [values[0]] if sign == "<>" else []
            parts.append(f"{values[0]} {sign} {values[1]}")
    return Filter(f" {operator.lower()} ".join(parts), tuple(columns), tuple(passing))


def _codegen_value(value: Mapping[str, Any], columns: list[str]) -> str:
    text = [str(part) for part in value.get("Value", [])]
    if value.get("Type") == "COLUMNEXTRACTED":
        columns.append(".".join(text))
        return storable(text[0]) if len(text) == 1 else ".".join(text).lower()
    constant = text[0] if text else ""
    return constant if re.fullmatch(r"-?\d+(\.\d+)?", constant) else _literal(constant)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if value is None:
        return "null"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    raise UntranslatableError(repr(value))
