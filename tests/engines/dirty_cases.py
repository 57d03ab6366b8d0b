"""Awkward landing data, one small case a rule, with what has to become of it in every engine.

`docs/landing-data.md` is made from this file: `python tests/engines/dirty_cases.py > docs/landing-data.md`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from backports import zstd

sys.path.insert(0, str(Path(__file__).parent))
from landing_case import GOOD, GOOD_ROW, KND, Case, broken, csv, lines, typed
from new_key_cases import NEW_KEYS, TYPED
from spelled_cases import SPELLED


def _parquet(**columns: Any) -> bytes:
    """A file as data frames write it: a column of nothing but None has no type."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def stream_log(*files: str, action: str = "add") -> bytes:
    """A file of the log of a streaming query, which wrote to another place."""
    entry = {"size": 1, "isDir": False, "modificationTime": 1, "blockReplication": 1, "blockSize": 1, "action": action}
    entries = [json.dumps({"path": f"s3://elsewhere/in/{file}", **entry}) for file in files]
    return "\n".join(["v1", *entries]).encode()


FILES = [
    lines("good", "One JSON object a line is a row.", GOOD + GOOD, [GOOD_ROW, GOOD_ROW]),
    lines("no end", "The last line needs no line end.", GOOD + GOOD[:-1], [GOOD_ROW, GOOD_ROW]),
    lines(
        "crlf",
        "A carriage return before the line feed belongs to the line end.",
        GOOD.replace(b"\n", b"\r\n") * 2,
        [GOOD_ROW, GOOD_ROW],
    ),
    lines(
        "lone cr",
        "A carriage return alone does not end a line: two objects around one are on the same line.",
        GOOD.replace(b"\n", b"\r") * 2,
        rejected=[(1, "text_after_value")],
    ),
    lines(
        "blank lines",
        "Lines of white space (space, tab, carriage return, vertical tab, form feed) are no records and not"
        " counted; the same characters around a record don't matter.",
        b"\n  \n\t\r\n\x0b\x0c\n \t" + GOOD[:-1] + b" \x0c\r\n\r\r\n" + GOOD,
        [GOOD_ROW, GOOD_ROW],
    ),
    lines(
        "no-break space",
        "Other white space is text.",
        b"\xc2\xa0\n" + GOOD,
        [GOOD_ROW],
        rejected=[(1, "broken_json")],
    ),
    lines(
        "byte order mark",
        "A byte order mark at the start of a file is skipped.",
        b"\xef\xbb\xbf" + GOOD + GOOD,
        [GOOD_ROW, GOOD_ROW],
    ),
    lines("only a mark", "A file of nothing but a byte order mark is empty.", b"\xef\xbb\xbf"),
    lines("mark and blank", "So is one with blank lines after it.", b"\xef\xbb\xbf \n\n"),
    broken("mark within", "Anywhere else it is text.", b"\xef\xbb\xbf" + GOOD[:-1]),
    Case("empty file", "An empty file has no lines.", {"a.json": b"", "b.json": GOOD}, [GOOD_ROW]),
    Case(
        "no files",
        "A folder that has no files, or isn't there, is an empty table; the report says so.",
        {},
        missing=True,
    ),
    Case(
        "hidden files",
        "Files and folders whose name begins with `_` or `.` are skipped, and so are marks `NAME_$folder$`, which some "
        "tools leave on S3, and copies `NAME~`, which editors leave (a note names one); others are read to any depth. "
        "Folder names such as `day=1` are no columns unless `partitions` says so.",
        {
            "_SUCCESS": b"x\n",
            ".a.crc": b"x\n",
            "_temporary/a.json": b"x\n",
            "day=1_$folder$": b"",
            "day=1/a.json~": b"x\n",
            "day=1/b/a.json": GOOD,
        },
        [GOOD_ROW],
    ),
    Case(
        "stream",
        "Of a folder to which a streaming query of Spark writes, files count that the query has finished, as the log "
        "`_spark_metadata` in it tells: a query that died leaves others (a note names one).",
        {
            "_spark_metadata/0": stream_log("gone.json"),
            "_spark_metadata/2.compact": stream_log("gone.json", "a.json", "k=%2520/b%25c.json"),
            "_spark_metadata/2": b"of a query that died",
            "_spark_metadata/3": stream_log("d.json", "e.json"),
            "_spark_metadata/4": stream_log("e.json", action="delete"),
            "a.json": GOOD,
            "k=%20/b%c.json": GOOD,
            "d.json": GOOD,
            "e.json": GOOD,
            "f.json": GOOD,
        },
        [GOOD_ROW] * 3,
        of_folder=True,
    ),
    Case(
        "damaged stream",
        "A log that can't be read stops the run.",
        {"_spark_metadata/0": b"v2\n{}\n", "a.json": GOOD},
        error="_spark_metadata/0 can't be read",
        of_folder=True,
    ),
    Case(
        "table of Delta Lake",
        "Tables of other tools are refused: their files hold rows that were changed or deleted since.",
        {"_delta_log/00000000000000000000.json": b"{}\n", "a.parquet": "SELECT 'x' AS k, 1 AS n, 1.5::DOUBLE AS d"},
        format="parquet",
        error="a table of Delta Lake: only `_delta_log` tells which of its files count",
        of_folder=True,
    ),
    Case(
        "table of Hudi",
        "So are those of Hudi",
        {".hoodie/hoodie.properties": b"x=1\n", "a.parquet": "SELECT 'x' AS k, 1 AS n, 1.5::DOUBLE AS d"},
        format="parquet",
        error="a table of Apache Hudi: only `.hoodie` tells",
        of_folder=True,
    ),
    Case(
        "table of Iceberg",
        "and of Iceberg.",
        {
            "t/metadata/00000-5ae2e5a4-92b8-4d1e-9a7e-2f0c1d5b8f11.metadata.json": b"{}",
            "t/data/a.parquet": "SELECT 'x' AS k, 1 AS n, 1.5::DOUBLE AS d",
        },
        format="parquet",
        error="a table of Apache Iceberg: only `metadata` tells",
        of_folder=True,
    ),
    Case(
        "partitions",
        "`partitions` are columns whose values are in the names of folders, unquoted; "
        "`__HIVE_DEFAULT_PARTITION__` is NULL, and whole numbers may begin with zeros.",
        {
            "reg=eu/m=01/a.json": GOOD + b"{\n",
            "reg=us%20west/x/m=-12/b.json": GOOD,
            "m=0/reg=__HIVE_DEFAULT_PARTITION__/c.json": b'{"k":1}\n{"k":"g","n":1.0,"d":1.5e0}\n',
            "reg=/m=__HIVE_DEFAULT_PARTITION__/d.json": GOOD * 2,
        },
        [
            (*GOOD_ROW, "eu", 1),
            (*GOOD_ROW, "us west", -12),
            (*GOOD_ROW, None, 0),
            *[(*GOOD_ROW, "", None)] * 2,
        ],
        [(1, "wrong_type"), (2, "broken_json")],
        columns={**KND, "reg": "string", "m": "int"},
        options={"partitions": ("reg", "m")},
    ),
    Case(
        "partitions of documents",
        "Whatever is in the files: documents,",
        {"day=2024-02-29/a.json": b'[{"k":"a"},{"k":1}]', "day=2023-01-01/b.json": b'{"k":"b"}{"k":"c"}'},
        [("a", date(2024, 2, 29)), ("b", date(2023, 1, 1)), ("c", date(2023, 1, 1))],
        [(1, "wrong_type")],
        columns={"k": "string", "day": "date"},
        options={"partitions": ("day",), "multiline": True},
    ),
    Case(
        "partitions of CSV",
        "CSV,",
        {"y=1/a.csv": b'k\na\n"b\n"\n', "y=2024/b.csv": b"k,y\nc,9\n", "y=0/c.csv.gz": gzip.compress(b"k\nd\n")},
        [("a", 1), ("b\n", 1), ("c", 2024), ("d", 0)],
        format="csv",
        columns={"k": "string", "y": "bigint"},
        options={"partitions": ("y",)},
        extra_keys=("y",),
    ),
    Case(
        "partitions of Parquet",
        "or Parquet.",
        {"Y=1/a.parquet": "SELECT 'x' AS k", "Y=2/b.parquet": "SELECT 'y' AS k, 7 AS z, 8 AS y"},
        [("x", 1), ("y", 2)],
        format="parquet",
        columns={"k": "string", "Y": "tinyint"},
        options={"partitions": ("y",)},
        extra_keys=("y", "z"),
    ),
    Case(
        "names of partitions",
        "A folder's name may be any name of a column.",
        {"filename=a/record=1010/a.json": b'{"k":"x"}\n', "filename=b/record=-0/b.json": b'{"k":"y"}\n'},
        [("x", "a", 1010), ("y", "b", 0)],
        columns={"k": "string", "filename": "string", "record": "int"},
        options={"partitions": ("filename", "record")},
    ),
    Case(
        "wrong partition",
        "A value that isn't of the column's type stops the run: where a file lies is no accident of one line.",
        {"y=1/a.json": GOOD, "y=x/a.json": GOOD},
        columns={**KND, "y": "int"},
        options={"partitions": ("y",)},
        error="y=x/a.json: folder `y=x`: `x` is not an int",
    ),
    Case(
        "no partition",
        "So does a file outside of such a folder, or one within two of the same name.",
        {"y=1/a.json": GOOD, "a.json": GOOD},
        columns={**KND, "y": "int"},
        options={"partitions": ("y",)},
        error="a.json: no folder named `y=...` above it",
    ),
    Case(
        "odd names",
        "A file's name can hold anything.",
        {"a[1]*?'.json": GOOD, "b c.txt": GOOD, "$x": GOOD},
        [GOOD_ROW] * 3,
    ),
    Case(
        "compressed",
        "`.gz`, `.bz2` and `.zst` (zstd) files are unpacked, several members in one archive included.",
        {
            "a.json.gz": gzip.compress(GOOD) + gzip.compress(GOOD + b"{\n"),
            "b.json.bz2": bz2.compress(GOOD),
            "c.json.gz": b"",
            "d.json.zst": zstd.compress(b"\n" + GOOD) + zstd.compress(b'{"k":"h","n":2,"d":1e0}\n{"k":}\n'),
            "e.json": GOOD,
        },
        [*[GOOD_ROW] * 5, ("h", 2, 1.0)],
        [(3, "broken_json"), (4, "broken_json")],
    ),
    Case(
        "compressed with zstd",
        "All of a source's files may be archives.",
        {"a.json.zst": zstd.compress(b"\xef\xbb\xbf" + GOOD), "b/c.json.zst": zstd.compress(b"")},
        [GOOD_ROW],
    ),
    Case(
        "CSV compressed with zstd",
        "So may those of CSV.",
        {"a.csv.zst": zstd.compress(b'k,n\nx,1\n"y\nz",2\n'), "b.csv.zst": zstd.compress(b"n,k\n3\n")},
        [("x", 1), ("y\nz", 2)],
        [(2, "wrong_field_count")],
        format="csv",
        columns={"k": "string", "n": "bigint"},
    ),
    Case(
        "damaged zstd",
        "Archives of zstd likewise.",
        {"a.json.zst": zstd.compress(GOOD * 100)[:-3], "b.json.zst": zstd.compress(GOOD), "c.json": GOOD},
        error="a.json.zst: damaged archive",
    ),
    Case(
        "damaged archive",
        "An archive that is cut short or fails its checksum stops the run: its lines can't be trusted.",
        {"a.json.gz": gzip.compress(GOOD * 100)[:-9]},
        error="a.json.gz: damaged archive",
    ),
    Case("not an archive", "So does one that is none.", {"a.json.gz": GOOD}, error="damaged archive"),
    Case(
        "other archives",
        "Other kinds of archive are refused.",
        {"a.json.lz4": b"x"},
        error="`.lz4` is not supported",
    ),
    broken(
        "invalid UTF-8",
        "A line that isn't UTF-8; the quarantine shows the bytes as `\\xe9`.",
        b'{"k":"caf\xe9","n":2}',
        "invalid_utf8",
    ),
    broken("surrogate bytes", "UTF-8 has no surrogates.", b'{"k":"\xed\xa0\x80"}', "invalid_utf8"),
    lines(
        "UTF-16",
        "Nor is UTF-16 UTF-8.",
        b"\xff\xfe" + '{"k":"a"}'.encode("utf-16-le"),
        rejected=[(1, "invalid_utf8")],
    ),
]

