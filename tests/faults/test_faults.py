"""Faults that a command has to survive: signals, streams that take nothing, files that aren't ones, foreign folders."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from generator.runtime.folder_catalog import KINDS, read_catalog

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
EMAILS = ("ada@example.com", "bob@example.com")
SPEC = r"""
version: 1
lake: club
subjects:
  member:
    registry: members
    keys: [email]
zones:
  open: {pii: allow}
sources:
  members:
    path: members/
    columns:
      email: {type: string, identifies: member.email}
      visits: int
    unique: [email]
tables:
  guests:
    source: members
    zone: open
    description: "a \e[31mred\u202E line"
    expect:
      - between: {visits: {max: 1}}
"""


@pytest.fixture
def club(tmp_path: Path) -> Path:
    """A lake whose checks fail on rows with personal data, and whose raw data has keys that steer terminals."""
    (tmp_path / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    rows = [{"email": email, "visits": 2, "\x1b[2J\u202e": 1} for email in (*EMAILS, EMAILS[0])]
    (tmp_path / "data" / "members").mkdir(parents=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "data" / "members" / "a.json").write_text(lines, encoding="utf-8")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state")}


def command(club: Path, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment(club), **options}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "generator", *words], cwd=club, text=True, timeout=60, check=False, **streams
    )


@pytest.mark.parametrize("files", [["tables/mine/2024/x.txt"], ["notes.md"]])
def test_a_folder_that_is_no_lake_stays_as_it_is(club: Path, files: list[str]) -> None:
    for name in files:
        (club / "mine" / name).parent.mkdir(parents=True)
        (club / "mine" / name).write_text("mine", encoding="utf-8")
    done = command(club, "run", "--lake", "mine")
    assert done.returncode == 1 and "is no lake folder" in done.stderr
    assert [str(path.relative_to(club / "mine")) for path in (club / "mine").rglob("*") if path.is_file()] == files


@pytest.fixture
def clean(club: Path) -> Path:
    """The same lake with data that passes its checks, after a first run."""
    (club / "pipeline.yaml").write_text(SPEC.replace("max: 1", "max: 9"), encoding="utf-8")
    lines = "".join(json.dumps({"email": email, "visits": 2}) + "\n" for email in EMAILS)
    (club / "data" / "members" / "a.json").write_text(lines, encoding="utf-8")
    assert command(club, "run").returncode == 0
    return club


@pytest.mark.parametrize("place", ["tables", "tables/guests", "quarantine"])
def test_a_link_in_a_lake_leads_nowhere(clean: Path, place: str) -> None:
    elsewhere = clean / "elsewhere" / "2024"
    elsewhere.mkdir(parents=True)
    (elsewhere / "x.txt").write_text("mine", encoding="utf-8")
    path = clean / ".lake" / place
    if path.exists():
        path.rename(clean / "moved")
    path.symlink_to(elsewhere.parent, target_is_directory=True)
    done = command(clean, "run")
    assert done.returncode == 1 and "is a symbolic link" in done.stderr
    assert [one.name for one in elsewhere.iterdir()] == ["x.txt"]


def test_what_lies_beside_the_tables_is_not_written_through_links(clean: Path) -> None:
    mine = clean / "mine"
    mine.mkdir()
    (mine / "x.txt").write_text("mine", encoding="utf-8")
    names = (".last_run.json.tmp", ".program.json.new", ".lakegen.json.new", "last_run.json", ".program.json")
    for name in names:
        (clean / ".lake" / name).unlink(missing_ok=True)
        (clean / ".lake" / name).symlink_to(mine / "x.txt")
    (clean / ".lake" / ".spill").symlink_to(mine, target_is_directory=True)
    assert command(clean, "run", "--full").returncode == 0
    assert [path.name for path in mine.iterdir()] == ["x.txt"]
    assert (mine / "x.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("size", [0, 100, 300])
def test_where_no_file_can_be_written_nothing_is_published_and_nothing_left(clean: Path, size: int) -> None:
    """The limit of a file's size stands for a disk that fills up."""
    lake = clean / ".lake"
    catalog = (lake / "catalog.json").read_bytes()
    names = {path.name for path in lake.iterdir()}
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    done = command(clean, "run", preexec_fn=limit)
    assert done.returncode == 1 and "File too large" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr and (lake / "catalog.json").read_bytes() == catalog
    assert {path.name for path in lake.iterdir()} <= names | {"quarantine"}


