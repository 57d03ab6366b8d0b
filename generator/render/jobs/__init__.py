"""The scripts of the Glue jobs."""

from generator.render.jobs.script import render_grouped_steps, render_jobs, render_steps

__all__ = ["render_grouped_steps", "render_jobs", "render_steps"]
