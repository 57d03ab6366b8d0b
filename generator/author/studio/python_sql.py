"""What a condition of Python is in SQL, exactly: which rows pass, and for which the function raises.

Glue's Filter drops a row whose function raises KeyError, ValueError or TypeError. So a comparison by size drops nulls,
whatever stands around it, and a key that isn't in the record drops the row even where the comparison would be true. The
lake reads an absent key and an explicit null both as null: where the two would differ, the caller says which a null is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.author.studio.predicates import (
    Both,
    Compare,
    Computed,
    Either,
    Facts,
    Field,
    In,
    IsNone,
    IsNull,
    Matches,
    Not,
    Operand,
    Predicate,
    Truth,
    UntranslatableError,
    Value,
    literal,
)

SIZES = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """SQL for "true", for "false", and for "didn't raise"; the last is nothing where it can't raise."""

    true: str
    false: str
    fine: str = ""


def as_sql(predicate: Predicate, facts: Facts) -> str:
    """The condition of the rows that pass.

    Raises:
        UntranslatableError: SQL would not say the same.
    """
    return _outcome(predicate, facts).true


def _outcome(predicate: Predicate, facts: Facts) -> _Outcome:
    match predicate:
        case Not():
            part = _outcome(predicate.part, facts)
            return _Outcome(part.false, part.true, part.fine)
        case Both():
            return _chain([_outcome(part, facts) for part in predicate.parts], "and")
        case Either():
            return _chain([_outcome(part, facts) for part in predicate.parts], "or")
        case Compare():
            return _comparison(predicate, facts)
        case IsNull():
            text = _text(predicate.operand, facts)
            return _Outcome(f"{text} is null", f"{text} is not null")
        case IsNone():
            text = _text(predicate.operand, facts)
            if _is_key(predicate.operand, facts):
                return _Outcome("false", f"{text} is not null", f"{text} is not null")
            return _Outcome(f"{text} is null", f"{text} is not null")
        case In():
            return _membership(predicate, facts)
        case Matches():
            return _matching(predicate, facts)
        case Truth():
            return _truth(predicate, facts)


def _chain(parts: list[_Outcome], word: str) -> _Outcome:
    """`and` and `or` stop at the first part that decides; what raises before that is gone."""
    found = parts[-1]
    for part in reversed(parts[:-1]):
        if word == "and":
            going_on = _without_nulls(found.true, f"{part.true} and {part.fine}")
            otherwise = _without_nulls(found.false, f"{part.true} and {part.fine}") if part.fine else found.false
            false = _or(part.false, _and(_reached(part, found), otherwise))
            found = _Outcome(_and(part.true, going_on), false, _fine(part, part.false, found))
        else:
            going_on = _without_nulls(found.true, part.fine)
            true = _or(part.true, _and(_reached(part, found), going_on))
            found = _Outcome(true, _and(part.false, found.false), _fine(part, part.true, found))
    return found


def _without_nulls(text: str, known: str) -> str:
    """A condition without the case that a column is null, where it is known not to be."""
    for column in re.findall(r"([\w.]+) is not null", known if " or " not in known else ""):
        text = text.replace(f" or {column} is null", "")
    return text


def _reached(part: _Outcome, following: _Outcome) -> str:
    """What must hold for the following part to be reached, where the part itself isn't decisive."""
    return part.fine if part.fine not in _conjuncts(following.fine) else ""


def _fine(part: _Outcome, decisive: str, following: _Outcome) -> str:
    if not part.fine and not following.fine:
        return ""
    rest = _or(decisive, following.fine) if following.fine else ""
    return _and(part.fine, rest)


def _conjuncts(text: str) -> list[str]:
    return text.split(" and ") if text and " or " not in text else [text]


def _and(one: str, other: str) -> str:
    if "false" in (one, other):
        return "false"
    parts = [f"({part})" if _has_or(part) else part for part in (one, other) if part]
    return " and ".join(dict.fromkeys(parts))


def _or(one: str, other: str) -> str:
    parts = [part for part in (one, other) if part and part != "false"]
    return " or ".join(dict.fromkeys(parts)) or "false"


def _has_or(text: str) -> bool:
    """Whether an `or` stands outside of all brackets and quotes."""
    plain = re.sub(r"'(?:[^'\\]|\\.)*'", "''", text)
    depth, outside = 0, ""
    for character in plain:
        depth += {"(": 1, ")": -1}.get(character, 0)
        outside += character if depth == 0 else ""
    return " or " in outside


