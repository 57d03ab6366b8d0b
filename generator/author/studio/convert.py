"""Follows a job's steps from what it reads to what it writes: each becomes clauses of a table, or is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.author.names import storable
from generator.author.studio import filters
from generator.author.studio.builder import Builder, together
from generator.author.studio.catalog import glue_type
from generator.author.studio.duplicates import deduped
from generator.author.studio.joins import join_rows
from generator.author.studio.lookup import found_in
from generator.author.studio.model import (
    Add,
    Aggregate,
    Column,
    Dedupe,
    Drop,
    Filter,
    Frame,
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
    Where,
    Write,
)
from generator.author.studio.quality import expectations
from generator.author.studio.rows import TWICE, Cell, NameNotFoundError, Nulls, Rows
from generator.author.studio.selects import query_rows
from generator.author.studio.tables import ADD, GROUP, OUTPUT, TableDraft

_WIDER = {("int", "bigint"), ("smallint", "int"), ("smallint", "bigint"), ("tinyint", "int"), ("tinyint", "bigint"),
          ("int", "double"), ("float", "double"), ("int", "string"), ("bigint", "string"), ("date", "string"),
          ("boolean", "string")}  # fmt: skip
"""Conversions that lose nothing and fail never."""

_FUNCTIONS = frozenset("count sum avg min max countdistinct".split())


class Converter:
    """Makes the tables of a job's targets, one after the other."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.job = builder.job
        self._done: dict[NodeId, Rows] = {}
        builder.of_frame = self._of_frame

    def target(self, node: Node, name: str) -> None:
        """The table that a target is, behind the views that it needs."""
        builder = self.builder
        builder.target = name
        rows = self.rows(node.inputs[0])
        builder.note_names(node, rows)
        builder.mark(node, rows)
        rows.table.description = _description(node.title, name)
        rows.table.expect += self._expectations(node.inputs[0])
        for mention in rows.cells:
            builder.mention(mention)
        builder.finish(rows, name)

    def rows(self, name: NodeId) -> Rows:
        """The rows at a step."""
        if name not in self._done:
            node = self.job.nodes[name]
            inputs = [self.rows(one) for one in node.inputs]
            try:
                found = self._converted(node, inputs)
            except NameNotFoundError as error:
                self.job.lost("unknown-column", node.line, f"{error}: the rows pass as they are", node=node.id)
                found = inputs[0].copy()
            found.node, found.title = node.id, node.title
            self.builder.mark(node, found)
            self._done[name] = found
        return self._done[name].copy()

    def _converted(self, node: Node, inputs: list[Rows]) -> Rows:
        builder = self.builder
        match node.operation:
            case Read():
                return builder.read(node, node.operation)
            case Join():
                return join_rows(builder, node, node.operation, *inputs)
            case Sql():
                return query_rows(builder, node, node.operation, inputs)
            case Union():
                return self._union(node, node.operation, inputs)
        if not inputs:
            return Rows(TableDraft(storable(node.title), storable(node.title)), [])
        rows = inputs[0]
        match node.operation:
            case Filter():
                return filters.filtered(builder, node, node.operation.predicate, rows)
            case Where():
                return filters.where(builder, node, node.operation.condition, rows)
            case Drop():
                return self._drop(node, node.operation.columns, rows)
            case Keep():
                return self._keep(node, node.operation.columns, rows)
            case Rename():
                return self._rename(node, node.operation, rows)
            case Mapping_():
                return self._mapping(node, node.operation, rows)
            case Add():
                return self._add(node, node.operation, rows)
            case Dedupe():
                return self._dedupe(node, node.operation, rows)
            case Aggregate():
                return self._aggregate(node, node.operation, rows)
            case Frame():
                rows.cells = [replace(cell, nulls=Nulls.NONE) for cell in rows.cells]
                return rows
            case Rules() | Unknown() | Write():
                for other in inputs[1:]:
                    together(rows.table.marks, other.table.marks)
                return rows
        raise AssertionError(node.operation)

    # Columns ----------------------------------------------------------------------------------------

    def _of_frame(self, rows: Rows, frame: NodeId, name: str) -> Cell:
        """The column that `frame["x"]` is, wherever it has come to."""
        before = self.rows(frame)
        cell, _ = found_in(self.builder, before, name, any_case=True)
        found = [one for one in rows.cells if one.uid.partition(TWICE)[0] == cell.uid.partition(TWICE)[0]]
        if not found and rows.open:
            return found_in(self.builder, rows, name, any_case=True)[0]
        if len(found) != 1:
            what = "several columns" if found else "no column"
            raise NameNotFoundError(f"`{name}` of that frame is {what} here")
        return found[0]

    def _drop(self, node: Node, columns: Sequence[Column], rows: Rows) -> Rows:
        gone: list[Cell] = []
        unknown: list[str] = []
        for column in columns:
            if column.frame:
                gone.append(self._of_frame(rows, column.frame, column.name))
                continue
            try:
                cell, field = found_in(self.builder, rows, column.name, any_case=False, drop=True)
            except NameNotFoundError:
                same = [one for one in rows.cells if one.name.lower() == column.name.replace("`", "").lower()]
                if not same:
                    unknown.append(column.name.replace("`", ""))
                    continue
                if (
                    not node.spark
                    and len({one.name for one in same}) == 1
                    and same[0].name != column.name.replace("`", "")
                ):
                    self._wrong_case(node, column.name, same[0])
                gone += same
                continue
            if field:
                raise NameNotFoundError(f"`{column.name}` is a field of a column")
            gone.append(cell)
        rows.cells = [cell for cell in rows.cells if cell not in gone]
        self._without_sides(node, rows, gone, unknown)
        return rows

    def _without_sides(self, node: Node, rows: Rows, gone: list[Cell], unknown: list[str]) -> None:
        """Where not all columns are known, a side of a join of which all known ones are dropped is taken for gone."""
        if len(rows.open) < 2:
            if unknown and rows.open:
                for name in unknown:
                    found_in(self.builder, rows, name, drop=True)
                self.job.changed("unknown-columns", node, "columns that nothing else names are dropped")
            return
        of_alias = {alias: table for alias, table in rows.table.aliases().items() if table in rows.open}
        left = {cell.text.partition(".")[0] for cell in rows.cells}
        whole = {cell.text.partition(".")[0] for cell in gone} & of_alias.keys() - left
        if whole:
            rows.open = tuple(name for name in rows.open if name not in {of_alias[one] for one in whole})
            shown = ", ".join(f"`{of_alias[one]}`" for one in sorted(whole))
            message = f"all columns of {shown} that are known are dropped behind the join: taken for all that there are"
            self.job.note(Kind.GUESS, "whole-side", node.line, message, node=node.id)
        elif unknown:
            shown = ", ".join(f"`{name}`" for name in unknown)
            sides = " or ".join(f"`{name}`" for name in rows.open)
            self.job.lost(
                "which-side", node.line, f"whether {shown} is of {sides} isn't known: not dropped", node=node.id
            )

    def _wrong_case(self, node: Node, name: str, cell: Cell) -> None:
        message = f"`{name}` isn't there by this spelling: taken for `{cell.name}`"
        self.job.changed("wrong-case", node, message, "in the spec names are lower case, and `key` is the raw spelling")

    def _find(self, node: Node, rows: Rows, name: str) -> tuple[Cell, str]:
        """A column by its name; one of another spelling is told."""
        cell, field = found_in(self.builder, rows, name)
        if not node.spark and cell.name != name.replace("`", "") and cell.name.lower() == name.replace("`", "").lower():
            self._wrong_case(node, name, cell)
        return cell, field

    def _keep(self, node: Node, columns: Sequence[tuple[Column, str]], rows: Rows) -> Rows:
        cells = []
        for column, new in columns:
            if column.frame:
                cells.append(replace(self._of_frame(rows, column.frame, column.name), name=new))
                continue
            cell, field = self._find(node, rows, column.name)
            name = new.replace("`", "") if new != column.name else cell.name
            cells.append(
                replace(cell, name=name, text=cell.text + field, uid=f"{node.id}:{name}")
                if field
                else replace(cell, name=name)
            )
        rows.cells, rows.listed, rows.open = cells, True, ()
        return rows

    def _rename(self, node: Node, rename: Rename, rows: Rows) -> Rows:
        cell, field = self._find(node, rows, rename.old)
        if field or "." in rename.new.strip("`").lstrip("."):
            raise NameNotFoundError(f"`{rename.old}` is a field of a column")
        new = rename.new.replace("`", "")
        if any(one.name == new and one is not cell for one in rows.cells):
            raise NameNotFoundError(f"there is a column `{new}` already")
        rows.cells = [replace(one, name=new) if one is cell else one for one in rows.cells]
        return rows

    def _mapping(self, node: Node, mapping: Mapping_, rows: Rows) -> Rows:
        """Names and types of an ApplyMapping. What it doesn't name is gone."""
        cells: list[Cell] = []
        for item in mapping.items:
            cell, field = self._find(node, rows, item.source)
            target = item.target.replace("`", "")
            if "." in target.lstrip(".") and "`" not in item.target:
                raise NameNotFoundError(f"`{item.target}` makes a field of a column")
            if field:
                cell = replace(cell, text=cell.text + field, uid=f"{node.id}:{target}", type="", origin=("", ""))
            self.builder.mention(cell, item.source_type)
            cells.append(self._converted_type(node, item.source_type, item.target_type, replace(cell, name=target)))
        computed = any(not cell.is_plain for cell in cells)
        if computed and (not rows.table.reach(OUTPUT - 1) and rows.table.groups):
            self.builder.at(OUTPUT, rows)
        rows.cells, rows.listed, rows.open = cells, True, ()
        return rows

    def _converted_type(self, node: Node, before: str, after: str, cell: Cell) -> Cell:
        given, wanted = cell.type or glue_type(before), glue_type(after)
        if cell.text_in_glue and glue_type(before) in ("string", ""):
            if wanted == cell.type:
                return replace(cell, text_in_glue=False)
            given = "string"
        if not wanted or not given or wanted == given:
            return replace(cell, type=cell.type or wanted)
        exact = (given, wanted) in _WIDER
        if not exact:
            what = f"ApplyMapping turns `{cell.name}` from {given} into {wanted}"
            message = f"{what}: what doesn't convert becomes null by Glue's rules"
            help = "written as `try_cast`, by Spark's rules; better in the source, where misfits are quarantined"
            self.job.changed("silent-nulls", node, message, help)
        function = "cast" if exact else "try_cast"
        text = f"{function}({cell.text} as {wanted})"
        return replace(cell, text=text, type=wanted, uid=f"{node.id}:{cell.name}", origin=("", ""), text_in_glue=False)

    def _add(self, node: Node, add: Add, rows: Rows) -> Rows:
        """A computed column, at the end; or in the place of one of the same name."""
        text = filters.expression_text(self.builder, rows, add.expression)
        if text is None:
            self.job.lost(
                "expression", node.line, f"`{add.name}`: the expression can't be read as Spark SQL", node=node.id
            )
            return rows
        old = next((cell for cell in rows.cells if cell.name.lower() == add.name.lower()), None)
        natural = {name for table in rows.table.aliases().values() for name in self.builder.catalog.columns(table)[0]}
        tried = rows.copy()
        new = Cell(add.name, f"({text})", f"{node.id}:{add.name}")
        if old is None and storable(add.name) not in natural | {name for name, _ in rows.table.adds}:
            at = self.builder.at(ADD, rows)
            if at is not rows:
                return self._add(node, add, at)
            tried.table.adds.append((storable(add.name), text))
            tried.table.stage = ADD
            new = replace(new, text=storable(add.name))
        tried.cells = [new if cell is old else cell for cell in rows.cells] if old else [*rows.cells, new]
        return self._tried(node, rows, tried, new, f"`{add.name}`")

    def _tried(self, node: Node, before: Rows, after: Rows, new: Cell, what: str) -> Rows:
        trial = self.builder.trial(after)
        if trial.problem:
            self.job.lost("expression", node.line, f"{what}: {trial.problem}", node=node.id)
            return before
        at = after.cells.index(new)
        kind = trial.types.get(self.builder.output_names(after)[at], "")
        after.cells[at] = replace(new, type=kind)
        return after

    # Rows -------------------------------------------------------------------------------------------

    def _dedupe(self, node: Node, dedupe: Dedupe, rows: Rows) -> Rows:
        return deduped(self.builder, node, [self._find(node, rows, name)[0] for name in dedupe.columns], rows)

    def _aggregate(self, node: Node, aggregate: Aggregate, rows: Rows) -> Rows:
        rows = self.builder.at(GROUP - 1, rows)
        unknown = [one.function for one in aggregate.aggregates if one.function.lower() not in _FUNCTIONS]
        if unknown:
            self.job.lost("aggregate", node.line, f"the function {', '.join(unknown)} of an aggregation", node=node.id)
            return rows
        groups = [found_in(self.builder, rows, name, any_case=True)[0] for name in aggregate.groups]
        if len({cell.text.rpartition(".")[2] for cell in groups}) < len(groups):
            rows = self.builder.view(rows)
            groups = [found_in(self.builder, rows, name, any_case=True)[0] for name in aggregate.groups]
        cells = [replace(cell, text=cell.text.rpartition(".")[2], origin=("", ""), nulls=Nulls.NONE) for cell in groups]
        taken = {cell.text for cell in cells}
        for column, function, alias in aggregate.aggregates:
            cell = None if column == "*" else found_in(self.builder, rows, column, any_case=True)[0]
            if cell is not None and function in ("sum", "avg"):
                self.builder.mention(cell, "bigint")
            distinct = function.lower() == "countdistinct"
            name = alias or (
                f"count({cell.name if cell else 1})" if not distinct else f"count(DISTINCT {cell.name if cell else 1})"
            )
            name = name if alias or function.lower().startswith("count") else f"{function}({cell.name if cell else 1})"
            wanted = new = storable(alias or f"{function}_{storable(cell.name) if cell else 'rows'}")
            number = 2
            while new in taken:
                new, number = f"{wanted}_{number}", number + 1
            taken.add(new)
            text = cell.text if cell is not None else "*"
            rows.table.aggregates.append(
                (new, f"count(distinct {text})" if distinct else f"{function.lower()}({text})")
            )
            kind = (
                "bigint"
                if function.lower().startswith("count")
                else cell.type
                if cell and function in ("min", "max")
                else ""
            )
            cells.append(Cell(name, new, f"{node.id}:{name}", kind))
        rows.table.groups, rows.table.stage = [cell.text for cell in groups], GROUP
        rows.cells, rows.keys = cells, [frozenset(cell.uid for cell in groups)] if groups else []
        rows.listed, rows.open = True, ()
        return rows

    def _union(self, node: Node, union: Union, inputs: list[Rows]) -> Rows:
        first = inputs[0]
        tables: list[str] = []
        names: list[str] = []
        for rows in inputs:
            if union.by_name:
                rows.cells = self._by_name(rows, inputs)
            elif len(rows.cells) != len(first.cells):
                raise NameNotFoundError("the sides of the union have different numbers of columns")
            else:
                rows.cells = [replace(cell, name=one.name) for cell, one in zip(rows.cells, first.cells, strict=True)]
            table, names = self.builder.exactly(rows)
            tables.append(table)
        self._same_types(inputs)
        if len(set(tables)) < len(tables):
            tables = [
                self._again(rows, table, tables[:at])
                for at, (rows, table) in enumerate(zip(inputs, tables, strict=True))
            ]
        draft = TableDraft(union=tuple(tables), columns=tuple(names))
        for table, rows in zip(tables, inputs, strict=True):
            if rows.table.is_plain and table == rows.table.source:
                together(draft.marks, rows.table.marks)
        cells = [
            Cell(cell.name, name, f"{node.id}:{name}", cell.type, Nulls.UNSURE if union.by_name else Nulls.NONE)
            for cell, name in zip(first.cells, names, strict=True)
        ]
        draft.stage = 1
        rows = Rows(draft, cells, [], (), True, node.id, node.title)
        return deduped(self.builder, node, [], rows) if union.distinct else rows

    def _same_types(self, sides: list[Rows]) -> None:
        """A column has the same type on all sides of a union."""
        for cells in zip(*(side.cells for side in sides), strict=False):
            kinds = {cell.type for cell in cells if cell.type}
            for cell in cells:
                self.builder.mention(cell, next(iter(kinds)) if len(kinds) == 1 else "")

    def _by_name(self, rows: Rows, sides: list[Rows]) -> list[Cell]:
        """The columns in the order of the first side."""
        wanted = list(dict.fromkeys(cell.name.lower() for side in sides for cell in side.cells))
        if rows.open:
            for name in wanted:
                found_in(self.builder, rows, f"`{name}`")
        by_name = {cell.name.lower(): cell for cell in rows.cells}
        if sorted(by_name) != sorted(wanted):
            raise NameNotFoundError("the sides of the union have different columns")
        return [by_name[name] for name in wanted]

    def _again(self, rows: Rows, table: str, before: list[str]) -> str:
        """Another name for a table that is in a union twice."""
        if table not in before:
            return table
        rows = rows.copy()
        rows.title = f"{rows.title or table} again"
        rows.node = f"{rows.node}+{len(before)}"
        return self.builder.view(rows).table.source

    def _expectations(self, name: NodeId) -> list[str]:
        """Of the rules about the target's rows and about the rows on their way there."""
        way, found = {name}, []
        while self.job.nodes[name].inputs:
            name = self.job.nodes[name].inputs[0]
            way.add(name)
        for other in self.job.nodes.values():
            if isinstance(other.operation, Rules) and (other.id in way or set(other.inputs) & way):
                known, lost = expectations(other.operation.text)
                found += [text for text in known if text not in found]
                for rule in lost:
                    self.job.lost("rule", other.line, f"the rule `{rule}`", node=other.id)
        return found


def _description(title: str, target: str) -> str:
    plain = title.strip().rstrip(".")
    generic = plain.lower() in ("", "s3 bucket", "amazon s3", "aws glue data catalog", "target")
    return "" if generic or "node" in plain or storable(plain) == target else f"{plain}."
