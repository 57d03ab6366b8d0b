"""What options and arguments take, and how a shell completes it: files, folders, tables of the spec, revisions."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.diagnostics import GeneratorError
from generator.spec.source import read_source

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class PathType(click.ParamType[Path]):
    """A path, there or not; the command says what is wrong with it."""

    def __init__(self, kind: str) -> None:
        self.name = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return Path(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=self.name)]


FILE, FOLDER = PathType("file"), PathType("dir")


class _Named(click.ParamType[str]):
    """A text of which a shell can tell what it may be."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)

    def names(self, ctx: click.Context) -> Iterable[str]:
        raise NotImplementedError

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self.names(ctx) if name.startswith(incomplete)]


class _Table(_Named):
    def names(self, ctx: click.Context) -> Iterable[str]:
        return names_of_tables(Path(ctx.params.get("spec") or "pipeline.yaml"))


class _Revision(_Named):
    def names(self, ctx: click.Context) -> Iterable[str]:
        listed = ["git", "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes"]
        try:
            return subprocess.run(listed, capture_output=True, text=True).stdout.split()
        except OSError:
            return ()

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Revisions, or where none begins so, files: shells take either."""
        return super().shell_complete(ctx, param, incomplete) or FILE.shell_complete(ctx, param, incomplete)


TABLE, REVISION = _Table(), _Revision()


def names_of_tables(spec: Path) -> list[str]:
    """The sources and tables of a spec and of what it includes; none of a file that isn't YAML at the moment."""
    import yaml

    try:
        source = read_source(spec)
    except GeneratorError:
        return []
    names = []
    for file, _ in source.files():
        try:
            found = yaml.load(file.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except (yaml.YAMLError, ValueError):
            continue
        for key in ("sources", "tables"):
            declared = found.get(key) if isinstance(found, dict) else None
            names += [str(name) for name in declared] if isinstance(declared, dict) else []
    return names
