"""Each job may do what it needs and nothing next to it: the rendered policies are evaluated, call by call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.deploy.emulator import Emulator
from generator.render.terraform.limits import MAX_LAKE, MAX_TABLE
from generator.render.terraform.policies import MAX_POLICIES, things_per_policy
from tests.contracts.policy_evaluator import allows
from tests.unit.render.terraform.module_folder import QUICK, ROOT, SPECS, Terraform, compiled, planned, write_module

pytestmark = [pytest.mark.terraform, pytest.mark.slow]

SOURCES = {
    "customer_landing": "customer/landing",
    "accelerometer_landing": "accelerometer/landing",
    "step_trainer_landing": "step_trainer/landing",
}
READS: dict[str, set[str]] = {
    **{source: set() for source in SOURCES},
    "customer_trusted": {"customer_landing"},
    "accelerometer_trusted": {"accelerometer_landing", "customer_landing", "customer_trusted"},
    "customers_curated": {"customer_landing", "customer_trusted", "accelerometer_trusted"},
    "step_trainer_trusted": {"step_trainer_landing", "customer_landing", "customers_curated"},
    "machine_learning_curated": {
        "customer_landing", "accelerometer_trusted", "customers_curated", "step_trainer_trusted",
    },
}  # fmt: skip
"""The published sources and tables that each job reads: its rows' and those that its checks ask."""
DATA = "arn:aws:s3:::stedi-dev-data-123456789012"
ASSETS = "arn:aws:s3:::stedi-dev-assets-123456789012"
GLUE = "arn:aws:glue:us-east-1:123456789012"
TIMED = "customers_curated"
"""A job whose script asks what time it is."""
READ, WRITE = ("s3:GetObject",), ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")

Policies = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> dict[str, Any]:
    need(shutil.which("terraform"), "terraform isn't installed")
    root = write_module(compiled(SPECS["stedi"]), tmp_path_factory.mktemp("policies"))
    (root.parent / "build/jobs" / f"{TIMED}.py").write_text('rows = orders.filter(f"day < {lake.today}")\n')
    with Emulator() as aws:
        terraform = Terraform(root, aws.environment())
        terraform("init", "-input=false")
        terraform.variables(**QUICK)
        return terraform.plan()


@pytest.fixture(scope="module")
def policies(plan: dict[str, Any]) -> Policies:
    found = {job: json.loads(one["policy"]) for job, one in planned(plan, "aws_iam_role_policy").items()}
    assert set(found) == set(READS)
    return found


@pytest.mark.parametrize("job", READS)
def test_landing_data_is_read_by_the_job_of_its_source_alone(job: str, policies: Policies) -> None:
    for source, path in SOURCES.items():
        needed = source == job
        thing = f"{DATA}/landing/{path}/2026/file.json"
        assert all(allows(policies[job], action, thing) == needed for action in READ)
        assert not any(allows(policies[job], action, thing) for action in WRITE)
        for prefix in (f"landing/{path}", f"landing/{path}/", f"landing/{path}/2026/"):
            assert allows(policies[job], "s3:ListBucket", DATA, s3_prefix=prefix) == needed


@pytest.mark.parametrize("job", READS)
def test_what_is_published_is_read_by_its_readers_and_written_by_its_job(job: str, policies: Policies) -> None:
    for table in READS:
        own, needed = table == job, table == job or table in READS[job]
        kind = "sources" if table in SOURCES else "tables"
        thing = f"{DATA}/{kind}/{table}/run/part-0.parquet"
        assert all(allows(policies[job], action, thing) == needed for action in READ)
        assert all(allows(policies[job], action, thing) == own for action in WRITE)
        assert allows(policies[job], "s3:ListBucket", DATA, s3_prefix=f"{kind}/{table}/run/") == needed
        assert allows(policies[job], "glue:GetTable", f"{GLUE}:table/stedi_dev/{table}") == needed
        assert allows(policies[job], "glue:UpdateTable", f"{GLUE}:table/stedi_dev/{table}") == own
        assert allows(policies[job], "s3:PutObject", f"{DATA}/temp/{table}/x") == own
        assert allows(policies[job], "s3:PutObject", f"{ASSETS}/spark-history/{table}/x") == own
        assert allows(policies[job], "s3:GetObject", f"{ASSETS}/jobs/{table}-0123456789abcdef.py") == own


