"""The report of the last run, kept in the lake folder beside the tables for whoever shows it later."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from generator.diagnostics import GeneratorError
from generator.run.report import RunReport

FILE = "last_run.json"
FORMAT = 1


class LastRunError(GeneratorError):
    """The kept report can't be read."""


def store_last_run(lake: Path, report: RunReport) -> None:
    """Keeps a report, in place of the one before."""
    temporary = lake / f".{FILE}.tmp"
    try:
        temporary.write_text(json.dumps({"format": FORMAT, **report.to_json()}, indent=1), encoding="utf-8")
        os.replace(temporary, lake / FILE)
    except OSError as error:
        raise LastRunError(f"cannot write {lake / FILE}: {error.strerror}") from None


def load_last_run(lake: Path) -> dict[str, Any] | None:
    """The report of the last run as JSON values; None where there was none.

    Raises:
        LastRunError: it is damaged, or of a newer format.
    """
    path = lake / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise LastRunError(f"cannot read {path}: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("tables"), dict):
        raise LastRunError(f"{path} is not a report of this version: run the lake again")
    return data
