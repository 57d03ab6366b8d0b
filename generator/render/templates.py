"""Where the templates are, and the one way in which they are rendered."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def templates_folder() -> Path:
    """`templates/` of the checkout, or its copy inside the installed package."""
    package = Path(__file__).parent.parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


def render(template: str, **values: object) -> str:
    """Renders a template, named by its path inside the folder.

    Raises:
        jinja2.UndefinedError: the template uses a value that isn't given.
    """
    return environment().get_template(template).render(**values)


@cache
def environment() -> Environment:
    """The one environment, with no escaping: renderers add the filters that quote for what they write."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
