"""What the settings of an account ask of a lake: an encrypted Data Catalog, and Lake Formation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.deploy.aws import Aws, AwsError, clearly

_EVERYBODY = "IAM_ALLOWED_PRINCIPALS"
"""Whom Lake Formation gives all rights on what is new, as long as IAM alone decides."""
_DEFAULTS = ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")
_SERVICE_KEY = "alias/aws/glue"
"""Glue's own key; whoever may use the catalog may use it."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A variable of the module that the account's settings ask for.

    Attributes:
        value: what it has to be, as HCL has it; None where that isn't known.
        reason: why, as a sentence without a full stop.
        certain: whether AWS said so; else the credentials don't allow to ask.
    """

    variable: str
    value: str | None
    reason: str
    certain: bool = True

    def to_json(self) -> dict[str, Any]:
        return {"variable": self.variable, "value": self.value, "reason": self.reason, "certain": self.certain}


def unmet_demands(aws: Aws, variables: Mapping[str, Any]) -> list[Demand]:
    """What the account asks for, and the variables of the root module don't say.

    Nothing is said where AWS can't be asked at all: Terraform's provider may have credentials of its own.
    """
    found = [_catalog_demand(aws, variables.get("catalog_kms_key_arn")), _grants_demand(aws, variables)]
    return [demand for demand in found if demand is not None]


def _catalog_demand(aws: Aws, given: str | None) -> Demand | None:
    name = "catalog_kms_key_arn"
    try:
        key = _catalog_key(aws)
    except AwsError as error:
        reason = f"whether the account's Data Catalog is encrypted isn't known: {error}"
        return Demand(name, None, reason, certain=False) if error.denied and not given else None
    if key is None or (given is not None and (given == key or given.endswith(f"/{key}"))):
        return None
    value = f'"{key}"' if key.startswith("arn:") else f'"ARN of the key {key}"'
    return Demand(name, value, "the account's Data Catalog is encrypted: jobs and readers need rights on its key")


def _grants_demand(aws: Aws, variables: Mapping[str, Any]) -> Demand | None:
    name = "lake_formation"
    if variables.get(name):
        return None
    try:
        decides = _lake_formation_decides(aws)
    except AwsError as error:
        unknown = f"whether Lake Formation decides in this account isn't known: {error}"
        return Demand(name, None, unknown, certain=False) if error.denied else None
    reason = (
        "Lake Formation decides who may use the account's catalog: jobs and readers need its grants, and whoever "
        "applies this has to be an administrator there"
    )
    return Demand(name, "true", reason) if decides else None


@clearly
def _catalog_key(aws: Aws) -> str | None:
    """The key that clients of the catalog need; None when they need none."""
    settings: Mapping[str, Any] = aws.glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    at_rest = settings.get("EncryptionAtRest", {})
    key: str = at_rest.get("SseAwsKmsKeyId") or _SERVICE_KEY
    needed = at_rest.get("CatalogEncryptionMode") == "SSE-KMS" and not key.endswith(_SERVICE_KEY)
    return key if needed else None


@clearly
def _lake_formation_decides(aws: Aws) -> bool:
    """Whether new databases or tables aren't left to IAM alone."""
    settings = aws.lakeformation.get_data_lake_settings()["DataLakeSettings"]
    return not all(
        any(one.get("Principal", {}).get("DataLakePrincipalIdentifier") == _EVERYBODY for one in settings.get(name, []))
        for name in _DEFAULTS
    )
