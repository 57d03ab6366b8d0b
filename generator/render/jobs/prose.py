"""The words of a script: its docstring and its comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.jobs.plan import Job, quarantine_table
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable
from generator.plan.relation import Column
from generator.render.explanation.consent import consent_proof
from generator.render.explanation.personal import Personal, personal_columns
from generator.render.jobs.layout import WIDTH
from generator.render.jobs.literals import width

STEPS = 8
QUOTES = 'r"""'


def docstring(lake: CompiledLake, table: CompiledTable, job: Job) -> str:
    """What the table is, what is proven of it, and where its script comes from."""
    paragraphs = [
        _lines(_sentence(table.description or f"Table {table.name} of the lake {lake.name}."), lead=len(QUOTES)),
        *_consent(lake, table),
        *_personal(table.columns),
        _about(lake, table, job),
    ]
    return _quoted(paragraphs)


def _quoted(paragraphs: Iterable[str]) -> str:
    text = "\n\n".join(paragraphs).replace('"""', "'''")
    return f'{"r" if chr(92) in text else ""}"""{text}\n"""'


def source_docstring(lake: CompiledLake, source: CompiledSource) -> str:
    """What the source is, and where its script comes from."""
    waits = f"Lake {lake.name}, zone {source.zone}."
    place = f"{source.metadata.file} (sources.{source.name})"
    paragraphs = [
        _lines(_sentence(source.description or f"Source {source.name} of the lake {lake.name}."), lead=len(QUOTES)),
        _lines(
            f"Every line of raw data below {source.place} becomes a row here, or is kept in "
            f"{quarantine_table(source.name)} with the reason."
        ),
        *_personal(source.relation.columns.values()),
        "\n".join(
            (
                _lines(waits),
                _lines(f"Generated from {place} by `python -m generator build`: edit that, not this file."),
            )
        ),
    ]
    return _quoted(paragraphs)


def comment(text: str) -> str:
    """A comment of one line; what doesn't fit is left out."""
    shown = f"# {_printable(text)}"
    if width(shown) <= WIDTH:
        return shown
    while width(shown) > WIDTH - 2:
        shown = shown[: shown.rfind(" ")] if " " in shown[2:] else shown[:-1]
    return f"{shown} …"


def _consent(lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    proof = consent_proof(lake, table)
    if proof is None or not proof.proven:
        return
    if not proof.about:
        yield _lines(f"Zone {table.zone} requires the consent {proof.consent}; no row is about a {proof.subject}.")
        return
    agreed = f"gave the consent {proof.consent} ({proof.registry}: {proof.when})"
    head = f"Every row is proven to be about a {proof.subject} who {agreed}:"
    steps = list(dict.fromkeys(f"- {step.table}: {step.step}" for step in proof.by))
    more = [f"- and {len(steps) - STEPS} more steps: see `explain {table.name}`"] if len(steps) > STEPS else []
    yield "\n".join((_lines(head), *(_lines(line, "  ") for line in (*steps[:STEPS], *more))))


def _personal(columns: Iterable[Column]) -> Iterator[str]:
    found = [
        column.name + (" (pseudonymous)" if column.personal is Personal.PSEUDONYMOUS else "")
        for column in personal_columns(columns)
    ]
    if found:
        yield _lines(f"Personal data: {', '.join(found)}.")


def _about(lake: CompiledLake, table: CompiledTable, job: Job) -> str:
    waits = f" Runs after {', '.join(job.after)}." if job.after else ""
    place = f"{table.metadata.file} (tables.{table.name})"
    return "\n".join(
        (
            _lines(f"Lake {lake.name}, zone {table.zone}.{waits}"),
            _lines(f"Generated from {place} by `python -m generator build`: edit that, not this file."),
        )
    )


def _sentence(text: str) -> str:
    shown = _printable(text)
    return shown if shown[-1:] in ".!?…:" else f"{shown}."


def _printable(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _lines(text: str, indent: str = "", lead: int = 0) -> str:
    """A paragraph, its words in lines that aren't too long; `lead` columns of the first line are taken."""
    lines = [""]
    for word in _printable(text).split():
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if width(longer) <= WIDTH - (lead if len(lines) == 1 else 0) or not lines[-1].strip():
            lines[-1] = longer
        else:
            lines.append(indent + word)
    return "\n".join(lines)
