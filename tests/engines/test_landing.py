"""Every line of landing data is in the table or the quarantine, and the fast path changes nothing of it."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.plan.types import duckdb_type, parse_type
from generator.run.landing import (
    LandingColumn,
    LandingError,
    LandingReport,
    LandingSource,
    files,
    flat,
    formats,
    landing_table,
    proven,
    quarantine_table,
    read_landing,
    reader,
    regular,
    scan,
)
from generator.run.landing.sql import name
from generator.runtime import json_lines, rules
from generator.runtime.csv_records import csv_pieces
from generator.runtime.options import ReadOptions
from generator.runtime.spelling import Spelling

sys.path.insert(0, str(Path(__file__).parent))
import landing_fuzz
from dirty_cases import CASES, GOOD, Case, document
from wide_lines import WIDE

PATHS = ("flat", "lists", "regular", "sooner", "exact")
EXAMPLES = int(os.environ.get("LANDING_EXAMPLES", "20"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connected:
        connected.execute("SET threads = 2")
        yield connected


@pytest.fixture
def own_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """For tests that change its settings."""
    with duckdb.connect() as connected:
        yield connected


def source_of(case: Case) -> LandingSource:
    columns = tuple(
        LandingColumn(key.lower() or "c", key, parse_type(kind), Spelling.of(case.formats.get(key, {})))
        for key, kind in case.columns.items()
    )
    return LandingSource("src", ("in",), case.format, columns, ReadOptions.of(case.options))


def write(connection: duckdb.DuckDBPyConnection, folder: Path, files: Mapping[str, bytes | str]) -> None:
    for file, content in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            connection.execute(f"COPY ({content}) TO '{path}' (FORMAT parquet)")
        else:
            path.write_bytes(content)


def contents(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Rows and quarantine, each in a fixed order; rows as text, which tells -0.0 from 0.0 and 1 from 1.0."""
    rows = connection.execute(f"SELECT * EXCLUDE (_file) FROM {landing_table('src')}").fetchall()
    rejected = connection.execute(f"FROM {quarantine_table('src')} ORDER BY file, line").fetchall()
    return sorted(map(repr, rows)), rejected


@contextmanager
def path(way: str) -> Iterator[dict[str, bool]]:
    """Options of `read_landing` that make lines take this path where it is sound for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formats, "BYTES_PER_PROOF", 1 if way in ("flat", "lists", "sooner") else sys.maxsize)
        patch.setattr(formats, "MUCH", 0 if way == "sooner" else sys.maxsize)
        patch.setattr(formats, "MUCH_A_FILE", 0)
        patch.setattr(flat, "_MANY", 0 if way == "lists" else sys.maxsize)
        yield {"fast": way != "exact"}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(connection: duckdb.DuckDBPyConnection, tmp_path: Path, case: Case) -> None:
    """By each path its lines are the same rows, and the same quarantine."""
    write(connection, tmp_path / "in", case.files)
    source, found = source_of(case), []
    for way in PATHS if case.format == "json" else ("regular", "exact"):
        with path(way) as options:
            if case.error:
                with pytest.raises(LandingError, match=re.escape(case.error)):
                    read_landing(connection, source, tmp_path, **options)
                continue
            report = read_landing(connection, source, tmp_path, **options)
        rows, rejected = contents(connection)
        assert rows == sorted(map(repr, case.rows)), way
        assert [(line, reason) for _, line, reason, *_ in rejected] == list(case.rejected), way
        assert_consistent(report, case)
        assert_declared(connection, source)
        found.append(rejected)
    assert all(one == found[0] for one in found)


def assert_consistent(report: LandingReport, case: Case) -> None:
    assert report.rows + report.quarantined == report.lines
    assert (report.rows, report.quarantined) == (len(case.rows), len(case.rejected))
    assert report.reasons == Counter(reason for _, reason in case.rejected)
    assert (report.extra_keys, report.missing) == (case.extra_keys, case.missing)


def assert_declared(connection: duckdb.DuckDBPyConnection, source: LandingSource) -> None:
    texts = f"SELECT * REPLACE (_file::VARCHAR AS _file) FROM {landing_table('src')}"
    found = connection.execute(f"DESCRIBE {texts}").fetchall()
    types = ", ".join(f"NULL::{duckdb_type(column.type)} AS {name(column.name)}" for column in source.columns)
    assert found == connection.execute(f"DESCRIBE SELECT {types}, NULL::VARCHAR AS _file").fetchall()


@pytest.mark.parametrize("case", WIDE, ids=lambda case: case.name)
def test_wide_lines(connection: duckdb.DuckDBPyConnection, tmp_path: Path, case: Case) -> None:
    write(connection, tmp_path / "in", case.files)
    source, found = source_of(case), []
    for most in (1, sys.maxsize):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(formats, "BYTES_PER_PROOF", most)
            report = read_landing(connection, source, tmp_path)
        found.append((report, contents(connection)))
    assert found[0] == found[1]
    assert (read_landing(connection, source, tmp_path, fast=False), contents(connection)) == found[0]
    assert min(found[0][0].quarantined, found[0][0].rows) > 10


def test_a_text_of_null_stands_for_no_number(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Nulls are counted where values are tested as lists: no text can stand for one that is a number too large."""
    odd = ('{"k":":null","n":1e999}', '{"k":"a","n":null}', '{"k":"a:b","n":null}', '{"k":"n:null","n":99999999999}')
    content = "".join(f"{line}\n" for line in (*odd, *['{"k":"a","n":1}'] * 100)).encode()
    write(connection, tmp_path / "in", {"a.json": content})
    source, found = source_of(Case("", "", {}, columns={"k": "string", "n": "int"})), []
    for way in PATHS:
        with path(way) as options:
            read_landing(connection, source, tmp_path, **options)
        found.append(contents(connection))
    assert all(one == found[-1] for one in found)
    assert [line for _, line, *_ in found[0][1]] == [1, 4]


