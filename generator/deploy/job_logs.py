"""What the jobs print: where Glue puts it, and what the lake's own events in it say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from generator.deploy.aws import Aws, clearly

DEFAULT_PREFIX = "/aws-glue/jobs"
_PREFIX_ARGUMENT = "--custom-logGroup-prefix"
_MOST_EVENTS = 1000


def log_groups(arguments: Mapping[str, str], security_configuration: str | None) -> tuple[str, str]:
    """The log groups of a job's output and errors, named as Glue names them."""
    prefix = arguments.get(_PREFIX_ARGUMENT, DEFAULT_PREFIX).rstrip("/")
    suffix = f"-{security_configuration}" if security_configuration else ""
    return f"{prefix}/output{suffix}", f"{prefix}/error{suffix}"


@clearly
def log_of(aws: Aws, run: Mapping[str, Any]) -> list[str]:
    """The last lines that a job run printed, errors at the end; empty as long as there are none."""
    lines: list[str] = []
    for group in log_groups(run.get("Arguments", {}), run.get("SecurityConfiguration")):
        try:
            streams = aws.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=run["Id"])["logStreams"]
            for stream in streams:
                found = aws.logs.get_log_events(
                    logGroupName=group, logStreamName=stream["logStreamName"], limit=_MOST_EVENTS
                )
                lines += [event["message"].rstrip() for event in found["events"]]
        except aws.logs.exceptions.ResourceNotFoundException:
            continue
    return lines


def events_in(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The lake's events among printed lines."""
    found = []
    for line in lines:
        if line.startswith('{"lake_event"'):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


def plain_lines(lines: Iterable[str]) -> list[str]:
    """The lines that aren't events."""
    return [line for line in lines if not line.startswith('{"lake_event"')]
