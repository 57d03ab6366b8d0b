"""Variables: what stands for them in each kind of text, where errors behind them are; none is undefined silently."""

from __future__ import annotations

import re
import types
import typing
from typing import Any

import pytest
from pydantic import BaseModel

from generator.author.yaml_text import expression, scalar
from generator.checks import check_spec
from generator.cli.formats.common import place
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake
from generator.spec.filling import is_expression
from generator.spec.model import Spec
from generator.spec.variables import Variable, fill, inferred, parsed

BASE = """version: 1
lake: shop
variables:
{variables}
zones: {{landing: {{}}, trusted: {{}}}}
sources:
  orders:
    path: {path}
    keep_versions: {keep}
    columns: {{id: bigint, amount: double, status: string, day: date, at: timestamp}}
tables:
  picked:
    zone: trusted
    source: orders
    {clause}
"""


def source(
    variables: str = "", clause: str = "filter: id > 1", path: str = "o/", keep: str = "1", **given: str
) -> SourceText:
    lines = "".join(f"  {line.strip()}\n" for line in variables.splitlines()) or "  {}\n"
    text = BASE.format(variables=lines, path=path, keep=keep, clause=clause)
    return SourceText("pipeline.yaml", text, variables=tuple(given.items()))


def lake(*arguments: str, **named: str) -> CompiledLake:
    analysis = check_spec(source(*arguments, **named))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake


def filter_of(variables: str, clause: str, **given: str) -> str:
    step = next(
        step
        for step in lake(variables, f"filter: {clause}", **given).tables["picked"].query.steps
        if type(step).__name__ == "Filter"
    )
    return str(step.text)  # type: ignore[attr-defined]


def problems(*arguments: str, **named: str) -> list[str]:
    of = source(*arguments, **named)
    told = []
    for one in check_spec(of).diagnostics:
        where = place(of, one.span) if one.span else None
        line = where.file.line(where.line) if where else ""
        marked = line[where.column - 1 : where.end_column - 1] if where else ""
        told.append(f"{one.code} {one.message} @ {marked}")
    return told


@pytest.mark.parametrize(
    ("variables", "clause", "found"),
    [
        ("x: 5", "id > ${x}", "id > 5"),
        ("x: -5", "id -${x} > 1", "id -(-5) > 1"),
        ("x: 5000000000", "id > ${x}", "id > 5000000000L"),
        ("x: {type: bigint, default: 5}", "id > ${x}", "id > 5L"),
        ("x: 0.10", "amount > ${x}", "amount > 0.10"),
        ("x: {type: double, default: 0.1}", "amount > ${x}", "amount > 0.1D"),
        ("x: true", "(id > 1) = ${x}", "(id > 1) = true"),
        ("x: paid", "status = ${x}", "status = 'paid'"),
        ("x: paid", "status = '${x}'", "status = 'paid'"),
        ("x: paid", "status like '%${x}_${x}%'", "status like '%paid_paid%'"),
        ("x: \"it's\"", "status = ${x}", "status = 'it\\'s'"),
        ("x: \"it's\"", "status = '${x}'", "status = 'it\\'s'"),
        ("x: 'a\\b'", "status = ${x}", "status = 'a\\\\b'"),
        ("x: 'say \"a\"'", "status = \"${x}\"", "status = \"say \\\"a\\\"\""),
        ("x: 7", "status = 'v${x}'", "status = 'v7'"),
        ("x: {type: date, default: 2024-02-29}", "day >= ${x}", "day >= date '2024-02-29'"),
        ("x: {type: timestamp, default: '2024-02-29 12:00:00'}", "at < ${x}", "at < timestamp '2024-02-29 12:00:00'"),
        ("x: amount", "`${x}` > 1", "`amount` > 1"),
        ("x: 5", "id > ${ x } -- not ${y}", "id > 5 -- not ${y}"),
        ("x: 5", "status = '$${x}' and id > ${x}", "status = '${x}' and id > 5"),
        ("x: 5", "status rlike r'a$' and id > ${x}", "status rlike r'a$' and id > 5"),
    ],
)  # fmt: skip
def test_in_an_expression(variables: str, clause: str, found: str) -> None:
    block = f"|\n      {clause}"
    assert filter_of(variables, block).strip() == found


