"""The SQL of both engines: quoted, with the author's meaning, and as simple as that allows."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
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

from .samples import ALL, ONE, columns, sound


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
