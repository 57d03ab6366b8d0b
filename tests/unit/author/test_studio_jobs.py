"""Jobs one construct at a time: the table that comes out, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.author.studio.author import Imported, import_jobs
from generator.author.studio.model import Kind
from generator.author.studio.script import UnreadableScriptError
from generator.checks import check_spec
from generator.diagnostics import Severity, SourceText
from generator.render.studio import render_studio
from generator.render.templates import render

ROOT = Path(__file__).parents[3]
SPEC = """
version: 1
lake: shop
subjects: {person: {registry: people, keys: [email]}}
zones:
  landing: {}
sources:
  people:
    path: people/
    columns: {email: {type: string, key: eMail, pii: true}, city: string, since: bigint, code: string}
  orders:
    path: orders/
    columns: {id: bigint, email: {type: string, pii: true, identifies: person.email}, total: double, city: string}
    unique: [[id]]
  clicks:
    path: clicks/
    columns: {mail: {type: string, pii: true, identifies: person.email}, at: bigint}
# the tables follow
tables:
  kept:  # a comment that stays
    zone: landing
    source: people
  target:
    zone: landing
    source: clicks
"""

HEAD = """
people = glueContext.create_dynamic_frame.from_catalog(database="d", table_name="people", transformation_ctx="p")
orders = glueContext.create_dynamic_frame.from_options(connection_type="s3", format="json", connection_options={"paths": ["s3://bucket/raw/orders/"]}, transformation_ctx="o")
clicks = glueContext.create_dynamic_frame.from_catalog(database="d", table_name="clicks", transformation_ctx="c")
"""  # noqa: E501


def imported(body: str, spec: str | None = SPEC, frame: str = "out") -> Imported:
    sink = f"""
glueContext.purge_s3_path("s3://bucket/target/")
glueContext.write_dynamic_frame.from_options(frame={frame}, connection_type="s3", format="json", connection_options={{"path": "s3://bucket/target/"}})
"""  # noqa: E501
    sound = check_spec(SourceText("spec", spec)).sound if spec else None
    return import_jobs({"job.py": HEAD + body + sink}, "lake", spec, sound, render)


def tables(made: Imported) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(made.text, Loader=yaml.BaseLoader)["tables"]
    return {name: table for name, table in found.items() if name in made.tables}


def target(body: str) -> dict[str, Any]:
    """The one table that comes out, which has to compile; without its zone."""
    made = imported(body)
    assert made.tables == ("target",), made.text
    analysis = check_spec(SourceText("made", made.text))
    assert analysis.lake is not None, (made.text, analysis.diagnostics)
    table: dict[str, Any] = tables(made)["target"]
    del table["zone"]
    return table


def codes(made: Imported) -> set[str]:
    return {finding.code for finding in made.findings} - {"hard-coded-bucket"}


def query(text: str, **aliases: str) -> str:
    mapping = ", ".join(f'"{alias}": {frame}' for alias, frame in aliases.items())
    return f'out = sparkSqlQuery(glueContext, query="{text}", mapping={{{mapping}}}, transformation_ctx="x")'


def dataframe_join(left: str, right: str, on: str, how: str) -> str:
    frames = f"l = {left}.toDF()\nr = {right}.toDF()\n"
    return f'{frames}out = DynamicFrame.fromDF(l.join(r, ({on}), "{how}"), glueContext, "x")'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            'out = Filter.apply(frame=people, f=lambda row: row["since"] > 5)',
            {"source": "people", "filter": "since > 5"},
        ),
        (
            'out = DropFields.apply(frame=people, paths=["city", "`code`"])',
            {"source": "people", "drop": ["city", "code"]},
        ),
        ('out = SelectFields.apply(frame=people, paths=["city"])', {"source": "people", "select": ["city"]}),
        (
            'out = RenameField.apply(frame=people, old_name="city", new_name="Town")',
            {"source": "people", "rename": {"city": "town"}},
        ),
        (
            'a = RenameField.apply(frame=people, old_name="city", new_name="town")\n'
            'out = DropFields.apply(frame=a, paths=["town", "code"])',
            {"source": "people", "drop": ["city", "code"]},
        ),
        (
            'm = [("email", "string", "mail", "string"), ("since", "long", "since", "string")]\n'
            "out = ApplyMapping.apply(frame=people, mappings=m)",
            {"source": "people", "select": {"mail": "email", "since": "cast(since as string)"}},
        ),
        (
            'out = DynamicFrame.fromDF(clicks.toDF().dropDuplicates(), glueContext, "x")',
            {"source": "clicks", "dedupe": {}},
        ),
        (
            'out = DynamicFrame.fromDF(clicks.toDF().dropDuplicates(["mail"]), glueContext, "x")',
            {"source": "clicks", "dedupe": {"by": ["mail"]}},
        ),
        (
            dataframe_join("orders", "people", 'l["email"] == r["email"]', "leftanti"),
            {"source": "orders", "join": [{"anti": "people", "on": "orders.email = people.email"}]},
        ),
        (
            dataframe_join("clicks", "people", 'r["email"] == l["mail"]', "left"),
            {"source": "clicks", "join": [{"left": "people", "on": "mail = email"}]},
        ),
        (
            dataframe_join("people", "clicks", 'l["email"] == r["mail"]', "right"),
            {
                "source": "clicks",
                "join": [{"left": "people", "on": "mail = email"}],
            },
        ),
        (
            'a = [["total", "sum"], ["id", "countDistinct"]]\n'
            'out = sparkAggregate(glueContext, parentFrame=orders, groups=["city"], aggs=a, transformation_ctx="x")',
            {
                "source": "orders",
                "group_by": ["city"],
                "aggregate": {"sum_total": "sum(total)", "countdistinct_id": "count(distinct id)"},
            },
        ),
        (
            query("select * from myDataSource where Since is not null", myDataSource="people"),
            {"source": "people", "filter": "since is not null"},
        ),
        (
            query("select a.* from a join b on a.MAIL = b.email", a="clicks", b="people"),
            {"source": "clicks", "join": [{"semi": "people", "on": "mail = email"}]},
        ),
        (
            query("select distinct c.* from p join c on p.email = c.mail", p="people", c="clicks"),
            {"source": "clicks", "join": [{"semi": "people", "on": "mail = email"}], "dedupe": {}},
        ),
        (
            query("select c.at, p.city as town from c left join p on p.email = c.mail where c.at > 3",
                  p="people", c="clicks"),
            {
                "source": "clicks",
                "join": [{"left": "people", "on": "mail = email"}],
                "filter": "at > 3",
                "select": {"at": "at", "town": "city"},
            },
        ),
    ],
)  # fmt: skip
def test_nodes_become_clauses(body: str, expected: dict[str, Any]) -> None:
    assert target(body) == expected


def test_inner_join_drop_distinct_is_a_semi_join() -> None:
    body = """