OUTSIDE = "a path is relative to the landing folder, and stays inside it"


def test_in_other_texts() -> None:
    made = lake("env: dev\nkeep: 7", "description: ${env}, ${keep}, $${env}", path="${env}/orders/", keep="${keep}")
    assert made.sources["orders"].paths == ("dev/orders/",)
    assert made.sources["orders"].keep_versions == 7
    assert made.tables["picked"].description == "dev, 7, ${env}"
    listed = lake("env: dev", path="['${env}/a/', \"b-${env}/\"]")
    assert listed.sources["orders"].paths == ("dev/a/", "b-dev/")


def test_values_of_the_command_line() -> None:
    assert filter_of("x: 5", "id > ${x}", x="7") == "id > 7"
    assert filter_of("x: {type: string}", "status = ${x}", x="a=b") == "status = 'a=b'"
    assert filter_of("x: {type: date}", "day > ${x}", x="2024-01-01") == "day > date '2024-01-01'"
    assert lake("env: dev", path="${env}/", env="prod").variables["env"] == Variable("env", "string", "prod")
    assert filter_of("x: true", "(id > 1) = ${x}", x="false") == "(id > 1) = false"


@pytest.mark.parametrize(
    ("arguments", "given", "found"),
    [
        (["", "filter: id > 1", "${ENV}/"], {}, ["S010 there is no variable `ENV` @ ${ENV}"]),
        (["env: dev", "filter: id > 1", "$ENV/"], {}, ["S010 nothing is filled in for `$ENV` @ $ENV"]),
        (["env: dev", "filter: id > 1", "'{{ env }}/'"], {}, ["S010 nothing is filled in for `{{ env }}` @ {{ env }}"]),
        (["env: dev", "filter: id > 1", "a/%ENV%/"], {}, ["S010 nothing is filled in for `%ENV%` @ %ENV%"]),
        (["x: 5", "filter: id > ${y}"], {}, ["S010 there is no variable `y` @ ${y}"]),
        (["x: 5", "filter: id > ${}"], {}, ["S010 this names no variable @ ${}"]),
        (["x: 5", "filter: id > ${x + 1}"], {}, ["S010 this names no variable @ ${x + 1}"]),
        (["x: 5", "filter: id > ${x"], {}, ["S010 this names no variable @ ${"]),
        (["x: {type: int}", "filter: id > ${x}"], {}, ["S011 the variable `x` has no value @ x"]),
        (["x: {type: int}", "filter: id > ${x}"], {"x": "a"}, ["S011 --var x: `a` is no int @ x"]),
        (["x: {type: int, default: a}", "filter: id > ${x}"], {}, ["S011 `a` is no int @ a"]),
        (["x: {type: int, default: 1.5}", "filter: id > ${x}"], {}, ["S011 `1.5` is no int @ 1.5"]),
        (["x: {type: date, default: 2024-02-30}"], {}, ["S011 `2024-02-30` is no date @ 2024-02-30"]),
        (["x: {type: boolean, default: yes}"], {}, ["S011 `yes` is no boolean @ yes"]),
        (["x: 5"], {"y": "1"}, ["S011 --var y: there is no such variable @ variables"]),
        (["x: {type: integer, default: 5}"], {}, ["S006 `type` can't be `integer` @ integer"]),
        (["x: {typ: int, default: 5}"], {}, ["S002 unknown key `typ` @ typ"]),
        (["a-b: 5"], {}, ["S005 `a-b` is not a name @ a-b"]),
        (["x: [1]"], {}, ["S001 `x` must be text, found a list @ x"]),
        (["x: paid", "filter: status = ${x} or statsu"], {}, ["C001 unknown column `statsu` in `orders` @ statsu"]),
        (["x: amuont", "filter: id > 1 and `${x}` > 2"], {}, ["C001 unknown column `amuont` in `orders` @ `${x}`"]),
        (["x: paid", "filter: id > 1 and ${x} + day"], {}, ["T003 … @ ${x} + day"]),
        (["x: ../up"], {}, []),
        (["x: ../up", "filter: id > 1", "${x}/"], {}, [f"S004 {OUTSIDE} @ ${{x}}/"]),
        (["x: many"], {"keep": "1"}, ["S011 --var keep: there is no such variable @ variables"]),
    ],
)  # fmt: skip
def test_what_is_wrong(arguments: list[str], given: dict[str, str], found: list[str]) -> None:
    of = source(*arguments)
    of = SourceText(of.path, of.text, variables=tuple(given.items()))
    told = []
    for one in check_spec(of).diagnostics:
        assert one.span is not None
        at = place(of, one.span)
        told.append(f"{one.code} {one.message} @ {at.file.line(at.line)[at.column - 1 : at.end_column - 1]}")
    assert [re.sub(r"^(T\d+) .* @", r"\1 … @", one) for one in told] == found


