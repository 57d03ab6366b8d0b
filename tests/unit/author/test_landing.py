"""What `init` says of raw data holds for all of it: for any data, every line that was read becomes a row."""

from __future__ import annotations

import datetime
import gzip
import json
import math
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.author.landing import layout
from generator.author.landing.author import Authored, author, lake_name
from generator.author.landing.csv_looks import csv_layout
from generator.author.landing.looks import Look, look
from generator.author.landing.survey import UnusableFilesError
from generator.author.names import distinct_names, singular, storable, tokens
from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake
from generator.render.templates import render
from generator.run.landing import read_landing
from generator.run.landing.model import LandingReport, LandingSource
from generator.runtime.rules import LandingColumn


def authored(root: Path, limit: int = 1 << 26) -> Authored:
    return author(root, "lake", limit, render, lambda _: None, False)


def compiled(made: Authored) -> CompiledLake:
    analysis = check_spec(SourceText("pipeline.yaml", made.text))
    assert analysis.lake is not None and not analysis.diagnostics, (made.text, analysis.diagnostics)
    return analysis.lake


def read(lake: CompiledLake, root: Path) -> dict[str, LandingReport]:
    """Reads the sources as `run` does."""
    found = {}
    for source in lake.sources.values():
        columns = tuple(LandingColumn(one.name, one.key, one.type, one.spelling) for one in source.columns)
        landing = LandingSource(source.name, source.paths, source.format, columns, source.options)
        with duckdb.connect() as connection:
            found[source.name] = read_landing(connection, landing, root)
    return found


def of_json(records: list[dict[str, Any]], **more: list[dict[str, Any]]) -> tuple[Authored, CompiledLake]:
    with TemporaryDirectory() as folder:
        for name, lines in {"events": records, **more}.items():
            Path(folder, name).mkdir()
            Path(folder, name, "part.json").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        made = authored(Path(folder))
        return made, compiled(made)


def types(records: list[dict[str, Any]]) -> dict[str, str]:
    _, lake = of_json(records)
    return {column.key: str(column.type) for column in lake.sources["events"].columns}


KEYS = st.text(min_size=1, max_size=8) | st.sampled_from(["id", "Id", "select", "on", "null", "a b", "1st", "é", "#"])
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=12) | st.sampled_from(["2024-01-01", "true", "12", "a@b.cd", "null"]),
    "date": st.dates().map(str),
    "moment": st.datetimes().map(lambda moment: moment.isoformat()),
    "int": st.integers(-(2**63), 2**63 - 1) | st.integers(0, 100) | st.integers(1_600_000_000_000, 1_700_000_000_000),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5),
    "boolean": st.booleans(),
}
VALUES = st.deferred(lambda: st.sampled_from(list(SCALARS.values())) | st.sampled_from(NESTED))
NESTED: list[st.SearchStrategy[Any]] = [
    st.lists(SCALARS["int"], max_size=3),
    st.lists(st.fixed_dictionaries({}, optional={"a": SCALARS["text"], "B": SCALARS["int"]}), max_size=2),
    st.fixed_dictionaries({"x": SCALARS["number"]}, optional={"y": st.lists(SCALARS["date"], max_size=2)}),
    st.dictionaries(KEYS, SCALARS["boolean"], max_size=3),
    st.fixed_dictionaries({}, optional={"a": SCALARS["int"], "b c": SCALARS["text"], "1": SCALARS["boolean"]}),
]


