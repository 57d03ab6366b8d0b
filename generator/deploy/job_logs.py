"""What the jobs print: where Glue puts it, and what the lake's own events in it say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from generator.deploy.aws import Aws, clearly
from generator.deploy.deployment import Deployment

_MOST_EVENTS = 1000


class JobLogs:
    """The logs of a deployment's jobs, in the groups that Terraform says.

    Where no Terraform told of the deployment, the groups follow from a job as it is deployed, by Glue's rule.
    """

    def __init__(self, aws: Aws, deployment: Deployment) -> None:
        self.aws = aws
        self.deployment = deployment

    def groups(self, job: str) -> Mapping[str, str]:
        """The names of a job's log groups: `output` has what it prints, `error` what Spark has to say."""
        table = job.removeprefix(f"{self.deployment.workflow}-")
        return (self.deployment.log_groups or {}).get(table) or self._by_rule(job)

    @clearly
    def lines(self, run: Mapping[str, Any]) -> list[str]:
        """The last lines that a job run printed, or if it printed nothing, those of Spark."""
        groups = self.groups(run["JobName"])
        return self._lines(groups["output"], run["Id"]) or self._lines(groups["error"], run["Id"])

    def _by_rule(self, job: str) -> Mapping[str, str]:
        found: Mapping[str, Any] = self.aws.glue.get_job(JobName=job)["Job"]
        prefix = found.get("DefaultArguments", {}).get("--custom-logGroup-prefix", "/aws-glue/jobs").rstrip("/")
        if "SecurityConfiguration" in found:
            prefix += f"/{found['SecurityConfiguration']}-role/{found['Role'].rsplit('/', 1)[-1]}"
        return {kind: f"{prefix}/{kind}" for kind in ("output", "error")}

    def _lines(self, group: str, run: str) -> list[str]:
        logs, lines = self.aws.logs, []
        try:
            for stream in logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=run)["logStreams"]:
                name = stream["logStreamName"]
                if not name.removeprefix(run).startswith("_attempt_"):
                    found = logs.get_log_events(logGroupName=group, logStreamName=name, limit=_MOST_EVENTS)
                    lines += [event["message"].rstrip() for event in found["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []
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
