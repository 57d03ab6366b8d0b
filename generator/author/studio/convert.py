"""What a job writes, as a table of the spec: its nodes become clauses, and what the spec can say better it says better.

A clause that would come too early in the spec's order begins a new table, and what was there before becomes a view.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.author.names import storable
from generator.author.studio.catalog import Catalog, glue_type, target_name
from generator.author.studio.flows import Builder, Flow, plain
from generator.author.studio.joins import Joins
from generator.author.studio.model import (
    Aggregate,
    Dedupe,
    Drop,
    Filter,
    Job,
    Join,
    Keep,
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
from generator.author.studio.selects import query_flow
from generator.author.studio.tables import DEDUPE, FILTER, GROUP, OUTPUT, TableDraft


def convert(job: Job, catalog: Catalog, node: Node, target: Write) -> list[TableDraft]:
    """The table that a target is, behind the views that it needs; nothing if it isn't clear what is written."""
    name = target_name(job, target)
    if not node.inputs:
        job.note(Kind.LOST, "unknown-target", node.line, f"it isn't clear what is written to `{name}`")
        return []
    builder = Builder(job, catalog, name)
    flow = _Converter(builder).rows(node.inputs[0])
    if flow.multiplied is not None:
        builder.warn_multiplied(flow.multiplied)
    flow.table.name = name
    flow.table.description = _description(node.title, name)
    flow.table.expect += _expectations(job, node.inputs[0])
    builder.remember(flow)
    return [*builder.tables, flow.table]


def _expectations(job: Job, node: NodeId) -> list[str]:
    """Of the rules about the target's rows and about the rows on their way there."""
    way, found = {node}, []
    while job.nodes[node].inputs:
        node = job.nodes[node].inputs[0]
        way.add(node)
    for other in job.nodes.values():
        if isinstance(other.operation, Rules) and (other.id in way or set(other.inputs) & way):
            known, lost = expectations(other.operation.text)
            found += [text for text in known if text not in found]
            for rule in lost:
                job.note(Kind.LOST, "rule", other.line, f"the rule `{rule}` could not be carried over")
    return found


