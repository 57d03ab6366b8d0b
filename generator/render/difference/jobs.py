"""What changes of the jobs: which there are, what each makes and waits for, what it runs on, and what it may read or
write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.jobs.plan import Job, Step
from generator.plan.lake import CompiledLake, JobSettings
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, codes, line
from generator.render.difference.names import Names
from generator.render.difference.pairs import Lakes
from generator.runtime.words import plural


def job_changes(lakes: Lakes, old_name: str, new_name: str) -> Iterator[Change]:
    """Of the job that one table or source has to itself.

    Args:
        old_name, new_name: of the table or source; empty where it isn't there.
    """
    old, new = lakes.old_maker(old_name), lakes.new_maker(new_name)
    before, now = (job if job is not None and job.is_own else None for job in (old, new))
    one = now or before
    if one is None:
        return
    on = On.SOURCE if one.only.is_source else On.TABLE
    if now is None:
        assert before is not None
        maker = f": job {code(new.name)} makes it" if new is not None else ""
        lines = _access(lakes.old, before, lakes.names)
        yield Change(
            on, new_name or old_name, Aspect.JOB, Kind.REMOVED, f"its job and its role are gone{maker}", "", lines
        )
    elif before is None:
        maker = f"; job {code(old.name)} made it" if old is not None else ""
        text = f"a new job{_after(now)}{maker}"
        yield Change(on, new_name, Aspect.JOB, Kind.ADDED, text, "", (), _access(lakes.new, now, Names()))
        yield from _settings_changes(on, new_name, JobSettings(), now.settings)
    else:
        yield from _both(lakes, on, new_name, before, now)


def group_changes(lakes: Lakes) -> Iterator[Change]:
    """Of jobs that make several steps, or are called otherwise than what they make."""
    old = {name: job for name, job in lakes.old_jobs.items() if not job.is_own}
    new = {name: job for name, job in lakes.new_jobs.items() if not job.is_own}
    for name, job in new.items():
        if name in old:
            yield from _steps(lakes, old[name], job)
            yield from _both(lakes, On.JOB, name, old[name], job)
            if job.is_group and not old[name].is_group:
                yield from _widened(lakes.new, job)
        else:
            text = f"new job, makes {codes(job.makes)}{_after(job)}"
            yield Change(On.JOB, name, Aspect.DEFINITION, Kind.ADDED, text, "", (), _access(lakes.new, job, Names()))
            yield from _settings_changes(On.JOB, name, JobSettings(), job.settings)
            yield from _widened(lakes.new, job)
    for name, job in old.items():
        if name not in new:
            text = f"job and role are gone; it made {codes(lakes.names.texts(job.makes))}"
            yield Change(On.JOB, name, Aspect.DEFINITION, Kind.REMOVED, text)


def _both(lakes: Lakes, on: On, name: str, old: Job, new: Job) -> Iterator[Change]:
    after = lakes.names.texts(old.after)
    if set(after) != set(new.after):
        text = f"its job waits for {_waits(new.after)} instead of {_waits(after)}"
        text = text.removeprefix("its job ") if on is On.JOB else text
        yield Change(on, name, Aspect.JOB, Kind.CHANGED, text, "after", after, new.after)
    yield from _settings_changes(on, name, old.settings, new.settings)
    if old.description != new.description:
        lines = line(old.description), line(new.description)
        yield Change(on, name, Aspect.DESCRIPTION, Kind.CHANGED, "the description of its job", "job", *lines)
    mine, theirs = _access(lakes.old, old, lakes.names), _access(lakes.new, new, Names())
    yield from _access_changes(on, name, mine, theirs)


def _steps(lakes: Lakes, old: Job, new: Job) -> Iterator[Change]:
    mine, theirs = lakes.names.texts(old.makes), new.makes
    come, gone = [one for one in theirs if one not in mine], [one for one in mine if one not in theirs]
    if come:
        text = f"it makes {codes(come)} too"
        yield Change(On.JOB, new.name, Aspect.DEFINITION, Kind.CHANGED, text, "steps", mine, theirs)
    if gone:
        text = f"it no longer makes {codes(gone)}"
        yield Change(On.JOB, new.name, Aspect.DEFINITION, Kind.CHANGED, text, "steps", mine, theirs)


def _widened(lake: CompiledLake, job: Job) -> Iterator[Change]:
    """Each step of a group may do what any of them needs."""
    if not job.is_group:
        return
    whole = _access(lake, job, Names())
    alone = max(len(_access(lake, Job(step.name, (step,)), Names())) for step in job.steps)
    text = (
        f"rights widen: each of its {plural(len(job.steps), 'step')} may read and write what any of them needs, "
        f"{plural(len(whole), 'folder')} in all; in a job of its own a step needs {alone} at most"
    )
    yield Change(On.JOB, job.name, Aspect.ACCESS, Kind.ADDED, text, "role", (), (), Risk.ACCESS)


def _settings_changes(on: On, name: str, old: JobSettings, new: JobSettings) -> Iterator[Change]:
    mine, theirs = _said(old), _said(new)
    for item, now in theirs.items():
        was = mine[item]
        if was != now:
            text = f"{code(item)} is gone: it was {was}" if not now else f"{code(item)}: {now}"
            text += f" instead of {was}" if was and now else ""
            yield Change(on, name, Aspect.JOB, Kind.CHANGED, text, item, line(was), line(now))


def _said(settings: JobSettings) -> dict[str, str]:
    return {
        "workers": " ".join(str(settings.workers[key]) for key in ("count", "type") if key in settings.workers),
        "timeout": plural(settings.timeout, "minute") if settings.timeout is not None else "",
        "execution_class": settings.execution_class or "",
    }


def _access_changes(on: On, name: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    who = "it" if on is On.JOB else "its job"
    for one in new:
        if one not in old:
            text = f"{who} may {'now also ' if on is On.JOB else ''}{_allowed(one)}"
            risk = Risk.ACCESS if on is On.JOB else None
            yield Change(on, name, Aspect.ACCESS, Kind.ADDED, text, one, (), (one,), risk)
    for one in old:
        if one not in new:
            text = f"{who} may no longer {_allowed(one)}"
            yield Change(on, name, Aspect.ACCESS, Kind.REMOVED, text, one, (one,), ())


def _allowed(access: str) -> str:
    verb, prefix = access.split(" ", 1)
    return f"{verb} {code(prefix)}"


def _after(job: Job) -> str:
    return f", after {codes(job.after)}" if job.after else ", which waits for no other"


def _waits(after: tuple[str, ...]) -> str:
    return codes(after) if after else "no other"


def _access(lake: CompiledLake, job: Job, names: Names) -> tuple[str, ...]:
    """What the role of a job allows, as verbs and prefixes; the lake's own log and keys are every job's."""
    sources = sorted(names.new(one) for one in job.reads if one in lake.sources)
    tables = [names.new(one) for one in job.reads if one not in lake.sources]
    made = [names.new(step.name) for step in job.steps if not step.is_source]
    return (
        *(f"read landing/{path}" for step in job.steps if step.is_source for path in lake.sources[step.name].paths),
        *(f"read sources/{source}/" for source in sources),
        *(f"read tables/{table}/" for table in dict.fromkeys((*made, *tables))),
        *(f"write {folder}" for step in job.steps for folder in _written(step, names)),
    )


def _written(step: Step, names: Names) -> tuple[str, ...]:
    name = names.new(step.name)
    return (f"sources/{name}/", f"quarantine/{name}/") if step.is_source else (f"tables/{name}/",)
