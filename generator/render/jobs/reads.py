"""The calls that make a source, and that check."""

from __future__ import annotations

from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.plan import hidden_keys
from generator.jobs.proof_rules import proof_rules, source_rules
from generator.jobs.spark_checks import SparkCheck, spark_check
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable, SourceColumn, TableLayout
from generator.render.jobs.layout import Code, Node, Query, Text, call, listed, mapping

FORMATS = {"json": "JSON", "csv": "CSV", "parquet": "Parquet"}


def source_call(lake: CompiledLake, source: CompiledSource) -> Node:
    """The call that makes a source."""
    options: dict[str, Node] = {"path": _literal(_one_or_all(source.paths)), "format": Text(source.format)}
    if source.format == "csv":
        options["delimiter"] = Text(source.options.delimiter)
    others = {name: value for name, value in source.options.given().items() if name != "delimiter"}
    options |= {name: _literal(value) for name, value in others.items()}
    options["columns"] = mapping({column.name: Text(str(column.type)) for column in source.columns})
    keys = {column.name: Text(column.key) for column in source.columns if column.key != column.name}
    if keys:
        options["keys"] = mapping(keys)
    formats = {one.name: _format(one) for one in source.columns if not one.spelling.is_usual}
    if formats:
        options["formats"] = mapping(formats)
    if hidden := hidden_keys(source):
        options["personal"] = listed([Text(key) for key in hidden])
    limit = source.max_bad_rows
    if limit is not None:
        options["max_bad_rows"] = Code(str(limit)) if isinstance(limit, int) else Text(limit)
    rules = source_rules(lake, source)
    if rules:
        options["checks"] = listed([expect(spark_check(rule)) for rule in rules])
    options["keep_versions"] = Code(str(source.keep_versions))
    options |= layout_options(source.layout)
    return call("lake.source", Text(source.name), **options)


def table_checks(lake: CompiledLake, table: CompiledTable) -> list[SparkCheck]:
    """What is checked of a table before it is published: proofs first, then expectations."""
    return [spark_check(rule) for rule in (*proof_rules(lake, table), *expectation_rules(lake, table))]


def expect(check: SparkCheck) -> Node:
    """The call that makes a check."""
    make = Query if check.function == "no_rows" else Text
    named: dict[str, Node] = {name: Code(str(bound)) for name, bound in check.bounds.items()}
    named |= {"name": Text(check.name), "blocking": Code(str(check.blocking))}
    named |= {"of": Text(check.of)} if check.of else {}
    return call(f"expect.{check.function}", *(make(argument) for argument in check.arguments), **named)


def layout_options(layout: TableLayout) -> dict[str, Node]:
    """How the table's files lie, where the spec says so."""
    said: dict[str, Node] = {}
    if layout.partition_by:
        said["partition_by"] = _literal(layout.partition_by)
    if layout.sort_by:
        said["sort_by"] = _literal(layout.sort_by)
    if layout.file_size is not None:
        said["file_size"] = Code(f"{layout.file_size >> 20} << 20")
    return said


def _format(column: SourceColumn) -> Node:
    """How a column's values are spelled, as a dictionary."""
    return mapping({name: _literal(value) for name, value in column.spelling.given().items()})


def _one_or_all(paths: tuple[str, ...]) -> str | tuple[str, ...]:
    return paths[0] if len(paths) == 1 else paths


def _literal(value: object) -> Node:
    if isinstance(value, list | tuple):
        return listed([Text(one) for one in value])
    return Text(value) if isinstance(value, str) else Code(repr(value))
