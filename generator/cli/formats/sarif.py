"""Diagnostics as SARIF 2.1.0, which code hosts show as annotations of a change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from generator import __version__
from generator.cli.formats.common import in_order, place
from generator.codes import CodePage, load_code
from generator.diagnostics import Diagnostic, Label, SourceText, Span
from generator.printable import json_text

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def format_sarif(source: SourceText, diagnostics: Iterable[Diagnostic], docs_url: str | None = None) -> str:
    """A log with one run; its rules are the codes found, with the texts of their pages.

    Args:
        docs_url: absolute address where `docs/codes.md` is published; each rule's `helpUri` points into
            it. Without one, rules carry their help as text only.
    """
    found = in_order(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in found})
    driver = {"name": "lakegen", "version": __version__, "rules": [_rule(code, docs_url) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(source, diagnostic, codes.index(diagnostic.code)) for diagnostic in found],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, docs_url: str | None) -> dict[str, object]:
    rule: dict[str, object] = {"id": code}
    if docs_url is not None:
        rule["helpUri"] = f"{docs_url}#{code.lower()}"
    page = load_code(code)
    if page is None:
        return rule
    return rule | {
        "name": page.name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.why},
        "help": _help(page),
        "defaultConfiguration": {"level": page.severity.value},
    }


def _help(page: CodePage) -> dict[str, str]:
    plain = [page.why.strip(), *(f"{head}:\n\n{text}" for head, text in page.examples)]
    marked = [page.why.strip(), *(f"{head}:\n\n```yaml\n{text}\n```" for head, text in page.examples)]
    return {"text": "\n\n".join(plain), "markdown": "\n\n".join(marked)}


def _result(source: SourceText, diagnostic: Diagnostic, rule: int) -> dict[str, object]:
    related = [_related(source, number, label) for number, label in enumerate(diagnostic.secondary, 1)]
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join([_sentence(diagnostic), *diagnostic.notes, *diagnostic.help])},
        "locations": [{"physicalLocation": _location(source, diagnostic.span)}],
        **({"relatedLocations": related} if related else {}),
    }


def _sentence(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message}: {diagnostic.label}" if diagnostic.label else diagnostic.message


def _related(source: SourceText, number: int, label: Label) -> dict[str, object]:
    return {
        "id": number,
        "message": {"text": label.text},
        "physicalLocation": _location(source, label.span),
    }


def _location(source: SourceText, span: Span | None) -> dict[str, object]:
    if span is None:
        return {"artifactLocation": {"uri": _uri(source.path)}}
    at = place(source, span)
    region = {
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }
    return {"artifactLocation": {"uri": _uri(at.file.path)}, "region": region}


def _uri(path: str) -> str:
    """A path as a URI: absolute ones with `file:`, others relative to where the command ran."""
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
