"""A call that is sent once more is not done once more."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from generator.deploy.emulator.repeated import AnsweredOnce

FORM = "application/x-amz-json-1.1"


class Counting:
    """Answers each call with its number; the first `failing` with an error."""

    def __init__(self, failing: int = 0) -> None:
        self.calls = 0
        self.failing = failing
        self.go_on = Event()
        self.go_on.set()

    def __call__(self, environment: Any, start: Any) -> Any:
        self.calls += 1
        number = self.calls
        self.go_on.wait(10)
        return Response(str(number), 500 if number <= self.failing else 200)(environment, start)


def call(application: Any, identity: str, form: str = FORM) -> str:
    headers = {"amz-sdk-invocation-id": identity}
    asked = EnvironBuilder(method="POST", headers=headers, content_type=form, data="{}").get_environ()
    return Client(application).open(asked).get_data(as_text=True)


def test_the_same_call_gets_the_same_answer() -> None:
    once = AnsweredOnce(Counting())
    assert [call(once, identity) for identity in ("a", "a", "b", "a")] == ["1", "1", "2", "1"]


def test_what_failed_is_done_again() -> None:
    once = AnsweredOnce(Counting(failing=1))
    assert [call(once, "a"), call(once, "a")] == ["1", "2"]


def test_objects_are_put_as_often_as_they_come() -> None:
    once = AnsweredOnce(Counting())
    assert [call(once, "a", "text/plain"), call(once, "a", "text/plain")] == ["1", "2"]


def test_a_second_attempt_waits_for_the_first() -> None:
    inner = Counting()
    once, answers = AnsweredOnce(inner), []
    inner.go_on.clear()
    threads = [Thread(target=lambda: answers.append(call(once, "a"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    inner.go_on.set()
    for thread in threads:
        thread.join(10)
    assert answers == ["1", "1"] and inner.calls == 1
