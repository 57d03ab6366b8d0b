"""The module with the real Terraform and provider, planned and applied against the embedded AWS."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import boto3
import pytest

from generator.deploy.emulator import Emulator
from generator.render.athena import render_athena
from generator.render.terraform import render_terraform
from tests.unit.render.terraform.module_folder import (
    QUICK,
    ROOT,
    SPECS,
    Terraform,
    changes,
    compiled,
    planned,
    write_module,
)

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

STEDI = SPECS["stedi"].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def aws(need: Callable[[object, str], None]) -> Iterator[Emulator]:
    need(shutil.which("terraform"), "terraform isn't installed")
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def stedi(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """The lake, applied once."""
    root = write_module(compiled(STEDI), tmp_path_factory.mktemp("stedi"))
    terraform = Terraform(root, aws.environment())
    terraform("init", "-input=false")
    terraform("validate")
    terraform.variables(**{**QUICK, "kms_key_arn": open_key(aws)})
    terraform("apply", "-input=false", "-auto-approve")
    return terraform


def open_key(aws: Emulator) -> str:
    """The ARN of a key that lets the services in that the module asks for."""
    use = {"Effect": "Allow", "Principal": {"Service": ["logs.us-east-1.amazonaws.com", "events.amazonaws.com"]}}
    policy = {"Version": "2012-10-17", "Statement": [{**use, "Action": "kms:*", "Resource": "*"}]}
    made = client(aws, "kms").create_key(Policy=json.dumps(policy))
    return str(made["KeyMetadata"]["Arn"])


def client(aws: Emulator, service: str) -> Any:
    variables = aws.environment()
    return boto3.client(
        service,
        region_name=aws.region,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        verify=variables["AWS_CA_BUNDLE"],
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def rebuild(terraform: Terraform, spec: str) -> None:
    write_module(compiled(spec), terraform.folder.parent)


def test_a_second_plan_is_empty(stedi: Terraform) -> None:
    rebuild(stedi, STEDI)
    done = stedi("plan", "-input=false", "-detailed-exitcode", "-no-color", codes=(0, 2))
    assert done.returncode == 0, done.stdout


def test_outputs_name_the_lake(stedi: Terraform) -> None:
    outputs = {name: one["value"] for name, one in json.loads(stedi("output", "-json").stdout).items()}
    assert outputs["database"] == "stedi_dev"
    assert outputs["workflow"] == outputs["athena_workgroup"] == "stedi-dev"
    assert outputs["bucket"] == "stedi-dev-data-123456789012"
    assert outputs["region"] == "us-east-1"
    assert all(link.startswith("https://") for link in outputs["console"].values())


def test_what_is_deployed_is_what_was_built(aws: Emulator, stedi: Terraform) -> None:
    rebuild(stedi, STEDI)
    job = client(aws, "glue").get_job(JobName="stedi-dev-accelerometer_trusted")["Job"]
    arguments = job["DefaultArguments"]
    s3 = client(aws, "s3")
    for place in (job["Command"]["ScriptLocation"], *arguments["--extra-py-files"].split(",")):
        bucket, key = place.removeprefix("s3://").split("/", 1)
        found = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        name, _, built = PurePosixPath(key).stem.rpartition("-")
        local = stedi.folder.parent / "build/jobs" / f"{name}{PurePosixPath(key).suffix}"
        assert found == local.read_bytes() and sha256(found).hexdigest().startswith(built) and len(built) == 16
    source = client(aws, "glue").get_job(JobName="stedi-dev-accelerometer_landing")["Job"]["DefaultArguments"]
    assert source["--landing_root"] == "s3://stedi-dev-data-123456789012/landing" and "--landing_root" not in arguments
    assert arguments["--lake_root"] == "s3://stedi-dev-data-123456789012"
    assert arguments["--database"] == "stedi_dev"
    settings = dict(one.split("=", 1) for one in arguments["--conf"].split(" --conf "))
    assert settings["spark.hadoop.fs.s3a.endpoint.region"] == "us-east-1"
    assert settings["spark.sql.catalog.glue_catalog.catalog-impl"] == "org.apache.iceberg.aws.glue.GlueCatalog"
    assert settings["spark.sql.catalog.glue_catalog.warehouse"].startswith("s3://stedi-dev-data-123456789012/")
    assert arguments["--datalake-formats"] == "iceberg"
    bucket, key = arguments["--descriptions"].removeprefix("s3://").split("/", 1)
    said = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert said["customer_trusted"]["description"] and "Personal" in said["customer_trusted"]["columns"]["email"]
    assert not {"--JOB_NAME", "--mode", "--debug"} & set(arguments)
    assert (job["GlueVersion"], job.get("MaxRetries", 0), job["Timeout"]) == ("5.1", 0, 60)
    assert (job["ExecutionClass"], arguments["--enable-auto-scaling"]) == ("STANDARD", "true")
    assert job["Command"]["PythonVersion"] == "3"
    assert job["ExecutionProperty"]["MaxConcurrentRuns"] == 1


def test_named_queries_are_the_files(aws: Emulator, stedi: Terraform) -> None:
    athena = client(aws, "athena")
    ids = athena.list_named_queries(WorkGroup="stedi-dev")["NamedQueryIds"]
    queries = [athena.get_named_query(NamedQueryId=one)["NamedQuery"] for one in ids]
    assert {f"athena/{one['Name']}.sql": one["QueryString"] for one in queries} == render_athena(compiled(STEDI))


def test_tables_are_there_before_the_first_run(aws: Emulator, stedi: Terraform) -> None:
    table = client(aws, "glue").get_table(DatabaseName="stedi_dev", Name="customer_trusted")["Table"]
    assert table["Parameters"]["table_type"] == "ICEBERG"
    bucket, key = table["Parameters"]["metadata_location"].removeprefix("s3://").split("/", 1)
    assert key.startswith("tables/customer_trusted/metadata/00000-")
    metadata = json.loads(client(aws, "s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    assert (metadata["format-version"], metadata["snapshots"]) == (2, [])
    fields = metadata["schemas"][0]["fields"]
    assert [one["name"] for one in fields] == [one["Name"] for one in table["StorageDescriptor"]["Columns"]]
    assert "Personal" in {one["name"]: one.get("doc", "") for one in fields}["email"]


def commit(aws: Emulator, table: str) -> None:
    """Does in the catalog what a job does that publishes a column more and says something else of the table."""
    glue = client(aws, "glue")
    found = glue.get_table(DatabaseName="stedi_dev", Name=table)["Table"]
    location = found["Parameters"]["metadata_location"]
    noted = {"metadata_location": location.replace("/00000-", "/00001-"), "previous_metadata_location": location}
    columns = [*found["StorageDescriptor"]["Columns"], {"Name": "more", "Type": "int"}]
    storage = {"Columns": columns, "Location": found["StorageDescriptor"]["Location"]}
    glue.update_table(
        DatabaseName="stedi_dev",
        SkipArchive=True,
        VersionId=found["VersionId"],
        TableInput={
            "Name": table,
            "Description": "Another text.",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {**found["Parameters"], **noted},
            "StorageDescriptor": storage,
        },
    )


def test_terraform_leaves_tables_to_the_jobs(aws: Emulator, stedi: Terraform) -> None:
    """What a job commits stays, and what the spec changes of a table comes with the job's next run."""
    commit(aws, "customers_curated")
    rebuild(stedi, STEDI)
    assert changes(stedi.plan()) == {}
    added = STEDI.replace(
        "        on: email = user\n", "        on: email = user\n    add:\n      initial: left(email, 1)\n", 1
    )
    rebuild(stedi, added)
    touched = changes(stedi.plan())
    for made_again in ("descriptions", "upkeep"):
        assert touched.pop(f"module.lake.aws_s3_object.{made_again}") == ["create", "delete"]
    assert touched and all(actions == ["update"] for actions in touched.values()), touched
    assert not any("aws_glue_catalog_table" in address for address in touched)
    stedi("apply", "-input=false", "plan.tfplan")
    table = client(aws, "glue").get_table(DatabaseName="stedi_dev", Name="customers_curated")["Table"]
    assert table["StorageDescriptor"]["Columns"][-1]["Name"] == "more"
    assert "/00001-" in table["Parameters"]["metadata_location"]
    assert changes(stedi.plan()) == {}