@pytest.mark.parametrize("size", [150, 600, 1200, 2000, 4000])
def test_wherever_a_disk_is_full_the_lake_stays_whole(clean: Path, size: int) -> None:
    """Each size ends the run at another file: rows, their record, tables, the catalog, what is kept beside them."""
    lake = clean / ".lake"
    before = read_catalog(lake)
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    done = command(clean, "run", "--full", preexec_fn=limit)
    assert done.returncode == 0 or "File too large" in done.stdout + done.stderr
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    after = read_catalog(lake)
    assert all((lake / file).is_file() for file in after.files()) and (done.returncode == 1 or after != before)
    assert command(clean, "run", "--full").returncode == 0
    last = read_catalog(lake)
    on_disk = {path.relative_to(lake).as_posix() for kind in KINDS for path in (lake / kind).rglob("*.parquet")}
    assert on_disk == {file for file in last.files() if file.endswith(".parquet")}, "nothing half written stays"


READER = """
import sys, time
from pathlib import Path
import duckdb
from generator.runtime.folder_catalog import read_catalog
root, end, reads = Path(sys.argv[1]), time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    for name, entry in read_catalog(root).tables.items():
        files = [str(root / file) for file in entry.current.files]
        time.sleep(0.02)
        assert duckdb.read_parquet(files).count("*").fetchall() == [(2,)]
        reads += 1
print(reads)
"""


def test_who_reads_while_runs_replace_what_is_read_finds_every_file(clean: Path) -> None:
    """With one version kept, what is read is the version that the next run replaces."""
    spec = (clean / "pipeline.yaml").read_text(encoding="utf-8")
    (clean / "pipeline.yaml").write_text(f"{spec}keep_versions: 1\n", encoding="utf-8")
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(clean / ".lake"), "6"], cwd=ROOT, env=environment(clean),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    runs = 0
    while reader.poll() is None:
        assert command(clean, "run", "--full").returncode == 0
        runs += 1
    shown, errors = reader.communicate()
    assert reader.returncode == 0, errors
    assert int(shown) > 20 and runs > 1


def test_a_changed_program_is_not_run(club: Path) -> None:
    command(club, "run")
    file = club / ".lake" / ".program.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"paths": ["members/"]', '"paths": ["elsewhere/"]'), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != text
    assert json.loads(command(club, "run", "--json").stdout)["tables"]["members"]["rows"] == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_stdout_is_told(club: Path) -> None:
    with open("/dev/full", "w") as full:
        done = command(club, "check", stdout=full)
    assert done.returncode == 1 and "cannot write to stdout: No space left" in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_a_closed_stdout_is_told(club: Path) -> None:
    line = f"exec {sys.executable} -m generator check >&-"
    done = subprocess.run(
        ["sh", "-c", line], cwd=club, env=environment(club), stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert done.returncode == 1 and "cannot write to stdout: it is closed" in done.stderr


def test_ascii_output_shows_what_it_can(club: Path) -> None:
    done = command(club, "run", env={**environment(club), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 1 and "Traceback" not in done.stderr and done.stdout.isascii()


@pytest.mark.parametrize("place", ["data/members/pipe.json", "pipeline.yaml"])
def test_a_pipe_is_no_file(club: Path, place: str) -> None:
    (club / place).unlink(missing_ok=True)
    os.mkfifo(club / place)
    done = command(club, "run")
    reason = "it is a pipe, not a file" if place == "pipeline.yaml" else "neither a file nor a folder"
    assert done.returncode == 1 and reason in done.stdout + done.stderr


def test_an_endless_spec_is_refused(club: Path) -> None:
    done = command(club, "check", "/dev/zero")
    assert done.returncode == 1 and "it is a device, not a file" in done.stderr


SLOW = """
import sys, duckdb
from generator import stopping
from generator.cli import main
from generator.cli.commands import check
def run(**options):
    with duckdb.connect() as connection, stopping.interrupting(connection.interrupt):
        print("begun", flush=True)
        connection.execute("SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE (a.range ^ b.range) = 3")
check.run.callback = run
from generator.__main__ import main
sys.exit(main(["check"]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_query_ends_with_a_sentence(club: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=club, env=environment(club), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # who runs the tests may ignore it
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        time.sleep(0.5)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert "what was published before is unchanged" in errors and "Traceback" not in errors
