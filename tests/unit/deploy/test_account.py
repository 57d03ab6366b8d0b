"""What an account's settings ask of a lake, by the embedded AWS, and what is said of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.stub import Stubber

from generator.cli.deploy_view import format_demand
from generator.cli.terminal import Terminal
from generator.deploy.account import Demand, unmet_demands
from generator.deploy.aws import Aws

KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
PLAIN = Terminal(io.StringIO(), io.StringIO(), color=False, live=False)
EVERYBODY = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]


def encrypt(aws: Aws, mode: str, key: str | None = None) -> None:
    at_rest: Any = {"CatalogEncryptionMode": mode, **({"SseAwsKmsKeyId": key} if key else {})}
    aws.glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest})


def named(demands: list[Demand]) -> dict[str, str | None]:
    return {demand.variable: demand.value for demand in demands}


def test_an_account_as_it_comes_asks_for_nothing(aws: Aws) -> None:
    assert unmet_demands(aws, {}) == []


@pytest.mark.parametrize(
    ("mode", "key", "given", "asked"),
    [
        ("SSE-KMS", KEY, None, f'"{KEY}"'),
        ("SSE-KMS", KEY, KEY, None),
        ("SSE-KMS", KEY, KEY.replace("0000", "1111"), f'"{KEY}"'),
        ("SSE-KMS", KEY.rpartition("/")[2], KEY, None),
        ("SSE-KMS", "alias/mine", None, '"ARN of the key alias/mine"'),
        ("SSE-KMS", "arn:aws:kms:us-east-1:123456789012:alias/aws/glue", None, None),
        ("SSE-KMS", None, None, None),
        ("SSE-KMS-WITH-SERVICE-ROLE", KEY, None, None),  # Glue itself uses the key there
        ("DISABLED", None, None, None),
    ],
)
def test_a_key_of_the_catalog_is_asked_for(
    aws: Aws, mode: str, key: str | None, given: str | None, asked: str | None
) -> None:
    encrypt(aws, mode, key)
    expected = {} if asked is None else {"catalog_kms_key_arn": asked}
    assert named(unmet_demands(aws, {"catalog_kms_key_arn": given})) == expected


@pytest.mark.parametrize("closed", ["CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions"])
def test_grants_are_asked_for_where_lake_formation_decides(aws: Aws, closed: str) -> None:
    defaults: Any = {"CreateDatabaseDefaultPermissions": EVERYBODY, "CreateTableDefaultPermissions": EVERYBODY}
    aws.lakeformation.put_data_lake_settings(DataLakeSettings={**defaults, closed: []})
    assert named(unmet_demands(aws, {"lake_formation": False})) == {"lake_formation": "true"}
    assert unmet_demands(aws, {"lake_formation": True}) == []


def test_who_may_not_ask_is_told_what_to_set(aws: Aws) -> None:
    with Stubber(aws.glue) as glue, Stubber(aws.lakeformation) as lake_formation:
        for stub, call in (
            (glue, "get_data_catalog_encryption_settings"), (lake_formation, "get_data_lake_settings"),
        ):  # fmt: skip
            stub.add_client_error(call, "AccessDeniedException", "User: x is not authorized", 400)
        demands = unmet_demands(aws, {})
    assert named(demands) == {"catalog_kms_key_arn": None, "lake_formation": None}
    said = format_demand(PLAIN, demands[0], {"catalog_kms_key_arn": None})
    assert "whether the account's Data Catalog is encrypted isn't known: the credentials don't allow this" in said
    assert "set catalog_kms_key_arn, if it is so, in terraform.tfvars" in said


def test_a_root_module_that_lacks_the_variable_is_told() -> None:
    demand = Demand("lake_formation", "true", "Lake Formation decides")
    assert "set lake_formation = true in terraform.tfvars, or with --var" in format_demand(PLAIN, demand, {})
    assert "declare it" in format_demand(PLAIN, demand, {})
    assert "declare it" not in format_demand(PLAIN, demand, {"lake_formation": False})


def test_where_nobody_can_ask_nothing_is_said(aws: Aws) -> None:
    with Stubber(aws.glue) as glue, Stubber(aws.lakeformation) as lake_formation:
        glue.add_client_error("get_data_catalog_encryption_settings", "ExpiredToken", "", 400)
        lake_formation.add_client_error("get_data_lake_settings", "InternalServiceException", "", 500)
        assert unmet_demands(aws, {}) == []
