"""Jobs of which the spec says something: which steps each makes, and what it runs on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.diagnostics import suggestion
from generator.plan.context import Context, readable
from generator.plan.graph import inputs_of
from generator.plan.lake import CompiledJob, JobSettings, Place
from generator.plan.selection import Selectable, Selection, SelectionError
from generator.spec.model import Job, Source, Table, Workers

Path = tuple[str | int, ...]
_DOES = {"steps": "makes", "exclude": "excludes"}
SMALL = ("G.1X", "G.2X")
"""The workers that jobs of class flex can have."""


def compile_jobs(context: Context, order: Sequence[str]) -> dict[str, CompiledJob]:
    """The jobs of the spec by name, and those of sources and tables that say `workers`.

    Args:
        order: the tables, each after its inputs.

    Returns:
        None of them where something is wrong with one.
    """
    spec, before = context.spec, len(context.diagnostics)
    own = _own_workers(context)
    if not spec.jobs and not own:
        return {}
    known = _Known(context, (*spec.sources, *order))
    found: dict[str, CompiledJob] = {}
    makers: dict[str, str] = {}
    for name, job in spec.jobs.items():
        words = known.steps(name, job)
        for step in words:
            if step in makers:
                _in_two(context, step, (makers[step], found[makers[step]].words), (name, words))
            else:
                makers[step] = name
        settings = _settings(context, ("jobs", name), job.workers, job)
        place, file = Place(("jobs", name)), context.document.file(("jobs", name))
        found[name] = CompiledJob(name, job.description, tuple(words), settings, place, words, file)
    _report_taken(context, makers)
    for step, (path, workers) in own.items():
        if step in makers:
            _said_elsewhere(context, step, path, makers[step], found)
        elif step not in found:
            settings = _settings(context, path[:-1], workers)
            found[step] = CompiledJob(step, None, (step,), settings, Place(path), {step: step})
    return found if len(context.diagnostics) == before else {}


def _own_workers(context: Context) -> dict[str, tuple[Path, Workers]]:
    """The sources and tables that say themselves what their jobs run on, and where."""
    sources = [("sources", name, one.workers) for name, one in context.spec.sources.items()]
    tables = [("tables", name, one.workers) for name, one in context.spec.tables.items()]
    return {
        name: ((section, name, "workers"), workers)
        for section, name, workers in (*sources, *tables)
        if workers is not None
    }


@dataclass(slots=True)
class _Known:
    """What jobs can make.

    Attributes:
        order: sources and tables, each after its inputs.
    """

    context: Context
    order: Sequence[str]
    selection: Selection

    def __init__(self, context: Context, order: Sequence[str]) -> None:
        spec, file = context.spec, context.document.file
        self.context, self.order = context, order
        known: dict[str, Source | Table] = {**spec.sources, **spec.tables}
        section = {**dict.fromkeys(spec.sources, "sources"), **dict.fromkeys(spec.tables, "tables")}
        all = {name: Selectable(one.zone, file((section[name], name)), tuple(one.tags)) for name, one in known.items()}
        self.selection = Selection(all, {name: inputs_of(table, known) for name, table in spec.tables.items()})

    def steps(self, name: str, job: Job) -> Mapping[str, str]:
        """The steps of a job in order, each with the word that chose it."""
        if job.steps is None:
            return self.own(name)
        words: dict[str, str] = {}
        for number, word in enumerate(job.steps):
            for step in self.chosen(("jobs", name, "steps", number), word):
                words.setdefault(step, word)
        gone: set[str] = set()
        for number, word in enumerate(job.exclude):
            gone |= set(self.chosen(("jobs", name, "exclude", number), word))
        left = {step: words[step] for step in self.order if step in words and step not in gone}
        if words and not left:
            path: Path = ("jobs", name, "exclude")
            message = f"`exclude` leaves nothing of the steps of job `{name}`"
            self.context.report("W002", message, self.context.span(Place(path)), "all of them are here")
        return left

    def own(self, name: str) -> Mapping[str, str]:
        """The step of the job that a source or table has for itself."""
        spec = self.context.spec
        span = self.context.document.key_span(("jobs", name))
        if name in spec.tables and spec.tables[name].view:
            way = "a view is made by the jobs of the tables that read it: name one of them"
            self.context.report("W002", f"the view `{name}` has no job", span, "this job makes nothing", help=(way,))
        elif name in self.selection.all:
            return {name: name}
        else:
            tables = [one for one in self.selection.all if one not in spec.tables or not spec.tables[one].view]
            help = (*suggestion(name, tables), f"or say what it makes: `{name}: {{steps: [zone:…]}}`")
            message = f"job `{name}` makes nothing: no source or table is called so, and it has no `steps`"
            self.context.report("W002", message, span, "this job makes nothing", help=help)
        return {}

    def chosen(self, path: Path, word: str) -> Iterable[str]:
        """The sources and tables that a word chooses, but for views; it is reported where there are none."""
        tables = self.context.spec.tables
        try:
            found = self.selection.of_word(word, "steps")
        except SelectionError as error:
            self.report(path, f"{error.problem}: job `{path[1]}` {_DOES[str(path[2])]} nothing by this", error.help)
            return ()
        made = {one for one in found if one not in tables or not tables[one].view}
        if not made:
            help = "a view is made by the jobs of the tables that read it: choose those, as `VIEW+` does"
            self.report(path, f"there are only views in `{word}`, and they have no job", (help,))
        return made

    def report(self, path: Path, message: str, help: Iterable[str]) -> None:
        self.context.report("W002", message, self.context.span(_item(self.context, path)), help=help)


def _item(context: Context, path: Path) -> Place:
    """A place in a list, or that of the only item, which needs no list."""
    return Place(path if context.document.has(path) else path[:-1])


def _place_of(context: Context, job: str, word: str) -> Place:
    """Where a job names a word among its steps."""
    steps = context.spec.jobs[job].steps
    return Place(("jobs", job)) if steps is None else _item(context, ("jobs", job, "steps", steps.index(word)))


Made = tuple[str, Mapping[str, str]]
"""A job and its steps, each with the word that chose it."""


def _in_two(context: Context, step: str, first: Made, second: Made) -> None:
    (one, ones), (other, others) = first, second
    if context.spec.jobs[other].steps is None:
        span = context.document.key_span(("jobs", other))
        help = f"say what it runs on at `{one}`, or take it out there: `exclude: [{step}]`"
    else:
        span = context.span(_place_of(context, other, others[step]))
        help = f"take it out of one of them: `exclude: [{step}]`"
    context.report(
        "W001",
        f"`{step}` is made by two jobs, `{one}` and `{other}`",
        span,
        f"{'' if others[step] == step else f'`{step}` is in this, and '}`{one}` has it"
        + ("" if ones[step] == step else f" by `{ones[step]}`"),
        help=(help,),
    )


def _report_taken(context: Context, makers: Mapping[str, str]) -> None:
    """Jobs called as a source or table that isn't among their steps: so is that one's own job."""
    for name, job in context.spec.jobs.items():
        what = "source" if name in context.spec.sources else "table"
        taken = what == "source" or (name in context.spec.tables and not context.spec.tables[name].view)
        if job.steps is None or not taken or makers.get(name) == name:
            continue
        maker = makers.get(name)
        context.report(
            "W003",
            f"job `{name}` is called as a {what} that it doesn't make",
            context.document.key_span(("jobs", name)),
            f"job `{maker}` makes the {what}" if maker else f"the {what}'s own job is called so",
            help=(f"call the job otherwise, or put `{name}` among its steps",),
        )


def _said_elsewhere(context: Context, step: str, path: Path, maker: str, jobs: Mapping[str, CompiledJob]) -> None:
    """`workers` of a source or table whose job says what it runs on, or makes more than it."""
    job = jobs[maker]
    others = [one for one in job.steps if one != step]
    if others:
        message = f"`{step}` has no job of its own: job `{maker}` makes it, together with {readable(others[:3])}"
        message += f" and {len(others) - 3} more" if len(others) > 3 else ""
    else:
        message = f"what the job of `{step}` runs on is said in `jobs` too"
    context.report("W005", message, context.span(Place(path)), help=(f"write `workers` at `jobs.{maker}` alone",))


def _settings(context: Context, path: Path, workers: Workers | None, job: Job | None = None) -> JobSettings:
    said = workers.model_dump(exclude_none=True) if workers is not None else {}
    kind = job.execution_class if job is not None else None
    if kind == "flex" and said.get("type", SMALL[0]) not in SMALL:
        context.report(
            "W005",
            f"a job of class flex has workers of type G.1X or G.2X, not {said['type']}",
            context.span(Place((*path, "workers"))),
            help=("take smaller workers and more of them, or `execution_class: standard`",),
        )
    return JobSettings(said, job.timeout if job is not None else None, kind)


def own_jobs(steps: Iterable[str], jobs: Mapping[str, CompiledJob]) -> Iterator[tuple[str, str]]:
    """Each step with the name of the job that makes it."""
    makers = {step: job.name for job in jobs.values() for step in job.steps}
    return ((step, makers.get(step, step)) for step in steps)
