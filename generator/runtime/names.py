"""Which files of a folder are landing data, by their names."""

from __future__ import annotations

ARCHIVES = (".gz", ".bz2")
_FOLDER = "_$folder$"
"""The end of the names of empty objects that stand for folders: earlier file systems of S3 left them."""
_REFUSED = frozenset((".zst", ".zstd", ".snappy", ".lz4", ".lzo", ".xz", ".zip", ".7z", ".deflate", ".z", ".br"))


def is_data(name: str) -> bool:
    """Whether a file counts: it isn't hidden, nor is a folder above it; it is no copy in progress and no folder's mark.

    Args:
        name: relative to the source's folder, with forward slashes.
    """
    hidden = any(part.startswith(("_", ".")) for part in name.split("/"))
    return not hidden and not name.endswith(("._COPYING_", _FOLDER))


def is_archive(name: str) -> bool:
    return name.endswith(ARCHIVES)


def refusal(name: str) -> str | None:
    """Why a file can't be read, if its name says so: it is an archive of another kind, or no path of Hadoop's."""
    if ":" in name:
        return "Hadoop, by which Spark reads, takes no colon in a name: rename the file"
    suffix = name[name.rfind(".") :] if "." in name.rsplit("/", 1)[-1] else ""
    if suffix.lower() not in _REFUSED and (suffix in ARCHIVES or suffix.lower() not in ARCHIVES):
        return None
    return f"`{suffix}` is not supported; gzip (.gz) and bzip2 (.bz2) are"
