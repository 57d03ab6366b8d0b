"""The way of an alarm: from EventBridge to an encrypted topic, as strict as AWS, or to the queue of the undelivered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generator.deploy.alarms import undelivered_alarms
from generator.deploy.aws import Aws
from tests.unit.deploy.lakes import create_workflow, run_workflow

Client = Callable[[str], Any]
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
DEAD = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/failed"
BAD = 'raise ValueError("no such luck")\n'
EVENTS = {"Service": "events.amazonaws.com"}
OF_THE_RULE = {"ArnEquals": {"aws:SourceArn": RULE}}
OF_THE_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
OF_THE_TOPIC = {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": TOPIC}}
DENY_PLAIN = {"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*"}


def allow(action: str, condition: dict[str, Any] | None = None, *more: dict[str, Any]) -> str:
    statement = {"Effect": "Allow", "Principal": EVENTS, "Action": action, "Resource": "*"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {}), *more]}
    )


class Way:
    """A rule for the failed jobs of `shop`, its topic, a queue that hears the topic, and a dead-letter queue."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.mails = client("sqs").create_queue(QueueName="mails")["QueueUrl"]
        self.dead = client("sqs").create_queue(
            QueueName="dead", Attributes={"Policy": allow("sqs:SendMessage", OF_THE_RULE)}
        )["QueueUrl"]
        client("sns").create_topic(Name="alarms")
        client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:mails")
        pattern = {"source": ["aws.glue"], "detail": {"state": ["FAILED"], "jobName": ["shop-bad"]}}
        client("events").put_rule(Name="failed", EventPattern=json.dumps(pattern))
        self.target()
        self.topic_policy(allow("sns:Publish"))

    def target(self, **options: Any) -> None:
        target = {"Id": "t", "Arn": TOPIC, "DeadLetterConfig": {"Arn": DEAD}, **options}
        self.client("events").put_targets(Rule="failed", Targets=[target])

    def topic_policy(self, policy: str) -> None:
        self.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy)

    def key(self, policy: str) -> None:
        arn = self.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
        self.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="KmsMasterKeyId", AttributeValue=arn)

    def told(self) -> list[str]:
        found = self.client("sqs").receive_message(QueueUrl=self.mails, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"])["Message"] for message in found]


@pytest.fixture
def way(aws: Aws, bucket: str, client: Client) -> Way:
    create_workflow(aws, bucket, "shop", {"bad": BAD}, {})
    return Way(client)


def test_an_alarm_that_may_goes_its_way(way: Way, aws: Aws) -> None:
    way.key(allow("kms:*", OF_THE_TOPIC))
    run_workflow(aws, "shop")
    (message,) = way.told()
    assert json.loads(message)["detail"]["jobName"] == "shop-bad"
    assert undelivered_alarms(aws, way.dead) == []


@pytest.mark.parametrize("condition", [OF_THE_RULE, OF_THE_ACCOUNT], ids=["SourceArn", "SourceAccount"])
@pytest.mark.parametrize("where", ["topic", "key"])
def test_event_bridge_tells_topics_and_their_keys_nothing_of_the_rule(
    where: str, condition: dict[str, Any], way: Way, aws: Aws
) -> None:
    if where == "topic":
        way.topic_policy(allow("sns:Publish", condition))
    else:
        way.key(allow("kms:*", condition))
    run_workflow(aws, "shop")
    assert way.told() == []
    (lost,) = undelivered_alarms(aws, way.dead)
    assert (lost.job, lost.state) == ("shop-bad", "FAILED") and lost.reason.startswith("NO_PERMISSIONS: the ")


@pytest.mark.parametrize(
    "policy", [allow("kms:Decrypt"), allow("kms:*", None, {**DENY_PLAIN, "Action": "kms:GenerateDataKey"})]
)
def test_a_key_has_to_let_event_bridge_encrypt(policy: str, way: Way, aws: Aws) -> None:
    way.key(policy)
    run_workflow(aws, "shop")
    assert way.told() == [] and len(undelivered_alarms(aws, way.dead)) == 1


@pytest.mark.parametrize("policy", [None, allow("sns:Publish", None, DENY_PLAIN), allow("sns:Subscribe")])
def test_a_topic_has_to_let_event_bridge_publish(policy: str | None, way: Way, aws: Aws, client: Client) -> None:
    if policy is None:
        client("sns").delete_topic(TopicArn=TOPIC)
        client("sns").create_topic(Name="alarms")
    else:
        way.topic_policy(policy)
    run_workflow(aws, "shop")
    assert way.told() == [] and len(undelivered_alarms(aws, way.dead)) == 1


def test_a_template_that_a_message_breaks_is_not_delivered(way: Way, aws: Aws, bucket: str) -> None:
    aws.s3.put_object(Bucket=bucket, Key="jobs/bad.py", Body=b"""raise ValueError('it said "no"')""")
    paths = {"job": "$.detail.jobName", "why": "$.detail.message"}
    way.target(InputTransformer={"InputPathsMap": paths, "InputTemplate": '"<job>: <why>"'})
    run_workflow(aws, "shop")
    assert way.told() == []
    assert undelivered_alarms(aws, way.dead)[0].reason.startswith("INVALID_JSON")
    way.target(InputTransformer={"InputPathsMap": paths, "InputTemplate": '"<job>"'})
    run_workflow(aws, "shop")
    assert way.told() == ['"shop-bad"']


def test_a_queue_that_lets_nobody_in_keeps_nothing(way: Way, aws: Aws, client: Client) -> None:
    way.topic_policy(allow("sns:Subscribe"))
    other = {"ArnEquals": {"aws:SourceArn": f"{RULE}-2"}}
    client("sqs").set_queue_attributes(QueueUrl=way.dead, Attributes={"Policy": allow("sqs:SendMessage", other)})
    run_workflow(aws, "shop")
    assert undelivered_alarms(aws, way.dead) == []


def test_many_are_told_once_each_and_stay(way: Way, aws: Aws, client: Client) -> None:
    for number in range(23):
        event = {"time": f"2026-11-27T10:00:{number:02d}Z", "detail": {"jobName": f"j{number}", "state": "FAILED"}}
        client("sqs").send_message(QueueUrl=way.dead, MessageBody=json.dumps(event))
    for _ in range(2):
        assert [one.job for one in undelivered_alarms(aws, way.dead)] == [f"j{number}" for number in range(23)]


def test_a_pattern_that_is_too_long_is_refused(aws: Aws, client: Client) -> None:
    pattern = {"source": ["aws.glue"], "detail": {"jobName": ["x" * 100] * 20}}
    with pytest.raises(ClientError, match="too long: the limit is 2048"):
        client("events").put_rule(Name="long", EventPattern=json.dumps(pattern))