@pytest.mark.parametrize("text", ['"77"', ' "77"', '"77" ', '\t"77"', "true", '"null"', "{}", "[77]", "77e0"])
@pytest.mark.parametrize("key", ["a", "t", "z"])
def test_a_text_of_a_number_is_no_number(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, key: str, text: str
) -> None:
    """Wherever it stands among lines of the usual shape."""
    usual = '{"a":1,"k":"x","t":2,"z":3}'
    odd = re.sub(rf'(?<="{key}":)\d', lambda _: text, usual)
    write(connection, tmp_path / "in", {"a.json": "\n".join([usual] * 20 + [odd]).encode()})
    source = source_of(Case("", "", {}, columns={"a": "bigint", "k": "string", "t": "int", "z": "double"}))
    found = []
    for way in PATHS:
        with path(way) as options:
            read_landing(connection, source, tmp_path, **options)
        found.append(contents(connection))
    assert all(one == found[-1] for one in found)
    assert len(found[0][0]) == (21 if text == "77e0" else 20)


@pytest.mark.parametrize(("width", "is_left"), [(20, False), (300, True)])
def test_an_expression_of_very_many_keys_is_left_to_the_rules(tmp_path: Path, width: int, is_left: bool) -> None:
    """It would take ten times as long as they do."""
    columns = tuple(LandingColumn(f"c{n}", f"c{n}", parse_type("boolean")) for n in range(width))
    assert (scan.json_scan(columns, (), 1) is None) == is_left


@pytest.mark.parametrize("case", [case for case in CASES if not case.error], ids=lambda case: case.name)
def test_rows_that_sql_proves_may_go_to_a_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    """Whether their other lines are noted, or are too many for that."""
    write(connection, tmp_path / "in", case.files)
    source, into = source_of(case), tmp_path / "rows.parquet"
    known = read_landing(connection, source, tmp_path)
    expected = contents(connection)
    for most in (proven.MOST_NOTED, 0):
        monkeypatch.setattr(proven, "MOST_NOTED", most)
        into.unlink(missing_ok=True)
        report = read_landing(connection, source, tmp_path, into=into)
        rows, rejected = contents(connection)
        apart = connection.execute(f"SELECT * EXCLUDE (_file) FROM '{into}'").fetchall() if report.apart else []
        assert (sorted(rows + list(map(repr, apart))), rejected) == expected
        assert (replace(report, apart=0), report.apart) == (known, len(apart))
        assert logs(connection) == 0


@pytest.mark.parametrize(("format_", "content"), [("json", GOOD), ("csv", b"k,n\na,1\nb,2\n")])
def test_rows_of_usual_files_go_to_the_file_alone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, format_: str, content: bytes
) -> None:
    write(connection, tmp_path / "in", {f"a.{format_}": content})
    columns = {"k": "string", "n": "bigint"}
    source = source_of(Case("", "", {}, columns=columns, format=format_))
    report = read_landing(connection, source, tmp_path, into=tmp_path / "rows.parquet")
    assert report.apart == report.rows > 0
    assert contents(connection) == ([], [])


