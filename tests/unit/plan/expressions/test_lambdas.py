"""Lambdas: what their variables are and hide, what is wrong with them, and what they tell of personal data."""

from __future__ import annotations

import duckdb
import pytest

from generator.plan.expressions import Scope, to_duckdb, to_spark
from generator.plan.relation import Column
from generator.plan.types import parse_type

from .samples import EMAIL, NAME, columns, found, problems, sound

KINDS = {
    "x": "int", "i": "int", "items": "array<struct<price:decimal(10,2),n:int>>", "nums": "array<int>",
    "emails": "array<string>", "grid": "array<array<int>>",
}  # fmt: skip
SCOPE = Scope({"x": columns("t", KINDS)})
PERSONAL = Scope(
    {
        "t": {
            "emails": Column("emails", parse_type("array<string>"), frozenset((EMAIL,)), raw=True),
            "nums": Column("nums", parse_type("array<int>")),
            "name": Column("name", parse_type("string"), frozenset((NAME,)), raw=True),
        }
    }
)
PSEUDONYM = EMAIL._replace(pseudonymous=True, hashed=True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("transform(nums, n -> n + 1)", "array<int>"),
        ("transform(items, one -> one.price * one.n)", "array<decimal(21,2)>"),
        ("transform(items, (one, at) -> at)", "array<int>"),
        ("transform(items, one -> one)", "array<struct<price:decimal(10,2),n:int>>"),
        ("filter(items, ONE -> one.Price > 3)", "array<struct<price:decimal(10,2),n:int>>"),
        ("exists(items, (one) -> one.n is null)", "boolean"),
        ("forall(grid, row -> exists(row, n -> n > x.i))", "boolean"),
        ("transform(grid, row -> transform(row, n -> n / 2))", "array<array<double>>"),
        ("aggregate(items, cast(0 as decimal(20,2)), (acc, one) -> cast(acc + one.price as decimal(20,2)))",
         "decimal(20,2)"),
        ("reduce(nums, 0L, (acc, n) -> acc + n, acc -> cast(acc as string))", "string"),
        ("aggregate(emails, array('x'), (acc, e) -> array(e, acc[0]))[0]", "string"),
    ],
)  # fmt: skip
def test_types_go_through_elements_and_results(text: str, kind: str) -> None:
    assert str(sound(text, SCOPE).type) == kind


