"""`import` as a user meets it: five Glue Studio jobs become the reference lake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "tests/unit/author/stedi_scripts").glob("*.txt"))


def generator(folder: Path, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "generator", *map(str, arguments)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found


def test_five_jobs_over_the_real_data_give_the_reference_counts(stedi: Path, tmp_path: Path) -> None:
    generator(tmp_path, "init", stedi)
    generator(tmp_path, "import", *SCRIPTS, "--spec", "pipeline.yaml", "--output", "lake.yaml")
    made, reference = loaded(tmp_path / "lake.yaml"), loaded(ROOT / "pipeline.yaml")
    semi = {
        name: [join["semi"] for join in table["join"]]
        for name, table in made["tables"].items()
        if "join" in table and "semi" in table["join"][0]
    }
    assert semi == {
        "accelerometer_trusted": ["customer_trusted"],
        "customers_curated": ["accelerometer_trusted"],
        "step_trainer_trusted": ["customers_curated"],
    }
    assert made["zones"]["curated"] == {"require": "research"}
    report = json.loads(generator(tmp_path, "run", "--json", "--spec", "lake.yaml", "--data", stedi).stdout)
    rows = {name: table["rows"] for name, table in report["tables"].items()}
    assert rows == {name: int(count) for name, count in reference["row_counts"].items()}


def test_traps_are_told_with_script_and_line(stedi: Path, tmp_path: Path) -> None:
    generator(tmp_path, "init", stedi)
    done = generator(tmp_path, "import", *SCRIPTS, "--spec", "pipeline.yaml", "--json")
    found = json.loads(done.stdout)
    traps = {(Path(one["script"]).name.split(".")[0], one["code"]): one["line"] for one in found["findings"]}
    assert {code for script, code in traps if script == "customer_trusted"} == {
        "null-passing-filter", "appends", "hard-coded-bucket",
    }  # fmt: skip
    assert ("customers_curated", "semi-join") in traps
    assert ("accelerometer_trusted", "personal-data") in traps
    for (script, code), line in traps.items():
        text = next(path for path in SCRIPTS if path.name.startswith(script)).read_text().splitlines()[line - 1]
        expected = {"null-passing-filter": "Filter.apply", "semi-join": "Join.apply", "appends": "write"}
        assert expected.get(code, "") in text, (script, code, line)
    assert {one["code"] for one in found["diagnostics"]["diagnostics"]} == {"G003", "J001"}


def test_without_a_spec_the_result_is_a_spec_of_its_own(tmp_path: Path) -> None:
    done = generator(tmp_path, "import", *SCRIPTS, "--name", "balance", code=1)  # types and columns are guessed
    (tmp_path / "pipeline.yaml").write_text(done.stdout)
    assert "guess[unknown-columns]: of `step_trainer_landing` only the jobs are known" in done.stderr
    assert "--data DIR" in done.stderr
    assert loaded(tmp_path / "pipeline.yaml")["lake"] == "balance"
    generator(tmp_path, "check")


def test_what_could_not_be_carried_over_fails_the_command(tmp_path: Path) -> None:
    script = SCRIPTS[0].read_text().replace("DropFields.apply(frame=", "MyOwnCode(frame=")
    (tmp_path / "job.py").write_text(script)
    done = generator(tmp_path, "import", "job.py", code=1)
    assert "not carried over[unknown-step]" in done.stderr
    assert "MyOwnCode" in done.stderr
    assert "# not carried over (job.py:" in done.stdout


def test_from_the_data_alone(stedi: Path, tmp_path: Path) -> None:
    generator(tmp_path, "import", *SCRIPTS, "--data", stedi, "--output", "lake.yaml", "--name", "balance")
    made = loaded(tmp_path / "lake.yaml")
    assert made["zones"]["trusted"] == {"require": "research"}
    assert made["tables"]["customer_trusted"]["filter"] == "sharewithresearchasofdate <> 0"
    assert "# not" not in (tmp_path / "lake.yaml").read_text()


def test_a_table_that_reads_a_changed_one_says_so(tmp_path: Path) -> None:
    done = generator(tmp_path, "import", *SCRIPTS, code=1)
    lines = [line for line in done.stdout.splitlines() if "`accelerometer_trusted` reads `customer_trusted`" in line]
    assert len(lines) == 1
    assert "isn't what its job says" in lines[0]


def test_what_every_job_has_is_told_on_one_line(stedi: Path, tmp_path: Path) -> None:
    done = generator(tmp_path, "import", *SCRIPTS, "--data", stedi)
    assert done.stderr.count("[appends]") == 1
    assert done.stderr.count("[hard-coded-bucket]") == 1
    assert all(Path(script).name in done.stderr.split("[appends]")[1] for script in SCRIPTS)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.py", "def x(:", "a.py: not Python, line 1"),
        ("a.json", "{}", "no CodeGenConfigurationNodes"),
        ("a.py", "x = 1", "writes no table"),
    ],
)
def test_what_is_no_job(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    assert said in generator(tmp_path, "import", name, code=1).stderr


def test_a_missing_script_and_an_existing_output(tmp_path: Path) -> None:
    assert "there is no such file" in generator(tmp_path, "import", "no.py", code=1).stderr
    (tmp_path / "lake.yaml").write_text("mine")
    assert "--force" in generator(tmp_path, "import", SCRIPTS[0], "--output", "lake.yaml", code=1).stderr
    assert (tmp_path / "lake.yaml").read_text() == "mine"
