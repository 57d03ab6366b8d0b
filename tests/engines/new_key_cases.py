"""Keys and columns that nobody declared, where the source says that they may not come; and Parquet's times."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from landing_case import Case, csv, lines

AB = {"a": "string", "b": "bigint"}
KEEP_OUT, FAIL = {"on_new_key": "quarantine"}, {"on_new_key": "fail"}
NEW = "new_key"
MOMENT = datetime(2024, 3, 5, 14, 5)

NEW_KEYS = [
    lines(
        "new key",
        "With `on_new_key: quarantine` a line with a key that isn't declared is quarantined, null or not. Without it,"
        " or with `ignore`, such keys are left out and reported, as above.",
        b'{"a":"x","b":1}\n{"a":"y","z":null}\n{"b":2,"y":{"a":1}}\n{}\n',
        [("x", 1), (None, None)],
        rejected=[(2, NEW), (3, NEW)],
        columns=AB,
        options=KEEP_OUT,
    ),
    lines(
        "new nested key",
        "Wherever it stands; a key in another case is one in another case.",
        b'{"s":{"a":1}}\n{"s":{"a":1,"b":2}}\n{"S":{}}\n{"s":[]}\n{"s":{"a":null}}\n',
        [({"a": 1},), ({"a": None},)],
        rejected=[(2, NEW), (3, "wrong_case"), (4, "wrong_type")],
        columns={"s": "struct<a:int>"},
        options=KEEP_OUT,
    ),
    lines(
        "new key fails",
        "With `on_new_key: fail` the first such line stops the run.",
        b'{"a":"x"}\n{"a":"y","z":1}\n',
        columns=AB,
        options=FAIL,
        error="a.json:2: key `z` is not declared, and `on_new_key` is `fail`",
    ),
    Case(
        "new key in documents",
        "So in documents.",
        {"a.json": b'[{"a":"x"},\n{"a":"y","z":1}]'},
        [("x", None)],
        [(2, NEW)],
        columns=AB,
        options={"multiline": True, **KEEP_OUT},
    ),
    Case(
        "new column",
        "In CSV a new column quarantines the lines of its file, its header first.",
        {"1.csv": b"a,b\nx,1\n", "2.csv": b"a,b,c\ny,2,\nz,3,4\n"},
        [("x", 1)],
        [(1, NEW), (2, NEW), (3, NEW)],
        columns=AB,
        format="csv",
        options=KEEP_OUT,
    ),
    csv(
        "new column fails",
        "Or stops the run.",
        b"a,b,c\nx,1,2\n",
        columns=AB,
        options=FAIL,
        error="a.csv:1: the header has `c`, which is not declared, and `on_new_key` is `fail`",
    ),
    Case(
        "new Parquet column",
        "In Parquet, it quarantines the records of its file by their numbers, without a raw text.",
        {
            "1.parquet": "SELECT 'x' AS a, 1::BIGINT AS b",
            "2.parquet": "SELECT 'y' AS a, 2::BIGINT AS b, 3 AS c, 4 AS d",
        },
        [("x", 1)],
        [(1, NEW)],
        columns=AB,
        format="parquet",
        options=KEEP_OUT,
    ),
    Case(
        "new Parquet field",
        "A new field inside of a column is new, too.",
        {
            "1.parquet": "SELECT {'a': 1} AS s",
            "2.parquet": "SELECT {'a': 2, 'b': 3} AS s FROM range(2)",
        },
        [({"a": 1},)],
        [(1, NEW), (2, NEW)],
        columns={"s": "struct<a:int>"},
        format="parquet",
        options=KEEP_OUT,
    ),
    Case(
        "new Parquet column fails",
        "Or stops the run.",
        {"a.parquet": "SELECT 'y' AS a, 3 AS c"},
        columns=AB,
        format="parquet",
        options=FAIL,
        error="a.parquet:1: column `c` is not declared, and `on_new_key` is `fail`",
    ),
]

TYPED = [
    Case(
        "Parquet times",
        "Timestamps of all units are timestamps: seconds, milliseconds, microseconds, nanoseconds.",
        {
            f"{number}.parquet": f"SELECT {number} AS n, '2024-03-05 14:05:00'::{kind} AS at"
            for number, kind in enumerate(
                ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ"), 1
            )
        },
        [(number, MOMENT) for number in range(1, 6)],
        columns={"n": "int", "at": "timestamp"},
        format="parquet",
    ),
    Case(
        "Parquet nanoseconds",
        "What is finer than a microsecond is quarantined, by the number of its record.",
        {
            "a.parquet": "SELECT n, make_timestamp_ns(1709647500000000000 + n) AS at"
            " FROM (VALUES (0), (1), (1000), (-1), (NULL)) v(n)"
        },
        [(0, MOMENT), (1000, MOMENT.replace(microsecond=1)), (None, None)],
        [(2, "out_of_range"), (4, "out_of_range")],
        columns={"n": "int", "at": "timestamp"},
        format="parquet",
    ),
    Case(
        "Parquet decimals",
        "Decimals and floats are widened too.",
        {
            "a.parquet": "SELECT 1.5::DECIMAL(4,2) AS d, 0.5::FLOAT AS f",
            "b.parquet": "SELECT 2.5::DOUBLE AS f, 1.25::DECIMAL(3,2) AS d",
        },
        [(Decimal("1.500"), 0.5), (Decimal("1.250"), 2.5)],
        columns={"d": "decimal(10,3)", "f": "double"},
        format="parquet",
    ),
]