SYNTAX = [
    broken("truncated", "A line that breaks off.", b'{"k":"t","n":2,"d":'),
    broken("no JSON", "Text that isn't JSON.", b"not json"),
    broken("trailing comma", "JSON has no trailing commas.", b'{"k":"t","n":2,}'),
    broken("trailing comma and space", "However spaced.", b'{"k":"t","n":2,"d":1.5 , \t}'),
    broken("nested trailing comma", "Not even where nobody looks.", b'{"k":"t","x":[1,]}'),
    broken("single quotes", "Nor single quotes,", b"{'k':'t','n':2}"),
    broken("unquoted key", "keys without quotes,", b'{k:"t","n":2}'),
    broken("comment", "comments,", b'{"k":"a",/*c*/"n":7}'),
    broken("NaN", "NaN,", b'{"k":"a","d":NaN}'),
    broken("undeclared NaN", "wherever it stands,", b'{"k":"a","n":1,"d":1.5,"x":NaN}'),
    broken("infinity", "infinity,", b'{"k":"a","d":-Infinity}'),
    broken("leading zero", "leading zeros,", b'{"k":"a","n":007}'),
    broken("plus", "plus signs,", b'{"k":"a","n":+7}'),
    broken("bare point", "numbers that begin or end with the point,", b'{"k":"a","d":1.}'),
    broken("bad escape", "escapes of one's own,", b'{"k":"a\\qb","n":2}'),
    broken("control character", "raw control characters in strings (a tab),", b'{"k":"a\tb","n":2}'),
    broken("NUL byte", "raw NUL bytes,", b'{"k":"a\x00b","n":7}'),
    broken("half a surrogate pair", "or half of a surrogate pair.", b'{"k":"\\ud83d"}'),
    broken("reversed pair", "Nor its halves in the wrong order.", b'{"k":"\\ude00\\ud83d"}'),
    broken("too deep", "Nested deeper than 100 levels.", b'{"k":"a","x":' + b"[" * 100 + b"]" * 100 + b"}"),
    lines(
        "deep",
        "Up to there, values that no column declares are of no concern.",
        b'{"k":"a","x":' + b"[" * 99 + b"]" * 99 + b"}\n",
        [("a", None, None)],
        extra_keys=("x",),
    ),
    broken(
        "two objects",
        "Several objects on a line: none of them is taken.",
        b'{"k":"a","n":2}{"k":"b","n":3}',
        "text_after_value",
    ),
    broken("text after", "Any text after the object.", b'{"k":"a","n":2} xyz', "text_after_value"),
    broken(
        "comma after",
        "Such as a comma: a JSON array over several lines is no landing data.",
        b'{"k":"a","n":2},',
        "text_after_value",
    ),
    broken("array", "An array,", b'[{"k":"a","n":2},{"k":"b","n":3}]', "not_an_object"),
    broken("string", "a string,", b'"str"', "not_an_object"),
    broken("number", "a number,", b"42", "not_an_object"),
    broken("null", "or null where an object belongs.", b"null", "not_an_object"),
    lines(
        "escapes",
        "Escapes are decoded, NUL and pairs of surrogates included.",
        b'{"k":"a\\u00e9\\n\\/b"}\n{"k":"\\ud83d\\ude00"}\n{"k":"a\\u0000b"}\n{"\\u006b":"key"}\n',
        [("aé\n/b", None, None), ("😀", None, None), ("a\0b", None, None), ("key", None, None)],
    ),
    lines(
        "any text",
        "Strings keep every character.",
        '{"k":"a\u2028b\x7f ￾"}\n'.encode(),
        [("a\u2028b\x7f ￾", None, None)],
    ),
]

