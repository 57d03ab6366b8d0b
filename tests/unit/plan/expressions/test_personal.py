"""What is known of personal data survives every operation, unless a rule says that it ends there."""

from __future__ import annotations

import pytest

from generator.plan.relation import Origin

from .samples import EMAIL, NAME, sound

PSEUDONYM = EMAIL._replace(pseudonymous=True, hashed=True)


@pytest.mark.parametrize(
    "text",
    [
        "email",
        "(email)",
        "lower(email)",
        "email || 'x'",
        "email = 'x'",
        "email in ('x')",
        "'x' in (email)",
        "email like '%x'",
        "case when email = 'x' then 1 else 2 end",
        "case email when 'x' then 1 end",
        "case 'x' when email then 1 end",
        "if(email = 'x', 1, 2)",
        "coalesce(null, email)",
        "nullif('a', email)",
        "length(email)",
        "cast(email as int)",
        "split(email, '@')[0]",
        "tags[length(email)]",
        "not email = 'x'",
        "email is not distinct from 'x'",
        "email between 'a' and 'b'",
        "(email = 'x') is true",
        "max(email)",
        "sum(id) filter (where email = 'x')",
        "max_by(id, email)",
        "lag(email) over (order by id)",
        "row_number() over (partition by email order by id)",
        "rank() over (order by email)",
        "count(*) over (partition by email)",
        "count_if(email = 'x')",
        "count(*) filter (where email = 'x')",
        "count(nullif(email, 'x'))",
        "nullif(email, 'x') is null",
        "nullif(email, 'x') <=> null",
        "greatest('a', email)",
        "date_add(joined, length(email))",
    ],
)
def test_labels_come_from_every_input(text: str) -> None:
    assert sound(text).personal == {EMAIL}
    assert Origin("customers", "email") in sound(text).origins


@pytest.mark.parametrize(
    "text",
    ["email is null", "email is not null", "isnull(email)", "isnotnull(email)", "email <=> null", "count(email)",
     "count(distinct email)", "id", "'email'"],
)  # fmt: skip
def test_counting_and_testing_for_null_clear_labels(text: str) -> None:
    assert sound(text).personal == set()


@pytest.mark.parametrize("text", ["md5(email)", "sha1(email)", "sha2(lower(email), 256)", "sha(email) || 'x'"])
def test_hashes_leave_a_pseudonym(text: str) -> None:
    assert sound(text).personal == {PSEUDONYM}


def test_labels_are_united() -> None:
    assert sound("email || name").personal == {EMAIL, NAME}
    assert sound("md5(email) || name").personal == {PSEUDONYM, NAME}
    assert sound("md5(email) || email").personal == {PSEUDONYM, EMAIL}
    assert sound("count(email) over (partition by name)").personal == {NAME}
