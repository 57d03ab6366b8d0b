"""Lake Formation: who revokes what nobody has is told so. Terraform revokes until it hears that."""

from __future__ import annotations

from typing import Any

from moto.lakeformation.exceptions import InvalidInput
from moto.lakeformation.models import LakeFormationBackend, Permission

from generator.deploy.emulator.patches.replace import replace


def apply() -> None:
    replace(LakeFormationBackend, "revoke_permissions", _only_what_is_there)


def _only_what_is_there(revoke_permissions: Any) -> Any:
    def revoke(
        self: Any, catalog_id: str, principal: dict[str, str], resource: dict[str, Any], *permissions: Any, **named: Any
    ) -> None:
        granted = self.grants[catalog_id].permissions if catalog_id in self.grants else ()
        wanted = Permission(principal, resource, [], [])
        if not any(wanted.equal_principal_and_resouce(one) for one in granted):
            raise InvalidInput("No permissions revoked. Grantee has no permissions and no grantable permissions on it.")
        revoke_permissions(self, catalog_id, principal, resource, *permissions, **named)

    return revoke
