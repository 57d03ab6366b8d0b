"""How an Iceberg table's files lie: partitions, order and size. New files follow it; those that are there stay."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

FILE_SIZE = 256 << 20
"""Bytes of a file, where nothing else is said."""
SIZE, DISTRIBUTION = "write.target-file-size-bytes", "write.distribution-mode"
_TERM = re.compile(r"(?:(?P<function>\w+)\((?:(?P<number>\d+), )?)?(?P<column>\w+)\)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's layout.

    Attributes:
        partition_by: columns and transforms of them: `day(at)`, `bucket(16, user)`.
        sort_by: columns, each with ` desc` behind it or not.
        file_size: bytes of a file.
    """

    partition_by: Sequence[str] = ()
    sort_by: Sequence[str] = ()
    file_size: int = FILE_SIZE

    def of(self, columns: Collection[str]) -> Layout:
        """The layout as far as it is by some columns, named in lower case."""
        return replace(
            self,
            partition_by=[term for term in self.partition_by if _parts(term)[2].lower() in columns],
            sort_by=[term for term in self.sort_by if term.removesuffix(" desc").lower() in columns],
        )


def lay_out(jvm: Any, table: Any, layout: Layout) -> None:
    """Brings a table to a layout, in one step; a table that has it already is left alone.

    Args:
        table: Iceberg's own, with all columns that the layout names.
    """
    change = table.newTransaction()
    changed = [_partition(jvm, table, change, layout), _sort(jvm, table, change, layout), _set(table, change, layout)]
    if any(changed):
        change.commitTransaction()
        table.refresh()


def _partition(jvm: Any, table: Any, change: Any, layout: Layout) -> bool:
    schema = table.schema()
    there = {
        (str(schema.findColumnName(one.sourceId())), str(one.transform())): str(one.name())
        for one in table.spec().fields()
        if str(one.transform()) != "void"
    }
    wanted = {_key(term): term for term in layout.partition_by}
    if there.keys() == wanted.keys():
        return False
    update = change.updateSpec()
    for key in there.keys() - wanted.keys():
        update = update.removeField(there[key])
    taken = {str(one.name()) for one in schema.columns()}
    for key, term in wanted.items():
        if key not in there:
            update = update.addField(_name(key, taken), _expression(jvm, term))
    update.commit()
    return True


def _sort(jvm: Any, table: Any, change: Any, layout: Layout) -> bool:
    schema, order = table.schema(), table.sortOrder()
    there = [(str(schema.findColumnName(one.sourceId())), str(one.direction()) == "DESC") for one in order.fields()]
    wanted = [(term.removesuffix(" desc"), term.endswith(" desc")) for term in layout.sort_by]
    if there == wanted:
        return False
    update, order = change.replaceSortOrder(), jvm.org.apache.iceberg.NullOrder
    for column, down in wanted:
        term = jvm.org.apache.iceberg.expressions.Expressions.ref(column)
        update = update.desc(term, order.NULLS_LAST) if down else update.asc(term, order.NULLS_FIRST)
    update.commit()
    return True


def _set(table: Any, change: Any, layout: Layout) -> bool:
    """Sets the properties; rows of a partition go to the same task, else each task writes a file for each of them."""
    there = table.properties()
    wanted = {SIZE: str(layout.file_size), DISTRIBUTION: "hash" if layout.partition_by else None}
    differing = {key: value for key, value in wanted.items() if there.get(key) != value}
    if not differing:
        return False
    update = change.updateProperties()
    for key, value in differing.items():
        update = update.remove(key) if value is None else update.set(key, value)
    update.commit()
    return True


def _parts(term: str) -> tuple[str, str | None, str]:
    """A transform, or none, its number, and its column.

    Raises:
        ValueError: it is no such term.
    """
    found = _TERM.fullmatch(term)
    if found is None:
        raise ValueError(f"no partition: {term}")
    return found["function"] or "identity", found["number"], found["column"]


def _key(term: str) -> tuple[str, str]:
    """The column and the transform, as Iceberg spells it."""
    function, number, column = _parts(term)
    return column, function if number is None else f"{function}[{number}]"


def _name(key: tuple[str, str], taken: set[str]) -> str:
    """The name of a partition, and of its folders: none that a column has, or is likely to get.

    Iceberg takes no column of the name of a partition that was ever there, unless it is the very same column.
    """
    column, transform = key
    words = "" if transform == "identity" else re.sub(r"\W+", "_", transform).strip("_") + "_"
    name = f"{column}_{words}part"
    while name in taken:
        name += "_part"
    return name


def _expression(jvm: Any, term: str) -> Any:
    function, number, column = _parts(term)
    make = jvm.org.apache.iceberg.expressions.Expressions
    if function == "identity":
        return make.ref(column)
    return getattr(make, function)(column, *(() if number is None else (int(number),)))
