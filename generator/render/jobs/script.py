"""The script of a job."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from generator.jobs.plan import Job, plan_jobs
from generator.jobs.spark_text import spark_name
from generator.plan.lake import CompiledLake, CompiledSource
from generator.render.jobs.layout import Code, Node, Text, call, listed, statement
from generator.render.jobs.literals import at_run_time
from generator.render.jobs.names import Names
from generator.render.jobs.nodes import QueryNodes, ScriptNode
from generator.render.jobs.prose import comment, docstring, source_docstring
from generator.render.jobs.reads import FORMATS, expect, source_call, table_checks
from generator.render.templates import render


def render_jobs(lake: CompiledLake) -> dict[str, str]:
    """The text of every job's script, by file name."""
    return {
        f"{job.name}.py": _source_script(lake, lake.sources[job.name]) if job.is_source else _Script(lake, job).render()
        for job in plan_jobs(lake).values()
    }


def _source_script(lake: CompiledLake, source: CompiledSource) -> str:
    made = statement(source_call(lake, source))
    return render(
        "glue_job/script.py.j2",
        docstring=source_docstring(lake, source),
        arguments=["JOB_NAME", "landing_root", "lake_root", "database"],
        imports=_imports("expect." in made, set()),
        spark=False,
        nodes=[
            {
                "comment": comment(f"Source data, {FORMATS[source.format]}: decoded, checked, then published"),
                "code": made,
            }
        ],
    )


def _imports(expects: bool, functions: AbstractSet[str]) -> list[str]:
    named = ", ".join(sorted(functions - {"spark", "Window"}))
    return [
        f"from lake import Lake{', expect' if expects else ''}",
        "from pyspark.context import SparkContext",
        *(["from pyspark.sql import Window"] if "Window" in functions else []),
        *([f"from pyspark.sql.functions import {named}"] if named else []),
    ]


class _Script:
    """The script of a table."""

    def __init__(self, lake: CompiledLake, job: Job) -> None:
        self.lake = lake
        self.job = job
        self.table = lake.tables[job.name]
        self.names = Names()
        self.variables: dict[str, str] = {}
        self.functions: set[str] = set()

    def render(self) -> str:
        nodes = [*self.inputs(), *self.queries(), *self.asked(), *self.target()]
        return render(
            "glue_job/script.py.j2",
            docstring=docstring(self.lake, self.table, self.job),
            arguments=["JOB_NAME", "lake_root", "database"],
            imports=_imports(any("expect." in node.code for node in nodes), self.functions),
            spark="spark" in self.functions,
            nodes=[{"comment": comment(node.comment), "code": at_run_time(node.code)} for node in nodes],
        )

    def inputs(self) -> Iterator[ScriptNode]:
        for name in self.job.inputs:
            is_source = name in self.lake.sources
            self.variables[name] = self.names.new(name, "source" if is_source else "table")
            described = (self.lake.sources[name] if is_source else self.lake.tables[name]).description
            text = f"{'Rows of the source' if is_source else 'Published table'}: {described or name}"
            yield ScriptNode(text, statement(call("lake.table", Text(name)), f"{self.variables[name]} = "))

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
        for name in self.job.asked:
            what = "Rows of the source" if name in self.lake.sources else "Published table"
            yield ScriptNode(f"{what} that only the checks ask: {name}", statement(call("lake.table", Text(name))))
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
