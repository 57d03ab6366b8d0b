"""How a literal becomes a value of a column's type: one exact rule a type, for every format and engine.

Nothing is converted on the way: what isn't a literal of the type is rejected, and so is what the type can't
hold exactly (but for doubles and floats, which round to the nearest value). The result is text that any
engine casts back without loss.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from .rules import Reason, Rejected
from .types import Type

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,6}))?(Z|[-+][0-9]{2}:[0-9]{2})?"
)
INTEGER_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
EXACT_IN_DOUBLE = 2**53
MAX_OFFSET = timedelta(hours=18)


class Number(str):
    """The text of a number, as spelled."""

    __slots__ = ()


def article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def shown(text: str) -> str:
    """A value for a message, shortened."""
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}...`"


def wrong_type(kind: Type, text: str) -> Rejected:
    return Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not {article(str(kind))}")


def out_of_range(kind: Type, text: str) -> Rejected:
    return Rejected(Reason.OUT_OF_RANGE, f"{shown(text)} does not fit {article(str(kind))}")


def number_decoder(kind: Type) -> Callable[[str], str]:
    """Turns the text of a JSON number into text of the type `kind`, or raises `Rejected`."""
    if kind.is_integer:
        return _integer(kind)
    if kind.kind == "decimal":
        return _decimal(kind)
    return _double(kind) if kind.kind == "double" else _float(kind)


def _integer(kind: Type) -> Callable[[str], str]:
    bound = 2 ** (INTEGER_BITS[kind.kind] - 1)

    def decode(text: str) -> str:
        if text.lstrip("-").isdigit():
            if len(text) > 20 or not -bound <= int(text) < bound:
                raise out_of_range(kind, text)
            return text
        value = float(text)
        if not -EXACT_IN_DOUBLE < value < EXACT_IN_DOUBLE:
            raise out_of_range(kind, text)
        if not value.is_integer():
            raise wrong_type(kind, text)
        if not -bound <= value < bound:
            raise out_of_range(kind, text)
        return str(int(value))

    return decode


def _double(kind: Type) -> Callable[[str], str]:
    def decode(text: str) -> str:
        value = float(text)
        if math.isinf(value):
            raise out_of_range(kind, text)
        return repr(value)

    return decode


def _float(kind: Type) -> Callable[[str], str]:
    single = struct.Struct("f")

    def decode(text: str) -> str:
        try:
            packed = single.pack(float(text))
        except OverflowError:
            raise out_of_range(kind, text) from None
        value: float = single.unpack(packed)[0]
        if math.isinf(value):
            raise out_of_range(kind, text)
        return repr(value)

    return decode


def _decimal(kind: Type) -> Callable[[str], str]:
    def decode(text: str) -> str:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise out_of_range(kind, text) from None
        if value.is_zero():
            return "0"
        digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
        whole = value.adjusted() + 1
        if len(digits) - whole > kind.scale or whole > kind.precision - kind.scale:
            raise out_of_range(kind, text)
        return format(value, "f")

    return decode


def text_decoder(kind: Type) -> Callable[[str], str]:
    """Turns the content of a JSON string into text of a type that JSON writes as a string."""
    decoders: dict[str, Callable[[str], str]] = {
        "string": _same,
        "date": _date,
        "timestamp": _timestamp,
        "binary": _binary,
    }
    return decoders[kind.kind]


def _same(text: str) -> str:
    return text


def _date(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not a date (yyyy-MM-dd)") from None
    return text


def _timestamp(text: str) -> str:
    """A timestamp in UTC; one without an offset is in UTC already."""
    match = _TIMESTAMP.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day, clock, fraction, offset = match.groups()
        value = datetime.fromisoformat(f"{day} {clock}").replace(microsecond=int((fraction or "").ljust(6, "0")))
        shift = _offset(offset)
    except ValueError:
        expected = "yyyy-MM-dd HH:mm:ss[.ffffff][Z|+hh:mm]"
        raise Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not a timestamp ({expected})") from None
    try:
        return (value - shift).isoformat(" ")
    except OverflowError:
        raise Rejected(Reason.OUT_OF_RANGE, f"{shown(text)} is outside the years 1 to 9999 in UTC") from None


def _offset(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > MAX_OFFSET:
        raise ValueError
    return -offset if text[0] == "-" else offset


def _binary(text: str) -> str:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not base64") from None
    return "".join(f"\\x{byte:02X}" for byte in content)


def field_decoder(kind: Type) -> Callable[[str], str]:
    """Turns a CSV field, or a map's key, into text of the type: the same literals, without JSON's quotes."""
    if kind.is_numeric:
        number = number_decoder(kind)

        def decode(text: str) -> str:
            if not NUMBER.fullmatch(text):
                raise wrong_type(kind, text)
            return number(text)

        return decode
    return _boolean if kind.kind == "boolean" else text_decoder(kind)


def _boolean(text: str) -> str:
    if text not in ("true", "false"):
        raise Rejected(Reason.WRONG_TYPE, f"{shown(text)} is not a boolean")
    return text
