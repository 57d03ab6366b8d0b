"""What `init` makes of texts that are spelled in a way of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.author.landing.profile import ColumnProfile
from generator.author.landing.records import Field
from generator.author.landing.types import infer
from generator.runtime.spelled_values import spelled_decoder
from generator.runtime.spelling import Spelling

COLUMNS: dict[str, tuple[list[str], str, dict[str, Any]]] = {
    "German days": (["05.03.2024", "1.4.2024"], "date", {"format": "d.M.yyyy"}),
    "one bad day": (["31.12.2023", "1.1.2024", "32.1.2024"], "date", {"format": "d.M.yyyy"}),
    "American days": (["3/5/2024", "12/31/2024"], "date", {"format": "M/d/yyyy"}),
    "British days": (["5/3/2024", "31/12/2024"], "date", {"format": "d/M/yyyy"}),
    "days that could be either": (["3/5/2024", "5/3/2024"], "string", {}),
    "the same either way": (["5/5/2024"], "string", {}),
    "names of months": (["5 Mar 2024", "31 Dec 2023"], "date", {"format": "d MMM yyyy"}),
    "half days": (["Mar 5, 2024 2:05 PM", "Dec 31, 2023 12:00 AM", "x"], "timestamp", {"format": "MMM d, yyyy h:mm a"}),
    "minutes": (["2024-03-05 14:05", "2024-03-05 09:00"], "timestamp", {"format": "yyyy-M-d H:mm"}),
    "access log": (["05/Mar/2024:14:05:00 +0100"], "timestamp", {"format": "d/MMM/yyyy:H:mm:ss XX"}),
    "offsets": (["05.03.2024 14:05:00.123 +01:00"], "timestamp", {"format": "d.M.yyyy H:mm:ss.SSS XXX"}),
    "offsets of hours": (["2024-03-05 14:05:00+00"], "timestamp", {"format": "yyyy-M-d H:mm:ssX"}),
    "fractions without zeros at their end": (
        ["2024-03-05 14:05:00.12+00", "2024-03-05 14:05:00+00", "2024-03-05 14:05:00.1234+00"],
        "timestamp",
        {"format": "yyyy-M-d H:mm:ss[.SSSSSS]X"},
    ),
    "some nanoseconds": (
        [*["2024-03-05T14:05:00.123456000Z"] * 3, "2024-03-05T14:05:00.12Z", "2024-03-05T14:05:00.123456789Z"],
        "timestamp",
        {"format": "yyyy-M-d'T'H:mm:ss[.SSSSSSSSS]XXX"},
    ),
    "plain days and a word": (["2024-03-05", "NA"], "date", {"null": ["NA"]}),
    "euros": (["1.234,56", "7,00", "abc"], "double", {"decimal": ",", "thousands": "."}),
    "decimal comma": (["7,5", "12,25", "-"], "double", {"decimal": ",", "null": ["-"]}),
    "dollars": (["1,234.56", "7.00", "1,000,000"], "double", {"thousands": ","}),
    "counts": (["1,234", "12", "1,234,567"], "int", {"thousands": ","}),
    "numbers that could be either": (["1,234", "5,678"], "string", {}),
    "padded": ([" 12", "7 "], "int", {"trim": True}),
    "numbers and a word": (["1", "2.5", "N/A"], "double", {"null": ["N/A"]}),
    "numbers and other texts": (["1", "2", "abc"], "string", {}),
    "ja": (["ja", "nein", "Ja"], "boolean", {"true": ["Ja", "ja"], "false": ["nein"]}),
    "only yes": (["yes", "yes"], "string", {}),
    "texts and null": (["x", "NA", "yz1"], "string", {"null": ["NA"]}),
    "countries": (["DE", "NA", "ZA"], "string", {}),
    "versions": (["1.2.3", "10.0.1"], "string", {}),
    "times of day": (["10:05", "23:00"], "string", {}),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_field(name: str) -> None:
    texts, kind, given = COLUMNS[name]
    found = inferred([Field(text) for text in texts])
    assert (str(found.type), found.spelling.given()) == (kind, given)
    read = spelled_decoder(found.type, found.spelling)
    assert sum(not is_read(read, text) for text in texts) == found.misfits


def is_read(read: Any, text: str) -> bool:
    try:
        read(text)
    except Exception:
        return False
    return True


def inferred(values: list[Any]) -> Any:
    column = ColumnProfile("v")
    for value in values:
        column.add(value)
    return infer(column)


def test_strings_of_json_are_only_times() -> None:
    assert inferred(["05.03.2024"]).spelling == Spelling(format=("d.M.yyyy",))
    assert all(str(inferred([text]).type) == "string" for text in ("7,5", "NA", "yes"))


@pytest.mark.parametrize("others", [[], ["2024-03-05T14:05:00.5Z"] * 9])
def test_nanoseconds_are_told(others: list[str]) -> None:
    found = inferred([*["2024-03-05T14:05:00.123456789Z"] * 5, *others])
    assert (str(found.type), found.misfits) == ("string", 0)
    assert found.remarks == ("moments finer than a microsecond, which no timestamp holds",)


def test_what_comes_later_counts() -> None:
    days = [Field(f"{n % 12 + 1:02}.01.2024") for n in range(1_000)]
    assert inferred([*days, *[Field("soon")] * 10]).misfits == 10
    assert str(inferred([*days, *[Field("soon")] * 11]).type) == "string"


def test_unclear_days_are_told(tmp_path: Path) -> None:
    (found,) = inferred([Field("3/5/2024"), Field("4/5/2024")]).remarks
    assert found == "could be `format: M/d/yyyy` or `format: d/M/yyyy`: say which, and the type"
