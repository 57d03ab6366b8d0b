"""Random landing data: lines of a random shape, most of them damaged in some way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

SCALARS = (
    "string",
    "bigint",
    "int",
    "tinyint",
    "double",
    "float",
    "decimal(5,2)",
    "boolean",
    "date",
    "timestamp",
    "epoch_seconds",
    "epoch_millis",
    "epoch_nanos",
)
NESTED = (
    "array<int>",
    "array<double>",
    "struct<a:int,b:string>",
    "array<struct<a:bigint,t:date>>",
    "map<string,int>",
)
FLAT = ("string", "bigint", "int", "double", "epoch_seconds", "epoch_millis")
KEYS = ("k", "n", "user", "timestamp", "first_name", "last_name", "a_b", "a__b", "aXb", "x1", "e", "true")

LITERALS = (
    "0", "1", "-1", "12", "1.0", "1.5", "-0.0", "1e3", "1E-2", "127", "128", "2147483648", "9007199254740993",
    "9007199254740991.0", "1655564444103", "1655564444103000000", "9223372036854775808",
    "99999999999", "-62135596801", "253402300800", "253402300799999", "1709647500000.0", "1709647500000.0001",
    "1.7e12", "1e400", "1e39",
    "123456789012345678901234567890", "0.1234567890123456789", "999.99", "1000", "1.005", "12345678.5",
    "true", "false", "null", '""', '"a"', '"12"', '"1.5"', '"true"', '"null"', '"é😀"', '"\\u00e9\\n"',
    '"\\\\"', '"a\\"b"', '"\\ud83d\\ude00"', '"\\ud83d"', '"Jane, Doe"',
    '"it is true: false"', '"{\\"k\\":1}"',
    '"2024-02-28"', '"2024-02-29"', '"2023-02-29"', '"1900-02-29"', '"2000-02-29"', '"9999-12-31"',
    '"2024-02-28T10:00:00Z"', '"2024-02-28 10:00:00.5+05:30"',
    "[]", "[1,2]", "[1.5,null]", "[1,]", '["a"]', "{}", '{"a":1,"b":"x"}', '{"a":1,"a":2}', '{"b":null}',
    '[{"a":1,"t":"2024-02-28"},{}]', "NaN", "-Infinity", "inf", "007", "+1", "1.", ".5", "-", "nul", "[1 2]",
)  # fmt: skip
DAMAGE = (
    "", " ", "\t", "\r", ",", ":", '"', "\\", "{", "}", "[", "]", "0", "1", ".", "e", "-", "null", "true",
    "NaN", "x", ',"x":1', ',"k":1', ',"K":1', '\\"', '":"', '","', '\\\\"', ",}", "}{", "\x00", "\x0b",
    "\ufeff", "é", "\\u0022", "_", "%", "'",
)  # fmt: skip

literals = st.one_of(
    st.sampled_from(LITERALS),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.integers().map(str),
    st.text(max_size=8).map(json.dumps),
)


@st.composite
def columns(draw: st.DrawFn, kinds: tuple[str, ...]) -> dict[str, str]:
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True))
    return {key: draw(st.sampled_from(kinds)) for key in keys}


@st.composite
def values(draw: st.DrawFn, kind: str) -> str:
    """A literal that is mostly one of the type; sometimes another one, or one as a text."""
    fate, fitting = draw(st.integers(0, 9)), draw(st.sampled_from(FITTING[kind]))
    if fate == 0:
        return draw(literals)
    return json.dumps(fitting) if fate == 1 and not fitting.startswith('"') else fitting


FITTING: Mapping[str, tuple[str, ...]] = {
    "string": ('""', '"a"', '"12"', '"é"', '"x, y"', '"a.b@c.d"', '"x"'),
    "bigint": ("0", "1", "-5", "1655564444103", "1655564444103000000"),
    "int": ("0", "1", "-5", "12.0", "1999999999"),
    "tinyint": ("0", "1", "-5", "119"),
    "double": ("0", "1", "-1.5", "0.1", "1e-7"),
    "float": ("0", "1", "-1.5", "0.1"),
    "decimal(5,2)": ("0", "1", "-1.5", "999.99"),
    "boolean": ("true", "false"),
    "date": ('"2024-02-29"', '"1900-12-31"'),
    "timestamp": ('"2024-02-28T10:00:00Z"', '"2024-02-28 10:00:00.123456-05:00"', '"2024-02-28T10:00:00"'),
    "epoch_seconds": ("0", "1709647500", "-86400"),
    "epoch_millis": ("0", "1709647500000", "-1"),
    "epoch_micros": ("0", "1709647500000001", "-1"),
    "epoch_nanos": ("0", "1709647500000001000", "-1000"),
    "array<int>": ("[]", "[1]", "[1,-2,null]"),
    "array<double>": ("[]", "[1.5]", "[1,-2,null]"),
    "struct<a:int,b:string>": ("{}", '{"a":1,"b":"x"}', '{"b":"x"}', '{"b":"x","a":1}'),
    "array<struct<a:bigint,t:date>>": ("[]", '[{"a":1,"t":"2024-02-28"},{"t":null}]'),
    "map<string,int>": ("{}", '{"a":1}'),
}


def as_declared(schema: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Types by key, and how values are spelled: of timestamps that numbers count."""
    counted = {key: {"format": kind} for key, kind in schema.items() if kind.startswith("epoch")}
    return {key: "timestamp" if key in counted else kind for key, kind in schema.items()}, counted


