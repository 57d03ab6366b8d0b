"""Where a job reads and writes: two places are one only if bucket, prefix, database and arguments are the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.author.names import storable

_SCHEME = re.compile(r"^s3[an]?://")
_BUCKET = re.compile(r"^[a-z0-9]+://(?:\{[^{}]*\}|[^/{}])*/?")
_ROOTS = frozenset("data landing lake output raw studio tables warehouse".split())
_PARTITION = re.compile(r"[^=]+=.*|[\d_.TZ-]+|\*+")


@dataclass(frozen=True, slots=True)
class Place:
    """A table of the catalog, files, or both.

    Attributes:
        path: `s3://bucket/key/`; an unknown part is `{the expression}`.
    """

    table: str = ""
    database: str = ""
    path: str = ""

    def is_same(self, other: Place) -> bool:
        """Whether what is written to one is what is read from the other."""
        if self.table and other.table:
            return storable(self.table) == storable(other.table) and _agree(self.database, other.database)
        if self.path and other.path:
            return _exact(self.path) == _exact(other.path)
        return False

    @property
    def key(self) -> str:
        """The path without its bucket."""
        return _BUCKET.sub("", self.path).strip("/")

    @property
    def bucket(self) -> str:
        """The bucket of `s3://bucket/key`, if it is written out."""
        match = re.match(r"s3[an]?://([^/*${}]+)", self.path)
        return match[1] if match else ""

    def names(self) -> list[str]:
        """Names for it, the best first: `s3://bucket/customer/landing/` is `customer_landing`."""
        if self.table:
            return [storable(self.table), storable(f"{self.database}_{self.table}")]
        parts = [part for part in self.key.split("/") if part and not _PARTITION.fullmatch(part)]
        while len(parts) > 1 and parts[0].lower() in _ROOTS:
            parts.pop(0)
        bucket = self.bucket or _BUCKET.match(self.path + "/").group().rstrip("/") if self.path else ""  # type: ignore[union-attr]
        bucket = _SCHEME.sub("", bucket)
        tails = [parts[-count:] for count in range(min(2, len(parts)), len(parts) + 1) if count]
        names = ["_".join(tail) for tail in tails] + ["_".join([bucket, *parts])]
        return list(dict.fromkeys(storable(name) for name in names if name.strip("_")))


def _exact(path: str) -> str:
    return _SCHEME.sub("s3://", path).rstrip("/")


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other
