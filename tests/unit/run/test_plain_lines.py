"""Files that need no proof by Spark: DuckDB has seen that all of their lines are plain."""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.plan.types import parse_type
from generator.run.landing.model import LandingSource
from generator.run.program import SourceColumn, SourceProgram
from generator.run.spark import plain_lines
from generator.run.spark.plain_lines import NONE_KNOWN, looking_for_plain_lines, plain_files, plain_line
from generator.runtime.json_lines import JsonLines
from generator.runtime.options import ReadOptions
from generator.runtime.patterns import any_line, json_values
from generator.runtime.rules import LandingColumn, Rejected
from generator.runtime.shapes import shapes_of
from generator.runtime.spelling import USUAL, Spelling
from tests.engines import landing_fuzz

PEOPLE = {"name": "string", "n": "bigint", "x": "double"}
PLAIN = '{"name": "a", "n": 1, "x": -0.5}'


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connected:
        yield connected


@pytest.fixture(scope="module", params=["as objects", "as text"], autouse=True)
def _reader(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every file here is tried by the reader of few bytes, and by that of many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_lines, "is_much", lambda _: request.param == "as text")
        yield


def columns_of(kinds: dict[str, str], formats: dict[str, Any] | None = None) -> tuple[LandingColumn, ...]:
    spelled = {key: Spelling.of(one) for key, one in (formats or {}).items()}
    return tuple(
        LandingColumn(key.lower(), key, parse_type(kind), spelled.get(key, USUAL)) for key, kind in kinds.items()
    )


def people(**options: str) -> LandingSource:
    return LandingSource("people", ("people",), "json", columns_of(PEOPLE), ReadOptions.of(options))


