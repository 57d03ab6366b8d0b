"""Athena's queries over the catalog's tables, as the embedded AWS answers them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import duckdb
import pytest

from generator.deploy.athena import QueryError, Row, ask, named_queries
from generator.deploy.aws import Aws
from generator.deploy.catalog import tables
from tests.conftest import require_iceberg
from tests.unit.deploy.lakes import create_iceberg_table, publish

require_iceberg()
import pyarrow as pa  # noqa: E402

JSON = "org.openx.data.jsonserde.JsonSerDe"
CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"

Create = Callable[..., None]


@pytest.fixture
def create(aws: Aws, bucket: str, database: str) -> Create:
    def create(name: str, library: str, columns: dict[str, str], files: dict[str, bytes], **options: Any) -> None:
        for key, body in files.items():
            aws.s3.put_object(Bucket=bucket, Key=f"data/{name}/{key}", Body=body)
        listed = [{"Name": column, "Type": kind} for column, kind in columns.items()]
        information = {"SerializationLibrary": library, "Parameters": options.get("serde", {})}
        storage: Any = {"Columns": listed, "Location": f"s3://{bucket}/data/{name}/", "SerdeInfo": information}
        table: Any = {"Name": name, "StorageDescriptor": storage, "Parameters": options.get("parameters", {})}
        aws.glue.create_table(DatabaseName=database, TableInput=table)

    return create


@pytest.fixture
def query(aws: Aws, database: str) -> Callable[[str], list[Row]]:
    return lambda sql: ask(aws, "primary", database, sql, lambda seconds: None)


def test_json_by_its_mapping_and_types(create: Create, query: Callable[[str], list[Row]]) -> None:
    lines = [{"userName": "Ä", "born": 5, "tags": ["a", "b"], "at": {"x": 1.5}}, {"userName": None, "born": 2**62}]
    create(
        "people",
        JSON,
        {"username": "string", "born": "bigint", "tags": "array<string>", "at": "struct<x:double>"},
        {"a.json": "\n".join(map(json.dumps, lines)).encode(), "_SUCCESS": b"", ".hidden": b"x"},
        serde={"mapping.username": "userName"},
    )
    rows = query('SELECT username, born, cardinality(tags) AS n, at.x AS x FROM "people" ORDER BY born')
    assert rows == [
        {"username": "Ä", "born": "5", "n": "2", "x": "1.5"},
        {"username": None, "born": str(2**62), "n": None, "x": None},
    ]


def test_a_line_that_is_no_json_is_a_row_of_nulls_or_an_error(
    create: Create, query: Callable[[str], list[Row]]
) -> None:
    lines = b'{"id": 1}\n{broken\n\n[2]\n{"id": 3} and more\n{"id": 4}'
    for name, ignored in (("kind", "TRUE"), ("strict", "FALSE")):
        create(name, JSON, {"id": "bigint"}, {"a.json": lines}, serde={"ignore.malformed.json": ignored})
    assert query("SELECT count(*) AS n, count(id) AS ids FROM kind") == [{"n": "6", "ids": "2"}]
    with pytest.raises(QueryError, match="HIVE_CURSOR_ERROR: Row is not a valid JSON Object"):
        query("SELECT id FROM strict")


def test_parquet_with_a_column_that_old_files_lack(
    create: Create, query: Callable[[str], list[Row]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("parquet") / "part.parquet"
    duckdb.execute(
        "COPY (SELECT 1::BIGINT AS id, TIMESTAMP '2026-01-02 03:04:05.678' AS seen, true AS yes, "
        f"1.50::DECIMAL(9,2) AS cost) TO '{file}' (FORMAT parquet)"
    )
    columns = {"id": "bigint", "seen": "timestamp", "yes": "boolean", "cost": "decimal(9,2)", "later": "string"}
    create("things", PARQUET, columns, {"part-0.parquet": file.read_bytes()})
    assert query("SELECT * FROM things") == [
        {"id": "1", "seen": "2026-01-02 03:04:05.678", "yes": "true", "cost": "1.50", "later": None}
    ]


def test_csv_with_a_header(create: Create, query: Callable[[str], list[Row]]) -> None:
    create(
        "prices", CSV, {"name": "string", "price": "string"}, {"p.csv": b'name;price\n"a;b";1\nc;2\n'},
        serde={"separatorChar": ";"}, parameters={"skip.header.line.count": "1"},
    )  # fmt: skip
    assert query("SELECT name, price FROM prices ORDER BY name") == [
        {"name": "a;b", "price": "1"},
        {"name": "c", "price": "2"},
    ]


def test_the_file_of_a_row_is_a_column_that_a_star_does_not_show(
    create: Create, query: Callable[[str], list[Row]], bucket: str
) -> None:
    create("people", JSON, {"id": "bigint"}, {"x/a.json": b'{"id":1}\n{"id":2}\n', "b.json": b'{"id":3}\n'})
    create("prices", CSV, {"name": "string"}, {"p.csv": b"a\n"})
    create("empty", PARQUET, {"id": "bigint"}, {})
    place = f"s3://{bucket}/data"
    sql = 'SELECT "$path" AS file, count(*) FILTER (WHERE id > 1) AS n FROM people GROUP BY "$path" ORDER BY 1'
    assert query(sql) == [{"file": f"{place}/people/b.json", "n": "1"}, {"file": f"{place}/people/x/a.json", "n": "1"}]
    assert query('SELECT "$path" AS file FROM prices') == [{"file": f"{place}/prices/p.csv"}]
    assert query('SELECT "$path" AS file FROM empty') == []
    assert query("SELECT * FROM people WHERE id = 3") == [{"id": "3"}]


def test_a_table_without_files_has_no_rows(create: Create, query: Callable[[str], list[Row]]) -> None:
    create("empty", PARQUET, {"id": "bigint"}, {})
    assert query('SELECT count(*) AS n, max(id) AS m FROM "lake_db"."empty"') == [{"n": "0", "m": None}]


def test_tables_are_read_as_they_are_now(
    aws: Aws, bucket: str, create: Create, query: Callable[[str], list[Row]]
) -> None:
    create("people", JSON, {"id": "bigint"}, {"a.json": b'{"id":1}\n'})
    counts = []
    for change in (
        lambda: None,
        lambda: aws.s3.put_object(Bucket=bucket, Key="data/people/b.json", Body=b'{"id":2}\n{"id":3}\n'),
        lambda: aws.s3.put_object(Bucket=bucket, Key="data/people/b.json", Body=b'{"id":2}\n'),
        lambda: aws.s3.delete_object(Bucket=bucket, Key="data/people/a.json"),
    ):
        change()
        counts.append(query("SELECT count(*) AS n FROM people")[0]["n"])
    assert counts == ["1", "3", "2", "1"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM nothing", "TABLE_NOT_FOUND: Table 'awsdatacatalog.lake_db.nothing' does not exist"),
        ("SELECT * FROM other.people", "TABLE_NOT_FOUND: Table 'awsdatacatalog.other.people'"),
        ("SELECT FROM WHERE", "SYNTAX_ERROR"),
        ("SELECT nope FROM (SELECT 1 AS x)", "nope"),
        ("DROP TABLE people", "NOT_SUPPORTED"),
    ],
)
def test_a_query_that_fails_says_why(query: Callable[[str], list[Row]], sql: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        query(sql)


def test_saved_queries_of_a_workgroup(aws: Aws, database: str) -> None:
    for group in ("one", "two"):
        aws.athena.create_work_group(Name=group, Configuration={})
        aws.athena.create_named_query(Name=f"of_{group}", Database=database, QueryString="SELECT 1", WorkGroup=group)
    assert named_queries(aws, "one") == {"of_one": (database, "SELECT 1")}


def test_a_table_of_iceberg_as_it_is_and_as_it_was(
    aws: Aws, bucket: str, database: str, query: Callable[[str], list[Row]]
) -> None:
    create_iceberg_table(aws, database, bucket, "tables/people", {"id": "bigint", "at": "timestamp"})
    assert query("SELECT count(*) AS n, count(at) AS t FROM people") == [{"n": "0", "t": "0"}]
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000)
    for run, rows in (("r1", [1]), ("r2", [2, 3])):
        publish(aws, database, "people", run, pa.table({"id": rows, "at": [moment] * len(rows)}))
    newest, oldest = tables(aws, database)[0].versions
    assert query("SELECT id, at FROM people ORDER BY id") == [
        {"id": "2", "at": "2026-01-02 03:04:05.678"}, {"id": "3", "at": "2026-01-02 03:04:05.678"},
    ]  # fmt: skip
    assert query(f"SELECT id FROM {database}.people FOR VERSION AS OF {oldest.snapshot}") == [{"id": "1"}]
    both = (
        f"SELECT count(*) AS n FROM people JOIN people FOR VERSION AS OF {oldest.snapshot} AS old ON people.id > old.id"
    )
    assert query(both) == [{"n": "2"}]
    assert query(f"SELECT count(*) AS n FROM people FOR VERSION AS OF {newest.snapshot}") == [{"n": "2"}]
    with pytest.raises(QueryError, match="INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: 7"):
        query("SELECT id FROM people FOR VERSION AS OF 7")
    with pytest.raises(QueryError, match="NOT_SUPPORTED: the embedded AWS travels by"):
        query("SELECT id FROM people FOR TIMESTAMP AS OF TIMESTAMP '2026-01-01 00:00:00 UTC'")
