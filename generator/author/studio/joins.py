"""Joins: which of Studio's inner joins are semi joins, and how the others are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from generator.author.names import tokens
from generator.author.studio.flows import Builder, Flow, Pending, plain
from generator.author.studio.model import Join, KeyPair, Kind, Node
from generator.author.studio.tables import FILTER, JOIN, OUTPUT, JoinDraft

_PERSONAL = frozenset("name email mail phone birth birthday address customername street zip ssn".split())


@dataclass(frozen=True, slots=True)
class Sides:
    """Columns of the two sides of a join."""

    left: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)


class Joins:
    """Writes joins into the tables of a builder. An inner join waits until it is known which columns stay."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.job = builder.job
        self.catalog = builder.catalog

    def join(self, node: Node, join: Join, left: Flow, right: Flow) -> Flow:
        name = self.builder.name
        keys = tuple(KeyPair(name(left, one), name(right, other)) for one, other in join.keys)
        for pair, raw in zip(keys, join.keys, strict=True):
            self.builder.mention(left, raw.left)
            self.builder.mention(right, raw.right)
            if {"email", "mail", "user", "username"} & {*tokens(pair.left), *tokens(pair.right)}:
                message = f"`{pair.left}` and `{pair.right}` are compared letter by letter: case and spaces count"
                help = "if they may differ, clean both in a view; a proof of consent needs the plain comparison"
                self.job.note(Kind.TRAP, "case-sensitive-join", node.line, message, help)
        if join.kind == "outer":
            message = "a full outer join can't be said in the spec"
            self.job.note(Kind.LOST, "outer-join", node.line, message, "write `left` joins and a `union`")
        kind = {"right": "left", "outer": "left"}.get(join.kind, join.kind)
        if join.kind == "right":
            left, right, keys = right, left, tuple(KeyPair(one, other) for other, one in keys)
        pending = Pending(node, left, right, keys)
        if kind == "inner":
            return Flow(left.table, _together(left.columns, right.columns), pending=pending)
        return self._joined(pending, kind)

    def settled(self, flow: Flow) -> Flow:
        """The flow with its last join written down."""
        return flow if flow.pending is None else self._joined(flow.pending, "inner")

    def _joined(self, pending: Pending, kind: str, kept: Sides | None = None) -> Flow:
        left = pending.left
        clear = kind in ("semi", "anti") or not _may_clash(left.columns, pending.right.columns)
        if not (clear and left.table.stage == FILTER and not left.table.sql):
            left = self.builder.at(JOIN, left)
        other, keys = pending.right, pending.keys
        if kind in ("semi", "anti"):
            other, keys = self._unrenamed(other, keys)
        table = self.builder.named(other)
        alias = left.table.free_alias(table)
        right = alias or table
        join = self._on(left, other, right, keys, kind)
        join.table, join.alias = table, alias
        left.table.joins.append(join)
        left.table.stage = max(left.table.stage, JOIN)
        if kind in ("semi", "anti"):
            return left
        self._settle_names(left, right, pending, set(join.using), kept or Sides())
        unique = any(key <= {pair.right for pair in pending.keys} for key in pending.right.keys)
        columns = _together(left.columns, pending.right.columns)
        return Flow(left.table, columns, left.keys if unique else set(), multiplied=left.multiplied)

    def _settle_names(self, left: Flow, right: str, pending: Pending, merged: set[str], kept: Sides) -> None:
        """Of two columns with the same name the first one stays, unless the job keeps the other."""
        clash = _clash(left.columns, pending.right.columns) - merged
        for column in pending.right.columns or ():
            if column not in (left.columns or ()):
                left.table.owners[column] = right
        if not clash:
            return
        left.table.stage = OUTPUT
        left.table.ambiguous |= clash
        for column in sorted(clash):
            if column in kept.right - kept.left:
                left.table.drop.append(left.table.qualified(column))
                left.table.owners[column] = right
            else:
                left.table.drop.append(f"{right}.{column}")
        both = clash - {pair.right for pair in pending.keys} - (kept.right ^ kept.left)
        if both:
            shown = ", ".join(f"`{column}`" for column in sorted(both))
            message = f"both sides of the join have {shown}: the first one stays"
            self.job.note(Kind.CHANGED, "same-name", pending.node.line, message, "`rename` the other in a view before")

    def _unrenamed(self, flow: Flow, keys: tuple[KeyPair, ...]) -> tuple[Flow, tuple[KeyPair, ...]]:
        """The table below a mere choice of names: a semi join needs none of them."""
        table = flow.table
        old = dict(table.select or ()) | {new: before for before, new in table.rename.items()}
        clauses = (table.joins, table.filters, table.aggregates, table.union, table.sql)
        plain = not any(clauses) and table.dedupe is None and table.stage == OUTPUT
        if not plain or not all(old.get(pair.right, pair.right).isidentifier() for pair in keys):
            return flow, keys
        below = self.builder.read(table.source)
        return below, tuple(KeyPair(pair.left, old.get(pair.right, pair.right)) for pair in keys)

    def _on(self, left: Flow, right: Flow, name: str, keys: Sequence[KeyPair], kind: str) -> JoinDraft:
        """The condition; columns that both sides have are named with their table."""
        if kind in ("inner", "left") and all(pair.left == pair.right for pair in keys):
            return JoinDraft(kind, name, using=tuple(pair.left for pair in keys))
        conditions = []
        for pair in keys:
            both = pair.left == pair.right or right.columns is None or left.columns is None
            in_right = both or pair.left in (right.columns or ())
            in_left = both or pair.right in (left.columns or ())
            one = left.table.qualified(pair.left) if in_right else pair.left
            other = f"{name}.{pair.right}" if in_left else pair.right
            conditions.append(f"{one} = {other}")
        return JoinDraft(kind, name, " and ".join(conditions))

    def by_drop(self, raw: Sequence[str], pending: Pending) -> tuple[list[str], Flow]:
        """Which columns are still to be dropped, and the flow: a semi join if one side is dropped wholly."""
        if pending.left.columns is None or pending.right.columns is None:
            return self._by_words([plain(column) for column in raw], pending)
        dropped = self._sides(raw, pending)
        same = {pair.left for pair in pending.keys if pair.left == pair.right}
        twice = dropped.left & dropped.right
        if set(pending.right.columns) <= dropped.right | same:
            self._note_personal(dropped.right, pending)
            return self._semi(_in_order(dropped.left - (same - twice), pending.left.columns), pending)
        if set(pending.left.columns) <= dropped.left | same:
            self._note_personal(dropped.left, _swapped(pending))
            return self._semi(_in_order(dropped.right - (same - twice), pending.right.columns), _swapped(pending))
        kept = Sides(set(pending.left.columns) - dropped.left, set(pending.right.columns) - dropped.right)
        flow = self._joined(pending, "inner", Sides(kept.left | same, kept.right - same))
        gone = (dropped.left | dropped.right) - kept.left - kept.right - (same - twice)
        return _in_order(gone, flow.columns or []), flow

    def _sides(self, raw: Sequence[str], pending: Pending) -> Sides:
        """Which side each column is of: of two with the same name, `.x` is the second and `x` the first."""
        found = Sides()
        for column in raw:
            bare = column.replace("`", "")
            left, right = (self.builder.name(side, bare.lstrip(".")) for side in (pending.left, pending.right))
            first = not bare.startswith(".") or right not in (pending.right.columns or ())
            if first and left in (pending.left.columns or ()):
                found.left.add(left)
            elif right in (pending.right.columns or ()):
                found.right.add(right)
        return found

    def _by_words(self, columns: list[str], pending: Pending) -> tuple[list[str], Flow]:
        """As `by_drop`, where not all columns are known and the job's own words have to do."""
        dropped = set(columns)
        for one in (pending, _swapped(pending)):
            if self._is_gone(dropped, one.right, one.left, [pair.right for pair in one.keys]):
                known = one.left.columns
                for column in columns:
                    if known is None and not self.catalog.knows(one.left.table.source, column):
                        self.builder.mention(one.right, column)
                rest = [column for column in columns if known is not None and column in known]
                keys = {pair.right for pair in one.keys}
                self._note_personal(dropped - set(rest) - keys, one)
                return self._semi([column for column in rest if column not in keys], one)
        return columns, self._joined(pending, "inner")

    def _is_gone(self, dropped: set[str], side: Flow, other: Flow, keys: list[str]) -> bool:
        """Whether nothing of a side is left. Where its columns aren't known, the job's own words have to do."""
        if side.columns is not None:
            own = set(side.columns) - set(other.columns or ()) if other.columns is not None else set(side.columns)
            return bool(own) and own <= dropped
        theirs = set(other.columns or ())
        mentioned = {column for column in dropped if self.catalog.knows(side.table.source, column)}
        return all(key in dropped or key in theirs for key in keys) and bool(mentioned or dropped)

    def _semi(self, rest: list[str], pending: Pending) -> tuple[list[str], Flow]:
        unique = any(key <= {pair.right for pair in pending.keys} for key in pending.right.keys)
        before = pending.left.multiplied
        flow = self._joined(pending, "semi")
        flow.multiplied = before if unique else pending.node
        if unique:
            message = "an inner join of which only one side's columns are kept, by a unique key, is a semi join"
            self.job.note(Kind.CHANGED, "semi-join", pending.node.line, f"{message}: written as `semi`")
        return rest, flow

    def by_keep(self, raw: Sequence[str], pending: Pending) -> Flow:
        """The flow of which these columns are kept: a semi join if all are of one side."""
        if pending.left.columns is None or pending.right.columns is None:
            return self._joined(pending, "inner")
        kept = self._sides(raw, pending)
        same = {pair.left for pair in pending.keys if pair.left == pair.right}
        if kept.right <= same:
            return self._semi([], pending)[1]
        if kept.left <= same:
            return self._semi([], _swapped(pending))[1]
        return self._joined(pending, "inner", Sides(kept.left | same, kept.right - same))

    def _note_personal(self, dropped: set[str], pending: Pending) -> None:
        keys = {pair.right for pair in pending.keys}
        personal = [column for column in sorted(dropped - keys) if _PERSONAL & set(tokens(column))]
        if personal:
            shown = ", ".join(f"`{column}`" for column in personal)
            message = f"personal data ({shown}) goes through the join and is dropped only behind it"
            self.job.note(Kind.TRAP, "personal-data", pending.node.line, message, "the semi join never reads it")


def _together(left: list[str] | None, right: list[str] | None) -> list[str] | None:
    if left is None or right is None:
        return None
    return [*left, *(column for column in right if column not in left)]


def _clash(left: list[str] | None, right: list[str] | None) -> set[str]:
    return set(left or ()) & set(right or ())


def _may_clash(left: list[str] | None, right: list[str] | None) -> bool:
    """Whether a filter of the left side could mean a column of the right one behind a join."""
    return left is None or right is None or bool(_clash(left, right))


def _in_order(names: Collection[str], order: Sequence[str]) -> list[str]:
    return [name for name in order if name in names]


def _swapped(pending: Pending) -> Pending:
    keys = tuple(KeyPair(pair.right, pair.left) for pair in pending.keys)
    return Pending(pending.node, pending.right, pending.left, keys)