KEYS = [
    lines(
        "null",
        "null is NULL; an empty string is not, nor is the text null.",
        b'{"k":null,"n":null,"d":null}\n{"k":"","n":1}\n{"k":"null","n":2}\n',
        [(None, None, None), ("", 1, None), ("null", 2, None)],
    ),
    lines(
        "missing",
        "A missing key is NULL, as null is.",
        b'{"n":1}\n{"k":"a"}\n',
        [(None, 1, None), ("a", None, None)],
    ),
    lines("empty object", "So an object without keys is a row of NULLs.", b"{}\n", [(None, None, None)]),
    lines(
        "order",
        "The order of keys, and the space around them, don't matter.",
        b'{"d":1.5,"k":"g","n":1}\n{ "n" : 1 , "d" : 1.5,\t"k":"g" }\n',
        [GOOD_ROW, GOOD_ROW],
    ),
    lines(
        "extra keys",
        "A key that no column declares is ignored; the report names it once.",
        b'{"k":"g","n":1,"d":1.5,"zz":{"q":[1,2]}}\n{"k":"g","n":1,"d":1.5,"yy":"x","yy":true}\n' + GOOD,
        [GOOD_ROW] * 3,
        extra_keys=("yy", "zz"),
    ),
    broken(
        "wrong case",
        "A key that differs from a declared one only in case: reading it as missing would lose it.",
        b'{"K":"upper","N":5}',
        "wrong_case",
    ),
    broken("both cases", "Also beside the right one.", b'{"k":"lower","K":"upper","n":1}', "wrong_case"),
    broken("wrong case of nothing", "Even if it holds nothing.", b'{"K":null,"n":1}', "wrong_case"),
    broken(
        "duplicate key",
        "A declared key that appears twice: which one is meant?",
        b'{"k":"first","k":"second","n":1}',
        "duplicate_key",
    ),
    broken("same value twice", "Even with the same value.", b'{"n":1,"k":"a","n":1}', "duplicate_key"),
    lines(
        "keys in capitals",
        "A column's key is spelled as the data spells it.",
        b'{"serialNumber":"a"}\n{"serialnumber":"b"}\n',
        [("a",)],
        columns={"serialNumber": "string"},
        rejected=[(2, "wrong_case")],
    ),
    lines(
        "similar keys",
        "A key is the declared one or it isn't.",
        b'{"a_b":"x","c_d":1}\n{"aXb":"y","c_d":1}\n{"ab":"z","c-d":1}\n',
        [("x", 1), (None, 1), (None, None)],
        columns={"a_b": "string", "c_d": "int"},
        extra_keys=("aXb", "ab", "c-d"),
    ),
    lines(
        "confusable keys",
        "However much alike two of them are.",
        b'{"a_b":"x","a__b":1}\n{"a__b":"12","a_b":5}\n',
        [("x", 1.0)],
        columns={"a_b": "string", "a__b": "double"},
        rejected=[(2, "wrong_type")],
    ),
    lines(
        "number as text among usual lines",
        "A text is no number in a line either that looks like the usual ones otherwise.",
        GOOD * 9 + b'{"k":"g","n":"1","d":1.5}\n{"k":"g","n":1,"d": "1.5" }\n{"k":"g","n":\t"1","d":1.5}\n' + GOOD,
        [GOOD_ROW] * 10,
        rejected=[(10, "wrong_type"), (11, "wrong_type"), (12, "wrong_type")],
    ),
    lines(
        "empty key",
        "Even the empty one is a key.",
        b'{"":1,"zz":2}\n{"zz":1}\n',
        [(1,), (None,)],
        columns={"": "int"},
        extra_keys=("zz",),
    ),
    lines(
        "undeclared empty key",
        "Declared or not.",
        b'{"":1,"n":2}\n',
        [(2,)],
        columns={"n": "int"},
        extra_keys=("",),
    ),
    lines(
        "odd keys",
        "A key can hold anything.",
        '{"a b_c%":1,"q\\"\\\\":2,"é\u2028$":3,"_":4}\n'.encode(),
        [(1, 2, 3, 4)],
        columns={"a b_c%": "int", 'q"\\': "int", "é\u2028$": "int", "_": "int"},
    ),
]

