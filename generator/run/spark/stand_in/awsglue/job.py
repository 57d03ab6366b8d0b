"""A job's beginning and end. Without bookmarks there is nothing to remember in between."""

from collections.abc import Mapping

from awsglue.context import GlueContext


class Job:
    def __init__(self, glue_context: GlueContext) -> None:
        self.glue_context = glue_context

    def init(self, job_name: str, args: Mapping[str, str] | None = None) -> None:
        self.name = job_name

    def commit(self) -> None:
        """Ends the job."""
