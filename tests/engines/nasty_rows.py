"""A table of awkward values, on which the engines are compared."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from generator.plan.types import Type, parse_type

COLUMNS: dict[str, str] = {
    "id": "bigint", "i": "int", "j": "int", "b": "bigint", "tiny": "tinyint", "small": "smallint",
    "f": "float", "dbl": "double", "dbl2": "double", "dec": "decimal(10,2)", "half": "decimal(5,1)",
    "big": "decimal(20,4)", "s": "string", "s2": "string", "num": "string", "dstr": "string", "tstr": "string",
    "word": "string", "flag": "boolean", "dt": "date", "dt2": "date", "ts": "timestamp", "ts2": "timestamp",
    "ms": "bigint", "tags": "array<string>", "nums": "array<int>", "reals": "array<double>",
    "address": "struct<city:string,zip:int>", "prices": "map<string,int>", "js": "string",
}  # fmt: skip
TYPES: dict[str, Type] = {name: parse_type(kind) for name, kind in COLUMNS.items()}

_D, _T, _N = datetime.date, datetime.datetime, Decimal
_NAN, _INF = float("nan"), float("inf")

ROWS: list[dict[str, Any]] = [
    {
        "id": 1, "i": 0, "j": 1, "b": 0, "tiny": 0, "small": 0, "f": 0.0, "dbl": 0.0, "dbl2": -0.0, "dec": _N("0.00"),
        "half": _N("0.5"), "big": _N("0.0001"), "s": "", "s2": "", "num": "", "dstr": "", "tstr": "", "word": "",
        "flag": False, "dt": _D(1970, 1, 1), "dt2": _D(1969, 12, 31), "ts": _T(1970, 1, 1),
        "ts2": _T(1969, 12, 31, 23, 59, 59, 999999), "ms": 0, "tags": [], "nums": [], "reals": [],
        "address": {"city": "", "zip": 0}, "prices": {}, "js": "",
    },
    {
        "id": 2, "i": 2147483647, "j": -1, "b": 9223372036854775807, "tiny": 127, "small": 32767, "f": 3.4e38,
        "dbl": 1.7976931348623157e308, "dbl2": 2.5, "dec": _N("99999999.99"), "half": _N("9999.9"),
        "big": _N("9999999999999999.9999"), "s": "Hello World", "s2": "o", "num": "12", "dstr": "2024-02-29",
        "tstr": "2024-02-29 12:34:56", "word": "Straße", "flag": True, "dt": _D(2024, 2, 29), "dt2": _D(2024, 1, 31),
        "ts": _T(2024, 2, 29, 23, 59, 59, 999999), "ts2": _T(2024, 1, 31, 0, 0, 0, 1), "ms": 1709251199999,
        "tags": ["b", "a", "b"], "nums": [3, 1, 2], "reals": [2.5, -1.0], "address": {"city": "Köln", "zip": 50667},
        "prices": {"a": 1, "b": 2}, "js": '{"a": 1, "b": {"c": "x"}, "d": [1, 2.50, "z"], "e": null, "f": true}',
    },
    {
        "id": 3, "i": -2147483648, "j": 7, "b": -9223372036854775808, "tiny": -128, "small": -32768, "f": -1.5,
        "dbl": _NAN, "dbl2": _NAN, "dec": _N("-99999999.99"), "half": _N("-2.5"), "big": _N("-1.0050"),
        "s": "  blank  ", "s2": " ", "num": " 12.7 ", "dstr": "2024-02-30", "tstr": "2024-02-29T12:34:56.789",
        "word": "ÉCOLE", "flag": None, "dt": _D(1900, 2, 28), "dt2": _D(2000, 2, 29),
        "ts": _T(1969, 7, 20, 20, 17, 40), "ts2": _T(1970, 1, 1), "ms": -1, "tags": ["a", None, ""],
        "nums": [None, 2147483647], "reals": [_NAN, 1.0], "address": {"city": None, "zip": None},
        "prices": {"a": None}, "js": "not json",
    },
    {
        "id": 4, "i": None, "j": None, "b": None, "tiny": None, "small": None, "f": None, "dbl": None, "dbl2": None,
        "dec": None, "half": None, "big": None, "s": None, "s2": None, "num": None, "dstr": None, "tstr": None,
        "word": None, "flag": None, "dt": None, "dt2": None, "ts": None, "ts2": None, "ms": None, "tags": None,
        "nums": None, "reals": None, "address": None, "prices": None, "js": None,
    },
    {
        "id": 5, "i": 42, "j": 5, "b": 1234567890123, "tiny": 5, "small": -7, "f": 0.1, "dbl": 1.005, "dbl2": 0.1,
        "dec": _N("1.25"), "half": _N("2.5"), "big": _N("1.0050"), "s": "a,b,,c", "s2": ",", "num": "-1.5e3",
        "dstr": "2024-2-3", "tstr": "2024-02-29", "word": "naïve 😀", "flag": True, "dt": _D(2023, 12, 31),
        "dt2": _D(2024, 12, 30), "ts": _T(2023, 12, 31, 12, 0, 0, 500000), "ts2": _T(2024, 1, 1, 0, 0, 1),
        "ms": 1700000000123, "tags": ["x"], "nums": [5, 5, -5], "reals": [0.1, 0.2],
        "address": {"city": "Paris", "zip": 75001}, "prices": {"z": 26, "a": 0}, "js": '{"a":"1","b":{"c":2}}',
    },
    {
        "id": 6, "i": -7, "j": 2, "b": -1, "tiny": -1, "small": 100, "f": -0.0, "dbl": _INF, "dbl2": 1e-5,
        "dec": _N("-1.25"), "half": _N("-0.5"), "big": _N("123456.7891"), "s": "😀é", "s2": "é", "num": "abc",
        "dstr": "20240229", "tstr": "2024-02-29 25:00:00", "word": "ΟΔΟΣ", "flag": False, "dt": _D(2024, 3, 31),
        "dt2": _D(2024, 2, 28), "ts": _T(2024, 3, 31, 1, 30), "ts2": _T(2024, 3, 31, 2, 30), "ms": 951782400000,
        "tags": ["Z", "é", "😀", "a"], "nums": [0], "reals": [_INF, -_INF], "address": {"city": "x", "zip": -1},
        "prices": {"é": 5}, "js": "[1,2,3]",
    },
    {
        "id": 7, "i": 1, "j": 0, "b": 100, "tiny": 1, "small": 1, "f": 1e-3, "dbl": -_INF, "dbl2": 123456.789,
        "dec": _N("0.05"), "half": _N("1.5"), "big": _N("-9999.9999"), "s": "AbC_100%", "s2": "%",
        "num": "99999999999999999999", "dstr": "2024", "tstr": "2024-02-29 12:34", "word": "ﬁne I\u0307stanbul",
        "flag": True, "dt": _D(9999, 12, 31), "dt2": _D(1, 1, 1), "ts": _T(9999, 12, 31, 23, 59, 59),
        "ts2": _T(1, 1, 1), "ms": 253402300799000, "tags": ["A", "a"], "nums": [9, 8], "reals": [1e300],
        "address": {"city": "Z", "zip": 9}, "prices": {"": 1}, "js": '{"a": {"nested": [1]}, "A": 2}',
    },
    {
        "id": 8, "i": 3, "j": 3, "b": 3, "tiny": 3, "small": 3, "f": 2.5, "dbl": -2.5, "dbl2": 3.0, "dec": _N("2.50"),
        "half": _N("3.5"), "big": _N("2.5000"), "s": "tab\tnew\nline\r", "s2": "\n", "num": "true",
        "dstr": "2024-12-31 10:00", "tstr": "1969-12-31 23:59:59.5", "word": "it's \\ \"q\" `b`", "flag": False,
        "dt": _D(2021, 1, 3), "dt2": _D(2021, 1, 4), "ts": _T(2021, 1, 3, 0, 0, 1), "ts2": _T(2020, 12, 28),
        "ms": 1609632001000, "tags": [""], "nums": [1, None, 1], "reals": [None], "address": {"city": "a b", "zip": 1},
        "prices": {"a": -1, "b": None}, "js": '{"a": "é\\u00e9\\n\\"", "b": []}',
    },
    {
        "id": 9, "i": 3, "j": -3, "b": -3, "tiny": -3, "small": -3, "f": -2.5, "dbl": 0.49999999999999994,
        "dbl2": -1e20, "dec": _N("-2.50"), "half": _N("-3.5"), "big": _N("-2.5001"), "s": "HELLO world", "s2": "l",
        "num": "+7", "dstr": " 2024-02-29 ", "tstr": "garbage", "word": "hello hello", "flag": True,
        "dt": _D(2020, 12, 28), "dt2": _D(2020, 2, 29), "ts": _T(2020, 12, 28, 23, 0), "ts2": _T(2020, 2, 29, 12),
        "ms": -62135596800000, "tags": ["b", "B", "b"], "nums": [-1, -2, -3], "reals": [0.0, -0.0],
        "address": {"city": "Köln", "zip": 50667}, "prices": {"a": 1}, "js": "null",
    },
]  # fmt: skip
