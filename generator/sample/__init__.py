"""A synthetic sample of the STEDI landing data: same shape, same counts, invented people.

Importing it loads DuckDB, so commands that don't make samples import it late.
"""

from generator.sample.counts import Dirt, SampleError, SampleReport
from generator.sample.write import write_sample

__all__ = ["Dirt", "SampleError", "SampleReport", "write_sample"]
