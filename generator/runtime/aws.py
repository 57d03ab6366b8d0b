"""AWS, as a job's role may use it."""

from __future__ import annotations

from typing import Any


def glue_client() -> Any:
    """AWS Glue."""
    import boto3

    return boto3.client("glue")
