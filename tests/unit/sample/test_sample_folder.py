"""Only what is ours gets replaced, at once or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from generator.diagnostics import GeneratorError
from generator.sample import Dirt, SampleError, bulk, folder, write_sample


def _tree(directory: Path) -> dict[str, bytes]:
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def test_new_folder_with_missing_parents(tmp_path: Path) -> None:
    report = write_sample(tmp_path / "a" / "b" / "data")
    assert report.directory == tmp_path / "a" / "b" / "data"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["data"]
    assert set(_tree(report.directory)) == {*report.files, ".sample.json"}


def test_folder_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    write_sample(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_empty_folder_is_used_and_stays_the_same_folder(tmp_path: Path) -> None:
    before = tmp_path.stat().st_ino
    report = write_sample(tmp_path)
    assert tmp_path.stat().st_ino == before
    assert set(_tree(tmp_path)) == {*report.files, ".sample.json"}


def test_an_earlier_sample_is_replaced_whole(tmp_path: Path) -> None:
    write_sample(tmp_path / "data", scale=2, dirt=Dirt(empty_file=True, gzip=True))
    report = write_sample(tmp_path / "data", seed=7)
    fresh = write_sample(tmp_path / "fresh", seed=7)
    assert _tree(report.directory) == _tree(fresh.directory)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "fresh"]


def test_paths_with_odd_characters(tmp_path: Path) -> None:
    report = write_sample(tmp_path / "it's a {lake} 100% $x *é")
    assert report.expected["customer_landing"] == 956
    assert set(_tree(report.directory)) == {*report.files, ".sample.json"}


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SampleError, match="isn't empty"):
        write_sample(tmp_path)
    assert _tree(tmp_path) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize("marker", ["{}", "[]", "not json", '{"made_by": "someone", "files": []}', '{"files": 1}'])
def test_a_marker_of_someone_else_does_not_count(tmp_path: Path, marker: str) -> None:
    (tmp_path / ".sample.json").write_text(marker)
    with pytest.raises(SampleError, match="isn't empty"):
        write_sample(tmp_path)
    assert (tmp_path / ".sample.json").read_text() == marker


def test_a_file_added_to_a_sample_is_not_lost(tmp_path: Path) -> None:
    write_sample(tmp_path / "data")
    mine = tmp_path / "data/customer/landing/mine.json"
    mine.write_text("{}\n")
    with pytest.raises(SampleError, match=r"customer/landing/mine\.json"):
        write_sample(tmp_path / "data", seed=7)
    assert mine.read_text() == "{}\n"
    report = write_sample(tmp_path / "data", seed=7, force=True)
    assert set(_tree(report.directory)) == {*report.files, ".sample.json"}


def test_force_replaces_the_landing_folders_only(tmp_path: Path) -> None:
    for name in ("thesis.txt", "customer/trusted/part.parquet", "customer/landing/old.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("kept?")
    report = write_sample(tmp_path, force=True)
    assert set(_tree(tmp_path)) == {
        *report.files,
        ".sample.json",
        "thesis.txt",
        "customer/trusted/part.parquet",
    }


def test_a_file_is_refused_even_by_force(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    for target in (tmp_path / "data", tmp_path / "data" / "below"):
        with pytest.raises(GeneratorError):
            write_sample(target, force=True)
    assert (tmp_path / "data").read_text() == "mine"


@pytest.mark.parametrize("scale", [0, -1, 10_001])
def test_scale_out_of_range(tmp_path: Path, scale: int) -> None:
    with pytest.raises(SampleError, match="10,000"):
        write_sample(tmp_path / "data", scale=scale)
    assert not (tmp_path / "data").exists()


def test_a_full_disk_is_noticed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5_000_000})())
    with pytest.raises(SampleError, match="scale 2 needs 23 MB; 5 MB are free"):
        write_sample(tmp_path / "data", scale=2)


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("error", [duckdb.IOException, OSError])
def test_a_failure_while_writing_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool, error: type[Exception]
) -> None:
    if existing:
        write_sample(tmp_path / "data")
    before = _tree(tmp_path)
    original = bulk.Writer._write_file

    def fail_late(self: bulk.Writer, file: bulk.NewFile) -> None:
        if file.path.name == "accelerometer-0003.json":
            raise error("disk is full")
        original(self, file)

    monkeypatch.setattr(bulk.Writer, "_write_file", fail_late)
    with pytest.raises(SampleError, match="disk is full"):
        write_sample(tmp_path / "data", seed=7)
    assert _tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == (["data"] if existing else [])


@pytest.mark.parametrize("failing_move", range(8))
def test_a_failure_while_swapping_restores_the_earlier_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_move: int
) -> None:
    write_sample(tmp_path / "data")
    before = _tree(tmp_path)
    moves: list[Path] = []
    original = Path.rename

    def rename(self: Path, target: Path) -> Path:
        moves.append(self)
        if len(moves) == failing_move + 1:
            raise PermissionError("not now")
        return original(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(SampleError, match="not now"):
        write_sample(tmp_path / "data", seed=7)
    assert _tree(tmp_path) == before
    assert len(folder.ENTRIES) * 2 == 8


def test_a_folder_that_cannot_be_written() -> None:
    with pytest.raises(SampleError, match="/proc/"):
        write_sample(Path("/proc/self/data"))  # where not even root can


def test_a_symlink_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    report = write_sample(tmp_path / "link")
    assert report.directory == tmp_path / "real"
    assert (tmp_path / "link").is_symlink()
