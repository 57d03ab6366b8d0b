"""Data quality rules (DQDL) as expectations, as far as the two say the same."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.author.names import storable
from generator.author.yaml_text import flow_list

_RULE = re.compile(r"\w+(?:\s+\"[^\"]*\")*[^,\[\]]*(?:\[[^\]]*\])?")
_COLUMN = re.compile(r'"([^"]*)"')


def expectations(ruleset: str) -> tuple[list[str], list[str]]:
    """Expectations as YAML, and the rules that have none; those that hold for any table are left out of both."""
    inner = re.search(r"Rules\s*=\s*\[(.*)\]", ruleset, re.DOTALL)
    rules = [found.strip() for found in _RULE.findall(re.sub(r"#.*", "", inner[1]))] if inner else []
    known: list[str] = []
    lost: list[str] = []
    for rule in (rule for rule in rules if rule and not re.fullmatch(r"ColumnCount\s*>\s*0", rule)):
        made = _expectation(rule)
        (known if made else lost).append(made or rule)
    return known, lost


def _expectation(rule: str) -> str:
    columns = [storable(name) for name in _COLUMN.findall(rule)]
    for pattern, make in _KNOWN:
        match = re.fullmatch(pattern, rule)
        if match is not None:
            return make(columns, match)
    return ""


_KNOWN: tuple[tuple[str, Callable[[list[str], re.Match[str]], str]], ...] = (
    (r'IsComplete\s+"[^"]*"', lambda columns, _: f"not_null: {flow_list(columns)}"),
    (r'(?:IsUnique|IsPrimaryKey)(?:\s+"[^"]*")+', lambda columns, _: f"unique: {flow_list(columns)}"),
    (r"RowCount\s*>\s*(\d+)", lambda _, match: f"rows: {{min: {int(match[1]) + 1}}}"),
    (r"RowCount\s*>=\s*(\d+)", lambda _, match: f"rows: {{min: {match[1]}}}"),
    (r"RowCount\s*=\s*(\d+)", lambda _, match: f"rows: {match[1]}"),
    (r'ColumnValues\s+"[^"]*"\s*>=?\s*(-?\d+)', lambda columns, match: _bound(columns, match)),
)


def _bound(columns: list[str], match: re.Match[str]) -> str:
    value = int(match[1]) + (">=" not in match[0])
    return f"between: {{{columns[0]}: {{min: {value}}}}}"
