"""`build/terraform`: the module that provisions a lake.

The files of `templates/terraform` are the same for every lake. What differs stands in the `lake_*.tf` files, as local
values that the others go through with `for_each`.
"""

from __future__ import annotations

from typing import Any

from generator.jobs.plan import plan_jobs
from generator.plan.lake import CompiledLake
from generator.render.athena import named_queries
from generator.render.quality import render_rulesets
from generator.render.templates import render, templates_folder
from generator.render.terraform.alarms import alarm_rules
from generator.render.terraform.catalog import MAX_DESCRIPTION, catalog_sources, catalog_tables, shortened
from generator.render.terraform.hcl import to_hcl
from generator.render.terraform.jobs import job_values
from generator.render.terraform.limits import LimitError, advice, check_limits
from generator.render.terraform.workflow import start_jobs, trigger_values

__all__ = ["LimitError", "advice", "render_terraform"]

FOLDER = "terraform"


def render_terraform(lake: CompiledLake) -> dict[str, str]:
    """The module's files, by their paths below the build folder.

    Raises:
        LimitError: AWS can't hold this lake.
    """
    files = {f"{FOLDER}/{name}": text for name, text in _common_files().items()}
    for name, values in _lake_values(lake).items():
        texts = {key: to_hcl(value, level=1) for key, value in values.items()}
        files[f"{FOLDER}/{name}.tf"] = render(f"terraform/{name}.tf.j2", **texts)
    return dict(sorted(files.items()))


def _common_files() -> dict[str, str]:
    folder = templates_folder() / FOLDER
    paths = (*folder.glob("*.tf"), *folder.glob("*.md"), *folder.glob("tests/*.tftest.hcl"))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _lake_values(lake: CompiledLake) -> dict[str, dict[str, Any]]:
    """The local values of each file that is particular to the lake."""
    jobs = plan_jobs(lake)
    rulesets = render_rulesets(lake)
    check_limits(lake, jobs, rulesets)
    return {
        "lake": {
            "lake": lake.name,
            "description": shortened(lake.description, MAX_DESCRIPTION),
            "queries": named_queries(lake),
        },
        "lake_sources": {"sources": catalog_sources(lake)},
        "lake_tables": {"tables": catalog_tables(lake)},
        "lake_jobs": {
            "jobs": job_values(lake, jobs),
            "makers": {step: job.name for job in jobs.values() for step in job.makes},
            "alarm_rules": alarm_rules(lake.name, jobs),
        },
        "lake_workflow": {"start": _start(start_jobs(jobs)), "triggers": trigger_values(jobs)},
        "lake_quality": {"rulesets": rulesets},
    }


def _start(jobs: list[str]) -> dict[str, list[str]]:
    return {"start": jobs} if jobs else {}
