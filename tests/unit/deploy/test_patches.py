"""What the embedded AWS adds to moto: that it works, and that moto still lacks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from generator.deploy.aws import Aws
from generator.deploy.emulator.patches.events import Undeliverable, transformed

Client = Callable[[str], Any]
JOB = {"Role": "r", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/j.py"}}
RULESET = {"Name": "r", "Ruleset": 'Rules = [IsComplete "id"]'}


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Clients of moto as it is."""
    for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield lambda service: boto3.client(service, region_name="us-east-1")


def update_job(client: Client) -> None:
    glue = client("glue")
    glue.create_job(Name="j", **JOB)
    glue.update_job(JobName="j", JobUpdate={**JOB, "GlueVersion": "6.0", "Timeout": 7})
    job = glue.get_job(JobName="j")["Job"]
    assert (job["GlueVersion"], job["Timeout"]) == ("6.0", 7)


def update_trigger(client: Client) -> None:
    glue = client("glue")
    glue.create_trigger(Name="t", Type="SCHEDULED", Schedule="cron(0 1 * * ? *)", Actions=[{"JobName": "a"}])
    glue.update_trigger(Name="t", TriggerUpdate={"Schedule": "cron(0 2 * * ? *)", "Actions": [{"JobName": "b"}]})
    trigger = glue.get_trigger(Name="t")["Trigger"]
    assert (trigger["Schedule"], trigger["Actions"]) == ("cron(0 2 * * ? *)", [{"JobName": "b"}])


def keep_a_trigger_on_demand_created(client: Client) -> None:
    glue = client("glue")
    glue.create_trigger(Name="t", Type="ON_DEMAND", Actions=[{"JobName": "a"}])
    glue.start_trigger(Name="t")
    assert glue.get_trigger(Name="t")["Trigger"]["State"] == "CREATED"


def show_the_graph_of_a_workflow(client: Client) -> None:
    glue = client("glue")
    glue.create_workflow(Name="w")
    glue.create_trigger(Name="t", WorkflowName="w", Type="ON_DEMAND", Actions=[{"JobName": "a"}])
    graph = glue.get_workflow(Name="w", IncludeGraph=True)["Workflow"]["Graph"]
    assert {(node["Type"], node["Name"]) for node in graph["Nodes"]} == {("TRIGGER", "t"), ("JOB", "a")}


def keep_rulesets(client: Client) -> None:
    glue = client("glue")
    glue.create_data_quality_ruleset(**RULESET)
    glue.update_data_quality_ruleset(Name="r", Ruleset="Rules = [RowCount > 0]")
    assert glue.get_data_quality_ruleset(Name="r")["Ruleset"] == "Rules = [RowCount > 0]"
    assert [one["Name"] for one in glue.list_data_quality_rulesets()["Rulesets"]] == ["r"]
    glue.delete_data_quality_ruleset(Name="r")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_data_quality_ruleset(Name="r")


def delete_named_queries(client: Client) -> None:
    athena = client("athena")
    athena.create_work_group(Name="w", Configuration={})
    query = athena.create_named_query(Name="q", Database="d", QueryString="select 1", WorkGroup="w")["NamedQueryId"]
    athena.update_named_query(NamedQueryId=query, Name="p", QueryString="select 2")
    assert athena.get_named_query(NamedQueryId=query)["NamedQuery"]["QueryString"] == "select 2"
    athena.delete_named_query(NamedQueryId=query)
    assert athena.list_named_queries(WorkGroup="w")["NamedQueryIds"] == []


def miss_named_queries_and_workgroups(client: Client) -> None:
    athena = client("athena")
    with pytest.raises(ClientError, match=r"InvalidRequestException.*NamedQuery gone was not found"):
        athena.get_named_query(NamedQueryId="gone")
    with pytest.raises(ClientError, match=r"InvalidRequestException.*WorkGroup gone is not found"):
        athena.get_work_group(WorkGroup="gone")


def change_a_workgroup(client: Client) -> None:
    athena = client("athena")
    results = {"OutputLocation": "s3://a/", "ExpectedBucketOwner": "123456789012"}
    configuration = {"BytesScannedCutoffPerQuery": 20_000_000, "ResultConfiguration": results}
    athena.create_work_group(Name="w", Configuration=configuration)
    results = {"OutputLocation": "s3://b/", "RemoveExpectedBucketOwner": True}
    updates = {"RemoveBytesScannedCutoffPerQuery": True, "ResultConfigurationUpdates": results}
    athena.update_work_group(WorkGroup="w", Description="new", ConfigurationUpdates=updates)
    group = athena.get_work_group(WorkGroup="w")["WorkGroup"]
    assert group["Description"] == "new" and "BytesScannedCutoffPerQuery" not in group["Configuration"]
    assert group["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://b/"}


