"""Alarms that EventBridge couldn't deliver: they lie in a queue, each with the event of the failed job."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from generator.deploy.aws import Aws, clearly

_AT_ONCE = 10
_MOST = 100


@dataclass(frozen=True, slots=True)
class UndeliveredAlarm:
    """A failed run that nobody was told of, and why not."""

    job: str
    state: str
    time: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@clearly
def undelivered_alarms(aws: Aws, queue: str) -> list[UndeliveredAlarm]:
    """What lies in the queue, oldest first, about a hundred at most; all of it stays there.

    Args:
        queue: its URL.
    """
    found: dict[str, Mapping[str, Any]] = {}
    there = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    while len(found) < min(int(there["ApproximateNumberOfMessages"]), _MOST):
        answer = aws.sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=_AT_ONCE, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        if not answer.get("Messages"):
            break
        found |= {message["MessageId"]: message for message in answer["Messages"]}
    for message in found.values():  # to be seen by the next one who looks
        aws.sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return sorted(map(_alarm, found.values()), key=lambda alarm: alarm.time)


def _alarm(message: Mapping[str, Any]) -> UndeliveredAlarm:
    event = json.loads(message["Body"])
    detail = event.get("detail", {})
    why = ": ".join(_texts(message.get("MessageAttributes", {}), "ERROR_CODE", "ERROR_MESSAGE"))
    return UndeliveredAlarm(detail.get("jobName", ""), detail.get("state", ""), event.get("time", ""), why)


def _texts(attributes: Mapping[str, Any], *names: str) -> Iterator[str]:
    yield from (attributes[name]["StringValue"] for name in names if name in attributes)
