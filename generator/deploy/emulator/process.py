"""The embedded AWS as a context: a process of its own, which ends with this one."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from generator.deploy.emulator.spark import SparkPlace
from generator.diagnostics import GeneratorError
from generator.scratch import scratch_folder

REGION = "us-east-1"
_NEEDED = ("moto", "flask", "werkzeug", "cheroot", "cryptography", "boto3", "pyiceberg", "pyarrow")


class EmulatorError(GeneratorError):
    """The embedded AWS can't be started."""


class Emulator:
    """An AWS on this machine for one lake's life: `with Emulator() as aws: use(aws.environment())`.

    Args:
        spark: what jobs run with; not needed as long as none is started.
        region: where the clients' calls go.
    """

    def __init__(self, spark: SparkPlace | None = None, region: str = REGION) -> None:
        self._spark = spark or SparkPlace()
        self.region = region
        self._process: subprocess.Popen[str] | None = None
        self._folder: Path | None = None
        self._cleanup = ExitStack()
        self._port = 0

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it, and comes back when it answers.

        Raises:
            EmulatorError: something that it needs is missing, or it ended at once.
        """
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise EmulatorError(
                f"the embedded AWS needs {', '.join(missing)}: install it with `pip install 'lakegen[emulate]'`"
            )
        from generator.deploy.emulator.certificates import make_certificates

        self._folder = folder = self._cleanup.enter_context(scratch_folder("aws-"))
        files = make_certificates(folder)
        configuration = {
            "certificate": str(files.certificate),
            "key": str(files.key),
            "folder": str(folder),
            "spark": self._spark.to_json(),
            "environment": self._credentials(),
        }
        self._process = self._start_process(folder / "server.log")
        answer = self._ask(configuration)
        if answer is None:
            log = self.log
            self.stop()
            raise EmulatorError(f"the embedded AWS ended at once:\n{log}")
        self._port = answer["port"]

    def stop(self) -> None:
        """Stops it, and removes all that it kept."""
        if self._process is not None:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.close()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
            self._process = None
        self._cleanup.close()
        self._folder = None

    @property
    def folder(self) -> Path:
        """Where it keeps its files while it runs."""
        assert self._folder is not None, "it isn't running"
        return self._folder

    @property
    def log(self) -> str:
        """What the process had to say."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self._port}"

    def environment(self) -> dict[str, str]:
        """The variables by which boto3, Terraform and the AWS command line find it, and nothing else."""
        return {**self._credentials(), "AWS_ENDPOINT_URL": self.endpoint}

    def _credentials(self) -> dict[str, str]:
        return {
            "AWS_CA_BUNDLE": str(self.folder / "authority.pem"),
            "AWS_ACCESS_KEY_ID": "embedded",
            "AWS_SECRET_ACCESS_KEY": "embedded",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def _start_process(self, log: Path) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with open(log, "w") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "generator.deploy.emulator.server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                env={**inherited, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,
            )

    def _ask(self, configuration: dict[str, Any]) -> dict[str, Any] | None:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(configuration) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        return json.loads(answer) if answer else None
