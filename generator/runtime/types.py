"""Column types, as Glue, Athena and Spark name them."""

from __future__ import annotations

from dataclasses import dataclass

INTEGERS = ("tinyint", "smallint", "int", "bigint")
NUMERIC = frozenset((*INTEGERS, "float", "double", "decimal"))


@dataclass(frozen=True, slots=True)
class Type:
    """A column type.

    Attributes:
        kind: `string`, `bigint`, `decimal`, `array`, ...; `null` for a bare NULL; `unknown` after an error.
        precision, scale: of a decimal; else 0.
        fields: of a struct: (name, type); of an array: (("element", type),); of a map: key and value.
    """

    kind: str
    precision: int = 0
    scale: int = 0
    fields: tuple[tuple[str, Type], ...] = ()

    def __str__(self) -> str:
        inner = [str(part) for _, part in self.fields]
        if self.kind == "decimal":
            return f"decimal({self.precision},{self.scale})"
        if self.kind == "array":
            return f"array<{inner[0]}>"
        if self.kind == "map":
            return f"map<{inner[0]},{inner[1]}>"
        if self.kind == "struct":
            return "struct<" + ",".join(f"{name}:{part}" for name, part in self.fields) + ">"
        return self.kind

    @property
    def element(self) -> Type:
        """Type of an array's elements, or of a map's values."""
        return self.fields[-1][1]

    @property
    def is_integer(self) -> bool:
        return self.kind in INTEGERS

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC

    @property
    def is_nested(self) -> bool:
        return self.kind in ("array", "map", "struct")
