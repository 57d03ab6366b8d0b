"""The kept report of the last run, and the quarantined lines beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.cli.main import main
from generator.run.lake_folder import LakeFolder
from generator.run.last_run import LastRunError, load_last_run
from generator.run.quarantine import quarantined_lines

SPEC = """
version: 1
lake: tiny
sources: {raw: {path: r/, columns: {a: int}, max_bad_rows: 60%}}
tables: {kept: {source: raw, filter: a > 1, zone: trusted}}
zones: {landing: {}, trusted: {}}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "data" / "r").mkdir(parents=True)
    (tmp_path / "data" / "r" / "a.json").write_text('{"a": 1}\n{"a": 2}\n{"a": "x"}\noops\nagain\n', encoding="utf-8")
    return tmp_path / "lake"


def run(lake: Path) -> None:
    arguments = ["--spec", str(lake.parent / "pipeline.yaml"), "--data", str(lake.parent / "data")]
    assert main(["run", *arguments, "--lake", str(lake), "--json"]) == 0


def test_a_run_leaves_its_report(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(lake)
    printed = json.loads(capsys.readouterr().out)
    kept = load_last_run(lake)
    assert kept is not None
    assert kept.pop("format") == 1
    assert kept == printed
    assert kept["tables"]["kept"]["stages"][0]["rows"] == 1
    assert not list(lake.glob(".last_run*"))


def test_no_run_is_no_report(tmp_path: Path) -> None:
    assert load_last_run(tmp_path) is None
    assert load_last_run(tmp_path / "nowhere") is None


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"format": 1}', '{"format": 2, "tables": {}}', "[" * 100_000])
def test_a_damaged_report_is_said_to_be(text: str, tmp_path: Path) -> None:
    (tmp_path / "last_run.json").write_text(text, encoding="utf-8")
    with pytest.raises(LastRunError, match=r"last_run\.json"):
        load_last_run(tmp_path)


def test_quarantined_lines_of_every_reason(lake: Path) -> None:
    run(lake)
    lines = quarantined_lines(LakeFolder(lake), limit=1, hidden={})
    assert [(one["reason"], one["line"], one["raw"]) for one in lines["raw"]] == [
        ("broken_json", 4, "oops"),
        ("wrong_type", 3, '{"a": "x"}'),
    ]
    assert len(quarantined_lines(LakeFolder(lake), limit=9, hidden={})["raw"]) == 3
    masked = quarantined_lines(LakeFolder(lake), limit=1, hidden={"raw": ("a",)})["raw"]
    assert [(one["reason"], one["line"], one["raw"]) for one in masked] == [
        ("broken_json", 4, "(personal)"),
        ("wrong_type", 3, "(personal)"),
    ]
    assert not any("x" in one["detail"].replace("`…`", "") for one in masked if one["reason"] == "wrong_type")
