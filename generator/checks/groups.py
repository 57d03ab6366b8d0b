"""W004: jobs that wait for each other, as each makes what the other one reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.checks.finding import Finding
from generator.diagnostics import Severity
from generator.jobs.plan import Step, plan_steps
from generator.plan.context import readable
from generator.plan.jobs import own_jobs
from generator.plan.lake import CompiledLake
from generator.plan.later import in_order

Edges = Mapping[str, Mapping[str, tuple[str, str]]]
"""By job, the jobs that it waits for, each with what is read there, and by which step."""


def check(lake: CompiledLake) -> Iterator[Finding]:
    if not any(len(job.steps) > 1 for job in lake.jobs.values()):
        return
    steps = plan_steps(lake)
    edges = _edges(steps, dict(own_jobs(steps, lake.jobs)))
    cycle = _shortest_cycle(edges)
    if cycle:
        yield _finding(lake, edges, cycle)


def _edges(steps: Mapping[str, Step], makers: Mapping[str, str]) -> Edges:
    edges: dict[str, dict[str, tuple[str, str]]] = {}
    for step in steps.values():
        mine = edges.setdefault(makers[step.name], {})
        for read in step.after:
            if makers.get(read, makers[step.name]) != makers[step.name]:
                mine.setdefault(makers[read], (read, step.name))
    return edges


def _shortest_cycle(edges: Edges) -> list[str]:
    """The jobs of a cycle, each waiting for the next one and the last one for the first; none where there is none."""
    found: list[str] = []
    for start in _in_cycles(edges):
        paths, seen = [[start]], {start}
        for path in paths:
            if start in edges[path[-1]]:
                if not found or len(path) < len(found):
                    found = path
                break
            for other in edges[path[-1]]:
                if other not in seen:
                    seen.add(other)
                    paths.append([*path, other])
    return found


def _in_cycles(edges: Edges) -> list[str]:
    """The jobs that are in cycles, or wait for those that are."""
    free = set(in_order({job: set(after) for job, after in edges.items()}))
    return [job for job in edges if job not in free]


def _finding(lake: CompiledLake, edges: Edges, cycle: list[str]) -> Finding:
    pairs = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    notes = [
        f"job `{one}` waits for job `{other}`: `{edges[one][other][1]}` reads `{edges[one][other][0]}`"
        for one, other in pairs
    ]
    said = next(lake.jobs[job] for job in cycle if job in lake.jobs and len(lake.jobs[job].steps) > 1)
    return Finding(
        "W004",
        f"jobs wait for each other: {' → '.join(f'`{job}`' for job in (*cycle, cycle[0]))}",
        said.place,
        "this can never begin",
        notes=tuple(notes),
        help=(
            "move steps, so that one of them reads nothing that the other one makes",
            f"or make them in one job: it takes the steps of {readable(cycle)}",
        ),
        severity=Severity.ERROR,
    )
