"""Patterns mean the same to Java and RE2, or are refused."""

from __future__ import annotations

import pytest

from generator.plan.expressions.date_formats import read, written
from generator.plan.expressions.problem import NotPortable
from generator.plan.expressions.regex import check_like, groups, matches_empty, replacement, to_re2


@pytest.mark.parametrize(
    ("java", "re2"),
    [
        ("abc", "abc"),
        ("^a+b*?$", r"\Aa+b*?(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z"),
        ("[a-z_]{2,3}", "[a-z_]{2,3}"),
        (r"\d\w\.", r"\d\w\."),
        (r"\s", r"[\t-\r ]"),
        (r"[\s,]", r"[\t-\r ,]"),
        (r"\S", r"[^\t-\r ]"),
        ("a.c", r"a[^\n\r\x{85}\x{2028}\x{2029}]c"),
        ("(a|b)(?:c)", "(a|b)(?:c)"),
        (r"\u00e9\x41", r"\x{00e9}\x{41}"),
        (r"\p{Lu}", r"\p{Lu}"),
    ],
)
def test_translation(java: str, re2: str) -> None:
    assert to_re2(java) == re2


@pytest.mark.parametrize(
    "java",
    ["(?=a)", "(?<!a)b", "(?i)a", "(?<n>a)", "a*+", r"\bword", r"(a)\1", r"\h", r"\Qa\E", "[a&&b]", "[a[b]]", "[]a]",
     "a{2000}",
     "*a", "(a", "a)", "[a", "a\\", r"\R", r"[\S]"],
)  # fmt: skip
def test_what_is_not_portable_is_refused(java: str) -> None:
    with pytest.raises(NotPortable):
        to_re2(java)


def test_where_the_match_itself_counts_a_dollar_is_refused() -> None:
    with pytest.raises(NotPortable):
        to_re2("a$", True)


def test_groups_and_empty_matches() -> None:
    assert groups(r"(a)(?:b)(\d)") == 2
    assert matches_empty("a*")
    assert not matches_empty(r"[\s,]+")


@pytest.mark.parametrize(("java", "re2"), [("<$1>", r"<\1>"), (r"\$1", "$1"), ("$0", r"\0"), (r"a\\b", r"a\\b")])
def test_replacements(java: str, re2: str) -> None:
    assert replacement(java, 1) == re2


@pytest.mark.parametrize("java", ["$2", "$", "a\\", "${name}"])
def test_wrong_replacements_are_refused(java: str) -> None:
    with pytest.raises(NotPortable):
        replacement(java, 1)


def test_like_patterns() -> None:
    check_like(r"100\%\_\\%")
    with pytest.raises(NotPortable):
        check_like(r"\d%")


def test_date_patterns() -> None:
    assert written("yyyy-MM-dd'T'HH:mm''ss%") == "%Y-%m-%dT%H:%M'%S%%"
    assert read("dd/MM/yyyy") == ("^([0-9]{2})/([0-9]{2})/([0-9]{4})$", ("d", "m", "y"))


@pytest.mark.parametrize(
    "pattern", ["YYYY", "yyyy-MM-DD", "yyyy'", "yyyyMd", "MM-dd", "yyyy yyyy", "yyyy[MM]", "yyyy MMM"]
)
def test_wrong_date_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(NotPortable):
        read(pattern)
