"""The known traps, as examples that a reader can run; and the runtime twins, which look at the rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.sample import write_sample

ROOT = Path(__file__).parents[2]
TRAPS = ROOT / "docs" / "examples" / "traps"
STEDI = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")


def findings(text: str) -> list[tuple[str, str]]:
    """Code and the text under the caret."""
    found = check_spec(SourceText("pipeline.yaml", text)).diagnostics
    return [(one.code, text[one.span.start : one.span.end] if one.span else "") for one in found]


@pytest.mark.parametrize(
    ("trap", "place"),
    [
        ("nulls_pass", "not (agreed <=> false)"),
        ("coalesced", "agreed_at is not null"),
        ("one_branch", "readings"),
    ],
)
def test_trap_is_refused_and_its_fix_is_proven(trap: str, place: str) -> None:
    assert findings((TRAPS / f"{trap}.yaml").read_text(encoding="utf-8")) == [("G001", place)]
    assert findings((TRAPS / f"{trap}.fixed.yaml").read_text(encoding="utf-8")) == []


SINCE = STEDI.replace("is not null\n\nzones", "is not null\n    since: sharewithresearchasofdate\n\nzones")
TIMED = SINCE.replace(
    "    path: accelerometer/landing/\n", "    path: accelerometer/landing/\n    event_time: timestamp\n"
)
TIMED = TIMED.replace(
    "    path: step_trainer/landing/\n", "    path: step_trainer/landing/\n    event_time: sensorreadingtime\n"
)
BOUNDED = TIMED.replace(
    "on: user = email\n\n  customers_curated",
    "on: user = email and timestamp >= sharewithresearchasofdate\n\n  customers_curated",
).replace(
    "= customers_curated.serialnumber\n",
    "= customers_curated.serialnumber and sensorreadingtime >= sharewithresearchasofdate\n",
)


def test_since_needs_the_time_and_its_bound() -> None:
    assert SINCE != STEDI and TIMED != SINCE and BOUNDED != TIMED
    assert findings(SINCE) == [("G007", "accelerometer_trusted")]
    assert findings(TIMED) == [("G007", "accelerometer_trusted")]
    assert findings(BOUNDED) == []
    for weaker in (
        BOUNDED.replace("timestamp >= share", "timestamp <= share"),
        BOUNDED.replace("and timestamp >= sharewithresearchasofdate", "and timestamp >= sharewithpublicasofdate"),
        BOUNDED.replace("and timestamp >= sharewithresearchasofdate", "and timestamp >= registrationdate"),
        BOUNDED.replace("timestamp >= share", "timestamp + 1 >= share"),
        BOUNDED.replace("event_time: timestamp", "event_time: x"),
    ):
        assert ("G007", "accelerometer_trusted") in findings(weaker)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    write_sample(folder)
    return folder


def generator(*arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "generator", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def run(spec: str, data: Path, folder: Path, code: int = 0) -> dict[str, Any]:
    path = folder / "pipeline.yaml"
    path.write_text(spec)
    arguments = ("--spec", str(path), "--data", str(data), "--lake", str(folder / "lake"), "--json")
    report: dict[str, Any] = json.loads(generator("run", *arguments, code=code))
    return report


def test_since_takes_the_earlier_readings_out(sample: Path, tmp_path: Path) -> None:
    spec = BOUNDED[: BOUNDED.index("row_counts:")]
    tables = run(spec, sample, tmp_path)["tables"]
    assert tables["accelerometer_trusted"]["rows"] == 32_025
    checks = {check["name"]: check for check in tables["accelerometer_trusted"]["checks"]}
    assert checks["every user is of a customer with consent research"]["violations"] == 0


def test_a_registry_with_a_doubled_key_fails_before_anything_is_published(tmp_path: Path) -> None:
    write_sample(tmp_path / "data")
    file = next((tmp_path / "data/customer/landing").glob("*.json"))
    with file.open("a") as landing:
        landing.write(file.read_text().splitlines()[0] + "\n")
    report = run(STEDI, tmp_path / "data", tmp_path, code=1)
    customers = report["tables"]["customer_landing"]
    assert customers["status"] == "failed"
    assert customers["problem"] == "it breaks: each email is one customer; it breaks: each serialnumber is one customer"
    catalog = json.loads((tmp_path / "lake/catalog.json").read_text(encoding="utf-8"))
    assert catalog["tables"] == {} and "customer_landing" not in catalog["sources"]


def test_a_registry_without_a_key_fails(tmp_path: Path) -> None:
    write_sample(tmp_path / "data")
    with next((tmp_path / "data/customer/landing").glob("*.json")).open("a") as landing:
        landing.write('{"customerName": "Nobody", "email": null, "serialNumber": "s-1"}\n')
    report = run(STEDI, tmp_path / "data", tmp_path, code=1)
    assert report["tables"]["customer_landing"]["problem"] == "it breaks: every customer has a key email"


def test_a_source_that_is_not_unique_as_declared_fails(tmp_path: Path) -> None:
    write_sample(tmp_path / "data")
    file = next((tmp_path / "data/step_trainer/landing").glob("*.json"))
    with file.open("a") as landing:
        landing.write(file.read_text().splitlines()[0] + "\n")
    steps = run(STEDI, tmp_path / "data", tmp_path, code=1)["tables"]["step_trainer_landing"]
    assert steps["problem"] == "it breaks: unique: serialnumber, sensorreadingtime"
    (broken,) = [check for check in steps["checks"] if check["violations"]]
    assert broken["examples"][0]["#times"] == 2


def test_the_figure_of_mixed_rows(sample: Path, tmp_path: Path) -> None:
    spec = STEDI.replace("        mixes_subjects: the reference data joins on time only\n", "")
    assert findings(spec) == [("G003", "timestamp = sensorreadingtime")]
    report = run(spec, sample, tmp_path)
    (figure,) = [c for c in report["tables"]["machine_learning_curated"]["checks"] if c["kind"] == "mixing"]
    assert (figure["violations"], figure["blocking"]) == (2_700, False)


def test_a_declared_cardinality_is_looked_at(sample: Path, tmp_path: Path) -> None:
    spec = STEDI.replace("cardinality: many_to_many", "cardinality: many_to_one")
    assert findings(spec) == []
    table = run(spec, sample, tmp_path, code=1)["tables"]["machine_learning_curated"]
    assert table["problem"] == "it breaks: at most one match in step_trainer_trusted (many_to_one)"


def test_a_withdrawal_is_simulated_as_it_then_happens(sample: Path, tmp_path: Path) -> None:
    file = next((sample / "customer/landing").glob("*.json"))
    customer = next(json.loads(line) for line in file.read_text().splitlines() if "shareWithResearchAsOfDate" in line)
    arguments = ("simulate", "--withdraw", f"customer.email={customer['email']}", "--data", str(sample))
    simulated = json.loads(generator(*arguments, "--json", "--reveal"))["tables"]
    assert {name: table["coming"] for name, table in simulated.items()} == dict.fromkeys(simulated, 0)
    data = tmp_path / "data"
    write_sample(data)
    changed = next((data / "customer/landing").glob("*.json"))
    lines = [json.loads(line) for line in changed.read_text().splitlines()]
    changed.write_text(
        "".join(
            json.dumps(
                {
                    k: v
                    for k, v in line.items()
                    if k != "shareWithResearchAsOfDate" or line["email"] != customer["email"]
                }
            )
            + "\n"
            for line in lines
        )
    )
    after = run(STEDI, data, tmp_path, code=1)["tables"]
    assert {name: table["rows"] - table["leaving"] for name, table in simulated.items()} == {
        name: after[name]["rows"] for name in simulated
    }
    assert simulated["accelerometer_trusted"]["leaving"] > 0
    assert simulated["accelerometer_trusted"]["keep_versions"] == 3
    assert all(row["user"] == customer["email"] for row in simulated["accelerometer_trusted"]["examples"])


LABELS = """
version: 1
lake: labels
subjects: {person: {registry: people, keys: [id]}}
zones: {open: {pii: forbid}, raw: {}}
sources:
  people: {path: p/, zone: raw, columns: {id: bigint, email: {type: string, pii: true}, day: date}}
tables:
  prepared:
    view: true
    source: people
    select: {day: day, e: "nullif(email, 'bob')", f: email}
  told:
    zone: open
    source: prepared
    select: {day: day, known: f is not null}
"""


def test_being_null_tells_only_of_raw_columns() -> None:
    assert findings(LABELS) == []
    assert findings(LABELS.replace("f is not null", "e is not null")) == [("G004", "told")]


def test_raw_data_does_not_land_in_a_zone_that_asks_for_more() -> None:
    assert findings(LABELS.replace("zone: raw", "zone: open")) == [("G004", "bigint"), ("G004", "email")]
    trusted = STEDI.replace("    path: step_trainer/landing/", "    zone: trusted\n    path: step_trainer/landing/")
    assert findings(trusted) == [("G001", "trusted")]