def test_a_job_moves_to_another_script_as_a_whole(aws: Emulator, stedi: Terraform) -> None:
    """The new object is there before the job names it; the old one goes last."""
    rebuild(stedi, STEDI)
    stedi("apply", "-input=false", "-auto-approve")
    jobs = stedi.folder.parent / "build/jobs"
    (jobs / "customer_trusted.py").write_text("# another\n")
    script = 'module.lake.aws_s3_object.script["customer_trusted"]'
    moved = {script: ["create", "delete"], 'module.lake.aws_glue_job.this["customer_trusted"]': ["update"]}
    assert changes(stedi.plan()) == moved
    told = [json.loads(line) for line in stedi("apply", "-input=false", "-json", "plan.tfplan").stdout.splitlines()]
    steps = [one["hook"] for one in told if one["type"] == "apply_complete"]
    order = [(one["resource"]["resource_type"], one["action"]) for one in steps]
    assert order == [("aws_s3_object", "create"), ("aws_glue_job", "update"), ("aws_s3_object", "delete")]
    with (jobs / "lake.zip").open("ab") as package:
        package.write(b"\0")
    found = changes(stedi.plan())
    assert found.pop("module.lake.aws_s3_object.runtime") == ["create", "delete"]
    assert found == {address: ["update"] for address in found} and len(found) == 8
    assert all(address.startswith("module.lake.aws_glue_job.this") for address in found)
    rebuild(stedi, STEDI)
    stedi("apply", "-input=false", "-auto-approve")
    assert changes(stedi.plan()) == {}


