"""How local Spark is set up for the machine and the data."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

SOURCES, AHEAD = "sources", "ahead"
_WEIGHTS = {"default": 4, SOURCES: 2, AHEAD: 1}
"""How Spark shares its workers: what a table waits for comes before a source, and that before what is done ahead."""
_POOL = '<pool name="{}"><schedulingMode>FIFO</schedulingMode><weight>{}</weight><minShare>0</minShare></pool>'
MUCH_DATA = 256 << 20
"""Bytes of landing data from which on it pays to plan again between stages."""
LONG_RUN = 64 << 20
"""Bytes of landing data from which on it pays to compile hot code well."""
COMPILE_SOON = ("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m")
"""The JVM's first compiler alone. It would be given so little room that lakes of many columns fill it, and nothing is
compiled any more."""
_PATIENCE = 30
_COMPILE_LATE = tuple(
    f"-XX:Tier4{threshold}={_PATIENCE * default}"
    for threshold, default in {
        "InvocationThreshold": 5_000,
        "MinInvocationThreshold": 600,
        "CompileThreshold": 15_000,
        "BackEdgeThreshold": 40_000,
    }.items()
)
"""The JVM's second compiler, for the hottest code only: it takes a core that few machines can spare."""
_YOUNG_A_CORE = 256
"""MiB for what a core's tasks make and drop; more only takes memory."""
_SHARE_OF_YOUNG = 4
"""The heap begins with so many times what is for young objects: before it grows it is collected as a whole."""
WORKERS = "lakegen_workers"
"""The module, beside `awsglue`, that starts Spark's Python workers."""
_JAVA_OPTIONS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
_PAGE = "4m"
"""What each sort, join and aggregate of a task takes first. Spark takes 64 MiB of a heap of this size, cleared, however
few rows there are; of pages of this size a task may have as many as the largest heap has room for.
"""
_BYTES_A_PARTITION = 64 << 20
_MIB = 1 << 20
_LARGEST_HEAP = 31 * 1024
"""MiB up to which a JVM's pointers are small."""


def spark_settings(name: str, data: Path, scratch: Path, java_options: Sequence[str]) -> dict[str, str]:
    """Settings for so much landing data.

    Args:
        scratch: a folder for what Spark keeps on the disk while it runs.
    """
    size = _size(data)
    much = size > MUCH_DATA
    compiling = _COMPILE_LATE if size > LONG_RUN else COMPILE_SOON
    return {
        "spark.master": f"local[{cores()}]",
        "spark.app.name": name,
        "spark.buffer.pageSize": _PAGE,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": f"{memory()}m",
        "spark.driver.extraJavaOptions": " ".join((*java_options, *compiling, *_collecting())),
        "spark.local.dir": str(scratch),
        "spark.log.level": "WARN",
        "spark.python.daemon.module": WORKERS,
        "spark.scheduler.allocation.file": _write_pools(scratch).as_uri(),
        "spark.scheduler.mode": "FAIR",
        "spark.sql.adaptive.enabled": str(much).lower(),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.inMemoryColumnarStorage.compressed": "false",
        "spark.sql.shuffle.partitions": str(max(cores(), -(-size // _BYTES_A_PARTITION))),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **event_log(),
    }


def _write_pools(folder: Path) -> Path:
    file = folder / "pools.xml"
    pools = "".join(_POOL.format(*pool) for pool in _WEIGHTS.items())
    file.write_text(f"<allocations>{pools}</allocations>\n", encoding="utf-8")
    return file


def _collecting() -> tuple[str, ...]:
    """Options of garbage collection: a run is short, and no user waits in the middle of it. None where users chose."""
    if any(re.search(r"-XX:\+Use\w+GC\b", os.environ.get(name, "")) for name in _JAVA_OPTIONS):
        return ()
    young = min(_YOUNG_A_CORE * cores(), memory() // _SHARE_OF_YOUNG)
    return ("-XX:+UseParallelGC", f"-Xmn{young}m", f"-Xms{_SHARE_OF_YOUNG * young}m", "-XX:MetaspaceSize=256m")


def event_log() -> dict[str, str]:
    """Spark's own record of its work, for those who want to look into it."""
    folder = os.environ.get("LAKEGEN_SPARK_EVENT_LOG")
    if not folder:
        return {}
    kept = {"enabled": "true", "dir": Path(folder).absolute().as_uri(), "rolling.enabled": "false", "compress": "false"}
    return {f"spark.eventLog.{key}": value for key, value in kept.items()}


def _size(data: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in data.rglob("*") if file.is_file())


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int:
    """MiB for the JVM: half of the machine's memory, and at least one GiB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
    return max(1024, min(total // 2, _LARGEST_HEAP))
