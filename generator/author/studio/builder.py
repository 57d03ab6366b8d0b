"""Makes the tables of a target: reads, views of what comes too early, and the marks of what isn't carried over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from generator.author.names import storable
from generator.author.studio.catalog import Catalog, Known, KnownColumn
from generator.author.studio.model import Finding, Job, Kind, Node, NodeId, Read
from generator.author.studio.rows import Cell, NameNotFoundError, Nulls, Rows
from generator.author.studio.simplify import simplified
from generator.author.studio.tables import TableDraft
from generator.author.studio.trial import Trial, tried

_TITLE = 40


class Builder:
    """The tables of one job.

    Attributes:
        target: the name of the table that is being made; views are called after it.
        tables: what came out: views before the tables that read them.
        marked: findings that have their mark in a table.
        of_frame: the column of rows that a column of a certain step is.
    """

    def __init__(self, job: Job, catalog: Catalog) -> None:
        self.job = job
        self.catalog = catalog
        self.target = ""
        self.tables: list[TableDraft] = []
        self.marked: list[Finding] = []
        self.of_frame: Callable[[Rows, NodeId, str], Cell] = _no_frame
        self._views: dict[str, str] = {}

    def read(self, node: Node, read: Read) -> Rows:
        """All rows of a source or table."""
        name = self.catalog.resolve(self.job, node, read)
        known = self.catalog.known.get(name) or Known(name)
        raw = known.is_source and bool(read.place.path)
        csv = read.format == "csv"
        nulls = Nulls.EITHER if known.is_source else Nulls.UNSURE
        nulls = Nulls.NONE if read.format in ("csv", "parquet") else nulls
        cells = [
            Cell(column.key if raw else one, f"{name}.{one}", f"{node.id}:{one}", column.type, nulls, (name, one),
                 csv and column.type not in ("string", ""))
            for one, column in known.columns.items()
        ]  # fmt: skip
        keys = [frozenset(f"{node.id}:{column}" for column in key) for key in known.keys]
        draft = TableDraft(name, name)
        return Rows(draft, cells, keys, () if known.complete else (name,), known.complete, node.id, node.title)

    def at(self, stage: int, rows: Rows, *, plain: bool = True) -> Rows:
        """The rows where a clause of a stage can be added: as they are, or as a view that a new table reads.

        Args:
            plain: whether the columns must not be computed.
        """
        computed = plain and any(not cell.is_plain for cell in rows.cells)
        return rows if rows.table.reach(stage) and not computed else self.view(rows)

    def view(self, rows: Rows) -> Rows:
        """The rows as a view, and a new table that reads it."""
        names = self.output_names(rows)
        name = self._view_name(rows)
        cells = [
            replace(cell, text=f"{name}.{new}", origin=("", "")) for cell, new in zip(rows.cells, names, strict=True)
        ]
        return Rows(TableDraft(name, name), cells, rows.keys, rows.open, rows.listed, rows.node, rows.title)

    def named(self, rows: Rows) -> tuple[str, dict[str, str]]:
        """A table that the rows are, and the name that each of their columns has there, by uid.

        A choice among a table's columns needs no view.
        """
        if rows.table.is_plain and all(cell.is_plain for cell in rows.cells):
            return rows.table.source, {cell.uid: cell.text.partition(".")[2] for cell in rows.cells}
        names = self.output_names(rows)
        return self._view_name(rows), {cell.uid: name for cell, name in zip(rows.cells, names, strict=True)}

    def exactly(self, rows: Rows) -> tuple[str, list[str]]:
        """A table with just these columns, and their names in it."""
        names = self.output_names(rows)
        if rows.table.is_plain:
            known, complete = self.catalog.columns(rows.table.source)
            same = [f"{rows.table.source}.{name}" for name in known] == [cell.text for cell in rows.cells]
            if same and names == known and (complete or rows.open):
                return rows.table.source, names
        return self._view_name(rows), names

    def _view_name(self, rows: Rows) -> str:
        """The view of the rows, made once for each step and each choice of columns."""
        key = f"{rows.node}|{[(cell.name, cell.text) for cell in rows.cells]}"
        if key in self._views:
            return self._views[key]
        taken = {table.name for table in self.tables} | self.catalog.targets.keys() | self.catalog.known.keys()
        wanted = name = f"{self.target}_{storable(rows.title or 'part')[:_TITLE].strip('_') or 'part'}"
        number = 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        self._views[key] = name
        self.finish(rows, name, view=True)
        return name

    def finish(self, rows: Rows, name: str, *, view: bool = False) -> TableDraft:
        """Writes the rows down as a table."""
        draft = rows.table.copy()
        draft.name, draft.view = name, view
        names = self.output_names(rows)
        draft.outputs = [(new, cell.text) for cell, new in zip(rows.cells, names, strict=True)]
        draft.listed = rows.listed or not rows.open
        draft = simplified(draft, self.job, self.catalog)
        draft.reads = {*draft.aliases().values(), *draft.union, *draft.reads}
        columns = {new: KnownColumn(new, new, cell.type) for cell, new in zip(rows.cells, names, strict=True)}
        new_names = dict(zip((cell.uid for cell in rows.cells), names, strict=True))
        keys = [frozenset(new_names[uid] for uid in key) for key in rows.keys if key <= new_names.keys()]
        base = rows.open[0] if len(rows.open) == 1 else ""
        self.catalog.remember(Known(name, columns, rows.listed or not rows.open, keys, base=base))
        self.tables.append(draft)
        return draft

    def output_names(self, rows: Rows) -> list[str]:
        """Names that the lake can store, no two alike; a second side's `.id` is called after its table."""
        found: dict[int, str] = {}
        in_order = sorted(range(len(rows.cells)), key=lambda at: rows.cells[at].name.startswith("."))
        for at in in_order:
            cell = rows.cells[at]
            plain = storable(cell.name.lstrip("."))
            if cell.origin[1] and storable(cell.name) == storable(self._key(cell)):
                plain = cell.origin[1]
            if "(" in cell.name and cell.is_plain:
                plain = cell.text.rpartition(".")[2]
            name, number = plain, 2
            if name in found.values() and "." in cell.text and cell.is_plain:
                name = f"{cell.text.partition('.')[0]}_{plain}"
            while name in found.values():
                name, number = f"{plain}_{number}", number + 1
            found[at] = name
        return [found[at] for at in range(len(rows.cells))]

    def _key(self, cell: Cell) -> str:
        known = self.catalog.known.get(cell.origin[0])
        column = known.columns.get(cell.origin[1]) if known else None
        return column.key if column else ""

    def note_names(self, node: Node, rows: Rows) -> None:
        """Tells which columns of a target can't have the names that the job gives them."""
        changed = [
            f"`{cell.name}` is `{name}`"
            for cell, name in zip(rows.cells, self.output_names(rows), strict=True)
            if name != cell.name.lower() and (cell.origin[1] != name or self._key(cell) != cell.name)
        ]
        if changed:
            self.job.changed("names", node, f"names that can't be stored: {', '.join(changed)}")
        text = [f"`{cell.name}`" for cell in rows.cells if cell.text_in_glue]
        if text:
            message = f"Glue has text in {', '.join(text)}, which the lake has by type"
            self.job.changed("csv-text", node, message, "a Change Schema node in the job would say the type")

    def mark(self, node: Node, rows: Rows) -> None:
        """Puts the marks of a step into the table in which it is."""
        for finding in self.job.findings:
            if finding.node == node.id and not finding.kind.exact:
                self.marked.append(finding)
                if (text := mark_text(finding)) not in rows.table.marks:
                    rows.table.marks.append(text)

    def mention(self, cell: Cell, kind: str = "") -> None:
        """A column is used in a way that tells its type."""
        if cell.origin[0] and kind and not cell.type:
            self.catalog.mention(cell.origin[0], cell.origin[1], kind)

    def trial(self, rows: Rows) -> Trial:
        """Whether the rows so far can be compiled, with their types."""
        draft = rows.table.copy()
        names = self.output_names(rows)
        draft.outputs = [(new, cell.text) for cell, new in zip(rows.cells, names, strict=True)]
        return tried(draft, self.catalog)


def _no_frame(rows: Rows, frame: NodeId, name: str) -> Cell:
    raise NameNotFoundError(f"`{name}` of another frame")


def mark_text(finding: Finding) -> str:
    """The comment in the spec."""
    script = finding.script.rpartition("/")[2]
    place = f"{script}:{finding.line}" if finding.line else script
    what = "not carried over" if finding.kind is Kind.LOST else "not the same"
    return f"{what} ({place}): {finding.message}"


def together(marks: list[str], more: Sequence[str]) -> None:
    """Adds marks that aren't there yet."""
    marks += [one for one in more if one not in marks]
