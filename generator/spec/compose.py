"""From the texts of a spec to one tree of YAML nodes, whose marks count through all files as spans do.

Sections of the same name are put together, whichever file they stand in; what each key means isn't known here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from generator.diagnostics import Diagnostic, SourceText, Span

MAX_DEPTH = 60
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OF_THE_SPEC = ("version", "lake", "description", "keep_versions", "include")
"""What is said once, in the file that includes the others."""


def compose(source: SourceText) -> tuple[yaml.MappingNode | None, list[Diagnostic]]:
    """The tree of a spec and of the files that it includes; None where one of them is no YAML, and what is wrong."""
    roots, problems = [], []
    for file, base in source.files():
        root, problem = _compose_file(file, is_included=base > 0)
        if problem is not None:
            problems.append(_moved(problem, base))
        if root is not None:
            if base > 0:
                _move(root, base)
                problems += _out_of_place(root)
            roots.append(root)
    if not roots or any(problem.code != "S008" for problem in problems):
        return None, problems
    return (_together(roots) if len(roots) > 1 else roots[0]), problems


def _compose_file(source: SourceText, is_included: bool) -> tuple[yaml.MappingNode | None, Diagnostic | None]:
    problem = _too_deep(source) if _may_be_deep(source.text) else None
    if problem:
        return None, problem
    try:
        root = yaml.compose(source.text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        return None, _too_deep(source) or _syntax_problem(source, error)
    if isinstance(root, yaml.MappingNode):
        return root, None
    if root is None and is_included:
        return None, None
    what = "the file is empty" if root is None else "the file is not a mapping of keys to values"
    keys = "sections such as `tables:`" if is_included else "`version: 1`, `lake:`, `sources:` and `tables:`"
    span = Span(0, 1) if source.text else None
    return None, Diagnostic("Y007", what, span, help=(f"start it with {keys}",))


def _out_of_place(root: yaml.MappingNode) -> list[Diagnostic]:
    """Takes out of an included file what only the spec itself says."""
    problems = []
    for entry in list(root.value):
        key = entry[0]
        if isinstance(key, yaml.ScalarNode) and key.value in OF_THE_SPEC:
            root.value.remove(entry)
            message, span = f"`{key.value}` in an included file", Span(key.start_mark.index, key.end_mark.index)
            problems.append(Diagnostic("S008", message, span, help=(_ONCE.get(key.value, _MOVE_UP),)))
    return problems


_MOVE_UP = "say it once, in the file that includes this one"
_ONCE = {
    "include": "list these files too in the file that includes this one, so that all of them are seen in one place"
}


def _together(roots: list[yaml.MappingNode]) -> yaml.MappingNode:
    """One root with the sections of all; a key that one file has twice stays twice, for whoever looks for that."""
    first, sections = roots[0], dict[str, int]()
    entries = list(first.value)
    for root in roots[1:]:
        sections |= {key.value: at for at, (key, _) in reversed(list(enumerate(entries)))}
        for key, value in root.value:
            at = sections.get(key.value) if isinstance(key, yaml.ScalarNode) else None
            joined = _joined(entries[at][1], value) if at is not None else None
            if at is not None and joined is not None:
                entries[at] = (entries[at][0], joined)
            else:
                entries.append((key, value))
    return yaml.MappingNode(first.tag, entries, first.start_mark, first.end_mark, first.flow_style)


def _joined(one: yaml.Node, more: yaml.Node) -> yaml.Node | None:
    """The entries of two mappings, or the items of two lists; None where they are neither, and neither is empty."""
    for empty, other in ((one, more), (more, one)):
        if isinstance(empty, yaml.ScalarNode) and not empty.value:
            return other
    for kind in (yaml.MappingNode, yaml.SequenceNode):
        if isinstance(one, kind) and isinstance(more, kind):
            return kind(one.tag, one.value + more.value, one.start_mark, one.end_mark, one.flow_style)
    return None


class _Mark:
    """A place in all files together: what is asked of a mark of PyYAML once a tree is made."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


def _move(root: yaml.Node, base: int) -> None:
    """Counts the marks of a file from the beginning of all files. A node that aliases share is moved once."""
    seen, waiting = set[int](), [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        node.start_mark, node.end_mark = _Mark(node.start_mark.index + base), _Mark(node.end_mark.index + base)
        if isinstance(node, yaml.MappingNode):
            waiting += (part for entry in node.value for part in entry)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _moved(problem: Diagnostic, base: int) -> Diagnostic:
    if problem.span is None:
        return replace(problem, span=Span(base, base)) if base else problem
    return replace(problem, span=Span(problem.span.start + base, problem.span.end + base))


_DEEP_LINE = re.compile(r"^[ ?-]{121,}", re.MULTILINE)


def _may_be_deep(text: str) -> bool:
    """A bound from brackets and indentation: cheap, and rarely true without need."""
    depth = 0
    for match in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if match[0] in "[{" else max(depth - 1, 0)
        if depth > MAX_DEPTH:
            return True
    return _DEEP_LINE.search(text) is not None


def _too_deep(source: SourceText) -> Diagnostic | None:
    """Refuses nesting that no lake has by the parser's events, before a recursive composer meets it.

    Some builds of libyaml refuse to read on before they tell how deep the file is: then Python's own parser tells.
    """
    for loader in (_LOADER, yaml.SafeLoader):
        depth = 0
        try:
            for event in yaml.parse(source.text, Loader=loader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > MAX_DEPTH:
                    return too_deep_at(event.start_mark.index if event.start_mark else 0)
        except yaml.YAMLError:
            continue  # what isn't about depth the composer says better
    return None


def too_deep_at(start: int) -> Diagnostic:
    help = ("no lake needs that: look for brackets that aren't closed, or for indentation that only grows",)
    return Diagnostic("Y008", f"nested more than {MAX_DEPTH} levels deep", Span(start, start + 1), help=help)


def _syntax_problem(source: SourceText, error: Exception) -> Diagnostic:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that YAML doesn't allow at all
        position = min(int(getattr(error, "position", 0)), max(len(source.text) - 1, 0))
        match = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", source.text)
        start = match.start() if match else position
        message = f"invalid YAML: character {source.text[start : start + 1]!r} is not allowed"
        return Diagnostic("Y001", message, Span(start, start + 1))
    line = min(mark.line, source.text.count("\n"))
    start = min(source.line_start(line + 1) + mark.column, len(source.text))
    found = source.text[start : start + 1]
    problem = str(getattr(error, "problem", "") or error)
    context = getattr(error, "context", None)
    if found == "\t" or "\t" in source.line(line + 1)[: mark.column + 1]:
        start = source.line_start(line + 1) + max(source.line(line + 1).find("\t"), 0)
        return Diagnostic(
            "Y004", "YAML is not indented with tabs", Span(start, start + 1), help=("indent with two spaces",)
        )
    message = f"invalid YAML: {problem}" + (f" ({context})" if context else "")
    return Diagnostic("Y001", message, Span(start, start + 1), help=_syntax_help(found, problem))


def _syntax_help(found: str, problem: str) -> tuple[str, ...]:
    if found == "`":
        return (
            "a value cannot start with a backtick: put it in quotes, or write `|` and the value on a line of its own",
        )
    if "mapping values are not allowed" in problem:
        return ("`: ` inside an unquoted value starts a new mapping: put the value in quotes",)
    if found and found in "*&%@!":
        return (f"a value cannot start with `{found}`: put it in quotes",)
    if "document" in problem:
        return ("one file holds one lake: remove the `---` in the middle",)
    return ()
