"""A table of the spec in the making: clauses are added in the order in which the spec applies them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from generator.author.yaml_text import expression, flow_list, flow_map, in_comment, scalar, unfilled

JOIN, FILTER, ADD, DEDUPE, GROUP, OUTPUT = range(1, 7)


@dataclass(frozen=True, slots=True)
class JoinDraft:
    """Another table, matched.

    Attributes:
        alias: what its columns are called after.
        on: pairs of columns of the left and of this table that are equal, with their tables.
        condition: the whole condition, where it is more than equal columns.
        carried: the job's names of its columns, which go through the job's own join.
        node: the step that it is.
    """

    kind: str
    table: str
    alias: str
    on: tuple[tuple[str, str], ...] = ()
    condition: str = ""
    carried: tuple[str, ...] = ()
    node: str = ""

    @property
    def text(self) -> str:
        return self.condition or " and ".join(f"{one} = {other}" for one, other in self.on)


@dataclass(slots=True)
class TableDraft:
    """A table, or a view of what another one needs. Columns are said with their tables until it is written down.

    Attributes:
        alias: what the source's columns are called after.
        stage: the last clause that was added; later ones must not come before it.
        dedupe: None without one; no columns for whole rows.
        columns: of SQL and of unions, whose columns no table has.
        marks: what isn't carried over exactly, said in comments.
        outputs: pairs of name and text that come out, once it is known.
    """

    source: str = ""
    alias: str = ""
    name: str = ""
    description: str = ""
    zone: str = ""
    view: bool = False
    union: tuple[str, ...] = ()
    sql: str = ""
    columns: tuple[str, ...] = ()
    joins: list[JoinDraft] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    adds: list[tuple[str, str]] = field(default_factory=list)
    dedupe: list[str] | None = None
    groups: list[str] = field(default_factory=list)
    aggregates: list[tuple[str, str]] = field(default_factory=list)
    expect: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    stage: int = 0
    outputs: list[tuple[str, str]] = field(default_factory=list)
    listed: bool = True
    reads: set[str] = field(default_factory=set)

    def copy(self) -> TableDraft:
        return replace(
            self, joins=list(self.joins), filters=list(self.filters), adds=list(self.adds), groups=list(self.groups),
            dedupe=None if self.dedupe is None else list(self.dedupe), aggregates=list(self.aggregates),
            expect=list(self.expect), marks=list(self.marks), outputs=list(self.outputs), reads=set(self.reads),
        )  # fmt: skip

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but another table."""
        return bool(self.source) and self.stage == 0

    def reach(self, stage: int) -> bool:
        """Whether a clause may still be added. SQL takes none."""
        return not self.sql and self.stage <= stage

    def aliases(self) -> dict[str, str]:
        """The tables whose columns can be said, by what they are called after."""
        found = {self.alias: self.source} if self.source else {}
        return found | {join.alias: join.table for join in self.joins}

    def free_alias(self, table: str) -> str:
        """What a table that is joined can be called."""
        taken = self.aliases()
        numbers = (f"{table}_{number}" for number in count(2))
        return next(name for name in numbers if name not in taken) if table in taken else table

    def others(self, but: JoinDraft | None) -> str:
        """All texts, without one join's condition."""
        texts = [text for _, text in self.outputs] + self.filters + [text for _, text in self.adds]
        texts += [*(self.dedupe or ()), *self.groups, *(text for _, text in self.aggregates)]
        return "\n".join([*texts, *(join.text for join in self.joins if join is not but)])

    # Text -------------------------------------------------------------------------------------------

    def lines(self, columns_of: Callable[[str], tuple[Sequence[str], bool]]) -> list[str]:
        """The table as YAML below its name, without indentation.

        Args:
            columns_of: the columns of a table, and whether these are all.
        """
        writer = _Writer(self, {alias: columns_of(table) for alias, table in self.aliases().items()})
        return writer.lines()