def logs(connection: duckdb.DuckDBPyConnection) -> int:
    """How many entries DuckDB's log has; a next query would be one if it were on."""
    ((number,),) = connection.execute("SELECT count(*) FROM duckdb_logs").fetchall()
    return int(number)


@pytest.mark.parametrize("way", PATHS)
def test_long_lines(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A line is a row up to a size that can be read in time and memory; of a longer one the beginning is kept."""
    for module in (rules, json_lines, scan):
        monkeypatch.setattr(module, "MAX_RECORD", 2_000)
    longest = '{"k":"' + "x" * 1_992 + '"}'
    longer = ("[" * 2_001, longest.replace(":", ": "))
    (tmp_path / "in").write_text("\n".join(('{"k":"a"}', longest, longest + " ", *longer, '{"k":"b"}')))
    source = LandingSource("src", ("in",), "json", (LandingColumn("k", "k", parse_type("string")),))
    with path(way) as options:
        report = read_landing(connection, source, tmp_path, **options)
    assert (report.rows, report.reasons) == (4, {"too_long": 2})
    _, rejected = contents(connection)
    assert [(line, reason, len(raw)) for _, line, reason, _, raw in rejected] == [
        (4, "too_long", 1_003),
        (5, "too_long", 1_003),
    ]


@pytest.mark.parametrize("kinds", [landing_fuzz.FLAT, landing_fuzz.SCALARS, landing_fuzz.SCALARS + landing_fuzz.NESTED])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_proofs_are_sound(tmp_path_factory: pytest.TempPathFactory, kinds: tuple[str, ...], data: Any) -> None:
    """On damaged lines, SQL decides as the exact rules do, and no line is lost."""
    schema = data.draw(landing_fuzz.columns(kinds))
    content = data.draw(landing_fuzz.files(schema))
    columns, formats = landing_fuzz.as_declared(schema)
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "in").write_bytes(content)
    found = {}
    with duckdb.connect() as connection:
        for way in PATHS:
            with path(way) as options:
                report = read_landing(
                    connection, source_of(Case("", "", {}, columns=columns, formats=formats)), folder, **options
                )
            found[way] = report, contents(connection)
    assert all(one == found["exact"] for one in found.values()), found
    assert report.lines == sum(bool(line.strip()) for line in content.split(b"\n"))


@pytest.mark.parametrize("way", ["regular", "exact"])
@pytest.mark.parametrize("line", [b"x,2\0", b"x,2\0\0", b"x,\0002", b"\0x,2", b"\0"])
def test_a_zero_byte_in_csv_is_found_wherever_it_is(
    line: bytes, way: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """DuckDB's reader, told of no delimiter, would leave out those at the end of a line: it isn't given such files."""
    write(connection, tmp_path / "in", {"a.csv": b"a,b\nx,1\n" + line + b"\nx,3\n"})
    source = source_of(Case("", "", {}, columns={"a": "string", "b": "bigint"}, format="csv"))
    with path(way) as options:
        report = read_landing(connection, source, tmp_path, **options)
    rows, rejected = contents(connection)
    assert rows == ["('x', 1)", "('x', 3)"] and [number for _, number, *_ in rejected] == [3]
    assert report.reasons == {"broken_csv": 1}


@settings(deadline=None, max_examples=EXAMPLES)
@given(
    parts=st.lists(st.sampled_from(["a", "bb", "\n", "\n", "\r\n", " ", "\t", "\v\n", "\ufeff", "\n\n", "c\n" * 9])),
    ordinals=st.lists(st.integers(1, 60), unique=True).map(sorted),
)
def test_lines_that_are_sought_are_found_whatever_is_passed_over(
    parts: list[str], ordinals: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a"
    path.write_text("".join(parts), newline="")
    file = files.LandingFile("a", path)
    all_lines, found, sought = list(files.lines(file)), [], files.Sought(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_FAR", 2)
        patch.setattr(files, "_BLOCK", 8)
        left = list(ordinals)
        sought.ordinal = left.pop(0) if left else 10**9
        for line in files.lines(file, sought):
            if line.ordinal == sought.ordinal:
                found.append(line)
                sought.ordinal = left.pop(0) if left else 10**9
    assert found == [line for line in all_lines if line.ordinal in ordinals]


@pytest.mark.parametrize("way", PATHS)
@pytest.mark.parametrize("mark", ["\ufeff\n", "\ufeff \t\n", "\ufeff\n\n"])
def test_a_mark_on_a_line_of_its_own_shifts_no_other(
    mark: str, way: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Lines are found again by their order and size: another line of the same size would be taken for one."""
    write(connection, tmp_path / "in", {"a.json": f'{mark}{{"k":"a","n":1}}\n{{"k":7,"n":"1"}}\n'.encode()})
    with path(way) as options:
        read_landing(
            connection, source_of(Case("", "", {}, columns={"k": "string", "n": "bigint"})), tmp_path, **options
        )
    rows, rejected = contents(connection)
    assert rows == ["('a', 1)"] and [line for _, line, *_ in rejected] == [mark.count("\n") + 2]


PLAIN = '{"k":"a","n":1}'


@pytest.mark.parametrize(
    ("content", "scans"),
    [
        (f"{PLAIN}\n{PLAIN}\n", 1),
        (f"{PLAIN}\n{PLAIN}", 1),
        (f"\ufeff{PLAIN}\n{PLAIN}", 1),
        (f"\n{PLAIN}\n \t\n\n  {PLAIN}  \n \n", 1),
        (f'{PLAIN}\n{{"n":"1","k":"a"}}\n{PLAIN}\n', 1),
        (f'{PLAIN}\n\n{{"n":1,"k":"a"\n{PLAIN}\n', 1),
        (f'{PLAIN}\n \n{{"n":1,"k":"a"}}\n{{"k":null,"n":2}}\n{{"k":"\\u00e9","n":null}}\n{{}}\n', 1),
        (f'{PLAIN}\n{{"k":"b","n":true}}\n{{"k":"b","n":1,}}\n{{"k":"b","n":1.5}}\n{{"k":"b","n":1e400}}\n', 1),
        (f"{PLAIN}{PLAIN}\n{PLAIN}\n{PLAIN} 1\n", 1),
        (f'{PLAIN}\n{{"k":"a","n":nul}}\n', 2),
        (f'{PLAIN}\n{{"k":"a","n":1}}{{}}\n', 2),
        (f'{PLAIN}\n{{"k":"\\ud800","n":1}}\n', 2),
        (f"{PLAIN}\r\n{PLAIN}\r\n", 2),
        (f"{PLAIN}\n{PLAIN}\r{PLAIN}\n", 2),
        (f"{PLAIN}\n{PLAIN}\0\n\0{PLAIN}\n\0\n\0", 1),
        (f"{PLAIN}\n{PLAIN}\t\t\t\t\n\t\t\t\t\n{PLAIN}\t\t\t\n", 1),
        (f"{PLAIN}\n\t\t\t\t{PLAIN}\n", 2),
        (f"{PLAIN}\n".encode() + b'{"k":"\xff","n":1}\n', 2),
    ],
)
def test_a_scan_that_takes_less_time_finds_the_same(
    content: str | bytes, scans: int, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Or it fails, and the usual one has all of the lines."""
    raw = content if isinstance(content, bytes) else content.encode()
    write(connection, tmp_path / "in", {"a.json": raw, "b.json": f"{PLAIN}\n".encode()})
    source, asked = source_of(Case("", "", {}, columns={"k": "string", "n": "bigint"})), []
    found = []
    for way in ("sooner", "exact"):
        with path(way) as options, pytest.MonkeyPatch.context() as patch:
            patch.setattr(proven, "_noting", partial(_noted, proven._noting, asked))
            report = read_landing(connection, source, tmp_path, **options)
        found.append((report, contents(connection)))
    assert found[0] == found[1] and len(asked) == scans


def _noted(noting: Any, asked: list[int], connection: duckdb.DuckDBPyConnection) -> Any:
    asked.append(1)
    return noting(connection)


@pytest.mark.parametrize("options", landing_fuzz.CSV_OPTIONS, ids=str)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_csv_is_cut_alike_whatever_is_in_it(
    tmp_path_factory: pytest.TempPathFactory, options: dict[str, Any], data: Any
) -> None:
    """Each record is a row or quarantined, with the line that it begins on; SQL changes nothing of it."""
    content = data.draw(landing_fuzz.csv_files(options))
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "in").write_bytes(content)
    case = Case("", "", {}, columns={"a": "string", "b": "bigint", "c": "double"}, format="csv", options=options)
    found = []
    with duckdb.connect() as connection:
        for way in ("regular", "exact"):
            with path(way) as ways:
                report = read_landing(connection, source_of(case), folder, **ways)
            found.append((report, contents(connection)))
    assert found[0] == found[1]
    assert report.rows + report.quarantined == report.lines
    assert (len(found[0][1][0]), len(found[0][1][1])) == (report.rows, report.quarantined)
    assert_nothing_is_lost(content, case)


def assert_nothing_is_lost(content: bytes, case: Case) -> None:
    """Each character that isn't white space is in a record, unless the options say that it is in none."""
    options = ReadOptions.of(case.options)
    cut = list(csv_pieces(content, options, len(case.columns)))
    assert [piece.line for piece in cut] == sorted({piece.line for piece in cut})
    if options.encoding == "utf-8" and not options.comment:
        lines = content.split(b"\n")[options.skip_lines :]
        assert b"".join(b"".join(lines).split()) == b"".join(b"".join(piece.content for piece in cut).split())


def only_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        pytest.fail("a line was left to the exact path")

    monkeypatch.setattr(reader, "_decode", fail)


@pytest.mark.parametrize("kind", [kind for kind in landing_fuzz.FITTING if not kind.startswith("map")])
def test_usual_values_take_the_fast_path(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    only_sql(monkeypatch)
    if kind.startswith("struct"):
        literals = [text for text in landing_fuzz.FITTING[kind] if not text.startswith('{"b":"x",')]
    else:
        literals = [*landing_fuzz.FITTING[kind], "null"]
    texts = [f'{{"id":{number},"v":{text},"w":"x"}}' for number, text in enumerate(literals)]
    texts += ['{"id":9,"w":"\\"quoted\\""}', '{"id":10,"w":"x"}']
    write(connection, tmp_path / "in", {"a.json": "\n".join(texts).encode()})
    columns, formats = landing_fuzz.as_declared({"id": "bigint", "v": kind, "w": "string"})
    source = source_of(Case("", "", {}, columns=columns, formats=formats))
    assert read_landing(connection, source, tmp_path).rows == len(texts)


@pytest.mark.parametrize(
    ("kind", "spelling", "texts"),
    [
        ("date", {"format": "d.M.yyyy"}, "05.03.2024 1.4.2024 31.12.2024"),
        ("timestamp", {"format": "dd/MM/yyyy HH:mm:ss"}, "05/03/2024_14:05:00"),
        ("timestamp", {"format": "epoch_millis"}, "1709647500000 -1 0"),
        ("timestamp", {"format": "epoch_nanos"}, "1709647500000001000 -1000 0"),
        ("decimal(18,2)", {"decimal": ",", "thousands": "."}, "1.234.567,89 -7 0,5 1234"),
        ("bigint", {"thousands": ",", "null": ["NA"]}, "1,234 12 NA"),
        ("boolean", {"true": ["ja"], "false": ["nein"]}, "ja nein"),
        ("string", {"null": ["NA"]}, "NA x"),
    ],
)
def test_spelled_values_take_the_fast_path(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    spelling: dict[str, Any],
    texts: str,
) -> None:
    only_sql(monkeypatch)
    fields = [*(text.replace("_", " ") for text in texts.split()), ""]
    content = "n;v\n" + "".join(f"1;{field}\n" for field in fields)
    write(connection, tmp_path / "in", {"a.csv": content.encode()})
    columns = {"n": "int", "v": kind}
    case = Case("", "", {}, columns=columns, formats={"v": spelling}, format="csv", options={"delimiter": ";"})
    assert read_landing(connection, source_of(case), tmp_path).rows == len(fields)


def test_known_shapes_are_proven_without_the_expression(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LIKE alone proves flat lines: nulls, missing and undeclared keys, and snake case included."""
    only_sql(monkeypatch)
    monkeypatch.setattr(regular, "line_pattern", lambda *_: "no line matches this")
    content = b"""{"user_id": 1, "first_name": "a", "x": 1.5, "other_key": "b", "n": 2}
{"user_id": null, "first_name": "a", "x": null, "other_key": "b", "n": 2}
{"user_id": 3, "first_name": null}
{"first_name": "a", "x": -1e3}
"""
    write(connection, tmp_path / "in", {"a.json": content})
    source = source_of(Case("", "", {}, columns={"user_id": "bigint", "first_name": "string", "x": "double"}))
    with path("flat"):
        report = read_landing(connection, source, tmp_path)
    assert (report.rows, report.extra_keys) == (4, ("n", "other_key"))
    assert contents(connection)[0] == [
        "(1, 'a', 1.5)",
        "(3, None, None)",
        "(None, 'a', -1000.0)",
        "(None, 'a', None)",
    ]


def test_undeclared_keys_are_reported_wherever_they_appear(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """After more lines than shapes are guessed from; a name like the declared one, too."""
    content = b'{"a_b":"x"}\n' * 1000 + b'{"aXb":"x"}\n{"a_b":"x","zz":[[[1]]]}\n'
    write(connection, tmp_path / "in", {"a.json": content})
    for way in PATHS:
        with path(way) as options:
            report = read_landing(
                connection, source_of(Case("", "", {}, columns={"a_b": "string"})), tmp_path, **options
            )
        assert (report.rows, report.extra_keys) == (1002, ("aXb", "zz"))


LARGE = {
    "json": (
        "",
        '{"k":"%s","n":1,"d":1.5}' % ("x" * 200),
        {7: "{", 99_999: '{"k":1}', 250_001: "[1]", 399_999: '{"N":1}'},
    ),
    "csv": ("k,n,d", "x" * 200 + ",1,1.5", {7: "x", 99_999: "x,x,", 250_001: 'x",,', 399_999: ",,,"}),
}


@pytest.mark.parametrize("format_", LARGE)
def test_lines_are_found_again_in_large_files(
    own_connection: duckdb.DuckDBPyConnection, tmp_path: Path, format_: str
) -> None:
    """Read by several threads in blocks, and not in order, a file keeps its line numbers."""
    first, good, bad = LARGE[format_]
    with (tmp_path / "in").open("w") as stream:
        stream.write(first + "\n")
        for number in range(2, 400_001):
            stream.write(bad.get(number, good if number % 1000 else "") + "\n")
    own_connection.execute("SET threads = 4")
    own_connection.execute("SET preserve_insertion_order = false")
    report = read_landing(own_connection, source_of(Case("", "", {}, format=format_)), tmp_path)
    assert (report.lines, report.rows) == (399_599, 399_595)
    rejected = contents(own_connection)[1]
    assert [(line, raw) for _, line, _, _, raw in rejected] == list(bad.items())


@pytest.mark.parametrize("file", ["a.json", "a.csv"])
def test_a_file_that_duckdb_reads_differently(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """If a line isn't where DuckDB said, the file is read again, by the exact rules alone."""
    content = {"a.json": b'{"k":"a"}\n{\n{"n":"1"}\n{"n":1}\n', "a.csv": b"k,n,d\na,,\nb\n,x,\n,1,\n"}[file]
    write(connection, tmp_path / "in", {file: content, "b": b"" if file == "a.csv" else GOOD})
    source = source_of(Case("", "", {}, format=file[2:]))
    expected = read_landing(connection, source, tmp_path), contents(connection)
    monkeypatch.setattr(formats.JsonFormat, "size", lambda *_: -1)
    monkeypatch.setattr(formats.CsvFormat, "size", lambda *_: -1)
    scan, scanned = reader.scan_proven, []

    def record(connection: duckdb.DuckDBPyConnection, groups: list[formats.Group], *others: Any, **options: Any) -> Any:
        scanned.append([file.name for group in groups for file in group.files])
        return scan(connection, groups, *others, **options)

    monkeypatch.setattr(reader, "scan_proven", record)
    assert (read_landing(connection, source, tmp_path), contents(connection)) == expected
    others = ["in/b"] if file == "a.json" else []
    assert scanned == [[f"in/{file}", *others], others]
    assert expected[0].quarantined == 2


def test_lines_beyond_the_readers_limits(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """DuckDB refuses objects above 16 MB and CSV lines above 2 MB; they are rows all the same."""
    long = "x" * 40_000_000
    write(
        connection,
        tmp_path / "in",
        {"a.json": b'{"k":"a"}\n', "b.json": f'{{"k":"{long}"}}\n{{"k":1}}'.encode()},
    )
    report = read_landing(connection, source_of(Case("", "", {})), tmp_path)
    assert (report.rows, report.quarantined) == (2, 1)
    lengths = connection.execute(f"SELECT strlen(k) FROM {landing_table('src')} ORDER BY 1").fetchall()
    assert lengths == [(1,), (40_000_000,)]
    write(connection, tmp_path / "csv" / "in", {"a.csv": f"k,n,d\n{long},1,1\nx,1,x\n".encode()})
    report = read_landing(connection, source_of(Case("", "", {}, format="csv")), tmp_path / "csv")
    assert (report.rows, report.quarantined) == (1, 1)


def test_quarantine_tells_what_happened(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    files = {"b/x.json": b'\n{"n":"12"}\r\n', "a.json": b'{"N":1}\n\xff\n{"k":"caf\xe9\x00"}\n{} {}\n'}
    write(connection, tmp_path / "in", files)
    report = read_landing(connection, source_of(Case("", "", {})), tmp_path)
    assert contents(connection)[1] == [
        ("in/a.json", 1, "wrong_case", "key `N` where `n` is declared", '{"N":1}'),
        ("in/a.json", 2, "invalid_utf8", "byte 0xff at position 1 is not UTF-8", "\\xff"),
        ("in/a.json", 3, "invalid_utf8", "byte 0xe9 at position 10 is not UTF-8", '{"k":"caf\\xe9\0"}'),
        ("in/a.json", 4, "text_after_value", "`{}` follows the first value", "{} {}"),
        ("in/b/x.json", 2, "wrong_type", "`n`: the string `12` where bigint belongs", '{"n":"12"}'),
    ]
    assert report.reasons == {"invalid_utf8": 2, "text_after_value": 1, "wrong_case": 1, "wrong_type": 1}
    assert report.files == 2


def test_a_read_replaces_the_last_one(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    write(connection, tmp_path / "in", {"a.json": b'{"n":1}\n{\n'})
    source = source_of(Case("", "", {}))
    first = read_landing(connection, source, tmp_path)
    assert read_landing(connection, source, tmp_path) == first
    assert [len(found) for found in contents(connection)] == [1, 1]


@pytest.mark.parametrize("value", ["true", "false"])
def test_the_connection_keeps_its_settings(
    own_connection: duckdb.DuckDBPyConnection, tmp_path: Path, value: str
) -> None:
    own_connection.execute(f"SET preserve_insertion_order = {value}")
    write(own_connection, tmp_path / "in", {"a.json": b'{"n":1}\n{\n'})
    read_landing(own_connection, source_of(Case("", "", {})), tmp_path)
    assert own_connection.execute("SELECT current_setting('preserve_insertion_order')").fetchall() == [
        (value == "true",)
    ]


def test_a_time_zone_changes_nothing(own_connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    own_connection.execute("SET TimeZone = 'America/New_York'")
    write(
        own_connection,
        tmp_path / "in",
        {"a.json": b'{"t":"2024-07-01T12:00:00"}\n{"t":"2024-07-01T12:00:00+02:00"}\n'},
    )
    read_landing(own_connection, source_of(Case("", "", {}, columns={"t": "timestamp"})), tmp_path)
    assert [row[:37] for row in contents(own_connection)[0]] == [
        "(datetime.datetime(2024, 7, 1, 10, 0)", "(datetime.datetime(2024, 7, 1, 12, 0)",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["in", "in/pipe"])
def test_a_pipe_is_refused_at_once(connection: duckdb.DuckDBPyConnection, tmp_path: Path, path: str) -> None:
    """Nobody may ever write to it: whoever opens it waits."""
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in/pipe")
    source = replace(source_of(Case("", "", {})), paths=(path,))
    with pytest.raises(LandingError, match="in/pipe: neither a file nor a folder"):
        read_landing(connection, source, tmp_path)


def test_copies_of_editors_are_told(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    write(connection, tmp_path / "in", {"a.json": GOOD, "a.json~": b"x\n", "b/c.json~": b"x\n", "_d/e~": b"x\n"})
    report = read_landing(connection, source_of(Case("", "", {})), tmp_path)
    assert report.notes == ("a.json~ and 1 more: left out, as the copy that an editor keeps",)
    assert (report.files, report.rows) == (1, 1)


def test_a_file_may_be_named(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    write(connection, tmp_path, {"in": b'{"n":1}\n', "in2": b'{"n":2}\n'})
    report = read_landing(connection, source_of(Case("", "", {})), tmp_path)
    assert (report.files, report.rows) == (1, 1)


@pytest.mark.parametrize(("columns", "options", "message"), [
    ({"a": "array<int>"}, {}, "CSV can't hold the nested type of column `a`"),
    ({"a": "int"}, {"delimiter": "||"}, "`delimiter` has to be one character"),
    ({"a": "int"}, {"delimiter": '"'}, "`delimiter` has to be another character than `quote`"),
    ({"a": "int"}, {"encoding": "rot13"}, "`rot13` is no encoding that files are written in"),
    ({"a": "int"}, {"encoding": "utf-99"}, "there is no encoding `utf-99`"),
])  # fmt: skip
def test_what_csv_cannot_be(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    columns: dict[str, str],
    options: dict[str, str],
    message: str,
) -> None:
    with pytest.raises(LandingError, match=re.escape(message)):
        read_landing(connection, source_of(Case("", "", {}, (), (), columns, "csv", options)), tmp_path)


def test_documentation_is_current() -> None:
    path = ROOT / "docs" / "landing-data.md"
    assert path.read_text() == document(), "run: python tests/engines/dirty_cases.py > docs/landing-data.md"


STEDI_KEYS = {
    "customer": {
        "customerName": "string", "email": "string", "phone": "string", "birthDay": "string",
        "serialNumber": "string",
        "registrationDate": "bigint", "lastUpdateDate": "bigint", "shareWithResearchAsOfDate": "bigint",
        "shareWithPublicAsOfDate": "bigint", "shareWithFriendsAsOfDate": "bigint",
    },
    "accelerometer": {"user": "string", "timestamp": "bigint", "x": "double", "y": "double", "z": "double"},
    "step_trainer": {"sensorReadingTime": "bigint", "serialNumber": "string", "distanceFromObject": "int"},
}  # fmt: skip


@pytest.mark.parametrize(("table", "rows"), [("customer", 956), ("accelerometer", 81_273), ("step_trainer", 28_680)])
def test_stedi(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, stedi: Path, table: str, rows: int
) -> None:
    """The course's files are clean, read by SQL alone, and as DuckDB's own reader reads them."""
    only_sql(monkeypatch)
    keys = STEDI_KEYS[table]
    columns = tuple(LandingColumn(key.lower(), key, parse_type(kind)) for key, kind in keys.items())
    report = read_landing(connection, LandingSource("src", (f"{table}/landing",), "json", columns), stedi)
    assert (report.lines, report.rows, report.extra_keys) == (rows, rows, ())
    types = ", ".join(f"\"{key}\": '{duckdb_type(parse_type(kind))}'" for key, kind in keys.items())
    theirs = f"FROM read_json('{stedi}/{table}/landing/*', columns = {{{types}}}, format = 'newline_delimited')"
    ours = f"(SELECT * EXCLUDE (_file) FROM {landing_table('src')})"
    for a, b in ((ours, f"({theirs})"), (f"({theirs})", ours)):
        assert connection.execute(f"SELECT count(*) FROM (FROM {a} EXCEPT ALL FROM {b})").fetchall() == [(0,)]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=landing_fuzz.spelled(), on_new_key=st.sampled_from(("ignore", "quarantine")))
def test_spelled_values_are_rows_or_quarantined(
    tmp_path_factory: pytest.TempPathFactory, drawn: Any, on_new_key: str
) -> None:
    schema, formats, content = drawn
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "in").write_bytes(content)
    case = Case(
        "", "", {}, columns=schema, formats=formats, format="csv",
        options={"delimiter": ";", "on_new_key": on_new_key},
    )  # fmt: skip
    with duckdb.connect() as connected:
        report = read_landing(connected, source_of(case), folder)
        rows, rejected = contents(connected)
        assert read_landing(connected, source_of(case), folder, fast=False) == report
        assert contents(connected) == (rows, rejected)
    header_is_bad = report.reasons.keys() & {"new_key", "wrong_header"}
    pieces = csv_pieces(content, ReadOptions.of(case.options), len(content.splitlines()[0].split(b";")))
    records = len(list(pieces)) - (not header_is_bad)
    assert report.rows + report.quarantined == report.lines == records
    assert (len(rows), len(rejected)) == (report.rows, report.quarantined)