@st.composite
def datasets(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of one shape: each key has values of one kind, is sometimes null and sometimes missing."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique_by=str.lower))
    shape = {key: draw(VALUES) for key in keys}
    rows = draw(st.integers(1, 6))
    found = []
    for _ in range(rows):
        record = {key: draw(st.none() | values) for key, values in shape.items()}
        found.append({key: value for key, value in record.items() if draw(st.integers(0, 9))})
    return found


@settings(max_examples=60)
@given(datasets())
def test_every_line_of_clean_data_becomes_a_row(records: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "events").mkdir()
        (root / "events/part.json").write_text("".join(f"{json.dumps(record)}\n" for record in records))
        try:
            made = authored(root)
        except UnusableFilesError:
            assert not any(storable_values(record) for record in records)
            return
        report = read(compiled(made), root)["events"]
        assert (report.rows, report.quarantined) == (len(records), 0), made.text


def storable_values(record: dict[str, Any]) -> list[Any]:
    """Values that some column could hold; an object with odd keys alone isn't, and null beside it says nothing."""
    return [value for value in record.values() if value is not None and not isinstance(value, (dict, list))]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8) | st.sampled_from(
    ["1", "01", "1.5", "-3", "true", "2024-01-01", "", "1e5", "a;b", 'say "x"', "9223372036854775807"]
)


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_every_line_of_clean_csv_becomes_a_row(rows: list[list[str]], delimiter: str) -> None:
    def cell(text: str) -> str:
        quoted = '"' in text or delimiter in text
        return '"' + text.replace('"', '""') + '"' if quoted else text

    lines = [delimiter.join(("first", "second", "third")), *(delimiter.join(map(cell, row)) for row in rows)]
    wanted = sum(bool(line.encode().strip()) for line in lines[1:])
    if not wanted:
        return
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "events").mkdir()
        (root / "events/part.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
        made = authored(root)
        report = read(compiled(made), root)["events"]
        assert (report.rows, report.quarantined) == (wanted, 0), made.text


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "int"),
        ([1, 2**31], "bigint"),
        ([1, 2**70], "int"),
        ([1, 2**70, -(2**71)], "decimal(38,0)"),
        ([*range(500), 2**70], "int"),
        ([1, 1.5], "double"),
        ([1.5, 1e300], "double"),
        ([True, None], "boolean"),
        (["2024-02-29", "2023-12-31"], "date"),
        (["2024-02-29", "2023-02-29"], "string"),
        (["2024-02-29T10:00:00Z", "2024-02-29 10:00:00.5"], "timestamp"),
        (["2024-02-29T10:00:00Z", "2024-02-29"], "string"),
        (["12", "13"], "string"),
        ([None, None], "string"),
        ([[], [1, 2**40]], "array<bigint>"),
        ([[], []], "array<string>"),
        ([{"a": 1, "b": [True]}, {"a": None, "c": "x"}], "struct<a:int,b:array<boolean>,c:string>"),
        ([{"A-1": 1}, {"B-2": 2}], "map<string,int>"),
        ([{"a": 1}, {"A": 2}], "map<string,int>"),
        ([{}, {}], "map<string,string>"),
        ([{f"k{number}": 1.5} for number in range(60)], "map<string,double>"),
        ([1, 2, 3, "x"], "int"),
    ],
)
def test_types_are_the_narrowest_that_hold_for_all_values(values: list[Any], kind: str) -> None:
    assert types([{"value": value} for value in values]) == {"value": kind}


def test_numbers_that_grow_and_money() -> None:
    assert types([{"userId": 1, "count": 1, "size": 1, "price": 1.25, "tax": 1.123456, "ratio": 0.5}]) == {
        "userId": "bigint",
        "count": "bigint",
        "size": "int",
        "price": "decimal(18,2)",
        "tax": "double",
        "ratio": "double",
    }