class _Writer:
    """Writes a draft, with the shortest names that are clear."""

    def __init__(self, draft: TableDraft, columns: Mapping[str, tuple[Sequence[str], bool]]) -> None:
        self.draft = draft
        self.columns = columns

    def short(self, text: str, *, of_join: bool = False) -> str:
        """An expression without the tables that needn't be said; behind a semi join its table is out of sight."""
        hidden = {join.alias for join in self.draft.joins if join.kind in ("semi", "anti") and not of_join}
        seen = [columns for alias, columns in self.columns.items() if alias not in hidden]
        names = [name for known, _ in seen for name in known]
        alone = len(seen) == 1
        known = all(complete for _, complete in seen)

        def shorter(found: re.Match[str]) -> str:
            if found[1] is None:
                return found[0]
            clear = alone or (known and names.count(found[2]) == 1)
            return found[2] if clear else found[0]

        aliases = "|".join(map(re.escape, self.columns)) or "(?!)"
        return re.sub(rf"'(?:[^'\\]|\\.)*'|(?<![.\w])({aliases})\.(\w+)", shorter, text)

    def lines(self) -> list[str]:
        draft = self.draft
        found = [f"# {in_comment(mark, 400)}" for mark in draft.marks]
        found += [f"description: {expression(draft.description)}"] if draft.description else []
        found += ["view: true"] if draft.view else [f"zone: {scalar(draft.zone)}"]
        if draft.sql:
            return [*found, "sql: |", *(f"  {line}" for line in unfilled(draft.sql).splitlines()), *self._expect()]
        found += [f"union: {flow_list(draft.union)}"] if draft.union else [f"source: {scalar(draft.source)}"]
        found += [f"as: {scalar(draft.alias)}"] if draft.source and draft.alias != draft.source else []
        found += self._joins()
        found += [f"filter: {expression(self.short(self._filter()))}"] if draft.filters else []
        if draft.adds:
            found += ["add:", *(f"  {scalar(name)}: {expression(self.short(text))}" for name, text in draft.adds)]
        if draft.dedupe is not None:
            by = [self.short(text) for text in draft.dedupe]
            found.append(f"dedupe: {{by: {flow_list(by)}}}" if by else "dedupe: {}")
        if draft.aggregates or draft.groups:
            found += [f"group_by: {flow_list(map(self.short, draft.groups))}"] if draft.groups else []
            found += [
                "aggregate:",
                *(f"  {scalar(name)}: {expression(self.short(text))}" for name, text in draft.aggregates),
            ]
        return [*found, *self._output(), *self._expect()]

    def _filter(self) -> str:
        if len(self.draft.filters) == 1:
            return self.draft.filters[0]
        return " and ".join(f"({one})" if " or " in one.lower() else one for one in dict.fromkeys(self.draft.filters))

    def _joins(self) -> list[str]:
        found = ["join:"] if self.draft.joins else []
        for join in self.draft.joins:
            found.append(f"  - {join.kind}: {scalar(join.table)}")
            found += [f"    as: {scalar(join.alias)}"] if join.alias != join.table else []
            found.append(f"    on: {expression(self.short(join.text, of_join=True))}")
        return found

    def _output(self) -> list[str]:
        natural = self.natural()
        outputs = self.draft.outputs
        if outputs == natural or not outputs:
            return []
        given = {text: name for name, text in natural}
        names = [name for name, _ in outputs]
        plain = all(text in given for _, text in outputs) and len({text for _, text in outputs}) == len(outputs)
        gone = [text for _, text in natural if text not in {text for _, text in outputs}]
        renamed = [(text, name) for name, text in outputs if given.get(text) != name]
        in_order = [text for _, text in natural if text not in gone] == [text for _, text in outputs]
        if plain and (not self.draft.listed or (in_order and len(gone) <= len(outputs) and len(renamed) <= 3)):
            found = [f"drop: {flow_list(map(self.short, gone))}"] if gone else []
            pairs = [(self.short(text), scalar(name)) for text, name in renamed]
            return [*found, *([f"rename: {flow_map(pairs)}"] if pairs else [])]
        if all(name == self.short(text) for name, text in outputs):
            return [f"select: {flow_list(names)}"]
        return ["select:", *(f"  {scalar(name)}: {expression(self.short(text))}" for name, text in outputs)]

    def natural(self) -> list[tuple[str, str]]:
        """What comes out by itself."""
        draft = self.draft
        if draft.aggregates or draft.groups:
            return [(text.rpartition(".")[2], text.rpartition(".")[2]) for text in draft.groups] + [
                (name, name) for name, _ in draft.aggregates
            ]
        if draft.sql or draft.union:
            return [(name, name) for name in draft.columns]
        shown = {draft.alias, *(join.alias for join in draft.joins if join.kind in ("inner", "left", "full"))}
        found = [
            (name, f"{alias}.{name}") for alias in draft.aliases() if alias in shown for name in self.columns[alias][0]
        ]
        return found + [(name, name) for name, _ in draft.adds]

    def _expect(self) -> list[str]:
        return ["expect:", *(f"  - {one}" for one in self.draft.expect)] if self.draft.expect else []
