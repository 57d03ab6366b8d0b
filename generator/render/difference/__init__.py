"""What a change of the spec does to the lake: compared as compiled, told in words."""

from generator.render.difference.compare import EMPTY, compare
from generator.render.difference.model import Aspect, Change, Difference, Kind, On, Risk

__all__ = ["EMPTY", "Aspect", "Change", "Difference", "Kind", "On", "Risk", "compare"]
