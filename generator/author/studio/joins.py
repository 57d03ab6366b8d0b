"""Joins: which columns come out of them, and by which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.author.names import tokens
from generator.author.studio.builder import Builder, together
from generator.author.studio.lookup import found_in
from generator.author.studio.model import Join, Kind, Node
from generator.author.studio.rows import TWICE, Cell, Nulls, Rows
from generator.author.studio.tables import FILTER, JOIN, JoinDraft
from generator.plan.lake import WIDE_JOINS

_LETTERS = frozenset("email mail user username".split())


def join_rows(builder: Builder, node: Node, join: Join, left: Rows, right: Rows) -> Rows:
    """The rows of a join.

    Raises:
        NameNotFoundError: a key isn't there.
    """
    pairs = [(key_of(builder, left, one, join), key_of(builder, right, other, join)) for one, other in join.keys]
    for one, other in pairs:
        _note_letters(builder, node, one, other)
        builder.mention(one, other.type)
        builder.mention(other, one.type)
    kind = "full" if join.kind == "outer" else join.kind
    if kind == "right":
        rows, second = attached(builder, node, right, left, "left", [(other, one) for one, other in pairs])
        ours, theirs = second, [cell for cell in rows.cells if cell not in second]
    else:
        rows, theirs = attached(builder, node, left, right, kind, pairs)
        ours = [cell for cell in rows.cells if cell not in theirs]
    if kind in ("semi", "anti"):
        rows.cells = ours
    elif join.dynamic:
        rows.cells = [*map(_unsure, ours), *_dotted(builder, node, ours, map(_unsure, theirs))]
    else:
        rows.cells = _merged(join, ours, theirs)
    return rows


def key_of(builder: Builder, rows: Rows, name: str, join: Join) -> Cell:
    """A key of a join, which has to be a plain column."""
    cell, field = found_in(builder, rows, name, any_case=not join.dynamic)
    return replace(cell, text=cell.text + field) if field else cell


def attached(
    builder: Builder,
    node: Node,
    left: Rows,
    right: Rows,
    kind: str,
    pairs: Sequence[tuple[Cell, Cell]],
    condition: str = "",
) -> tuple[Rows, list[Cell]]:
    """The rows with another table joined, all columns by their own names, and the columns of the other one."""
    uids = [(one.uid, other.uid) for one, other in pairs]
    fields = [(one.text, other.text) for one, other in pairs]
    left = builder.at(FILTER, left)
    rows = left.copy()
    table, names = builder.named(right)
    plain = right.table.is_plain and table == right.table.source
    together(rows.table.marks, right.table.marks if plain else [])
    alias = rows.table.free_alias(table)
    cells = [
        replace(cell, text=f"{alias}.{names[cell.uid]}", origin=cell.origin if plain else ("", ""),
                nulls=Nulls.NONE if kind in ("left", "full") else cell.nulls)
        for cell in right.cells
    ]  # fmt: skip
    on = [
        (_now(rows.cells, one, texts[0]), _now(cells, other, texts[1]))
        for (one, other), texts in zip(uids, fields, strict=True)
    ]
    carried = tuple(cell.name for cell in right.cells)
    rows.table.joins.append(JoinDraft(kind, table, alias, tuple(on), condition, carried, node.id))
    rows.table.stage = max(rows.table.stage, JOIN)
    rows.node, rows.title = node.id, node.title
    once = right.unique({other for _, other in uids})
    cells, keys = _again(rows, cells, right.keys, node)
    if kind == "full":
        rows.cells = [replace(cell, nulls=Nulls.NONE) for cell in rows.cells]
    if kind in WIDE_JOINS:
        only = kind == "inner" and rows.unique({one for one, _ in uids})
        rows.keys = [] if condition or kind == "full" else [*(rows.keys if once else []), *(keys if only else [])]
        rows.open = tuple(dict.fromkeys((*rows.open, *right.open)))
        rows.listed = rows.listed and right.listed
        rows.cells = [*rows.cells, *cells]
    return rows, cells


def _again(
    rows: Rows, cells: list[Cell], keys: list[frozenset[str]], node: Node
) -> tuple[list[Cell], list[frozenset[str]]]:
    """Columns of a table that is in the join already: they are others than those that came before."""
    held = {cell.uid for cell in rows.cells}
    new = {cell.uid: f"{cell.uid}{TWICE}{node.id}" if cell.uid in held else cell.uid for cell in cells}
    found = [replace(cell, uid=new[cell.uid]) for cell in cells]
    return found, [frozenset(new.get(uid, uid) for uid in key) for key in keys]


def _now(cells: Sequence[Cell], uid: str, before: str) -> str:
    """How a column is said behind what may have become a view; a field of it keeps its path."""
    now = next(cell.text for cell in cells if cell.uid == uid)
    path = before.split(".")[2:]
    return ".".join([now, *path])


def _unsure(cell: Cell) -> Cell:
    return replace(cell, nulls=Nulls.UNSURE) if cell.nulls is Nulls.EITHER else cell


def _dotted(builder: Builder, node: Node, ours: Sequence[Cell], theirs: Sequence[Cell] | map[Cell]) -> list[Cell]:
    """Glue's names for the second side's columns that the first one has too."""
    taken = {cell.name for cell in ours}
    found = []
    for cell in theirs:
        name = f".{cell.name}" if cell.name in taken else cell.name
        if name in taken:
            message = f"both sides of the join have `{cell.name}` and `{name}`: what Glue calls the third isn't known"
            builder.job.lost("same-name", node.line, message, "rename it before the join", node=node.id)
            name = f".{name}"
        found.append(replace(cell, name=name))
    return found


def _merged(join: Join, ours: Sequence[Cell], theirs: Sequence[Cell]) -> list[Cell]:
    """Columns of a DataFrame's join: keys of the same name come out once and first, all others as they are."""
    if not join.merged:
        return [*theirs, *ours] if join.kind == "right" else [*ours, *theirs]
    names = {key.left.lower() for key in join.keys}
    keys = [cell for cell in (theirs if join.kind == "right" else ours) if cell.name.lower() in names]
    if join.kind == "outer":
        others = {cell.name.lower(): cell for cell in theirs}
        keys = [_either(cell, others[cell.name.lower()]) for cell in keys]
    return [*keys, *(cell for cell in (*ours, *theirs) if cell.name.lower() not in names)]


def _either(one: Cell, other: Cell) -> Cell:
    """A key of both sides of a full join: whichever isn't null."""
    text = f"coalesce({one.text}, {other.text})"
    return replace(one, text=text, uid=f"{one.uid}|{other.uid}", nulls=Nulls.NONE, origin=("", ""))


def _note_letters(builder: Builder, node: Node, one: Cell, other: Cell) -> None:
    if _LETTERS & {*tokens(one.name), *tokens(other.name)}:
        message = f"`{one.name}` and `{other.name}` are compared letter by letter: case and spaces count"
        help = "if they may differ, clean both in a view; a proof of consent needs the plain comparison"
        builder.job.note(Kind.TRAP, "case-sensitive-join", node.line, message, help)
