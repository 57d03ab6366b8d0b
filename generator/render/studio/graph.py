"""The graph of a job: sources, the steps of its views and its own, checks, target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from generator.jobs.plan import Job, Step, raw_table
from generator.jobs.views import views_of
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable
from generator.render.quality import render_rulesets
from generator.render.studio.flow import Flow
from generator.render.studio.nodes import Graph, Values

BUCKET, DATABASE = "${bucket}", "${database}"
SEPARATORS = {",": "comma", "|": "pipe", ";": "semicolon", "\t": "tab", "\x01": "ctrla"}
QUOTES = {'"': "quote", "'": "single_quote", "": "disabled"}
MAPPED = {"bigint": "long", "smallint": "short", "tinyint": "byte"}


def graph(lake: CompiledLake, job: Job) -> dict[str, Values]:
    """The nodes of a job by their ids; each names its inputs. A step's rows go on to the steps that read them."""
    made = Graph()
    known: dict[str, str] = {}
    for step in job.steps:
        if step.is_source:
            known[step.name] = _source(made, lake.sources[step.name])
        else:
            for name in step.inputs:
                if name not in known:
                    known[name] = made.add(name, "S3CatalogSource", name, Database=DATABASE, Table=name)
            known[step.name] = _table(made, lake, step, known)
    for step in job.steps:
        path = f"s3://{BUCKET}/studio/{step.name}/"
        name = f"Target {step.name}" if job.is_group else "Target"
        inputs = [known[step.name]]
        values: Values = {"Inputs": inputs, "Path": path, "Compression": "snappy", **_partitions(lake, step)}
        made.add(f"{step.name}_target", "S3GlueParquetTarget", name, **values)
    return made.nodes


def _partitions(lake: CompiledLake, step: Step) -> Values:
    """Studio's partitions are columns: it has no times or buckets of them, and Spark wants a column beside them."""
    made = lake.sources[step.name] if step.is_source else lake.tables[step.name]
    names = [column.name for column in made.relation.columns.values()]
    keys = [[term] for term in made.layout.partition_by if term in names]
    return {"PartitionKeys": keys} if 0 < len(keys) < len(names) else {}


def _table(made: Graph, lake: CompiledLake, step: Step, known: Mapping[str, str]) -> str:
    """The nodes of a table and of the views that it needs; `known` are those of what it reads."""
    relations = dict(known)
    checked = {*views_of(lake, lake.tables[step.name]), step.name}
    for name in (*step.views, step.name):
        node = Flow(made, lake, lake.tables[name], relations, lambda: _unread(made, lake, relations)).add()
        relations[name] = _checks(made, lake, lake.tables[name], node) if name in checked else node
    return relations[step.name]


def _unread(made: Graph, lake: CompiledLake, relations: Mapping[str, str]) -> str:
    """A node that a query of rows of the spec takes nothing from: one that is there, or a source's."""
    there = next(iter(relations.values()), None)
    if there is not None:
        return there
    name = "Not read: a query needs an input"
    return made.add("not_read", "S3CatalogSource", name, Database=DATABASE, Table=next(iter(lake.sources)))


def _source(made: Graph, source: CompiledSource) -> str:
    """Raw data, then its columns under their names and with their types."""
    raw = _raw(made, source)
    mapping = [
        {
            "FromPath": [column.key],
            "FromType": MAPPED.get(column.type.kind, str(column.type)),
            "ToKey": column.name,
            "ToType": MAPPED.get(column.type.kind, str(column.type)),
            "Dropped": False,
        }
        for column in source.columns
    ]
    return made.add(source.name, "ApplyMapping", source.name, Inputs=[raw], Mapping=mapping)


def _raw(made: Graph, source: CompiledSource) -> str:
    node, name = f"{source.name}_raw", f"{source.name}: {source.place}"
    columns = [{"Columns": [{"Name": column.key, "Type": str(column.type)} for column in source.columns]}]
    path = {"Paths": [f"s3://{BUCKET}/landing/{path}" for path in source.paths], "Recurse": True}
    if source.format == "json":
        return made.add(node, "S3JsonSource", name, **path, **_documents(source), OutputSchemas=columns)
    if source.format == "parquet":
        return made.add(node, "S3ParquetSource", name, **path, OutputSchemas=columns)
    separator, quote = SEPARATORS.get(source.options.delimiter), QUOTES.get(source.options.quote)
    if separator is None or quote is None or source.options.skip_lines:  # the catalog's table knows all that there are
        return made.add(node, "S3CatalogSource", name, Database=DATABASE, Table=raw_table(source.name))
    csv = {"Separator": separator, "QuoteChar": quote, "WithHeader": source.options.header, "OutputSchemas": columns}
    escape = {"Escaper": source.options.escape} if source.options.escape else {}
    return made.add(node, "S3CsvSource", name, **path, **csv, **escape)


def _documents(source: CompiledSource) -> dict[str, object]:
    inside = {"JsonPath": f"$.{source.options.records}[*]"} if source.options.records else {}
    return {"Multiline": source.options.cuts_documents, **inside}


def _checks(made: Graph, lake: CompiledLake, table: CompiledTable, node: str) -> str:
    """Expectations that Data Quality can check on the rows alone; a broken one of `severity: error` stops the job."""
    options = {"EvaluationContext": table.name, "CloudWatchMetricsEnabled": True, "ResultsPublishingEnabled": True}
    warnings = _ruleset(lake, table, blocking=False)
    if warnings:
        made.add(
            f"{table.name}_warnings",
            "EvaluateDataQuality",
            "Warnings",
            Inputs=[node],
            Ruleset=warnings,
            Output="EvaluationResults",
            PublishingOptions=options,
        )
    errors = _ruleset(lake, table, blocking=True)
    if not errors:
        return node
    return made.add(
        f"{table.name}_checks",
        "EvaluateDataQuality",
        "Checks",
        Inputs=[node],
        Ruleset=errors,
        Output="PrimaryInput",
        PublishingOptions=options,
        StopJobOnFailureOptions={"StopJobOnFailureTiming": "Immediate"},
    )


def _ruleset(lake: CompiledLake, table: CompiledTable, *, blocking: bool) -> str | None:
    """The rules in ASCII, which is all that the node takes; None if there are none."""
    chosen = tuple(one for one in table.expectations if one.blocking is blocking and one.kind != "references")
    asked = replace(table, expectations=chosen, is_view=False)
    text = render_rulesets(replace(lake, tables={table.name: asked})).get(table.name, "")
    rules = [line.strip().rstrip(",") for line in text.splitlines()[1:-1]]
    kept = [rule for rule in rules if rule.isascii() and not rule.startswith("#")]
    return "Rules = [\n  " + ",\n  ".join(kept) + "\n]" if kept else None
