"""The schema for editors accepts what the compiler accepts, and points out what an editor can see is wrong."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from generator.checks import check_spec
from generator.codes import all_codes, base_text, example_text, load_code
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake
from generator.render.build import INCLUDED_SCHEMA, SCHEMA, TESTS_SCHEMA, render_build
from generator.spec.nodes import load_yaml

ROOT = Path(__file__).parents[3]
SPECS = {
    "stedi": (ROOT / "pipeline.yaml").read_text(encoding="utf-8"),
    "shop": (ROOT / "docs/examples/shop/pipeline.yaml").read_text(encoding="utf-8"),
    "base": base_text(),
} | {
    f"good {code}": example_text(page.good)
    for code in all_codes()
    if (page := load_code(code)) is not None and page.good and not page.has_files
}


def lake(text: str) -> CompiledLake:
    analysis = check_spec(SourceText("pipeline.yaml", text))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake


@cache
def schema(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_build(lake(text))[SCHEMA])
    return found


def data(text: str) -> Any:
    """The spec as an editor sees it: the same data, with JSON's numbers."""
    document, _ = load_yaml(SourceText("pipeline.yaml", text))
    assert document is not None
    return json.loads(json.dumps(document.data, default=float))


def errors(text: str, of: str = "") -> list[str]:
    """What the schema of a lake says against a text, by default of the lake itself."""
    found = Draft7Validator(schema(of or text)).iter_errors(data(text))
    return ["/".join(map(str, error.absolute_path)) for error in found]


def test_the_schema_is_valid_draft_07() -> None:
    for text in (SPECS["stedi"], SPECS["shop"]):
        assert schema(text)["$schema"] == "http://json-schema.org/draft-07/schema#"
        Draft7Validator.check_schema(schema(text))


def test_files_of_tests_have_a_schema() -> None:
    found = json.loads(render_build(lake(SPECS["stedi"]))[TESTS_SCHEMA])
    Draft7Validator.check_schema(found)
    text = (ROOT / "tests/stedi.yaml").read_text(encoding="utf-8")
    assert list(Draft7Validator(found).iter_errors(data(text))) == []
    for old, new in (
        ("tests:\n", "test:\n"),
        ("    given:\n", "    inputs:\n"),
        ("      customer_landing:\n", "      Customers: {}\n      customer_landing:\n"),
    ):
        assert old in text
        assert list(Draft7Validator(found).iter_errors(data(text.replace(old, new, 1)))), new
    rows = found["definitions"]["RowTest"]["properties"]["given"]["properties"]["customer_landing"]
    assert rows == {"$ref": "#/definitions/rows_customer_landing"}
    columns = found["definitions"]["rows_customer_landing"]["items"]["properties"]
    assert columns["sharewithresearchasofdate"] == {"description": "bigint"}


@pytest.mark.parametrize("name", [SCHEMA, INCLUDED_SCHEMA, TESTS_SCHEMA])
def test_references_lead_somewhere(name: str) -> None:
    found = json.loads(render_build(lake(SPECS["stedi"]))[name])
    text = json.dumps(found)
    assert "$defs" not in text
    assert "x-kind" not in text
    references = re.findall(r'"\$ref": "([^"]+)"', text)
    assert references
    assert {one.removeprefix("#/definitions/") for one in references} <= set(found["definitions"])


@pytest.mark.parametrize("name", SPECS)
def test_what_compiles_is_accepted(name: str) -> None:
    analysis = check_spec(SourceText("pipeline.yaml", SPECS[name]))
    assert analysis.lake is not None, analysis.diagnostics
    assert errors(SPECS[name]) == []


