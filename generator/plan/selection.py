"""Words that choose sources, tables and views of a lake: those of `--select` and `--exclude`, and of `steps` in `jobs`.

customer_trusted      a table, view or source; `stg_*` all of such names
zone:trusted          all of a zone
tag:nightly           all with a tag
path:tables/x.yaml    all that a file of the spec declares; `path:tables/` of a folder, `path:**/x*.yaml` by pattern
+table, table+        also what it is made of, also what is made of it
zone:trusted,tag:x    what is in both
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from generator.diagnostics import GeneratorError, shown_names, suggestion
from generator.spec.include import matches


@dataclass(frozen=True, slots=True)
class Selectable:
    """What a source, table or view is found by, besides its name."""

    zone: str | None
    file: str
    tags: tuple[str, ...] = ()


class SelectionError(GeneratorError):
    """Nothing is chosen by a word, or nothing is left of what is chosen.

    Attributes:
        problem: what is wrong, without whose word it is.
        help: ways out.
    """

    def __init__(self, problem: str, help: Iterable[str] = (), option: str = "") -> None:
        self.problem = problem
        self.help = tuple(help)
        said = "; ".join((problem, *self.help))
        super().__init__(f"{option}: {said}" if option else said)


class Selection:
    """What a lake has, by name, and what reads what.

    Args:
        inputs: what each table and view is made of.
    """

    def __init__(self, all: Mapping[str, Selectable], inputs: Mapping[str, Iterable[str]]) -> None:
        self.all = all
        self.inputs = inputs
        self.readers: dict[str, list[str]] = {}
        for table, names in inputs.items():
            for name in names:
                self.readers.setdefault(name, []).append(table)

    def above(self, names: Iterable[str]) -> set[str]:
        """These, and all that they are made of."""
        return _reached(names, self.inputs)

    def below(self, names: Iterable[str]) -> set[str]:
        """These, and all that is made of them."""
        return _reached(names, self.readers)

    def of_words(self, words: Iterable[str], option: str) -> set[str]:
        """What any of some words chooses.

        Args:
            option: whose words they are, for messages.

        Raises:
            SelectionError: one of them chooses nothing.
        """
        return set().union(*(self.of_word(word, option) for word in words))

    def of_word(self, word: str, option: str) -> set[str]:
        """What every part of a word chooses.

        Raises:
            SelectionError: nothing.
        """
        found = set(self.all)
        for part in word.split(","):
            found &= self._of_part(part.strip(), option)
        if not found:
            raise SelectionError(f"nothing is in all of {word.replace(',', ', ')}", (), option)
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
            raise SelectionError(f"`{kind}:` is none of {shown_names(f'{one}:' for one in _KINDS)}", (), option)
        values, fits = _KINDS[kind]
        found = {name for name, one in self.all.items() if any(fits(value, has) for has in values(one))}
        if not found:
            known = {has for one in self.all.values() for has in values(one)}
            help = suggestion(value, known) or (f"nothing in this lake has a {kind}",)
            raise SelectionError(f"nothing in the lake is in {word}", help, option)
        return found

    def _by_name(self, word: str, option: str) -> set[str]:
        found = {word} if word in self.all else {name for name in self.all if fnmatch.fnmatchcase(name, word)}
        if not found:
            raise SelectionError(f"there is no table `{word}` in the lake", suggestion(word, self.all), option)
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


_KINDS: Mapping[str, tuple[Callable[[Selectable], Iterable[str]], Callable[[str, str], bool]]] = {
    "zone": (lambda one: (one.zone,) if one.zone else (), lambda wanted, zone: fnmatch.fnmatchcase(zone, wanted)),
    "path": (lambda one: (one.file,), _in_file),
    "tag": (lambda one: one.tags, lambda wanted, tag: fnmatch.fnmatchcase(tag, wanted)),
}
