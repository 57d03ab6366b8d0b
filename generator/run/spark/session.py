"""Starts and stops the JVM of local Spark: quiet, and gone when the run is."""

from __future__ import annotations

import atexit
import importlib.util
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from generator.diagnostics import GeneratorError
from generator.run.spark.class_sharing import ClassSharing, class_sharing
from generator.run.spark.environment import keeping_interrupts, quieten_py4j, spark_environment
from generator.run.spark.java import find_java
from generator.run.spark.scripts import STAND_IN
from generator.run.spark.settings import spark_settings
from generator.scratch import scratch_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SparkError(GeneratorError):
    """Local Spark can't be used."""


def no_pyspark() -> SparkError:
    return SparkError("local Spark needs pyspark: pip install 'lakegen[spark]'")


@contextmanager
def local_spark(name: str, data: Path, log: Path, python_path: Sequence[Path] = ()) -> Iterator[SparkSession]:
    """Local Spark for so much landing data; an error or Ctrl-C ends its JVM at once.

    Args:
        log: the file that the JVM writes to.
        python_path: folders and zips that Python functions in Spark import from.

    Raises:
        GeneratorError: there is no pyspark, no Java, or the JVM doesn't start.
    """
    jvm = _start(name, data, log, python_path)
    try:
        yield jvm.session
    except BaseException:
        jvm.kill()
        raise
    jvm.stop()


def start_session(name: str, data: Path) -> SparkSession:
    """A session as the scripts have it, for so much landing data; its JVM ends with this process."""
    jvm = _start(name, data, Path(os.devnull), ())
    atexit.register(jvm.stop)
    return jvm.session


class _Jvm:
    """A JVM with Spark in it, and what has to be undone after it."""

    def __init__(self, gateway: Any, sharing: ClassSharing, cleanup: ExitStack) -> None:
        self.session: SparkSession
        self._gateway = gateway
        self._process: subprocess.Popen[bytes] = gateway.proc
        self._class_path = str(gateway.jvm.System.getProperty("java.class.path"))
        self._sharing = sharing
        self._cleanup = cleanup

    def stop(self) -> None:
        """Ends the JVM. The first one of its kind leaves its classes to later ones."""
        with self._cleanup:
            if server := self._end_of_counting():
                Thread(target=server.shutdown, daemon=True).start()
            with suppress(Exception):
                self.session.stop()
            self._end()
            self._sharing.make_archive(self._class_path)

    def kill(self) -> None:
        """Ends the JVM at once."""
        with self._cleanup:
            self._end_of_counting()
            self._process.kill()
            self._end()
            self._sharing.discard()

    def _end_of_counting(self) -> Any:
        """Takes pyspark's server for accumulators, if there is one, from the session, which would wait for its end.

        It looks only twice a second whether it shall end. That the JVM goes away meanwhile is no error.
        """
        context: Any = getattr(getattr(self, "session", None), "sparkContext", None)
        server: Any = getattr(context, "_accumulatorServer", None)
        if server is not None:
            context._accumulatorServer = None
            server.handle_error = lambda *_: None
        return server

    def _end(self) -> None:
        """Waits for the JVM, and lets pyspark start another one afterwards."""
        from pyspark import SparkContext

        with suppress(Exception):
            self._gateway.shutdown()
        SparkContext._active_spark_context = None
        SparkContext._gateway = None
        SparkContext._jvm = None
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def _start(name: str, data: Path, log: Path, python_path: Sequence[Path]) -> _Jvm:
    if importlib.util.find_spec("pyspark") is None:
        raise no_pyspark()
    import pyspark
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    if pyspark.SparkContext._active_spark_context is not None:
        raise SparkError("another Spark is running in this process: stop it first")
    java = find_java(pyspark.__version__)
    sharing = class_sharing(java, Path(os.environ.get("SPARK_HOME") or pyspark.__path__[0]) / "jars")
    with ExitStack() as cleanup:
        scratch = cleanup.enter_context(scratch_folder("spark-"))
        settings = spark_settings(name, data, scratch, sharing.options)
        cleanup.enter_context(spark_environment(java.home, [*python_path, STAND_IN]))
        try:
            jvm = _Jvm(_launch(settings, log), sharing, cleanup.pop_all())
            jvm.session = _connect(settings, jvm)
        except (PySparkException, Py4JError) as error:
            raise SparkError(f"Spark doesn't start: {error}; the log is in {log}") from None
    return jvm


def _launch(settings: dict[str, str], log: Path) -> Any:
    from pyspark import SparkConf, java_gateway

    quieten_py4j()
    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    launch: Any = java_gateway.launch_gateway
    with open(log, "ab") as output:
        return launch(conf, {"stdout": output, "stderr": output})


def _connect(settings: dict[str, str], jvm: _Jvm) -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    try:
        with keeping_interrupts():
            conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
            return SparkSession(SparkContext(conf=conf, gateway=jvm._gateway))
    except BaseException:
        jvm.kill()
        raise
