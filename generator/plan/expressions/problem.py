"""What is wrong with an expression: a value, with offsets into the expression's text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in one expression.

    Attributes:
        code: documented in `generator/codes`.
        message: one line, with the names involved in backticks.
        start, end: half-open range of characters of the expression's text.
        label: what stands beside the caret.
        notes: facts that explain the finding.
        help: what to do about it, most likely remedy first.
    """

    code: str
    message: str
    start: int
    end: int
    label: str = ""
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()


class SyntaxProblem(Exception):
    """Carries the first syntax problem out of the lexer and the parser; never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def syntax_error(
    message: str, start: int, end: int, *, code: str = "E001", label: str = "", help: tuple[str, ...] = ()
) -> SyntaxProblem:
    return SyntaxProblem(Problem(code, message, start, max(end, start + 1), label, help=help))


class NotPortable(Exception):
    """A constant - a pattern, a format, a path - that the engines would not understand alike.

    Attributes:
        help: what to write instead.
    """

    def __init__(self, message: str, *help: str) -> None:
        self.help = help
        super().__init__(message)
