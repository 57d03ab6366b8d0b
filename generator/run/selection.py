"""Which part of a lake a run makes: what `--select` and `--exclude` say, in the words of `generator.plan.selection`.

What a chosen table is made of is made with it, as far as it isn't current: `+table` says no more than `table`. What is
excluded isn't made, and neither is what reads it: what is published of both stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from generator.plan.selection import Selectable, Selection, SelectionError
from generator.run.program import Program, SourceProgram, TableProgram

__all__ = ["SelectionError", "chosen"]


def chosen(program: Program, select: Iterable[str], exclude: Iterable[str]) -> Program:
    """The part of a program that makes what is selected and not excluded; all of it where neither says anything.

    Raises:
        SelectionError: as its docstring says.
    """
    selected, excluded = list(select), list(exclude)
    if not selected and not excluded:
        return program
    graph = _selection(program)
    wanted = graph.of_words(selected, "--select") if selected else set(graph.all)
    if not excluded:
        return program.needed_for(wanted)
    gone = graph.of_words(excluded, "--exclude")
    left = wanted - graph.below(gone)
    if not left:
        raise SelectionError(_nothing_left(graph, wanted, gone))
    return program.needed_for(left)


def _selection(program: Program) -> Selection:
    made: list[SourceProgram | TableProgram] = [*program.sources, *program.tables]
    all = {one.name: Selectable(one.zone, one.file, tuple(one.tags)) for one in made}
    return Selection(all, {table.name: table.inputs for table in program.tables})


def _nothing_left(graph: Selection, wanted: set[str], excluded: set[str]) -> str:
    for name in graph.all:
        over = next((one for one in graph.above({name}) if one in excluded), None)
        if name in wanted and over is not None and name not in excluded:
            return f"--exclude leaves nothing of what is selected: `{name}` needs `{over}`"
    return "--exclude leaves nothing of what is selected"
