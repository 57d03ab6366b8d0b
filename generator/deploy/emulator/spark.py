"""Local Spark for the deployed jobs: starts the worker process, and again when what it was started with has changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from generator.deploy.emulator import worker

SETTINGS = {
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.log.level": "WARN",
}
FORMATS = "--datalake-formats"
"""The job argument that puts Iceberg's jars where Glue's Spark finds them."""
GLUE_CATALOG = "org.apache.iceberg.aws.glue.GlueCatalog"


@dataclass(frozen=True, slots=True)
class SparkPlace:
    """What local Spark runs with.

    Attributes:
        stand_in: the folder with an `awsglue` package; Glue's own isn't to be had outside of Glue.
        workers: the module in it that starts Python workers; pyspark's own if it isn't said.
        java_home, java_options: of its JVM.
        python: the interpreter that has pyspark; the one that runs this if it isn't said.
        iceberg: what Spark gets Iceberg from: a jar on this machine, or what Maven Central calls it.
    """

    stand_in: str = ""
    workers: str = ""
    java_home: str = ""
    java_options: tuple[str, ...] = ("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m")
    python: str = sys.executable
    iceberg: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SparkPlace:
        return cls(**{**data, "java_options": tuple(data["java_options"])})


class SparkWorker:
    """Runs scripts on local Spark, one at a time.

    Attributes:
        place: what Spark runs with.
        folder: for logs and whatever Spark writes beside the lake.
        catalog: the address of the Iceberg catalog that stands for Glue's.
    """

    def __init__(self, place: SparkPlace, folder: Path, environment: Mapping[str, str], catalog: str) -> None:
        self.place = place
        self.folder = folder
        self.catalog = catalog
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None
        self._modules: tuple[Path, ...] = ()
        self._asked: Mapping[str, str] = {}

    def run(
        self, script: Path, arguments: Sequence[str], modules: Sequence[Path], buckets: Mapping[str, Path], log: Path
    ) -> str | None:
        """Runs a script with the folders of its modules; returns what went wrong."""
        process = self._started(tuple(modules), job_settings(arguments, self.place.iceberg, self.catalog))
        request = {
            "script": str(script),
            "arguments": list(arguments),
            "log": str(log),
            "buckets": {name: str(folder) for name, folder in buckets.items()},
        }
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.stop()
            return f"the Spark process ended (see {self.log})"
        error: str | None = json.loads(answer)["error"]
        return error

    @property
    def log(self) -> Path:
        """What Spark itself has to say."""
        return self.folder / "spark.log"

    def stop(self) -> None:
        """Ends the process and its JVM."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _started(self, modules: tuple[Path, ...], asked: Mapping[str, str]) -> subprocess.Popen[str]:
        running = self._process is not None and self._process.poll() is None
        if running and (modules, asked) == (self._modules, self._asked) and self._process is not None:
            return self._process
        self.stop()
        self._modules, self._asked = modules, asked
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.log, "a") as log:
            self._process = self._start(log)
        return self._process

    def _start(self, log: IO[str]) -> subprocess.Popen[str]:
        modules = os.pathsep.join([*(str(module) for module in self._modules), *filter(None, [self.place.stand_in])])
        environment = {
            **_with_credentials_file(self._environment, self.folder / "credentials"),
            **({"JAVA_HOME": self.place.java_home} if self.place.java_home else {}),
            "PYTHONPATH": modules,
            "PYTHONDONTWRITEBYTECODE": "1",  # the modules lie in what is the bucket
            "PYSPARK_PYTHON": self.place.python,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_HOSTNAME": "localhost",
            worker.MODULES: modules,
            worker.SETTINGS: json.dumps(self._settings()),
        }
        return subprocess.Popen(
            [self.place.python, str(worker.__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=self.folder,
            env=environment,
        )

    def _settings(self) -> dict[str, str]:
        return {
            **SETTINGS,
            **self._asked,
            **({"spark.python.daemon.module": self.place.workers} if self.place.workers else {}),
            "spark.sql.warehouse.dir": f"file://{self.folder}/warehouse",
            "spark.driver.extraJavaOptions": " ".join(self.place.java_options),
        }


def job_settings(arguments: Sequence[str], iceberg: str, catalog: str) -> dict[str, str]:
    """Spark's settings that a job asks for with `--conf`, as they are on this machine.

    Iceberg's jar is to be found, if the job asks for Iceberg, and Glue's catalog is another.

    Args:
        iceberg: a jar, or what Maven Central calls it.
        catalog: the address of what stands for Glue's catalog.
    """
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    pairs = [one.strip().partition("=") for one in given.get("--conf", "").split("--conf ")]
    settings = {name: value for name, _, value in pairs if name}
    if "iceberg" not in given.get(FORMATS, "").split(","):
        return {name: value for name, value in settings.items() if "iceberg" not in value}
    for name in [name for name, value in settings.items() if value == GLUE_CATALOG]:
        of = name.removesuffix(".catalog-impl")
        del settings[name]
        settings |= {f"{of}.type": "rest", f"{of}.uri": catalog, f"{of}.rest-metrics-reporting-enabled": "false"}
        settings[f"{of}.io-impl"] = "org.apache.iceberg.hadoop.HadoopFileIO"
    return settings | {"spark.jars" if iceberg.endswith(".jar") else "spark.jars.packages": iceberg}


def _with_credentials_file(environment: Mapping[str, str], file: Path) -> dict[str, str]:
    """The environment with AWS credentials in a file.

    Where Spark finds them as variables, it asks for this machine's own name, which not every machine can resolve.
    """
    names = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    lines = [f"{name.lower()} = {environment[name]}" for name in sorted(names & set(environment))]
    file.write_text("\n".join(["[default]", *lines, ""]), encoding="utf-8")
    others = {name: value for name, value in environment.items() if name not in names}
    return {**others, "AWS_SHARED_CREDENTIALS_FILE": str(file)}
