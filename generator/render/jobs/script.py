"""The script of a job."""

from __future__ import annotations

from collections.abc import Iterator

from generator.jobs.plan import Job, plan_jobs
from generator.jobs.spark_text import spark_name
from generator.plan.lake import CompiledLake
from generator.render.jobs.layout import Code, Node, Text, call, listed, statement
from generator.render.jobs.names import Names
from generator.render.jobs.nodes import QueryNodes, ScriptNode
from generator.render.jobs.prose import comment, docstring
from generator.render.jobs.reads import FORMATS, expect, landing, table_checks
from generator.render.templates import render


def render_jobs(lake: CompiledLake) -> dict[str, str]:
    """The text of every job's script, by file name."""
    return {f"{job.table}.py": _Script(lake, job).render() for job in plan_jobs(lake).values()}


class _Script:
    def __init__(self, lake: CompiledLake, job: Job) -> None:
        self.lake = lake
        self.job = job
        self.table = lake.tables[job.table]
        self.names = Names()
        self.variables: dict[str, str] = {}
        self.functions: set[str] = set()

    def render(self) -> str:
        nodes = [*self.sources(), *self.tables(), *self.queries(), *self.asked(), *self.target()]
        return render(
            "glue_job/script.py.j2",
            docstring=docstring(self.lake, self.table, self.job),
            imports=self.imports(any("expect." in node.code for node in nodes)),
            spark="spark" in self.functions,
            nodes=[{"comment": comment(node.comment), "code": node.code} for node in nodes],
        )

    def imports(self, expects: bool) -> list[str]:
        functions = ", ".join(sorted(self.functions - {"spark", "Window"}))
        return [
            f"from lake import Lake{', expect' if expects else ''}",
            "from pyspark.context import SparkContext",
            *(["from pyspark.sql import Window"] if "Window" in self.functions else []),
            *([f"from pyspark.sql.functions import {functions}"] if functions else []),
        ]

    def sources(self) -> Iterator[ScriptNode]:
        for name in self.job.sources:
            source = self.lake.sources[name]
            self.variables[name] = self.names.new(name, "source")
            read = landing(self.lake, source, checked=True, quarantine=name in self.job.quarantines)
            text = f"Source data, {FORMATS[source.format]}: {source.description or name}"
            yield ScriptNode(text, statement(read, f"{self.variables[name]} = "))

    def tables(self) -> Iterator[ScriptNode]:
        for name in self.job.tables:
            self.variables[name] = self.names.new(name, "table")
            text = f"Published table: {self.lake.tables[name].description or name}"
            read = call("lake.table", Text(name))
            yield ScriptNode(text, statement(read, f"{self.variables[name]} = "))

    def queries(self) -> Iterator[ScriptNode]:
        for name in (*self.job.views, self.table.name):
            self.variables[name] = self.names.new(name, "table")
        for name in (*self.job.views, self.table.name):
            query = QueryNodes(self.lake, self.lake.tables[name], self.variables, self.names, self.variables[name])
            first, *rest = query.write()
            view = f"View {name}. " if name in self.job.views else ""
            yield ScriptNode(view + first.comment, first.code)
            yield from rest
            self.functions |= query.functions

    def asked(self) -> Iterator[ScriptNode]:
        """What only the checks ask: known to them by name."""
        for name in self.job.registries:
            read: Node = landing(self.lake, self.lake.sources[name], checked=False, quarantine=False)
            yield ScriptNode(f"Source data that only the checks ask: {name}", statement(read))
        for name in self.job.references:
            read = call("lake.table", Text(name))
            yield ScriptNode(f"Published table that only the checks ask: {name}", statement(read))
        asked = {name for check in table_checks(self.lake, self.table) for name in check.relations}
        for view in [name for name in self.job.views if name in asked]:
            define = call(f"{self.variables[view]}.createOrReplaceTempView", Text(spark_name(view)))
            yield ScriptNode(f"View that the checks ask: {view}", statement(define))

    def target(self) -> Iterator[ScriptNode]:
        checks = [expect(check) for check in table_checks(self.lake, self.table)]
        options: dict[str, Node] = {"checks": listed(checks)} if checks else {}
        options["keep_versions"] = Code(str(self.table.keep_versions))
        publish = call("lake.publish", Text(self.table.name), Code(self.variables[self.table.name]), **options)
        yield ScriptNode("Target table: written, checked, then published", statement(publish))
