"""Lowers what makes rows of elements: the columns of `explode`, `posexplode`, `inline` and `unnest`."""

from __future__ import annotations

from generator.plan.expressions import Typed
from generator.plan.expressions.nodes import span_of
from generator.plan.relation import ColumnId
from generator.plan.sql.lowering import Lowering
from generator.plan.sql.syntax import Unnested
from generator.plan.steps import StepBuilder
from generator.plan.unnesting import NoElements, element_names, new_names
from generator.runtime.words import plural

INLINE = "inline"


def add_elements(lowering: Lowering, builder: StepBuilder, one: Unnested, alias: str) -> None:
    """Adds the step of one `lateral view` or `unnest` to a query's; `alias` is what its columns are addressed by."""
    if any(column.alias == alias for column in builder.relation.columns):
        message = f"`{alias}` is already in this query"
        raise lowering.refuse("N005", message, one.start, one.end, "give one of them another name")
    value = lowering.certain(one.value, builder)
    try:
        position, names = _columns(one, value)
        made = tuple(ColumnId(alias, name) for name in names)
        builder.unnest(
            value,
            made,
            ColumnId(alias, position) if position is not None else None,
            outer=one.outer,
            place=lowering.place(one.start, one.end),
            text=f"{one.function} {lowering.written(*span_of(one.value))}",
            fields=_takes_fields(one, value),
            ordinality=one.ordinality,
        )
    except NoElements as error:
        raise lowering.refuse(error.code, str(error), one.start, one.end, *error.help) from error


def _columns(one: Unnested, value: Typed) -> tuple[str | None, tuple[str, ...]]:
    """The names of the position, if there is one, and of what each element gives.

    Raises:
        NoElements: there is nothing to unnest, or the names don't fit.
    """
    counted = one.function == "posexplode" or one.ordinality
    names = list(one.names)
    position = None
    if counted and names:
        position = names.pop(-1 if one.ordinality else 0)
        if not names:
            raise NoElements("T004", "the position has a name, and the element has none", "name both, such as `(a, n)`")
    elif counted:
        position = "ordinality" if one.ordinality else "pos"
    if _takes_fields(one, value):
        found = _fields(one, value, names)
    elif one.function == INLINE:
        raise NoElements("T004", f"`inline` takes an array of structs, and this is {value.type}", "use `explode`")
    else:
        given = names or _usual(one, value)
        found = element_names(value, given)
    new_names(found, position, value.type, ())
    return position, found


def _takes_fields(one: Unnested, value: Typed) -> bool:
    """Whether the fields of structs become columns: of `inline`, and of `unnest` with as many names."""
    if value.type.kind != "array" or value.type.element.kind != "struct":
        return False
    named = len(one.names) - int(one.ordinality)
    return one.function == INLINE or (one.function == "unnest" and 1 < named == len(value.type.element.fields))


def _fields(one: Unnested, value: Typed, names: list[str]) -> tuple[str, ...]:
    fields = value.type.element.fields
    if names and len(names) != len(fields):
        raise NoElements("T004", f"the struct has {plural(fields, 'field')}, and the names here are {len(names)}")
    return tuple(names or (name.lower() for name, _ in fields))


def _usual(one: Unnested, value: Typed) -> list[str] | None:
    """What columns are called that have no name: of a map `key` and `value`, as always."""
    if value.type.kind == "map":
        return None
    return [one.alias if one.function == "unnest" and one.alias is not None else "col"]