def take_a_workgroup_without_tags(client: Client) -> None:
    athena = client("athena")
    athena.create_work_group(Name="w", Configuration={})
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/w"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def let_encrypted_connections_pass(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="guarded")
    statement = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "arn:aws:s3:::guarded/*"}
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    s3.put_bucket_policy(Bucket="guarded", Policy=json.dumps(policy))
    s3.put_object(Bucket="guarded", Key="k", Body=b"x")


def keep_that_a_job_queues(client: Client) -> None:
    glue = client("glue")
    glue.create_job(Name="queued", JobRunQueuingEnabled=True, **JOB)
    assert glue.get_job(JobName="queued")["Job"]["JobRunQueuingEnabled"] is True
    glue.update_job(JobName="queued", JobUpdate={**JOB, "JobRunQueuingEnabled": False})
    assert glue.get_job(JobName="queued")["Job"]["JobRunQueuingEnabled"] is False


def refuse_to_revoke_what_nobody_has(client: Client) -> None:
    lake_formation = client("lakeformation")
    grant: Any = {
        "Principal": {"DataLakePrincipalIdentifier": "arn:aws:iam::123456789012:role/r"},
        "Resource": {"Database": {"Name": "d"}},
        "Permissions": ["DESCRIBE"],
    }
    for permissions in (["DESCRIBE"], ["DROP", "ALTER", "DESCRIBE", "CREATE_TABLE"], ["ALTER", "DROP"]):
        lake_formation.grant_permissions(**{**grant, "Permissions": permissions})
    lake_formation.revoke_permissions(**{**grant, "Permissions": ["DROP", "ALTER", "CREATE_TABLE"]})
    lake_formation.revoke_permissions(**grant)
    with pytest.raises(lake_formation.exceptions.InvalidInputException, match="No permissions revoked"):
        lake_formation.revoke_permissions(**grant)


