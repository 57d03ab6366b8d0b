"""EventBridge: rules send to SNS topics too, if the topic and its key let them, and else to the dead-letter queue."""

from __future__ import annotations

import json
import re
import sys
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule, events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from generator.deploy.emulator.patches.replace import replace
from generator.deploy.emulator.policies import key_problem, service_allowed

SERVICE = "events.amazonaws.com"
MAX_PATTERN = 2048
"""Characters of a rule's pattern, unless the quota of an account was raised."""
_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


class Undeliverable(Exception):
    """A target doesn't get an event.

    Attributes:
        code: EventBridge's word for it.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def apply() -> None:
    replace(Rule, "send_to_targets", _to_topics_too)
    replace(EventsBackend, "put_rule", _within_the_quota)


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


def _within_the_quota(put_rule: Any) -> Any:
    def put(self: Any, name: str, **options: Any) -> Any:
        if len(options.get("event_pattern") or "") > MAX_PATTERN:
            raise ValidationException(f"Event pattern of {name} is too long: the limit is {MAX_PATTERN} characters.")
        return put_rule(self, name, **options)

    return put


def _to_topics_too(send_to_targets: Any) -> Any:
    def send(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if self.state != "ENABLED" or not self.event_pattern.matches_event(original_event):
            return
        targets = self.targets
        topics = [target for target in targets if parse_arn(target["Arn"]).service == "sns"]
        for target in topics:
            _deliver(self.arn, target, original_event)
        self.targets = [target for target in targets if target not in topics]
        try:
            send_to_targets(self, original_event, transform_input)
        finally:
            self.targets = targets

    return send


def _deliver(rule: str, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    try:
        _publish(target, transformed(target.get("InputTransformer"), event))
    except Undeliverable as problem:
        sys.stderr.write(f"{rule}: {target['Arn']} doesn't get an event: {problem.code}: {problem}\n")
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if queue is not None:
            _bury(queue, rule, target["Arn"], event, problem)


def _publish(target: Mapping[str, Any], message: str) -> None:
    """Sends a message to a topic as EventBridge does, which tells SNS and KMS nothing of the rule or the account."""
    arn = parse_arn(target["Arn"])
    topic = sns_backends[arn.account][arn.region].topics.get(target["Arn"])
    if topic is None:
        raise Undeliverable("RESOURCE_NOT_FOUND", "there is no such topic")
    if target.get("RoleArn"):
        raise Undeliverable("NO_PERMISSIONS", "a target that is a topic takes no role")
    if not service_allowed(topic.policy, SERVICE, "sns:Publish", topic.arn):
        raise Undeliverable("NO_PERMISSIONS", f"the topic's policy doesn't let {SERVICE} publish")
    if topic.kms_master_key_id:
        told = {"kms:encryptioncontext:aws:sns:topicarn": topic.arn}
        problem = key_problem(topic.kms_master_key_id, SERVICE, _KEY_ACTIONS, told)
        if problem:
            raise Undeliverable("NO_PERMISSIONS", problem)
    sns_backends[arn.account][arn.region].publish(message, arn=target["Arn"])


def _bury(queue: str, rule: str, target: str, event: Mapping[str, Any], problem: Undeliverable) -> None:
    """Puts an event into a dead-letter queue, if its policy lets EventBridge; else the event is lost."""
    arn = parse_arn(queue)
    found: Any = sqs_backends[arn.account][arn.region].queues.get(arn.resource_id)
    told = {"aws:sourcearn": rule, "aws:sourceaccount": arn.account}
    if found is None or not service_allowed(found.policy, SERVICE, "sqs:SendMessage", queue, told):
        return
    if found.kms_master_key_id and key_problem(found.kms_master_key_id, SERVICE, _KEY_ACTIONS):
        return
    why = {"RULE_ARN": rule, "TARGET_ARN": target, "ERROR_CODE": problem.code, "ERROR_MESSAGE": str(problem)}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in why.items()}
    sqs_backends[arn.account][arn.region].send_message(arn.resource_id, _shown(event), message_attributes=attributes)


def _shown(event: Mapping[str, Any]) -> str:
    moment = datetime.fromtimestamp(event["time"], UTC)
    shown = {**event, "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    del shown["ingestion-time"]
    return json.dumps(shown)


def transformed(transformer: Mapping[str, Any] | None, event: Mapping[str, Any]) -> str:
    """The message that a target gets of an event: the event, or a template filled with parts of it.

    A template is one JSON value, or texts in quotes, one a line, which keep them. What is put in isn't escaped; what
    isn't there is left out.

    Raises:
        Undeliverable: the filled template isn't JSON any more.
    """
    if not transformer:
        return _shown(event)
    shown = json.loads(_shown(event))
    values = {name: _at(shown, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    template = transformer["InputTemplate"]
    is_text = template.lstrip().startswith('"')
    filled = re.sub(r"<([\w.-]+)>", lambda match: _put_in(match, values, template, is_text), template)
    for part in filled.splitlines() if is_text else [filled]:
        try:
            json.loads(part or '""')
        except ValueError as error:
            raise Undeliverable("INVALID_JSON", f"the input template gives no JSON: {error}") from None
    return filled


def _put_in(match: re.Match[str], values: Mapping[str, Any], template: str, is_text: bool) -> str:
    if match.group(1) not in values:
        return match.group(0)
    value = values[match.group(1)]
    inside_quotes = is_text or template[match.start() - 1 : match.start()] == '"'
    if inside_quotes and (value is None or isinstance(value, str)):
        return value or ""
    return json.dumps("" if value is None else value)


def _at(event: Any, path: str) -> Any:
    for name in path.removeprefix("$").strip(".").split("."):
        event = event.get(name) if isinstance(event, Mapping) else None
    return event
