"""A JVM that starts fast: the classes that Spark loads, kept in an archive that later JVMs map into memory.

The first JVM lists the classes that it loads. From the list an idle process, left behind when that run ends, makes the
archive in the user's cache folder. Without an archive, or where none can be written, everything works as well, only
slower. Each Java and each installation of Spark has an archive of its own, 200 MB of them; those that aren't used any
more are removed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generator.run.spark.java import Java

_SINCE = 13
"""The first Java whose archives hold all that Spark loads."""
_PATIENCE = 600
"""Seconds after which a process that makes an archive is taken for dead."""
_UNUSED = 30 * 24 * 60 * 60
"""Seconds after which what no JVM has used is removed, when another archive is made."""
_MAKE = """
nice -n 19 "$1" -Xshare:dump -XX:SharedClassListFile="$2" -XX:SharedArchiveFile="$3.new" && mv -f "$3.new" "$3"
rm -f "$2" "$3.new" "$3.making"
"""


@dataclass(frozen=True, slots=True)
class ClassSharing:
    """How a JVM shares classes.

    Attributes:
        options: for the JVM.
        listed: where it lists the classes that it loads; None if there is an archive, or can't be one.
    """

    java: Java
    archive: Path | None = None
    listed: Path | None = None
    options: tuple[str, ...] = ()

    def make_archive(self, class_path: str) -> None:
        """Makes an archive of what an ended JVM listed, in a process of its own that nobody waits for."""
        if self.archive is None or self.listed is None or not self.listed.exists():
            return
        if self.archive.exists() or not _taken(self.archive.with_name(f"{self.archive.name}.making")):
            self.discard()
            return
        _remove_unused(self.archive.parent)
        program = str(self.java.home / "bin" / "java")
        with suppress(OSError):
            subprocess.Popen(
                ["/bin/sh", "-c", _MAKE, "sh", program, str(self.listed), str(self.archive)],
                env={**os.environ, "CLASSPATH": class_path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def discard(self) -> None:
        """Forgets what the JVM listed."""
        if self.listed is not None:
            with suppress(OSError):
                self.listed.unlink(missing_ok=True)


def class_sharing(java: Java, jars: Path) -> ClassSharing:
    """Sharing for a Java and a folder of Spark's libraries; none where it can't be had."""
    folder = _cache_folder()
    if java.major < _SINCE or folder is None or any(mark in str(folder) for mark in " \t\n\"'\\"):
        return ClassSharing(java)
    archive = folder / f"spark-{_digest(java, jars)}.jsa"
    if archive.exists():
        with suppress(OSError):
            os.utime(archive)
        return ClassSharing(java, archive, None, (f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:disable"))
    listed = folder / f"{archive.name}.{os.getpid()}.classes"
    return ClassSharing(java, archive, listed, (f"-XX:DumpLoadedClassList={listed}", "-Xlog:disable"))


def _cache_folder() -> Path | None:
    """The generator's folder in the user's cache, if it can be written."""
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = root / "lakegen"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None


def _digest(java: Java, jars: Path) -> str:
    """Names the JVM and the libraries: an archive fits no others."""
    state = [str(java.home), java.version, str(jars.resolve())]
    with os.scandir(jars) as entries:
        state += sorted(f"{entry.name} {entry.stat().st_size} {entry.stat().st_mtime_ns}" for entry in entries)
    return hashlib.sha256("\n".join(state).encode()).hexdigest()[:16]


def _remove_unused(folder: Path) -> None:
    """Removes archives of Javas and Sparks that have gone, and what processes left that were killed."""
    oldest = time.time() - _UNUSED
    for file in folder.glob("spark-*.jsa*"):
        with suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()


def _taken(mark: Path) -> bool:
    """Whether this process is the one that makes the archive."""
    try:
        if time.time() - mark.stat().st_mtime > _PATIENCE:
            mark.unlink(missing_ok=True)
    except OSError:
        pass
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except OSError:
        return False
    return True
