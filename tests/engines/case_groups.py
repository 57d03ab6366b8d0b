"""Cases of awkward landing data that can be read as one source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from landing_case import Case

SNIFFED = 8
"""The files of a source that Spark's reader looks into: whether numbers have fractions is to be known of each case."""
VALUE = {"json": b'{"v":', "csv": b"n;v\n"}
"""How files begin that are about the values of one column, `v`."""


def shared(cases: Sequence[Case], most: int = SNIFFED) -> list[Case]:
    """The cases; those about the values of one column get the columns of others, `v` with a name of its own in each.

    Any line of declared keys is proven as it was with a single one. Maps are apart: Spark's reader proves no line of a
    source that has them.

    Args:
        most: how many cases have the same columns.
    """
    found: list[Case] = []
    for kind in product(VALUE, (False, True)):
        alike = iter([case for case in cases if _is_of_one_column(case) and (case.format, _has_map(case)) == kind])
        while some := list(islice(alike, most)):
            found += _united({f"v_{number}": case for number, case in enumerate(some)})
    return [*found, *(case for case in cases if not _is_of_one_column(case))]


def _is_of_one_column(case: Case) -> bool:
    return [*case.columns] in (["v"], ["n", "v"]) and all(
        isinstance(content, bytes) and content.startswith(VALUE[case.format]) for content in case.files.values()
    )


def _has_map(case: Case) -> bool:
    return any("map<" in kind for kind in case.columns.values())


def _united(cases: Mapping[str, Case]) -> Iterator[Case]:
    """Cases by the name that the column of each gets."""
    columns = {key: kind for case in cases.values() for key, kind in case.columns.items() if key != "v"}
    columns |= {name: case.columns["v"] for name, case in cases.items()}
    formats = {name: case.formats["v"] for name, case in cases.items() if case.formats}
    for name, case in cases.items():
        rows = [dict(zip(case.columns, row, strict=True)) for row in case.rows]
        files = {file: _renamed(content, name.encode()) for file, content in case.files.items()}
        wider = [tuple(row.get("v" if key == name else key) for key in columns) for row in rows]
        yield replace(case, columns=columns, formats=formats, files=files, rows=wider)


def _renamed(content: bytes | str, name: bytes) -> bytes:
    assert isinstance(content, bytes)
    if content.startswith(VALUE["csv"]):
        return content.replace(b";v", b";" + name, 1)
    lines = content.splitlines(keepends=True)
    assert all(line.startswith(VALUE["json"]) for line in lines)
    return b"".join(b'{"' + name + line.removeprefix(b'{"v') for line in lines)
