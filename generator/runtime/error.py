"""The error that turns a job red, with a message for the people who run the lake."""

from __future__ import annotations

import re


class LakeError(Exception):
    """A job can't go on, or must not publish what it made.

    Attributes:
        source: the source whose landing data is at fault, if it is one.
    """

    def __init__(self, message: str, source: str | None = None) -> None:
        self.source = source
        super().__init__(message)


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without the stack of the JVM and the names of Java's classes."""
    text = str(getattr(error, "java_exception", None) or error)
    line = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return re.sub(r"^(?:(?:[a-z]\w*\.)+\w+: )+(?=.)", "", line)
