"""Which files of a folder are landing data, by their names; and what files of the lake are called."""

from __future__ import annotations

from collections.abc import Iterable

from .words import first_and_more

ARCHIVES = (".gz", ".bz2", ".zst")
UNPACKED_BY_PYTHON = ".zst"
"""The archives that Hadoop unpacks only where its native library is, which local Spark lacks."""
_FOLDER = "_$folder$"
"""The end of the names of empty objects that stand for folders: earlier file systems of S3 left them."""
_EDITORS_COPY = "~"
_REFUSED = frozenset((".zstd", ".snappy", ".lz4", ".lzo", ".xz", ".zip", ".7z", ".deflate", ".z", ".br"))


def is_data(name: str) -> bool:
    """Whether a file counts: it isn't hidden, nor is a folder above it; it is no copy in progress, no editor's copy
    and no folder's mark.

    Args:
        name: relative to the source's folder, with forward slashes.
    """
    return not is_hidden(name) and not name.endswith(("._COPYING_", _FOLDER, _EDITORS_COPY))


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder above it, is a writer's own: its name begins with `_` or `.`."""
    return any(part.startswith(("_", ".")) for part in name.split("/"))


def left_out(names: Iterable[str]) -> list[str]:
    """Notes of the files that are no data although they aren't hidden, so that their owner may want to know."""
    copies = [name for name in names if name.endswith(_EDITORS_COPY) and not is_hidden(name)]
    return [f"{first_and_more(copies)}: left out, as the copy that an editor keeps"] if copies else []


def is_archive(name: str) -> bool:
    return name.endswith(ARCHIVES)


def refusal(name: str) -> str | None:
    """Why a file can't be read, if its name says so: it is an archive of another kind, or no path of Hadoop's."""
    if ":" in name:
        return "Hadoop, by which Spark reads, takes no colon in a name: rename the file"
    suffix = name[name.rfind(".") :] if "." in name.rsplit("/", 1)[-1] else ""
    if suffix.lower() not in _REFUSED and (suffix in ARCHIVES or suffix.lower() not in ARCHIVES):
        return None
    return f"`{suffix}` is not supported; gzip (.gz), bzip2 (.bz2) and zstd (.zst) are"


def is_run(text: str) -> bool:
    """Whether a text can be the name of a run's folder: one plain name."""
    return 0 < len(text) <= 255 and text not in (".", "..") and "/" not in text and text.isprintable()


def is_place(kind: str, name: str, file: str) -> bool:
    """Whether a path is one of a file of a table or source: `KIND/NAME/RUN/FILE`, relative to the lake."""
    parts = file.split("/")
    return len(parts) == 4 and parts[:2] == [kind, name] and all(map(is_run, parts[1:]))
