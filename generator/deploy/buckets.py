"""What has to be known of a bucket before it comes or goes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from generator.deploy.aws import Aws, clearly
from generator.deploy.terraform_events import Change


class Owner(Enum):
    """Whose a bucket is."""

    OURS = "in this account"
    ELSEWHERE = "in another region"
    FOREIGN = "somebody else's, or closed to these credentials"


_BY_STATUS = {301: Owner.ELSEWHERE, 400: Owner.ELSEWHERE, 403: Owner.FOREIGN, 404: None}
"""What S3 answers to HeadBucket, which has no body."""


@clearly
def owner(aws: Aws, bucket: str) -> Owner | None:
    """Whose bucket it is; None when there is none of this name, in no account."""
    from botocore.exceptions import ClientError

    try:
        aws.s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status not in _BY_STATUS:
            raise
        return _BY_STATUS[status]
    return Owner.OURS


@clearly
def buckets_with_data(aws: Aws, changes: Iterable[Change]) -> list[str]:
    """The buckets that a plan would take away only if they were empty, and that aren't.

    Old versions of objects count. Objects don't that Terraform put there and takes away itself.
    """
    gone = [change for change in changes if change.bucket is not None]
    objects = {(change.bucket, change.key) for change in gone if change.key is not None}
    buckets = [change.bucket for change in gone if change.key is None and change.bucket is not None]
    return [bucket for bucket in buckets if _has_others(aws, bucket, {key for name, key in objects if name == bucket})]


def _has_others(aws: Aws, bucket: str, keys: set[str | None]) -> bool:
    """Whether a bucket holds versions of other objects than these."""
    try:
        for page in aws.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            if any(
                version["Key"] not in keys for version in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
            ):
                return True
    except aws.s3.exceptions.NoSuchBucket:
        return False
    return False
