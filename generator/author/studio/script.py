"""Reads a Glue Studio script with `ast`: nothing of it is ever executed."""

from __future__ import annotations

import ast
import re

from generator.author.studio import calls
from generator.author.studio.calls import Frames
from generator.author.studio.model import Job, Kind, Unknown
from generator.diagnostics import GeneratorError

_TITLE = re.compile(r"#\s*Script generated for node (.*)")
_HOUSEKEEPING = re.compile(
    r"^(job\.(init|commit)|args\b|sc\b|glueContext\b|glue_context\b|spark\b|logger\b|print\b|.*\.(show|printSchema|count|cache|persist))"
)


class UnreadableScriptError(GeneratorError):
    """A script that can't be read.

    Attributes:
        script: its name.
    """

    def __init__(self, script: str, reason: str) -> None:
        self.script = script
        super().__init__(f"{script}: {reason}")


def read_script(name: str, text: str) -> Job:
    """The graph of a script.

    Raises:
        UnreadableScriptError: it isn't Python.
    """
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UnreadableScriptError(name, f"not Python{f', line {line}' if line else ''}: {error}") from None
    job = Job(name)
    reader = _Reader(job, text.splitlines())
    for statement in module.body:
        reader.statement(statement)
    return job


class _Reader:
    """Follows the frames from variable to variable."""

    def __init__(self, job: Job, lines: list[str]) -> None:
        self.job = job
        self.lines = lines
        self.frames = Frames(job, self._title)

    def _title(self, line: int) -> str:
        """The comment above a line that names the node."""
        for at in range(line - 1, max(line - 12, -1), -1):
            if at < len(self.lines) and (match := _TITLE.search(self.lines[at])):
                return match[1].strip()
        return ""

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Pass)):
            return
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self._assign(node.targets[0].id, node.value)
        elif isinstance(node, ast.Expr):
            self._call(node.value)
        elif isinstance(node, ast.If):
            for inner in node.body:
                self.statement(inner)
            if any(isinstance(part, ast.Call) for inner in node.orelse for part in ast.walk(inner)):
                self.job.note(
                    Kind.LOST, "branch", node.lineno, "`else` is not carried over: a table is made in one way"
                )
        else:
            self._unknown(node)

    def _assign(self, name: str, value: ast.expr) -> None:
        if calls.assigned_effect(self.frames, value, name):
            return
        constant = self.frames.constant(value)
        if constant is not None and not (isinstance(value, ast.Name) and value.id in self.frames.variables):
            self.frames.constants[name] = constant
            return
        found = calls.frame(self.frames, value, name)
        if found is not None:
            self.frames.variables[name] = found
        elif self._touches_frames(value):
            self.frames.variables[name] = self.frames.add(name, value, Unknown(_short(value)), self._inputs(value))

    def _call(self, value: ast.expr) -> None:
        if not isinstance(value, ast.Call) or calls.effect(self.frames, value):
            return
        if not _HOUSEKEEPING.match(ast.unparse(value)):
            self._unknown(value)

    def _inputs(self, value: ast.AST) -> tuple[str, ...]:
        names = (part.id for part in ast.walk(value) if isinstance(part, ast.Name))
        return tuple(dict.fromkeys(self.frames.variables[name] for name in names if name in self.frames.variables))

    def _touches_frames(self, value: ast.AST) -> bool:
        return bool(self._inputs(value))

    def _unknown(self, node: ast.stmt | ast.expr) -> None:
        if self._touches_frames(node):
            what = _short(node)
            self.job.note(Kind.LOST, "unknown-step", node.lineno, f"`{what}` could not be carried over")


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