VALUES = [
    typed(
        "string",
        "Strings only: a number or boolean is not turned into text.",
        "string",
        {'"a"': "a", '"12"': "12", "null": None},
        ["12", "1.50", "true", '{"a": 1}', "[1, 2]"],
    ),
    typed(
        "bigint",
        "Whole numbers, `1.0` and `1e3` too (JSON knows one kind of number). With a fraction or exponent"
        " they have to be below 2^53, where doubles are exact. Never a string or boolean.",
        "bigint",
        {
            "1": 1,
            "-0": 0,
            "1.0": 1,
            "1e3": 1000,
            "1655564444103.0": 1655564444103,
            "0.0": 0,
            "-2.50e1": -25,
            "9223372036854775807": 2**63 - 1,
            "-9223372036854775808": -(2**63),
            "1655564444103000000": 1655564444103000000,
            "9007199254740991.0": 2**53 - 1,
            "9007199254740993": 2**53 + 1,
            "null": None,
        },
        ["1.7", "1e-3", "0.5", '"12"', '"x12"', '""', "true", "false", "[1]", "{}"],
        [
            "9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "123456789012345678901234567890",
            "9007199254740992.0",
            "1e18",
        ],
    ),
    typed(
        "int",
        "From -2^31 to 2^31 - 1.",
        "int",
        {"2147483647": 2**31 - 1, "-2147483648": -(2**31), "12.0": 12, "2147483646.0": 2**31 - 2},
        ["2.5"],
        ["2147483648", "-2147483649", "2147483648.0", "1e10"],
    ),
    typed(
        "smallint",
        "From -2^15 to 2^15 - 1.",
        "smallint",
        {"32767": 32767, "-32768": -32768, "0": 0},
        ["true"],
        ["32768", "-32769", "99999"],
    ),
    typed(
        "tinyint",
        "From -128 to 127.",
        "tinyint",
        {"127": 127, "-128": -128, "119": 119, "9": 9},
        ["false"],
        ["128", "-129", "1000"],
    ),
    typed(
        "double",
        "Any number, rounded to the nearest double; one beyond the largest is no infinity.",
        "double",
        {
            "1": 1.0,
            "1.5": 1.5,
            "-0.0": -0.0,
            "1E+2": 100.0,
            "1e308": 1e308,
            "1e-400": 0.0,
            "5e-324": 5e-324,
            "0.1234567890123456789": 0.12345678901234568,
            "123456789012345678901234567890": 1.2345678901234568e29,
            "9007199254740993": 9007199254740992.0,
            "null": None,
        },
        ["true", "false", '"1.5"', '"NaN"', "[]", "{}"],
        ["1e400", "-1e400", "1" + "0" * 400],
    ),
    typed(
        "float",
        "The nearest double, rounded to the nearest float.",
        "float",
        {
            "1.5": 1.5,
            "0.1": 0.10000000149011612,
            "16777217": 16777216.0,
            "1e38": 9.999999680285692e37,
            "1e-60": 0.0,
        },
        ["true", '"1"'],
        ["1e39", "3.5e38"],
    ),
    typed(
        "decimal",
        "Exactly, however spelled; never rounded.",
        "decimal(5,2)",
        {
            "1": Decimal("1.00"),
            "1.5": Decimal("1.50"),
            "1.50000": Decimal("1.50"),
            "-999.99": Decimal("-999.99"),
            "1e2": Decimal("100.00"),
            "0.000": Decimal("0.00"),
            "-0": Decimal("0.00"),
            "0e9": Decimal("0.00"),
            "12.5e-1": Decimal("1.25"),
        },
        ["true", '"1.5"'],
        ["1000", "1.005", "1e3", "0.001", "1e999999999999999999999", "1e-999"],
    ),
    typed(
        "long decimal",
        "Up to 38 digits.",
        "decimal(38,18)",
        {
            "12345678901234567890.123456789012345678": Decimal("12345678901234567890.123456789012345678"),
            "0.1234567890123456": Decimal("0.123456789012345600"),
            "123456.123456789": Decimal("123456.123456789000000000"),
        },
        [],
        ["123456789012345678901", "0.1234567890123456789"],
    ),
    typed(
        "boolean",
        "true and false; no numbers or strings.",
        "boolean",
        {"true": True, "false": False, "null": None},
        ["1", "0", '"true"', "[]"],
    ),
    typed(
        "date",
        "A string `yyyy-MM-dd`, years 1 to 9999.",
        "date",
        {
            '"2024-02-29"': date(2024, 2, 29),
            '"0001-01-01"': date(1, 1, 1),
            '"9999-12-31"': date(9999, 12, 31),
            '"2023-12-31"': date(2023, 12, 31),
        },
        [
            '"2023-02-29"',
            '"2024-2-9"',
            '"20240229"',
            '"2024-02-29 "',
            '"2024-02-29T00:00:00"',
            '"0000-01-01"',
            '"10000-01-01"',
            '"2024-13-01"',
            '"2024-04-31"',
            '"epoch"',
            '"infinity"',
            '""',
            "19782",
            "true",
            '"２０２４-02-29"',
            '"2024-02-29\\n"',
        ],
    ),
    typed(
        "timestamp",
        "A string `yyyy-MM-dd HH:mm:ss[.ffffff]`, `T` for the space, then nothing, `Z` or an offset"
        " `+hh:mm` of up to 18 hours. It is stored in UTC; without an offset it is in UTC. Numbers are none.",
        "timestamp",
        {
            '"2024-02-29 23:59:59"': datetime(2024, 2, 29, 23, 59, 59),
            '"2024-02-28T10:00:00Z"': datetime(2024, 2, 28, 10),
            '"2024-02-28T10:00:00.5"': datetime(2024, 2, 28, 10, 0, 0, 500000),
            '"2024-02-28T10:00:00.123456+05:30"': datetime(2024, 2, 28, 4, 30, 0, 123456),
            '"2024-02-28 10:00:00-18:00"': datetime(2024, 2, 29, 4),
            '"9999-12-31T23:59:59Z"': datetime(9999, 12, 31, 23, 59, 59),
        },
        [
            '"2024-02-28"',
            '"2024-02-28T10:00"',
            '"2024-02-28t10:00:00z"',
            '"2024-02-28T24:00:00"',
            '"2024-02-28T10:00:60"',
            '"2024-02-28T10:00:00.1234567"',
            '"2024-02-28T10:00:00+0530"',
            '"2024-02-28T10:00:00+18:01"',
            '"2024-02-28T10:00:00+05:60"',
            '"2023-02-29T10:00:00"',
            '"2024-02-28T10:00:00."',
            '"2024-02-28T10:00:00 UTC"',
            "1655564444103",
            '""',
        ],
        ['"0001-01-01T00:00:00+01:00"', '"9999-12-31T23:59:59-01:00"'],
    ),
    typed(
        "binary",
        "A string in base64.",
        "binary",
        {'"AP9h"': b"\x00\xffa", '""': b"", '"YQ=="': b"a"},
        ['"YQ"', '"Y Q=="', '"_-8="', "1"],
    ),
    typed(
        "array",
        "An array whose every element is of its type, or null; else the whole line is quarantined.",
        "array<bigint>",
        {
            "[1, -2,null ]": [1, -2, None],
            "[]": [],
            "null": None,
            "[1.0]": [1],
            "[1655564444103000000]": [1655564444103000000],
        },
        ['[1,"2"]', "[1.5]", "[true]", "[[1]]", "1", '"[1]"', "{}"],
        ["[9223372036854775808]"],
    ),
    typed(
        "struct",
        "An object with the rules of a line: keys as declared, in upper or lower case.",
        "struct<a:int,b:array<string>>",
        {
            '{"a":1,"b":["x",null]}': {"a": 1, "b": ["x", None]},
            '{"b":[]}': {"a": None, "b": []},
            '{"b":["x"],"a":2}': {"a": 2, "b": ["x"]},
            "{}": {"a": None, "b": None},
            "null": None,
        },
        ['{"a":"1"}', '{"b":"x"}', '{"b":[1]}', "[]", '"{}"'],
        ['{"a":2147483648}'],
        wrong_case=['{"A":1}'],
        duplicate_key=['{"a":1,"a":1}'],
    ),
    typed(
        "list of structs",
        "To any depth.",
        "array<struct<at:timestamp,on:date,v:decimal(4,1),f:float,ok:boolean>>",
        {
            '[{"at":"2024-01-01T00:00:00Z","on":"2024-01-01","v":1.5,"f":0.5,"ok":true},{"ok":null}]': [
                {
                    "at": datetime(2024, 1, 1),
                    "on": date(2024, 1, 1),
                    "v": Decimal("1.5"),
                    "f": 0.5,
                    "ok": True,
                },
                {"at": None, "on": None, "v": None, "f": None, "ok": None},
            ],
            '[{"at":"2024-01-01T00:00:00+01:00"}]': [
                {"at": datetime(2023, 12, 31, 23), "on": None, "v": None, "f": None, "ok": None}
            ],
        },
        ['[{"on":"2024-02-30"}]', '[{"ok":1}]', '[{"at":0}]'],
        ['[{"v":1.55}]', '[{"f":1e39}]'],
    ),
    typed(
        "map",
        "An object with any keys, each once.",
        "map<string,double>",
        {'{"A":1,"a":2.5,"":null}': {"A": 1.0, "a": 2.5, "": None}, "{}": {}},
        ['{"a":"1"}', "[]"],
        ['{"a":1e400}'],
        duplicate_key=['{"a":1,"a":1}'],
    ),
    typed(
        "map of numbers",
        "Keys that aren't strings are spelled as their type's literals.",
        "map<int,array<date>>",
        {'{"1":["2024-01-01"],"-2":[]}': {1: [date(2024, 1, 1)], -2: []}},
        ['{"x":[]}', '{"01":[]}'],
        duplicate_key=['{"1":[],"1.0":[]}'],
    ),
    lines(
        "nested extra keys",
        "Undeclared keys within a struct are ignored and reported by their path.",
        b'{"s":{"a":1,"zz":2}}\n',
        [({"a": 1},)],
        columns={"s": "struct<a:int>"},
        extra_keys=("s.zz",),
    ),
]

MORNING = datetime(2024, 2, 28, 4, 30)
AB = {"a": "string", "b": "bigint"}

