"""Names, types and places: what is accepted, and what each mistake is called and where it lies."""

from __future__ import annotations

import pytest
from sqlglot import exp

from generator.plan.expressions import Allow, Problem, Scope, check, check_ast, compare_types, parse, span_of, type_of
from generator.plan.relation import Column, ColumnId
from generator.plan.types import BIGINT, parse_type

from .samples import ALL, CUSTOMERS, ONE, ORDERS, TWO, columns, found, problems, sound


def test_names_are_found_in_any_case_and_come_out_lower() -> None:
    typed = sound("USER")
    assert typed.column == ColumnId("customers", "user")
    assert typed.ast == exp.column(
        exp.to_identifier("user", quoted=True), table=exp.to_identifier("customers", quoted=True)
    )
    assert sound("Customers.`Order`").column == ColumnId("customers", "order")
    assert sound("(id)").column == ColumnId("customers", "id")


def test_computed_columns_win_over_those_of_tables() -> None:
    scope = Scope({"o": columns("orders", ORDERS)}, {"amount": Column("amount", BIGINT)})
    assert sound("amount", scope).column == ColumnId(None, "amount")
    assert sound("o.amount", scope).column == ColumnId("o", "amount")
    assert sound("amount + 1", scope).type == BIGINT


def test_a_column_wins_over_a_function_without_parentheses() -> None:
    scope = Scope({"t": columns("t", {"current_date": "string"})})
    assert sound("current_date = 'x'", scope).type == parse_type("boolean")
    assert sound("current_date").type == parse_type("date")


