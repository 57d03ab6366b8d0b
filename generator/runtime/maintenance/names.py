"""Names of relations that only exist while a table is kept; with a `#` they are none that a spec can have."""

from __future__ import annotations

CHANGED = "#changed "
"""What begins the name of the rows that left or came at a place, or of a query that a join reads."""
ASKED = "#asked "
"""What begins the name of the rows that left or came in a table that only checks may ask."""
REACHED = "#reached"
"""The rows of a table of which a check may say something else since what it asks has changed."""
AFFECTED = "#affected"
"""The addresses that are affected; its columns are `_0`, `_1`, …"""
ADDED, REMOVED = "#added ", "#removed "
"""What begins the names of a table's rows that a run made new, and of those that it took out."""
