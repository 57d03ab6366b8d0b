"""The SQL of both engines: quoted, with the author's meaning, and as simple as that allows."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.plan.expressions import (
    DUCKDB_SETTINGS,
    Scope,
    check,
    settings_for,
    substitute,
    to_duckdb,
    to_spark,
    type_of,
)
from generator.plan.relation import Column, ColumnId
from generator.plan.types import BIGINT, duckdb_type

from .samples import ALL, ONE, columns, problems, sound


@pytest.mark.parametrize(
    ("text", "spark", "duck"),
    [
        ("USER", "`customers`.`user`", '"customers"."user"'),
        ("name = 'it\\'s'", "`customers`.`name` = 'it\\'s'", "\"customers\".\"name\" = 'it''s'"),
        ("email is not null", "`customers`.`email` IS NOT NULL", '"customers"."email" IS NOT NULL'),
        ("id + 1", "try_add(`customers`.`id`, 1)", 'TRY_CAST("customers"."id"::HUGEINT + (1::BIGINT) AS BIGINT)'),
        ("score * 2", "`customers`.`score` * 2", '"customers"."score" * (2::DOUBLE)'),
        ("score / 0", "`customers`.`score` / 0", '"customers"."score" / nullif((0::DOUBLE), 0)'),
        ("id not in (1, 2)", "`customers`.`id` NOT IN (1, 2)", '"customers"."id" NOT IN (1, 2)'),
        ("id <=> 1", "`customers`.`id` <=> 1", '"customers"."id" IS NOT DISTINCT FROM 1'),
        (
            "address.city",
            "`customers`.`address`.`city`",
            'struct_extract("customers"."address", \'city\')',
        ),
        (
            "rank() over (partition by user order by id desc)",
            "rank() OVER (PARTITION BY `customers`.`user` ORDER BY `customers`.`id` DESC NULLS LAST)",
            'CAST(rank() OVER (PARTITION BY "customers"."user" ORDER BY "customers"."id" DESC NULLS LAST) AS INTEGER)',
        ),
        (
            "name like 'a\\\\_%'",
            "`customers`.`name` LIKE 'a\\\\_%'",
            "\"customers\".\"name\" LIKE 'a\\_%' ESCAPE '\\'",
        ),
    ],
)
def test_sql(text: str, spark: str, duck: str) -> None:
    assert to_spark(sound(text).ast) == spark
    assert to_duckdb(sound(text).ast) == duck


def test_a_whole_expression_may_stand_beside_and() -> None:
    ast = sound("active or id > 1").ast
    assert to_spark(ast) == "(`customers`.`active` OR `customers`.`id` > 1)"
    assert to_duckdb(ast) == '("customers"."active" OR "customers"."id" > 1)'


def test_grouping_survives_without_the_authors_parentheses() -> None:
    ast = sound("(active or id > 1) and not (active and id < 5)").ast
    assert to_spark(ast) == (
        "(`customers`.`active` OR `customers`.`id` > 1) AND NOT (`customers`.`active` AND `customers`.`id` < 5)"
    )


def test_output_columns_are_cast_unless_they_are_columns() -> None:
    assert to_duckdb(sound("id").ast, output=True) == '"customers"."id"'
    assert to_duckdb(sound("lower(name)").ast, output=True) == 'CAST(spark_lower("customers"."name") AS VARCHAR)'


def test_names_are_quoted_whatever_they_hold() -> None:
    scope = Scope({"t": columns("t", {'we"ird`': "int"})})
    ast = sound('`we"ird```', scope).ast
    assert to_spark(ast) == '`t`.`we"ird```'
    assert to_duckdb(ast) == '"t"."we""ird`"'


def test_substituted_expressions_keep_meaning_and_types() -> None:
    scope = Scope({"o": columns("o", {"a": "int", "b": "int"})}, {"total": Column("total", BIGINT)})
    total = sound("cast(a + b as bigint)", scope).ast
    plain = sound("a - b", scope).ast
    ast = sound("total * 2 + total", scope).ast
    replaced = substitute(ast, {ColumnId(None, "total"): total})
    assert to_spark(replaced) == (
        "try_add(try_multiply(try_cast(try_add(`o`.`a`, `o`.`b`) AS bigint), 2),"
        " try_cast(try_add(`o`.`a`, `o`.`b`) AS bigint))"
    ).replace("try_cast", "cast" if "try_cast" not in to_spark(total) else "try_cast")
    assert type_of(replaced) == BIGINT
    assert to_spark(ast) == "try_add(try_multiply(`total`, 2), `total`)"
    doubled = substitute(sound("-total", scope).ast, {ColumnId(None, "total"): plain})
    assert to_duckdb(doubled) == 'TRY_CAST(-(TRY_CAST("o"."a"::HUGEINT - "o"."b" AS INTEGER))::HUGEINT AS BIGINT)'


def test_only_the_settings_in_use_are_needed() -> None:
    assert settings_for([to_duckdb(sound("id + 1").ast)]) == ()
    assert [text[:40] for text in settings_for([to_duckdb(sound("lower(name)").ast)])] == [
        "CREATE OR REPLACE MACRO spark_lower(x) A"
    ]


ATOMS = st.sampled_from(
    ["id", "`order`", "spent", "score", "1", "-1", "0", "2.5", "1e3", "null", "length(name)", "year(joined)"]
)
NUMBERS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "div", "&"]), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(inner, inner).map(lambda pair: "coalesce({}, {})".format(*pair)),
        st.tuples(inner, inner, inner).map(lambda three: "case when {} > {} then {} end".format(*three)),
        st.tuples(inner, inner).map(lambda pair: "if({0} <= {1}, {1}, {0})".format(*pair)),
        inner.map("cast({} as int)".format),
        inner.map("cast({} as decimal(12,3))".format),
        inner.map("round({}, 2)".format),
        inner.map("abs({})".format),
        inner.map("ceil({})".format),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    for setting in DUCKDB_SETTINGS:
        opened.execute(setting)
    listed = ", ".join(f'"{name}" {duckdb_type(column.type)}' for name, column in ONE.relations["customers"].items())
    opened.execute(f"CREATE TABLE customers ({listed})")
    opened.execute(
        "INSERT INTO customers (id, name, joined, spent, score, \"order\") VALUES (1, 'a', DATE '2024-02-29', 1.25,"
        " 0.5, 7), (NULL, NULL, NULL, NULL, NULL, NULL), (-3, '', DATE '1969-12-31', -0.05, 'nan', -7),"
        " (0, 'é', DATE '2000-01-01', 0, 0, 0)"
    )
    return opened


WHOLE = st.one_of(
    st.sampled_from(sorted({base + step for base in (0, 2**7, 2**15, 2**31, 2**63, 2**64, 10**18, 10**37, 2**127)
                            for step in (-1, 0, 1) if base + step >= 0})),
    st.integers(0, 10**38),
)  # fmt: skip
DIGITS = st.text("0123456789", min_size=1, max_size=20)
LITERALS = st.tuples(
    st.sampled_from(["", "", "-", "- ", "- -"]),
    st.sampled_from(["", "", "0", "00"]),
    st.one_of(WHOLE.map(str), DIGITS, st.tuples(DIGITS, DIGITS).map(".".join), DIGITS.map(".{}".format)),
    st.sampled_from(["", "", "", "", "L", "S", "Y", "BD", "D", "F", "e0", "e-3", "E12"]),
).map("".join)
PLACES = st.sampled_from([
    "{0}", "({0})", "-({0})", "array({0})", "array({0}, null)[0]", "map('k', {0})", "coalesce({0}, {0})",
    "case when active then {0} else {0} end", "case when active then {0} end", "if(active, {0}, null)",
    "nullif({0}, 1)", "greatest({0}, 1)", "max({0})", "lag({0}) over (order by id)", "sum({0})", "{0} + 1", "1 - {0}",
    "{0} * {0}", "{0} % 3", "abs({0})", "round({0}, 1)", "cast({0} as bigint)", "cast({0} as smallint)",
    "cast({0} as decimal(38,0))", "cast({0} as decimal(20,5))", "cast({0} as string)", "cast({0} as double)",
    "coalesce({0}, id)", "coalesce({0}, spent)", "array({0}, 1)", "{0} = id",
])  # fmt: skip


@settings(max_examples=500)
@given(text=st.tuples(LITERALS, PLACES).map(lambda pair: pair[1].format(pair[0])))
@example(text="-2147483648")
@example(text="array(-2147483648)")
@example(text="99999999999999999999999999999999999999")
@example(text="-5bd")
@example(text="-007.50")
@example(text="-(9223372036854775808)")
def test_each_number_has_its_type_in_each_place(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    test_what_is_checked_runs_and_has_its_type.hypothesis.inner_test(text, connection)


@given(text=st.tuples(st.sampled_from(["", "-"]), DIGITS, DIGITS, st.sampled_from(["D", "d", "e0"])))
def test_a_double_is_the_nearest_to_its_digits(
    text: tuple[str, str, str, str], connection: duckdb.DuckDBPyConnection
) -> None:
    sign, whole, fraction, suffix = text
    sql = to_duckdb(sound(f"{sign}{whole}.{fraction}{suffix}").ast)
    assert connection.execute(f"SELECT {sql}").fetchall() == [(float(f"{sign}{whole}.{fraction}"),)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("concat(name, null)", "VARCHAR"),
        ("name || null", "VARCHAR"),
        ("sum(null)", "DOUBLE"),
        ("array(null, null)", "INTEGER[]"),
        ("-2147483648", "INTEGER"),
    ],
)
def test_an_output_column_has_its_type_though_duckdb_would_take_another(
    text: str, kind: str, connection: duckdb.DuckDBPyConnection
) -> None:
    sql = to_duckdb(sound(text).ast, output=True)
    assert connection.execute(f"DESCRIBE SELECT {sql} FROM customers").fetchall()[0][1] == kind


@given(text=NUMBERS)
def test_what_is_checked_runs_and_has_its_type(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    """A random expression is refused, or DuckDB runs it and gives the type that was computed for it."""
    typed, problems = check(text, ONE, ALL)
    if typed is None:
        assert problems
        return
    sql = to_duckdb(typed.ast)
    if typed.type.kind != "null":
        found = connection.execute(f"DESCRIBE SELECT {sql} FROM customers").fetchall()[0][1]
        assert found == duckdb_type(typed.type), f"{text}\n{sql}"
    connection.execute(f"SELECT {sql} FROM customers").fetchall()


def test_products_and_constants_of_many_digits_are_computed(connection: duckdb.DuckDBPyConnection) -> None:
    """DuckDB multiplies decimals of up to 18 digits within 18 digits."""
    for text, value in {
        "1000000000BD * 1000000000BD": Decimal(10**18),
        "99999999.99 * 99999999.99": Decimal("9999999998000000.0001"),
        "cast(99999999.99 as decimal(10,2)) * cast(-99999999.99 as decimal(10,2))": Decimal("-9999999998000000.0001"),
    }.items():
        sql = to_duckdb(sound(text).ast)
        assert connection.execute(f"SELECT {sql} FROM customers WHERE id IS NULL").fetchall() == [(value,)], text


def test_decimals_that_have_no_type_in_common_are_refused() -> None:
    """Together they need more than 38 digits, and each engine would cut off others."""
    assert [problem.code for problem in problems("coalesce(9999999999999999999999999999999999999, spent)")] == ["T005"]
    assert [problem.code for problem in problems("spent > 9999999999999999999999999999999999999")] == ["T001"]
