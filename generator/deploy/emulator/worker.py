"""The process in which deployed job scripts run on local Spark, one after the other in one JVM.

It reads requests from stdin and answers on stdout, one JSON object a line; it ends with its stdin. A request:
{"script": path, "arguments": [...], "log": path, "buckets": {name: folder}}; the answer: {"error": null or text}.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

VIEW = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
"""The file system of Hadoop that shows one place under another scheme; the jars of S3 aren't part of pyspark."""
MODULES = "LAKE_JOB_MODULES"
"""Variable with the folders of the modules that are shipped with the jobs."""
SETTINGS = "LAKE_SPARK_SETTINGS"
"""Variable with Spark's settings, as JSON."""


def bucket_settings(buckets: Mapping[str, str]) -> dict[str, str]:
    """Hadoop's settings that make `s3://bucket/` the bucket's folder on this machine."""
    mounts = {f"fs.viewfs.mounttable.{bucket}.linkFallback": f"file://{folder}" for bucket, folder in buckets.items()}
    local = "org.apache.hadoop.fs.LocalFileSystem"
    return {"fs.s3.impl": VIEW, "fs.viewfs.overload.scheme.target.file.impl": local, **mounts}


def main() -> None:
    """Serves requests until stdin ends. What scripts and Spark print goes to the log of the request."""
    answers = os.fdopen(os.dup(1), "w")
    own_log = os.dup(2)
    os.dup2(own_log, 1)
    for line in sys.stdin:
        request = json.loads(line)
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _print_to(log)
        os.close(log)
        error = attempt(run, request)
        _print_to(own_log)
        _send(answers, {"error": error})


def run(request: Mapping[str, Any]) -> None:
    """Runs a script as Glue does: as `__main__`, with its arguments, and nothing left of the one before."""
    _know_buckets(request["buckets"])
    known = set(sys.modules)
    sys.argv = [request["script"], *request["arguments"]]
    try:
        runpy.run_path(request["script"], run_name="__main__")
    finally:
        for name in set(sys.modules) - known:
            if _is_job_module(name):
                del sys.modules[name]


def attempt(action: Callable[[Mapping[str, Any]], None], request: Mapping[str, Any]) -> str | None:
    """What went wrong, in a few lines; the whole of it goes to the log."""
    try:
        action(request)
    except SystemExit as end:
        return None if end.code in (None, 0) else f"SystemExit: {end.code}"
    except BaseException as error:
        traceback.print_exc()
        text = str(error).split("\n\tat ")[0].strip()
        return f"{type(error).__name__}: {text}"[:2000]
    return None


def _know_buckets(buckets: Mapping[str, str]) -> None:
    """Makes the buckets known to Spark: to the one that runs, or to the one that the script will start."""
    from pyspark import SparkContext

    settings = bucket_settings(buckets)
    context = SparkContext._active_spark_context
    if context is not None:
        for name, value in settings.items():
            context._jsc.hadoopConfiguration().set(name, value)
        return
    given: dict[str, str] = json.loads(os.environ.get(SETTINGS, "{}"))
    settings = given | {f"spark.hadoop.{name}": value for name, value in settings.items()}
    options = [f"--conf '{name}={value}'" for name, value in settings.items()]
    os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join([*options, "pyspark-shell"])


def _is_job_module(name: str) -> bool:
    """Whether a module was shipped with a job."""
    path = getattr(sys.modules[name], "__file__", None) or ""
    return any(path.startswith(folder) for folder in os.environ.get(MODULES, "").split(os.pathsep) if folder)


def _print_to(file: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(file, 1)
    os.dup2(file, 2)


def _send(answers: TextIO, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
