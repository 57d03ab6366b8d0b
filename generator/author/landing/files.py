"""Which raw files are a source: a folder of files alike, or a file that shares its folder with others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.author.landing.contents import foreign_content
from generator.author.landing.csv_looks import is_delimited
from generator.author.landing.documents import first_keys
from generator.author.landing.lines import first_bytes
from generator.author.names import distinct_names
from generator.diagnostics import GeneratorError
from generator.runtime.local_files import NoFile, finished_files, regular_files, shown
from generator.runtime.names import ARCHIVES, is_data, left_out, refusal
from generator.runtime.words import plural
from generator.runtime.writer_logs import ForeignFolderError, iceberg_problem, left_unfinished

_FORMATS = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    ".pq": "parquet", ".psv": "csv", ".tab": "csv", ".geojson": "json",
}  # fmt: skip
_ANY_FORMAT = re.compile(r"\.(?:txt|log|dat|data|out|\d+|[0-9a-f]{8,})")
"""Endings that say nothing of what is in a file. Some logs end in a number or a hash."""
_PARTITION = re.compile(r"[^=]+=.*|[\d_.TZ-]+")
_LOOKED_AT = 1_000
"""So many files are looked into."""
_HASH = re.compile(r"[0-9A-Za-z]{1,2}|[0-9a-fA-F-]{3,}|[\w-]*\d[\w-]*", re.ASCII)
_COUNTER = re.compile(r"[-_. ]*(?:part[-_]?)?\d[\dA-Za-z_.-]*$|[-_. ]+[0-9a-f]{8}-[0-9a-f-]{20,}.*$")
_RANDOM = re.compile(r"[0-9a-f-]{16,}|[0-9_.TZ-]+|part[-_]?\d.*")


Groups = dict[tuple[str, str], list[Path]]
"""Files by stem and format."""


class NoLandingDataError(GeneratorError):
    """There is nothing to read.

    Attributes:
        folder: where it was looked for.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        super().__init__(f"{folder}: {reason}")


@dataclass(frozen=True, slots=True)
class RawFiles:
    """The files of a source.

    Attributes:
        root: the landing folder.
        path: relative to it: a folder with a slash at its end, or a file.
        format: `json`, `csv` or `parquet`.
    """

    name: str
    root: Path
    path: str
    format: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Files that are one source, but share a folder with other files: they need a folder of their own."""

    files: tuple[Path, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class Found:
    """What is below a landing folder.

    Attributes:
        unknown: files that can't be read, with what they are.
        moves: what has to be moved before its sources can be told apart.
        notes: on files that are no data.
    """

    sources: tuple[RawFiles, ...]
    unknown: Mapping[Path, str]
    moves: tuple[Move, ...]
    notes: tuple[str, ...] = ()


def find_sources(root: Path) -> Found:
    """Looks through a landing folder; hidden files (`_` or `.` first) are no data.

    Raises:
        NoLandingDataError: there is no such folder, or no data in it, or something that no reading would end of.
    """
    if not root.is_dir():
        reason = (
            "it is a file; give the folder that holds the raw data's folders" if root.exists() else "no such folder"
        )
        raise NoLandingDataError(root, reason)
    files, foreign, notes = _data_files(root)
    unreadable = {file: kind for file in files[:_LOOKED_AT] if (kind := foreign_content(file))}
    formats = {file: "" if file in unreadable else file_format(file) for file in files}
    known = {file: kind for file, kind in formats.items() if kind}
    if not known and (foreign or unreadable):
        raise NoLandingDataError(*next(iter({**foreign, **unreadable}.items())))
    if not known:
        none = plural(formats, "file in it, which isn't", "files in it, none of them")
        seen = f"{none} JSON, CSV or Parquet" if formats else "no files in it"
        raise NoLandingDataError(root, f"{seen}; a landing folder holds a folder of raw files for each source")
    notes += [f"{folder.relative_to(root).as_posix()}/ was left out: {why}" for folder, why in foreign.items()]
    sources, moves = _sources(root, known)
    unknown = {
        file: unreadable.get(file) or refusal(file.name) or "neither JSON, CSV nor Parquet"
        for file, kind in formats.items()
        if not kind
    }
    return Found(tuple(sorted(sources, key=lambda source: source.path)), unknown, tuple(moves), tuple(notes))


def _data_files(root: Path) -> tuple[list[Path], dict[Path, str], list[str]]:
    """The files that are data, folders that other programs keep with why they can't be read, and notes on files."""
    try:
        found = regular_files(root)
    except NoFile as error:
        raise NoLandingDataError(error.path, str(error)) from None
    files = sorted(file for file in found if is_data(file.name) and file.stat().st_size)
    foreign, streams = _kept_by_others(root, files)
    mine = [file for file in files if not any(folder in foreign for folder in file.parents)] if foreign else files
    left = {file for file in mine if _is_unfinished(file, streams)} if streams else set()
    notes = left_out(shown(file.relative_to(root)) for file in found)
    notes += left_unfinished([shown(file.relative_to(root)) for file in left])
    return [file for file in mine if file not in left], foreign, notes


def _kept_by_others(root: Path, files: Sequence[Path]) -> tuple[dict[Path, str], dict[Path, frozenset[str]]]:
    """Folders that can't be read, with the reason; and those to which a stream writes, with what it has finished."""
    foreign = {file.parent.parent: problem for file in files if (problem := iceberg_problem(shown(file)))}
    streams: dict[Path, frozenset[str]] = {}
    direct = {file.parent for file in files}
    for folder in sorted({above for one in direct for above in (one, *one.parents) if above.is_relative_to(root)}):
        try:
            finished = finished_files(folder)
        except ForeignFolderError as error:
            foreign[folder] = str(error)
            continue
        if finished is not None:
            streams[folder] = finished
    return foreign, streams


