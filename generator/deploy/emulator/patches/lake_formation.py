"""Lake Formation: who revokes what nobody has is told so. Terraform revokes until it hears that.

What is granted again, as by a client that heard no answer, stays what can be revoked: moto finds a permission in a set
by all that it says, and changes what it says there.
"""

from __future__ import annotations

import json
from typing import Any

from moto.lakeformation.exceptions import InvalidInput
from moto.lakeformation.models import LakeFormationBackend, Permission

from generator.deploy.emulator.patches.replace import replace


def apply() -> None:
    replace(LakeFormationBackend, "revoke_permissions", _only_what_is_there)
    replace(Permission, "__hash__", _of_what_stays)


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


def _of_what_stays(_: Any) -> Any:
    def hashed(self: Permission) -> int:
        return hash((json.dumps(self.principal), json.dumps(self.resource)))

    return hashed
