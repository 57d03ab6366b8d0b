"""What is wrong with a job whatever it computes: buckets in the script, targets to which every run adds its rows."""

from __future__ import annotations

from generator.author.studio.catalog import Catalog
from generator.author.studio.model import Job, Kind


def note_traps(job: Job, catalog: Catalog) -> None:
    """Adds the findings to the job."""
    lines: dict[str, int] = {}
    places = [(node, read.place) for node, read in job.reads()] + [
        (node, target.place) for node, target in job.writes()
    ]
    for node, place in places:
        if place.bucket:
            lines.setdefault(place.bucket, node.line)
    for name, line in lines.items():
        help = "the lake's jobs get theirs as an argument"
        job.note(
            Kind.TRAP,
            "hard-coded-bucket",
            line,
            f"the bucket `{name}` is written into the job",
            help,
            about=f"`{name}`",
        )
    for node, target in job.writes():
        if not target.purged:
            name = catalog.target_name(target)
            message = f"every run adds its rows to those of `{name}` that are there: a second run doubles the table"
            help = "the lake writes a new version, checks it, and then switches; nothing to do"
            job.note(Kind.TRAP, "appends", node.line, message, help, about=f"`{name}`")