j = Join.apply(frame1=people, frame2=clicks, keys1=["email"], keys2=["mail"])
d = DropFields.apply(frame=j, paths=["mail", "at"])
out = DynamicFrame.fromDF(d.toDF().dropDuplicates(), glueContext, "x")
"""
    assert target(body) == {"source": "people", "join": [{"semi": "clicks", "on": "email = mail"}]}
    assert codes(imported(body)) == {"case-sensitive-join", "semi-join"}


def test_distinct_stays_where_rows_may_be_alike() -> None:
    body = """
j = Join.apply(frame1=people, frame2=clicks, keys1=["email"], keys2=["mail"])
d = DropFields.apply(frame=j, paths=["email", "city", "since", "code"])
out = DynamicFrame.fromDF(d.toDF().dropDuplicates(), glueContext, "x")
"""
    assert target(body) == {"source": "clicks", "join": [{"semi": "people", "on": "mail = email"}], "dedupe": {}}


def test_a_join_that_multiplies_is_a_trap_only_without_a_unique_key() -> None:
    multiplies = """
j = Join.apply(frame1=people, frame2=clicks, keys1=["email"], keys2=["mail"])
out = DropFields.apply(frame=j, paths=["mail", "at"])
"""
    assert "multiplying-join" in codes(imported(multiplies))
    unique = """
j = Join.apply(frame1=clicks, frame2=people, keys1=["mail"], keys2=["email"])
out = DropFields.apply(frame=j, paths=["email", "city", "since", "code"])
"""
    assert codes(imported(unique)) == {"case-sensitive-join", "semi-join"}


def test_an_inner_join_that_keeps_both_sides_stays_one() -> None:
    body = 'out = Join.apply(frame1=orders, frame2=people, keys1=["email"], keys2=["email"])'
    assert target(body) == {
        "source": "orders",
        "join": [{"inner": "people", "on": "orders.email = people.email"}],
        "rename": {"people.email": "people_email", "people.city": "people_city"},
    }
    (found,) = [one for one in imported(body).findings if one.code == "names"]
    assert "`.email` is `people_email`" in found.message


def test_a_clause_that_comes_too_late_makes_a_view_of_what_was_before() -> None:
    made = imported(
        """
