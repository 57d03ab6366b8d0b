"""Landing data to S3: only what isn't there yet, several files at a time, each checked on arrival.

What was uploaded is told by the SHA-256 that each object carries: an upload that was broken off goes on where it was.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from generator.deploy.aws import Aws, clearly
from generator.diagnostics import GeneratorError

LANDING = "landing"
_DIGEST = "sha256"
_WORKERS = 8
_CHUNK = 1 << 20
_DELETED_AT_ONCE = 1000


class UploadError(GeneratorError):
    """Files can't be uploaded."""


class Action(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of landing data.

    Attributes:
        name: its path below the landing folder, with slashes; below `landing/` it is the object's key.
    """

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """What to do with a file, and its SHA-256 as hex where it had to be computed."""

    file: LocalFile
    action: Action
    digest: str


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What an upload would do.

    Attributes:
        extra: keys of objects below the sources' paths that have no file here.
        unread: files that belong to no source.
        empty: paths of sources without a file here.
    """

    bucket: str
    transfers: tuple[Transfer, ...]
    extra: tuple[str, ...]
    unread: tuple[str, ...]
    empty: tuple[str, ...]

    def of(self, *actions: Action) -> list[Transfer]:
        return [transfer for transfer in self.transfers if transfer.action in actions]

    @property
    def pending(self) -> list[Transfer]:
        return self.of(Action.NEW, Action.CHANGED)

    def to_json(self) -> dict[str, Any]:
        return {
            "bucket": self.bucket,
            **{str(action): len(self.of(action)) for action in Action},
            "bytes": sum(transfer.file.size for transfer in self.pending),
            "extra": list(self.extra),
            "unread": list(self.unread),
            "empty": list(self.empty),
        }


Listener = Callable[[Transfer], None]


@clearly
def plan_upload(aws: Aws, bucket: str, folder: Path, paths: Sequence[str], workers: int = _WORKERS) -> UploadPlan:
    """Compares the files of a landing folder with the objects in the bucket.

    Args:
        paths: the sources' paths below the landing folder; what lies elsewhere isn't uploaded.

    Raises:
        UploadError: the folder isn't there.
        AwsError: the bucket isn't there, or can't be read.
    """
    if not folder.is_dir():
        raise UploadError(f"there is no folder {folder}: name the one with the sources' landing folders in it")
    files = list(_files(folder))
    read = [file for file in files if belongs(file.name, paths)]
    sizes = dict(_objects(aws, bucket, paths))
    with ThreadPoolExecutor(workers) as pool:
        transfers = tuple(pool.map(lambda file: _transfer(aws, bucket, file, sizes), read))
    names = {file.name for file in read}
    return UploadPlan(
        bucket,
        transfers,
        extra=tuple(key for key in sizes if key.removeprefix(f"{LANDING}/") not in names),
        unread=tuple(file.name for file in files if file.name not in names),
        empty=tuple(path for path in paths if not any(belongs(name, [path]) for name in names)),
    )


@clearly
def upload(aws: Aws, plan: UploadPlan, listener: Listener | None = None, workers: int = _WORKERS) -> None:
    """Carries out a plan; `listener` is told of each file that has arrived.

    Raises:
        UploadError: a file changed while it was uploaded.
        AwsError: what AWS refused.
    """
    stopping = threading.Event()
    with ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(_send, aws, plan.bucket, one, stopping): one for one in plan.pending}
        try:
            for done in as_completed(waiting):
                done.result()
                if listener is not None:
                    listener(waiting[done])
        except BaseException:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@clearly
def delete_extra(aws: Aws, plan: UploadPlan) -> None:
    """Deletes the objects that have no file here; the bucket's versioning keeps them for a while."""
    for start in range(0, len(plan.extra), _DELETED_AT_ONCE):
        keys = [{"Key": key} for key in plan.extra[start : start + _DELETED_AT_ONCE]]
        answer = aws.s3.delete_objects(Bucket=plan.bucket, Delete={"Objects": keys, "Quiet": True})  # type: ignore[typeddict-item]
        if answer.get("Errors"):
            first = answer["Errors"][0]
            raise UploadError(f"cannot delete {first.get('Key')}: {first.get('Message')}")


def belongs(name: str, paths: Iterable[str]) -> bool:
    """Whether a file lies at one of the paths, or below."""
    return any(name == path or name.startswith(path.rstrip("/") + "/") for path in paths)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, as hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> Iterator[LocalFile]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield LocalFile(path.relative_to(folder).as_posix(), path, path.stat().st_size)


def _objects(aws: Aws, bucket: str, paths: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Keys and sizes of what is there of the sources."""
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{LANDING}/")
    for page in pages:
        for found in page.get("Contents", []):
            if belongs(found["Key"].removeprefix(f"{LANDING}/"), paths):
                yield found["Key"], found["Size"]


def _transfer(aws: Aws, bucket: str, file: LocalFile, sizes: Mapping[str, int]) -> Transfer:
    key = f"{LANDING}/{file.name}"
    digest = digest_of(file.path)
    if key not in sizes:
        return Transfer(file, Action.NEW, digest)
    same = sizes[key] == file.size and _uploaded_digest(aws, bucket, key) == digest
    return Transfer(file, Action.UNCHANGED if same else Action.CHANGED, digest)


def _uploaded_digest(aws: Aws, bucket: str, key: str) -> str | None:
    return aws.s3.head_object(Bucket=bucket, Key=key)["Metadata"].get(_DIGEST)


def _send(aws: Aws, bucket: str, transfer: Transfer, stopping: threading.Event) -> None:
    if stopping.is_set():
        return
    file = transfer.file
    extra = {"Metadata": {_DIGEST: transfer.digest}, "ChecksumAlgorithm": "SHA256"}
    aws.s3.upload_file(str(file.path), bucket, f"{LANDING}/{file.name}", ExtraArgs=extra)
    if digest_of(file.path) != transfer.digest:
        raise UploadError(f"{file.path} changed while it was uploaded: upload again when it is complete")
