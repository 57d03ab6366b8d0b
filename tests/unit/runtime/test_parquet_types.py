"""Which types of Parquet files are read as declared ones."""

from __future__ import annotations

from random import Random

from hypothesis import event, given
from hypothesis import strategies as st

from generator.plan.types import array, decimal, map_of, parse_type, struct
from generator.runtime.parquet_types import fits, lacks_types, read_as, undeclared
from generator.runtime.types import Type

LEAVES = ("tinyint", "smallint", "int", "bigint", "float", "double", "string", "date", "decimal(4,2)", "decimal(9,3)")
TYPES = st.recursive(
    st.sampled_from([parse_type(text) for text in LEAVES]),
    lambda inner: st.one_of(
        inner.map(array),
        st.tuples(st.just(parse_type("string")), inner).map(lambda parts: map_of(*parts)),
        st.dictionaries(st.sampled_from("abAC"), inner, min_size=1, max_size=3).map(lambda one: struct(*one.items())),
    ),
    max_leaves=6,
)


def alike(kind: Type) -> st.SearchStrategy[Type]:
    """Types of a like shape: other leaves, some fields less or more."""
    if kind.kind == "array":
        return alike(kind.element).map(array)
    if kind.kind == "map":
        return alike(kind.element).map(lambda value: map_of(kind.fields[0][1], value))
    if kind.kind == "struct":
        fields = st.tuples(*(st.tuples(st.just(name), alike(part)) for name, part in kind.fields))
        kept = st.tuples(fields, st.sets(st.sampled_from([name for name, _ in kind.fields]), min_size=1), st.booleans())
        return kept.map(lambda one: struct(*(pair for pair in (*one[0], ("x", kind)) if pair[0] in one[1] or one[2])))
    return st.sampled_from([kind, parse_type("bigint"), parse_type("double"), parse_type("decimal(9,3)")])


def shape(kind: Type) -> object:
    """A type without those of its leaves."""
    return {name: shape(part) for name, part in kind.fields} if kind.is_nested else None


@given(TYPES.flatmap(lambda found: st.tuples(st.just(found), alike(found))))
def test_what_fits_is_read_with_the_declared_fields_and_casts_part_by_part(types: tuple[Type, Type]) -> None:
    found, wanted = types
    event(f"fits: {fits(found, wanted)}")
    if fits(found, wanted):
        read = read_as(found, wanted)
        assert shape(read) == shape(wanted) and fits(read, wanted) and not list(undeclared(read, wanted, "c"))
        assert bool(list(undeclared(found, wanted, "c"))) == has_more(found, wanted)


def has_more(found: Type, wanted: Type) -> bool:
    """Whether a type has a field that the other lacks."""
    parts = dict(wanted.fields)
    return any(name not in parts or has_more(part, parts[name]) for name, part in found.fields)


@given(TYPES)
def test_each_type_fits_itself(kind: Type) -> None:
    if not any(map(ambiguous, every(kind))):
        assert fits(kind, kind) and read_as(kind, kind) == kind


def every(kind: Type) -> list[Type]:
    return [kind, *(one for _, part in kind.fields for one in every(part))]


def ambiguous(kind: Type) -> bool:
    return len({name.lower() for name, _ in kind.fields}) < len(kind.fields)


def test_fields_that_differ_in_case_alone_do_not_fit() -> None:
    number = parse_type("int")
    assert not fits(struct(("A", number), ("b", number)), struct(("a", number), ("b", number)))
    assert not fits(struct(("a", number), ("A", number)), struct(("a", number), ("b", number)))
    assert fits(struct(("a", number), ("C", number)), struct(("a", number), ("b", number)))
    assert not fits(struct(("C", number)), struct(("a", number)))


def test_decimals_fit_with_as_many_digits_on_both_sides() -> None:
    assert fits(array(decimal(4, 2)), array(decimal(5, 3)))
    assert not fits(array(decimal(4, 2)), array(decimal(4, 3)))


@given(TYPES, st.randoms())
def test_what_has_no_type_fits_whatever_is_wanted_there(wanted: Type, random: Random) -> None:
    """Any part but a map's keys may have none; it is never read as something that isn't in the file."""

    def emptied(kind: Type) -> Type:
        if random.random() < 0.3:
            return Type("null")
        keys = kind.fields[:1] if kind.kind == "map" else ()
        parts = [*keys, *((name, emptied(part)) for name, part in kind.fields[len(keys) :])]
        return Type(kind.kind, kind.precision, kind.scale, tuple(parts))

    found = emptied(wanted)
    assert fits(found, wanted) or any(map(ambiguous, every(wanted)))
    assert read_as(found, wanted) == found
    assert lacks_types(found) == (found != wanted)
    assert list(undeclared(found, wanted, "c")) == []
