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
from .writer_logs import (
    STREAM_LOG,
    ForeignFolderError,
    batches,
    finished,
    iceberg_problem,
    left_unfinished,
    refuse_table,
    unfinished,
)

METADATA = "_metadata"
"""Spark's column with facts of each row's file."""
ALL_OR_NOTHING: dict[str, Any] = {
    "recursiveFileLookup": True,
    "ignoreCorruptFiles": False,
    "ignoreMissingFiles": False,
}
"""Options of every reader: all files at any depth, folder names are no columns, and a file that fails is an error."""
_NO_LOG = "spark.sql.streaming.fileStreamSink.ignoreMetadata"
"""Else Spark takes the paths of a stream's log, which are those of where the stream wrote, for the folder's files."""

Reader = Callable[[list[str]], DataFrame]
"""A format's reader, given paths."""


@dataclass(frozen=True, slots=True)
class Data:
    """Which files below a source's roots are its data.

    Attributes:
        roots: the paths of the roots, as in a URI; to the names of the files that the stream has finished which
            writes there, None if none does.
    """

    roots: Mapping[str, frozenset[str] | None]

    def holds(self, file: str) -> bool:
        """Whether a file counts, by its path as in a URI."""
        return self.is_data(file) and not self.is_unfinished(file)

    def is_data(self, file: str) -> bool:
        name = unquote(file)
        return is_data(self.below(file) or name.rpartition("/")[2])

    def is_unfinished(self, file: str) -> bool:
        no_streams = all(finished is None for finished in self.roots.values())
        return not no_streams and bool(unfinished([unquote(file)], self.roots[self.root(file)]))

    def below(self, file: str) -> str:
        """A file's path below the root that it lies in; nothing if it is the root."""
        return unquote(file).removeprefix(unquote(self.root(file))).lstrip("/")

    def root(self, file: str) -> str:
        """The root that a file lies in."""
        name = unquote(file)
        return next(one for one in self.roots if name == unquote(one) or name.startswith(f"{unquote(one)}/"))


@dataclass(frozen=True, slots=True)
class Folder:
    """The data files of a source.

    Attributes:
        roots: the folders, or files.
        data: which files count.
        outside: the path of the landing root, with a slash at its end.
        files: path of each file that is meant, as in a URI, to its name relative to the landing root.
        prefix: what stands before the paths: scheme and authority.
        notes: on files that are no data.
        state: what is known of each file there, meant or not, without reading it: the same as long as nobody changes
            anything.
    """

    spark: SparkSession
    roots: tuple[str, ...]
    data: Data
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
        data = {file: state for uri, state in found.items() if self.data.holds(file := uri_path(uri))}
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
        LakeError: a file is an archive of a kind that can't be read, or no file at all; or another program keeps the
            folder, in a way that nobody else can read it.
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
    named = dict(zip(insides, there, strict=True))
    data = Data({inside: _finished(spark, system, where, source, one) for inside, (one, where) in named.items()})
    listed = found_files(spark.read.options(**ALL_OR_NOTHING).text(list(map(literal_path, roots))))
    states = {uri_path(uri): state for uri, state in listed.items()}
    for file in states:
        if problem := iceberg_problem(data.below(file)):
            raise _foreign(source, named[data.root(file)][0], problem)
    files = {file: unquote(file).removeprefix(outside) for file in states if data.holds(file)}
    for name in files.values():
        if problem := refusal(name):
            raise LakeError(f"{source}: {name}: {problem}", source=source)
    notes = left_out(map(data.below, states))
    notes += left_unfinished([data.below(file) for file in states if data.is_data(file) and file not in files])
    if len(paths) > 1:
        full = {one for inside, (one, _) in named.items() if _any_in(files, inside)}
        notes += [f"{one}: no files" for one in paths if one.strip("/") not in full]
    state = frozenset((file, states[file]) for file in files)
    if only is not None:
        files = {file: name for file, name in files.items() if name in only}
    prefix = qualified[0].removesuffix(insides[0])
    return Folder(spark, roots, data, outside, files, prefix, state, tuple(notes))


def _any_in(files: Iterable[str], inside: str) -> bool:
    return any(file == inside or file.startswith(f"{inside}/") for file in files)


def _finished(spark: SparkSession, system: Any, root: Any, source: str, place: str) -> frozenset[str] | None:
    """The names of the files that a stream has finished; None if it is none that writes to a folder.

    Raises:
        LakeError: another program keeps the folder, in a way that nobody else can read it.
    """
    jvm: Any = spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path
    log = path(root, STREAM_LOG)
    try:
        refuse_table(lambda mark: system.exists(path(root, mark)))
        if not system.exists(log):
            return None
        spark.conf.set(_NO_LOG, "true")
        names = batches(str(status.getPath().getName()) for status in system.listStatus(log))
        return finished((name, _content(system, path(log, name))) for name in names)
    except ForeignFolderError as error:
        raise _foreign(source, place, str(error)) from None


def _foreign(source: str, place: str, problem: str) -> LakeError:
    return LakeError(f"{source}: {place}: {problem}", source=source)


def _content(system: Any, path: Any) -> bytes:
    stream = system.open(path)
    try:
        return bytes(stream.readAllBytes())
    finally:
        stream.close()


def _look(folder: str, root: str, source: str) -> None:
    """Refuses what Spark can't list or read; it would follow a link in a circle 40 times."""
    try:
        for file in regular_files(Path(folder)):
            name = file.relative_to(root).as_posix()
            if problem := is_data(name) and refusal(name):
                raise LakeError(f"{source}: {name}: {problem}", source=source)
    except NoFile as error:
        raise LakeError(f"{source}: {error.path.relative_to(root).as_posix()}: {error}", source=source) from None


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
