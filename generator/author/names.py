"""Names: what Glue can store, and what the parts of a name mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_STAGES = ("landing", "raw", "bronze", "input", "inbound", "ingest", "trusted", "curated")
_LONGEST = 200


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, lower case: `shareWithResearchAsOfDate` and `share_with_research_as_of_date` alike."""
    return tuple(part.lower() for part in _PART.findall(name))


def storable(name: str) -> str:
    """The name as Glue and Athena can store it: lower-case letters, digits, underscores, no digit first."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9_]+", "_", plain).strip("_" if not plain.startswith("_") else "")[:_LONGEST]
    if not found:
        return "column"
    return f"_{found}" if found[0].isdigit() else found


def distinct_names(names: Iterable[str]) -> dict[str, str]:
    """Storable names for raw ones, no two alike: `a b` beside `a_b` becomes `a_b_2`."""
    raw = list(names)
    exact = {name: name for name in raw if storable(name) == name}
    found = dict(exact)
    taken = set(exact)
    for name in raw:
        if name in exact:
            continue
        wanted = free = storable(name)
        number = 2
        while free in taken:
            free, number = f"{wanted}_{number}", number + 1
        taken.add(free)
        found[name] = free
    return {name: found[name] for name in raw}


def singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def without_stage(source: str) -> str:
    """A source's name without the stage of the data: `customer_landing` is about `customer`."""
    words = source.split("_")
    while len(words) > 1 and words[-1] in _STAGES:
        words.pop()
    return "_".join(words)
