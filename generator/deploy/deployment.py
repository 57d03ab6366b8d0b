"""Which deployed lake the commands mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from generator.diagnostics import GeneratorError

OUTPUTS = {
    "bucket": "bucket",
    "database": "database",
    "workflow": "workflow",
    "workgroup": "athena_workgroup",
    "region": "region",
}
"""The outputs of the Terraform root module that name the parts of a deployment."""


class UnknownDeployment(GeneratorError):
    """It isn't known which deployed lake is meant."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The names of what is deployed; None where it isn't known.

    Attributes:
        bucket: of landing data and tables.
        database: in the Glue catalog.
        workflow: the Glue workflow that makes all tables.
        workgroup: of Athena.
        log_groups: of each job, by kind: `output` and `error`; not a name, so not to be given.
        makers: which job makes each source and table; None where each has one of its own.
        alarm_queue: URL of the queue of alarms that couldn't be delivered.
    """

    bucket: str | None = None
    database: str | None = None
    workflow: str | None = None
    workgroup: str | None = None
    region: str | None = None
    log_groups: Mapping[str, Mapping[str, str]] | None = None
    alarm_queue: str | None = None
    makers: Mapping[str, str] | None = None

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, Any]) -> Deployment:
        """What the outputs of Terraform say."""
        names: dict[str, Any] = {name: outputs.get(output) for name, output in OUTPUTS.items()}
        said: dict[str, Any] = {name: outputs.get(name) for name in ("log_groups", "alarm_queue", "makers")}
        return cls(**names, **said)

    def maker(self, name: str) -> str:
        """The job that makes a source or table, as the spec calls it."""
        return (self.makers or {}).get(name, name)

    def overridden(self, given: Mapping[str, str | None]) -> Deployment:
        """The same with names that were given otherwise."""
        names: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return replace(self, **names)

    def need(self, *names: str) -> None:
        """Makes sure that these are known.

        Raises:
            UnknownDeployment: they are not.
        """
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            options = ", ".join(f"--{name}" for name in missing)
            outputs = ", ".join(f"`{OUTPUTS[name]}`" for name in missing)
            raise UnknownDeployment(
                f"the Terraform outputs have no {outputs}: apply the lake (`python -m generator deploy apply`), "
                f"or give {options}"
            )

    def to_json(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in OUTPUTS}
