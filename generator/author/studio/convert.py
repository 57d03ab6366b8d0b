"""What a job writes, as a table of the spec: its nodes become clauses, and what the spec can say better it says better.

A clause that would come too early in the spec's order begins a new table, and what was there before becomes a view.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.author.names import storable, tokens
from generator.author.studio.catalog import Catalog, Known, KnownColumn, glue_type, target_name
from generator.author.studio.model import (
    Aggregate,
    Dedupe,
    Drop,
    Filter,
    Job,
    Join,
    Keep,
    KeyPair,
    Kind,
    Mapping_,
    Node,
    NodeId,
    Read,
    Rename,
    Rules,
    Sql,
    Union,
    Unknown,
    Write,
)
from generator.author.studio.quality import expectations
from generator.author.studio.queries import QueryJoin, SimpleQuery, simple_query, with_table_names
from generator.author.studio.tables import DEDUPE, FILTER, GROUP, JOIN, OUTPUT, JoinDraft, TableDraft

_PERSONAL = frozenset("name email mail phone birth birthday address customername street zip ssn".split())


@dataclass(slots=True)
class Pending:
    """An inner join that may turn out to be a semi join, once it is known which columns stay."""

    node: Node
    left: Flow
    right: Flow
    keys: tuple[KeyPair, ...]


@dataclass(slots=True)
class Flow:
    """The rows at a node.

    Attributes:
        table: the clauses so far.
        columns: in order; None where they aren't known.
        keys: sets of columns that no two rows share.
        title: of the node that they come from.
        pending: the join that was made last, not yet written.
        multiplied: a join whose copies of rows nothing has removed yet.
    """

    table: TableDraft
    columns: list[str] | None
    keys: set[frozenset[str]] = field(default_factory=set)
    title: str = ""
    pending: Pending | None = None
    multiplied: Node | None = None


class Converter:
    """Converts the targets of one job.

    Attributes:
        tables: what came out: views before the tables that read them.
    """

    def __init__(self, job: Job, catalog: Catalog) -> None:
        self.job = job
        self.catalog = catalog
        self.tables: list[TableDraft] = []
        self._target = ""

    def convert(self, node: Node, target: Write) -> None:
        """Adds the table that a target is."""
        self._target = target_name(self.job, target)
        if not node.inputs:
            self.job.note(Kind.LOST, "unknown-target", node.line, f"it isn't clear what is written to `{self._target}`")
            return
        flow = self._settled(self._flow(node.inputs[0]))
        if flow.multiplied is not None:
            self._warn_multiplied(flow.multiplied)
        flow.table.name = self._target
        flow.table.description = _description(node.title, self._target)
        flow.table.expect += self._expectations(node.inputs[0], flow)
        self._remember(flow)
        self.tables.append(flow.table)

    def _remember(self, flow: Flow) -> None:
        """Makes a table known to those that read it."""
        name = flow.table.name
        columns = {column: self._column(flow, column) for column in flow.columns or ()}
        base = "" if flow.columns is not None or flow.table.sql else flow.table.source
        self.catalog.known[name] = Known(name, columns, flow.columns is not None, flow.keys, base or name)

    def _column(self, flow: Flow, name: str) -> KnownColumn:
        before = self.catalog.known.get(flow.table.source)
        return before.columns[name] if before and name in before.columns else KnownColumn(name, name)

    def _expectations(self, node: NodeId, flow: Flow) -> list[str]:
        """Of the rules about the target's rows and about the rows on their way there."""
        way, found = {node}, []
        while self.job.nodes[node].inputs:
            node = self.job.nodes[node].inputs[0]
            way.add(node)
        for other in self.job.nodes.values():
            if isinstance(other.operation, Rules) and (other.id in way or set(other.inputs) & way):
                known, lost = expectations(other.operation.text)
                found += [text for text in known if text not in found]
                for rule in lost:
                    self.job.note(Kind.LOST, "rule", other.line, f"the rule `{rule}` could not be carried over")
        return found

    # Nodes ------------------------------------------------------------------------------------------

    def _flow(self, name: NodeId) -> Flow:
        node = self.job.nodes[name]
        flow = self._converted(node)
        flow.title = node.title
        return flow

    def _converted(self, node: Node) -> Flow:
        match node.operation:
            case Read():
                source = self.catalog.resolve(node, node.operation)
                known = self.catalog.known.get(source)
                return Flow(TableDraft("", source), self.catalog.columns(source), set(known.keys) if known else set())
            case Join():
                return self._join(node, node.operation)
            case Sql():
                return self._sql(node, node.operation)
            case Union():
                return self._union(node, node.operation)
        if not node.inputs:
            return Flow(TableDraft("", storable(node.title)), None)
        flow = self._flow(node.inputs[0])
        match node.operation:
            case Filter():
                return self._filter(node, node.operation, flow)
            case Drop():
                return self._drop(node, [_plain(column) for column in node.operation.columns], flow)
            case Keep():
                return self._keep(node, [(_plain(one), _plain(one)) for one in node.operation.columns], flow)
            case Rename():
                return self._rename(node, node.operation, flow)
            case Mapping_():
                return self._mapping(node, node.operation, flow)
            case Dedupe():
                return self._dedupe(node, node.operation, flow)
            case Aggregate():
                return self._aggregate(node, node.operation, flow)
            case Rules() | Unknown() | Write():
                return flow
        raise AssertionError(node.operation)

    def _filter(self, node: Node, filter: Filter, flow: Flow) -> Flow:
        for column in filter.columns:
            self._mention(flow, column, "bigint" if _compares_number(filter, column) else "")
        if filter.passes_null:
            names = " and ".join(f"`{name}`" for name in filter.passes_null)
            self.job.note(
                Kind.TRAP, "null-passing-filter", node.line,
                f"rows whose {names} is null pass this filter: in Python, None differs from every value",
                f"written as `{filter.condition}`, which drops them, as SQL does",
            )  # fmt: skip
        flow = self._at(FILTER, self._settled(flow))
        flow.table.filters.append(filter.condition)
        flow.table.stage = FILTER
        return flow

    def _drop(self, node: Node, columns: list[str], flow: Flow) -> Flow:
        if flow.pending is not None:
            columns, flow = self._semi_by_drop(columns, flow, flow.pending)
        if not columns:
            return flow
        flow = self._at(OUTPUT, self._settled(flow))
        for column in columns:
            self._mention(flow, column)
        here = [column for column in columns if flow.columns is None or column in flow.columns]
        if here:
            flow.table.drop_columns(here)
        flow.columns = None if flow.columns is None else [column for column in flow.columns if column not in here]
        flow.keys = {key for key in flow.keys if not key & set(here)}
        return flow

    def _keep(self, node: Node, columns: list[tuple[str, str]], flow: Flow) -> Flow:
        if flow.pending is not None:
            flow = self._semi_by_keep([text for _, text in columns], flow, flow.pending)
        flow = self._at(OUTPUT, self._settled(flow))
        for _, column in columns:
            self._mention(flow, column)
        names = [name for name, _ in columns]
        if flow.columns != names or any(name != text for name, text in columns):
            flow.table.keep_columns(columns)
        same = {text: name for name, text in columns}
        flow.keys = {frozenset(same[column] for column in key) for key in flow.keys if key <= same.keys()}
        flow.columns = names
        return flow

    def _rename(self, node: Node, rename: Rename, flow: Flow) -> Flow:
        flow = self._at(OUTPUT, self._settled(flow))
        old, new = _plain(rename.old), _plain(rename.new)
        self._mention(flow, rename.old)
        flow.table.rename_column(old, new)
        flow.columns = None if flow.columns is None else [new if column == old else column for column in flow.columns]
        flow.keys = {frozenset(new if column == old else column for column in key) for key in flow.keys}
        return flow

    def _mapping(self, node: Node, mapping: Mapping_, flow: Flow) -> Flow:
        """Names and types; a conversion becomes a cast, which doesn't turn into null what it can't convert."""
        pairs: list[tuple[str, str]] = []
        for item in mapping.items:
            self._mention(flow, item.source, item.source_type)
            source = _plain(item.source)
            wanted, given = glue_type(item.target_type), glue_type(item.source_type)
            if wanted and given and wanted != given:
                self.job.note(
                    Kind.TRAP, "silent-nulls", node.line,
                    f"ApplyMapping turns `{source}` from {given} into {wanted}: what doesn't convert becomes null",
                    f"written as a cast; better: `{source}` as {wanted} in its source, where misfits are quarantined",
                )  # fmt: skip
                pairs.append((_plain(item.target), f"cast({source} as {wanted})"))
            else:
                pairs.append((_plain(item.target), source))
        self._declared(flow, pairs)
        return self._keep(node, pairs, flow)

    def _declared(self, flow: Flow, pairs: Sequence[tuple[str, str]]) -> None:
        """A mapping right behind a new source that changes nothing says which columns the source has."""
        known = self.catalog.known.get(flow.table.source)
        same = all(name == text for name, text in pairs)
        if flow.table.is_plain and flow.columns is None and known is not None and same and not known.base:
            known.complete = True
            flow.columns = [name for name, _ in pairs]

    def _dedupe(self, node: Node, dedupe: Dedupe, flow: Flow) -> Flow:
        flow = self._settled(flow)
        by = tuple(_plain(column) for column in dedupe.columns)
        if not by and flow.multiplied is not None:
            message = "an inner join, dropped columns and distinct are together a semi join"
            self.job.note(Kind.CHANGED, "semi-join", flow.multiplied.line, f"{message}: written as `semi`")
            flow.multiplied = None
        if flow.keys and (not by or any(key <= set(by) for key in flow.keys)):
            return flow  # no two rows are alike
        if flow.multiplied is not None:
            flow.multiplied = None
        flow = self._at(DEDUPE, flow)
        flow.table.dedupe, flow.table.stage = by, DEDUPE
        flow.keys.add(frozenset(by or flow.columns or ()) or frozenset(("*",)))
        if by:
            message = f"which of the rows with the same {', '.join(by)} stays is left to chance by dropDuplicates"
            self.job.note(Kind.CHANGED, "any-duplicate", node.line, message, "say which with `order_by`")
        return flow

    def _aggregate(self, node: Node, aggregate: Aggregate, flow: Flow) -> Flow:
        flow = self._at(GROUP, self._settled(flow))
        flow.table.groups = tuple(_plain(column) for column in aggregate.groups)
        for column, function in aggregate.aggregates:
            name = _plain(column)
            call = f"count(distinct {name})" if function == "countDistinct" else f"{function}({name})"
            flow.table.aggregates[f"{storable(function)}_{name}"] = call
        flow.table.stage = GROUP
        flow.columns = [*flow.table.groups, *flow.table.aggregates]
        flow.keys = {frozenset(flow.table.groups)}
        shown = ", ".join(f"`{name}`" for name in flow.table.aggregates)
        message = f"aggregated columns are called {shown}: Studio's names, such as `sum(x)`, can't be stored"
        self.job.note(Kind.CHANGED, "names", node.line, message)
        return flow

    # Several inputs ---------------------------------------------------------------------------------

    def _union(self, node: Node, union: Union) -> Flow:
        flows = [self._settled(self._flow(name)) for name in node.inputs]
        names = tuple(self._named(flow) for flow in flows)
        flow = Flow(TableDraft("", union=names), flows[0].columns if flows else None)
        flow.table.stage = FILTER - 1
        if union.distinct:
            flow.table.dedupe, flow.table.stage = (), DEDUPE
        return flow

    def _sql(self, node: Node, sql: Sql) -> Flow:
        flows = [self._settled(self._flow(name)) for name in node.inputs]
        names = [self._named(flow) for flow in flows]
        tables = dict(zip(sql.aliases, names, strict=True))
        simple = simple_query(sql.query, tables)
        if simple is None:
            text = with_table_names(sql.query, tables)
            if text is None:
                self.job.note(Kind.LOST, "query", node.line, "the query can't be read as Spark SQL")
            return Flow(TableDraft("", sql=text or sql.query, stage=OUTPUT), None)
        for table, column in simple.columns:
            self.catalog.mention(table, column)
        return self._simple(node, simple, dict(zip(names, flows, strict=True)))

    def _simple(self, node: Node, query: SimpleQuery, flows: Mapping[str, Flow]) -> Flow:
        """A query as clauses; its only inner join is a semi join where one side's columns come out."""
        source, joins = query.source, list(query.joins)
        multiplied = False
        if len(joins) == 1 and joins[0].kind == "inner" and query.kept:
            other = joins[0].table if query.kept == source else source
            source, joins = query.kept, [QueryJoin("semi", other, joins[0].on)]
            multiplied = not _by_unique_key(joins[0].on, other, flows[other].keys)
        before = flows[source]
        shorter = _shorter({name: flow.columns for name, flow in flows.items()})
        table = TableDraft("", source, joins=[JoinDraft(join.kind, join.table, shorter(join.on)) for join in joins])
        table.stage = JOIN if joins else 0
        inner = any(join.kind in ("inner", "left") for join in joins)
        flow = Flow(table, None if inner else before.columns, set() if inner else before.keys)
        flow.multiplied = node if multiplied else None
        if query.filter:
            flow.table.filters.append(shorter(query.filter))
            flow.table.stage = FILTER
        if query.select is not None:
            plain = [
                (name, text.removeprefix(f"{source}.") if not inner else shorter(text)) for name, text in query.select
            ]
            flow.table.keep_columns(plain)
            flow.columns = [name for name, _ in plain]
            names = {text: name for name, text in plain}
            flow.keys = {frozenset(names[c] for c in key) for key in flow.keys if key <= names.keys()}
        return self._dedupe(node, Dedupe(), flow) if query.distinct else flow

    def _join(self, node: Node, join: Join) -> Flow:
        left, right = (self._settled(self._flow(name)) for name in node.inputs)
        keys = tuple(KeyPair(_plain(one), _plain(other)) for one, other in join.keys)
        for pair, raw in zip(keys, join.keys, strict=True):
            self._mention(left, raw.left)
            self._mention(right, raw.right)
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

    def _settled(self, flow: Flow) -> Flow:
        """The flow with its last join written down."""
        return flow if flow.pending is None else self._joined(flow.pending, "inner")

    def _joined(self, pending: Pending, kind: str, comment: str = "") -> Flow:
        left = pending.left
        clear = kind in ("semi", "anti") or not _may_clash(left.columns, pending.right.columns)
        if not (clear and left.table.stage == FILTER and not left.table.sql):
            left = self._at(JOIN, left)
        other, keys = pending.right, pending.keys
        if kind in ("semi", "anti"):
            other, keys = self._unrenamed(other, keys)
        right = self._named(other)
        join = self._on(left, other, right, keys, kind)
        join.comment = comment
        left.table.joins.append(join)
        left.table.stage = max(left.table.stage, JOIN)
        if kind in ("semi", "anti"):
            return left
        clash = _clash(left.columns, pending.right.columns) - set(join.using)
        if clash:
            left.table.drop_columns([f"{right}.{column}" for column in sorted(clash)])
            others = clash - {pair.right for pair in pending.keys}
            if others:
                shown = ", ".join(f"`{column}`" for column in sorted(others))
                message = f"both sides of the join have {shown}: the first one stays"
                self.job.note(
                    Kind.CHANGED, "same-name", pending.node.line, message, "`rename` the other in a view before"
                )
        unique = any(key <= {pair.right for pair in pending.keys} for key in pending.right.keys)
        columns = _together(left.columns, pending.right.columns)
        return Flow(left.table, columns, left.keys if unique else set(), multiplied=None)

    def _unrenamed(self, flow: Flow, keys: tuple[KeyPair, ...]) -> tuple[Flow, tuple[KeyPair, ...]]:
        """The table below a mere choice of names: a semi join needs none of them."""
        table = flow.table
        old = dict(table.select or ()) | {new: before for before, new in table.rename.items()}
        clauses = (table.joins, table.filters, table.aggregates, table.union, table.sql)
        plain = not any(clauses) and table.dedupe is None and table.stage == OUTPUT
        if not plain or not all(old.get(pair.right, pair.right).isidentifier() for pair in keys):
            return flow, keys
        source = table.source
        known = self.catalog.known.get(source)
        below = Flow(TableDraft("", source), self.catalog.columns(source), set(known.keys) if known else set())
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
            one = f"{left.table.source}.{pair.left}" if in_right else pair.left
            other = f"{name}.{pair.right}" if in_left else pair.right
            conditions.append(f"{one} = {other}")
        return JoinDraft(kind, name, " and ".join(conditions))

    # Semi joins -------------------------------------------------------------------------------------

    def _semi_by_drop(self, columns: list[str], flow: Flow, pending: Pending) -> tuple[list[str], Flow]:
        """Which columns are still to be dropped, and the flow: a semi join if one side is dropped wholly."""
        dropped = set(columns)
        if self._is_gone(dropped, pending.right, pending.left, [pair.right for pair in pending.keys]):
            return self._semi(columns, pending)
        if self._is_gone(dropped, pending.left, pending.right, [pair.left for pair in pending.keys]):
            return self._semi(columns, _swapped(pending))
        return columns, self._joined(pending, "inner")

    def _is_gone(self, dropped: set[str], side: Flow, other: Flow, keys: list[str]) -> bool:
        """Whether nothing of a side is left. Where its columns aren't known, the job's own words have to do."""
        if side.columns is not None:
            own = set(side.columns) - set(other.columns or ()) if other.columns is not None else set(side.columns)
            return bool(own) and own <= dropped
        theirs = set(other.columns or ())
        mentioned = {column for column in dropped if self.catalog.knows(side.table.source, column)}
        return all(key in dropped or key in theirs for key in keys) and bool(mentioned or dropped)

    def _semi(self, columns: list[str], pending: Pending) -> tuple[list[str], Flow]:
        left, right = pending.left, pending.right
        for column in columns:
            if left.columns is None and not self.catalog.knows(left.table.source, column):
                self._mention(right, column)
        rest = [column for column in columns if left.columns is not None and column in left.columns]
        rest = [column for column in rest if column not in (right.columns or ()) or column in _only(left, right)]
        keys = {pair.right for pair in pending.keys}
        self._note_personal([column for column in columns if column not in rest and column not in keys], pending)
        unique = any(key <= {pair.right for pair in pending.keys} for key in right.keys)
        flow = self._joined(pending, "semi")
        flow.multiplied = None if unique else pending.node
        if unique:
            message = "an inner join of which only one side's columns are kept, by a unique key, is a semi join"
            self.job.note(Kind.CHANGED, "semi-join", pending.node.line, f"{message}: written as `semi`")
        return rest, flow

    def _semi_by_keep(self, columns: list[str], flow: Flow, pending: Pending) -> Flow:
        for one in (pending, _swapped(pending)):
            if one.left.columns is not None and set(columns) <= set(one.left.columns):
                return self._semi([], one)[1]
        return flow

    def _note_personal(self, dropped: list[str], pending: Pending) -> None:
        personal = [column for column in dropped if _PERSONAL & set(tokens(column))]
        if personal:
            shown = ", ".join(f"`{column}`" for column in personal)
            message = f"personal data ({shown}) goes through the join and is dropped only behind it"
            self.job.note(Kind.TRAP, "personal-data", pending.node.line, message, "the semi join never reads it")

    def _warn_multiplied(self, node: Node) -> None:
        message = "this join writes a row once for each match, and nothing removes the copies"
        help = "written as `semi`: each row once; if the copies are meant, write `inner` and its `cardinality`"
        self.job.note(Kind.TRAP, "multiplying-join", node.line, message, help)

    def _mention(self, flow: Flow, column: str, kind: str = "") -> None:
        """A column of the rows is used; where names are still those of the table below, it must be there."""
        if flow.columns is None and not flow.table.rename:
            self.catalog.mention(flow.table.source, column, kind)

    # Tables between ---------------------------------------------------------------------------------

    def _at(self, stage: int, flow: Flow) -> Flow:
        """The flow where a clause of a stage can be added: as it is, or as a view that a new table reads."""
        if flow.table.reach(stage):
            return flow
        name = self._named(flow)
        return Flow(TableDraft("", name), flow.columns, flow.keys, multiplied=flow.multiplied)

    def _named(self, flow: Flow) -> str:
        """The name of what a flow is: a table, or a view made for it."""
        if flow.table.is_plain:
            return flow.table.source
        taken = {table.name for table in self.tables} | self.catalog.targets.keys() | self.catalog.known.keys()
        wanted = name = f"{self._target}_{storable(flow.title)}" if flow.title else f"{self._target}_part"
        number = 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        flow.table.name, flow.table.view = name, True
        self._remember(flow)
        self.tables.append(flow.table)
        return name


