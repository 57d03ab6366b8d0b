"""Deployed things to look at, put there without Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.deploy import workflow
from generator.deploy.aws import Aws

PARQUET = {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}
RUNS = ("20261122T020000-cccccc", "20261121T020000-bbbbbb", "20261120T020000-aaaaaa")
"""Newest first."""


def create_table(aws: Aws, database: str, bucket: str, name: str, versions: Sequence[tuple[str, int]] = ()) -> None:
    """A table with published versions, newest first, each with an object in its folder."""
    kept = [{"run": run, "location": f"s3://{bucket}/tables/{name}/{run}/", "rows": rows} for run, rows in versions]
    location, parameters = f"s3://{bucket}/tables/{name}/empty/", {"classification": "parquet"}
    if kept:
        location = kept[0]["location"]
        parameters |= {
            "lake_run": str(kept[0]["run"]),
            "lake_rows": str(kept[0]["rows"]),
            "lake_versions": json.dumps(kept),
        }
    columns: Any = [{"Name": "id", "Type": "bigint", "Comment": "which"}]
    storage: Any = {"Columns": columns, "Location": location, "SerdeInfo": PARQUET}
    table: Any = {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, "Parameters": parameters}
    aws.glue.create_table(DatabaseName=database, TableInput=table)
    for version in kept:
        key = str(version["location"]).removeprefix(f"s3://{bucket}/") + "part-0.parquet"
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"rows")


def create_workflow(
    aws: Aws, bucket: str, name: str, scripts: Mapping[str, str], after: Mapping[str, Sequence[str]], retries: int = 0
) -> None:
    """A workflow whose jobs are scripts; `after` says for which jobs one waits."""
    for job, script in scripts.items():
        aws.s3.put_object(Bucket=bucket, Key=f"jobs/{job}.py", Body=script.encode())
        aws.glue.create_job(
            Name=f"{name}-{job}",
            Role="role",
            Command={"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/jobs/{job}.py"},
            DefaultArguments={"--word": "hello", "--custom-logGroup-prefix": f"/aws-glue/jobs/{name}"},
            MaxRetries=retries,
            GlueVersion="6.0",
        )
    aws.glue.create_workflow(Name=name, MaxConcurrentRuns=1)
    first: Any = [{"JobName": f"{name}-{job}"} for job in scripts if job not in after]
    aws.glue.create_trigger(Name=f"{name}-start", WorkflowName=name, Type="ON_DEMAND", Actions=first)
    for job, others in after.items():
        conditions: Any = [
            {"LogicalOperator": "EQUALS", "JobName": f"{name}-{one}", "State": "SUCCEEDED"} for one in others
        ]
        aws.glue.create_trigger(
            Name=f"{name}-run-{job}",
            WorkflowName=name,
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate={"Logical": "AND", "Conditions": conditions},
            Actions=[{"JobName": f"{name}-{job}"}],
        )


def run_workflow(aws: Aws, name: str) -> workflow.RunState:
    """Starts a workflow, and waits for its end."""
    return workflow.follow(aws, name, workflow.start(aws, name), lambda state: None, 0.02)
