"""What a message shows of lines that are no rows."""

from __future__ import annotations

import pytest

from generator.runtime.guards import masked

HIDDEN = frozenset({"email", "e.mail", "home"})


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ("`n`: the string `x` where bigint belongs", "`n`: the string `x` where bigint belongs"),
        ("`emails`: the number `7` where string belongs", "`emails`: the number `7` where string belongs"),
        ("`email`: the number `7` where string belongs", "`email`: the number `…` where string belongs"),
        ("`e.mail`: the number `7` where string belongs", "`e.mail`: the number `…` where string belongs"),
        ("`home.street`: the number `7` where string belongs", "`home.street`: the number `…` where string belongs"),
        ("`home[]`: the number `7` where string belongs", "`home[]`: the number `…` where string belongs"),
        ("`home` has the key `7` twice", "`…` twice"),
        ("the header has `ada` where `email` is declared", "the header has `…` is declared"),
        ("not valid JSON", "not valid JSON"),
    ],
)
def test_values_of_hidden_columns_are_not_shown(detail: str, shown: str) -> None:
    assert masked(detail, HIDDEN) == shown
    assert masked(detail, frozenset()) == detail