SPELLINGS: Mapping[str, tuple[tuple[dict[str, Any], tuple[str, ...]], ...]] = {
    "string": (({"trim": True, "null": ["NA", ""]}, ("x", " x ", "NA", " NA", "  ", "na")),),
    "bigint": (({"thousands": ","}, ("1,234", "12", "1,23", "-1,000", "1.5")), ({"null": ["NA"]}, ("NA", "7", "N")),),
    "double": (({"decimal": ",", "thousands": "."}, ("1.234,5", "7,5", "1.23", "1e3", "-0,0")),
               ({"null": ["\\N", "n/a"], "trim": True},
                ("7.5", " 1e3", "-0", "\\N", " n/a", "\t7", "0.1234567890123456"))),
    "decimal(5,2)": (({"decimal": ",", "trim": True}, ("7,50", " 7,5", "7,505", "1000,0", "7.5")),),
    "boolean": (({"true": ["yes", "Y"], "false": ["no"]}, ("yes", "no", "Y", "n", "true")),
                ({"null": ["-"]}, ("true", "false", "-", "TRUE")),
                ({"true": ["yes"], "false": ["no", ""], "trim": True}, (" yes", "no ", "yes", "  ", "y", "\tno"))),
    "date": (({"format": "d.M.yyyy"}, ("05.03.2024", "1.4.2024", "30.2.2024", "2024-03-05")),
             ({"null": ["NULL"]}, ("2024-02-29", "2023-12-31", "NULL", "2024-2-1")),
             ({"format": "dd.MM.yyyy", "trim": True, "null": ["-"]},
              (" 05.03.2024", "31.12.2024 ", " 29.02.2024 ", "29.02.2023", " - ", "\t01.01.2024", "1.1.2024")),
             ({"format": "d MMM yy", "null": ["NA"]},
              ("5 Mar 24", "31 Dec 99", "29 Feb 24", "30 Feb 24", "5 mar 24", "NA")),
             ({"format": ["MMM d, yyyy", "yyyyMMdd"]}, ("Mar 5, 2024", "20240305", "Mai 5, 2024"))),
    "timestamp": (({"format": "M/d/yyyy h:mm a"}, ("3/5/2024 2:05 PM", "3/5/2024 14:05 PM", "13/5/2024 2:05 am")),
                  ({"format": "dd/MM/yyyy H:mm:ss"},
                   ("05/03/2024 14:05:00", "05/03/2024 24:00:00", "29/02/2023 1:00:00", "1/03/2024 1:59:60")),
                  ({"format": "yyyy-MM-dd HH:mm:ss[.SSSSSS]X"},
                   ("2024-03-05 14:05:00+00", "2024-03-31 14:05:00.5-05", "9999-12-31 23:59:59-01",
                    "2024-03-05 14:05:00.1234567Z", "2024-02-29 00:00:00Z", "2024-03-05 14:05:00",
                    "2024-03-05 14:05:00.25+0530")),
                  ({"format": "yyyy-MM-dd'T'HH:mm:ss.SSSXX"}, ("2024-03-05T14:05:00.123+0000", "2024-03-05T14:05:00Z")),
                  ({"null": ["-"], "trim": True},
                   ("2024-03-05 14:05:00", " 2024-03-05T14:05:00.5Z ", "-", "2024-03-05 14:05:00+05:30")),
                  ({"format": "epoch_millis", "null": ["0"]}, ("1709647500000", "0", "-1", "1e3")),
                  ({"format": "epoch_seconds", "trim": True}, (" 1709647500", "0 ", " ", "-1", "1.0")),
                  ({"format": "epoch_millis"}, ("1709647500000", "-1", "1.5", "x"))),
}  # fmt: skip


