"""Changes of the reference lake's landing data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self


class LandingChanges:
    """What changes in the landing data of a sample; at the end, all is as it was.

    Args:
        data: the sample.
        aside: a file for the registry as it was.
    """

    def __init__(self, data: Path, aside: Path) -> None:
        self._readings = data / "accelerometer" / "landing"
        self._new = self._readings / "new.json"
        self._registry = min((data / "customer" / "landing").iterdir())
        self._aside = aside
        shutil.copyfile(self._registry, aside)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._new.unlink(missing_ok=True)
        self.agree()

    def add_readings(self, share: float) -> None:
        """Adds a file with the first lines of the last file: as many as make a share of all."""
        *files, last = sorted(self._readings.iterdir())
        lines = last.read_text(encoding="utf-8").splitlines(keepends=True)
        per_line = last.stat().st_size / len(lines)
        count = share * sum(file.stat().st_size for file in (*files, last)) / per_line
        self._new.write_text("".join(lines[: max(round(count), 1)]), encoding="utf-8")

    def withdraw(self) -> None:
        """One of the customers, in the middle, no longer says that they agreed."""
        text, key = self._aside.read_text(encoding="utf-8"), '"shareWithResearchAsOfDate"'
        start = text.rindex("\n", 0, text.index(key, len(text) // 2)) + 1
        end = text.index("\n", start)
        line = {name: value for name, value in json.loads(text[start:end]).items() if f'"{name}"' != key}
        self._registry.write_text(text[:start] + json.dumps(line) + text[end:], encoding="utf-8")

    def agree(self) -> None:
        """The customer agrees again."""
        shutil.copyfile(self._aside, self._registry)