# Script generated for node Totals
t = sparkAggregate(glueContext, parentFrame=orders, groups=["city"], aggs=[["total", "sum"]], transformation_ctx="x")
# Script generated for node Big ones
out = Filter.apply(frame=t, f=lambda row: row["sum(total)"] > 10)
"""
    )
    found = tables(made)
    assert list(found) == ["target_totals", "target"]
    assert found["target_totals"]["view"] == "true"
    assert found["target"] == {
        "description": "Big ones.",
        "zone": "landing",
        "source": "target_totals",
        "filter": "sum_total > 10",
    }
    assert check_spec(SourceText("made", made.text)).lake is not None


def test_queries_that_clauses_can_not_say_stay_sql() -> None:
    counted = "with b as (select email, count(*) as n from o group by email)"
    text = f"{counted} select p.city, b.n from p join b on p.email = b.email"
    table = target(query(text, o="orders", p="people"))
    assert "orders AS o" in table["sql"]
    assert "people AS p" in table["sql"]


def test_a_query_multiplies_only_without_a_unique_key() -> None:
    assert "multiplying-join" not in codes(
        imported(query("select c.* from c join p on c.mail = p.email", c="clicks", p="people"))
    )
    assert "multiplying-join" in codes(
        imported(query("select p.* from p join c on c.mail = p.email", c="clicks", p="people"))
    )


def test_rules_become_expectations() -> None:
    made = imported(
        """
EvaluateDataQuality().process_rows(frame=people, ruleset=\"\"\"Rules = [
    ColumnCount > 0, IsComplete "eMail", IsUnique "code", RowCount > 3, ColumnLength "city" > 2
]\"\"\")
""",
        frame="people",
    )
    assert tables(made)["target"]["expect"] == [{"not_null": ["email"]}, {"unique": ["code"]}, {"rows": {"min": "4"}}]
    assert [finding.message for finding in made.findings if finding.code == "rule"] == [
        'the rule `ColumnLength "city" > 2`'
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('out = Filter.apply(frame=people, f=lambda row: len(row["city"]) > 2)', "len(row['city'])"),
        ("out = MyTransform(glueContext, DynamicFrameCollection({'a': people}, glueContext))", "MyTransform"),
        ('out = people.toDF().withColumn("x", clean("city"))', ".withColumn(…)"),
        ("out = people.map(f=clean)", ".map(…)"),
        ("for name in names:\n    out = people.drop_fields([name])\nout = people", "for name in names"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(body: str, said: str) -> None:
    lost = [finding for finding in imported(body).findings if finding.kind is Kind.LOST]
    assert len(lost) == 1
    assert said in lost[0].message
    assert lost[0].line == HEAD.count("\n") + 1


def test_nothing_is_executed(tmp_path: Any) -> None:
    marker = tmp_path / "executed"
    made = imported(f"open({str(marker)!r}, 'w').close()\nout = people")
    assert not marker.exists()
    assert made.tables == ("target",)


def test_personal_data_that_is_dropped_late() -> None:
    spec = SPEC.replace("city: string, since", "customername: string, since")
    body = """
j = Join.apply(frame1=clicks, frame2=people, keys1=["mail"], keys2=["email"])
out = DropFields.apply(frame=j, paths=["email", "customername", "since", "code"])
"""
    (found,) = [one for one in imported(body, spec).findings if one.code == "personal-data"]
    assert "(`customername`)" in found.message  # the key itself is needed in any join


def test_traps_of_every_job() -> None:
    body = """
