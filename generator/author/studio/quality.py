"""Data quality rules (DQDL) as expectations, as far as the two say the same."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.author.names import storable
from generator.author.yaml_text import expression, flow_list

_SEPARATOR = re.compile(r'("[^"]*"|\[[^\]]*\])|#[^\n]*|(,)')
_GROUPS = r"select count\(\*\) from \(select (.*) from primary group by (.*) having count\(\*\) > 1\)"
_COLUMN = re.compile(r'"([^"]*)"')


def expectations(ruleset: str) -> tuple[list[str], list[str]]:
    """Expectations as YAML, and the rules that have none; those that hold for any table are left out of both."""
    inner = re.search(r"Rules\s*=\s*\[(.*)\]", ruleset, re.DOTALL)
    known: list[str] = []
    lost: list[str] = []
    for rule in _rules(inner[1]) if inner else ():
        made = _expectation(rule)
        if made and made not in known:
            known.append(made)
        elif not made and not re.fullmatch(r"ColumnCount\s*>\s*0", rule):
            lost.append(rule)
    return known, lost


def _rules(text: str) -> list[str]:
    """The rules of a list: commas in quotes and brackets divide nothing, and `#` begins a comment."""
    divided = _SEPARATOR.sub(lambda found: found[1] or ("\0" if found[2] else " "), text)
    return [" ".join(rule.split()) for rule in divided.split("\0") if rule.strip()]


def _expectation(rule: str) -> str:
    columns = [storable(name) for name in _COLUMN.findall(rule)]
    for pattern, make in _KNOWN:
        match = re.fullmatch(pattern, rule)
        if match is not None:
            return make(columns, match)
    return ""


def _bound(columns: list[str], match: re.Match[str]) -> str:
    value = int(match[2]) + {">": 1, "<": -1}.get(match[1], 0)
    return f"between: {{{columns[0]}: {{{'min' if '>' in match[1] else 'max'}: {value}}}}}"


def _rows(_: list[str], match: re.Match[str]) -> str:
    value = int(match[2]) + {">": 1, "<": -1}.get(match[1], 0)
    return f"rows: {value}" if match[1] == "=" else f"rows: {{{'min' if '>' in match[1] else 'max'}: {value}}}"


def _no_rows(_: list[str], match: re.Match[str]) -> str:
    """What no row may fulfil, as what every row has to."""
    broken = re.sub(r"`([A-Za-z_]\w*)`", r"\1", match[1])
    whole = re.fullmatch(r"not coalesce\((.*), false\)", broken)
    return f"sql: {expression(whole[1] if whole else f'not coalesce({broken}, false)')}"


def _no_groups(_: list[str], match: re.Match[str]) -> str:
    names = [storable(name.strip(" `")) for name in match[1].split(",")]
    return f"unique: {flow_list(names)}" if match[1] == match[2] else ""


_KNOWN: tuple[tuple[str, Callable[[list[str], re.Match[str]], str]], ...] = (
    (r'IsComplete "[^"]*"', lambda columns, _: f"not_null: {flow_list(columns)}"),
    (r'(?:IsUnique|IsPrimaryKey)(?: "[^"]*")+', lambda columns, _: f"unique: {flow_list(columns)}"),
    (r"RowCount (>=|<=|>|<|=) (\d+)", _rows),
    (r'ColumnValues "[^"]*" (>=|<=|>|<) (-?\d+)', _bound),
    (r'CustomSql "select count\(\*\) from primary where (.*)" = 0', _no_rows),
    (rf'CustomSql "{_GROUPS}" = 0', _no_groups),
    (
        r'ReferentialIntegrity "([^"]*)" "(\w+\.\w+)" = 1(?:\.0)?',
        lambda _, match: f"references: {{{storable(match[1])}: {match[2]}}}",
    ),
)  # fmt: skip
