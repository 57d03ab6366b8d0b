"""Rows that stand in the spec: what is known of them, how `sql:` may say them, and what is refused, where."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from generator.checks import check_spec
from generator.diagnostics import Diagnostic, SourceText
from generator.plan.inline import MOST_ROWS
from generator.plan.lake import CompiledLake, Inline, Join
from generator.plan.maintenance.verdict import Reach, verdict
from generator.render.explanation.history import definitions
from generator.render.explanation.readable import step_text
from generator.render.explanation.refresh import explain_refresh, sentences

BASE = """\
version: 1
lake: test
subjects:
  customer: {registry: customers, keys: [id, email]}
consent:
  mail: {subject: customer, when: agreed}
zones: {free: {}, nobody: {pii: forbid}, mail: {require: mail}}
sources:
  customers:
    path: c/
    columns: {id: bigint, email: {type: string, pii: true}, level: int, agreed: boolean}
  orders:
    path: o/
    subject: none
    columns: {order_id: bigint, level: int, country: string, year: int}
tables:
  levels:
    view: true
    values:
      columns: {code: int, name: string}
      rows:
        - [1, low]
        - {name: high, code: 2}
        - {code: 3}
"""


def text_of(body: str, zone: str = "free") -> str:
    return f"{BASE}  t:\n    zone: {zone}\n" + "".join(f"    {line}\n" for line in body.splitlines())


def lake(body: str = "source: levels", zone: str = "free") -> CompiledLake:
    found = check_spec(SourceText("pipeline.yaml", text_of(body, zone)))
    assert found.lake is not None, found.diagnostics
    return found.lake


def diagnostics(body: str, zone: str = "free") -> tuple[Diagnostic, ...]:
    return check_spec(SourceText("pipeline.yaml", text_of(body, zone))).diagnostics


def values(columns: str, *rows: str) -> str:
    return "\n".join(("values:", f"  columns: {columns}", f"  rows: [{', '.join(rows)}]"))


def inline(body: str) -> Inline:
    (found,) = lake(body).tables["t"].query.rows_of_the_spec()
    return found


def keys(body: str) -> set[frozenset[str]]:
    return {frozenset(column.name for column in key) for key in lake(body).tables["t"].relation.keys}


# What they are -----------------------------------------------------------------------------------------


def test_rows_are_lists_in_order_or_mappings_by_name() -> None:
    (step,) = lake().tables["levels"].query.rows_of_the_spec()
    assert step.rows == ((1, "low"), (2, "high"), (3, None))
    assert step_text(step) == "take the rows that stand in the spec: code, name"


EACH_TYPE = {
    "tinyint": ("-128", -128), "smallint": ("7", 7), "int": ("-2147483648", -(2**31)), "bigint": ("9", 9),
    "decimal(5,2)": ("1.5", Decimal("1.5")), "double": (".nan", float("nan")), "float": ("0.1", 0.10000000149011612),
    "boolean": ("true", True), "string": ("'2024'", "2024"), "date": ("2024-02-29", date(2024, 2, 29)),
    "timestamp": ("2024-01-01T02:00:00+02:00", datetime(2024, 1, 1)), "binary": ("YQ==", b"a"),
    "array<int>": ("[1, null]", [1, None]), "map<int,date>": ("{1: 2024-01-01}", {1: date(2024, 1, 1)}),
    "struct<a:int,b:array<string>>": ("{b: [x]}", {"a": None, "b": ["x"]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", EACH_TYPE)
def test_values_are_of_their_columns_types(kind: str) -> None:
    written, expected = EACH_TYPE[kind]
    ((found,),) = inline(values(f'{{a: "{kind}"}}', f"[{written}]")).rows
    assert found == expected or (found != found and expected != expected)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["[1, a, x]", "[2, a, x]"], {"a"}),
        (["[1, a, x]", "[1, b, x]", "[2, b, x]"], {"a b"}),
        (["[1, a, x]", "[1, b, y]", "[null, a, x]"], {"a b", "a c"}),
        (["[1, a, x]", "[1, a, x]"], set()),
        (["[1, a, x]"], {""}),
        ([], {""}),
        (["[1, a, x]", "[1, a, y]", "[1, b, x]", "[2, a, x]"], {"a b c"}),
    ],
)
def test_columns_that_tell_the_rows_apart_are_keys(rows: list[str], expected: set[str]) -> None:
    found = keys(values("{a: int, b: string, c: string}", *rows))
    assert found == {frozenset(key.split()) for key in expected}


def test_columns_that_engines_compare_in_their_own_way_are_no_keys() -> None:
    assert keys(values("{a: double, b: array<int>}", "[0.0, [1]]", "[-0.0, [2]]")) == set()


@pytest.mark.parametrize(
    ("on", "unique"), [("orders.level = levels.code", True), ("orders.country = upper(name)", False)]
)
def test_a_join_with_them_matches_one_row_where_the_rows_say_so(on: str, unique: bool) -> None:
    body = f"source: orders\njoin: [{{left: levels, on: {on}}}]"
    join = next(step for step in lake(body).tables["t"].query.steps if isinstance(step, Join))
    assert (join.right_unique, join.assumes_right) == (unique, False)
    assert [one.code for one in diagnostics(body)] == ([] if unique else ["J001"])


def test_a_composite_key_counts() -> None:
    rates = "values ('de', 2024, 1), ('de', 2025, 2), ('fr', 2024, 3)"
    body = (
        f"sql: |\n  select o.order_id, r.rate from orders o join ({rates}) as r (country, year, rate)"
        " on r.country = o.country and r.year = o.year"
    )
    assert diagnostics(body) == ()


def test_other_keys_go_on_from_them() -> None:
    body = values("{a: int, b: string}", "[1, x]", "[2, y]") + "\nfilter: a > 1\nadd: {c: upper(b)}\ndrop: b"
    found = lake(body).tables["t"]
    assert [column.name for column in found.columns] == ["a", "c"]
    assert found.inputs == ()


def test_a_column_comes_from_the_spec() -> None:
    (made,) = definitions(lake().tables["levels"].query, "code")
    assert made.expression == "a value that stands in the spec"


# Whose they are ----------------------------------------------------------------------------------------


def test_they_are_nobodys() -> None:
    assert diagnostics("source: levels", "mail") == ()
    assert diagnostics("source: levels", "nobody") == ()
    joined = "source: customers\nfilter: agreed\njoin: [{left: levels, on: level = code}]"
    assert diagnostics(joined, "mail") == ()
    unasked = joined.replace("filter: agreed\n", "")
    assert [one.code for one in diagnostics(unasked, "mail")] == ["G001"]


def test_beside_rows_of_people_a_union_keeps_the_proof_and_loses_the_key() -> None:
    body = "sql: select id, level from customers where agreed union all values (-1L, 0)"
    table = lake(body, "mail").tables["t"]
    assert len(table.relation.persons) == 1
    assert not any(column.identities for column in table.columns)


@pytest.mark.parametrize(
    "body",
    [
        "source: customers\njoin: [{semi: people, on: customers.email = people.email}]",
        "sql: select c.id from customers c join people p on p.email = c.email",
        "sql: select c.id from customers c join (values ('a@x.de'), ('b@x.de')) as p (email) on p.email = c.email",
        "sql: select id from customers where email in (select email from people)",
    ],
)
def test_a_list_of_people_is_told(body: str) -> None:
    people = "  people: {view: true, values: {columns: {email: string}, rows: [[a@x.de], [b@x.de]]}}\n"
    text = text_of(body) + people
    (found,) = check_spec(SourceText("pipeline.yaml", text)).diagnostics
    assert (found.code, found.message) == ("G011", "`email` names people, and its values stand in the spec")
    assert found.span is not None and "email" in text[found.span.start : found.span.end]


def test_they_take_the_label_of_what_they_are_compared_with() -> None:
    body = "sql: select p.mail from customers c join (values ('a'), ('b')) as p (mail) on p.mail = c.email"
    assert {one.code for one in diagnostics(body, "nobody")} == {"G004", "G011"}


# How `sql:` says them ----------------------------------------------------------------------------------

FORMS = {
    "in from": "select code, name from values (1, 'low'), (2, 'high') as t (code, name)",
    "in parentheses": "select code, name from (values (1, 'low'), (2, 'high')) as t (code, name)",
    "named inside": "select code, name from (values (1, 'low'), (2, 'high') as v (code, name)) t",
    "without as": "select code, name from values (1, 'low'), (2, 'high') t(code, name)",
    "a named query": "with t as (select * from values (1, 'low'), (2, 'high') as v (code, name)) select * from t",
    "names of a named query": "with t (code, name) as (values (1, 'low'), (2, 'high')) select code, name from t",
    "alone": "values (1, 'low'), (2, 'high') as t (code, name)",
    "in a union": "select code, name from values (1, 'low') as t (code, name) union all values (2, 'high')",
}


@pytest.mark.parametrize("form", FORMS)
def test_sql_says_the_same_in_each_form(form: str) -> None:
    table = lake(f"sql: {FORMS[form]}").tables["t"]
    assert {column.name: str(column.type) for column in table.columns} == {"code": "int", "name": "string"}
    rows = [row for step in table.query.rows_of_the_spec() for row in step.rows]
    assert rows == [(1, "low"), (2, "high")]


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (["1", "2L"], "bigint", [1, 2]),
        (["1", "2.5"], "decimal(11,1)", [Decimal(1), Decimal("2.5")]),
        (["1.25", "1e1"], "double", [1.25, 10.0]),
        (["0.1f", "2d"], "double", [0.10000000149011612, 2.0]),
        (["null", "-3"], "int", [None, -3]),
        (["date'2024-01-31'", "cast('2024-02-01' as date)"], "date", [date(2024, 1, 31), date(2024, 2, 1)]),
        (["timestamp'2024-01-31 05:00'", "null"], "timestamp", [datetime(2024, 1, 31, 5), None]),
        (["cast(5 as decimal(10,2))", "cast(null as decimal(10,2))"], "decimal(10,2)", [Decimal(5), None]),
        (["cast('NaN' as double)", "0.5d"], "double", [float("nan"), 0.5]),
        (["array(1, null)", "array(2.5)"], "array<decimal(11,1)>", [[Decimal(1), None], [Decimal("2.5")]]),
        (["true", "(false)"], "boolean", [True, False]),
        (["cast('a' as binary)", "null"], "binary", [b"a", None]),
        (["-2147483648", "2147483647"], "int", [-(2**31), 2**31 - 1]),
    ],
)
def test_types_are_those_that_hold_all_rows(cells: list[str], kind: str, expected: list[Any]) -> None:
    rows = ", ".join(f"({one})" for one in cells)
    step = inline(f'sql: "select a from values {rows} as t (a)"')
    assert [str(column.type) for column in step.after.columns.values()] == [kind]
    assert repr([row[0] for row in step.rows]) == repr(expected)


def test_they_can_be_asked_for_where_none_is_null() -> None:
    assert diagnostics("sql: select order_id from orders where level is not null and level not in "
                       "(select n from values (1), (2) as t (n))") == ()  # fmt: skip
    (found,) = diagnostics("sql: select order_id from orders where level is not null and level not in "
                           "(select n from values (1), (null) as t (n))")  # fmt: skip
    assert found.code == "Q001" and "may be null" in found.message


# What is refused ---------------------------------------------------------------------------------------

MISTAKES = {
    "a value of another type": (values("{a: int}", "[1]", "[x1]"), "V001", "x1"),
    "a date that is none": (values("{a: date}", "[2024-02-30]"), "V001", "2024-02-30"),
    "text without quotes": (values("{a: string}", "[7777]"), "V001", "7777"),
    "too large": (values("{a: tinyint}", "[128]"), "V001", "128"),
    "too many digits": (values('{a: "decimal(3,1)"}', "[1.25]"), "V001", "1.25"),
    "inside an array": (values("{a: array<int>}", "[[1, q]]"), "V001", "q"),
    "unknown field": (values('{a: "struct<b:int>"}', "[{c9: 1}]"), "C005", "c9"),
    "a value too few": (values("{a: int, b: int}", "[1, 2]", "[3]"), "V005", "[3]"),
    "a value too many": (values("{a: int}", "[1, 22]"), "V005", "[1, 22]"),
    "a column that there isn't": (values("{code: int}", "{cod: 1}"), "C001", "cod: 1"),
    "a type that there isn't": (values("{a: itn}", "[1]"), "T010", "itn"),
    "no list": (values("{a: int}", "5"), "S001", "5"),
    "rows alone": ("values: [{a: 1}]", "S001", "values"),
    "no columns": ("values: {rows: [[1]]}", "S003", "values"),
    "no rows": ("values: {columns: {a: int}}", "S003", "values"),
    "another key": ("values: {columns: {a: int}, row: [], rows: []}", "S002", "row:"),
    "capitals": (values("{A: int}", "[1]"), "S005", "A"),
    "a source as well": ("source: orders\n" + values("{a: int}", "[1]"), "S004", "t:\n"),
    "a row too short": ("sql: select a from values (1, 2), (33) as t (a, b)", "V005", "(33)"),
    "a name too few": ("sql: select a from values (1, 22) as t (a)", "V005", "(1, 22)"),
    "no names": ("sql: select * from (values (1, 2)) t", "C007", "values (1, 2)"),
    "no name at all": ("sql: select * from values (1) where true", "C007", "values (1)"),
    "a name twice": ("sql: select * from values (1, 2) as t (a, a)", "C003", "values"),
    "something computed": ("sql: select a from values (1), (1 + 1) as t (a)", "Q001", "1 + 1"),
    "the time": ("sql: select a from values (current_date) as t (a)", "Q001", "current_date"),
    "a column": ("sql: select a from values (1), (x7) as t (a)", "C001", "x7"),
    "no common type": ("sql: select a from values (1), ('x') as t (a)", "T001", "'x'"),
    "only nulls": ("sql: select a from values (null), (null) as t (a)", "T011", "null"),
    "only nulls in arrays": ("sql: select a from values (array(null)) as t (a)", "T011", "array"),
    "a cast that fails": ("sql: select a from values (cast('x' as date)) as t (a)", "V001", "cast"),
    "a cast that cuts": ("sql: select a from values (cast(1.5 as int)) as t (a)", "V001", "cast"),
    "names of another query": ("sql: select a from (select level from orders) as t (a)", "Q001", ")"),
    "an unclosed row": ("sql: select a from values (1, 2 as t (a)", "E001", "as"),
    "other columns in a union": ("sql: select level from orders union all values (1, 2)", "U001", "values"),
    "another type in a union": ("sql: select level from orders union all values ('a')", "U002", "values"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_has_its_place(name: str) -> None:
    body, code, at = MISTAKES[name]
    text = text_of(body)
    (found,) = check_spec(SourceText("pipeline.yaml", text)).diagnostics
    assert (found.code, found.severity) == (code, "error"), found
    start = text.index("  t:\n    zone") + 2
    assert found.span is not None
    assert text.startswith(at, found.span.start), text[found.span.start : found.span.end]
    assert found.span.start >= start
    assert name != "rows alone" or found.help == ("write `values: {columns: {name: type}, rows: [[…]]}`",)


@pytest.mark.parametrize("form", ["yaml", "sql"])
def test_there_is_a_limit(form: str) -> None:
    def body(size: int) -> str:
        if form == "yaml":
            return values("{a: int}", *(f"[{number}]" for number in range(size)))
        return f"sql: select a from values {', '.join(f'({number})' for number in range(size))} as t (a)"

    assert diagnostics(body(MOST_ROWS)) == ()
    (found,) = diagnostics(body(MOST_ROWS + 1))
    assert (found.code, found.message) == ("V005", "1,001 rows are too many to stand in a spec")
    assert "land them" in found.help[0]


def test_a_value_may_be_a_variable() -> None:
    text = text_of(values("{a: int, b: string}", "['${most}', '${kind}']")).replace(
        "tables:\n", "variables: {most: 5, kind: x}\ntables:\n", 1
    )
    found = check_spec(SourceText("pipeline.yaml", text)).lake
    assert found is not None
    assert next(found.tables["t"].query.rows_of_the_spec()).rows == ((5, "x"),)


# How they are kept -------------------------------------------------------------------------------------


def kept(body: str, *more: str) -> tuple[tuple[str, ...], tuple[Reach, ...], str]:
    text = text_of(body) + "".join(more)
    found = check_spec(SourceText("pipeline.yaml", text)).lake
    assert found is not None
    one = verdict(found, found.tables["t"])
    return one.address, one.reaches, one.reason


def test_they_never_change() -> None:
    assert kept("source: levels") == (("code",), (), "")
    joined = "source: orders\njoin: [{left: levels, on: level = code}]"
    assert kept(joined)[1:] == ((Reach("orders", "rows"),), "")
    first = "source: levels\njoin: [{left: orders, on: level = code}]"
    assert kept(first)[1:] == ((Reach("orders", "matches", "left join orders on level = code"),), "")


def test_a_table_of_them_alone_is_made_once() -> None:
    found = lake()
    refresh = explain_refresh(found, found.tables["t"])
    assert refresh is not None
    assert list(sentences(refresh)) == ["Its rows stand in the spec: a run makes it once, and again when they change."]
