"""The buckets as folders, so that Spark and DuckDB can read and write what is in the embedded S3.

A bucket is the folder of its name. `pull` brings what is new in S3, `push` takes back what a job wrote or deleted;
through the S3 API, so that policies and encryption rules of the bucket apply.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import RLock
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeDeleteMarker, s3_backends

Stamp = tuple[int, int]
"""Modification time in nanoseconds, and size: a file with the same stamp is unchanged."""


class Mirror:
    """Folders below `root`, one for each bucket. `lock` keeps S3 and folders from moving during a step."""

    def __init__(self, root: Path, client: Any) -> None:
        self.root = root
        self.lock = RLock()
        self._client = client
        self._pulled: dict[str, tuple[str, Stamp]] = {}

    def path(self, uri: str) -> Path:
        """Where an `s3://bucket/key` lies."""
        return self.root / uri.split("://", 1)[1]

    def buckets(self) -> list[str]:
        """The names of all buckets."""
        return sorted(s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets)

    def pull(self) -> None:
        """Brings the folders up to what is in S3."""
        with self.lock:
            there = dict(self._objects())
            for name in self._pulled.keys() - there.keys():
                self._remove(name)
                del self._pulled[name]
            for name, key in there.items():
                if self._pulled.get(name, ("",))[0] != _identity(key):
                    self._write(name, key)
            for bucket in self.buckets():
                (self.root / bucket).mkdir(parents=True, exist_ok=True)

    def push(self) -> None:
        """Writes to S3 what changed in the folders since `pull`, and deletes what was deleted there."""
        with self.lock:
            now = {name: _stamp(self.root / name) for bucket in self.buckets() for name in self._files(bucket)}
            for name in sorted(now):
                if name not in self._pulled or self._pulled[name][1] != now[name]:
                    bucket, key = name.split("/", 1)
                    self._client.put_object(Bucket=bucket, Key=key, Body=(self.root / name).read_bytes())
            for name in sorted(self._pulled.keys() - now.keys()):
                bucket, key = name.split("/", 1)
                if bucket in self.buckets():
                    self._client.delete_object(Bucket=bucket, Key=key)
            identities = {name: _identity(key) for name, key in self._objects()}
            self._pulled = {name: (identities[name], stamp) for name, stamp in now.items() if name in identities}

    def put(self, uri: str) -> None:
        """Writes one file of the folders to S3 at once, whoever holds the lock."""
        bucket, key = uri.split("://", 1)[1].split("/", 1)
        self._client.put_object(Bucket=bucket, Key=key, Body=self.path(uri).read_bytes())

    def delete(self, uri: str) -> None:
        """Deletes an object, and its file."""
        bucket, key = uri.split("://", 1)[1].split("/", 1)
        self._client.delete_object(Bucket=bucket, Key=key)
        self.path(uri).unlink(missing_ok=True)

    def _objects(self) -> Iterator[tuple[str, Any]]:
        for bucket, content in list(s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.items()):
            for key, value in list(content.keys.items()):
                if not isinstance(value, FakeDeleteMarker) and not key.endswith("/"):
                    yield f"{bucket}/{key}", value

    def _write(self, name: str, key: Any) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _checksum_file(target).unlink(missing_ok=True)
        target.write_bytes(key.value)
        self._pulled[name] = (_identity(key), _stamp(target))

    def _remove(self, name: str) -> None:
        """Removes a file, and the folders that are empty then: S3 has no empty folders."""
        path = self.root / name
        path.unlink(missing_ok=True)
        _checksum_file(path).unlink(missing_ok=True)
        for folder in path.parents:
            if folder.parent == self.root or any(folder.iterdir()):
                break
            folder.rmdir()

    def _files(self, bucket: str) -> Iterator[str]:
        for folder, _, files in os.walk(self.root / bucket):
            for file in files:
                path = Path(folder, file)
                if not (file.startswith(".") and file.endswith(".crc")):
                    yield path.relative_to(self.root).as_posix()


def _identity(key: Any) -> str:
    return f"{key.version_id}:{key.etag}:{key.last_modified.timestamp()}"


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _checksum_file(path: Path) -> Path:
    """Where Hadoop keeps the checksum of a local file; it would fail to read a file that changed."""
    return path.with_name(f".{path.name}.crc")
