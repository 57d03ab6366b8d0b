"""How moto is changed: a method of one of its classes is replaced, and the new one is given the old one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Puts `make(old)` in the place of an attribute; `old` is None when there was none."""
    setattr(owner, name, make(getattr(owner, name, None)))


def add(owner: Any, *functions: Callable[..., Any]) -> None:
    """Adds methods that moto doesn't have, under their own names."""
    for function in functions:
        setattr(owner, function.__name__, function)
