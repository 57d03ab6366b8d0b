"""YAML with positions: the text, the plain data in it, and where each part of the data stands.

Scalars are resolved by the core schema of YAML 1.2, so `on:` is a key and not `true`. Anchors and aliases work;
an alias that contains itself, a merge key and a second document are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from generator.diagnostics import Diagnostic, Label, SourceText, Span
from generator.spec.compose import MAX_DEPTH, compose, too_deep_at

Path = Sequence[str | int]

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_LONGEST_NUMBER = 100
"""From so many characters, or digits before or after the point, a number is text: nobody counts so far."""
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(slots=True)
class Document:
    """The YAML of a spec: plain data (dict, list, str, int, Decimal, bool, None) and the nodes it came from."""

    source: SourceText
    data: dict[str, Any]
    root: yaml.MappingNode
    _text: str = field(init=False)
    _filled: dict[int, list[Span]] = field(default_factory=dict)
    _children: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._text = self.source.whole

    def _child(self, node: yaml.Node, key: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
        """Key node and value node of one entry, or None where there is no such entry."""
        if isinstance(node, yaml.MappingNode):
            known = self._children.get(id(node))
            if known is None:
                known = self._children[id(node)] = {k.value: (k, v) for k, v in reversed(node.value)}
            return known.get(str(key))
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            return None, node.value[key]
        return None

    def node(self, path: Path) -> yaml.Node:
        """The node at a path, or the nearest one above it that exists."""
        return self._walk(path)[1]

    def has(self, path: Path) -> bool:
        """Whether the file itself holds this path (and not only a default)."""
        return self._walk(path)[2] == len(path)

    def _walk(self, path: Path) -> tuple[yaml.Node | None, yaml.Node, int]:
        key: yaml.Node | None = None
        node: yaml.Node = self.root
        for depth, part in enumerate(path):
            found = self._child(node, part)
            if found is None:
                return key, node, depth
            key, node = found
        return key, node, len(path)

    def span(self, path: Path) -> Span:
        """Where the value at a path stands; for a mapping or a list the key that it hangs on."""
        key, node, _ = self._walk(path)
        if isinstance(node, yaml.ScalarNode) and node.end_mark.index > node.start_mark.index:
            return Span(node.start_mark.index, self._scalar_end(node))
        return node_span(key) if key is not None else self._first_line(node)

    def key_span(self, path: Path) -> Span:
        """Where the key at the end of a path stands."""
        key, node, _ = self._walk(path)
        return node_span(key) if key is not None else self._first_line(node)

    def file(self, path: Path) -> str:
        """The name of the file in which the key at the end of a path stands, from the folder of the spec."""
        file, _ = self.source.file_at(self.key_span(path).start)
        return file.name or re.split(r"[/\\:]", file.path)[-1]

    def _first_line(self, node: yaml.Node) -> Span:
        start = min(node.start_mark.index, max(len(self._text) - 1, 0))
        line_end = self._text.find("\n", start)
        end = min(node.end_mark.index, line_end if line_end >= 0 else len(self._text))
        return Span(start, max(end, start + 1))

    def _scalar_end(self, node: yaml.ScalarNode) -> int:
        end: int = node.end_mark.index
        while end > node.start_mark.index + 1 and self._text[end - 1] in " \r\n":
            end -= 1
        return end

    def span_in(self, path: Path, start: int, end: int) -> Span:
        """Where the characters [start, end) of the string at a path stand in the file."""
        node = self.node(path)
        if not isinstance(node, yaml.ScalarNode):
            return self.span(path)
        filled = self._filled.get(id(node))
        if filled is not None:
            first, last = (filled[min(at, len(filled) - 1)] for at in (start, max(end - 1, start)))
            return Span(first.start, last.end)
        return self._span_of(node, start, end)

    def _span_of(self, node: yaml.ScalarNode, start: int, end: int) -> Span:
        offsets = scalar_offsets(self._text, node)
        first = offsets[min(start, len(offsets) - 1)]
        last = offsets[min(max(end - 1, start), len(offsets) - 1)]
        return Span(first, max(last + 1, first + 1))

    def fill(self, path: Path, origins: Iterable[tuple[int, int]]) -> None:
        """Notes that the string at a path has other characters than the file: for each, where it comes from there."""
        node = self.node(path)
        if isinstance(node, yaml.ScalarNode):
            end = self.span(path).end
            self._filled[id(node)] = [*(self._span_of(node, *origin) for origin in origins), Span(end, end + 1)]

    def cut_by_comment(self, path: Path) -> int | None:
        """Offset of the ` #` that ended an unquoted value early, as YAML has it; None where there is none."""
        node = self.node(path)
        if not isinstance(node, yaml.ScalarNode) or node.style not in (None, ""):
            return None
        match = re.compile(r"[ \t]+#").match(self._text, self._scalar_end(node))
        return match.end() - 1 if match else None


def node_span(node: yaml.Node) -> Span:
    return Span(node.start_mark.index, max(node.end_mark.index, node.start_mark.index + 1))


def load_yaml(source: SourceText) -> tuple[Document | None, list[Diagnostic]]:
    """Reads a spec's YAML. Returns the document, or None where nothing can be made of it, and what is wrong."""
    root, problems = compose(source)
    if root is None:
        return None, problems
    builder = _Builder()
    data = builder.value(root)
    too_deep = [problem for problem in builder.problems if problem.code == "Y008"]
    if too_deep:
        return None, too_deep[:1]
    return Document(source, data, root), problems + builder.problems


