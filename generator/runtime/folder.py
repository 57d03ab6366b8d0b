"""The files of a source, and their first bytes, through Hadoop's file systems."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession

from .error import LakeError
from .names import is_data, refusal
from .storage import literal_path

ALL_OR_NOTHING: dict[str, Any] = {
    "recursiveFileLookup": True,
    "ignoreCorruptFiles": False,
    "ignoreMissingFiles": False,
}
"""Options of every reader: all files at any depth, folder names are no columns, and a file that fails is an error."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The data files of a source.

    Attributes:
        root: the folder, or the one file.
        files: path of each file, encoded as in a URI, to its name relative to the landing root.
        whole: whether `root` holds no other files.
        prefix: what stands before the paths: scheme and authority.
        state: all data files with sizes and times: the same as long as nobody changes anything.
    """

    spark: SparkSession
    root: str
    files: dict[str, str]
    whole: bool
    prefix: str
    state: frozenset[str]

    def paths(self, files: Collection[str]) -> list[str]:
        """What a reader is given to read these files."""
        if self.whole and len(files) == len(self.files):
            return [literal_path(self.root)]
        return [literal_path(self.plain_path(file)) for file in files]

    def plain_path(self, file: str) -> str:
        """The path of a file for Hadoop."""
        return self.prefix + unquote(file)

    def check(self, rows: DataFrame, files: Collection[str]) -> DataFrame:
        """The rows, if a reader found exactly these files as they were.

        Raises:
            LakeError: there are others by now, or some have changed.
        """
        if set(map(uri_path, rows.inputFiles())) != set(files) or not _state(rows) <= self.state:
            raise LakeError(f"files in {self.root} changed while they were read: run the job again")
        return rows

    def head(self, file: str, size: int) -> bytes:
        """The first bytes of a file, unpacked; nothing of one that can't be unpacked."""
        jvm: Any = self.spark.sparkContext._jvm
        configuration = self.spark.sparkContext._jsc.hadoopConfiguration()
        path = jvm.org.apache.hadoop.fs.Path(self.plain_path(file))
        stream = path.getFileSystem(configuration).open(path)
        try:
            codec = jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(configuration).getCodec(path)
            return bytes((codec.createInputStream(stream) if codec else stream).readNBytes(size))
        except Exception:
            return b""  # whoever reads it whole will say what is wrong
        finally:
            stream.close()


def find_folder(spark: SparkSession, root: str, path: str, source: str) -> Folder | None:
    """The files below a folder, or the one file that `path` names; None if there is no such thing.

    Raises:
        LakeError: a file is an archive of a kind that can't be read.
    """
    jvm: Any = spark.sparkContext._jvm
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    where = jvm.org.apache.hadoop.fs.Path(f"{root.rstrip('/')}/{path.strip('/')}")
    system = where.getFileSystem(configuration)
    if not system.exists(where):
        return None
    qualified = system.makeQualified(where).toString()
    inside = uri_path(qualified)
    outside = inside.removesuffix(path.strip("/"))
    listed = spark.read.options(**ALL_OR_NOTHING).text(literal_path(where.toString()))
    found = listed.inputFiles()
    files: dict[str, str] = {}
    for file in map(uri_path, found):
        name = unquote(file)
        if is_data(name.removeprefix(inside).lstrip("/") or name.rpartition("/")[2]):
            files[file] = name.removeprefix(outside)
    for name in files.values():
        if problem := refusal(name):
            raise LakeError(f"{source}: {name}: {problem}", source=source)
    prefix = qualified.removesuffix(inside)
    return Folder(spark, where.toString(), files, len(files) == len(found), prefix, _state(listed))


def _state(rows: DataFrame) -> frozenset[str]:
    """What Hadoop says of each file that a reader found, except when it was last read."""
    found = rows._jdf.queryExecution().analyzed().relation().location().allFiles().mkString("\0")
    return frozenset(re.sub(r"access_time=\d+", "", str(found)).split("\0"))


def uri_path(uri: str) -> str:
    """The part of a URI after scheme and authority."""
    scheme, separator, rest = uri.partition(":")
    if not separator or "/" in scheme:
        return uri
    return rest[2:].partition("/")[1] + rest[2:].partition("/")[2] if rest.startswith("//") else rest
