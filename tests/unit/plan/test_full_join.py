"""Full joins: the columns that come out, what is known of them, and how a table with one is kept."""

from __future__ import annotations

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake, CompiledTable
from generator.plan.maintenance.verdict import verdict
from generator.render.site.edges import Edge, EdgeKind, edges

HEAD = """\
version: 1
lake: shop
subjects: {person: {registry: people, keys: [mail]}}
zones: {z: {}}
sources:
  people: {path: p/, unique: [[n]], columns: {mail: {type: string, pii: true}, n: int, name: {type: string, pii: true}}}
  left_: {path: a/, unique: [[n]], columns: {mail: {type: string, identifies: person.mail}, n: int, x: int, f: double}}
  right_:
    path: b/
    unique: [[n]]
    columns: {mail: {type: string, identifies: person.mail}, n: bigint, y: int, f: double}
tables:
"""


def table(body: str) -> tuple[CompiledLake, CompiledTable]:
    analysis = check_spec(SourceText("pipeline.yaml", f"{HEAD}  t: {{zone: z, {body}}}\n"))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake, analysis.lake.tables["t"]


def columns(body: str) -> list[str]:
    return [f"{one.name} {one.type}" for one in table(body)[1].columns]


def test_columns_of_using_are_one_of_the_wider_type_where_the_left_one_stood() -> None:
    body = "source: left_, join: [{full: right_, using: [n], cardinality: one_to_one}], drop: [right_.mail, right_.f]"
    assert columns(body) == ["mail string", "n bigint", "x int", "f double", "y int"]
    both = "source: left_, join: [{full: right_, using: [f, mail], cardinality: many_to_many}], drop: right_.n"
    assert columns(both) == ["mail string", "n int", "x int", "f double", "y int"]


def test_star_of_a_query_has_the_columns_of_using_first() -> None:
    body = (
        'sql: "select * except (f) from (select n, x, f from left_) a full join (select y, n from right_) b using (n)"'
    )
    assert columns(body) == ["n bigint", "x int", "y int"]


def test_no_key_is_left_as_both_sides_may_have_a_null() -> None:
    body = "source: left_, join: [{full: right_, using: n}], select: [n, x, y]"
    _, made = table(body)
    assert made.relation.keys == frozenset()
    (step,) = [one.join for one in made.query.joins()]
    assert step.left_unique and step.right_unique


def test_labels_come_from_both_sides() -> None:
    body = "source: left_, join: [{full: people, using: mail, cardinality: many_to_many}], select: [mail, x, name]"
    found = {one.name: sorted({label.source for label in one.personal}) for one in table(body)[1].columns}
    assert found["mail"] == ["left_", "people"] and found["name"] == ["people"]


def test_one_column_tells_who_is_in_a_row_and_two_tell_who_may_be() -> None:
    body = "source: left_, join: [{full: right_, using: mail, cardinality: many_to_many}], select: [mail, x, y]"
    (person,) = table(body)[1].relation.persons.values()
    assert (person.sources, person.optional) == ({"left_", "right_"}, False)
    body = body.replace("using: mail", "on: left_.mail = right_.mail").replace(
        "[mail,", "[left_.mail, {r: right_.mail},"
    )
    persons = list(table(body)[1].relation.persons.values())
    assert [(one.optional, one.partners) for one in persons] == [(True, frozenset())] * 2


def test_a_table_is_made_anew_and_says_which_join_it_is_due_to() -> None:
    lake, made = table("source: left_, join: [{full: right_, on: left_.n = right_.n}], select: [x, y]")
    found = verdict(lake, made)
    assert found.reason == "`full join right_ on left_.n = right_.n` keeps rows of which only its right side tells"
    assert found.place is not None and found.place.path[-2:] == (0, "on")


def test_rows_of_both_sides_come_into_the_table() -> None:
    lake, _ = table("source: left_, join: [{full: right_, on: left_.n = right_.n}], select: [x, y]")
    kinds = [EdgeKind.ROWS, EdgeKind.ROWS]
    assert [one.kind for one in edges(lake, {})] == kinds
    assert Edge("right_", "t", EdgeKind.ROWS, ("full",)) in list(edges(lake, {}))
