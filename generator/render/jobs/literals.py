"""String literals of Python, as a formatter leaves them."""

from __future__ import annotations

import unicodedata
from io import StringIO
from token import STRING
from tokenize import generate_tokens

from generator.jobs.spark_text import NOW, TODAY


def width(text: str) -> int:
    """Columns that a text takes, as formatters count them."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in text)


_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(value: str) -> str:
    """A string literal: in the quotes that need fewer escapes, raw if it has backslashes."""
    if value.isidentifier():
        return f'"{value}"'
    quote = "'" if value.count('"') > value.count("'") else '"'
    if "\\" in value and value.isprintable() and quote not in value and not value.endswith("\\"):
        return f"r{quote}{value}{quote}"
    if value.isprintable() and quote not in value and "\\" not in value:
        return f"{quote}{value}{quote}"
    return quote + "".join(_escaped(char, quote) for char in value) + quote


def _escaped(char: str, quote: str) -> str:
    if char == quote:
        return f"\\{char}"
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def at_run_time(code: str) -> str:
    """Code whose texts name the time of the run as the script knows it."""
    if NOW not in code and TODAY not in code:
        return code
    lines = code.splitlines(keepends=True)
    for token in reversed(list(generate_tokens(StringIO(code).readline))):
        if token.type == STRING and (NOW in token.string or TODAY in token.string):
            (top, left), (bottom, right) = token.start, token.end
            text = token.string.replace("{", "{{").replace("}", "}}")
            text = text.replace(NOW, "{lake.now}").replace(TODAY, "{lake.today}")
            text = f"rf{text[1:]}" if text.startswith("r") else f"f{text}"
            lines[top - 1 : bottom] = [lines[top - 1][:left] + text + lines[bottom - 1][right:]]
    return "".join(lines)
