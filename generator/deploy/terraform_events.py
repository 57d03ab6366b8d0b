"""What Terraform says with `-json`, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_HOLDS_DATA = {"aws_s3_bucket", "aws_glue_catalog_table", "aws_glue_catalog_database", "aws_kms_key"}


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan would do to a resource.

    Attributes:
        action: `create`, `update`, `delete`, `replace`, or another word of Terraform's.
        attributes: those that an update changes, or that make it a replacement.
        bucket: the name of a bucket that goes, and goes only if it is empty; or of the one that an object goes from.
        key: of an object that goes.
        new_bucket: the name of a bucket to create.
        guards: whether it is what keeps a lake from being destroyed, and would go.
    """

    address: str
    type: str
    action: str
    attributes: tuple[str, ...] = ()
    bucket: str | None = None
    key: str | None = None
    new_bucket: str | None = None
    guards: bool = False

    @property
    def loses_data(self) -> bool:
        """Whether a resource goes that holds data, or says where data is."""
        return self.action in ("delete", "replace") and self.type in _HOLDS_DATA

    def with_details(self, change: Mapping[str, Any]) -> Change:
        """The same with what `terraform show` tells of it."""
        before, after = change.get("before") or {}, change.get("after") or {}
        unknown = change.get("after_unknown") or {}
        names: tuple[str, ...] = ()
        if self.action == "replace":
            names = tuple(".".join(map(str, path)) for path in change.get("replace_paths", []))
        elif self.action == "update":
            names = tuple(name for name in before if before[name] != after.get(name) or unknown.get(name) is True)
        if self.action != "delete":
            new = after.get("bucket") if self.type == "aws_s3_bucket" and self.action != "update" else None
            return replace(self, attributes=names, new_bucket=new)
        if self.type == "aws_s3_object":
            return replace(self, bucket=before.get("bucket"), key=before.get("key"))
        if self.type == "terraform_data":
            return replace(self, guards=_forbids_data_loss(before.get("input")))
        goes = self.type == "aws_s3_bucket" and not before.get("force_destroy")
        return replace(self, bucket=before.get("bucket") if goes else None)


def _forbids_data_loss(given: Any) -> bool:
    """Whether these are the guard's values, and data may not go."""
    return isinstance(given, Mapping) and given.get("allow_data_loss") is False


@dataclass(frozen=True, slots=True)
class Progress:
    """A resource is worked on.

    Attributes:
        action: `create`, `update`, `delete`, `read` or `refresh`.
        phase: `start`, `progress`, `complete` or `errored`.
    """

    address: str
    action: str
    phase: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a warning."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    place: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.address, self.place) if part)
        text = f"{self.summary} ({where})" if where else self.summary
        return f"{text}: {self.detail}" if self.detail else text


Event = Change | Progress | Problem


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change; without changes, what is there is what is declared.

    Attributes:
        variables: the root module's, by name, with the values that the plan was made with.
    """

    changes: tuple[Change, ...]
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def losses(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.loses_data)

    def count(self, *actions: str) -> int:
        return sum(change.action in actions for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        return {
            "create": self.count("create"),
            "update": self.count("update"),
            "replace": self.count("replace"),
            "delete": self.count("delete"),
            "changes": [
                {"address": one.address, "action": one.action, "attributes": list(one.attributes)}
                for one in self.changes
            ],
        }


def parse_event(line: str) -> Event | None:
    """The event of a line; None for what nobody asks for."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    kind = data.get("type", "")
    if kind == "planned_change":
        return _change(data["change"])
    if kind == "diagnostic":
        return _problem(data["diagnostic"])
    operation, _, phase = kind.partition("_")
    if operation in ("apply", "refresh") and phase in ("start", "progress", "complete", "errored"):
        hook = data["hook"]
        action = hook.get("action", "refresh")
        return Progress(hook["resource"]["addr"], action, phase, float(hook.get("elapsed_seconds", 0)))
    return None


def _change(data: Mapping[str, Any]) -> Change | None:
    resource = data["resource"]
    if data["action"] in ("noop", "read") or resource["addr"].startswith("data."):
        return None
    return Change(resource["addr"], resource["resource_type"], data["action"])


def _problem(data: Mapping[str, Any]) -> Problem:
    span = data.get("range") or {}
    place = f"{span['filename']}:{span['start']['line']}" if "filename" in span else ""
    detail = " ".join(data.get("detail", "").split())
    return Problem(data["severity"], data["summary"], detail, data.get("address", ""), place)
