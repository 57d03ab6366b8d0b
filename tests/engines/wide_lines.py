"""Lines of so many values that the readers prove them by other means: as lists on DuckDB, in sections on Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dirty_cases import Case

WIDTH = 330
KINDS = ("int", "string", "double")
COLUMNS = {f"c_{place}": KINDS[place % 3] for place in range(WIDTH)}
OF_INT, OF_STRING, OF_DOUBLE = ([name for name, kind in COLUMNS.items() if kind == one] for one in KINDS)


def usual() -> dict[str, object]:
    return {
        name: {"int": place, "string": f"text {place}", "double": place / 8}[COLUMNS[name]]
        for place, name in enumerate(COLUMNS)
    }


def _spoiled() -> Iterator[dict[str, object]]:
    """A line with one odd value each, near the beginning, in the middle and at the end."""
    for place in (0, 49, 50, 51, 75, 100, -1):
        for name, values in (
            (OF_INT[place], (1.5, "1", True, None, 2**31, [1])),
            (OF_STRING[place], (1, True, None, ":null", '",c_150:', '","c_150": 1,"c_151":"', {"c_1": 1})),
            (OF_DOUBLE[place], ("0.5", False, None, "null")),
        ):
            yield from ({**usual(), name: value} for value in values)


def _texts() -> Iterator[str]:
    """Lines that no dictionary makes."""
    line = json.dumps(usual())
    for name in (*OF_INT[::20], *OF_STRING[::20], *OF_DOUBLE[::20]):
        text = f'"{name}": '
        value = json.dumps(usual()[name])
        yield line.replace(f"{text}{value}, ", "")  # lacks it
        yield line.replace(f"{text}{value}", f"{text}{value}, {text}{value}")  # has it twice
        yield line.replace(f"{text}{value}", f'"other": {{{text}{value}}}')
        yield line.replace(f"{text}{value}", f'"{name.upper()}": {value}')
        yield line.replace(text, f'"{name}":')
        yield line.replace(f"{text}{value}", f"{text}{value},")
    yield line[:-1] + f", {line[1:]}"
    yield f"{line} {line}"
    yield line[:-1] + ", }"
    yield line[:-1]
    yield line.replace("328", "1e999").replace("41.0", "-0")


def json_lines() -> list[str]:
    good = [json.dumps(usual())] * 30
    return [*good, *map(json.dumps, _spoiled()), *_texts(), *good]


def csv_lines() -> Iterator[str]:
    names = list(COLUMNS)
    yield ",".join(names)
    for place in (0, 150, 151, WIDTH - 1):
        for value in ("", "x", "1.5", '"quoted, text"', '"'):
            yield ",".join(value if index == place else str(index) for index in range(WIDTH))
    yield ",".join(map(str, range(WIDTH - 1)))
    yield ",".join(map(str, range(WIDTH + 1)))


def _content(lines: Iterator[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _swapped(lines: Iterator[str]) -> Iterator[str]:
    """The same fields in another order."""
    return (",".join(reversed(line.split(","))) for line in lines if '"' not in line)


WIDE = [
    Case("wide JSON", "", {"a.json": _content(iter(json_lines()))}, columns=COLUMNS),
    Case(
        "wide CSV of two layouts",
        "",
        {"a.csv": _content(csv_lines()), "b.csv": _content(_swapped(csv_lines()))},
        columns={name: COLUMNS[name] for name in list(COLUMNS)[:290]},
        format="csv",
    ),
]
