"""What there is to tell about a table, a source or a column: values, to be shown as text or JSON."""

from generator.render.explanation.column import ColumnExplanation, explain_column
from generator.render.explanation.source import SourceExplanation, explain_source
from generator.render.explanation.table import TableExplanation, explain_table

__all__ = [
    "ColumnExplanation",
    "SourceExplanation",
    "TableExplanation",
    "explain_column",
    "explain_source",
    "explain_table",
]