def _comparison(compare: Compare, facts: Facts) -> _Outcome:
    _check_types(compare.left, compare.right, facts)
    left = _text(compare.left, facts, compare.right)
    right = _text(compare.right, facts, compare.left)
    sides = [(compare.left, left), (compare.right, right)]
    nullable = [(side, text) for side, text in sides if not isinstance(side, Value)]
    if compare.operator in SIZES or any(isinstance(side, Computed) for side, _ in sides):
        fine = " and ".join(f"{text} is not null" for _, text in nullable)
        opposite = SIZES.get(compare.operator, "<>")
        return _Outcome(f"{left} {compare.operator} {right}", f"{left} {opposite} {right}", fine)
    fine = " and ".join(f"{text} is not null" for side, text in nullable if _is_key(side, facts))
    explicit = [text for side, text in nullable if not _is_key(side, facts)]
    if len(nullable) == 2 and explicit:
        return _two_columns(left, right, fine, len(explicit))
    false = f"{left} <> {right}"
    return _Outcome(f"{left} = {right}", _or(false, "".join(f"{text} is null" for text in explicit)), fine)


def _two_columns(left: str, right: str, fine: str, explicit: int) -> _Outcome:
    """Two columns of which at least one may be None: None equals None, and nothing else."""
    if explicit == 1:
        other = left if fine.startswith(right) else right
        return _Outcome(f"{left} = {right}", f"{fine} and ({left} <> {right} or {other} is null)", fine)
    return _Outcome(f"{left} <=> {right}", f"not ({left} <=> {right})")


def _membership(one: In, facts: Facts) -> _Outcome:
    for value in one.values:
        _check_types(one.operand, value, facts)
    if any(value.value is None for value in one.values) or not one.values:
        raise UntranslatableError("`in` with None, or in nothing")
    text = _text(one.operand, facts)
    values = ", ".join(_text(value, facts, one.operand) for value in one.values)
    if _is_key(one.operand, facts) or isinstance(one.operand, Computed):
        return _Outcome(f"{text} in ({values})", f"{text} not in ({values})", f"{text} is not null")
    return _Outcome(f"{text} in ({values})", f"{text} not in ({values}) or {text} is null")


def _matching(one: Matches, facts: Facts) -> _Outcome:
    kind = facts(one.operand).type if isinstance(one.operand, Field) else ""
    if kind not in ("", "string"):
        raise UntranslatableError(f"a regular expression on {kind}")
    text = _text(one.operand, facts)
    found = f"{text} rlike {literal(one.pattern)}"
    return _Outcome(found, f"not {found}", f"{text} is not null")


def _truth(one: Truth, facts: Facts) -> _Outcome:
    known = facts(one.operand)
    if known.type not in ("boolean", ""):
        raise UntranslatableError(f"the truth of {known.type} `{'.'.join(one.operand.path)}`")
    fine = f"{known.text} is not null" if known.key else ""
    return _Outcome(known.text, f"not {known.text}" if known.key else f"not coalesce({known.text}, false)", fine)


def _is_key(operand: Operand, facts: Facts) -> bool:
    return isinstance(operand, Field) and facts(operand).key


def _text(operand: Operand, facts: Facts, other: Operand | None = None) -> str:
    match operand:
        case Field():
            return facts(operand).text
        case Value():
            return _loose(operand, facts, other) if operand.loose else literal(operand.value)
        case Computed():
            if not (_numeric(operand.left, facts) and _numeric(operand.right, facts)):
                raise UntranslatableError(f"`{operand.operator}` of columns that may not be numbers")
            return f"({_text(operand.left, facts)} {operand.operator} {_text(operand.right, facts)})"


def _loose(value: Value, facts: Facts, other: Operand | None) -> str:
    kind = facts(other).type if isinstance(other, Field) else ""
    text = str(value.value)
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower()
    number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return text if number and (kind in ("", "date") or _is_number(kind)) else literal(text)


def _numeric(operand: Operand, facts: Facts) -> bool:
    match operand:
        case Field():
            return _is_number(facts(operand).type)
        case Value():
            return isinstance(operand.value, (int, float)) and not isinstance(operand.value, bool)
        case Computed():
            return True


def _is_number(kind: str) -> bool:
    return kind.startswith("decimal") or kind in ("tinyint", "smallint", "int", "bigint", "float", "double")


def _family(operand: Operand, facts: Facts) -> str:
    """number, string, boolean …; nothing where it isn't known."""
    if isinstance(operand, Computed):
        return "number"
    if isinstance(operand, Field):
        kind = facts(operand).type
        return "number" if _is_number(kind) else kind
    if operand.loose or operand.value is None:
        return ""
    return {str: "string", bool: "boolean", int: "number", float: "number"}.get(type(operand.value), "?")


def _check_types(left: Operand, right: Operand, facts: Facts) -> None:
    """Python doesn't convert: a text never equals a number, and asking which is bigger raises."""
    one, other = _family(left, facts), _family(right, facts)
    if one and other and one != other:
        raise UntranslatableError(f"it compares {one} with {other}")
