"""Deployed things to look at, put there without Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.deploy import workflow
from generator.deploy.aws import Aws
from generator.runtime.versions import VERSIONS

RUNS = ("20261122T020000-cccccc", "20261121T020000-bbbbbb", "20261120T020000-aaaaaa")
"""Newest first."""


def create_iceberg_table(
    aws: Aws, database: str, bucket: str, folder: str, columns: Mapping[str, str], description: str = ""
) -> None:
    """A table without rows, as Terraform makes it; `folder` is such as `tables/people`, and ends with its name."""
    described: Any = [{"Name": name, "Type": kind, "Comment": f"the {name}"} for name, kind in columns.items()]
    table: Any = {
        "Name": folder.split("/")[-1],
        "Description": description,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"lake_owner": "somebody"},
        "StorageDescriptor": {"Columns": described, "Location": f"s3://{bucket}/{folder}"},
    }
    asked: Any = {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}}
    aws.glue.create_table(DatabaseName=database, TableInput=table, OpenTableFormatInput=asked)


def publish(aws: Aws, database: str, name: str, run: str, rows: Any, **noted: Any) -> None:
    """A version of a table more: rows as a table of Arrow, and what a run notes of them."""
    table = load_table(aws, database, name)
    with table.transaction() as change:
        change.overwrite(rows.cast(table.schema().as_arrow()))
    columns = [(one["Name"], one["Type"]) for one in columns_of(aws, database, name)]
    current = table.current_snapshot()
    assert current is not None
    version = {
        "run": run,
        "snapshot": current.snapshot_id,
        "rows": len(rows),
        "columns": columns,
        "checks": noted.get("checks", {}),
        "read": noted.get("read", {}),
        "inputs": noted.get("inputs", {}),
        "row_file": noted.get("row_file", ""),
    }
    before = json.loads(table.properties.get(VERSIONS, "[]"))
    with table.transaction() as change:
        change.set_properties({VERSIONS: json.dumps([version, *before])})


def load_table(aws: Aws, database: str, name: str) -> Any:
    """A table as pyiceberg has it."""
    from pyiceberg.catalog.glue import GlueCatalog

    catalog = GlueCatalog("glue", client=aws.glue, **{"py-io-impl": "tests.unit.deploy.objects.Objects"})
    return catalog.load_table((database, name))


def columns_of(aws: Aws, database: str, name: str) -> Any:
    return aws.glue.get_table(DatabaseName=database, Name=name)["Table"]["StorageDescriptor"]["Columns"]


def create_table(aws: Aws, database: str, bucket: str, name: str, versions: Sequence[tuple[str, int]] = ()) -> None:
    """A table with published versions, newest first, of so many rows."""
    import pyarrow as pa

    create_iceberg_table(aws, database, bucket, f"tables/{name}", {"id": "bigint"}, "Somebody.")
    for run, rows in reversed(versions):
        publish(aws, database, name, run, pa.table({"id": range(rows)}))


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