def test_a_type_that_does_not_fit_is_told_where_the_variable_stands() -> None:
    assert problems("keep: many", keep="${keep}") == [
        "S001 `keep_versions` must be a whole number, found `many` @ ${keep}"
    ]


@pytest.mark.parametrize("value", ["x", "5", "a'b", 'a"b', "a\\b", "a\nb", "${y}", "é漢", ""])
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_every_text_comes_through(value: str, quote: str) -> None:
    from generator.plan.expressions.lexer import tokenize

    mention = f"{quote}${{x}}{quote}"
    found = fill(f"concat({mention}, 'b')", {"x": Variable("x", "string", value)}, is_expression=True)
    assert tokenize(found.text)[2].value == value
    assert len(found.origins) == len(found.text)
    assert found.origins[found.text.index("concat")] == (0, 1)
    assert found.origins[-1] == (len(f"concat({mention}, 'b')") - 1, len(f"concat({mention}, 'b')"))


@pytest.mark.parametrize("text", ["${x}", "a $${x} b", "$$${x}", "${", "it's ${x}", "$x"])
def test_what_is_written_for_a_user_means_itself(text: str) -> None:
    assert lake("x: 5", f"description: {scalar(text)}").tables["picked"].description == text
    clause = f"filter: {expression('status = ' + repr(text))}"
    step = lake("x: 5", clause).tables["picked"].query.steps[1]
    assert getattr(step, "text", "") == f"status = {text!r}"


def test_types_are_inferred_as_yaml_has_them() -> None:
    assert [inferred(one) for one in (True, 1, 2**31, "x")] == ["boolean", "int", "bigint", "string"]
    assert parsed("bigint", str(2**63 - 1)) == 2**63 - 1
    for type, value in (
        ("int", 2**31),
        ("bigint", 2**63),
        ("int", True),
        ("double", "nan"),
        ("decimal", "1e99"),
        ("string", 5),
        ("timestamp", "2024-01-01T00:00:00"),
        ("date", "2024-1-1"),
        ("boolean", "TRUE"),
    ):
        with pytest.raises(ValueError, match=r"^a |^true "):
            parsed(type, value)


# Every expression of the models is known as one -------------------------------------------------------


def expressions(annotation: Any, path: tuple[str | int, ...], marked: bool = False) -> set[tuple[str | int, ...]]:
    """The paths at which the models have an expression, with `n` for a name and 0 for a place in a list."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(annotation)
        kinds = [getattr(one, "json_schema_extra", None) or {} for one in more]
        return expressions(inner, path, any(kind.get("x-kind") == "expression" for kind in kinds))
    if origin in (typing.Union, types.UnionType):
        return {one for part in typing.get_args(annotation) for one in expressions(part, path)}
    if origin is list:
        return expressions(typing.get_args(annotation)[0], (*path, 0))
    if origin is dict:
        return expressions(typing.get_args(annotation)[1], (*path, "n"))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        hints = typing.get_type_hints(annotation, include_extras=True)
        fields = annotation.model_fields
        return {one for name, field in fields.items() for one in expressions(hints[name], (*path, field.alias or name))}
    return {path} if marked else set()


def test_every_expression_of_the_models_is_known() -> None:
    found = expressions(Spec, ()) | {("tables", "n", "sql")}
    assert len(found) >= 10
    assert {path for path in found if not is_expression(path)} == set()
    plain = [("sources", "n", "path"), ("tables", "n", "description"), ("tables", "n", "unnest", 0, "as"),
             ("tables", "n", "expect", 0, "matches", "n"), ("tables", "n", "join", 0, "as"), ("lake",)]  # fmt: skip
    assert not any(map(is_expression, plain))
