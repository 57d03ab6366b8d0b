"""The report of the last run, kept in the lake folder beside the tables for whoever shows it later."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from generator.diagnostics import GeneratorError
from generator.regular_files import read_regular
from generator.run.report import RunReport

FILE = "last_run.json"
FORMAT = 1


class LastRunError(GeneratorError):
    """The kept report can't be read."""


def store_last_run(lake: Path, report: RunReport) -> None:
    """Keeps a report, in place of the one before."""
    temporary = lake / f".{FILE}.tmp"
    try:
        temporary.unlink(missing_ok=True)  # never through a link
        with open(temporary, "x", encoding="utf-8") as file:
            json.dump({"format": FORMAT, **report.to_json()}, file, indent=1)
        os.replace(temporary, lake / FILE)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise LastRunError(f"cannot write {lake / FILE}: {error.strerror}") from None


def load_last_run(lake: Path) -> dict[str, Any] | None:
    """The report of the last run as JSON values; None where there was none.

    Raises:
        LastRunError: it is damaged, or of a newer format.
    """
    path = lake / FILE
    try:
        data = json.loads(read_regular(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LastRunError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise LastRunError(f"{path} is damaged: run the lake again") from None
    kept = _report(data)
    if kept is None:
        raise LastRunError(f"{path} is not a report of this version: run the lake again")
    return kept


def _report(data: Any) -> dict[str, Any] | None:
    """The report that was kept; None for JSON values that aren't one of this format."""
    from pydantic import TypeAdapter, ValidationError

    try:
        if data["format"] != FORMAT:
            return None
        tables = [{**table, "name": name} for name, table in data["tables"].items()]
        report = TypeAdapter(RunReport).validate_python({**data, "tables": tables})
        text = json.dumps({"format": FORMAT, **report.to_json()}, ensure_ascii=False)
        kept: dict[str, Any] = json.loads(text.encode())  # which halves of characters aren't
        return kept
    except (ValidationError, KeyError, TypeError, AttributeError, UnicodeEncodeError):
        return None
