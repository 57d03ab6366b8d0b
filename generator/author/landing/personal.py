"""Which columns are likely personal data, with the evidence: the name, or what the values look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from generator.author.landing.looks import Look
from generator.author.landing.profile import ColumnProfile
from generator.author.landing.survey import Survey, SurveyedColumn
from generator.author.names import tokens
from generator.runtime.words import plural

_LOOKS = {
    Look.EMAIL: "e-mail addresses", Look.IBAN: "bank account numbers", Look.CARD: "card numbers",
    Look.SSN: "social security numbers", Look.IP: "IP addresses",
}  # fmt: skip
_BEFORE_NAME = frozenset(
    "first last full given family middle maiden birth customer person patient employee contact client member student "
    "driver guest holder owner recipient sender user nick display passenger tenant subscriber".split()
)
_WORDS = {
    "an e-mail address": frozenset("email mail emailaddress".split()),
    "a phone number": frozenset("phone mobile telephone tel fax cellphone phonenumber msisdn".split()),
    "a day of birth": frozenset("birth birthday birthdate dob born dateofbirth".split()),
    "a person's name": frozenset("firstname lastname surname fullname givenname familyname username forename".split()),
    "an address": frozenset("street address zip zipcode postcode postal".split()),
    "an IP address": frozenset("ip ipv4 ipv6 ipaddress".split()),
    "an official number": frozenset("ssn passport nationalid taxid socialsecurity iban pan".split()),
}
_NOT_PERSONAL = frozenset("at date time count flag type status verified mac url host sent opens clicks id".split())
_PAIRS = {("national", "id"), ("tax", "id"), ("social", "security"), ("card", "number"), ("driving", "licence")}
_MOST = 0.9
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a column is taken for personal data. `certain`: whether it is marked as such, or only suggested."""

    text: str
    certain: bool = True


def personal_columns(source: Survey) -> dict[str, Evidence]:
    """The likely personal columns of a source, by name."""
    found = {column.name: evidence for column in source.columns if (evidence := _evidence(column)) is not None}
    for column in source.columns:
        if column.name not in found and column.words == ("name",) and _is_text(column.seen):
            about_people = bool(found)
            text = "by its name, beside other personal data" if about_people else "a person's name?"
            found[column.name] = Evidence(text, certain=about_people)
    return found


def _evidence(column: SurveyedColumn) -> Evidence | None:
    by_value = _by_value(column.seen)
    if by_value:
        return Evidence(by_value)
    if column.inferred.type is not None and column.inferred.type.kind == "boolean":
        return None
    by_name = _by_name(column.words)
    if by_name:
        return Evidence(f"{by_name}, by its name")
    inside = next((part for part in _inside(column.seen) if _by_value(part) or _by_name(tokens(part.key))), None)
    if inside is not None:
        part = f"`{inside.key}`" if _FIELD.fullmatch(inside.key) else "a field"
        return Evidence(f"in it {part}, {_by_value(inside) or 'by its name'}")
    phones = column.seen.looking(Look.PHONE)
    if phones >= _MOST * max(column.seen.values, 1):
        return Evidence(f"{phones:,} of {plural(column.seen.values, 'value')} look like phone numbers")
    return None


def _by_value(seen: ColumnProfile) -> str:
    for look, words in _LOOKS.items():
        count = seen.looking(look)
        if count >= _MOST * max(seen.values, 1):
            return f"{count:,} of {plural(seen.values, 'value')} look like {words}"
    return ""


def _by_name(words: tuple[str, ...]) -> str:
    if any(pair in _PAIRS for pair in pairwise(words)):
        return "an official number"
    if any(before in _BEFORE_NAME and word == "name" for before, word in pairwise(words)):
        return "a person's name"
    if words[-1:] and words[-1] in _NOT_PERSONAL and not {"birth", "ip"} & set(words):
        return ""
    return next((what for what, names in _WORDS.items() if names & set(words)), "")


def _inside(seen: ColumnProfile) -> list[ColumnProfile]:
    parts = [*seen.fields.values(), *([seen.element] if seen.element else [])]
    return [found for part in parts for found in (part, *_inside(part))]


def _is_text(seen: ColumnProfile) -> bool:
    return bool(seen.kinds["string"] or seen.kinds["field"])
