"""The files of a source, and their first bytes, through Hadoop's file systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from pyspark.sql import SparkSession

from lake_error import LakeError
from lake_names import is_data, refusal
from lake_storage import literal_path


@dataclass(frozen=True, slots=True)
class Folder:
    """The data files of a source.

    Attributes:
        root: the folder, or the one file.
        files: Spark's spelling of a file (an encoded URI) to its name relative to the landing root.
        paths: what readers are given to read these files and no others.
    """

    root: str
    files: dict[str, str]
    paths: list[str]
    spark: SparkSession

    def names(self) -> dict[str, str]:
        """The names by path, however else Spark spells a file."""
        return {uri_path(file): name for file, name in self.files.items()}

    def head(self, file: str, size: int) -> bytes:
        """The first bytes of a file, unpacked; nothing of one that can't be unpacked."""
        jvm: Any = self.spark.sparkContext._jvm
        configuration = self.spark.sparkContext._jsc.hadoopConfiguration()
        path = jvm.org.apache.hadoop.fs.Path(unquote(file))
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
    literal = literal_path(where.toString())
    found = spark.read.option("recursiveFileLookup", "true").text(literal).inputFiles()
    inside = unquote(uri_path(system.makeQualified(where).toString()))
    outside = inside.removesuffix(path.strip("/"))
    files: dict[str, str] = {}
    for file in found:
        name = unquote(uri_path(file))
        if is_data(name.removeprefix(inside).lstrip("/")):
            files[file] = name.removeprefix(outside)
    for name in files.values():
        if problem := refusal(name):
            raise LakeError(f"{source}: {name}: {problem}", source=source)
    paths = [literal] if len(files) == len(found) else [literal_path(unquote(file)) for file in files]
    return Folder(where.toString(), files, paths, spark)


def uri_path(uri: str) -> str:
    """The part of a URI after scheme and authority."""
    scheme, separator, rest = uri.partition(":")
    if not separator or "/" in scheme:
        return uri
    return rest[2:].partition("/")[1] + rest[2:].partition("/")[2] if rest.startswith("//") else rest
