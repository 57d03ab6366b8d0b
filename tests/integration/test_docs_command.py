"""The `docs` command: what it writes, and what it says when something is missing or wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "pipeline.yaml", tmp_path))


def test_the_site_goes_beside_the_spec(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--spec", str(spec), "--lake", str(spec.parent / "none")]) == 0
    shown = capsys.readouterr()
    page = spec.parent / "build" / "docs" / "index.html"
    assert shown.out.startswith(f"{page}: 3 sources, 5 tables, no run, ")
    assert "python -m generator run" in shown.err
    assert {path.name for path in page.parent.iterdir()} == {"index.html", ".gitignore"}


def test_twice_is_the_same(spec: Path) -> None:
    pages = []
    for output in ("one", "two"):
        assert main(["docs", "--spec", str(spec), "--lake", "none", "--output", str(spec.parent / output)]) == 0
        pages.append((spec.parent / output / "index.html").read_bytes())
    assert pages[0] == pages[1]


def test_the_run_of_another_lake_is_not_shown(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop, lake = ROOT / "docs" / "examples" / "shop", spec.parent / "lake"
    arguments = ["--spec", str(shop / "pipeline.yaml"), "--data", str(shop / "landing"), "--lake", str(lake)]
    assert main(["run", *arguments, "--json"]) == 0
    capsys.readouterr()
    assert main(["docs", "--spec", str(spec), "--lake", str(lake)]) == 0
    shown = capsys.readouterr()
    assert "was of lake `shop`" in shown.err
    assert "no run" in shown.out


def test_a_spec_with_errors_makes_no_site(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("filter: sharewithresearchasofdate", "filter: sharewithreserch"), encoding="utf-8")
    assert main(["docs", "--spec", str(spec)]) == 1
    assert "C001" in capsys.readouterr().err
    assert not (spec.parent / "build").exists()


def test_a_damaged_report_is_an_error(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec.parent / "last_run.json").write_text("{", encoding="utf-8")
    assert main(["docs", "--spec", str(spec), "--lake", str(spec.parent)]) == 1
    assert "last_run.json" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec.parent / "file").write_text("", encoding="utf-8")
    assert main(["docs", "--spec", str(spec), "--output", str(spec.parent / "file" / "docs")]) == 1
    assert "cannot write" in capsys.readouterr().err