def test_struct_fields_are_read_through_alias_and_arrays() -> None:
    assert str(sound("address.city").type) == "string"
    assert str(sound("customers.address.ZIP").type) == "string"
    assert str(sound("rows[0].n").type) == "int"
    assert sound("address.city").column is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", "int"), ("3000000000", "bigint"), ("1L", "bigint"), ("1.50", "decimal(3,2)"), (".5", "decimal(1,1)"),
        ("1e3", "double"), ("1.5D", "double"), ("2.5F", "float"), ("12345678901234567890", "decimal(20,0)"),
        ("-2147483648", "int"), ("-9223372036854775808", "bigint"), ("2S", "smallint"), ("2Y", "tinyint"),
        ("'x'", "string"), ('"x"', "string"), ("true", "boolean"), ("date'2024-02-29'", "date"),
        ("timestamp'2024-02-29'", "timestamp"), ("id + 1", "bigint"), ("`order` + 1", "int"), ("id / 2", "double"),
        ("id div 2", "bigint"), ("spent * 2", "decimal(12,2)"), ("spent + id", "decimal(23,2)"),
        ("spent / 3", "decimal(14,6)"), ("score + spent", "double"), ("2.5F * 2", "float"),
        ("joined + interval 1 month", "date"), ("seen - interval 1 day", "timestamp"),
        ("case when active then 1 else spent end", "decimal(12,2)"), ("coalesce(null, id, 1)", "bigint"),
        ("tags[0]", "string"), ("prices['a']", "int"), ("split(name, ',')", "array<string>"), ("count(*)", "bigint"),
        ("sum(spent)", "decimal(20,2)"), ("avg(spent)", "decimal(14,6)"), ("sum(`order`)", "bigint"),
        ("min(joined)", "date"), ("sort_array(collect_set(id))", "array<bigint>"), ("round(spent, 1)", "decimal(10,1)"),
        ("rank() over (order by id)", "int"), ("lag(spent, 1, 0) over (order by id)", "decimal(12,2)"),
    ],
)  # fmt: skip
def test_types(text: str, kind: str) -> None:
    assert str(sound(text).type) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("usr = 'a'", [("C001", "usr")]),
        ("customers.usr", [("C001", "usr")]),
        ("address.cty", [("C005", "cty")]),
        ("id.city", [("C005", "city")]),
        ("costumers.id", [("C006", "costumers")]),
        ("id = '1'", [("T001", "id = '1'")]),
        ("id = name", [("T001", "id = name")]),
        ("joined > '2024-01-01'", [("T001", "joined > '2024-01-01'")]),
        ("active = 1", [("T001", "active = 1")]),
        ("tags = tags", [("T001", "tags = tags")]),
        ("name in ('a', 1)", [("T001", "1")]),
        ("id between 'a' and 5", [("T001", "'a'")]),
        ("case id when 'a' then 1 end", [("T001", "'a'")]),
        ("id and active", [("T002", "id")]),
        ("not name", [("T002", "name")]),
        ("case when id then 1 end", [("T002", "id")]),
        ("sum(id) filter (where id)", [("T002", "id")]),
        ("case when null then 1 end", [("T002", "null")]),
        ("if(null, 1, 2)", [("T002", "null")]),
        ("nullif(id, score)", [("F003", "id, score")]),
        ("name + 1", [("T003", "name + 1")]),
        ("-name", [("T003", "-name")]),
        ("joined + 1", [("T003", "joined + 1")]),
        ("spent + null", [("T003", "spent + null")]),
        ("seen - seen", [("T003", "seen - seen")]),
        ("score div 2", [("T003", "score div 2")]),
        ("score & 1", [("T003", "score")]),
        ("joined + interval 1 hour", [("T003", "joined + interval 1 hour")]),
        ("case when active then 1 else 'a' end", [("T005", "'a'")]),
        ("coalesce(id, name)", [("T005", "name")]),
        ("if(active, id, name)", [("T005", "name")]),
        ("upper(id)", [("T006", "id")]),
        ("year(name)", [("T006", "name")]),
        ("name || id", [("T006", "id")]),
        ("id like 'a'", [("T006", "id")]),
        ("name like user", [("T006", "user")]),
        ("round(score, `order`)", [("T006", "`order`")]),
        ("tags['a']", [("T006", "'a'")]),
        ("id[0]", [("T006", "id[0]")]),
        ("max(tags)", [("T006", "tags")]),
        ("interval 1 day", [("T006", "interval 1 day")]),
        ("cast(id as timestamp)", [("T007", "cast(id as timestamp)")]),
        ("cast(score as string)", [("T007", "cast(score as string)")]),
        ("cast(tags as string)", [("T007", "cast(tags as string)")]),
        ("date'2024-02-30'", [("T007", "'2024-02-30'")]),
        ("name = null", [("T008", "name = null")]),
        ("null <> name", [("T008", "null <> name")]),
        ("name not in ('a', null)", [("T008", "null")]),
        ("cast(spent as decimal(38,2)) * spent", [("T009", "cast(spent as decimal(38,2)) * spent")]),
        ("lenght(name)", [("F001", "lenght")]),
        ("upper()", [("F002", "upper")]),
        ("upper(name, 1)", [("F002", "upper")]),
        ("count()", [("F002", "count")]),
        ("sum(*)", [("F002", "sum")]),
        ("count(distinct *)", [("F002", "count")]),
        ("xxhash64(name)", [("F003", "xxhash64")]),
        ("sha2(name, 512)", [("F003", "512")]),
        ("date_format(seen, 'YYYY')", [("F003", "'YYYY'")]),
        ("name rlike '(?=a)'", [("F003", "'(?=a)'")]),
        ("collect_list(id)", [("F003", "collect_list")]),
        ("concat_ws(',', sort_array(split(name, ',')))", [("T006", "sort_array(split(name, ','))")]),
        ("sum(sum(id))", [("A002", "sum")]),
        ("row_number()", [("A004", "row_number")]),
        ("row_number() over ()", [("A004", "row_number")]),
        ("upper(name) over (order by id)", [("A004", "upper")]),
        ("median(id) over (order by id)", [("A004", "median")]),
        ("sum(rank() over (order by id))", [("A004", "rank")]),
        ("rank() over (order by sum(id))", [("A002", "sum")]),
        ("1e999", [("E001", "1e999")]),
        ("128Y", [("E001", "128Y")]),
        ("map_filter(prices, (k, v) -> v > 1)", [("F003", "map_filter")]),
    ],
)
def test_each_mistake_has_its_code_and_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_all_mistakes_are_found_and_none_causes_another() -> None:
    text = "usr = 1 and lenght(nme) > 3\n  and id = '1' and upper(oops) || 2 = null"
    assert found(text) == [
        ("C001", "usr"), ("F001", "lenght"), ("T001", "id = '1'"), ("T008", "upper(oops) || 2 = null"),
        ("C001", "oops"), ("T006", "2"),
    ]  # fmt: skip


