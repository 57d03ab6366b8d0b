"""Python expressions laid out as a formatter leaves them: on one line if they fit, else one part a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.render.jobs.literals import literal, width
from generator.render.jobs.sql_lines import sql_lines

WIDTH = 120
INDENT = "    "
ALIAS = ".alias("


@dataclass(frozen=True, slots=True)
class Code:
    """Code that stays as it is, such as a name."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Query:
    """SQL of several lines, as a string over several lines."""

    sql: str


@dataclass(frozen=True, slots=True)
class Group:
    """Parts between brackets.

    Attributes:
        head: what stands before the first part, to the opening bracket.
        parts: each with what stands before it, such as `name=`.
        compact: whether all parts may share a line of their own, as arguments of a call do.
        line: all of it on one line, or None if it can't be.
    """

    head: str
    parts: tuple[tuple[str, Node], ...]
    close: str
    compact: bool = False
    line: str | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        texts = [(head, _flat(part)) for head, part in self.parts]
        line = ", ".join(f"{head}{text}" for head, text in texts)
        made = None if any(text is None for _, text in texts) else f"{self.head}{line}{self.close}"
        object.__setattr__(self, "line", made)


Node = Code | Text | Query | Group


def call(function: str, *arguments: Node, **named: Node) -> Group:
    parts = [("", one) for one in arguments] + [(f"{name}=", one) for name, one in named.items()]
    return Group(f"{function}(", tuple(parts), ")", compact=True)


def listed(parts: Sequence[Node]) -> Group:
    return Group("[", tuple(("", one) for one in parts), "]")


def mapping(entries: Mapping[str, Node]) -> Group:
    return Group("{", tuple((f"{literal(name)}: ", one) for name, one in entries.items()), "}")


def statement(node: Node, lead: str = "", indent: str = "") -> str:
    """The lines of a statement: `lead` and an expression."""
    return indent + _laid_out(node, indent, len(indent) + width(lead), lead)


def flat(node: Group) -> str:
    """A group of short parts on one line."""
    text = _flat(node)
    assert text is not None
    return text


def _laid_out(node: Node, indent: str, column: int, lead: str, trail: int = 0) -> str:
    """The expression after `lead`, which ends at `column`; `trail` characters follow on its last line."""
    line = _flat(node)
    if line is not None and column + width(line) + trail <= WIDTH:
        return lead + line
    if isinstance(node, Group):
        called, _, name = (line or "").rpartition(ALIAS)
        if called and node.close.endswith(ALIAS + name) and column + width(called + ALIAS) <= WIDTH:
            return f"{lead}{called}{ALIAS}\n{indent}{INDENT}{name[:-1]}\n{indent})"  # the last call breaks first
        return lead + _exploded(node, indent)
    if isinstance(node, Query):
        return lead + multiline(node.sql, indent, indent)
    if isinstance(node, Text):
        return lead + _split(node.value, indent, lead)
    return lead + node.text


def _flat(node: Node) -> str | None:
    """The expression on one line, or None if it can't be."""
    if isinstance(node, Code):
        return node.text
    if isinstance(node, Text):
        return literal(node.value)
    if isinstance(node, Query):
        return None if "\n" in node.sql else literal(node.sql)
    return node.line


def _exploded(node: Group, indent: str) -> str:
    inner = indent + INDENT
    texts = [(head, _flat(part)) for head, part in node.parts]
    line = ", ".join(f"{head}{text}" for head, text in texts)
    if node.compact and all(text is not None for _, text in texts) and width(inner + line) <= WIDTH:
        return f"{node.head}\n{inner}{line}\n{indent}{node.close}"
    alone = len(node.parts) == 1 and node.compact and isinstance(node.parts[0][1], Text) and not node.parts[0][0]
    lines = []
    for head, part in node.parts:
        if alone and isinstance(part, Text):
            lines += [inner + piece for piece in _pieces(part.value, WIDTH - len(inner))]
        else:
            lines.append(inner + _laid_out(part, inner, len(inner) + width(head), head, trail=1) + ",")
    return "\n".join((node.head, *lines, indent + node.close))


def multiline(sql: str, indent: str = INDENT, close: str = "") -> str:
    """SQL as a string over several lines: each begins with `indent`, and the last quotes with `close`."""
    lines = "\n".join(indent + line for line in sql_lines(sql, WIDTH - len(indent)))
    return f'{"r" if chr(92) in lines else ""}"""\n{lines}\n{close}"""'


def _split(value: str, indent: str, lead: str) -> str:
    """A string that is too long for its line, in parentheses on several."""
    inner = indent + INDENT
    lines = "\n".join(inner + piece for piece in _pieces(value, WIDTH - len(inner)))
    return f"(\n{lines}\n{indent})"


_BREAK = re.compile(r" (?=(?:AND|OR|WHEN|THEN|ELSE|END|OVER|ORDER|FILTER)\b)|(?<=,) ")


def _pieces(value: str, room: int) -> Iterator[str]:
    """Literals that together are the value: split before words such as AND, else at blanks, else anywhere."""
    start = 0
    while len(value) - start > 4 * room or width(literal(value[start:])) > room:
        longest = min(len(value) - start, room)
        most = start + max(size for size in range(1, longest) if width(literal(value[start : start + size])) <= room)
        ends = [match.end() for match in _BREAK.finditer(value, start, most + 1) if match.end() <= most]
        blank = value.rfind(" ", start, most) + 1
        end = ends[-1] if ends and ends[-1] > (start + most) // 2 else blank or most
        yield literal(value[start:end])
        start = end
    yield literal(value[start:])
