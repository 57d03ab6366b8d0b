"""Which types of Parquet files are read as declared ones: the same, narrower ones, structs by the names of fields."""

from __future__ import annotations

from collections.abc import Iterator

from .types import Type

_NARROWER = {
    "double": ("float", "int", "smallint", "tinyint"),
    "float": ("smallint", "tinyint"),
    "bigint": ("int", "smallint", "tinyint"),
    "int": ("smallint", "tinyint"),
    "smallint": ("tinyint",),
}


def fits(found: Type, wanted: Type) -> bool:
    """Whether each value of a type is one of the declared type, without loss.

    A struct may lack fields, which are NULL then, but not all of them; and have others, which are left out. One that
    differs from a declared one in case alone doesn't fit. What has no type (`null`) has no value either, and fits all.
    """
    if found.kind == "null" or found == wanted or found.kind in _NARROWER.get(wanted.kind, ()):
        return True
    if found.kind != wanted.kind:
        return False
    if wanted.kind == "decimal":
        return found.scale <= wanted.scale and found.precision - found.scale <= wanted.precision - wanted.scale
    if wanted.kind == "struct":
        fields = dict(found.fields)
        lower = [name.lower() for name in fields]
        near = [(name, part) for name, part in wanted.fields if name.lower() in lower]
        return bool(near) and all(
            name in fields and lower.count(name.lower()) == 1 and fits(fields[name], part) for name, part in near
        )
    if wanted.kind == "map":
        return found.fields[0] == wanted.fields[0] and fits(found.element, wanted.element)
    return wanted.kind == "array" and fits(found.element, wanted.element)


def read_as(found: Type, wanted: Type) -> Type:
    """What a type that fits is read as: the declared fields, with the types that they have in the file."""
    if found.kind != wanted.kind:
        return found
    if wanted.kind == "struct":
        fields = dict(found.fields)
        parts = ((name, read_as(fields[name], part) if name in fields else part) for name, part in wanted.fields)
        return Type("struct", fields=tuple(parts))
    if wanted.is_nested:
        name, _ = wanted.fields[-1]
        return Type(wanted.kind, fields=(*found.fields[:-1], (name, read_as(found.element, wanted.element))))
    return found


def lacks_types(found: Type) -> bool:
    """Whether a type, or what is inside of it, is `null`."""
    return found.kind == "null" or any(lacks_types(part) for _, part in found.fields)


def undeclared(found: Type, wanted: Type, path: str) -> Iterator[str]:
    """The fields of structs, at any depth, that are left out: `a.b`, and `a[].b` of what an array or a map holds."""
    if found.kind != wanted.kind:
        return
    if wanted.kind == "struct":
        parts = dict(wanted.fields)
        for name, part in found.fields:
            if name in parts:
                yield from undeclared(part, parts[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif wanted.is_nested:
        yield from undeclared(found.element, wanted.element, f"{path}[]")
