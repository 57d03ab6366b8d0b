"""How a search for a person is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.erasure.finding import Finding, Part, Search
from generator.runtime.words import plural

_MOST = 100
_LINES = 3


def format_search(terminal: Terminal, found: Search, certificate: Path) -> str:
    """Where the person is, or that it is nowhere.

    Args:
        certificate: where the certificate is, if there is one.
    """
    blocks = [
        *_table(terminal, found),
        "\n".join(_unread(found)),
        "\n".join(_keys(found)),
        "\n".join(_untold(found)),
        "\n".join(_elsewhere(found)),
        _end(found, certificate),
    ]
    return "\n\n".join(filter(None, blocks))


def _more(number: int) -> Iterator[str]:
    if number > _MOST:
        yield f"and {number - _MOST:,} more, which --json has"


def _table(terminal: Terminal, found: Search) -> Iterator[str]:
    if found.findings:
        rows = [_row(one, found.deployed) for one in found.findings[:_MOST]]
        yield format_table(terminal, ("where", "", "rows", "found", "gone"), rows, right={2}, below={1})
        yield from _more(len(found.findings))


def _unread(found: Search) -> Iterator[str]:
    yield from (f"can't be looked into: {one.file}: {one.problem}" for one in found.unread[:_MOST])
    yield from _more(len(found.unread))


def _row(one: Finding, deployed: bool) -> list[Cell]:
    name = one.files[0] if one.part in (Part.LANDING, Part.FILE) else one.name
    if one.branch:
        name += f", branch {one.branch}"
    elif one.run:
        name += ", current" if one.current else f", version {one.run}"
    elif one.snapshot is not None:
        name += f", snapshot {one.snapshot}"
    rows = "" if one.rows is None else f"{one.rows:,}"
    style = ("red",) if one.certain else ("yellow",)
    why = one.why if one.certain else f"possibly, {one.why}"
    return [Cell(str(one.part)), Cell(name), Cell(rows), Cell(why, style), Cell(_gone(one, deployed))]


def _gone(one: Finding, deployed: bool) -> str:
    if one.part is Part.LANDING and one.why == "its name":
        return "rename it"
    if one.part is Part.LANDING:
        return f"delete {_lines(one.lines)}" if one.lines else "delete the rows, or the file"
    if one.runs is None:
        return "delete the table: no run does" if deployed else "delete the file: no run does"
    return _after(one.runs, deployed)


def _lines(lines: Sequence[int]) -> str:
    first = ", ".join(str(line) for line in lines[:_LINES])
    more = f" and {len(lines) - _LINES:,} more" if len(lines) > _LINES else ""
    return f"line{'s' if len(lines) > 1 else ''} {first}{more}"


def _keys(found: Search) -> Iterator[str]:
    told = [key for key in found.keys if key.values and not key.given]
    if told:
        names = " and ".join(f"{key.key} ({plural(key.values, 'value')})" for key in told)
        yield f"Looked for by {names} as well, which rows of theirs tell."
    for key in found.keys:
        if not key.values:
            nobodys = _nobodys(found.nobodys.get(key.key, 0))
            yield (
                f"Not looked for by {key.key}, which nothing tells any more; {nobodys}. "
                f"If you know it, name it as well: {found.subject}.{key.key}=…"
            )
        elif not key.as_text:
            yield f"{key.key} is too short to be searched for in texts; it was looked for in its fields and columns."


def _nobodys(rows: int) -> str:
    if not rows:
        return "every row that has one is of somebody in the registry"
    return (
        "1 row has one that no row of the registry has"
        if rows == 1
        else (f"{rows:,} rows have one that no row of the registry has")
    )


def _untold(found: Search) -> Iterator[str]:
    for one in found.untold[:_MOST]:
        yield (
            f"Not told: version {one.run} of {one.name} doesn't say whose its rows are, and {one.made_of} as it was "
            f"then isn't kept any more. It is gone {_after(one.runs, found.deployed)}."
        )
    if found.untold:
        yield "If you know the run from which on the landing data was without them, name it: --since RUN."


def _after(runs: int, deployed: bool) -> str:
    if deployed:
        return f"after {'a new version' if runs == 1 else plural(runs, 'new version')}"
    return f"after {'a run' if runs == 1 else plural(runs, 'run')}"


def _elsewhere(found: Search) -> Iterator[str]:
    if found.not_looked_at:
        yield "Not looked at:"
    yield from (f"- {one}" for one in found.not_looked_at)


def _looked(found: Search) -> str:
    if found.deployed:
        return f"{plural(found.snapshots, 'snapshot')} and {plural(found.objects, 'landing file')} were looked through"
    rows = sum(one.rows or 0 for one in found.looked)
    return f"{plural(found.looked, 'file')} and {plural(rows, 'row')} of tables and sources were looked through"


def _end(found: Search, certificate: Path) -> str:
    looked = _looked(found)
    if found.erased:
        return f"Nowhere: {looked}. The certificate is {certificate}."
    if not found.findings and not found.untold:
        return f"Found nowhere, but that can't be certified: {looked}, and not those above."
    steps = []
    if any(one.part is Part.LANDING for one in found.findings):
        steps.append("delete these rows of the landing data")
    if any(one.runs is None for one in found.findings if one.part is Part.FILE):
        steps.append("delete the files that no run deletes")
    if any(one.runs is None for one in found.findings if one.snapshot is not None):
        steps.append("delete the tables that no run makes")
    if found.runs:
        steps.append(_runs(found))
    said = f"Still there. {', then '.join(steps)[:1].upper()}{', then '.join(steps)[1:]}, and ask again."
    if found.deployed and found.runs:
        said += " A run makes a new version of what changed alone; a job that is started with --full true always does."
    return said


def _runs(found: Search) -> str:
    if found.deployed:
        return f"start the workflow until these tables have {plural(found.runs, 'new version')}"
    return f"run the lake {'once' if found.runs == 1 else f'{found.runs} times'}"
