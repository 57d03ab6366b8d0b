"""What a script tells of itself: the JSON lines that the runtime prints, among whatever else it prints."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from generator.run.report import CheckReport


@dataclass(slots=True)
class Events:
    """All that a script told.

    Attributes:
        sources: the last event of each source.
        checks: how the checks of each table and source went.
        published: the table's event, if it was published.
        failed: the event of its failure, if it failed.
    """

    sources: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    checks: dict[str, list[CheckReport]] = field(default_factory=dict)
    published: Mapping[str, Any] | None = None
    failed: Mapping[str, Any] | None = None

    def add(self, event: Mapping[str, Any]) -> None:
        match event["lake_event"]:
            case "source":
                self.sources[event["name"]] = event
            case "check":
                check = CheckReport(event["name"], event["kind"], event["blocking"], event["violations"])
                self.checks.setdefault(event["table"], []).append(check)
            case "published":
                self.published = event
            case "failed":
                self.failed = event


class Output(io.TextIOBase):
    """Takes a script's output: events are collected, everything else goes to the log."""

    def __init__(self, events: Events, log: TextIO) -> None:
        self.events = events
        self.log = log
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            event = _event(line)
            if event is None:
                self.log.write(f"{line}\n")
            else:
                self.events.add(event)
        return len(text)

    def flush(self) -> None:
        self.log.flush()

    def close(self) -> None:
        """Takes a last line that has no end."""
        if self._begun:
            self.write("\n")
        super().close()


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith('{"lake_event"'):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
