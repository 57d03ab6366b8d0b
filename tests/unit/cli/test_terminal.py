"""What a terminal shows: tables in its width, a line that moves, and nothing of it in a pipe."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.cli.table import Cell, display_width, format_table
from generator.cli.terminal import Terminal
from generator.printable import printable
from generator.runtime.words import plural
from tests.conftest import ROOT

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
HEADER = ("table", "zone", "rows", "dropped on the way", "quarantined", "expected", "seconds")
ROWS = [
    ("customer_landing", "landing", "956", "3 broken", "5", "✓ 956", "0.05"),
    (
        "accelerometer_trusted",
        "trusted",
        "81,273 → 40,981",
        "40,292 without a match in customer_trusted",
        "",
        "",
        "0.01",
    ),
    ("machine_learning_curated", "curated", "40,981 → 43,681", "2,700 more by inner join x", "", "✗ 9", "unchanged"),
]


def shown(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    color: bool = False,
    below: Sequence[int] = (1, 3),
) -> str:
    terminal = Terminal(io.StringIO(), io.StringIO(), color, live=False, width=width)
    cells = [[Cell(text, ("dim",)) for text in row] for row in rows]
    return printable(format_table(terminal, header, cells, right={2, 4, 6}, below=below))


def test_a_pipe_gets_a_line_for_each_row() -> None:
    lines = shown(HEADER, ROWS, 0).splitlines()
    assert len(lines) == 4 and all(all(cell in line for cell in row) for row, line in zip(ROWS, lines[1:], strict=True))
    assert shown(HEADER, ROWS, 200) == shown(HEADER, ROWS, 0)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("color", [True, False])
def test_a_terminal_gets_everything_in_its_width(width: int, color: bool) -> None:
    text = ANSI.sub("", shown(HEADER, ROWS, width, color=color))
    assert max(map(len, text.splitlines())) <= width
    assert all(word in text for row in ROWS for cell in row for word in cell.split())


def test_columns_are_folded_then_put_below_then_taken_apart() -> None:
    folded, below, apart = (shown(HEADER, ROWS, width) for width in (120, 80, 60))
    assert "dropped on the way" in folded and len(folded.splitlines()) == 5
    assert "dropped" not in below and "  landing, 3 broken" in below
    assert "rows      " not in below.splitlines()[1] and "81,273 → 40,981" in below
    assert apart.splitlines()[:4] == [
        "customer_landing",
        "  zone                landing",
        "  rows                956",
        "  dropped on the way  3 broken",
    ]


WORDS = st.lists(st.sampled_from([*"ab_é名[]/.\\ ", "e\u0301"]), max_size=30).map("".join)


@given(st.data(), st.integers(20, 90), st.booleans())
def test_no_table_is_wider_than_the_terminal_or_loses_a_word(data: st.DataObject, width: int, color: bool) -> None:
    columns = data.draw(st.integers(1, 7))
    rows = data.draw(st.lists(st.lists(WORDS, min_size=columns, max_size=columns), min_size=1, max_size=4))
    header = data.draw(st.sampled_from([[], [f"h{place}" for place in range(columns)]]))
    text = ANSI.sub("", shown(header, rows, width, color=color, below=(1,) if columns > 1 else ()))
    assert all(display_width(line.rstrip()) <= width for line in text.splitlines())
    letters = "".join(text.split())
    assert all(word[:1] in letters for row in rows for cell in row for word in cell.split())


def test_texts_are_shown_as_they_are() -> None:
    rows = [("[red]x[/red] :smile: \x1b[31m", "https://example.com/" + "a" * 90)]
    text = shown(("a", "b"), rows, 40, below=())
    assert "[red]x[/red]" in text and ":smile:" in text and "\x1b" not in text
    assert "".join(text.split()).count("a") >= 90


def test_plural_forms() -> None:
    assert [plural(number, "row") for number in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
    assert plural(["a"], "table changes", "tables change") == "1 table changes"


# At a real terminal -----------------------------------------------------------------------------------


def at_terminal(code: str, columns: int = 80, **more: str) -> str:
    """What a terminal gets of a program, both streams."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **more}
    for name in ("NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        if name not in more:
            environment.pop(name, None)
    command = [sys.executable, "-c", code]
    streams = {"stdin": follower, "stdout": follower, "stderr": follower}
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **streams) as process:  # type: ignore[call-overload]
        os.close(follower)
        found = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            found += part
            if not part:
                break
        assert process.wait(timeout=30) == 0, found
    os.close(leader)
    return found.decode()


LIVE = """
import sys, time
from generator.cli.terminal import Terminal
terminal = Terminal.detect()
terminal.show_live("at first", 1, 4)
time.sleep({wait})
terminal.show_live("then \\x1b[31m" + "long " * 40, 2, 4)
time.sleep({wait})
terminal.print("the result")
print("rich" in sys.modules, terminal.width)
"""


@pytest.mark.slow
def test_a_line_tells_what_is_going_on_where_that_takes_time() -> None:
    text = at_terminal(LIVE.format(wait=0.7), columns=70)
    assert "at first" in text and "then" in text and "\x1b[31mlong" not in text
    assert "long " * 40 not in text and "True 70" in text
    assert text.endswith("the result\r\nTrue 70\r\n") and "\x1b[?25h" in text  # the cursor is there again


def test_what_is_done_soon_needs_no_line_and_no_rich() -> None:
    assert at_terminal(LIVE.format(wait=0.01)) == "the result\r\nFalse 80\r\n"


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_terminal_that_wants_no_such_line(more: dict[str, str]) -> None:
    assert at_terminal(LIVE.format(wait=0.5), **more) == "the result\r\nFalse 80\r\n"


@pytest.mark.slow
def test_the_line_ends_with_the_program_whatever_happens(tmp_path: Path) -> None:
    code = """
import sys, time, os
from generator.cli.commands import check
def run(**given):
    check.click.get_current_context().obj.show_live("busy", 1, 2)
    time.sleep(0.8)
    raise {error}
check.run.callback = run
from generator.__main__ import main
try:
    main(["check"])
except RuntimeError:
    print("raised")
"""
    for error in ("RuntimeError()", "OSError(28, 'full')"):
        text = at_terminal(code.format(error=error))
        assert "busy" in text and text.rindex("\x1b[?25h") > text.rindex("busy"), error
