"""The scripts of the Glue jobs."""

from generator.render.jobs.script import render_jobs

__all__ = ["render_jobs"]
