"""Starts Spark's Python workers from files alone: `spark.python.daemon.module` of local Spark.

Spark has its workers import from its own archives first: pyspark as a zip, and the jar with Spark's classes. At the
beginning of each task pyspark forgets what is where, and Python reads the contents of such archives anew, thousands of
names. That takes longer than most tasks do. Where pyspark lies there as files too, nothing else is in the archives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path


def files_alone(path: Sequence[str]) -> list[str]:
    """What of a path isn't an archive of Spark's; all of it, unless the same pyspark is found in the rest."""
    archives = [entry for entry in path if _is_sparks(Path(entry))]
    rest = [entry for entry in path if entry not in archives]
    pyspark, py4j = (PathFinder.find_spec(name, rest) for name in ("pyspark", "py4j"))
    homes = {Path(entry).parent.parent.parent for entry in archives if Path(entry).name == "pyspark.zip"}
    if pyspark is None or py4j is None or pyspark.origin is None:
        return list(path)
    place = Path(pyspark.origin).parent
    return rest if homes <= {place, place.parent.parent} else list(path)


def _is_sparks(entry: Path) -> bool:
    return entry.name == "pyspark.zip" or entry.match("py4j-*-src.zip") or entry.suffix == ".jar"


def main() -> None:
    """Serves Spark until it closes this process's stdin."""
    sys.path[:] = files_alone(sys.path)
    for entry in sys.path_importer_cache.keys() - {*sys.path}:
        if _is_sparks(Path(entry)):
            del sys.path_importer_cache[entry]
    from pyspark import daemon

    start: Callable[[], None] = daemon.manager
    start()


if __name__ == "__main__":
    main()
