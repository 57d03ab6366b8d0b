"""S3: policies of buckets, their conditions, and versions in one whose versioning ended."""

from __future__ import annotations

import json
from typing import Any

import flask
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import BucketAccessDeniedError
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from generator.deploy.emulator.patches.replace import replace
from generator.deploy.emulator.policies import condition_holds


def apply() -> None:
    replace(FakeBucket, "get_permission", lambda old: _permission)
    replace(S3Response, "_authenticate_and_authorize_s3_action", _of_buckets_too)
    replace(S3Backend, "delete_object", _of_suspended_buckets_too)


def _permission(bucket: Any, action: str, resource: str) -> Any:
    """What a bucket's policy says; moto takes no notice of most conditions, so that "deny without TLS" denies all."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    policy["Statement"] = [
        {key: value for key, value in one.items() if key != "Condition"}
        for one in statements
        if condition_holds(one.get("Condition", {}), _context())
    ]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


def _of_buckets_too(authorize: Any) -> Any:
    """A bucket's policy holds for calls on the bucket itself; moto asks it for those on objects only."""

    def allow(self: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
        authorize(self, bucket_name, key_name)
        if bucket_name is None or key_name is not None or bucket_name not in self.backend.buckets:
            return
        bucket = self.backend.buckets[bucket_name]
        resource = f"arn:{bucket.partition}:s3:::{bucket_name}"
        if bucket.get_permission(f"s3:{self.data['Action']}", resource) == PermissionResult.DENIED:
            raise BucketAccessDeniedError(bucket_name)

    return allow


def _context() -> dict[str, str]:
    """The condition keys that a request has here, in lower case."""
    request = flask.request if flask.has_request_context() else None
    context = {"aws:securetransport": str(request is None or request.is_secure).lower()}
    for header in ("x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"):
        if request is not None and header in request.headers:
            context[f"s3:{header}"] = request.headers[header]
    return context


def _of_suspended_buckets_too(delete_object: Any) -> Any:
    """Deletes the version that is meant where versioning is suspended; moto deletes any.

    Terraform suspends versioning before it empties a bucket, and would wait forever for the bucket to be empty.
    """

    def delete(
        self: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        bucket = self.get_bucket(bucket_name)
        if version_id is None or bucket.versioning_status != "Suspended":
            done: tuple[bool, dict[str, Any]] = delete_object(self, bucket_name, key_name, version_id, bypass)
            return done
        kept = [one for one in bucket.keys.getlist(key_name, []) if str(one.version_id) != version_id]
        bucket.keys.setlist(key_name, kept)
        if not kept:
            bucket.keys.pop(key_name)
        return True, {"version-id": version_id}

    return delete