def test_a_table_that_is_removed_takes_no_data_along(stedi: Terraform) -> None:
    start = STEDI.index("  machine_learning_curated:\n    description")
    end = STEDI.index("row_counts:")
    without = STEDI[:start] + STEDI[end:].replace("  machine_learning_curated: 43681\n", "")
    rebuild(stedi, without)
    deleted = {address for address, actions in changes(stedi.plan()).items() if actions == ["delete"]}
    assert deleted == {
        f"module.lake.{one}"
        for one in (
            'aws_athena_named_query.this["preview_machine_learning_curated"]',
            'aws_cloudwatch_log_group.jobs["machine_learning_curated/error"]',
            'aws_cloudwatch_log_group.jobs["machine_learning_curated/output"]',
            'aws_glue_catalog_table.published["machine_learning_curated"]',
            'aws_glue_data_quality_ruleset.this["machine_learning_curated"]',
            'aws_glue_job.this["machine_learning_curated"]',
            'aws_glue_trigger.after["machine_learning_curated"]',
            'aws_iam_role.job["machine_learning_curated"]',
            'aws_iam_role_policy.job["machine_learning_curated"]',
            'aws_s3_object.script["machine_learning_curated"]',
        )
    }


def test_workers_of_a_job_that_there_is_none_of(stedi: Terraform) -> None:
    rebuild(stedi, (ROOT / "tests/specs/stedi_grouped.yaml").read_text(encoding="utf-8"))
    before = (stedi.folder / "test.auto.tfvars.json").read_text(encoding="utf-8")
    big = {"type": "G.2X", "count": 5}
    try:
        stedi.variables(**json.loads(before), workers_by_job={"people": big, "customer_trusted": big, "nobody": big})
        done = stedi("plan", "-input=false", "-no-color", codes=(1,))
        said = " ".join(re.sub(r"[│\n]", " ", done.stderr + done.stdout).split())
        assert "workers_by_job names what is no job: customer_trusted (job people makes it), nobody." in said
        stedi.variables(**json.loads(before), workers_by_job={"people": big, "step_trainer_trusted": big})
        jobs = planned(stedi.plan(), "aws_glue_job")
        made = {
            name: (one["worker_type"], one["number_of_workers"], one["timeout"], one["execution_class"])
            for name, one in jobs.items()
        }
        assert made == {
            "landing": ("G.1X", 4, 60, "STANDARD"),
            "people": ("G.2X", 5, 30, "STANDARD"),
            "step_trainer_trusted": ("G.2X", 5, 60, "FLEX"),
            "machine_learning_curated": ("G.1X", 2, 60, "STANDARD"),
        }
        assert {name for name, one in jobs.items() if one["job_run_queuing_enabled"]} == set(made) - {
            "step_trainer_trusted"
        }
        assert {name for name, one in jobs.items() if "--landing_root" in one["default_arguments"]} == {"landing"}
    finally:
        (stedi.folder / "test.auto.tfvars.json").write_text(before, encoding="utf-8")
        rebuild(stedi, STEDI)