@pytest.mark.parametrize("job", READS)
def test_quarantines_belong_to_the_job_of_their_source(job: str, policies: Policies) -> None:
    for source in SOURCES:
        own = source == job
        thing = f"{DATA}/quarantine/{source}/run/part-0.parquet"
        assert all(allows(policies[job], action, thing) == own for action in (*READ, *WRITE))
        assert allows(policies[job], "glue:UpdateTable", f"{GLUE}:table/stedi_dev/{source}_quarantine") == own
        assert not allows(policies[job], "glue:GetTable", f"{GLUE}:table/stedi_dev/{source}_raw")


@pytest.mark.parametrize("job", READS)
def test_what_glue_does_in_the_name_of_a_job(job: str, policies: Policies) -> None:
    policy = policies[job]
    groups = "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/stedi-dev/stedi-dev-role"
    group = f"{groups}/stedi-dev-{job}/output:log-stream:jr_1-driver"
    assert allows(policy, "s3:GetObject", f"{ASSETS}/runtime/lake-0123456789abcdef.zip")
    assert allows(policy, "s3:GetBucketLocation", DATA)
    assert allows(policy, "logs:PutLogEvents", group)
    assert not allows(policy, "logs:PutLogEvents", group.replace("stedi-dev", "stedi-prod"))
    assert not allows(policy, "logs:PutLogEvents", f"{groups}/stedi-dev-{job}_of_another_team/output:log-stream:jr_1")
    assert not allows(policy, "logs:GetLogEvents", group)
    assert allows(policy, "cloudwatch:PutMetricData", "*", cloudwatch_namespace="Glue")
    assert not allows(policy, "cloudwatch:PutMetricData", "*", cloudwatch_namespace="Billing")
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert allows(policy, action, str(QUICK["kms_key_arn"]))
        assert not allows(policy, action, "arn:aws:kms:us-east-1:123456789012:key/another")
    for resource in (f"{GLUE}:catalog", f"{GLUE}:database/stedi_dev"):
        assert allows(policy, "glue:GetTable", resource) and allows(policy, "glue:UpdateTable", resource)


@pytest.mark.parametrize("job", READS)
def test_when_the_workflow_was_started_is_known_to_whom_it_concerns(job: str, policies: Policies) -> None:
    assert allows(policies[job], "glue:GetWorkflowRun", f"{GLUE}:workflow/stedi-dev") == (job == TIMED)
    assert not allows(policies[job], "glue:GetWorkflowRun", f"{GLUE}:workflow/stedi-prod")
    assert not allows(policies[job], "glue:StartWorkflowRun", f"{GLUE}:workflow/stedi-dev")


@pytest.mark.parametrize("job", READS)
def test_nothing_more(job: str, policies: Policies) -> None:
    policy = policies[job]
    own = f"sources/{job}" if job in SOURCES else f"tables/{job}"
    for folder in ("", own, f"temp/{job}", *(f"quarantine/{source}" for source in SOURCES)):
        assert not allows(policy, "s3:PutObject", f"{DATA}/{folder}_$folder$")
    assert not allows(policy, "s3:ListBucket", DATA)
    assert not allows(policy, "s3:ListBucket", DATA, s3_prefix="")
    assert not allows(policy, "s3:ListBucket", DATA, s3_prefix="tables/")
    assert not allows(policy, "s3:ListBucket", DATA, s3_prefix="sources/")
    assert not allows(policy, "s3:PutObject", f"{ASSETS}/jobs/{job}-0123456789abcdef.py")
    assert not allows(policy, "s3:PutObject", f"{ASSETS}/runtime/lake-0123456789abcdef.zip")
    assert not allows(policy, "s3:GetObject", f"{DATA.replace('dev', 'prod')}/{own}/run/part-0.parquet")
    assert not allows(policy, "s3:GetObject", f"{DATA}/{own}_of_another_team/run/part-0.parquet")
    assert not allows(policy, "s3:GetObjectVersion", f"{DATA}/{own}/run/part-0.parquet")
    for action in (
        "glue:DeleteTable",
        "glue:CreateTable",
        "glue:GetDatabases",
        "iam:PassRole",
        "sts:AssumeRole",
        "kms:*",
    ):
        assert not allows(policy, action, f"{GLUE}:table/stedi_dev/{job}")


