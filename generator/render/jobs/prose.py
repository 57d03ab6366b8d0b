"""The words of a script: its docstring and its comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.jobs.plan import Job, Step, quarantine_table
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable
from generator.plan.relation import Column
from generator.render.explanation.consent import consent_proof
from generator.render.explanation.personal import Personal, personal_columns
from generator.render.jobs.layout import WIDTH
from generator.render.jobs.literals import width

STEPS = 8
QUOTES = 'r"""'


def docstring(lake: CompiledLake, table: CompiledTable, step: Step, indent: str = "") -> str:
    """What the table is, what is proven of it, and where its script comes from."""
    lines = _Lines(WIDTH - len(indent))
    paragraphs = [
        lines.of(_sentence(table.description or f"Table {table.name} of the lake {lake.name}."), lead=len(QUOTES)),
        *_consent(lines, lake, table),
        *_personal(lines, table.columns),
        _about(lines, lake, table, step),
    ]
    return _quoted(paragraphs, indent)


def _quoted(paragraphs: Iterable[str], indent: str = "") -> str:
    text = "\n\n".join(paragraphs).replace('"""', "'''")
    whole = f'{"r" if chr(92) in text else ""}"""{text}\n"""'
    return "\n".join(f"{indent}{line}" if line else "" for line in whole.split("\n")) if indent else whole


def job_docstring(lake: CompiledLake, job: Job, place: str) -> str:
    """What a job of several steps makes, and where its script comes from.

    Args:
        place: of what the spec says of it.
    """
    lines = _Lines(WIDTH)
    waits = f" Runs after {', '.join(job.after)}." if job.after else ""
    says = f"Makes {', '.join(job.makes[:-1])} and {job.makes[-1]}, one after the other. Each is checked and published "
    says += "on its own: a step that fails ends the job, and what was published before it stays. "
    says += "The argument --steps, with names and commas between them, makes only those."
    paragraphs = [
        lines.of(_sentence(job.description or f"Job {job.name} of the lake {lake.name}."), lead=len(QUOTES)),
        lines.of(says),
        "\n".join((lines.of(f"Lake {lake.name}.{waits}"), lines.of(_generated(place)))),
    ]
    return _quoted(paragraphs)


def _generated(place: str) -> str:
    return f"Generated from {place} by `python -m generator build`: edit that, not this file."


def source_docstring(lake: CompiledLake, source: CompiledSource, indent: str = "") -> str:
    """What the source is, and where its script comes from."""
    lines = _Lines(WIDTH - len(indent))
    waits = f"Lake {lake.name}, zone {source.zone}."
    place = f"{source.metadata.file} (sources.{source.name})"
    paragraphs = [
        lines.of(_sentence(source.description or f"Source {source.name} of the lake {lake.name}."), lead=len(QUOTES)),
        lines.of(
            f"Every line of raw data below {source.place} becomes a row here, or is kept in "
            f"{quarantine_table(source.name)} with the reason."
        ),
        *_personal(lines, source.relation.columns.values()),
        "\n".join(
            (
                lines.of(waits),
                lines.of(_generated(place)),
            )
        ),
    ]
    return _quoted(paragraphs, indent)


def comment(text: str, indent: str = "") -> str:
    """A comment of one line; what doesn't fit is left out."""
    shown, room = f"# {_printable(text)}", WIDTH - len(indent)
    if width(shown) <= room:
        return indent + shown
    while width(shown) > room - 2:
        shown = shown[: shown.rfind(" ")] if " " in shown[2:] else shown[:-1]
    return f"{indent}{shown} …"


def _consent(lines: _Lines, lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    proof = consent_proof(lake, table)
    if proof is None or not proof.proven:
        return
    if not proof.about:
        yield lines.of(f"Zone {table.zone} requires the consent {proof.consent}; no row is about a {proof.subject}.")
        return
    agreed = f"gave the consent {proof.consent} ({proof.registry}: {proof.when})"
    head = f"Every row is proven to be about a {proof.subject} who {agreed}:"
    steps = list(dict.fromkeys(f"- {step.table}: {step.step}" for step in proof.by))
    more = [f"- and {len(steps) - STEPS} more steps: see `explain {table.name}`"] if len(steps) > STEPS else []
    yield "\n".join((lines.of(head), *(lines.of(line, "  ") for line in (*steps[:STEPS], *more))))


def _personal(lines: _Lines, columns: Iterable[Column]) -> Iterator[str]:
    found = [
        column.name + (" (pseudonymous)" if column.personal is Personal.PSEUDONYMOUS else "")
        for column in personal_columns(columns)
    ]
    if found:
        yield lines.of(f"Personal data: {', '.join(found)}.")


def _about(lines: _Lines, lake: CompiledLake, table: CompiledTable, step: Step) -> str:
    waits = f" Runs after {', '.join(step.after)}." if step.after else ""
    place = f"{table.metadata.file} (tables.{table.name})"
    return "\n".join(
        (
            lines.of(f"Lake {lake.name}, zone {table.zone}.{waits}"),
            lines.of(_generated(place)),
        )
    )


def _sentence(text: str) -> str:
    shown = _printable(text)
    return shown if shown[-1:] in ".!?…:" else f"{shown}."


def _printable(text: str) -> str:
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class _Lines:
    """Paragraphs in lines that aren't longer than `room`."""

    room: int

    def of(self, text: str, indent: str = "", lead: int = 0) -> str:
        """A paragraph; `lead` columns of its first line are taken."""
        lines = [""]
        for word in _printable(text).split():
            longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
            if width(longer) <= self.room - (lead if len(lines) == 1 else 0) or not lines[-1].strip():
                lines[-1] = longer
            else:
                lines.append(indent + word)
        return "\n".join(lines)