@pytest.mark.parametrize(
    ("key", "value", "personal"),
    [
        ("contact", "ann@example.org", True),
        ("firstName", "x", True),
        ("customer_name", "x", True),
        ("name", "x", False),
        ("productName", "x", False),
        ("mobile_phone", "12345678", True),
        ("call", "+49 30 1234567", True),
        ("call", "(030) 123-4567", True),
        ("call", "0171 2345678", True),
        ("where", "48.1371540", False),
        ("where", "48.13715, 11.57612", False),
        ("where", "100,1234567", False),
        ("where", "12345-6789", False),
        ("where", "123-4567", False),
        ("when", "2024/03/05", False),
        ("when", "05.03.2024", False),
        ("when", "5-3-2024", False),
        ("when", "20240305", False),
        ("when", "1709641500", False),
        ("dateOfBirth", "1990-01-01", True),
        ("DOB", "1990-01-01", True),
        ("zip_code", "12345", True),
        ("ipAddress", "x", True),
        ("origin", "192.168.0.1", True),
        ("origin6", "2001:db8::1", True),
        ("time", "10:11:12", False),
        ("version", "1.2.3", False),
        ("account", "DE89370400440532013000", True),
        ("account", "DE89370400440532013001", False),
        ("payment", "4111 1111 1111 1111", True),
        ("payment", "4111 1111 1111 1112", False),
        ("social", "078-05-1120", True),
        ("email_sent_at", "2024-01-01T00:00:00Z", False),
        ("macAddress", "x", True),
        ("serialnumber", "a-1", False),
        ("timestamp", 1_655_564_444_103, False),
        ("owner", {"email": "ann@example.org"}, True),
    ],
)
def test_likely_personal_data(key: str, value: Any, personal: bool) -> None:
    made, lake = of_json([{key: value}, {key: value}])
    assert ("pii: true" in made.text) is personal or "then add `pii: true`" in made.text
    (column,) = lake.sources["events"].relation.columns.values()
    assert bool(column.personal) is personal


def people(number: int, **more: Any) -> list[dict[str, Any]]:
    return [{"id": n, "email": f"p{n}@x.org", **more} for n in range(number)]


def test_relations_need_names_for_numbers_and_values_for_texts() -> None:
    orders = [{"user_id": n % 50, "qty": n % 40, "who": f"p{n % 50}@x.org", "other": f"q{n}@x.org"} for n in range(200)]
    made, _ = of_json(orders, users=people(50))
    columns = yaml.safe_load(made.text)["sources"]["events"]["columns"]
    assert columns["user_id"]["identifies"] == "user.id"
    assert columns["who"]["identifies"] == "user.email"
    assert columns["qty"] == "int"
    assert "identifies" not in columns["other"]


@pytest.mark.parametrize("form", ["json", "text", "csv", "parquet"])
def test_small_numbers_are_nobodys_key(form: str, tmp_path: Path) -> None:
    """Counts of one source are all found among the ids of another; only names tell that they are ids."""
    rows = {"users": [{"id": n, "email": f"p{n}@x.org"} for n in range(60)],
            "orders": [{"user_id": n % 50, "count": n % 40} for n in range(200)]}  # fmt: skip
    for name, records in rows.items():
        (tmp_path / name).mkdir()
        texts = [{key: str(value) for key, value in record.items()} if form == "text" else record for record in records]
        raw = tmp_path / "raw.json"
        raw.write_text("".join(f"{json.dumps(record)}\n" for record in texts))
        if form in ("csv", "parquet"):
            target = tmp_path / name / f"part.{form}"
            duckdb.sql(f"COPY (FROM read_json('{raw}')) TO '{target}'")
            raw.unlink()
        else:
            raw.rename(tmp_path / name / "part.json")
    columns = yaml.safe_load(authored(tmp_path).text)["sources"]["orders"]["columns"]
    assert columns["user_id"]["identifies"] == "user.id"
    assert "identifies" not in columns["count"]


def test_long_numbers_are_a_key_whatever_they_are_called() -> None:
    serial = 9_000_000_000_000_000
    owners = [{"email": f"p{n}@x.org", "serial": serial + n} for n in range(60)]
    made, _ = of_json([{"device": serial + n % 60} for n in range(200)], owners=owners)
    assert "are in owners.serial" in made.text


def test_lines_that_differ_by_their_folder_are_no_copies(tmp_path: Path) -> None:
    for folder in ("day=1", "day=2"):
        (tmp_path / "stock" / folder).mkdir(parents=True)
        lines = "".join(f'{{"sku": "s{n}", "left": 5}}\n' for n in range(150))
        (tmp_path / "stock" / folder / "part.json").write_text(lines)
    assert "exact cop" not in authored(tmp_path).text
    (tmp_path / "stock/day=1/again.json").write_text('{"sku": "s1", "left": 5}\n')
    assert "1 exact copy" in authored(tmp_path).text


