"""Values as YAML has them, on one line: for reports of tests, and for tests that are written."""

from __future__ import annotations

import base64
import json
import math
import re
from datetime import datetime
from decimal import Decimal

from generator.plan.row_values import Value

_PLAIN = re.compile(r"[A-Za-z_][\w@.+/-]*(?: [\w@.+/-]+)*")
"""Texts that need no quotes anywhere."""
_WORDS = frozenset(("null", "true", "false", "nan", "inf", "infinity"))


def written(value: Value) -> str:
    """A value as a test writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan" if math.isnan(value) else f"{'-' * (value < 0)}infinity"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{written(key)}: {written(one)}' for key, one in value.items())}}}"
    if isinstance(value, (bytes, bytearray)):
        return text(base64.b64encode(value).decode())
    return text(value) if isinstance(value, str) else str(value) if isinstance(value, datetime) else f"{value}"


def text(value: str) -> str:
    """A text: without quotes where YAML leaves it as it is."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def plain_text(value: Value) -> str:
    """A value as a table shows it: texts as they are."""
    return value if isinstance(value, str) else written(value)