@st.composite
def spelled(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, dict[str, Any]], bytes]:
    """Columns by key, how their values are spelled, and a CSV file of them, damaged here and there."""
    schema = draw(columns(tuple(SPELLINGS)))
    chosen = {key: draw(st.sampled_from(SPELLINGS[kind])) for key, kind in schema.items()}
    others = draw(st.sampled_from(((), ("zz",))))
    lines = [";".join((*schema, *others))]
    for _ in range(draw(st.integers(1, 12))):
        fields = [draw(st.sampled_from((*chosen[key][1], "", '""', "x"))) for key in schema]
        lines.append(";".join((*fields, *others)))
    lines += [draw(damaged(line)) for line in lines[1:]]
    ends = draw(st.sampled_from(("\n", "\r\n")))
    return schema, {key: spelling for key, (spelling, _) in chosen.items()}, ends.join(lines).encode()


@st.composite
def members(draw: st.DrawFn, schema: Mapping[str, str]) -> list[tuple[str, str]]:
    """Keys and literals of a line: most of the declared keys, sometimes others."""
    keys = [key for key in schema if draw(st.integers(0, 7))]
    keys += (
        draw(st.lists(st.sampled_from(("zz", "extra_key", "K", "N", "", "Zz", "zz zz", "é")), max_size=1))
        if draw(st.booleans())
        else []
    )
    if draw(st.integers(0, 5)) == 0:
        keys = draw(st.permutations(keys))
    return [
        (key, draw(values(schema[key])) if key in schema and draw(st.integers(0, 9)) else draw(literals))
        for key in keys
    ]


@st.composite
def files(draw: st.DrawFn, schema: Mapping[str, str]) -> bytes:
    """A file of lines of one spacing, damaged here and there."""
    comma, colon = draw(st.sampled_from(((",", ":"), (", ", ": "), (" , ", " : "))))
    drawn = draw(st.lists(members(schema), min_size=1, max_size=12))
    texts = ["{" + comma.join(f'"{key}"{colon}{value}' for key, value in line) + "}" for line in drawn]
    texts += [draw(damaged(text)) for text in texts for _ in range(2)]
    return "\n".join(texts).encode() + draw(st.sampled_from((b"", b"\n", b"\r\n", b"\xff", b'\n{"k":"\xe9"}')))


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(DAMAGE)) + text[at + draw(st.integers(0, 2)) :]
    return text


PARTS = (
    "x", "1", "-5", "1.5", '"', '""', '"x"', '"1"', "'", ",", ";", "\n", "\n", "\r\n", "\r", " ", "#", "\\", '\\"',
    "é", "€", "\x00", "a", "b", "c", "2024-02-29", "true", "", "\n\n", '"\n"', '",\n"',
)  # fmt: skip
CSV_OPTIONS: tuple[dict[str, str | bool | int], ...] = (
    {}, {"header": False}, {"null_padding": True}, {"comment": "#"}, {"skip_lines": 1}, {"quote": "'"}, {"quote": ""},
    {"escape": "\\"}, {"encoding": "windows-1252"}, {"encoding": "utf-16-le"}, {"delimiter": ";"},
    {"encoding": "latin-1", "header": False, "skip_lines": 2, "escape": "\\"},
)  # fmt: skip


@st.composite
def csv_files(draw: st.DrawFn, options: Mapping[str, str | bool | int]) -> bytes:
    """A file of records of three fields in any quotes, with damage of any kind, and line breaks anywhere."""
    mark, quote = str(options.get("delimiter", ",")), str(options.get("quote", '"'))
    records = draw(st.lists(st.lists(st.lists(st.sampled_from(PARTS), max_size=2), min_size=2, max_size=4), max_size=8))
    lines = [mark.join(draw(csv_field("".join(parts), quote)) for parts in record) for record in records]
    text = "".join(f"{line}{draw(st.sampled_from(_ENDS))}" for line in ["a,b,c".replace(",", mark), *lines])
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PARTS)) + text[at + draw(st.integers(0, 2)) :]
    encoding = str(options.get("encoding", "utf-8"))
    return text.encode(encoding, "replace") + draw(st.sampled_from((b"", b"", b"\xff", b"\x81\n", b'"')))


_ENDS = ("\n", "\n", "\n", "\r\n")


@st.composite
def csv_field(draw: st.DrawFn, text: str, quote: str) -> str:
    """A text in quotes, as a writer of CSV puts it, or as it is."""
    return f"{quote}{text.replace(quote, quote * 2)}{quote}" if quote and draw(st.booleans()) else text
