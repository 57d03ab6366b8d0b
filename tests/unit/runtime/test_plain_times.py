"""What engines read by themselves is what the exact rule reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.run.landing.fields import plain_moment
from generator.runtime.plain_times import PlainTimes, plain_times
from generator.runtime.spelling import Spelling
from generator.runtime.time_patterns import TimePattern

DAYS = (
    "dd.MM.yyyy", "d.M.yyyy", "M/d/yyyy", "MM/dd/yy", "yyyy-MM-dd", "yyyy-M-d", "yyyyMMdd", "MMM d, yyyy",
    "d MMMM uuuu", "dd-MMM-yy", "dd yyyy MM", "d 'of' MMMM, yyyy",
)  # fmt: skip
CLOCKS = ("", "'T'HH:mm:ss", "THH:mm", " H:mm", " h:mm a", ", hh:mm:ssa", " HH:mm[:ss]", "' at 'H:m:s", " HH")
FRACTIONS = ("", ".SSS", "[.SSSSSS]", ".SSSSSSSSS", ",S")
OFFSETS = ("", "XXX", " XX", "X", " Z", "x", "xxx")

patterns = st.tuples(*map(st.sampled_from, (DAYS, CLOCKS, FRACTIONS, OFFSETS))).map(
    lambda parts: "".join(
        (parts[0], parts[1], *(parts[2:] if ":ss" in parts[1] and not parts[1].endswith("]") else parts[3:]))
    )
)


def plain(pattern: str) -> PlainTimes:
    found = plain_times(Spelling(format=(pattern,)))
    assert found
    return found


def for_python(expression: str) -> str:
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda match: re.escape(chr(int(match[1], 16))), expression)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Of a machine far from UTC."""
    with duckdb.connect() as connected:
        connected.execute("SET TimeZone = 'America/New_York'")
        yield connected


@settings(deadline=None, max_examples=300)
@given(data=st.data(), pattern=patterns)
def test_what_matches_is_a_moment_and_duckdb_reads_the_same(
    data: st.DataObject, pattern: str, connection: duckdb.DuckDBPyConnection
) -> None:
    found = plain(pattern)
    assert found.strptime
    text = data.draw(st.from_regex(for_python(found.expression), fullmatch=True))
    query = f"SELECT regexp_full_match($1, $2), {plain_moment('$1', found)}"
    expected = TimePattern(pattern).read(text)
    assert connection.execute(query, [text, found.expression]).fetchall() == [(True, expected)]


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("d.M.yyyy", ["1.1.2024", "31.12.2024", "30.4.2024", "29.1.2023", "05.03.2024", "29.2.2024", "29.02.9996"]),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXX", ["2024-03-31T23:59:59.1Z", "2024-03-31T23:59:59.123+0530"]),
        ("dd-MMM-yy", ["31-Dec-23", "01-Feb-24", "29-Feb-24", "29-Feb-00"]),
        ("dd yyyy MM", ["31 2024 01", "29 2000 02"]),
        ("d MMMM HH:mm yyyy", ["31 March 10:00 2024"]),
        ("yyyy-M-d H:mm:ss[.SSSSSS]X", ["2024-03-05 14:05:00+00", "2024-03-05 14:05:00.5-05"]),
    ],
)
def test_usual_texts_match(pattern: str, texts: list[str]) -> None:
    assert all(re.fullmatch(for_python(plain(pattern).expression), text) for text in texts)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("dd.MM.yyyy", "31.02.2024"), ("dd.MM.yyyy", "31.04.2024"), ("dd.MM.yyyy", "00.04.2024"),
        ("dd.MM.yyyy", "29.02.2023"), ("dd.MM.yyyy", "29.02.1900"), ("dd MMM yy", "29 Feb 50"),
        ("dd.MM.yyyy", "1.04.2024"), ("dd.MM.yyyy", "01.13.2024"), ("dd.MM.yyyy", "01.01.0024"),
        ("MMM d, yyyy h:mm a", "Mar 5, 2024 0:05 AM"), ("yyyy-MM-dd HH:mmXXX", "9999-12-31 23:59-14:00"),
    ],
)  # fmt: skip
def test_what_is_no_moment_does_not_match(pattern: str, text: str) -> None:
    assert not re.fullmatch(for_python(plain(pattern).expression), text)


@pytest.mark.parametrize(
    "pattern",
    ["EEE, d MMM yyyy", "yyyyMMddHHmmssSSS", "yyyy-MM-dd HH:mm z", "epoch_millis", "dd|MM|yyyy", "[dd.MM.]yyyy"],
)
def test_other_patterns_are_left_to_the_rule(pattern: str) -> None:
    assert plain_times(Spelling(format=(pattern,))) is None


def test_duckdb_reads_no_offset_that_may_be_missing() -> None:
    assert plain("yyyy-MM-dd HH:mm[XXX]").strptime == ()
    assert TimePattern("yyyy-MM-dd HH:mm[XXX]").read("2024-03-05 14:05+01:00") == datetime(2024, 3, 5, 13, 5)