@pytest.mark.parametrize(
    ("column", "purpose", "when"),
    [
        ({"shareWithResearchAsOfDate": [1_655_564_444_103, None]}, "research", "sharewithresearchasofdate is not null"),
        ({"newsletter_opt_in": [True, False]}, "newsletter", "newsletter_opt_in"),
        ({"consent_given_at": ["2024-01-01T00:00:00Z", None]}, "use", "consent_given_at is not null"),
        ({"gdprAgreed": [True, None]}, "use", "gdpragreed"),
        ({"opt_out": [True, False]}, None, None),
        ({"consent": ["yes", "no"]}, None, None),
        ({"share": [0.5, 0.25]}, None, None),
        ({"market_share": [1, 2]}, None, None),
    ],
)
def test_consents(column: dict[str, list[Any]], purpose: str | None, when: str | None) -> None:
    ((name, values),) = column.items()
    made, lake = of_json([{**person, name: values[at % 2]} for at, person in enumerate(people(40))])
    found = yaml.safe_load(made.text).get("consent")
    assert found == ({purpose: {"subject": "event", "when": when}} if purpose else None)
    assert bool(lake.required(lake.tables["events_trusted"])) is bool(purpose)


def test_keys_are_proven_and_not_accidental() -> None:
    rows = [
        {
            "sensor": f"s{n % 4}",
            "sensor_id": n % 4,
            "at": f"2024-01-01T00:{n // 4:02d}:00Z",
            "value": n,
            "noise": n * 1.5,
        }
        for n in range(200)
    ]
    made, _ = of_json(rows)
    source = yaml.safe_load(made.text)["sources"]["events"]
    assert source["unique"] == [["sensor_id", "at"]]
    assert source["event_time"] == "at"


SIZES = {"day": 20_000, "month": 2_000, "year": 200}


