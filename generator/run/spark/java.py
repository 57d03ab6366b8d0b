"""The Java that local Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from generator.diagnostics import GeneratorError

_NEEDED = {3: 8, 4: 17}
_ADVICE = "install a Java 17 (Debian: apt-get install openjdk-17-jre-headless), or point JAVA_HOME to one"


class JavaError(GeneratorError):
    """There is no Java that Spark can run on."""


@dataclass(frozen=True, slots=True)
class Java:
    """An installed Java.

    Attributes:
        home: its folder, as JAVA_HOME has it.
        version: such as `17.0.15`.
    """

    home: Path
    version: str

    @property
    def major(self) -> int:
        """8 for `1.8.0_402`, 17 for `17.0.15`."""
        first, *rest = (int(part) for part in re.findall(r"\d+", self.version))
        return rest[0] if first == 1 and rest else first


def find_java(spark_version: str) -> Java:
    """The Java that JAVA_HOME or PATH names.

    Raises:
        JavaError: there is none, it doesn't run, or it is too old for this version of Spark.
    """
    home = os.environ.get("JAVA_HOME")
    program = Path(home, "bin", "java") if home else Path(shutil.which("java") or "")
    if home and not program.exists():
        raise JavaError(f"there is no Java in JAVA_HOME ({home}), and local Spark needs one: {_ADVICE}")
    if not program.name:
        raise JavaError(f"local Spark needs Java, and there is none: {_ADVICE}")
    folder = program.resolve().parent.parent
    java = Java(folder, _version(folder) or _asked(program))
    needed = _NEEDED.get(int(spark_version.split(".")[0]), 17)
    if java.major < needed:
        what = f"Spark {spark_version} needs Java {needed} or newer, and {program} is {java.version}"
        raise JavaError(f"{what}: {_ADVICE}")
    return java


def _version(home: Path) -> str:
    """The version that an installation tells of itself; empty if it doesn't."""
    try:
        found = re.search(r'^JAVA_VERSION="([\d._]+)', (home / "release").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""


def _asked(program: Path) -> str:
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JavaError(f"{program} doesn't run ({error}), and local Spark needs Java: {_ADVICE}") from None
    found = re.search(r'version "([\d._]+)', done.stderr + done.stdout)
    if found is None:
        raise JavaError(f"{program} doesn't tell its version, and local Spark needs Java: {_ADVICE}")
    return found[1]
