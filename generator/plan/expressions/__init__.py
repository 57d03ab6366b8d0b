"""Spark SQL scalar expressions: parsed, resolved, type-checked, labelled, and written for each engine.

parse(text) ─► check(text, scope) ─► Typed.ast ─► to_spark(ast), to_duckdb(ast)
"""

from generator.plan.expressions.check import check, check_ast
from generator.plan.expressions.duckdb import to_duckdb
from generator.plan.expressions.lossy import losses
from generator.plan.expressions.macros import DUCKDB_SETTINGS, settings_for
from generator.plan.expressions.nodes import span_of, type_of
from generator.plan.expressions.operators import compare_types
from generator.plan.expressions.parse import conjuncts, parse
from generator.plan.expressions.problem import Problem
from generator.plan.expressions.scope import Scope
from generator.plan.expressions.spark import SPARK_SETTINGS, to_spark
from generator.plan.expressions.substitute import copied, substitute
from generator.plan.expressions.typed import Allow, Typed

__all__ = [
    "DUCKDB_SETTINGS",
    "SPARK_SETTINGS",
    "Allow",
    "Problem",
    "Scope",
    "Typed",
    "check",
    "check_ast",
    "compare_types",
    "conjuncts",
    "copied",
    "losses",
    "parse",
    "settings_for",
    "span_of",
    "substitute",
    "to_duckdb",
    "to_spark",
    "type_of",
]
