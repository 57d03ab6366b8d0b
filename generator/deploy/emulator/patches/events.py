"""EventBridge: rules send to SNS topics too, transformed as the target says."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import Rule, events_backends
from moto.sns.models import sns_backends
from moto.utilities.arns import parse_arn

from generator.deploy.emulator.patches.replace import replace


def apply() -> None:
    replace(Rule, "send_to_targets", _to_topics_too)


def send_event(region: str, source: str, kind: str, detail: Mapping[str, Any]) -> None:
    """Puts an event of an AWS service on the default bus, which `PutEvents` refuses to."""
    now = time.time()
    event: Any = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": DEFAULT_ACCOUNT_ID,
        "time": now,
        "ingestion-time": now,
        "region": region,
        "resources": [],
        "detail": dict(detail),
    }
    bus = events_backends[DEFAULT_ACCOUNT_ID][region].describe_event_bus("default")
    for rule in list(bus.rules.values()):
        own: Any = dict(event)
        rule.send_to_targets(own)


def _to_topics_too(send_to_targets: Any) -> Any:
    def send(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if self.state != "ENABLED" or not self.event_pattern.matches_event(original_event):
            return
        targets = self.targets
        topics = [target for target in targets if parse_arn(target["Arn"]).service == "sns"]
        for target in topics:
            arn = parse_arn(target["Arn"])
            message = transformed(target.get("InputTransformer"), original_event)
            sns_backends[arn.account][arn.region].publish(message, arn=target["Arn"])
        self.targets = [target for target in targets if target not in topics]
        try:
            send_to_targets(self, original_event, transform_input)
        finally:
            self.targets = targets

    return send


def transformed(transformer: Mapping[str, Any] | None, event: Mapping[str, Any]) -> str:
    """The message that a target gets of an event: the event, or a template filled with parts of it."""
    if not transformer:
        moment = datetime.fromtimestamp(event["time"], UTC)
        shown = {**event, "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
        del shown["ingestion-time"]
        return json.dumps(shown)
    template = transformer["InputTemplate"]
    paths = transformer.get("InputPathsMap", {})
    is_text = template.lstrip().startswith('"')

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in paths:
            return match.group(0)
        value = json.dumps(_at(event, paths[name]))
        inside_quotes = is_text or template[match.start() - 1 : match.start()] == '"'
        return value.strip('"') if inside_quotes else value

    filled = re.sub(r"<([\w.-]+)>", fill, template)
    return "\n".join(json.loads(line) for line in filled.splitlines() if line.strip()) if is_text else filled


def _at(event: Any, path: str) -> Any:
    for name in path.removeprefix("$").strip(".").split("."):
        event = event.get(name) if isinstance(event, Mapping) else None
    return event
