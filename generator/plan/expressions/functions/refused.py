"""Functions that Spark has and the allow-list hasn't, with the reason and what to use instead."""

from __future__ import annotations

REFUSED: dict[str, tuple[str, ...]] = {}