class _Builder:
    """Turns nodes into plain data and collects what YAML itself lets pass."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []
        self.done: dict[int, Any] = {}
        self.open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self.done:
            return self.done[id(node)]
        if id(node) in self.open:
            self.problems.append(Diagnostic("Y009", "an alias contains itself", node_span(node)))
            return None
        if len(self.open) >= MAX_DEPTH:
            self.problems.append(too_deep_at(node.start_mark.index))
            return None
        self.open.add(id(node))
        built: Any
        if isinstance(node, yaml.SequenceNode):
            built = [self.value(item) for item in node.value]
            if node.flow_style:
                self._split_items(node)
        else:
            assert isinstance(node, yaml.MappingNode)
            built = self._mapping(node)
        self.open.discard(id(node))
        self.done[id(node)] = built
        return built

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        built: dict[str, Any] = {}
        first: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                message = "a key must be a plain word"
                self.problems.append(Diagnostic("Y010", message, node_span(key)))
            elif key.value == "<<":
                help = ("repeat the keys, or share a whole value with an anchor and an alias",)
                self.problems.append(
                    Diagnostic("Y010", "merge keys are not part of YAML 1.2", node_span(key), help=help)
                )
            elif key.value in built:
                here, there = node_span(key), Label(node_span(first[key.value]), "first use")
                message = f"duplicate key `{key.value}`"
                self.problems.append(Diagnostic("Y002", message, here, "second use", secondary=(there,)))
            elif node.flow_style and _is_split_off(key, value):
                self._comma_split(key, f"stray key `{key.value}` in a {{…}} mapping")
            else:
                first[key.value] = key
                built[key.value] = self.value(value)
        return built

    def _split_items(self, node: yaml.SequenceNode) -> None:
        for before, item in zip(node.value, node.value[1:], strict=False):
            plain = all(isinstance(n, yaml.ScalarNode) and n.style in (None, "") for n in (before, item))
            if plain and _open_brackets(before.value) > 0 and _open_brackets(item.value) < 0:
                self._comma_split(item, f"stray item `{item.value}` in a […] list")

    def _comma_split(self, node: yaml.Node, message: str) -> None:
        help = ('inside { } and [ ] quote a value that contains a comma: "decimal(10,2)"',)
        label = "the comma split a type or an expression"
        self.problems.append(Diagnostic("Y003", message, node_span(node), label, help=help))


def _scalar(node: yaml.ScalarNode) -> str | int | Decimal | bool | None:
    text: str = node.value
    if node.style not in (None, ""):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) >= _LONGEST_NUMBER or not _NUMBER.match(text):
        return text
    if _INTEGER.match(text):
        return int(text)
    number = Decimal(text)
    return number if abs(number.adjusted()) < _LONGEST_NUMBER else text


def _open_brackets(text: str) -> int:
    return sum((c in "(<") - (c in ")>") for c in text)


def _is_split_off(key: yaml.ScalarNode, value: yaml.Node) -> bool:
    empty = isinstance(value, yaml.ScalarNode) and value.start_mark.index == value.end_mark.index
    return empty and _open_brackets(key.value) < 0


def scalar_offsets(text: str, node: yaml.ScalarNode) -> list[int]:
    """Offset in `text` of each character of a scalar's value, and of its end: len(value) + 1 numbers.

    Folding, indentation, escapes and doubled quotes make the two differ. All but the latter two concern white space,
    so the other characters come in the same order in both, and the white space lies between them.
    """
    value: str = node.value
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in (None, "") and text.startswith(value, start):
        return list(range(start, start + len(value) + 1))
    written = [*_written(text, node.style or "", start, end), (end, False)]
    offsets, at = [], 0
    for character in value:
        is_space = character.isspace()
        while written[at][1] and not is_space:
            at += 1
        offsets.append(written[at][0])
        if written[at][1] == is_space and at + 1 < len(written):
            at += 1
    return [*offsets, written[at][0]]


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+|#[^\n]*\s+)*")
_CHARACTER = {
    "'": re.compile(r"''|\r\n|.", re.DOTALL),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|\r\n|.)|\r\n|.", re.DOTALL),
}
_PLAIN_CHARACTER = re.compile(r"\r\n|.", re.DOTALL)


def _written(text: str, style: str, start: int, end: int) -> Iterator[tuple[int, bool]]:
    """The characters of a scalar as they are written: where each begins, and whether it is white space."""
    properties = _PROPERTIES.match(text, start, end)
    at = properties.end() if properties else start
    if style in ("|", ">"):
        at = text.find("\n", at) + 1 or end
    elif style:
        at, end = at + 1, end - 1
    for found in _CHARACTER.get(style, _PLAIN_CHARACTER).finditer(text, at, end):
        is_escape = style == '"' and found[0][0] == "\\"
        if not is_escape:
            yield found.start(), found[0].isspace()
        elif found[0][1] not in "\r\n":
            yield found.start(), _is_escaped_space(found[0])


def _is_escaped_space(escape: str) -> bool:
    if escape[1] in "xuU":
        return chr(int(escape[2:], 16)).isspace()
    return escape[1] in " \ttnvfrN_LP"
