"""The keys by which people are known: columns of their registry, some in a normal form.

`keys: [lower(trim(email))]` says that two spellings are one person where `lower(trim(…))` makes the same of them. What
lands stays as it is spelled; the proofs know that the normal form of a spelling is the person's as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from generator.plan.conditions import canonical
from generator.plan.context import Context
from generator.plan.expressions import Problem, Scope, Typed, check, copied, parse
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.expressions.functions import asks_the_clock
from generator.plan.expressions.parse import parse_name
from generator.plan.lake import Place
from generator.plan.normal_form import NormalForm
from generator.plan.relation import Column
from generator.plan.types import Type, TypeSyntaxError, parse_type


def key_name(text: str) -> str | Problem:
    """The column that a key of a subject is a form of."""
    if parse_name(text) is not None:
        return text.strip()
    tree = parse(text)
    if isinstance(tree, Problem):
        return tree
    names = {node.name.lower() for node in tree.find_all(exp.Column)}
    if len(names) == 1:
        return names.pop()
    message = f"a key is one column of the registry, or a form of one, and this reads {len(names) or 'none'}"
    return Problem("T015", message, 0, len(text), help=("write it as `lower(trim(email))`",))


def known_keys(context: Context, subject: str) -> dict[str, tuple[int, str]]:
    """The keys of a subject, by the name of their column: number and text. What can't be read is left out."""
    found: dict[str, tuple[int, str]] = {}
    for index, text in enumerate(context.spec.subjects[subject].keys):
        name = key_name(text)
        if isinstance(name, str):
            found.setdefault(name, (index, text))
    return found


def key_path(context: Context, subject: str, index: int) -> tuple[str | int, ...]:
    """Where a key of a subject stands: in a list, or alone."""
    path = ("subjects", subject, "keys", index)
    return path if context.document.has(path) else path[:-1]


def check_keys(context: Context, subject: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """The keys of a subject and their places; what is no key, or one twice, is reported."""
    seen: set[str] = set()
    for index, text in enumerate(context.spec.subjects[subject].keys):
        key, path = key_name(text), key_path(context, subject, index)
        if isinstance(key, Problem):
            context.report_problems(path, [key])
        elif key in seen:
            context.report("T015", f"`{key}` is a key of {subject} twice", Place(path), help=("keep one of them",))
        else:
            seen.add(key)
            yield key, path


def normal_forms(context: Context) -> dict[tuple[str, str], NormalForm]:
    """The normal forms of keys, by subject and key; what is wrong with them is reported."""
    found: dict[tuple[str, str], NormalForm] = {}
    for name, subject in context.spec.subjects.items():
        registry = context.spec.sources.get(subject.registry)
        for key, (index, text) in known_keys(context, name).items():
            if registry is None or key not in registry.every_column or parse_name(text) is not None:
                continue
            kind = _type(registry.every_column[key].type)
            typed, problems = check(text, Scope({subject.registry: {key: Column(key, kind)}})) if kind else (None, [])
            problems = problems or ([] if typed is None or kind is None else _unfit(text, typed, key, kind))
            context.report_problems(key_path(context, name, index), problems)
            if typed is not None and not problems:
                found[name, key] = _form(text, typed.ast)
    return found


def _type(text: str) -> Type | None:
    try:
        return parse_type(text)
    except TypeSyntaxError:  # reported where the column is declared
        return None


def _unfit(text: str, typed: Typed, key: str, kind: Type) -> list[Problem]:
    if typed.type != kind:
        message = f"the normal form of `{key}` must be {kind} as well, found {typed.type}"
        return [Problem("T015", message, 0, len(text), f"this is {typed.type}")]
    if asks_the_clock(typed.ast):
        return [Problem("T015", f"the normal form of `{key}` must stay the same, and this asks the time", 0, len(text))]
    return []


def _form(text: str, ast: exp.Expression) -> NormalForm:
    (column,) = {column_id(node) for node in column_nodes(ast)}
    return NormalForm(" ".join(text.split()), canonical(ast, {column: ""}) or "", copied(ast), column)


def check_spelled(context: Context, source: str, column: str, kind: Type) -> None:
    """What identifies a person by a key with a normal form has that key's type."""
    declared = context.spec.sources[source].every_column[column].identifies
    if declared is None:
        return
    subject, key = declared.split(".")
    form = context.subjects.normal.get((subject, key))
    if form is None:
        return
    wanted = _type(context.spec.sources[context.spec.subjects[subject].registry].every_column[key].type)
    if wanted != kind:
        message = f"`{source}.{column}` is {kind}, and `{form.text}` is of {wanted}"
        where = context.spec.sources[source].place(column)
        place = Place(("sources", source, where, column, "identifies"))
        context.report("T015", message, place, help=(f"declare it as `{wanted}`",))
