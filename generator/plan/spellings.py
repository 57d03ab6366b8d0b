"""How columns of sources spell their values: whether what the spec says goes with the column's type and the format."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.context import Context
from generator.plan.lake import Place
from generator.plan.types import Type
from generator.runtime.spelling import USUAL, Spelling
from generator.runtime.time_patterns import EPOCHS, Epoch, PatternError, time_reader
from generator.spec.model import SourceColumn

Problem = tuple[str, str, str]
"""The option, what is wrong with it, and a way out."""


def compile_spelling(context: Context, source: str, column: str, declared: SourceColumn, kind: Type) -> Spelling:
    """The spelling of a column; what is wrong with it is reported."""
    spelling = Spelling(
        format=tuple(declared.format),
        decimal=declared.decimal or "",
        thousands=declared.thousands or "",
        null=tuple(declared.null),
        true=tuple(declared.true),
        false=tuple(declared.false),
        trim=declared.trim,
    )
    problems = [] if spelling.is_usual else list(_problems(context.spec.sources[source].format, kind, spelling))
    for option, message, help in problems:
        place = Place(("sources", source, "columns", column, option))
        context.report("T014", f"`{source}.{column}`: {message}", place, help=(help,) if help else ())
    return USUAL if problems else spelling


def _problems(format: str, kind: Type, spelling: Spelling) -> Iterator[Problem]:
    given = spelling.given()
    if format == "parquet":
        yield next(iter(given)), "values of Parquet are typed, and not spelled in any way", "leave it out"
        return
    of = {
        "format": (kind.kind in ("date", "timestamp"), "dates and timestamps"),
        "decimal": (kind.is_numeric, "numbers"),
        "thousands": (kind.is_numeric, "numbers"),
        "true": (kind.kind == "boolean", "booleans"),
        "false": (kind.kind == "boolean", "booleans"),
    }
    for option in given:
        fits, whose = of.get(option, (not kind.is_nested, "columns with one value a row"))
        if not fits:
            yield option, f"`{option}` is of {whose}, and this is {kind}", ""
    for pattern in spelling.format:
        yield from _problem_of_pattern(pattern, kind)
    yield from _problem_of_words(spelling)


def _problem_of_pattern(pattern: str, kind: Type) -> Iterator[Problem]:
    try:
        reader = time_reader(pattern)
    except PatternError as error:
        help = error.help
        if pattern.lower().startswith(("epoch", "unix")):
            help = f"for counts from 1970 write {', '.join(EPOCHS)}"
        yield "format", str(error), help
        return
    if kind.kind == "date" and reader.has_clock:
        what = "counts from 1970" if isinstance(reader, Epoch) else "times of the day"
        yield "format", f"`{pattern}` reads {what}, and a date has none", "declare the column as timestamp"


def _problem_of_words(spelling: Spelling) -> Iterator[Problem]:
    if spelling.thousands and spelling.thousands == (spelling.decimal or "."):
        help = f"write `decimal` too: `{spelling.thousands}` stands before fractions otherwise"
        yield "thousands", f"`{spelling.thousands}` can't stand before fractions and between thousands", help
    words = {"null": spelling.null, "true": spelling.true or ("true",), "false": spelling.false or ("false",)}
    for option, others in (("null", ("true", "false")), ("true", ("false",))):
        for other in others:
            both = set(words[option]) & set(words[other])
            if both and (option == "true" or spelling.true or spelling.false):
                yield option, f"`{min(both)}` is in `{option}` and in `{other}`", ""
