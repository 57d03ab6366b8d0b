"""Landing data in DuckDB: each line of raw data is in the table or, with the reason, in its quarantine."""

from generator.run.landing.model import LandingError, LandingReport, LandingSource
from generator.run.landing.reader import read_landing
from generator.run.landing.tables import landing_table, quarantine_table
from generator.runtime.rules import LandingColumn, Reason

__all__ = [
    "LandingColumn",
    "LandingError",
    "LandingReport",
    "LandingSource",
    "Reason",
    "landing_table",
    "quarantine_table",
    "read_landing",
]
