"""Functions that Spark has and the allow-list hasn't: why, and what to use instead."""

from __future__ import annotations

_NO_ORDER = "which value comes first is not certain"
_RANDOM = "each run would give another result"
_APPROXIMATE = "it approximates, each engine in its own way"
_LOCAL = "it depends on who runs it"
_STRING_FORM = "engines write it differently"
_CASTS = {
    name: ("it is a cast", f"write `cast(… as {name})`")
    for name in "string int bigint smallint tinyint double float decimal boolean binary timestamp".split()
}
_LAMBDAS = dict.fromkeys(
    "map_filter transform_keys transform_values map_zip_with".split(),
    ("maps can be read, not made", "make rows of the entries by `unnest:`, or take `map_keys(…)` and `map_values(…)`"),
)
_ROWS = dict.fromkeys(
    "explode explode_outer posexplode posexplode_outer inline inline_outer stack json_tuple".split(),
    ("it makes rows, not a value", "write `unnest:`, or in `sql:` `lateral view explode(…) t as x` after FROM"),
)
REFUSED: dict[str, tuple[str, ...]] = {
    **_CASTS, **_LAMBDAS, **_ROWS,
    "first": (_NO_ORDER, "write `min_by(x, order)` or `first_value(x) over (order by …)`"),
    "last": (_NO_ORDER, "write `max_by(x, order)` or `last_value(x) over (order by …)`"),
    "any_value": (_NO_ORDER, "write `min(x)` or `max(x)`"),
    "mode": ("which of equally frequent values it takes is not certain", "count them, and rank the counts"),
    "rand": (_RANDOM,), "random": (_RANDOM,), "randn": (_RANDOM,), "shuffle": (_RANDOM,),
    "uuid": (_RANDOM, "make a key from the row: `sha2(concat_ws('|', …), 256)`"),
    "monotonically_increasing_id": (_RANDOM, "write `row_number() over (order by …)`"),
    "approx_count_distinct": (_APPROXIMATE, "write `count(distinct x)`"),
    "approx_percentile": (_APPROXIMATE, "write `percentile(x, 0.5)`"),
    "percentile_approx": (_APPROXIMATE, "write `percentile(x, 0.5)`"),
    "current_user": (_LOCAL,), "session_user": (_LOCAL,), "user": (_LOCAL,), "current_database": (_LOCAL,),
    "input_file_name": (_LOCAL,), "spark_partition_id": (_LOCAL,),
    "current_timezone": ("all times are in UTC",),
    "hash": ("DuckDB has another hash function", "write `md5(…)` or `sha2(…, 256)`"),
    "xxhash64": ("DuckDB has another hash function", "write `md5(…)` or `sha2(…, 256)`"),
    "crc32": ("DuckDB has no CRC-32", "write `md5(…)`"),
    "base64": ("Spark 3.5 breaks the lines of a long result, Spark 4 doesn't", "write `hex(…)`"),
    "unbase64": ("it gives bytes, of which engines make text differently",),
    "unhex": ("it gives bytes, of which engines make text differently",),
    "encode": ("it gives bytes, of which engines make text differently",),
    "decode": ("it means two things", "write `case … when … end`"),
    "initcap": ("engines differ on what a word is", "write `upper(left(x, 1)) || lower(substring(x, 2))`"),
    "soundex": ("DuckDB has no such function",),
    "levenshtein": ("DuckDB counts bytes, Spark characters",),
    "format_string": (_STRING_FORM, "write `concat(…)` with `lpad(…)`"),
    "printf": (_STRING_FORM, "write `concat(…)` with `lpad(…)`"),
    "format_number": (_STRING_FORM, "write `cast(round(x, 2) as decimal(18,2))`"),
    "to_json": (_STRING_FORM, "keep the struct as it is"),
    "from_json": ("it converts types by rules of its own", "declare the column as a struct in its source"),
    "get_json_object": ("engines write numbers and nested values differently",
                        "declare the column as a struct in its source"),
    "schema_of_json": ("it depends on the data",),
    "array_distinct": ("the order of what is left differs", "write `sort_array(collect_set(…))`"),
    "array_union": ("the order of the result differs",),
    "array_intersect": ("the order of the result differs",),
    "array_except": ("the order of the result differs",),
    "array_sort": ("it puts nulls elsewhere than `sort_array`", "write `sort_array(…)`"),
    "cardinality": ("of NULL it is -1 in some settings", "write `size(…)`"),
    "bround": ("DuckDB has no half-even rounding", "write `round(…)`"),
    "conv": (_STRING_FORM,), "bin": (_STRING_FORM,), "typeof": (_STRING_FORM,),
    "width_bucket": ("DuckDB has no such function", "write `floor((x - low) / width)`"),
    "date_part": ("it means two things", "write `year(…)`, `month(…)`, …"),
    "from_utc_timestamp": ("all times are in UTC here", "shift by `interval n hours`"),
    "to_utc_timestamp": ("all times are in UTC here", "shift by `interval n hours`"),
    "convert_timezone": ("all times are in UTC here", "shift by `interval n hours`"),
    "timestampdiff": ("engines count incomplete units differently", "subtract `unix_seconds(…)`"),
    "timestampadd": ("it takes a bare word", "write `ts + interval n hours`"),
    "dateadd": ("it means two things", "write `date_add(d, n)` or `d + interval n days`"),
    "kurtosis": ("engines use different formulas",), "skewness": ("engines use different formulas",),
    "grouping": ("there are no rollups",), "grouping_id": ("there are no rollups",),
    "struct": ("a struct's field names would depend on the engine", "keep the columns apart"),
    "named_struct": ("structs can be read, not made", "keep the columns apart"),
    "map": ("maps can be read, not made", "keep the columns apart"),
    "zip_with": ("arrays are taken one at a time", "write `transform(a, (x, i) -> … b[i])`"),
    "flatten": ("nested arrays are not supported",),
    "raise_error": ("a failing expression stops the whole job", "write an expectation under `expect:`"),
    "assert_true": ("a failing expression stops the whole job", "write an expectation under `expect:`"),
    "parse_url": ("DuckDB has no such function", "write `regexp_extract(url, '^https?://([^/]+)', 1)`"),
    "overlay": ("DuckDB has no such function", "write `left(…) || … || substring(…)`"),
}  # fmt: skip
