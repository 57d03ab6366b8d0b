"""The error that turns a job red, with a message for the people who run the lake."""

from __future__ import annotations


class LakeError(Exception):
    """A job can't go on, or must not publish what it made.

    Attributes:
        source: the source whose landing data is at fault, if it is one.
    """

    def __init__(self, message: str, source: str | None = None) -> None:
        self.source = source
        super().__init__(message)
