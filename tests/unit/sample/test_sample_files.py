"""What the files look like: reproducible, of the reference's shape, and nobody's real data."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from generator.sample import SampleReport, write_sample
from generator.sample.bulk import spans
from generator.sample.names import FIRST, LAST

CHECKOUT = Path(__file__).parents[3]
REAL = CHECKOUT.parent / "shared" / "stedi"
TABLES = ("customer", "accelerometer", "step_trainer")


def _digests(report: SampleReport) -> dict[str, str]:
    return {
        name: hashlib.sha256((report.directory / name).read_bytes()).hexdigest()
        for name in (*report.files, ".sample.json")
    }


def test_same_arguments_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_sample(tmp_path / "first", scale=2, seed=5)
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda: connect(config={"threads": 1}))
    second = write_sample(tmp_path / "second", scale=2, seed=5)
    assert _digests(first) == _digests(second)


def test_another_seed_gives_other_bytes_in_every_file(tmp_path: Path) -> None:
    first = _digests(write_sample(tmp_path / "first", seed=5))
    second = _digests(write_sample(tmp_path / "second", seed=6))
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


def test_the_first_cohort_is_the_same_at_any_scale(tmp_path: Path) -> None:
    def lines(scale: int) -> set[str]:
        report = write_sample(tmp_path / str(scale), scale=scale)
        return {line for name in report.files for line in (report.directory / name).read_text().splitlines()}

    assert lines(1) < lines(3)


def test_files_are_as_many_and_as_long_as_the_reference(sample: SampleReport) -> None:
    lines = {name: (sample.directory / name).read_bytes().count(b"\n") for name in sample.files}
    expected = {
        "customer": [956],
        "accelerometer": [10_000] * 8 + [1_273],
        "step_trainer": [10_000] * 2 + [8_680],
    }
    for table, counts in expected.items():
        found = [lines[name] for name in sorted(lines) if name.startswith(table)]
        assert found == [count * sample.scale for count in counts]
    assert sample.bytes == sum((sample.directory / name).stat().st_size for name in sample.files)
    on_disk = {path.relative_to(sample.directory).as_posix() for path in sample.directory.rglob("*.json")}
    assert on_disk == {*sample.files, ".sample.json"}


@pytest.mark.parametrize("scale", [1, 7, 100, 1_000])
@pytest.mark.parametrize(("table", "rows"), [("customer", 956), ("accelerometer", 81_273), ("step_trainer", 28_680)])
def test_files_cover_each_line_once_and_stay_handy(table: str, rows: int, scale: int) -> None:
    files = list(spans(f"{table}_landing", scale))
    assert files[0].start == 0
    assert files[-1].stop == rows * scale
    assert all(before.stop == after.start for before, after in itertools.pairwise(files))
    assert all(0 < len(span) <= 1_000_000 for span in files)


def test_a_person_is_in_several_files(sample: SampleReport) -> None:
    files_of = defaultdict(set)
    for name in sample.files:
        if name.startswith("accelerometer"):
            for user in re.findall(r'"user":"([^"]+)"', (sample.directory / name).read_text()):
                files_of[user].add(name)
    assert sum(len(names) > 1 for names in files_of.values()) > len(files_of) * 0.9


def test_every_address_is_reserved_for_documentation(sample: SampleReport) -> None:
    addresses = set()
    for name in sample.files:
        addresses |= set(re.findall(r"[^\s\"]*@[^\"]*", (sample.directory / name).read_text()))
    assert len(addresses) == 956 * sample.scale
    assert all(re.fullmatch(r"[A-Z][a-z]+\.[A-Z][a-z]+\d*@example\.(com|org|net)", one) for one in addresses)


def test_every_phone_number_is_fictional(sample: SampleReport) -> None:
    text = (sample.directory / "customer/landing/customer-0001.json").read_text()
    phones = re.findall(r'"phone": "(\d+)"', text)
    assert len(phones) == 956 * sample.scale
    assert all(re.fullmatch(r"80155501\d\d", phone) for phone in phones)


def test_serial_numbers_are_version_4_uuids(sample: SampleReport) -> None:
    text = (sample.directory / "customer/landing/customer-0001.json").read_text()
    serials = re.findall(r'"serialNumber": "([^"]+)"', text)
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert len(set(serials)) == 956 * sample.scale
    assert all(re.fullmatch(pattern, serial) for serial in serials)


def _shapes(folder: Path) -> set[tuple[tuple[str, type], ...]]:
    """Keys in their order, with JSON types, of all objects of a folder."""
    lines = (line for path in sorted(folder.glob("*.json")) for line in path.read_text().splitlines())
    return {tuple((key, type(value)) for key, value in json.loads(line).items()) for line in lines}


@pytest.mark.usefixtures("stedi")
@pytest.mark.parametrize("table", TABLES)
def test_keys_types_and_order_are_the_references(table: str, tmp_path: Path) -> None:
    report = write_sample(tmp_path / "sample")
    assert _shapes(report.directory / table / "landing") == _shapes(REAL / table / "landing")


@pytest.mark.usefixtures("stedi")
@pytest.mark.parametrize("table", TABLES)
def test_spacing_and_number_formats_are_the_references(table: str, tmp_path: Path) -> None:
    """The text of a line with letters, digits and signs of its values masked."""

    def masks(folder: Path) -> set[str]:
        texts = (path.read_text() for path in sorted(folder.glob("*.json")))
        lines = (line for text in texts for line in text.splitlines(keepends=True))
        return {re.sub(r"(?<=[ :])-?\d+", "0", re.sub(r'("\s*:\s*)"[^"]*"', r'\1""', line)) for line in lines}

    report = write_sample(tmp_path / "sample")
    assert masks(report.directory / table / "landing") == masks(REAL / table / "landing")


@pytest.mark.usefixtures("stedi")
def test_no_name_or_serial_number_is_taken_from_the_reference(tmp_path: Path) -> None:
    pattern = re.compile(r'"serialNumber": ?"([^"]+)"')
    text = "".join(path.read_text() for path in REAL.rglob("customer*.json"))
    names = {part for name in re.findall(r'"customerName": "([^"]+)"', text) for part in name.split()}
    assert not names & {*FIRST, *LAST}
    ours = (write_sample(tmp_path / "sample").directory / "customer/landing/customer-0001.json").read_text()
    assert not set(pattern.findall(text)) & set(pattern.findall(ours))
