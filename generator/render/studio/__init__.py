"""Jobs as graphs of Glue Studio, for its visual editor: `CodeGenConfigurationNodes` of the Glue API's `CreateJob`.

A graph shows what the script does, and its nodes compute the same; but the quarantine of landing data and publishing
are the runtime's, so the target is a folder of its own, never the published table. `${bucket}` and `${database}` are
for the reader to fill in, such as with `envsubst`.
"""

from __future__ import annotations

import json

from generator.jobs.plan import plan_jobs
from generator.plan.lake import CompiledLake
from generator.render.studio.graph import graph

__all__ = ["render_studio"]


def render_studio(lake: CompiledLake) -> dict[str, str]:
    """The text of each job's graph, by file name."""
    return {
        f"{job.table}.json": json.dumps(
            {"Name": f"{job.table}-studio", "CodeGenConfigurationNodes": graph(lake, job)}, indent=2, ensure_ascii=False
        )
        + "\n"
        for job in plan_jobs(lake).values()
    }
