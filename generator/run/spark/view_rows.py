"""How many rows a view has: no script counts them, and a table's report tells how many it began with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from generator.jobs.spark_text import NOW, READABLE_SPARK, TODAY
from generator.plan.emit import emit
from generator.plan.lake import CompiledLake
from generator.run.spark.events import Events
from generator.run.spark.scripts import Scripts


@dataclass(slots=True)
class ViewRows:
    """Counts the rows of views, each once, as a script of its own would.

    Attributes:
        arguments: of the scripts.
    """

    lake: CompiledLake
    scripts: Scripts
    arguments: Mapping[str, str]
    counted: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> int | None:
        """The rows of a view whose inputs are published; None if they can't be counted: the log says why."""
        if name not in self.counted:
            self.scripts.attempt(lambda: self._count(name), {"JOB_NAME": name, **self.arguments}, Events())
        return self.counted.get(name)

    def _count(self, name: str) -> None:
        from pyspark import SparkContext

        context = import_module("awsglue.context").GlueContext(SparkContext.getOrCreate())
        lake = import_module("lake").Lake(context, self.arguments)
        for one in dict.fromkeys(self._with_its_own(name)):
            if one in self.lake.tables and self.lake.tables[one].is_view:
                context.spark_session.sql(self._sql(one, lake)).createOrReplaceTempView(f"`{one}`")
            else:
                lake.table(one)
        context.spark_session.sparkContext.setJobDescription(f"{name}: count")
        self.counted[name] = context.spark_session.table(f"`{name}`").count()

    def _with_its_own(self, name: str) -> Iterator[str]:
        """A view, after all that it reads."""
        if name in self.lake.tables and self.lake.tables[name].is_view:
            for one in self.lake.tables[name].inputs:
                yield from self._with_its_own(one)
        yield name

    def _sql(self, view: str, lake: Any) -> str:
        text = emit(self.lake.tables[view].query, READABLE_SPARK)
        return text.replace(NOW, lake.now).replace(TODAY, lake.today)
