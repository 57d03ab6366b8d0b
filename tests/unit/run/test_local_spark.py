"""The parts of local Spark that need no JVM: Java, the archive of classes, Glue's stand-in, what scripts tell."""

from __future__ import annotations

import io
import logging
import os
import socket
import struct
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from generator.run.program import SourceProgram, Stage, TableProgram
from generator.run.report import CheckReport, Status
from generator.run.spark import class_sharing as sharing_module
from generator.run.spark.class_sharing import ClassSharing, class_sharing
from generator.run.spark.environment import quieten_py4j, spark_environment
from generator.run.spark.events import Events, Output
from generator.run.spark.java import Java, JavaError, find_java
from generator.run.spark.reports import skipped, source_report, table_report
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from generator.run.spark.session import SparkError, _Jvm, local_spark
from generator.run.spark.settings import LONG_RUN, MUCH_DATA, spark_settings
from tests.conftest import require_pyspark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Java ------------------------------------------------------------------------------------------------------


def installed(home: Path, script: str = "exit 1", release: str | None = None) -> Path:
    """A Java that is a shell script."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    if release is not None:
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}"\n')
    return home


@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("1.8.0_402", 8), ("21", 21), ("25.0.1", 25)])
def test_versions_of_java(version: str, major: int) -> None:
    assert Java(Path(), version).major == major


def test_java_tells_its_version_in_a_file_or_when_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = installed(tmp_path / "a", release="17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert find_java("4.1.1") == Java(home, "17.0.15")
    other = installed(tmp_path / "b", script="""echo 'openjdk version "21.0.2" 2024-01-16' >&2""")
    monkeypatch.delenv("JAVA_HOME")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "java").symlink_to(other / "bin" / "java")
    monkeypatch.setenv("PATH", str(tmp_path / "path"), prepend=os.pathsep)
    assert find_java("4.1.1") == Java(other, "21.0.2")


@pytest.mark.parametrize("release", ["11.0.20", "1.8.0_402"])
def test_java_that_is_too_old(release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(installed(tmp_path, release=release)))
    with pytest.raises(JavaError, match=rf"Spark 4.1.1 needs Java 17 or newer, and .* is {release}: install"):
        find_java("4.1.1")
    assert find_java("3.5.6").version == release


def test_java_that_is_missing_or_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaError, match="local Spark needs Java, and there is none: install a Java 17"):
        find_java("4.1.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(JavaError, match=r"there is no Java in JAVA_HOME \(.*gone\)"):
        find_java("4.1.1")
    monkeypatch.setenv("JAVA_HOME", str(installed(tmp_path / "broken")))
    with pytest.raises(JavaError, match="doesn't tell its version"):
        find_java("4.1.1")


def test_without_pyspark_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with (
        pytest.raises(SparkError, match=r"pip install 'lakegen\[spark\]'"),
        local_spark("x", tmp_path, tmp_path / "log"),
    ):
        pass


# The archive of classes ------------------------------------------------------------------------------------


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "jars"
    folder.mkdir()
    (folder / "spark.jar").write_text("one")
    return folder


def test_a_first_jvm_lists_classes_and_later_ones_use_the_archive(jars: Path, tmp_path: Path) -> None:
    java = Java(tmp_path / "java", "17.0.15")
    first = class_sharing(java, jars)
    assert first.listed is not None and first.archive is not None
    assert first.options == (f"-XX:DumpLoadedClassList={first.listed}", "-Xlog:disable")
    first.archive.touch()
    later = class_sharing(java, jars)
    assert later.options[0] == f"-XX:SharedArchiveFile={first.archive}" and later.listed is None
    assert class_sharing(Java(java.home, "17.0.16"), jars).archive != first.archive
    (jars / "spark.jar").write_text("another")
    assert class_sharing(java, jars).archive != first.archive


@pytest.mark.parametrize("folder", ["/dev/null/cache", "/tmp/with space"])
def test_without_a_usable_cache_nothing_is_shared(folder: str, jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing_module, "_cache_folder", lambda: None if "null" in folder else Path(folder))
    assert class_sharing(Java(Path("/java"), "17.0.15"), jars).options == ()


def test_old_javas_share_nothing(jars: Path) -> None:
    assert class_sharing(Java(Path("/java"), "11.0.2"), jars).options == ()


def making(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Notes the processes that make archives, to wait for them."""
    processes: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        processes.append(start(*arguments, **options))  # type: ignore[call-overload]
        return processes[-1]

    monkeypatch.setattr(sharing_module.subprocess, "Popen", noted)
    return processes


