"""Which part of a lake a run makes: what `--select` and `--exclude` say.

    customer_trusted      a table, view or source; `stg_*` all of such names
    zone:trusted          all of a zone
    tag:nightly           all with a tag
    path:tables/x.yaml    all that a file of the spec declares; `path:tables/` of a folder, `path:**/x*.yaml` by pattern
    +table, table+        also what it is made of, also what is made of it
    zone:trusted,tag:x    what is in both

What a chosen table is made of is made with it, as far as it isn't current: `+table` says no more than `table`. What is
excluded isn't made, and neither is what reads it: what is published of both stays.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Iterable, Mapping

from generator.diagnostics import GeneratorError, shown_names, suggestion
from generator.run.program import Program, SourceProgram, TableProgram
from generator.spec.include import matches

One = SourceProgram | TableProgram


class SelectionError(GeneratorError):
    """Nothing is chosen by a word of `--select` or `--exclude`, or nothing is left of what is chosen."""


def chosen(program: Program, select: Iterable[str], exclude: Iterable[str]) -> Program:
    """The part of a program that makes what is selected and not excluded; all of it where neither says anything.

    Raises:
        SelectionError: as its docstring says.
    """
    selected, excluded = list(select), list(exclude)
    if not selected and not excluded:
        return program
    graph = _Graph(program)
    wanted = graph.of_words(selected, "--select") if selected else set(graph.all)
    if not excluded:
        return program.needed_for(wanted)
    gone = graph.of_words(excluded, "--exclude")
    left = wanted - graph.below(gone)
    if not left:
        raise SelectionError(_nothing_left(graph, wanted, gone))
    return program.needed_for(left)


def _nothing_left(graph: _Graph, wanted: set[str], excluded: set[str]) -> str:
    for name in graph.all:
        over = next((one for one in graph.above({name}) if one in excluded), None)
        if name in wanted and over is not None and name not in excluded:
            return f"--exclude leaves nothing of what is selected: `{name}` needs `{over}`"
    return "--exclude leaves nothing of what is selected"


class _Graph:
    """What a program makes, by name, and what reads what."""

    def __init__(self, program: Program) -> None:
        made: list[One] = [*program.sources, *program.tables]
        self.all = {one.name: one for one in made}
        self.inputs = {table.name: table.inputs for table in program.tables}
        self.readers: dict[str, list[str]] = {}
        for table in program.tables:
            for name in table.inputs:
                self.readers.setdefault(name, []).append(table.name)

    def above(self, names: Iterable[str]) -> set[str]:
        """These, and all that they are made of."""
        return _reached(names, self.inputs)

    def below(self, names: Iterable[str]) -> set[str]:
        """These, and all that is made of them."""
        return _reached(names, self.readers)

    def of_words(self, words: Iterable[str], option: str) -> set[str]:
        return set().union(*(self._of_word(word, option) for word in words))

    def _of_word(self, word: str, option: str) -> set[str]:
        """What every part of a word chooses."""
        found = set(self.all)
        for part in word.split(","):
            found &= self._of_part(part.strip(), option)
        if not found:
            raise SelectionError(f"{option}: nothing is in all of {word.replace(',', ', ')}")
        return found

    def _of_part(self, part: str, option: str) -> set[str]:
        names = self._named(part.removeprefix("+").removesuffix("+"), option)
        found = set(names)
        if part.startswith("+"):
            found |= self.above(names)
        return found | self.below(names) if part.endswith("+") else found

    def _named(self, word: str, option: str) -> set[str]:
        kind, colon, value = word.partition(":")
        if not colon:
            return self._by_name(word, option)
        if kind not in _KINDS:
            raise SelectionError(f"{option}: `{kind}:` is none of {shown_names(f'{one}:' for one in _KINDS)}")
        values, fits = _KINDS[kind]
        found = {name for name, one in self.all.items() if any(fits(value, has) for has in values(one))}
        if not found:
            known = {has for one in self.all.values() for has in values(one)}
            hint = "; ".join(suggestion(value, known)) or f"nothing in this lake has a {kind}"
            raise SelectionError(f"{option}: nothing in the lake is in {word}; {hint}")
        return found

    def _by_name(self, word: str, option: str) -> set[str]:
        found = {name for name in self.all if fnmatch.fnmatchcase(name, word)}
        if not found:
            hint = "; ".join(suggestion(word, self.all))
            raise SelectionError(f"{option}: there is no table `{word}` in the lake; {hint}")
        return found


def _reached(names: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges.get(name, ())
    return found


def _in_file(wanted: str, file: str) -> bool:
    """Whether a file is meant: by its path, as one of a folder, or by a pattern."""
    path = posixpath.normpath(wanted)
    return path == "." or file.startswith(f"{path}/") or file == path or matches(file, path)


_KINDS: Mapping[str, tuple[Callable[[One], Iterable[str]], Callable[[str, str], bool]]] = {
    "zone": (lambda one: (one.zone,) if one.zone else (), lambda wanted, zone: fnmatch.fnmatchcase(zone, wanted)),
    "path": (lambda one: (one.file,), _in_file),
    "tag": (lambda one: one.tags, lambda wanted, tag: fnmatch.fnmatchcase(tag, wanted)),
}
