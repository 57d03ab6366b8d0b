"""`build`: what it writes, refuses, shows, and how it exits."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from importlib.util import resolve_name
from pathlib import Path, PurePosixPath
from zipfile import ZIP_STORED, ZipFile

import pytest

from generator.cli.main import main
from generator.render.runtime_package import FOLDER, runtime_package

ROOT = Path(__file__).parents[3]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.yaml").write_text((ROOT / "pipeline.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(lake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(lake)

    def build(*options: str) -> tuple[int, str, str]:
        code = main(["build", *options])
        found = capsys.readouterr()
        return code, found.out, found.err

    return build


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_twice_gives_identical_bytes(lake: Path, run: Run) -> None:
    assert run()[0] == 0
    first = content(lake / "build")
    code, out, err = run()
    assert (code, err) == (0, "") and "0 of" in out
    assert content(lake / "build") == first
    assert {"jobs/accelerometer_trusted.py", "jobs/lake.zip", "studio/accelerometer_trusted.json"} <= set(first)
    code, out, err = run("--check")
    assert (code, err) == (0, "") and "files are current" in out


def test_the_first_build_writes_a_root_module_that_stays_as_its_owner_makes_it(lake: Path, run: Run) -> None:
    code, out, _ = run()
    assert code == 0 and "terraform: a root module" in out
    assert content(lake / "terraform") == content(ROOT / "templates/root_module")
    (lake / "terraform/main.tf").write_text("# mine\n")
    (lake / "terraform/versions.tf").unlink()
    mine = content(lake / "terraform")
    code, out, _ = run()
    assert code == 0 and "root module" not in out
    assert content(lake / "terraform") == mine


def test_a_root_module_of_ones_own_is_left_alone(lake: Path, run: Run) -> None:
    (lake / "terraform").mkdir()
    assert run()[0] == 0
    assert content(lake / "terraform") == {}


def test_check_writes_nothing_and_names_each_file(lake: Path, run: Run) -> None:
    code, out, err = run("--check")
    assert (code, out) == (1, "") and not (lake / "build").exists()
    assert "build/jobs/customer_trusted.py is missing" in err and "run `python -m generator build`" in err
    run()
    edit(lake / "pipeline.yaml", "      - unique: [email]", "      - unique: [email, phone]")
    edit(lake / "build" / "jobs" / "machine_learning_curated.py", "import", "import  ")
    (lake / "build" / "manifest.json").unlink()
    before = content(lake / "build")
    code, _, err = run("--check")
    assert code == 1 and content(lake / "build") == before
    assert "build/jobs/machine_learning_curated.py is edited by hand" in err
    assert "build/manifest.json is missing" in err
    assert "build/jobs/customers_curated.py is out of date" in err
    assert "step_trainer" not in err


def test_a_renamed_table_leaves_nothing_behind(lake: Path, run: Run) -> None:
    run()
    edit(lake / "pipeline.yaml", "accelerometer_trusted", "readings")
    assert "build/jobs/accelerometer_trusted.py is left over" in run("--check")[2]
    code, out, _ = run()
    assert code == 0 and " removed" in out
    assert not list((lake / "build").rglob("accelerometer_trusted*"))
    assert (lake / "build" / "jobs" / "readings.py").exists() and run("--check")[0] == 0


def test_an_edited_file_stops_the_build(lake: Path, run: Run) -> None:
    run()
    script = lake / "build" / "jobs" / "customer_trusted.py"
    edit(script, "job.commit()", "job.commit()  # mine")
    edit(lake / "pipeline.yaml", "      - unique: [email]", "      - unique: [phone]")
    before = content(lake / "build")
    code, out, err = run()
    assert (code, out) == (1, "") and content(lake / "build") == before
    assert "customer_trusted.py is edited by hand" in err and "--force" in err
    assert run("--force")[0] == 0
    assert "# mine" not in script.read_text() and run("--check")[0] == 0


def test_files_of_others_stay(lake: Path, run: Run) -> None:
    (lake / "build" / "docs").mkdir(parents=True)
    (lake / "build" / "docs" / "index.html").write_text("page")
    (lake / "build" / "manifest.json").write_text("{}")
    code, _, err = run()
    assert code == 1 and "build/manifest.json is not written by build" in err
    assert run("--force")[0] == 0
    assert (lake / "build" / "docs" / "index.html").read_text() == "page"


def test_diff(lake: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    edit(lake / "pipeline.yaml", "      - unique: [email]", "      - unique: [email, phone]")
    before = content(lake / "build")
    code, out, err = run("--diff")
    assert (code, err) == (0, "") and content(lake / "build") == before
    assert "--- build/jobs/customers_curated.py\n+++ build/jobs/customers_curated.py\n@@ " in out
    assert '+        expect.unique("email", "phone", name="unique: email, phone", blocking=True),' in out
    assert run("--diff", "--check")[0] == 1
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert '\x1b[32m+        expect.unique("email", "phone"' in run("--diff")[1]
    run()
    assert run("--diff") == (0, "", "")


def test_diff_of_a_new_and_a_removed_file(lake: Path, run: Run) -> None:
    assert "--- /dev/null\n+++ build/manifest.json\n" in run("--diff")[1]
    run()
    edit(lake / "pipeline.yaml", "accelerometer_trusted", "readings")
    assert "--- build/jobs/accelerometer_trusted.py\n+++ /dev/null\n" in run("--diff")[1]


def test_a_spec_with_errors_changes_nothing(lake: Path, run: Run) -> None:
    run()
    before = content(lake / "build")
    edit(lake / "pipeline.yaml", "source: customer_landing", "source: nowhere")
    code, out, _ = run()
    assert code == 1 and "nowhere" in out and content(lake / "build") == before


def module_name(file: str) -> str:
    """The module that a file of the package is: `maintenance/keeper.py` is `lake.maintenance.keeper`."""
    return ".".join(("lake", *PurePosixPath(file).with_suffix("").parts)).removesuffix(".__init__")


def imports_of(file: str, text: str) -> set[str]:
    """What a file imports: modules of the package by their names, others by their first part."""
    package = ".".join(("lake", *PurePosixPath(file).parent.parts))
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package if node.level else "")
            found |= {module} if node.module else {f"{module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {name if name.startswith("lake") else name.split(".")[0] for name in found}


def test_the_runtime_is_a_package_that_python_imports_from_its_zip(lake: Path, run: Run) -> None:
    run()
    package = lake / "build" / "jobs" / "lake.zip"
    with ZipFile(package) as archive:
        texts = {name.removeprefix("lake/"): archive.read(name).decode() for name in archive.namelist()}
    files = sorted(FOLDER.rglob("*.py"))
    assert texts == {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in files}
    assert "lake.py" in texts and not any("generator" in text for name, text in texts.items() if name != "__init__.py")
    imports = {module_name(name): imports_of(name, text) for name, text in texts.items()}
    with_spark = {"pyspark"}
    while more := {name for name, needs in imports.items() if needs & with_spark} - with_spark:
        with_spark |= more
    pure = sorted(set(imports) - with_spark)
    assert {"lake.json_lines", "lake.csv_lines", "lake.literals", "lake.maintenance.keeper"} <= set(pure)
    command = [sys.executable, "-S", "-c", f"import {', '.join(pure)}"]
    done = subprocess.run(command, cwd=lake, env={"PYTHONPATH": str(package)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_package_is_the_same_bytes_whenever_and_wherever_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = runtime_package()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert runtime_package() == made
    with ZipFile(io.BytesIO(made)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.compress_type for entry in entries} == {ZIP_STORED}
    assert {(entry.date_time, entry.create_system, entry.external_attr) for entry in entries} == {
        ((1980, 1, 1, 0, 0, 0), 3, 0o100644 << 16)
    }


def test_an_edited_package_is_noticed_and_never_shown_as_text(lake: Path, run: Run) -> None:
    run()
    package = lake / "build" / "jobs" / "lake.zip"
    ours = package.read_bytes()
    mine = ours.replace(b"import", b"IMPORT", 1)
    package.write_bytes(mine)
    code, out, err = run("--check", "--diff")
    assert code == 1 and "build/jobs/lake.zip is edited by hand" in err
    assert out == "Binary files build/jobs/lake.zip and build/jobs/lake.zip differ\n"
    assert run()[0] == 1 and package.read_bytes() == mine
    assert run("--force")[0] == 0 and package.read_bytes() == ours


def test_modules_of_an_earlier_build_leave(lake: Path, run: Run) -> None:
    """As a lake has it that was built when each module was a file of its own."""
    run()
    module, record = lake / "build" / "jobs" / "lake_old.py", lake / "build" / ".generated.json"
    module.write_text("old\n")
    known = json.loads(record.read_text())
    known["files"]["jobs/lake_old.py"] = sha256(b"old\n").hexdigest()
    record.write_text(json.dumps(known))
    assert "build/jobs/lake_old.py is left over" in run("--check")[2]
    assert run()[0] == 0 and not module.exists() and run("--check")[0] == 0


def test_the_record_is_json_in_a_stable_order(lake: Path, run: Run) -> None:
    run()
    record = json.loads((lake / "build" / ".generated.json").read_text())
    assert list(record["files"]) == sorted(record["files"])


def test_output_to_a_closed_pipe_is_no_error(lake: Path) -> None:
    command = [sys.executable, "-m", "generator", "build", str(lake / "pipeline.yaml"), "--diff"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert io.TextIOWrapper(process.stderr).read() == ""
    assert process.wait() == 0