@pytest.mark.parametrize(
    ("text", "code", "blamed"),
    [
        ("transform(nums, 1)", "T006", "1"),
        ("transform(i, n -> n)", "T006", "i"),
        ("upper(e -> e)", "T006", "e -> e"),
        ("transform(n -> n, nums)", "T006", "n -> n"),
        ("n -> n + 1", "E001", "->"),
        ("transform(nums, (n, n) -> n)", "E001", "(n, n) -> n"),
        ("transform(nums, (n, at, more) -> n)", "F002", "(n, at, more) -> n"),
        ("exists(nums, (n, at) -> at > 1)", "F002", "(n, at) -> at > 1"),
        ("aggregate(nums, 0, acc -> acc)", "F002", "acc -> acc"),
        ("transform(nums)", "F002", "transform"),
        ("filter(nums, n -> n)", "T002", "n"),
        ("exists(nums, n -> null)", "T002", "null"),
        ("transform(nums, n -> null)", "T006", "null"),
        ("transform(nums, n -> interval 1 day)", "T006", "interval 1 day"),
        ("aggregate(nums, 0L, (acc, n) -> n)", "T005", "n"),
        ("aggregate(items, 0, (acc, one) -> acc + one.price)", "T005", "acc + one.price"),
        ("aggregate(nums, null, (acc, n) -> n)", "T005", "n"),
        ("transform(items, one -> one.prise)", "C005", "prise"),
        ("transform(nums, n -> m)", "C001", "m"),
        ("transform(nums, n -> sum(n))", "A001", "sum"),
        ("transform(nums, n -> row_number() over (order by i))", "A004", "row_number"),
        ("exists(nums, n -> n = 'a b' and n.c)", "C005", "c"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(text: str, code: str, blamed: str) -> None:
    assert (code, blamed) in found(text, SCOPE)


def test_a_wrong_accumulator_is_told_how_to_begin() -> None:
    (wide,) = problems("aggregate(nums, 0, (acc, n) -> acc + 1L)", SCOPE)
    assert wide.help == ("begin with `cast(… as bigint)`",)
    (decimal,) = problems("aggregate(items, cast(0 as decimal(10,2)), (acc, one) -> acc + one.price)", SCOPE)
    assert decimal.help == ("write `cast(… as decimal(10,2))` around it",)


def test_a_variable_is_meant_by_a_name_like_it() -> None:
    (unknown,) = problems("transform(items, item -> itm.price)", SCOPE)
    assert unknown.help == ("did you mean `item`?",)


def test_a_variable_hides_columns_tables_and_variables_around_it() -> None:
    assert to_spark(sound("transform(items, i -> i.n)", SCOPE).ast) == "transform(`x`.`items`, `i` -> `i`.`n`)"
    assert found("transform(nums, x -> x.i)", SCOPE) == [("C005", "i")]
    assert (
        str(sound("transform(nums, n -> transform(items, n -> n.price))", SCOPE).type) == "array<array<decimal(10,2)>>"
    )


def test_spark_takes_no_column_for_a_variable() -> None:
    """Whose table or column a lambda reads, goes by another name in it."""
    text = "transform(nums, x -> x + i + aggregate(nums, 0, (x, n) -> x + n))"
    assert to_spark(sound(text, SCOPE).ast) == (
        "transform(`x`.`nums`, `x#` -> try_add(try_add(`x#`, `x`.`i`), "
        "aggregate(`x`.`nums`, 0, (`x#`, `n`) -> try_add(`x#`, `n`))))"
    )


def test_duckdb_takes_no_column_for_a_variable() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE x AS SELECT 5 AS i, [1, NULL] AS nums, 7 AS n, 9 AS element")
        sql = to_duckdb(sound("transform(nums, i -> i)", SCOPE).ast)
        assert connection.execute(f"SELECT {sql} FROM x").fetchall() == [([1, None],)]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("transform(emails, e -> upper(e))", {EMAIL}),
        ("transform(emails, e -> 1)", {EMAIL}),
        ("transform(emails, (e, at) -> at)", {EMAIL}),
        ("transform(emails, e -> md5(e))", {PSEUDONYM}),
        ("transform(emails, e -> concat(md5(e), name))", {PSEUDONYM, NAME}),
        ("transform(filter(emails, e -> e like 'a%'), e -> md5(e))", {EMAIL, PSEUDONYM}),
        ("filter(emails, e -> md5(e) = 'x')", {EMAIL}),
        ("filter(nums, n -> n > length(name))", {NAME}),
        ("exists(emails, e -> md5(e) = 'x')", {EMAIL}),
        ("exists(nums, n -> name = 'x')", {NAME}),
        ("forall(emails, e -> e is null)", {EMAIL}),
        ("aggregate(nums, 0, (acc, n) -> acc + n + length(name))", {NAME}),
        ("aggregate(nums, '', (acc, n) -> case when acc = 'x' then name else 'y' end)", {NAME}),
        ("aggregate(emails, '', (acc, e) -> md5(e))", {PSEUDONYM}),
        ("aggregate(nums, 0, (acc, n) -> n, acc -> concat(name, cast(acc as string)))", {NAME}),
        ("transform(nums, n -> n)", set()),
        ("transform(emails, e -> aggregate(nums, '', (acc, n) -> e))", {EMAIL}),
    ],
)  # fmt: skip
def test_personal_data_goes_through_variables_and_bodies(text: str, labels: set[object]) -> None:
    assert sound(text, PERSONAL).personal == labels
