"""Reads a Glue script with `ast`, statement by statement: nothing of it is ever executed.

Functions are followed where they are called, loops over constants as often as they run. What only a run can know stays
open, and what can't be followed is told.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from generator.author.studio.expressions import Expressions
from generator.author.studio.model import Job, Node, NodeId, Operation, Unknown
from generator.author.studio.values import UNKNOWN, FrameValue, Function, Hole, Sink
from generator.diagnostics import GeneratorError

_TITLE = re.compile(r"#\s*Script generated for node (.*)")
_MOST_TURNS = 100


class UnreadableScriptError(GeneratorError):
    """A script that can't be read.

    Attributes:
        script: its name.
    """

    def __init__(self, script: str, reason: str) -> None:
        self.script = script
        super().__init__(f"{script}: {reason}")


class Returned(Exception):
    """A function of the script ends with a value."""

    def __init__(self, value: Any) -> None:
        self.value = value


def read_script(name: str, text: str) -> Job:
    """The graph of a script.

    Raises:
        UnreadableScriptError: it isn't Python.
    """
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise UnreadableScriptError(name, f"not Python{f', line {line}' if line else ''}: {error}") from None
    script = Script(Job(name), text.splitlines())
    try:
        script.block(module.body, script.globals)
    except Returned:
        pass
    except RecursionError:
        raise UnreadableScriptError(name, "its expressions are nested too deeply") from None
    return script.job


class Script:
    """A script while it is read.

    Attributes:
        globals: the value of each variable.
        views: the node of each temporary view, by its name in lower case.
        purged: paths and tables that the script empties.
        calls: functions that are being followed.
    """

    def __init__(self, job: Job, lines: list[str]) -> None:
        self.job = job
        self.lines = lines
        self.globals: dict[str, Any] = {}
        self.views: dict[str, NodeId] = {}
        self.purged: set[str] = set()
        self.calls: list[ast.AST] = []
        self.expressions = Expressions(self)

    def title(self, line: int) -> str:
        """The comment above a line that names the node."""
        for at in range(line - 1, max(line - 12, -1), -1):
            if at < len(self.lines) and (match := _TITLE.search(self.lines[at])):
                return match[1].strip()
        return ""

    def add(
        self,
        name: str,
        at: ast.expr | ast.stmt,
        operation: Operation,
        inputs: tuple[NodeId, ...] = (),
        spark: bool = False,
    ) -> NodeId:
        """Adds a node; the same line may be passed several times."""
        unique, number = name, 2
        while unique in self.job.nodes:
            unique, number = f"{name}@{number}", number + 1
        self.job.nodes[unique] = Node(unique, self.title(at.lineno) or name, at.lineno, operation, inputs, spark)
        return unique

    def unknown(
        self, name: str, at: ast.expr, reason: str, inputs: tuple[NodeId, ...], code: str = "unknown-step"
    ) -> NodeId:
        """A step that isn't carried over."""
        node = self.add(name, at, Unknown(), inputs)
        self.job.lost(code, at.lineno, reason, node=node)
        return node

    # Statements -------------------------------------------------------------------------------------

    def block(self, statements: list[ast.stmt], scope: dict[str, Any]) -> None:
        for statement in statements:
            self.statement(statement, scope)

    def statement(self, node: ast.stmt, scope: dict[str, Any]) -> None:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Global() | ast.Nonlocal():
                return
            case ast.FunctionDef():
                scope[node.name] = Function(node, scope)
            case ast.Assign():
                self._assign(node, scope)
            case ast.AnnAssign() if node.value is not None and isinstance(node.target, ast.Name):
                scope[node.target.id] = self.expressions.value(node.value, scope, node.target.id)
            case ast.AugAssign() if isinstance(node.target, ast.Name) and isinstance(node.op, ast.Add):
                both = ast.copy_location(ast.BinOp(ast.Name(node.target.id, ast.Load()), ast.Add(), node.value), node)
                scope[node.target.id] = self.expressions.value(ast.fix_missing_locations(both), scope, node.target.id)
            case ast.Expr():
                self.expressions.value(node.value, scope, "step")
            case ast.Return():
                raise Returned(self.expressions.value(node.value, scope, "result") if node.value else None)
            case ast.If():
                self._branch(node, scope)
            case ast.For():
                self._loop(node, scope)
            case ast.With():
                self.block(node.body, scope)
            case ast.Try():
                self._attempt(node, scope)
            case ast.Raise() | ast.Assert() | ast.Delete() | ast.ClassDef():
                return
            case _:
                self._refuse(node, scope)

    def _assign(self, node: ast.Assign, scope: dict[str, Any]) -> None:
        hint = next((one.id for one in node.targets if isinstance(one, ast.Name)), "step")
        value = self.expressions.value(node.value, scope, hint)
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope[target.id] = value
            elif isinstance(target, (ast.Tuple, ast.List)):
                values = value if isinstance(value, (list, tuple)) and len(value) == len(target.elts) else None
                for at, item in enumerate(target.elts):
                    if isinstance(item, ast.Name):
                        scope[item.id] = values[at] if values is not None else UNKNOWN
            elif isinstance(target, ast.Subscript):
                held = self.expressions.value(target.value, scope, "step")
                key = self.expressions.value(target.slice, scope, "step")
                if isinstance(held, dict) and isinstance(key, (str, int)):
                    held[key] = value

    def _branch(self, node: ast.If, scope: dict[str, Any]) -> None:
        held = self.expressions.value(node.test, scope, "step")
        if isinstance(held, bool):
            self.block(node.body if held else node.orelse, scope)
            return
        before, frames = len(self.job.nodes), _frames(scope)
        self.block(node.body, scope)
        inside = len(self.job.nodes) > before or any(_frames(scope).get(name) != held for name, held in frames.items())
        if inside or self._does(node.orelse, scope):
            otherwise = ", and what `else` does is left out" if self._does(node.orelse, scope) else ""
            reason = f"`if {_short(node.test)}` is taken for true{otherwise}: a table is made in one way"
            for made in list(self.job.nodes)[before:] or [""]:
                self.job.lost("branch", node.lineno, reason, node=made)

    def _loop(self, node: ast.For, scope: dict[str, Any]) -> None:
        turns = self.expressions.value(node.iter, scope, "step")
        if isinstance(turns, dict):
            turns = list(turns)
        if not isinstance(turns, (list, tuple)) or len(turns) > _MOST_TURNS or self._leaves(node):
            self._refuse(node, scope)
            return
        for turn in turns:
            if isinstance(node.target, ast.Name):
                scope[node.target.id] = turn
            elif isinstance(node.target, ast.Tuple) and isinstance(turn, (list, tuple)):
                for name, value in zip(node.target.elts, turn, strict=False):
                    if isinstance(name, ast.Name):
                        scope[name.id] = value
            self.block(node.body, scope)

    def _leaves(self, node: ast.For) -> bool:
        return any(isinstance(part, (ast.Break, ast.Continue)) for part in ast.walk(node))

    def _attempt(self, node: ast.Try, scope: dict[str, Any]) -> None:
        self.block(node.body, scope)
        for handler in node.handlers:
            if self._does(handler.body, scope):
                self.job.lost("branch", handler.lineno, "what `except` does")
        self.block(node.orelse, scope)
        self.block(node.finalbody, scope)

    def _does(self, statements: list[ast.stmt], scope: dict[str, Any]) -> bool:
        """Whether statements do something with frames."""
        return any(self.touches(one, scope) for one in statements)

    def touches(self, node: ast.AST, scope: dict[str, Any]) -> bool:
        """Whether code uses a frame, or calls something of Glue that reads or writes."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(scope.get(part.id), (FrameValue, Sink)):
                return True
            if isinstance(part, ast.Attribute) and re.match(
                r"create_(dynamic|data)_frame|write_|getSink|writeFrame", part.attr
            ):
                return True
        return False

    def _refuse(self, node: ast.stmt, scope: dict[str, Any]) -> None:
        """What can't be followed: told if it has to do with frames; what it changes isn't known any more."""
        if self.touches(node, scope):
            frames = {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(scope.get(part.id), FrameValue)
            }
            reason = f"`{_short(node)}`"
            for name in sorted(frames):
                held = scope[name]
                made = self.add(name, node, Unknown(), (held.node,))
                self.job.lost("unknown-step", node.lineno, reason, node=made)
                scope[name] = FrameValue(made, held.dynamic)
            if not frames:
                self.job.lost("unknown-step", node.lineno, reason)
        for part in ast.walk(node):
            if (
                isinstance(part, ast.Name)
                and isinstance(part.ctx, ast.Store)
                and not isinstance(scope.get(part.id), FrameValue)
            ):
                scope[part.id] = Hole(part.id) if part.id not in scope else UNKNOWN


def _frames(scope: dict[str, Any]) -> dict[str, str]:
    return {name: value.node for name, value in scope.items() if isinstance(value, FrameValue)}


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
