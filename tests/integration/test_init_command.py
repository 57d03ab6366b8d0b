"""`init` as a user meets it: from a folder of raw files to a lake that runs, with nothing edited."""

from __future__ import annotations

import bz2
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
import yaml

from generator.checks import check_spec
from generator.sample import Dirt, write_sample
from generator.spec.source import read_source

ROOT = Path(__file__).parents[2]
Generator = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def generator(tmp_path: Path) -> Generator:
    """Runs a command in an empty folder."""

    def call(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "generator", *map(str, arguments)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return call


def write(path: Path, lines: Sequence[str | dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines).encode()
    pack = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, lambda content: content)
    path.write_bytes(pack(text))


def spec(path: Path) -> dict[str, Any]:
    """The spec as plain data; numbers and words as text."""
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return loaded


def column(declared: Any) -> dict[str, str]:
    return {"type": declared} if isinstance(declared, str) else declared


def columns(lake: dict[str, Any], source: str) -> dict[str, dict[str, str]]:
    return {name: column(declared) for name, declared in lake["sources"][source]["columns"].items()}


def report(generator: Generator, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(generator("run", "--json", *arguments).stdout)
    return found["tables"]  # type: ignore[no-any-return]


def test_real_data_gives_the_reference_sources(generator: Generator, stedi: Path, tmp_path: Path) -> None:
    generator("init", stedi, "--name", "stedi")
    made, reference = spec(tmp_path / "pipeline.yaml"), spec(ROOT / "pipeline.yaml")
    for name, source in reference["sources"].items():
        assert columns(made, name) == {key: column(value) for key, value in source["columns"].items()}, name
        assert made["sources"][name]["path"] == source["path"]
    assert made["subjects"] == reference["subjects"]
    assert made["consent"]["research"] == reference["consent"]["research"]
    assert list(made["consent"]) == ["research", "public", "friends"]
    assert made["zones"]["trusted"] == {"require": "research"}
    assert sorted(made["sources"]["step_trainer_landing"]["unique"][0]) == ["sensorreadingtime", "serialnumber"]


def test_real_data_runs_at_once_with_proven_consent(generator: Generator, stedi: Path, tmp_path: Path) -> None:
    generator("init", stedi)
    generator("check", "--strict")
    rows = {name: table["rows"] for name, table in report(generator, "--data", stedi).items()}
    reference = spec(ROOT / "pipeline.yaml")["row_counts"]
    common = rows.keys() & reference.keys()
    assert len(common) == 6
    assert {name: rows[name] for name in common} == {name: int(reference[name]) for name in common}


def test_comments_hold_no_values_of_the_data(generator: Generator, stedi: Path, tmp_path: Path) -> None:
    done = generator("init", stedi)
    text = (tmp_path / "pipeline.yaml").read_text() + done.stdout + done.stderr
    for file in sorted(stedi.glob("customer/landing/*")):
        for line in file.read_text().splitlines():
            record = json.loads(line)
            assert not any(str(record[key]) in text for key in ("customerName", "email", "phone", "serialNumber"))


def test_dirt_is_counted_and_the_good_lines_decide(generator: Generator, tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean", tmp_path / "dirty"
    write_sample(clean)
    write_sample(dirty, dirt=Dirt.of_every_kind(5))
    generator("init", clean, "--output", "clean.yaml")
    generator("init", dirty, "--output", "dirty.yaml")
    first, second = spec(tmp_path / "clean.yaml"), spec(tmp_path / "dirty.yaml")
    assert first["sources"].keys() == second["sources"].keys()
    for name in first["sources"]:
        kinds = {key: value["type"] for key, value in columns(first, name).items()}
        assert kinds.items() <= {key: value["type"] for key, value in columns(second, name).items()}.items()
    generator("check", "dirty.yaml", "--strict")
    tables = report(generator, "--spec", "dirty.yaml", "--data", dirty)
    assert [tables[name]["quarantined"] for name in first["sources"]] == [25, 25, 25]
    text = (tmp_path / "dirty.yaml").read_text()
    assert "without these copies `email`, `serialnumber` would be unique" in text


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('[\n{"id": 1, "name": "x"},\n{"id": 2}\n]', {"multiline": "true"}),
        ('\x1e{"id": 1, "name": "x"}\n\x1e{"id": 2}\n', {"multiline": "true"}),
        ('{"id": 1, "name": "x"}{"id": 2}', {"multiline": "true"}),
        ('{\n "id": 1,\n "name": "x"\n}\n{\n "id": 2\n}\n', {"multiline": "true"}),
        ('{"next": null, "data": {"items": [{"id": 1, "name": "x"}, {"id": 2}]}}', {"records": "data.items"}),
        ('{"results": [\n{"id": 1, "name": "x"},\n{"id": 2}], "total": 2}', {"records": "results"}),
        ('{"id": 1, "name": "x"}\n{"id": 2}\n', {}),
    ],
    ids=["array", "sequence", "concatenated", "pretty", "page", "page over lines", "lines"],
)
def test_the_layout_of_json_is_seen(generator: Generator, tmp_path: Path, text: str, options: dict[str, Any]) -> None:
    write(tmp_path / "data/a/x.json", [text])
    generator("init", "data")
    source = spec(tmp_path / "pipeline.yaml")["sources"]["a"]
    assert {key: source[key] for key in source if key in ("multiline", "records")} == options
    found = report(generator, "--data", "data")["a"]
    assert (found["rows"], found["quarantined"]) == (2, 0)


@pytest.mark.parametrize(
    ("content", "options", "rows"),
    [
        (b"id,name\n1,x\n2,y\n", {}, 2),
        (b"id;name\n1;Zo\xeb\n2;J\xfcrgen\n", {"delimiter": ";", "encoding": "latin-1"}, 2),
        (b"id,price\n1,\x80 5\n2,\x93x\x94\n", {"encoding": "windows-1252"}, 2),
        ("id\tname\r\n1\tžluť\r\n".encode("utf-16"), {"delimiter": "\t", "encoding": "utf-16"}, 1),
        ("id,name\n1,žluť\n2,x\n".encode("utf-16-le"), {"encoding": "utf-16-le"}, 2),
        ("id,name\n1,Zoë\n".encode(), {}, 1),
        (b'id,note\n1,"two\nlines"\n2,plain\n3,"a ""b"", and\r\nmore"\n', {}, 3),
        (b"1,c1,2024-03-01\n2,c2,2024-03-02\n", {"header": "false"}, 2),
        (b"1\tc1\n2\tc2\n", {"header": "false", "delimiter": "\t"}, 2),
        (b"# exported by erp\n# 2024-03-05\nid,name\n1,x\n2,y\n", {"comment": "#"}, 2),
        (b"Report of March\n\nid,name\n1,x\n2,y\n", {"skip_lines": "2"}, 2),
        (b"Report: a, b\nby me\nid;name;x\n1;x;1\n2;y;2\n", {"skip_lines": "2", "delimiter": ";"}, 2),
        (b"#id,name\n1,x\n2,y\n", {}, 2),
        (b"id,name\n1,'x,y'\n2,'z'\n3,'it''s'\n", {"quote": "'"}, 3),
        (b"id,name\n1,it's\n2,x\n", {}, 2),
        (b'id,name\n1,"x \\"y\\", z"\n2,"z"\n', {"escape": "\\"}, 2),
        (b"id,t1,z\n1,2024-03-01,x\n2,2024-03-02,\n", {}, 2),
        (b"id,name,\n1,x,\n2,y,\n", {}, 2),
        (b"who,name,\nx,y,\n,z,\n", {}, 2),
        (b",name,n\n0,x,1\n1,y,2\n", {}, 2),
        (b",name\n0,x\n1,y\n", {}, 2),
        (b"id,v,v\n1,2,3\n2,3,4\n", {}, 2),
        (b"x,,y\nz,1,w\n", {"header": "false"}, 2),
        (b"x,x,y\nx,w,y\n", {"header": "false"}, 2),
        (b",,\nx,1,\n", {"header": "false"}, 2),
        (b"from to bytes\n10.0.0.1 - 12\n- 10.0.0.2 -\n", {"delimiter": " "}, 2),
        (b'a "GET / HTTP/1.1" 200\nb "GET /x HTTP/1.1" 404\n', {"delimiter": " ", "header": "false"}, 2),
        (b"Ann Lee\nBob Ray\n", {}, 1),
        (b"note\nit is so\nthat was good\nand short\n", {}, 3),
        (b"#Version: 1.0\n#Fields: a b\n1\t2\n3\t4\n", {"delimiter": "\t", "header": "false", "comment": "#"}, 2),
        (b"#Fields: a b\r\n1 2 3\r\n4 5 6\r\n", {"delimiter": " ", "header": "false", "comment": "#"}, 2),
    ],
)  # fmt: skip
def test_the_layout_of_csv_is_seen(
    generator: Generator, tmp_path: Path, content: bytes, options: dict[str, str], rows: int
) -> None:
    (tmp_path / "data/a").mkdir(parents=True)
    (tmp_path / "data/a/x.csv").write_bytes(content)
    generator("init", "data")
    source = spec(tmp_path / "pipeline.yaml")["sources"]["a"]
    usual = ("path", "format", "columns", "unique", "event_time", "subject", "description", "max_bad_rows")
    assert {key: source[key] for key in source if key not in usual} == options
    found = report(generator, "--data", "data")["a"]
    assert (found["rows"], found["quarantined"]) == (rows, 0)


def test_columns_that_a_header_does_not_name_are_left_out_and_told(generator: Generator, tmp_path: Path) -> None:
    write(tmp_path / "data/index/a.csv", [",name,v", "0,x,1", "1,y,2"])
    write(tmp_path / "data/twice/a.csv", ["id,v,v", "1,2,3", "2,3,4"])
    generator("init", "data")
    text = (tmp_path / "pipeline.yaml").read_text()
    assert "# a column is left out: it has no name in the header\n" in text
    assert "# `v` is left out: the header has it twice\n" in text
    made = spec(tmp_path / "pipeline.yaml")
    assert {name: list(columns(made, name)) for name in ("index", "twice")} == {"index": ["name", "v"], "twice": ["id"]}


@pytest.mark.parametrize(
    ("above", "names"),
    [
        ("#Version: 1.0\n#Fields: date x-edge-location cs(Referer)", ["date", "x_edge_location", "cs_referer"]),
        ("#Version: 1.0\r\n#fields:\tdate a-b a_b\r", ["date", "a_b_2", "a_b"]),
        ("# made by hand\n# when;where;what", ["column_1", "column_2", "column_3"]),
        ("# made by hand\n# when\twhere\twhat", ["when", "where", "what"]),
        ("#Fields: date where", ["column_1", "column_2", "column_3"]),
        ("#Fields: date where where", ["column_1", "column_2", "column_3"]),
    ],
)
def test_comments_name_the_columns_of_files_without_a_header(
    generator: Generator, tmp_path: Path, above: str, names: list[str]
) -> None:
    rows = ["2024-03-05\tx\t7", "2024-03-05\tx\t-", "2024-03-06\ty\t9"]
    write(tmp_path / "data/a/E2.2024-03-05-14.1a2b3c4d", [above, *rows])
    generator("init", "data")
    made = spec(tmp_path / "pipeline.yaml")
    assert list(columns(made, "a")) == names
    found = report(generator, "--data", "data")["a"]
    assert (found["rows"], found["quarantined"]) == (3, 0)


def test_an_order_with_items_is_one_record(generator: Generator, tmp_path: Path) -> None:
    """An object that says something of its own isn't an envelope of what is inside."""
    write(tmp_path / "data/a/x.json", ['{\n"order": 7,\n"items": [{"sku": "a"}, {"sku": "b"}]\n}'])
    generator("init", "data")
    source = spec(tmp_path / "pipeline.yaml")["sources"]["a"]
    assert source["multiline"] == "true" and "records" not in source and "order" in source["columns"]


PEOPLE = [
    {
        "Id": number,
        "Full Name": f"Person {number}",
        "E-Mail": f"p{number}@example.org",
        "address": {"street": f"Street {number}", "city": "X", "zipCode": "0123"},
        "marketing_opt_in": number % 3 != 0,
        "tags": ["a"] if number % 2 else [],
        "café": "x",
        "a b": number,
        "a_b": "y",
        "1st": True,
        "on": "2024-01-31",
        "null": None,
        "props": {"K-1": 1, "K-2": 2},
        "signedUp": "2024-02-01T10:00:00Z",
        "big": 2**70,
        "order": 1.5 * number,
    }
    for number in range(1, 201)
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with every format, compression, partition folders and awkward names."""
    data = tmp_path / "shop"
    write(data / "users/day=2024-01-01/users-1.json", PEOPLE[:100])
    write(data / "users/day=2024-01-02/users-2.json.gz", PEOPLE[100:])
    moments = [f"2024-01-{number % 28 + 1:02d} 10:00:00" for number in range(1, 501)]
    rows = [
        f"{n};{n % 200 + 1};{n}.50;{moment};{('false', 'true')[n % 2]};0{n};{n if n % 3 else ''}"
        for n, moment in enumerate(moments, 1)
    ]
    write(data / "orders/part-0001.csv", ["id;user_id;amount;ordered at;paid;code;gift", *rows])
    items = [
        {"order_id": n % 500 + 1, "sku": f"s{n % 7}", "price": 1.25 * n, "ip": f"10.0.0.{n % 250}"} for n in range(300)
    ]
    write(data / "items/x.json.bz2", [dict(item) for item in items])
    write(data / "products.csv", ["sku\tlabel", *(f"s{n}\tn{n}" for n in range(7))])
    (data / "events").mkdir()
    duckdb.sql(
        "COPY (SELECT i AS \"eventId\", TIMESTAMPTZ '2024-01-01 00:00:00Z' AS at,"
        " 'p' || (i % 100 + 1) || '@example.org' AS \"Mail\","
        " 1.5::DECIMAL(5,2) AS d, [1, 2] AS l, {'a': 1} AS s, uuid() AS u, 1::UTINYINT AS t FROM range(1000) t(i))"
        f" TO '{data / 'events/e.parquet'}'"
    )
    return data


def test_every_format_at_once(generator: Generator, shop: Path, tmp_path: Path) -> None:
    generator("init", shop)
    made = spec(tmp_path / "pipeline.yaml")
    users = columns(made, "users")
    assert {name: (value["type"], value.get("key")) for name, value in users.items()} == {
        "id": ("bigint", "Id"),
        "full_name": ("string", "Full Name"),
        "e_mail": ("string", "E-Mail"),
        "address": ("struct<street:string,city:string,zipCode:string>", None),
        "marketing_opt_in": ("boolean", None),
        "tags": ("array<string>", None),
        "cafe": ("string", "café"),
        "a_b_2": ("int", "a b"),
        "a_b": ("string", None),
        "_1st": ("boolean", "1st"),
        "on": ("date", None),
        "null": ("string", None),
        "props": ("map<string,int>", None),
        "signedup": ("timestamp", "signedUp"),
        "big": ("decimal(38,0)", None),
        "order": ("double", None),
    }
    assert {name for name, value in users.items() if value.get("pii")} == {"full_name", "e_mail", "address"}
    orders = columns(made, "orders")
    assert made["sources"]["orders"]["delimiter"] == ";"
    assert [value["type"] for value in orders.values()] == [
        "bigint", "bigint", "decimal(18,2)", "timestamp", "boolean", "string", "int",
    ]  # fmt: skip
    assert orders["user_id"]["identifies"] == "user.id"
    events = columns(made, "events")
    assert events["mail"] == {"type": "string", "key": "Mail", "pii": "true", "identifies": "user.e_mail"}
    assert "u" not in events
    assert made["sources"]["products"] | {"columns": {}} == {
        "path": "products.csv", "format": "csv", "delimiter": "\t", "columns": {},
    }  # fmt: skip
    assert made["consent"] == {"marketing": {"subject": "user", "when": "marketing_opt_in"}}


def test_every_line_read_becomes_a_row(generator: Generator, shop: Path) -> None:
    generator("init", shop)
    generator("check", "--strict")
    tables = report(generator, "--data", shop)
    assert {name: tables[name]["rows"] for name in ("users", "orders", "items", "products", "events")} == {
        "users": 200, "orders": 500, "items": 300, "products": 7, "events": 1000,
    }  # fmt: skip
    assert sum(table["quarantined"] for table in tables.values()) == 0
    agreed = sum(person["marketing_opt_in"] is True for person in PEOPLE)
    assert tables["users_trusted"]["rows"] == agreed
    with duckdb.connect() as connection:
        (path,) = (shop.parent / ".lake/tables/events_trusted").glob("*")
        mails = connection.execute(f"SELECT DISTINCT mail FROM read_parquet('{path}/*.parquet')").fetchall()
    assert {mail for (mail,) in mails} <= {str(p["E-Mail"]) for p in PEOPLE if p["marketing_opt_in"]}


def test_columns_without_values_say_nothing_of_their_type(generator: Generator, tmp_path: Path) -> None:
    nothing: list[None] = [None, None]
    files = {
        "visits/part-1": {"id": [1, 2], "day": [date(2024, 2, 29), None], "who": ["a", "b"]},
        "visits/part-2": {"id": arrow.array(nothing, "double"), "day": arrow.array(nothing, "double"), "who": nothing},
        "visits/part-3": {"id": arrow.array([], "string"), "day": [], "who": arrow.array([], "int32")},
        "none/part-1": {"id": arrow.array([], "int64")},
        "other/x [1]*": {"n": [1.5]},
    }
    for name, values in files.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(arrow.table(values), tmp_path / "data" / f"{name}.parquet")
    done = generator("init", "data")
    assert "note: none: data/none/part-1.parquet has no rows (no source is made of it)" in done.stderr
    made = columns(spec(tmp_path / "pipeline.yaml"), "visits")
    assert {name: value["type"] for name, value in made.items()} == {"id": "bigint", "day": "date", "who": "string"}
    visits = report(generator, "--data", "data")["visits"]
    assert (visits["rows"], visits["quarantined"]) == (4, 0)
    assert columns(spec(tmp_path / "pipeline.yaml"), "other")["n"] == {"type": "double"}


def test_types_of_parquet_that_a_lake_has_not_have_others(generator: Generator, tmp_path: Path) -> None:
    (tmp_path / "data/t").mkdir(parents=True)
    duckdb.sql(
        "COPY (SELECT 18446744073709551615::UBIGINT AS big, '{\"a\": [1]}'::JSON AS text, TIME '10:00' AS at)"
        f" TO '{tmp_path / 'data/t/a.parquet'}'"
    )
    generator("init", "data")
    assert "# `at` is left out: a type that Glue has not" in (tmp_path / "pipeline.yaml").read_text()
    made = columns(spec(tmp_path / "pipeline.yaml"), "t")
    assert {name: value["type"] for name, value in made.items()} == {"big": "decimal(20,0)", "text": "string"}
    report(generator, "--data", "data")
    with duckdb.connect() as connection:
        (path,) = (tmp_path / ".lake/tables/t_trusted").glob("*")
        found = connection.execute(f"SELECT * FROM read_parquet('{path}/*.parquet')").fetchall()
    assert found == [(Decimal(18446744073709551615), '{"a": [1]}')]


def test_a_sample_of_big_sources_is_said_to_be_one(generator: Generator, tmp_path: Path) -> None:
    lines = [{"id": number, "note": "x" * 200} for number in range(30_000)]
    write(tmp_path / "data/big/a.json", lines)
    done = generator("init", "data", "--read", 1)
    assert "+" in done.stdout.splitlines()[1]
    text = (tmp_path / "pipeline.yaml").read_text()
    assert "a sample of" in text
    assert "# unique: [[id]]" in text
    assert "\n    unique:" not in text
    assert report(generator, "--data", "data")["big"]["rows"] == len(lines)


def test_an_existing_file_is_never_overwritten(generator: Generator, tmp_path: Path) -> None:
    write(tmp_path / "data/a/x.json", [{"a": 1}])
    (tmp_path / "pipeline.yaml").write_text("mine")
    done = generator("init", "data", code=1)
    assert "--force" in done.stderr
    assert (tmp_path / "pipeline.yaml").read_text() == "mine"
    generator("init", "data", "--force")
    assert check_spec(read_source(tmp_path / "pipeline.yaml")).lake is not None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no files in it"),
        ({"readme.md": ["# hello"]}, "1 file in it, which isn't JSON, CSV or Parquet"),
        ({"a/doc.json": ["[1, 2,", "3]"]}, "holds no JSON object"),
        ({"a/x.csv": ["a,b"]}, "no lines below its header"),
        ({"a/x.json": ['{"a":1}'.encode("utf-16")]}, "is UTF-16, and JSON has to be UTF-8"),
        ({"a-1.json": [{"a": 1}], "a-2.json": [{"a": 1}], "b.json": [{"b": 1}]}, "--arrange"),
    ],
)
def test_what_no_source_can_be_made_of_is_explained(
    generator: Generator, tmp_path: Path, files: dict[str, list[Any]], said: str
) -> None:
    (tmp_path / "data").mkdir()
    for name, lines in files.items():
        write(tmp_path / "data" / name, [line for line in lines if not isinstance(line, bytes)])
        with (tmp_path / "data" / name).open("ab") as file:
            file.writelines(line for line in lines if isinstance(line, bytes))
    assert said in generator("init", "data", code=1).stderr
    assert not (tmp_path / "pipeline.yaml").exists()


def test_files_that_cannot_be_read_are_told_with_a_way_out(generator: Generator, tmp_path: Path) -> None:
    write(tmp_path / "data/a/x.csv", ["a,b", "1,2"])
    write(tmp_path / "data/a/x.zip", ["PK"])
    write(tmp_path / "data/a/x.xml", ["<a/>"])
    told = generator("init", "data").stderr
    assert "note: a/x.zip was left out: `.zip` is not supported; gzip (.gz), bzip2 (.bz2) and zstd (.zst) are" in told
    assert "note: a/x.xml was left out: neither JSON, CSV nor Parquet" in told


def test_a_missing_folder(generator: Generator) -> None:
    assert "nowhere: no such folder" in generator("init", "nowhere", code=1).stderr


def test_a_damaged_archive(generator: Generator, tmp_path: Path) -> None:
    (tmp_path / "data/a").mkdir(parents=True)
    (tmp_path / "data/a/x.json.gz").write_bytes(gzip.compress(b'{"a": 1}\n' * 100)[:-6])
    assert "damaged archive; a run stops at it" in generator("init", "data").stderr


def test_one_bad_source_does_not_hide_the_others(generator: Generator, tmp_path: Path) -> None:
    write(tmp_path / "data/good/x.json", [{"a": 1}])
    write(tmp_path / "data/bad/x.json", ["nonsense"])
    done = generator("init", "data")
    assert "bad: data/bad/x.json holds no JSON object" in done.stderr
    assert list(spec(tmp_path / "pipeline.yaml")["sources"]) == ["good"]


def test_arrange_moves_files_into_folders_of_their_own(generator: Generator, tmp_path: Path) -> None:
    for name in ("orders_2024-01.csv", "orders_2024-02.csv"):
        write(tmp_path / "data" / name, ["id,total", "1,2.50"])
    write(tmp_path / "data/stores.csv", ["id,city", "1,X"])
    generator("init", "data", "--arrange")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "data").rglob("*.csv")) == [
        "data/orders/orders_2024-01.csv", "data/orders/orders_2024-02.csv", "data/stores/stores.csv",
    ]  # fmt: skip
    assert [source["path"] for source in spec(tmp_path / "pipeline.yaml")["sources"].values()] == ["orders/", "stores/"]
    assert report(generator, "--data", "data")["orders"]["rows"] == 2


@pytest.mark.parametrize("arguments", [["--name", "Bad Name"], ["--read", "0"], ["--read", "x"]])
def test_wrong_usage(generator: Generator, tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path / "data/a/x.json", [{"a": 1}])
    assert "usage" in generator("init", "data", *arguments, code=2).stderr
