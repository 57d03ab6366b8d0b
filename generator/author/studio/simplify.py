"""What a table says better: joins that only choose rows, duplicates that can't be. Nothing here changes the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.author.names import tokens
from generator.author.studio.model import Job, Kind
from generator.author.studio.tables import JoinDraft, TableDraft

if TYPE_CHECKING:
    from generator.author.studio.catalog import Catalog

_PERSONAL = frozenset("name email mail phone birth birthday address customername street zip ssn".split())


def simplified(draft: TableDraft, job: Job, catalog: Catalog) -> TableDraft:
    """The same rows, with semi joins for joins of which only one side's columns come out."""
    draft = _turned(draft, catalog)
    for at, join in enumerate(draft.joins):
        if join.kind != "inner" or _is_used(join.alias, draft.others(join)):
            continue
        if _once(draft, join.table, (other for _, other in join.on), catalog, join):
            draft.joins[at] = replace(join, kind="semi")
            _note_semi(draft.joins[at], draft, job)
        else:
            _note_multiplying(join, job)
    return _whole_dedupe(_without_dedupe(draft, catalog), catalog)


def _whole_dedupe(draft: TableDraft, catalog: Catalog) -> TableDraft:
    """Duplicates by all columns that there are, without their names."""
    shown = {draft.alias: draft.source} | {
        one.alias: one.table for one in draft.joins if one.kind in ("inner", "left", "full")
    }
    everything = {f"{alias}.{name}" for alias, table in shown.items() for name in catalog.columns(table)[0]}
    if draft.dedupe and draft.source and set(draft.dedupe) == everything | {name for name, _ in draft.adds}:
        draft.dedupe = []
    return draft


def _turned(draft: TableDraft, catalog: Catalog) -> TableDraft:
    """With the sides of the only join swapped, where the columns of the second alone come out, and it chooses rows."""
    if len(draft.joins) != 1 or draft.joins[0].kind != "inner" or draft.aggregates or not draft.joins[0].on:
        return draft
    (join,) = draft.joins
    others = draft.others(join)
    if _is_used(draft.alias, others) or not _is_used(join.alias, others):
        return draft
    if not _once(draft, draft.source, (one for one, _ in join.on), catalog, join):
        return draft
    found = draft.copy()
    found.source, found.alias = join.table, join.alias
    swapped = tuple((other, one) for one, other in join.on)
    carried = tuple(column for column in catalog.columns(draft.source)[0])
    found.joins = [JoinDraft("inner", draft.source, draft.alias, swapped, carried=carried, node=join.node)]
    return found


def _once(draft: TableDraft, table: str, columns: Iterable[str], catalog: Catalog, join: JoinDraft) -> bool:
    """Whether matching a table can't multiply rows, or nobody would see it."""
    if draft.dedupe is not None:
        return True
    known = catalog.known.get(table)
    named = {column.partition(".")[2] for column in columns}
    return not join.condition and known is not None and any(key <= named for key in known.keys)


def _is_used(alias: str, texts: str) -> bool:
    plain = re.sub(r"'(?:[^'\\]|\\.)*'", "''", texts)
    return re.search(rf"(?<![.\w]){re.escape(alias)}\.", plain) is not None


def _without_dedupe(draft: TableDraft, catalog: Catalog) -> TableDraft:
    """Without what removes duplicates, where a key says that no two rows are alike: one that no row has null in."""
    known = catalog.known.get(draft.source)
    if draft.dedupe is None or known is None or any(join.kind not in ("semi", "anti") for join in draft.joins):
        return draft
    by = set(draft.dedupe) or {f"{draft.alias}.{name}" for name in known.columns}
    matched = {one for join in draft.joins if join.kind == "semi" for one, _ in join.on}
    keys = [{f"{draft.alias}.{name}" for name in key} for key in known.keys]
    if not any(key <= by and key <= matched for key in keys):
        return draft
    found = draft.copy()
    found.dedupe = None
    return found


def _note_semi(join: JoinDraft, draft: TableDraft, job: Job) -> None:
    node = job.nodes[join.node]
    message = "an inner join of which only one side's columns come out, each row once, is a semi join"
    job.note(Kind.NOTE, "semi-join", node.line, message, "written as `semi`", about=draft.name)
    keys = {other.partition(".")[2] for _, other in join.on}
    personal = [name for name in join.carried if _PERSONAL & set(tokens(name)) and name.lower() not in keys]
    if personal:
        shown = ", ".join(f"`{name}`" for name in personal)
        message = f"personal data ({shown}) goes through the join and is dropped only behind it"
        job.note(Kind.TRAP, "personal-data", node.line, message, "the semi join never reads it")


def _note_multiplying(join: JoinDraft, job: Job) -> None:
    message = "this join writes a row once for each match, and nothing removes the copies"
    help = "written as it is; if each row is meant once, say `semi`"
    job.note(Kind.TRAP, "multiplying-join", job.nodes[join.node].line, message, help)
