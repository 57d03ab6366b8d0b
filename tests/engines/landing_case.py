"""A case of awkward landing data, and short ways to write one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KND = {"k": "string", "n": "bigint", "d": "double"}
GOOD = b'{"k":"g","n":1,"d":1.5}\n'
GOOD_ROW = ("g", 1, 1.5)


@dataclass(frozen=True)
class Case:
    """Files of one source, and what becomes of them.

    Attributes:
        rule: what is done and why, as the documentation says it.
        files: content by name; for Parquet a query that gives the content.
        rows: expected values in the order of the columns.
        rejected: expected (line, reason) of the quarantine.
        columns: type by key; the column's name is the key in lower case.
        formats: how values are spelled, by key.
        error: part of the message where the read has to fail.
        of_folder: whether it is about the folder of a source, in which no other case can lie.
    """

    name: str
    rule: str
    files: Mapping[str, bytes | str]
    rows: Sequence[tuple[Any, ...]] = ()
    rejected: Sequence[tuple[int, str]] = ()
    columns: Mapping[str, str] = field(default_factory=lambda: KND)
    format: str = "json"
    options: Mapping[str, str | bool | int | tuple[str, ...]] = field(default_factory=dict)
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extra_keys: tuple[str, ...] = ()
    missing: bool = False
    error: str = ""
    of_folder: bool = False


def lines(name: str, rule: str, content: bytes, rows: Sequence[tuple[Any, ...]] = (), **more: Any) -> Case:
    """A case of one JSON file."""
    return Case(name, rule, {"a.json": content}, rows, **more)


def broken(name: str, rule: str, line: bytes, reason: str = "broken_json") -> Case:
    """A bad line between two good ones."""
    return lines(name, rule, GOOD + line + b"\n" + GOOD, [GOOD_ROW, GOOD_ROW], rejected=[(2, reason)])


def typed(
    name: str,
    rule: str,
    kind: str,
    good: Mapping[str, Any],
    wrong_type: Sequence[str] = (),
    out_of_range: Sequence[str] = (),
    **others: Sequence[str],
) -> Case:
    """A case of one column `v`: literals that are values, then others, each on a line of its own."""
    bad = [("wrong_type", text) for text in wrong_type] + [("out_of_range", text) for text in out_of_range]
    bad += [(reason, text) for reason, texts in others.items() for text in texts]
    texts = [*good, *(text for _, text in bad)]
    content = "".join(f'{{"v":{text}}}\n' for text in texts).encode()
    rejected = [(number, reason) for number, (reason, _) in enumerate(bad, len(good) + 1)]
    rows = [(value,) for value in good.values()]
    return lines(name, rule, content, rows, rejected=rejected, columns={"v": kind})


def csv(
    name: str,
    rule: str,
    content: bytes,
    rows: Sequence[tuple[Any, ...]] = (),
    rejected: Sequence[tuple[int, str]] = (),
    **more: Any,
) -> Case:
    """A case of one CSV file."""
    return Case(name, rule, {"a.csv": content}, rows, rejected, format="csv", **more)
