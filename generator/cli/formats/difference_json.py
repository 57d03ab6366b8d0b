"""A difference for programs. The fields are described in docs/pull-requests.md."""

from __future__ import annotations

from collections import Counter
from typing import Any

from generator.printable import json_text
from generator.render.difference import Change, Difference, Risk

VERSION = 1


def format_json(difference: Difference) -> str:
    counts = Counter(change.risk for change in difference.risks)
    values = {
        "difference": VERSION,
        "old": difference.old,
        "new": difference.new,
        "changed": bool(difference.changes),
        "risks": {risk.value: counts[risk] for risk in Risk},
        "changes": [_change(change) for change in difference.changes],
        "affected": list(difference.affected),
    }
    return json_text(values)


def _change(change: Change) -> dict[str, Any]:
    return {
        "on": change.on.value,
        "name": change.name,
        "aspect": change.aspect.value,
        "change": change.kind.value,
        "item": change.item,
        "text": change.text,
        "before": list(change.before),
        "after": list(change.after),
        "risk": change.risk.value if change.risk is not None else None,
    }
