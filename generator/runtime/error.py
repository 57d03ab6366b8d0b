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


_OF_SPARK = re.compile(r"\[[A-Z][A-Z0-9_.]+\] ")
_VALUES = re.compile(r"'.*'|\b(?<=value )[^'\"`\s]\S*")
"""What Spark's own errors quote of the data; names of columns stand in other quotes."""


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without the stack of the JVM and the names of Java's classes.

    Values that Spark couldn't take are left out: the line is logged, and they may be personal data.
    """
    text = str(getattr(error, "java_exception", None) or error)
    line = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    line = re.sub(r"^(?:(?:[a-z]\w*\.)+\w+: )+(?=.)", "", line)
    return _VALUES.sub("…", line) if _OF_SPARK.match(line) else line