def test_arguments_of_an_unknown_function_are_not_judged() -> None:
    assert found("lenght(nme)") == [("F001", "lenght")]


def test_ambiguous_columns_name_their_owners() -> None:
    (problem,) = problems("id > 1", TWO)
    assert problem.code == "C002"
    assert problem.help == ("write `c.id` or `o.id`",)
    assert sound("o.id = c.id", TWO).type == parse_type("boolean")


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("emial is null", "did you mean `email`?"),
        ("lenght(name) = 1", "did you mean `length`?"),
        ("adress.city", "did you mean `address`?"),
        ("seen > '2024-01-01'", "write `timestamp'2024-01-01'`"),
        ("name = 5", "write `'5'`"),
        ("name = id", "cast one side: `cast(id as string)`"),
        ("name = null", "write `name is null`"),
        ("name <> null", "write `name is not null`"),
        ("collect_list(id)", "write `sort_array(collect_list(…))`"),
        ("hash(name)", "write `md5(…)` or `sha2(…, 256)`"),
    ],
)
def test_help_says_what_to_write(text: str, help: str) -> None:
    assert problems(text)[0].help[0] == help


@pytest.mark.parametrize(
    ("text", "allow", "code"),
    [
        ("count(*) > 1", Allow.NOTHING, "A001"),
        ("count(*) > 1", Allow.WINDOWS, "A001"),
        ("count(*) > 1", Allow.AGGREGATES, None),
        ("count(*) over () > 1", Allow.AGGREGATES, "A004"),
        ("count(*) over () > 1", Allow.WINDOWS, None),
        ("id > 1", Allow.NOTHING, None),
    ],
)
def test_aggregates_and_windows_only_where_allowed(text: str, allow: Allow, code: str | None) -> None:
    _, found = check(text, ONE, allow)
    assert [problem.code for problem in found] == ([code] if code else [])


def test_aggregate_and_window_are_told_apart() -> None:
    assert sound("sum(id) + 1").aggregate
    windowed = sound("sum(id) over (order by id) + 1")
    assert windowed.window
    assert not windowed.aggregate
    aggregated = sound("sum(id) filter (where active)")
    assert isinstance(aggregated.ast, exp.AggFunc)
    assert all(column.find_ancestor(exp.AggFunc) for column in aggregated.ast.find_all(exp.Column))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("bigint", "int", True), ("bigint", "double", True), ("bigint", "decimal(10,2)", True),
        ("date", "timestamp", True), ("string", "string", True), ("string", "bigint", False),
        ("date", "string", False), ("boolean", "int", False), ("array<int>", "array<int>", False),
        ("struct<a:int>", "struct<a:int>", False),
    ],
)  # fmt: skip
def test_which_types_compare(a: str, b: str, same: bool) -> None:
    assert compare_types(parse_type(a), parse_type(b)) is same
    assert compare_types(parse_type(b), parse_type(a)) is same


def test_parsed_trees_are_shared_and_stay_as_they_are() -> None:
    text = "Lower(Email) = 'x' and ID > 1"
    parsed = parse(text)
    assert isinstance(parsed, exp.Expression)
    before = parsed.copy()
    sound(text)
    sound(text, Scope({"c": columns("customers", CUSTOMERS)}))
    assert parse(text) is parsed
    assert parsed == before


def test_resolved_trees_share_no_node() -> None:
    first, second = sound("id + id"), sound("id + id")
    nodes = [id(node) for typed in (first, second) for node in typed.ast.walk()]
    assert len(nodes) == len(set(nodes))


def test_every_resolved_node_has_its_type_and_place() -> None:
    text = "coalesce(spent, 0) * 2 > 1 and lower(name) in ('a', 'b')"
    for node in sound(text).ast.walk():
        if not isinstance(node, exp.Identifier):
            assert str(type_of(node)) != "unknown", node
            assert span_of(node) != (0, 0), node


def test_offsets_can_be_moved() -> None:
    parsed = parse("usr = 1")
    assert isinstance(parsed, exp.Expression)
    _, found = check_ast(parsed, ONE, ALL, text_offset=100)
    assert [(problem.start, problem.end) for problem in found] == [(100, 103)]


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    typed, found = check("1" + " + 1" * 50_000, ONE)
    assert typed is None
    assert [problem.code for problem in found] == ["E001"]
    assert isinstance(found[0], Problem)
