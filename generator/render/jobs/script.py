"""The scripts of the jobs: nodes in a row for a job of one step, and a function a step for one of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.jobs.plan import Job, Step, plan_jobs, plan_steps
from generator.jobs.spark_text import spark_name
from generator.plan.lake import CompiledLake
from generator.render.jobs.layout import INDENT, Code, Node, Text, call, listed, statement
from generator.render.jobs.literals import at_run_time
from generator.render.jobs.names import Names
from generator.render.jobs.nodes import QueryNodes, ScriptNode
from generator.render.jobs.prose import comment, docstring, job_docstring, source_docstring
from generator.render.jobs.reads import FORMATS, expect, layout_options, source_call, table_checks
from generator.render.templates import render
from generator.runtime.steps import MAKE


def render_jobs(lake: CompiledLake) -> dict[str, str]:
    """The text of every job's script, by file name."""
    return {
        f"{job.name}.py": _group_script(lake, job) if job.is_group else _script(lake, job.only)
        for job in plan_jobs(lake).values()
    }


def render_steps(lake: CompiledLake) -> dict[str, str]:
    """What makes each source and table, by its name: a script, as if it had a job of its own."""
    return {step.name: _script(lake, step) for step in plan_steps(lake).values()}


def render_grouped_steps(lake: CompiledLake) -> dict[str, str]:
    """The same of those whose jobs make several."""
    groups = (job for job in plan_jobs(lake).values() if job.is_group) if lake.jobs else ()
    return {step.name: _script(lake, step) for job in groups for step in job.steps}


def step_code(lake: CompiledLake, step: Step) -> tuple[str, str]:
    """The code by which a table's step makes its rows, and that which asks something of them and publishes them."""
    written = _Written(lake, step)
    rows = [node.code for node in (*written._inputs(), *written._queries())]
    target = [node.code for node in (*written._asked(), *written._target())]
    return at_run_time("\n".join(rows)), at_run_time("\n".join(target))


def _script(lake: CompiledLake, step: Step) -> str:
    written = _Written(lake, step)
    nodes = written.nodes()
    return render(
        "glue_job/script.py.j2",
        docstring=written.docstring(),
        arguments=_arguments(step.is_source),
        imports=_imports([*(["expect"] if written.expects else [])], written.functions),
        spark="spark" in written.functions,
        nodes=nodes,
    )


def _group_script(lake: CompiledLake, job: Job) -> str:
    written = [_Written(lake, step, INDENT) for step in job.steps]
    steps = [
        {"function": f"{MAKE}{one.step.name}", "docstring": one.docstring(), "nodes": one.nodes()} for one in written
    ]
    functions = set().union(*(one.functions for one in written))
    expects = ["expect"] if any(one.expects for one in written) else []
    run = statement(call("run_steps", *(Code(f"{MAKE}{step.name}") for step in job.steps)))
    return render(
        "glue_job/group.py.j2",
        docstring=job_docstring(lake, job, _place(lake, job)),
        arguments=_arguments(any(step.is_source for step in job.steps)),
        imports=_imports([*expects, "run_steps"], functions),
        spark="spark" in functions,
        steps=steps,
        run=run,
    )


def _place(lake: CompiledLake, job: Job) -> str:
    return f"{lake.jobs[job.name].file} (jobs.{job.name})"


def _arguments(reads_landing: bool) -> list[str]:
    return ["JOB_NAME", *(["landing_root"] if reads_landing else []), "lake_root", "database"]


def _imports(more: list[str], functions: set[str]) -> list[str]:
    named = ", ".join(sorted(functions - {"spark", "Window"}))
    return [
        f"from lake import {', '.join(['Lake', *more])}",
        "from pyspark.context import SparkContext",
        *(["from pyspark.sql import Window"] if "Window" in functions else []),
        *([f"from pyspark.sql.functions import {named}"] if named else []),
    ]


@dataclass
class _Written:
    """The code of a step.

    Attributes:
        indent: what each line begins with.
        functions: what it needs of `pyspark.sql.functions`, after `nodes`.
        expects: whether it needs `expect`.
    """

    lake: CompiledLake
    step: Step
    indent: str = ""
    functions: set[str] = field(default_factory=set)
    expects: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def docstring(self) -> str:
        if self.step.is_source:
            return source_docstring(self.lake, self.lake.sources[self.step.name], self.indent)
        return docstring(self.lake, self.lake.tables[self.step.name], self.step, self.indent)

    def nodes(self) -> list[Mapping[str, str]]:
        """Its nodes, for a template: each with a comment and code."""
        made = list(self._source() if self.step.is_source else self._table())
        self.expects = any("expect." in node.code for node in made)
        return [{"comment": comment(node.comment, self.indent), "code": self._timed(node.code)} for node in made]

    def _timed(self, code: str) -> str:
        return code if self.step.is_source else at_run_time(code)

    def _source(self) -> Iterator[ScriptNode]:
        source = self.lake.sources[self.step.name]
        text = f"Source data, {FORMATS[source.format]}: decoded, checked, then published"
        yield ScriptNode(text, self._statement(source_call(self.lake, source)))

    def _table(self) -> Iterator[ScriptNode]:
        yield from self._inputs()
        yield from self._queries()
        yield from self._asked()
        yield from self._target()

    def _statement(self, node: Node, lead: str = "") -> str:
        return statement(node, lead, self.indent)

    def _inputs(self) -> Iterator[ScriptNode]:
        for name in self.step.inputs:
            is_source = name in self.lake.sources
            self.variables[name] = self.names.new(name, "source" if is_source else "table")
            described = (self.lake.sources[name] if is_source else self.lake.tables[name]).description
            text = f"{'Rows of the source' if is_source else 'Published table'}: {described or name}"
            yield ScriptNode(text, self._statement(call("lake.table", Text(name)), f"{self.variables[name]} = "))

    def _queries(self) -> Iterator[ScriptNode]:
        made = (*self.step.views, self.step.name)
        for name in made:
            self.variables[name] = self.names.new(name, "table")
        for name in made:
            table, variable = self.lake.tables[name], self.variables[name]
            query = QueryNodes(self.lake, table, self.variables, self.names, variable, self.indent)
            first, *rest = query.write()
            view = f"View {name}. " if name in self.step.views else ""
            yield ScriptNode(view + first.comment, first.code)
            yield from rest
            self.functions |= query.functions

    def _asked(self) -> Iterator[ScriptNode]:
        """What only the checks ask: known to them by name."""
        for name in self.step.asked:
            what = "Rows of the source" if name in self.lake.sources else "Published table"
            read = self._statement(call("lake.table", Text(name)))
            yield ScriptNode(f"{what} that only the checks ask: {name}", read)
        checks = table_checks(self.lake, self.lake.tables[self.step.name])
        asked = {name for check in checks for name in check.relations}
        for view in [name for name in self.step.views if name in asked]:
            define = call(f"{self.variables[view]}.createOrReplaceTempView", Text(spark_name(view)))
            yield ScriptNode(f"View that the checks ask: {view}", self._statement(define))

    def _target(self) -> Iterator[ScriptNode]:
        table = self.lake.tables[self.step.name]
        checks = [expect(check) for check in table_checks(self.lake, table)]
        options: dict[str, Node] = {"checks": listed(checks)} if checks else {}
        options["keep_versions"] = Code(str(table.keep_versions))
        options |= layout_options(table.layout)
        publish = call("lake.publish", Text(table.name), Code(self.variables[table.name]), **options)
        yield ScriptNode("Target table: written, checked, then published", self._statement(publish))
