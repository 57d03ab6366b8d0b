"""What a text looks like: a set of marks, from the rules of landing data and from how people write about people."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntFlag, auto
from functools import lru_cache
from ipaddress import IPv6Address

from generator.plan.types import DATE, TIMESTAMP
from generator.runtime.literals import NUMBER, text_decoder
from generator.runtime.rules import Rejected


class Look(IntFlag):
    """What a text could be read as; several may hold."""

    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    TIMESTAMP = auto()
    EMAIL = auto()
    PHONE = auto()
    IP = auto()
    IBAN = auto()
    CARD = auto()
    SSN = auto()
    UUID = auto()


_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_AS_DATE, _AS_TIMESTAMP = text_decoder(DATE), text_decoder(TIMESTAMP)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"(?:\+|00)?\(?\d[\d ()./-]{5,18}\d(?: ?x\d+)?", re.ASCII)
_NO_PHONE = re.compile(
    r"\d{3,5}-\d{3,4}"  # zip codes: 12345-6789, 123-4567
    r"|\d{4}([./ -])\d{1,2}\1\d{1,2}|\d{1,2}([./ -])\d{1,2}\2\d{4}"  # days: 2024/3/5, 05.03.2024
    r"|[+]?\d{1,3}\.\d+[ ,/]+[-+]?\d{1,3}\.\d+"  # places: 48.1372 11.5755
    r"|[+]?\d+[.,]\d+",  # fractions, in any spelling
    re.ASCII,
)
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_CARD = re.compile(r"\d{4}([ -]?)\d{4}\1\d{4}\1\d{3,4}", re.ASCII)
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}", re.ASCII)


@lru_cache(1 << 16)
def look(text: str) -> Look:
    """All that a text could be."""
    found = Look(0)
    if len(text) > 100:
        return found
    if len(text) == 36 and _UUID.fullmatch(text):
        return Look.UUID
    if text[:1] in "-0123456789":
        found |= _of_digits(text)
    elif text in ("true", "false"):
        return Look.BOOLEAN
    if "@" in text:
        return Look.EMAIL if _EMAIL.fullmatch(text) else found
    if text.count(":") > 1 and _is_ipv6(text):
        found |= Look.IP
    if not found and text[:1] in "+(0123456789" and _is_phone(text):
        found |= Look.PHONE
    if _IBAN.fullmatch(text) and _is_iban(text):
        found |= Look.IBAN
    return found


def _of_digits(text: str) -> Look:
    if _INTEGER.fullmatch(text):
        number = Look.INTEGER | Look.NUMBER
        return number | Look.CARD if _CARD.fullmatch(text) and _is_card(text) else number
    if NUMBER.fullmatch(text):
        return Look.NUMBER
    if text[4:5] == "-" == text[7:8]:
        return Look.DATE if _is(_AS_DATE, text) else Look.TIMESTAMP if _is(_AS_TIMESTAMP, text) else Look(0)
    if _IPV4.fullmatch(text):
        return Look.IP
    if _SSN.fullmatch(text):
        return Look.SSN
    return Look.CARD if _CARD.fullmatch(text) and _is_card(text) else Look(0)


def _is(decode: Callable[[str], str], text: str) -> bool:
    """Whether landing data takes the text for a literal of the type."""
    try:
        decode(text)
    except Rejected:
        return False
    return True


def _is_ipv6(text: str) -> bool:
    """Whether a text is such an address, and not a time of the day or a device's address."""
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    """Whether a text is written as phone numbers are, and not as a day, a place, a fraction or a zip code."""
    digits = sum(map(str.isdigit, text))
    return 7 <= digits <= 15 and bool(_PHONE.fullmatch(text)) and not _NO_PHONE.fullmatch(text)


def _is_iban(text: str) -> bool:
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    digits = [int(character) for character in reversed(text) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return any(digits) and (sum(digits[::2]) + sum(doubled)) % 10 == 0
