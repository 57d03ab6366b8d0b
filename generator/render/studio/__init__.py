"""Jobs as graphs of Glue Studio, for its visual editor: what the Glue API's `CreateJob` takes to make a visual job.

A graph shows what the script does, and its nodes compute the same; but the quarantine of landing data and publishing
are the runtime's, so each target is a folder of its own, never the published table. `${bucket}`, `${database}` and
`${role}` are for the reader to fill in.
"""

from __future__ import annotations

from typing import Any

from generator.jobs.plan import Job, plan_jobs
from generator.jobs.spark_text import NOW, TODAY
from generator.plan.lake import CompiledLake
from generator.render.json_text import json_text
from generator.render.studio.graph import BUCKET, graph

__all__ = ["render_studio"]

_GLUE = {"GlueVersion": "5.1", "WorkerType": "G.1X", "NumberOfWorkers": 2, "Timeout": 60, "MaxRetries": 0}


_SIZES = {"type": "WorkerType", "count": "NumberOfWorkers"}


def _glue(job: Job) -> dict[str, Any]:
    """What the job runs on."""
    said = {_SIZES[key]: value for key, value in job.settings.workers.items()}
    timeout = {"Timeout": job.settings.timeout} if job.settings.timeout is not None else {}
    kind = {"ExecutionClass": job.settings.execution_class.upper()} if job.settings.execution_class else {}
    return {**_GLUE, **said, **timeout, **kind}


def render_studio(lake: CompiledLake) -> dict[str, str]:
    """The text of each job, by file name."""
    jobs = plan_jobs(lake).values()
    return {f"{job.name}.json": _in_its_own_words(_job(lake, job)) for job in jobs}


def _in_its_own_words(job: dict[str, Any]) -> str:
    """A job as JSON; in a graph, the time is that of the node."""
    text = json_text(job)
    return text.replace(NOW, "current_timestamp()").replace(TODAY, "current_date()")


def _job(lake: CompiledLake, job: Job) -> dict[str, Any]:
    """A visual job. Glue writes the script that it makes of the nodes to the place that is named here."""
    script = f"s3://{BUCKET}/studio/{job.name}.py"
    return {
        "Name": f"{job.name}-studio",
        "JobMode": "VISUAL",
        "Role": "${role}",
        "Command": {"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": script},
        **_glue(job),
        "CodeGenConfigurationNodes": graph(lake, job),
    }
