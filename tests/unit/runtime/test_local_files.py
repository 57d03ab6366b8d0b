"""Which files there are, whatever lies in a folder: links, circles of them, and what is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.runtime.local_files import NoFile, data_files
from generator.runtime.names import is_data, refusal


def test_linked_folders_and_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/one.json").write_text("{}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/_hidden").mkdir()
    (tmp_path / "data/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data/again.json").symlink_to(tmp_path / "elsewhere/one.json")
    found = [path.relative_to(tmp_path).as_posix() for path in data_files(tmp_path / "data").files]
    assert found == ["data/again.json", "data/linked/one.json"]


def test_two_links_to_one_folder_are_no_circle(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/one.json").write_text("{}")
    (tmp_path / "data").mkdir()
    for name in ("a", "b"):
        (tmp_path / "data" / name).symlink_to(tmp_path / "elsewhere")
    assert len(data_files(tmp_path / "data").files) == 2


@pytest.mark.parametrize("kind", ["circle", "circle of two", "gone", "fifo"])
def test_what_cant_be_read_is_refused(tmp_path: Path, kind: str) -> None:
    data = tmp_path / "data"
    (data / "inner").mkdir(parents=True)
    if kind == "circle":
        (data / "inner/x").symlink_to(data)
    elif kind == "circle of two":
        (tmp_path / "other").mkdir()
        (data / "inner/x").symlink_to(tmp_path / "other")
        (tmp_path / "other/back").symlink_to(data / "inner")
    elif kind == "gone":
        (data / "inner/x").symlink_to(tmp_path / "nowhere.json")
    else:
        os.mkfifo(data / "inner/x")
    with pytest.raises(NoFile) as error:
        data_files(data)
    assert error.value.path.is_relative_to(data / "inner/x")


def test_marks_of_other_tools_are_no_data() -> None:
    assert not is_data("2024_$folder$")
    assert is_data("2024.json")
    assert "colon" in (refusal("a:b.json") or "")
