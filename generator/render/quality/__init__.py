"""Glue Data Quality rulesets, from the `expect` of the tables."""

from generator.render.quality.ruleset import render_rulesets

__all__ = ["render_rulesets"]
