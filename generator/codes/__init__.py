"""What each diagnostic code means: one page a code, in `CODE.yaml` beside this file.

The pages serve `explain CODE`, `docs/codes.md`, the rules in SARIF, and the tests, which compile every
example: the bad one must give its code and the good one nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from generator.diagnostics import Severity, SourceText

_FOLDER = Path(__file__).parent
_CODE = re.compile(r"[A-Z]\d{3}")
_SECTION = re.compile(r"(?P<quote>['\"]?)(?P<key>[^\s#'\"][^'\":]*?)(?P=quote)\s*(?::|$)")
_RAW = "%raw"
_FILE = re.compile(r"(?m)^%file (.+)\n")
_INCLUDE = re.compile(r"(?m)^include: (.+)$")


@dataclass(frozen=True, slots=True)
class CodePage:
    """A page about one code.

    Attributes:
        code: a letter and three digits.
        name: the same in words, in kebab-case.
        summary: what is wrong, in one line.
        why: what goes wrong in real life if it stays.
        bad, good: a fragment of pipeline.yaml that gives the code, and the same put right; below a line
            `%file NAME` stands a file that it includes.
        runtime: found while a lake runs, so that no fragment can show it.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    bad: str = ""
    good: str = ""
    runtime: bool = False

    @property
    def has_files(self) -> bool:
        """Whether its examples are of several files."""
        return _FILE.search(self.bad + self.good) is not None

    @property
    def examples(self) -> tuple[tuple[str, str], ...]:
        """Headings and texts of the examples, as a reader should see them."""
        both = (("Wrong", self.bad), ("Right", self.good))
        return tuple((heading, _shown(text)) for heading, text in both if text)


def all_codes() -> tuple[str, ...]:
    """Every code that has a page, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml") if _CODE.fullmatch(path.stem)))


@cache
def load_code(code: str) -> CodePage | None:
    """The page of a code in either case, or None where there is no such code.

    Raises:
        ValueError: the page itself is wrong.
    """
    code = code.strip().upper()
    path = _FOLDER / f"{code}.yaml"
    if not _CODE.fullmatch(code) or not path.is_file():
        return None
    import yaml

    try:
        return _page(code, yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _page(code: str, content: object) -> CodePage:
    if not isinstance(content, dict):
        raise ValueError("expected a mapping")
    runtime = content.get("runtime", False)
    texts = {key: value for key, value in content.items() if key != "runtime"}
    wrong = [key for key, value in texts.items() if not isinstance(value, str) or not value.strip()]
    if wrong or not isinstance(runtime, bool):
        raise ValueError(f"expected text in {', '.join(wrong) or 'all keys but `runtime`'}")
    page = CodePage(**{**texts, "severity": Severity(texts["severity"])}, runtime=runtime)
    if page.code != code:
        raise ValueError(f"`code` says {page.code}")
    if not runtime and not (page.bad and page.good):
        raise ValueError("expected `bad` and `good`, or `runtime: true`")
    return page


@cache
def base_text() -> str:
    """The small lake whose sections the examples replace."""
    return (_FOLDER / "base.yaml").read_text(encoding="utf-8")


def example_text(fragment: str) -> str:
    """The whole pipeline.yaml of an example.

    The base lake's top-level sections that the fragment doesn't have come first, then the fragment as it
    stands, be it valid YAML or not. A fragment whose first line is `%raw` is the whole file.
    """
    first, _, rest = fragment.partition("\n")
    if first.strip() == _RAW:
        return rest
    given = {key for key, _ in _sections(fragment)}
    kept = "".join(text for key, text in _sections(base_text()) if key not in given)
    return kept + fragment


def example_source(fragment: str) -> SourceText:
    """The same with the files that the example includes."""
    text, *files = _FILE.split(fragment)
    names = tuple(files[::2])
    included = tuple(SourceText(name, text, name=name) for name, text in zip(names, files[1::2], strict=True))
    spec = SourceText("pipeline.yaml", example_text(text))
    patterns = tuple((found[1], names) for found in _INCLUDE.finditer(text)) if names else ()
    return replace(spec, included=included, patterns=patterns)


def _shown(fragment: str) -> str:
    first, _, rest = fragment.partition("\n")
    text = rest if first.strip() == _RAW else fragment
    return _FILE.sub(r"\n# \1\n", text).rstrip()


def _sections(text: str) -> list[tuple[str, str]]:
    """Top-level keys, each with its lines; comments and blank lines before the first are dropped."""
    sections: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if found := _SECTION.match(line):
            sections.append((found["key"], line))
        elif sections:
            key, lines = sections[-1]
            sections[-1] = (key, lines + line)
    return sections
