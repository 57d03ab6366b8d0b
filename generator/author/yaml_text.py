"""Values as YAML text: plain where that is safe, quoted where YAML or its readers would see something else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./ -]*(?<! )")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffd]|[\u2028\u2029]")
_WORDS = frozenset("true false yes no on off null ~".split())


def scalar(value: str) -> str:
    """A string, quoted if need be."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return _quoted(unfilled(value))


def unfilled(text: str) -> str:
    """A text in which a spec fills in no variable."""
    return text.replace("${", "$${")


def _quoted(value: str) -> str:
    """In double quotes, with escapes for what YAML doesn't take as it is."""
    return _UNPRINTABLE.sub(lambda found: _escaped(found[0]), json.dumps(value, ensure_ascii=False))


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def in_comment(text: str, longest: int = 60) -> str:
    """A text for a comment: on one line, and not too long."""
    shown = _UNPRINTABLE.sub(
        lambda found: _escaped(found[0]), " ".join(text.split()) if longest > 60 else _quoted(text)[1:-1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def expression(text: str) -> str:
    """An expression as the value of a key: plain if it can't be misread."""
    text = unfilled(text)
    if re.fullmatch(r"[A-Za-z_(][^\n#:\"]*[^\s:#]|[A-Za-z_]", text) and text.lower() not in _WORDS:
        return text
    return _quoted(text)


def flow_list(values: Iterable[str]) -> str:
    return f"[{', '.join(scalar(value) for value in values)}]"


def flow_map(pairs: Iterable[tuple[str, str]]) -> str:
    """A mapping on one line; the values are YAML text already."""
    return "{" + ", ".join(f"{scalar(key)}: {value}" for key, value in pairs) + "}"


def aligned(lines: Sequence[tuple[str, str]], widest: int = 84, limit: int = 120) -> list[str]:
    """Lines with their comments beside them in one column, or above them where they would be too long together."""
    beside = [
        line for line, comment in lines if comment and len(line) <= widest and len(line) + len(comment) + 4 <= limit
    ]
    column = max(map(len, beside), default=0) + 2
    found = []
    for line, comment in lines:
        if comment and max(len(line) + 2, column) + len(comment) + 2 > limit:
            found += [f"{' ' * (len(line) - len(line.lstrip()))}# {comment}", line]
        else:
            found.append(f"{line:<{column}}{'' if len(line) < column - 1 else '  '}# {comment}" if comment else line)
    return found
