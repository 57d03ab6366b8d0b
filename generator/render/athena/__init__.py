"""`build/athena`: SQL to look at a deployed lake with; the module saves each file as a named query."""

from generator.render.athena.queries import named_queries, render_athena

__all__ = ["named_queries", "render_athena"]
