"""What has to be known of a bucket before it goes."""

from __future__ import annotations

from collections.abc import Iterable

from generator.deploy.aws import Aws, clearly
from generator.deploy.terraform_events import Change


@clearly
def buckets_with_data(aws: Aws, changes: Iterable[Change]) -> list[str]:
    """The buckets that would go only if they were empty, and aren't; old versions of objects count."""
    names = [change.bucket for change in changes if change.bucket is not None]
    return [name for name in names if _has_objects(aws, name)]


def _has_objects(aws: Aws, bucket: str) -> bool:
    try:
        found = aws.s3.list_object_versions(Bucket=bucket, MaxKeys=1)
    except aws.s3.exceptions.NoSuchBucket:
        return False
    return bool(found.get("Versions") or found.get("DeleteMarkers"))
