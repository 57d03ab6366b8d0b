"""`run` as a user meets it: what it prints, what it leaves behind, and how it fails."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from generator.sample import Dirt, write_sample

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
KILLS = 50


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    write_sample(folder)
    return folder


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "generator", *arguments]


def generator(*arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done


def run(data: Path, lake: Path, *more: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    return generator("run", "--data", str(data), "--lake", str(lake), *more, code=code)


def counts(lake: Path) -> dict[str, int]:
    """Rows of every published table, counted in its files."""
    catalog = json.loads((lake / "catalog.json").read_text())
    found = {}
    for name, entry in catalog["tables"].items():
        ((rows,),) = duckdb.read_parquet([str(lake / file) for file in entry["files"]]).count("*").fetchall()
        assert rows == entry["rows"]
        found[name] = rows
    return found


def test_a_run_where_nothing_has_changed_does_not_load_duckdb(sample: Path, tmp_path: Path) -> None:
    def imported() -> set[str]:
        asks = ["-X", "importtime", *command("run", "--data", str(sample), "--lake", str(tmp_path / "lake"))[1:]]
        done = subprocess.run([sys.executable, *asks], cwd=ROOT, capture_output=True, text=True, check=True)
        return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}

    assert "duckdb" in imported()
    assert "duckdb" not in imported()


def test_report_says_what_happened(sample: Path, tmp_path: Path) -> None:
    done = run(sample, tmp_path / "lake")
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert re.search(r"956 → 482 +474 without consent research +✓ 482", lines["customer_trusted"])
    assert "81,273 → 40,981" in lines["accelerometer_trusted"]
    assert "2,700 more by inner join step_trainer_trusted" in lines["machine_learning_curated"]
    assert lines["ok:"].startswith("ok: 5 tables published")
    progress = [line.split(":")[0] for line in done.stderr.splitlines()]
    assert sorted(progress) == sorted(name for name in lines if "_" in name)
    assert "\x1b" not in done.stdout + done.stderr and "\r" not in done.stdout + done.stderr


def test_live_line_on_a_terminal(sample: Path, tmp_path: Path) -> None:
    primary, secondary = pty.openpty()
    code = (
        "import sys; from generator.cli import live_line; live_line.PATIENCE = 0; "
        "from generator.__main__ import main; sys.exit(main())"
    )
    arguments = [sys.executable, "-c", code, "run", "--data", str(sample), "--lake", str(tmp_path / "lake")]
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=secondary, stderr=secondary, env=environment)
    os.close(secondary)
    shown = b""
    while True:
        try:
            part = os.read(primary, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait() == 0
    os.close(primary)
    assert re.search(rb"\[\d/8\] \w+_", shown) and b"\x1b[32m" in shown
    assert shown.count(b"rows (") == 0


def test_json_is_alone_on_stdout_even_when_the_run_fails(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing", tmp_path / "lake", "--json", code=1)
    report = json.loads(done.stdout)
    assert report["status"] == "failed" and report["published"] is False
    assert report["tables"]["customer_landing"]["problem"].startswith("no files in")
    assert report["tables"]["customer_trusted"]["status"] == "skipped"
    assert done.stderr == ""


def test_select_makes_a_table_and_what_it_needs(sample: Path, tmp_path: Path) -> None:
    report = json.loads(run(sample, tmp_path / "lake", "--select", "accelerometer_trusted", "--json").stdout)
    assert set(report["tables"]) == {
        "customer_landing", "customer_trusted", "accelerometer_landing", "accelerometer_trusted",
    }  # fmt: skip
    unknown = run(sample, tmp_path / "lake", "--select", "accelerometer_trustd", code=1)
    assert "did you mean `accelerometer_trusted`?" in unknown.stderr


def test_dirty_data_goes_to_the_quarantine(tmp_path: Path) -> None:
    dirt = Dirt(broken=3, two_objects=2, wrong_type=4, long_number=1, drifted_keys=2, extra_keys=5, gzip=True)
    sample = write_sample(tmp_path / "data", dirt=dirt)
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(SPEC[: SPEC.index("row_counts:")])
    done = run(tmp_path / "data", tmp_path / "lake", "--spec", str(spec), "--json")
    tables = json.loads(done.stdout)["tables"]
    for name, number in sample.quarantined.items():
        assert tables[name]["quarantined"] == number == 12
        assert tables[name]["rows"] + tables[name]["quarantined"] == tables[name]["rows_in"]
        assert sum(tables[name]["reasons"].values()) == number
        assert tables[name]["rows"] == sample.expected[name]
        assert tables[name]["extra_keys"] != []
    catalog = json.loads((tmp_path / "lake/catalog.json").read_text())
    files = [str(tmp_path / "lake" / file) for file in catalog["quarantine"]["customer_landing"]["files"]]
    found = duckdb.read_parquet(files).project("file, line, reason, raw").fetchall()
    assert len(found) == 12
    assert all(file.endswith(".gz") and line > 0 and reason and raw for file, line, reason, raw in found)
    clean = tmp_path / "clean"
    write_sample(clean)
    run(clean, tmp_path / "lake", "--spec", str(spec))
    assert json.loads((tmp_path / "lake/catalog.json").read_text())["quarantine"] == {}


@pytest.mark.parametrize(("limit", "code"), [("11", 1), ("12", 0), ("0.5%", 1), ("2%", 0)])
def test_max_bad_rows(limit: str, code: int, tmp_path: Path) -> None:
    write_sample(tmp_path / "data", dirt=Dirt(broken=12))
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(
        SPEC.replace("    path: customer/landing/", f"    max_bad_rows: {limit}\n    path: customer/landing/")
    )
    done = run(tmp_path / "data", tmp_path / "lake", "--spec", str(spec), "--select", "customer_trusted", code=code)
    assert ("more than" in done.stdout) == bool(code)


def test_a_failed_expectation_keeps_the_published_version(sample: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    run(sample, lake)
    before = json.loads((lake / "catalog.json").read_text())["tables"]
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(SPEC.replace("- unique: [email]", "- sql: email <> 'x' and phone = 'none'\n        name: phones"))
    done = run(sample, lake, "--spec", str(spec), code=1)
    assert "customers_curated: it breaks: phones" in done.stdout
    assert "machine_learning_curated  curated" in done.stdout and "skipped: customers_curated failed" in done.stdout
    after = json.loads((lake / "catalog.json").read_text())["tables"]
    kept = ("customers_curated", "step_trainer_trusted", "machine_learning_curated")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["customer_trusted"] == before["customer_trusted"], "what is current isn't made again"
    warned = spec.read_text().replace("name: phones", "severity: warn")
    spec.write_text(warned)
    assert "482 of 482 rows" in run(sample, lake, "--spec", str(spec)).stdout


def test_old_versions_go_after_the_retention(sample: Path, tmp_path: Path) -> None:
    lake, spec = tmp_path / "lake", tmp_path / "pipeline.yaml"
    spec.write_text(SPEC + "keep_versions: 2\n")
    for _ in range(4):
        run(sample, lake, "--spec", str(spec), "--select", "customer_trusted", "--full")
    versions = json.loads((lake / "catalog.json").read_text())["tables"]["customer_trusted"]["versions"]
    folders = sorted(path.name for path in (lake / "tables/customer_trusted").iterdir())
    assert len(versions) == 2 and folders == sorted(version["run"] for version in versions)


def test_a_withdrawn_customer_leaves(sample: Path, tmp_path: Path) -> None:
    lake, data = tmp_path / "lake", tmp_path / "data"
    write_sample(data)
    run(data, lake)
    file = next((data / "customer/landing").glob("*.json"))
    lines = file.read_text().splitlines()
    index = next(i for i, line in enumerate(lines) if "shareWithResearchAsOfDate" in line)
    customer = json.loads(lines[index])
    del customer["shareWithResearchAsOfDate"]
    lines[index] = json.dumps(customer)
    file.write_text("\n".join(lines) + "\n")
    run(data, lake, code=1)  # the counts are no longer those of the reference data
    assert counts(lake)["customer_trusted"] == 481
    catalog = json.loads((lake / "catalog.json").read_text())["tables"]
    files = [str(lake / file) for file in catalog["accelerometer_trusted"]["files"]]
    assert duckdb.read_parquet(files).filter(f"\"user\" = '{customer['email']}'").count("*").fetchall() == [(0,)]


@pytest.mark.slow
def test_killed_at_any_moment_the_lake_stays_whole(sample: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    run(sample, lake)
    whole = counts(lake)
    started = time.perf_counter()
    run(sample, lake, "--full")
    duration = time.perf_counter() - started
    moments = random.Random(7)
    killed = 0
    for _ in range(KILLS):
        arguments = command("run", "--data", str(sample), "--lake", str(lake), "--full")
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.02, duration * 1.05))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert counts(lake) == whole
    assert killed > KILLS // 2
    run(sample, lake)
    assert counts(lake) == whole
    catalog = json.loads((lake / "catalog.json").read_text())["tables"]
    for name, entry in catalog.items():
        on_disk = {path.name for path in (lake / "tables" / name).iterdir()}
        assert on_disk == {version["run"] for version in entry["versions"]}


def test_two_runs_at_once(sample: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    arguments = command("run", "--data", str(sample), "--lake", str(lake))
    both = [subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
    results = [process.communicate()[1].decode() for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 1])
    assert codes == [0, 0] or any("another run is going on" in error for error in results)
    assert counts(lake)["customer_trusted"] == 482


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("run", "--spec", "nope.yaml"), 1, "cannot read nope.yaml: there is no such file"),
        (("run", "--spec", "generator"), 1, "it is a folder"),
        (("check", "/dev/null"), 1, "the file is empty"),
        (("frobnicate",), 2, "there is no command `frobnicate`"),
        (("chekc",), 2, "did you mean `check`?"),
        (("run", "--nope"), 2, "there is no option `--nope`"),
        (("check", "--formt", "json"), 2, "did you mean `--format`?"),
        (("explain", "C999"), 2, "there is no code `C999`"),
        (("sample", "/dev/null/x"), 1, "error"),
        (("sample", "/tmp/never-made", "--scale", "0"), 1, "scale 0"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], code: int, message: str) -> None:
    done = generator(*arguments, code=code)
    assert message in done.stderr + done.stdout


def test_a_lake_folder_that_is_no_lake(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot write to the lake folder" in run(sample, tmp_path / "file", code=1).stderr
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake/catalog.json").write_text("{}")
    assert "is no lake folder" in run(sample, tmp_path / "lake", code=1).stderr
    (tmp_path / "lake/.lakegen.json").write_text('{"format": 1, "runs": []}')
    assert "not a catalog of this version" in run(sample, tmp_path / "lake", code=1).stderr


def test_errors_of_the_spec_are_shown_as_by_check(tmp_path: Path) -> None:
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(SPEC.replace("filter: share", "filter: shaer"))
    checked = generator("check", str(spec), code=1)
    assert "error[C001]" in checked.stdout and "pipeline.yaml:61:13" in checked.stdout
    assert "did you mean `sharewithresearchasofdate`?" in checked.stdout
    assert generator("run", "--spec", str(spec), code=1).stderr.strip() == checked.stdout.strip()


@pytest.mark.parametrize("name", ["check", "run", "build", "explain", "simulate", "sample"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"python -m generator {name}" in generator(name, "--help").stdout


def test_build_writes_the_schema_and_checks_that_it_is_current(tmp_path: Path) -> None:
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(SPEC)
    assert "is not current" in generator("build", str(spec), "--check", code=1).stderr
    generator("build", str(spec))
    generator("build", str(spec), "--check")
    assert "customer_trusted" in (tmp_path / "build/pipeline.schema.json").read_text()
    generator("build", "--check")


@pytest.mark.parametrize("column", ["times", "t", "r", "x", "k", "n", "key", "count", "value"])
def test_a_doubled_key_is_found_whatever_it_is_called(column: str, tmp_path: Path) -> None:
    """Checks have names of their own, which must not meet a user's; neither must those of tables."""
    spec = tmp_path / "pipeline.yaml"
    spec.write_text(
        "version: 1\nlake: names\nzones: {z: {}}\n"
        f"sources:\n  r: {{path: r/, columns: {{{column}: bigint, b: bigint}}}}\n"
        f"tables:\n  t: {{zone: z, source: r, expect: [{{unique: {column}}}, {{references: {{b: r.{column}}}}}]}}\n"
    )
    (tmp_path / "data/r").mkdir(parents=True)
    rows = [(1, 1), (1, 2), (1, 9), (2, 1)]
    (tmp_path / "data/r/a.json").write_text("".join(f'{{"{column}": {a}, "b": {b}}}\n' for a, b in rows))
    report = json.loads(run(tmp_path / "data", tmp_path / "lake", "--spec", str(spec), "--json", code=1).stdout)
    checks = report["tables"]["t"]["checks"]
    assert [(check["kind"], check["violations"]) for check in checks] == [("unique", 2), ("references", 1)]
    catalog = json.loads((tmp_path / "lake/catalog.json").read_text())
    assert set(catalog["sources"]) == {"r"} and catalog["tables"] == {}
