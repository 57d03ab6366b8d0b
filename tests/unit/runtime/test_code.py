"""The digest of code: words don't count, all else does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from generator.runtime.code import code_digest, folder_modules, needed, reading_digest, without_words
from tests.conftest import ROOT

FILES = [
    *sorted((ROOT / "generator" / "runtime").glob("*.py")),
    *sorted((ROOT / "generator" / "run" / "landing").glob("*.py")),
    *sorted((ROOT / "tests" / "golden" / "jobs").rglob("*.py")),
]
TEXT = '''"""Doc."""
# comment
A = "# no comment"  # comment
"""Of A."""
B = """
text # no comment
"""


def f(x: int = 1) -> str:
    r"""Doc \\d."""

    return g(
        """
        'text'
        """,
        '"""',  # it's one
    )
'''


class _Words(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Expr(ast.Constant(...)) if is_text else node


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name + "/" + file.name)
def test_what_is_left_is_all_that_python_sees(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    seen, left = (ast.dump(_Words().visit(ast.parse(one))) for one in (text, without_words(text, "...")))
    assert seen == left


def test_words_are_left_out() -> None:
    left = without_words(TEXT)
    assert "Doc" not in left and "Of A" not in left and "it's one" not in left and left.count("# no comment") == 2
    same = TEXT.replace("Doc", "Other words").replace("# comment", "# another\n# comment").replace('"""Of A."""\n', "")
    assert code_digest([same]) == code_digest([TEXT])


@pytest.mark.parametrize("was", ["x: int = 1", "'text'", '"# no comment"', "text # no", "g("])
def test_all_else_counts(was: str) -> None:
    assert code_digest([TEXT]) != code_digest([TEXT.replace(was, was[:-1] + "z")])


def test_reading_needs_its_rules_and_no_publishing() -> None:
    modules = folder_modules(ROOT / "generator" / "runtime")
    names = needed(modules, ("landing",))
    assert {"json_lines", "csv_lines", "literals", "spelling", "parquet", "rules"} <= set(names)
    assert not {"lake", "catalog", "folder_catalog", "expectations", "writer"} & set(names)
    before = reading_digest(modules)
    for name in modules:
        changed = {**modules, name: modules[name] + "\nMORE = 1\n"}
        assert (reading_digest(changed) != before) == (name in names), name
