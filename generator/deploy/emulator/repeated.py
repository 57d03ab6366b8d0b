"""Calls that a client sends once more because the answer took too long: they are answered, and not done again.

AWS's clients send the same `amz-sdk-invocation-id` with each attempt. Without this, what the first attempt made exists
already when the second one comes, as soon as the machine is busy.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock
from typing import Any

from werkzeug.wrappers import Response

KEPT = 2000
_FORMS = ("application/x-amz-json", "application/x-www-form-urlencoded")


class AnsweredOnce:
    """A WSGI application that gives a repeated call the answer of its first attempt, if that was no error."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._answers: OrderedDict[str, Future[Response]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environment: Any, start: Any) -> Any:
        call = environment.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if not call or not environment.get("CONTENT_TYPE", "").startswith(_FORMS):
            return self._application(environment, start)
        mine: Future[Response] = Future()
        with self._lock:
            first = self._answers.setdefault(call, mine)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        answer = first.result() if first is not mine else None
        if answer is None or answer.status_code >= 400:
            answer = self._answer(environment, mine)
        return answer(environment, start)

    def _answer(self, environment: Any, mine: Future[Response]) -> Response:
        try:
            answer = Response.from_app(self._application, environment, buffered=True)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        return answer
