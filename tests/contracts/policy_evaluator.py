"""What an identity policy allows, by IAM's rules as far as the module uses them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_OPERATORS = {"StringEquals": False, "StringLike": True}


def allows(policy: Mapping[str, Any], action: str, resource: str, **context: str) -> bool:
    """Whether some statement allows an action on a resource.

    Args:
        context: condition keys, `s3:prefix` as `s3_prefix`.
    """
    given = {name.replace("_", ":", 1): value for name, value in context.items()}
    return any(_applies(statement, action, resource, given) for statement in policy["Statement"])


def _applies(statement: Mapping[str, Any], action: str, resource: str, given: Mapping[str, str]) -> bool:
    assert statement["Effect"] == "Allow" and not statement.keys() & {"NotAction", "NotResource", "Principal"}
    return (
        any(_like(pattern.lower(), action.lower()) for pattern in _listed(statement["Action"]))
        and any(_like(pattern, resource) for pattern in _listed(statement["Resource"]))
        and all(_holds(*condition, given) for condition in statement.get("Condition", {}).items())
    )


def _holds(operator: str, wanted: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    """A condition on a key that the request lacks doesn't hold."""
    wildcards = _OPERATORS[operator]
    return all(
        key in given and any(_like(one, given[key]) if wildcards else one == given[key] for one in _listed(values))
        for key, values in wanted.items()
    )


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _like(pattern: str, text: str) -> bool:
    parts = re.split(r"([*?])", pattern)
    expression = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(expression, text, re.DOTALL) is not None
