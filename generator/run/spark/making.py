"""Makes a table on local Spark: by what changed in its inputs, or by its script.

What is kept by what changed doesn't run the script; it is the plan's query all the same, as Spark SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from generator.jobs.delta_sql import build_asked, build_delta
from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.proof_rules import proof_rules
from generator.jobs.spark_checks import SparkCheck, kept_check, spark_check
from generator.jobs.spark_text import NOW, TODAY
from generator.plan.emit import SPARK, emit
from generator.plan.lake import CompiledLake
from generator.plan.maintenance.verdict import judged
from generator.run.maintenance.spark_engine import FolderEngine, SparkFiles
from generator.run.making import MadeTable, Making
from generator.run.program import TableProgram
from generator.run.report import CheckReport, TableReport
from generator.run.spark.currency import Currency
from generator.run.unchanged import Fingerprint, all_inputs
from generator.runtime.expectations import Expectation
from generator.runtime.maintenance.checking import Checker
from generator.runtime.maintenance.program import InputProgram


@dataclass(slots=True)
class SparkMaking(Making):
    """One table.

    Attributes:
        time: the time of the run and its day in Spark SQL.
        script: makes all of it, for a reason, and publishes it.
        rows: the rows that it starts from, where that is known.
    """

    engine: FolderEngine
    compiled: CompiledLake
    currency: Currency
    time: tuple[str, str]
    script: Callable[[str], TableReport]
    rows: int | None

    def fingerprint(self) -> Fingerprint:
        return self.currency.table_program(self.table)

    def new_files(self) -> SparkFiles:
        new_folder = lambda: self.lake.new_version("tables", self.table.name, self.run)  # noqa: E731
        return SparkFiles(self.engine, self.lake.root.resolve(), self.table.columns, new_folder)

    def kept(self) -> TableProgram:
        self._show_inputs()
        _, found = judged(self.compiled, self.compiled.tables[self.table.name])
        return replace(self.table, delta=build_delta(self.compiled, found, SPARK) if found is not None else None)

    def _show_inputs(self) -> None:
        """Makes the rows of all inputs known by their names, and the views that checks ask."""
        views = {one.name for one in self.program.tables if one.is_view}
        wanted = set(all_inputs(self.program, self.table))
        catalog = self.lake.catalog()
        for name in wanted - views:
            if entry := catalog.entry(name):
                self.engine.show(name, entry.current.files, entry.columns)
        for name in (one.name for one in self.program.tables if one.name in wanted & views):
            self.engine.define(name, emit(self.compiled.tables[name].query, SPARK))

    def show(self, files: tuple[str, ...]) -> None:
        self._show_inputs()
        self.engine.show(self.table.name, files, self.table.columns)

    def anew(self, program: Fingerprint, inputs: Mapping[str, str], reason: str) -> MadeTable:
        return MadeTable(self.script(reason))

    def rows_in(self) -> int | None:
        return self.rows

    # Checks ------------------------------------------------------------------------------------------

    def evaluated(self, numbers: Collection[int]) -> Mapping[int, CheckReport]:
        found = self._checker.violations(list(numbers))
        checks = (self.table.checks[number] for number in numbers)
        told = (
            CheckReport(check.name, check.kind, check.blocking, violations, of=check.of)
            for check, violations in zip(checks, found, strict=True)
        )
        return dict(zip(numbers, told, strict=True))

    def broken_by_what_came(self, numbers: Collection[int]) -> Collection[int]:
        return self._checker.broken_by_what_came(numbers)

    def asked(self) -> tuple[InputProgram, ...]:
        return build_asked(self.compiled, SPARK)

    def broken_by_what_was_asked(self, numbers: Collection[int]) -> Collection[int]:
        return self._checker.broken_by_what_was_asked(numbers)

    @property
    def _checker(self) -> Checker:
        table = self.compiled.tables[self.table.name]
        rules = (*proof_rules(self.compiled, table), *expectation_rules(self.compiled, table))
        checks = [self._expectation(spark_check(rule)) for rule in rules]
        kept = [kept_check(rule, check.asks) for rule, check in zip(rules, self.table.checks, strict=True)]
        return Checker(self.engine, table.name, checks, kept)

    def _expectation(self, check: SparkCheck) -> Expectation:
        arguments = [one.replace(NOW, self.time[0]).replace(TODAY, self.time[1]) for one in check.arguments]
        unique = check.function == "unique"
        return Expectation(
            check.function,
            check.name,
            check.blocking,
            sql="" if unique or not arguments else arguments[0],
            columns=tuple(arguments) if unique else (),
            least=check.bounds.get("min"),
            most=check.bounds.get("max"),
            of=check.of,
        )
