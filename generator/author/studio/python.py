"""What Python itself does with values that are known: built-in functions, and methods of texts, lists and dicts."""

from __future__ import annotations

import string
from typing import Any

from generator.author.studio.arguments import Arguments
from generator.author.studio.values import UNKNOWN, joined

_TEXTS = {"lower", "upper", "strip", "rstrip", "lstrip", "replace", "split", "title", "removesuffix", "removeprefix"}


def built_in(name: str, arguments: Arguments) -> Any:
    """A function of Python on what is known; None if it isn't one of these."""
    if arguments.keywords or not arguments.places:
        return (
            {} if name == "dict" and not arguments.places else [] if name == "list" and not arguments.places else None
        )
    first, *rest = arguments.places
    if isinstance(first, (list, tuple, dict)):
        match name:
            case "list" | "tuple" | "set":
                return list(first)
            case "dict" if isinstance(first, dict):
                return dict(first)
            case "len":
                return len(first)
            case "sorted" if all(isinstance(one, str) for one in first):
                return sorted(first)
            case "enumerate":
                return [(at, one) for at, one in enumerate(first)]
            case "zip" if all(isinstance(one, (list, tuple)) for one in rest):
                return list(zip(first, *rest, strict=False))
    if name == "range" and all(isinstance(one, int) for one in arguments.places) and abs(arguments.places[-1]) < 1000:
        return list(range(*arguments.places))
    if name == "str" and isinstance(first, (str, int)):
        return str(first)
    return first if name == "iter" else None


def plain_method(owner: Any, method: str, arguments: Arguments) -> Any:
    if isinstance(owner, dict):
        if method == "select" and arguments.places:
            return owner.get(arguments.places[0], UNKNOWN)
        if method == "get" and arguments.places:
            return owner.get(arguments.places[0], arguments.places[1] if len(arguments.places) > 1 else None)
        return {"keys": list(owner), "values": list(owner.values()), "items": list(owner.items())}.get(method)
    if isinstance(owner, list) and method in ("append", "extend") and arguments.places:
        owner.extend(
            arguments.places[0]
            if method == "extend" and isinstance(arguments.places[0], (list, tuple))
            else [arguments.places[0]]
        )
        return UNKNOWN
    if isinstance(owner, str):
        if method == "format":
            return _formatted(owner, arguments)
        if method == "join" and arguments.places and isinstance(arguments.places[0], (list, tuple)):
            items = list(arguments.places[0])
            return joined([one for item in items for one in (owner, item)][1:]) if items else ""
        if method in _TEXTS and all(isinstance(one, (str, int)) for one in arguments.places):
            return getattr(owner, method)(*arguments.places)
        if method in ("startswith", "endswith") and arguments.places and isinstance(arguments.places[0], str):
            return bool(getattr(owner, method)(arguments.places[0]))
    return None


def _formatted(text: str, arguments: Arguments) -> Any:
    """`"…{}…{name}…".format(…)`."""
    parts: list[Any] = []
    try:
        for number, (before, field, spec, _) in enumerate(string.Formatter().parse(text)):
            parts.append(before)
            if field is None:
                continue
            if spec:
                return UNKNOWN
            at = number if field == "" else int(field) if field.isdigit() else field
            parts.append(arguments.places[at] if isinstance(at, int) else arguments.keywords[at])
    except (ValueError, IndexError, KeyError):
        return UNKNOWN
    return joined(parts)


def is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str)) or (
        isinstance(value, (list, tuple, dict)) and all(map(is_plain, value))
    )  # fmt: skip