@pytest.mark.parametrize(
    "body",
    [
        "source: orders\nfilter: true",
        "source: orders\nadd: {n: 1, m: 1.5, o: true}",
        "source: orders\nselect: [order_id, {twice: amount * 2}]",
        "source: orders\nselect: {id: order_id}",
        "source: orders\ndrop: amount",
        "source: orders\nrename: {orders.amount: paid}",
        "source: orders\ndedupe: {by: order_id, order_by: amount desc}",
        "source: orders\ndedupe: {}",
        "source: orders\ngroup_by: status\naggregate: {n: count(*)}",
        "source: orders\njoin:\n  - inner: customers\n    using: [order_id]\n    cardinality: many_to_many",
        "source: orders\nexpect: [{unique: order_id}, {rows: 3}, {rows: {min: 1}}, {sql: amount > 0, name: n}]",
        "source: orders\nexpect: [{between: {amount: [0, 1.5]}}, {values: {status: [a, 1, true]}, severity: warn}]",
        "union: [orders, orders]",
        "sql: select 1",
    ],
)
def test_short_forms_are_accepted(body: str) -> None:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    assert errors(base_text() + "tables:\n  t:\n    zone: trusted\n" + indented, of=base_text()) == []


JOIN = "      - semi: customer_trusted\n        on: user = email\n"


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("source: customer_landing\n    filter", "source: customer_landing\n    sql: select 1\n    filter",
         "tables/customer_trusted"),
        ("    source: customer_landing\n    filter", "    filter", "tables/customer_trusted"),
        ("    filter: share", "    fliter: share", "tables/customer_trusted"),
        ("lake: stedi", "lake: stedi\nlakes: x", ""),
        ("lake: stedi\n", "", ""),
        ("lake: stedi", "lake: Stedi", "lake"),
        ("version: 1", "version: 2", "version"),
        (JOIN, JOIN + "        anti: customer_trusted\n", "tables/accelerometer_trusted/join/0"),
        (JOIN, JOIN + "        using: email\n", "tables/accelerometer_trusted/join/0"),
        (JOIN, "      - semi: customer_trusted\n", "tables/accelerometer_trusted/join/0"),
        (JOIN, "      - on: user = email\n", "tables/accelerometer_trusted/join/0"),
        (JOIN, "      - outer: customer_trusted\n        on: user = email\n", "tables/accelerometer_trusted/join/0"),
        ("cardinality: many_to_many", "cardinality: many", "tables/machine_learning_curated/join/1/cardinality"),
        ("x: double", "x: duoble", "sources/accelerometer_landing/columns/x"),
        ("x: double", "X: double", "sources/accelerometer_landing/columns"),
        ("path: customer/landing/", "description: x", "sources/customer_landing"),
        ("pii: pseudonymous", "pii: maybe", "tables/machine_learning_curated/pii"),
        ("- unique: [email]", "- uniqe: [email]", "tables/customers_curated/expect/0"),
        ("- unique: [email]", "- unique: [email]\n        rows: 1", "tables/customers_curated/expect/0"),
        ("customer_landing: 956", "customer_landing: -1", "row_counts/customer_landing"),
        ("filter: sharewithresearchasofdate is not null", "filter: [a]", "tables/customer_trusted/filter"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_rejected_where_it_is(old: str, new: str, at: str) -> None:
    text = SPECS["stedi"].replace(old, new, 1)
    assert text != SPECS["stedi"]
    assert at in errors(text, of=SPECS["stedi"])


def test_names_of_the_lake_are_offered() -> None:
    found = schema(SPECS["stedi"])
    models = found["definitions"]
    tables = [*lake(SPECS["stedi"]).sources, *lake(SPECS["stedi"]).tables]
    for field, known in (
        (models["Table"]["properties"]["source"], tables),
        (models["Join"]["properties"]["semi"], tables),
        (models["Table"]["properties"]["zone"], ["curated", "landing", "trusted"]),
        (models["Zone"]["properties"]["require"], ["research"]),
    ):
        assert models[field["anyOf"][0]["$ref"].removeprefix("#/definitions/")] == {"enum": known}
    assert set(found["properties"]["row_counts"]["properties"]) == set(tables)


def test_every_key_says_what_it_is_for() -> None:
    found = schema(SPECS["stedi"])
    models = {"Spec": found, **found["definitions"]}
    undescribed = [
        f"{model}.{key}"
        for model, part in models.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description")
    ]
    inherited = {"Between.min", "Between.max", "RowBounds.min", "RowBounds.max"}
    assert set(undescribed) - inherited == set()


def test_the_schema_in_the_repository_is_current() -> None:
    files = render_build(lake(SPECS["stedi"]))
    assert (ROOT / "build" / SCHEMA).read_text(encoding="utf-8") == files[SCHEMA], "run `python -m generator build`"
