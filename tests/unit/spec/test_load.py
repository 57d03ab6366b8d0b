"""From text to the typed spec: short forms, what is wrong where, and no text that brings the loader down."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.codes import base_text
from generator.diagnostics import Diagnostic, SourceText
from generator.spec.load import load_spec
from generator.spec.model import Spec, Table
from generator.spec.source import UnreadableSpecError, read_source

BASE = """\
version: 1
lake: test
zones: {trusted: {}}
sources:
  orders:
    path: orders/
    columns:
      id: bigint
      amount: {type: double, key: Amount}
tables:
  t:
    zone: trusted
    source: orders
"""


def loaded(text: str) -> Spec:
    found, problems = load_spec(SourceText("p.yaml", text))
    assert found is not None, problems
    assert problems == []
    return found.spec


def problems(text: str) -> list[Diagnostic]:
    found, problems = load_spec(SourceText("p.yaml", text))
    assert found is None
    return problems


def shown(text: str) -> list[tuple[str, str]]:
    """Codes, and the text that each diagnostic points at."""
    return [(one.code, text[one.span.start : one.span.end] if one.span else "") for one in problems(text)]


def table(body: str) -> Table:
    return loaded(BASE + "".join(f"    {line}\n" for line in body.splitlines())).tables["t"]


def test_defaults() -> None:
    spec = loaded(BASE)
    orders = spec.sources["orders"]
    assert (orders.format, orders.zone, orders.delimiter, orders.unique) == ("json", "landing", ",", [])
    assert (orders.columns["id"].type, orders.columns["id"].key, orders.columns["id"].pii) == (
        "bigint",
        None,
        False,
    )
    assert (spec.keep_versions, spec.zones["trusted"].pii, spec.tables["t"].view) == (3, "allow", False)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("drop: id", "drop: [id]"),
        ("group_by: id\naggregate: {n: count(*)}", "group_by: [id]\naggregate: {n: count(*)}"),
        ("dedupe: {by: id, order_by: amount desc}", "dedupe: {by: [id], order_by: [amount desc]}"),
        ("select: {id: id, twice: amount * 2}", "select: [{id: id}, {twice: amount * 2}]"),
        ("select: [id, {twice: amount * 2}]", "select: [{id: id}, {twice: amount * 2}]"),
        ("select: [orders.id]", "select: [{id: orders.id}]"),
        ("expect: [{unique: id}]", "expect: [{unique: [id]}]"),
        ("expect: [{between: {id: [1, 2]}}]", "expect: [{between: {id: {min: 1, max: 2}}}]"),
        ("expect: [{rows: 7}]", "expect: [{rows: {min: 7, max: 7}}]"),
        ("join: [{semi: orders, as: o, using: id}]", "join: [{semi: orders, as: o, using: [id]}]"),
    ],
)
def test_short_forms_say_the_same(short: str, long: str) -> None:
    assert table(short) == table(long)


@pytest.mark.parametrize(
    ("value", "expression"),
    [("true", "true"), ("False", "false"), ("1", "1"), ("1.50", "1.50"), ("1e3", "1000"), ("-7", "-7"),
     ("'1'", "1"), ("yes", "yes"), ("on", "on"), ("2020-01-01", "2020-01-01"), ("1_000", "1_000"), ("0x1F", "0x1F")],
)  # fmt: skip
def test_scalars_are_expressions(value: str, expression: str) -> None:
    assert table(f"add: {{n: {value}}}").add == {"n": expression}


def test_constants_keep_their_type() -> None:
    (expectation,) = table("expect: [{values: {id: [1, '1', 1.50, true]}}]").expect
    assert expectation.values == {"id": [1, "1", Decimal("1.50"), True]}
    assert [type(one) for one in expectation.values["id"]] == [int, str, Decimal, bool]


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("version: 1", "version: 2", "S006", "2"),
        ("version: 1\n", "", "S003", "lake: test"),
        ("lake: test", "lake: Test", "S005", "Test"),
        ("lake: test", f"lake: {'x' * 41}", "S005", "x" * 41),
        ("lake: test", "lake: 1", "S001", "1"),
        ("path: orders/", "path: ''", "S001", "''"),
        ("path: orders/", "path: orders/\n    delimiter: ';;'", "S004", "';;'"),
        ("path: orders/", "path: orders/\n    max_bad_rows: many", "S001", "many"),
        ("path: orders/", "path: orders/\n    max_bad_rows: -1", "S001", "-1"),
        ("path: orders/", "path: orders/\n    max_bad_rows: 5", None, ""),
        ("path: orders/", "path: orders/\n    max_bad_rows: 0.5%", None, ""),
        ("id: bigint", "id: {type: bigint, pii: maybe}", "S001", "maybe"),
        ("id: bigint", "id: {type: bigint, pii: 'yes'}", None, ""),
        ("id: bigint", "id:", "S001", "id"),
        ("id: bigint", "id: [bigint]", "S001", "id"),
        ("id: bigint", "Id: bigint", "S005", "Id"),
        ("id: bigint", "id: {type: bigint, identifies: customer}", "S005", "customer"),
        ("source: orders", "source: [orders]", "S001", "source"),
        ("source: orders", "source: orders\n    tests: []", "S002", "tests"),
        ("source: orders", "source: orders\n    keep_versions: 0", "S001", "0"),
        ("source: orders", "source: orders\n    join: {inner: orders}", "S001", "join"),
        ("source: orders", "source: orders\n    dedupe: {order_by: id down}", "S005", "id down"),
        ("source: orders", "source: orders\n    group_by: id", "S004", "t"),
        ("source: orders", "source: orders\n    select: id\n    drop: id", "S001", "id"),
        ("source: orders", "source: orders\n    select: [id]\n    drop: amount", "S004", "t"),
        ("source: orders", "sql: select 1\n    filter: id > 1", "S004", "t"),
        ("zone: trusted", "view: true\n    expect: [{rows: 1}]", None, ""),
        ("source: orders", "source: orders\n    expect: [{rows: 1, unique: id}]", "S004", "{rows: 1, unique: id}"),
        ("source: orders", "source: orders\n    expect: [rows]", "S001", "rows"),
        ("tables:\n", "tables:\n  T: {zone: trusted, source: orders}\n", "S005", "T"),
        ("tables:", "table:", "S002", "table"),
    ],
)
def test_what_is_wrong_where(old: str, new: str, code: str | None, at: str) -> None:
    text = BASE.replace(old, new, 1)
    assert text != BASE
    if code is None:
        loaded(text)
    else:
        assert shown(text) == [(code, at)]


@pytest.mark.parametrize(
    ("key", "help"),
    [("where", "write `filter`"), ("from", "write `source`"), ("fliter", "did you mean `filter`?"),
     ("columns", "write `select`"), ("groupby", "did you mean `group_by`?")],
)  # fmt: skip
def test_unknown_keys_get_the_key_that_was_meant(key: str, help: str) -> None:
    (found,) = problems(BASE + f"    {key}: x\n")
    assert (found.code, found.help) == ("S002", (help,))


def test_all_findings_come_together_and_in_terms_of_the_file() -> None:
    text = BASE.replace("lake: test", "lake: T!").replace("id: bigint", "Id: bigint")
    text = text.replace("source: orders", "sorce: orders")
    assert sorted(shown(text)) == [("S002", "sorce"), ("S005", "Id"), ("S005", "T!")]
    assert [one.message for one in problems(text) if "pydantic" in one.message or "type=" in one.message] == []


def test_what_yaml_split_is_reported_once() -> None:
    text = BASE.replace("{type: double, key: Amount}", "{type: decimal(10,2)}")
    assert [code for code, _ in shown(text)] == ["Y003"]


KEYS = "version lake zones sources tables t orders columns source join on filter select type add expect rows".split()
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(KEYS))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=300)
@given(tree=TREES, at=st.sampled_from(["", "sources", "tables", "zones", "t", "orders", "columns"]))
def test_any_tree_gives_a_spec_or_diagnostics_inside_the_file(tree: Any, at: str) -> None:
    data = yaml.safe_load(base_text())
    place: Any = {"": lambda: data, "t": lambda: data.setdefault("tables", {}), "orders": lambda: data["sources"],
                  "columns": lambda: data["sources"]["orders"]}.get(at, lambda: data)()  # fmt: skip
    place[at or "lake"] = tree
    text = yaml.safe_dump(data)
    found, diagnostics = load_spec(SourceText("p.yaml", text))
    assert (found is None) == bool(diagnostics)
    for one in diagnostics:
        assert one.span is None or 0 <= one.span.start < one.span.end <= len(text) + 1


@settings(max_examples=300)
@given(text=st.text(st.characters(codec="utf-8"), max_size=60) | st.text(":{}[]&*!|>-#'\" \n\tab%@`", max_size=60))
def test_any_text_gives_diagnostics(text: str) -> None:
    found, diagnostics = load_spec(SourceText("p.yaml", text))
    assert found is None
    assert diagnostics


@settings(max_examples=200)
@given(
    at=st.integers(0, len(BASE) - 1),
    length=st.integers(0, 6),
    new=st.text(":{}[]&*!|>-#'\" \n\tab\r%", max_size=4),
)
def test_any_edit_gives_a_spec_or_diagnostics(at: int, length: int, new: str) -> None:
    text = BASE[:at] + new + BASE[at + length :]
    found, diagnostics = load_spec(SourceText("p.yaml", text))
    assert (found is None) == bool(diagnostics)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert read_source(path).text == BASE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        (b"lake: \xff", "it is not UTF-8 text (byte 6 is 0xff)"),
        ("folder", "it is a folder"),
    ],
)
def test_an_unreadable_spec(tmp_path: Path, content: bytes | str | None, reason: str) -> None:
    path = tmp_path / "pipeline.yaml"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    with pytest.raises(UnreadableSpecError) as error:
        read_source(path)
    assert (error.value.path, str(error.value)) == (str(path), f"cannot read {path}: {reason}")
