"""Spark SQL's tokens, each with its place in the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from generator.plan.expressions.problem import syntax_error


class Token(NamedTuple):
    """A token.

    Attributes:
        kind: `word`, `quoted` (in backticks), `string`, `number`, `mark` or `end`.
        text: as spelled, with a word in lower case, and of a name in backticks the name.
        start, end: half-open range in the text.
        spelled: as in the text.
        value: what a string or a name in backticks stands for.
    """

    kind: str
    text: str
    start: int
    end: int
    spelled: str
    value: str


_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:[A-Za-z_]\w*)?)
    |(?P<string>[rR]?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    |(?P<word>[^\W\d]\w*)
    |(?P<quoted>`(?:[^`]|``)+`)
    |(?P<mark><=>|==|!=|<>|<=|>=|\|\||->|::|/(?!\*)|[-+*%()=<>,.\[\];&|^~!])""",
    re.VERBOSE | re.DOTALL,
)
_RAW_STRING = re.compile(r"""[rR]('[^']*'|"[^"]*")""")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U((?:000[0-9A-Fa-f]|0010)[0-9A-Fa-f]{4})|([0-3][0-7]{2})|(.))", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def tokenize(text: str) -> list[Token]:
    """All tokens without spaces and comments; the last is of kind `end`.

    Raises:
        SyntaxProblem: at a quote or comment that is never closed, or a character that means nothing.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _RAW_STRING.match(text, position) or _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        kind, spelled = match.lastgroup or "space", match.group()
        if match.re is _RAW_STRING:
            tokens.append(Token("string", spelled, position, match.end(), spelled, spelled[2:-1]))
        elif kind != "space":
            value = _value(kind, spelled)
            shown = spelled.lower() if kind == "word" else value if kind == "quoted" else spelled
            tokens.append(Token(kind, shown, position, match.end(), spelled, value))
        position = match.end()
    end = len(text.rstrip())
    tokens.append(Token("end", "", max(end - 1, 0), end, "", ""))
    return tokens


def _value(kind: str, spelled: str) -> str:
    if kind == "string":
        return unescape(spelled[1:-1])
    if kind == "quoted":
        return spelled[1:-1].replace("``", "`")
    return spelled


def unescape(text: str) -> str:
    r"""The value of a string literal's inside; `\%` and `\_` stay as they are, for LIKE."""
    return _ESCAPE.sub(_escaped, text) if "\\" in text else text


def _escaped(match: re.Match[str]) -> str:
    short, long, octal, other = match.groups()
    if short or long:
        return chr(int(short or long, 16))
    return chr(int(octal, 8)) if octal else _ESCAPED.get(other, other)


def _unreadable(text: str, position: int) -> Exception:
    if text[position] in "'\"`":
        return syntax_error(
            "this quote is never closed", position, len(text.rstrip()), code="E002",
            help=("write a quote inside a string as `\\'`",),
        )  # fmt: skip
    if text.startswith("/*", position):
        return syntax_error("this comment is never closed", position, len(text.rstrip()), code="E002")
    return syntax_error(f"unexpected `{text[position]}`", position, position + 1)