class _Converter:
    """Follows a job's nodes from a target back to what it reads."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.job = builder.job
        self.joins = Joins(builder)

    def rows(self, name: NodeId) -> Flow:
        """The rows at a node, all joins written down."""
        return self.joins.settled(self._flow(name))

    def _flow(self, name: NodeId) -> Flow:
        node = self.job.nodes[name]
        flow = self._converted(node)
        flow.title = node.title
        return flow

    def _converted(self, node: Node) -> Flow:
        match node.operation:
            case Read():
                return self.builder.read(self.builder.catalog.resolve(node, node.operation))
            case Join():
                left, right = map(self.rows, node.inputs)
                return self.joins.join(node, node.operation, left, right)
            case Sql():
                flow, distinct = query_flow(self.builder, node, node.operation, [*map(self.rows, node.inputs)])
                return self._dedupe(node, Dedupe(), flow) if distinct else flow
            case Union():
                return self._union(node, node.operation)
        if not node.inputs:
            return Flow(TableDraft("", storable(node.title)), None)
        flow = self._flow(node.inputs[0])
        match node.operation:
            case Filter():
                return self._filter(node, node.operation, flow)
            case Drop():
                return self._drop(node.operation.columns, flow)
            case Keep():
                names = [self._name(flow, one) for one in node.operation.columns]
                return self._keep([(name, name) for name in names], node.operation.columns, flow)
            case Rename():
                return self._rename(node.operation, flow)
            case Mapping_():
                return self._mapping(node, node.operation, flow)
            case Dedupe():
                return self._dedupe(node, node.operation, flow)
            case Aggregate():
                return self._aggregate(node, node.operation, flow)
            case Rules() | Unknown() | Write():
                return flow
        raise AssertionError(node.operation)

    def _name(self, flow: Flow, column: str) -> str:
        """A column's name; behind a join that isn't written yet, in whichever side has it."""
        if flow.pending is None:
            return self.builder.name(flow, column)
        names = [self.builder.name(side, column) for side in (flow.pending.left, flow.pending.right)]
        return next((name for name in names if name != plain(column)), plain(column))

    def _filter(self, node: Node, filter: Filter, flow: Flow) -> Flow:
        for column in filter.columns:
            self.builder.mention(flow, column, "bigint" if _compares_number(filter, column) else "")
        if filter.passes_null:
            names = " and ".join(f"`{name}`" for name in filter.passes_null)
            self.job.note(
                Kind.TRAP, "null-passing-filter", node.line,
                f"rows whose {names} is null pass this filter: in Python, None differs from every value",
                f"written as `{filter.condition}`, which drops them, as SQL does",
            )  # fmt: skip
        condition = self.builder.in_names(flow.table.source, filter.condition)
        flow = self.builder.at(FILTER, self.joins.settled(flow))
        flow.table.filters.append(condition)
        flow.table.stage = FILTER
        return flow

    def _drop(self, raw: Sequence[str], flow: Flow) -> Flow:
        if flow.pending is not None:
            columns, flow = self.joins.by_drop(raw, flow.pending)
        else:
            columns = [self._name(flow, column) for column in raw]
        if not columns:
            return flow
        flow = self.builder.at(OUTPUT, self.joins.settled(flow))
        for column in columns:
            self.builder.mention(flow, column)
        here = [column for column in columns if flow.columns is None or column in flow.columns]
        if here:
            flow.table.drop_columns(here)
        flow.columns = None if flow.columns is None else [column for column in flow.columns if column not in here]
        flow.keys = {key for key in flow.keys if not key & set(here)}
        return flow

    def _keep(self, columns: list[tuple[str, str]], raw: Sequence[str], flow: Flow) -> Flow:
        """Leaves (name, expression); `raw` are the columns as the job calls them."""
        if flow.pending is not None:
            flow = self.joins.by_keep(raw, flow.pending)
        flow = self.builder.at(OUTPUT, self.joins.settled(flow))
        for _, column in columns:
            self.builder.mention(flow, column)
        names = [name for name, _ in columns]
        if flow.columns != names or any(name != text for name, text in columns):
            flow.table.keep_columns(columns)
        same = {text: name for name, text in columns}
        flow.keys = {frozenset(same[column] for column in key) for key in flow.keys if key <= same.keys()}
        flow.columns = names
        return flow

    def _rename(self, rename: Rename, flow: Flow) -> Flow:
        flow = self.builder.at(OUTPUT, self.joins.settled(flow))
        old, new = self._name(flow, rename.old), plain(rename.new)
        self.builder.mention(flow, rename.old)
        flow.table.rename_column(old, new)
        flow.columns = None if flow.columns is None else [new if column == old else column for column in flow.columns]
        flow.keys = {frozenset(new if column == old else column for column in key) for key in flow.keys}
        return flow

    def _mapping(self, node: Node, mapping: Mapping_, flow: Flow) -> Flow:
        """Names and types; a conversion becomes a cast, which doesn't turn into null what it can't convert."""
        pairs: list[tuple[str, str]] = []
        for item in mapping.items:
            self.builder.mention(flow, item.source, item.source_type)
            source = self._name(flow, item.source)
            wanted, given = glue_type(item.target_type), glue_type(item.source_type)
            if wanted and given and wanted != given:
                self.job.note(
                    Kind.TRAP, "silent-nulls", node.line,
                    f"ApplyMapping turns `{source}` from {given} into {wanted}: what doesn't convert becomes null",
                    f"written as a cast; better: `{source}` as {wanted} in its source, where misfits are quarantined",
                )  # fmt: skip
                pairs.append((plain(item.target), f"cast({source} as {wanted})"))
            else:
                pairs.append((plain(item.target), source))
        self._declared(flow, pairs)
        return self._keep(pairs, [item.source for item in mapping.items], flow)

    def _declared(self, flow: Flow, pairs: Sequence[tuple[str, str]]) -> None:
        """A mapping right behind a new source that changes nothing says which columns the source has."""
        known = self.builder.catalog.known.get(flow.table.source)
        same = all(name == text for name, text in pairs)
        if flow.table.is_plain and flow.columns is None and known is not None and same and not known.base:
            known.complete = True
            flow.columns = [name for name, _ in pairs]

    def _dedupe(self, node: Node, dedupe: Dedupe, flow: Flow) -> Flow:
        flow = self.joins.settled(flow)
        by = tuple(self._name(flow, column) for column in dedupe.columns)
        if not by and flow.multiplied is not None:
            message = "an inner join, dropped columns and distinct are together a semi join"
            self.job.note(Kind.CHANGED, "semi-join", flow.multiplied.line, f"{message}: written as `semi`")
            flow.multiplied = None
        if flow.keys and (not by or any(key <= set(by) for key in flow.keys)):
            return flow  # no two rows are alike
        if flow.multiplied is not None:
            flow.multiplied = None
        flow = self.builder.at(DEDUPE, flow)
        flow.table.dedupe, flow.table.stage = by, DEDUPE
        flow.keys.add(frozenset(by or flow.columns or ()) or frozenset(("*",)))
        if by:
            message = f"which of the rows with the same {', '.join(by)} stays is left to chance by dropDuplicates"
            self.job.note(Kind.CHANGED, "any-duplicate", node.line, message, "say which with `order_by`")
        return flow

    def _aggregate(self, node: Node, aggregate: Aggregate, flow: Flow) -> Flow:
        flow = self.builder.at(GROUP, self.joins.settled(flow))
        flow.table.groups = tuple(self._name(flow, column) for column in aggregate.groups)
        for column, function in aggregate.aggregates:
            name = self._name(flow, column)
            call = f"count(distinct {name})" if function == "countDistinct" else f"{function}({name})"
            flow.table.aggregates[f"{storable(function)}_{name}"] = call
        flow.table.stage = GROUP
        flow.columns = [*flow.table.groups, *flow.table.aggregates]
        flow.keys = {frozenset(flow.table.groups)}
        shown = ", ".join(f"`{name}`" for name in flow.table.aggregates)
        message = f"aggregated columns are called {shown}: Studio's names, such as `sum(x)`, can't be stored"
        self.job.note(Kind.CHANGED, "names", node.line, message)
        return flow

    def _union(self, node: Node, union: Union) -> Flow:
        flows = [self.rows(name) for name in node.inputs]
        names = tuple(self.builder.named(flow) for flow in flows)
        flow = Flow(TableDraft("", union=names), flows[0].columns if flows else None)
        flow.table.stage = FILTER - 1
        if union.distinct:
            flow.table.dedupe, flow.table.stage = (), DEDUPE
        return flow


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
