"""Values that a source spells in a way of its own: local dates and decimals, words for null and booleans."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backports import zstd
from landing_case import Case, csv

DAY, MOMENT = date(2024, 3, 5), datetime(2024, 3, 5, 14, 5)


def spelled(
    name: str, rule: str, kind: str, spelling: dict[str, Any], good: dict[str, Any], bad: dict[str, str]
) -> Case:
    """A case of one column `v`, in CSV of two fields: texts that are values, then others with their reasons."""
    content = "".join(f"{number};{text}\n" for number, text in enumerate((*good, *bad)))
    rows = [(number, value) for number, value in enumerate(good.values())]
    rejected = [(number, reason) for number, reason in enumerate(bad.values(), len(good) + 2)]
    columns = {"n": "int", "v": kind}
    text = ", ".join(f"{part}: {_text(value)}" for part, value in spelling.items())
    return csv(
        name, f"`{text}`. {rule}", f"n;v\n{content}".encode(), rows, rejected, columns=columns,
        formats={"v": spelling}, options={"delimiter": ";"},
    )  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else f"'{value}'" if value in ("", ",", "'", " ") else value


_MOMENTS = b"""{"d":"05.03.2024","t":"2024-03-05 14:05:00+00","s":" x "}
{"d":"2024-02-29","t":null,"s":"NA"}
{"d":"x"}
"""
WRONG, RANGE = "wrong_type", "out_of_range"
SPELLED = [
    spelled(
        "days", "One letter takes one digit or two, two letters take two.", "date", {"format": "d.MM.yyyy"},
        {"05.03.2024": DAY, "5.03.2024": DAY, "29.02.2024": date(2024, 2, 29), "": None},
        {"5.3.2024": WRONG, "30.02.2024": WRONG, "05.03.24": WRONG, "2024-03-05": WRONG, " 05.03.2024": WRONG},
    ),
    spelled(
        "short years", "Years of two digits are of this century, as in Spark.", "date", {"format": "M/d/yy"},
        {"3/5/24": DAY, "03/05/24": DAY, "1/1/99": date(2099, 1, 1)}, {"3/5/2024": WRONG, "13/5/24": WRONG},
    ),
    spelled(
        "several formats", "The first that fits is taken.", "date", {"format": ["dd.MM.yyyy", "yyyy-MM-dd"]},
        {"05.03.2024": DAY, "2024-03-05": DAY}, {"03/05/2024": WRONG},
    ),
    spelled(
        "names", "Names are English, in any case; a weekday has to be the right one.", "date",
        {"format": "EEE, d MMMM yyyy"},
        {"Tue, 5 March 2024": DAY, "TUE, 05 march 2024": DAY},
        {"Wed, 5 March 2024": WRONG, "Tue, 5 Mar 2024": WRONG, "Di, 5 März 2024": WRONG},
    ),
    spelled(
        "half days", "12 hours need `a`; a space stands for no-break spaces too.", "timestamp",
        {"format": "MMM d, yyyy h:mm a"},
        {"Mar 5, 2024 2:05 PM": MOMENT, "Mar 5, 2024 2:05\u202fpm": MOMENT,
         "Dec 31, 2023 12:00 AM": datetime(2023, 12, 31), "Dec 31, 2023 12:30 PM": datetime(2023, 12, 31, 12, 30)},
        {"Mar 5, 2024 14:05 PM": WRONG, "Mar 5, 2024 0:05 AM": WRONG, "Mar 32, 2024 1:00 PM": WRONG},
    ),
    spelled(
        "offsets", "Times are in UTC, or bring their offset; what stands in `[ ]` may be missing.", "timestamp",
        {"format": "dd/MM/yyyy HH:mm[:ss[.SSS]][XXX]"},
        {"05/03/2024 14:05": MOMENT, "05/03/2024 14:05Z": MOMENT, "05/03/2024 19:35:00+05:30": MOMENT,
         "05/03/2024 14:05:00.250": datetime(2024, 3, 5, 14, 5, 0, 250000)},
        {"05/03/2024 14:05+25:00": WRONG, "05/03/2024 24:05": WRONG, "01/01/0001 00:00+01:00": RANGE},
    ),
    spelled(
        "nanoseconds", "Digits beyond microseconds have to be 0.", "timestamp",
        {"format": "yyyyMMdd'T'HHmmss.SSSSSSSSS"},
        {"20240305T140500.000001000": MOMENT.replace(microsecond=1)},
        {"20240305T140500.000001001": RANGE, "20240305T140500": WRONG},
    ),
    spelled(
        "fractions", "As in Spark, as many digits as letters or fewer, where a character sets them apart.", "timestamp",
        {"format": "yyyy-MM-dd HH:mm:ss[.SSSSSS]X"},
        {"2024-03-05 14:05:00+00": MOMENT, "2024-03-05 14:05:00.5+00": MOMENT.replace(microsecond=500_000),
         "2024-03-05 15:05:00.000001+01": MOMENT.replace(microsecond=1)},
        {"2024-03-05 14:05:00.+00": WRONG, "2024-03-05 14:05:00.1234567+00": WRONG, "2024-03-05 14:05:00": WRONG},
    ),
    spelled(
        "fractions behind digits", "Where nothing does, exactly as many.", "timestamp", {"format": "yyyyMMddHHmmssSSS"},
        {"20240305140500001": MOMENT.replace(microsecond=1_000)}, {"2024030514050001": WRONG},
    ),
    spelled(
        "date alone", "A timestamp may be spelled as a day.", "timestamp", {"format": "dd.MM.yyyy"},
        {"05.03.2024": datetime(2024, 3, 5)}, {"05.03.2024 14:05": WRONG},
    ),
    spelled(
        "epochs", "Counts from 1970, in UTC; so are `epoch_seconds`, `epoch_micros` and `epoch_nanos`.", "timestamp",
        {"format": "epoch_millis"},
        {"1709647500000": MOMENT, "-1": datetime(1969, 12, 31, 23, 59, 59, 999000),
         "1709647500000.001": MOMENT.replace(microsecond=1)},
        {"1709647500000.0001": RANGE, "999999999999999": RANGE, "1e12": WRONG, "x": WRONG},
    ),
    spelled(
        "decimal comma", "Thousands are in groups of three, all of them or none.", "decimal(18,2)",
        {"decimal": ",", "thousands": "."},
        {"1.234,56": Decimal("1234.56"), "1234,5": Decimal("1234.50"), "-7,00": Decimal("-7.00"),
         "1.234": Decimal("1234.00"), "1.234.567,8": Decimal("1234567.80")},
        {"1.23,4": WRONG, "1234.567": WRONG, "12.34": WRONG, "0.123": WRONG, "7,005": RANGE, "abc": WRONG,
         "1,2,3": WRONG, "7,": WRONG},
    ),
    spelled(
        "spaces in numbers", "No-break spaces are spaces.", "double", {"decimal": ",", "thousands": " "},
        {"1 234,5": 1234.5, "1\u00a0234": 1234.0, "1\u202f234": 1234.0}, {"1  234": WRONG, "12 34": WRONG},
    ),
    spelled(
        "thousands alone", "Without `decimal` it is a point.", "bigint", {"thousands": ","},
        {"1,234": 1234, "12": 12, "1,234.0": 1234}, {"1.5": WRONG, "1.234,5": WRONG, "1,23": WRONG},
    ),
    spelled(
        "words for null", "An empty field is NULL besides.", "int", {"null": ["NA", "-"]},
        {"1": 1, "NA": None, "-": None, "": None}, {"na": WRONG, '""': WRONG},
    ),
    spelled(
        "null texts", "An empty text is NULL if it is said so.", "string", {"null": ["NULL", ""]},
        {"NULL": None, '""': None, "": None, "null": "null"}, {},
    ),
    spelled(
        "words for booleans", "Exactly these words.", "boolean", {"true": ["ja", "J"], "false": ["nein"]},
        {"ja": True, "J": True, "nein": False, "": None}, {"Ja": WRONG, "true": WRONG, "false": WRONG},
    ),
    spelled(
        "trim", "White space around a value doesn't count; a text of nothing else is NULL.", "string", {"trim": True},
        {" x ": "x", '"  y z\t"': "y z", "   ": None, "\u00a0": None}, {},
    ),
    spelled(
        "trimmed numbers", "All else as usual.", "int", {"trim": True, "null": ["NA"]},
        {" 12 ": 12, " NA": None}, {" 1 2 ": WRONG},
    ),
    spelled(
        "trimmed days", "White space around days doesn't count either,", "date", {"format": "dd.MM.yyyy", "trim": True},
        {"05.03.2024": DAY, " 05.03.2024": DAY, "05.03.2024  ": DAY, '" 05.03.2024"': DAY, "  ": None},
        {"05. 03.2024": WRONG},
    ),
    spelled(
        "trimmed words", "nor around words.", "boolean",
        {"true": ["ja"], "false": ["nein"], "null": ["-"], "trim": True},
        {" ja": True, "nein ": False, " - ": None, " ": None}, {"j a": WRONG},
    ),
    Case(
        "spelled strings", "In JSON a spelling is that of strings. Numbers and booleans without quotes stay what they"
        " are; numbers are moments only with an epoch.",
        {"a.json": b'{"d":"05.03.2024","v":"1.234,5","t":"epoch","b":"ja","s":" x "}\n'
         b'{"d":null,"v":1.5,"t":1709647500,"b":true,"s":"NA"}\n{"t":"1709647500"}\n{"v":"1,5,6"}\n{"d":20240305}\n'
         b'{"b":"true"}\n{"v":true}\n'},
        [(None, Decimal("1.50"), MOMENT, True, None), (None, None, MOMENT, None, None)],
        [(1, WRONG), (4, WRONG), (5, WRONG), (6, WRONG), (7, WRONG)],
        columns={"d": "date", "v": "decimal(18,2)", "t": "timestamp", "b": "boolean", "s": "string"},
        formats={"d": {"format": "dd.MM.yyyy"}, "v": {"decimal": ",", "thousands": "."},
                 "t": {"format": "epoch_seconds"}, "b": {"true": ["ja"], "false": ["nein"]},
                 "s": {"trim": True, "null": ["NA"]}},
    ),
    Case(
        "counted moments in JSON", "Numbers that count time may have a fraction, and be strings.",
        {"a.json": b'{"s":1709647500,"n":1}\n{"s":1709647500.25}\n{"s":null}\n{"s":"1709647500"}\n'
         b'{"s":-1,"n":1709647500000001000}\n{"s":0,"n":-1000}\n{"s":1709647500000}\n{"s":-62135596801}\n'
         b'{"s":1.7e9}\n{"n":1709647500000000001}\n{"s":true}\n{"s":[1]}\n{"s":9999999999}\n'
         b'{"s":10000000000,"n":"0"}\n{"s":-0}\n{"n":8999999999999999000}\n{"n":9000000000000000000}\n'},
        [(MOMENT.replace(microsecond=250_000), None), (None, None), (MOMENT, None),
         (datetime(1969, 12, 31, 23, 59, 59), MOMENT.replace(microsecond=1)),
         (datetime(1970, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999_999)),
         (datetime(2286, 11, 20, 17, 46, 39), None), (datetime(2286, 11, 20, 17, 46, 40), datetime(1970, 1, 1)),
         (datetime(1970, 1, 1), None), (None, datetime(2255, 3, 14, 15, 59, 59, 999_999)),
         (None, datetime(2255, 3, 14, 16))],
        [(1, RANGE), (7, RANGE), (8, RANGE), (9, WRONG), (10, RANGE), (11, WRONG), (12, WRONG)],
        columns={"s": "timestamp", "n": "timestamp"},
        formats={"s": {"format": "epoch_seconds"}, "n": {"format": "epoch_nanos"}},
    ),
    Case(
        "spelled moments in JSON", "One pattern or several, in an archive as well.",
        {"a.json": _MOMENTS, "b.json.zst": zstd.compress(_MOMENTS)},
        [(DAY, MOMENT, "x"), (date(2024, 2, 29), None, None)] * 2,
        [(3, WRONG), (3, WRONG)],
        columns={"d": "date", "t": "timestamp", "s": "string"},
        formats={"d": {"format": ["dd.MM.yyyy", "yyyy-MM-dd"]}, "t": {"format": "yyyy-MM-dd HH:mm:ss[.SSS]X"},
                 "s": {"trim": True, "null": ["NA"]}},
    ),
    Case(
        "spelled documents", "The same where a value may stand on several lines.",
        {"a.json": b'{"d":"05.03.2024",\n"b":"ja","v":"1,5","t":1709647500000}\n{"t":"x"}'
         b'{"d":"2024-03-05","b":true,"v":2}'},
        [(DAY, True, 1.5, MOMENT), (DAY, True, 2.0, None)], [(3, WRONG)],
        columns={"d": "date", "b": "boolean", "v": "double", "t": "timestamp"}, options={"multiline": True},
        formats={"d": {"format": ["dd.MM.yyyy", "yyyy-MM-dd"]}, "b": {"true": ["ja"], "false": ["nein"]},
                 "v": {"decimal": ","}, "t": {"format": "epoch_millis"}},
    ),
    Case(
        "one pattern in JSON", "All of a line may be spelled.",
        {"a.json": _MOMENTS, "b.json": b'{"t":"2024-03-31 15:05:00.250+01"}\n{"s":""}\n'},
        [("05.03.2024", MOMENT, "x"), ("2024-02-29", None, None), ("x", None, None),
         (None, datetime(2024, 3, 31, 14, 5, 0, 250_000), None), (None, None, None)],
        columns={"d": "string", "t": "timestamp", "s": "string"},
        formats={"t": {"format": "yyyy-MM-dd HH:mm:ss[.SSS]X"}, "s": {"trim": True, "null": ["NA"]}},
    ),
    Case(
        "null words in JSON", "Words for null don't make numbers of strings.",
        {"a.json": b'{"v":"NA","b":"-"}\n{"v":"7"}\n{"v":7,"b":false}\n{"b":"false"}\n'},
        [(None, None), (7, False)], [(2, WRONG), (4, WRONG)],
        columns={"v": "bigint", "b": "boolean"}, formats={"v": {"null": ["NA"]}, "b": {"null": ["-"]}},
    ),
]  # fmt: skip
