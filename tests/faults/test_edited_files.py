"""What is kept in a lake folder is a file that anybody can change: whatever it says, a command ends with a sentence."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import main
from generator.runtime.folder_catalog import read_catalog

SPEC = """\
version: 1
lake: club
zones:
  open: {pii: allow}
sources:
  members:
    path: members/
    max_bad_rows: 50%
    columns: {email: string, visits: int}
tables:
  guests:
    source: members
    zone: open
    filter: visits > 0
    expect:
      - between: {visits: {max: 9}}
"""
ODD: tuple[Any, ...] = (
    None, [], {}, "x", "", -1, 0, 10**30, 1.5, True, "../../x", "/etc/passwd", "a\x00b", "\ud800", "\x1b[31m",
    [[]], [None], {"a": None}, ["x"], {"x": {}}, float("nan"),
)  # fmt: skip
FILES = ("catalog.json", ".lakegen.json", ".program.json", "last_run.json", "landing.json")
CASES = 25


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake after three runs: rows of two files, and a table that was replaced."""
    root = tmp_path_factory.mktemp("edited")
    (root / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    (root / "data/members").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(root)
        patched.setenv("XDG_STATE_HOME", str(root / "state"))
        for name, visits in (("a", 1), ("b", 2), ("a", 3)):
            lines = f'{{"email": "x", "visits": {visits}, "new": 1}}\n{{"email": "y", "visits": 0}}\nbroken\n'
            (root / f"data/members/{name}.json").write_text(lines, encoding="utf-8")
            assert main(["run"]) == 0
    return root


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, part in inside:
        yield from places(part, (*place, key))


def kept_file(lake: Path, name: str) -> Path:
    """A file of a lake folder; of the records that of the current rows."""
    if name != "landing.json":
        return lake / name
    return lake / read_catalog(lake).sources["members"].current.record


def edited(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    found = inside = copy.deepcopy(value)
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = new
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_whatever_a_kept_file_says_a_command_ends_with_a_sentence(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(made)
    monkeypatch.setenv("XDG_STATE_HOME", str(made / "state"))
    shutil.copytree(".lake", "kept")
    file = kept_file(Path("kept"), name).relative_to("kept")
    value = json.loads(("kept" / file).read_text(encoding="utf-8"))
    cases = [(place, odd) for place in places(value) for odd in ODD]
    command = ["docs" if name == "last_run.json" else "run"]
    try:
        for place, odd in random.Random(7).sample(cases, min(CASES, len(cases))):
            shutil.rmtree(".lake")
            shutil.copytree("kept", ".lake")
            (".lake" / file).write_text(json.dumps(edited(value, place, odd)), encoding="utf-8")
            code = main(command)
            shown = "".join(capsys.readouterr())
            assert code in (0, 1) and shown and "\x1b" not in shown, (place, odd)
            assert code or all_there(), (place, odd)
    finally:
        shutil.rmtree(".lake")
        Path("kept").rename(".lake")


def all_there() -> bool:
    """Whether the catalog can be read, and all that it names is there."""
    catalog = json.loads(Path(".lake/catalog.json").read_text(encoding="utf-8"))
    entries = [entry for kind in ("tables", "sources", "quarantine") for entry in catalog[kind].values()]
    return all(Path(".lake", file).is_file() for entry in entries for file in entry["files"])


def edit(made: Path, name: str, *place: Any, new: Any) -> None:
    file = kept_file(made / ".lake", name)
    file.write_text(json.dumps(edited(json.loads(file.read_text(encoding="utf-8")), place, new)), encoding="utf-8")


@pytest.fixture
def lake(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "lake")
    monkeypatch.chdir(tmp_path / "lake")
    monkeypatch.setenv("XDG_STATE_HOME", str(made / "state"))
    assert main(["run"]) == 0  # the copies of the data count as new
    return tmp_path / "lake"


def test_a_record_leads_nobody_out_of_the_lake(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that lie elsewhere are no rows of the source: it is read again."""
    shutil.copytree(lake / ".lake/sources", lake / "elsewhere")
    file = next((lake / "elsewhere").rglob("*.parquet")).relative_to(lake)
    edit(lake, "landing.json", "batches", 0, "files", new=[f"../{file}"])
    capsys.readouterr()
    assert main(["run", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["tables"]["members"]
    assert (report["files_read"], report["rows"], report["unchanged"]) == (2, 4, False)


def test_what_a_version_says_of_its_run_is_shown_only_if_it_can_be(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(lake, "catalog.json", "tables", "guests", "versions", 0, "made", "stages", new=[{"rows": "many"}])
    capsys.readouterr()
    assert main(["run", "--json"]) == 0
    tables = json.loads(capsys.readouterr().out)["tables"]
    assert (tables["members"]["unchanged"], tables["guests"]["unchanged"]) == (True, False)