def put(folder: Path, content: bytes, name: str = "a.json") -> Path:
    file = folder / "people" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def lines_of(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    return {name: lines for name, (*_, lines) in plain_files(connection, people(), folder).items()}


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (f"{PLAIN}\n{PLAIN}\n", 2),
        (f"{PLAIN}\n{PLAIN}", 2),
        (f'{PLAIN}\n{{"name": null, "n": null, "x": null}}\n', 2),
        (f'{PLAIN}\n{{"x": 0.0, "name": ""}}\n', 2),
        (f'{PLAIN}\n{{"name": "b", "n": -999999999999999999, "x": -0.0}}\n', 2),
    ],
)
def test_files_of_plain_lines_are_found(
    content: str, lines: int, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = put(tmp_path, content.encode())
    found = plain_files(connection, people(), tmp_path)
    assert found == {"people/a.json": (file.stat().st_size, file.stat().st_mtime_ns // 1_000_000, lines)}


@pytest.mark.parametrize(
    "content",
    [
        f"{PLAIN}{PLAIN}\n\n",
        f"{PLAIN} {PLAIN}\n",
        f"{PLAIN}\t{PLAIN}\n",
        f"{PLAIN},{PLAIN}\n",
        f"{PLAIN}\r{PLAIN}\n",
        f"{PLAIN}\r\n{PLAIN}\r\n",
        f"{PLAIN}\0{PLAIN}\n",
        f"{PLAIN}\n{PLAIN}\0\n",
        f"{PLAIN}\t\t\t\t\n{PLAIN}\n",
        f"{PLAIN}\t\t\t\t{PLAIN}\n",
        f"{PLAIN}\x0b{PLAIN}\n",
        f"{PLAIN}{PLAIN}\n\n{PLAIN}\n\n",
        f"\ufeff{PLAIN}\n",
        f"{PLAIN}\n \n",
        f"{PLAIN}\n{PLAIN} \n",
        f"{PLAIN}\n {PLAIN}\n",
        f"{PLAIN}\n{PLAIN[:-1]},}}\n",
        f"{PLAIN}\n{PLAIN[:-1]}\n",
        f"{PLAIN}\n{PLAIN} 1\n",
        f"{PLAIN}\nnull\n",
        f"{PLAIN}\n[{PLAIN}]\n",
        f'{PLAIN}\n{{"name": "a", "n": 1, "x": -0}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 1.0, "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": "a", "n": true, "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": "a", "n": "1", "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": 7, "n": 1, "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 01, "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 1, "x": NaN}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 1, "x": 1e400}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 9223372036854775808, "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 1, "x": 1.0, "n": 2}}\n',
        f'{PLAIN}\n{{"name": "a", "n": 1, "x": 1.0, "y": 2}}\n',
        f'{PLAIN}\n{{"Name": "a", "n": 1, "x": 1.0}}\n',
        f'{PLAIN}\n{{"name": "\\ud800", "n": 1, "x": 1.0}}\n',
    ],
)
def test_files_with_any_other_line_are_left_to_spark(
    content: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    put(tmp_path, content.encode())
    put(tmp_path, f"{PLAIN}\n".encode(), "[b]*.json")
    assert lines_of(connection, tmp_path) == {"people/[b]*.json": 1}


def test_a_byte_that_is_no_text_leaves_its_file_to_spark(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    put(tmp_path, PLAIN.replace('"a"', '"é"').encode("latin-1") + b"\n")
    assert lines_of(connection, tmp_path) == {}


def test_archives_are_left_to_spark_and_empty_files_are_plain(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    put(tmp_path, gzip.compress(f"{PLAIN}\n".encode()), "a.json.gz")
    put(tmp_path, b"", "b.json")
    put(tmp_path, f"{PLAIN}\n".encode(), "c.json")
    assert lines_of(connection, tmp_path) == {"people/b.json": 0, "people/c.json": 1}


@pytest.mark.parametrize(
    "columns",
    [
        columns_of({"name": "array<string>", "n": "bigint", "x": "double"}),
        (*columns_of(PEOPLE)[:1], LandingColumn("n", "n", parse_type("bigint"), Spelling(null=("NA",)))),
        (*columns_of(PEOPLE), LandingColumn("other", "NAME", parse_type("string"))),
    ],
    ids=["a type that is not proven", "another spelling", "keys that differ in case alone"],
)
def test_sources_that_are_read_in_other_ways_have_no_plain_lines(columns: Sequence[LandingColumn]) -> None:
    assert plain_line(columns, list(shapes_of([PLAIN.encode()], JsonLines(columns_of(PEOPLE))))) is None


def test_numbers_that_count_time_are_plain() -> None:
    columns = columns_of(*landing_fuzz.as_declared({"name": "string", "n": "epoch_millis", "x": "double"}))
    line = '{"name": "a", "n": 1709647500000, "x": 1.0}'
    pattern = plain_line(columns, list(shapes_of([line.encode()], JsonLines(columns))))
    assert pattern and re.fullmatch(re.sub(r"\\x\{([0-9a-f]+)\}", r"\\u00\1", pattern), line)


def test_of_very_many_columns_no_line_is_plain() -> None:
    """An expression for them would be slower than Spark's, and scripts wait for it."""
    for width, is_proven in ((100, True), (1_000, False)):
        columns = columns_of({f"column_{number}": "double" for number in range(width)})
        line = json.dumps({column.key: 0.5 for column in columns}).encode()
        assert (plain_line(columns, list(shapes_of([line], JsonLines(columns)))) is not None) is is_proven


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_a_plain_line_is_a_row_for_the_rules_and_for_the_expression_of_spark(
    data: st.DataObject, connection: duckdb.DuckDBPyConnection
) -> None:
    schema = data.draw(landing_fuzz.columns(landing_fuzz.SCALARS))
    content = data.draw(landing_fuzz.files(schema))
    columns, lines = columns_of(*landing_fuzz.as_declared(schema)), content.split(b"\n")
    shapes = list(shapes_of(lines, JsonLines(columns)))
    pattern, values = plain_line(columns, shapes), json_values(columns, ())
    if pattern is None or values is None:
        return
    proves = re.compile(any_line(values, shapes).replace(r"\z", r"\Z"))
    for line in lines:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            continue
        ((is_plain,),) = connection.execute("SELECT regexp_full_match($1, $2)", [text, pattern]).fetchall()
        if is_plain:
            assert proves.match(text), text
            JsonLines(columns).decode(line)


ENDS = (b"\n", b"\n", b"\r\n", b"\n\n", b"", b" ", b"\r", b" \n", b"\x0b\n", b",\n", b"\x00")


@settings(deadline=None, max_examples=150)
@given(parts=st.lists(st.tuples(st.sampled_from([PLAIN, PLAIN, '{"n": 1.0}', ""]), st.sampled_from(ENDS)), max_size=5))
def test_all_bytes_of_a_plain_file_are_plain_lines(
    parts: list[tuple[str, bytes]],
    connection: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("plain")
    content = b"".join(text.encode() + end for text, end in parts)
    put(folder, content)
    put(folder, f"{PLAIN}\n".encode(), "b.json")
    claimed = lines_of(connection, folder).get("people/a.json")
    records = [line for line in content.split(b"\n") if line.strip(b" \t\r\x0b\f")]
    if claimed is not None:
        rules = JsonLines(columns_of(PEOPLE))
        assert claimed == len([rules.decode(line.removesuffix(b"\r")) for line in records])


def program() -> SourceProgram:
    columns = tuple(SourceColumn(name, name, kind) for name, kind in PEOPLE.items())
    return SourceProgram("people", "z", ("people",), "json", {}, columns, (), None, (), 3, None, ())


def test_sources_are_looked_through_beside_what_goes_on(tmp_path: Path) -> None:
    put(tmp_path, f"{PLAIN}\n".encode())
    with looking_for_plain_lines([program()], tmp_path) as found:
        assert found.of("people")["people/a.json"][2] == 1
        assert found.of("nobody") == {} == NONE_KNOWN.of("people")


def test_what_goes_wrong_is_left_to_spark(tmp_path: Path) -> None:
    put(tmp_path, f"{PLAIN}\n".encode())
    os.mkfifo(tmp_path / "people" / "pipe.json")
    with looking_for_plain_lines([program()], tmp_path) as found:
        assert found.of("people") == {}


def test_who_no_longer_needs_it_waits_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, f"{PLAIN}\n".encode())
    endless = "SELECT count(*) FROM range(1000000000000) WHERE hash(range) = 0"
    monkeypatch.setattr(plain_lines, "_asked", lambda connection, *_: connection.execute(endless).fetchall())
    with looking_for_plain_lines([program()], tmp_path) as found:
        time.sleep(0.2)
    assert found.of("people") == {}


def test_a_rule_that_these_tests_rest_on() -> None:
    """The plain line is one; what it is compared with refuses others."""
    rules = JsonLines(columns_of(PEOPLE))
    assert rules.decode(PLAIN.encode()) == {"name": "a", "n": "1", "x": "-0.5"}
    with pytest.raises(Rejected):
        rules.decode(f"{PLAIN}\r{PLAIN}".encode())
