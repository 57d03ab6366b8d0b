"""Why each row is consented, before and after."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.lake import CompiledTable
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code
from generator.render.difference.names import Names
from generator.render.difference.pairs import Lakes
from generator.render.explanation.consent import ConsentProof, consent_proof
from generator.render.explanation.evidence import Rule


def consent_changes(lakes: Lakes, old: CompiledTable, new: CompiledTable) -> Iterator[Change]:
    before, after = consent_proof(lakes.old, old), consent_proof(lakes.new, new)
    mine = _lines(before, lakes.names)
    theirs = _lines(after, Names())
    required = (before.consent if before else None), (after.consent if after else None)
    if required[0] != required[1]:
        yield _required(old, new, *required, mine, theirs)
    elif before is not None and after is not None:
        yield from _proof(lakes, new, before, after, mine, theirs)


def _required(
    old: CompiledTable,
    new: CompiledTable,
    before: str | None,
    after: str | None,
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
) -> Change:
    if after is None:
        text, kind = f"consent {code(before)} is no longer required of its rows", Kind.REMOVED
    elif before is None:
        text, kind = f"consent {code(after)} is required of its rows", Kind.ADDED
    else:
        text, kind = f"consent {code(after)} is required of its rows instead of {code(before)}", Kind.CHANGED
    by_the_zone = old.zone == new.zone  # told of the zone
    risk = Risk.CONSENT if before is not None and not by_the_zone and not new.is_view else None
    return Change(On.TABLE, new.name, Aspect.CONSENT, kind, text, "require", mine, theirs, risk)


def _proof(
    lakes: Lakes, table: CompiledTable, old: ConsentProof, new: ConsentProof, mine: tuple[str, ...],
    theirs: tuple[str, ...],
) -> Iterator[Change]:  # fmt: skip
    """What changes of it by steps of this table; what changes in the tables before it is told of these."""
    weaker = _weaker(old, new, lakes.names)
    if not weaker and _own(table, mine) == _own(table, theirs):
        return
    text = f"consent {code(new.consent)} is proven in another way"
    if weaker:
        text += f", which is weaker: {weaker}"
    risk = Risk.CONSENT if weaker else None
    yield Change(On.TABLE, table.name, Aspect.CONSENT, Kind.CHANGED, text, "proof", mine, theirs, risk)


def _own(table: CompiledTable, lines: tuple[str, ...]) -> list[str]:
    return [line for line in lines if line.startswith(f"{table.name}: ") or ": " not in line]


def _weaker(old: ConsentProof, new: ConsentProof, names: Names) -> str:
    """Why a proof shows less than another one; empty where it doesn't."""
    if old.about and not new.about:
        return f"its rows no longer count as data of a {code(new.subject)}"
    if old.proven and not new.proven:
        return "it is left to the tables that are made of this view"
    if old.since is not None and new.since is None:
        return "data from before the consent may be there"
    known = {(one.assumed, names.new(one.source), one.columns, one.person_key) for one in old.assumes}
    added = [one for one in new.assumes if (one.assumed, one.source, one.columns, one.person_key) not in known]
    unchecked = [f"{one.source}.{', '.join(one.columns)}" for one in added if not one.checked]
    if unchecked:
        return f"it takes for granted, unchecked, whose data {' and '.join(map(code, unchecked))} names"
    return ""


_RULES = {Rule.ASKS: "asks for it of", Rule.MATCHES: "matches with whom it is proven:", Rule.INHERITS: "passes on"}


def _lines(proof: ConsentProof | None, names: Names) -> tuple[str, ...]:
    if proof is None:
        return ("no consent is required",)
    if not proof.about:
        return (f"no row holds data of a {proof.subject}",)
    if not proof.proven:
        return (f"consent {proof.consent} is not proven for the rows of this view",)
    steps = (
        f"{names.new(step.table)}: {names.text(step.step)} ({_RULES[step.rule]} rows of "
        f"{', '.join(sorted(names.texts(step.sources)))})"
        for step in proof.by
    )
    since = (f"data since {proof.since} only",) if proof.since else ()
    return (*dict.fromkeys(steps), *since)
