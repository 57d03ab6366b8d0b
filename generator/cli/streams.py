"""The two streams of the process: there whatever the caller did to them, and able to take any text."""

from __future__ import annotations

import codecs
import os
import sys
from typing import TextIO

_PLAIN_FORMS = {"→": "->", "—": "-", "–": "-", "…": "...", "✓": "ok", "✗": "x", "⚠": "!", "’": "'", "‘": "'", "·": "*"}
_HANDLER = "lakegen"


def prepare() -> bool:
    """Makes both streams usable; returns whether stdout was closed when the process began.

    Descriptors 0 to 2 that are closed are opened on nothing first: otherwise the next file that is opened, such as a
    table, would get the number of stdout and whatever some library prints there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    codecs.register_error(_HANDLER, _plain_form)
    closed = sys.stdout is None
    sys.stdout, sys.stderr = _able(sys.stdout), _able(sys.stderr)
    return closed


def _able(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors=_HANDLER)
    return stream


def _plain_form(error: UnicodeError) -> tuple[str, int]:
    """What an encoding such as ASCII can't write, in a form that it can."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    return "".join(_PLAIN_FORMS.get(char, "?") for char in found), error.end


def give_up(stream: TextIO) -> None:
    """Lets nothing more be written to a stream that failed, not even by Python as it ends."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
    except (OSError, ValueError):
        return
