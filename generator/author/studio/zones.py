"""The zone of an imported table: by the consent that it asks for, and only then by its name."""

from __future__ import annotations

from generator.author.names import tokens
from generator.plan.lake import CompiledLake

_ZONES = ("trusted", "curated", "refined", "enriched", "silver", "gold", "mart", "reports")


def zone_of(table: str, lake: CompiledLake | None, invented: bool) -> str:
    """That of the spec's table of this name; else, where a zone of the spec asks for consent, one that does.

    A name alone never puts a table where nothing has to be proven, while other zones ask for a proof.
    """
    known = lake.tables.get(table) if lake and not invented else None
    if known is not None and known.zone:
        return known.zone
    words = tokens(table)
    zones = lake.zones if lake else {}
    asking = [name for name, zone in zones.items() if zone.require]
    named = [word for word in reversed(words) if word in (asking or zones)]
    new = [word for word in reversed(words) if word in _ZONES and word not in zones]
    if named or new:
        return [*named, *new][0]
    return asking[0] if asking else next(iter(zones), "trusted") if zones and "trusted" not in zones else "trusted"