CSV = [
    csv(
        "csv",
        "The first line that isn't blank names the fields; they go to columns by name. Byte order mark, line"
        " ends and blank lines as above.",
        b"\xef\xbb\xbfb,a\r\n1,x\r\n\r\n  \r\n2, y \r\n",
        [("x", 1), (" y ", 2)],
        columns=AB,
    ),
    csv("csv no end", "The last line needs no line end.", b"a,b\nx,1\ny,2", [("x", 1), ("y", 2)], columns=AB),
    csv("csv mixed ends", "Either line end.", b"a,b\nx,1\r\ny,2\n", [("x", 1), ("y", 2)], columns=AB),
    csv(
        "empty fields",
        'An empty field is NULL; `""` is an empty string, and no value of other types.',
        b'a,b\n,\n"",1\nx,""\n',
        [(None, None), ("", 1)],
        [(4, "wrong_type")],
        columns=AB,
    ),
    csv(
        "quotes",
        "Fields in quotes hold delimiters, and quotes doubled. Numbers may be quoted.",
        b'a,b\n"x,y",1\n"say ""hi""","2"\n"NULL",3\n',
        [("x,y", 1), ('say "hi"', 2), ("NULL", 3)],
        columns=AB,
    ),
    csv(
        "broken quotes",
        "A quote anywhere else, or one never closed, costs its line and no other.",
        b'a,b\nx"y,1\n"x"y,1\n"x,1\n"x\ny",1\n "x",2\nz,3\n"z,4\n',
        [("x\ny", 1), ("z", 3)],
        [(2, "broken_csv"), (3, "broken_csv"), (4, "broken_csv"), (7, "broken_csv"), (9, "broken_csv")],
        columns=AB,
    ),
    csv(
        "line breaks",
        "A field in quotes holds line breaks of any kind, as they are; the record is told by the line it begins on.",
        b'a,b\r\n"x\ny",1\r\n"\n\n,""\r\n",2\n"x\rz",3\nw,4\n"x\ny",z\n"last\n",5',
        [("x\ny", 1), ('\n\n,"\r\n', 2), ("x\rz", 3), ("w", 4), ("last\n", 5)],
        [(10, "wrong_type")],
        columns=AB,
    ),
    csv(
        "line breaks in a header",
        "In the names of fields, too.",
        b'"a\nb",c\nx,1\n"y\n",2\n',
        [("x", 1), ("y\n", 2)],
        columns={"a\nb": "string", "c": "bigint"},
    ),
    csv(
        "stray quotes",
        "What two stray quotes have between them is no record unless it has as many fields as the header.",
        b'a,b\n"x,1\ny,2\nz,3",4,5\nw,6\n',
        [("y", 2), ("w", 6)],
        [(2, "broken_csv"), (4, "broken_csv")],
        columns=AB,
    ),
    Case(
        "line breaks somewhere",
        "Files without any beside one that has some.",
        {
            "a.csv": b"a,b\nx,1\ny\n",
            "b.csv": b'b,a\n1,"x\ny"\n2,z\n3,"\n',
            "c.csv": b'a,b\n"q",3\n',
            "d.csv.gz": gzip.compress(b'a,b\n"p\nq",4\n'),
            "e.csv.zst": zstd.compress(b'b,a\n5,"p"\n'),
        },
        [("x", 1), ("x\ny", 1), ("z", 2), ("q", 3), ("p\nq", 4), ("p", 5)],
        [(3, "wrong_field_count"), (5, "broken_csv")],
        AB,
        "csv",
    ),
    csv(
        "csv control characters",
        "A carriage return outside of quotes and line ends, or a NUL byte.",
        b"a,b\nx\ry,1\nx\0y,2\nz\tz,3\n",
        [("z\tz", 3)],
        [(2, "broken_csv"), (3, "broken_csv")],
        columns=AB,
    ),
    csv(
        "csv bytes",
        "A line that isn't UTF-8.",
        b"a,b\ncaf\xe9,1\nz,3\n",
        [("z", 3)],
        [(2, "invalid_utf8")],
        columns=AB,
    ),
    csv(
        "field count",
        "Too few or too many fields.",
        b"a,b\nx\nx,1,\nx,1\n",
        [("x", 1)],
        [(2, "wrong_field_count"), (3, "wrong_field_count")],
        columns=AB,
    ),
    csv(
        "extra fields",
        "Fields that no column declares are ignored and reported.",
        b"q,a,b\n0,x,1\n",
        [("x", 1)],
        columns=AB,
        extra_keys=("q",),
    ),
    csv(
        "literals",
        "Values are spelled as in JSON, without the quotes of its strings.",
        b"a,b\nx,007\nx,+7\nx, 7\nx,1.7\nx,1e3\nx,9223372036854775808\nx,0x1F\nx,1_000\nNULL,12.0\n",
        [("x", 1000), ("NULL", 12)],
        [
            (2, "wrong_type"),
            (3, "wrong_type"),
            (4, "wrong_type"),
            (5, "wrong_type"),
            (7, "out_of_range"),
            (8, "wrong_type"),
            (9, "wrong_type"),
        ],
        columns=AB,
    ),
    csv(
        "csv types",
        "All types but nested ones.",
        b"i,d,f,m,o,t,w,x\n1,1e2,0.1,1.5,true,2024-02-28,2024-02-28T10:00:00+05:30,YQ==\n,,,,,,,\n"
        b"1,1,1,1,TRUE,2024-02-28,2024-02-28 10:00:00,\n1,NaN,1,1,true,,,\n1,1,1,1.555,true,,,\n",
        [
            (
                1,
                100.0,
                0.10000000149011612,
                Decimal("1.50"),
                True,
                date(2024, 2, 28),
                datetime(2024, 2, 28, 4, 30),
                b"a",
            ),
            (None,) * 8,
        ],
        [(4, "wrong_type"), (5, "wrong_type"), (6, "out_of_range")],
        columns={
            "i": "int",
            "d": "double",
            "f": "float",
            "m": "decimal(5,2)",
            "o": "boolean",
            "t": "date",
            "w": "timestamp",
            "x": "binary",
        },
    ),
    csv(
        "scanned types",
        "All of them.",
        b"i,d,f,m,o,t,w\n1,1e2,0.1,1.5,true,2024-02-28,2024-02-28T10:00:00+05:30\n,,,,,,\n"
        b"1.0,1,1,1,false,2024-02-29,9999-12-31 10:00:00\n"
        b"1,1,1,1,TRUE,,\n1,NaN,1,1,true,,\n1,1,1,1.555,true,,\n",
        [
            (
                1,
                100.0,
                0.10000000149011612,
                Decimal("1.50"),
                True,
                date(2024, 2, 28),
                datetime(2024, 2, 28, 4, 30),
            ),
            (None,) * 7,
            (1, 1.0, 1.0, Decimal("1.00"), False, date(2024, 2, 29), datetime(9999, 12, 31, 10)),
        ],
        [(5, "wrong_type"), (6, "wrong_type"), (7, "out_of_range")],
        columns={
            "i": "int",
            "d": "double",
            "f": "float",
            "m": "decimal(5,2)",
            "o": "boolean",
            "t": "date",
            "w": "timestamp",
        },
    ),
    csv(
        "delimiter",
        "`delimiter` is one character.",
        b"a;b\nx,y;1\n",
        [("x,y", 1)],
        columns=AB,
        options={"delimiter": ";"},
    ),
    csv(
        "tab",
        "A tab, for instance.",
        b"a\tb\nx,y\t1\n\t\t\n",
        [("x,y", 1)],
        columns=AB,
        options={"delimiter": "\t"},
    ),
    csv(
        "no header",
        "With `header: false` files begin with data: fields are in the order of the columns.",
        b"x,1\ny,2\n",
        [("x", 1), ("y", 2)],
        columns=AB,
        options={"header": False},
    ),
    csv(
        "no header, lone cr",
        "Lone carriage returns are no line ends here either.",
        b"x,1\ry,2\r",
        [],
        [(1, "broken_csv")],
        columns=AB,
        options={"header": False},
    ),
    csv(
        "no header, mark",
        "A byte order mark is skipped all the same.",
        b"\xef\xbb\xbfx,1\n",
        [("x", 1)],
        columns=AB,
        options={"header": False},
    ),
    csv(
        "header again",
        "A second header is a record like any other.",
        b"a,b\nx,1\na,b\n",
        [("x", 1)],
        [(3, "wrong_type")],
        columns=AB,
    ),
    csv(
        "missing header",
        "A column that a file's header lacks is NULL there; a note says so.",
        b"a\nx\ny\n",
        [("x", None), ("y", None)],
        columns=AB,
    ),
    csv(
        "another header",
        "One that lacks a column and has one that isn't declared is quarantined: the column may only be called "
        "otherwise. Where it isn't, the old column has to be declared, too.",
        b"a,c\nx,1\ny,2\n",
        [],
        [(1, "wrong_header"), (2, "wrong_header"), (3, "wrong_header")],
        columns=AB,
    ),
    csv(
        "no names",
        "A header that has none of the columns is quarantined, and with it all of the file's records,",
        b"x,1\ny,2\n",
        [],
        [(1, "wrong_header"), (2, "wrong_header")],
        columns=AB,
    ),
    csv(
        "header case",
        "or one that has it in another case,",
        b"A,b\nx,1\n",
        [],
        [(1, "wrong_header"), (2, "wrong_header")],
        columns=AB,
    ),
    csv(
        "header twice",
        "or twice,",
        b"a,b,a\nx,1,y\n",
        [],
        [(1, "wrong_header"), (2, "wrong_header")],
        columns=AB,
    ),
    csv(
        "broken header",
        "or is broken itself.",
        b'a,"b\nx,1\n',
        [],
        [(1, "wrong_header"), (2, "wrong_header")],
        columns=AB,
    ),
    csv(
        "lone cr csv",
        "A file with lone carriage returns is one long header, which is none.",
        b"a,b\rx,1\ry,2\r",
        [],
        [(1, "wrong_header")],
        columns=AB,
    ),
    csv("only a header", "A header alone is no record.", b"a,b\n", [], [], columns=AB),
    Case(
        "several layouts",
        "Each file has a header of its own.",
        {"a.csv": b"a,b\nx,1\n", "b.csv": b"b,a\n2,y\n", "c.csv": b"", "d.csv": b"b\n1\n"},
        [("x", 1), ("y", 2), (None, 1)],
        (),
        AB,
        "csv",
    ),
    Case(
        "two generations",
        "A column that came later is NULL in earlier files, one that went in later ones; one that was never "
        "declared is reported.",
        {"1.csv": b"a\nx\n", "2.csv": b"b,new,a\n1,8,y\n2,9\n"},
        [("x", None), ("y", 1)],
        [(3, "wrong_field_count")],
        AB,
        "csv",
        extra_keys=("new",),
    ),
    csv(
        "null padding",
        "With `null_padding: true` fields that a record lacks at its end are NULL; it may not have too many.",
        b'a,b\nx\ny,1\nz,2,3\n"v\nw"\n',
        [("x", None), ("y", 1), ("v\nw", None)],
        [(4, "wrong_field_count")],
        columns=AB,
        options={"null_padding": True},
    ),
    csv(
        "skipped lines",
        "`skip_lines` leaves out lines above the header, blank ones counted.",
        b'Export of "today\n\na,b\nx,1\n"y\nz",2\nw\n',
        [("x", 1), ("y\nz", 2)],
        [(7, "wrong_field_count")],
        columns=AB,
        options={"skip_lines": 2},
    ),
    csv("all skipped", "A file that has no more lines is empty.", b"a\n", [], columns=AB, options={"skip_lines": 2}),
    csv(
        "comments",
        "Lines that begin with `comment` are no records, wherever they stand; within quotes they are text.",
        b'# by erp\n\na,b\n#x,1\ny,2\n"z\n#",3\n #,4\n# end',
        [("y", 2), ("z\n#", 3), (" #", 4)],
        columns=AB,
        options={"comment": "#"},
    ),
    csv(
        "no header, comments",
        "Without a header, too.",
        b"--\n-- x\nx,1\n",
        [("x", 1)],
        columns=AB,
        options={"comment": "--", "header": False},
    ),
    csv(
        "other quotes",
        "`quote` is another character, doubled within quotes;",
        b"a,b\n'x,''y''\n',1\n\"z,2\n'w'3,3\n",
        [("x,'y'\n", 1), ('"z', 2)],
        [(5, "broken_csv")],
        columns=AB,
        options={"quote": "'"},
    ),
    csv(
        "no quotes",
        "or none: then quotes are text.",
        b'a,b\n"x,1\ny",2\n',
        [('"x', 1), ('y"', 2)],
        columns=AB,
        options={"quote": ""},
    ),
    csv(
        "escapes",
        "`escape` stands before a quote that belongs to the field, or before itself; before anything else it is text.",
        b'a,b\n"x \\"y\\"",1\n"c:\\dir\\\\",2\n"z""",3\n\\n,4\n"x\\",5\n',
        [('x "y"', 1), ("c:\\dir\\", 2), ('z"', 3), ("\\n", 4)],
        [(6, "broken_csv")],
        columns=AB,
        options={"escape": "\\"},
    ),
    csv(
        "latin-1",
        "With `encoding` a file is read in another encoding than UTF-8.",
        b'a,b\ncaf\xe9,1\n"\xfc\n",2\nx,\xe9\n',
        [("café", 1), ("ü\n", 2)],
        [(5, "wrong_type")],
        columns=AB,
        options={"encoding": "latin-1"},
    ),
    csv(
        "windows-1252",
        "Bytes that are no character in it quarantine their record.",
        b"a,b\n\x80 5,1\n\x81,2\nx,3\n",
        [("€ 5", 1), ("x", 3)],
        [(3, "invalid_encoding")],
        columns=AB,
        options={"encoding": "windows-1252"},
    ),
    csv(
        "utf-16",
        "UTF-16 has a byte order mark, or its order in its name.",
        "a,b\r\nžluť,1\r\n😀,2\r\n".encode("utf-16"),
        [("žluť", 1), ("😀", 2)],
        columns=AB,
        options={"encoding": "utf-16"},
    ),
    csv(
        "utf-16 cut off",
        "Half a character is none.",
        "a,b\nx,1\ny,2".encode("utf-16-be")[:-1],
        [("x", 1)],
        [(3, "invalid_encoding")],
        columns=AB,
        options={"encoding": "utf-16-be"},
    ),
    csv(
        "encoding and mark",
        "A file that begins with the byte order mark of UTF-8 is UTF-8, whatever its source says.",
        b"\xef\xbb\xbfa,b\ncaf\xc3\xa9,1\n\xe9,2\n",
        [("café", 1)],
        [(3, "invalid_utf8")],
        columns=AB,
        options={"encoding": "latin-1"},
    ),
    csv(
        "wrong header in latin-1",
        "A wrong header is quarantined with all of the file's records here, too.",
        b"\xe9,b,b\nx,1,2\n",
        [],
        [(1, "wrong_header"), (2, "wrong_header")],
        columns=AB,
        options={"encoding": "latin-1"},
    ),
    csv(
        "one column",
        "White space alone is a blank line, whatever the columns.",
        b"a\nx\n \n\ny\n",
        [("x",), ("y",)],
        columns={"a": "string"},
    ),
]

