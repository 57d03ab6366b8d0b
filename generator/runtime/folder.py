"""The files of a source, and their first bytes, through Hadoop's file systems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession

from .columns import literal
from .error import LakeError
from .listing import FileState, found_files
from .local_files import NoFile, regular_files
from .names import is_data, left_out, refusal
from .storage import literal_path

METADATA = "_metadata"
"""Spark's column with facts of each row's file."""
ALL_OR_NOTHING: dict[str, Any] = {
    "recursiveFileLookup": True,
    "ignoreCorruptFiles": False,
    "ignoreMissingFiles": False,
}
"""Options of every reader: all files at any depth, folder names are no columns, and a file that fails is an error."""


Reader = Callable[[list[str]], DataFrame]
"""A format's reader, given paths."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The data files of a source.

    Attributes:
        roots: the folders, or files.
        insides: the paths of the roots, as in a URI.
        outside: the path of the landing root, with a slash at its end.
        files: path of each file that is meant, as in a URI, to its name relative to the landing root.
        prefix: what stands before the paths: scheme and authority.
        notes: on files that are no data.
        state: what is known of each file there, meant or not, without reading it: the same as long as nobody changes
            anything.
    """

    spark: SparkSession
    roots: tuple[str, ...]
    insides: tuple[str, ...]
    outside: str
    files: Mapping[str, str]
    prefix: str
    state: frozenset[tuple[str, FileState]]
    notes: tuple[str, ...] = ()

    def read(self, reader: Reader, files: Collection[str]) -> DataFrame:
        """Some of the files, or all, as a reader has them.

        It is given the roots alone, whatever is to be left out: a listing of a root is few requests, while a path of
        its own costs each file several.

        Raises:
            LakeError: there are other files by now, or some have changed.
        """
        rows = reader(list(map(literal_path, self.roots)))
        found = found_files(rows)
        data = {file: state for uri, state in found.items() if _is_data(file := uri_path(uri), self.insides)}
        if frozenset(data.items()) != self.state:
            raise LakeError(f"files in {self.place} changed while they were read: run the job again")
        wanted = frozenset(files)
        chosen = [uri for uri in found if uri_path(uri) in wanted]
        others = [uri for uri in found if uri_path(uri) not in wanted]
        if not others:
            return rows
        if not chosen:
            return rows.filter("false")
        if any(name.lower() == METADATA for name in rows.columns):  # which hides the paths
            return reader([literal_path(self.plain_path(file)) for file in files])
        if len(others) <= len(chosen):
            return rows.filter(f"{METADATA}.file_path NOT IN ({_listed(others)})")
        return rows.filter(f"{METADATA}.file_path IN ({_listed(chosen)})")

    @property
    def place(self) -> str:
        """Where the files are, in words."""
        return " and ".join(self.roots)

    def name_of(self, uri: str) -> str:
        """Spark SQL of a file's name, of its URI as `_metadata.file_path` has it.

        It is cut from bytes: every row has one, and Spark counts the characters of a text one by one.
        """
        encoded = any("%" in file for file in self.files)
        text = f"url_decode(replace({uri}, '+', '%2B'))" if encoded else uri
        slashes = f"if(startswith({uri}, '{self.prefix}///'), 2, 0)"
        before = len(f"{self.prefix}{self.outside}".encode())
        return f"CAST(substring(CAST({text} AS BINARY), {before + 1} + {slashes}) AS STRING)"

    def own_name(self, columns: Iterable[str]) -> str:
        """Spark SQL of the name of the file that a row of a reader is of.

        Args:
            columns: what the reader reads: one of the name of Spark's own column hides that.
        """
        hidden = any(name.lower() == METADATA for name in columns)
        return self.name_of("input_file_name()" if hidden else f"{METADATA}.file_path")

    def plain_path(self, file: str) -> str:
        """The path of a file for Hadoop."""
        return self.prefix + unquote(file)

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


def find_folder(
    spark: SparkSession, root: str, path: str | Sequence[str], source: str, only: Collection[str] | None = None
) -> Folder | None:
    """The files below folders, or files that `path` names; None if there is no such thing.

    Args:
        only: the names of the files that are meant; all if None.

    Raises:
        LakeError: a file is an archive of a kind that can't be read, or no file at all.
    """
    jvm: Any = spark.sparkContext._jvm
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    paths = [path] if isinstance(path, str) else list(path)
    places = [jvm.org.apache.hadoop.fs.Path(f"{root.rstrip('/')}/{one.strip('/')}") for one in paths]
    system = places[0].getFileSystem(configuration)
    there = [(one.strip("/"), where) for one, where in zip(paths, places, strict=True) if system.exists(where)]
    if not there:
        return None
    qualified = [system.makeQualified(where).toString() for _, where in there]
    insides = tuple(map(uri_path, qualified))
    outside = insides[0].removesuffix(there[0][0])
    for uri, inside in zip(qualified, insides, strict=True):
        if uri.startswith("file:"):
            _look(unquote(inside), unquote(outside), source)
    roots = tuple(where.toString() for _, where in there)
    listed = found_files(spark.read.options(**ALL_OR_NOTHING).text(list(map(literal_path, roots))))
    states = {uri_path(uri): state for uri, state in listed.items()}
    names = {file: unquote(file) for file in states if _is_data(file, insides)}
    files = {file: name.removeprefix(outside) for file, name in names.items()}
    for name in files.values():
        if problem := refusal(name):
            raise LakeError(f"{source}: {name}: {problem}", source=source)
    notes = left_out(_below(unquote(file), insides) for file in states)
    if len(paths) > 1:
        full = {one for one, inside in zip((one for one, _ in there), insides, strict=True) if _any_in(files, inside)}
        notes += [f"{one}: no files" for one in paths if one.strip("/") not in full]
    state = frozenset((file, states[file]) for file in files)
    if only is not None:
        files = {file: name for file, name in files.items() if name in only}
    prefix = qualified[0].removesuffix(insides[0])
    return Folder(spark, roots, insides, outside, files, prefix, state, tuple(notes))


def _any_in(files: Iterable[str], inside: str) -> bool:
    return any(file == inside or file.startswith(f"{inside}/") for file in files)


def _look(folder: str, root: str, source: str) -> None:
    """Refuses what Spark can't list or read; it would follow a link in a circle 40 times."""
    try:
        for file in regular_files(Path(folder)):
            name = file.relative_to(root).as_posix()
            if problem := is_data(name) and refusal(name):
                raise LakeError(f"{source}: {name}: {problem}", source=source)
    except NoFile as error:
        raise LakeError(f"{source}: {error.path.relative_to(root).as_posix()}: {error}", source=source) from None


def _is_data(file: str, insides: Sequence[str]) -> bool:
    name = unquote(file)
    return is_data(_below(name, insides) or name.rpartition("/")[2])


def _below(name: str, insides: Sequence[str]) -> str:
    """A file's path below the root that it lies in; nothing if it is the root."""
    root = next(one for one in map(unquote, insides) if name == one or name.startswith(f"{one}/"))
    return name.removeprefix(root).lstrip("/")


def _listed(uris: Iterable[str]) -> str:
    """URIs as texts of SQL, in the spellings of `_metadata.file_path`: it has one slash where there is no authority."""
    spellings = (spelling for uri in uris for spelling in dict.fromkeys((uri, uri.replace(":///", ":/", 1))))
    return ", ".join(map(literal, spellings))


def uri_path(uri: str) -> str:
    """The part of a URI after scheme and authority."""
    scheme, separator, rest = uri.partition(":")
    if not separator or "/" in scheme:
        return uri
    return rest[2:].partition("/")[1] + rest[2:].partition("/")[2] if rest.startswith("//") else rest
