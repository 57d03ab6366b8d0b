"""Shapes of the lines of JSON files: guesses that decide how fast the other lines are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from generator.run.landing.files import LandingFile, lines
from generator.runtime.json_lines import JsonLines
from generator.runtime.shapes import Shape, shapes_of

SAMPLED_LINES = 100
SAMPLED_MEMBERS = 5_000
"""Of files with wide lines fewer lines are looked at, each file's first one always."""


def sniff(files: Sequence[LandingFile], decoder: JsonLines) -> list[Shape]:
    """Shapes of the first lines of each file that become rows, the most common ones first."""
    each = max(SAMPLED_LINES // max(len(files), 1), 1)
    found: Counter[Shape] = Counter()
    members = 0
    for file in files[:SAMPLED_LINES]:
        for shape in shapes_of((line.content for line in islice(lines(file), each)), decoder):
            found[shape] += 1
            members += len(shape)
            if members > SAMPLED_MEMBERS:
                break
    return [shape for shape, _ in found.most_common()]
