"""Runs of Glue jobs and workflows that really happen: the deployed scripts, run on local Spark.

One job runs at a time. A failed run is repeated as often as the job's `MaxRetries` says. A job's timeout and its number
of workers are taken no notice of.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from moto.glue.models import FakeJobRun

from generator.deploy.emulator.mirror import Mirror
from generator.deploy.emulator.patches.events import send_event
from generator.deploy.job_logs import log_groups


class Worker(Protocol):
    """Runs a script on Spark; returns what went wrong."""

    def run(self, script: Any, arguments: Any, modules: Any, buckets: Any, log: Any) -> str | None: ...


class JobRun(FakeJobRun):
    """A run of a job. Its state is what really happened to it, where moto's becomes SUCCEEDED by itself."""

    def __init__(self, job: Any, arguments: dict[str, str], attempt: int = 0, previous: str | None = None) -> None:
        super().__init__(
            job_name=job.name,
            job_run_id=previous,
            arguments=arguments,
            timeout=job.timeout,
            worker_type=job.worker_type,
            security_configuration=job.security_configuration,
            number_of_workers=job.number_of_workers,
        )
        self.given = arguments
        self.state = "STARTING"
        self.attempt = attempt
        self.message: str | None = None
        self.ended: datetime | None = None
        self.log_group = log_groups(arguments, job.security_configuration)[0]
        self.glue_version = job.glue_version

    @property
    def status(self) -> str:
        return self.state

    @status.setter
    def status(self, value: str) -> None:
        self.state = value

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = super().as_dict()
        data |= {"Attempt": self.attempt, "LogGroupName": self.log_group, "GlueVersion": self.glue_version}
        data |= {"ExecutionTime": round(((self.ended or datetime.now(UTC)) - self._started()).total_seconds())}
        if self.ended is None:
            del data["CompletedOn"]
        else:
            data["CompletedOn"] = self.ended
        if self.message:
            data["ErrorMessage"] = self.message
        return data

    def _started(self) -> datetime:
        started: datetime = self.started_on
        return started if started.tzinfo else started.replace(tzinfo=UTC)


class JobService:
    """Runs jobs, in the order in which they were started.

    Attributes:
        logs: the client that log lines are sent through.
    """

    def __init__(self, mirror: Mirror, worker: Worker, logs: Any, folder: Path, region: str) -> None:
        self.mirror = mirror
        self.worker = worker
        self.logs = logs
        self.folder = folder
        self.region = region
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="glue-job")

    def start(self, job: Any, arguments: dict[str, str], notice: Callable[[JobRun], None]) -> Future[JobRun]:
        """Queues a run of a job. `notice` is told of each attempt; the future gives the last one."""
        first = JobRun(job, arguments)
        job.job_runs.append(first)
        notice(first)
        return self._pool.submit(self._attempts, job, first, notice)

    def _attempts(self, job: Any, run: JobRun, notice: Callable[[JobRun], None]) -> JobRun:
        self._attempt(job, run)
        for attempt in range(1, (job.max_retries or 0) + 1):
            if run.state != "FAILED":
                break
            run = JobRun(job, run.given, attempt, run.job_run_id)
            job.job_runs.append(run)
            notice(run)
            self._attempt(job, run)
        return run

    def _attempt(self, job: Any, run: JobRun) -> None:
        log = self.folder / f"{run.job_run_id}.log"
        run.state = "RUNNING"
        try:
            error = self._run_script(job, run, log)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
        self._send_log(run, log)
        run.message = error
        run.ended = datetime.now(UTC)
        run.state = "FAILED" if error else "SUCCEEDED"
        self._send_event(run)

    def _run_script(self, job: Any, run: JobRun, log: Path) -> str | None:
        with self.mirror.lock:
            self.mirror.pull()
            script = self._file(job.command["ScriptLocation"])
            modules = [self._file(uri) for uri in run.given.get("--extra-py-files", "").split(",") if uri]
            buckets = {bucket: self.mirror.root / bucket for bucket in self.mirror.buckets()}
            given = {**run.given, "--JOB_NAME": job.name, "--JOB_RUN_ID": run.job_run_id}
            arguments = [part for pair in given.items() for part in pair]
            places = sorted({path if path.suffix == ".zip" else path.parent for path in modules})
            try:
                return self.worker.run(script, arguments, places, buckets, log)
            finally:
                self.mirror.push()

    def _file(self, uri: str) -> Path:
        path = self.mirror.path(uri)
        if not path.is_file():
            raise FileNotFoundError(f"there is no {uri}")
        return path

    def _send_log(self, run: JobRun, log: Path) -> None:
        """Sends what a script printed to the group that Glue sends it to."""
        group, text = run.log_group, log.read_text(errors="replace") if log.exists() else ""
        now = int(datetime.now(UTC).timestamp() * 1000)
        for create, names in (
            (self.logs.create_log_group, {"logGroupName": group}),
            (self.logs.create_log_stream, {"logGroupName": group, "logStreamName": run.job_run_id}),
        ):
            try:
                create(**names)
            except self.logs.exceptions.ResourceAlreadyExistsException:
                continue
        events = [{"timestamp": now, "message": line} for line in text.splitlines() if line.strip()]
        for start in range(0, len(events), 1000):
            part = events[start : start + 1000]
            self.logs.put_log_events(logGroupName=group, logStreamName=run.job_run_id, logEvents=part)

    def _send_event(self, run: JobRun) -> None:
        failed = run.state == "FAILED"
        detail = {
            "jobName": run.job_name,
            "severity": "ERROR" if failed else "INFO",
            "state": run.state,
            "jobRunId": run.job_run_id,
            "message": run.message or "Job run succeeded",
        }
        send_event(self.region, "aws.glue", "Glue Job State Change", detail)