@pytest.mark.parametrize("works", [True, False])
def test_a_process_of_its_own_makes_the_archive(
    works: bool, jars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = tmp_path / "go on"
    making_it = 'for word; do case "$word" in -XX:SharedArchiveFile=*) echo "$CLASSPATH" > "${word#*=}";; esac; done'
    script = f"until [ -e '{go_on}' ]; do sleep 0.01; done; {making_it}; exit {0 if works else 1}"
    java = Java(installed(tmp_path / "java", script=script), "17.0.15")
    sharing = class_sharing(java, jars)
    assert sharing.listed is not None and sharing.archive is not None
    listed_by_another = sharing.listed.with_suffix(".another")
    another = replace(sharing, listed=listed_by_another)
    sharing.make_archive("a.jar:b.jar")  # nothing listed, so nothing to make

    processes = making(monkeypatch)
    sharing.listed.write_text("classes")
    sharing.make_archive("a.jar:b.jar")
    listed_by_another.write_text("classes")
    another.make_archive("of another run at the same time")
    go_on.touch()
    (process,) = processes
    process.wait()
    assert files_of(sharing.archive.parent) == ([sharing.archive.name] if works else [])
    if works:
        listed_by_another.write_text("classes")
        another.make_archive("of a run that began before there was one")
        assert len(processes) == 1
        assert files_of(sharing.archive.parent) == [sharing.archive.name]
        assert sharing.archive.read_text() == "a.jar:b.jar\n"


def test_archives_that_nobody_uses_any_more_are_removed(
    jars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = Java(installed(tmp_path / "java", script="exit 1"), "17.0.15")
    used, unused = (class_sharing(replace(java, version=version), jars).archive for version in ("17.0.1", "17.0.2"))
    assert used is not None and unused is not None
    left = unused.with_name(f"{unused.name}.123.classes")
    long_ago = time.time() - 31 * 24 * 60 * 60
    for file in (used, unused, left):
        file.touch()
        os.utime(file, (long_ago, long_ago))
    class_sharing(replace(java, version="17.0.1"), jars)

    processes = making(monkeypatch)
    new = class_sharing(java, jars)
    assert new.listed is not None
    new.listed.write_text("classes")
    new.make_archive("a.jar")
    processes[0].wait()
    assert files_of(used.parent) == [used.name]


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# The JVM ---------------------------------------------------------------------------------------------------


def test_stopping_waits_for_the_jvm_but_not_for_the_server_of_accumulators() -> None:
    require_pyspark()
    asked, over, done = Event(), Event(), []

    def shutdown() -> None:
        asked.set()
        over.wait()

    gateway = SimpleNamespace(
        jvm=SimpleNamespace(System=SimpleNamespace(getProperty=lambda name: "a.jar")),
        proc=SimpleNamespace(stdin=None, wait=lambda: done.append("waited for the JVM")),
        shutdown=lambda: done.append("gateway"),
    )
    context = SimpleNamespace(_accumulatorServer=SimpleNamespace(shutdown=shutdown))

    def stop() -> None:
        if context._accumulatorServer:  # as pyspark does it
            context._accumulatorServer.shutdown()
        done.append("session")

    jvm = _Jvm(gateway, ClassSharing(Java(Path(), "17.0.1")), ExitStack())
    jvm.session = cast("SparkSession", SimpleNamespace(sparkContext=context, stop=stop))
    try:
        jvm.stop()
        assert asked.wait(10) and done == ["session", "gateway", "waited for the JVM"]
    finally:
        over.set()


# Settings and environment ----------------------------------------------------------------------------------


def test_little_data_starts_quickly_and_much_is_compiled_well(tmp_path: Path) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    data.mkdir()
    scratch.mkdir()

    def settings(size: int) -> dict[str, str]:
        with open(data / "a.json", "wb") as file:
            file.truncate(size)
        return spark_settings("x", data, scratch, ["-Xlog:disable"])

    little, middle, much = settings(1000), settings(2 * LONG_RUN), settings(100 * MUCH_DATA)
    assert little["spark.driver.extraJavaOptions"].startswith("-Xlog:disable -XX:TieredStopAtLevel=1 ")
    assert middle["spark.driver.extraJavaOptions"] == much["spark.driver.extraJavaOptions"]
    assert middle["spark.sql.adaptive.enabled"] == "false"
    options = much["spark.driver.extraJavaOptions"]
    assert "TieredStopAtLevel" not in options and "-XX:Tier4InvocationThreshold=150000" in options
    assert (little["spark.sql.adaptive.enabled"], much["spark.sql.adaptive.enabled"]) == ("false", "true")
    assert int(much["spark.sql.shuffle.partitions"]) == 400 > int(little["spark.sql.shuffle.partitions"])


def test_garbage_is_collected_for_throughput_unless_users_chose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def options(mib: int, cores: int = 2) -> list[str]:
        monkeypatch.setattr("generator.run.spark.settings.memory", lambda: mib)
        monkeypatch.setattr("os.sched_getaffinity", lambda process: range(cores), raising=False)
        return spark_settings("x", tmp_path, tmp_path, [])["spark.driver.extraJavaOptions"].split()

    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"):
        monkeypatch.delenv(name, raising=False)
    assert {"-XX:+UseParallelGC", "-Xmn256m", "-Xms1024m"} <= set(options(1024)), "the heap begins no larger than it is"
    assert {"-Xmn512m", "-Xms2048m"} <= set(options(16384))
    assert {"-Xmn4096m", "-Xms16384m"} <= set(options(16384, cores=64))
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Dx=y -XX:+UseG1GC")
    assert not [option for option in options(16384) if "GC" in option or option.startswith("-Xm")]


def test_the_environment_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    monkeypatch.setenv("PYTHONPATH", "/mine")
    before = dict(os.environ)
    with spark_environment(Path("/java"), [Path("/jobs")]):
        assert os.environ["PYSPARK_PYTHON"] == sys.executable and os.environ["JAVA_HOME"] == "/java"
        assert os.environ["PYTHONPATH"] == f"/jobs{os.pathsep}/mine"
        assert "PYSPARK_GATEWAY_PORT" not in os.environ
    assert dict(os.environ) == before


def test_py4j_says_nothing_of_a_jvm_that_was_ended(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that waits for an answer sees its connection reset, which py4j logs with a traceback."""
    require_pyspark()
    from py4j.java_gateway import GatewayClient, GatewayParameters

    def end(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    monkeypatch.setattr(root := logging.getLogger(), "filters", [])
    monkeypatch.setattr(root, "handlers", [logging.StreamHandler()])
    quieten_py4j()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=end, args=(server,))
        thread.start()
        client = GatewayClient(gateway_parameters=GatewayParameters(port=server.getsockname()[1]))
        assert client.send_command("x" * 100 + "\n") == "x"
        thread.join()
    logging.error("ours")
    assert capfd.readouterr().err == "ours\n"


# Scripts ---------------------------------------------------------------------------------------------------


def test_glue_reads_arguments_strictly() -> None:
    with importable([STAND_IN]):
        from awsglue.utils import GlueArgumentError, getResolvedOptions

        line = ["script", "--JOB_NAME", "t", "--lake_root=/a=b", "--other", "--landing_root", "--database"]
        assert getResolvedOptions(line, ["JOB_NAME", "lake_root"]) == {"JOB_NAME": "t", "lake_root": "/a=b"}
        assert getResolvedOptions(line, ["landing_root"]) == {"landing_root": "--database"}
        for options in (["JOB_NAM"], ["JOB_NAME", "lake"], ["database"]):
            with pytest.raises(GlueArgumentError):
                getResolvedOptions(line, options)
    assert "awsglue" not in sys.modules and str(STAND_IN) not in sys.path


@pytest.mark.parametrize(
    ("text", "problem", "logged"),
    [
        ("import sys; print(sys.argv[1:])", "", "['--JOB_NAME', 't', '--a', 'b']\n"),
        ("import sys; sys.exit(0)", "", ""),
        ("import sys; sys.exit('no')", "the script ended with no", ""),
        ("raise ValueError('first\\nsecond')", "first", "Traceback"),
        ("raise ValueError", "ValueError", "Traceback"),
        ("def", "invalid syntax", "Traceback"),
        ("import sys; print('a', end=''); print('b', file=sys.stderr)", "", "b\na\n"),
    ],
)
def test_what_a_script_says_goes_to_the_log(text: str, problem: str, logged: str, tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(text)
    log, arguments = io.StringIO(), list(sys.argv)
    assert Scripts(tmp_path, log).run("t", {"a": "b"}, Events()).startswith(problem)
    assert log.getvalue().startswith(logged) and sys.argv == arguments


def test_events_are_told_from_other_output() -> None:
    events, log = Events(), io.StringIO()
    output = Output(events, log)
    for part in ('{"lake_event": "pub', 'lished", "rows": 3}\n{"lake_event"\n', '{"other": 1}\nend'):
        output.write(part)
    output.close()
    assert events.published == {"lake_event": "published", "rows": 3}
    assert log.getvalue() == '{"lake_event"\n{"other": 1}\nend\n'


# Reports ---------------------------------------------------------------------------------------------------

SOURCE = SourceProgram("s", "landing", "s/", "json", {}, (), (), None, (), 3, 2, ())
LOG = Path("log")
TABLE = TableProgram(
    "t", "trusted", False, "", ("s",), ("s",), ("s",), (), (Stage("filter", "a", "not a", None),), (), 3, 2, ()
)


def test_a_source_failed_unless_its_script_says_that_it_is_published() -> None:
    event = {"lines": 5, "rows": 2, "quarantined": 3, "reasons": {"wrong_type": 3}, "extra_keys": ["x"], "notes": ["n"],
             "files": 4, "files_read": 1, "bytes_read": 7}  # fmt: skip
    fine, hint = CheckReport("fine", "unique", True, 0), CheckReport("hint", "row", False, 1)
    events = Events(sources={"s": event}, checks={"s": [fine, hint]}, published={"rows": 2})
    report = source_report(SOURCE, events, "", 1.0, LOG)
    assert (report.status, report.rows_in, report.rows, report.quarantined) == (Status.OK, 5, 2, 3)
    assert (report.extra_keys, report.notes, report.expected) == (("x",), ("n",), 2)
    assert (report.files, report.files_read, report.bytes_read) == (4, 1, 7)

    events = Events(sources={"s": event}, checks={"s": [fine, CheckReport("keys", "unique", True, 1)]})
    broken = source_report(SOURCE, events, "s: 1 row breaks `keys`", 1.0, LOG)
    assert (broken.status, broken.problem) == (Status.FAILED, "it breaks: keys")
    missing = source_report(SOURCE, Events(sources={"s": {"problem": "no files in x"}}), "s: no files in x", 1.0, LOG)
    assert missing.status is Status.FAILED and missing.problem == "no files in x" and "--data" in missing.help
    bad = "9 of 9 lines quarantined: there are lines and no row"
    events = Events(sources={"s": {**event, "problem": bad}})
    assert "max_bad_rows" in source_report(SOURCE, events, bad, 1.0, LOG).help
    unread = source_report(SOURCE, Events(failed={"problem": "a.gz: damaged archive"}), "boom", 1.0, LOG)
    assert (unread.problem, unread.rows, unread.help) == ("a.gz: damaged archive", None, "the whole log is in log")


def test_a_table_failed_unless_its_script_says_that_it_is_published() -> None:
    log = Path("log")
    published = Events(published={"rows": 2})
    fine = table_report(TABLE, published, "", 5, 1.0, log)
    assert (fine.status, fine.rows_in, fine.rows, fine.problem, fine.help) == (Status.OK, 5, 2, "", "")
    assert [(stage.lost, stage.rows) for stage in fine.stages] == [("not a", 2)]
    silent = table_report(TABLE, Events(), "", 5, 1.0, log)
    assert (silent.status, silent.problem, silent.rows) == (Status.FAILED, "the script published nothing", None)
    crashed = table_report(TABLE, Events(), "boom", 5, 1.0, log)
    assert (crashed.problem, crashed.help) == ("boom", "the whole log is in log")
    late = Events(published={"rows": 2}, failed={"problem": "t is published, but"})
    assert table_report(TABLE, late, "t is published, but", 5, 1.0, log).status is Status.FAILED
    checks = {"t": [CheckReport("one", "row", True, 3), CheckReport("two", "row", False, 3)]}
    broken = table_report(TABLE, Events(checks=checks, failed={"problem": "t: 3 rows"}), "t: 3 rows", 5, 1.0, log)
    assert (broken.problem, broken.help) == ("it breaks: one", "the last published version stays current")
    assert skipped(TABLE, broken).problem == "t failed"
