"""What is wrong with a job whatever it computes: buckets in the script, appending targets, names in the wrong case."""

from __future__ import annotations

from generator.author.names import storable
from generator.author.studio.catalog import Catalog, bucket, target_name
from generator.author.studio.model import Filter, Job, Join, Kind, Node, NodeId, Operation, Read


def note_traps(job: Job, catalog: Catalog) -> None:
    """Adds the findings to the job."""
    _hard_coded_buckets(job)
    for node, target in job.writes():
        if not target.purged:
            name = target_name(job, target)
            message = f"every run adds its rows to those of `{name}` that are there: a second run doubles the table"
            help = "the lake writes a new version, checks it, and then switches; nothing to do"
            job.note(Kind.TRAP, "appends", node.line, message, help)
    for node, read in job.reads():
        _wrong_case(job, catalog, node, read)


def _hard_coded_buckets(job: Job) -> None:
    lines: dict[str, int] = {}
    places = [(node, read.path) for node, read in job.reads()] + [(node, target.path) for node, target in job.writes()]
    for node, path in places:
        if found := bucket(path):
            lines.setdefault(found, node.line)
    for name, line in lines.items():
        message = f"the bucket `{name}` is written into the job"
        job.note(Kind.TRAP, "hard-coded-bucket", line, message, "the lake's jobs get theirs as an argument")


def _wrong_case(job: Job, catalog: Catalog, node: Node, read: Read) -> None:
    """The catalog has lower-case names; JSON files have those of the raw data."""
    known = catalog.known.get(catalog.resolve(node, read))
    for line, column in _columns_below(job, node.id):
        declared = known.columns.get(storable(column)) if known and known.in_spec else None
        if read.table and column != column.lower():
            message = (
                f"`{column}` isn't a column of the catalog table `{read.table}`: it is called `{column.lower()}` there"
            )
            job.note(
                Kind.TRAP,
                "wrong-case",
                line,
                message,
                "in the spec names are lower case, and `key` is the raw spelling",
            )
        elif declared is not None and read.path and read.format == "json" and _differs(column, declared.key):
            message = f"the raw data spells `{column}` as `{declared.key}`: read from files, `{column}` isn't there"
            job.note(Kind.TRAP, "wrong-case", line, message, "in the spec `key` is the raw spelling")


def _differs(column: str, key: str) -> bool:
    """Whether it is the key in another case."""
    return column != key and column.lower() == key.lower()


def _columns_below(job: Job, source: NodeId) -> list[tuple[int, str]]:
    """Columns that filters and joins right behind a source name, with their lines."""
    found: list[tuple[int, str]] = []
    for node in job.nodes.values():
        if source in node.inputs:
            found += [(node.line, column) for column in _named(node.operation, node.inputs.index(source))]
    return list(dict.fromkeys(found))


def _named(operation: Operation, side: int) -> list[str]:
    if isinstance(operation, Filter):
        return list(operation.columns)
    if isinstance(operation, Join):
        return [pair[side] for pair in operation.keys]
    return []
