"""Which files of a folder are landing data, by their names."""

from __future__ import annotations

ARCHIVES = (".gz", ".bz2")
_REFUSED = frozenset((".zst", ".zstd", ".snappy", ".lz4", ".lzo", ".xz", ".zip", ".7z", ".deflate", ".z", ".br"))


def is_data(name: str) -> bool:
    """Whether a file counts: neither it nor a folder above it is hidden, and it isn't a copy in progress.

    Args:
        name: relative to the source's folder, with forward slashes.
    """
    return not name.endswith("._COPYING_") and not any(part.startswith(("_", ".")) for part in name.split("/"))


def is_archive(name: str) -> bool:
    return name.endswith(ARCHIVES)


def refusal(name: str) -> str | None:
    """Why a file can't be read, if its name says that it is an archive of another kind."""
    suffix = name[name.rfind(".") :] if "." in name.rsplit("/", 1)[-1] else ""
    if suffix.lower() not in _REFUSED and (suffix in ARCHIVES or suffix.lower() not in ARCHIVES):
        return None
    return f"`{suffix}` is not supported; gzip (.gz) and bzip2 (.bz2) are"