def volume(root: Path, a_day: int, more: dict[str, Any] | None = None, name: str = "part.json") -> Path:
    """Events of 100 days, so many bytes a day."""
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=number) for number in range(100)]
    lines = [{"at": f"{day}T12:00:00Z", "value": "x", **(more or {})} for day in days]
    (root / "events").mkdir()
    text = "".join(json.dumps(line | {"value": "x" * (a_day - len(json.dumps(line)))}) + "\n" for line in lines)
    opened = gzip.open if name.endswith(".gz") else open
    with opened(root / "events" / name, "wt", encoding="utf-8") as file:
        file.write(text)
    return root


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of 2,000 bytes pay."""
    monkeypatch.setattr(layout, "SMALLEST", 2_000)


def partition_by(made: Authored) -> list[str] | None:
    lake = compiled(made)
    said: list[str] | None = yaml.safe_load(made.text)["sources"]["events"].get("partition_by")
    assert list(lake.sources["events"].layout.partition_by) == (said or [])
    return said


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("unit", SIZES)
def test_much_data_is_partitioned_by_the_finest_time_that_fills_a_file(tmp_path: Path, unit: str) -> None:
    made = authored(volume(tmp_path, SIZES[unit]))
    assert partition_by(made) == [f"{unit}(at)"]
    assert f"MB a {unit}, packed\n" in made.text


@pytest.mark.usefixtures("small_files")
def test_of_a_sample_the_days_between_count_too(tmp_path: Path) -> None:
    made = authored(volume(tmp_path, 20_000), limit=1 << 16)
    assert not made.sources[0].reading.complete
    assert partition_by(made) == ["day(at)"]
    assert "packed, by a sample" in made.text


@pytest.mark.usefixtures("small_files")
def test_the_beginning_of_an_archive_says_nothing_of_its_days(tmp_path: Path) -> None:
    made = authored(volume(tmp_path, 20_000, {"noise": os.urandom(9_000).hex()}, "part.json.gz"), limit=1 << 16)
    assert not made.sources[0].reading.complete
    assert partition_by(made) is None


def test_little_data_is_not_partitioned(tmp_path: Path) -> None:
    assert partition_by(authored(volume(tmp_path, 20_000))) is None


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("a_day", [100, 20_000])
def test_moments_as_numbers_are_no_partition(tmp_path: Path, a_day: int) -> None:
    assert partition_by(authored(volume(tmp_path, a_day, {"at": 1_700_000_000_000}))) is None


@pytest.mark.usefixtures("small_files")
def test_a_day_of_birth_is_no_partition(tmp_path: Path) -> None:
    made = authored(volume(tmp_path, 20_000, {"at": None, "birth_date": "1990-05-17"}))
    assert "event_time: birth_date" in made.text
    assert partition_by(made) is None


@pytest.mark.usefixtures("small_files")
def test_single_days_far_off_make_no_time_of_data(tmp_path: Path) -> None:
    root = volume(tmp_path, 20_000)
    rows = [json.dumps({"at": f"2024-02-01T12:00:{n % 60:02d}Z", "value": "y"}) for n in range(1_000)]
    far = json.dumps({"at": "1970-01-01T00:00:00Z", "value": "y"})
    (root / "events/more.json").write_text("\n".join([far, *rows]) + "\n")
    assert partition_by(authored(root, limit=1 << 20)) == ["day(at)"]


def test_duplicate_keys_of_people_make_no_subject() -> None:
    made, _ = of_json([*people(20), people(1)[0]])
    assert "subjects:" not in made.text
    assert "without these copies" in made.text


def test_names_of_folders_become_columns(tmp_path: Path) -> None:
    """Of folders that are called alike: with the narrowest type of their values, and no null among texts."""
    places = ["Region=eu/month=01/day=2024-01-05", "Region=us%20west/month=12/day=__HIVE_DEFAULT_PARTITION__"]
    for name in (*(f"x/{place}/a.json" for place in places), "y/k=1/a.json", "y/b.json", "z/A=2/c.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('{"a": 1}\n')
    lake = compiled(authored(tmp_path))
    sources = lake.sources
    assert {name: source.options.partitions for name, source in sources.items()} == {
        "x": ("region", "month", "day"), "y": (), "z": (),
    }  # fmt: skip
    found = {column.key: str(column.type) for column in sources["x"].columns}
    assert found == {"a": "int", "Region": "string", "month": "int", "day": "date"}
    assert all(report.rows == report.lines for report in read(lake, tmp_path).values())


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({f"u{n}": {"name": f"n{n}", "age": n} for n in range(9)}, "9 keys hold objects alike"),
        ({"id": [1, 2, 3], "name": ["a", "b", "c"]}, "2 keys hold lists as long as each other"),
        ({"id": [1, 2, 3], "name": ["a", "b"]}, ""),
        ({"id": [1], "name": ["a"]}, ""),
        ({"home": {"x": 1}, "work": {"x": 2}}, ""),
    ],
)
def test_a_table_in_one_object_is_told_of(record: dict[str, Any], told: str) -> None:
    made, _ = of_json([record])
    assert [note.split(",")[0] for note in made.notes] == ([f"events: {told}"] if told else [])
    assert of_json([record, record])[0].notes == ()


@pytest.mark.parametrize(
    ("header", "record", "delimiter", "quote"),
    [
        ("x;y", "{n},5;{n},25", ";", '"'),
        ("", "{n},5;{n},25", ";", '"'),
        ("id;note", "{n};one, two, three", ";", '"'),
        ("id,tags,name", "{n},a;b;c,x", ",", '"'),
        ("id,tags,name", "{n},a|b,x;y", ",", '"'),
        ("id,note", "{n},'a, b'", ",", "'"),
        ("id,note,of", "{n},it's,'s", ",", '"'),
        ("Report of all\nid,name", "{n},x", ",", '"'),
    ],
)
def test_delimiters_and_quotes_are_those_that_all_records_agree_with(
    tmp_path: Path, header: str, record: str, delimiter: str, quote: str
) -> None:
    lines = [header] if header else []
    (tmp_path / "a.csv").write_text("".join(f"{line}\n" for line in [*lines, *(record.format(n=n) for n in range(60))]))
    options = csv_layout([tmp_path / "a.csv"]).options
    assert (options.delimiter, options.quote, options.header) == (delimiter, quote, bool(header))


@pytest.mark.parametrize(
    ("values", "remark"),
    [
        ([*range(50), "Total"], "all but 1 of 51 values are numbers"),
        ([*(f"2024-01-{day:02}" for day in range(1, 20)), "later"], "all but 1 of 20 values are dates"),
        ([*range(5), "Total"], ""),
    ],
)
def test_a_few_texts_among_other_values_are_told_of(tmp_path: Path, values: list[Any], remark: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/a.csv").write_text("".join(f"{value},1\n" for value in ["v", *values]).replace("v,1", "v,w"))
    (line,) = (line for line in authored(tmp_path).text.splitlines() if line.strip().startswith("v: "))
    assert line.split("#")[0].strip() == "v: string"
    assert remark in line and ("all but" in line) is bool(remark)


@given(st.lists(st.text(max_size=10), unique=True, min_size=1))
def test_names_can_be_stored_and_no_two_are_alike(raw: list[str]) -> None:
    found = distinct_names(raw)
    assert list(found) == raw
    assert len(set(found.values())) == len(raw)
    assert all(name.isascii() and name == name.lower() and name.isidentifier() for name in found.values())
    assert all(found[name] == name for name in raw if storable(name) == name)


def test_words_of_names() -> None:
    assert tokens("shareWithResearchAsOfDate") == ("share", "with", "research", "as", "of", "date")
    assert tokens("HTTPServer_id2") == ("http", "server", "id", "2")
    assert [singular(word) for word in ("customers", "companies", "addresses", "status", "glass", "boxes")] == [
        "customer", "company", "address", "status", "glass", "box",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "name"), [("Web Shop", "web-shop"), ("data", None), ("stedi_landing", "stedi"), ("42", None)]
)
def test_name_of_the_lake(tmp_path: Path, folder: str, name: str | None) -> None:
    root = tmp_path / "my-lake" / folder
    root.mkdir(parents=True)
    assert lake_name(root) == (name or "my-lake")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_are_seen_as_landing_data_sees_them(number: float) -> None:
    text = repr(number)
    assert bool(look(text) & Look.NUMBER) or len(text) > 100
    assert bool(look(text) & Look.INTEGER) is (isinstance(number, int)) or len(text) > 100
    assert math.isfinite(float(text))


def test_big_files_are_sampled_from_all_over(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    lines = [json.dumps({"n": number, "late": "x" if number > 90_000 else None}) for number in range(100_000)]
    (tmp_path / "log/a.json").write_text("\n".join(lines) + "\n")
    made = authored(tmp_path, limit=1 << 18)
    seen = made.sources[0].profile
    assert not made.sources[0].reading.complete
    assert seen.broken == 0
    assert 5_000 < seen.rows < 20_000
    assert seen.columns["late"].kinds["string"] > 0
    assert seen.columns["n"].high > 95_000
    assert "a sample of" in made.text


def test_parts_of_nested_values_that_are_spelled_in_a_local_way_are_texts() -> None:
    """Only a column says how its values are spelled."""
    dates = [
        {"d": "5.3.2024", "a": [{"d": "5.3.2024"}], "s": {"d": "31.12.2024"}},
        {"d": "31.12.2024", "a": [], "s": {}},
    ]
    made, lake = of_json(dates)
    kinds = {column.key: str(column.type) for column in lake.sources["events"].columns}
    assert kinds == {"d": "date", "a": "array<struct<d:string>>", "s": "struct<d:string>"}, made.text