PARQUET = [
    Case(
        "parquet",
        "Columns are read by name.",
        {"a.parquet": "SELECT 1::BIGINT AS b, 'x' AS a"},
        [("x", 1)],
        (),
        AB,
        "parquet",
    ),
    Case(
        "parquet widening",
        "Narrower types are widened where no value is lost.",
        {"a.parquet": "SELECT 'x' AS a, 1::INTEGER AS b", "b.parquet": "SELECT 2::SMALLINT AS b, 'y' AS a"},
        [("x", 1), ("y", 2)],
        (),
        AB,
        "parquet",
    ),
    Case(
        "parquet missing",
        "A column that a file lacks is NULL there; a note says so.",
        {"a.parquet": "SELECT 'x' AS a"},
        [("x", None)],
        (),
        AB,
        "parquet",
    ),
    Case(
        "parquet without values",
        "A column that holds nothing in a file may be of any type there, or of none: data frames know no better.",
        {
            "a.parquet": "SELECT 'x' AS a, NULL::VARCHAR AS b",
            "b.parquet": _parquet(a=[None, None], b=[2, 3]),
            "c.parquet": _parquet(b=[None], a=[None]),
            "d.parquet": "SELECT NULL::DOUBLE AS a, 4::BIGINT AS b",
            "e.parquet": "SELECT 'y' AS a, NULL::DATE AS b FROM range(3)",
            "f.parquet": "SELECT [1] AS a, 'z' AS b WHERE false",
        },
        [("x", None), (None, 2), (None, 3), (None, None), (None, 4), *[("y", None)] * 3],
        (),
        AB,
        "parquet",
    ),
    Case(
        "parquet without values inside",
        "So may what is inside of columns.",
        {
            "a.parquet": _parquet(
                s=[{"a": None, "d": None, "n": 1, "z": None}, None],
                l=[[], [None]],
                o=[[], None],
                m=pyarrow.array([[("k", None)], []], pyarrow.map_(pyarrow.string(), pyarrow.null())),
            ),
            "b.parquet": _parquet(
                s=[{"a": "x", "d": {"e": 1.5}, "n": 2}],
                l=[[date(2024, 2, 28)]],
                o=[[{"p": [None], "q": 1}]],
                m=pyarrow.array([[("k", "v")]], pyarrow.map_(pyarrow.string(), pyarrow.string())),
            ),
        },
        [
            ({"a": None, "d": None, "n": 1}, [], [], {"k": None}),
            (None, [None], None, {}),
            ({"a": "x", "d": {"e": 1.5}, "n": 2}, [date(2024, 2, 28)], [{"p": [None], "q": 1}], {"k": "v"}),
        ],
        (),
        {
            "s": "struct<a:string,d:struct<e:double>,n:bigint>",
            "l": "array<date>",
            "o": "array<struct<p:array<string>,q:bigint>>",
            "m": "map<string,string>",
        },
        "parquet",
        extra_keys=("s.z",),
    ),
    Case(
        "parquet with one value inside",
        "There, too, one value suffices for its type to count.",
        {
            "a.parquet": _parquet(l=[[None], []]),
            "b.parquet": _parquet(l=pyarrow.array([[None, 1]], pyarrow.list_(pyarrow.int32()))),
        },
        (),
        (),
        {"l": "array<string>"},
        "parquet",
        error="column `l` is array<int>, which is no array<string> without loss",
    ),
    Case(
        "parquet with one value",
        "One value suffices for its type to count,",
        {"a.parquet": "SELECT CASE WHEN i = 5 THEN 1.5::DOUBLE END AS a, i AS b FROM range(9) t(i)"},
        (),
        (),
        AB,
        "parquet",
        error="column `a` is double, which is no string without loss",
    ),
    Case(
        "parquet with values elsewhere",
        "and what other columns hold inside of them says nothing of it.",
        {"a.parquet": _parquet(z=[{"a": None, "b": None}], a=[1.5], b=[2])},
        (),
        (),
        AB,
        "parquet",
        error="column `a` is double, which is no string without loss",
    ),
    Case(
        "parquet unsigned",
        "Whole numbers without a sign are wider ones with; those of 64 bits are decimals.",
        {"a.parquet": "SELECT 18446744073709551615::UBIGINT AS u, 4294967295::UINTEGER AS v, 255::UTINYINT AS w"},
        [(Decimal(18446744073709551615), 4294967295, 255)],
        (),
        {"u": "decimal(20,0)", "v": "bigint", "w": "smallint"},
        "parquet",
    ),
    Case(
        "parquet unsigned as float",
        "Of whole numbers a float takes those of a smallint: 16 bits without a sign are an int, which fits a double.",
        {"a.parquet": "SELECT 1::USMALLINT AS a"},
        (),
        (),
        {"a": "float"},
        "parquet",
        error="column `a` is int, which is no float without loss",
    ),
    Case(
        "parquet JSON",
        "Texts that are marked as JSON are texts.",
        {"a.parquet": """SELECT '{"b": [1]}'::JSON AS a, 1::BIGINT AS b"""},
        [('{"b": [1]}', 1)],
        (),
        AB,
        "parquet",
    ),
    Case(
        "parquet fields",
        "Fields of structs are found by name, too, wherever these are: some may be missing, narrower, or undeclared.",
        {
            "a.parquet": "SELECT {'z': 1, 'a': 7::INTEGER} AS s, [{'u': 0, 't': 'x'}, NULL] AS l,"
            " MAP {'k': {'v': 1}} AS m",
            "b.parquet": "SELECT MAP {'k': {'w': 2, 'v': 3::TINYINT}} AS m, {'b': ['y'], 'a': 8::BIGINT} AS s,"
            " [{'n': 0.5::FLOAT}] AS l",
            "c.parquet": "SELECT NULL::STRUCT(a SMALLINT) AS s, []::STRUCT(n DOUBLE, t VARCHAR)[] AS l,"
            " MAP {}::MAP(VARCHAR, STRUCT(v INTEGER, x DATE)) AS m",
        },
        [
            ({"a": 7, "b": None}, [{"n": None, "t": "x"}, None], {"k": {"v": 1}}),
            ({"a": 8, "b": ["y"]}, [{"n": 0.5, "t": None}], {"k": {"v": 3}}),
            (None, [], {}),
        ],
        (),
        {
            "s": "struct<a:bigint,b:array<string>>",
            "l": "array<struct<n:double,t:string>>",
            "m": "map<string,struct<v:int>>",
        },
        "parquet",
        extra_keys=("l[].u", "m[].w", "m[].x", "s.z"),
    ),
    Case(
        "parquet case of a field",
        "A field in another case stops the run,",
        {"a.parquet": "SELECT {'A': 1, 'b': 2} AS s"},
        (),
        (),
        {"s": "struct<a:int,b:int>"},
        "parquet",
        error="column `s` is struct<",
    ),
    Case(
        "parquet other fields",
        "so do structs without any declared field,",
        {"a.parquet": "SELECT {'c': 1} AS s"},
        (),
        (),
        {"s": "struct<a:int,b:int>"},
        "parquet",
        error="column `s` is struct<",
    ),
    Case(
        "parquet wider field",
        "and fields of a wider type.",
        {"a.parquet": "SELECT [{'a': 1::BIGINT}] AS s"},
        (),
        (),
        {"s": "array<struct<a:int,b:int>>"},
        "parquet",
        error="column `s` is ",
    ),
    Case(
        "parquet extra",
        "Undeclared columns are ignored and reported.",
        {"a.parquet": "SELECT 'x' AS a, 1::BIGINT AS b, 2 AS zz"},
        [("x", 1)],
        (),
        AB,
        "parquet",
        extra_keys=("zz",),
    ),
    Case(
        "parquet case",
        "A column in another case stops the run,",
        {"a.parquet": "SELECT 'x' AS A, 1::BIGINT AS b"},
        (),
        (),
        AB,
        "parquet",
        error="column `A` where `a` is declared",
    ),
    Case(
        "parquet type",
        "and so does one of another type:",
        {"a.parquet": "SELECT 'x' AS a, '1' AS b"},
        (),
        (),
        AB,
        "parquet",
        error="column `b` is string, which is no bigint without loss",
    ),
    Case(
        "parquet narrowing",
        "a file's types are no accident of one record.",
        {"a.parquet": "SELECT 'x' AS a, 1.0::DOUBLE AS b"},
        (),
        (),
        AB,
        "parquet",
        error="column `b` is double, which is no bigint without loss",
    ),
    Case(
        "parquet zones",
        "Instants are stored in UTC.",
        {"a.parquet": "SELECT TIMESTAMPTZ '2024-02-28 10:00:00+05:30' AS w"},
        [(datetime(2024, 2, 28, 4, 30),)],
        (),
        {"w": "timestamp"},
        "parquet",
    ),
    Case(
        "parquet zones inside",
        "So are those inside of columns; moments without a zone stay as they are.",
        {
            "a.parquet": "SELECT {'z': 0, 't': TIMESTAMPTZ '2024-02-28 10:00:00+05:30', 'n': 1::TINYINT} AS s,"
            " [TIMESTAMPTZ '2024-02-28 04:30:00+00', NULL] AS l,"
            " MAP {'k': [{'t': TIMESTAMPTZ '2024-02-27 23:30:00-05'}, NULL]} AS m",
            "b.parquet": "SELECT {'t': TIMESTAMP '2024-02-28 04:30:00', 'n': 2} AS s,"
            " [TIMESTAMP '2024-02-28 04:30:00'] AS l, MAP {'k': [{'t': TIMESTAMP '2024-02-28 04:30:00'}]} AS m",
            "c.parquet": "SELECT NULL::STRUCT(t TIMESTAMPTZ) AS s, NULL::TIMESTAMPTZ[] AS l,"
            " NULL::MAP(VARCHAR, STRUCT(t TIMESTAMPTZ)[]) AS m UNION ALL"
            " SELECT {'t': NULL}, [], MAP {}",
        },
        [
            ({"t": MORNING, "n": 1}, [MORNING, None], {"k": [{"t": MORNING}, None]}),
            ({"t": MORNING, "n": 2}, [MORNING], {"k": [{"t": MORNING}]}),
            (None, None, None),
            ({"t": None, "n": None}, [], {}),
        ],
        (),
        {"s": "struct<t:timestamp,n:int>", "l": "array<timestamp>", "m": "map<string,array<struct<t:timestamp>>>"},
        "parquet",
        extra_keys=("s.z",),
    ),
    Case(
        "parquet finer moments inside",
        "Moments in nanoseconds inside of columns stop the run.",
        {"a.parquet": "SELECT [TIMESTAMP_NS '2024-02-28 10:00:00'] AS l"},
        (),
        (),
        {"l": "array<timestamp>"},
        "parquet",
        error="column `l` is ",
    ),
    Case(
        "no parquet",
        "A file that isn't Parquet stops the run.",
        {"a.parquet": b"PAR1x"},
        (),
        (),
        AB,
        "parquet",
        error="a.parquet: not readable as Parquet",
    ),
]


