"""Where the characters of a YAML value stand in the file, whatever style the value is written in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagnostics import SourceText
from generator.spec.nodes import Document, load_yaml, scalar_offsets

ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


def document(text: str) -> Document:
    found, problems = load_yaml(SourceText("p.yaml", text))
    assert found is not None, problems
    return found


def visible(source: str, node: yaml.ScalarNode) -> Iterator[tuple[int, str]]:
    """The characters of a scalar that aren't white space, read from the file, with their offsets."""
    at, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        at = source.index("\n", at) + 1
    elif node.style:
        at, end = at + 1, end - 1
    while at < end:
        length, character = 1, source[at]
        if node.style == "'" and source.startswith("''", at):
            length = 2
        elif node.style == '"' and character == "\\":
            length = ESCAPE_LENGTHS.get(source[at + 1], 2)
            is_break = source[at + 1] in "\r\n"
            character = " " if is_break else yaml.safe_load(f'"{source[at : at + length]}"')
        if not character.isspace():
            yield at, character
        at += length


def assert_every_character_has_its_place(text: str, *path: str | int) -> yaml.ScalarNode:
    node = document(text).node(path)
    assert isinstance(node, yaml.ScalarNode)
    offsets = scalar_offsets(text, node)
    value: str = node.value
    assert len(offsets) == len(value) + 1
    found = [(offset, c) for offset, c in zip(offsets, value, strict=False) if not c.isspace()]
    assert found == list(visible(text, node)), (text, node.style, value)
    assert offsets == sorted(offsets)
    return node


PIECES = (
    *(
        "a",
        "bc",
        "-",
        ":",
        "#",
        "'",
        "''",
        '"',
        "\\",
        "\\n",
        "\\x41",
        "|",
        ">",
        "{",
        ",",
        "é",
        "ß",
        "日本",
        "😀",
    ),
    *("e\u0301", "\x7f", "\x01", "\ufeff", "=", "%", "%", "!", "`"),
    *(" ", " ", " ", "  ", "\n", "\n", "\n\n", " \n", "\n  ", "\t", "\u3000", "\xa0", "\x85", "\u2028"),
)
STRINGS = st.one_of(st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join), st.text(min_size=1))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("style", [None, "'", '"', "|", ">"])
@settings(max_examples=200)
@given(value=STRINGS, width=st.integers(5, 60), depth=st.integers(0, 4), unicode=st.booleans())
def test_every_character_of_a_dumped_string_has_its_place(
    style: str | None, line_end: str, value: str, width: int, depth: int, unicode: bool
) -> None:
    nested: Any = {"value": value, "after": "x"}
    path: list[str | int] = ["value"]
    for level in range(depth):
        nested = [nested] if level % 2 else {"key": nested}
        path.insert(0, 0 if level % 2 else "key")
    if isinstance(nested, list):
        nested, path = {"key": nested}, ["key", *path]
    text = yaml.dump(nested, default_style=style, width=width, allow_unicode=unicode, indent=2)
    assert_every_character_has_its_place(text.replace("\n", line_end), *path)