def _is_unfinished(file: Path, streams: Mapping[Path, frozenset[str]]) -> bool:
    return any(file.name not in streams[folder] for folder in file.parents if folder in streams)


def file_format(file: Path) -> str:
    """`json`, `csv`, `parquet`, or nothing: by the name, else by how the file begins."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in ARCHIVES:
        suffixes.pop()
    if suffixes and suffixes[-1] in _FORMATS:
        return _FORMATS[suffixes[-1]]
    start = first_bytes(file, 4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"PAR1"):
        return "parquet"
    if suffixes and not _ANY_FORMAT.fullmatch(suffixes[-1]):
        return ""
    if start.startswith((b"{", b"[")):
        return "json"
    return "csv" if is_delimited(start) else ""


def _sources(root: Path, formats: Mapping[Path, str]) -> tuple[list[RawFiles], list[Move]]:
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for file in formats:
        by_folder[_without_partitions(root, file.parent)].append(file)
    by_folder = _without_hashes(root, by_folder, formats)
    places: list[tuple[str, str, tuple[Path, ...]]] = []
    moves: list[Move] = []
    for folder, files in by_folder.items():
        shared = folder == root or any(folder in other.parents for other in by_folder)
        groups = _groups(files, formats, merge=folder != root)
        if not shared and len(groups) == 1:
            ((_, kind),) = groups
            places.append((f"{folder.relative_to(root).as_posix()}/", kind, tuple(files)))
            continue
        for (stem, kind), alike in groups.items():
            if len(alike) == 1:
                places.append((alike[0].relative_to(root).as_posix(), kind, tuple(alike)))
            else:
                moves.append(Move(tuple(alike), folder / _free_name(stem, kind, groups)))
    names = distinct_names(_source_name(path) for path, _, _ in places) if places else {}
    return _named(root, places, names), moves


def _named(root: Path, places: Sequence[tuple[str, str, tuple[Path, ...]]], names: Mapping[str, str]) -> list[RawFiles]:
    taken: dict[str, int] = defaultdict(int)
    found = []
    for path, kind, files in places:
        name = names[_source_name(path)]
        taken[name] += 1
        found.append(RawFiles(name if taken[name] == 1 else f"{name}_{taken[name]}", root, path, kind, files))
    return found


def _without_partitions(root: Path, folder: Path) -> Path:
    """The folder above `day=2024-01-01/` or `2024/01/`, which only divide one source's files."""
    parts = folder.relative_to(root).parts
    kept = list(parts)
    while len(kept) > 1 and _PARTITION.fullmatch(kept[-1]):
        kept.pop()
    return root.joinpath(*kept)


def _without_hashes(
    root: Path, by_folder: Mapping[Path, list[Path]], formats: Mapping[Path, str]
) -> dict[Path, list[Path]]:
    """The same with folders such as `A/B/` or `shard-07/` put together, where the files in them are alike.

    Their names say nothing: they are there so that no folder holds too many files.
    """
    below: dict[Path, list[Path]] = defaultdict(list)
    for folder in by_folder:
        kept = list(folder.relative_to(root).parts)
        while len(kept) > 1 and (_HASH.fullmatch(kept[-1]) or _PARTITION.fullmatch(kept[-1])):
            kept.pop()
        below[root.joinpath(*kept)].append(folder)
    found: dict[Path, list[Path]] = {}
    for above, folders in below.items():
        together = {above: [file for folder in folders for file in by_folder[folder]]}
        mixed = any(file.parent == above for file in together[above])
        alike = len(folders) > 1 and not mixed and len(_groups(together[above], formats, merge=True)) == 1
        found |= together if alike else {folder: by_folder[folder] for folder in folders}
    return found


def _groups(files: Iterable[Path], formats: Mapping[Path, str], merge: bool) -> Groups:
    """Files by the part of the name that isn't a number or date, and by format; `merge`: those of like content too."""
    found: Groups = defaultdict(list)
    for file in files:
        found[_stem(file), formats[file]].append(file)
    if not merge or len(found) == 1:
        return found
    merged: Groups = {}
    keys: dict[tuple[str, str], frozenset[str]] = {}
    for group, alike in found.items():
        first = first_keys(alike[0], group[1])
        like = next((other for other in merged if other[1] == group[1] and _alike(keys[other], first)), group)
        keys.setdefault(like, first)
        merged.setdefault(like, []).extend(alike)
    return merged


def _alike(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some) and len(some & others) >= 0.7 * len(some | others)


def _stem(file: Path) -> str:
    name = file.name.split(".")[0]
    return "part" if _RANDOM.fullmatch(name) else _COUNTER.sub("", name) or "part"


def _free_name(stem: str, kind: str, groups: Iterable[tuple[str, str]]) -> str:
    alone = sum(other == stem for other, _ in groups) == 1
    return stem if alone else f"{stem}_{kind}"


def _source_name(path: str) -> str:
    parts = [part for part in path.strip("/").split("/") if not _PARTITION.fullmatch(part)]
    if path.endswith("/"):
        return "_".join(parts[-3:])
    return "_".join((*parts[:-1][-2:], _stem(Path(parts[-1] if parts else path))))


def arrange(moves: Iterable[Move]) -> None:
    """Moves the files of each move into its folder.

    Raises:
        GeneratorError: a file of that name is there already.
    """
    for move in moves:
        for file in move.files:
            target = move.folder / file.name
            if target.exists():
                raise GeneratorError(f"{target} is there already: nothing is overwritten; move {file} yourself")
            move.folder.mkdir(parents=True, exist_ok=True)
            file.rename(target)
