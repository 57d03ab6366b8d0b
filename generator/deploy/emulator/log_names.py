"""Where Glue 5.0 and later put what jobs print, in Glue's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PREFIX = "--custom-logGroup-prefix"


def log_group(kind: str, arguments: Mapping[str, str], role: str, security: Any | None) -> str:
    """The log group of `output` (what a job prints) or `error` (what Spark has to say).

    Args:
        arguments: all of the run: the job's own and the overrides.
        role: the job's role, by name or ARN.
        security: the job's security configuration; counts if it encrypts logs.
    """
    prefix = arguments.get(_PREFIX, "/aws-glue/jobs").rstrip("/")
    if security is not None and log_key(security):
        prefix += f"/{security.name}-role/{role.rsplit('/', 1)[-1]}"
    return f"{prefix}/{kind}"


def log_key(security: Any | None) -> str | None:
    """The ARN of the key that a security configuration encrypts logs with."""
    if security is None:
        return None
    found = security.configuration.get("CloudWatchEncryption", {})
    return found.get("KmsKeyArn") if found.get("CloudWatchEncryptionMode") == "SSE-KMS" else None
