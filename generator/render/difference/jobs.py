"""What changes of the jobs: which there are, what each waits for, and what each may read or write."""

from __future__ import annotations

from collections.abc import Iterator

from generator.jobs.plan import Job
from generator.plan.lake import CompiledLake
from generator.render.difference.model import Aspect, Change, Kind, On, code, codes
from generator.render.difference.names import Names
from generator.render.difference.pairs import Lakes


def job_changes(lakes: Lakes, old: Job | None, new: Job | None) -> Iterator[Change]:
    """Of the job of one table or source."""
    known = new or old
    on = On.SOURCE if known is not None and known.is_source else On.TABLE
    if new is None:
        if old is not None:
            text = "its job and its role are gone"
            lines = _access(lakes.old, old, lakes.names)
            yield Change(on, lakes.names.new(old.name), Aspect.JOB, Kind.REMOVED, text, "", lines)
        return
    access = _access(lakes.new, new, Names())
    if old is None:
        waits = f", after {codes(new.after)}" if new.after else ", which waits for no other"
        yield Change(on, new.name, Aspect.JOB, Kind.ADDED, f"a new job{waits}", "", (), access)
        return
    after = lakes.names.texts(old.after)
    if set(after) != set(new.after):
        text = f"its job waits for {_waits(new.after)} instead of {_waits(after)}"
        yield Change(on, new.name, Aspect.JOB, Kind.CHANGED, text, "after", after, new.after)
    yield from _access_changes(on, new.name, _access(lakes.old, old, lakes.names), access)


def _access_changes(on: On, name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    for one in new:
        if one not in old:
            text = f"its job may {_allowed(one)}"
            yield Change(on, name, Aspect.ACCESS, Kind.ADDED, text, one, (), (one,))
    for one in old:
        if one not in new:
            text = f"its job may no longer {_allowed(one)}"
            yield Change(on, name, Aspect.ACCESS, Kind.REMOVED, text, one, (one,), ())


def _allowed(access: str) -> str:
    verb, prefix = access.split(" ", 1)
    return f"{verb} {code(prefix)}"


def _waits(after: tuple[str, ...]) -> str:
    return codes(after) if after else "no other"


def _access(lake: CompiledLake, job: Job, names: Names) -> tuple[str, ...]:
    """What the role of a job allows, as verbs and prefixes; the lake's own log and keys are every job's."""
    name = names.new(job.name)
    if job.is_source:
        read = (f"read landing/{path}" for path in lake.sources[job.name].paths)
        return (*read, f"write sources/{name}/", f"write quarantine/{name}/")
    sources = sorted(names.new(one) for one in job.after if one in lake.sources)
    tables = (names.new(one) for one in (job.name, *job.after) if one not in lake.sources)
    return (
        *(f"read sources/{source}/" for source in sources),
        *(f"read tables/{table}/" for table in dict.fromkeys(tables)),
        f"write tables/{name}/",
    )
