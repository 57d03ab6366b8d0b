"""Runs of Glue jobs and workflows that really happen: the deployed scripts, run on local Spark.

One job runs at a time. A failed run is repeated as often as the job's `MaxRetries` says, under the id of the first with
`_attempt_N` behind it. A job's timeout and its number of workers are taken no notice of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.glue.models import FakeJobRun, glue_backends

from generator.deploy.emulator.log_names import log_group, log_key
from generator.deploy.emulator.mirror import Mirror
from generator.deploy.emulator.patches.events import send_event

_UNCLASSIFIED = "Error Category: UNCLASSIFIED_ERROR; "
"""How Glue begins a message that it makes of an exception of the script."""
_OF_SPARK = "{} TaskSetManager: what Spark has to say of its work, line by line"


class Worker(Protocol):
    """Runs a script on Spark; returns what went wrong."""

    def run(self, script: Any, arguments: Any, modules: Any, buckets: Any, log: Any) -> str | None: ...


class JobRun(FakeJobRun):
    """A run of a job. Its state is what really happened to it, where moto's becomes SUCCEEDED by itself.

    Attributes:
        overrides: the arguments of this run, which is all that Glue tells of them.
        given: what the script gets: the job's own arguments too.
    """

    def __init__(self, job: Any, overrides: Mapping[str, str], previous: JobRun | None = None) -> None:
        super().__init__(
            job_name=job.name,
            job_run_id=previous.job_run_id if previous else None,
            arguments=dict(overrides),
            timeout=job.timeout,
            worker_type=job.worker_type,
            security_configuration=job.security_configuration,
            number_of_workers=job.number_of_workers,
        )
        self.overrides = overrides
        self.given = {**job.default_arguments, **overrides, **(job.non_overridable_arguments or {})}
        self.state = "STARTING"
        self.attempt: int = previous.attempt + 1 if previous else 0
        self.first: str = previous.first if previous else self.job_run_id
        if previous:
            self.job_run_id = f"{self.first}_attempt_{self.attempt}"
        self.message: str | None = None
        self.ended: datetime | None = None
        self.glue_version = job.glue_version

    @property
    def status(self) -> str:
        return self.state

    @status.setter
    def status(self, value: str) -> None:
        self.state = value

    def end(self, state: str, message: str | None = None) -> None:
        self.message = message
        self.ended = datetime.now(UTC)
        self.state = state

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = super().as_dict()
        data |= {"Attempt": self.attempt, "LogGroupName": "/aws-glue/jobs", "GlueVersion": self.glue_version}
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

    def start(self, job: Any, overrides: Mapping[str, str], notice: Callable[[JobRun], None]) -> Future[JobRun]:
        """Queues a run of a job. `notice` is told of each attempt; the future gives the last one."""
        first = JobRun(job, overrides)
        if is_running(job):
            return self._refuse(job, first, notice)
        job.job_runs.append(first)
        notice(first)
        return self._pool.submit(self._attempts, job, first, notice)

    def _refuse(self, job: Any, run: JobRun, notice: Callable[[JobRun], None]) -> Future[JobRun]:
        """A trigger that starts a job while it runs gets a failed run."""
        run.end("FAILED", f"ConcurrentRunsExceededException: {job.name} already has as many runs as it may")
        job.job_runs.append(run)
        notice(run)
        self._send_event(run)
        done: Future[JobRun] = Future()
        done.set_result(run)
        return done

    def _attempts(self, job: Any, run: JobRun, notice: Callable[[JobRun], None]) -> JobRun:
        self._attempt(job, run)
        while run.state == "FAILED" and run.attempt < (job.max_retries or 0):
            run = JobRun(job, run.overrides, run)
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
        self._send_logs(job, run, log)
        run.end("FAILED" if error else "SUCCEEDED", f"{_UNCLASSIFIED}{error}" if error else None)
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

    def _send_logs(self, job: Any, run: JobRun, log: Path) -> None:
        """Sends what a script printed to the group that Glue sends it to, and Spark's own words to the other."""
        said = log.read_text(errors="replace").splitlines() if log.exists() else []
        self._send_log(job, run, "output", said)
        self._send_log(job, run, "error", [_OF_SPARK.format(level) for level in ("INFO", "WARN") * 25])

    def _send_log(self, job: Any, run: JobRun, kind: str, lines: list[str]) -> None:
        """Glue makes a group that isn't there, without an end to what it keeps; without rights there is no log."""
        security = glue_backends[DEFAULT_ACCOUNT_ID][self.region].security_configurations.get(
            job.security_configuration
        )
        group, key = log_group(kind, run.given, job.role, security), log_key(security)
        stream = f"{run.job_run_id}-driver"
        now = int(datetime.now(UTC).timestamp() * 1000)
        encrypted = {"kmsKeyId": key} if key else {}
        errors = self.logs.exceptions
        with suppress(errors.ResourceAlreadyExistsException):
            self.logs.create_log_group(logGroupName=group, **encrypted)
        with suppress(errors.ResourceAlreadyExistsException):
            self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": now, "message": line} for line in lines if line.strip()]
        for start in range(0, len(events), 1000):
            self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events[start : start + 1000])

    def _send_event(self, run: JobRun) -> None:
        """Glue sends one for each attempt that ended, whether another follows or not."""
        failed = run.state == "FAILED"
        detail = {
            "jobName": run.job_name,
            "severity": "ERROR" if failed else "INFO",
            "state": run.state,
            "jobRunId": run.job_run_id,
            "message": run.message or "Job run succeeded",
        }
        send_event(self.region, "aws.glue", "Glue Job State Change", detail)


def is_running(job: Any) -> bool:
    """Whether a job has as many runs as the module lets it have: one."""
    return any(run.status in ("STARTING", "RUNNING") for run in job.job_runs)
