"""Spark SQL that people read: a name is quoted only where it has to be, and qualified only where that tells something.

Spark's lexer makes an identifier of every word that isn't a keyword, so such a word means the same without quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from sqlglot import exp

from generator.plan.emit import SPARK, Dialect
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.expressions.emit import methods_of
from generator.plan.expressions.functions import CLOCK, find
from generator.plan.expressions.spark import SparkEmitter
from generator.plan.relation import ColumnId
from generator.plan.row_values import Value
from generator.plan.types import Type
from generator.plan.value_sql import spark_value

KEYWORDS = frozenset(
    """
    add after aggregate all alter always analyze and anti any any_value archive array as asc at atomic
    authorization begin between bigint binary binding boolean both bucket buckets by byte cache call called
    cascade case cast catalog catalogs change char character check clear cluster clustered codegen collate
    collation collection column columns comment commit compact compactions compensation compute concatenate
    condition constraint contains continue cost create cross cube current current_date current_time
    current_timestamp current_user data database databases date date_add date_diff dateadd datediff day
    dayofyear days dbproperties dec decimal declare default defined definer delay delete delimited desc describe
    deterministic dfs directories directory distinct distribute div do double drop else elseif end enforced
    escape escaped evolution except exchange exclude execute exists exit explain export extend extended external
    extract false fetch fields fileformat filter first float flow following for foreign format formatted found
    from full function functions generated geography geometry global grant group grouping handler having hour
    hours identifier identity if ignore ilike immediate import in include increment index indexes inner inpath
    input inputformat insert int integer intersect interval into invoker is items iterate join json key keys
    language last lateral lazy leading leave left level like limit lines list load local location lock locks
    logical long loop macro map matched materialized max merge microsecond microseconds millisecond milliseconds
    minus minute minutes modifies month months msck name namespace namespaces nanosecond nanoseconds natural no
    none norely not null nulls numeric of offset on only option options or order out outer outputformat over
    overlaps overlay overwrite partition partitioned partitions percent percentile_cont percentile_disc pivot
    placing position preceding primary principals procedure procedures properties purge quarter query range
    reads real recordreader recordwriter recover recursion recursive reduce references refresh rely rename
    repair repeat repeatable replace reset respect restrict return returns revoke right role roles rollback
    rollup row rows schema schemas second seconds security select semi separated serde serdeproperties
    session_user set sets short show single skewed smallint some sort sorted source specific sql sqlexception
    sqlstate start statistics stored stratify stream streaming string struct substr substring sync system_time
    system_version table tables tablesample target tblproperties terminated then time timediff timestamp
    timestamp_ltz timestamp_ntz timestampadd timestampdiff tinyint to touch trailing transaction transactions
    transform trim true truncate try_cast type unarchive unbounded uncache union unique unknown unlock unpivot
    unset until update use user using value values var varchar variable variant version view views void
    watermark week weeks when where while window with within without x year years zone
    """.split()
)
"""The words that the lexers of Spark 3.5 and 4.1 know (`SELECT * FROM sql_keywords()`)."""

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def spark_name(name: str) -> str:
    """A name in Spark SQL, quoted if it is a keyword or no plain word."""
    if _WORD.fullmatch(name) and name not in KEYWORDS:
        return name
    return "`" + name.replace("`", "``") + "`"


NOW, TODAY = "`#lake.now`", "`#lake.today`"
"""The time of the run, and its day, in what a job does: its script says which. Names with a `#` are of no spec."""


class _ReadableSpark(SparkEmitter):
    def __init__(self, unqualified: Collection[ColumnId] = ()) -> None:
        self.unqualified = unqualified

    def quoted(self, name: str) -> str:
        return spark_name(name)

    def column(self, node: exp.Column) -> str:
        return spark_name(node.name) if column_id(node) in self.unqualified else super().column(node)

    def call(self, node: exp.Expression, over: str = "") -> str:
        """What the time is, all jobs of a run are told alike."""
        known = find(str(node.this))
        if known is None or known.name not in CLOCK:
            return super().call(node, over)
        return TODAY if known.name == "current_date" else NOW

    def string(self, value: str) -> str:
        """A text that looks like the time isn't."""
        return super().string(value).replace("`#lake.", r"\u0060#lake.")

    def dot(self, node: exp.Dot) -> str:
        """A field keeps the alias of its column: without it, the column would look like an alias."""
        base = node.this
        if isinstance(base, exp.Column) and base.table:
            return f"{super().column(base)}.{self.quoted(node.expression.this)}"
        return super().dot(node)


_ReadableSpark.methods = methods_of(_ReadableSpark)


def spark_text(ast: exp.Expression, unqualified: Collection[ColumnId] = ()) -> str:
    """A checked expression in Spark SQL.

    Args:
        unqualified: the columns that are known by their name alone.
    """
    return _ReadableSpark(unqualified).whole(ast)


def spark_item(ast: exp.Expression, unqualified: Collection[ColumnId] = ()) -> str:
    """Like `spark_text`, for an expression that stands alone: no parentheses around an OR."""
    return _ReadableSpark(unqualified).bare(ast)


def spark_string(value: str) -> str:
    """A string literal; it never holds a line end."""
    return _ReadableSpark().string(value)


class _Readable(Dialect):
    def name(self, name: str) -> str:
        return spark_name(name)


def _value(value: Value, kind: Type) -> str:
    return spark_value(value, kind, spark_string)


READABLE_SPARK = _Readable(
    spark_text, spark_text, "`", "LEFT SEMI JOIN", "LEFT ANTI JOIN", spark_text, SPARK.unnest, _value
)
"""The dialect for `emit`."""


class Aliased(NamedTuple):
    """What an expression's text needs: the aliases that it mentions."""

    text: str
    aliases: frozenset[str]


def aliased(ast: exp.Expression, unqualified: Collection[ColumnId]) -> Aliased:
    """The text of an expression that stands alone, and the aliases that it mentions."""
    is_column = isinstance(ast, exp.Column)
    fields = set[int]() if is_column else {id(node.this) for node in ast.find_all(exp.Dot)}
    mentioned = (
        node.table
        for node in column_nodes(ast)
        if node.table and (column_id(node) not in unqualified or id(node) in fields)
    )
    return Aliased(spark_item(ast, unqualified), frozenset(mentioned))
