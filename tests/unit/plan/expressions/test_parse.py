"""Expressions become the right trees, and syntax errors point at the right characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from generator.plan.expressions import Problem, conjuncts, parse, span_of
from generator.plan.expressions.lexer import unescape


def tree(text: str) -> exp.Expression:
    found = parse(text)
    assert isinstance(found, exp.Expression), found
    return found


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a or b and c", "a or (b and c)"),
        ("not a = b", "not (a = b)"),
        ("not a and b", "(not a) and b"),
        ("a = b is null", "(a = b) is null"),
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("-a * b", "(-a) * b"),
        ("a || b + c", "(a || b) + c"),
        ("a & b = c", "(a & b) = c"),
        ("a | b ^ c & d", "a | (b ^ (c & d))"),
        ("a < b = c", "(a < b) = c"),
        ("a between b and c and d", "(a between b and c) and d"),
        ("a in (1, 2) or b", "(a in (1, 2)) or b"),
        ("a not like 'x' and b", "(a not like 'x') and b"),
        ("a div b % c", "(a div b) % c"),
        ("! a", "not a"),
        ("a::int + 1", "(cast(a as int)) + 1"),
        ("a == b", "a = b"),
        ("a != b", "a <> b"),
        ("a is not distinct from b", "a <=> b"),
        ("+a", "a"),
        ("a -- comment\n+ /* another */ b", "a + b"),
    ],
)
def test_precedence_is_that_of_spark(text: str, same: str) -> None:
    def without_parentheses(node: exp.Expression) -> exp.Expression:
        copied = node.copy()
        while (paren := copied.find(exp.Paren)) is not None:
            if paren is copied:
                copied = paren.this
            else:
                paren.replace(paren.this)
        return copied

    assert without_parentheses(tree(text)) == without_parentheses(tree(same))


@pytest.mark.parametrize(
    "word",
    """user timestamp date order rows row filter offset limit end left right if interval current_date current_user
    group by values default table when_ case cast extract trim position window over partition asc desc nulls first
    from where having join on using all distinct exists any some set index key comment day month year""".split(),
)
def test_keywords_are_names_where_a_name_can_stand(word: str) -> None:
    for text in (f"{word} = 1", f"1 < {word}", f"t.{word} is null", f"`{word}`", f"({word})"):
        names = [column.name for column in tree(text).find_all(exp.Column)]
        assert names == [word], text


def test_a_plain_name_parses_like_any_other() -> None:
    assert tree("user") == tree("(user)").this
    assert span_of(tree("  user ")) == (2, 6)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("a = = b", "E001", "="),
        ("a +", "E001", "+"),
        ("and a", "E001", "and"),
        ("(a", "E001", "a"),
        ("a)", "E001", ")"),
        ("", "E001", ""),
        ("a = 'x", "E002", "'x"),
        ('a = "x', "E002", '"x'),
        ("a = `b", "E002", "`b"),
        ("a /* b", "E002", "/* b"),
        ("a customer", "E003", "customer"),
        ("a as customer", "E003", "as customer"),
        ("a b c", "E001", "b"),
        ("select 1", "E004", "select 1"),
        ("a in (select b from c)", "E004", "select b from c)"),
        ("exists (select 1)", "E004", "select 1)"),
        ("(select 1)", "E004", "select 1)"),
        ("insert into a values (1)", "E004", "insert into a values (1)"),
        ("a; b", "E005", "; b"),
        ("a;", "E005", ";"),
        ("'a' 'b'", "E001", "'b'"),
        ("case when a then b", "E001", "b"),
        ("case when a b end", "E001", "b"),
        ("a between 1", "E001", "1"),
        ("a is 1", "E001", "1"),
        ("a not 1", "E001", "1"),
        ("a in b", "E001", "b"),
        ("f(a", "E001", "a"),
        ("f(a,)", "E001", ")"),
        ("a[1", "E001", "1"),
        ("a.", "E001", "."),
        ("a.1", "E001", ".1"),
        ("a # b", "E001", "#"),
        ("cast(a as strng)", "T007", "strng"),
        ("cast(a as decimal(50,2))", "T007", "decimal"),
        ("cast(a)", "E001", ")"),
        ("a like 'x' escape '!'", "E001", "escape"),
        ("sum(a) over (order by b rows between 1 and 2)", "E001", "and"),
        ("a\n  and = b", "E001", "="),
        ("(a, b)", "E001", ","),
    ],
)
def test_syntax_errors_point_at_their_characters(text: str, code: str, at: str) -> None:
    problem = parse(text)
    assert isinstance(problem, Problem)
    assert (problem.code, text[problem.start : problem.end]) == (code, at)


def test_an_alias_is_never_silently_dropped() -> None:
    """Sqlglot reads `a customer` as a, called customer: a filter that lost its operator."""
    assert isinstance(parse("active customer"), Problem)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'a\'b'", "a'b"),
        (r"'a\\b'", r"a\b"),
        (r"'\d'", "d"),
        (r"'\\d'", r"\d"),
        (r"'100\%'", r"100\%"),
        (r"'\n\t\r\0'", "\n\t\r\0"),
        (r"'\u00e9\U0001F600'", "é😀"),
        (r"'\101'", "A"),
        (r"r'\d'", r"\d"),
        ('"double"', "double"),
        ('"it\'s"', "it's"),
        ("''", ""),
        ("'('", "("),
        ("'!'", "!"),
    ],
)
def test_strings_have_sparks_escapes(text: str, value: str) -> None:
    literal = tree(f"a = {text}").expression
    assert literal.is_string
    assert literal.this == value


@pytest.mark.parametrize("text", ["a = 'not'", "a = '('", "a = 'in' or a = '!'", "'like' = a", "f('*', '->')"])
def test_what_stands_in_a_string_is_no_syntax(text: str) -> None:
    assert isinstance(parse(text), exp.Expression)


def test_every_node_knows_its_place() -> None:
    text = "lower( a.b ) = 'x'\n  and (c[0] + 1) * 2 > cast(d as int) or case when e then 1 end is null"
    for node in tree(text).walk():
        start, end = span_of(node)
        assert 0 <= start < end <= len(text), node
    first = tree(text).find(exp.Anonymous)
    assert first is not None
    assert text[slice(*span_of(first))] == "lower( a.b )"


def test_conjuncts_go_through_parentheses_but_not_through_or() -> None:
    parts = conjuncts(tree("a and (b and (c or d)) and not (e and f) and (g)"))
    assert [part.sql() for part in parts] == ["a", "b", "c OR d", "NOT (e AND f)", "g"]


def test_long_chains_are_no_problem() -> None:
    text = " and ".join(f"c{number} = {number}" for number in range(5_000))
    assert len(conjuncts(tree(text))) == 5_000


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    problem = parse("(" * 20_000 + "a" + ")" * 20_000)
    assert isinstance(problem, Problem)
    assert problem.code == "E001"


WORDS = st.sampled_from(
    "a b. ( ) [ ] , ; 'x' \"y\" `z` 1 1.5 -- + - * / = <=> not and or in is null between like case when then "
    "else end cast ( as int ) over ( order by rows interval day :: -> ! distinct ' date '".split()
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_is_a_tree_or_a_problem_within_it(text: str) -> None:
    parsed = parse(text)
    if isinstance(parsed, Problem):
        assert 0 <= parsed.start <= parsed.end <= max(len(text), 1)
        assert parsed.message


@given(st.text())
def test_unescape_takes_any_text(text: str) -> None:
    assert "\\" in text or unescape(text) == text
