"""CloudWatch Logs: a group is encrypted only with a key that lets it; moto asks no key."""

from __future__ import annotations

from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

from generator.deploy.emulator.patches.replace import replace
from generator.deploy.emulator.policies import key_problem

_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
)


def apply() -> None:
    replace(LogsBackend, "create_log_group", _asking_the_key)


def _asking_the_key(create_log_group: Any) -> Any:
    def create(self: Any, log_group_name: str, tags: dict[str, str], **options: Any) -> Any:
        key = options.get("kmsKeyId")
        if key:
            arn = f"arn:aws:logs:{self.region_name}:{self.account_id}:log-group:{log_group_name}"
            told = {"kms:encryptioncontext:aws:logs:arn": arn}
            problem = key_problem(key, f"logs.{self.region_name}.amazonaws.com", _ACTIONS, told)
            if problem:
                raise InvalidParameterException(constraint=problem, parameter="kmsKeyId", value=key)
        return create_log_group(self, log_group_name, tags, **options)

    return create
