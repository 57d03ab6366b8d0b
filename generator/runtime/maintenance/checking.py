"""Checks of a table that is kept, as Spark asks them of the rows alone that can break them now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..expectations import Expectation, audit
from .names import ADDED, REACHED
from .program import KeptCheck
from .spark_engine import SparkEngine

CAME = "#values that came"


@dataclass(frozen=True, slots=True)
class Checker:
    """Evaluates checks of one table.

    Attributes:
        checks: those of the table; `kept` has the same as they are asked of some rows.
    """

    engine: SparkEngine
    table: str
    checks: Sequence[Expectation]
    kept: Sequence[KeptCheck]

    def violations(self, numbers: Sequence[int]) -> list[int]:
        """How many rows of the table break some checks."""
        return self._asked([self.checks[number] for number in numbers], self.engine.name(self.table))

    def broken_by_what_came(self, numbers: Collection[int]) -> set[int]:
        """Which of some checks rows that came may break."""
        came = self.engine.name(ADDED + self.table)
        single = [one for one in numbers if self.kept[one].came]
        asked = [replace(self.checks[one], sql=self.kept[one].came or "") for one in single]
        broken = {one for one, found in zip(single, self._asked(asked, came), strict=True) if found}
        unique = (one for one in numbers if self.checks[one].kind == "unique" and not self.checks[one].of)
        return broken | {one for one in unique if self._repeats(one, came)}

    def broken_by_what_was_asked(self, numbers: Collection[int]) -> set[int]:
        """Which of some checks may be broken since what they ask has changed."""
        return {one for one in numbers if self._is_broken_by_reached(one)}

    def _is_broken_by_reached(self, number: int) -> bool:
        kept = self.kept[number]
        self.engine.define(REACHED, kept.reached or "")
        asked = replace(self.checks[number], sql=kept.again)
        return self._asked([asked], self.engine.name(REACHED))[0] > 0

    def _repeats(self, number: int, came: str) -> bool:
        """Whether rows that came share values with others, or each other."""
        engine, columns = self.engine, self.checks[number].columns
        named = ", ".join(f"{engine.name(one)} AS _{place}" for place, one in enumerate(columns))
        engine.define(CAME, f"SELECT {named} FROM {came}")
        rows = engine.rows(engine.name(self.table), engine.at(columns, CAME, engine.semi))
        return self._asked([self.checks[number]], f"({rows})")[0] > 0

    def _asked(self, checks: Sequence[Expectation], rows: str) -> list[int]:
        if not checks:
            return []
        session = self.engine.session
        found = audit(session, session.sql(f"SELECT * FROM {rows}").alias(self.table), checks)
        return [one.violations for one in found.outcomes]