def documents(name: str, rule: str, content: bytes, rows: Sequence[tuple[Any, ...]], **more: Any) -> Case:
    """A case of one file with `multiline: true`."""
    return Case(name, rule, {"a.json": content}, rows, options={"multiline": True, **more.pop("options", {})}, **more)


ONE, TWO = b'{"k":"a","n":1}', b'{"k":"b","n":2}'
ROW_ONE, ROW_TWO = ("a", 1, None), ("b", 2, None)
DOCUMENTS = [
    documents(
        "concatenated", "With `multiline: true` objects may stand one behind the other,", ONE + TWO, [ROW_ONE, ROW_TWO]
    ),
    documents("pretty", "go over several lines,", b'{\r\n  "k": "a",\r\n  "n": 1\r\n}\n', [ROW_ONE]),
    documents("array", "or be the elements of an array,", b"[" + ONE + b",\n" + TWO + b"]", [ROW_ONE, ROW_TWO]),
    documents("arrays", "of several.", b"[" + ONE + b"][]\n[" + TWO + b"]", [ROW_ONE, ROW_TWO]),
    documents("commas", "Commas may be between them and at the end.", ONE + b",\n" + TWO + b" ,\n", [ROW_ONE, ROW_TWO]),
    documents(
        "broken between commas",
        "There too, a broken object costs no other one.",
        ONE + b',\n{"k" "c"},\n' + TWO + b",,",
        [ROW_ONE, ROW_TWO],
        rejected=[(2, "broken_json"), (3, "broken_json")],
    ),
    documents(
        "record separators",
        "Nor does one need the separator of a JSON text sequence.",
        b"\x1e" + ONE + b"\n\x1e" + TWO + b"\n",
        [ROW_ONE, ROW_TWO],
    ),
    documents(
        "cut off before a separator",
        "There too, what was cut off ends with its line.",
        b"\x1e" + ONE + b'\n\x1e{"k":"c","n\n\x1e' + TWO + b"\n\x1e",
        [ROW_ONE, ROW_TWO],
        rejected=[(2, "broken_json")],
    ),
    documents("lines", "Lines are no different.", ONE + b"\n\n" + TWO + b"\n", [ROW_ONE, ROW_TWO]),
    documents("mark", "A byte order mark is no part of the data.", b"\xef\xbb\xbf[" + ONE + b"]", [ROW_ONE]),
    documents("nothing", "An empty array has no records.", b"[]", []),
    documents(
        "truncated",
        "What was cut off is quarantined, with the line that it begins on;",
        ONE + b"\n" + TWO + b'\n{"k":"c","n',
        [ROW_ONE, ROW_TWO],
        rejected=[(3, "broken_json")],
    ),
    documents(
        "cut off within",
        "the objects behind it are found again.",
        ONE + b'{"k":"c","n' + TWO + ONE,
        [ROW_ONE, ROW_TWO, ROW_ONE],
        rejected=[(1, "broken_json")],
    ),
    documents(
        "stray brace",
        "So is what stands between objects.",
        ONE + b"}" + TWO,
        [ROW_ONE, ROW_TWO],
        rejected=[(1, "broken_json")],
    ),
    documents(
        "broken element",
        "A broken element costs no other one,",
        b"[" + ONE + b',\n{"k" "c"},\n' + TWO + b"]",
        [ROW_ONE, ROW_TWO],
        rejected=[(2, "broken_json")],
    ),
    documents(
        "never taken for a record",
        "and what is inside of a broken object is never a record.",
        b'{"x":[{"k":"c"} {"k":"d"}]}' + ONE,
        [ROW_ONE],
        rejected=[(1, "broken_json")],
    ),
    documents(
        "unclosed array",
        "An array that is never closed may lack elements: its bracket is quarantined.",
        b"[" + ONE + b",",
        [ROW_ONE],
        rejected=[(1, "broken_json")],
    ),
    documents(
        "no objects",
        "Other values are no records; neither is an array in an array.",
        b'[1, "x", null, [' + ONE + b"]]",
        [],
        rejected=[(1, "not_an_object")] * 4,
    ),
    documents(
        "rules in documents",
        "All else is as on a line.",
        b'[{"k":1},\n{"K":"a"},\n{"k":"a","k":"b"},\n{"k":"a","z":{"y":1}},\n{"k":"\xe9"}]',
        [("a", None, None)],
        rejected=[(1, "wrong_type"), (2, "wrong_case"), (3, "duplicate_key"), (5, "invalid_utf8")],
        extra_keys=("z",),
    ),
    Case(
        "records",
        "With `records: data.items` the records are inside of documents, found by these keys, through arrays too.",
        {
            "1.json": b'{"next":2,"data":{"items":[' + ONE + b"]}}",
            "2.json": b'{"data":[{"items":[' + TWO + b']},{"items":null}],\n"next":null}',
        },
        [ROW_ONE, ROW_TWO],
        options={"records": "data.items"},
    ),
    Case(
        "record",
        "An object there is a record.",
        {"a.json": b'{"data":{"items":' + ONE + b"}}"},
        [ROW_ONE],
        options={"records": "data.items"},
    ),
    Case(
        "no records",
        "A document without these keys is quarantined; other values there are no records.",
        {"a.json": b'{"error":"later"}\n{"data":7}\n{"data":{"items":[7]}}'},
        [],
        [(1, "no_records"), (2, "no_records"), (3, "not_an_object")],
        options={"records": "data.items"},
    ),
    Case(
        "records cut off",
        "The records of a document that was cut off are rows.",
        {"a.json": b'{"data":{"items":[' + ONE + b",\n" + TWO + b',\n{"k":"c"'},
        [ROW_ONE, ROW_TWO],
        [(3, "broken_json")],
        options={"records": "data.items"},
    ),
    Case(
        "packed documents",
        "Archives hold documents too.",
        {"a.json.gz": gzip.compress(b"[" + ONE + b"]", mtime=0), "b.json.zst": zstd.compress(ONE + ONE)},
        [ROW_ONE] * 3,
        options={"multiline": True},
    ),
]


