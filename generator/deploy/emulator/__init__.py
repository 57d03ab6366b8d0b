"""An AWS on this machine, for a lake to be deployed to, run and queried without an account.

It is moto's server in a process of its own, changed where moto lacks what a lake needs (`patches`), with Glue jobs that
run on local Spark (`job_runs`, `spark`, `worker`) and Athena queries that DuckDB answers (`queries`), both over folders
that mirror the buckets (`mirror`). `process` starts and stops it; `server` is what runs there.
"""

from generator.deploy.emulator.process import REGION, Emulator, EmulatorError
from generator.deploy.emulator.spark import SparkPlace

__all__ = ["REGION", "Emulator", "EmulatorError", "SparkPlace"]
