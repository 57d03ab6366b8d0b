"""Folders on S3 or on a disk, through Hadoop's file systems."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from .error import LakeError, first_line


def write_no_checksums(spark: SparkSession, folder: str) -> None:
    """Has Spark write files to a disk without the hidden ones beside them, from now on."""
    files, _ = _file_system(spark, folder)
    if files.getUri().getScheme() == "file":
        files.setWriteChecksum(False)


def remove_subfolders(spark: SparkSession, folder: str, but: Collection[str]) -> None:
    """Deletes the folders in a folder, all but some.

    Raises:
        LakeError: some can't be deleted.
    """
    files, path = _file_system(spark, folder)
    if not files.exists(path):
        return
    for one in files.listStatus(path):
        if one.isDirectory() and one.getPath().getName() not in but:
            try:
                gone = files.delete(one.getPath(), True) or not files.exists(one.getPath())
                problem = "" if gone else "it stays"
            except Py4JJavaError as error:
                problem = first_line(error)
            if problem:
                raise LakeError(f"{one.getPath().toString()}, of an earlier lake, can't be deleted: {problem}")


def read_text(spark: SparkSession, file: str) -> str:
    """What is in a small file of UTF-8."""
    files, path = _file_system(spark, file)
    jvm: Any = spark.sparkContext._jvm
    stream = files.open(path)
    try:
        return str(jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()


def literal_path(path: str) -> str:
    """A path for Spark's readers, which would take brackets and stars in it for a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)


def _file_system(spark: SparkSession, folder: str) -> tuple[Any, Any]:
    jvm: Any = spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(folder)
    return path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()), path
