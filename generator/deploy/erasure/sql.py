"""What is a person's, as conditions in Athena's SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from generator.erasure.known import KeyColumn, Known
from generator.erasure.person import key_type
from generator.plan.types import STRING, Type

NESTED = "nested"
"""The kind of a column whose values have parts."""
_SAME = frozenset({"lower", "upper", "replace", "coalesce", "concat"})
"""Functions that are the same in Athena as in Spark; `lower` and `upper` but for a few letters."""
_SPACES = {"trim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}
"""Spark takes blanks away, Athena by itself any white space."""
_TYPES = {"string": "varchar", "int": "integer", "float": "real", "timestamp": "timestamp(6)"}
_TYPED = frozenset({"float", "double", "timestamp"})
"""Types whose values are written as text in another way than here."""


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def as_text(column: str) -> str:
    return f"CAST({name(column)} AS varchar)"


@dataclass(frozen=True, slots=True)
class Theirs:
    """Conditions that rows are theirs, or mention them, by what is known of them now."""

    known: Known

    def is_key(self, column: KeyColumn, kind: str) -> str:
        """That a column has a key of theirs.

        Args:
            kind: the column's type in the catalog.
        """
        forms = self.known.forms.get(column.key)
        if not forms:
            return "false"
        expected = key_type(self.known.lake, self.known.subject, column.key)
        if expected.kind in _TYPED:
            target = _athena(expected)
            values = ", ".join(f"CAST({literal(one)} AS {target})" for one in sorted(forms))
            return f"coalesce(TRY_CAST({name(column.name)} AS {target}) IN ({values}), false)"
        spelled = self.known.spellings[column.key] if expected == STRING else set()
        tests = [f"{self.value(column, kind)} IN ({_listed(_simple(forms))})"]
        tests += [f"{as_text(column.name)} IN ({_listed(spelled)})"] if spelled else []
        return f"coalesce({' OR '.join(dict.fromkeys(tests))}, false)"

    def value(self, column: KeyColumn, kind: str) -> str:
        """A key's value as a text, in its normal form where Athena can make it."""
        expected = key_type(self.known.lake, self.known.subject, column.key)
        if kind == "string" and expected != STRING:  # raw CSV
            return f"CAST(TRY_CAST(trim({name(column.name)}) AS {_athena(expected)}) AS varchar)"
        form = self.known.lake.subjects[self.known.subject].normal.get(column.key)
        if form is None or column.normal or kind != "string":
            return as_text(column.name)
        return to_athena(form.of_column(None, column.name)) or as_text(column.name)

    def unaskable(self, columns: Iterable[KeyColumn]) -> list[str]:
        """Keys whose normal forms Athena can't make, so that other spellings aren't found."""
        normal = self.known.lake.subjects[self.known.subject].normal
        found = {
            column.key: normal[column.key].text
            for column in columns
            if column.key in normal and not column.normal and self.known.forms.get(column.key)
            if to_athena(normal[column.key].of_column(None, column.name)) is None
        }
        return sorted(found.values())

    def mentions(
        self, kinds: Mapping[str, str], without: Collection[str], hashed: Collection[str], *, raw: bool
    ) -> list[str]:
        """That a text like a key of theirs stands in a column: a condition for each column that may have one.

        Args:
            without: columns that are keys.
            hashed: columns that may have hashes of keys.
            raw: whether texts are lines of landing data.
        """
        return list(self._mentions(kinds, without, hashed, raw))

    def _mentions(
        self, kinds: Mapping[str, str], without: Collection[str], hashed: Collection[str], raw: bool
    ) -> Iterator[str]:
        texts = self.known.texts()
        plain, nested = texts.pattern(fields=raw, separated=raw), texts.pattern(fields=True)
        with_hashes = replace(texts, telling=(*texts.telling, *self.known.hashes())).pattern()
        for column, kind in kinds.items():
            if column in without or kind not in ("string", NESTED):
                continue
            pattern = nested if kind == NESTED else with_hashes if column in hashed else plain
            text = f"json_format(CAST({name(column)} AS JSON))" if kind == NESTED else name(column)
            if pattern:
                yield f"coalesce(regexp_like({text}, {literal(pattern)}), false)"


def to_athena(node: exp.Expr) -> str | None:
    """A normal form in Athena's SQL; None for one that may mean something else there."""
    if isinstance(node, exp.Column):
        return name(node.name)
    if isinstance(node, exp.Literal) and node.is_string:
        return literal(node.name)
    if isinstance(node, exp.Paren):
        return to_athena(node.this)
    if not isinstance(node, exp.Anonymous):
        return None
    parts = [to_athena(one) for one in node.expressions]
    given = [one for one in parts if one is not None]
    function = str(node.this).lower()
    if len(given) < len(parts):
        return None
    if function in _SPACES and len(given) == 1:
        return f"trim({_SPACES[function]} ' ' FROM {given[0]})"
    return f"{function}({', '.join(given)})" if function in _SAME else None


def _athena(kind: Type) -> str:
    return _TYPES.get(kind.kind, str(kind))


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(literal, sorted(texts)))


def _simple(forms: Iterable[str]) -> set[str]:
    """Forms, also letter by letter as Athena makes them: Spark knows of a final sigma, and of a dot on an i."""
    return {other for one in forms for other in (one, one.replace("ς", "σ").replace("i\u0307", "i"))}
