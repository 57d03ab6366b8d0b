"""A table of awkward values, on which the engines are compared."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from generator.plan.types import Type, parse_type

_D, _T, _N = datetime.date, datetime.datetime, Decimal
_NAN, _INF = float("nan"), float("inf")

# By column: its type, and its values from row to row; the fourth row is NULL throughout.
# fmt: off
COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "id": ("bigint", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    "i": ("int", [0, 2147483647, -2147483648, None, 42, -7, 1, 3, 3]),
    "j": ("int", [1, -1, 7, None, 5, 2, 0, 3, -3]),
    "b": ("bigint", [0, 9223372036854775807, -9223372036854775808, None, 1234567890123, -1, 100, 3, -3]),
    "tiny": ("tinyint", [0, 127, -128, None, 5, -1, 1, 3, -3]),
    "small": ("smallint", [0, 32767, -32768, None, -7, 100, 1, 3, -3]),
    "f": ("float", [0.0, 3.4e+38, -1.5, None, 0.1, -0.0, 0.001, 2.5, -2.5]),
    "dbl": ("double", [0.0, 1.7976931348623157e+308, _NAN, None, 1.005, _INF, -_INF, -2.5,
        0.49999999999999994]),
    "dbl2": ("double", [-0.0, 2.5, _NAN, None, 0.1, 1e-05, 123456.789, 3.0, -1e+20]),
    "dec": ("decimal(10,2)", [_N("0.00"), _N("99999999.99"), _N("-99999999.99"), None, _N("1.25"),
        _N("-1.25"), _N("0.05"), _N("2.50"), _N("-2.50")]),
    "half": ("decimal(5,1)", [_N("0.5"), _N("9999.9"), _N("-2.5"), None, _N("2.5"), _N("-0.5"), _N("1.5"),
        _N("3.5"), _N("-3.5")]),
    "big": ("decimal(20,4)", [_N("0.0001"), _N("9999999999999999.9999"), _N("-1.0050"), None, _N("1.0050"),
        _N("123456.7891"), _N("-9999.9999"), _N("2.5000"), _N("-2.5001")]),
    "s": ("string", ["", "Hello World", "  blank  ", None, "a,b,,c", "😀é", "AbC_100%", "tab\tnew\nline\r",
        "HELLO world"]),
    "s2": ("string", ["", "o", " ", None, ",", "é", "%", "\n", "l"]),
    "num": ("string", ["", "12", " 12.7 ", None, "-1.5e3", "abc", "99999999999999999999", "true", "+7"]),
    "dstr": ("string", ["", "2024-02-29", "2024-02-30", None, "2024-2-3", "20240229", "2024",
        "2024-12-31 10:00", " 2024-02-29 "]),
    "tstr": ("string", ["", "2024-02-29 12:34:56", "2024-02-29T12:34:56.789", None, "2024-02-29",
        "2024-02-29 25:00:00", "2024-02-29 12:34", "1969-12-31 23:59:59.5", "garbage"]),
    "word": ("string", ["", "Straße", "ÉCOLE", None, "naïve 😀", "ΟΔΟΣ", "ﬁne İstanbul", 'it\'s \\ "q" `b`',
        "hello hello"]),
    "flag": ("boolean", [False, True, None, None, True, False, True, False, True]),
    "dt": ("date", [_D(1970, 1, 1), _D(2024, 2, 29), _D(1900, 2, 28), None, _D(2023, 12, 31),
        _D(2024, 3, 31), _D(9999, 12, 31), _D(2021, 1, 3), _D(2020, 12, 28)]),
    "dt2": ("date", [_D(1969, 12, 31), _D(2024, 1, 31), _D(2000, 2, 29), None, _D(2024, 12, 30),
        _D(2024, 2, 28), _D(1, 1, 1), _D(2021, 1, 4), _D(2020, 2, 29)]),
    "ts": ("timestamp", [_T(1970, 1, 1), _T(2024, 2, 29, 23, 59, 59, 999999), _T(1969, 7, 20, 20, 17, 40),
        None, _T(2023, 12, 31, 12, 0, 0, 500000), _T(2024, 3, 31, 1, 30), _T(9999, 12, 31, 23, 59, 59),
        _T(2021, 1, 3, 0, 0, 1), _T(2020, 12, 28, 23)]),
    "ts2": ("timestamp", [_T(1969, 12, 31, 23, 59, 59, 999999), _T(2024, 1, 31, 0, 0, 0, 1), _T(1970, 1, 1),
        None, _T(2024, 1, 1, 0, 0, 1), _T(2024, 3, 31, 2, 30), _T(1, 1, 1), _T(2020, 12, 28),
        _T(2020, 2, 29, 12)]),
    "ms": ("bigint", [0, 1709251199999, -1, None, 1700000000123, 951782400000, 253402300799000,
        1609632001000, -62135596800000]),
    "tags": ("array<string>", [[], ["b", "a", "b"], ["a", None, ""], None, ["x"], ["Z", "é", "😀", "a"],
        ["A", "a"], [""], ["b", "B", "b"]]),
    "nums": ("array<int>", [[], [3, 1, 2], [None, 2147483647], None, [5, 5, -5], [0], [9, 8], [1, None, 1],
        [-1, -2, -3]]),
    "reals": ("array<double>", [[], [2.5, -1.0], [_NAN, 1.0], None, [0.1, 0.2], [_INF, -_INF], [1e+300],
        [None], [0.0, -0.0]]),
    "address": ("struct<city:string,zip:int>", [{"city": "", "zip": 0}, {"city": "Köln", "zip": 50667},
        {"city": None, "zip": None}, None, {"city": "Paris", "zip": 75001}, {"city": "x", "zip": -1},
        {"city": "Z", "zip": 9}, {"city": "a b", "zip": 1}, {"city": "Köln", "zip": 50667}]),
    "prices": ("map<string,int>", [{}, {"a": 1, "b": 2}, {"a": None}, None, {"z": 26, "a": 0}, {"é": 5},
        {"": 1}, {"a": -1, "b": None}, {"a": 1}]),
    "js": ("string", ["", '{"a": 1, "b": {"c": "x"}, "d": [1, 2.50, "z"], "e": null, "f": true}', "not json",
        None, '{"a":"1","b":{"c":2}}', "[1,2,3]", '{"a": {"nested": [1]}, "A": 2}',
        '{"a": "é\\u00e9\\n\\"", "b": []}', "null"]),
}
# fmt: on
TYPES: dict[str, Type] = {name: parse_type(kind) for name, (kind, _) in COLUMNS.items()}
ROWS: list[dict[str, Any]] = [
    dict(zip(COLUMNS, values, strict=True)) for values in zip(*(values for _, values in COLUMNS.values()), strict=True)
]
