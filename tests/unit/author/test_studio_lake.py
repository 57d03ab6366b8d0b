"""What jobs mean for the lake around them: places, names, zones, data, and JSON as the console has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.author.studio.author import Imported, import_jobs
from generator.author.studio.model import Kind
from generator.author.studio.places import Place
from generator.author.studio.script import UnreadableScriptError
from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.render.templates import render

SPEC = """
version: 1
lake: shop
subjects: {person: {registry: people, keys: [email]}}
consent: {research: {subject: person, when: since is not null}}
zones:
  landing: {}
  trusted: {require: research}
sources:
  people:
    path: people/
    columns: {email: {type: string, pii: true}, city: string, since: bigint}
  orders:
    path: orders/
    columns: {id: bigint, email: {type: string, pii: true, identifies: person.email}, city: string}
    unique: [[id]]
tables:
  people_trusted: {zone: trusted, source: people, filter: since is not null}
"""


def read(variable: str, path: str, more: str = "") -> str:
    options = f'connection_type="s3", format="json", connection_options={{"paths": ["{path}"]{more}}}'
    return f"{variable} = glueContext.create_dynamic_frame.from_options({options})\n"


def write(variable: str, path: str) -> str:
    options = f'connection_type="s3", connection_options={{"path": "{path}"}}'
    return f"glueContext.write_dynamic_frame.from_options(frame={variable}, {options})\n"


def imported(*scripts: str, spec: str | None = SPEC, data: Path | None = None) -> Imported:
    sound = check_spec(SourceText("spec", spec)).sound if spec else None
    return import_jobs({f"{at}.py": text for at, text in enumerate(scripts)}, "lake", spec, sound, render, data)


def loaded(made: Imported) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(made.text, Loader=yaml.BaseLoader)
    return found


def inexact(made: Imported) -> set[str]:
    return {one.code for one in made.findings if not one.kind.exact}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Place(path="s3://a/x/"), Place(path="s3a://a/x"), True),
        (Place(path="s3://a/x/"), Place(path="s3://b/x/"), False),
        (Place(path="s3://a/x/"), Place(path="s3://a/y/x/"), False),
        (Place(path="s3://{args['A']}/x/"), Place(path="s3://{args['A']}/x/"), True),
        (Place(path="s3://{args['A']}/x/"), Place(path="s3://{args['B']}/x/"), False),
        (Place("t", "d"), Place("t", "d"), True),
        (Place("t", "d"), Place("t", "e"), False),
        (Place("t", "d", "s3://a/x/"), Place(path="s3://a/x"), True),
    ],
)
def test_places_are_one_only_if_all_of_them_is(one: Place, other: Place, same: bool) -> None:
    assert one.is_same(other) is same


def test_what_one_job_writes_another_reads_only_at_the_same_place() -> None:
    first = read("a", "s3://b/orders/") + write("a", "s3://b/z/kept/")
    same = imported(first, read("k", "s3://b/z/kept/") + write("k", "s3://b/z/last/"))
    assert loaded(same)["tables"]["z_last"]["source"] == "z_kept"
    other = imported(first, read("k", "s3://elsewhere/z/kept/") + write("k", "s3://b/z/last/"))
    assert loaded(other)["tables"]["z_last"]["source"] != "z_kept"
    assert "unknown-columns" in inexact(other)


def test_arguments_are_places() -> None:
    script = "".join(
        f"{name} = args['{name}']\n" + read(f"f_{name}", "s3://x/").replace('"s3://x/"', f'f"s3://{{{name}}}/kept/"')
        for name in ("ONE", "TWO")
    )
    made = imported(script + write("f_ONE", "s3://b/out/a/") + write("f_TWO", "s3://b/out/b/"), spec=None)
    tables = loaded(made)["tables"]
    assert tables["out_a"]["source"] != tables["out_b"]["source"]


def test_a_zone_that_asks_for_nothing_is_not_given_by_a_name() -> None:
    made = imported(read("a", "s3://b/people/") + write("a", "s3://b/landing_trusted/"))
    assert loaded(made)["tables"]["landing_trusted"]["zone"] == "trusted"
    made = imported(read("a", "s3://b/people/") + write("a", "s3://b/landing/copy/"))
    assert loaded(made)["tables"]["copy"]["zone"] == "trusted"


def test_tables_that_init_invented_stand_for_no_table_of_a_job() -> None:
    script = 't = glueContext.create_dynamic_frame.from_catalog(database="d", table_name="people_trusted")\n'
    script += write("t", "s3://b/out/last/")
    assert loaded(imported(script))["tables"]["out_last"]["source"] == "people_trusted"
    made = imported(script, spec="# Made by `init` from 3 files, 9 lines read (all of them).\n" + SPEC)
    assert loaded(made)["tables"]["out_last"]["source"] == "d_people_trusted"
    assert "unknown-columns" in inexact(made)


def test_a_table_written_twice_and_one_made_of_itself() -> None:
    twice = read("a", "s3://b/orders/") + write("a", "s3://b/out/x/") + write("a", "s3://b/out/x/")
    assert "written-twice" in inexact(imported(twice))
    itself = read("a", "s3://b/out/x/") + write("a", "s3://b/out/x/")
    assert "reads-itself" in inexact(imported(itself))


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (', "exclusions": "[]x"', "exclusions"),
        (', "jsonPath": "$.x"', "jsonPath"),
    ],
)
def test_options_of_readers_are_told_and_marked(option: str, said: str) -> None:
    made = imported(read("a", "s3://b/orders/", option) + write("a", "s3://b/out/x/"))
    (found,) = [one for one in made.findings if one.kind is Kind.LOST]
    assert said in found.message
    assert "# not carried over (0.py:1)" in made.text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ('{"withHeader": True, "separator": ","}', {"csv-text"}),
        ('{"separator": ","}', {"csv-text", "option"}),
        ('{"withHeader": True, "quoteChar": "\'"}', {"csv-text", "option"}),
        ('{"withHeader": True, "multiLine": True}', {"csv-text", "option"}),
    ],
)
def test_csv_is_text_in_glue(options: str, told: set[str]) -> None:
    source = read("a", "s3://b/orders/").replace('format="json"', f'format="csv", format_options={options}')
    assert inexact(imported(source + write("a", "s3://b/out/x/"))) == told


def test_columns_behind_a_join_of_unknown_tables_are_not_guessed() -> None:
    script = read("a", "s3://b/one/") + read("b", "s3://b/two/")
    script += 'j = Join.apply(frame1=a, frame2=b, keys1=["p"], keys2=["q"])\n'
    script += 'k = SelectFields.apply(frame=j, paths=["p", "colour"])\n' + write("k", "s3://b/out/x/")
    made = imported(script, spec=None)
    (found,) = [one for one in made.findings if one.code == "unknown-column"]
    assert "whether `colour` is a column of `one` or `two` isn't known" in found.message
    assert found.line == 4


def test_without_a_spec_names_are_read_as_suggestions() -> None:
    script = read("a", "s3://b/customer/landing/")
    script += 'k = Filter.apply(frame=a, f=lambda r: r["shareWithResearchAsOfDate"] > 0 and r["email"] == "x")\n'
    made = imported(script + write("k", "s3://b/out/x/"), spec=None)
    assert "#   subjects: {customer: {registry: customer_landing, keys: [email]}}" in made.text
    assert "when: sharewithresearchasofdate is not null" in made.text
    assert "pii: true for email" in made.text
    assert check_spec(SourceText("made", made.text)).lake is not None


def test_a_source_without_columns_says_what_to_run() -> None:
    made = imported(read("a", "s3://b/some/") + write("a", "s3://b/out/x/"), spec=None)
    assert "`init DIR` reads them from the data" in made.text
    assert not made.exact


def test_the_data_decides_what_a_null_is(tmp_path: Path) -> None:
    script = read("a", "s3://b/orders/") + 'k = Filter.apply(frame=a, f=lambda row: row["city"] != "x")\n'
    script += write("k", "s3://b/out/x/")
    (tmp_path / "orders").mkdir()
    for rows, condition, exact in [
        (['{"id": 1}'], "city <> 'x'", True),
        (['{"city": null}'], "city <> 'x' or city is null", True),
        (['{"city": "y"}'], "city <> 'x'", True),
        (['{"city": null}', "{}"], "city <> 'x'", False),
        (["no json"], "city <> 'x'", False),
    ]:
        (tmp_path / "orders/a.json").write_text("\n".join(rows))
        made = imported(script, data=tmp_path)
        assert loaded(made)["tables"]["out_x"]["filter"] == condition
        assert made.exact is exact
        assert [one.code for one in made.findings if one.line == 2] == ["null-passing-filter"]
    assert not imported(script).exact


NODES: dict[str, Any] = {
    "node-1": {"s3JsonSource": {"name": "Orders", "paths": ["s3://b/orders/"]}},
    "node-2": {"filter": {"name": "Some", "inputs": ["node-1"], "logicalOperator": "AND", "filters": [
        {"operation": "REGEX", "negated": False, "values": [
            {"type": "CONSTANT", "value": ["^O"]}, {"type": "COLUMNEXTRACTED", "value": ["city"]}]}]}},
    "node-3": {"s3DirectTarget": {"name": "Out", "inputs": ["node-2"], "path": "s3://b/out/x/", "format": "json",
                                  "partitionKeys": [["city"]]}},
}  # fmt: skip


@pytest.mark.parametrize(
    "wrap",
    [
        lambda nodes: {"codeGenConfigurationNodes": json.dumps(nodes)},
        lambda nodes: {"jobConfig": {"name": "x", "codeGenConfigurationNodes": json.dumps(nodes)}},
        lambda nodes: {"Job": {"CodeGenConfigurationNodes": nodes}},
    ],
)
def test_json_as_the_console_downloads_it(wrap: Any) -> None:
    made = imported(json.dumps(wrap(NODES)))
    assert loaded(made)["tables"]["out_x"]["filter"] == "city rlike '^O'"
    assert inexact(made) == {"option"}
    assert "# not carried over (0.py): `Out`: `partitionKeys` (city)" in made.text


def test_a_job_without_a_lake_says_what_was_lost() -> None:
    script = read("a", "s3://b/orders/")
    script += (
        'glueContext.write_dynamic_frame.from_options(frame=a, connection_type="redshift", connection_options={})\n'
    )
    with pytest.raises(UnreadableScriptError, match="line 2: the target is no lake"):
        imported(script)
