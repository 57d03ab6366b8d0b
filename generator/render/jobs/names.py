"""The names of a script's variables."""

from __future__ import annotations

import builtins
import keyword

OWN = frozenset(
    """
    GlueContext Job Lake SparkContext Window args col desc expect expr getResolvedOptions glue_context group job
    lake order row_number run_steps spark sys
    """.split()
)
"""What a script defines or imports itself."""


class Names:
    """Gives each node of a script a variable of its own."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def new(self, wanted: str, suffix: str = "") -> str:
        """A variable called as wanted, or nearly so where that name is taken.

        Args:
            suffix: is put to names that Python or the script needs for itself.
        """
        is_ours = wanted in OWN or keyword.iskeyword(wanted) or hasattr(builtins, wanted)
        base = f"{wanted}_{suffix or 'node'}" if is_ours else wanted
        name, number = base, 1
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        return name