def test_roles_are_for_glue_of_this_account(plan: dict[str, Any]) -> None:
    roles = planned(plan, "aws_iam_role")
    assert set(roles) == set(READS)
    for role in roles.values():
        (statement,) = json.loads(role["assume_role_policy"])["Statement"]
        assert statement["Principal"] == {"Service": "glue.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


GROUPS = {
    "landing": tuple(SOURCES),
    "people": ("customer_trusted", "accelerometer_trusted", "customers_curated"),
    "step_trainer_trusted": ("step_trainer_trusted",),
    "machine_learning_curated": ("machine_learning_curated",),
}
"""The jobs of `stedi_grouped.yaml`, and what they make."""


def all_policies(plan: dict[str, Any]) -> Policies:
    """All that the role of each job may do, in one document: its own policy, and those that are attached."""
    found: Policies = {job: json.loads(one["policy"]) for job, one in planned(plan, "aws_iam_role_policy").items()}
    for name, one in planned(plan, "aws_iam_policy").items():
        if name != "reader":
            found[name.rsplit("-", 1)[0]]["Statement"] += json.loads(one["policy"])["Statement"]
    return found


def test_a_job_of_several_steps_may_do_what_they_may_and_nothing_more(
    policies: Policies, tmp_path: Path, need: Callable[[object, str], None]
) -> None:
    """Call by call: what one of the steps may in a job of its own, and what none of them may."""
    root = write_module(compiled(ROOT / "tests/specs/stedi_grouped.yaml"), tmp_path)
    with Emulator() as aws:
        terraform = Terraform(root, aws.environment())
        terraform("init", "-input=false")
        terraform.variables(**QUICK)
        found = all_policies(terraform.plan())
    assert set(found) == set(GROUPS)
    tried = 0
    for job, steps in GROUPS.items():
        for call in calls_of_data():
            action, resource, prefix = call
            keys = {"s3_prefix": prefix} if prefix else {}
            alone = any(allows(policies[step], action, resource, **keys) for step in steps)
            assert allows(found[job], action, resource, **keys) == alone, (job, call)
            tried += alone
        for step in READS:
            own = step == job
            assert allows(found[job], "s3:PutObject", f"{DATA}/temp/{step}/x") == own
            assert allows(found[job], "s3:GetObject", f"{ASSETS}/jobs/{step}-0123456789abcdef.py") == own
        assert allows(found[job], "s3:PutObject", f"{DATA}/temp/{job}/x")
        assert allows(found[job], "s3:GetObject", f"{ASSETS}/jobs/{job}-0123456789abcdef.py")
    assert tried > 150


def calls_of_data() -> Iterator[tuple[str, str, str]]:
    """What jobs could do to all that there is: an action, on what, and for lists with which prefix."""
    folders = [f"landing/{path}" for path in SOURCES.values()]
    folders += [f"{kind}/{name}" for name in READS for kind in ("sources", "tables", "quarantine")]
    for folder in folders:
        for action in (*READ, *WRITE):
            yield action, f"{DATA}/{folder}/run/part-0.parquet", ""
        for prefix in (folder, f"{folder}/", f"{folder}/run/"):
            yield "s3:ListBucket", DATA, prefix
    for name in READS:
        for suffix in ("", "_quarantine", "_raw"):
            for action in ("glue:GetTable", "glue:UpdateTable"):
                yield action, f"{GLUE}:table/stedi_dev/{name}{suffix}", ""


def ten_jobs() -> str:
    """200 sources and tables in ten jobs, each table with a source and a neighbour of the layer below it."""
    columns = "email: {type: string, pii: true, identifies: customer.email}, " + ", ".join(
        f"v{n}: double" for n in range(9)
    )
    registry = columns.replace(", identifies: customer.email", "").replace("v0: double", "agreed: date, v0: double")
    lines = [
        "version: 1", "lake: warehouse", "subjects: {customer: {registry: layer_0_number_00, keys: [email]}}",
        "consent: {research: {subject: customer, when: agreed is not null}}",
        "zones: {landing: {}, core: {require: research}}", "sources:",
        *(f"  layer_0_number_{n:02}: {{path: s{n:02}/, columns: {{{columns if n else registry}}}}}" for n in range(40)),
        "tables:",
    ]  # fmt: skip
    for layer in range(1, 5):
        for number in range(40):
            source, other = (f"layer_{layer - 1}_number_{one % 40:02}" for one in (number, number + 1))
            agreed = " and layer_0_number_00.agreed is not null" if layer == 1 else ""
            joined = "layer_0_number_00" if layer == 1 else other
            rows = (
                "filter: agreed is not null"
                if (layer, number) == (1, 0)
                else f"join: [{{semi: {joined}, on: {source}.email = {joined}.email{agreed}}}]"
            )
            lines.append(f"  layer_{layer}_number_{number:02}: {{zone: core, source: {source}, {rows}}}")
    halves = {"a": (0, 1), "b": (2, 3)}
    lines.append("jobs:")
    for layer in range(5):
        for half, tens in halves.items():
            lines.append(f"  job_{layer}{half}: {{steps: [{', '.join(f'layer_{layer}_number_{n}*' for n in tens)}]}}")
    return "\n".join(lines) + "\n"


def test_two_hundred_steps_in_ten_jobs_stay_within_what_iam_takes(
    tmp_path: Path, need: Callable[[object, str], None]
) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    root = write_module(compiled(ten_jobs()), tmp_path)
    with Emulator() as aws:
        terraform = Terraform(root, aws.environment())
        terraform("init", "-input=false")
        terraform("validate")
        terraform.variables(**QUICK, environment="e" * 12)
        plan = terraform.plan()
    assert len(planned(plan, "aws_glue_job")) == 10
    assert all(len(one["policy"]) <= 10_240 for one in planned(plan, "aws_iam_role_policy").values())
    further = {name: one for name, one in planned(plan, "aws_iam_policy").items() if name != "reader"}
    assert further and all(len(one["policy"]) <= 6_144 for one in further.values())
    attached = Counter(name.rsplit("-", 1)[0] for name in planned(plan, "aws_iam_role_policy_attachment"))
    assert max(attached.values()) <= 10


EVERYTHING = "e" * MAX_TABLE


def wide_lake(name: str, count: int) -> str:
    tables = [f"{name}_{number:03d}" for number in range(count)]
    lines = "".join(f"  {table}: {{zone: landing, source: raw}}\n" for table in tables)
    return (
        f"version: 1\nlake: {'l' * MAX_LAKE}\nzones: {{landing: {{}}}}\n"
        f"sources: {{raw: {{path: raw/, subject: none, columns: {{id: bigint}}}}}}\n"
        f"tables:\n{lines}  {EVERYTHING}: {{zone: landing, union: [raw, {', '.join(tables)}]}}\n"
    )


@pytest.mark.parametrize("name", ["t" * 60, "t" * (MAX_TABLE - 4)])
def test_a_job_that_reads_as_much_as_it_may(name: str, tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    count = things_per_policy("l" * MAX_LAKE, [f"tables/{name}_000/", f"tables/{EVERYTHING}/"]) * (MAX_POLICIES + 1) - 2
    root = write_module(compiled(wide_lake(name, count)), tmp_path)
    with Emulator() as aws:
        terraform = Terraform(root, aws.environment())
        terraform("init", "-input=false")
        terraform.variables(**QUICK, environment="e" * 12)
        plan = terraform.plan()
    further = {name: one for name, one in planned(plan, "aws_iam_policy").items() if name != "reader"}
    attached = planned(plan, "aws_iam_role_policy_attachment")
    assert set(further) == set(attached) and len(further) == 10
    assert all(len(one["policy"]) <= 6_144 and len(one["name"]) <= 128 for one in further.values())
    own = planned(plan, "aws_iam_role_policy")[EVERYTHING]["policy"]
    assert len(own) <= 10_240
    policies = [json.loads(own), *(json.loads(one["policy"]) for one in further.values())]
    bucket = planned(plan, "aws_s3_bucket")["data"]["bucket"]
    for number in range(count):
        thing = f"arn:aws:s3:::{bucket}/tables/{name}_{number:03d}/run/part-0.parquet"
        assert sum(allows(policy, "s3:GetObject", thing) for policy in policies) == 1
        assert not any(allows(policy, "s3:PutObject", thing) for policy in policies)


def tool(name: str) -> str | None:
    """A linter, from the environment that has them: TOOLS_BIN, or the PATH."""
    folders = [os.environ.get("TOOLS_BIN", ""), str(ROOT / ".venv-tools/bin"), os.environ.get("PATH", "")]
    return shutil.which(name, path=os.pathsep.join(filter(None, folders)))


def findings(folder: Path, parliament: str) -> list[dict[str, Any]]:
    done = subprocess.run([parliament, "--directory", str(folder), "--json"], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.slow
def test_parliament_finds_nothing(
    policies: Policies, plan: dict[str, Any], tmp_path: Path, need: Callable[[object, str], None]
) -> None:
    parliament = tool("parliament")
    need(parliament, "parliament isn't installed: python -m venv .venv-tools; .venv-tools/bin/pip install parliament")
    assert parliament is not None
    documents = {f"job-{job}": policy for job, policy in policies.items()}
    documents |= {
        f"bucket-{kind}": json.loads(one["policy"]) for kind, one in planned(plan, "aws_s3_bucket_policy").items()
    }
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    assert findings(tmp_path, parliament) == []
    bad = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}]}
    (tmp_path / "bad.json").write_text(json.dumps(bad), encoding="utf-8")
    assert {one["issue"] for one in findings(tmp_path, parliament)} == {"UNKNOWN_ACTION"}
