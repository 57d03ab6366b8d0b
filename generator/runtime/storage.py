"""Folders below the lake's root, on S3 or on a disk, through Hadoop's file systems."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from .error import LakeError, first_line

_EMPTY = "empty"
"""The folder that a table without data points to."""


__all__ = ["Removal", "Storage", "first_line", "literal_path"]


class Removal(NamedTuple):
    """What became of versions that are no longer needed: how many are gone, and why others are not."""

    removed: int
    problems: tuple[str, ...]


class Storage:
    """The versions that lie below `root`."""

    def __init__(self, spark: SparkSession, root: str) -> None:
        self.root = root
        jvm: Any = spark.sparkContext._jvm
        self._path = jvm.org.apache.hadoop.fs.Path
        configuration = spark.sparkContext._jsc.hadoopConfiguration()
        self._files = self._path(root).getFileSystem(configuration)
        if self._files.getUri().getScheme() == "file":
            self._files.setWriteChecksum(False)

    def exists(self, location: str) -> bool:
        return bool(self._files.exists(self._path(location)))

    def remove(self, location: str) -> None:
        """Deletes a folder with all that is in it; one that isn't there is fine."""
        path = self._path(location)
        if not self._files.delete(path, True) and self._files.exists(path):
            raise OSError(f"cannot delete {location}")

    def remove_others(self, folder: str, keep: set[str]) -> Removal:
        """Deletes the versions in a folder, by name, that aren't to be kept: old ones and what killed runs left."""
        removed, problems = 0, []
        for name in self._subfolders(folder):
            if name not in keep and name != _EMPTY:
                try:
                    self.remove(f"{folder}/{name}")
                    removed += 1
                except (OSError, Py4JJavaError) as error:
                    problems.append(f"{folder}/{name}: {first_line(error)}")
        return Removal(removed, tuple(problems))

    def keep_only(self, kind: str, name: str, keep: set[str]) -> None:
        """Deletes the versions of a table that aren't to be kept.

        Raises:
            LakeError: some can't be deleted.
        """
        removal = self.remove_others(f"{self.root}/{kind}/{name}", keep)
        if removal.problems:
            raise LakeError(
                f"{name} is published, but old versions, maybe with data of people who withdrew their consent, "
                f"can't be deleted: {'; '.join(removal.problems)}"
            )

    def _subfolders(self, folder: str) -> list[str]:
        path = self._path(folder)
        if not self._files.exists(path):
            return []
        found: Any = self._files.listStatus(path)
        return [one.getPath().getName() for one in found if one.isDirectory()]


def literal_path(path: str) -> str:
    """A path for Spark's readers, which would take brackets and stars in it for a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)
