"""The nodes that read: landing data and published tables."""

from __future__ import annotations

from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.proof_rules import proof_rules, source_rules
from generator.jobs.spark_checks import SparkCheck, spark_check
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable
from generator.render.jobs.layout import Code, Node, Query, Text, call, listed, mapping

FORMATS = {"json": "JSON", "csv": "CSV", "parquet": "Parquet"}


def landing(lake: CompiledLake, source: CompiledSource, *, checked: bool, quarantine: bool) -> Node:
    """The call that reads a source.

    Args:
        checked: whether what is declared of the source is checked: by each job that takes rows of it.
        quarantine: whether this job publishes the source's quarantine.
    """
    options: dict[str, Node] = {"path": Text(source.path), "format": Text(source.format)}
    if source.format == "csv":
        options["delimiter"] = Text(source.options.delimiter)
    others = {name: value for name, value in source.options.given().items() if name != "delimiter"}
    options |= {name: _option(value) for name, value in others.items()}
    options["columns"] = mapping({column.name: Text(str(column.type)) for column in source.columns})
    keys = {column.name: Text(column.key) for column in source.columns if column.key != column.name}
    if keys:
        options["keys"] = mapping(keys)
    if checked:
        options |= _checks(lake, source)
    if quarantine:
        options["quarantine"] = Code("True")
    return call("lake.landing", Text(source.name), **options)


def _option(value: object) -> Node:
    if isinstance(value, tuple):
        return listed([Text(one) for one in value])
    return Text(value) if isinstance(value, str) else Code(str(value))


def _checks(lake: CompiledLake, source: CompiledSource) -> dict[str, Node]:
    options: dict[str, Node] = {}
    limit = source.max_bad_rows
    if limit is not None:
        options["max_bad_rows"] = Code(str(limit)) if isinstance(limit, int) else Text(limit)
    rules = source_rules(lake, source)
    if rules:
        options["checks"] = listed([expect(spark_check(rule)) for rule in rules])
    return options


def table_checks(lake: CompiledLake, table: CompiledTable) -> list[SparkCheck]:
    """What is checked of a table before it is published: proofs first, then expectations."""
    return [spark_check(rule) for rule in (*proof_rules(lake, table), *expectation_rules(table))]


def expect(check: SparkCheck) -> Node:
    """The call that makes a check."""
    make = Query if check.function == "no_rows" else Text
    named: dict[str, Node] = {name: Code(str(bound)) for name, bound in check.bounds.items()}
    named |= {"name": Text(check.name), "blocking": Code(str(check.blocking))}
    return call(f"expect.{check.function}", *(make(argument) for argument in check.arguments), **named)
