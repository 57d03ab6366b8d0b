"""A table of the spec in the making: clauses are added in the order in which the spec applies them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count

from generator.author.yaml_text import expression, flow_list, flow_map, scalar

JOIN, FILTER, DEDUPE, GROUP, OUTPUT = range(1, 6)


@dataclass(slots=True)
class JoinDraft:
    """Another table, matched; `alias` where its own name is taken."""

    kind: str
    table: str
    on: str = ""
    using: tuple[str, ...] = ()
    alias: str = ""


@dataclass(slots=True)
class TableDraft:
    """A table, or a view of what another one needs.

    Attributes:
        stage: the last clause that was added; later ones must not come before it.
        dedupe: None without one; no columns for whole rows.
        select: pairs of name and expression, instead of `drop` and `rename`.
        expect: expectations, each as a line of YAML.
        owners: the joined table that a column is from; others are the source's own.
        ambiguous: columns that several tables of a join have.
    """

    name: str
    source: str = ""
    description: str = ""
    zone: str = ""
    view: bool = False
    union: tuple[str, ...] = ()
    sql: str = ""
    joins: list[JoinDraft] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    dedupe: tuple[str, ...] | None = None
    groups: tuple[str, ...] = ()
    aggregates: dict[str, str] = field(default_factory=dict)
    select: list[tuple[str, str]] | None = None
    drop: list[str] = field(default_factory=list)
    rename: dict[str, str] = field(default_factory=dict)
    expect: list[str] = field(default_factory=list)
    stage: int = 0
    owners: dict[str, str] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but another table."""
        return bool(self.source) and self.stage == 0

    def free_alias(self, table: str) -> str:
        """A name for a table that is joined, when its own stands for another one here; nothing when it is free."""
        taken = {self.source, *(join.alias or join.table for join in self.joins)}
        numbers = (f"{table}_{number}" for number in count(2))
        return next(name for name in numbers if name not in taken) if table in taken else ""

    def reach(self, stage: int) -> bool:
        """Whether a clause may still be added. SQL takes none."""
        return not self.sql and self.stage <= stage

    def qualified(self, column: str) -> str:
        """The column with its table."""
        return f"{self.owners.get(column, self.source)}.{column}"

    def clear(self, text: str) -> str:
        """An expression in which columns that several tables have are said with their table."""
        if not self.ambiguous:
            return text
        pattern = rf"(?<![.\w])(?:{'|'.join(map(re.escape, sorted(self.ambiguous)))})(?!\w)"
        return re.sub(pattern, lambda found: self.qualified(found[0]), text)

    def drop_columns(self, columns: list[str]) -> None:
        self.stage = OUTPUT
        if self.select is not None:
            self.select = [item for item in self.select if item[0] not in columns]
            return
        original = {new: old for old, new in self.rename.items()}
        for column in columns:
            self.rename.pop(original.get(column, ""), None)
            self.drop.append(original.get(column) or self.clear(column))

    def keep_columns(self, columns: list[tuple[str, str]]) -> None:
        """Leaves (name, expression over the columns so far)."""
        self.stage = OUTPUT
        before = dict(self.select) if self.select is not None else {new: old for old, new in self.rename.items()}
        self.select = [(name, before.get(text) or self.clear(text)) for name, text in columns]
        self.drop, self.rename = [], {}

    def rename_column(self, old: str, new: str) -> None:
        self.stage = OUTPUT
        if self.select is not None:
            self.select = [(new if name == old else name, text) for name, text in self.select]
            return
        original = next((first for first, last in self.rename.items() if last == old), self.clear(old))
        self.rename[original] = new

    def lines(self) -> list[str]:
        """The table as YAML below its name, without indentation."""
        found = [f"description: {expression(self.description)}"] if self.description else []
        found += ["view: true"] if self.view else [f"zone: {scalar(self.zone)}"]
        if self.sql:
            return [*found, "sql: |", *(f"  {line}" for line in self.sql.splitlines()), *self._expect()]
        found += [f"union: {flow_list(self.union)}"] if self.union else [f"source: {scalar(self.source)}"]
        found += self._joins()
        found += [f"filter: {expression(self._filter())}"] if self.filters else []
        if self.dedupe is not None:
            found.append(f"dedupe: {{by: {flow_list(self.dedupe)}}}" if self.dedupe else "dedupe: {}")
        if self.aggregates:
            found += [f"group_by: {flow_list(self.groups)}"] if self.groups else []
            found += [
                "aggregate:",
                *(f"  {scalar(name)}: {expression(text)}" for name, text in self.aggregates.items()),
            ]
        return [*found, *self._output(), *self._expect()]

    def _filter(self) -> str:
        if len(self.filters) == 1:
            return self.filters[0]
        return " and ".join(f"({one})" if " or " in one.lower() else one for one in self.filters)

    def _joins(self) -> list[str]:
        found = ["join:"] if self.joins else []
        for join in self.joins:
            found.append(f"  - {join.kind}: {scalar(join.table)}")
            found += [f"    as: {scalar(join.alias)}"] if join.alias else []
            found.append(f"    using: {flow_list(join.using)}" if join.using else f"    on: {expression(join.on)}")
        return found

    def _output(self) -> list[str]:
        if self.select is not None:
            if all(name == text for name, text in self.select):
                return [f"select: {flow_list(name for name, _ in self.select)}"]
            return ["select:", *(f"  {scalar(name)}: {expression(text)}" for name, text in self.select)]
        found = [f"drop: {flow_list(self.drop)}"] if self.drop else []
        renamed = [(old, scalar(new)) for old, new in self.rename.items()]
        return [*found, *([f"rename: {flow_map(renamed)}"] if renamed else [])]

    def _expect(self) -> list[str]:
        return ["expect:", *(f"  - {one}" for one in self.expect)] if self.expect else []