NAMES = {
    "aws_athena_workgroup": "name", "aws_cloudwatch_event_rule": "name", "aws_cloudwatch_log_group": "name",
    "aws_glue_catalog_database": "name", "aws_glue_data_quality_ruleset": "name", "aws_glue_job": "name",
    "aws_glue_security_configuration": "name", "aws_glue_trigger": "name", "aws_glue_workflow": "name",
    "aws_iam_policy": "name", "aws_iam_role": "name", "aws_kms_alias": "name", "aws_s3_bucket": "bucket",
    "aws_sns_topic": "name", "aws_sqs_queue": "name",
}  # fmt: skip
"""What has to have a name of its own in an account, and the attribute that is that name."""


def test_environments_share_no_name(aws: Emulator, stedi: Terraform, tmp_path: Path) -> None:
    terraform = Terraform(write_module(compiled(STEDI), tmp_path), aws.environment())
    terraform("init", "-input=false")
    found = []
    for environment in ("dev", "prod"):
        terraform.variables(environment=environment)
        plan = terraform.plan()
        found.append({(kind, one[name]) for kind, name in NAMES.items() for one in planned(plan, kind).values()})
        resources = plan["planned_values"]["root_module"]["child_modules"][0]["resources"]
        in_parts = re.compile(
            r"aws_(s3_bucket_|s3_object|sns_topic_|glue_catalog_table|iam_role_policy|athena_named|kms_key)"
        )
        unnamed = {one["type"] for one in resources if one["type"] not in NAMES and not in_parts.match(one["type"])}
        assert unnamed <= {"aws_cloudwatch_event_target", "terraform_data"}
    dev, prod = found
    assert len(dev) == len(prod) > 25
    assert not dev & prod


WORKERS = {"people": ("G.1X", 4), "priced": ("G.2X", 10), "latest": ("G.2X", 5), "kinds": ("G.1X", 2)}
"""Of the spec, of the spec, of `workers_by_job`, and of `workers`."""


