"""Runs a command as a process of its own and says what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took, from its start to its end.

    Attributes:
        wall: seconds that passed.
        cpu: seconds of all cores, user and system.
        peak: most memory it ever held, in MiB (resident set).
        output: what it printed on stdout.
    """

    wall: float
    cpu: float
    peak: float
    output: str

    def of(self, quantity: str) -> float:
        """`wall`, `cpu` or `peak`."""
        return {"wall": self.wall, "cpu": self.cpu, "peak": self.peak}[quantity]


def measure(command: Sequence[str | Path], variables: Mapping[str, str] | None = None) -> Cost:
    """Runs a command in the project's root folder. Exits with the command's own message if it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, command)), cwd=ROOT, env=_environment(variables or {}), stdout=out, stderr=errors
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        output = _text(out.fileno())
        if child.returncode:
            shown = " ".join(map(str, command))
            sys.exit(f"{shown}\nfailed with exit code {child.returncode}:\n{output}{_text(errors.fileno())}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _units_per_mib(), output)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Ours, but compiled modules are kept, as they are for anybody who runs a program twice."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, **variables}


def _text(descriptor: int) -> str:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "replace")


def _units_per_mib() -> int:
    return 1024**2 if sys.platform == "darwin" else 1024
