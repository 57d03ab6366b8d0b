"""How much of what a job reads and publishes fits into a policy of IAM, whatever the account and the environment."""

from __future__ import annotations

from collections.abc import Iterable

MAX_POLICY = 6144
"""Characters of a managed policy. What a role says of its own takes 10,240, of which its other rights need a third."""
MAX_POLICIES = 10
"""Managed policies that a role takes, unless the quota of an account was raised; its own comes on top."""
AROUND_THINGS = 1600
"""What `iam.tf` puts around the names of what a policy is about, with a reserve."""
_ENVIRONMENT = "x" * 12
_SUFFIX = "x" * 12
_ARN = "arn:aws-us-gov:glue:ap-southeast-1:123456789012:"


def things_per_policy(lake: str, prefixes: Iterable[str]) -> int:
    """How many of some prefixes a policy holds."""
    longest = max((_length(lake, prefix) for prefix in prefixes), default=0)
    return (MAX_POLICY - AROUND_THINGS) // longest if longest else 1


def _length(lake: str, prefix: str) -> int:
    """What it takes to allow a prefix: the objects, their listing in both spellings, and the table of the catalog."""
    bucket = f"arn:aws-us-gov:s3:::{lake}-{_ENVIRONMENT}-data-{_SUFFIX}/"
    texts = [f"{bucket}{prefix}*", f"{prefix}*", prefix]
    if not prefix.startswith("landing/"):
        texts.append(f"{_ARN}table/{lake}_{_ENVIRONMENT}/{prefix.split('/')[1]}_quarantine")
    return sum(len(text.encode()) + len('"",') for text in texts)
