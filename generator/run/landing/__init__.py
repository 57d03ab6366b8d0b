"""Landing data in DuckDB: each line of raw data is in the table or, with the reason, in its quarantine."""

from generator.run.landing.model import (
    LandingColumn,
    LandingError,
    LandingReport,
    LandingSource,
    Reason,
)
from generator.run.landing.reader import read_landing
from generator.run.landing.tables import landing_table, quarantine_table

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
