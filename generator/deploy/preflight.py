"""What would go wrong in the middle of Terraform's work, told before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.deploy.account import Demand, unmet_demands
from generator.deploy.aws import Aws, AwsError
from generator.deploy.buckets import Owner, buckets_with_data, owner
from generator.deploy.terraform import Terraform
from generator.deploy.terraform_events import Plan
from generator.diagnostics import GeneratorError


def require_same_region(terraform: Terraform, variables: Mapping[str, str], files: Sequence[Path] = ()) -> None:
    """Makes sure that an applied lake stays where it is.

    Terraform would look for it in the other region, not find it, and forget it.

    Raises:
        GeneratorError: the region that is asked for isn't that of the lake.
    """
    applied = terraform.outputs().get("region")
    if applied is None:
        return
    wanted = terraform.variable("region", variables, files) or Aws().region
    if wanted is not None and wanted != applied:
        raise GeneratorError(
            f"the lake is in {applied}, and this is for {wanted}: a lake doesn't move; nothing was changed.\n"
            f"For the lake that is there: --var region={applied}, the same in terraform.tfvars, or AWS_REGION. "
            "For a second one: a state, an `environment` and a `bucket_suffix` of its own"
        )


def require_free_names(terraform: Terraform, plan: Plan) -> None:
    """Makes sure that no bucket exists that a plan would create.

    Nothing is said where boto3 can't ask: Terraform's provider may have credentials of its own.

    Raises:
        GeneratorError: there are such buckets.
    """
    created = {change.address: change.new_bucket for change in plan.changes if change.new_bucket is not None}
    if not created:
        return
    try:
        aws = Aws()
        owners = {address: owner(aws, bucket) for address, bucket in created.items()}
    except AwsError:
        return
    taken = {address: found for address, found in owners.items() if found is not None}
    if not taken:
        return
    lines = ["buckets that this would create exist already; nothing was changed:"]
    lines += [f"  {created[address]}  ({found.value})" for address, found in taken.items()]
    lines += ["Give them other names: --var bucket_suffix=SUFFIX, or the same in terraform.tfvars."]
    ours = [address for address, found in taken.items() if found is Owner.OURS]
    if ours:
        lines += [f"Or make them this lake's, with what is in them: add this to {terraform.folder / 'main.tf'}"]
        lines += [f'  import {{\n    to = {address}\n    id = "{created[address]}"\n  }}' for address in ours]
    raise GeneratorError("\n".join(lines))


def unmet_by(plan: Plan) -> list[Demand]:
    """What the account's settings ask of the lake that is planned, and its variables don't say."""
    if "environment" not in plan.variables:
        return []  # another root module than a lake's
    try:
        aws = Aws(plan.variables.get("region"))
    except AwsError:
        return []
    return unmet_demands(aws, plan.variables)


def require_unprotected(plan: Plan) -> None:
    """Makes sure that a lake that would go is allowed to, and no bucket goes that has data in it.

    Raises:
        GeneratorError: the lake is protected, or there is data.
    """
    full = buckets_with_data(Aws(), plan.changes) if any(change.bucket for change in plan.changes) else []
    reasons = ["the lake is protected"] if any(change.guards for change in plan.changes) else []
    reasons += [f"there is data in {', '.join(full)}"] if full else []
    if reasons:
        raise GeneratorError(
            f"nothing was destroyed: {', and '.join(reasons)}. If all of it may go:\n"
            "  python -m generator deploy apply --var allow_data_loss=true\n"
            "  python -m generator deploy destroy --var allow_data_loss=true"
        )
