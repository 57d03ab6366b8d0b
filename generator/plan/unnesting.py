"""What the columns are called that unnesting makes, and what can't be unnested."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from generator.plan.expressions import Typed
from generator.plan.types import Type


class NoElements(Exception):
    """Something can't be unnested, or not under these names.

    Attributes:
        code: of the diagnostic.
        help: what to write instead.
        key: what of an `unnest` it is about.
    """

    def __init__(self, code: str, message: str, *help: str, key: str = "column") -> None:
        super().__init__(message)
        self.code, self.help, self.key = code, help, key


def element_names(value: Typed, given: Sequence[str] | None) -> tuple[str, ...]:
    """The names of an array's element, or of a map's key and value.

    Raises:
        NoElements: it is neither, or the names don't fit.
    """
    kind = value.type
    if kind.kind not in ("array", "map"):
        help = ("a string becomes an array by `split(…, ',')`",) if kind.kind == "string" else ()
        raise NoElements("T004", f"only an array or a map has elements, and this is {kind}", *help)
    if kind.kind == "map":
        names = tuple(given or ("key", "value"))
        if len(names) != 2:
            raise NoElements(
                "T004", "an entry of a map is a key and a value", f"write `as: [key, {names[0]}]`", key="as"
            )
    else:
        names = tuple(given or ((value.column.name,) if value.column else ()))
        if not names:
            raise NoElements("C007", "the element has no name", "say it with `as:`")
        if len(names) > 1:
            raise NoElements("T004", "an element of an array has one name", *_fields(kind, names[0]), key="as")
    return names


def _fields(kind: Type, name: str) -> tuple[str, ...]:
    fields = [field for field, _ in kind.element.fields] if kind.element.kind == "struct" else []
    return (f"its fields are `{name}.{fields[0]}` and so on",) if fields else ()


def new_names(names: Sequence[str], position: str | None, kind: Type, taken: Collection[str]) -> None:
    """Refuses names that are taken, or that are given twice.

    Raises:
        NoElements: one is, or a map shall be counted.
    """
    if position is not None and kind.kind == "map":
        message = "a map has no order, so its entries have no position"
        raise NoElements("T004", message, "leave `position` out", key="position")
    every = [*names, *([position] if position else ())]
    for index, name in enumerate(every):
        key = "position" if name == position else "as"
        if name in taken:
            raise NoElements("N005", f"there is a column `{name}` already", "give the new one another name", key=key)
        if name in every[:index]:
            raise NoElements("N005", f"two columns are called `{name}`", "give one of them another name", key=key)
