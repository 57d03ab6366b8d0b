"""The catalog says of each source how to read it, and of each table what is in it."""

from __future__ import annotations

from generator.jobs.plan import plan_jobs, raw_tables
from generator.render.terraform.catalog import (
    MAX_COMMENT,
    catalog_sources,
    catalog_tables,
    landing_prefix,
    shortened,
)
from generator.render.terraform.jobs import job_values
from tests.unit.render.terraform.module_folder import SPECS, compiled


def test_json_keys_are_looked_up_as_they_are_spelled() -> None:
    source = catalog_sources(compiled(SPECS["stedi"]))["step_trainer_landing"]
    assert source["serde"]["case.insensitive"] == "FALSE"
    assert {key: value for key, value in source["serde"].items() if key.startswith("mapping.")} == {
        "mapping.sensorreadingtime": "sensorReadingTime",
        "mapping.serialnumber": "serialNumber",
        "mapping.distancefromobject": "distanceFromObject",
    }
    assert [(one["name"], one["type"]) for one in source["columns"]] == [
        ("sensorreadingtime", "bigint"), ("serialnumber", "string"), ("distancefromobject", "int"),
    ]  # fmt: skip


def test_the_raw_reader_of_csv_gives_texts_behind_a_header() -> None:
    source = catalog_sources(compiled(SPECS["shop"]))["orders_eu"]
    assert source["parameters"] == {"skip.header.line.count": "1"}
    assert source["serde"]["separatorChar"] == ";"
    assert source["text"] and not catalog_sources(compiled(SPECS["stedi"]))["customer_landing"]["text"]
    assert {one["type"] for one in source["columns"]} != {"string"}, "its rows have the declared types"


def test_a_source_of_several_folders_has_a_raw_table_of_each() -> None:
    spec = SPECS["everything"].read_text(encoding="utf-8")
    lake = compiled(spec.replace("path: notes/", "path: [notes, ./old//notes/]\n    partitions: {day: date}"))
    source = catalog_sources(lake)["notes"]
    assert source["paths"] == ["notes/", "old/notes/"] and source["folders"] == ["day"]
    assert raw_tables(lake.sources["notes"]) == ["notes_raw", "notes_raw_2"]
    assert job_values(lake, plan_jobs(lake))["notes"]["landing"] == source["paths"]


def test_tables_have_the_compiled_columns() -> None:
    lake = compiled(SPECS["everything"])
    tables = catalog_tables(lake)
    assert "all_visits" not in tables
    for name, table in tables.items():
        assert [(one["name"], one["type"]) for one in table["columns"]] == [
            (column.name, str(column.type)) for column in lake.tables[name].columns
        ]


def test_comments_tell_what_is_personal() -> None:
    tables = catalog_tables(compiled(SPECS["stedi"]))
    comments = {one["name"]: one["comment"] for one in tables["customers_curated"]["columns"]}
    assert comments["phone"].startswith("Personal: ") and "customer_landing.phone" in comments["phone"]
    assert comments["serialnumber"].startswith(("Personal: ", "Pseudonymous: "))
    trained = {one["name"]: one["comment"] for one in tables["machine_learning_curated"]["columns"]}
    assert "Personal: accelerometer_landing.user" not in trained["x"]


def test_comments_fit_into_the_catalog() -> None:
    for spec in SPECS.values():
        lake = compiled(spec)
        for entry in (*catalog_sources(lake).values(), *catalog_tables(lake).values()):
            for column in entry["columns"]:
                assert len(column["comment"]) <= MAX_COMMENT and column["comment"].isprintable()


def test_long_texts_are_cut_and_lines_joined() -> None:
    assert shortened("one\n  two\tthree\x00", 100) == "one two three"
    assert shortened("x" * 300, 255) == "x" * 252 + "…"  # AWS counts bytes
    assert len(shortened("€" * 300, 255).encode()) in range(250, 256)
    assert shortened("é" * 127, 255) == "é" * 127
    assert shortened(None, 10) == ""


def test_landing_prefixes_are_what_s3_has() -> None:
    assert landing_prefix("a/b") == landing_prefix("./a//b/") == "a/b/"
    assert landing_prefix(".") == ""