SCALARS = {
    "plain": "email is not null",
    "plain over several lines": "email is\n      not null and\n\n      phone <> 1",
    "plain, spaces at line ends": "email is   \n      not   null",
    "single quotes": "'it''s ''here'' ''''x'''",
    "single quotes over several lines": "'it''s\n      a ''b''\n\n\n      c'",
    "double quotes": '"a\\nb\\tc \\x41 \\u00e9 \\U0001F600 \\" \\\\ \\/ \\0 \\e"',
    "double quotes, escaped line end": "\"status = \\\n      'paid' and \\\n      \\  x\"",
    "double quotes over several lines": '"a b\n      c  \n\n      d"',
    "double quotes, escaped spaces": '"a\\ b\\_c\\Nd\\Le\\Pf"',
    "double quotes, escaped break after escaped backslash": '"a\\\\\\\n      b"',
    "literal": "|\n      select a\n        from b\n\n      where c",
    "literal, stripped": "|-\n      select a,  b\n      from c",
    "literal, kept": "|+\n      select a\n\n\n",
    "literal, indented by a number": "|2\n        select a\n      from b",
    "literal with a comment": "| # the query\n      select a",
    "literal with empty lines first": "|\n\n\n      select a",
    "folded": ">\n      email is\n      not null\n\n      and phone",
    "folded, stripped": ">-\n      a  b\n      c",
    "folded, kept": ">+\n      a\n      b\n\n",
    "folded with lines that are indented further": ">\n      a\n        b\n        c\n      d\n",
    "folded with empty lines first": ">\n\n      a\n      b",
    "wide": "'日本 = ''😀'' e\u0301'",
    "tabs": "a\tb\t\n      \tc",
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", SCALARS)
def test_every_character_has_its_place(name: str, line_end: str) -> None:
    text = f"tables:\n  t:\n    filter: {SCALARS[name]}\n    other: 1\n".replace("\n", line_end)
    assert_every_character_has_its_place(text, "tables", "t", "filter")


@pytest.mark.parametrize(
    ("scalar", "part", "written"),
    [
        ("email is null", "null", "null"),
        ("email is\n  null", "is null", "is\n  null"),
        ("'a = ''b'' c'", "'b'", "''b''"),
        ('"a \\x41\\u00e9 c"', "Aé", "\\x41\\u00e9"),
        ('"a\\\n  b c"', "ab", "a\\\n  b"),
        ("|\n  select a,\n    b from c", "b from", "b from"),
        (">\n  select a\n  from b", "a from", "a\n  from"),
        ("'日本 < 2'", "< 2", "< 2"),
        ("&all a b", "a b", "a b"),
        ("&all a\n  b", "a b", "a\n  b"),
        ("!!str 'a b'", "a b", "a b"),
        ('&all !!str\n  "a \\x62"', "a", "a"),
    ],
)
def test_a_part_of_a_value_is_found_in_the_file(scalar: str, part: str, written: str) -> None:
    found = document(f"a:\n {scalar}\nb: 1\n" if scalar[0] not in "|>" else f"a: {scalar}\nb: 1\n")
    value = found.data["a"]
    span = found.span_in(("a",), value.index(part), value.index(part) + len(part))
    text = found.source.text[span.start : span.end]
    if part.endswith(("'", "é")):  # the last character may count as one, whatever it takes to write it
        assert written.startswith(text)
        assert len(text) >= len(part)
    else:
        assert text == written


def test_what_is_no_string_points_at_its_key() -> None:
    found = document("a:\n  b: [1, 2]\n  c: {d: 1}\n")
    for path, key in ((("a",), "a"), (("a", "b"), "b"), (("a", "c"), "c"), (("a", "x"), "a")):
        span = found.span_in(path, 0, 5)
        assert found.source.text[span.start : span.end] == key


@pytest.mark.parametrize("text", ["a: 'b''c'", "a: b", "a: |\n  b", "a: |\n  b\n\n", 'a: ""', "a: >", "a: &x\nb: 1"])
def test_what_is_beyond_the_value_points_at_its_end(text: str) -> None:
    """An expression that ends too early is reported at its end."""
    found = document(text)
    span = found.span_in(("a",), 50, 60)
    assert text.index("a") < span.start < span.end <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("a: phone = 'x #1'", "#1'"),
        ("a: b   # c", "# c"),
        ("a: b#c", None),
        ("a: 'b' # c", None),
        ("a: |\n  b # c", None),
        ("a: b", None),
    ],
)
def test_a_comment_that_cuts_a_value(text: str, comment: str | None) -> None:
    at = document(text).cut_by_comment(("a",))
    assert (text[at:] if at is not None else None) == comment


def test_scalars_follow_yaml_1_2() -> None:
    text = "on: yes\nno: off\nv: [1, 007, 1.50, 0x1F, 1_000, 1:30, ~, null, true, 'true', 2020-01-01, .5, +1, ]"
    data = document(text).data
    assert (data["on"], data["no"]) == ("yes", "off")
    expected = [1, 7, "1.50", "0x1F", "1_000", "1:30", None, None, True, "true", "2020-01-01", "0.5", 1]
    shown = [item if isinstance(item, (str, bool, int, type(None))) else str(item) for item in data["v"]]
    assert shown == expected
    assert [type(item) for item in data["v"][6:10]] == [type(None), type(None), bool, str]