sink = glueContext.getSink(path="s3://bucket/target/", connection_type="s3", updateBehavior="LOG")
sink.setCatalogInfo(catalogDatabase="d", catalogTableName="Target")
sink.writeFrame(people)
"""
    made = import_jobs({"job.py": HEAD + body}, "lake", None, None, render)
    assert {finding.code for finding in made.findings} == {"appends", "hard-coded-bucket", "unknown-columns"}
    assert "appends" not in codes(imported("out = people"))


def test_names_in_the_wrong_case() -> None:
    from_catalog = imported('out = Filter.apply(frame=people, f=lambda row: row["eMail"] == "x")')
    assert "wrong-case" in codes(from_catalog)
    from_files = HEAD.replace("raw/orders", "people").replace("orders =", "files =")
    body = 'out = Filter.apply(frame=files, f=lambda row: row["email"] == "x")'
    assert "wrong-case" in {f.code for f in imported(from_files + body).findings}
    assert "wrong-case" not in {f.code for f in imported(from_files + body.replace("email", "eMail")).findings}


def test_the_rest_of_the_spec_stays_as_it_is() -> None:
    made = imported("out = people")
    before, _ = SPEC.split("  target:")
    assert made.text.startswith(before.split("zones:")[0])
    assert "  kept:  # a comment that stays\n    zone: landing\n" in made.text
    assert "# the tables follow\n" in made.text
    assert made.text.count("  target:") == 1
    assert yaml.safe_load(made.text)["zones"] == {"landing": {}}


def test_without_a_spec_sources_are_what_the_jobs_say() -> None:
    made = imported(
        'm = [("Id", "int", "id", "int"), ("total", "decimal(10,2)", "total", "decimal(10,2)")]\n'
        "m = ApplyMapping.apply(frame=orders, mappings=m)\n"
        'out = Filter.apply(frame=m, f=lambda row: row["total"] > 1)',
        spec=None,
    )
    source = yaml.safe_load(made.text)["sources"]["orders"]
    assert source["path"] == "raw/orders/"
    assert source["columns"] == {"id": {"type": "int", "key": "Id"}, "total": "decimal(10,2)"}


NODES: dict[str, Any] = {
    "node-3": {"S3DirectTarget": {"Name": "Out", "Inputs": ["node-2"], "Path": "s3://bucket/target/", "Format": "json",
                                  "SchemaChangePolicy": {"EnableUpdateCatalog": True, "Table": "target"}}},
    "node-2": {"DropDuplicates": {"Name": "Once", "Inputs": ["node-1"], "Columns": []}},
    "node-1": {"DropFields": {"Name": "Drop", "Inputs": ["node-0"], "Paths": [["mail"], ["at"]]}},
    "node-0": {"Join": {"Name": "Join", "Inputs": ["node-a", "node-b"], "JoinType": "equijoin",
                        "Columns": [{"From": "node-a", "Keys": [["email"]]}, {"From": "node-b", "Keys": [["mail"]]}]}},
    "node-a": {"CatalogSource": {"Name": "People", "Database": "d", "Table": "people"}},
    "node-b": {"S3JsonSource": {"Name": "Clicks", "Paths": ["s3://bucket/clicks/"]}},
}  # fmt: skip


@pytest.mark.parametrize("wrap", [lambda n: {"Job": {"Name": "x", "CodeGenConfigurationNodes": n}}, lambda n: n])
def test_codegen_json_gives_the_same_table_as_the_script(wrap: Any) -> None:
    sound = check_spec(SourceText("spec", SPEC)).sound
    made = import_jobs({"job.json": json.dumps(wrap(NODES))}, "lake", SPEC, sound, render)
    assert tables(made)["target"] == {
        "description": "Out.",
        "zone": "landing",
        "source": "people",
        "join": [{"semi": "clicks", "on": "email = mail"}],
    }  # fmt: skip


@pytest.mark.parametrize("text", ["def broken(:", "{}", '{"Job": {"Name": "x"}}', "{not json", "x = 1"])
def test_what_is_no_job_is_refused(text: str) -> None:
    with pytest.raises(UnreadableScriptError):
        import_jobs({"job": text}, "lake", None, None, render)


@pytest.mark.parametrize(
    ("lake", "unproven"),
    [
        ("pipeline.yaml", set()),
        ("tests/specs/everything/pipeline.yaml", set()),
        ("docs/examples/shop/pipeline.yaml", {"G001"}),  # what Studio can only hold as SQL shows less of people
    ],
)
def test_our_own_graphs_for_studio_come_back_as_the_same_tables(lake: str, unproven: set[str]) -> None:
    spec = (ROOT / lake).read_text(encoding="utf-8")
    before = check_spec(SourceText(lake, spec)).sound
    assert before is not None
    made = import_jobs(render_studio(before), "lake", spec, before, render)
    assert not [finding for finding in made.findings if finding.kind is Kind.LOST]
    analysis = check_spec(SourceText("made", made.text))
    assert {one.code for one in analysis.diagnostics if one.severity is Severity.ERROR} == unproven
    assert analysis.sound is not None
    assert set(analysis.sound.sources) == set(before.sources)
    for name, table in before.tables.items():
        if not table.is_view:
            found = [(column.name, str(column.type)) for column in analysis.sound.tables[name].columns]
            assert found == [(column.name, str(column.type)) for column in table.columns], name


def test_our_own_graphs_come_back_without_a_spec() -> None:
    before = check_spec(SourceText("pipeline.yaml", (ROOT / "pipeline.yaml").read_text(encoding="utf-8"))).sound
    assert before is not None
    lake = check_spec(SourceText("made", import_jobs(render_studio(before), "lake", None, None, render).text)).lake
    assert lake is not None
    found = {source.paths: source.columns for source in lake.sources.values()}
    assert found == {source.paths: source.columns for source in before.sources.values()}
    assert set(lake.tables) == {*before.sources, *before.tables}, "the jobs of sources make tables of raw data"
    for name, table in before.tables.items():
        assert [join.kind for _, _, join in lake.tables[name].query.joins()] == [
            join.kind for _, _, join in table.query.joins()
        ]
