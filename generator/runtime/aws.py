"""AWS, as a job's role may use it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any


def glue_client() -> Any:
    """AWS Glue."""
    import boto3

    return boto3.client("glue")


def object_marks(root: str, paths: Iterable[str]) -> dict[str, int]:
    """What tells each object below some paths from an earlier one of its name: its ETag, as a number.

    Args:
        root: the landing root; nothing is known of one that isn't on S3.

    Returns:
        By name, relative to the root.
    """
    scheme, _, place = root.partition("://")
    if scheme not in ("s3", "s3a"):
        return {}
    import boto3

    bucket, _, base = place.partition("/")
    base = f"{base.rstrip('/')}/" if base else ""
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    return {
        found["Key"].removeprefix(base): int.from_bytes(hashlib.sha256(found["ETag"].encode()).digest()[:7])
        for path in paths
        for page in pages.paginate(Bucket=bucket, Prefix=f"{base}{path.lstrip('/')}")
        for found in page.get("Contents", ())
    }