def keep_a_bucket_whose_policy_says_so(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="kept")
    actions = ["s3:DeleteBucket", "s3:DeleteBucketPolicy"]
    statement = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "arn:aws:s3:::kept"}
    s3.put_bucket_policy(Bucket="kept", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    for call in (s3.delete_bucket_policy, s3.delete_bucket):
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            call(Bucket="kept")
    s3.list_objects_v2(Bucket="kept")
    s3.put_bucket_policy(Bucket="kept", Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    s3.delete_bucket_policy(Bucket="kept")
    s3.delete_bucket(Bucket="kept")


def empty_a_bucket_whose_versioning_is_suspended(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="suspended")
    s3.put_bucket_versioning(Bucket="suspended", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="suspended", Key="k", Body=body)
    s3.delete_object(Bucket="suspended", Key="k")
    s3.put_bucket_versioning(Bucket="suspended", VersioningConfiguration={"Status": "Suspended"})
    found = s3.list_object_versions(Bucket="suspended")
    versions = [one["VersionId"] for one in (*found["DeleteMarkers"], *found["Versions"])]
    s3.delete_objects(Bucket="suspended", Delete={"Objects": [{"Key": "k", "VersionId": versions[0]}]})
    left = s3.list_object_versions(Bucket="suspended")
    assert [one["VersionId"] for one in left["Versions"]] == versions[1:] and "DeleteMarkers" not in left
    s3.delete_objects(Bucket="suspended", Delete={"Objects": [{"Key": "k", "VersionId": one} for one in versions[1:]]})
    s3.delete_bucket(Bucket="suspended")


def fail_at_once_on_unknown_calls(client: Client) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client("glue").create_blueprint(Name="b", BlueprintLocation="s3://b")


def answer_queries(client: Client) -> None:
    athena, glue = client("athena"), client("glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    started = athena.start_query_execution(
        QueryString="select 1 + 1 as two", QueryExecutionContext={"Database": "d"}, WorkGroup="primary"
    )
    rows = athena.get_query_results(QueryExecutionId=started["QueryExecutionId"])["ResultSet"]["Rows"]
    assert [row["Data"][0]["VarCharValue"] for row in rows] == ["two", "2"]


PATCHES = [
    update_job, update_trigger, keep_a_trigger_on_demand_created, show_the_graph_of_a_workflow, keep_rulesets,
    delete_named_queries, miss_named_queries_and_workgroups, change_a_workgroup, take_a_workgroup_without_tags,
    let_encrypted_connections_pass, keep_a_bucket_whose_policy_says_so, keep_that_a_job_queues,
    refuse_to_revoke_what_nobody_has,
    empty_a_bucket_whose_versioning_is_suspended,
    fail_at_once_on_unknown_calls, answer_queries,
]  # fmt: skip


@pytest.mark.parametrize("ability", PATCHES, ids=lambda one: one.__name__)
def test_the_embedded_aws_can(ability: Callable[[Client], None], aws: Aws, client: Client) -> None:
    ability(client)


@pytest.mark.parametrize("ability", PATCHES, ids=lambda one: one.__name__)
def test_moto_alone_can_not(ability: Callable[[Client], None], plain: Client) -> None:
    with pytest.raises(BaseException) as failure:
        ability(plain)
    assert not isinstance(failure.value, KeyboardInterrupt)


def test_a_policy_that_denies_stays_a_denial(aws: Aws, client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="closed")
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::closed/*",
    }
    for condition, passes in (
        ({}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, False),
    ):
        policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
        s3.put_bucket_policy(Bucket="closed", Policy=json.dumps(policy))
        if passes:
            s3.put_object(Bucket="closed", Key="k", Body=b"x")
        else:
            with pytest.raises(ClientError, match=r"Forbidden|AccessDenied"):
                s3.put_object(Bucket="closed", Key="k", Body=b"x")


def reset_what_an_update_of_a_job_leaves_out(client: Client) -> None:
    glue = client("glue")
    glue.create_job(Name="j", **JOB, MaxRetries=2, Timeout=5, DefaultArguments={"--a": "b"})
    glue.update_job(JobName="j", JobUpdate=JOB)
    job = glue.get_job(JobName="j")["Job"]
    assert "Timeout" not in job and job.get("MaxRetries", 0) == 0 and job.get("DefaultArguments", {}) == {}


def refuse_triggers_that_glue_refuses(client: Client) -> None:
    glue = client("glue")
    with pytest.raises(ClientError, match=r"InvalidInputException.*StartOnCreation"):
        glue.create_trigger(Name="t", Type="ON_DEMAND", Actions=[{"JobName": "a"}], StartOnCreation=True)
    many = [{"JobName": f"j{number}"} for number in range(51)]
    with pytest.raises(ClientError, match=r"ResourceNumberLimitExceededException.*50 jobs"):
        glue.create_trigger(Name="t", Type="ON_DEMAND", Actions=many)


def tell_more_of_a_table_than_an_update_takes(client: Client) -> None:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    glue.create_table(DatabaseName="d", TableInput={"Name": "t"})
    table = glue.get_table(DatabaseName="d", Name="t")["Table"]
    taken = set(glue.meta.service_model.shape_for("TableInput").members)
    assert {"IsMultiDialectView", "IsRegisteredWithLakeFormation", "CreatedBy"} <= set(table) - taken
    (listed,) = glue.get_tables(DatabaseName="d")["TableList"]
    assert set(listed) == set(table)


def refuse_an_update_of_a_table_that_has_changed(client: Client) -> None:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    glue.create_table(DatabaseName="d", TableInput={"Name": "t"})
    read = glue.get_table(DatabaseName="d", Name="t")["Table"]["VersionId"]
    glue.update_table(DatabaseName="d", TableInput={"Name": "t", "Description": "1"}, VersionId=read)
    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        glue.update_table(DatabaseName="d", TableInput={"Name": "t", "Description": "2"}, VersionId=read)


def refuse_a_log_group_with_a_key_that_is_not_for_it(client: Client) -> None:
    logs, kms = client("logs"), client("kms")
    for arn in ("arn:aws:logs:us-east-1:123456789012:log-group:/of/others/*", "arn:aws:logs:us-east-1:123456789012:*"):
        condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
        principal = {"Service": "logs.us-east-1.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
        key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
        if "others" in arn:
            with pytest.raises(ClientError, match="InvalidParameterException"):
                logs.create_log_group(logGroupName="/of/mine/output", kmsKeyId=key)
        else:
            logs.create_log_group(logGroupName="/of/mine/output", kmsKeyId=key)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.create_log_group(logGroupName="/of/nobody", kmsKeyId=key[:-12] + "000000000000")


def refuse_a_graph_that_is_no_visual_job(client: Client) -> None:
    glue = client("glue")
    nodes = {"n": {"S3CatalogSource": {"Name": "n", "Database": "d", "Table": "t"}}}
    for command in ({"Name": "glueetl"}, JOB["Command"]):
        with pytest.raises(ClientError, match=r"InvalidInputException.*VISUAL"):
            glue.create_job(Name="g", Role="r", Command=command, CodeGenConfigurationNodes=nodes)
    glue.create_job(Name="g", **JOB, CodeGenConfigurationNodes=nodes, JobMode="VISUAL")
    assert glue.get_job(JobName="g")["Job"]["JobMode"] == "VISUAL"


def iceberg(columns: list[tuple[str, str]]) -> dict[str, Any]:
    """What creates a table of Iceberg's."""
    described = [{"Name": name, "Type": kind, "Comment": f"the {name}"} for name, kind in columns]
    storage = {"Columns": described, "Location": "s3://tables-of-iceberg/tables/t/"}
    asked = {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}}
    return {"TableInput": {"Name": "t", "StorageDescriptor": storage}, "OpenTableFormatInput": asked}


def write_the_metadata_of_a_table_of_iceberg(client: Client) -> None:
    glue, s3 = client("glue"), client("s3")
    s3.create_bucket(Bucket="tables-of-iceberg")
    glue.create_database(DatabaseInput={"Name": "d"})
    columns = [("id", "bigint"), ("parts", "array<struct<at:timestamp,much:decimal(9,2)>>"), ("by", "map<string,int>")]
    glue.create_table(DatabaseName="d", **iceberg(columns))
    parameters = glue.get_table(DatabaseName="d", Name="t")["Table"]["Parameters"]
    assert parameters["table_type"] == "ICEBERG"
    bucket, key = parameters["metadata_location"].removeprefix("s3://").split("/", 1)
    metadata = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert (metadata["format-version"], metadata["location"]) == (2, "s3://tables-of-iceberg/tables/t")
    assert metadata["snapshots"] == [] and metadata["last-column-id"] == 8
    assert [(one["id"], one["name"], one["doc"]) for one in metadata["schemas"][0]["fields"]] == [
        (1, "id", "the id"), (2, "parts", "the parts"), (3, "by", "the by"),
    ]  # fmt: skip
    glue.delete_table(DatabaseName="d", Name="t")
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 1, "Glue leaves what lies in S3"


def refuse_a_type_that_iceberg_has_not(client: Client) -> None:
    glue = client("glue")
    client("s3").create_bucket(Bucket="tables-of-iceberg")
    glue.create_database(DatabaseInput={"Name": "d"})
    with pytest.raises(ClientError, match=r"InvalidInputException.*smallint"):
        glue.create_table(DatabaseName="d", **iceberg([("n", "smallint")]))


def archive_versions_of_a_table_unless_told_not_to(client: Client) -> None:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "d"})
    glue.create_table(DatabaseName="d", TableInput={"Name": "t"})
    for skip in (False, True, True):
        glue.update_table(DatabaseName="d", TableInput={"Name": "t"}, SkipArchive=skip)
    found = glue.get_table_versions(DatabaseName="d", TableName="t")["TableVersions"]
    assert {one["VersionId"] for one in found} == {"1", "4"}


STRICT = [
    write_the_metadata_of_a_table_of_iceberg, refuse_a_type_that_iceberg_has_not,
    archive_versions_of_a_table_unless_told_not_to,
    refuse_a_graph_that_is_no_visual_job,
    reset_what_an_update_of_a_job_leaves_out, refuse_triggers_that_glue_refuses,
    tell_more_of_a_table_than_an_update_takes, refuse_an_update_of_a_table_that_has_changed,
    refuse_a_log_group_with_a_key_that_is_not_for_it,
]  # fmt: skip
"""Where moto is kinder than AWS."""


@pytest.mark.parametrize("ability", STRICT, ids=lambda one: one.__name__)
def test_the_embedded_aws_is_as_strict_as_aws(ability: Callable[[Client], None], aws: Aws, client: Client) -> None:
    ability(client)


@pytest.mark.parametrize("ability", STRICT, ids=lambda one: one.__name__)
def test_moto_alone_is_not(ability: Callable[[Client], None], plain: Client) -> None:
    with pytest.raises(BaseException) as failure:
        ability(plain)
    assert not isinstance(failure.value, KeyboardInterrupt)


EVENT = {"time": 0.0, "ingestion-time": 0.0, "detail": {"jobName": "j", "message": 'said "no"\nand left', "runs": 2}}
PATHS = {"job": "$.detail.jobName", "why": "$.detail.message", "runs": "$.detail.runs", "none": "$.detail.none"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('"<job> failed"', '"j failed"'),
        ('"<job>"\n"<runs> runs at <when>, <none>."', '"j"\n"2 runs at <when>, ."'),
        ('{"job": <job>, "at": "<job>", "runs": <runs>}', '{"job": "j", "at": "j", "runs": 2}'),
        ('{"none": <none>, "unknown": "<unknown>"}', '{"none": "", "unknown": "<unknown>"}'),
    ],
)
def test_a_target_may_transform_an_event(template: str, message: str) -> None:
    assert transformed({"InputTemplate": template, "InputPathsMap": PATHS}, EVENT) == message


@pytest.mark.parametrize("template", ['"<job>: <why>"', '{"why": "<why>"}'])
def test_what_is_put_into_a_template_is_not_escaped(template: str) -> None:
    with pytest.raises(Undeliverable, match="gives no JSON"):
        transformed({"InputTemplate": template, "InputPathsMap": PATHS}, EVENT)


def test_an_event_as_it_is_has_a_readable_time() -> None:
    assert json.loads(transformed(None, EVENT)) == {"time": "1970-01-01T00:00:00Z", "detail": EVENT["detail"]}