def _by_unique_key(condition: str, table: str, keys: set[frozenset[str]]) -> bool:
    """Whether no more than one row of a table can fulfil a condition of plain equalities."""
    equalities = [re.fullmatch(r"(\w+)\.(\w+) = (\w+)\.(\w+)", part) for part in condition.split(" and ")]
    named = {pair for match in equalities if match for pair in ((match[1], match[2]), (match[3], match[4]))}
    compared = {column for owner, column in named if owner == table}
    return None not in equalities and any(key <= compared for key in keys)


def _shorter(columns: Mapping[str, list[str] | None]) -> Callable[[str], str]:
    """Leaves out the table before a column that no other table has, where all columns are known."""
    counts = Counter(column for known in columns.values() for column in known or ())
    if None in columns.values():
        return lambda text: text
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, columns))})\.(\w+)")
    return lambda text: pattern.sub(lambda match: match[1] if counts[match[1]] == 1 else match[0], text)


def _plain(column: str) -> str:
    """A column's name: `.serialNumber` is that of a join's second side."""
    return ".".join(storable(part) for part in column.replace("`", "").lstrip(".").split("."))


def _together(left: list[str] | None, right: list[str] | None) -> list[str] | None:
    if left is None or right is None:
        return None
    return [*left, *(column for column in right if column not in left)]


def _clash(left: list[str] | None, right: list[str] | None) -> set[str]:
    return set(left or ()) & set(right or ())


def _may_clash(left: list[str] | None, right: list[str] | None) -> bool:
    """Whether a filter of the left side could mean a column of the right one behind a join."""
    return left is None or right is None or bool(_clash(left, right))


def _only(left: Flow, right: Flow) -> set[str]:
    return set(left.columns or ()) - set(right.columns or ())


def _swapped(pending: Pending) -> Pending:
    keys = tuple(KeyPair(pair.right, pair.left) for pair in pending.keys)
    return Pending(pending.node, pending.right, pending.left, keys)


def _compares_number(filter: Filter, column: str) -> bool:
    words = filter.condition.replace("(", " ").replace(")", " ").split()
    name = storable(column)
    return any(
        one == name and words[at + 1] in ("=", "<>", "<", ">", "<=", ">=") and words[at + 2].lstrip("-").isdigit()
        for at, one in enumerate(words[:-2])
    )


def _description(title: str, target: str) -> str:
    plain = title.strip().rstrip(".")
    generic = plain.lower() in ("", "s3 bucket", "amazon s3", "aws glue data catalog", "target")
    return "" if generic or "node" in plain or storable(plain) == target else f"{plain}."
