"""Random jobs over random data: the imported tables hold the rows that the jobs mean, computed here by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import Mock

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.author.studio.author import import_jobs
from generator.checks import check_spec
from generator.diagnostics import Severity, SourceText
from generator.render.templates import render
from generator.run.build_program import build_program
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder

Row = dict[str, Any]

SPEC = """
version: 1
lake: random
zones: {landing: {}, trusted: {}}
sources:
  people:
    path: people/
    unique: [[email]]
    columns: {email: string, city: string, n: bigint}
  clicks:
    path: clicks/
    columns: {mail: string, n: bigint, at: bigint}
  orders:
    path: orders/
    unique: [[id]]
    columns: {id: bigint, email: string, total: bigint}
"""
COLUMNS = {"people": ["email", "city", "n"], "clicks": ["mail", "n", "at"], "orders": ["id", "email", "total"]}
MAIL = st.sampled_from(["a", "b", "c", "d"])
NUMBER = st.none() | st.integers(0, 3)
TABLES: dict[str, st.SearchStrategy[list[Row]]] = {
    "people": st.lists(
        st.fixed_dictionaries({"email": MAIL, "city": st.sampled_from(["x", "y", None]), "n": NUMBER}),
        min_size=1, max_size=4, unique_by=lambda row: row["email"],
    ),
    "clicks": st.lists(
        st.fixed_dictionaries({"mail": st.none() | MAIL, "n": NUMBER, "at": NUMBER}), min_size=1, max_size=6
    ),
    "orders": st.lists(
        st.fixed_dictionaries({"id": st.integers(0, 9), "email": st.none() | MAIL, "total": NUMBER}),
        min_size=1, max_size=6, unique_by=lambda row: row["id"],
    ),
}  # fmt: skip


@dataclass
class Frame:
    """A frame of the script: its variable, its columns, and the rows that it means."""

    name: str
    columns: list[str]
    rows: list[Row]


@dataclass
class Script:
    """A script, and what it means."""

    draw: st.DrawFn
    data: dict[str, list[Row]]
    lines: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000)))

    def add(self, text: str, columns: list[str], rows: list[Row]) -> Frame:
        name = f"f{next(self.numbers)}"
        self.lines.append(f"{name} = {text}")
        return Frame(name, columns, [{column: row[column] for column in columns} for row in rows])

    def read(self) -> Frame:
        table = self.draw(st.sampled_from(list(COLUMNS)))
        text = f'glueContext.create_dynamic_frame.from_catalog(database="d", table_name="{table}")'
        return self.add(text, COLUMNS[table], self.data[table])

    def step(self, frame: Frame) -> Frame:
        kinds = [self.filter, self.join, self.join, self.dataframe_join, self.drop, self.drop, self.keep, self.rename]
        step = self.draw(st.sampled_from([*kinds, self.dedupe, self.dedupe]))
        return step(frame)

    def filter(self, frame: Frame) -> Frame:
        column = self.draw(st.sampled_from(frame.columns))
        value = self.draw(st.integers(0, 3) if is_number(column) else MAIL)
        negated = self.draw(st.booleans())
        condition = f'row["{column}"] == {value!r}'
        text = f"Filter.apply(frame={frame.name}, f=lambda row: {f'not ({condition})' if negated else condition})"
        rows = [row for row in frame.rows if (row[column] == value) is not negated]
        return self.add(text, frame.columns, rows)

    def join(self, frame: Frame) -> Frame:
        other, pairs = self.other(frame)
        if not pairs or any(f".{column}" in frame.columns for column in other.columns):
            return frame
        left, right = self.draw(st.sampled_from(pairs))
        text = f'Join.apply(frame1={frame.name}, frame2={other.name}, keys1=["{quoted(left)}"], keys2=["{right}"])'
        names = {column: f".{column}" if column in frame.columns else column for column in other.columns}
        rows = [
            row | {names[column]: value for column, value in match.items()}
            for row in frame.rows
            for match in other.rows
            if equal(row[left], match[right])
        ]
        return self.add(text, [*frame.columns, *names.values()], rows)

    def dataframe_join(self, frame: Frame) -> Frame:
        other, pairs = self.other(frame)
        kind = self.draw(st.sampled_from(["leftsemi", "leftanti", "left"]))
        if not pairs or (kind == "left" and set(frame.columns) & set(other.columns)):
            return frame
        frame = self.add(f'DynamicFrame.fromDF({frame.name}.toDF(), glueContext, "x")', frame.columns, frame.rows)
        left, right = self.draw(st.sampled_from(pairs))
        text = f"{frame.name}.toDF().join({other.name}, ({frame.name}['{left}'] == {other.name}['{right}']), '{kind}')"
        matches = [[match for match in other.rows if equal(row[left], match[right])] for row in frame.rows]
        if kind == "left":
            nothing = [dict.fromkeys(other.columns)]
            rows = [row | match for row, found in zip(frame.rows, matches, strict=True) for match in found or nothing]
            return self.add(text, [*frame.columns, *other.columns], rows)
        rows = [row for row, found in zip(frame.rows, matches, strict=True) if bool(found) is (kind == "leftsemi")]
        return self.add(text, frame.columns, rows)

    def other(self, frame: Frame) -> tuple[Frame, list[tuple[str, str]]]:
        """Another table, and the columns of the same type."""
        other = self.read()
        if self.draw(st.integers(0, 3)) == 0:
            other = self.filter(other)
        pairs = [(a, b) for a in frame.columns for b in other.columns if is_number(a) == is_number(b)]
        return other, pairs

    def drop(self, frame: Frame) -> Frame:
        tables = list(COLUMNS.values())
        dotted = [[f".{column}" if f".{column}" in frame.columns else column for column in table] for table in tables]
        some = st.lists(st.sampled_from(frame.columns), min_size=1, unique=True)
        dropped = self.draw(st.sampled_from(tables) | st.sampled_from(dotted) | some)
        kept = [column for column in frame.columns if column not in dropped]
        if not kept or not set(dropped) & set(frame.columns):
            return frame
        here = [column for column in dropped if column in frame.columns]
        text = f"DropFields.apply(frame={frame.name}, paths={json.dumps([quoted(column) for column in here])})"
        return self.add(text, kept, frame.rows)

    def keep(self, frame: Frame) -> Frame:
        columns = st.sampled_from(frame.columns)
        kept = self.draw(st.lists(columns, min_size=1, unique=True))
        paths = json.dumps([quoted(column) for column in kept])
        return self.add(f"SelectFields.apply(frame={frame.name}, paths={paths})", kept, frame.rows)

    def rename(self, frame: Frame) -> Frame:
        new = {"n": "m", "email": "post", ".n": "k", ".email": "send_to"}
        old = next((column for column in frame.columns if column in new and new[column] not in frame.columns), None)
        if old is None:
            return frame
        columns = [new[old] if column == old else column for column in frame.columns]
        rows = [{new[old] if column == old else column: value for column, value in row.items()} for row in frame.rows]
        return self.add(
            f'RenameField.apply(frame={frame.name}, old_name="{quoted(old)}", new_name="{new[old]}")', columns, rows
        )

    def dedupe(self, frame: Frame) -> Frame:
        rows = [dict(pairs) for pairs in dict.fromkeys(tuple(row.items()) for row in frame.rows)]
        text = f'DynamicFrame.fromDF({frame.name}.toDF().dropDuplicates(), glueContext, "x")'
        return self.add(text, frame.columns, rows)

    def named(self, frame: Frame) -> Frame:
        """All columns under names that can be stored."""
        columns = {column: f"c{at}" for at, column in enumerate(frame.columns)}
        kind = {column: "long" if is_number(column) else "string" for column in columns}
        items = [(quoted(column), kind[column], new, kind[column]) for column, new in columns.items()]
        rows = [{columns[column]: row[column] for column in columns} for row in frame.rows]
        return self.add(f"ApplyMapping.apply(frame={frame.name}, mappings={items!r})", list(columns.values()), rows)


def quoted(column: str) -> str:
    return f"`{column}`" if column.startswith(".") else column


def is_number(column: str) -> bool:
    return column.lstrip(".") in ("n", "at", "id", "total", "m", "k")


def equal(one: Any, other: Any) -> bool:
    return one is not None and one == other


@st.composite
def scripts(draw: st.DrawFn) -> tuple[dict[str, list[Row]], str, Frame]:
    data = {name: draw(rows) for name, rows in TABLES.items()}
    script = Script(draw, data)
    frame = script.read()
    for _ in range(draw(st.integers(1, 5))):
        frame = script.step(frame)
    frame = script.named(frame)
    sink = 'connection_type="s3", connection_options={"path": "s3://b/result/"}'
    script.lines.append(f"glueContext.write_dynamic_frame.from_options(frame={frame.name}, {sink})")
    return data, "\n".join(script.lines), frame


def write(data: dict[str, list[Row]], folder: Path) -> None:
    for name, rows in data.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "a.json").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def rows_of(text: str, data: Path) -> tuple[list[str], Counter[tuple[Any, ...]]]:
    """Columns and rows of `result` in a run of the spec."""
    analysis = check_spec(SourceText("spec", text))
    errors = [one for one in analysis.diagnostics if one.severity is Severity.ERROR]
    assert analysis.lake is not None, (text, errors)
    with TemporaryDirectory() as folder:
        lake = Path(folder, "lake")
        report = execute(build_program(analysis.lake), data, LakeFolder(lake), Mock())
        assert not report.failed, text
        (file,) = json.loads((lake / "catalog.json").read_text())["tables"]["result"]["files"]
        found = duckdb.sql(f"SELECT * FROM read_parquet('{lake / file}')")
        return found.columns, Counter(found.fetchall())


@settings(max_examples=40)
@given(scripts())
def test_imported_tables_hold_the_rows_that_the_job_means(case: tuple[dict[str, list[Row]], str, Frame]) -> None:
    data, script, expected = case
    with TemporaryDirectory() as folder:
        write(data, Path(folder))
        sound = check_spec(SourceText("spec", SPEC)).sound
        made = import_jobs({"job.py": script}, "lake", SPEC, sound, render, Path(folder))
        if not made.exact:  # behind a join nobody knows whether Glue keeps a null or loses the key
            assert {one.code for one in made.findings if not one.kind.exact} == {"null-passing-filter"}, (
                script,
                made.findings,
            )
            return
        columns, rows = rows_of(made.text, Path(folder))
    assert set(columns) == set(expected.columns), (script, made.text)
    wanted = Counter(tuple(row[column] for column in columns) for row in expected.rows)
    assert rows == wanted, (script, made.text)
