"""DuckDB macros: what Spark computes and DuckDB has no function for.

They are objects of the schema rather than temporary ones, because each cursor of a DuckDB database has
temporary objects of its own.

A parameter of a macro is replaced before names are looked up; that of a lambda isn't, and a table or struct of the same
name would be taken first. So those have a `#` in them, which no name of a spec can have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Spark ignores all ASCII control characters and blanks around a value.
_BLANK = r"[\x00-\x20]*"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_INTEGER = r"[+-]?[0-9]+"
_DAY = r"([+-]?[0-9]{4,7})(?:-([0-9]{1,2})(?:-([0-9]{1,2})"
_ZONE = r" *(?:Z|UTC|([+-])([0-9]{1,2})(?::?([0-9]{2}))?)"
_SECOND = rf":([0-9]{{1,2}})(?:\.([0-9]*))?(?:{_ZONE})?"
_TIME = rf"[ T]([0-9]{{1,2}})(?::([0-9]{{1,2}})(?:{_SECOND})?)?"
_DATE_PATTERN = rf"^{_BLANK}{_DAY}(?:[ T](?s:.*))?)?)?{_BLANK}$"
_TIMESTAMP_PATTERN = rf"^{_BLANK}{_DAY}(?:{_TIME})?)?)?{_BLANK}$"

# Characters of which the upper case is several characters: that of `ß` is `SS`.
_LONGER_IN_UPPER_CASE = (
    "ßŉǰΐΰևẖẗẘẙẚὐὒὔὖᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾲᾳᾴᾶᾷᾼῂῃῄῆῇῌῒΐῖῗῢΰῤῦῧῲῳῴῶῷῼﬀﬁﬂﬃﬄﬅﬆﬓﬔﬕﬖﬗ"
)


def _upper_case(text: str) -> str:
    for char in _LONGER_IN_UPPER_CASE:
        text = f"replace({text}, '{char}', '{char.upper()}')"
    return f"upper({text})"


PARTS = '"#parts"'
"""The parameter of lambdas that put the parts of a time together."""


def _part(name: str, default: int | None = None) -> str:
    value = f"TRY_CAST({PARTS}.{name} AS BIGINT)"
    return value if default is None else f"coalesce({value}, {default})"


_DATE_PARTS = f"{_part('y')}, {_part('m', 1)}, {_part('d', 1)}"
# Of a time zone: its sign, hours and minutes; at most 18:00.
_AWAY = f"(60 * {_part('zh', 0)} + {_part('zm', 0)})"
_OFFSET = (
    f"CASE WHEN {_AWAY} <= 1080 AND {_part('zm', 0)} < 60"
    f" THEN to_minutes(CASE {PARTS}.zs WHEN '-' THEN -1 ELSE 1 END * {_AWAY}) END"
)
_MICROSECONDS = f"TRY_CAST(rpad({PARTS}.f, 6, '0')[1:6] AS BIGINT)"
_TIMESTAMP = (
    f"make_timestamp({_DATE_PARTS}, nullif({_part('h', 0)}, 24), {_part('mi', 0)}, {_part('s', 0)}::DOUBLE)"
    f" + to_microseconds({_MICROSECONDS}) - {_OFFSET}"
)
_WORD = f"lower(regexp_replace(x, '^{_BLANK}|{_BLANK}$', '', 'g'))"
_MONTHS = "((year(a) - year(b)) * 12 + month(a) - month(b))"
_SECONDS = (
    "((day(a) - day(b)) * 86400 + date_diff('second', date_trunc('day', a), a)"
    " - date_diff('second', date_trunc('day', b), b))"
)
_SAME_DAY = "day(a) = day(b) OR (last_day(a) = CAST(a AS DATE) AND last_day(b) = CAST(b AS DATE))"

MACROS: dict[str, str] = {
    # A whole number as the text of a decimal.
    "spark_point(n, digits)": (
        "regexp_replace(repeat('0', digits) || CAST(n AS VARCHAR), '([0-9]{' || digits || '})$', '.\\1')"
    ),
    # Decimal division n / d to a number of digits, rounded half up; DuckDB divides decimals as doubles.
    "spark_quotient(n, d, digits)": (
        "CASE WHEN (n < 0) <> (d < 0) THEN '-' ELSE '' END || spark_point(abs(n) // abs(d) +"
        " CASE WHEN abs(n) % abs(d) >= abs(d) - abs(n) % abs(d) THEN 1 ELSE 0 END, digits)"
    ),
    # The sum of a column's upper and lower halves, each of 19 digits, as text; NULL where it has more than 38.
    "spark_total(high, low, digits)": (
        "CASE WHEN abs(high + low // 10000000000000000000) <= 10000000000000000000 THEN"
        " CASE WHEN high * 10000000000000000000 + low < 0 THEN '-' ELSE '' END ||"
        " spark_point(abs(high * 10000000000000000000 + low), digits) END"
    ),
    "spark_remainder(a, b)": "CASE WHEN b = -1 THEN a - a ELSE a % nullif(b, 0) END",
    "spark_pmod(a, b)": "CASE WHEN a % nullif(b, 0) < 0 THEN (a % b + b) % b ELSE a % nullif(b, 0) END",
    # What rounds is the decimal number that is shown, so 1.005 becomes 1.01.
    "spark_round(x, digits)": (
        "CASE WHEN abs(x) < 1e15 THEN CAST(CAST(round(CAST(CAST(x AS VARCHAR) AS DECIMAL(38, 18)), digits)"
        " AS VARCHAR) AS DOUBLE) ELSE x END"
    ),
    "spark_whole(x)": (
        "CASE WHEN isnan(x) THEN 0 WHEN x >= 9223372036854775807::DOUBLE THEN 9223372036854775807"
        " WHEN x <= -9223372036854775808::DOUBLE THEN -9223372036854775808 ELSE CAST(x AS BIGINT) END"
    ),
    "spark_power(x, y)": ("CASE WHEN isnan(y) OR (abs(x) = 1 AND isinf(y)) THEN x + 'nan'::DOUBLE ELSE pow(x, y) END"),
    "spark_int(x)": (
        f"coalesce(nullif(regexp_extract(x, '^{_BLANK}({_INTEGER})(?:\\.[0-9]*)?{_BLANK}$', 1), ''),"
        f" CASE WHEN regexp_matches(x, '^{_BLANK}[+-]?\\.[0-9]*{_BLANK}$') THEN '0' END)"
    ),
    "spark_strict_int(x)": f"nullif(regexp_extract(x, '^{_BLANK}({_INTEGER}){_BLANK}$', 1), '')",
    "spark_number(x)": f"nullif(regexp_extract(x, '^{_BLANK}({_NUMBER}){_BLANK}$', 1), '')",
    "spark_double(x)": (
        f"coalesce(TRY_CAST(nullif(regexp_extract(x, '^{_BLANK}({_NUMBER})[dDfF]?{_BLANK}$', 1), '')"
        " AS DOUBLE),"
        " CASE WHEN lower(trim(x, ' ')) IN ('inf', '+inf', 'infinity', '+infinity') THEN 'inf'::DOUBLE"
        " WHEN lower(trim(x, ' ')) IN ('-inf', '-infinity') THEN '-inf'::DOUBLE"
        " WHEN lower(trim(x, ' ')) = 'nan' THEN 'nan'::DOUBLE END)"
    ),
    "spark_float(x)": (
        "CASE WHEN isfinite(x) AND abs(x) >= 3.4028235677973366e38::DOUBLE"
        " THEN CAST(sign(x) * 'inf'::DOUBLE AS FLOAT) ELSE CAST(x AS FLOAT) END"
    ),
    "spark_boolean(x)": (
        f"CASE WHEN {_WORD} IN ('t', 'true', 'y', 'yes', '1') THEN true"
        f" WHEN {_WORD} IN ('f', 'false', 'n', 'no', '0') THEN false END"
    ),
    "spark_make_date(y, m, d)": (
        "list_transform([{'y': y, 'm': m, 'd': d}],"
        f" lambda {PARTS}: TRY(make_date({PARTS}.y, {PARTS}.m, {PARTS}.d)))[1]"
    ),
    "spark_date(x)": (
        f"list_transform([regexp_extract(x, '{_DATE_PATTERN}', ['y', 'm', 'd'])],"
        f" lambda {PARTS}: TRY(make_date({_DATE_PARTS})))[1]"
    ),
    "spark_timestamp(x)": (
        f"list_transform([regexp_extract(x, '{_TIMESTAMP_PATTERN}',"
        " ['y', 'm', 'd', 'h', 'mi', 's', 'f', 'zs', 'zh', 'zm'])],"
        f" lambda {PARTS}: TRY({_TIMESTAMP}))[1]"
    ),
    # Years before 1 and after 9999 have a sign, but for the year 0.
    "spark_time_text(x)": (
        "CASE WHEN year(x) BETWEEN 1 AND 9999 THEN CAST(x AS VARCHAR)"
        " ELSE CASE WHEN year(x) > 0 THEN '+' WHEN year(x) < 0 THEN '-' ELSE '' END ||"
        " regexp_replace(replace(CAST(x AS VARCHAR), ' (BC)', ''), '^[0-9]+',"
        " lpad(CAST(abs(year(x)) AS VARCHAR), greatest(4, length(CAST(abs(year(x)) AS VARCHAR)))::INTEGER, '0')) END"
    ),
    "spark_months_between(a, b)": (
        f"CASE WHEN {_SAME_DAY} THEN CAST({_MONTHS} AS DOUBLE) ELSE {_MONTHS} + {_SECONDS} / 2678400 END"
    ),
    # A text of ASCII characters only has as many bytes as characters.
    "spark_upper(x)": f"CASE WHEN strlen(x) = length(x) THEN upper(x) ELSE {_upper_case('x')} END",
    "spark_lower(x)": (
        "CASE WHEN strlen(x) = length(x) THEN lower(x)"
        " ELSE lower(replace(regexp_replace(x, '(\\pL)Σ(\\PL|\\z)', '\\1ς\\2', 'g'), 'İ', 'i\u0307')) END"
    ),
    "spark_reverse(x)": (
        "CASE WHEN strlen(x) = length(x) THEN reverse(x)"
        " ELSE array_to_string(list_reverse(regexp_extract_all(x, '(?s).')), '') END"
    ),
}
DUCKDB_SETTINGS: tuple[str, ...] = tuple(f"CREATE OR REPLACE MACRO {head} AS {body}" for head, body in MACROS.items())
"""Statements that a DuckDB session executes once before it runs the SQL of `to_duckdb`: about 15 ms."""

_CALL = re.compile(r"\b(spark_\w+)\(")


def settings_for(sql: Iterable[str]) -> tuple[str, ...]:
    """Those of `DUCKDB_SETTINGS` that some SQL texts need: none for most lakes."""
    used = set(_CALL.findall("\n".join(sql)))
    for head, body in reversed(MACROS.items()):  # a macro stands after those that it calls
        if head.partition("(")[0] in used:
            used.update(_CALL.findall(body))
    return tuple(
        setting for head, setting in zip(MACROS, DUCKDB_SETTINGS, strict=True) if head.partition("(")[0] in used
    )