@pytest.mark.slow
def test_with_all_that_it_can_do(aws: Emulator, tmp_path: Path) -> None:
    spec = SPECS["everything"].read_text(encoding="utf-8").replace("path: notes/", "path: [notes/, archive/notes/]")
    terraform = Terraform(write_module(compiled(spec), tmp_path), aws.environment())
    terraform("init", "-input=false")
    terraform.variables(
        environment="full",
        bucket_suffix="a-suffix",
        schedule="cron(15 2 * * ? *)",
        alarm_email="somebody@example.com",
        workers_by_job={"latest": {"type": "G.2X", "count": 5}},
        glue_version="6.0",
        execution_class="FLEX",
        allow_data_loss=True,
        catalog_kms_key_arn=QUICK["kms_key_arn"],
        lake_formation=True,
        data_location_registered=True,
        readers=["arn:aws:iam::123456789012:role/analyst"],
        table_optimizers=["compaction", "orphan_file_deletion", "retention"],
        tags={"team": "lake"},
    )
    terraform("apply", "-input=false", "-auto-approve")
    done = terraform("plan", "-input=false", "-detailed-exitcode", "-no-color", codes=(0, 2))
    assert done.returncode == 0, done.stdout
    rules = client(aws, "s3").get_bucket_lifecycle_configuration(Bucket="everything-full-data-a-suffix")["Rules"]
    days = {rule["Filter"].get("Prefix", ""): rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules}
    assert days == {"": 14, "sources/": 1, "tables/": 1, "quarantine/": 1, "temp/": 1}
    tables = client(aws, "glue").get_tables(DatabaseName="everything_full")["TableList"]
    asked = {"CatalogId": "123456789012", "DatabaseName": "everything_full", "TableName": "priced"}
    kept = client(aws, "glue").get_table_optimizer(**asked, Type="retention")["TableOptimizer"]["configuration"]
    assert kept["retentionConfiguration"]["icebergConfiguration"]["numberOfSnapshotsToRetain"] == 4
    places = {one["Name"]: one["StorageDescriptor"]["Location"].partition("/landing/")[2] for one in tables}
    assert (places["notes_raw"], places["notes_raw_2"], places["people_raw"]) == ("notes/", "archive/notes/", "people/")
    said = {
        one["Name"]: {key: text for key, text in one["Parameters"].items() if key.startswith("lake_")} for one in tables
    }
    of_people = {"lake_owner": "the people's team", "lake_tags": "nightly,of:people"}
    assert said["people"] == said["people_raw"] == said["people_quarantine"] == of_people
    assert (said["priced"], said["latest"]) == ({"lake_tags": "nightly"}, {})
    jobs = {name: client(aws, "glue").get_job(JobName=f"everything-full-{name}")["Job"] for name in WORKERS}
    assert {name: (job["WorkerType"], job["NumberOfWorkers"]) for name, job in jobs.items()} == WORKERS
    granted = granted_permissions(aws)
    assert granted["arn:aws:iam::123456789012:role/analyst"]["Table latest"] == {"DESCRIBE", "SELECT"}
    job = granted["arn:aws:iam::123456789012:role/everything-full-latest"]
    assert job["Table latest"] == {"ALTER", "DESCRIBE"} and job["Database everything_full"] == {"DESCRIBE"}
    assert job["DataLocation arn:aws:s3:::everything-full-data-a-suffix"] == {"DATA_LOCATION_ACCESS"}
    terraform("destroy", "-input=false", "-auto-approve", "-refresh=false")
    assert [one for one in client(aws, "s3").list_buckets()["Buckets"] if "everything" in one["Name"]] == []


def granted_permissions(aws: Emulator) -> dict[str, dict[str, set[str]]]:
    """What Lake Formation grants: the permissions by principal, and then by resource."""
    found: dict[str, dict[str, set[str]]] = {}
    for one in client(aws, "lakeformation").list_permissions()["PrincipalResourcePermissions"]:
        ((kind, named),) = one["Resource"].items()
        name = f"{kind} {named.get('Name') or named.get('ResourceArn')}"
        found.setdefault(one["Principal"]["DataLakePrincipalIdentifier"], {})[name] = set(one["Permissions"])
    return found


def many_tables(count: int) -> str:
    columns = "".join(f"      c{number}: string\n" for number in range(11))
    sources = "".join(
        f"  s{n}:\n    path: s{n}/\n    subject: none\n    columns:\n      id: bigint\n{columns}"
        for n in range(count // 4)
    )
    tables = "".join(
        f"  t{n}:\n    zone: landing\n    source: {f's{n}' if n < count // 4 else f't{n - count // 4}'}\n"
        f"    expect:\n      - unique: [id]\n"
        for n in range(count)
    )
    return f"version: 1\nlake: many\nzones: {{landing: {{}}}}\nsources:\n{sources}tables:\n{tables}"


def test_two_hundred_tables(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    lake = compiled(many_tables(200))
    files = render_terraform(lake)
    assert sum(map(len, files.values())) < 1_000_000
    root = write_module(lake, tmp_path)
    terraform = Terraform(root)
    terraform("fmt", "-check", "-recursive", "..")
    terraform("init", "-input=false")
    terraform("validate")
