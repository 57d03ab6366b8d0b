"""The value of each expression of a script, as far as it is known without a run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from generator.author.studio import calls, dataframes, spark_columns, targets
from generator.author.studio.arguments import Arguments
from generator.author.studio.python import built_in, is_plain, plain_method
from generator.author.studio.values import (
    OF_FRAME,
    UNKNOWN,
    ColumnValue,
    FrameValue,
    Function,
    Grouped,
    Hole,
    Sink,
    Template,
    joined,
    text_of,
)

if TYPE_CHECKING:
    from generator.author.studio.script import Script

_DEEPEST = 12
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_, ast.IsNot: operator.is_not, ast.Lt: operator.lt, ast.Gt: operator.gt,
    ast.LtE: operator.le, ast.GtE: operator.ge,
}  # fmt: skip
_QUIET = (
    "print",
    "logger.",
    "log.",
    "logging.",
    "job.",
    "sc.",
    "len",
    "time.",
    "str",
    "spark.conf.",
    "sys.",
    "glueContext.get_logger",
)


class Expressions:
    """Evaluates; `name` is what a frame would be called that an expression makes."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def value(self, node: ast.expr, scope: dict[str, Any], name: str) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._name(node.id, scope)
            case ast.JoinedStr():
                return joined([self.value(part, scope, name) for part in node.values])
            case ast.FormattedValue():
                return (
                    self.value(node.value, scope, name) if node.format_spec is None else Hole(ast.unparse(node.value))
                )
            case ast.List():
                return [self.value(item, scope, name) for item in node.elts]
            case ast.Tuple():
                return tuple(self.value(item, scope, name) for item in node.elts)
            case ast.Set():
                return [self.value(item, scope, name) for item in node.elts]
            case ast.Dict():
                return self._dict(node, scope, name)
            case ast.Lambda():
                return Function(node, scope)
            case ast.Call():
                return self._call(node, scope, name)
            case ast.Subscript():
                return self._item(node, scope, name)
            case ast.Attribute():
                return self._attribute(node, scope, name)
            case ast.BinOp():
                return self._binary(node, scope, name)
            case ast.UnaryOp():
                return self._unary(node, scope, name)
            case ast.Compare():
                return self._compare(node, scope, name)
            case ast.BoolOp():
                return self._bool(node, scope, name)
            case ast.IfExp():
                held = self.value(node.test, scope, name)
                return (
                    self.value(node.body if held else node.orelse, scope, name)
                    if isinstance(held, bool)
                    else self._open(node, scope)
                )
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(node, scope, name)
            case ast.Await() | ast.Starred() | ast.NamedExpr():
                return self.value(node.value, scope, name)
        return self._open(node, scope)

    def _name(self, name: str, scope: dict[str, Any]) -> Any:
        if name in scope:
            return scope[name]
        if name == "__name__":
            return "__main__"
        return self.script.globals.get(name, Hole(name))

    def _open(self, node: ast.expr, scope: dict[str, Any]) -> Any:
        """A value that only a run knows; one that is made of frames is told."""
        inputs = self.frames(node, scope)
        if inputs:
            return FrameValue(self.script.unknown("step", node, f"`{short(node)}`: the rows pass as they are", inputs))
        return Hole(short(node))

    def frames(self, node: ast.AST, scope: dict[str, Any]) -> tuple[str, ...]:
        """The frames that code names."""
        names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        values = [scope.get(name, self.script.globals.get(name)) for name in names]
        return tuple(dict.fromkeys(value.node for value in values if isinstance(value, FrameValue)))

    def _dict(self, node: ast.Dict, scope: dict[str, Any], name: str) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            known = self.value(value, scope, name)
            if key is None and isinstance(known, dict):
                found |= known
            elif key is not None:
                at = self.value(key, scope, name)
                found[at if isinstance(at, (str, int)) else text_of(at) or "?"] = known
            else:
                found["?"] = UNKNOWN
        return found

    def _item(self, node: ast.Subscript, scope: dict[str, Any], name: str) -> Any:
        held, key = self.value(node.value, scope, name), self.value(node.slice, scope, name)
        if isinstance(held, FrameValue):
            if isinstance(key, str):
                return ColumnValue(f"`{held.node}{OF_FRAME}{key}`", key, held.node)
            if isinstance(key, (list, tuple)) and all(isinstance(one, str) for one in key):
                return dataframes.select(self.script, held, list(key), node, name)
            return self._open(node, scope)
        if isinstance(held, (dict, list, tuple, str)) and isinstance(key, (str, int)):
            try:
                return held[key]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return UNKNOWN
        return Hole(f"{_shown(held, node.value)}[{_shown(key, node.slice)!r}]")

    def _attribute(self, node: ast.Attribute, scope: dict[str, Any], name: str) -> Any:
        held = self.value(node.value, scope, name)
        if isinstance(held, FrameValue):
            if node.attr in ("columns", "schema", "write", "na", "stat", "rdd"):
                return Sink({}, held.node) if node.attr == "write" else Hole(ast.unparse(node))
            return ColumnValue(f"`{held.node}{OF_FRAME}{node.attr}`", node.attr, held.node)
        if isinstance(held, Sink):
            return held
        return Hole(f"{_shown(held, node.value)}.{node.attr}")

    def _binary(self, node: ast.BinOp, scope: dict[str, Any], name: str) -> Any:
        left, right = self.value(node.left, scope, name), self.value(node.right, scope, name)
        if (found := spark_columns.binary(left, node.op, right)) is not None:
            return found
        if isinstance(node.op, ast.Add):
            if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
                return [*left, *right]
            if all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (left, right)):
                return left + right
            return joined([left, right])
        if isinstance(node.op, (ast.Sub, ast.Mult)) and all(type(one) in (int, float) for one in (left, right)):
            return left - right if isinstance(node.op, ast.Sub) else left * right
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            parts = left.split("%s")
            values = list(right) if isinstance(right, tuple) else [right]
            if len(parts) == len(values) + 1 and "%" not in "".join(parts):
                return joined([one for pair in zip(parts, [*values, ""], strict=True) for one in pair])
        return self._open(node, scope)

    def _unary(self, node: ast.UnaryOp, scope: dict[str, Any], name: str) -> Any:
        held = self.value(node.operand, scope, name)
        if isinstance(held, ColumnValue) and isinstance(node.op, ast.Invert):
            return ColumnValue(f"NOT ({held.sql})")
        if isinstance(node.op, ast.Not) and isinstance(held, (bool, int, str, list, dict)):
            return not held
        if isinstance(node.op, ast.USub) and type(held) in (int, float):
            return -held
        return self._open(node, scope)

    def _compare(self, node: ast.Compare, scope: dict[str, Any], name: str) -> Any:
        left, right = self.value(node.left, scope, name), self.value(node.comparators[0], scope, name)
        if len(node.ops) == 1:
            if (found := spark_columns.compare(left, node.ops[0], right)) is not None:
                return found
            if is_plain(left) and is_plain(right) and type(node.ops[0]) in _COMPARED:
                try:
                    return bool(_COMPARED[type(node.ops[0])](left, right))
                except TypeError:
                    return UNKNOWN
        return Hole(short(node))

    def _bool(self, node: ast.BoolOp, scope: dict[str, Any], name: str) -> Any:
        values = [self.value(one, scope, name) for one in node.values]
        if all(isinstance(one, bool) for one in values):
            return all(values) if isinstance(node.op, ast.And) else any(values)
        return Hole(short(node))

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: dict[str, Any], name: str) -> Any:
        (loop, *more) = node.generators
        turns = self.value(loop.iter, scope, name)
        if more or not isinstance(turns, (list, tuple, dict)) or not isinstance(loop.target, (ast.Name, ast.Tuple)):
            return self._open(node, scope)
        found = []
        for turn in turns:
            inner = dict(scope)
            if isinstance(loop.target, ast.Name):
                inner[loop.target.id] = turn
            elif isinstance(turn, (list, tuple)):
                inner |= {
                    one.id: value
                    for one, value in zip(loop.target.elts, turn, strict=False)
                    if isinstance(one, ast.Name)
                }
            kept = [self.value(test, inner, name) for test in loop.ifs]
            if not all(isinstance(one, bool) for one in kept):
                return self._open(node, scope)
            found += [self.value(node.elt, inner, name)] if all(kept) else []
        return found

    # Calls ------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: dict[str, Any], name: str) -> Any:
        function = ast.unparse(node.func)
        if function.endswith("getResolvedOptions"):
            return Hole("args")
        arguments = self._arguments(node, scope, name)
        if (made := calls.call(self.script, function, arguments, node, name)) is not None:
            return made
        if (made := targets.call(self.script, function, arguments, node)) is not None:
            return made
        held = self._name(node.func.id, scope) if isinstance(node.func, ast.Name) else None
        if isinstance(held, Function):
            return self.follow(held, arguments, node, name)
        if (made := spark_columns.function(function, arguments)) is not None:
            return made
        if (made := spark_columns.of_elements(function, arguments, self._body)) is not None:
            return made
        if isinstance(node.func, ast.Name) and (made := built_in(node.func.id, arguments)) is not None:
            return made
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, scope, f"{name}_{node.func.attr}")
            if (made := self._method(owner, node.func.attr, arguments, node, name)) is not None:
                return made
            shown = f"{_shown(owner, node.func.value)}.{node.func.attr}"
        else:
            shown = function
        return self._unknown_call(shown, function, arguments, node, name)

    def _arguments(self, node: ast.Call, scope: dict[str, Any], name: str) -> Arguments:
        keywords: dict[str, Any] = {}
        for one in node.keywords:
            value = self.value(one.value, scope, f"{name}_{one.arg or 'more'}")
            if one.arg is None and isinstance(value, dict):
                keywords |= {str(key): item for key, item in value.items()}
            elif one.arg is not None:
                keywords[one.arg] = value
        places = [self.value(one, scope, f"{name}_{at + 1}") for at, one in enumerate(node.args)]
        return Arguments(places, keywords, lambda expression: self.value(expression, scope, name))

    def follow(self, function: Function, arguments: Arguments, node: ast.Call, name: str) -> Any:
        """What a function of the script returns."""
        if (
            isinstance(function.node, ast.Lambda)
            or len(self.script.calls) >= _DEEPEST
            or function.node in self.script.calls
        ):
            return self._unknown_call(short(node.func), short(node.func), arguments, node, name)
        signature = function.node.args
        names = [one.arg for one in (*signature.posonlyargs, *signature.args)]
        inner = dict(function.seen) if function.seen is not self.script.globals else {}
        for one, default in zip(reversed(names), reversed(signature.defaults), strict=False):
            inner[one] = self.value(default, dict(function.seen), name)
        for only, value in zip(signature.kwonlyargs, signature.kw_defaults, strict=True):
            inner[only.arg] = self.value(value, dict(function.seen), name) if value is not None else UNKNOWN
        inner |= dict(zip(names, arguments.places, strict=False)) | arguments.keywords
        from generator.author.studio.script import Returned

        self.script.calls.append(function.node)
        try:
            self.script.block(function.node.body, inner)
        except Returned as result:
            return result.value
        finally:
            self.script.calls.pop()
        return None

    def _body(self, function: Function, given: Mapping[str, Any]) -> Any:
        """What a lambda gives for these arguments."""
        assert isinstance(function.node, ast.Lambda)
        return self.value(function.node.body, {**function.seen, **given}, "element")

    def _method(self, owner: Any, method: str, arguments: Arguments, node: ast.Call, name: str) -> Any:
        match owner:
            case FrameValue():
                return dataframes.method(self.script, owner, method, arguments, node, name)
            case Grouped():
                return dataframes.aggregated(self.script, owner, method, arguments, node, name)
            case Sink():
                return targets.sink_method(self.script, owner, method, arguments, node)
            case ColumnValue():
                return spark_columns.column_method(owner, method, arguments)
            case dict() | list() | str() | Template() | Hole():
                return plain_method(owner, method, arguments)
        return None

    def _unknown_call(self, shown: str, function: str, arguments: Arguments, node: ast.Call, name: str) -> Any:
        values = [*arguments.places, *arguments.keywords.values()]
        inputs = tuple(dict.fromkeys(one for value in values for one in _frames_in(value)))
        if function.startswith(_QUIET) or not inputs:
            return Hole(f"{shown}({', '.join(_shown(value, None) for value in values)})")
        return FrameValue(self.script.unknown(name, node, f"`{short(node)}`: the rows pass as they are", inputs))


def _frames_in(value: Any) -> list[str]:
    if isinstance(value, FrameValue):
        return [value.node]
    if isinstance(value, (list, tuple)):
        return [one for item in value for one in _frames_in(item)]
    return [one for item in value.values() for one in _frames_in(item)] if isinstance(value, dict) else []


def _shown(value: Any, node: ast.AST | None) -> str:
    text = text_of(value)
    if text is not None:
        return text[1:-1] if isinstance(value, Hole) else text
    return repr(value) if is_plain(value) else ast.unparse(node) if node is not None else "…"


def short(node: ast.AST) -> str:
    """Code on one line, not too long."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
