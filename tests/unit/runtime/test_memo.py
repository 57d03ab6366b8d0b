"""What is found out once: by the first who asks, for all who do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from generator.runtime.memo import Memo


def test_a_value_is_found_once() -> None:
    memo: Memo[list[int]] = Memo()
    first = memo.get("a", lambda: [1])
    assert memo.get("a", lambda: [2]) is first
    assert memo.get("b", lambda: [2]) == [2]


def test_others_wait_for_a_value_that_is_being_found() -> None:
    memo: Memo[int] = Memo()
    begun, may_end = Event(), Event()

    def slowly() -> int:
        begun.set()
        assert may_end.wait(30)
        return 1

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(memo.get, "a", slowly)
        assert begun.wait(30)
        others = [pool.submit(memo.get, "a", lambda: 2) for _ in range(2)]
        assert not any(other.done() for other in others)
        may_end.set()
        assert [first.result(30), *(other.result(30) for other in others)] == [1, 1, 1]


@pytest.mark.parametrize("error", [ValueError("on purpose"), KeyboardInterrupt()])
def test_an_error_is_of_the_one_whom_it_met_and_the_next_one_tries_again(error: BaseException) -> None:
    memo: Memo[int] = Memo()
    begun, may_end = Event(), Event()

    def fail() -> int:
        begun.set()
        assert may_end.wait(30)
        raise error

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo.get, "a", fail)
        assert begun.wait(30)
        second = pool.submit(memo.get, "a", lambda: 2)
        may_end.set()
        assert first.exception(30) is error and second.result(30) == 2
    assert memo.get("a", lambda: 3) == 2
