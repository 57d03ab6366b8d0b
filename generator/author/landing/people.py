"""Who the data is about: the source that has the people's own records, the columns that name them, their consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from generator.author.landing.looks import Look
from generator.author.landing.personal import Evidence
from generator.author.landing.survey import Survey, SurveyedColumn
from generator.author.names import singular, tokens, without_stage

_ENOUGH = 0.9
_ENOUGH_BY_NAME = 0.5
_MOSTLY = 0.9
_SMALL = 9
"""Digits up to which a number is found anywhere: that it is in a key too says nothing."""
_TOPICS = frozenset(("marketing", "newsletter"))
_CONSENT = _TOPICS | frozenset(
    "consent consents consented agree agreed agreement permission gdpr optin share subscribed allow".split()
)
_REFUSAL = frozenset("out not no withdrawn revoked refused optout unsubscribed declined denied".split())
_FILLER = _CONSENT - _TOPICS | frozenset(
    "with as of date at since on to opt in has is for the given time ts day my data".split()
)


@dataclass(frozen=True, slots=True)
class Relation:
    """Values of a column that are found in a key of another source.

    Attributes:
        share: how many of the different values are found there, 0 to 1.
    """

    source: Survey
    column: SurveyedColumn
    target: Survey
    key: SurveyedColumn
    share: float

    @property
    def evidence(self) -> str:
        amount = "all" if self.share == 1 else f"{int(self.share * 1000) / 10}%"
        return f"{amount} are in {self.target.name}.{self.key.name}"


@dataclass(frozen=True, slots=True)
class ConsentColumn:
    """A column that says whether a person agreed; `when` is nothing where that can't be told from its type."""

    column: SurveyedColumn
    purpose: str
    when: str
    given: int


@dataclass(frozen=True, slots=True)
class People:
    """A kind of person.

    Attributes:
        keys: columns of the registry that are one person each.
        consents: the first is the one that the draft requires.
    """

    subject: str
    registry: Survey
    keys: tuple[SurveyedColumn, ...]
    consents: tuple[ConsentColumn, ...]


def relations(sources: Sequence[Survey]) -> list[Relation]:
    """Columns whose values are found in a unique column of another source."""
    found = []
    for target in sources:
        for key in target.unique:
            for source in sources:
                if source is not target:
                    found += [one for column in source.columns if (one := _relation(source, column, target, key))]
    return sorted(found, key=lambda one: -one.share)


def _relation(source: Survey, column: SurveyedColumn, target: Survey, key: SurveyedColumn) -> Relation | None:
    if column.seen.marks is None or column.inferred.type != key.inferred.type or column.is_moment:
        return None
    if _are_small_numbers(key) and not _names_match(column, target, key):
        return None
    values = source.values(column)
    if len(values) < 2:
        return None
    share = len(values & target.values(key)) / len(values)
    enough = _ENOUGH_BY_NAME if _names_match(column, target, key) else _ENOUGH
    return Relation(source, column, target, key, share) if share >= enough else None


def _are_small_numbers(key: SurveyedColumn) -> bool:
    """Whether a key's values could be counts or measures of something else, in whatever format they are written."""
    seen = key.seen
    integers = seen.kinds["int"] + seen.looking(Look.INTEGER)
    return integers >= _MOSTLY * seen.values and seen.longest <= _SMALL


def _names_match(column: SurveyedColumn, target: Survey, key: SurveyedColumn) -> bool:
    """Whether the names say the same: `customer_id` and `customers.id`."""
    if column.words == key.words:
        return len(key.words) > 1
    owner = singular(without_stage(target.name).split("_")[-1])
    return column.words[-2:] in ((owner, *key.words[-1:]), tuple(tokens(f"{owner}_id")))


def find_people(
    sources: Sequence[Survey], personal: Mapping[str, Mapping[str, Evidence]], related: Sequence[Relation]
) -> list[People]:
    """The registries: those of the most personal data first, none whose people are all in another one."""
    candidates = sorted(sources, key=lambda source: -_score(source, personal[source.name], related))
    found: list[People] = []
    for source in candidates:
        keys = _person_keys(source, personal[source.name], related)
        known = any(one.source is source and one.column in keys and _is_registry(one.target, found) for one in related)
        if not keys or known or not _about_people(source, personal[source.name], keys):
            continue
        found.append(People(_subject_name(source, found), source, keys, consent_columns(source)))
    return found


def _is_registry(source: Survey, people: Sequence[People]) -> bool:
    return any(one.registry is source for one in people)


def _score(source: Survey, personal: Mapping[str, Evidence], related: Sequence[Relation]) -> int:
    referenced = sum(one.target is source for one in related)
    return 3 * len(consent_columns(source)) + sum(one.certain for one in personal.values()) + referenced


def _about_people(source: Survey, personal: Mapping[str, Evidence], keys: Sequence[SurveyedColumn]) -> bool:
    sure = sum(one.certain for one in personal.values())
    return any(key.is_email for key in keys) or sure >= 2 or (sure >= 1 and bool(consent_columns(source)))


def _person_keys(
    source: Survey, personal: Mapping[str, Evidence], related: Sequence[Relation]
) -> tuple[SurveyedColumn, ...]:
    """E-mail addresses, what is named as a key, and what other sources refer to; never a name or a phone number."""
    referenced = {one.key.name for one in related if one.target is source}
    numbers = (column for column in source.unique if _is_number(column) or column.name in referenced)
    keys = {column.name for column in numbers if column.name not in personal}
    return tuple(column for column in source.unique if column.name in keys or column.is_email)


def _is_number(column: SurveyedColumn) -> bool:
    last = column.words[-1:] or ("",)
    return last[0] in ("id", "key", "uuid", "guid", "number", "no", "nr", "code", "serial", "account")


def _subject_name(source: Survey, taken: Sequence[People]) -> str:
    words = without_stage(source.name).split("_")
    name = "_".join((*words[:-1], singular(words[-1])))
    return name if all(one.subject != name for one in taken) else source.name


def consent_columns(source: Survey) -> tuple[ConsentColumn, ...]:
    """Columns named after an agreement, that of research first, then in order."""
    found: list[ConsentColumn] = []
    for column in source.columns:
        words = set(column.words)
        opted = any(pair == ("opt", "in") for pair in pairwise(column.words))
        if not (words & _CONSENT or opted) or ("share" in words and not words & {"with", "consent", "data"}):
            continue
        purpose = "_".join(word for word in column.words if word not in _FILLER) or "use"
        if any(one.purpose == purpose for one in found):
            purpose = column.name
        found.append(ConsentColumn(column, purpose, _condition(source, column), column.seen.values))
    usable = [one for one in found if one.when]
    return tuple(sorted(usable, key=lambda one: one.purpose != "research"))


def _condition(source: Survey, column: SurveyedColumn) -> str:
    """A moment that isn't there, or a yes or no; texts and refusals are left to people."""
    kind = column.inferred.type
    if kind is None or set(column.words) & _REFUSAL:
        return ""
    if kind.kind == "boolean":
        return column.name
    if column.is_moment and not (column.epoch and column.seen.low < 0):
        return f"{column.name} is not null"
    return ""