SECTIONS = {
    "Files and lines": FILES,
    "JSON": SYNTAX,
    "JSON documents": DOCUMENTS,
    "Keys": KEYS,
    "New keys": NEW_KEYS,
    "Values": VALUES,
    "CSV": CSV,
    "Spelling": SPELLED,
    "Parquet": [*PARQUET, *TYPED],
}
CASES = [case for section in SECTIONS.values() for case in section]


def document() -> str:
    """The text of `docs/landing-data.md`."""
    parts = [INTRODUCTION]
    for title, cases in SECTIONS.items():
        heads, row = VALUE_TABLE if title == "Values" else CASE_TABLE
        table = [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *map(row, cases))]
        parts.append(f"## {title}\n\n" + "\n".join(table).replace("\u2028", "\\u2028") + "\n")
    return "\n".join(parts)


def _case_row(case: Case) -> list[str]:
    reasons = sorted({reason for _, reason in case.rejected})
    rejected = f"{len(case.rejected)}: {', '.join(f'`{reason}`' for reason in reasons)}" if reasons else ""
    return [
        case.name,
        _cell(case.rule),
        _shown(case),
        "error" if case.error else str(len(case.rows)),
        rejected,
    ]


def _shown(case: Case) -> str:
    """The data in short: bytes as Python spells them; archives and Parquet's bytes by name only, others by name too
    where folders matter.
    """
    texts = []
    places = any("/" in name for name in case.files)
    for name, content in case.files.items():
        packed = name.endswith((".gz", ".bz2", ".zst")) or content[-4:] == b"PAR1"
        text = content if isinstance(content, str) else repr(content)[2:-1].replace("\\\\", "\\")
        place = f"{_code(name, 60)} " if places and not packed else ""
        texts.append(place + _code(name if packed else text.replace(GOOD.decode()[:-1], "…"), 160))
    return "<br>".join(texts)


def _value_row(case: Case) -> list[str]:
    (content,) = case.files.values()
    texts = content.decode().splitlines() if isinstance(content, bytes) else []
    literals = [text[text.index(":") + 1 : -1] for text in texts]
    rejected: dict[str, list[str]] = {}
    for number, reason in case.rejected:
        rejected.setdefault(reason, []).append(_code(literals[number - 1], 40))
    bad = "<br>".join(f"{reason}: {' '.join(shown)}" for reason, shown in rejected.items())
    good = " ".join(_code(literal, 100) for literal in literals[: len(case.rows)])
    return [f"`{next(iter(case.columns.values()))}`", _cell(case.rule), good, bad]


def _code(text: str, length: int) -> str:
    return _cell(f"`` {text if len(text) <= length else text[: length - 1] + '…'} ``") if text else "(empty)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


CASE_TABLE = ["case", "rule", "data", "rows", "quarantined"], _case_row
VALUE_TABLE = ["type", "rule", "values", "quarantined"], _value_row

INTRODUCTION = """# Landing data

Every line of raw data becomes a row of its table, or it is in the table's quarantine: with its file, its
line number, the reason, a detail and the raw text. `rows + quarantined = lines`, always; nothing is dropped,
repaired or read as NULL in silence. The rules don't depend on an engine. Each row of these tables is a test;
the page is made from `tests/engines/dirty_cases.py`.

In the data, `…` is the good line `{"k":"g","n":1,"d":1.5}`. Unless other columns are at hand, they are `k`
string, `n` bigint and `d` double; in CSV and Parquet `a` string and `b` bigint. Where several reasons apply,
the first one counts: text, syntax, keys in the order of the line, values in the order of the columns.
A record of more than 64 MiB is no row (`too_long`), whatever it holds; the quarantine keeps its beginning.
"""

if __name__ == "__main__":
    sys.stdout.write(document())
