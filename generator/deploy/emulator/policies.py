"""Policies of resources as AWS evaluates them: whether a service may do something, and what a condition holds of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends
from moto.utilities.arns import parse_arn

Context = Mapping[str, str]
"""Condition keys of a request, in lower case, and their values."""


def service_allowed(policy: Any, service: str, action: str, resource: str, context: Context | None = None) -> bool:
    """Whether a resource's policy lets a service principal do something; a denial beats all.

    Args:
        policy: the document, or its text; None allows nobody.
        context: what the service tells of the request. A condition on anything else doesn't hold.
    """
    document = json.loads(policy) if isinstance(policy, str) else policy or {"Statement": []}
    effects = {
        one["Effect"]
        for one in _listed(document["Statement"])
        if _is_principal(one.get("Principal"), service)
        and any(_like(wanted.lower(), action.lower()) for wanted in _listed(one.get("Action", [])))
        and any(_like(wanted, resource) for wanted in _listed(one.get("Resource", "*")))
        and condition_holds(one.get("Condition", {}), context or {})
    }
    return effects == {"Allow"}


def key_problem(key: str, service: str, actions: Iterable[str], context: Context | None = None) -> str | None:
    """Why a service may not use a KMS key; None if it may.

    Args:
        key: its ARN. AWS's own keys let no service in that isn't theirs.
    """
    if not key.startswith("arn:") or parse_arn(key).resource_type != "key":
        return f"{key} is no key of this account's"
    found = kms_backends[DEFAULT_ACCOUNT_ID][parse_arn(key).region].keys.get(parse_arn(key).resource_id)
    if found is None or found.key_state != "Enabled":
        return f"the key {key} isn't there, or not enabled"
    refused = [action for action in actions if not service_allowed(found.policy, service, action, key, context)]
    return f"the key {key} doesn't let {service} do {', '.join(refused)}" if refused else None


def condition_holds(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all of a statement's conditions hold."""
    return all(
        _operator_holds(operator, context.get(key.lower()), wanted)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _operator_holds(operator: str, value: str | None, wanted: Any) -> bool:
    values = [str(one) for one in _listed(wanted)]
    if operator == "Null":
        return str(value is None).lower() in [one.lower() for one in values]
    if value is None:
        return operator.endswith("IfExists") or "Not" in operator
    wildcards = "Like" in operator or operator.startswith("Arn")
    exact = operator.startswith(("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "Arn"))
    met = any(_like(one, value) if wildcards else _same(one, value, exact) for one in values)
    return met != ("Not" in operator)


def _same(wanted: str, value: str, exact: bool) -> bool:
    return wanted == value if exact else wanted.lower() == value.lower()


def _is_principal(principal: Any, service: str) -> bool:
    if principal == "*":
        return True
    named = principal or {}
    return "*" in _listed(named.get("AWS", [])) or service in _listed(named.get("Service", []))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, text: str) -> bool:
    parts = re.split(r"([*?])", pattern)
    expression = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(expression, text, re.DOTALL) is not None
